"""Counts of what the simulation does in four fixed worlds, independent of the machine."""
