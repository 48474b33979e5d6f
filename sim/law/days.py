"""Days since the epoch, the only unit of time in the world's tables."""

from datetime import date, timedelta

EPOCH = date(2022, 1, 1)
NEVER = float("inf")
YEAR = 365.25  # days
MONTH = YEAR / 12


def to_day(when: date) -> float:
    """Number of days from the epoch to a date; it is negative before the epoch."""
    return float((when - EPOCH).days)


def to_date(day: float) -> date:
    """Date of a day that is given as days since the epoch."""
    return EPOCH + timedelta(days=int(day // 1))
