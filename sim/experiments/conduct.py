"""Conducts a study: runs what is missing, in batches, until all is there or somebody asks to stop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from logging import getLogger
from pathlib import Path
from time import monotonic
from typing import Any, Protocol

import numpy as np
from rich.console import Console

from sim.experiments.config import Experiment
from sim.experiments.control import Display, Log, Stop, alone, counting, expected, stopping
from sim.experiments.design import Design
from sim.experiments.executors import Executor, WorkerDeath, idle
from sim.experiments.ledger import Ledger
from sim.experiments.manifest import describe, identities
from sim.experiments.plan import MAIN, Mask, Past, Plan, Run
from sim.experiments.run import Replicate, Task, run_replicate
from sim.experiments.statistics import FEWEST_PAIRS, Until, half_width
from sim.experiments.study import LOG, Study, settle
from sim.experiments.worker import Batch, BatchResult, Worker, compile_rules, peak_memory, singles
from sim.measures.arrays import Floats
from sim.measures.outcomes import OUTCOMES
from sim.policy.well_known import LOWER_BOUND, UPPER_BOUND

#: Working time of a batch in seconds, so that handing it out costs nothing in comparison.
BATCH_SECONDS = 1.5
_LOGGER = getLogger(__name__)
MOST_IN_A_BATCH = 500

Evaluate = Callable[[Task], Replicate]


class Watch(Protocol):
    """Looks at a study while it runs."""

    def begin(self, study: Study) -> None:
        """Meets the study, with all that is there already."""

    def add(self, result: BatchResult) -> None:
        """Takes note of what came of a batch."""

    def look(self, worlds: int, write: Callable[[], None]) -> bool:
        """Called at first, and when more worlds are whole.

        Args:
            worlds: number of first seeds all of whose runs are there.
            write: writes what waits, so that the study's tables hold these worlds.

        Returns:
            Whether that is enough: what is running ends, and nothing more begins.
        """


@dataclass(frozen=True)
class Options:
    """How a study is conducted this time.

    Attributes:
        shard: (i, n): only this part of the runs.
        point: the only point that is meant this time; None for all.
        apart: number of points of which each has a process of its own; 0 where one process does all that is meant.
    """

    shard: tuple[int, int] = (0, 1)
    retry_failed: bool = False
    allow_other_code: bool = False
    point: int | None = None
    apart: int = 0

    @property
    def tag(self) -> str:
        """Name of this process's parts."""
        place, of = (self.point, self.apart) if self.apart else self.shard
        return "p" if of == 1 else f"s{place}of{of}"


@dataclass(frozen=True)
class Finished:
    """What a study has when its process ends.

    Attributes:
        missing: runs of this process's part that are not there yet.
        peak_memory: largest resident memory of any process, bytes.
        enough: whether the study ended early because it had enough worlds.
    """

    done: int
    failed: int
    missing: int
    fresh: int
    seconds: float
    peak_memory: int
    stopped: bool
    enough: bool = False


def conduct(
    experiment: Experiment,
    plan: Plan,
    folder: Path,
    options: Options,
    console: Console,
    *,
    about: Mapping[str, Any],
    meanwhile: Callable[[], None] = idle,
    evaluate: Evaluate | None = None,
    watch: Watch | None = None,
) -> tuple[Study, Finished]:
    """Begins or resumes a study, of which `about` says how its points were chosen, and runs what is missing.

    Meanwhile this process may do something while the last workers are busy; nothing must depend on its being done. What
    evaluates stands in for the model. A watch looks at worlds as they become whole, and may end the study early.

    Raises:
        KeyboardInterrupt: somebody asked to stop before all was done; with a message. What is done is kept.
        OSError: If the disk is full; what is written stays good.
    """
    described = describe(experiment, plan, about)
    study = settle(folder, described, options.allow_other_code)
    _LOGGER.info("study in %s: %d runs", folder, len(plan))
    with alone(folder, options.tag):
        ids = identities(experiment, plan)
        ledger = Ledger(study.store, plan, ids, study.about, described["code"]["sources"][:16], options.tag)
        log = Log(folder / LOG, options.tag)
        ledger.clean()
        if options.retry_failed and (failed := ledger.forget_failures()):
            console.print(f"{failed} failed runs are tried again")
        worker = Worker(plan.base, ledger.pending.absolute(), ids, evaluate or run_replicate, experiment.rules)
        chosen = plan.shard(*options.shard)
        if options.point is not None:
            chosen &= plan.at_points([options.point])
        asked = experiment.world, experiment.parameters, console, experiment.rules, experiment.quiet
        compiling = idle if evaluate else lambda: compile_rules(*asked)
        finished = _Conductor(experiment, ledger, worker, console, log, watch).run(study, chosen, meanwhile, compiling)
        ledger.tidy()
    if finished.stopped and finished.missing and not finished.enough:
        raise KeyboardInterrupt(
            f"stopped: {finished.done + finished.failed:,} runs are in {folder}, {finished.missing:,} are missing. "
            f"Resume with: {experiment.command}"
        )
    if finished.stopped:
        console.print("All runs were done before the stop.")
    return study, finished


@dataclass(frozen=True)
class _Conductor:
    """Hands out batches and writes what comes back."""

    experiment: Experiment
    ledger: Ledger
    worker: Worker
    console: Console
    log: Log
    watch: Watch | None = None

    def run(
        self, study: Study, chosen: Mask, meanwhile: Callable[[], None], beforehand: Callable[[], None]
    ) -> Finished:
        """Runs what is missing of the chosen runs."""
        begun = monotonic()
        done, failed, damaged = self.ledger.read()
        for part in damaged:
            self.console.print(f"Set aside as damaged, to be run again: {part}")
            self.log(f"damaged part set aside: {part}")
        if self.watch is not None:
            self.watch.begin(study)
        wanted = chosen & ~done & ~failed
        shown = Display(int((done & chosen).sum()), int((failed & chosen).sum()))
        self.log(f"begins: {shown.done} done, {shown.failed} failed, {int(wanted.sum())} to run")
        if shown.done and wanted.any():
            self.console.print(f"{shown.done:,} of {int(chosen.sum()):,} runs were there already")
        if wanted.any():
            self.console.print(expected(self.ledger.plan, wanted, self.experiment.workers), soft_wrap=True)
        experiment, peak = self.experiment, peak_memory()
        with (
            stopping(self.console) as stop,
            counting(
                self.console, "Simulating", int(chosen.sum()), experiment.quiet, experiment.progress, shown
            ) as advance,
            self.ledger.writer() as writer,
        ):
            batches = _Batches(self.ledger.plan, wanted, stop, ~chosen | done | failed, self.watch)
            batches.look(writer.flush)
            executor = Executor(experiment.workers, experiment.executor)
            results = executor.run(self.worker, batches, meanwhile, singles, self._report_death, beforehand)
            for batch, came in results if wanted.any() and not batches.enough else ():
                result = (
                    BatchResult.of_death(self.worker.base, batch, came.cause) if isinstance(came, WorkerDeath) else came
                )
                peak = max(peak, result.peak_memory)
                for run, failure in result.failed:
                    self.log(f"failed: point {run.point}, seed {run.seed}, in {failure.stage}: {failure.message}")
                _LOGGER.debug("%d runs came back after %.1f s", len(result), result.seconds)
                advance(len(result.done), len(result.failed))
                writer.add(result)
                batches.learn(result, writer.flush)
        missing = int(chosen.sum()) - shown.done - shown.failed
        seconds, peak = monotonic() - begun, max(peak, peak_memory())
        self.log(
            f"{'stopped' if stop.asked else 'ends'}: {shown.done} done, {shown.failed} failed, {missing} missing; "
            f"{shown.fresh} runs in {seconds:.1f} s, {peak / 2**20:.0f} MB"
        )
        return Finished(shown.done, shown.failed, missing, shown.fresh, seconds, peak, stop.asked, batches.enough)

    def _report_death(self, batch: Batch, cause: str) -> None:
        """Reports at once that a worker has died, not only after the last try."""
        first, base = batch[0][0], self.worker.base
        runs = sum(map(len, batch))
        where = f"{base.block(first.point)}, seed {first.seed}"
        where += f", {base.scenarios[first.scenario].key}" if runs == 1 else f", with {runs} runs"
        self.log(f"worker process ended {cause}, at {where}")
        self.console.print(f"A worker process ended {cause}, at {where}")


@dataclass
class _Batches:
    """Batches, made as they are asked for, of a size that follows from how long late runs have taken.

    Each number of first worlds that are whole is shown to the watch, once: runs that are there or not wanted this time
    do not lack.
    """

    plan: Plan
    wanted: Mask
    stop: Stop
    there: Mask
    watch: Watch | None
    shown: int = 0
    enough: bool = False
    seconds: float = 0.0
    runs: int = 0

    def learn(self, result: BatchResult, write: Callable[[], None]) -> None:
        """Old batches are forgotten bit by bit: the first of a worker reads the law and the rules."""
        self.seconds = 0.7 * self.seconds + result.seconds
        self.runs = round(0.7 * self.runs) + len(result)
        self.there[[run.number for run in (*result.done, *(entry.run for entry in result.failed))]] = True
        if self.watch is not None:
            self.watch.add(result)
            self.look(write)

    def look(self, write: Callable[[], None]) -> None:
        """Shows a new number of worlds."""
        worlds = self.plan.whole_seeds(self.there) if self.watch else 0
        if self.watch is not None and worlds > self.shown:
            self.shown = worlds
            self.enough |= self.watch.look(worlds, write)

    @property
    def size(self) -> int:
        """Runs that make a batch."""
        if not self.runs:
            return 1
        return max(1, min(MOST_IN_A_BATCH, int(BATCH_SECONDS * self.runs / max(self.seconds, 1e-6))))

    def __iter__(self) -> Iterator[Batch]:
        batch: list[Past] = []
        for past in self.plan.pasts(self.wanted):
            if self.stop.asked or self.enough:
                return
            batch.append(past)
            if sum(map(len, batch)) >= self.size:
                yield tuple(batch)
                batch = []
        if batch and not (self.stop.asked or self.enough):
            yield tuple(batch)


class Precision:
    """Effects on one outcome as worlds arrive, and the first number of worlds that is enough."""

    def __init__(self, until: Until, design: Design) -> None:
        keys = [scenario.key for scenario in design.plan.base.scenarios]
        compared = [scenario.key for scenario in design.scenarios if scenario.key != design.baseline]
        policies = [key for key in compared if key not in (LOWER_BOUND, UPPER_BOUND)] or compared
        self._until, self._plan = until, design.plan
        self._baseline, self._policies = keys.index(design.baseline), [keys.index(key) for key in policies]
        self._main, self._first = design.blocks.index(MAIN), design.plan.first_seed
        self._column = [entry.key for entry in OUTCOMES].index(until.outcome)
        self._values = np.full((len(keys), design.plan.replicates), np.nan)
        self._checked = FEWEST_PAIRS - 1

    def begin(self, study: Study) -> None:
        """Reads what is there already."""
        found = Study(study.folder, study.about).columns("outcomes", self._plan.runs, ids=False)  # it keeps its parts
        if not found:
            return
        keys = [scenario.key for scenario in self._plan.base.scenarios]
        rows = np.flatnonzero(found["point"] == self._main)
        places = np.array([keys.index(str(key)) for key in found["scenario"][rows]])
        self._values[places, found["seed"][rows] - self._first] = found[self._until.outcome][rows]

    def add(self, runs: Sequence[Run], outcomes: Floats) -> None:
        """Adds runs with their outcomes, f8[runs, outcomes]."""
        for run, row in zip(runs, outcomes, strict=True):
            if run.point == self._main:
                self._values[run.scenario, run.seed - self._first] = row[self._column]

    def enough(self, worlds: int) -> int:
        """The smallest number of these first worlds, whose runs are all there, that is enough; 0 if none is.

        It does not depend on when it is asked, so that a study that is resumed ends with the same worlds.
        """
        for number in range(self._checked + 1, worlds + 1):
            if all(self._known(policy, number) for policy in self._policies):
                return number
            self._checked = number
        return 0

    def _known(self, policy: int, worlds: int) -> bool:
        """Whether the effect of a policy is known well enough by so many worlds."""
        effects, sets = (self._values[policy] - self._values[self._baseline])[:worlds], self._plan.base.sets
        clusters = None if sets is None else sets.numbers(self._first + np.arange(worlds))
        enough = np.count_nonzero(~np.isnan(effects)) >= FEWEST_PAIRS
        return bool(enough and half_width(effects, clusters) <= self._until.half_width)
