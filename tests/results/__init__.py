"""Tests of sim/results."""
