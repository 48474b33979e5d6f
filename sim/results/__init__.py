"""Findings of a study: effects as a table, and the texts and labels of reports and pages."""
