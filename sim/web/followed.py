"""A case under today's law and under the policy, from event tables."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np

from sim.experiments.parts import spread
from sim.experiments.run import Task
from sim.law.order import legal_order
from sim.report.explain.cases import case_account
from sim.report.explain.command import cases_worth_reading
from sim.report.explain.events import Events
from sim.report.explain.words import Naming, date
from sim.web.lives import Life, LifeChoice, Lives

_NO_LIFE = "This case does not come about here: the group that leads to it, or the report on it, does not exist."


def case_lives(arms: Sequence[Events], wanted: int) -> Lives:
    """The same case in every arm.

    Args:
        arms: event tables under today's law and under the policy.
        wanted: row of the case in the first arm; the first worth reading where there is no such row.
    """
    first = arms[0]
    named = Naming(first.law.names)
    choices = tuple(LifeChoice(int(row), tuple(map(named, words))) for row, *words in cases_worth_reading(first))
    case = wanted if 0 <= wanted < len(first["case"]) else choices[0].row if choices else -1
    if case < 0:
        return Lives(choices, case, (Life(),) * len(arms))
    keys = [np.flatnonzero(arm["case"]["key"] == first["case"]["key"][case]) for arm in arms]
    none = Life(note=_NO_LIFE)
    lives = (_case_life(arm, int(key[0])) if key.size else none for arm, key in zip(arms, keys, strict=True))
    return Lives(choices, case, tuple(lives))


def events_of(task: Task, tables: dict[str, Any], scenario: str) -> Events:
    """Event tables of an arm, as accounts are made from them."""
    config = {"world": asdict(task.world), "uncertainty": asdict(task.parameters)}
    columns = {name: spread(np.asarray(table)) for name, table in tables.items()}
    records = {name: np.rec.fromarrays(list(parts.values()), names=list(parts)) for name, parts in columns.items()}
    return Events(Path(), scenario, task.seed, 1, records, config, legal_order())


def _case_life(events: Events, row: int) -> Life:
    account, named = case_account(events, row), Naming(events.law.names)
    entries = (
        (date(entry.day), f"{entry.day - account.start:.0f}", named(entry.text), entry.tone.value)
        for entry in account.entries
    )
    return Life(named(account.title), facts=tuple(map(named, account.facts)), entries=tuple(entries))
