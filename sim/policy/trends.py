"""Growth of what levers move, on top of what other changes set: staff that follows demand year by year."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sim.policy.places import load_atlas

if TYPE_CHECKING:
    from sim.policy.timeline import Assignment, Step

_YEAR = 365.25
Floats = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Trend:
    """A lever's base grows by a share a year.

    Attributes:
        lever: name in the registry, of a lever in times today's.
        a_year: share a year, above −1.
        start: first day; nothing has grown yet.
        days: days on which a step is taken.
        states: ISO codes; None for all.
    """

    lever: str
    a_year: float
    start: date
    days: tuple[date, ...]
    states: tuple[str, ...] | None = None

    def factor(self, on: date) -> Floats:
        """[S] times the base of the first day, as of the last step taken."""
        taken = [day for day in self.days if day <= on]
        grown = (1.0 + self.a_year) ** ((taken[-1] - self.start).days / _YEAR) if taken else 1.0
        return np.where(_rows(self.states), grown, 1.0)


def with_trends(steps: Sequence[Step], trends: Sequence[Trend]) -> tuple[Step, ...]:
    """The steps with each value of a growing lever times its growth, and a step on every day on which it grows.

    Args:
        steps: what is decided, sorted by day, without growth.
        trends: what grows.
    """
    if not trends:
        return tuple(steps)
    from sim.policy.timeline import Step

    levels = {lever: _Level([trend for trend in trends if trend.lever == lever]) for lever in _levers(trends)}
    dated = [*steps, *(Step(day) for day in sorted({day for trend in trends for day in trend.days}))]
    found = []
    for step in sorted(dated, key=lambda step: step.on):
        own = [entry for entry in step.assignments if entry.lever not in levels]
        for lever, level in levels.items():
            decided = [entry for entry in step.assignments if entry.lever == lever]
            if decided or level.grows_on(step.on):
                own.extend(level.moved(lever, decided, step.on))
        found.append(replace(step, assignments=tuple(own)))
    return tuple(step for step in found if step.amendments or step.assignments)


def _levers(trends: Iterable[Trend]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(trend.lever for trend in trends))


def _rows(states: tuple[str, ...] | None) -> npt.NDArray[np.bool_]:
    """Rows of states; all for None."""
    known = load_atlas().states
    return np.ones(len(known), np.bool_) if states is None else np.isin(known, states)


@dataclass
class _Level:
    """Where a growing lever stands in each state: what was decided last, and what is in force."""

    trends: list[Trend]
    decided: Floats = field(default_factory=lambda: np.ones(len(load_atlas().states)))
    assigned: Floats = field(default_factory=lambda: np.ones(len(load_atlas().states)))

    def grows_on(self, day: date) -> bool:
        """Whether a trend takes a step."""
        return any(day in trend.days for trend in self.trends)

    def moved(self, lever: str, entries: list[Assignment], day: date) -> Iterator[Assignment]:
        """Assignments by value, to the states for which it is new."""
        from sim.policy.timeline import Assignment

        for entry in entries:
            self.decided[_rows(entry.states)] = entry.value
        value = self.decided * np.prod([trend.factor(day) for trend in self.trends], axis=0)
        new = value != self.assigned
        self.assigned = value
        for level in np.unique(value[new]):
            rows = new & (value == level)
            states = None if rows.all() else tuple(np.array(load_atlas().states)[rows].tolist())
            yield Assignment(lever, float(level), states)
