"""Levers, and scenario files as dated changes of a world."""
