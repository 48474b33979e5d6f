"""Figures and words made from stored results."""
