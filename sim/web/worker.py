"""What a worker process of the page does: one arm at a time, from pasts that are kept on disk."""

from __future__ import annotations

import ctypes
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sim.experiments.run import Failure, FailureStage, Task
from sim.law.vocabulary import CENTRAL_AUTHORITY_CHANNELS
from sim.measures.arrays import Columns, Floats
from sim.web.lives import Lives, lives_of
from sim.world.records import STAGES

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
        waits: the breakdown `pairs`: a row per request through central authorities, and how long it waits.
    """

    outcomes: dict[str, float]
    curve: Floats
    stages: Floats
    country: Columns
    waits: Columns


@dataclass(frozen=True)
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


def simulate(errand: Errand) -> Result:
    """Does one errand; what goes wrong in the model is a value.

    A past is simulated once and kept on disk: reading it takes a tenth of the time of an arm, and twenty in memory
    would take more than a gigabyte.
    """
    from sim.experiments.run import past_of

    try:
        past = past_of(errand.task)
    except Exception as error:
        return Failure.of(error, "page", errand.task.seed, "", FailureStage.BURN_IN)
    found = _answer(errand, past)
    del past
    _give_back()
    return found


def _give_back() -> None:
    """Gives memory that is free back to the system, where the C library can: it would keep the room of largest arms."""
    with suppress(AttributeError, OSError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def _answer(errand: Errand, past: Simulation) -> Result:
    from sim.experiments.run import Arm, arms_of

    if not errand.task.scenarios:
        return None
    arms = []
    for arm in arms_of(errand.task, past):
        if not isinstance(arm, Arm):
            return arm
        arms.append(arm)
    if errand.follow is None:
        return numbers_of(arms[0].measured)
    try:
        return lives_of(errand.task, [arm.events for arm in arms], errand.follow)
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
    kept = (measured.breakdowns[name] for name in ("country", "pairs"))
    return ArmNumbers(measured.outcomes, curve, mean, *kept)


def only_past(errand: Errand) -> Errand:
    """The errand that only prepares the past of another."""
    return replace(errand, task=replace(errand.task, scenarios=()), follow=None)
