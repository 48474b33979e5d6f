"""Reads one change of one lever from the entries of a scenario file."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from types import MappingProxyType
from typing import ParamSpec, TypeVar

from sim.law.suggest import nearest
from sim.law.vocabulary import CORE_OFFENCES, DataKind, Offence
from sim.policy.document import Document, Place, describe
from sim.policy.lever import LawLever, Lever, Quantity, Target, Value, WorldLever
from sim.policy.levers import LAW_LEVERS, find_lever
from sim.policy.places import Atlas
from sim.policy.problem import Findings, InputError, MistakesError
from sim.policy.process import Process, read_process
from sim.policy.schema import ChangeEntry, Order, Pairs
from sim.policy.selection import PairSelection, StateSelection, read_states
from sim.policy.terms import read_instrument, read_kinds
from sim.policy.units import read_months, read_quantity, read_value

T = TypeVar("T")
P = ParamSpec("P")
#: Levers of the law that can take effect some time after the decision.
_LAGGING = tuple(lever.name for lever in LAW_LEVERS.values() if lever.courses)
#: Least and greatest growth per year that a file can set.
_LEAST_GROWTH, _MOST_GROWTH = -0.2, 0.3
#: Core offences by name, and by article of the Budapest Convention.
_ARTICLES: Mapping[str, Offence] = MappingProxyType(
    {offence.name.lower(): offence for offence in CORE_OFFENCES}
    | {f"article_{number}": offence for number, offence in enumerate(CORE_OFFENCES, start=2)}
)


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
        process: the course of law by which it comes about, None for days that the file sets.
        offences: offences that it is about, for law.core_offences; empty for all of its articles.
        lag_months: months from the decision, on its day, to its effect.
        growth: share by which what the lever moves grows a year from its first day on, on top of what other changes
            set; None for a change to a value.
        instrument: entry of terms.yaml that it is about; empty for levers of other things.
        kinds: data kinds that it is about, for terms that differ by kind.
    """

    lever: LawLever | WorldLever
    value: Value
    start: date
    until: date | None
    order: Order
    ramp_months: int | None
    states: StateSelection
    pairs: PairSelection
    where: str
    process: Process | None = None
    offences: tuple[Offence, ...] = ()
    lag_months: int = 0
    growth: float | None = None
    instrument: str = ""
    kinds: tuple[DataKind, ...] = ()


def read_change(
    entry: ChangeEntry, document: Document, place: Place, atlas: Atlas, unread: frozenset[str] = frozenset()
) -> Change:
    """Reads the entries of one change.

    Args:
        entry: as written.
        document: the file.
        place: of the change in it.
        atlas: what can be named.
        unread: keys already known to be wrong; nothing that depends on them is checked.

    Raises:
        InputError: everything that is wrong; without a problem of its own when only `unread` is wrong.
    """
    here = _Reader(document, place, Findings())
    lever = here.read("lever", find_lever, entry.lever) if "lever" not in unread else None
    value = instrument = kinds = process = None
    if lever and not {"value", "growth"} & unread:
        value = here.read("value", _read_value, entry, lever)
    if lever and value is not None:
        here.read("value", check_instrument, lever, value, atlas)
    for check, keys in ((_check_days, _DAYS), (_check_reach, _REACH)):
        if lever and not keys & unread:
            here.read("", check, entry, lever)
    if lever and lever.target is Target.INSTRUMENT and entry.instrument:
        instrument = here.read("instrument", read_instrument, lever, entry.instrument)
    if lever and instrument:
        kinds = here.read("kinds", read_kinds, lever, instrument, entry.kinds)
    if entry.process and (value is not None or not entry.process.reservations):
        terms = atlas.entries(str(value)) if entry.process.reservations else {}
        process = here.read("process", read_process, entry.process, terms)
    limits = (Quantity.RATE, entry.growth or "", _LEAST_GROWTH, _MOST_GROWTH)
    growth = here.read("growth", read_quantity, *limits) if entry.growth else None
    lag = here.read("lag", read_months, entry.lag, "a lag") if entry.lag is not None else 0
    ramp = here.read("ramp", read_months, entry.ramp) if entry.ramp is not None else None
    states = here.read("states", read_states, entry.states, atlas) if entry.states is not None else None
    pairs = here.read("pairs", _read_pairs, entry.pairs, atlas) if entry.pairs is not None else None
    offences = here.read("articles", _read_articles, entry.articles)
    here.read("phased", _check_phase, entry)
    here.found.raise_all()
    if unread or lever is None or value is None:
        raise MistakesError(())
    return Change(
        lever=lever,
        value=value,
        start=_first_day(entry),
        until=entry.phased.until if entry.phased else None,
        order=entry.phased.order if entry.phased else Order.BEST_GOVERNED_FIRST,
        ramp_months=ramp,
        states=states or StateSelection(),
        pairs=pairs or PairSelection(),
        where=document.where(place),
        process=process,
        offences=offences or (),
        lag_months=lag or 0,
        growth=growth,
        instrument=instrument or "",
        kinds=kinds or (),
    )


@dataclass(frozen=True)
class _Reader:
    """Reads keys of one change; mistakes are noted with file, line and key."""

    document: Document
    place: Place
    found: Findings

    def read(self, key: str, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """What a function makes of the value at a key of the change, or of the change itself; None for a mistake."""
        place = (*self.place, key) if key else self.place
        with self.found.gather():
            try:
                return function(*args, **kwargs)
            except InputError as problem:
                place = (*place, problem.key) if problem.key else place
                raise problem.at(self.document.where(place), describe(place)) from None
        return None


def _read_value(entry: ChangeEntry, lever: Lever) -> Value:
    """The value; the neutral value for a change that only grows."""
    if entry.growth is not None:
        return lever.neutral
    if entry.value is None and "value" in entry.model_fields_set:
        raise InputError("the value is missing", fix="Write it after the colon.")
    if entry.value is None:
        raise InputError("this key is missing", fix="Add a line `value: …`.")
    return read_value(lever, list(entry.value) if isinstance(entry.value, tuple) else entry.value)


def _first_day(entry: ChangeEntry) -> date:
    """The day of the change, or the first day of its phase; `_check_days` has checked that there is one."""
    day = entry.phased.start if entry.phased else entry.on
    if day is None:
        raise AssertionError(entry)
    return day


#: Keys for the time of a change, and keys for its states, pairs and subject.
_DAYS = frozenset({"date", "phased", "ramp", "process", "lag", "growth"})
_REACH = frozenset({"articles", "phased", "states", "pairs", "instrument", "kinds"})


def _check_days(entry: ChangeEntry, lever: Lever) -> None:
    """Checks that a change comes about on a day, in phases, by a ramp, or by a process that finds its own days."""
    if (entry.on is None) == (entry.phased is None):
        raise InputError(
            "needs either a date or a phase",
            key="date",
            fix="Write `date: 2027-01-01`, or `phased:` with from and until.",
        )
    if entry.process is not None and (entry.phased or entry.ramp):
        raise InputError(
            "a process finds its own days, from a date on",
            key="process",
            value=entry.process.course,
            fix="Write `date:` for the day on which it begins, without a ramp or phase.",
        )
    if entry.lag is not None and (entry.process is not None or lever.name not in _LAGGING):
        raise InputError(
            "a process has lags of its own" if entry.process else f"{lever.name} takes effect on its day",
            key="lag",
            value=entry.lag,
            fix="Remove the lag." if entry.process else f"A lag goes with {', '.join(_LAGGING)}.",
        )
    _check_growth(entry, lever)
    if entry.ramp is not None and (entry.phased or not lever.gradual or lever.target is Target.INSTRUMENT):
        raise InputError(
            "a ramp goes with a date and a lever whose value is a number",
            key="ramp",
            value=entry.ramp,
            fix="Remove the ramp.",
        )
    fit = lever.courses if isinstance(lever, LawLever) else ()
    if entry.process is not None and entry.process.course not in fit:
        raise InputError(
            f"not the way in which {lever.name} comes about",
            key="process",
            value=entry.process.course,
            fix=f"Write `process: {fit[0]}`." if fit else "Remove it.",
        )


def _check_growth(entry: ChangeEntry, lever: Lever) -> None:
    """Growth replaces the value, for levers in times today's."""
    if entry.growth is None:
        return
    other = next((key for key in ("value", "phased", "ramp") if getattr(entry, key) is not None), None)
    if other is not None:
        raise InputError(
            f"growth and {other} cannot both be set",
            key="growth",
            value=entry.growth,
            fix=f"Remove the growth or {other}.",
        )
    if lever.quantity is not Quantity.RATIO or lever.target is Target.PAIRS:
        raise InputError(
            f"{lever.name} is not counted in times today's", key="growth", value=entry.growth, fix="Write a value."
        )


def _check_reach(entry: ChangeEntry, lever: Lever) -> None:
    """Checks whom and what a change is about."""
    if entry.articles is not None and not (isinstance(lever, LawLever) and lever.about_offences):
        raise InputError(f"{lever.name} is not about offences", key="articles", fix="Remove it.")
    if lever.target is Target.INSTRUMENT and entry.instrument is None:
        raise InputError(
            f"{lever.name} is about one instrument",
            key="instrument",
            fix="Add a line such as `instrument: e_evidence`.",
        )
    for key in ("instrument", "kinds"):
        if getattr(entry, key) is not None and lever.target is not Target.INSTRUMENT:
            raise InputError(f"{lever.name} is not about an instrument's terms", key=key, fix="Remove it.")
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


def _read_articles(words: tuple[str, ...] | None) -> tuple[Offence, ...]:
    """Offences by their name or by the Convention's article, `article 2` to `article 8`."""
    found = set()
    for word in words or ():
        name = word.strip().lower().replace("-", "_").replace(" ", "_")
        offence = _ARTICLES.get(name)
        if offence is None:
            raise InputError("names no core offence", value=word, fix=nearest(name, _ARTICLES))
        found.add(offence)
    return tuple(offence for offence in CORE_OFFENCES if offence in found)


def _check_phase(entry: ChangeEntry) -> None:
    """Checks that a phase ends after it begins."""
    if entry.phased and entry.phased.until < entry.phased.start:
        raise InputError(
            f"ends before it begins on {entry.phased.start}",
            key="until",
            value=entry.phased.until,
            fix="Write an `until` that is not before `from`.",
        )


def check_instrument(lever: Lever, value: Value, atlas: Atlas) -> None:
    """Checks that the lever can move an instrument.

    Raises:
        InputError: If it is not.
    """
    if lever.quantity is not Quantity.INSTRUMENT:
        return
    known = atlas.bilateral() if lever.target is Target.PAIRS else atlas.joinable()
    if value not in known:
        kind = "bilateral treaty" if lever.target is Target.PAIRS else "treaty with parties"
        raise InputError(f"no {kind} has this identifier", value=value, fix=nearest(str(value), known))


def _read_pairs(entry: Pairs, atlas: Atlas) -> PairSelection:
    """The pairs that a change names."""
    return PairSelection(read_states(entry.requesting, atlas), read_states(entry.requested, atlas), entry.both_ways)
