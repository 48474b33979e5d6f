"""The command with short stand-in runs: `python -m tests.experiments.sweep.standin sweep …`."""

import sys
import time
from functools import partial

from sim.experiments.run import Replicate, Task
from tests.experiments.sweep.models import quick

MOMENT = 0.03


def momentary(task: Task) -> Replicate:
    """Numbers that depend on the run alone, after a short delay."""
    time.sleep(MOMENT * len(task.scenarios))
    return quick(task)


if __name__ == "__main__":
    from sim import cli  # which workers, who read this module as well, can do without
    from sim.experiments import sweep
    from tests.experiments.sweep.standin import momentary as importable  # by a name that workers know

    sweep.sweep = partial(sweep.sweep, evaluate=importable)
    sys.exit(cli.main(sys.argv[1:]))
