"""Tests of sim/data."""
