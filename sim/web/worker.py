"""What a worker process of the page does: one arm at a time, from pasts on disk, or the life of a case in two arms.

Lives travel to the page as plain texts. What is the same in both arms has the same key, from which its random draws are
made.
"""

from __future__ import annotations

import ctypes
import re
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from sim.engine.caching import PASTS, folder
from sim.experiments.run import Failure, FailureStage, Task
from sim.law.vocabulary import CENTRAL_AUTHORITY_CHANNELS
from sim.measures.arrays import Columns, Floats, Table
from sim.world.records import STAGES

if TYPE_CHECKING:
    from sim.measures.outcomes import Measured
    from sim.report.explain.events import Events

#: Breakdowns that the page reads.
TABLES = ("turnaround_by_stage", "turnaround_curve", "country", "pairs")
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
    """The life of a case in one arm; no entries where it does not come about there."""

    title: str = ""
    note: str = ""
    facts: tuple[str, ...] = ()
    entries: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Lives:
    """One case, before and after.

    Attributes:
        row: of the one that is shown, in the first arm; −1 where there is none.
    """

    choices: tuple[LifeChoice, ...]
    row: int
    lives: tuple[Life, ...]

    @property
    def apart(self) -> tuple[tuple[bool, ...], ...]:
        """For each life and entry, whether the other life lacks it; numbers of rows differ between arms by nature."""
        said = [[(entry[0], _ROWS.sub("", entry[2])) for entry in life.entries] for life in self.lives]
        return tuple(tuple(line not in said[1 - place] for line in lines) for place, lines in enumerate(said))


@dataclass(frozen=True)
class ArmNumbers:
    """What the page shows of one arm.

    Attributes:
        outcomes: value of every outcome by key; NaN where undefined.
        curve: f8[months] share of requests answered by each of `turnaround.CURVE_MONTHS`.
        stages: f8[stages] mean days of an answered request in each stage; NaN where none was answered.
        waits: the breakdown `pairs`: a row per request through central authorities, and how long it waits.
    """

    outcomes: dict[str, float]
    curve: Floats
    stages: Floats
    country: Columns
    waits: Columns


@dataclass(frozen=True, eq=False)
class Errand:
    """What a worker is asked to do.

    Attributes:
        world: name of the world that the seed belongs to; a past is kept under both.
        task: the seed with its scenarios; none only to prepare the past.
        follow: row of the case whose life is wanted under each scenario, −1 for the first worth reading; None for
            numbers of the one scenario.
    """

    world: str
    task: Task
    follow: int | None = None


#: What came of an errand; None where only the past was wanted.
Result = ArmNumbers | Lives | Failure | None


def attempt(function: Callable[[Errand], Result], errand: Errand) -> Result:
    """Does an errand; an error is a value."""
    try:
        return function(errand)
    except Exception as error:
        return Failure.of(error, "page", errand.task.seed, "", FailureStage.ARM)


def simulate(errand: Errand) -> Result:
    """Does one errand; what goes wrong in the model is a value.

    A past is simulated once and kept on disk, as a baseline is: to read it takes a tenth of the time of an arm, and
    twenty in memory would take more than a gigabyte.
    """
    from sim.experiments.run import past_of, run_replicate

    if not errand.task.scenarios:
        past_of(errand.task)
        return None
    made, name = run_replicate(errand.task), errand.task.past_name
    if name and not (folder(PASTS) / name).exists():  # a baseline that was kept needs none, but what comes next does
        past_of(errand.task)
    _give_back()
    if made.failures:
        return made.failures[0]
    if errand.follow is None:
        return numbers_of(made.arms[0].measured)
    return lives_of(errand.task, [arm.events for arm in made.arms], errand.follow)


def _give_back() -> None:
    """Gives memory that is free back to the system, where the C library can: it would keep the room of largest arms."""
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def numbers_of(measured: Measured) -> ArmNumbers:
    """What the page shows of an arm."""
    stages = measured.breakdowns["turnaround_by_stage"]
    asked = np.isin(stages["channel"], CENTRAL_AUTHORITY_CHANNELS)
    days = np.bincount(stages["stage"][asked] - 1, (stages["days"] * stages["answers"])[asked], STAGES)
    answers = np.bincount(stages["stage"][asked] - 1, stages["answers"][asked], STAGES)
    mean = np.divide(days, answers, out=np.full(STAGES, np.nan), where=answers > 0)
    curve = measured.breakdowns["turnaround_curve"]["answered"]
    kept = (measured.breakdowns[name] for name in TABLES[2:])
    return ArmNumbers(measured.outcomes, curve, mean, *kept)


def only_past(errand: Errand) -> Errand:
    """The errand that only prepares the past of another."""
    return replace(errand, task=replace(errand.task, scenarios=()), follow=None)


def lives_of(task: Task, tables: Sequence[dict[str, Table]], wanted: int) -> Lives:
    """The same case in every arm of a task: that of a row of the first arm, or the first worth reading."""
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
