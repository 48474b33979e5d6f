"""Runs tasks on any executor with the `concurrent.futures` interface: Dask, Ray, MPI, executorlib, threads.

Comity keeps plan, ledger, resume and blame; the engine carries tasks and results. A worker of an engine does no task
itself: it hands each to a process of its own, as a study on one machine does. So a run that kills its process is known
for certain, tasks of one worker may run side by side in threads, and compiled rules never keep a worker from answering
its engine. What is done, with all that its tasks share, travels once to each worker: a task names it by its hash, and a
worker that does not have it asks for it. Nothing else is shared, no folder either.
"""

from __future__ import annotations

import os
import zlib
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import BrokenExecutor, CancelledError, Executor, Future, ThreadPoolExecutor
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, field
from functools import cache, partial
from hashlib import sha256
from importlib.metadata import EntryPoint, entry_points
from itertools import count
from logging import CRITICAL, Logger, getLogger, root
from threading import Lock
from typing import TYPE_CHECKING, Any, Self

from sim.experiments.processes import AgainError, DeathError, TaskProcess, packed, unpacked
from sim.policy.problem import InputError, mistake
from sim.policy.version import source_hash

if TYPE_CHECKING:  # what reads data, to which own parts belong, comes after them in a worker's process
    from sim.experiments.settings import Execution

#: How many tasks an executor takes at a time, as a number, or as a function where it changes.
Room = int | Callable[[], int]
#: What an entry point of `GROUP` is: its context gives an executor, and its tasks at a time.
Opens = Callable[["Execution"], AbstractContextManager[tuple[Executor, Room]]]
#: Processes of a worker end when they have had nothing to do for so long, seconds.
IDLE_SECONDS = 60.0
#: What a worker keeps at a time, of different studies.
_KEPT = 2
_KEY = "execution.executor"
_RESUME = "What is done is kept: the same call resumes it, also on another engine."


class OtherVersionError(RuntimeError):
    """Error of a worker whose code differs from the study's; it contains the hash of the worker's sources."""


@dataclass(frozen=True)
class Engine:
    """Executor for tasks, given by the user or opened by name, with its number of concurrent tasks."""

    execution: Execution
    given: Executor | None = None

    @property
    def name(self) -> str:
        """Name of the executor for messages."""
        return self.execution.executor if self.given is None else type(self.given).__name__

    @contextmanager
    def opened(self) -> Iterator[tuple[Executor, Room]]:
        """Context manager: yields the executor and its number of concurrent tasks."""
        from sim.experiments.settings import GROUP

        name = self.execution.executor
        if self.given is not None:
            yield self.given, self.execution.workers or _room_of(self.given)
            return
        found: Mapping[str, EntryPoint] = {entry.name: entry for entry in entry_points(group=GROUP)}
        try:
            opens: Opens = found[name].load()
        except Exception as error:  # of a package that is not Comity's
            problem = f"it cannot be loaded ({type(error).__name__}: {error})"
            raise mistake(problem, _KEY, name, "Install again the package that it comes from.") from None
        with opens(self.execution) as (executor, room):
            yield executor, room


def _room_of(executor: Executor) -> int:
    """Number of tasks that an executor runs at once; an error if the executor does not report it."""
    room = getattr(executor, "_max_workers", None)
    if isinstance(room, int) and room > 0:
        return room
    fix = "Write workers=, the tasks that it takes at a time: twice its workers hides the way to them."
    raise InputError("nobody says how many tasks this executor takes", key="workers", fix=fix)


# In a worker of the engine.


@dataclass
class Job:
    """Common part of all tasks of a study: the function, the version of the code, and the user's parts."""

    code: str  # hash of the sources
    packed: bytes  # the function, and what is done once in each process before any task
    parts: Mapping[str, str] = field(default_factory=dict)  # own parts of the user's
    function: Callable[[Any], Any] | None = None

    def __call__(self, task: bytes) -> Any:
        """Executes a task, unless this process has other code than the study."""
        if self.function is None:
            from sim.data import own

            own.adopt(self.parts)
            if (here := source_hash()) != self.code:
                raise OtherVersionError(here)
            self.function, ready = unpacked(self.packed)
            ready()
        return self.function(unpacked(task))


class _Crew:
    """Processes on one worker of an engine that execute the tasks of a job, one process per concurrent task."""

    def __init__(self, content: bytes) -> None:
        self._content, self._lock = content, Lock()
        self._free: list[TaskProcess] = []
        self._closed = False

    def call(self, task: bytes) -> tuple[Any, ...]:
        """Executes a task in a process; returns ("made", the answer's bytes) or ("died", the cause, begun or not)."""
        with self._lock:
            process = self._free.pop() if self._free else None
        if process is None or not process.alive:  # none, or it has ended since nothing came
            process = TaskProcess(unpacked(zlib.decompress(self._content)), IDLE_SECONDS)
            _starter().submit(process.start).result()
        try:
            answer: tuple[Any, ...] = "made", process.call_for_bytes(task)
        except DeathError as death:
            return "died", death.cause, death.begun
        with self._lock:
            closed = self._closed
            if not closed:
                self._free.append(process)
        if closed:
            process.terminate()
        return answer

    def close(self) -> None:
        """Ends idle processes; busy processes end after their task."""
        with self._lock:
            self._closed, free = True, self._free
            self._free = []
        for process in free:
            process.terminate()


_CREWS: OrderedDict[str, _Crew] = OrderedDict()
_LOCK = Lock()


@cache
def _starter() -> ThreadPoolExecutor:
    """Thread that starts all worker processes; it never ends, as some systems kill processes with their thread."""
    return ThreadPoolExecutor(1)


def _forget() -> None:
    """Clears a forked child's list of processes, which belong to its parent."""
    global _LOCK
    _LOCK = Lock()
    _CREWS.clear()
    _starter.cache_clear()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_forget)


def call(key: str, task: bytes, content: bytes | None, _number: int) -> tuple[Any, ...]:
    """Executes a task in an engine's worker; the result is `missing` if the worker lacks the job's content.

    The number makes each call another to engines that reuse results of equal calls.
    """
    with _LOCK:
        if key not in _CREWS:
            if content is None:
                return ("missing",)
            _CREWS[key] = _Crew(content)
        crew = _CREWS[key]
        _CREWS.move_to_end(key)
        old = [_CREWS.pop(next(iter(_CREWS))) for _ in range(len(_CREWS) - _KEPT)]
    for other in old:
        other.close()
    return crew.call(task)


# In the process of the study.


class FuturesPool:
    """Pool that runs tasks on an executor, and behaves like `processes.ProcessPool`."""

    def __init__(
        self, name: str, executor: Executor, room: Room, function: Callable[[Any], Any], ready: Callable[[], None]
    ) -> None:
        from sim.data import own

        self._name, self._executor, self._room, self._code = name, executor, room, source_hash()
        job = Job(self._code, packed((function, ready)), dict(own.texts()))
        self._content = zlib.compress(packed(job), 1)
        self._key, self._number = sha256(self._content).hexdigest(), count()
        self._open: set[Future[Any]] = set()
        self._owed = 1  # tasks that take the content with them: the first, and one for each worker that lacks it
        self._lock = Lock()
        self._silenced: list[tuple[Logger, int]] = []

    @property
    def room(self) -> int:
        """Number of tasks that the engine gets at a time, at least 1."""
        return max(1, self._room() if callable(self._room) else self._room)

    def __enter__(self) -> Self:
        """Silences the engine's log of lost workers, as Comity reports each loss with its task."""
        whose = type(self._executor).__module__.partition(".")[0]
        named = [name for name in root.manager.loggerDict if name.partition(".")[0] == whose]
        self._silenced = [(logger, logger.level) for logger in map(getLogger, named)]
        for logger, _ in self._silenced:
            logger.setLevel(CRITICAL + 1)
        return self

    def __exit__(self, *_error: object) -> None:
        for future in list(self._open):
            future.cancel()
        for logger, level in self._silenced:
            logger.setLevel(level)

    def submit(self, task: Any) -> Future[Any]:
        """Submits a task to the engine."""
        mine: Future[Any] = Future()
        with self._lock:
            content = self._content if self._owed else None
            self._owed -= bool(self._owed)
        try:
            its = self._executor.submit(call, self._key, packed(task), content, next(self._number))
        except Exception as error:
            raise self._gone(error) from None
        self._open.add(its)
        its.add_done_callback(partial(self._ended, mine))
        return mine

    def unable(self, cause: str) -> InputError:
        """Makes the error for an engine on which no worker has started any task."""
        problem = f"workers of the engine are lost before they begin with any task ({cause})"
        return mistake(
            problem, _KEY, self._name, "See why in the engine's own log, or take execution.executor=processes."
        )

    def _ended(self, mine: Future[Any], its: Future[Any]) -> None:
        """Passes the result or error of an engine's task on to the future that `submit` returned."""
        self._open.discard(its)
        try:
            mine.set_result(self._made(its.result()))
        except BaseException as error:
            mine.set_exception(self._problem(error))

    def _made(self, answer: tuple[Any, ...]) -> Any:
        """Unpacks the result of a task from a worker's answer; raises the task's error."""
        kind, *rest = answer
        if kind == "missing":
            with self._lock:
                self._owed += 1
            raise AgainError
        if kind == "died":
            raise DeathError(rest[0], begun=rest[1])
        return TaskProcess.result(rest[0])

    def _problem(self, error: BaseException) -> BaseException:
        """Translates an error of a task, a worker or the engine to the error that the pool reports."""
        if isinstance(error, OtherVersionError):
            return self._other(f"{str(error)[:12]}, the study has {self._code[:12]}")
        if getattr(error, "__notes__", None) or isinstance(error, AgainError | DeathError):
            return error  # raised by the task, in a process
        if isinstance(error, CancelledError | BrokenExecutor) or type(error).__name__ in _GONE:
            return self._gone(error)
        if found := next((one for one in _causes(error) if isinstance(one, ImportError | AttributeError)), None):
            return self._other(str(found))
        return DeathError(f"with a worker of the engine ({type(error).__name__})", begun=False)

    def _other(self, how: str) -> InputError:
        problem = f"a worker has another version of Comity, whose results may differ ({how})"
        return mistake(problem, _KEY, self._name, "Start all workers from the same installation. " + _RESUME)

    def _gone(self, error: BaseException) -> InputError:
        problem = f"the engine is gone ({type(error).__name__})"
        return mistake(problem, _KEY, self._name, _RESUME)


#: Errors by which engines say that they are gone; by name, so that none is imported.
_GONE = frozenset(
    {"FutureCancelledError", "FuturesCancelledError", "CommClosedError", "ClosedClientError", "RaySystemError"}
)


def _causes(error: BaseException | None) -> Iterator[BaseException]:
    """Yields an error and then its causes."""
    while error is not None:
        yield error
        error = error.__cause__ or error.__context__
