"""A policy as dated steps: amendments of law, new values of levers, and growth of these values.

Staff that follows demand year by year is such growth: it multiplies what other changes set.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import date
from functools import cached_property
from typing import Protocol

import numpy as np
import numpy.typing as npt

from sim.law.amendments import Amendment
from sim.law.days import YEAR, to_day
from sim.policy.in_numbers import InNumbers, added_by, multiplied, whole_persons
from sim.policy.places import TIERS, load_atlas, mask_of, tier_of_states

Floats = npt.NDArray[np.float64]
Mask = npt.NDArray[np.bool_]


@dataclass(frozen=True)
class Assignment:
    """New value of a lever of the world, and the states or pairs that it applies to."""

    lever: str  # name in the registry
    value: float  # in the lever's unit
    states: tuple[str, ...] | None = None  # ISO codes; None for all
    pairs: Mask | None = None  # bool [requesting, requested]; None for all
    in_numbers: InNumbers | None = None  # a number in the place of the value, for levers that can be set to one

    def reached(self, base: Floats) -> Floats:
        """Whole number (of posts, for example) in each state after the change, from `base` before it, [state]."""
        if self.in_numbers is not None:
            return self.in_numbers.of(base)
        there = np.rint(base)
        return there + added_by(self.value, there, np.zeros(len(base), np.int64), base)

    def persons(self, base: Floats, state: npt.NDArray[np.int64], kind: npt.NDArray[np.int64]) -> Floats:
        """[desk] Whole persons at each selected desk after the change, given `base` before it."""
        if self.in_numbers is None:
            return multiplied(base, self.value, kind * TIERS + tier_of_states()[state])
        whole = whole_persons(base)
        return whole_persons(whole + self.in_numbers.added(whole, state))

    @property
    def state_mask(self) -> Mask:
        """Mask, bool [state], that is true for the states to which the value applies."""
        return mask_of(self.states)

    @property
    def pair_mask(self) -> Mask:
        """Mask, bool [requesting, requested], that is true for the pairs to which the value applies."""
        others = ~np.eye(len(load_atlas().states), dtype=np.bool_)
        return others if self.pairs is None else others & self.pairs


@dataclass(frozen=True)
class Step:
    """Effects of one change of a scenario on law and world, on one day."""

    on: date  # the day
    amendments: tuple[Amendment, ...] = ()  # of the law
    assignments: tuple[Assignment, ...] = ()  # to the world
    lever: str = ""  # name of the lever that the amendments come from; empty for none, and then they cost nothing


@dataclass(frozen=True)
class Trend:
    """Yearly growth of the number that a lever multiplies."""

    lever: str  # name in the registry, of a lever in times today's
    a_year: float  # share a year, above −1
    start: date  # first day; nothing has grown yet
    days: tuple[date, ...]  # days on which a step is taken
    states: tuple[str, ...] | None = None  # ISO codes; None for all

    def factor(self, on: date) -> Floats:
        """[state] Factor by which the lever's number has grown in each state since the first day."""
        taken = [day for day in self.days if day <= on]
        grown = (1.0 + self.a_year) ** ((taken[-1] - self.start).days / YEAR) if taken else 1.0
        return np.where(mask_of(self.states), grown, 1.0)


@dataclass(frozen=True)
class Minute:
    """Record of one review by a policymaker: observed indicators and decision."""

    day: float  # of the review, days since 2022-01-01
    seen: Mapping[str, float]  # indicators, in days lost per request
    begun: tuple[str, ...]  # names of measures
    ended: tuple[str, ...]  # likewise
    steps: tuple[Step, ...]  # what follows from the decision, sorted by day


class Reviewer(Protocol):
    """Interface of a policymaker who reviews a run, such as sim.policy.monitor.Overseer."""

    def days(self) -> tuple[float, ...]:
        """Days of reviews, counted from 2022-01-01."""

    def review(self, day: float, request: npt.NDArray[np.void], minutes: Sequence[Minute]) -> Minute:
        """Observes indicators, decides on measures, and returns the record of the review."""


@dataclass(frozen=True)
class Timeline:
    """Dated steps of a policy, sorted by day, and its reviewing policymaker if any."""

    decided: tuple[Step, ...] = ()  # what is decided, beforehand and at reviews so far
    reviewer: Reviewer | None = None  # who decides more at reviews; None for nobody
    trends: tuple[Trend, ...] = ()  # what grows on top of that

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """All steps of the policy, including steps for the growth of levers."""
        return with_trends(self.decided, self.trends)

    def extended(self, steps: Sequence[Step]) -> Timeline:
        """Copy of the timeline with more steps, which come after other steps of the same day."""
        return replace(self, decided=tuple(sorted((*self.decided, *steps), key=lambda step: step.on)))

    def dates(self) -> tuple[float, ...]:
        """Sorted days, counted from 2022-01-01, on which the policy changes something."""
        return tuple(sorted({to_day(step.on) for step in self.steps}))

    @cached_property
    def _amendments(self) -> tuple[Amendment, ...]:
        return tuple(amendment for step in self.steps for amendment in step.amendments)

    def amendments(self, until: date) -> tuple[Amendment, ...]:
        """Amendments of law that the policy makes up to a day, in order."""
        return tuple(amendment for amendment in self._amendments if amendment.on <= until)

    def assignments(self, day: float) -> tuple[Assignment, ...]:
        """New values of levers of the world on a day, in order."""
        return tuple(assignment for step in self.steps if to_day(step.on) == day for assignment in step.assignments)


def with_trends(steps: Sequence[Step], trends: Sequence[Trend]) -> tuple[Step, ...]:
    """Adds steps for the growth of levers, and multiplies the levers' values by the growth.

    Steps are what is decided, sorted by day, without growth.
    """
    if not trends:
        return tuple(steps)
    growing = dict.fromkeys(trend.lever for trend in trends)
    levels = {lever: _Level([trend for trend in trends if trend.lever == lever]) for lever in growing}
    dated = [*steps, *(Step(day) for day in sorted({day for trend in trends for day in trend.days}))]
    found = []
    for step in sorted(dated, key=lambda step: step.on):
        own = [entry for entry in step.assignments if entry.lever not in levels]
        for lever, level in levels.items():
            decided = [entry for entry in step.assignments if entry.lever == lever]
            if decided or any(step.on in trend.days for trend in level.trends):
                own.extend(level.moved(lever, decided, step.on))
        found.append(replace(step, assignments=tuple(own)))
    return tuple(step for step in found if step.amendments or step.assignments)


@dataclass
class _Level:
    """Value of a growing lever by state, as last decided and with growth since that day."""

    trends: list[Trend]
    decided: Floats = field(default_factory=lambda: np.ones(len(load_atlas().states)))
    assigned: Floats = field(default_factory=lambda: np.ones(len(load_atlas().states)))

    def moved(self, lever: str, entries: list[Assignment], day: date) -> Iterator[Assignment]:
        """Yields a new value of the lever for each group of states whose value changes."""
        for entry in entries:
            self.decided[entry.state_mask] = entry.value
        value = self.decided * np.prod([trend.factor(day) for trend in self.trends], axis=0)
        new = value != self.assigned
        self.assigned = value
        for level in np.unique(value[new]):
            rows = new & (value == level)
            states = None if rows.all() else tuple(np.array(load_atlas().states)[rows].tolist())
            yield Assignment(lever, float(level), states)
