"""Analyses of a study beyond its tables: sensitivity, scenario discovery, trade-offs."""
