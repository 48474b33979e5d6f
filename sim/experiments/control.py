"""What a person meets while a study is conducted: progress, a log, a clean stop, and one process at a time."""

from __future__ import annotations

import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, date, datetime
from logging import getLogger
from pathlib import Path
from threading import current_thread, main_thread
from time import monotonic, sleep
from types import FrameType
from typing import IO

import numpy as np
from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from sim.experiments.plan import Plan
from sim.experiments.run import DISK_FULL
from sim.experiments.store import NAME_ANOTHER, open_own
from sim.law.days import YEAR
from sim.measures.arrays import Mask
from sim.policy.problem import InputError, mistake
from sim.world.parameters import WorldSpec

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
    """Whether somebody has asked to stop: once to finish the runs that are under way, twice to leave at once."""

    asked: bool = False


@contextmanager
def stopping(console: Console) -> Iterator[Stop]:
    """While the block runs, an interrupt or a polite kill asks to stop; a second one raises KeyboardInterrupt."""
    stop = Stop()

    def ask(_number: int, _frame: FrameType | None) -> None:
        """Answers a signal."""
        if stop.asked:
            raise KeyboardInterrupt
        stop.asked = True
        console.print("Finishing the runs that are under way; interrupt again to leave at once.")

    with _handled(ask):
        yield stop


@contextmanager
def stopping_at_once() -> Iterator[None]:
    """While the block runs, an interrupt raises KeyboardInterrupt, and a polite kill ends this process with 143."""

    def leave(number: int, _frame: FrameType | None) -> None:
        """Answers a signal."""
        if number == signal.SIGTERM:
            raise SystemExit(128 + number)
        raise KeyboardInterrupt

    with _handled(leave):
        yield


@contextmanager
def _handled(answer: Callable[[int, FrameType | None], None]) -> Iterator[None]:
    """While the block runs, interrupts and polite kills are answered; only the main thread may do so."""
    if current_thread() is not main_thread():
        yield
        return
    before = {number: signal.signal(number, answer) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Log:
    """A log file of a study: one line per event, with the moment."""

    def __init__(self, path: Path, tag: str) -> None:
        self._path, self._tag = path, "" if tag == "p" else f"[{tag}] "

    def __call__(self, text: str) -> None:
        """Adds a line."""
        _LOGGER.info("%s%s", self._tag, text)
        with open_own(self._path, _TAKE_AWAY, write=True) as file:
            file.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {self._tag}{' '.join(text.split())}\n")


@dataclass
class Display:
    """Numbers of a study under way: runs done and failed in all, those of earlier times included, and runs of now."""

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
    """One live line: what is done of all, and the time that remains; into a file or pipe, one line per minute.

    Of runs, which can fail, failures and speed are said as well. The first ones do not count for the speed: before they
    end, rules are loaded and pasts are lived.
    """
    counted, printed, live = shown or Display(0, 0), monotonic(), console.is_terminal
    more = ("{task.fields[more]}",) if shown else ()
    columns = (*_COLUMNS, *more, TimeElapsedColumn(), "+", TimeRemainingColumn(), "left")
    off, period = quiet or not live, _SPEED_SECONDS
    with Progress(*columns, console=console, disable=off, get_time=monotonic, speed_estimate_period=period) as progress:
        bar = progress.add_task(label, total=total, completed=counted.done + counted.failed, more="")
        (task,) = progress.tasks

        def advance(done: int, failed: int = 0) -> None:
            """Counts things."""
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
    """Keeps other processes from the same part of a study: one works on all of it, or one on each shard."""
    whole = tag == "p"
    _refuse_other_shards(folder, tag)
    with _lock(folder / LOCK) as first, _lock(folder / f"{LOCK}-{tag}") as second:
        if not (_locked(first, not whole, LOOK_SECONDS) and _locked(second, False, LOOK_SECONDS)):
            fix = "Wait for it (`comity status` shows how far it is), or stop it first."
            raise InputError("another process is running this study", where=str(folder), fix=fix)
        yield


def _lock(path: Path) -> IO[str]:
    """The file of a lock, made where it is missing."""
    try:
        return open_own(path, _TAKE_AWAY, write=True)
    except OSError as error:
        if error.errno in DISK_FULL:
            raise
        raise InputError(f"cannot be written ({error.strerror})", where=str(path), fix=NAME_ANOTHER) from error


def _refuse_other_shards(folder: Path, tag: str) -> None:
    """A study that is split into four at the moment cannot be split into eight meanwhile: runs would be made twice."""
    for path in folder.glob(f"{LOCK}-s*of*"):
        split = path.name.rpartition("of")[2]
        if tag != "p" and split != tag.rpartition("of")[2] and _held(path):
            fix = f"Write --shard I/{split}, or wait for them."
            raise mistake(f"it is running in {split} parts", "--shard", fix=fix)


def running(folder: Path) -> bool:
    """Whether a process is running a study, as far as this machine knows and one may see."""
    return any(_held(path) for path in (folder / LOCK, *folder.glob(f"{LOCK}-*")))


def _held(path: Path) -> bool:
    """Whether a process holds a lock; one that only looks takes it together with others, and nothing is written."""
    try:
        with open_own(path, _TAKE_AWAY, write=False) as file:
            return not _locked(file, True)
    except (FileNotFoundError, PermissionError):
        return False


def _locked(file: IO[str], shared: bool, patience: float = 0.0) -> bool:
    """Takes a lock that ends with the process, trying for some seconds; where there are no locks it always succeeds."""
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


#: Measured by `make benchmarks` (docs/benchmarks.md), on one core: processor seconds of the years that arms share, law
#: and world put together included, for each of them; of an arm's years; and to which power of groups they grow. Largest
#: memory of a process, bytes: what it is without a world, and what the default world takes besides.
_PAST_YEAR, _ARM_YEAR, _GROWTH = 0.302, 0.0916, 0.53
_EMPTY, _WORLD = 259e6, 288e6


def expected(plan: Plan, wanted: Mask, workers: int) -> str:
    """What wanted runs will take, in words, before they begin: time, and memory of all processes together."""
    runs, pasts = int(wanted.sum()), len(np.unique(plan.runs["past"][wanted]))
    seconds, size = 0.0, 0.0
    chosen = np.unique(plan.runs["point"][wanted])[:: max(1, len(plan.points) // 20)]
    for point in chosen.tolist():
        world, _ = plan.base.configured(plan.levels(point))
        start, policy, end = (date.fromisoformat(day) for day in (world.start, world.policy_start, world.end))
        past, arm = (policy - start).days / YEAR, ((end - policy).days + world.follow_up_days) / YEAR
        larger = (world.groups / WorldSpec().groups) ** _GROWTH
        seconds += larger * (pasts * past * _PAST_YEAR + runs * arm * _ARM_YEAR) / len(chosen) / workers
        size = max(size, larger)
    hours, minutes = divmod(round(seconds / 60.0), 60)
    time = f"some {hours} h {minutes} min" if hours else f"some {minutes} min" if minutes else "less than a minute"
    memory = (workers + 1) * _EMPTY + workers * size * _WORLD
    of = "1 worker" if workers == 1 else f"{workers:,} workers, a core each"
    return f"{runs:,} to run by {of}: {time} once rules are compiled, and {memory / 1e9:.1f} GB of memory"
