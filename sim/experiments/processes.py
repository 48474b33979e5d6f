"""Worker processes, each at the end of a pipe of its own, as the process sees them that has started them.

One task is in the hands of a worker at a time, so a death names its task, and costs no other worker anything. Nothing
is shared between workers: no queue whose lock a killed worker could take with it, no thread that manages them, no
message of a killed worker that somebody would wait for. joblib's `Parallel` was tried and rejected: it waits for ever
when a worker is replaced for its growing memory while warnings are errors, and it ends all workers when one dies. Only
the way in which loky, its basis, starts processes is used: they neither fork nor run the caller's main module again.
"""

from __future__ import annotations

import os
import signal
from collections import deque
from collections.abc import Callable, Iterator, Sized
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from typing import Any, Generic, TypeVar

from sim.experiments.execution import TRIES, UNKNOWN_CAUSE, Executor, Work, WorkerDeath
from sim.experiments.worker_process import Begun, read, serve
from sim.policy.problem import mistake

TaskT = TypeVar("TaskT")
ResultT = TypeVar("ResultT")

#: Time that a worker has to end when there is nothing left for it to do, seconds; then it is killed.
_PATIENCE = 5.0
#: Number of workers that may end before they have begun with a task; more are no coincidence.
_FALSE_STARTS = 5
#: Polling interval, seconds: for workers that have ended although their pipe has not.
_POLL = 1.0
#: Signals by which the system ends a process whose compiled code has gone wrong.
_FAULTS = frozenset({"SIGSEGV", "SIGBUS", "SIGILL", "SIGFPE", "SIGABRT"})


@dataclass(frozen=True)
class ProcessExecutor(Executor):
    """Worker processes; when one dies, only the task that it had is tried again.

    Attributes:
        workers: number of processes.
        tries: how often a task may cost a worker's life before it is given up.
    """

    workers: int
    tries: int = TRIES

    def carry_out(self, work: Work[TaskT, ResultT]) -> Iterator[tuple[TaskT, ResultT | WorkerDeath]]:
        """Yields (task, its result) as results arrive.

        Raises:
            Exception: what the function raised, with the worker's traceback as its note.
            InputError: If workers die before they have begun with anything.
        """
        pool: _Pool[TaskT, ResultT] = _Pool(self.workers, work, _Queue(work, self.tries))
        try:
            pool.start()
            work.beforehand()
            pool.hand_out()
            while pool.full:
                yield from pool.results()
                pool.hand_out()
            work.meanwhile()
            while pool.busy:
                yield from pool.results()
                pool.hand_out()
        finally:
            pool.close()


@dataclass
class _Attempt(Generic[TaskT]):
    """A task, and how many workers it has cost.

    Attributes:
        task: the task.
        deaths: workers that died with it.
        false_starts: workers that died before they had begun with it, which is hardly its fault.
        begun: whether the worker that has it now has begun with it.
    """

    task: TaskT
    deaths: int = 0
    false_starts: int = 0
    begun: bool = False


class _Queue(Generic[TaskT]):
    """Tasks that no worker has: those that have cost a worker first, then new ones."""

    def __init__(self, work: Work[TaskT, Any], tries: int) -> None:
        self._tasks, self._parts, self._tries = iter(work.tasks), work.parts, tries
        self._again: deque[_Attempt[TaskT]] = deque()

    def next(self) -> _Attempt[TaskT] | None:
        """The next task, None where there is none."""
        if self._again:
            return self._again.popleft()
        return next((_Attempt(task) for task in self._tasks), None)

    def died(self, attempt: _Attempt[TaskT]) -> bool:
        """Takes a task back that has cost a worker; returns whether it is given up."""
        parts = self._parts(attempt.task) if attempt.begun else ()
        if len(parts) > 1:
            self._again.extend(_Attempt(part) for part in parts)
            return False
        attempt.deaths += attempt.begun
        attempt.false_starts += not attempt.begun
        attempt.begun = False
        if attempt.deaths >= self._tries or attempt.false_starts >= _FALSE_STARTS:
            return True
        self._again.append(attempt)
        return False


@dataclass(eq=False)
class _Worker(Generic[TaskT]):
    """A process, this end of its pipe, its current attempt at a task, and whether it has begun with any yet."""

    process: Any
    pipe: Connection
    attempt: _Attempt[TaskT] | None = None
    able: bool = False

    @property
    def gone(self) -> bool:
        """Whether the process has ended and left nothing to read: a child of its own may hold the pipe's end open."""
        return self.process.exitcode is not None and not self.pipe.poll()

    def end(self) -> str:
        """Lets the process end, or ends it in the middle of its work; returns how it ended."""
        self.pipe.close()
        return end_process(self.process)


@dataclass
class _Pool(Generic[TaskT, ResultT]):
    """All workers of one run.

    Attributes:
        number: how many there are to be.
        work: what they do.
        queue: tasks that no worker has.
        workers: those that live, as far as is known.
        able: whether any worker has begun with anything.
    """

    number: int
    work: Work[TaskT, ResultT]
    queue: _Queue[TaskT]
    workers: list[_Worker[TaskT]] = field(default_factory=list)
    able: bool = False

    @property
    def busy(self) -> bool:
        """Whether any worker has a task."""
        return any(worker.attempt for worker in self.workers)

    @property
    def full(self) -> bool:
        """Whether all workers have started and have a task."""
        return len(self.workers) == self.number and all(worker.attempt for worker in self.workers)

    def start(self) -> None:
        """Starts workers, no more than there are tasks; they read what the function needs."""
        tasks = self.work.tasks
        for _ in range(min(self.number, len(tasks)) if isinstance(tasks, Sized) else self.number):
            self._start_worker()

    def hand_out(self) -> None:
        """Gives tasks to free workers, and starts workers as long as there are tasks for them."""
        for worker in self.workers:
            if not worker.attempt:
                self._hand_over(worker, self.queue.next())
        while len(self.workers) < self.number and (attempt := self.queue.next()):
            self._hand_over(self._start_worker(), attempt)

    def results(self) -> Iterator[tuple[TaskT, ResultT | WorkerDeath]]:
        """Results that have arrived; a worker gets its next task before its result is read."""
        busy = {worker.pipe: worker for worker in self.workers if worker.attempt}
        ready = wait(list(busy), _POLL)
        for pipe, worker in busy.items():
            assert worker.attempt is not None  # noqa: S101 - it was busy
            if pipe in ready:
                yield from self._hear(worker, worker.attempt)
            elif worker.gone:
                yield from self._replace(worker, worker.attempt)

    def _hear(self, worker: _Worker[TaskT], attempt: _Attempt[TaskT]) -> Iterator[tuple[TaskT, ResultT | WorkerDeath]]:
        """Reads the message of a worker; the end of its pipe is its death."""
        try:
            message = worker.pipe.recv()
        except (EOFError, OSError):
            yield from self._replace(worker, attempt)
            return
        if isinstance(message, Begun):
            attempt.begun = worker.able = self.able = True
        else:
            self._hand_over(worker, self.queue.next())
            yield attempt.task, read(message)

    def close(self) -> None:
        """Ends all workers, without waiting for those that have a task or are still reading."""
        for worker in self.workers:
            worker.pipe.close()
            if worker.attempt or not worker.able:
                worker.process.terminate()
        for worker in self.workers:
            worker.end()
        self.workers.clear()

    def _start_worker(self) -> _Worker[TaskT]:
        """A new worker, which reads the function before any task: a large one fills the pipe until it is read."""
        worker: _Worker[TaskT] = _Worker(*start_process(self.work.function))
        self.workers.append(worker)
        return worker

    def _hand_over(self, worker: _Worker[TaskT], attempt: _Attempt[TaskT] | None) -> None:
        """The next task, if there is one, for a worker that is free."""
        worker.attempt = attempt
        if attempt:
            with suppress(OSError):  # likewise
                worker.pipe.send(attempt.task)

    def _replace(
        self, worker: _Worker[TaskT], attempt: _Attempt[TaskT]
    ) -> Iterator[tuple[TaskT, ResultT | WorkerDeath]]:
        """Replaces a dead worker, and puts its task back into the queue."""
        self.workers.remove(worker)
        cause = worker.end()
        self.work.died(attempt.task, cause)
        given_up = self.queue.died(attempt)
        if given_up and not self.able:
            raise mistake(
                f"worker processes end before they begin with any task ({cause})",
                "execution.executor",
                "processes",
                "Try execution.executor=serial, which needs none; if that ends as well, free some memory or install "
                "Comity again.",
            )
        self.hand_out()
        if given_up:
            yield attempt.task, WorkerDeath(attempt.deaths or attempt.false_starts, cause)


def start_process(function: Callable[[Any], Any]) -> tuple[Any, Connection]:
    """Starts a process that carries out a function for each task that it reads.

    Returns:
        The process, and this end of its pipe.
    """
    from loky.backend.context import get_context

    context = get_context("loky")
    mine, its = context.Pipe()
    with deaf_children():
        process = context.Process(target=serve, args=(its, os.getpid()), daemon=True, env=_one_thread())
        process.start()
    its.close()  # only the process holds it now: the pipe ends with the process, however that ends
    with suppress(OSError):  # it is dead already: its pipe will show it
        mine.send(function)
    return process, mine


def in_a_process(function: Callable[[TaskT], ResultT], task: TaskT) -> ResultT:
    """Has a process of its own do a task; it ends at once when this one is interrupted.

    Raises:
        Exception: what the function raised, with the other process's traceback as its note.
        RuntimeError: the process ended before its time.
    """
    process, pipe = start_process(function)
    try:
        with suppress(OSError):  # it is dead already, and the end of its pipe shows it
            pipe.send(task)
        while isinstance(message := pipe.recv(), Begun):
            pass
        made: ResultT = read(message)
    except (EOFError, OSError):
        raise RuntimeError(f"a process ended {end_process(process)}") from None
    finally:
        process.terminate()
        pipe.close()
        end_process(process)
    return made


def end_process(process: Any, patience: float = _PATIENCE) -> str:
    """Waits for a process whose pipe is closed, and ends one that continues; returns how it ended."""
    process.join(patience)
    if process.exitcode is None:
        os.kill(process.pid, getattr(signal, "SIGKILL", signal.SIGTERM))
        process.join(_PATIENCE)  # one that even this does not end is not waited for
    return _ending(process.exitcode)


def _one_thread() -> dict[str, str]:
    """Variables that keep libraries of linear algebra to one thread: idle ones spin, and take time from other workers.

    What the user has set stays, `OMP_NUM_THREADS` for all: the others follow it.
    """
    if "OMP_NUM_THREADS" in os.environ:
        return {}
    return {
        name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS") if name not in os.environ
    }


def _ending(code: int | None) -> str:
    """How a process ended, in words, by its exit code."""
    if code is None or code == 0:
        return UNKNOWN_CAUSE
    if code > 0:
        return f"with exit code {code}"
    name = signal.Signals(-code).name if -code in set(signal.Signals) else f"signal {-code}"
    if name in _FAULTS:
        return f"by {name}, a fault in compiled code"
    return f"by {name}" + (", perhaps because memory ran out" if name == "SIGKILL" else "")


@contextmanager
def deaf_children() -> Iterator[None]:
    """Keeps an interrupt from the terminal from processes begun in the block: it is for this process."""
    if not hasattr(signal, "pthread_sigmask"):
        yield
        return
    before = signal.pthread_sigmask(signal.SIG_BLOCK, {signal.SIGINT})
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)
