"""`comity sweep` once its words are read: a study made or gone on with, and what is said at the end."""

from __future__ import annotations

import shlex
from collections.abc import Callable
from dataclasses import asdict, dataclass
from pathlib import Path

from rich.console import Console

from sim.experiments import store
from sim.experiments.conduct import Finished, carry_out
from sim.experiments.conduct_design import compile_rules
from sim.experiments.control import Log, alone
from sim.experiments.design import Task
from sim.experiments.executors import executor
from sim.experiments.ledger import Ledger
from sim.experiments.prepare import Prepared
from sim.experiments.runner import Replicate, run_replicate
from sim.experiments.study import LOG, Study, describe, identities, settle, study_hash
from sim.experiments.worker import Worker
from sim.policy.problem import InputError

#: Points that a dry run shows.
SHOWN = 10


@dataclass(frozen=True)
class Options:
    """How a study is carried out this time.

    Attributes:
        study: its folder; empty for one named after its design.
        shard: (i, n): only this part of the runs.
        retry_failed: whether runs that failed are run again.
        allow_other_code: whether a study made by another version of the code is gone on with.
        only: numbers of the points that are meant this time; none for all.
    """

    study: str = ""
    shard: tuple[int, int] = (0, 1)
    retry_failed: bool = False
    allow_other_code: bool = False
    only: tuple[int, ...] = ()

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
    if options.study:
        store.check_writable(folder.parent, "--study", "Name another folder, or change its permissions.")
    else:
        store.check_writable(folder.parent)
    tell_size(prepared, console)
    about = describe(experiment, plan, breakdowns, asdict(prepared.sweep))
    study = settle(folder, about, options.allow_other_code)
    with alone(folder, options.tag):
        told = identities(experiment, plan)
        ledger = Ledger(folder, plan, told, study.about, about["code"]["sources"][:16], options.tag)
        log = Log(folder / LOG, options.tag)
        ledger.clean()
        if options.retry_failed:
            console.print(f"{ledger.forget_failures()} failed runs are tried again")
        if evaluate is run_replicate:
            compile_rules(experiment, console)
        worker = Worker(plan.ground, ledger.pending.absolute(), breakdowns, told, evaluate)
        chosen = executor(experiment.workers, experiment.executor, experiment.cluster)
        only = plan.at_points(options.only) if options.only else None
        finished = carry_out(ledger, worker, chosen, console, log, options.shard, experiment.quiet, only)
        ledger.tidy()
    _tell(study, finished, console)
    if finished.stopped and finished.missing:
        raise StoppedError(_stopped(finished, experiment.command))
    return study, finished


def tell_size(prepared: Prepared, console: Console) -> None:
    """How many runs a study has, before any work is done."""
    plan = prepared.plan
    seeds = "its own seed each" if plan.paired else f"{plan.replicates:,} seeds"
    names = ", ".join(key for key in plan.ground.crossed if key) or "as the points name them"
    console.print(
        f"{len(plan.points):,} points ({plan.kind}) × {len(plan.ground.crossed)} scenarios ({names}) × {seeds} "
        f"= {len(plan):,} runs",
        soft_wrap=True,
        highlight=False,
    )


def show(prepared: Prepared, options: Options, console: Console) -> None:
    """`--dry-run`: what would be run, and where it would stand."""
    from rich.table import Table

    tell_size(prepared, console)
    axes, points = prepared.plan.ground.axes, prepared.plan.points
    table = Table("point", *(f"{axis.key} ({axis.unit})" if axis.unit else axis.key for axis in axes))
    for number in range(min(SHOWN, len(points))):
        table.add_row(str(number), *(str(level.label) for level in points.at(number)))
    if len(points) > SHOWN:
        table.add_row("…", *("…" for _ in axes))
    console.print(table)
    console.print(f"Study: {_folder(prepared, options)}. Nothing was run.", soft_wrap=True, highlight=False)


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
        told = f"Why runs failed: comity status {shlex.quote(str(study.folder))}"
        console.print(f"{told}; the same command with --retry-failed tries them again", soft_wrap=True)
    console.print(f"Read it: pandas.read_parquet('{study.folder / 'outcomes'}')", soft_wrap=True)


def _stopped(finished: Finished, command: str) -> str:
    """How to go on."""
    return (
        f"stopped: {finished.done + finished.failed:,} runs are kept, {finished.missing:,} are missing. "
        f"Go on with: {command}"
    )
