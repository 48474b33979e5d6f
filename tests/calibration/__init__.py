"""Tests of sim/calibration."""
