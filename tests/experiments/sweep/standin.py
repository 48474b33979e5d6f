"""`python -m tests.experiments.sweep.standin sweep …`: the command, with runs that take a moment and need no kernel."""

import hashlib
import sys
import time
from functools import partial

import numpy as np

from sim.experiments.run import Arm, Replicate, Task
from sim.measures.outcomes import OUTCOMES, Measured

MOMENT = 0.03


def instant(task: Task) -> Replicate:
    """Numbers that take no time to make."""
    return Replicate(tuple(_arm(task.seed, entry.key) for entry in task.scenarios))


def _arm(seed: int, key: str) -> Arm:
    words = hashlib.sha256(f"{seed} {key}".encode()).digest()
    values = np.frombuffer(words * (1 + len(OUTCOMES) // 4), dtype=np.uint64)[: len(OUTCOMES)] / 2.0**64
    keys = [outcome.key for outcome in OUTCOMES]
    return Arm(key, Measured(dict(zip(keys, values.tolist(), strict=True)), {}), {})


def momentary(task: Task) -> Replicate:
    """Numbers that are the same for the same run, a moment later."""
    time.sleep(MOMENT * len(task.scenarios))
    return instant(task)


if __name__ == "__main__":
    from sim import cli  # which workers, who read this module as well, can do without
    from sim.experiments import sweep
    from tests.experiments.sweep.standin import momentary as importable  # by a name that workers know

    sweep.sweep = partial(sweep.sweep, evaluate=importable)
    sys.exit(cli.main(sys.argv[1:]))
