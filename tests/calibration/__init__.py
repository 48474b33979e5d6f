"""Tests of calibration and validation."""
