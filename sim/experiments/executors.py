"""Executes tasks in this process, in other processes or on an engine, and stores results of independent jobs.

Results depend neither on who carries a task out nor on the number of workers. A worker has one task at a time, so that
a death names its task and costs no other task anything.

Jobs are conducted as a study is: what is done is kept, the same command does only what is missing. A job's result is
plain data: numbers, texts, lists and dicts by text, which a line of JSON gives back to the last bit.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import deque
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence, Sized
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from queue import Empty, SimpleQueue
from typing import Any, Generic, TypeVar

import numpy as np
from rich.console import Console

from sim.experiments.control import OnProgress, alone, counting, stopping
from sim.experiments.durable import flush, lasting_folder
from sim.experiments.engines import Engine, FuturesPool
from sim.experiments.processes import POLL, UNKNOWN_CAUSE, AgainError, DeathError, ProcessPool
from sim.experiments.store import beside
from sim.policy.version import source_hash

TaskT = TypeVar("TaskT")
ResultT = TypeVar("ResultT")

#: Number of workers that may die with a task before it ends in failure: one killed by chance, and two more.
TRIES = 3
#: Number of workers that may end before they have begun with a task; more are no coincidence.
_FALSE_STARTS = 5


@dataclass(frozen=True)
class WorkerDeath:
    """Result of a task whose worker process died at every attempt."""

    tries: int
    cause: str = field(default=UNKNOWN_CAUSE, compare=False)


def idle() -> None:
    """Does nothing; the default for `meanwhile`, a function that is called between results."""


@dataclass(frozen=True)
class Executor:
    """Executes tasks in this process, in others, or on an engine, in any order."""

    workers: int = 1
    kind: str = "processes"  # one of `settings.KINDS`; `serial` is this process, whose death ends everything
    tries: int = TRIES  # number of workers that may die with a task before it ends in failure
    engine: Engine | None = None  # elsewhere than in processes of this machine

    def run(
        self,
        function: Callable[[TaskT], ResultT],
        tasks: Iterable[TaskT | None],
        meanwhile: Callable[[], None] = idle,
        parts: Callable[[TaskT], Sequence[TaskT]] = lambda task: (task,),
        died: Callable[[TaskT, str], None] = lambda *_: None,
        beforehand: Callable[[], None] = idle,
        news: SimpleQueue[Any] | None = None,
        ready: Callable[[], None] = idle,
    ) -> Iterator[tuple[TaskT, ResultT | WorkerDeath]]:
        """Yields each task with its result, in the order of arrival; errors get a note on their place of origin.

        Tasks are started as workers become free; None says that there is nothing yet, and what is put into `news` has
        them asked again, or is raised if it is an error. `beforehand` is done while workers start, before any task;
        `meanwhile` as soon as no worker has to wait for this process. For every worker that dies with a task `died` is
        called at once, with the cause, and `parts` splits the task: its parts are then yielded in its place. `ready` is
        done once by each process on another machine, before its first task.
        """
        if self.engine is None and self.kind == "serial":
            beforehand()
            meanwhile()
            for task in tasks:
                assert task is not None  # noqa: S101 - only a page waits for tasks, and it has processes
                yield task, function(task)
            return
        first = min(self.workers, len(tasks)) if isinstance(tasks, Sized) else self.workers
        with self._pool(function, first, ready) as pool:
            beforehand()
            yield from _Round(pool, iter(tasks), parts, died, self.tries, news or SimpleQueue()).results(meanwhile)

    @contextmanager
    def _pool(
        self, function: Callable[[Any], Any], first: int, ready: Callable[[], None]
    ) -> Iterator[ProcessPool | FuturesPool]:
        """Context manager: yields a pool of worker processes or of an engine's tasks."""
        if self.engine is None:
            with ProcessPool(self.workers, function, first) as pool:
                yield pool
        else:
            with (
                self.engine.opened() as (executor, room),
                FuturesPool(self.engine.name, executor, room, function, ready) as elsewhere,
            ):
                yield elsewhere


@dataclass
class _Attempt(Generic[TaskT]):
    """State of a task, with the number of workers that died during the task and before it began."""

    task: TaskT
    deaths: int = 0
    false_starts: int = 0


@dataclass
class _Round(Generic[TaskT, ResultT]):
    """All tasks of one call: waiting, or running with at most one task per worker."""

    pool: ProcessPool | FuturesPool
    tasks: Iterator[TaskT | None]
    parts: Callable[[TaskT], Sequence[TaskT]]
    report: Callable[[TaskT, str], None]
    tries: int
    news: SimpleQueue[Any]
    running: dict[Future[Any], _Attempt[TaskT]] = field(default_factory=dict)
    _again: deque[_Attempt[TaskT]] = field(default_factory=deque)
    _more: bool = True
    _able: bool = False

    def results(self, meanwhile: Callable[[], None]) -> Iterator[tuple[TaskT, ResultT | WorkerDeath]]:
        """Yields all tasks with their results."""
        self._hand_out()
        rested = False
        while self.running or self._more:
            if not rested and len(self.running) < self.pool.room:
                rested = True
                meanwhile()
            try:
                future = self.news.get(timeout=POLL)
            except Empty:
                future = None
            if isinstance(future, Exception):
                raise future
            ended = self._ended(future) if future in self.running else []
            self._hand_out()
            yield from ended

    def _hand_out(self) -> None:
        """Gives tasks to free workers: first tasks whose worker has died, then new ones."""
        while len(self.running) < self.pool.room:
            if not self._again:
                try:
                    task = next(self.tasks)
                except StopIteration:
                    self._more = False
                    return
                if task is None:
                    return
                self._again.append(_Attempt(task))
            attempt = self._again.popleft()
            future = self.pool.submit(attempt.task)
            self.running[future] = attempt
            future.add_done_callback(self.news.put)

    def _ended(self, future: Future[Any]) -> list[tuple[TaskT, Any]]:
        """Returns the finished task with its result in a list, which is empty if the task is tried again."""
        attempt = self.running.pop(future)
        try:
            made = future.result()
        except AgainError:
            self._again.appendleft(attempt)
            return []
        except DeathError as death:
            self.report(attempt.task, death.cause)
            self._able |= death.begun
            return (
                [(attempt.task, WorkerDeath(attempt.deaths, death.cause))] if self._has_failed(attempt, death) else []
            )
        self._able = True
        return [(attempt.task, made)]

    def _has_failed(self, attempt: _Attempt[TaskT], death: DeathError) -> bool:
        """True if a task has lost too many workers; otherwise it, or its parts, are queued again."""
        parts = self.parts(attempt.task) if death.begun else ()
        if len(parts) > 1:
            self._again.extend(map(_Attempt, parts))
            return False
        attempt.false_starts += not death.begun
        attempt.deaths += death.begun
        if attempt.deaths < self.tries and attempt.false_starts < _FALSE_STARTS:
            self._again.append(attempt)
            return False
        if not self._able:
            raise self.pool.unable(death.cause)
        return True


JobT = TypeVar("JobT")
LEDGER = "jobs.jsonl"


def conduct_jobs(
    work: Callable[[JobT], Any],
    jobs: Mapping[str, JobT],
    folder: Path,
    workers: int,
    console: Console,
    *,
    label: str = "Runs",
    quiet: bool = False,
    progress: OnProgress | None = None,
    runs: Callable[[JobT], int] = lambda _: 1,
    any_code: bool = False,
    of_death: Callable[[JobT, str], Any] | None = None,
    engine: Engine | None = None,
) -> dict[str, Any]:
    """Executes jobs that have no stored result; returns the results of all jobs as JSON values, by name.

    What does the work is a function at the top of a module, of whose code results are; it returns plain data. The name
    of a job says all that its result follows from besides the code. Results of other code are done again, unless any
    code will do. `runs` says how much a job counts in progress, `of_death` what the result of a job is with which a
    worker process died at every try, and how: a RuntimeError where it says nothing. A stop raises a KeyboardInterrupt
    with a message.
    """
    lasting_folder(folder)
    with alone(folder, "p"):
        code, ledger = _code(work), folder / LEDGER
        good = _good_lines(ledger, "" if any_code else code)
        if ledger.is_file() and b"".join(good) != ledger.read_bytes():
            with beside(ledger) as writing:
                writing.write_bytes(b"".join(good))
        found = _by_name(good)
        left = {name: job for name, job in jobs.items() if name not in found}
        total = sum(map(runs, jobs.values()))
        executor = Executor(workers, "processes" if min(workers, len(left)) > 1 else "serial", engine=engine)
        ready = partial(_rules_ready, work)
        with (
            stopping(console) as stop,
            counting(console, label, total, quiet, progress) as advance,
            ledger.open("a", buffering=1, encoding="utf-8") as file,  # each line at once
        ):
            advance(total - sum(map(runs, left.values())))
            asked = (pair for pair in left.items() if not stop.asked)
            for (name, job), came in executor.run(partial(_done, work), asked, ready=ready) if left else ():
                if isinstance(came, WorkerDeath):
                    if of_death is None:
                        raise RuntimeError(f"{name}: the worker process ended {came.cause}")
                    came = of_death(job, came.cause)
                line = json.dumps([code, name, came], default=_plain)
                file.write(line + "\n")
                found[name] = json.loads(line)[2]
                advance(runs(job))
        for place in (ledger, folder):
            flush(place)
    if missing := len(jobs.keys() - found.keys()):
        done = f"{len(jobs) - missing:,} of {len(jobs):,} are in {folder}"
        raise KeyboardInterrupt(f"stopped: {done}. Give the same command again to resume.")
    return {name: found[name] for name in jobs}


def kept_jobs(folder: Path, code: str = "") -> dict[str, Any]:
    """Reads stored job results by name, for one version of the code or all versions; skips damaged lines."""
    return _by_name(_good_lines(folder / LEDGER, code))


def _by_name(lines: Iterable[bytes]) -> dict[str, Any]:
    """Results of jobs by job name, parsed from lines of a ledger."""
    return {name: came for _, name, came in map(json.loads, lines)}


def _good_lines(ledger: Path, code: str) -> list[bytes]:
    """Complete lines of a file of job results, written by one version of the code or by all."""
    lines = ledger.read_bytes().splitlines(keepends=True) if ledger.is_file() else []
    return [line for line in lines if _is_good(line, code)]


def _is_good(line: bytes, code: str) -> bool:
    """True if a line of job results is complete, [code, name, result], and of the given code, if any."""
    try:
        match json.loads(line):
            case [str(made_by), str(), _]:
                return made_by.startswith(code) and line.endswith(b"\n")
    except (ValueError, RecursionError):
        pass
    return False


def _done(work: Callable[[JobT], Any], named: tuple[str, JobT]) -> Any:
    """Executes a named job; returns its result."""
    return work(named[1])


def _rules_ready(work: Callable[..., Any]) -> None:
    """Compiles rules once on an engine's machine, if the job needs Comity's rules."""
    if str(getattr(work, "func", work).__module__).startswith("sim."):
        from sim.experiments.worker import compile_here
        from sim.world.parameters import Parameters, WorldSpec

        compile_here(WorldSpec(), Parameters(), None)


def _code(work: Callable[..., Any]) -> str:
    """Hash of the code of a job: the package, and the file of its function."""
    file = Path(str(sys.modules[getattr(work, "func", work).__module__].__file__))
    return hashlib.sha256(source_hash().encode() + file.read_bytes()).hexdigest()[:16]


def _plain(value: Any) -> Any:
    """Converts arrays and their numbers to JSON values."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise TypeError(f"a job's result must be plain data, not {type(value).__name__}")
