"""Carrying a study out: whatever is missing, in batches, until all is there or somebody asks to stop."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from functools import partial
from time import monotonic

import numpy as np
import numpy.typing as npt
from rich.console import Console

from sim.experiments.control import Display, Log, Stop, displaying, stopping
from sim.experiments.execution import Executor, WorkerDeath
from sim.experiments.failures import Failure
from sim.experiments.kept import peak_memory
from sim.experiments.ledger import Ledger
from sim.experiments.plan import Arm, Plan, Unit
from sim.experiments.worker import Batch, Lost, Made, Worker, singles

#: A batch takes about so long, so that handing it out costs nothing beside it.
BATCH_SECONDS = 1.5
#: Results wait at most so many seconds, or that share of the time so far, or until there are so many, before they are
#: written: a kill costs no more than that, and a study of days has hundreds of parts, not tens of thousands.
FLUSH_SECONDS, FLUSH_SHARE, FLUSH_RUNS = 2.0, 0.01, 2_000
MOST_IN_A_BATCH = 500


@dataclass(frozen=True)
class Finished:
    """How a study stands when its process ends.

    Attributes:
        done: runs done in all.
        failed: runs that failed, in all.
        missing: runs of this process's part that are not there yet.
        fresh: runs of this time.
        seconds: wall time of this time.
        working: working time of all workers together, seconds.
        peak_memory: largest resident memory of this process, bytes.
        stopped: whether somebody asked to stop.
    """

    done: int
    failed: int
    missing: int
    fresh: int
    seconds: float
    working: float
    peak_memory: int
    stopped: bool


@dataclass
class _Pace:
    """How long a run takes, for the size of batches."""

    seconds: float = 0.0
    runs: int = 0

    def learn(self, made: Made, runs: int) -> None:
        """Old batches are forgotten bit by bit: the first of a worker reads the law and the rules."""
        self.seconds = 0.7 * self.seconds + made.seconds
        self.runs = round(0.7 * self.runs) + runs

    @property
    def size(self) -> int:
        """Runs that make a batch."""
        if not self.runs:
            return 1
        return max(1, min(MOST_IN_A_BATCH, int(BATCH_SECONDS * self.runs / max(self.seconds, 1e-6))))


@dataclass
class _Feed:
    """Batches, made as they are asked for."""

    plan: Plan
    wanted: npt.NDArray[np.bool_]
    shard: tuple[int, int]
    stop: Stop
    pace: _Pace = field(default_factory=_Pace)

    def __iter__(self) -> Iterator[Batch]:
        batch: list[Unit] = []
        for unit in self.plan.units(self.wanted, self.shard):
            if self.stop.asked:
                return
            batch.append(unit)
            if sum(len(entry.arms) for entry in batch) >= self.pace.size:
                yield tuple(batch)
                batch = []
        if batch and not self.stop.asked:
            yield tuple(batch)


def carry_out(
    ledger: Ledger,
    worker: Worker,
    executor: Executor,
    console: Console,
    log: Log,
    shard: tuple[int, int] = (0, 1),
    quiet: bool = False,
    only: npt.NDArray[np.bool_] | None = None,
) -> Finished:
    """Runs what is missing.

    Args:
        ledger: what has been run, and where more is written.
        worker: what is done with a batch.
        executor: how batches are carried out.
        console: where progress is told.
        log: the log file.
        shard: (i, n): only this part of the runs.
        quiet: no live display.
        only: for each run by number, whether it is meant; all by default.

    Raises:
        OSError: If the disk is full; what is written stays good.
    """
    begun = monotonic()
    standing = ledger.read()
    for damaged in standing.damaged:
        console.print(f"Set aside as damaged, to be run again: {damaged}")
        log(f"damaged part set aside: {damaged}")
    mine = ledger.plan.mine(shard) if only is None else only
    wanted = mine & ~standing.done & ~standing.failed
    shown = Display(int((standing.done & mine).sum()), int((standing.failed & mine).sum()))
    log(f"begins: {shown.done} done, {shown.failed} failed, {int(wanted.sum())} to run")
    writer = ledger.writer()
    working = 0.0
    with stopping(console) as stop, displaying(console, int(mine.sum()), shown, quiet) as advance:
        feed = _Feed(ledger.plan, wanted, shard, stop)
        flushed = monotonic()
        try:
            for batch, made in executor.run(worker, feed, parts=singles, died=partial(_tell_death, console, log)):
                arms = {arm.number: (unit.seed, arm) for unit in batch for arm in unit.arms}
                result = _lost(arms, made.cause) if isinstance(made, WorkerDeath) else made
                feed.pace.learn(result, len(arms))
                working += result.seconds
                writer.add(arms, result)
                for entry in result.lost:
                    log(_told(arms[entry.number], entry.failure))
                advance(len(result.numbers), len(result.lost))
                longest = max(FLUSH_SECONDS, FLUSH_SHARE * (flushed - begun))
                if monotonic() - flushed > longest or writer.waiting >= FLUSH_RUNS:
                    writer.flush()
                    flushed = monotonic()
        finally:
            writer.flush()
    missing = int(mine.sum()) - shown.done - shown.failed
    finished = Finished(
        shown.done, shown.failed, missing, shown.fresh, monotonic() - begun, working, peak_memory(), stop.asked
    )
    log(
        f"{'stopped' if stop.asked else 'ends'}: {finished.done} done, {finished.failed} failed, {missing} missing; "
        f"{finished.fresh} runs in {finished.seconds:.1f} s, {finished.peak_memory / 2**20:.0f} MB"
    )
    return finished


def _tell_death(console: Console, log: Log, batch: Batch, cause: str) -> None:
    """A worker has died: nobody should wait for the last try to learn of it."""
    runs = sum(len(unit.arms) for unit in batch)
    told = f"worker process ended {cause}, with {runs} runs in hand from seed {batch[0].seed} on"
    log(told)
    console.print(f"A {told}")


def _lost(arms: dict[int, tuple[int, Arm]], cause: str) -> Made:
    """What a worker that died would have reported of its one run."""
    lost = tuple(Lost(number, Failure.of_death(cause, "sweep", seed)) for number, (seed, _) in arms.items())
    from sim.measures.outcomes import OUTCOMES

    return Made(np.empty(0, dtype=np.int64), np.empty((0, len(OUTCOMES))), lost, (), 0.0, 0)


def _told(run: tuple[int, Arm], failure: Failure) -> str:
    """A failure in one line."""
    seed, arm = run
    return f"failed: point {arm.point}, seed {seed}, in {failure.stage}: {failure.message}"
