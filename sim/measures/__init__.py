"""Measures of outcomes, computed from the tables of a finished run."""
