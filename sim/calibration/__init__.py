"""Fits parameter sets to published facts (calibration), and tests them against facts held out (validation)."""
