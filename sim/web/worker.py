"""Function of the page's worker processes, which simulates one scenario run at a time."""

from __future__ import annotations

import ctypes
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace

from sim.engine.caching import PASTS, folder
from sim.experiments.run import SPENT, Failure, FailureStage, ScenarioRun, Task, run_replicate, warm_up_of

#: Breakdowns that the page reads; the last one, a row per request, is the largest.
TABLES = ("turnaround_by_stage", "turnaround_curve", "country", "pairs")


@dataclass(frozen=True, eq=False)
class Errand:
    """Task for a worker of the page: the run to simulate, with its seed and policy."""

    world: str  # name of the world that the seed belongs to; a past is kept under both
    task: Task  # the seed with its scenario; none only to prepare the past


#: What came of an errand; None where only the past was wanted.
Result = ScenarioRun | Failure | None


def attempt(function: Callable[[Errand], Result], errand: Errand) -> Result:
    """Calls a function on a task; returns an error instead of raising it."""
    try:
        return function(errand)
    except Exception as error:
        return Failure.of(error, "page", errand.task.seed, "", FailureStage.ARM)


def simulate(errand: Errand) -> Result:
    """Simulates the run of a task; failures of the model are returned as values.

    A past is simulated once and kept on disk, as a baseline is: to read it takes a tenth of the time of an arm, and
    twenty in memory would take more than a gigabyte.
    """
    if not errand.task.scenarios:
        warm_up_of(errand.task)
        return None
    (made,), name = run_replicate(errand.task).results, errand.task.warm_up_name
    if name and not (folder(PASTS) / name).exists():  # a baseline that was kept needs none, but what comes next does
        warm_up_of(errand.task)
    SPENT.clear()  # a page has long pauses, in which nobody needs the room
    with suppress(AttributeError, OSError, TypeError):  # the C library would keep the room of largest arms
        ctypes.CDLL(None).malloc_trim(0)
    if isinstance(made, Failure):
        return made
    found = made.measured  # a baseline that was kept has all breakdowns
    return replace(made, measured=replace(found, breakdowns={name: found.breakdowns[name] for name in TABLES}))
