"""Calibration and validation: which parameter sets agree with published facts, and what the model says of others."""
