"""Figures and pages of studies: `comity plot` and `comity analyse`."""
