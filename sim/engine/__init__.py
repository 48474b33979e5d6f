"""Simulation engine without law or crime: clock, counter-based random draws, event queue, growing tables."""
