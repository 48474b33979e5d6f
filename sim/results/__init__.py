"""Findings of a study: effects as one table, and the words and labels of reports and pages."""
