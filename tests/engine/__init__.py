"""Tests of sim/engine."""
