"""Analyses of a study's tables: sensitivity to parameters, scenario discovery, and trade-offs between portfolios."""
