"""State of a simulated world: its tables and parameters, and the creation of a new world."""
