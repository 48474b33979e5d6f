"""From changes to dated steps: quarterly amendments of law and assignments to the world."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cached_property
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from sim.law.amendments import Amendment
from sim.law.days import to_day
from sim.policy.amending import AMENDING, Selected
from sim.policy.lever import Quantity, Target
from sim.policy.levers import DRIFT
from sim.policy.places import Atlas, load_atlas
from sim.policy.problem import Findings, InputError
from sim.policy.process import Clock
from sim.policy.reform import enacted
from sim.policy.schema import Order
from sim.policy.selection import TreatyStatus
from sim.policy.trends import Trend, with_trends
from sim.policy.units import Value
from sim.world.parameters import ReformParameters

if TYPE_CHECKING:
    from sim.policy.change import Change
    from sim.policy.scenario import Scenario

QUARTER_MONTHS = 3


@dataclass(frozen=True)
class Assignment:
    """A lever of the world set to a value.

    Attributes:
        lever: name in the registry.
        value: in the lever's unit.
        states: ISO codes; None for all.
        pairs: bool [requesting, requested]; None for all.
    """

    lever: str
    value: float
    states: tuple[str, ...] | None = None
    pairs: npt.NDArray[np.bool_] | None = None


@dataclass(frozen=True)
class Step:
    """What happens on one day."""

    on: date
    amendments: tuple[Amendment, ...] = ()
    assignments: tuple[Assignment, ...] = ()


@dataclass(frozen=True)
class Minute:
    """What was seen and decided at one review of a policymaker.

    Attributes:
        day: of the review, days since 2022-01-01.
        seen: indicators, in days lost a request.
        cuts: share by which each measure is believed to lower its indicator.
        begun, ended: names of measures.
        steps: what follows from the decision, sorted by day.
    """

    day: float
    seen: Mapping[str, float]
    cuts: Mapping[str, float]
    begun: tuple[str, ...]
    ended: tuple[str, ...]
    steps: tuple[Step, ...]


class Reviewer(Protocol):
    """A policymaker at work in one run; sim.policy.monitor.Overseer is one."""

    def days(self) -> tuple[float, ...]:
        """Days of review since 2022-01-01."""

    def review(self, day: float, request: npt.NDArray[np.void], minutes: Sequence[Minute]) -> Minute:
        """Looks at figures drawn from the table of requests, and decides."""


@dataclass(frozen=True)
class Timeline:
    """The dated steps of one policy, sorted by day; later entries of one day win over earlier ones.

    Attributes:
        decided: what is decided, beforehand and at reviews so far.
        reviewer: who decides more at reviews; None for nobody.
        trends: what grows on top of that.
    """

    decided: tuple[Step, ...] = ()
    reviewer: Reviewer | None = None
    trends: tuple[Trend, ...] = ()

    @cached_property
    def steps(self) -> tuple[Step, ...]:
        """What happens, growth included."""
        return with_trends(self.decided, self.trends)

    def extended(self, steps: Sequence[Step]) -> Timeline:
        """The same with further steps, after those of the same day."""
        return replace(self, decided=tuple(sorted((*self.decided, *steps), key=lambda step: step.on)))

    def dates(self) -> tuple[float, ...]:
        """Days since 2022-01-01 on which something changes, sorted."""
        return tuple(sorted({to_day(step.on) for step in self.steps}))

    @cached_property
    def _amendments(self) -> tuple[Amendment, ...]:
        return tuple(amendment for step in self.steps for amendment in step.amendments)

    def amendments(self, until: date) -> tuple[Amendment, ...]:
        """Every amendment of the law up to and on a day, in order."""
        return tuple(amendment for amendment in self._amendments if amendment.on <= until)

    def assignments(self, day: float) -> tuple[Assignment, ...]:
        """What is assigned to the world on exactly that day, in order."""
        return tuple(assignment for step in self.steps if to_day(step.on) == day for assignment in step.assignments)


def expand(
    scenario: Scenario,
    law: TreatyStatus,
    policy_start: date,
    end: date,
    seed: int = 0,
    reform: ReformParameters | None = None,
) -> Timeline:
    """Expands a scenario's changes.

    Args:
        scenario: the changes, in the order in which they act on one day.
        law: who is party to what, for selections.
        policy_start: first day on which a policy may act.
        end: last day of the run; later steps are left out.
        seed: run seed, for changes whose days a process finds.
        reform: lags of law; defaults when not given.

    Raises:
        InputError: a change before `policy_start` or altogether after `end`, or one that selects nobody.
    """
    clock = Clock(seed, load_atlas(), reform or ReformParameters(), end)
    steps: list[Step] = []
    trends: list[Trend] = []
    found = Findings()
    for number, change in enumerate(scenario.changes):
        with found.gather():
            _check_days(change, policy_start, end)
            if change.growth is not None:
                trends.append(_trend(change, change.growth, clock, law))
                continue
            base = _value_before(change, scenario.changes[:number])
            steps.extend(step for step in steps_of(change, base, clock, law) if step.on <= end)
    found.tell()
    return Timeline(tuple(sorted(steps, key=lambda step: step.on)), trends=tuple(trends))


def _trend(change: Change, a_year: float, clock: Clock, law: TreatyStatus) -> Trend:
    """A change that lets the base of a lever grow, every quarter until the end."""
    states = None if change.states.everywhere else change.states.resolve(clock.atlas, law, change.start)
    return Trend(change.lever.name, a_year, change.start, quarters(change.start, clock.end), states)


def quarters(start: date, until: date) -> tuple[date, ...]:
    """Days on which a gradual change steps: every three months after its start, and last on `until`."""
    days: list[date] = []
    month = QUARTER_MONTHS
    while add_months(start, month) < until:
        days.append(add_months(start, month))
        month += QUARTER_MONTHS
    return (*days, until)


def add_months(day: date, months: int) -> date:
    """The same day some months later, or the last of that month."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError(day)


def _check_days(change: Change, policy_start: date, end: date) -> None:
    """A change acts inside the run's policy years."""
    if change.start < policy_start:
        raise InputError(
            f"begins before policies may act, on {policy_start} (world.policy_start)",
            where=change.where,
            key=f"{change.lever.name}, date",
            value=change.start,
            fix=f"Write a day from {policy_start} on: the years before are the real past of every scenario.",
        )
    if add_months(change.start, change.lag_months) > end:
        raise InputError(
            f"{'takes effect' if change.lag_months else 'begins'} after the run ends, on {end} (world.end)",
            where=change.where,
            key=f"{change.lever.name}, date",
            value=change.start,
            fix=f"Write a day up to {end}, or run longer.",
        )


def _value_before(change: Change, earlier: tuple[Change, ...]) -> float:
    """Where a ramp starts: the last value given to the same lever and selection, else its neutral value."""
    for other in reversed(earlier):
        same = (other.lever, other.states, other.pairs) == (change.lever, change.states, change.pairs)
        if same and other.growth is None and other.start <= change.start and isinstance(other.value, float):
            return other.value
    return change.lever.neutral


def steps_of(change: Change, base: float, clock: Clock, law: TreatyStatus) -> Iterator[Step]:
    """The dated steps of one change."""
    atlas = clock.atlas
    states = change.states.resolve(atlas, law, change.start)
    if not states:
        raise InputError(
            "selects no states on that day",
            where=change.where,
            key="states",
            value=", ".join(change.states.words),
            fix="Name states that are not there yet, or remove the change.",
        )
    if change.lever.name == DRIFT and isinstance(change.value, float):
        for day in (change.start, *(date(year, 1, 1) for year in range(change.start.year + 1, clock.end.year + 1))):
            yield _step(change, change.value, day, states, clock, law)
    elif change.process is not None:
        for day, amendments in enacted(change, change.process, states, clock, law):
            yield Step(day, amendments=amendments)
    elif change.until is not None:
        for day, group in _phases(change, states, atlas):
            yield _step(change, change.value, add_months(day, change.lag_months), group, clock, law)
    elif change.ramp_months is not None and isinstance(change.value, float):
        days = quarters(change.start, add_months(change.start, change.ramp_months))
        before = base
        for number, day in enumerate(days, start=1):
            value = base + (change.value - base) * number / len(days)
            yield _step(change, _moved(change, value, before), day, states, clock, law)
            before = value
    else:
        day = add_months(change.start, change.lag_months)
        yield _step(change, _moved(change, change.value, base), day, states, clock, law)


def _moved(change: Change, value: Value, before: float) -> Value:
    """A shift as its increase over the last value, since amendments add up; other levers as they are."""
    if change.lever.quantity is Quantity.SHIFT and isinstance(value, float):
        return value - before
    return value


def _phases(change: Change, states: tuple[str, ...], atlas: Atlas) -> Iterator[tuple[date, tuple[str, ...]]]:
    """States in their order, in equal groups a quarter; the last group on the last day."""
    order = states if change.order is Order.ALPHABETICAL else atlas.best_governed_first(states)
    if change.order is Order.WORST_GOVERNED_FIRST:
        order = order[::-1]
    days = quarters(change.start, change.until or change.start)
    for number, day in enumerate(days):
        group = order[number * len(order) // len(days) : (number + 1) * len(order) // len(days)]
        if group:
            yield day, group


def _step(change: Change, value: Value, day: date, states: tuple[str, ...], clock: Clock, law: TreatyStatus) -> Step:
    """One lever at one value on one day."""
    atlas = clock.atlas
    if change.lever.name in AMENDING:
        pairs = change.pairs
        chosen = Selected(
            value,
            day,
            states,
            pairs.requesting.resolve(atlas, law, change.start),
            pairs.requested.resolve(atlas, law, change.start),
            pairs.both_ways,
            pairs.everywhere,
            change.offences,
            change.instrument,
            change.kinds,
            clock.seed,
            clock.reform.politics_kept,
        )
        return Step(day, amendments=AMENDING[change.lever.name](chosen))
    if not isinstance(value, float | int):
        raise AssertionError(change.lever.name)
    everyone = change.states.everywhere and change.until is None
    mask = _pair_mask(change, atlas, law) if change.lever.target is Target.PAIRS else None
    assignment = Assignment(change.lever.name, float(value), None if everyone else states, mask)
    return Step(day, assignments=(assignment,))


def _pair_mask(change: Change, atlas: Atlas, law: TreatyStatus) -> npt.NDArray[np.bool_] | None:
    """The selected pairs, without those of a state with itself; None for all."""
    if change.pairs.everywhere:
        return None
    requesting = np.isin(atlas.states, change.pairs.requesting.resolve(atlas, law, change.start))
    requested = np.isin(atlas.states, change.pairs.requested.resolve(atlas, law, change.start))
    mask = np.outer(requesting, requested)
    mask = mask | mask.T if change.pairs.both_ways else mask
    np.fill_diagonal(mask, False)
    return mask
