"""Words of accounts: dated entries, names of states, dates, and sentences whose gaps are filled from rows of tables."""

import csv
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from functools import cache
from importlib.resources import files
from operator import eq, gt, lt, ne
from typing import Any, NamedTuple

from sim.law.days import YEAR, to_date
from sim.law.vocabulary import DataKind, Ground, Offence
from sim.results import labels
from sim.results.words import counted, per_cent
from sim.world.parameters import GROUP_KINDS
from sim.world.records import ENTITIES, ActionType, Body, RequestPurpose

_STATE = re.compile(r"⟦([A-Z]{3})⟧")
_SENTENCE = re.compile(r"(^|[.] )[a-z]")  # the first letter of a sentence
#: States whose short name takes an article.
_WITH_ARTICLE = frozenset(
    (*("ARE", "BHS", "CAF", "COD", "COM", "DOM", "GBR", "GMB"), *("MDV", "MHL", "NLD", "PHL", "SLB", "SYC", "USA"))
)


class Tone(Enum):
    """The bearing of an entry on the case; it decides the colour on a terminal."""

    PLAIN = "plain"
    PROGRESS = "progress"
    SETBACK = "setback"
    MILESTONE = "milestone"


@dataclass(frozen=True)
class Entry:
    """Something that happened: days since 2022-01-01, sentences with states as marks that `Naming` replaces, a tone."""

    day: float
    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True)
class Account:
    """The life of a case, a request or a group."""

    title: str  # one line
    facts: Sequence[str]  # the account in short, a sentence or two each
    entries: Sequence[Entry]  # the timeline, in order of time
    start: float  # day from which the column "day" counts
    asides: Sequence[str] = ()  # what to read next: options of `comity explain`, a colon, and what they show


@dataclass
class Naming:
    """Writes the names of states: name and code at the first mention, the code alone after that."""

    names: Mapping[str, str]
    _mentioned: set[str] = field(default_factory=set)

    def __call__(self, text: str) -> str:
        """The text with its states named."""
        return _SENTENCE.sub(lambda found: found[0].upper(), _STATE.sub(lambda found: self._name(found[1]), text))

    def _name(self, code: str) -> str:
        if code in self._mentioned:
            return code
        self._mentioned.add(code)
        return f"{'the ' if code in _WITH_ARTICLE else ''}{self.names.get(code, code)} ({code})"


def date(day: float) -> str:
    """A day of the tables as an ISO date."""
    return to_date(day).isoformat()


def days(length: float) -> str:
    """A length of time; long ones in years as well."""
    whole = round(length)
    if whole < 1:
        return "less than a day"
    text = "1 day" if whole == 1 else f"{whole} days"
    return f"{text} ({whole / YEAR:.1f} years)" if whole > 730 else text


def times(number: int) -> str:
    """A number of occurrences."""
    return {1: "once", 2: "twice"}.get(number, f"{number} times")


def tally(things: Iterable[str]) -> str:
    """Things with how often each occurs, the most frequent first."""
    found = Counter(things).most_common()
    return ", ".join(thing if number == 1 else f"{thing} ({number} times)" for thing, number in found)


#: How a value of a row is written, by what stands behind the colon of a gap.
_WAYS: Mapping[str, Callable[[Any], str]] = {
    "": lambda value: str(int(value)),
    "date": date,
    "days": days,
    "share": per_cent,
    "step": lambda hop: str(int(hop) + 1),
    "member": lambda slot: f"core member {int(slot) + 1}",
    "kind": lambda kind: labels.GROUPS[GROUP_KINDS[int(kind)]],
    "data": lambda kind: labels.DATA[DataKind(int(kind))],
    "ground": lambda ground: labels.GROUNDS[Ground(int(ground))],
    "body": lambda body: labels.BODIES[Body(int(body))],
    "action": lambda what: labels.ACTIONS[ActionType(int(what))],
    "purpose": lambda purpose: labels.PURPOSES[RequestPurpose(int(purpose))],
    "offence": lambda offence: labels.OFFENCES[Offence(int(offence))],
}
_CONDITION = re.compile(r"(\w+)([=!<>])(\S+)")
_TESTS: Mapping[str, Callable[[Any, Any], bool]] = {"=": eq, "!": ne, "<": lt, ">": gt}


class Sentence(NamedTuple):
    """A sentence that a row of an event table gives: a row of sentences.csv.

    A gap names a column and a way of writing: `{held_in:state}`, `{arrests:# arrest}`, `{n:# body|bodies}`, one less of
    them `{n:#-1 body|bodies}`; or two columns, of which the difference is meant, `{ended-sent:days}`, or the smaller
    one, `{retained_until&ended:date}`; or another kind of sentence about the same row; or what the code has found.
    """

    table: str  # of events
    subject: str  # its column with the row of the case, group or request; empty: as asked
    day: str  # column that dates it; it is left out while that day has not come
    where: Sequence[tuple[str, Callable[[Any, Any], bool], float]]  # what must hold of columns; a day that came is <inf
    tone: Tone
    text: str

    def holds(self, row: Any) -> bool:
        """Whether a row meets the conditions."""
        return all(test(row[column], value) for column, test, value in self.where)


@cache
def sentences() -> Mapping[str, Sequence[Sentence]]:
    """Every sentence by its kind, in the order of the file: of those that hold, the first is meant."""
    units = {(entity.name, field.name): field.unit for entity in ENTITIES for field in entity.fields}
    found: dict[str, list[Sentence]] = {}
    for row in csv.DictReader((files("sim.report.explain") / "sentences.csv").read_text("utf-8").splitlines()):
        where = []
        for column, sign, value in _CONDITION.findall(row["where"]):
            unit = units[row["table"], column]
            where.append((column, _TESTS[sign], float(value) if isinstance(unit, str) else unit[value].value))
        held = (row["table"], row["subject"], row["day"], where, Tone(row["tone"] or "plain"), row["text"])
        found.setdefault(row["kind"], []).append(Sentence(*held))
    return found


@dataclass(frozen=True)
class Value:
    """A value in a sentence."""

    value: float
    states: Sequence[str]

    def __format__(self, way: str) -> str:
        if way == "state":
            return f"⟦{self.states[int(self.value)]}⟧"
        if way.startswith("#"):
            more, _, words = way[1:].partition(" ")
            return counted(int(self.value) + int(more or 0), *words.split("|"))
        return _WAYS[way](self.value)
