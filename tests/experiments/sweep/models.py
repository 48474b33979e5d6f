"""Stand-ins for the simulation, as picklable functions of a task that take no time.

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
    """Numbers that depend on all settings of a run."""
    changes = [(change.lever.name, change.value) for change in scenario.changes]
    given = repr((task.seed, asdict(task.world), asdict(task.parameters), changes))
    drawn = np.random.default_rng(list(hashlib.sha256(given.encode()).digest())).random(len(OUTCOMES))
    outcomes = dict(zip((outcome.key for outcome in OUTCOMES), drawn.tolist(), strict=True))
    curve = {"year": np.arange(3.0), "share": np.array([outcomes["harm"], 0.5, 0.0])}
    return ScenarioRun(scenario.key, Measured(outcomes, {"takedown_curve": curve}), {})


def quick(task: Task) -> Replicate:
    """Random numbers that depend on the run alone."""
    return Replicate(tuple(_arm(task, scenario) for scenario in task.scenarios))


def fails_at_two(task: Task) -> Replicate:
    """Stand-in in which every run of seed 2 fails while a marker file exists."""
    if task.seed == 2 and Path(os.environ["COMITY_TEST_FAILS"]).exists():
        failures = tuple(
            Failure.of(ValueError("no"), task.block, 2, scenario.key, FailureStage.ARM) for scenario in task.scenarios
        )
        return Replicate(failures)
    return quick(task)
