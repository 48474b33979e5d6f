"""Tests of levers, scenario files and timelines."""
