"""Calibration fits parameter sets to published facts; validation tests them against facts held out."""
