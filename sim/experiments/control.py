"""Control of a running study by its user: progress, log, clean stop, lock, and status."""

from __future__ import annotations

import os
import signal
from collections import Counter
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from logging import getLogger
from pathlib import Path
from threading import current_thread, main_thread
from time import monotonic, sleep
from types import FrameType
from typing import IO, TYPE_CHECKING, Any

import numpy as np
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TimeElapsedColumn, TimeRemainingColumn
from rich.table import Column, Table
from rich.text import Text

from sim.experiments import seal
from sim.experiments.axis import span_of
from sim.experiments.plan import Plan
from sim.experiments.run import DISK_FULL
from sim.experiments.store import MANIFEST, NAME_ANOTHER, last_line, open_own, to_copy, warning_of
from sim.law.days import YEAR
from sim.measures.arrays import Mask
from sim.policy.problem import OF_PARAMETERS, InputError, mistake, printable
from sim.world.parameters import WorldSpec

if TYPE_CHECKING:  # Arrow, which these bring, takes 40 MB that workers can do without
    from sim.experiments.parts import DamagedError
    from sim.experiments.study import Study

LOCK = ".lock"
_TAKE_AWAY = "Take it away: Comity makes a new one."
#: A look at the lock takes far less than this; a process that holds it for longer is running the study. Seconds.
LOOK_SECONDS = 1.0
#: Time between two lines of progress where nobody watches a terminal, seconds.
LINE_SECONDS = 60.0
#: Time over which the speed of runs is taken, seconds.
_SPEED_SECONDS = 3600.0
#: How a line of progress begins; the bar is so short that the line fits into 80 columns.
_COLUMNS = ("{task.description}", BarColumn(12), MofNCompleteColumn())
_LOGGER = getLogger(__name__)
#: Called with the number of runs that are done, failures included, and of all runs.
OnProgress = Callable[[int, int], None]


@dataclass
class Stop:
    """Record of a stop that the user asked for."""

    asked: bool = False


@contextmanager
def stopping(console: Console) -> Iterator[Stop]:
    """Context manager: an interrupt or SIGTERM requests a stop, a second one raises KeyboardInterrupt."""
    stop = Stop()

    def ask(_number: int, _frame: FrameType | None) -> None:
        """Records the first interrupt or SIGTERM as a request to stop; raises KeyboardInterrupt at the next."""
        if stop.asked:
            raise KeyboardInterrupt
        stop.asked = True
        console.print("Finishing the runs that are under way; interrupt again to leave at once.")

    with _handled(ask):
        yield stop


@contextmanager
def stopping_at_once() -> Iterator[None]:
    """Context manager: an interrupt raises KeyboardInterrupt, and SIGTERM ends with exit code 143."""

    def leave(number: int, _frame: FrameType | None) -> None:
        """Ends the block because of SIGTERM or an interrupt."""
        if number == signal.SIGTERM:
            raise SystemExit(128 + number)
        raise KeyboardInterrupt

    with _handled(leave):
        yield


@contextmanager
def unkept() -> Iterator[None]:
    """Context manager: if the user stops the block, a message says that its finished runs are lost."""
    try:
        yield
    except KeyboardInterrupt:
        raise KeyboardInterrupt("stopped. Name a folder for results, and runs that are done are kept.") from None


@contextmanager
def _handled(answer: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """Context manager: the function `answer` handles interrupts and SIGTERM; no effect outside the main thread."""
    if current_thread() is not main_thread():
        yield
        return
    before = {number: signal.signal(number, answer) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


def add_line(path: Path, tag: str, text: str) -> None:
    """Adds a line with time and process to a study's log."""
    whose = "" if tag == "p" else f"[{tag}] "
    _LOGGER.info("%s%s", whose, text)
    with open_own(path, _TAKE_AWAY, write=True) as file:
        file.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {whose}{' '.join(text.split())}\n")


@dataclass
class Display:
    """Numbers that the progress line of a study shows: finished and failed runs in total, and runs of this call."""

    done: int
    failed: int
    fresh: int = 0


@contextmanager
def counting(
    console: Console,
    label: str,
    total: int,
    quiet: bool,
    on_progress: OnProgress | None = None,
    shown: Display | None = None,
) -> Iterator[Callable[..., None]]:
    """Context manager: shows the progress of runs as a live line or, outside a terminal, as a line per minute.

    For runs, which can fail, the line has failures and speed as well. The first ones do not count for the speed: before
    they end, rules are loaded and warm-ups are simulated.
    """
    counted, printed, live = shown or Display(0, 0), monotonic(), console.is_terminal
    more = ("{task.fields[more]}",) if shown else ()
    columns = (*_COLUMNS, *more, TimeElapsedColumn(), "+", TimeRemainingColumn(), "left")
    off, period = quiet or not live, _SPEED_SECONDS
    with Progress(*columns, console=console, disable=off, get_time=monotonic, speed_estimate_period=period) as progress:
        bar = progress.add_task(label, total=total, completed=counted.done + counted.failed, more="")
        (task,) = progress.tasks

        def advance(done: int, failed: int = 0) -> None:
            """Adds to the numbers of finished and failed runs."""
            nonlocal printed
            counted.done, counted.failed = counted.done + done, counted.failed + failed
            counted.fresh += done + failed
            ended = counted.done + counted.failed
            progress.update(bar, completed=ended)
            progress.update(bar, more=f"{counted.failed} failed, {task.speed or 0.0:.1f}/s")
            if not (live or quiet) and monotonic() - printed >= LINE_SECONDS:
                printed = monotonic()
                said = (
                    f"{ended:,} of {total:,} runs, {counted.failed} failed" if shown else f"{label}: {ended} of {total}"
                )
                if shown and task.speed:
                    left = max((total - ended) / task.speed / 60, 1)
                    said += f", {task.speed:.1f} per second, some {left:.0f} min remaining"
                console.print(said, soft_wrap=True)
            if on_progress:
                on_progress(ended, total)

        advance(0)
        yield advance


@contextmanager
def alone(folder: Path, tag: str) -> Iterator[None]:
    """Context manager: locks a study, or one of its shards, against other processes."""
    whole, split = tag == "p", tag.rpartition("of")[2]
    for path in folder.glob(f"{LOCK}-s*of*"):  # of four parts at the moment: in eight, runs would be made twice
        if not whole and (of := path.name.rpartition("of")[2]) != split and _held(path):
            raise mistake(f"it is running in {of} parts", "--shard", fix=f"Write --shard I/{of}, or wait for them.")
    with _lock(folder / LOCK) as first, _lock(folder / f"{LOCK}-{tag}") as second:
        if not (_locked(first, not whole, LOOK_SECONDS) and _locked(second, False, LOOK_SECONDS)):
            fix = "Wait for it (`comity status` shows how far it is), or stop it first."
            raise InputError("another process is running this study", where=str(folder), fix=fix)
        yield


def _lock(path: Path) -> IO[str]:
    """Opens a study's lock file, created if missing."""
    try:
        return open_own(path, _TAKE_AWAY, write=True)
    except OSError as error:
        if error.errno in DISK_FULL:
            raise
        raise InputError(f"cannot be written ({error.strerror})", where=str(path), fix=NAME_ANOTHER) from error


def running(folder: Path) -> bool:
    """True if a process seems to be running the study; processes of other machines or users may be invisible."""
    return any(_held(path) for path in (folder / LOCK, *folder.glob(f"{LOCK}-*")))


def _held(path: Path) -> bool:
    """True if a process holds the lock on a file; the test itself only takes a shared lock."""
    try:
        with open_own(path, _TAKE_AWAY, write=False) as file:
            return not _locked(file, True)
    except (FileNotFoundError, PermissionError):
        return False


def _locked(file: IO[str], shared: bool, patience: float = 0.0) -> bool:
    """Tries to lock an open file, for `patience` seconds; true if it is locked, or if the system has no locks."""
    try:
        import fcntl
    except ImportError:
        return True
    until = monotonic() + patience
    while True:
        try:
            fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
        except BlockingIOError:
            if monotonic() >= until:
                return False
            sleep(0.01)
        except OSError:
            return True
        else:
            return True


#: Measured by `make benchmarks` (docs/benchmarks.md), on one core: processor seconds of the years that scenarios share,
#: law and world put together included, for each of them; of a scenario's years; and to which power of groups they grow.
#: Largest memory of a process, bytes: what it is without a world, and what the default world takes besides.
_WARM_UP_YEAR, _POLICY_YEAR, _GROWTH = 0.302, 0.0916, 0.53
_EMPTY, _WORLD = 259e6, 288e6


def expected(plan: Plan, wanted: Mask, workers: int) -> str:
    """Text on the time and memory that the chosen runs will probably take."""
    runs, warm_ups = int(wanted.sum()), len(np.unique(plan.runs["past"][wanted]))
    seconds, size = 0.0, 0.0
    chosen = np.unique(plan.runs["point"][wanted])[:: max(1, len(plan.points) // 20)]
    for point in chosen.tolist():
        world, _ = plan.base.configured(plan.levels(point))
        start, policy, end = (date.fromisoformat(day) for day in (world.start, world.policy_start, world.end))
        past, arm = (policy - start).days / YEAR, ((end - policy).days + world.follow_up_days) / YEAR
        larger = (world.groups / WorldSpec().groups) ** _GROWTH
        seconds += larger * (warm_ups * past * _WARM_UP_YEAR + runs * arm * _POLICY_YEAR) / len(chosen) / workers
        size = max(size, larger)
    hours, minutes = divmod(round(seconds / 60.0), 60)
    time = f"some {hours} h {minutes} min" if hours else f"some {minutes} min" if minutes else "less than a minute"
    memory = (workers + 1) * _EMPTY + workers * size * _WORLD
    of = "1 worker" if workers == 1 else f"{workers:,} workers, a core each"
    return f"{runs:,} to run by {of}: {time} once rules are compiled, and {memory / 1e9:.1f} GB of memory"


#: Maximum number of messages, or of damaged parts, that a status shows.
SHOWN = 5


@dataclass(frozen=True)
class Status:
    """Progress of a study: numbers of finished, failed and missing runs, and its state."""

    study: Study
    runs: int
    done: int
    failed: int
    messages: tuple[tuple[str, int], ...]
    unreadable: tuple[DamagedError, ...]
    running: bool
    last: str
    digest: str = ""  # of its tables, once it is finished

    @property
    def reader(self) -> str:
        """Text of a Python call that reads the study's outcomes."""
        if self.study.is_light:
            return f"pandas.read_csv('{self.study.folder / 'outcomes.csv'}')"
        return f"pandas.read_parquet('{self.study.store / 'outcomes'}')"

    @property
    def missing(self) -> int:
        """Number of missing runs."""
        return max(0, self.runs - self.done - self.failed)

    @property
    def is_unfinished(self) -> bool:
        """True if the study's command would resume it, because runs or the report are missing."""
        return not self.study.is_report and (self.missing > 0 or bool(self.study.about["blocks"]))


def status(folder: Path) -> Status:
    """Reads the progress of a study from its folder."""
    import pyarrow.compute as pc

    from sim.experiments.manifest import read_manifest
    from sim.experiments.parts import DONE, DamagedError, inspected
    from sim.experiments.study import LOG, Study

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
    if study.is_light:
        there = len(study.outcomes())
    failed, common = messages.total(), tuple(messages.most_common())
    runs, last = int(study.about["runs"]), last_line(folder / LOG)
    digest = seal.digest(seal.sums(folder)) if seal.is_sealed(folder) else ""
    return Status(study, runs, there - failed, failed, common, tuple(unreadable), running(folder), last, digest)


def print_folder(folder: Path, console: Console) -> None:
    """Prints the status of the study in a folder, or lists the studies in the folder."""
    from sim.experiments.study import STUDY, folders_of_studies

    inside = [] if os.path.lexists(folder / STUDY) else folders_of_studies(folder)
    if not inside:
        found = status(folder)
        print_status(found, console)
        found.study.refuse_changed()
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
        _print_command(f"Resume {found.study.folder.name} with", found, console)


def _print_command(why: str, found: Status, console: Console, more: str = "") -> None:
    """Prints a study's command for copying, after a warning if the command would run a program."""
    command = str(found.study.about["command"])
    if warning := warning_of(command):
        console.print(Text(printable(warning), "yellow"), soft_wrap=True)
    console.print(printable(f"{why}: {to_copy(command)}{more}"), soft_wrap=True)


def print_status(found: Status, console: Console) -> None:
    """Prints the status of a study; reports a damaged part last."""
    about = found.study.about
    table = Table(show_header=False, box=None, padding=(0, 2, 0, 0))
    for name, text in _rows(found, about):
        table.add_row(name, printable(text))
    console.print(table)
    if found.failed and not about["blocks"]:  # the command of a report tries them again in any case
        _print_command("Try the failed ones again", found, console, " --retry-failed")
    if found.is_unfinished and not found.running:
        _print_command("Resume with", found, console)
    if found.unreadable:
        raise found.study.damaged(found.unreadable[0])
    console.print(printable(f"Read it: {found.reader}"), soft_wrap=True)


def _rows(found: Status, about: Mapping[str, Any]) -> Iterator[tuple[str, str]]:
    """Yields rows of a study's status for printing: name and text."""
    yield "study", str(found.study.folder)
    points = about["design"]["points"]
    yield "design", f"{about['design']['design']}, {points:,} {'point' if points == 1 else 'points'}"
    for axis in about["axes"]:
        yield "", f"{axis['key'].removeprefix(OF_PARAMETERS)}: {span_of(axis)}"
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
    if found.digest:
        yield "digest", found.digest[: seal.SHORT]
    elif not (found.is_unfinished or found.running):
        yield "digest", f"none: without {seal.FILE}, a change of a file is never found"
    yield "log", found.last
