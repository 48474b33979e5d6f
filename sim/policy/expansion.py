"""Expands the changes of a scenario into the dated steps of a run: phases, ramps, growth, courses of law."""

from collections.abc import Iterator, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from sim.policy.change import Change
from sim.policy.lever import LawLever, Quantity, Selected, Target, Value
from sim.policy.places import Atlas, mask_of
from sim.policy.problem import Findings, InputError
from sim.policy.process import Clock
from sim.policy.reform import enacted
from sim.policy.schema import Order
from sim.policy.selection import TreatyStatus
from sim.policy.timeline import Assignment, Step, Timeline, Trend

QUARTER_MONTHS = 3


def expand(changes: Sequence[Change], law: TreatyStatus, clock: Clock) -> Timeline:
    """Expands changes into dated steps.

    Args:
        changes: in the order in which they act on one day.
        law: who is party to what, for selections.
        clock: of the run; steps after its end are left out.

    Raises:
        InputError: a change that selects nobody.
    """
    steps: list[Step] = []
    trends: list[Trend] = []
    found = Findings()
    for number, change in enumerate(changes):
        if not clock.comes_about(change.subject, change.worlds):
            continue
        with found.gather():
            if change.growth is not None:
                days = quarters(change.start, clock.end)
                states = None if change.states.everywhere else change.states.resolve(clock.atlas, law, change.start)
                trends.append(Trend(change.lever.name, change.growth, change.start, days, states))
                continue
            base = _value_before(change, changes[:number])
            steps.extend(step for step in steps_of(change, base, clock, law) if step.on <= clock.end)
    for change in (one for one in changes if one.in_each and one.lever.name in {trend.lever for trend in trends}):
        problem, fix = f"a number of {change.lever.name} does not grow", "Write a multiple, or remove the growth."
        found.add(InputError(problem, where=change.value_where, value=str(change.in_each), fix=fix))
    found.raise_all()
    return Timeline(tuple(sorted(steps, key=lambda step: step.on)), trends=tuple(trends))


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


def _value_before(change: Change, earlier: Sequence[Change]) -> float:
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
            key=change.key,
            value=", ".join(change.states.words),
            fix="Name states that are not there yet, or remove the change.",
        )
    if isinstance(change.lever, LawLever) and change.lever.every_year:
        for day in (change.start, *(date(year, 1, 1) for year in range(change.start.year + 1, clock.end.year + 1))):
            yield _step(change, change.value, day, states, clock, law)
    elif change.process is not None:
        for day, amendments in enacted(change, change.process, states, clock, law):
            yield Step(day, amendments=amendments, lever=change.lever.name)
    elif change.until is not None:
        for day, group in _phases(change, states, atlas):
            yield _step(change, change.value, add_months(day, change.lag_months), group, clock, law)
    elif change.ramp_months is not None and isinstance(change.value, float):
        days = quarters(change.start, add_months(change.start, change.ramp_months))
        before = base
        for number, day in enumerate(days, start=1):
            part = number / len(days)
            value = base + (change.value - base) * part
            yield _step(change, _moved(change, value, before), day, states, clock, law, part)
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


def _step(
    change: Change, value: Value, day: date, states: tuple[str, ...], clock: Clock, law: TreatyStatus, part: float = 1.0
) -> Step:
    """One lever at one value on one day; part: of the way to a number in each state."""
    lever = change.lever
    if isinstance(lever, LawLever):
        pairs = change.pairs
        chosen = Selected(
            value,
            day,
            states,
            requesting=pairs.requesting.resolve(clock.atlas, law, change.start),
            requested=pairs.requested.resolve(clock.atlas, law, change.start),
            both_ways=pairs.both_ways,
            everywhere=pairs.everywhere,
            offences=change.offences,
            instrument=change.instrument,
            kinds=change.kinds,
            seed=clock.seed,
            kept=clock.reform.politics_kept,
        )
        return Step(day, amendments=lever.amends(chosen), lever=lever.name)
    if not isinstance(value, float | int):
        raise AssertionError(lever.name)
    everyone = change.states.everywhere and change.until is None
    mask = _pair_mask(change, clock.atlas, law) if lever.target is Target.PAIRS else None
    in_each = None if change.in_each is None else change.in_each._replace(part=part)
    assignment = Assignment(lever.name, float(value), None if everyone else states, mask, in_each)
    return Step(day, assignments=(assignment,))


def _pair_mask(change: Change, atlas: Atlas, law: TreatyStatus) -> npt.NDArray[np.bool_] | None:
    """The selected pairs, without those of a state with itself; None for all."""
    if change.pairs.everywhere:
        return None
    requesting = mask_of(change.pairs.requesting.resolve(atlas, law, change.start))
    requested = mask_of(change.pairs.requested.resolve(atlas, law, change.start))
    mask = np.outer(requesting, requested)
    mask = mask | mask.T if change.pairs.both_ways else mask
    np.fill_diagonal(mask, False)
    return mask
