"""Kills, a full disk and damage, against a study that nobody disturbs: `make endurance`, some ten minutes.

Two thousand runs of a tiny world: the parent is killed at ten random moments, then single workers, the disk fills up,
and one part is truncated by hand. Each time the same command goes on, and the tables must be the same, bit for bit.
"""

import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path

import pandas as pd

from sim.experiments.status import status
from sim.experiments.study import Study

ROOT = Path(__file__).parents[2]
DESIGN = (
    *("sweep", "status_quo", "faster_mlat", "court.staff=1,1.25,1.5,1.75,2"),
    *("uncertainty.desk.rebound=0,0.125,0.25,0.375,0.5", "world=tiny", "execution.replicates=40"),
)
TABLES = ("experiments", "outcomes", "breakdowns/turnaround_curve", "breakdowns/takedown_curve")
KILLS = 10
#: What is said of a full disk.
FULL = "Free some space"


def command(study: Path, design: Sequence[str] = DESIGN) -> list[str]:
    """The command of the study."""
    return [sys.executable, "-m", "sim", *design, "--study", str(study), "--workers", "2", "--quiet"]


def undisturbed(words: Sequence[str]) -> float:
    """Carries a study out; returns seconds of wall time."""
    begun = time.monotonic()
    subprocess.run(words, check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    return time.monotonic() - begun


def parent_killed(words: Sequence[str], study: Path, kills: int, longest: float, moments: random.Random) -> list[int]:
    """Kills the process at random moments, then lets it end; returns runs that were there after each kill."""
    kept = []
    for _ in range(kills):
        process = subprocess.Popen(words, cwd=ROOT, stdout=subprocess.DEVNULL)
        time.sleep(moments.uniform(0.0, longest))
        workers = workers_of(process.pid)
        process.kill()
        process.wait()
        kept.append(there(study))
        gone(workers)
    undisturbed(words)
    return kept


def workers_killed(words: Sequence[str], kills: int, longest: float, moments: random.Random) -> int:
    """Kills single workers at random moments while the study runs; returns how many."""
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


def disk_filled(words: Sequence[str], study: Path) -> int:
    """A disk of one megabyte that fills up, then grows; returns runs that were kept when it was full. Needs root."""
    study.mkdir()
    mount = ["mount", "-t", "tmpfs", "-o"]
    subprocess.run([*mount, "size=1m", "tmpfs", str(study)], check=True)
    try:
        done = subprocess.run(words, cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 2, done.stderr
        assert FULL in done.stderr, done.stderr
        assert "Traceback" not in done.stderr, done.stderr
        kept = there(study)
        subprocess.run([*mount, "remount,size=500m", "tmpfs", str(study)], check=True)
        undisturbed(words)
        shutil.copytree(study, study.with_name("grown"))
    finally:
        subprocess.run(["umount", str(study)], check=True)
    return kept


def truncated(words: Sequence[str], study: Path) -> list[str]:
    """One part of each table cut off by hand; returns which."""
    cut = []
    for number, table in enumerate(TABLES):
        parts = sorted((study / table).glob("*.parquet"))
        part = parts[number % len(parts)]
        part.write_bytes(part.read_bytes()[: part.stat().st_size // 2])
        cut.append(str(part.relative_to(study)))
    undisturbed(words)
    return cut


def same(one: Path, other: Path, tables: Sequence[str] = TABLES) -> None:
    """All tables of two studies are the same, bit for bit."""
    left, right = Study.open(one), Study.open(other)
    for table in tables:
        ours, theirs = left.table(table), right.table(table)
        assert len(ours), table
        pd.testing.assert_frame_equal(ours, theirs, check_exact=True, obj=f"{other.name}: {table}")


def there(study: Path) -> int:
    """Runs that are written."""
    return status(study).done if (study / "study.yaml").exists() else 0


def workers_of(parent: int) -> list[int]:
    """Processes that work for a process."""
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
    """Workers whose parent has been killed end on their own."""
    deadline = time.monotonic() + seconds
    while any(Path(f"/proc/{worker}/cmdline").exists() for worker in workers):
        assert time.monotonic() < deadline, "a worker has outlived its parent"
        time.sleep(0.05)


def main() -> int:
    """The whole check, with a line for each part of it."""
    moments = random.Random(5)  # noqa: S311 - when to kill
    with tempfile.TemporaryDirectory(prefix="comity-endurance-") as made:
        folder = Path(made)
        whole = folder / "whole"
        undisturbed(command(folder / "warm", ("sweep", "world=tiny", "court.staff=1,2", "execution.replicates=1")))
        seconds = undisturbed(command(whole))
        runs = there(whole)
        print(f"undisturbed: {runs} runs in {seconds:.1f} s, {runs / seconds:.1f} a second", flush=True)
        study = folder / "parent"
        kept = parent_killed(command(study), study, KILLS, seconds / 3, moments)
        assert len(set(kept)) > KILLS / 2, f"kills came before anything was kept: {kept}"
        same(whole, study)
        print(f"parent killed {KILLS} times, with {kept} runs kept: same tables", flush=True)
        study = folder / "workers"
        killed = workers_killed(command(study), KILLS, seconds / KILLS, moments)
        same(whole, study)
        print(f"{killed} single workers killed: same tables", flush=True)
        cut = truncated(command(study), study)
        same(whole, study)
        print(f"truncated by hand: {', '.join(cut)}: same tables", flush=True)
        study = folder / "disk"
        kept_runs = disk_filled(command(study), study)
        same(whole, folder / "grown")
        print(f"disk full with {kept_runs} runs kept, then grown: same tables", flush=True)
    return 0


if __name__ == "__main__":
    sys.exit(main())
