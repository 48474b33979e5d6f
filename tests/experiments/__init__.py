"""Tests of sim/experiments."""
