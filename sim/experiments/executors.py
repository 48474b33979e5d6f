"""How tasks are carried out: one after another or in worker processes; others fit the same protocol."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from typing import Protocol, TypeVar

from joblib import Parallel, delayed
from joblib.externals.loky.process_executor import TerminatedWorkerError

Given = TypeVar("Given")
Made = TypeVar("Made")


@dataclass(frozen=True)
class WorkerDeath:
    """The result of a task whose worker process died at every try."""

    tries: int


def idle() -> None:
    """Nothing to do meanwhile."""


class Executor(Protocol):
    """Carries out tasks in any order."""

    def run(
        self, function: Callable[[Given], Made], tasks: Sequence[Given], meanwhile: Callable[[], None] = idle
    ) -> Iterator[tuple[int, Made | WorkerDeath]]:
        """Yields (position of the task, its result) as results arrive.

        Args:
            function: what is done with each task.
            tasks: what there is to do.
            meanwhile: what this process does besides, as soon as no worker has to wait for it.
        """


@dataclass(frozen=True)
class SerialExecutor:
    """One task after another in this process."""

    def run(
        self, function: Callable[[Given], Made], tasks: Sequence[Given], meanwhile: Callable[[], None] = idle
    ) -> Iterator[tuple[int, Made | WorkerDeath]]:
        """Yields (position of the task, its result), in order."""
        meanwhile()
        for position, task in enumerate(tasks):
            yield position, function(task)


@dataclass(frozen=True)
class ProcessExecutor:
    """Worker processes; a death of one costs the tasks that it had in hand one more try each.

    Attributes:
        workers: number of processes, 2 or more.
        tries: how often a task may cost a worker's life before it is given up.
    """

    workers: int
    tries: int = 2

    def run(
        self, function: Callable[[Given], Made], tasks: Sequence[Given], meanwhile: Callable[[], None] = idle
    ) -> Iterator[tuple[int, Made | WorkerDeath]]:
        """Yields (position of the task, its result) as results arrive."""
        left = dict(enumerate(tasks))
        while left:
            sent: list[int] = []
            try:
                for position, made in self._stream(function, left, sent, meanwhile):
                    del left[position]
                    yield position, made
            except TerminatedWorkerError:
                suspects = [position for position in sent if position in left]
                yield from self._one_by_one(function, {position: left.pop(position) for position in suspects})

    def _stream(
        self,
        function: Callable[[Given], Made],
        left: dict[int, Given],
        sent: list[int],
        meanwhile: Callable[[], None],
    ) -> Iterator[tuple[int, Made]]:
        """Results as they arrive; `sent` is told which tasks have been handed out."""

        def hand_out() -> Iterator[object]:
            for position, task in list(left.items()):
                sent.append(position)
                yield delayed(_numbered)(function, position, task)

        # A task takes seconds: no batches, and no more in hand than there are workers to take it up.
        pool = Parallel(
            n_jobs=self.workers, return_as="generator_unordered", batch_size=1, pre_dispatch=self.workers + 1
        )
        results = pool(hand_out())
        meanwhile()
        yield from results

    def _one_by_one(
        self, function: Callable[[Given], Made], suspects: dict[int, Given]
    ) -> Iterator[tuple[int, Made | WorkerDeath]]:
        """One worker with one task in hand: a death names its task."""
        pool: ProcessPoolExecutor | None = None
        for position, task in suspects.items():
            result: Made | WorkerDeath = WorkerDeath(self.tries)
            for _ in range(self.tries):
                pool = pool or ProcessPoolExecutor(1, mp_context=get_context("spawn"))
                try:
                    result = pool.submit(function, task).result()
                    break
                except BrokenProcessPool:
                    pool = None
            yield position, result
        if pool:
            pool.shutdown()


def executor(workers: int) -> Executor:
    """The executor for a number of worker processes.

    Raises:
        ValueError: If `workers` is below 1.
    """
    if workers < 1:
        raise ValueError(f"at least one worker is needed, not {workers}")
    return SerialExecutor() if workers == 1 else ProcessExecutor(workers)


def _numbered(function: Callable[[Given], Made], position: int, task: Given) -> tuple[int, Made]:
    """A result with the position of its task."""
    return position, function(task)
