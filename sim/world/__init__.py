"""The tables of a world, its parameters, and how a world is assembled."""
