"""Runs that take no time or no processor: a module of its own, so that workers have little to read."""

import hashlib
import time
from functools import cache

import numpy as np

from sim.experiments.run import Arm, Replicate, Task
from sim.measures.outcomes import OUTCOMES, Measured

#: Seconds of a run that sleeps: about what a run of the default world takes.
NAP = 0.4


def instant(task: Task) -> Replicate:
    """Numbers that take no time to make."""
    return Replicate(tuple(_arm(task.seed, entry.key) for entry in task.scenarios))


def napping(task: Task) -> Replicate:
    """A run that takes its time and no processor."""
    time.sleep(NAP * len(task.scenarios))
    return instant(task)


def _arm(seed: int, key: str) -> Arm:
    words = hashlib.sha256(f"{seed} {key}".encode()).digest()
    values = np.frombuffer(words * (1 + len(OUTCOMES) // 4), dtype=np.uint64)[: len(OUTCOMES)] / 2.0**64
    return Arm(key, Measured(dict(zip(_keys(), values.tolist(), strict=True)), {}), {})


@cache
def _keys() -> tuple[str, ...]:
    return tuple(outcome.key for outcome in OUTCOMES)
