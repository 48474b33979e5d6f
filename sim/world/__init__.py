"""The state of a simulated world: tables and parameters, and the creation of a new world."""
