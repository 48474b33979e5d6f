"""Simulated worlds of the page, and worker processes that simulate the next runs for waiting readers.

Workers run as those of a study do. Of a seed one errand is under way at a time, so that its past is simulated once, and
kept on disk. Nothing queues at a worker, so that a stream that is closed costs no more than the arms that are being
run; even these are kept for the next one who asks. Streams take turns.
"""

from __future__ import annotations

from collections import OrderedDict, deque
from collections.abc import Callable, Hashable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from functools import partial
from operator import itemgetter
from queue import SimpleQueue
from threading import RLock, Thread
from typing import Any

from sim.calibration.ensemble import sets_of_today
from sim.experiments.config import Experiment, compose, experiment_of
from sim.experiments.executors import Executor, WorkerDeath
from sim.experiments.run import Failure, ScenarioRun, Task
from sim.policy.problem import InputError
from sim.policy.scenario import Scenario
from sim.web.worker import TABLES, Errand, Result, attempt

#: Times that an errand may cost a worker's life before it is given up.
TRIES = 2
#: Policies whose arms are remembered; 20 arms of a policy take about a megabyte.
MOST_REMEMBERED = 64
_OVERLOADED = "uncertainty=overloaded_courts"
_UNCERTAINTY = "uncertainty="


@dataclass(frozen=True)
class Assumed:
    """Worlds of the page under one choice of assumptions (courts, parameter sets)."""

    experiment: Experiment  # what is asked for, but for policies and the number of pairs
    words: tuple[str, ...]  # what a command line needs to run the same; no two choices have the same

    def task(self, seed: int, *scenarios: Scenario) -> Task:
        """Makes the task that simulates one seed as `comity compare` would."""
        asked, sets = self.experiment, self.experiment.sets
        task = Task("page", seed, scenarios, asked.world, asked.parameters, keeps=True, tables=TABLES)
        if sets is None:
            return task
        return replace(task, parameters=sets.parameters(asked.parameters, seed), prices=sets.prices(seed))


def worlds_of(overrides: Sequence[str]) -> dict[tuple[bool, bool], Assumed]:
    """Worlds of the page for each choice: overloaded courts or not, and one parameter set or many."""
    others = tuple(word for word in overrides if not word.startswith(_UNCERTAINTY))
    found = {}
    for courts, words in ((False, tuple(overrides)), (True, (*others, _OVERLOADED))):
        experiment = experiment_of(*compose("compare", words), (), words, "page")
        found[courts, True] = Assumed(experiment, (*words, "--point"))
        found[courts, False] = Assumed(replace(experiment, sets=sets_of_today()), words)
    return found


@dataclass(frozen=True)
class Arms:
    """Runs of one policy in the worlds of one choice of assumptions."""

    world: str
    policy: Hashable
    errand: Callable[[int], Errand] = field(compare=False)


@dataclass(eq=False)
class Stream:
    """A waiting reader, with the policies and seeds that the reader needs."""

    wanted: tuple[Arms, ...]  # policies, that of the baseline first
    seeds: tuple[int, ...]


class _ClosedError(Exception):
    """Error that ends the workers' loop when the page closes."""


#: An errand that a worker carries out, and whose arm it is; None where only a past is prepared.
_Chosen = tuple[Errand, Arms | None]


class WorkerPool:
    """Worker processes of the page, with all results so far."""

    def __init__(self, workers: int, function: Callable[[Errand], Result]) -> None:
        self._lock, self._news = RLock(), SimpleQueue[Any]()
        self._streams: deque[Stream] = deque()
        self._idle: Stream | None = None
        #: Worlds and seeds whose past a worker has simulated, and keeps on disk, or has tried to.
        self._begun: set[tuple[str, int]] = set()
        self._known: OrderedDict[Arms, dict[int, ScenarioRun | Failure]] = OrderedDict()
        self._running: dict[Errand, Arms | None] = {}
        self._problem: InputError | None = None
        self._thread = Thread(target=self._serve, args=(workers, function), daemon=True)
        self._thread.start()

    @contextmanager
    def open(self, stream: Stream) -> Iterator[None]:
        """Context manager: simulates a reader's runs until the block ends."""
        self.check()
        with self._lock:
            self._streams.append(stream)
        self._news.put(None)
        try:
            yield
        finally:
            with self._lock:
                self._streams.remove(stream)

    def check(self) -> None:
        """Raises an error if no worker process is alive."""
        if self._problem is not None:
            raise self._problem

    def prepare(self, stream: Stream) -> None:
        """Sets the work of idle workers: missing runs of a reader, then warm-ups."""
        with self._lock:
            self._idle = stream
        self._news.put(None)

    @property
    def prepared(self) -> tuple[int, int]:
        """Returns the number of seeds that are ready, and the number of all seeds."""
        with self._lock:
            if self._idle is None:
                return (0, 0)
            known, world = self._of(self._idle.wanted[0]), self._idle.wanted[0].world
            ready = (seed in known and (world, seed) in self._begun for seed in self._idle.seeds)
            return sum(ready), len(self._idle.seeds)

    def found(self, stream: Stream) -> dict[int, tuple[ScenarioRun | Failure, ...]]:
        """Results of a reader's policies by seed, for seeds with all results."""
        with self._lock:
            columns = [self._of(arms) for arms in stream.wanted]
            whole = (seed for seed in stream.seeds if all(seed in column for column in columns))
            return {seed: tuple(column[seed] for column in columns) for seed in whole}

    def close(self) -> None:
        """Ends all worker processes at once."""
        self._news.put(_ClosedError())
        self._thread.join(10.0)

    def _of(self, arms: Arms) -> dict[int, ScenarioRun | Failure]:
        known = self._known.setdefault(arms, {})
        self._known.move_to_end(arms)
        while len(self._known) > MOST_REMEMBERED:
            self._known.popitem(last=False)
        return known

    def _serve(self, workers: int, function: Callable[[Errand], Result]) -> None:
        """Executes tasks in worker processes until the page closes."""
        executor = Executor(workers, tries=TRIES)
        try:
            for errand, result in executor.run(partial(attempt, function), self._errands(), news=self._news):
                self._learn(errand, self._running.pop(errand), result)
        except _ClosedError:
            pass
        except InputError as error:  # for all who ask
            self._problem = error
        except Exception as error:
            fix = "Start `comity dashboard` again."
            self._problem = InputError(f"the workers of the page have ended ({error})", fix=fix)
            raise

    def _errands(self) -> Iterator[Errand | None]:
        """Yields the next task for each free worker; None while no task is ready."""
        while True:
            with self._lock:
                errand, arms = self._choose() or (None, None)
                if errand:
                    self._running[errand] = arms
            yield errand

    def _choose(self) -> _Chosen | None:
        """Chooses the next task: runs for waiting readers in turn, then preparation."""
        busy = {(errand.world, errand.task.seed) for errand in self._running}
        for _ in range(len(self._streams)):
            self._streams.rotate(-1)
            if chosen := self._missing(busy, self._streams[-1]):
                return chosen
        if self._idle is None or (chosen := self._missing(busy, self._idle)):
            return chosen if self._idle else None
        arms = self._idle.wanted[0]
        cold = (arms.errand(seed) for seed in self._idle.seeds if (arms.world, seed) not in self._begun | busy)
        return next(((Errand(one.world, replace(one.task, scenarios=())), None) for one in cold), None)

    def _missing(self, busy: set[tuple[str, int]], stream: Stream) -> _Chosen | None:
        """Chooses a run for a reader, from the seed with fewest missing runs, so that pairs are complete soon."""
        world, found = stream.wanted[0].world, []
        for seed in stream.seeds:
            missing = [arms for arms in stream.wanted if seed not in self._of(arms)]
            if missing and (world, seed) not in busy:
                found.append((len(missing) + 2 * ((world, seed) not in self._begun), seed, missing[0]))
        _, seed, arms = min(found, key=itemgetter(0), default=(0, 0, None))
        return (arms.errand(seed), arms) if arms else None

    def _learn(self, errand: Errand, arms: Arms | None, result: Result | WorkerDeath) -> None:
        """Stores the result of a finished task."""
        with self._lock:
            if isinstance(result, WorkerDeath):
                result = Failure.of_death(result.cause, "page", errand.task.seed)
            if arms and result:
                self._of(arms)[errand.task.seed] = result
            self._begun.add((errand.world, errand.task.seed))
