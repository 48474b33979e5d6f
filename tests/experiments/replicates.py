"""Stand-ins for results of runs: random tables that depend on seed and scenario only."""

import ctypes
from functools import cache

from sim.experiments.run import Replicate, ScenarioRun, Task
from sim.measures.observation import Observation
from sim.measures.outcomes import Measured, measure
from sim.world.records import GROWING
from tests.measures.worlds import random_arm

#: How much faster than the baseline each scenario is.
SPEED = {"faster_mlat": 1.5, "harmonised_and_faster": 1.6, "instant_courts": 6.0}
SPEED |= {"no_cooperation": 0.4, "full_cooperation": 8.0}


def fake_replicate(task: Task) -> Replicate:
    """A stand-in for the result of `run_replicate`, from random tables."""
    arms = []
    for scenario in task.scenarios:
        speed = SPEED.get(scenario.key, 1.0)
        tables = _seen(task.seed, speed).tables if task.events else {}
        events = {name: rows for name, rows in tables.items() if name in GROWING}
        arms.append(ScenarioRun(scenario.key, _measured(task.seed, speed), events))
    return Replicate(tuple(arms))


def _seen(seed: int, speed: float) -> Observation:
    return random_arm(seed, requests=600, jobs=1_000, groups=80, faster=speed)


@cache
def _measured(seed: int, speed: float) -> Measured:
    """Measured outcomes of a seed, cached because many tests use the same seeds."""
    return measure(_seen(seed, speed))


def faulty_replicate(task: Task) -> Replicate:
    """Stand-in that crashes its process for seed 2 under `faster_mlat`, by reading address 0."""
    if task.seed == 2 and any(scenario.key == "faster_mlat" for scenario in task.scenarios):
        ctypes.string_at(0)
    return fake_replicate(task)
