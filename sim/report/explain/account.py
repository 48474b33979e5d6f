"""An account: a title, a few facts, and dated entries; most entries come from tables of sentences."""

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from enum import Enum
from typing import NamedTuple

import numpy as np

from sim.report.explain.events import Events, is_set

#: Makes a sentence of one row of an event table; an empty one is left out.
Sentence = Callable[[Events, np.record], str]


class Tone(Enum):
    """The bearing of an entry on the case; it decides the colour on a terminal."""

    PLAIN = "plain"
    PROGRESS = "progress"
    SETBACK = "setback"
    MILESTONE = "milestone"


@dataclass(frozen=True)
class Entry:
    """Something that happened.

    Attributes:
        day: days since 2022-01-01.
        text: sentences, with states as tokens of `wording.token`.
        tone: how it bears on the case.
    """

    day: float
    text: str
    tone: Tone = Tone.PLAIN


@dataclass(frozen=True)
class Account:
    """The life of a case, a request or a group.

    Attributes:
        title: one line.
        facts: the account in short, a sentence or two each.
        entries: the timeline, in order of time.
        start: day from which the column "day" counts.
        asides: what to read next: options of `comity explain`, a colon, and what they show.
    """

    title: str
    facts: Sequence[str]
    entries: Sequence[Entry]
    start: float
    asides: Sequence[str] = field(default=())


class Dated(NamedTuple):
    """A sentence about a row, dated by one of its columns.

    Attributes:
        day: column that holds the day; the sentence is left out while that day has not come.
        sentence: makes the text.
        tone: how it bears on the case.
    """

    day: str
    sentence: Sentence
    tone: Tone


class RowStory(NamedTuple):
    """Sentences that the rows of an event table give about their subject.

    Attributes:
        table: name of the event table.
        subject: column that holds the row of the case, group or request.
        where: further columns with the values that they must have.
        sentences: in the order in which they are given for each row.
    """

    table: str
    subject: str
    where: Mapping[str, float]
    sentences: Sequence[Dated]


def entries_from(events: Events, stories: Iterable[RowStory], subject: int) -> Iterator[Entry]:
    """Entries about a case, group or request, from tables of sentences."""
    for story in stories:
        for number in events.where(story.table, **{story.subject: subject}, **story.where):
            row = events[story.table][number]
            for column, sentence, tone in story.sentences:
                if is_set(row[column]) and (text := sentence(events, row)):
                    yield Entry(float(row[column]), text, tone)


def in_order(entries: Iterable[Entry]) -> tuple[Entry, ...]:
    """Entries by day; those of one day keep their order."""
    return tuple(sorted(entries, key=lambda entry: entry.day))
