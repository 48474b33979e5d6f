"""Executors carry out tasks: what they have in common, and where Dask finds its workers."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from sim.policy.problem import mistake

TaskT = TypeVar("TaskT")
ResultT = TypeVar("ResultT")


#: Number of workers that may die with a task before it is given up: one killed by chance, one more, and one to be sure.
TRIES = 3
#: How a worker died when the cause is not known.
UNKNOWN_CAUSE = "for an unknown reason, perhaps because memory ran out"


@dataclass(frozen=True)
class WorkerDeath:
    """The result of a task whose worker process died at every try.

    Attributes:
        tries: how often it was tried.
        cause: how the last worker ended, where the executor knows.
    """

    tries: int
    cause: str = field(default=UNKNOWN_CAUSE, compare=False)


def idle() -> None:
    """Nothing to do meanwhile."""


def whole(task: TaskT) -> Sequence[TaskT]:
    """A task that cannot be split."""
    return (task,)


def unreported(_task: object, _cause: str) -> None:
    """Deaths are not reported."""


@dataclass(frozen=True)
class Work(Generic[TaskT, ResultT]):
    """What is to be done: the arguments of `Executor.run`."""

    function: Callable[[TaskT], ResultT]
    tasks: Iterable[TaskT]
    meanwhile: Callable[[], None]
    parts: Callable[[TaskT], Sequence[TaskT]]
    died: Callable[[TaskT, str], None]
    beforehand: Callable[[], None]


class Executor(ABC):
    """Carries out tasks in any order."""

    def run(
        self,
        function: Callable[[TaskT], ResultT],
        tasks: Iterable[TaskT],
        meanwhile: Callable[[], None] = idle,
        parts: Callable[[TaskT], Sequence[TaskT]] = whole,
        died: Callable[[TaskT, str], None] = unreported,
        beforehand: Callable[[], None] = idle,
    ) -> Iterator[tuple[TaskT, ResultT | WorkerDeath]]:
        """Yields (task, its result) as results arrive.

        Args:
            function: what is done with each task.
            tasks: what there is to do; taken up as workers become free.
            meanwhile: what this process does as soon as no worker has to wait for it: on processes, when one of them is
                free and there is nothing left to hand out.
            parts: splits a task that may have killed its worker; its parts are then yielded in its place.
            died: called at once for every worker that dies with a task, with the cause, where the executor knows it.
            beforehand: what must be done before the first task begins; workers start at the same time.

        Raises:
            Exception: what `function` raised; from a worker, with its traceback there as a note.
            InputError: If there can be no workers as asked for.
        """
        return self.carry_out(Work(function, tasks, meanwhile, parts, died, beforehand))

    @abstractmethod
    def carry_out(self, work: Work[TaskT, ResultT]) -> Iterator[tuple[TaskT, ResultT | WorkerDeath]]:
        """`run`, with its arguments as one value."""


@dataclass(frozen=True)
class SerialExecutor(Executor):
    """One task after another in this process; a death here ends everything."""

    def carry_out(self, work: Work[TaskT, ResultT]) -> Iterator[tuple[TaskT, ResultT | WorkerDeath]]:
        """Yields (task, its result), in order."""
        work.beforehand()
        work.meanwhile()
        for task in work.tasks:
            yield task, work.function(task)


#: Words for `execution.executor`: this process, processes of its own, or workers of Dask.
KINDS = ("serial", "processes", "dask")
SLURM = "slurm"


@dataclass
class Slurm:
    """Jobs that are asked of Slurm, one after another until as many workers run as were asked for.

    Attributes:
        queue: partition; empty for the cluster's own choice.
        account: whom the time is charged to; empty for the user's own.
        cores: worker processes a job, each on one core.
        memory: of a job, such as 4GB.
        walltime: of a job, hours:minutes:seconds; a job that ends is replaced.
        options: further lines of `#SBATCH`, such as --constraint=avx2.
        prologue: shell commands before a worker starts, such as "module load python".
        interface: network interface by which workers reach the scheduler; empty for the usual one.
    """

    queue: str = ""
    account: str = ""
    cores: int = 1
    memory: str = "4GB"
    walltime: str = "04:00:00"
    options: list[str] = field(default_factory=list)
    prologue: list[str] = field(default_factory=list)
    interface: str = ""


@dataclass(frozen=True)
class Cluster:
    """Where Dask finds its workers.

    Attributes:
        scheduler: empty for this machine, `slurm`, an address such as tls://host:8786, or a scheduler file.
        slurm: what is asked of Slurm.
    """

    scheduler: str = ""
    slurm: Slurm = field(default_factory=Slurm)


def check_cluster(kind: str, scheduler: str, slurm: Slurm) -> None:
    """A scheduler is for Dask, and jobs have at least one core.

    Raises:
        InputError: If it is not so.
    """
    if scheduler and kind != "dask":
        raise mistake(
            "a scheduler is for the executor dask", "execution.scheduler", scheduler, "Write --executor dask as well."
        )
    if not 1 <= slurm.cores <= 1024:
        raise mistake("out of range", "execution.slurm.cores", slurm.cores, "Choose a value from 1 to 1,024.")
