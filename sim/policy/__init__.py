"""Levers, and scenario files turned into dated changes of a world."""
