"""What is followed under today's law and under the policy: a case, or one of its requests, from event tables.

A policy can have the same step asked in another way or of another state. Such a request has another key: it is shown
beside the first, and said to be another one.
"""

from __future__ import annotations

import datetime
from collections.abc import Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np

from sim.experiments.parts import spread
from sim.experiments.run import Task
from sim.law.days import to_day
from sim.law.order import legal_order
from sim.report.explain.cases import case_account
from sim.report.explain.command import cases_worth_reading
from sim.report.explain.events import Events, ended_by
from sim.report.explain.requests import (
    custodian,
    duration,
    ending,
    failures,
    request_account,
    stage_lengths,
    visits_of,
    way,
)
from sim.report.explain.words import Naming, date, days
from sim.results import labels
from sim.web.lives import Follow, Life, LifeChoice, Line, Lives, StageLine
from sim.world.records import NONE, RequestPurpose, RequestStatus, Stage

#: Requests in the list.
_MOST = 12
_FORMAL = (RequestPurpose.CHAIN, RequestPurpose.CORROBORATION, RequestPurpose.ACTION)
_SAME_STEP = "Not the same request: here the same step is asked in another way, or at another time."
_NO_LIFE = "This case does not come about here: the group that leads to it, or the report on it, does not exist."
_NO_CASE = "This request is not made here: the case that needs it does not come about."
_NO_STEP = "This request is not made here: its case does not come to this step, or does without it."


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
        return Lives(choices, case, case, (Life(),) * len(arms))
    keys = [np.flatnonzero(arm["case"]["key"] == first["case"]["key"][case]) for arm in arms]
    none = Life(note=_NO_LIFE)
    lives = (_case_life(arm, int(key[0])) if key.size else none for arm, key in zip(arms, keys, strict=True))
    return Lives(choices, case, case, tuple(lives))


def events_of(task: Task, tables: dict[str, Any], scenario: str) -> Events:
    """Event tables of an arm, as accounts are made from them."""
    config = {"world": asdict(task.world), "uncertainty": asdict(task.parameters)}
    columns = {name: spread(np.asarray(table)) for name, table in tables.items()}
    records = {name: np.rec.fromarrays(list(parts.values()), names=list(parts)) for name, parts in columns.items()}
    return Events(Path(), scenario, task.seed, 1, records, config, legal_order())


def _case_life(events: Events, row: int) -> Life:
    """The account of a case as plain texts."""
    account, named = case_account(events, row), Naming(events.law.names)
    title, facts = named(account.title), tuple(map(named, account.facts))
    return Life(title, facts=facts, entries=plain_entries(account, named))


def plain_entries(account: Any, named: Any) -> tuple[Line, ...]:
    """The entries of an account as plain texts."""
    return tuple(
        (date(entry.day), f"{entry.day - account.start:.0f}", named(entry.text), entry.tone.value)
        for entry in account.entries
    )


class _Twin(NamedTuple):
    """Where a request of the first arm stands in the other.

    Attributes:
        row: its row there; NONE where it is not made.
        note: what is different about it.
    """

    row: int
    note: str


def request_lives(arms: Sequence[Events], follow: Follow) -> Lives:
    """One request in both arms, with others that are worth reading.

    Args:
        arms: event tables under today's law and under the policy.
        follow: the request, and where to choose others from.
    """
    first, other = arms
    case, rows = _scope(first, follow)
    listed = _worth_reading(first, other, rows)
    named = Naming(first.law.names)
    choices = tuple(LifeChoice(row, tuple(map(named, _in_a_line(first, other, row)))) for row in listed)
    wanted = follow.request if follow.request is not None else NONE
    row = wanted if 0 <= wanted < len(first["request"]) else choices[0].row if choices else NONE
    if row < 0:
        return Lives(choices, NONE, case, (Life(), Life()))
    twin = _twin(first, other, row)
    there = _life(other, twin.row, twin.note) if twin.row >= 0 else Life(note=twin.note)
    return Lives(choices, row, int(first["request"].case[row]), (_life(first, row), there))


def _scope(events: Events, follow: Follow) -> tuple[int, np.ndarray]:
    """The case that is followed, and the rows of the requests to choose from.

    They are formal ones to another state, in genuine cases, that had not ended before the policy began.
    """
    request, case = events["request"], NONE
    if follow.states:
        inside = np.isin(request.requesting, follow.states)
    else:
        case = follow.case if 0 <= follow.case < len(events["case"]) else _first_case(events)
        inside = request.case == case
    begin = to_day(datetime.date.fromisoformat(events.config["world"]["policy_start"]))
    formal = np.isin(request.purpose, _FORMAL) & (request.case >= 0) & (request.requesting != request.requested)
    return case, np.flatnonzero(inside & formal & ~(request.ended < begin))


def _first_case(events: Events) -> int:
    """The first case worth reading; NONE where there is none."""
    return next((int(choice.case) for choice in cases_worth_reading(events)), NONE)


def _worth_reading(first: Events, other: Events, rows: np.ndarray) -> list[int]:
    """A few requests: those that end differently in the other arm, then those whose length changes most."""
    here, there = first["request"], other["request"]
    _, mine, theirs = np.intersect1d(here.key[rows], there.key, assume_unique=True, return_indices=True)
    mine = rows[mine]
    lengths = [_lengths(events, chosen) for events, chosen in ((first, mine), (other, theirs))]
    same_end = here.status[mine] == there.status[theirs]
    order = np.lexsort((mine, -lengths[0], -np.abs(lengths[0] - lengths[1]), same_end))
    return [int(row) for row in mine[order][:_MOST]]


def _lengths(events: Events, rows: np.ndarray) -> np.ndarray:
    """Days from the first draft to the end of some requests, or to the end of the run."""
    request = events["request"]
    ended = np.where(np.isfinite(request.ended[rows]), request.ended[rows], events.end)
    return np.asarray(ended - request.drafted[rows])


def _in_a_line(first: Events, other: Events, row: int) -> tuple[str, ...]:
    """Who asks whom for what, and how it ends in each arm."""
    request, twin = first["request"][row], _twin(first, other, row)
    asks = f"{first.state(request.requesting)} asks {custodian(first, row)} by {way(first, row)}"
    there = _end(other, twin.row) if twin.row >= 0 else "not made"
    return asks, f"today: {_end(first, row)}", f"under the policy: {there}"


def _end(events: Events, row: int) -> str:
    """How a request ended, in a clause."""
    if events["request"].status[row] == RequestStatus.EXECUTED:
        return f"executed after {days(duration(events, row))}"
    text = failures(events, [row])[0]
    return text if "day" in text else f"{text}, after {days(duration(events, row))}"


def _twin(first: Events, other: Events, row: int) -> _Twin:
    """The same request in the other arm; where it is not made, the last one for the same step of the same trail."""
    request = first["request"][row]
    same = other.where("request", key=request.key)
    if same.size:
        return _Twin(int(same[0]), "")
    cases = other.where("case", key=first["case"].key[request.case]) if request.case >= 0 else same
    if not cases.size:
        return _Twin(NONE, _NO_CASE if request.case >= 0 else _NO_STEP)
    chains = other.where("chain", key=first["chain"].key[request.chain]) if request.chain >= 0 else same
    if chains.size:
        step = other.where("request", chain=int(chains[0]), hop=request.hop, purpose=request.purpose)
        if step.size:
            return _Twin(int(step[-1]), _SAME_STEP)
    return _Twin(NONE, _NO_STEP)


def _life(events: Events, row: int, note: str = "") -> Life:
    """A request as plain texts."""
    account, named = request_account(events, row), Naming(events.law.names)
    title, end = named(account.title), ending(events, row)
    words = f"{date(end.day)}: {named(end.text).removeprefix('The end: ')}"
    stages = tuple(_stages(events, row, named))
    return Life(title, note, words, stages, tuple(map(named, account.facts)), plain_entries(account, named))


def _stages(events: Events, row: int, named: Naming) -> Iterator[StageLine]:
    """The stages of a request, in their order.

    Stages follow each other, so each begins when those before it are over. A request that was returned enters some
    stages again; of those after the first reading, only arrivals at desks are known then.
    """
    request, visits = events["request"][row], visits_of(events, row)
    last, at = ended_by(request.ended, events.end), float(request.drafted)
    for stage, spent in sorted(stage_lengths(events, row).items()):
        seen = [visit for visit in visits if visit.stage is stage]
        since, at = f"from {date(at)}", at + spent
        if request.loops and stage > Stage.INCOMING_TRIAGE:
            since = f"from {date(seen[0].arrived)}" if seen else ""
        waited = sum(max(ended_by(visit.started, last) - visit.arrived, 0.0) for visit in seen)
        desks = ", ".join(dict.fromkeys(f"{labels.DESKS[one.kind]} {events.state(one.state)}" for one in seen))
        waiting = f"{days(waited)} of it waiting for a person" if waited >= 1.0 else ""
        title, words = labels.STAGES[stage], "; ".join(part for part in (since, desks, waiting) if part)
        yield StageLine(stage, f"{title[0].upper()}{title[1:]}", spent, named(words))
