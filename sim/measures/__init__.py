"""Measures of outcomes, computed from the tables of a run."""
