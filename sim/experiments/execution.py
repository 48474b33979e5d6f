"""Executors carry out tasks: what they have in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

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
