"""Kills processes of a running study and checks that the same command finishes with the same tables."""

import os
import random
import signal
import subprocess
import time
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from sim.experiments.control import status
from sim.experiments.study import Study

ROOT = Path(__file__).parents[3]


def parent_killed(words: Sequence[str], study: Path, kills: int, longest: float, moments: random.Random) -> list[int]:
    """Kills the main process at random times, then lets it finish; returns the runs present after each kill."""
    kept = []
    for _ in range(kills):
        process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL)
        time.sleep(moments.uniform(0.0, longest))
        workers = workers_of(process.pid)
        process.kill()
        process.wait()
        kept.append(there(study))
        gone(workers)
    subprocess.run(words, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return kept


def workers_killed(words: Sequence[str], kills: int, longest: float, moments: random.Random) -> int:
    """Kills random workers while the study runs; returns the number killed."""
    process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL)
    killed = 0
    while killed < kills and process.poll() is None:
        time.sleep(moments.uniform(0.0, longest))
        workers = workers_of(process.pid)
        if workers:
            os.kill(moments.choice(workers), signal.SIGKILL)
            killed += 1
    assert process.wait() == 0
    return killed


def same(one: Path, other: Path, tables: Sequence[str]) -> None:
    """Checks that all tables of two studies are the same, bit for bit."""
    left, right = Study.open(one), Study.open(other)
    for table in tables:
        ours, theirs = left.table(table), right.table(table)
        assert len(ours), table
        pd.testing.assert_frame_equal(ours, theirs, check_exact=True, obj=f"{other.name}: {table}")


def there(study: Path) -> int:
    """Number of runs written so far."""
    return status(study).done if (study / "study.yaml").exists() else 0


def workers_of(parent: int) -> list[int]:
    """Worker processes of a process."""
    found = []
    for folder in Path("/proc").glob("[0-9]*"):
        try:
            fields = (folder / "stat").read_text().rpartition(")")[2].split()
            words = (folder / "cmdline").read_bytes()
        except OSError:
            continue
        if int(fields[1]) == parent and b"LokyProcess" in words:
            found.append(int(folder.name))
    return found


def gone(workers: Sequence[int], seconds: float = 60.0) -> None:
    """Waits until workers of a killed process have ended, or fails."""
    deadline = time.monotonic() + seconds
    while any(Path(f"/proc/{worker}/cmdline").exists() for worker in workers):
        assert time.monotonic() < deadline, "a worker has outlived its parent"
        time.sleep(0.05)
