"""Measures the load of modelled files at desks: `python -m sim.experiments.desk_load` writes sim/data/desk_load.csv.

Staff is inverted from target waits (sim/world/staffing.py), which needs to know how much of a desk's work the modelled
files are. The load is measured over the policy years of a few default worlds under the law as it is; a second pass,
with the first pass's table in place, lets load and waits agree.
"""

import csv
from importlib import resources
from pathlib import Path

import numpy as np
import numpy.typing as npt

from sim.law.order import LegalOrder
from sim.policy.timeline import Timeline
from sim.simulate import start
from sim.world.parameters import Parameters, WorldSpec
from sim.world.records import DeskKind
from sim.world.world import World, records

KINDS = (DeskKind.INCOMING, DeskKind.COURT, DeskKind.FORENSIC)
SEEDS = range(4)


def hours_per_day(world: World, since: float, until: float) -> npt.NDArray[np.float64]:
    """Touch-hours a day of modelled files that reached each desk between two days, float64 [desk]."""
    jobs = records(world, "job")
    own = jobs[(jobs["request"] >= 0) & (jobs["arrived"] >= since) & (jobs["arrived"] < until)]
    return np.bincount(own["desk"], own["touch_hours"], len(world.desk)) / (until - since)


def measure() -> npt.NDArray[np.float64]:
    """Mean load over a few worlds, hours a day, float64 [desk]."""
    law, loads = LegalOrder.load(), []
    for seed in SEEDS:
        run = start(WorldSpec(), Parameters(), law, Timeline(), seed)
        run.advance(run.end)
        loads.append(hours_per_day(run.world, float(run.world.setting["policy_start"][0]), run.end))
    return np.asarray(np.mean(loads, axis=0))


def write(load: npt.NDArray[np.float64], path: Path) -> None:
    """Writes the table; one row a state."""
    states = LegalOrder.load().states
    with path.open("w", newline="", encoding="utf-8") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        names = [f"{kind.name.lower()}_hours_per_day" for kind in KINDS]
        writer.writerow(["iso3", *names, "source", "status"])
        for i, state in enumerate(states):
            values = [f"{load[kind * len(states) + i]:.3f}" for kind in KINDS]
            writer.writerow([state, *values, "measured in a trial of the default world", "judgement"])


if __name__ == "__main__":
    with resources.as_file(resources.files("sim.data") / "desk_load.csv") as target:
        write(measure(), target)
