"""Calibration to published facts: targets, the ensemble of parameter sets that agree with them, and validation."""
