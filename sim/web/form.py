"""Conversion of the page's policy into a scenario file and into a form with sliders.

One text is what is downloaded, linked to, and run. The form has where each lever stands, and where the policy that one
starts from has it.

Levers of the question come first, with named levels; all others stand behind “more”.
Words are in today's units: persons and posts, not times today's. How many there are today is the model's staffing, a
judgement.
"""

from __future__ import annotations

import base64
import tomllib
import zlib
from binascii import Error as EncodingError
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from functools import cache, lru_cache
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sim.data.load import read_table
from sim.experiments.store import yaml_text
from sim.law.order import legal_order
from sim.measures.arrays import Floats
from sim.policy.change import COUNT, Change
from sim.policy.document import MOST_BYTES, parse_document
from sim.policy.lever import Lever, Quantity, Target
from sim.policy.levers import LEVERS
from sim.policy.places import load_atlas
from sim.policy.problem import InputError
from sim.policy.scenario import Scenario, catalogue, read_text
from sim.policy.selection import read_states
from sim.results.words import listing, unbroken
from sim.web.state import MOST_FILE, TODAY, Draft, LeverMove, in_file, on_page, words_of

#: How messages name the text of a policy of the page, and a file that its address carries.
NAME = "policy.yaml"
#: Keys that describe a policy in words, and no longer fit once a lever is moved.
_OF_THE_START = ("title", "short", "question", "author", "source", "sources", "lags", "cost", "recommendation")
_TITLE = "A policy made on the what-if page"
_KNOWN = 64  # policies that are remembered: to read a long one takes a second or more


@lru_cache(maxsize=_KNOWN)
def scenario_text(draft: Draft, name: str = "") -> str:
    """Text of a scenario file for the page's policy: its starting scenario with the moved levers."""
    content, moved = _content(draft.scenario, draft.file), dict(draft.moves)
    if moved:
        own_changes = [_change(LEVERS[name], move) for name, move in draft.moves if move.value != TODAY]
        rest = [one for one in _changes(content) if not isinstance(one, dict) or str(one.get("lever")) not in moved]
        plain, started = draft == Draft(moves=draft.moves), str(content.get("title") or "A policy")
        content = {
            "title": _TITLE if plain else f"{started[:90]}, changed",
            "question": "What changes under the levers that are set here?",
            "author": "The what-if page",
            **{key: entry for key, entry in content.items() if key not in (*_OF_THE_START, "changes")},
            "changes": [*rest, *own_changes],
        }
    return yaml_text(content | {"title": name} if name else content)


def titles() -> tuple[tuple[str, str], ...]:
    """Key and title of each scenario in the catalogue."""
    return tuple((key, str(_content(key)["title"])) for key in catalogue())


@lru_cache(maxsize=_KNOWN)
def scenario_of(draft: Draft) -> Scenario:
    """Converts the page's policy to a scenario, through the text of a scenario file."""
    return read_text(scenario_text(draft), NAME)


def pack(text: str) -> str:
    """Encodes the text of a file for use in an address."""
    packed = base64.urlsafe_b64encode(zlib.compress(text.encode(), 9)).decode().rstrip("=")
    if len(packed) > MOST_FILE:
        problem = f"too long for an address, which has room for {MOST_FILE:,} letters: packed, it has {len(packed):,}"
        fix = "Shorten its notes, or compare it on the command line: comity compare FILE."
        raise InputError(problem, where=NAME, fix=fix)
    return packed


def unpack(packed: str) -> str:
    """Decodes the text of a file from an address."""
    opened = zlib.decompressobj()
    try:
        text = opened.decompress(base64.urlsafe_b64decode(packed + "=" * (-len(packed) % 4)), MOST_BYTES + 1)
        if len(text) > MOST_BYTES or not opened.eof:
            raise ValueError(len(text))
        return text.decode()
    except (ValueError, zlib.error, EncodingError):
        fix = "Open the scenario file again, or follow a complete link."
        raise InputError("the file in the address is damaged", where=NAME, key="file", fix=fix) from None


@lru_cache(maxsize=_KNOWN)
def _content(scenario: str, file: str = "") -> dict[str, Any]:
    """Entries of a scenario file by key, including the changes of scenarios that it is based on."""
    document = parse_document(unpack(file) if file else catalogue()[scenario].read_text("utf-8"), NAME)
    document.found.raise_all()
    content: Any = document.content
    if not isinstance(content, dict):
        raise InputError("not a scenario", where=NAME, fix="Begin with `title: …` on a line.")
    named = content.get("based_on") or []
    bases = [named] if isinstance(named, str) else named
    if not isinstance(bases, list) or any(not isinstance(key, str) or key not in catalogue() for key in bases):
        return content  # the reader of files names the mistake
    changes = [change for each in (*map(_content, bases), content) for change in _changes(each)]
    return {key: value for key, value in content.items() if key != "based_on"} | {"changes": changes}


def _changes(content: dict[str, Any]) -> list[Any]:
    changes = content.get("changes")
    return changes if isinstance(changes, list) else []


def _change(lever: Lever, move: LeverMove) -> dict[str, Any]:
    entry: dict[str, Any] = {"lever": lever.name, "value": in_file(lever, move.value)}
    if move.instrument:
        entry["instrument"] = move.instrument
    entry["date"] = move.on
    if move.ramp:
        entry["ramp"] = f"{move.ramp} months"
    words = _words(move.states) or ["all"]
    if lever.target is Target.STATES:
        entry["states"] = words
    elif lever.target is Target.PAIRS and move.states:
        entry["pairs"] = {"requesting": words, "requested": words}
    return entry


def _words(states: str) -> list[str]:
    return list(filter(None, states.split("|")))


#: Moves that a heading names.
_MOST = 2


class Slider(NamedTuple):
    """Presentation of a lever as a slider on the page: range, steps and names of levels."""

    title: str
    step: float  # the least distance between two values, 0 for a list to choose from
    notches: Mapping[float, str]  # named levels in order, from end to end, “as today” among them; none for treaties


_TABLE = tomllib.loads(Path(__file__).with_name("sliders.toml").read_text(encoding="utf-8"))
#: The levers that the page shows first.
FIRST = {
    row["lever"]: Slider(row["title"], row["step"], dict(_TABLE["notches"].get(row.get("notches"), ())))
    for row in _TABLE["slider"]
}


@cache
def todays_numbers() -> dict[str, tuple[str, Floats]]:
    """Numbers (of posts, for example) that levers multiply, with unit: f8[state], or one per body."""
    counted = {name: lever.count for name, lever in LEVERS.items() if lever.count}
    return {name: (count.unit, np.rint(count.each())) for name, count in counted.items()}


def count(lever: str, words: Sequence[str], world: Sequence[str], on: date) -> float | None:
    """Number that a lever multiplies, today in the given states; None if the lever counts nothing.

    A file may name states that are none: they are not counted either.
    """
    if lever not in todays_numbers():
        return None
    law, (_, each) = legal_order(), todays_numbers()[lever]
    if len(each) != len(law.states):
        return float(each.sum())
    try:
        chosen = read_states(tuple(words) or ("all",), load_atlas()).resolve(load_atlas(), law, on)
    except InputError:
        return None
    return float(each[np.isin(law.states, chosen) & np.isin(law.states, world or law.states)].sum())


@cache
def treaties(on: date) -> dict[str, str]:
    """Names of treaties with their numbers of parties, by id; the main ones first."""
    first = ("budapest", "second_protocol", "un_convention")
    order = dict.fromkeys((*first, *load_atlas().joinable()))
    return {word: f"{_treaty_names()[word]} ({len(legal_order().parties(word, on))} states today)" for word in order}


@cache
def _treaty_names() -> dict[str, str]:
    return {row["id"]: row["name"] for row in read_table("treaties.csv").rows}


def heading(title: str, moves: Sequence[str], plain: bool) -> str:
    """Title of a policy on one line: its starting scenario and its moved levers."""
    more = [f"{len(moves) - _MOST} more"] if len(moves) > _MOST else []
    said = "; ".join([*moves[:_MOST], *more])
    return said or title if plain else ", with ".join(filter(None, (title, said)))


def moves_said(draft: Draft, world: Sequence[str], first: date) -> Iterator[str]:
    """Yields a text on each lever that the reader has moved."""
    for name, move in draft.moves:
        day = f"from {move.on}" if move.on not in ("", first.isoformat()) else ""
        ramp, states = f"over {move.ramp} months" if move.ramp else "", _words(move.states)
        words = ", ".join(filter(None, (day, ramp, listing(states), move.instrument)))
        value = _value(LEVERS[name], move, count(name, states, world, first))
        yield f"{title_of(LEVERS[name])}: {value}{f' ({words})' if words else ''}"


def title_of(lever: Lever) -> str:
    """Name under which the page shows a lever."""
    return FIRST[lever.name].title if lever.name in FIRST else lever.title


def _value(lever: Lever, move: LeverMove, today: float | None) -> str:
    if move.value == TODAY:
        return "as today"
    if today is not None:
        return f"{_counted(lever.name, float(move.value) * today)} instead of {_number(today)}"
    if lever.quantity is Quantity.INSTRUMENT:
        return _treaty_names()[move.value]
    written = in_file(lever, move.value)
    return written if isinstance(written, str) else ", ".join(written)


def _counted(lever: str, many: float | None) -> str:
    """Text on the number that a lever multiplies; empty if none."""
    return "" if many is None else f"{_number(many)} {todays_numbers()[lever][0]}"


def _number(many: float) -> str:
    return f"{many:,.0f}".replace(",", " ")


def slider_words(name: str, states: str, world: Sequence[str], first: date) -> list[str]:
    """Texts below a slider, one per position: posts or persons, and name of the level."""
    lever, slider, today = LEVERS[name], FIRST[name], count(name, _words(states), world, first)
    low, *_, high = slider.notches

    def at(value: float) -> str:
        """Text below the slider for one position."""
        exact = str(in_file(lever, f"{value:g}")).replace("times", "× today's")
        level = slider.notches.get(value, "")
        if today is None:
            return level if level == "as today" else ": ".join(filter(None, (exact, level)))
        there = _counted(lever.name, value * today)
        return f"{there}{'' if value == 1 else f' instead of {_number(today)}'}: {level or exact}"

    return [unbroken(at(round(value, 6))) for value in np.arange(low, high + slider.step / 2, slider.step).tolist()]


_REACH = {
    Target.WORLD: "Acts on the whole world, so no states can be named.",
    Target.INSTRUMENT: "Acts on an instrument, so no states can be named.",
    Target.PAIRS: "Acts between pairs of states: both sides are among the states that are named.",
}


#: Keys of a change that its field in the form shows.
_SHOWN_WHOLE = {"lever", "value", "date", "ramp", "states", "instrument", "note"}


def offered() -> list[str]:
    """Codes and names of states and groups for selection lists in the form."""
    atlas = load_atlas()
    titles = {group.title for group in atlas.groups.values() if "," not in group.title}
    return [*atlas.states, *sorted(titles)]


@dataclass(frozen=True)
class LeverField:
    """A field of the form that shows one lever."""

    lever: Lever
    slider: Slider | None  # how it is shown first; None behind “more”
    neutral: str  # the value that changes nothing, as a control that is shown first has it; empty for others
    stands: LeverMove
    begins: LeverMove  # where the policy that one starts from has it
    note: str
    set_here: bool
    today: str  # how much there is today of what it multiplies, in these states; empty where nobody counts it
    said: str  # how the policy that one starts from has it, where that is a number of posts or finer than what it shows
    words: list[str]  # what stands under a slider at each of its places


def fields_of(draft: Draft, first: date, world: Sequence[str] = ()) -> list[LeverField]:
    """Makes all fields of the form, with a policy's values; prominent levers first."""
    start, moves = replace(draft, moves=()), dict(draft.moves)
    pairs = [*zip(_changes(_content(draft.scenario, draft.file)), scenario_of(start).changes, strict=True)]

    def field(lever: Lever, slider: Slider | None) -> LeverField:
        """Makes the field for one lever."""
        own = [pair for pair in pairs if pair[1].lever.name == lever.name]
        written, change = own[0] if len(own) == 1 else ({}, None)
        neutral = f"{lever.neutral:g}" if slider and not words_of(lever) else ""
        begins = stands = _begins(slider, change) or LeverMove(neutral, first.isoformat())
        if move := moves.get(lever.name):
            stands = LeverMove(neutral, first.isoformat()) if move.value == TODAY else move
        notes = [_REACH.get(lever.target, ""), f"Needs {lever.needs.rstrip('.')}." if lever.needs else ""]
        if own and (change is None or written.keys() - _SHOWN_WHOLE):
            notes.append("The policy sets it in a way that is not shown here; moving it replaces that.")
        today = _counted(lever.name, count(lever.name, _words(stands.states), world, first))
        said = _said(str(written.get("value")), change, begins, today) if change else ""
        words = slider_words(lever.name, stands.states, world, first) if slider and slider.step else []
        note, set_here = " ".join(filter(None, notes)), bool(move or own)
        return LeverField(lever, slider, neutral, stands, begins, note, set_here, today, said, words)

    others = (name for name in LEVERS if name not in FIRST)
    return [field(LEVERS[name], FIRST.get(name)) for name in (*FIRST, *others)]


def _begins(slider: Slider | None, change: Change | None) -> LeverMove | None:
    """Initial value of a lever's field from a change in a scenario file; None if the change sets no value."""
    value = on_page(change.lever, change.value) if change and change.growth is None else None
    if change is None or value is None:
        return None
    if slider and slider.step:
        low, *_, high = slider.notches
        value = f"{min(max(low + slider.step * round((float(value) - low) / slider.step), low), high):g}"
    states = "" if change.states.everywhere else "|".join(change.states.words)
    return LeverMove(value, change.start.isoformat(), str(change.ramp_months or ""), states, change.instrument)


def _said(written: str, change: Change, begins: LeverMove, today: str) -> str:
    """Text of a lever's value in its file, if the slider cannot show it exactly; otherwise empty."""
    posts = change.lever.count and COUNT.fullmatch(written.strip())
    shown = change.growth is not None or (not posts and on_page(change.lever, change.value) == begins.value)
    return "" if shown else f"{written} (today {today})" if today else written
