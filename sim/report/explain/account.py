"""What is told: a title, a few sentences, dated entries."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from enum import Enum


class Tone(Enum):
    """How an entry bears on the case; it decides the colour on a terminal."""

    PLAIN = "plain"
    PROGRESS = "progress"
    SETBACK = "setback"
    MILESTONE = "milestone"


@dataclass(frozen=True)
class Entry:
    """Something that happened.

    Attributes:
        day: days since 2022-01-01.
        text: sentences, with states as tokens of `wording.state`.
        tone: how it bears on the case.
    """

    day: float
    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True)
class Account:
    """A story.

    Attributes:
        title: one line.
        facts: the story in short, a sentence or two each.
        entries: the timeline, in order of time.
        start: day from which the column "after" counts.
        asides: what to read next.
    """

    title: str
    facts: Sequence[str]
    entries: Sequence[Entry]
    start: float
    asides: Sequence[str] = field(default=())


def in_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Entries by day; those of one day keep their order."""
    return tuple(sorted(entries, key=lambda entry: entry.day))
