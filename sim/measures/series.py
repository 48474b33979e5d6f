"""Headline outcomes by month or year; each value measures what began in that month or year.

A count is that of its period, and the sum over all periods is the outcome. A number per year is a rate of its period,
whose mean, weighted by lengths, is the outcome. A median or a share is that of what began in the period, followed for
as long as the run goes on; it has no sum.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from datetime import date
from enum import StrEnum
from typing import Any

import numpy as np

from sim.law.days import to_date, to_day
from sim.measures.arrays import EXECUTION_DAYS, Columns, Table
from sim.measures.harm import harm_rates
from sim.measures.history import Window
from sim.measures.observation import Observation
from sim.world import records
from sim.world.parameters import TAKEDOWN_DAYS
from sim.world.records import GROWING


class Whole(StrEnum):
    """Ways to combine an outcome's values by period into one for all policy years: sum, mean, or none."""

    SUM = "sum"
    MEAN = "mean"  # weighted by the lengths of periods
    NONE = "none"  # a median or a share, of which the parts say nothing on the whole


@dataclass(frozen=True)
class _Measured:
    """Properties of an outcome in a series: how periods combine, and how long to follow each."""

    whole: Whole
    observed: float = 0.0  # days after a period for which the run must go on, or the value is not the last word
    ends: bool = False  # whether these days must be in the policy time, and not in the follow-up


#: Outcomes that are measured by month and year, in the order in which tables show them.
SERIES: Mapping[str, _Measured] = {
    "groups_brought_down": _Measured(Whole.SUM, TAKEDOWN_DAYS),
    "takedowns_expected": _Measured(Whole.SUM, TAKEDOWN_DAYS),
    "turnaround_median": _Measured(Whole.NONE),
    "executed_within_12_months": _Measured(Whole.NONE, EXECUTION_DAYS, ends=True),
    "mla_executed_within_12_months": _Measured(Whole.NONE, EXECUTION_DAYS, ends=True),
    "executed_per_year": _Measured(Whole.MEAN),
    "usable_within_12_months": _Measured(Whole.NONE, EXECUTION_DAYS),
    "losses_averted": _Measured(Whole.SUM),
    "harm": _Measured(Whole.SUM),
    "abusive_executed_per_year": _Measured(Whole.MEAN),
    "bystanders_per_year": _Measured(Whole.MEAN),
}
#: Months of a period by its name.
PERIODS = {"year": 12, "month": 1}
#: Tables that these outcomes are measured from.
TABLES = ("case", "evidence", "group", "request", "spell")
#: Selections of an observation that are the same in every period.
_SHARED = ("_read_requests", "all_requests", "_abroad", "evidence", "cases", "periods")
#: Days of the policy time that may be missing from a whole period: its last day is not measured.
_LAST = 1.0


def observation_of(tables: Mapping[str, Table], window: Window, states: int) -> Observation:
    """Makes the input of measures from stored tables of events."""
    others: dict[str, Any] = {name: np.zeros(0, kind) for name, kind in GROWING.items()}
    fixed = {"desk": 0, "state": states, "bond": 0, "ordinary": 0}
    others |= {name: np.zeros(size, getattr(records, name.upper())) for name, size in fixed.items()}
    return Observation(window, {**others, **tables}, harm_rates())


def table_of(name: str, columns: Any) -> Table:
    """Converts a DataFrame of events to a structured array; `stage_1`, `stage_2`, … become one field."""
    kind = GROWING[name]
    rows = np.zeros(len(columns), kind)
    for field in kind.names or ():
        for place in range(kind[field].shape[0] if kind[field].shape else 0):
            rows[field][:, place] = columns[f"{field.removesuffix('_days')}_{place + 1}"]
        if not kind[field].shape:
            rows[field] = columns[field]
    return rows


def series(observation: Observation, by: str) -> Columns:
    """Table of headline outcomes by year or month of the policy.

    Columns: `outcome` (key); `time`, the first day of the calendar year or month (datetime64); `value`, NaN where
    undefined; `complete`, False where the policy time has a part of the period only, or ends too early to know.
    """
    from sim.measures.outcomes import outcome  # reads all files of this package, this one as well

    rows: dict[str, list[Any]] = {name: [] for name in ("outcome", "time", "value", "complete")}
    whole = observation.window
    for first, after, window in _periods(whole, PERIODS[by]):
        seen = replace(observation, window=window)
        vars(seen).update({name: getattr(observation, name) for name in _SHARED})
        inside = first >= whole.start and after <= whole.end + _LAST
        for key, how in SERIES.items():
            until = whole.end + _LAST if how.ends else whole.observed_until
            rows["outcome"].append(key)
            rows["time"].append(np.datetime64(to_date(first), "s"))
            rows["value"].append(outcome(key).measure(seen))
            rows["complete"].append(inside and min(after, whole.end) + how.observed <= until)
    return {name: np.array(column) for name, column in rows.items()}


def _periods(whole: Window, months: int) -> Iterator[tuple[float, float, Window]]:
    """Yields for each calendar year or month its first day, the day after its last, and its window."""
    begin = to_date(whole.start)
    month = begin.year * 12 + (begin.month - 1) // months * months
    while (first := _first_of(month)) < whole.end:
        after = _first_of(month := month + months)
        # Some selections hold the last day of a period, so that it ends just before the next one begins.
        end = whole.end if after >= whole.end else float(np.nextafter(after, -np.inf))
        yield first, after, Window(max(first, whole.start), end, whole.observed_until, whole)


def _first_of(month: int) -> float:
    """First day of month number `month` (counted from year 0), in days since the epoch."""
    return to_day(date(month // 12, month % 12 + 1, 1))
