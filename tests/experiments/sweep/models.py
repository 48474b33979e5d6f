"""Models that take no time: functions of a task that stand in for the simulation, and can be sent to workers.

A module of its own, so that workers have little to read.
"""

import hashlib
import os
from dataclasses import asdict
from pathlib import Path

import numpy as np

from sim.experiments.run import Failure, FailureStage, Replicate, ScenarioRun, Task
from sim.measures.outcomes import OUTCOMES, Measured
from sim.policy.scenario import Scenario


def _arm(task: Task, scenario: Scenario) -> ScenarioRun:
    """Numbers that depend on all that a run depends on."""
    changes = [(change.lever.name, change.value) for change in scenario.changes]
    given = repr((task.seed, asdict(task.world), asdict(task.parameters), changes))
    drawn = np.random.default_rng(list(hashlib.sha256(given.encode()).digest())).random(len(OUTCOMES))
    outcomes = dict(zip((outcome.key for outcome in OUTCOMES), drawn.tolist(), strict=True))
    curve = {"year": np.arange(3.0), "share": np.array([outcomes["harm"], 0.5, 0.0])}
    return ScenarioRun(scenario.key, Measured(outcomes, {"takedown_curve": curve}), {})


def quick(task: Task) -> Replicate:
    """Random numbers that are the same for the same run."""
    return Replicate(tuple(_arm(task, scenario) for scenario in task.scenarios))


def fails_at_two(task: Task) -> Replicate:
    """Every run of seed 2 fails, while a file says so."""
    if task.seed == 2 and Path(os.environ["COMITY_TEST_FAILS"]).exists():
        failures = tuple(
            Failure.of(ValueError("no"), task.block, 2, scenario.key, FailureStage.ARM) for scenario in task.scenarios
        )
        return Replicate(failures)
    return quick(task)
