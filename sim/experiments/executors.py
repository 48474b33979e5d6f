"""How tasks are carried out: one after another or in worker processes; others fit the same protocol."""

import signal
import threading
from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from multiprocessing import get_context
from typing import Generic, Protocol, TypeVar

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
        self,
        function: Callable[[Given], Made],
        tasks: Iterable[Given],
        meanwhile: Callable[[], None] = idle,
        parts: Callable[[Given], Sequence[Given]] = whole,
    ) -> Iterator[tuple[Given, Made | WorkerDeath]]:
        """Yields (task, its result) as results arrive."""
        supply = _Supply(iter(tasks))
        while not supply.exhausted:
            try:
                for number, made in self._stream(function, supply, meanwhile):
                    yield supply.in_hand.pop(number), made
            except TerminatedWorkerError:
                suspects = [part for task in supply.in_hand.values() for part in parts(task)]
                supply.in_hand.clear()
                yield from self._one_by_one(function, suspects)

    def _stream(
        self, function: Callable[[Given], Made], supply: "_Supply[Given]", meanwhile: Callable[[], None]
    ) -> Iterator[tuple[int, Made]]:
        """Results as they arrive, with the numbers of their tasks."""
        # A task takes seconds: no batches, and no more in hand than there are workers to take it up.
        pool = Parallel(
            n_jobs=self.workers, return_as="generator_unordered", batch_size=1, pre_dispatch=self.workers + 1
        )
        with _deaf_children():
            results = pool(delayed(_numbered)(function, number, task) for number, task in supply)
        meanwhile()
        yield from results

    def _one_by_one(
        self, function: Callable[[Given], Made], suspects: Sequence[Given]
    ) -> Iterator[tuple[Given, Made | WorkerDeath]]:
        """One worker with one task in hand: a death names its task."""
        pool: ProcessPoolExecutor | None = None
        for task in suspects:
            result: Made | WorkerDeath = WorkerDeath(self.tries)
            for _ in range(self.tries):
                pool = pool or ProcessPoolExecutor(1, mp_context=get_context("spawn"))
                try:
                    with _deaf_children():
                        future = pool.submit(function, task)
                    result = future.result()
                    break
                except BrokenProcessPool:
                    pool = None
            yield task, result
        if pool:
            pool.shutdown()


class _Supply(Generic[Given]):
    """Tasks handed out one at a time, whichever thread asks, with those that are in hand.

    Attributes:
        in_hand: tasks handed out and not done yet, by number.
        exhausted: whether there is none left, in hand or not.
    """

    def __init__(self, tasks: Iterator[Given]) -> None:
        self._tasks, self._lock, self._numbers, self._ended = tasks, threading.Lock(), count(), False
        self.in_hand: dict[int, Given] = {}

    @property
    def exhausted(self) -> bool:
        return self._ended and not self.in_hand

    def __iter__(self) -> "_Supply[Given]":
        return self

    def __next__(self) -> tuple[int, Given]:
        with self._lock:
            try:
                task = next(self._tasks)
            except StopIteration:
                self._ended = True
                raise
            number = next(self._numbers)
            self.in_hand[number] = task
            return number, task


@contextmanager
def _deaf_children() -> Iterator[None]:
    """Processes and threads begun in the block never hear an interrupt from the terminal: it is for this process."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def executor(workers: int, kind: str = "processes") -> Executor:
    """The executor for a number of worker processes.

    Args:
        workers: number of processes, 1 or more.
        kind: serial or processes; one process is the serial executor.

    Raises:
        ValueError: If `workers` is below 1.
    """
    if workers < 1:
        raise ValueError(f"at least one worker is needed, not {workers}")
    return SerialExecutor() if workers == 1 or kind == "serial" else ProcessExecutor(workers)


def _numbered(function: Callable[[Given], Made], number: int, task: Given) -> tuple[int, Made]:
    """A result with the number of its task."""
    return number, function(task)
