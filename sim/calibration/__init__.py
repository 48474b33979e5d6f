"""Calibration to published facts: targets, an ensemble of parameter sets that agree with them, and validation."""
