"""Dated amendments of a change that comes about by a course of law (M23)."""

from collections.abc import Iterator, Mapping
from datetime import date

from sim.law.amendments import Amendment, Conclude, Implement, Join, Ratify, RemoveDataConflict, Reserve
from sim.law.order import STANDARD
from sim.law.ratification import TREATY_DATES
from sim.policy.change import Change
from sim.policy.lever import Course, LawLever, Selected
from sim.policy.levers.law import DATA_CONFLICT_REMOVED
from sim.policy.process import REQUIRES, Clock, Process
from sim.policy.selection import TreatyStatus

Dated = tuple[date, tuple[Amendment, ...]]


def enacted(change: Change, process: Process, states: tuple[str, ...], clock: Clock, law: TreatyStatus) -> list[Dated]:
    """The amendments of a change that has a process, by day.

    Args:
        change: of a lever of the law.
        process: its course.
        states: states that it selects, for levers of states.
        clock: waiting times of the run.
        law: who is party to what, and who has signed.
    """
    lever = change.lever
    if not isinstance(lever, LawLever):
        raise AssertionError(lever.name)
    if process.course in (Course.RATIFICATION, Course.ACCESSION):
        return list(_ratified(change, process, states, clock, law))
    if process.course is Course.LEGISLATION:
        return list(_legislated(change, lever, process, states, clock))
    return list(_agreed(change, process, clock, law))


def _ratified(
    change: Change, process: Process, states: tuple[str, ...], clock: Clock, law: TreatyStatus
) -> Iterator[Dated]:
    """Bound once ratified; for the standard Convention, law from then on in action; for others, usable in practice.

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


def _legislated(
    change: Change, lever: LawLever, process: Process, states: tuple[str, ...], clock: Clock
) -> Iterator[Dated]:
    """National laws, each state's parliament in its own time; powers must be learned, offences hold at once."""
    days = {state: clock.adopted(state, lever.name, change.start, process) for state in states}
    for day, adopting in _by_day(days):
        laws = lever.amends(Selected(change.value, day, adopting, offences=change.offences))
        yield day, (*laws, *((Implement(adopting, day, clock.operation),) if lever.learned else ()))


def _agreed(change: Change, process: Process, clock: Clock, law: TreatyStatus) -> Iterator[Dated]:
    """Agreements between pairs; for data protection the Union negotiates as one."""
    asking = change.pairs.requesting.resolve(clock.atlas, law, change.start)
    asked = change.pairs.requested.resolve(clock.atlas, law, change.start)
    about_data = change.lever.name == DATA_CONFLICT_REMOVED.name
    subject = "data" if about_data else str(change.value)
    side = dict.fromkeys(clock.atlas.groups["eu"].states, "EU") if about_data else {}
    pairs = {(a, b) for a in asking for b in asked if a != b}
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
    """Conflicts removed between pairs, requested states with the same partners together."""
    partners: dict[str, list[str]] = {}
    for asking, asked in pairs:
        partners.setdefault(asked, []).append(asking)
    together: dict[tuple[str, ...], list[str]] = {}
    for asked, askers in partners.items():
        together.setdefault(tuple(askers), []).append(asked)
    return (RemoveDataConflict(askers, tuple(asked), day) for askers, asked in together.items())


def _by_day(days: Mapping[str, date | None]) -> Iterator[tuple[date, tuple[str, ...]]]:
    """States that act on the same day, day by day; those that never act are left out."""
    for day in sorted({day for day in days.values() if day is not None}):
        yield day, tuple(state for state, when in days.items() if when == day)
