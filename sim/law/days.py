"""Converts dates to days since the epoch, the unit of time in the world's tables."""

from datetime import date, timedelta

EPOCH = date(2022, 1, 1)
NEVER = float("inf")
YEAR = 365.25  # days
MONTH = YEAR / 12


def to_day(when: date) -> float:
    """Converts a date to days since the epoch, negative before it."""
    return float((when - EPOCH).days)


def to_date(day: float) -> date:
    """Converts days since the epoch to a date."""
    return EPOCH + timedelta(days=int(day // 1))
