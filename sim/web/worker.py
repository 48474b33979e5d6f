"""What a worker process of the page does: one arm at a time, from pasts that it keeps."""

from __future__ import annotations

import re
from collections import OrderedDict
from collections.abc import Callable
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.experiments.run import Failure, FailureStage, Task
from sim.law.vocabulary import CENTRAL_AUTHORITY_CHANNELS
from sim.measures.arrays import Columns, Floats
from sim.world.records import STAGES

#: Number of a request or of another case in a text.
_ROWS = re.compile(r" ?\[?\b(?:request|case|group) \d+\]?")

if TYPE_CHECKING:
    from sim.measures.outcomes import Measured
    from sim.simulate import Simulation


@dataclass(frozen=True)
class ArmNumbers:
    """What the page shows of one arm.

    Attributes:
        outcomes: value of every outcome by key; NaN where undefined.
        curve: f8[months] share of requests answered by each of `turnaround.CURVE_MONTHS`.
        stages: f8[stages] mean days of an answered request in each stage; NaN where none was answered.
        country: the breakdown `country`.
    """

    outcomes: dict[str, float]
    curve: Floats
    stages: Floats
    country: Columns


@dataclass(frozen=True)
class CaseLine:
    """A case in a list of cases worth reading.

    Attributes:
        case: its row.
        words: unit, day, length, and why it is worth reading.
    """

    case: int
    words: tuple[str, ...]


@dataclass(frozen=True)
class CaseLife:
    """The life of one case in one arm; no entries where it does not come about there.

    Attributes:
        title: one line.
        facts: the life in short.
        entries: day, days since it was opened, what happened, and how that bears on the case.
    """

    title: str = ""
    facts: tuple[str, ...] = ()
    entries: tuple[tuple[str, str, str, str], ...] = ()


@dataclass(frozen=True)
class CaseLives:
    """One case before and after.

    Attributes:
        choices: cases of the first arm that are worth reading.
        case: row of the case that is shown, in the first arm; −1 where there is none.
        rows: number of cases of the first arm.
        lives: its life in each arm.
    """

    choices: tuple[CaseLine, ...]
    case: int
    rows: int
    lives: tuple[CaseLife, ...]

    @property
    def apart(self) -> tuple[tuple[bool, ...], ...]:
        """For each life and entry, whether the other life lacks it; numbers of rows differ between arms by nature."""
        said = [[(entry[0], _ROWS.sub("", entry[2])) for entry in life.entries] for life in self.lives]
        return tuple(tuple(line not in said[1 - place] for line in lines) for place, lines in enumerate(said))


@dataclass(frozen=True)
class Errand:
    """What a worker is asked to do.

    Attributes:
        world: name of the world that the seed belongs to; a past is kept under both.
        task: the seed with its scenarios; none only to prepare the past.
        case: row of the case whose life is wanted under each scenario, −1 for the first worth reading; None for numbers
            of the one scenario.
    """

    world: str
    task: Task
    case: int | None = None


@dataclass(frozen=True)
class Reply:
    """What came of an errand.

    Attributes:
        result: numbers, lives, a failure, or None where only the past was wanted.
        warm: pasts that the worker now has, by world and seed.
    """

    result: ArmNumbers | CaseLives | Failure | None
    warm: frozenset[tuple[str, int]] = frozenset()


@dataclass
class Simulating:
    """The function of a worker: keeps the pasts that were used last, as many as its memory allows.

    Attributes:
        memory: bytes that pasts may take.
    """

    memory: int
    _pasts: OrderedDict[tuple[str, int], tuple[Simulation, int]] = field(default_factory=OrderedDict)

    def __call__(self, errand: Errand) -> Reply:
        """Does one errand; what goes wrong in the model is a value."""
        try:
            past = self._past(errand)
        except Exception as error:
            result = Failure.of(error, "page", errand.task.seed, "", FailureStage.BURN_IN)
            return Reply(result, frozenset(self._pasts))
        return Reply(_answer(errand, past), frozenset(self._pasts))

    def _past(self, errand: Errand) -> Simulation:
        """The past of a seed, simulated where it is not kept."""
        from sim.experiments.run import past_of

        key = (errand.world, errand.task.seed)
        if key not in self._pasts:
            past = past_of(errand.task)
            self._pasts[key] = (past, _bytes(past))
            while sum(size for _, size in self._pasts.values()) > self.memory and len(self._pasts) > 1:
                self._pasts.popitem(last=False)
        self._pasts.move_to_end(key)
        return self._pasts[key][0]


def _bytes(past: Simulation) -> int:
    """Memory of a world's tables."""
    return sum(table.nbytes for table in past.world if isinstance(table, np.ndarray))


def _answer(errand: Errand, past: Simulation) -> ArmNumbers | CaseLives | Failure | None:
    """Numbers of the scenario, or lives of a case under each."""
    from sim.experiments.run import Arm, arms_of

    if not errand.task.scenarios:
        return None
    arms = []
    for arm in arms_of(errand.task, past):
        if not isinstance(arm, Arm):
            return arm
        arms.append(arm)
    if errand.case is None:
        return numbers_of(arms[0].measured)
    try:
        return _lives(errand.task, errand.case, [arm.events for arm in arms])
    except Exception as error:
        return Failure.of(error, "page", errand.task.seed, arms[-1].scenario, FailureStage.MEASURE)


def numbers_of(measured: Measured) -> ArmNumbers:
    """What the page shows of an arm."""
    stages = measured.breakdowns["turnaround_by_stage"]
    asked = np.isin(stages["channel"], CENTRAL_AUTHORITY_CHANNELS)
    days = np.bincount(stages["stage"][asked] - 1, (stages["days"] * stages["answers"])[asked], STAGES)
    answers = np.bincount(stages["stage"][asked] - 1, stages["answers"][asked], STAGES)
    mean = np.divide(days, answers, out=np.full(STAGES, np.nan), where=answers > 0)
    curve = measured.breakdowns["turnaround_curve"]["answered"]
    return ArmNumbers(measured.outcomes, curve, mean, measured.breakdowns["country"])


def _lives(task: Task, wanted: int, tables: list[dict[str, Any]]) -> CaseLives:
    """The same case in every arm: it is the same where the key is, from which its random draws are made."""
    from sim.report.explain.command import cases_worth_reading
    from sim.report.explain.wording import Naming

    arms = [_events(task, arm, scenario.key) for arm, scenario in zip(tables, task.scenarios, strict=True)]
    first = arms[0]
    named = Naming(first.law.names)
    found = cases_worth_reading(first)
    choices = tuple(CaseLine(int(choice.case), tuple(map(named, choice[1:]))) for choice in found)
    rows = len(first["case"])
    case = wanted if 0 <= wanted < rows else choices[0].case if choices else -1
    if case < 0:
        return CaseLives(choices, case, rows, (CaseLife(),) * len(arms))
    keys = [np.flatnonzero(arm["case"]["key"] == first["case"]["key"][case]) for arm in arms]
    lives = tuple(_life(arm, int(key[0])) if key.size else CaseLife() for arm, key in zip(arms, keys, strict=True))
    return CaseLives(choices, case, rows, lives)


def _events(task: Task, tables: dict[str, Any], scenario: str) -> Any:
    """Event tables of an arm, as accounts are made from them."""
    from sim.experiments.parts import spread
    from sim.law.order import legal_order
    from sim.report.explain.events import Events

    config = {"world": asdict(task.world), "uncertainty": asdict(task.parameters)}
    columns = {name: spread(np.asarray(table)) for name, table in tables.items()}
    records = {name: np.rec.fromarrays(list(parts.values()), names=list(parts)) for name, parts in columns.items()}
    return Events(Path(), scenario, task.seed, 1, records, config, legal_order())


def _life(events: Any, row: int) -> CaseLife:
    """The account of a case as plain texts."""
    from sim.report.explain.cases import case_account
    from sim.report.explain.wording import Naming, date

    account, named = case_account(events, row), Naming(events.law.names)
    title, facts = named(account.title), tuple(map(named, account.facts))
    entries = tuple(
        (date(entry.day), f"{entry.day - account.start:.0f}", named(entry.text), entry.tone.value)
        for entry in account.entries
    )
    return CaseLife(title, facts, entries)


Evaluate = Callable[[Errand], Reply]


def only_past(errand: Errand) -> Errand:
    """The errand that only prepares the past of another."""
    return replace(errand, task=replace(errand.task, scenarios=()), case=None)
