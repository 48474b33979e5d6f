"""Conducts a study: executes missing runs until all are done or the user asks to stop."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from dataclasses import dataclass
from functools import partial
from itertools import takewhile
from logging import getLogger
from pathlib import Path
from time import monotonic
from typing import Any, Protocol

import numpy as np
from rich.console import Console

from sim.experiments import seal
from sim.experiments.config import Experiment
from sim.experiments.control import Display, add_line, alone, counting, expected, stopping
from sim.experiments.design import Design
from sim.experiments.doubt import Doubt, Gathered
from sim.experiments.durable import flush
from sim.experiments.executors import Executor, WorkerDeath, idle
from sim.experiments.ledger import Ledger
from sim.experiments.manifest import describe, identities
from sim.experiments.plan import Mask, Plan, SharedRuns
from sim.experiments.run import Replicate, Task, run_replicate
from sim.experiments.statistics import FEWEST_PAIRS, Until, interval
from sim.experiments.study import LOG, Study, settle
from sim.experiments.worker import BatchResult, Worker, compile_here, compile_rules, peak_memory
from sim.policy.well_known import LOWER_BOUND, UPPER_BOUND

_LOGGER = getLogger(__name__)

Evaluate = Callable[[Task], Replicate]


class Watch(Protocol):
    """Interface of an observer that receives the results of a running study and can end the study."""

    def begin(self, study: Study) -> None:
        """Reads the results of runs that finished before the study was resumed."""

    def add(self, result: BatchResult) -> None:
        """Records the results of runs that have just finished."""

    def look(self, worlds: int, write: Callable[[], None]) -> bool:
        """Called when more worlds (seeds with all runs) are complete; returns true to end the study.

        `write` writes what waits, so that the study's tables hold these worlds. Returns whether that is enough: what is
        running ends, and nothing more begins.
        """


@dataclass(frozen=True)
class Options:
    """Settings for one call of `conduct`, such as the runs to execute and retries of failed runs."""

    shard: tuple[int, int] = (0, 1)  # (i, n): only this part of the runs
    retry_failed: bool = False
    allow_other_code: bool = False
    point: int | None = None  # the only point that is meant this time; None for all
    # number of points of which each has a process of its own; 0 where one process does all that is meant
    apart: int = 0

    @property
    def tag(self) -> str:
        """Text that identifies this process in the names of the part files that it writes."""
        place, of = (self.point, self.apart) if self.apart else self.shard
        return "p" if of == 1 else f"s{place}of{of}"


@dataclass(frozen=True)
class Finished:
    """State of a study when its process ends: numbers of runs, time, memory, and whether it was stopped."""

    done: int
    failed: int
    missing: int  # runs of this process's part that are not there yet
    fresh: int
    seconds: float
    peak_memory: int  # largest resident memory of any process, bytes
    stopped: bool
    enough: bool = False  # whether the study ended early because it had enough worlds


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
    doubt: Doubt | None = None,
) -> tuple[Study, Finished]:
    """Begins or resumes a study and executes its missing runs; `about` describes the choice of its points.

    Meanwhile this process may do something while the last workers are busy; nothing must depend on its being done. What
    evaluates stands in for the model. A watch inspects worlds as they become complete, and may end the study early. A
    doubt gives no further worlds to policies that are clear. A stop before all is done raises a KeyboardInterrupt with
    a message, a full disk an OSError; what is written stays good.
    """
    described = describe(experiment, plan, about)
    changed = seal.changed(folder)  # since the study was finished, if it was
    study = settle(folder, described, options.allow_other_code)
    for place in (folder.parent, folder):  # who made them may have been killed before their names were on the disk
        flush(place)
    _LOGGER.info("study in %s: %d runs", folder, len(plan))
    with alone(folder, options.tag):
        ids = identities(experiment, plan)
        ledger = Ledger(study.store, plan, ids, study.about, described["code"]["sources"][:16], options.tag)
        log = partial(add_line, folder / LOG, options.tag)
        ledger.clean()
        if options.retry_failed:
            seal.unseal(folder)
        if options.retry_failed and (failed := ledger.forget_failures()):
            console.print(f"{failed} failed runs are tried again")
        rules, model = experiment.rules, evaluate or run_replicate
        # on an engine no folder is shared: what workers make travels back
        store = None if experiment.engine else study.store.absolute()
        worker = Worker(plan.base, store, ids, options.tag, model, rules)
        chosen = plan.shard(*options.shard)
        if options.point is not None:
            chosen &= plan.runs["point"] == options.point
        world = experiment.world, experiment.parameters
        compiling, ready = idle, idle
        if experiment.engine and not evaluate:
            ready = partial(compile_here, *world, rules)
        elif not evaluate:
            compiling = partial(compile_rules, *world, console, rules, experiment.quiet)
        files = [folder / name for name in changed]
        conductor = _Conductor(experiment, ledger, worker, console, log, watch, doubt, files)
        finished = conductor.run(study, chosen, meanwhile, compiling, ready)
        ledger.clean()
        if not (plan.base.blocks or seal.is_sealed(folder)) and ledger.is_whole():  # a report seals its own folder
            seal.seal(folder)
    if finished.stopped and finished.missing and not finished.enough:
        raise KeyboardInterrupt(
            f"stopped: {finished.done + finished.failed:,} runs are in {folder}, {finished.missing:,} are missing. "
            f"Resume with: {experiment.command}"
        )
    if finished.stopped:
        console.print("All runs were done before the stop.")
    return study, finished


@dataclass
class _Conductor:
    """Executes the runs of a study in groups with a common warm-up, and writes results.

    Each number of first worlds that are whole is shown to the watch, once: runs that are there or not wanted this time
    do not lack.
    """

    experiment: Experiment
    ledger: Ledger
    worker: Worker
    console: Console
    log: Callable[[str], None]
    watch: Watch | None = None
    doubt: Doubt | None = None
    changed: Collection[Path] = ()  # files that are not as they were written
    shown: int = 0
    enough: bool = False

    def run(
        self,
        study: Study,
        chosen: Mask,
        meanwhile: Callable[[], None],
        beforehand: Callable[[], None],
        ready: Callable[[], None],
    ) -> Finished:
        """Executes the chosen runs that are missing; see `Executor.run` for `beforehand` and `ready`."""
        begun = monotonic()
        done, failed, damaged = self.ledger.read(self.changed)
        for part in damaged:
            self.console.print(f"Set aside as damaged, to be run again: {part}")
            self.log(f"damaged part set aside: {part}")
        observers = [one for one in (self.doubt, self.watch) if one is not None]
        for observer in observers:
            observer.begin(study)
        wanted = chosen & ~done & ~failed
        if wanted.any():
            seal.unseal(study.folder)
        shown = Display(int((done & chosen).sum()), int((failed & chosen).sum()))
        self.log(f"begins: {shown.done} done, {shown.failed} failed, {int(wanted.sum())} to run")
        if shown.done and wanted.any():
            self.console.print(f"{shown.done:,} of {int(chosen.sum()):,} runs were there already")
        if wanted.any() and self.experiment.engine is None:
            self.console.print(expected(self.ledger.plan, wanted, self.experiment.workers), soft_wrap=True)
        experiment, peak, total = self.experiment, peak_memory(), int(chosen.sum())
        with (
            stopping(self.console) as stop,
            counting(self.console, "Simulating", total, experiment.quiet, experiment.progress, shown) as advance,
            self.ledger as ledger,
        ):
            there = ~chosen | done | failed
            self._look(there, ledger.flush)
            tasks = self._warm_ups(wanted, there)
            warm_ups = takewhile(lambda _: not (stop.asked or self.enough), tasks if wanted.any() else list(tasks))
            executor = Executor(experiment.workers, experiment.executor, engine=experiment.engine)
            results = executor.run(  # past by past, and run by run to find the one that kills its worker
                self.worker,
                warm_ups,
                meanwhile,
                lambda past: [(run,) for run in past],
                self._report_death,
                beforehand,
                ready=ready,
            )
            for past, result in results if wanted.any() and not self.enough else ():
                if isinstance(result, WorkerDeath):
                    result = BatchResult.of_death(self.worker.base, past, result.cause)
                result, peak = result.landed(study.store, ledger.tag), max(peak, result.peak_memory)
                for run, failure in result.failed:
                    self.log(f"failed: point {run.point}, seed {run.seed}, in {failure.stage}: {failure.message}")
                _LOGGER.debug("%d runs came back after %.1f s", len(result), result.seconds)
                advance(len(result.done), len(result.failed))
                ledger.add(result)
                there[[run.number for run, _ in result.results]] = True
                for observer in observers:
                    observer.add(result)
                self._look(there, ledger.flush)
        unwanted = 0 if self.doubt is None else int((wanted & self.doubt.left_out()).sum())
        missing = total - shown.done - shown.failed - unwanted
        seconds, peak = monotonic() - begun, max(peak, peak_memory())
        self.log(
            f"{'stopped' if stop.asked else 'ends'}: {shown.done} done, {shown.failed} failed, {missing} missing; "
            f"{shown.fresh} runs in {seconds:.1f} s, {peak / 2**20:.0f} MB"
        )
        return Finished(shown.done, shown.failed, missing, shown.fresh, seconds, peak, stop.asked, self.enough)

    def _warm_ups(self, wanted: Mask, there: Mask) -> Iterator[SharedRuns | None]:
        """Yields groups of runs that share a warm-up; with early stopping, round by round.

        None while runs of the last round are still under way. It does not depend on when it is asked which policies go
        on, so that a study that is resumed ends with the same worlds.
        """
        plan = self.ledger.plan
        if self.doubt is None:
            yield from plan.warm_ups(wanted)
            return
        for worlds in self.doubt.rounds():
            while worlds.start > 0 and plan.whole_seeds(there) < worlds.start:
                yield None
            if worlds.start > 0:
                going = self.doubt.look(worlds.start)
                self.log(f"after {worlds.start} worlds {len(going)} policies go on: {', '.join(going)}")
                there |= self.doubt.left_out()
            numbers = plan.runs["seed"] - plan.first_seed
            yield from plan.warm_ups(wanted & ~there & (numbers >= worlds.start) & (numbers < worlds.stop))

    def _look(self, there: Mask, write: Callable[[], None]) -> None:
        """Calls the observer if more worlds are complete than at the last call."""
        if self.watch is not None and (worlds := self.ledger.plan.whole_seeds(there)) > self.shown:
            self.shown = worlds
            self.enough |= self.watch.look(worlds, write)

    def _report_death(self, past: SharedRuns, cause: str) -> None:
        """Reports to the user at once that a worker died, before any retry."""
        first, base = past[0], self.worker.base
        where = f"{base.block(first.point)}, seed {first.seed}"
        where += f", {base.scenarios[first.scenario].key}" if len(past) == 1 else f", with {len(past)} runs"
        self.log(f"worker process ended {cause}, at {where}")
        self.console.print(f"A worker process ended {cause}, at {where}")


class Precision:
    """Stopping rule: a study ends once the interval of each policy's effect is narrow enough."""

    def __init__(self, until: Until, design: Design) -> None:
        keys = [scenario.key for scenario in design.plan.base.scenarios]
        compared = [scenario.key for scenario in design.scenarios if scenario.key != design.baseline]
        policies = [key for key in compared if key not in (LOWER_BOUND, UPPER_BOUND)] or compared
        self._until, self._plan = until, design.plan
        self._baseline, self._policies = keys.index(design.baseline), [keys.index(key) for key in policies]
        self._first, self._gathered = design.plan.first_seed, Gathered(design.plan, [until.outcome])
        self._values = self._gathered.values[0]
        self.begin, self.add = self._gathered.begin, self._gathered.add
        self._checked = FEWEST_PAIRS - 1

    def enough(self, worlds: int) -> int:
        """Smallest number of complete worlds that gives every effect precisely enough; 0 if more are needed.

        It does not depend on when it is asked, so that a study that is resumed ends with the same worlds.
        """
        for number in range(self._checked + 1, worlds + 1):
            if all(self._known(policy, number) for policy in self._policies):
                return number
            self._checked = number
        return 0

    def _known(self, policy: int, worlds: int) -> bool:
        """True if the first `worlds` worlds give the effect of a policy precisely enough."""
        effects, sets = (self._values[policy] - self._values[self._baseline])[:worlds], self._plan.base.sets
        clusters = None if sets is None else sets.numbers(self._first + np.arange(worlds))
        enough = np.count_nonzero(~np.isnan(effects)) >= FEWEST_PAIRS
        low, high = interval(effects, clusters)
        return bool(enough and high - low <= 2.0 * self._until.half_width)
