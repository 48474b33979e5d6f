"""The life of one case, or of one request, under today's law beside the same one under the policy.

What is the same in both arms has the same key, from which its random draws are made. Sentences come from
`sim.report.explain`; here they become plain texts that travel from a worker to the page.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.experiments.run import Task

if TYPE_CHECKING:
    from sim.report.explain.events import Events

#: Number of a request or of another case in a text.
_ROWS = re.compile(r" ?\[?\b(?:request|case|group) \d+\]?")
#: Date, days since the beginning, what happened, and how that bears on it.
Line = tuple[str, str, str, str]


@dataclass(frozen=True)
class Follow:
    """What is to be followed: a case, or one of its requests, or one of a state's.

    Attributes:
        case: row of the case in the first arm; −1 for the first worth reading.
        request: row of the request; −1 for the first worth reading; None where the case itself is followed.
        states: rows of the states among whose requests one is chosen; none for those of the case.
    """

    case: int = -1
    request: int | None = None
    states: tuple[int, ...] = ()


@dataclass(frozen=True)
class LifeChoice:
    """A case or a request in a list of those worth reading.

    Attributes:
        row: its row in the first arm.
        words: what is worth knowing before it is read.
    """

    row: int
    words: tuple[str, ...]


@dataclass(frozen=True)
class StageLine:
    """A stage of a request.

    Attributes:
        stage: its number, which is its place in the order.
        title: of the stage.
        days: spent in it.
        words: from when, at which desk, and how long it waited there.
    """

    stage: int
    title: str
    days: float
    words: str


@dataclass(frozen=True)
class Life:
    """The life of a case or of a request in one arm; no entries where it does not come about there.

    Attributes:
        title: one line.
        note: what is different about it in this arm; why it does not come about.
        end: how a request ended and why, with the day; empty for a case.
        stages: of a request.
        facts: the life in short.
        entries: what happened, in order of time.
    """

    title: str = ""
    note: str = ""
    end: str = ""
    stages: tuple[StageLine, ...] = ()
    facts: tuple[str, ...] = ()
    entries: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Lives:
    """One case, or one request, before and after.

    Attributes:
        choices: cases or requests of the first arm that are worth reading.
        row: of the one that is shown, in the first arm; −1 where there is none.
        case: row of the case that is followed, or to which the request belongs; −1 where there is none.
        lives: its life in each arm.
    """

    choices: tuple[LifeChoice, ...]
    row: int
    case: int
    lives: tuple[Life, ...]

    @property
    def apart(self) -> tuple[tuple[bool, ...], ...]:
        """For each life and entry, whether the other life lacks it; numbers of rows differ between arms by nature."""
        said = [[(entry[0], _ROWS.sub("", entry[2])) for entry in life.entries] for life in self.lives]
        return tuple(tuple(line not in said[1 - place] for line in lines) for place, lines in enumerate(said))


def case_lives(arms: Sequence[Events], wanted: int) -> Lives:
    """The same case in every arm.

    Args:
        arms: event tables under today's law and under the policy.
        wanted: row of the case in the first arm; the first worth reading where there is no such row.
    """
    from sim.report.explain.words import Naming

    first = arms[0]
    named = Naming(first.law.names)
    found = worth_reading(first)
    choices = tuple(LifeChoice(int(choice[0]), tuple(map(named, choice[1:]))) for choice in found)
    case = wanted if 0 <= wanted < len(first["case"]) else choices[0].row if choices else -1
    if case < 0:
        return Lives(choices, case, case, (Life(),) * len(arms))
    keys = [np.flatnonzero(arm["case"]["key"] == first["case"]["key"][case]) for arm in arms]
    lives = (_case_life(arm, int(key[0])) if key.size else Life() for arm, key in zip(arms, keys, strict=True))
    return Lives(choices, case, case, tuple(lives))


def worth_reading(events: Events) -> list[tuple[str, ...]]:
    """Cases worth reading: row, and words."""
    from sim.report.explain.command import cases_worth_reading

    return [tuple(choice) for choice in cases_worth_reading(events)]


def events_of(task: Task, tables: dict[str, Any], scenario: str) -> Events:
    """Event tables of an arm, as accounts are made from them."""
    from sim.experiments.parts import spread
    from sim.law.order import legal_order
    from sim.report.explain.events import Events

    config = {"world": asdict(task.world), "uncertainty": asdict(task.parameters)}
    columns = {name: spread(np.asarray(table)) for name, table in tables.items()}
    records = {name: np.rec.fromarrays(list(parts.values()), names=list(parts)) for name, parts in columns.items()}
    return Events(Path(), scenario, task.seed, 1, records, config, legal_order())


def _case_life(events: Events, row: int) -> Life:
    """The account of a case as plain texts."""
    from sim.report.explain.cases import case_account
    from sim.report.explain.words import Naming

    account, named = case_account(events, row), Naming(events.law.names)
    title, facts = named(account.title), tuple(map(named, account.facts))
    return Life(title, facts=facts, entries=plain_entries(account, named))


def plain_entries(account: Any, named: Any) -> tuple[Line, ...]:
    """The entries of an account as plain texts."""
    from sim.report.explain.words import date

    return tuple(
        (date(entry.day), f"{entry.day - account.start:.0f}", named(entry.text), entry.tone.value)
        for entry in account.entries
    )
