"""Tests of sim/world."""
