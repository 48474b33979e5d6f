"""What every way of carrying out tasks has in common."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")


#: So many workers may die with a task before it is given up: one killed by chance, one more, and one to be sure.
TRIES = 3
#: How a worker died of which nothing else is known.
UNTOLD = "without a word, perhaps for want of memory"


@dataclass(frozen=True)
class WorkerDeath:
    """The result of a task whose worker process died at every try.

    Attributes:
        tries: how often it was tried.
        cause: how the last worker ended, where the executor hears it.
    """

    tries: int
    cause: str = field(default=UNTOLD, compare=False)


def idle() -> None:
    """Nothing to do meanwhile."""


def whole(task: Given) -> Sequence[Given]:
    """A task that cannot be taken apart."""
    return (task,)


def unheard(_task: object, _cause: str) -> None:
    """Nobody to tell of a death."""


@dataclass(frozen=True)
class Work(Generic[Given, Made]):
    """What is to be done: the arguments of `Executor.run`."""

    function: Callable[[Given], Made]
    tasks: Iterable[Given]
    meanwhile: Callable[[], None]
    parts: Callable[[Given], Sequence[Given]]
    died: Callable[[Given, str], None]
    beforehand: Callable[[], None]


class Executor(ABC):
    """Carries out tasks in any order."""

    def run(
        self,
        function: Callable[[Given], Made],
        tasks: Iterable[Given],
        meanwhile: Callable[[], None] = idle,
        parts: Callable[[Given], Sequence[Given]] = whole,
        died: Callable[[Given, str], None] = unheard,
        beforehand: Callable[[], None] = idle,
    ) -> Iterator[tuple[Given, Made | WorkerDeath]]:
        """Yields (task, its result) as results arrive.

        Args:
            function: what is done with each task.
            tasks: what there is to do; taken up as workers become free.
            meanwhile: what this process does besides, as soon as no worker has to wait for it: on processes, when one
                of them is free and there is nothing left to hand out.
            parts: takes a task apart that may have killed its worker; its parts are then yielded in its stead.
            died: is told at once of every worker that dies with a task, and how, where the executor hears of it.
            beforehand: what must be done before the first task is taken up; workers start besides.

        Raises:
            Exception: what `function` raised; from a worker, with its traceback there as a note.
            InputError: If there can be no workers as asked for.
        """
        return self.carry_out(Work(function, tasks, meanwhile, parts, died, beforehand))

    @abstractmethod
    def carry_out(self, work: Work[Given, Made]) -> Iterator[tuple[Given, Made | WorkerDeath]]:
        """`run`, with its arguments as one value."""


@dataclass(frozen=True)
class SerialExecutor(Executor):
    """One task after another in this process; a death here ends everything."""

    def carry_out(self, work: Work[Given, Made]) -> Iterator[tuple[Given, Made | WorkerDeath]]:
        """Yields (task, its result), in order."""
        work.beforehand()
        work.meanwhile()
        for task in work.tasks:
            yield task, work.function(task)
