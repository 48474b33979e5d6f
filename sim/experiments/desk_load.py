"""Measures the load of followed files at desks: `python -m sim.experiments.desk_load` writes sim/data/desk_load.csv.

The load of a desk is found from its target wait (sim/world/loads.py); how much of it the followed files are must be
known to know how much other work there is. It is measured over the policy years of a few default worlds under the law
as it is; a second pass, with the first pass's table in place, lets load and waits agree.
"""

from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sim.data.geography import CrimeGeography
from sim.data.spreadsheet import write_rows
from sim.law.order import legal_order
from sim.policy.timeline import Timeline
from sim.simulate import start
from sim.world.liaison import places_of_desks
from sim.world.parameters import Parameters, WorldSpec
from sim.world.records import RequestPurpose, RequestStatus
from sim.world.world import World, records

SEEDS = range(4)


def hours_per_day(world: World, since: float, until: float) -> npt.NDArray[np.float64]:
    """Touch-hours a day of followed files that reached each desk between two days, float64 [desk]."""
    return _a_day(world, "touch_hours", since, until)


def _a_day(world: World, field: str, since: float, until: float) -> npt.NDArray[np.float64]:
    """Sum of a field over the followed files that reached each desk, a day, float64 [desk]; their number for ""."""
    jobs = records(world, "job")
    own = jobs[(jobs["arrived"] >= since) & (jobs["arrived"] < until)]
    return np.bincount(own["desk"], own[field] if field else None, len(world.desk)) / (until - since)


def answers_per_day(world: World, since: float, until: float) -> npt.NDArray[np.float64]:
    """Answers with evidence that investigators of each state got a day between two days, float64 [state]."""
    requests = records(world, "request")
    read = (requests["purpose"] == RequestPurpose.CHAIN) & (requests["status"] == RequestStatus.EXECUTED)
    read &= (requests["ended"] >= since) & (requests["ended"] < until)
    return np.bincount(requests["requesting"][read], minlength=len(world.state)) / (until - since)


def measure() -> npt.NDArray[np.float64]:
    """Means over a few worlds: hours and files a day of each desk, then answers read a day, float64 [place, 2]."""
    law, found = legal_order(), []
    for seed in SEEDS:
        run = start(WorldSpec(), Parameters(), law, Timeline(), seed)
        run.advance(run.end)
        since = float(run.world.setting["policy_start"][0])
        desks = np.column_stack([_a_day(run.world, field, since, run.end) for field in ("touch_hours", "")])
        answers = answers_per_day(run.world, since, run.end)
        found.append(np.concatenate([desks, np.column_stack([answers, answers])]))
    return np.asarray(np.mean(found, axis=0))


def write(load: npt.NDArray[np.float64], path: Path) -> None:
    """Writes the table: one row per desk, and one per state that reads answers."""
    law = legal_order()
    places = places_of_desks(CrimeGeography.load(), law) + [("answers_read", state) for state in law.states]
    rows = [["what", "place", "per_day", "files_per_day", "source", "status"]]
    for (what, place), (hours, files) in zip(places, load, strict=True):
        source = "measured in trials of the default world"
        rows.append([what, place, f"{hours:.4f}", f"{files:.4f}", source, "judgement"])
    write_rows(rows, path)


if __name__ == "__main__":
    with resources.as_file(resources.files("sim.data") / "desk_load.csv") as target:
        write(measure(), target)
