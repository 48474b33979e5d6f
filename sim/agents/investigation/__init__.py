"""Investigations: cases, chains of evidence, planning, action days, arrests and assets (M10–M14, M25)."""

from sim.agents.investigation.agency import case_key, open_case, opening_score, opening_threshold

__all__ = [
    "case_key",
    "open_case",
    "opening_score",
    "opening_threshold",
]
