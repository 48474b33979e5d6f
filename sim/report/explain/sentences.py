"""Sentences of accounts: templates from sentences.csv that functions and event tables fill in."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from importlib.resources import files
from itertools import groupby
from math import isfinite
from operator import eq, gt, lt, ne
from typing import Any, NamedTuple

from sim.law.days import YEAR, to_date
from sim.law.vocabulary import DataKind, Ground, Offence
from sim.report.explain.events import Events
from sim.results import labels
from sim.results.words import counted, per_cent
from sim.world import records
from sim.world.parameters import GROUP_KINDS

_STATE = re.compile(r"⟦([A-Z]{3})⟧")
_SENTENCE = re.compile(r"(^|[.] )[a-z]")  # the first letter of a sentence
#: States whose short name takes an article.
_WITH_ARTICLE = frozenset(
    (*("ARE", "BHS", "CAF", "COD", "COM", "DOM", "GBR", "GMB"), *("MDV", "MHL", "NLD", "PHL", "SLB", "SYC", "USA"))
)


class Entry(NamedTuple):
    """A dated event in an account: its day, counted from 2022-01-01, and sentences about it."""

    day: float
    text: str


@dataclass(frozen=True)
class Account:
    """The dated history of a case, a request or a group: title, facts in short, and a timeline of entries."""

    title: str  # one line
    facts: Sequence[str]  # the account in short, a sentence or two each
    entries: Sequence[Entry]  # the timeline, in order of time
    start: float  # day from which the column "day" counts
    asides: Sequence[str] = ()  # what to read next: options of `comity explain`, a colon, and what they show


@dataclass
class Naming:
    """Replaces placeholders by names of states: name and code at the first mention, then the code alone."""

    names: Mapping[str, str]
    _mentioned: set[str] = field(default_factory=set)

    def __call__(self, text: str) -> str:
        """Replaces the placeholders in a text by names of states."""
        return _SENTENCE.sub(lambda found: found[0].upper(), _STATE.sub(lambda found: self._name(found[1]), text))

    def _name(self, code: str) -> str:
        if code in self._mentioned:
            return code
        self._mentioned.add(code)
        return f"{'the ' if code in _WITH_ARTICLE else ''}{self.names.get(code, code)} ({code})"


def date(day: float) -> str:
    """ISO date of a day, which tables count from 2022-01-01."""
    return to_date(day).isoformat()


def days(length: float) -> str:
    """Text of a duration in days, and also in years if it is long."""
    whole = round(length)
    if whole < 1:
        return "less than a day"
    text = "1 day" if whole == 1 else f"{whole} days"
    return f"{text} ({whole / YEAR:.1f} years)" if whole > 730 else text


def tally(things: Iterable[str], most: int | None = None) -> str:
    """Text that lists things with their numbers, most frequent first; at most `most` things are listed."""
    found = Counter(things).most_common(most)
    return "; ".join(thing if number == 1 else f"{thing} ({number} times)" for thing, number in found)


#: How a value of a row is written, by what stands behind the colon of a gap.
_WAYS: Mapping[str, Callable[[Any], str]] = {
    "": lambda value: str(int(value)),
    "date": date,
    "days": days,
    "share": per_cent,
    "mille": lambda value: f"{value / 1000:.1%}",
    "level": lambda value: f"{value:.2f}",
    "step": lambda hop: str(int(hop) + 1),
    "member": lambda slot: f"core member {int(slot) + 1}",
    "kind": lambda kind: labels.GROUPS[GROUP_KINDS[int(kind)]],
    "data": lambda kind: labels.DATA[DataKind(int(kind))],
    "ground": lambda ground: labels.GROUNDS[Ground(int(ground))],
    "body": lambda body: labels.BODIES[records.Body(int(body))],
    "action": lambda what: labels.ACTIONS[records.ActionType(int(what))],
    "purpose": lambda purpose: labels.PURPOSES[records.RequestPurpose(int(purpose))],
    "offence": lambda offence: labels.OFFENCES[Offence(int(offence))],
    "not_opened": lambda status: labels.NOT_OPENED[records.CaseStatus(int(status))],
    "not_asked": lambda why: labels.NOT_ASKED[records.WhyNotAsked(int(why))],
}
_CONDITION = re.compile(r"(\w+)([=!<>])(\S+)")
_TESTS: Mapping[str, Callable[[Any, Any], bool]] = {"=": eq, "!": ne, "<": lt, ">": gt}


class _Sentence(NamedTuple):
    """A row of sentences.csv: template of a sentence on an event, and the condition for its use.

    A gap names a column and a way of writing: `{held_in:state}`, `{arrests:# arrest}`, `{n:# body|bodies}`, one less of
    them `{n:#-1 body|bodies}`; or two columns, of which the difference is meant, `{ended-sent:days}`; or a column with
    the row of another table, and what is meant of that row, `{officer>posting>host:state}`; or another kind of sentence
    about the same row; or a function that `gap` marks.
    """

    table: str  # of events
    subject: str  # its column with the row of the case, group or request; empty: as asked
    day: str  # column that dates it; it is left out while that day has not come
    where: Sequence[tuple[str, Callable[[Any, Any], bool], float]]  # what must hold of columns; a day that came is <inf
    text: str  # empty: nothing is said of such rows


#: What fills a gap of its name, of the events and the row that the sentence is about.
Gap = Callable[[Events, Any], str]
_GAPS: dict[str, Gap] = {}


def gap(function: Gap) -> Gap:
    """Decorator that registers a function as the source of the template field with the same name."""
    _GAPS[function.__name__] = function
    return function


@cache
def _sentences() -> Mapping[str, Sequence[_Sentence]]:
    """Templates of sentences by kind, in the order of sentences.csv."""
    units = {(entity.name, field.name): field.unit for entity in records.ENTITIES for field in entity.fields}
    found: dict[str, list[_Sentence]] = {}
    for row in csv.DictReader((files("sim.report.explain") / "sentences.csv").read_text("utf-8").splitlines()):
        where = []
        for column, sign, value in _CONDITION.findall(row["where"]):
            unit = units[row["table"], column]
            where.append((column, _TESTS[sign], float(value) if isinstance(unit, str) else unit[value].value))
        held = _Sentence(row["table"], row["subject"], row["day"], where, row["text"])
        found.setdefault(row["kind"], []).append(held)
    return found


def _first(events: Events, sentences: Iterable[_Sentence], row: Any) -> str:
    """Sentence on a row from the first template whose condition the row meets; empty if there is none."""
    for sentence in sentences:
        if all(test(row[column], value) for column, test, value in sentence.where):
            return say(events, sentence.text, row)
    return ""


def say(events: Events, text: str, row: Any) -> str:
    """Fills in a sentence template with values from a row of an event table."""
    return text.format_map(_Filled(events, row))


def said(events: Events, kind: str, row: Any) -> str:
    """Sentence on a row, from the first template of a kind whose condition the row meets; empty if there is none."""
    return _first(events, _sentences()[kind], row)


def reports(events: Events, subject: int, /, *kinds: str, column: str = "") -> Iterator[Entry]:
    """Yields dated entries from templates of the given kinds, on the case, group or request in row `subject`."""
    every = [sentence for kind in kinds for sentence in _sentences()[kind]]
    for (table, own, day), found in groupby(every, key=lambda sentence: sentence[:3]):
        alike = list(found)
        for row in events.rows(table, **{own or column: subject}):
            if isfinite(row[day]) and (text := _first(events, alike, row)):
                yield Entry(float(row[day]), text)


@dataclass(frozen=True)
class _Filled:
    """Mapping from the field names of a sentence template to the values of the fields."""

    events: Events
    row: Any

    def __getitem__(self, name: str) -> object:
        if name in _GAPS:
            return _GAPS[name](self.events, self.row)
        if ">" in name:
            column, table, there = name.split(">")
            number = self.row[column]
            return _Filled(self.events, self.events[table][number])[there] if number >= 0 else ""
        if name in _sentences() and name not in self.row.dtype.names:
            return said(self.events, name, self.row)
        first, minus, second = name.partition("-")
        return _Value(self.events, self.row[first] - self.row[second] if minus else self.row[first])


@dataclass(frozen=True)
class _Value:
    """Value of a field in a sentence template, with its own rules of formatting."""

    events: Events
    value: float

    def __format__(self, way: str) -> str:
        if way == "state":
            return self.events.state(self.value)
        if way == "article":
            return self.events.law.terms[int(self.value)].article
        if way.startswith("#"):
            more, _, words = way[1:].partition(" ")
            return counted(int(self.value) + int(more or 0), *words.split("|"))
        return _WAYS[way](self.value)
