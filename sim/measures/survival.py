"""Survival analysis with late entry, by Kaplan–Meier and Aalen–Johansen estimators.

scipy.stats.ecdf knows right censoring but neither late entry nor competing risks, so one risk table serves
both estimators here; tests compare it with scipy and statsmodels.
"""

from collections.abc import Sequence
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.measures.arrays import Floats

Causes = npt.NDArray[np.integer[Any]] | npt.NDArray[np.bool_]

#: Rounding that survival may miss a quantile by.
ROUNDING = 1e-12


class RiskTable(NamedTuple):
    """Times of events, each with the number of subjects at risk and of events by cause."""

    time: Floats  # [n] increasing
    at_risk: Floats  # [n] subjects under observation just before
    events: Floats  # [causes, n] events of each cause


def risk_table(left: Floats, cause: Causes, entry: Floats | None = None, causes: int = 1) -> RiskTable:
    """Makes the table of times of events, with subjects at risk and events by cause at each.

    Each subject left with its event, by a cause from 1 on, or was lost from sight (right-censored, cause 0). It was
    watched from its entry on (left truncation), or from zero.
    """
    if np.isnan(left).any() or (entry is not None and np.isnan(entry).any()):
        raise ValueError("survival times must not be NaN: censor what has not happened at the last day seen")
    if entry is not None:
        seen = left > entry
        left, cause, entry = left[seen], cause[seen], entry[seen]
    if (left[1:] < left[:-1]).any():
        places = np.argsort(left, kind="stable")
        left, cause = left[places], cause[places]
    before = np.flatnonzero(cause)
    time, events = left[before], np.ones((1, before.size))
    if causes > 1:
        events = np.array([cause[before] == number for number in range(1, causes + 1)], np.float64)
    if (left[1:] == left[:-1]).any():
        first = np.flatnonzero(np.append(True, time[1:] > time[:-1])[: time.size])
        time, events = time[first], np.add.reduceat(events, first, axis=1)
        before = np.searchsorted(left, time)
    at_risk = left.size - before.astype(np.float64)
    if entry is not None:
        at_risk -= left.size - np.searchsorted(np.sort(entry), time, side="left")
    return RiskTable(time, at_risk, events)


def survival(table: RiskTable) -> Floats:
    """Share of subjects without an event just after each time in a risk table (Kaplan–Meier)."""
    return np.cumprod(1.0 - table.events.sum(axis=0) / table.at_risk)


def incidence(table: RiskTable) -> Floats:
    """Share of subjects that have had an event of each cause by each time, f8[causes, n] (Aalen–Johansen)."""
    before = np.concatenate(([1.0], survival(table)[:-1])) if table.time.size else np.empty(0)
    return np.cumsum(before * table.events / table.at_risk, axis=1)


def quantile(table: RiskTable, share: float) -> float:
    """Earliest time by which `share` of the subjects have had the event; NaN if this share is never reached."""
    return quantiles(table, (share,))[0]


def quantiles(table: RiskTable, shares: Sequence[float]) -> list[float]:
    """Times by which given shares of the subjects have had the event."""
    had = 1.0 - survival(table) + ROUNDING
    places = np.searchsorted(had, shares)
    return [float(table.time[place]) if place < table.time.size else float("nan") for place in places]


def at(grid: Floats, time: Floats, values: Floats, initial: float) -> Floats:
    """Evaluates a step function at the points of `grid`; `initial` is the value before the first `time`."""
    if not time.size:
        return np.full(grid.shape, initial)
    place = np.searchsorted(time, grid, side="right") - 1
    return np.where(place < 0, initial, values[np.maximum(place, 0)])


def watched(grid: Floats, left: Floats, entry: Floats) -> Floats:
    """Number of subjects under observation at each point of `grid`."""
    seen = left > entry
    gone = np.searchsorted(np.sort(left[seen]), grid, side="left")
    return (np.searchsorted(np.sort(entry[seen]), grid, side="right") - gone).astype(np.float64)
