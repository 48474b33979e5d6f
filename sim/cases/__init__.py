"""Recorded law-enforcement operations, simulated under the law of their time and compared with the record."""
