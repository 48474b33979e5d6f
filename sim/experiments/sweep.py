"""`comity sweep` once its words are read: the size of the study, its folder, and what is reported at the end."""

from __future__ import annotations

import shlex
from dataclasses import asdict
from pathlib import Path

from rich.console import Console

from sim.experiments import store
from sim.experiments.axis import AxisKind, span_of
from sim.experiments.conduct import Evaluate, Finished, Options, conduct
from sim.experiments.manifest import study_hash
from sim.experiments.prepare import Prepared
from sim.experiments.study import Study
from sim.policy.problem import mistake

#: Points that a dry run shows, side by side.
SHOWN = 3


def sweep(
    prepared: Prepared, name: str, options: Options, console: Console, evaluate: Evaluate | None = None
) -> tuple[Study, Finished]:
    """Begins or resumes a sweep, in a folder named after its design where it has no name, and runs what is missing.

    Raises:
        KeyboardInterrupt: somebody asked to stop before all was done; with a message.
    """
    folder = _folder(prepared, name)
    if name:
        store.check_writable(folder.parent, "--study", store.NAME_ANOTHER)
    else:
        store.check_writable(folder.parent)
    print_size(prepared, console)
    about = asdict(prepared.sweep)
    study, finished = conduct(
        prepared.experiment, prepared.plan, folder, options, console, about=about, evaluate=evaluate
    )
    speed = f", {finished.fresh / finished.seconds:.1f} runs per second" if finished.fresh else ""
    console.print(
        f"{finished.done:,} done, {finished.failed:,} failed, {finished.missing:,} missing "
        f"({finished.fresh:,} of them now in {finished.seconds:.1f} s{speed})"
    )
    if finished.failed:
        why = f"Why runs failed: comity status {shlex.quote(str(study.folder))}"
        console.print(f"{why}; the same command with --retry-failed tries them again", soft_wrap=True)
    console.print(f"Read it: pandas.read_parquet('{study.store / 'outcomes'}')", soft_wrap=True)
    return study, finished


def print_size(prepared: Prepared, console: Console) -> None:
    """Prints how many runs a study has, before any work is done."""
    plan = prepared.plan
    seeds = "its own seed each" if plan.own_seeds else f"{plan.replicates:,} seeds"
    keys = [scenario.key for scenario in plan.base.scenarios]
    by_point = any(axis.kind is AxisKind.SCENARIO for axis in plan.base.axes)
    names = "as the points name them" if by_point else ", ".join(keys)
    console.print(
        f"{len(plan.points):,} points ({plan.kind}) × {1 if by_point else len(keys)} scenarios ({names}) × {seeds} "
        f"= {len(plan):,} runs",
        soft_wrap=True,
        highlight=False,
    )


def show(prepared: Prepared, name: str, console: Console) -> None:
    """`--dry-run`: what would be run, and where it would stand."""
    from rich.table import Column, Table

    print_size(prepared, console)
    axes, points = prepared.plan.base.axes, prepared.plan.points
    first = range(min(SHOWN, len(points)))
    wide = (Column(name, overflow="fold") for name in ("axis", "values"))
    table = Table(*wide, *(f"point {number}" for number in first))
    for axis in axes:
        values = (points[number][axis.key] for number in first)
        shown = (f"{value:.4g}" if isinstance(value, float) else str(value) for value in values)
        table.add_row(axis.key, span_of(axis.plain()), *shown)
    console.print(table)
    console.print(f"Study: {_folder(prepared, name)}. Nothing was run.", soft_wrap=True, highlight=False)


def read_shard(written: str) -> tuple[int, int]:
    """`i/n` with i from 0."""
    place, _, of = written.partition("/")
    if not (place.isdecimal() and of.isdecimal() and 0 <= int(place) < int(of) <= 100_000):
        last = int(of) - 1 if of.isdecimal() and int(of) > 0 else 3
        fix = f"Write i/n with i from 0 to n-1: 0/{last + 1} to {last}/{last + 1}."
        raise mistake("not a shard", "--shard", written, fix)
    return int(place), int(of)


def _folder(prepared: Prepared, name: str) -> Path:
    """Where the study stands: the same command finds the same folder."""
    if name:
        written = Path(name)
        return written if written.is_absolute() or len(written.parts) > 1 else prepared.experiment.results / written
    digest = study_hash(prepared.experiment, prepared.plan)
    return prepared.experiment.results / f"sweep-{digest[:10]}"
