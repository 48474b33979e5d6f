"""Policies: levers, and scenario files that are read as dated changes of a world."""
