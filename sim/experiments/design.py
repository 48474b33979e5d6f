"""What varies: which scenarios are run in which world with which seeds.

A block is one set of parameter values. The main block carries the comparison; further blocks ask how its
headline depends on a parameter. Arms of one seed share their past: a task is a seed with all its scenarios.
"""

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from sim.experiments.mechanisms import Mechanism, without
from sim.policy.scenario import Scenario
from sim.policy.well_known import BASELINE, LOWER_BOUND, UPPER_BOUND
from sim.world.parameters import Parameters, WorldSpec

if TYPE_CHECKING:
    from sim.experiments.config import Experiment  # with Hydra, which workers can do without

MAIN = "main"
#: Court slack told as the wait that staffing aims at, in days; the main block has the experiment's own value.
COURT_WAITS: dict[str, float] = {"slack courts": 5.0, "overloaded courts": 150.0}
#: Rungs and court slack are run on a share of the seeds: their differences are large.
RUNG_SHARE, COURT_SHARE = 0.08, 0.06
FEWEST = 2


@dataclass(frozen=True)
class Task:
    """One seed in one world under several scenarios: the unit that an executor hands out.

    Attributes:
        block: name of the parameter set.
        seed: run seed.
        scenarios: arms that share the burn-in, the first is simulated first.
        world: which world, from when to when.
        parameters: every uncertainty at its value.
        events: whether event tables are kept.
    """

    block: str
    seed: int
    scenarios: tuple[Scenario, ...]
    world: WorldSpec
    parameters: Parameters
    events: bool = False

    @property
    def key(self) -> str:
        """Name of the task; the same seed with other scenarios is another task."""
        scenarios = hashlib.sha256("\n".join(scenario.key for scenario in self.scenarios).encode())
        return f"{self.block.replace(' ', '-')}-{self.seed}-{scenarios.hexdigest()[:8]}"

    def apart(self) -> "tuple[Task, ...]":
        """A task for each scenario alone, to find the one that ends its process; arms are the same."""
        return tuple(replace(self, scenarios=(scenario,)) for scenario in self.scenarios)


@dataclass(frozen=True)
class Design:
    """All that a command runs.

    Attributes:
        scenarios: scenarios of the comparison, in the order in which they are shown.
        rungs: scenarios between the bounds, run only to tell the others on a ladder.
        tasks: what is run.
        court_waits: target wait of courts in days by block; empty when court slack is not varied.
        mechanisms: what is left out, each in a block of its own.
        against: key of the scenario that the user compares with; empty for today's law.
    """

    scenarios: tuple[Scenario, ...]
    rungs: tuple[Scenario, ...]
    tasks: tuple[Task, ...]
    court_waits: dict[str, float] = field(default_factory=dict)
    mechanisms: tuple[Mechanism, ...] = ()
    against: str = ""

    @property
    def baseline(self) -> str:
        """The scenario that others are compared with: the one named, today's law where it takes part, or the first."""
        keys = [scenario.key for scenario in self.scenarios]
        return self.against or (BASELINE if BASELINE in keys else keys[0])

    @property
    def arms(self) -> int:
        """Number of arms to simulate."""
        return sum(len(task.scenarios) for task in self.tasks)


def plain(experiment: "Experiment") -> Design:
    """Every scenario under every seed, nothing else."""
    tasks = tuple(_tasks(experiment, MAIN, experiment.parameters, experiment.scenarios, experiment.replicates))
    return Design(experiment.scenarios, (), tasks, against=experiment.baseline)


def comparison(experiment: "Experiment", rungs: tuple[Scenario, ...]) -> Design:
    """The scenarios under every seed, rungs where both bounds take part, and court slack.

    Args:
        experiment: what the user asked for.
        rungs: scenarios between the bounds.
    """
    keys = {scenario.key for scenario in experiment.scenarios}
    rungs = tuple(rung for rung in rungs if rung.key not in keys) if {LOWER_BOUND, UPPER_BOUND} <= keys else ()
    climbed = _part(experiment.replicates, RUNG_SHARE)
    main = [
        replace(task, scenarios=task.scenarios + rungs) if number < climbed else task
        for number, task in enumerate(plain(experiment).tasks)
    ]
    policies = tuple(entry for entry in experiment.scenarios if entry.key not in (LOWER_BOUND, UPPER_BOUND))
    waits = COURT_WAITS if len(policies) > 1 else {}
    for name, wait in waits.items():
        parameters = with_court_wait(experiment.parameters, wait)
        main += _tasks(experiment, name, parameters, policies, _part(experiment.replicates, COURT_SHARE))
    own = {MAIN: experiment.parameters.desk.court_wait_days} if waits else {}
    return Design(experiment.scenarios, rungs, tuple(main), own | waits, against=experiment.baseline)


def ablation(experiment: "Experiment") -> Design:
    """The scenarios under every seed in the whole model, and with each mechanism left out in turn.

    A mechanism is left out from the first day on, burn-in included; seeds, and so all draws, are the same.
    """
    tasks = list(plain(experiment).tasks)
    for mechanism in experiment.mechanisms:
        parameters = without(experiment.parameters, mechanism)
        tasks += _tasks(experiment, mechanism.block, parameters, experiment.scenarios, experiment.replicates)
    return Design(experiment.scenarios, (), tuple(tasks), mechanisms=experiment.mechanisms)


def with_court_wait(parameters: Parameters, days: float) -> Parameters:
    """The same parameters with another target wait of courts."""
    return replace(parameters, desk=replace(parameters.desk, court_wait_days=days))


def _part(replicates: int, share: float) -> int:
    """A share of the replicates, but never fewer than a difference needs."""
    return min(replicates, max(FEWEST, round(share * replicates)))


def _tasks(
    experiment: "Experiment",
    block: str,
    parameters: Parameters,
    scenarios: tuple[Scenario, ...],
    replicates: int,
) -> Iterator[Task]:
    """One task a seed; events are kept for the main block only."""
    for seed in range(experiment.first_seed, experiment.first_seed + replicates):
        events = experiment.events and block == MAIN
        yield Task(block, seed, scenarios, experiment.world, parameters, events)
