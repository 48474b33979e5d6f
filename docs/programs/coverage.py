"""How often stated 95 % intervals hold the mean of many worlds: `python -m docs.programs.coverage`.

Writes docs/coverage.md. The list of outcomes and policies, docs/programs/coverage.csv, was written before the worlds
were simulated.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import NamedTuple

import pandas as pd

from docs.programs import DOCS
from sim.calibration.ensemble import sets_of_today
from sim.experiments.run import Task, measured_of, past_of, timeline_for, window
from sim.measures.outcomes import OUTCOMES
from sim.policy.scenario import load
from sim.policy.well_known import BASELINE
from sim.world.parameters import Parameters, WorldSpec

COMMAND = "python -m docs.programs.coverage"
LIST = DOCS / "programs" / "coverage.csv"
#: Pairs of worlds of each set, and the first seed: no other study of this folder has these seeds.
EACH, FIRST = 2, 100_001


class Wanted(NamedTuple):
    """What is judged, in the order of the list."""

    outcomes: tuple[str, ...]
    policies: tuple[str, ...]


def wanted() -> Wanted:
    """The list of outcomes and policies."""
    rows = pd.read_csv(LIST)
    return Wanted(*(tuple(rows.query(f"of == '{kind}'")["key"]) for kind in ("outcome", "policy")))


def jobs() -> dict[str, Task]:
    """Worlds by name: every set of the package as often as every other."""
    sets, usual, spec = sets_of_today(1), Parameters(), WorldSpec()
    policies, made = tuple(load(key) for key in (BASELINE, *wanted().policies)), {}
    for turn in range(EACH):
        for number, values in enumerate(sets.values):
            seed, one = FIRST + turn * len(sets.values) + number, replace(sets, values=[values])
            task = Task("", seed, policies, spec, one.parameters(usual, 1), prices=one.prices(1), tables=())
            made[f"seed {seed}, set {number}"] = task
    return made


def lived_world(task: Task) -> Mapping[str, Mapping[str, float]]:
    """Every outcome of every policy in one world."""
    past, found, over = past_of(task), {}, None
    for policy in task.scenarios:
        arm = past.fork(timeline_for(task, policy), over)
        arm.advance(window(task.world).observed_until)
        outcomes = measured_of(arm, task.world, task.prices, policy, tables=task.tables).outcomes
        found[policy.key] = {about.key: outcomes[about.key] for about in OUTCOMES}
        over = arm
    return found
