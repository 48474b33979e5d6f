"""Recorded law-enforcement operations: simulation under the law of their time, and comparison with the record."""
