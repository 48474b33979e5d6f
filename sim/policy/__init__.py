"""Levers that policies can move, and scenario files read as dated changes of a world."""
