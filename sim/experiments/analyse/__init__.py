"""Analyses that go beyond a study's tables: sensitivity, scenario discovery, and trade-offs between portfolios."""
