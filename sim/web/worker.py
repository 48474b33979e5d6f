"""What a worker process of the page does: one arm at a time, from pasts on disk."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sim.engine.caching import PASTS, folder
from sim.experiments.run import Failure, FailureStage, Task
from sim.law.vocabulary import CENTRAL_AUTHORITY_CHANNELS
from sim.measures.arrays import Columns, Floats
from sim.world.records import STAGES

if TYPE_CHECKING:
    from sim.measures.outcomes import Measured

#: Breakdowns that the page reads.
TABLES = ("turnaround_by_stage", "turnaround_curve", "country", "pairs")


@dataclass(frozen=True)
class ArmNumbers:
    """What the page shows of one arm."""

    outcomes: dict[str, float]  # value of every outcome by key; NaN where undefined
    curve: Floats  # f8[months] share of requests answered by each of `turnaround.CURVE_MONTHS`
    stages: Floats  # f8[stages] mean days of an answered request in each stage; NaN where none was answered
    country: Columns
    waits: Columns  # the breakdown `pairs`: a row per request through central authorities, and how long it waits


@dataclass(frozen=True, eq=False)
class Errand:
    """What a worker is asked to do."""

    world: str  # name of the world that the seed belongs to; a past is kept under both
    task: Task  # the seed with its scenario; none only to prepare the past


#: What came of an errand; None where only the past was wanted.
Result = ArmNumbers | Failure | None


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
    with suppress(AttributeError, OSError, TypeError):  # the C library would keep the room of largest arms
        ctypes.CDLL(None).malloc_trim(0)
    if made.failures:
        return made.failures[0]
    return numbers_of(made.arms[0].measured)


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
    return replace(errand, task=replace(errand.task, scenarios=()))
