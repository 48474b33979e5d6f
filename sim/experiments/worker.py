"""What a worker does: runs a batch of units and hands back one row a run.

Outcomes travel back as numbers. Larger tables are written by the worker under the folder of pending files; the parent
gives them their place, so a worker whose parent has died can leave nothing that looks like a result.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from time import perf_counter
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import numpy.typing as npt

from sim.experiments.design import Task
from sim.experiments.failures import DISK_FULL, Failure, FailureStage
from sim.experiments.kept import peak_memory
from sim.experiments.plan import Arm, Ground, Unit
from sim.experiments.runner import Replicate, run_replicate
from sim.measures.outcomes import OUTCOMES

if TYPE_CHECKING:
    from collections.abc import Iterator

Batch = tuple[Unit, ...]


class Lost(NamedTuple):
    """A run that failed."""

    number: int
    failure: Failure


@dataclass(frozen=True)
class Made:
    """What came of a batch.

    Attributes:
        numbers: runs that succeeded, by number.
        outcomes: their outcomes, one row a run, in the order of the registry.
        lost: runs that failed.
        pending: tables written by the worker: (name of the table, file).
        seconds: working time.
        peak_memory: largest resident memory of the worker so far, bytes.
    """

    numbers: npt.NDArray[np.int64]
    outcomes: npt.NDArray[np.float64]
    lost: tuple[Lost, ...]
    pending: tuple[tuple[str, Path], ...]
    seconds: float
    peak_memory: int


@dataclass(frozen=True)
class Worker:
    """The function that executors carry out.

    Attributes:
        ground: what every run starts from.
        pending: folder for files that the parent has not taken over yet.
        breakdowns: tables that are kept beside the outcomes.
        identities: tells the id of a run; tables bear it.
        evaluate: simulates and measures one task.
    """

    ground: Ground
    pending: Path
    breakdowns: tuple[str, ...]
    identities: Identities
    evaluate: Callable[[Task], Replicate] = run_replicate

    def __call__(self, batch: Batch) -> Made:
        """Runs every unit of a batch."""
        begun = perf_counter()
        made = [(unit, self._replicate(unit)) for unit in batch]
        numbers = [int(arm.scenario) for _, replicate in made for arm in replicate.arms]
        outcomes = np.empty((len(numbers), len(OUTCOMES)))
        for place, arm in enumerate(arm for _, replicate in made for arm in replicate.arms):
            outcomes[place] = [arm.measured.outcomes[outcome.key] for outcome in OUTCOMES]
        lost = tuple(entry for unit, replicate in made for entry in _lost(unit, replicate))
        files = tuple(self._write(made))
        seconds = perf_counter() - begun
        return Made(np.array(numbers, dtype=np.int64), outcomes, lost, files, seconds, peak_memory())

    def _replicate(self, unit: Unit) -> Replicate:
        """One unit; whatever goes wrong is a failure of its runs."""
        try:
            return self.evaluate(self.ground.task(unit))
        except Exception as error:
            if isinstance(error, OSError) and error.errno in DISK_FULL:
                raise
            failure = Failure.of(error, "sweep", unit.seed, "", FailureStage.BURN_IN)
            return Replicate("sweep", unit.seed, (), (failure,))

    def _write(self, made: Sequence[tuple[Unit, Replicate]]) -> Iterator[tuple[str, Path]]:
        """Breakdowns and events of a batch, one file a table."""
        if not (self.breakdowns or self.ground.events):
            return
        from sim.experiments.tables import written_tables

        known = {arm.number: arm for unit, _ in made for arm in unit.arms}
        arms = [
            (self.identities.keys(self.ground, unit.seed, known[int(arm.scenario)]), arm)
            for unit, replicate in made
            for arm in replicate.arms
        ]
        if arms:
            stem = f"{os.getpid()}-{arms[0][1].scenario}"
            yield from written_tables(arms, self.breakdowns, self.pending, stem)


@dataclass(frozen=True)
class Identities:
    """Tells the id of a run from all that it depends on.

    Attributes:
        study: hash of configuration, inputs and code.
    """

    study: str

    def identity(self, ground: Ground, seed: int, arm: Arm) -> str:
        """Sixteen hexadecimal digits."""
        from hashlib import sha256

        levels = [f"{axis.key}={level.label!r}" for axis, level in zip(ground.axes, arm.levels, strict=True)]
        told = "\n".join((self.study, ground.scenario_key(arm), str(seed), *levels))
        return sha256(told.encode()).hexdigest()[:16]

    def keys(self, ground: Ground, seed: int, arm: Arm) -> dict[str, str | int]:
        """What a row of a table bears in front."""
        return {
            "run": self.identity(ground, seed, arm),
            "point": arm.point,
            "scenario": ground.scenario_key(arm),
            "seed": seed,
        }


def singles(batch: Batch) -> list[Batch]:
    """A batch taken apart into single runs, to find the one that kills its worker."""
    return [(Unit(unit.seed, (arm,)),) for unit in batch for arm in unit.arms]


def _lost(unit: Unit, replicate: Replicate) -> Iterator[Lost]:
    """Failures by run; one that names no run is a failure of all runs of its unit."""
    for failure in replicate.failures:
        if failure.scenario:
            yield Lost(int(failure.scenario), failure)
        else:
            yield from map(partial(_lost_arm, failure), unit.arms)


def _lost_arm(failure: Failure, arm: Arm) -> Lost:
    return Lost(arm.number, failure)
