"""Findings of a study: effects as tables, and the texts and labels that reports and pages show."""
