"""How one seed is run: the past once under the law as it was, then every scenario from there on.

The past is simulated under no policy at all, its last day included: a scenario that acts on the policy's first day
does so in its own arm.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from sim.experiments.design import Task
from sim.experiments.failures import Failure, FailureStage
from sim.measures.arrays import Table
from sim.measures.harm import harm_rates
from sim.measures.history import Window
from sim.measures.observation import Observation
from sim.measures.outcomes import Measured, measure
from sim.policy.scenario import Scenario
from sim.world.parameters import WorldSpec
from sim.world.records import GROWING

if TYPE_CHECKING:
    from sim.policy.timeline import Timeline
    from sim.simulate import Simulation
    from sim.world.baseline import Baseline

EPOCH = date(2022, 1, 1)


@dataclass(frozen=True)
class Arm:
    """One scenario under one seed, measured.

    Attributes:
        scenario: key of the scenario.
        measured: outcomes and breakdowns.
        events: event tables by name, empty unless asked for.
    """

    scenario: str
    measured: Measured
    events: dict[str, Table]


@dataclass(frozen=True)
class Replicate:
    """One seed, all its arms.

    Attributes:
        block: name of the parameter set.
        seed: run seed.
        arms: arms that succeeded, in the order of the task.
        failures: those that did not.
    """

    block: str
    seed: int
    arms: tuple[Arm, ...]
    failures: tuple[Failure, ...]


def run_replicate(task: Task) -> Replicate:
    """Runs one seed under all its scenarios; never raises for what goes wrong in a model."""
    try:
        past = _past(task)
    except Exception as error:
        return _lost(task, Failure.of(error, task.block, task.seed, "", FailureStage.BURN_IN))
    results = list(_arms(task, past))
    return Replicate(
        task.block,
        task.seed,
        tuple(result for result in results if isinstance(result, Arm)),
        tuple(result for result in results if isinstance(result, Failure)),
    )


def window(world: WorldSpec) -> Window:
    """The measured span of a world."""
    end = day(world.end)
    return Window(day(world.policy_start), end, end + world.follow_up_days)


def day(iso: str) -> float:
    """Days since 2022-01-01 of an ISO date."""
    return float((date.fromisoformat(iso) - EPOCH).days)


def _lost(task: Task, failure: Failure) -> Replicate:
    return Replicate(task.block, task.seed, (), (failure,))


def _past(task: Task) -> "Simulation":
    """The world at the policy's start."""
    from sim.law.order import legal_order
    from sim.policy.timeline import Timeline
    from sim.simulate import start

    simulation = start(task.world, task.parameters, legal_order(), Timeline(), task.seed)
    simulation.advance(window(task.world).start)
    return simulation


def _timeline(task: Task, scenario: Scenario) -> "Timeline":
    """Dated steps of one of the task's scenarios."""
    from sim.law.order import legal_order
    from sim.policy.scenario_timeline import timeline_of

    start, end = date.fromisoformat(task.world.policy_start), date.fromisoformat(task.world.end)
    return timeline_of(scenario, legal_order(), start, end, task.seed, task.parameters.reform, task.world.states)


def _arms(task: Task, past: "Simulation") -> Iterator[Arm | Failure]:
    """Every scenario, forked from the same past."""
    span = window(task.world)
    finished: Simulation | None = None
    for scenario in task.scenarios:
        stage = FailureStage.ARM
        over, finished = finished, None
        try:
            simulation = past.fork(_timeline(task, scenario), over)
            finished = None if task.events else simulation  # event tables are views of the arm's own
            simulation.advance(span.observed_until)
            stage = FailureStage.MEASURE
            tables = tables_of(simulation)
            spending = _spending(task, scenario, simulation.timeline)
            measured = measure(Observation(span, tables, harm_rates(), spending))
        except Exception as error:
            yield Failure.of(error, task.block, task.seed, scenario.key, stage)
        else:
            events = {name: tables[name] for name in GROWING} if task.events else {}
            yield Arm(scenario.key, measured, events)


def _spending(task: Task, scenario: Scenario, timeline: "Timeline") -> Table:
    """What a policy commits from its first day to the end of the measured span."""
    from sim.policy.costing import spend

    baseline = _baseline(tuple(task.world.states))
    return spend(timeline.steps, baseline, day(task.world.end), costs=scenario.costs).ledger


@cache
def _baseline(states: tuple[str, ...]) -> "Baseline":
    """Desks and channels before any policy, among the states that take part."""
    from sim.data.geography import CrimeGeography
    from sim.law.order import legal_order
    from sim.world.baseline import baseline

    law = legal_order()
    return baseline(CrimeGeography.load(), law.arrays(EPOCH).police_body, np.isin(law.states, states or law.states))


def tables_of(simulation: "Simulation") -> dict[str, Table]:
    """Rows in use of every table that measuring reads, as plain arrays: fields of a recarray are slower to reach."""
    from sim.world.world import records

    return {name: np.asarray(records(simulation.world, name)) for name in (*GROWING, "desk", "state")}
