"""The tables and parameters of a world, and the code that assembles a new world."""
