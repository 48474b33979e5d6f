"""Simulates one seed: the warm-up once, then its continuation under every scenario.

The warm-up is simulated under no policy at all, its last day included: a scenario that acts on the policy's first day
does so in its own run. A failure is a value: what was being done, for what, and what went wrong.
"""

import errno
import traceback
from collections.abc import Iterable, Iterator
from dataclasses import asdict, dataclass, field, replace
from datetime import date
from enum import StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.data.costs import Prices, central_prices
from sim.experiments.warm_ups import (
    changes_nothing,
    find_measured,
    find_warm_up,
    identity,
    keep_measured,
    keep_warm_up,
    name_of,
)
from sim.law.days import EPOCH, to_day
from sim.law.suggest import UnknownNameError
from sim.measures.arrays import Table
from sim.measures.harm import harm_rates
from sim.measures.history import Window
from sim.measures.observation import Observation
from sim.measures.outcomes import BREAKDOWNS, Measured, measure
from sim.policy.scenario import Scenario
from sim.world.parameters import Parameters, WorldSpec
from sim.world.records import GROWING

if TYPE_CHECKING:
    from sim.policy.timeline import Timeline
    from sim.simulate import Simulation
    from sim.world.baseline import Baseline

#: The warm-up and the scenario run that this process has finished last: those that follow take the memory of their
#: tables, since new memory is slow.
SPENT: dict[str, "Simulation"] = {}
#: Errors of a disk that is full: for the user to fix, not a failure of one run.
DISK_FULL = (errno.ENOSPC, errno.EDQUOT, errno.EFBIG)


class FailureStage(StrEnum):
    """Stages at which a run can fail: warm-up, policy years, measurement, or its worker process."""

    BURN_IN = "simulating the past"
    ARM = "simulating the policy decade"
    MEASURE = "measuring"
    WORKER = "running at all: its worker process died"


@dataclass(frozen=True)
class Failure:
    """Record of a failed run: its stage and its error; other runs of the study continue."""

    block: str  # name of the parameter set
    seed: int
    scenario: str  # its key, empty when all scenarios of the seed are lost
    stage: FailureStage
    message: str  # type and text of the error
    details: str  # traceback

    @classmethod
    def of(cls, error: Exception, block: str, seed: int, scenario: str, stage: FailureStage) -> "Failure":
        """Makes a failure from an exception."""
        details = "".join(traceback.format_exception(error))
        return cls(block, seed, scenario, stage, f"{type(error).__name__}: {error}", details)

    @classmethod
    def of_death(cls, cause: str, block: str, seed: int, scenario: str = "") -> "Failure":
        """Makes a failure from the death of a worker process; `cause` describes the end of the process."""
        return cls(block, seed, scenario, FailureStage.WORKER, f"the process ended {cause}", "")

    @property
    def text(self) -> str:
        """Text of the failure on one line."""
        arm = f", {self.scenario}" if self.scenario else ""
        return f"{self.block}, seed {self.seed}{arm}: failed in {self.stage}: {self.message}"

    def plain(self) -> dict[str, str | int]:
        """Values of the failure by name, for JSON."""
        return {name: value if isinstance(value, int) else str(value) for name, value in asdict(self).items()}


@dataclass(frozen=True)
class Task:
    """Work for one worker: one seed of one world, under scenarios that continue the same warm-up."""

    block: str  # name of the point, for messages
    seed: int
    scenarios: tuple[Scenario, ...]  # scenarios that share the burn-in, the first is simulated first
    world: WorldSpec
    parameters: Parameters
    events: bool = False
    keeps: bool = False  # whether the warm-up and measurements are taken from disk, and kept there
    prices: Prices = field(default_factory=central_prices)  # unit costs by their names
    # breakdowns that are wanted
    tables: tuple[str, ...] = tuple(BREAKDOWNS)

    @property
    def warm_up_name(self) -> str | None:
        """Name of the warm-up in the cache; None if it cannot be cached."""
        return name_of(self.world, self.parameters, self.seed) if self.keeps else None

    def scenario_run_name(self, scenario: Scenario) -> str | None:
        """Name under which the cache keeps a scenario run's measurements; None if they are not cached.

        A baseline keeps all tables, since other questions will need them; others keep those that are wanted.
        """
        arm = identity(scenario)
        if not self.keeps or self.events or arm is None:
            return None
        return name_of(self.world, self.parameters, self.seed, self.prices, arm and f"{sorted(self.tables)} {arm}")

    def tables_of(self, scenario: Scenario) -> tuple[str, ...]:
        """Names of the breakdowns to measure in a scenario's run."""
        return tuple(BREAKDOWNS) if self.scenario_run_name(scenario) and changes_nothing(scenario) else self.tables


@dataclass(frozen=True)
class ScenarioRun:
    """Measurements of one scenario under one seed, with event tables by name if requested."""

    scenario: str
    measured: Measured
    events: dict[str, Table]


@dataclass(frozen=True)
class Replicate:
    """Results of one task: scenario runs that succeeded, and failures."""

    results: tuple[ScenarioRun | Failure, ...]  # a run or a failure for each scenario, in the order of the task

    @property
    def arms(self) -> tuple[ScenarioRun, ...]:
        """Measurements of the scenario runs that succeeded."""
        return tuple(result for result in self.results if isinstance(result, ScenarioRun))

    @property
    def failures(self) -> tuple[Failure, ...]:
        """Failed scenario runs; a failure that several share is listed once."""
        return tuple(dict.fromkeys(result for result in self.results if isinstance(result, Failure)))


def run_replicate(task: Task) -> Replicate:
    """Results of one seed under all scenarios of a task, from the cache or simulated; errors become failures."""
    names = [task.scenario_run_name(scenario) for scenario in task.scenarios]
    kept = [find_measured(name) if name else None for name in names]
    missing = tuple(scenario for scenario, there in zip(task.scenarios, kept, strict=True) if there is None)
    lived = iter(tuple(_lived(replace(task, scenarios=missing))) if missing else ())
    pairs = zip(task.scenarios, kept, strict=True)
    return Replicate(tuple(next(lived) if there is None else ScenarioRun(one.key, there, {}) for one, there in pairs))


def _lived(task: Task) -> Iterable[ScenarioRun | Failure]:
    try:
        past = warm_up_of(task)
    except Exception as error:
        failure = Failure.of(error, task.block, task.seed, "", FailureStage.BURN_IN)
        return (failure,) * len(task.scenarios)
    return scenario_runs_of(task, past)


def window(world: WorldSpec) -> Window:
    """The measured period of a world: first and last day of the policy years, and last day of the follow-up."""
    start, end = (to_day(date.fromisoformat(written)) for written in (world.policy_start, world.end))
    return Window(start, end, end + world.follow_up_days)


def warm_up_of(task: Task) -> "Simulation":
    """Finds the simulated warm-up of a task in the cache, or simulates it."""
    name = task.warm_up_name
    over = SPENT.pop("past", None)
    if name and (kept := find_warm_up(name, task.world, task.seed, over.world if over else None)):
        return kept
    from sim.law.order import legal_order
    from sim.policy.timeline import Timeline
    from sim.simulate import start

    simulation = start(task.world, task.parameters, legal_order(), Timeline(), task.seed, over)
    simulation.advance(window(task.world).start)
    if name:
        keep_warm_up(name, simulation)
    return simulation


def timeline_for(task: Task, scenario: Scenario) -> "Timeline":
    """Makes the timeline of policy steps for one scenario of a task."""
    from sim.law.order import legal_order
    from sim.policy.scenario_timeline import policy_days, timeline_of

    days = policy_days(task.world)
    return timeline_of(scenario, legal_order(), *days, task.seed, task.parameters.reform, task.world.states)


def without_turns_ahead(jobs: Table, last: float) -> Table:
    """Copy of the table of files in which no file starts after the last day: a world foresees the days of turns."""
    copy = jobs.copy()
    copy["started"][copy["started"] > last] = np.nan
    return copy


def scenario_runs_of(task: Task, past: "Simulation") -> Iterator[ScenarioRun | Failure]:
    """Yields the run of every scenario from the end of the shared warm-up, or its failure."""
    span = window(task.world)
    finished = SPENT.pop("arm", None)
    for scenario in task.scenarios:
        stage = FailureStage.ARM
        over, finished = finished, None
        try:
            timeline = timeline_for(task, scenario)
            simulation = past.fork(timeline, over) if len(task.scenarios) > 1 else past.continued(timeline)
            finished = None if task.events else simulation  # event tables are views of the run's own
            simulation.advance(span.observed_until)
            stage = FailureStage.MEASURE
            name, tables = task.scenario_run_name(scenario), task.tables_of(scenario)
            measured = measured_of(simulation, task.world, task.prices, scenario, tables=tables)
        except Exception as error:
            yield Failure.of(error, task.block, task.seed, scenario.key, stage)
        else:
            if name:
                keep_measured(name, measured)
            records = tables_of(simulation) if task.events else {}
            events = {table: records[table] for table in GROWING if records}
            if events:
                events["job"] = without_turns_ahead(events["job"], span.observed_until)
            yield ScenarioRun(scenario.key, measured, events)
    if len(task.scenarios) > 1:
        SPENT["past"] = past
    if finished:
        SPENT["arm" if len(task.scenarios) > 1 else "past"] = finished  # the only run had the tables of its warm-up


def measured_of(
    simulation: "Simulation",
    world: WorldSpec,
    prices: Prices,
    scenario: Scenario | None = None,
    checks: bool = False,
    tables: tuple[str, ...] = tuple(BREAKDOWNS),
) -> Measured:
    """Measures outcomes and breakdowns of a finished run, with its policy's cost.

    Without a scenario it is today's law; what only checks of the model need is measured where it is asked for.
    """
    from sim.policy.levers import spend

    end, before = to_day(date.fromisoformat(world.end)), baseline_of(tuple(world.states))
    spent = spend(simulation.timeline.steps, before, end, prices, scenario.costs if scenario else ())
    return measure(observed(simulation, world, spent.ledger, prices), checks, tables)


def observed(simulation: "Simulation", world: WorldSpec, *priced: Any) -> Observation:
    """Input of all measures: the tables of a finished run, with policy ledger and unit costs if given."""
    seen = Observation(window(world), tables_of(simulation), harm_rates(), *priced)
    record: Any = simulation.world.setting[0]  # has all parameters under their own names
    return replace(seen, record=record)


@cache
def baseline_of(states: tuple[str, ...]) -> "Baseline":
    """Sizes of desks and electronic channels before any policy, for the participating states."""
    from sim.data.geography import CrimeGeography
    from sim.law.order import legal_order
    from sim.world.baseline import baseline

    law = legal_order()
    return baseline(CrimeGeography.load(), law.arrays(EPOCH).police_body, np.isin(law.states, states or law.states))


def tables_of(simulation: "Simulation") -> dict[str, Table]:
    """Used rows of all tables that measures read, as plain arrays by table name."""
    from sim.world.world import records

    return {
        name: np.asarray(records(simulation.world, name)) for name in (*GROWING, "desk", "state", "bond", "ordinary")
    }


class AllFailedError(RuntimeError):
    """Error if no replicate succeeded; it contains the traceback of the first failure."""

    def __init__(self, failures: list[Failure]) -> None:
        self.failures = failures
        first = failures[0]
        others = f" (and {len(failures) - 1} others)" if len(failures) > 1 else ""
        super().__init__(f"none of the replicates succeeded. {first.text}{others}\n{first.details}".rstrip())

    @property
    def slip(self) -> str:
        """Message on a misspelt name in code that ended the first run, which has place and fix; empty for none."""
        kind, _, text = self.failures[0].message.partition(": ")
        return text if kind == UnknownNameError.__name__ else ""

    @property
    def by_death(self) -> bool:
        """True if processes died without raising an error, so that there is no traceback."""
        return not any(failure.details for failure in self.failures)
