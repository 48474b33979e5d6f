"""`comity status`: how far a study is, or which studies a folder of results holds; nothing is touched."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow.compute as pc
from rich.console import Console
from rich.table import Column, Table
from rich.text import Text

from sim.experiments.axis import span_of
from sim.experiments.control import running
from sim.experiments.manifest import read_manifest
from sim.experiments.parts import DONE, DamagedError, inspected
from sim.experiments.store import MANIFEST, last_line
from sim.experiments.study import LOG, STUDY, Study, folders_of_studies
from sim.policy.problem import InputError, printable

SHOWN = 5


@dataclass(frozen=True)
class Status:
    """How far a study is."""

    study: Study
    runs: int
    done: int
    failed: int
    messages: tuple[tuple[str, int], ...]
    unreadable: tuple[DamagedError, ...]
    running: bool
    last: str

    @property
    def missing(self) -> int:
        """Runs that are not there yet."""
        return max(0, self.runs - self.done - self.failed)

    @property
    def is_unfinished(self) -> bool:
        """Whether its command would resume it: runs are missing, or the report that is to be made of them."""
        return not self.study.is_report and (self.missing > 0 or bool(self.study.about["blocks"]))


def status(folder: Path) -> Status:
    """Reads how far a study is."""
    study = Study.open(folder)
    if study.is_report:
        read_manifest(folder / MANIFEST)
    there, messages, unreadable = 0, Counter[str](), []
    for _, rows in inspected(study.store, study.about):
        if isinstance(rows, DamagedError):
            unreadable.append(rows)
            continue
        messages.update(rows.filter(pc.not_equal(rows["status"], DONE))["message"].to_pylist())
        there += rows.num_rows
    failed, common = messages.total(), tuple(messages.most_common())
    runs, last = int(study.about["runs"]), last_line(folder / LOG)
    return Status(study, runs, there - failed, failed, common, tuple(unreadable), running(folder), last)


def print_folder(folder: Path, console: Console) -> None:
    """Reports on the study in a folder, or lists the studies that the folder holds."""
    inside = [] if os.path.lexists(folder / STUDY) else folders_of_studies(folder)
    if not inside:
        print_status(status(folder), console)
        return
    whole = [Column(name, no_wrap=True) for name in ("study", "done", "state")]
    table = Table(whole[0], Column("design", overflow="fold"), *whole[1:], box=None, padding=(0, 2, 0, 0))
    resumable: list[Status] = []
    for place in inside:
        try:
            found = status(place)
        except InputError as problem:
            table.add_row(
                printable(place.name), "", "", Text(printable(f"{Path(problem.where).name}: {problem.problem}"), "red")
            )
            continue
        state = "running" if found.running else "unfinished" if found.is_unfinished else "finished"
        flaws = [f"{found.failed:,} failed"] * bool(found.failed) + ["damaged"] * bool(found.unreadable)
        design = f"{found.study.about['design']['design']}: {', '.join(found.study.about['scenarios'])}"
        table.add_row(
            printable(place.name), printable(design), f"{found.done:,} of {found.runs:,}", ", ".join([state, *flaws])
        )
        if found.is_unfinished and not found.running:
            resumable.append(found)
    console.print(table)
    for found in resumable:
        resume = f"Resume {found.study.folder.name} with: {found.study.about['command']}"
        console.print(printable(resume), soft_wrap=True)


def print_status(found: Status, console: Console) -> None:
    """Reports it, and a damaged part last."""
    about = found.study.about
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, text in _rows(found, about):
        table.add_row(name, printable(text))
    console.print(table)
    if found.failed and not about["blocks"]:  # the command of a report tries them again in any case
        console.print(printable(f"Try the failed ones again: {about['command']} --retry-failed"), soft_wrap=True)
    if found.is_unfinished and not found.running:
        console.print(printable(f"Resume with: {about['command']}"), soft_wrap=True)
    if found.unreadable:
        raise found.study.damaged(found.unreadable[0])
    console.print(printable(f"Read it: pandas.read_parquet('{found.study.store / 'outcomes'}')"), soft_wrap=True)


def _rows(found: Status, about: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """What is said of a study, by name."""
    yield "study", str(found.study.folder)
    points = about["design"]["points"]
    yield "design", f"{about['design']['design']}, {points:,} {'point' if points == 1 else 'points'}"
    for axis in about["axes"]:
        yield "", f"{axis['key']}: {span_of(axis)}"
    if len(about["blocks"]) > 1:
        yield "points", ", ".join(about["blocks"])
    yield "scenarios", ", ".join(about["scenarios"])
    seeds = f"{about['replicates']} from {about['first_seed']}"
    yield "seeds", f"{seeds}, {'common to all points' if about['design']['seeds'] == 'common' else 'own'}"
    if about["blocks"] and found.runs < points * len(about["scenarios"]) * about["replicates"]:
        yield "", "not every point has every scenario and seed"
    yield "done", f"{found.done:,} of {found.runs:,} ({found.done / max(found.runs, 1):.0%})"
    yield "failed", f"{found.failed:,}"
    yield "missing", f"{found.missing:,}"
    for message, times in found.messages[:SHOWN]:
        yield "", f"{times:,} × {message}"
    for damage in found.unreadable[:SHOWN]:
        yield "damaged", str(damage)
    if len(found.unreadable) > SHOWN:
        yield "", f"and {len(found.unreadable) - SHOWN} more"
    yield "running", "yes" if found.running else "no"
    yield "log", found.last
