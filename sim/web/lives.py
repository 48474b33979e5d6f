"""The life of one case under today's law beside the same case under the policy, as plain texts from event tables.

They travel from a worker to the page. What is the same in both arms has the same key, from which its random draws are
made.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.experiments.run import Task
from sim.measures.arrays import Table

if TYPE_CHECKING:
    from sim.report.explain.events import Events

_NO_LIFE = "This case does not come about here: the group that leads to it, or the report on it, does not exist."
#: Number of a request or of another case in a text.
_ROWS = re.compile(r" ?\[?\b(?:request|case|group) \d+\]?")
#: Date, days since the beginning, what happened, and how that bears on it.
Line = tuple[str, str, str, str]


class LifeChoice(NamedTuple):
    """A case in a list of those worth reading: its row in the first arm, and what is worth knowing."""

    row: int
    words: tuple[str, ...]


@dataclass(frozen=True)
class Life:
    """The life of a case in one arm; no entries where it does not come about there.

    Attributes:
        title: one line.
        note: why it does not come about.
        facts: the life in short.
        entries: what happened, in order of time.
    """

    title: str = ""
    note: str = ""
    facts: tuple[str, ...] = ()
    entries: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Lives:
    """One case, before and after.

    Attributes:
        choices: cases of the first arm that are worth reading.
        row: of the one that is shown, in the first arm; −1 where there is none.
        lives: its life in each arm.
    """

    choices: tuple[LifeChoice, ...]
    row: int
    lives: tuple[Life, ...]

    @property
    def apart(self) -> tuple[tuple[bool, ...], ...]:
        """For each life and entry, whether the other life lacks it; numbers of rows differ between arms by nature."""
        said = [[(entry[0], _ROWS.sub("", entry[2])) for entry in life.entries] for life in self.lives]
        return tuple(tuple(line not in said[1 - place] for line in lines) for place, lines in enumerate(said))


def lives_of(task: Task, tables: Sequence[dict[str, Table]], wanted: int) -> Lives:
    """The same case in every arm of a task.

    Args:
        task: one seed under today's law and under the policy.
        tables: event tables of each arm.
        wanted: row of the case in the first arm; the first worth reading where there is no such row.
    """
    from sim.experiments.parts import spread
    from sim.law.order import legal_order
    from sim.report.explain.command import cases_worth_reading
    from sim.report.explain.events import Events
    from sim.report.explain.words import Naming

    config, law = {"world": asdict(task.world), "uncertainty": asdict(task.parameters)}, legal_order()
    arms = []
    for scenario, own in zip(task.scenarios, tables, strict=True):
        columns = {name: spread(np.asarray(table)) for name, table in own.items()}
        records = {name: np.rec.fromarrays(list(parts.values()), names=list(parts)) for name, parts in columns.items()}
        arms.append(Events(Path(), scenario.key, task.seed, 1, records, config, law))
    first, named = arms[0], Naming(law.names)
    choices = tuple(LifeChoice(int(row), tuple(map(named, words))) for row, *words in cases_worth_reading(first))
    case = wanted if 0 <= wanted < len(first["case"]) else choices[0].row if choices else -1
    if case < 0:
        return Lives(choices, case, (Life(),) * len(arms))
    keys = [np.flatnonzero(arm["case"]["key"] == first["case"]["key"][case]) for arm in arms]
    none = Life(note=_NO_LIFE)
    lives = (_life(arm, int(key[0])) if key.size else none for arm, key in zip(arms, keys, strict=True))
    return Lives(choices, case, tuple(lives))


def _life(events: Events, row: int) -> Life:
    from sim.report.explain.cases import case_account
    from sim.report.explain.words import Naming, date

    account, named = case_account(events, row), Naming(events.law.names)
    entries = (
        (date(entry.day), f"{entry.day - account.start:.0f}", named(entry.text), entry.tone.value)
        for entry in account.entries
    )
    return Life(named(account.title), facts=tuple(map(named, account.facts)), entries=tuple(entries))
