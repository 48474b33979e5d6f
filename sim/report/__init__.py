"""Figures and text made from stored results."""
