"""Carrying a design out: compiled rules first, then every task that is not kept yet, then all results."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from pathlib import Path
from time import monotonic

from rich.console import Console

from sim.experiments.config import Experiment
from sim.experiments.design import MAIN, Design, Task
from sim.experiments.execution import WorkerDeath, idle
from sim.experiments.executors import executor
from sim.experiments.failures import AllFailedError, Failure
from sim.experiments.kept import Keeper, Receipt, Results, peak_memory
from sim.experiments.manifest import configuration_hash
from sim.experiments.progress import COMPILE_SECONDS, counting, estimated

#: So many other settings are named in one line.
_NAMED = 4


@dataclass(frozen=True)
class Conducted:
    """A design carried out.

    Attributes:
        tasks: what was run.
        failures: what went wrong.
        keeper: where replicates are kept; to be removed once the run is stored.
        reused: tasks that an interrupted run had finished before.
        seconds: wall time.
        peak_memory: largest resident memory of any process, bytes.
    """

    tasks: tuple[Task, ...]
    failures: tuple[Failure, ...]
    keeper: Keeper
    reused: int
    seconds: float
    peak_memory: int

    @cached_property
    def results(self) -> Results:
        """All that was measured, read when it is first asked for: to read it takes seconds."""
        return self.keeper.load(self.tasks)


def conduct(
    experiment: Experiment, design: Design, console: Console, meanwhile: Callable[[], None] = idle
) -> Conducted:
    """Runs what is missing.

    Args:
        experiment: what the user asked for.
        design: what is run.
        console: where progress is told.
        meanwhile: what this process may do while the last workers are busy; nothing must depend on its being done.

    Raises:
        AllFailedError: If no arm succeeded.
    """
    begun = monotonic()
    keeper = Keeper(keeping_folder(experiment, design))
    missing = [task for task in design.tasks if not keeper.has(task)]
    reused = len(design.tasks) - len(missing)
    if reused:
        console.print(f"{reused} of {len(design.tasks)} replicates were finished by an interrupted run")
    receipts = _run(experiment, missing, keeper, console, meanwhile)
    failures = tuple(failure for receipt in receipts for failure in receipt.failures)
    if keeper.is_empty(design.tasks):
        raise AllFailedError(list(failures))
    memory = max([peak_memory(), *(receipt.peak_memory for receipt in receipts)])
    return Conducted(design.tasks, failures, keeper, reused, monotonic() - begun, memory)


def keeping_folder(experiment: Experiment, design: Design) -> Path:
    """Where replicates of this configuration are kept until all are there."""
    return experiment.results / f".unfinished-{configuration_hash(experiment, design)[:16]}"


def compile_rules(experiment: Experiment, console: Console) -> None:
    """Compiles the rules once, in this process, so that no two workers do the same work."""
    if _are_compiled():
        return
    with estimated(console, "Compiling the rules (once for this version)", COMPILE_SECONDS, experiment.quiet):
        _touch_rules(experiment)


def _are_compiled() -> bool:
    """Whether the rules of this very checkout stand in the cache, or are not compiled at all."""
    from sim.simulate import run_until

    told = getattr(run_until, "stats", None)
    return told is None or any(Path(told.cache_path).glob("simulate.run_until-*.nbi"))


def _touch_rules(experiment: Experiment) -> None:
    """Calls every compiled entry point on a tiny world."""
    from sim.law.order import LegalOrder
    from sim.policy.timeline import Timeline
    from sim.simulate import desks_changed, desks_lived, start
    from sim.world.growth import with_room

    world = replace(experiment.world, groups=1)
    simulation = start(world, experiment.parameters, LegalOrder.load(), Timeline(), seed=0)
    simulation.advance(1.0)
    with_room(with_room(simulation.world, desks_lived), desks_changed)


def _run(
    experiment: Experiment, tasks: list[Task], keeper: Keeper, console: Console, meanwhile: Callable[[], None]
) -> list[Receipt]:
    """Carries out tasks, with a bar over arms."""
    receipts: list[Receipt] = []
    if not tasks:
        return receipts
    arms = sum(len(task.scenarios) for task in tasks)
    console.print(_size(tasks), soft_wrap=True, highlight=False)
    with counting(console, "Simulating", arms, experiment.quiet) as advance:
        chosen = executor(experiment.workers, experiment.executor, experiment.cluster)

        def died(task: Task, cause: str) -> None:
            """Tells of a death at once."""
            console.print(f"A worker process ended {cause}, at {task.block}, seed {task.seed}{_alone(task)}")

        def compiled() -> None:
            """Workers read the simulator while this process looks whether there are compiled rules for it."""
            compile_rules(experiment, console)

        for task, receipt in chosen.run(keeper, tasks, meanwhile, Task.apart, died, compiled):
            if isinstance(receipt, WorkerDeath):
                scenario = task.scenarios[0].key  # a task with more than one has been taken apart
                receipt = Receipt((Failure.of_death(receipt.cause, task.block, task.seed, scenario),), 0)
            receipts.append(receipt)
            advance(len(task.scenarios))
    return receipts


def _size(tasks: Sequence[Task]) -> str:
    """How much there is to simulate, as it was asked for: other settings than those that were asked for stand apart."""
    own = sum(task.block == MAIN for task in tasks)
    others = list(dict.fromkeys(task.block for task in tasks if task.block != MAIN))
    told = f"{own} replicate{'' if own == 1 else 's'}"
    if others:
        names = f" ({', '.join(others)})" if len(others) <= _NAMED else ""
        told += f", and {len(tasks) - own} under {len(others)} other settings{names}"
    return f"To simulate: {told}"


def _alone(task: Task) -> str:
    """The scenario of a task that has only one."""
    return f", {task.scenarios[0].key}" if len(task.scenarios) == 1 else ""
