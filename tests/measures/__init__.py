"""Tests of sim/measures."""
