"""One run under today's law, with all that sets are judged by: outcomes, measures of facts, and waits at desks.

Desks should take as long as they are meant to in the policy decade: the mean wait at each kind of desk, weighted by the
files that are followed, is .8 to 1.25 times its target.
"""

from __future__ import annotations

import numpy as np

from sim.data.costs import central_prices
from sim.experiments.run import AllFailedError, Task, measured_of, run_replicate
from sim.law.days import YEAR
from sim.law.order import legal_order
from sim.measures.arrays import Floats
from sim.measures.facts import FactKey
from sim.policy.scenario import load
from sim.policy.timeline import Timeline
from sim.policy.well_known import BASELINE
from sim.simulate import Simulation, desks_lived, start
from sim.world.growth import with_room
from sim.world.parameters import Parameters, WorldSpec
from sim.world.records import DeskKind
from sim.world.world import records

LOW, HIGH = 0.8, 1.25  # realised ÷ target
#: Kinds of desk with a line.
KINDS = tuple(kind for kind in DeskKind if kind is not DeskKind.PROVIDER)
#: Standard deviation of the ratio between runs of one draw: two runs of each of 20 draws; 24/7 points, of ten.
CHANCE = {
    DeskKind.OUTGOING: 0.14,
    DeskKind.INCOMING: 0.04,
    DeskKind.COURT: 0.17,
    DeskKind.FORENSIC: 0.10,
    DeskKind.LIAISON_BODY: 0.25,
    DeskKind.CONTACT_POINT: 0.11,
}
#: The table of a run that holds the measures of facts.
FACTS = "facts"
#: The outcome that ensembles are compared by, and its change.
GROUPS, EFFECT = "groups_brought_down", "groups_brought_down_more"


def desk_key(kind: DeskKind) -> str:
    """The name under which a run gives the realised ÷ target wait at a kind of desk."""
    return f"desk.{kind.name.lower()}"


def run(world: WorldSpec, parameters: Parameters, seed: int) -> dict[str, float]:
    """Outcomes, measures of facts, and realised ÷ target wait by kind of desk, of one run under today's law."""
    simulation = start(world, parameters, legal_order(), Timeline(), seed)
    desks = realised(simulation)
    measured = measured_of(simulation, world, central_prices())
    table = measured.breakdowns[FACTS]
    names = {int(fact): fact.name.lower() for fact in FactKey}
    facts = {names[int(key)]: float(v) for key, v in zip(table["fact"], table["value"], strict=True)}
    return measured.outcomes | facts | {desk_key(kind): ratio for kind, ratio in desks.items()}


def effect(world: WorldSpec, parameters: Parameters, seed: int) -> dict[str, float]:
    """Groups that faster assistance brings down more than today's law, in one world."""
    task = Task("", seed, (load(BASELINE), load("faster_mlat")), world, parameters)
    made = run_replicate(task)
    if made.failures:
        raise AllFailedError(list(made.failures))
    today, faster = (arm.measured.outcomes[GROUPS] for arm in made.arms)
    return {EFFECT: faster - today}


def _waits(simulation: Simulation) -> Floats:
    """Mean wait at each desk, summed over the months so far, and the months, float64 [2, desk]."""
    simulation.world = with_room(simulation.world, desks_lived)
    return np.array([simulation.world.desk["wait_sum"], simulation.world.desk["month"]], np.float64)


def realised(simulation: Simulation, yearly: list[Floats] | None = None) -> dict[DeskKind, float]:
    """Realised ÷ target wait by kind of desk in the years of policy, weighted by the files that are followed.

    `yearly` takes the mean wait at each desk in each whole year of policy, float64 [desk].
    """
    policy_start = float(simulation.world.setting["policy_start"][0])
    simulation.advance(policy_start)
    first = before = _waits(simulation)
    for year in range(1, int((simulation.end - policy_start) / YEAR) + 1 if yearly is not None else 1):
        simulation.advance(policy_start + year * YEAR)
        total, months = _waits(simulation) - before
        before = before + np.array([total, months])
        if yearly is not None:
            yearly.append(total / np.maximum(months, 1.0))
    simulation.advance(simulation.end)
    total, months = _waits(simulation) - first
    desk, job = simulation.world.desk, records(simulation.world, "job")
    ratio = total / np.maximum(months, 1.0) / np.maximum(desk["target_wait"], 1e-9)
    files = np.bincount(job["desk"][job["arrived"] >= policy_start], minlength=len(desk)).astype(np.float64)
    found: dict[DeskKind, float] = {}
    for kind in KINDS:
        at = desk["kind"] == kind
        found[kind] = float(np.average(ratio[at], weights=files[at])) if files[at].any() else np.nan
    return found
