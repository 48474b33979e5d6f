"""`comity sweep` once its words are read: a study made or gone on with, and what is said at the end."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console

from sim.experiments import store
from sim.experiments.conduct import compile_rules
from sim.experiments.design import Task
from sim.experiments.executors import executor
from sim.experiments.runner import Replicate, run_replicate
from sim.experiments.sweep.conduct import Finished, carry_out
from sim.experiments.sweep.control import Log, alone
from sim.experiments.sweep.ledger import Ledger
from sim.experiments.sweep.prepare import Prepared
from sim.experiments.sweep.study import LOG, Study, describe, identities, settle, study_hash
from sim.experiments.sweep.worker import Worker
from sim.policy.problem import InputError


@dataclass(frozen=True)
class Options:
    """How a study is carried out this time.

    Attributes:
        study: its folder; empty for one named after its design.
        shard: (i, n): only this part of the runs.
        retry_failed: whether runs that failed are run again.
        allow_other_code: whether a study made by another version of the code is gone on with.
    """

    study: str = ""
    shard: tuple[int, int] = (0, 1)
    retry_failed: bool = False
    allow_other_code: bool = False

    @property
    def tag(self) -> str:
        """Name of this process's parts."""
        place, of = self.shard
        return "p" if of == 1 else f"s{place}of{of}"


class StoppedError(KeyboardInterrupt):
    """Somebody has asked to stop; what is done is kept. Carries what to say."""


def sweep(
    prepared: Prepared,
    options: Options,
    console: Console,
    evaluate: Callable[[Task], Replicate] = run_replicate,
) -> tuple[Study, Finished]:
    """Carries out what is missing of a study.

    Args:
        prepared: the sweep.
        options: how it is carried out this time.
        console: where progress is told.
        evaluate: simulates and measures one task.

    Raises:
        InputError: another study, another code, or another process at work.
        StoppedError: If somebody asked to stop before all was done.
    """
    experiment, plan = prepared.experiment, prepared.plan
    breakdowns = tuple(prepared.sweep.breakdowns)
    folder = _folder(prepared, options)
    store.check_writable(folder.parent)
    about = describe(experiment, plan, breakdowns, asdict(prepared.sweep))
    study = settle(folder, about, options.allow_other_code)
    with alone(folder, options.tag):
        told = identities(experiment, plan)
        ledger = Ledger(folder, plan, told, about["code"]["sources"][:16], options.tag)
        log = Log(folder / LOG, options.tag)
        ledger.clean()
        if options.retry_failed:
            console.print(f"{ledger.forget_failures()} failed runs are tried again")
        if evaluate is run_replicate:
            compile_rules(experiment, console)
        worker = Worker(plan.ground, ledger.pending, breakdowns, told, evaluate)
        chosen = executor(experiment.workers, experiment.executor)
        finished = carry_out(ledger, worker, chosen, console, log, options.shard, experiment.quiet)
    _tell(study, finished, console)
    if finished.stopped and finished.missing:
        raise StoppedError(_stopped(finished, experiment.command))
    return study, finished


def read_shard(written: str) -> tuple[int, int]:
    """`i/n` with i from 0.

    Raises:
        InputError: If it is not that.
    """
    place, _, of = written.partition("/")
    if not (place.isdecimal() and of.isdecimal() and 0 <= int(place) < int(of) <= 100_000):
        last = int(of) - 1 if of.isdecimal() and int(of) > 0 else 3
        fix = f"Write i/n with i from 0 to n-1: 0/{last + 1} to {last}/{last + 1}."
        raise InputError("not a shard", where="command line", key="--shard", value=written, fix=fix)
    return int(place), int(of)


def _folder(prepared: Prepared, options: Options) -> Path:
    """Where the study stands: the same command finds the same folder."""
    if options.study:
        name = Path(options.study)
        return name if name.is_absolute() or len(name.parts) > 1 else prepared.experiment.results / name
    digest = study_hash(prepared.experiment, prepared.plan, tuple(prepared.sweep.breakdowns))
    return prepared.experiment.results / f"sweep-{digest[:10]}"


def _tell(study: Study, finished: Finished, console: Console) -> None:
    """What has come of it, and how to read it."""
    speed = f", {finished.fresh / finished.seconds:.1f} runs a second" if finished.fresh else ""
    console.print(
        f"{finished.done:,} done, {finished.failed:,} failed, {finished.missing:,} missing "
        f"({finished.fresh:,} of them now in {finished.seconds:.1f} s{speed})"
    )
    if finished.failed:
        console.print("Why runs failed: `comity status`; the same command with --retry-failed tries them again")
    console.print(f"Read it: pandas.read_parquet('{study.folder / 'outcomes'}')", soft_wrap=True)


def _stopped(finished: Finished, command: str) -> str:
    """How to go on."""
    return (
        f"stopped: {finished.done + finished.failed:,} runs are kept, {finished.missing:,} are missing. "
        f"Go on with: {command}"
    )
