"""Levers, scenario files and timelines."""
