"""Simulation engine without any law or crime: clock, event queue, random draws, growing tables, compilation."""
