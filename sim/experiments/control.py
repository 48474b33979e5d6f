"""Control of a study under way: stopping cleanly, a live display, a log file, and who is at work on it."""

from __future__ import annotations

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from time import monotonic
from types import FrameType
from typing import IO

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn, TimeRemainingColumn

from sim.experiments.overrides import COMMAND_LINE
from sim.policy.problem import InputError

LOCK = ".lock"


@dataclass
class Stop:
    """Whether somebody has asked to stop: once to finish what is in hand, twice to leave at once."""

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
        console.print("Finishing what is in hand; interrupt again to leave at once.")

    if threading.current_thread() is not threading.main_thread():
        yield stop  # only the main thread may handle signals
        return
    before = {number: signal.signal(number, ask) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield stop
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)


class Log:
    """A log file of a study: one line an event, with the moment."""

    def __init__(self, path: Path, tag: str) -> None:
        self._path, self._tag = path, "" if tag == "p" else f"[{tag}] "

    def __call__(self, text: str) -> None:
        """Adds a line."""
        with self._path.open("a", encoding="utf-8") as file:
            file.write(f"{datetime.now(UTC):%Y-%m-%d %H:%M:%S} {self._tag}{' '.join(text.split())}\n")


@dataclass
class Display:
    """Numbers of a study under way.

    Attributes:
        done: runs done in all, those of earlier times included.
        failed: likewise.
        fresh: runs of this time.
        begun: when this time began.
    """

    done: int
    failed: int
    fresh: int = 0
    begun: float = 0.0

    @property
    def speed(self) -> float:
        """Runs a second of this time."""
        return self.fresh / max(monotonic() - self.begun, 1e-9)


@contextmanager
def displaying(console: Console, total: int, shown: Display, quiet: bool) -> Iterator[_Bar]:
    """One live line: done, failed, time that remains, runs a second."""
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TextColumn("{task.fields[told]}"))
    times = (TimeElapsedColumn(), TextColumn("remaining"), TimeRemainingColumn())
    shown.begun = monotonic()
    with Progress(*columns, *times, console=console, disable=quiet) as progress:
        task = progress.add_task("Runs", total=total, completed=shown.done + shown.failed, told="")
        yield _Bar(progress, task, shown)


@dataclass(frozen=True)
class _Bar:
    """The live line, moved on."""

    progress: Progress
    task: object
    shown: Display

    def __call__(self, done: int, failed: int) -> None:
        """Counts runs that have come."""
        self.shown.done += done
        self.shown.failed += failed
        self.shown.fresh += done + failed
        told = f"{self.shown.failed} failed, {self.shown.speed:.1f} a second"
        self.progress.update(self.task, completed=self.shown.done + self.shown.failed, told=told)  # type: ignore[arg-type]


@contextmanager
def alone(folder: Path, tag: str) -> Iterator[None]:
    """No two processes work on the same part of a study: one on all of it, or one on each shard.

    Raises:
        InputError: If another is at work.
    """
    try:
        import fcntl
    except ImportError:
        yield  # a system without file locks
        return
    whole = tag == "p"
    _refuse_other_shards(folder, tag)
    with (folder / LOCK).open("a") as first, (folder / f"{LOCK}-{tag}").open("a") as second:
        if not (_locked(first, not whole) and _locked(second, False)):
            raise InputError(
                "another process is at work on it",
                where=COMMAND_LINE,
                key="--study",
                value=folder,
                fix="Wait for it (`comity status` tells how far it is), or stop it first.",
            )
        try:
            yield
        finally:
            for file in (first, second):
                fcntl.flock(file, fcntl.LOCK_UN)


def _refuse_other_shards(folder: Path, tag: str) -> None:
    """A study that is split into four at the moment cannot be split into eight meanwhile: runs would be made twice.

    Raises:
        InputError: If another splitting is at work.
    """
    for path in folder.glob(f"{LOCK}-s*of*"):
        split = path.name.rpartition("of")[2]
        if tag != "p" and split != tag.rpartition("of")[2]:
            with path.open("a") as file:
                busy = not _locked(file, False)
            if busy:
                raise InputError(
                    f"it is at work in {split} parts",
                    where=COMMAND_LINE,
                    key="--shard",
                    fix=f"Write --shard I/{split}, or wait for them.",
                )


def at_work(folder: Path) -> bool:
    """Whether a process is at work on a study, as far as this machine can tell."""
    if not (folder / LOCK).exists():
        return False
    with (folder / LOCK).open("a") as file:
        return not _locked(file, False)


def _locked(file: IO[str], shared: bool) -> bool:
    """Takes a lock that goes with the process, whatever ends it; file systems without locks are taken at their word."""
    try:
        import fcntl
    except ImportError:
        return True
    try:
        fcntl.flock(file, (fcntl.LOCK_SH if shared else fcntl.LOCK_EX) | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:
        return True
    return True
