"""One change of one lever: the entries of a file given their meaning."""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date

from sim.policy.document import Document, Place
from sim.policy.lever import Lever, Quantity, Target
from sim.policy.levers import find_lever
from sim.policy.places import Atlas
from sim.policy.problem import InputError, nearest
from sim.policy.schema import ChangeEntry, Order, Pairs, describe
from sim.policy.selection import PairSelection, StateSelection, read_states
from sim.policy.units import Value, read_months, read_value


@dataclass(frozen=True)
class Change:
    """One change of one lever.

    Attributes:
        lever: what is moved.
        value: where it is moved to, in the lever's unit.
        start: the day of the change, or the first day of a phase or ramp.
        until: last day of a phased change, None for one that is not phased.
        order: in which order states follow in a phased change.
        ramp_months: months over which the value rises, None for at once.
        states: states it applies to; all for a lever of the world or of pairs.
        pairs: pairs it applies to; all for a lever of the world or of states.
        where: file and line, for messages.
    """

    lever: Lever
    value: Value
    start: date
    until: date | None
    order: Order
    ramp_months: int | None
    states: StateSelection
    pairs: PairSelection
    where: str


def read_change(entry: ChangeEntry, document: Document, number: int, atlas: Atlas) -> Change:
    """Gives the entries of one change their meaning."""
    place = ("changes", number)
    with _locating(document, (*place, "lever")):
        lever = find_lever(entry.lever)
    with _locating(document, (*place, "value")):
        value = read_value(lever, list(entry.value) if isinstance(entry.value, tuple) else entry.value)
        _check_instrument(lever, value, atlas)
    with _locating(document, place):
        _check_shape(entry, lever)
    with _locating(document, (*place, "ramp")):
        ramp = read_months(entry.ramp) if entry.ramp is not None else None
    with _locating(document, (*place, "phased", "until")):
        _check_phase(entry)
    with _locating(document, (*place, "states")):
        states = read_states(entry.states, atlas) if entry.states is not None else StateSelection()
    with _locating(document, (*place, "pairs")):
        pairs = _read_pairs(entry.pairs, atlas)
    return Change(
        lever=lever,
        value=value,
        start=_first_day(entry),
        until=entry.phased.until if entry.phased else None,
        order=entry.phased.order if entry.phased else Order.BEST_GOVERNED_FIRST,
        ramp_months=ramp,
        states=states,
        pairs=pairs,
        where=document.where(place),
    )


def _first_day(entry: ChangeEntry) -> date:
    """The day of the change, or the first day of its phase; _check_shape has seen that there is one."""
    day = entry.phased.start if entry.phased else entry.on
    if day is None:
        raise AssertionError(entry)
    return day


def _check_shape(entry: ChangeEntry, lever: Lever) -> None:
    """Which keys of a change go together."""
    if (entry.on is None) == (entry.phased is None):
        raise InputError(
            "needs either a date or a phase",
            key="date",
            fix="Write `date: 2027-01-01`, or `phased:` with from and until.",
        )
    if entry.ramp is not None and (entry.phased or not lever.gradual):
        raise InputError(
            "a ramp goes with a date and a lever whose value is a number",
            key="ramp",
            value=entry.ramp,
            fix="Remove the ramp.",
        )
    if entry.phased and lever.target is not Target.STATES:
        raise InputError(
            f"{lever.name} does not act state by state and cannot be phased",
            key="phased",
            fix="Write `date:` instead.",
        )
    if entry.states is not None and lever.target is not Target.STATES:
        fix = "Write `pairs:` with requesting and requested." if lever.target is Target.PAIRS else "Remove it."
        raise InputError(f"{lever.name} does not select states", key="states", fix=fix)
    if entry.pairs is not None and lever.target is not Target.PAIRS:
        fix = "Write `states:` instead." if lever.target is Target.STATES else "Remove it."
        raise InputError(f"{lever.name} does not select pairs of states", key="pairs", fix=fix)


def _check_phase(entry: ChangeEntry) -> None:
    """A phase ends after it begins."""
    if entry.phased and entry.phased.until < entry.phased.start:
        raise InputError(
            f"ends before it begins on {entry.phased.start}",
            value=entry.phased.until,
            fix="Write an `until` that is not before `from`.",
        )


def _check_instrument(lever: Lever, value: Value, atlas: Atlas) -> None:
    """An instrument must be one that the lever can move."""
    if lever.quantity is not Quantity.INSTRUMENT:
        return
    known = atlas.bilateral() if lever.target is Target.PAIRS else atlas.joinable()
    if value not in known:
        kind = "bilateral treaty" if lever.target is Target.PAIRS else "treaty with parties"
        raise InputError(f"no {kind} has this identifier", value=value, fix=nearest(str(value), known))


def _read_pairs(entry: Pairs | None, atlas: Atlas) -> PairSelection:
    """The pairs of a change; all where it names none."""
    if entry is None:
        return PairSelection()
    return PairSelection(read_states(entry.requesting, atlas), read_states(entry.requested, atlas), entry.both_ways)


@contextmanager
def _locating(document: Document, place: Place) -> Iterator[None]:
    """Names file, line and key in a problem that is found inside."""
    try:
        yield
    except InputError as problem:
        place = (*place, problem.key) if problem.key else place
        raise problem.at(document.where(place), describe(place)) from None
