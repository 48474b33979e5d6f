"""Findings of a study: effects with intervals, confidence, rankings, and texts for them."""
