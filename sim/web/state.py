"""State of the page, kept only in its address, which `clean` reads and checks.

An address names a scenario to start from, or carries the text of a file, and then each lever that is moved:
`central_authority.staff=1.5~2027-01-01~24~EU|BRA` is the value in the lever's unit, the day, the months over which it
rises, and the states. All else in an address is dropped, and numbers are clamped and rounded.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from math import isfinite
from typing import NamedTuple
from urllib.parse import parse_qsl, urlencode

import numpy as np

from sim.policy.lever import Lever, Quantity, Target, Value
from sim.policy.levers import LEVERS
from sim.policy.places import load_atlas, places_named
from sim.policy.problem import InputError, is_control, shorten
from sim.policy.scenario import catalogue
from sim.policy.selection import fitting, read_kinds, read_states
from sim.policy.well_known import BASELINE

#: Pairs that a comparison has, and by how many it grows on request.
PAIRS, MOST_PAIRS = 20, 100
#: Letters of a packed file in an address, of the policy that is kept as A, and of a whole address. The longest scenario
#: of the catalogue takes 1,600; a file of a thousand changes, which is all that may be read, about 51,000.
MOST_FILE, MOST_KEPT, MOST_ADDRESS = 60_000, 80_000, 250_000
#: The value of a lever that stays as it is today, although the policy that one starts from moves it.
TODAY = "today"
_FINE = (Quantity.SHARE, Quantity.RATE, Quantity.SPREAD)  # numbers with three decimals on the page; others have two
_LONGEST_RAMP = 240
_MOST_FIELDS = 200
_MOST_WORDS, _MOST_PLACES = 40, 6
_MOST_NAME = 40
_WHOLE = re.compile(r"\d{1,12}", re.ASCII)
#: Everything that an address can name, and what it can be.
_KEYS = dict.fromkeys((*LEVERS, "scenario", "file", "kept", "country", "name", "kept_name"), ".*")
_KEYS |= {"courts": "overloaded", "worlds": "one", "pairs": _WHOLE.pattern}


class LeverMove(NamedTuple):
    """A lever that the reader has moved, with its value as written in the address."""

    value: str  # a number in the lever's unit, a word of its list, or words with commas between them
    on: str = ""  # the day, as a calendar writes it
    ramp: str = ""  # months over which the value rises; none for at once
    states: str = ""  # words that name the states, or both sides of the pairs, with bars between them; none for all
    instrument: str = ""  # what a lever of an instrument's terms is about


@dataclass(frozen=True)
class Draft:
    """A policy on the page: its starting scenario, and the levers moved by the reader."""

    scenario: str = BASELINE
    file: str = ""  # packed text of a file that it starts from instead; empty for none
    moves: tuple[tuple[str, LeverMove], ...] = ()


@dataclass(frozen=True)
class PageState:
    """Everything that the page's address says: policies, assumptions, places and display."""

    draft: Draft = field(default_factory=Draft)
    kept: Draft | None = None
    name: str = ""  # what a person calls the policy; empty for the name of the page
    kept_name: str = ""  # and the one that is kept
    overloaded: bool = False
    one_world: bool = False
    pairs: int = PAIRS
    places: tuple[str, ...] = ()  # states and groups whose own view is shown: codes, or titles of groups
    notes: tuple[str, ...] = field(default=(), compare=False)  # what was dropped or clamped, in words


def clean(query: Iterable[tuple[str, str]], first: date, last: date, states: Sequence[str] = ()) -> PageState:
    """Reads the state of the page from its address; invalid parts are noted and left out."""
    entries = dict(reversed([*query]))  # of one key the first counts
    notes = [
        f"{shorten(f'{key}={value}', 40)} is nothing that the page knows."
        for key, value in entries.items()
        if key not in _KEYS or not re.fullmatch(_KEYS[key], value, re.ASCII | re.DOTALL)
    ]
    draft, kept, kept_draft = _draft(entries, first, last, notes), entries.get("kept", ""), None
    places = _each(entries.get("country", "")[:400].replace(",", "|"), lambda word: _place(word, states), notes)
    if len(places) > _MOST_PLACES:
        notes.append(f"Only the first {_MOST_PLACES} states and groups are shown.")
    if len(kept) > MOST_KEPT or kept.count("&") >= _MOST_FIELDS:
        notes.append("The policy that was kept as A is too long for an address and was left out.")
    elif kept:
        kept_draft = _draft(dict(reversed(parse_qsl(kept, max_num_fields=_MOST_FIELDS))), first, last, notes)
    return PageState(
        draft,
        kept_draft,
        name=_name(entries.get("name", "")),
        kept_name=_name(entries.get("kept_name", "")) if kept_draft else "",
        overloaded=entries.get("courts") == "overloaded",
        one_world=entries.get("worlds") == "one",
        pairs=max(PAIRS, round(_whole(entries.get("pairs", ""), PAIRS, MOST_PAIRS) / PAIRS) * PAIRS),
        places=tuple(places[:_MOST_PLACES]),
        notes=tuple(dict.fromkeys(notes)),
    )


def address(state: PageState) -> str:
    """Shortest query part of an address that `clean` reads as this state."""
    others = {
        "kept": (urlencode(draft_entries(state.kept)) or f"scenario={BASELINE}") if state.kept else "",
        "name": state.name,
        "kept_name": state.kept_name,
        "courts": "overloaded" if state.overloaded else "",
        "worlds": "one" if state.one_world else "",
        "pairs": str(state.pairs) if state.pairs != PAIRS else "",
        "country": "|".join(state.places),
    }
    return urlencode([*draft_entries(state.draft), *((key, value) for key, value in others.items() if value)])


def draft_entries(draft: Draft) -> list[tuple[str, str]]:
    """Key-value pairs that stand for a policy in an address."""
    start = ("file", draft.file) if draft.file else ("scenario", draft.scenario)
    moves = [(name, "~".join(move).rstrip("~")) for name, move in draft.moves]
    return moves if start == ("scenario", BASELINE) else [start, *moves]


def _draft(entries: Mapping[str, str], first: date, last: date, notes: list[str]) -> Draft:
    scenario, file = entries.get("scenario", BASELINE), entries.get("file", "")
    if scenario not in catalogue():
        notes.append(f"There is no scenario {shorten(scenario, 40)}: today's law takes its place.")
        scenario = BASELINE
    if len(file) > MOST_FILE or not re.fullmatch(r"[\w-]*", file, re.ASCII):
        notes.append("The file in the address cannot be read and was left out.")
        file = ""
    found = {name: _move(lever, entries[name], first, last, notes) for name, lever in LEVERS.items() if name in entries}
    moves = tuple((name, move) for name, move in found.items() if move)
    return Draft(BASELINE if file else scenario, file, moves)


def _move(lever: Lever, text: str, first: date, last: date, notes: list[str]) -> LeverMove | None:
    """Reads one moved lever from an address; None without a value."""
    written, day, ramp, states, instrument, *_ = [*text[:2000].split("~"), "", "", "", "", ""]
    value, known, on = _value(lever, written), about(lever), first
    if written == TODAY:
        return LeverMove(TODAY)
    if value is None or (known and instrument not in known):
        notes.append(f"{lever.name}: {shorten(text, 40)} is not a value of this lever and was left out.")
        return None
    with suppress(ValueError):
        on = min(max(date.fromisoformat(day), first), last)
    if not words_of(lever) and not lever.low <= float(written) <= lever.high:
        notes.append(f"{lever.name}: {shorten(written, 40)} is beyond what this lever can be; {value} took its place.")
    if day and on.isoformat() != day:
        notes.append(f"{lever.name}: {shorten(day, 40)} is no day of this world; the nearest took its place.")
    months = _whole(ramp, 0, _LONGEST_RAMP) if takes_ramp(lever) else 0
    some = states if lever.target in (Target.STATES, Target.PAIRS) else ""
    named = _each(some, lambda word: read_states((word,), load_atlas()).words[0], notes)
    where = "" if "all" in named else "|".join(named)
    return LeverMove(value, on.isoformat(), str(months or ""), where, instrument if known else "")


def takes_ramp(lever: Lever) -> bool:
    """True if a lever's value can rise or fall step by step."""
    return lever.gradual and lever.target is not Target.INSTRUMENT


def words_of(lever: Lever) -> tuple[str, ...]:
    """Words that a lever allows as its value; empty for a numeric lever."""
    if lever.quantity is Quantity.SWITCH:
        return ("yes", "no")
    if lever.quantity is Quantity.INSTRUMENT:
        atlas = load_atlas()
        return atlas.bilateral() if lever.target is Target.PAIRS else atlas.joinable()
    return lever.choices


@cache
def about(lever: Lever) -> tuple[str, ...]:
    """Ids of the legal instruments that a lever can change; empty for other levers."""
    found = []
    for name in fitting(lever) if lever.target is Target.INSTRUMENT else ():
        with suppress(InputError):
            read_kinds(lever, name, None)
            found.append(name)
    return tuple(found)


def _value(lever: Lever, written: str) -> str | None:
    if lever.quantity is Quantity.CHOICES:
        words = [word for word in lever.choices if word in written.split(",")]
        return ",".join(words) or ("all" if written == "all" else None)
    if known := words_of(lever):
        return written if written in known else None
    try:
        number = float(written)
    except ValueError:
        return None
    rounded = round(min(max(number, lever.low), lever.high), 3 if lever.quantity in _FINE else 2)
    return np.format_float_positional(rounded + 0.0, trim="-") if isfinite(number) else None


def in_file(lever: Lever, value: str) -> str | list[str]:
    """Converts a lever's value from the page to the notation of scenario files."""
    if lever.quantity is Quantity.CHOICES:
        return value.split(",")
    if words_of(lever):
        return value
    share = f"{100 * float(value):.1f}".removesuffix(".0")
    units = {
        Quantity.RATIO: f"{value} times",
        Quantity.SHARE: f"{share} %",
        Quantity.RATE: f"{share} % a year",
        Quantity.DAYS: f"{value} days",
        Quantity.YEARS: f"{value} years",
    }
    return units.get(lever.quantity, value)


def on_page(lever: Lever, read: Value) -> str | None:
    """Converts a lever's value to the page's notation; None if the page cannot show it."""
    if isinstance(read, float) and lever.quantity in (Quantity.SWITCH, Quantity.CHOICE):
        return lever.choices[int(read)] if lever.quantity is Quantity.CHOICE else "yes" if read else "no"
    return _value(lever, ",".join(read) if isinstance(read, tuple) else str(read))


def _name(written: str) -> str:
    shown = "".join(letter for letter in written[:400] if not is_control(letter))
    return " ".join(shown.split())[:_MOST_NAME].strip()


def _whole(written: str, low: int, high: int) -> int:
    """Reads a whole number within a range; the low end if missing."""
    return min(max(int(written), low), high) if _WHOLE.fullmatch(written) else low


def _each(written: str, read: Callable[[str], str], notes: list[str]) -> list[str]:
    """Known words in a text, where vertical bars separate them; unknown words are noted."""
    found: dict[str, None] = {}
    for word in filter(None, (" ".join(word.split()) for word in written.split("|")[:_MOST_WORDS])):
        try:
            found[read(word)] = None
        except InputError as error:
            notes.append(f"{shorten(word, 40)} was left out: {error.problem}. {error.fix}")
    return [*found]


def _place(word: str, states: Sequence[str]) -> str:
    """Finds the code of a state in this world, or the name of a group of states."""
    (place,) = places_named(word, "country", states)
    code, (name, _, behind) = load_atlas().states[place.rows[0]], place.title.rpartition(" (")
    return code if behind == f"{code})" else name
