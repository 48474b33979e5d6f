"""The state of the page, which stands in its address alone: `clean` is the only door from outside.

An address names a scenario to start from, or carries the text of a file, and then each lever that is moved:
`central_authority.staff=1.5~2027-01-01~24~EU|BRA` is the value in the lever's unit, the day, the months over which it
rises, and the states. All else in an address is dropped, and numbers are clamped and rounded.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import date
from functools import cache
from math import isfinite
from urllib.parse import parse_qsl, urlencode

from sim.policy.lever import Lever, Quantity, Target
from sim.policy.levers import LEVERS
from sim.policy.places import load_atlas, places_named
from sim.policy.problem import InputError, is_control, shorten
from sim.policy.scenario import catalogue
from sim.policy.selection import fitting, read_kinds, read_states
from sim.policy.units import read_value
from sim.policy.well_known import BASELINE

#: Pairs that a comparison has, and by how many it grows on request.
PAIRS, MOST_PAIRS = 20, 100
#: Letters of a packed file in an address, of the policy that is kept as A, and of a whole address. The longest scenario
#: of the catalogue takes 1,600; a file of a thousand changes, which is all that may be read, about 51,000.
MOST_FILE, MOST_KEPT, MOST_ADDRESS = 60_000, 80_000, 250_000
#: The value of a lever that stays as it is today, although the policy that one starts from moves it.
TODAY = "today"
#: Decimals of a number on the page, by what it is.
_DECIMALS: Mapping[Quantity, int] = {Quantity.RATIO: 2, Quantity.SHARE: 3, Quantity.RATE: 3, Quantity.SPREAD: 3}
_LONGEST_RAMP = 240
_MOST_FIELDS = 200
_MOST_STATES, _MOST_PLACES = 40, 6
_MOST_NAME = 40
_WHOLE = re.compile(r"\d{1,12}", re.ASCII)
#: Everything that an address can name.
_OTHERS = ("scenario", "file", "kept", "courts", "worlds", "pairs", "country", "name", "kept_name")
_KEYS = {*LEVERS, *_OTHERS}


@dataclass(frozen=True)
class LeverMove:
    """A lever as the policy moves it."""

    value: str  # a number in the lever's unit, a word of its list, or words with commas between them
    on: date
    ramp: int = 0  # months over which the value rises; 0 for at once
    states: tuple[str, ...] = ()  # words that name the states, or both sides of the pairs; none for all
    instrument: str = ""  # what a lever of an instrument's terms is about


@dataclass(frozen=True)
class Draft:
    """One policy: where it starts from, and the levers that are moved."""

    scenario: str = BASELINE
    file: str = ""  # packed text of a file that it starts from instead; empty for none
    moves: tuple[tuple[str, LeverMove], ...] = ()


@dataclass(frozen=True)
class PageState:
    """Everything that an address says."""

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
    """What an address says, as far as the page knows it in a world of these days and states; never raises."""
    entries: dict[str, str] = {}
    for key, value in query:
        entries.setdefault(key, value)
    notes = [f"{shorten(key, 40)} is nothing that the page knows." for key in entries if key not in _KEYS]
    draft, kept, kept_draft = _draft(entries, first, last, notes), entries.get("kept", ""), None
    for key, known in (("courts", "overloaded"), ("worlds", "one")):
        if entries.get(key, known) != known:
            notes.append(f"{key} can only be {known}; {shorten(entries[key], 40)} was left out.")
    if not _WHOLE.fullmatch(entries.get("pairs", "0")):
        notes.append(f"pairs has to be a whole number; {shorten(entries['pairs'], 40)} was left out.")
    if len(kept) > MOST_KEPT or kept.count("&") >= _MOST_FIELDS:
        notes.append("The policy that was kept as A is too long for an address and was left out.")
    elif kept:
        inside = dict(reversed(parse_qsl(kept, max_num_fields=_MOST_FIELDS)))
        kept_draft = _draft(inside, first, last, notes)
    return PageState(
        draft,
        kept_draft,
        name=_name(entries.get("name", "")),
        kept_name=_name(entries.get("kept_name", "")) if kept_draft else "",
        overloaded=entries.get("courts") == "overloaded",
        one_world=entries.get("worlds") == "one",
        pairs=max(PAIRS, round(_whole(entries.get("pairs", ""), PAIRS, MOST_PAIRS) / PAIRS) * PAIRS),
        places=_places(entries.get("country", ""), states, notes),
        notes=tuple(dict.fromkeys(notes)),
    )


def address(state: PageState) -> str:
    """The query of an address that `clean` reads as this state; the shortest one."""
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
    """Keys and values of one policy in an address."""
    start, moves = ("file", draft.file) if draft.file else ("scenario", draft.scenario), []
    for name, move in draft.moves:
        parts = move.value, move.on.isoformat(), str(move.ramp or ""), "|".join(move.states), move.instrument
        moves.append((name, "~".join(parts).rstrip("~")))
    return moves if start == ("scenario", BASELINE) else [start, *moves]


def _draft(entries: Mapping[str, str], first: date, last: date, notes: list[str]) -> Draft:
    scenario, file = entries.get("scenario", BASELINE), entries.get("file", "")
    if scenario not in catalogue():
        notes.append(f"There is no scenario {shorten(scenario, 40)}: today's law takes its place.")
        scenario = BASELINE
    if len(file) > MOST_FILE or not re.fullmatch(r"[\w-]*", file, re.ASCII):
        notes.append("The file in the address cannot be read and was left out.")
        file = ""
    moves = []
    for name, lever in LEVERS.items():
        if name in entries and (move := _move(lever, entries[name], first, last, notes)):
            moves.append((name, move))
    return Draft(BASELINE if file else scenario, file, tuple(moves))


def _move(lever: Lever, text: str, first: date, last: date, notes: list[str]) -> LeverMove | None:
    """A lever of an address; None where it has no value."""
    written, day, ramp, states, instrument, *_ = [*text[:2000].split("~"), "", "", "", "", ""]
    value, known, on = _value(lever, written), about(lever), min(max(_day(day, first), first), last)
    if written == TODAY:
        return LeverMove(TODAY, first)
    if value is None or (known and instrument not in known):
        notes.append(f"{lever.name}: {shorten(text, 40)} is not a value of this lever and was left out.")
        return None
    gradual = lever.gradual and lever.target is not Target.INSTRUMENT
    if not lever.choices and not words_of(lever) and not lever.low <= float(written) <= lever.high:
        notes.append(f"{lever.name}: {shorten(written, 40)} is beyond what this lever can be; {value} took its place.")
    if day and on.isoformat() != day:
        notes.append(f"{lever.name}: {shorten(day, 40)} is no day of this world; the nearest took its place.")
    return LeverMove(
        value,
        on,
        _whole(ramp, 0, _LONGEST_RAMP) if gradual else 0,
        _states(states, notes) if lever.target in (Target.STATES, Target.PAIRS) else (),
        instrument if known else "",
    )


def words_of(lever: Lever) -> tuple[str, ...]:
    """The values of a lever that is set by choosing from a list; none for a number."""
    if lever.quantity is Quantity.SWITCH:
        return ("yes", "no")
    if lever.quantity is Quantity.INSTRUMENT:
        atlas = load_atlas()
        return atlas.bilateral() if lever.target is Target.PAIRS else atlas.joinable()
    return lever.choices


@cache
def about(lever: Lever) -> tuple[str, ...]:
    """Instruments that a lever can be about, for one that is about an instrument."""
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
    if not isfinite(number):
        return None
    rounded = round(min(max(number, lever.low), lever.high), _DECIMALS.get(lever.quantity, 2))
    return f"{rounded:.4f}".rstrip("0").rstrip(".").replace("-0", "0" if rounded == 0 else "-0")


def in_file(lever: Lever, value: str) -> str | list[str]:
    """A value of the page as a scenario file has it, with its unit."""
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


def from_file(lever: Lever, written: object) -> str | None:
    """A value of a file as the page writes it; None where it is not one."""
    try:
        read = read_value(lever, written)
    except InputError:
        return None
    if isinstance(read, float) and lever.quantity in (Quantity.SWITCH, Quantity.CHOICE):
        return lever.choices[int(read)] if lever.quantity is Quantity.CHOICE else "yes" if read else "no"
    return _value(lever, ",".join(read) if isinstance(read, tuple) else str(read))


def _name(written: str) -> str:
    shown = "".join(letter for letter in written[:400] if not is_control(letter))
    return " ".join(shown.split())[:_MOST_NAME].strip()


def _day(written: str, default: date) -> date:
    try:
        return date.fromisoformat(written)
    except ValueError:
        return default


def _whole(written: str, low: int, high: int) -> int:
    """A whole number within a range; the lower end where there is none."""
    return min(max(int(written), low), high) if _WHOLE.fullmatch(written) else low


def _states(written: str, notes: list[str]) -> tuple[str, ...]:
    """Words that name states; others are left out. None are named for all."""
    found: list[str] = []
    for word in written.split("|")[:_MOST_STATES]:
        text = " ".join(word.split())
        if not text:
            continue
        try:
            read_states((text,), load_atlas())
        except InputError:
            notes.append(f"{shorten(text, 40)} names no states and was left out.")
            continue
        found.append(text)
    return () if "all" in found else tuple(dict.fromkeys(found))


def _places(written: str, states: Sequence[str], notes: list[str]) -> tuple[str, ...]:
    """Codes of states, and titles of groups; what names none in this world is left out."""
    atlas, found = load_atlas(), []
    for word in re.split(r"[|,]", written[:400]):
        text = " ".join(word.split())
        if not text:
            continue
        try:
            (place,) = places_named(text, "country", states)
        except InputError as error:
            notes.append(f"{shorten(text, 40)} was left out: {error.problem}. {error.fix}")
            continue
        group = atlas.groups.get(text.casefold())
        single = text.upper() in atlas.states or len(atlas.members(text)) == 1
        found.append(atlas.states[place.rows[0]] if single else group.title if group else "all")
    if len(found) > _MOST_PLACES:
        notes.append(f"Only the first {_MOST_PLACES} states and groups are shown.")
    return tuple(dict.fromkeys(found))[:_MOST_PLACES]
