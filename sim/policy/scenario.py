"""Scenarios: what-if files read, checked, and put together from the scenarios they are based on."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from sim.policy.document import Document, Place, read_document
from sim.policy.levers import Lever, Quantity, Target, find_lever
from sim.policy.places import Atlas, load_atlas
from sim.policy.problem import InputError, nearest
from sim.policy.resources import resource_folder
from sim.policy.schema import ChangeEntry, Order, Pairs, describe, read_scenario_file
from sim.policy.selection import PairSelection, StateSelection, read_states
from sim.policy.units import Value, read_months, read_value

if TYPE_CHECKING:
    from sim.law.order import LegalOrder
    from sim.policy.timeline import Timeline

SUFFIX = ".yaml"


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


@dataclass(frozen=True)
class Scenario:
    """One policy: dated changes of levers, the scenarios it is based on included.

    Attributes:
        key: the name on the command line.
        title: a few words.
        question: what it asks, in plain words.
        author: who wrote it.
        sources: where its numbers come from.
        based_on: scenarios whose changes come first.
        changes: all changes, those of `based_on` first.
        file: the file as messages name it.
        group: `main`, or the folder inside scenarios/.
    """

    key: str
    title: str
    question: str
    author: str
    sources: tuple[str, ...]
    based_on: tuple[str, ...]
    changes: tuple[Change, ...]
    file: str
    group: str = "main"

    def timeline(self, law: LegalOrder, policy_start: date, end: date) -> Timeline:
        """The changes as dated steps of a run.

        Args:
            law: the legal order: its states, and who is party to what.
            policy_start: first day on which a policy may act.
            end: last day of the run; later steps are left out.

        Raises:
            InputError: a change before `policy_start`, or one that selects no states.
        """
        from sim.policy.timeline import expand

        return expand(self, law, policy_start, end)


def catalogue() -> dict[str, Path]:
    """The files of the scenarios that come with Comity, by key; main ones first, each group by key."""
    folder = resource_folder("scenarios")
    paths = sorted(folder.rglob(f"*{SUFFIX}"), key=lambda path: (len(path.parts), path.parent, path.stem))
    return {path.stem: path for path in paths}


def load(word: str) -> Scenario:
    """Loads a scenario.

    Args:
        word: a key of the catalogue, or the path of a file that ends in .yaml.

    Raises:
        InputError: no such scenario, or a mistake in its file.
    """
    known = catalogue()
    if word in known:
        return _read(known[word], (word,))
    if Path(word).suffix in (SUFFIX, ".yml"):
        if not Path(word).exists():
            raise InputError(
                "no such file",
                where="command line",
                key="SCENARIO",
                value=word,
                fix="Check the path, or list the scenarios with `comity scenarios`.",
            )
        return _read(Path(word), (Path(word).stem,))
    raise InputError(
        "unknown scenario",
        where="command line",
        key="SCENARIO",
        value=word,
        fix=f"{nearest(word, known)} A file of your own ends in {SUFFIX}.",
    )


@contextmanager
def locating(document: Document, place: Place) -> Iterator[None]:
    """Names file, line and key in a problem that is found inside."""
    try:
        yield
    except InputError as problem:
        place = (*place, problem.key) if problem.key else place
        raise problem.at(document.where(place), describe(place)) from None


def _read(path: Path, chain: tuple[str, ...]) -> Scenario:
    """Reads one file and, first, those that it is based on."""
    folder = resource_folder("scenarios")
    inside = path.is_relative_to(folder)
    document = read_document(
        path, f"scenarios/{path.relative_to(folder).as_posix()}" if inside else str(path)
    )
    content = read_scenario_file(document)
    changes = list(_inherited(content.based_on, document, chain))
    for number, entry in enumerate(content.changes):
        changes.append(_read_change(entry, document, number, load_atlas()))
    group = path.parent.name if inside and path.parent != folder else "main"
    return Scenario(
        path.stem,
        content.title,
        content.question,
        content.author,
        (*content.source, *content.sources),
        content.based_on,
        tuple(changes),
        document.name,
        group,
    )


def _inherited(keys: tuple[str, ...], document: Document, chain: tuple[str, ...]) -> list[Change]:
    """Changes of the scenarios that a file is based on."""
    known = catalogue()
    changes: list[Change] = []
    for key in keys:
        where = document.where(("based_on",))
        if key not in known:
            raise InputError(
                "not a scenario of the catalogue",
                where=where,
                key="based_on",
                value=key,
                fix=nearest(key, known),
            )
        if key in chain:
            raise InputError(
                "a scenario is based on itself",
                where=where,
                key="based_on",
                value=key,
                fix=f"Break the circle {' → '.join((*chain, key))}.",
            )
        changes.extend(_read(known[key], (*chain, key)).changes)
    return changes


def _read_change(entry: ChangeEntry, document: Document, number: int, atlas: Atlas) -> Change:
    """Gives the entries of one change their meaning."""
    place = ("changes", number)
    with locating(document, (*place, "lever")):
        lever = find_lever(entry.lever)
    with locating(document, (*place, "value")):
        value = read_value(lever, list(entry.value) if isinstance(entry.value, tuple) else entry.value)
        _check_instrument(lever, value, atlas)
    with locating(document, place):
        _check_shape(entry, lever)
    with locating(document, (*place, "ramp")):
        ramp = read_months(entry.ramp) if entry.ramp is not None else None
    with locating(document, (*place, "phased", "until")):
        _check_phase(entry)
    with locating(document, (*place, "states")):
        states = read_states(entry.states, atlas) if entry.states is not None else StateSelection()
    with locating(document, (*place, "pairs")):
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
        fix = (
            "Write `pairs:` with requesting and requested." if lever.target is Target.PAIRS else "Remove it."
        )
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
    return PairSelection(
        read_states(entry.requesting, atlas), read_states(entry.requested, atlas), entry.both_ways
    )
