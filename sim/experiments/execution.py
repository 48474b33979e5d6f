"""What every way of carrying out tasks has in common."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

Given = TypeVar("Given")
Made = TypeVar("Made")


#: So many workers may die with a task before it is given up: one killed by chance, one more, and one to be sure.
TRIES = 3


@dataclass(frozen=True)
class WorkerDeath:
    """The result of a task whose worker process died at every try."""

    tries: int


def idle() -> None:
    """Nothing to do meanwhile."""


def whole(task: Given) -> Sequence[Given]:
    """A task that cannot be taken apart."""
    return (task,)


class Executor(Protocol):
    """Carries out tasks in any order."""

    def run(
        self,
        function: Callable[[Given], Made],
        tasks: Iterable[Given],
        meanwhile: Callable[[], None] = idle,
        parts: Callable[[Given], Sequence[Given]] = whole,
    ) -> Iterator[tuple[Given, Made | WorkerDeath]]:
        """Yields (task, its result) as results arrive.

        Args:
            function: what is done with each task.
            tasks: what there is to do; taken up as workers become free.
            meanwhile: what this process does besides, as soon as no worker has to wait for it.
            parts: takes a task apart that may have killed its worker; its parts are then yielded in its stead.
        """


@dataclass(frozen=True)
class SerialExecutor:
    """One task after another in this process."""

    def run(
        self,
        function: Callable[[Given], Made],
        tasks: Iterable[Given],
        meanwhile: Callable[[], None] = idle,
        parts: Callable[[Given], Sequence[Given]] = whole,  # noqa: ARG002 - a death here ends this process
    ) -> Iterator[tuple[Given, Made | WorkerDeath]]:
        """Yields (task, its result), in order."""
        meanwhile()
        for task in tasks:
            yield task, function(task)
