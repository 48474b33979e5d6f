"""Policies: the levers that they move, and scenario files, read as dated changes of a world."""
