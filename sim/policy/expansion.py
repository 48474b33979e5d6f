"""Turns a scenario's changes into dated steps of a run: phases, ramps, growth, legal processes (M23)."""

from calendar import monthrange
from collections.abc import Iterator, Mapping, Sequence
from datetime import date

import numpy as np
import numpy.typing as npt

from sim.law.amendments import Amendment, Conclude, Implement, Join, Ratify, RemoveDataConflict, Reserve
from sim.law.candidates import candidates
from sim.law.order import STANDARD, LegalOrder
from sim.law.ratification import TREATY_DATES
from sim.policy.change import Change
from sim.policy.lever import Course, LawLever, Quantity, Selected, Target, Value
from sim.policy.levers.law import DATA_CONFLICT_REMOVED
from sim.policy.places import Atlas, mask_of
from sim.policy.problem import Findings, InputError
from sim.policy.process import REQUIRES, Clock, Process
from sim.policy.schema import Order
from sim.policy.timeline import Assignment, Step, Timeline, Trend

QUARTER_MONTHS = 3


def expand(changes: Sequence[Change], law: LegalOrder, clock: Clock) -> Timeline:
    """Makes a timeline of dated steps from changes; steps after the clock's end are left out."""
    steps: list[Step] = []
    trends: list[Trend] = []
    mistakes = Findings()
    for number, change in enumerate(changes):
        if not clock.comes_about(change.subject, change.worlds):
            continue
        with mistakes.gather():
            if change.growth is not None:
                days = quarters(change.start, clock.end)
                states = None if change.states.everywhere else change.states.resolve(clock.atlas, law, change.start)
                trends.append(Trend(change.lever.name, change.growth, change.start, days, states))
                continue
            base = _value_before(change, changes[:number])
            steps.extend(step for step in steps_of(change, base, clock, law) if step.on <= clock.end)
    growing = {trend.lever for trend in trends}
    for change in changes:
        given = change.in_numbers
        if given is None or given.together or change.lever.name not in growing:
            continue  # what several share is a multiple of what they have, which grows
        problem, fix = f"a number of {change.lever.name} does not grow", "Write a multiple, or remove the growth."
        mistakes.add(InputError(problem, where=change.value_where, value=str(given), fix=fix))
    mistakes.raise_all()
    return Timeline(tuple(sorted(steps, key=lambda step: step.on)), trends=tuple(trends))


def quarters(start: date, until: date) -> tuple[date, ...]:
    """Days on which a gradual change advances: every three months after its start, then its last day."""
    days: list[date] = []
    month = QUARTER_MONTHS
    while add_months(start, month) < until:
        days.append(add_months(start, month))
        month += QUARTER_MONTHS
    return (*days, until)


def add_months(day: date, months: int) -> date:
    """Day some months later, with the same day of the month or the month's last."""
    year, month = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month + 1, min(day.day, monthrange(year, month + 1)[1]))


def _value_before(change: Change, earlier: Sequence[Change]) -> float:
    """Value at which a ramp starts: the lever's value after an earlier change, otherwise its neutral value."""
    for other in reversed(earlier):
        same = (other.lever, other.states, other.pairs) == (change.lever, change.states, change.pairs)
        if same and other.growth is None and other.start <= change.start and isinstance(other.value, float):
            return other.value
    return change.lever.neutral


def steps_of(change: Change, base: float, clock: Clock, law: LegalOrder) -> Iterator[Step]:
    """Yields the dated steps of one change."""
    atlas = clock.atlas
    states = change.states.resolve(atlas, law, change.start)
    if not states:
        problem, words = "selects no states on that day", ", ".join(change.states.words)
        fix = "Name states that are not there yet, or remove the change."
        raise InputError(problem, where=change.where, key=change.key, value=words, fix=fix)
    if isinstance(change.lever, LawLever) and (change.lever.every_year or change.lever.dated):
        for day, value in _days_of_its_own(change, change.lever, clock):
            yield _step(change, value, day, states, clock, law)
    elif change.process is not None:
        for day, amendments in _enacted(change, change.process, states, clock, law):
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


def _days_of_its_own(change: Change, lever: LawLever, clock: Clock) -> Iterator[tuple[date, Value]]:
    """Yields the days on which a yearly lever or a possible event acts, each with the lever's value."""
    if lever.every_year:
        years = range(change.start.year + 1, clock.end.year + 1)
        yield from ((day, change.value) for day in (change.start, *(date(year, 1, 1) for year in years)))
    elif isinstance(change.value, tuple):
        for one in candidates():
            if one.id in change.value and clock.happens(one.id, one.least, one.most):
                yield max(one.on, change.start), (one.id,)


def _moved(change: Change, value: Value, before: float) -> Value:
    """Value to write for a step: the lever's new value or, if its amendments add up, only the increase."""
    if change.lever.quantity is Quantity.SHIFT and isinstance(value, float):
        return value - before
    return value


def _phases(change: Change, states: tuple[str, ...], atlas: Atlas) -> Iterator[tuple[date, tuple[str, ...]]]:
    """Yields equally large groups of states with the day of each group's change, one group per quarter."""
    order = states if change.order is Order.ALPHABETICAL else atlas.best_governed_first(states)
    if change.order is Order.WORST_GOVERNED_FIRST:
        order = order[::-1]
    days = quarters(change.start, change.until or change.start)
    for number, day in enumerate(days):
        group = order[number * len(order) // len(days) : (number + 1) * len(order) // len(days)]
        if group:
            yield day, group


def _step(
    change: Change, value: Value, day: date, states: tuple[str, ...], clock: Clock, law: LegalOrder, part: float = 1.0
) -> Step:
    """Makes the step that sets a lever on a day; `part` is the progress of a ramp, 0–1."""
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
    in_numbers = None if change.in_numbers is None else change.in_numbers._replace(part=part)
    assignment = Assignment(lever.name, float(value), None if everyone else states, mask, in_numbers)
    return Step(day, assignments=(assignment,))


def _pair_mask(change: Change, atlas: Atlas, law: LegalOrder) -> npt.NDArray[np.bool_] | None:
    """Mask of the pairs of states that a change selects; None for all pairs."""
    if change.pairs.everywhere:
        return None
    requesting = mask_of(change.pairs.requesting.resolve(atlas, law, change.start))
    requested = mask_of(change.pairs.requested.resolve(atlas, law, change.start))
    mask = np.outer(requesting, requested)
    return mask | mask.T if change.pairs.both_ways else mask


Dated = tuple[date, tuple[Amendment, ...]]


def _enacted(
    change: Change, process: Process, states: tuple[str, ...], clock: Clock, law: LegalOrder
) -> Iterator[Dated]:
    """Yields the amendments of law that a legal process leads to, with their days."""
    if process.course is Course.LEGISLATION:
        return _legislated(change, process, states, clock)
    if process.course is Course.AGREEMENT:
        return _agreed(change, process, clock, law)
    return _ratified(change, process, states, clock, law)


def _ratified(
    change: Change, process: Process, states: tuple[str, ...], clock: Clock, law: LegalOrder
) -> Iterator[Dated]:
    """Yields amendments of a ratification with their days: a state is bound at once, and uses the treaty later.

    Who accedes of its own accord brings its law with it, as those did on whose dates the hazard rests. States that are
    Parties already, or may not join, are left out.
    """
    instrument = str(change.value)
    bound = set(law.parties(instrument, change.start))
    signed = set(law.signatories(instrument)) if instrument in TREATY_DATES else set()
    required = REQUIRES.get(instrument)
    allowed = set(law.parties(required, change.start)) if required else set(states)
    joining = [state for state in states if state in allowed and state not in bound]
    passages = (clock.passage(state, instrument, change.start, process, state in signed) for state in joining)
    ways = [way for way in passages if way is not None]
    for day, ratifying in _by_day({way.state: way.ratified for way in ways}):
        yield day, (Ratify(ratifying, instrument, day),)
    standard, acceding = instrument == STANDARD, process.course is Course.ACCESSION
    usable = {way.state: way.ratified if acceding else way.law if standard else way.operation for way in ways}
    for day, ready in _by_day(usable):
        if day > clock.end:
            continue
        aside = (
            Reserve(tuple(state for state in ready if clock.reserves(state, term, share)), term, day)
            for term, share in process.reservations.items()
        )
        practice = (Implement(ready, day, clock.operation),) if standard else ()
        yield day, (*(entry for entry in aside if entry.states), Join(ready, instrument, day), *practice)


def _legislated(change: Change, process: Process, states: tuple[str, ...], clock: Clock) -> Iterator[Dated]:
    """Yields amendments of new national law with their days: offences apply at once, powers after a time."""
    lever = change.lever
    if not isinstance(lever, LawLever):
        raise AssertionError(lever.name)
    days = {state: clock.adopted(state, lever.name, change.start, process) for state in states}
    for day, adopting in _by_day(days):
        laws = lever.amends(Selected(change.value, day, adopting, offences=change.offences))
        yield day, (*laws, *((Implement(adopting, day, clock.operation),) if lever.learned else ()))


def _agreed(change: Change, process: Process, clock: Clock, law: LegalOrder) -> Iterator[Dated]:
    """Yields each day with the amendments for agreements between pairs of states; on data, the EU agrees as one."""
    asking = change.pairs.requesting.resolve(clock.atlas, law, change.start)
    requested = change.pairs.requested.resolve(clock.atlas, law, change.start)
    about_data = change.lever.name == DATA_CONFLICT_REMOVED.name
    subject = "data" if about_data else str(change.value)
    side = dict.fromkeys(clock.atlas.groups["eu"].states, "EU") if about_data else {}
    pairs = {(a, b) for a in asking for b in requested if a != b}
    if change.pairs.both_ways or not about_data:
        pairs |= {(b, a) for a, b in pairs}
    sides = {(a, b): (side.get(a, a), side.get(b, b)) for a, b in pairs}
    tables = {pair: (min(two), max(two)) for pair, two in sides.items()}  # neither side agrees without the other
    days = {table: clock.agreed(table, subject, change.start, process) for table in set(tables.values())}
    agreed: dict[date, list[tuple[str, str]]] = {}
    for a, b in sorted(pairs):
        day = days[tables[a, b]]
        if day is not None and day <= clock.end:
            agreed.setdefault(day, []).append((a, b))
    for day in sorted(agreed):
        if about_data:
            yield day, tuple(_removed(agreed[day], day))
        else:
            yield day, (Conclude(tuple((a, b) for a, b in agreed[day] if a < b), str(change.value), day),)


def _removed(pairs: list[tuple[str, str]], day: date) -> Iterator[Amendment]:
    """Yields amendments that end data-protection conflicts between pairs of states."""
    partners: dict[str, list[str]] = {}
    for asking, requested in pairs:
        partners.setdefault(requested, []).append(asking)
    together: dict[tuple[str, ...], list[str]] = {}
    for requested, askers in partners.items():
        together.setdefault(tuple(askers), []).append(requested)
    return (RemoveDataConflict(askers, tuple(requested), day) for askers, requested in together.items())


def _by_day(days: Mapping[str, date | None]) -> Iterator[tuple[date, tuple[str, ...]]]:
    """Yields each day, in order, with the states for which something happens on that day."""
    for day in sorted({day for day in days.values() if day is not None}):
        yield day, tuple(state for state, when in days.items() if when == day)
