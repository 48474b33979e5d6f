"""Figures and pages of sweeps: `comity plot` and `comity analyse`."""
