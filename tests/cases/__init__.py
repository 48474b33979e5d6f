"""Tests of sim/cases."""
