"""Analyses of a study beyond its tables: sensitivity, discovery of scenarios, trade-offs."""
