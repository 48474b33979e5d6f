"""One study: serially, through Dask on Slurm, and as a job array of Slurm, each with a job killed.

`make cluster-test`. Needs a Debian machine and root. All three studies must be the same, bit for bit.
"""

import os
import shlex
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from sim.experiments.status import status
from tests.cluster import slurm
from tests.cluster.slurm import command
from tests.experiments.sweep.kills import ROOT, same, there

DESIGN = [
    *("status_quo", "faster_mlat", "court.staff=1,1.5,2", "uncertainty.desk.rebound=0,0.25,0.5,0.75"),
    *("world=tiny", "execution.replicates=30"),
]
RUNS = 3 * 4 * 2 * 30
SHARDS = 4
TABLES = ("experiments", "outcomes", "breakdowns/turnaround_curve", "breakdowns/takedown_curve")


def main() -> int:
    """The whole check."""
    slurm.install()
    with slurm.running() as environment, tempfile.TemporaryDirectory(prefix="comity-studies-", dir=Path.home()) as made:
        folder = Path(made)
        environment |= {"PYTHONPATH": str(ROOT)}
        refused(folder / "refused", environment)
        begun = time.monotonic()
        subprocess.run(words(folder / "serial", "--executor", "serial"), env=environment, check=True)
        report("serial", begun, folder / "serial")
        by_dask(folder / "dask", environment)
        same(folder / "serial", folder / "dask", TABLES)
        by_array(folder / "array", environment)
        same(folder / "serial", folder / "array", TABLES)
    print("All three studies are the same, bit for bit.")
    return 0


def words(study: Path, *options: str) -> list[str]:
    """The command of the study."""
    return [sys.executable, "-m", "sim", "sweep", *DESIGN, "--study", str(study), *options]


def refused(study: Path, environment: dict[str, str]) -> None:
    """A job that Slurm would never start is one message, not a wait without end."""
    options = ("--executor", "dask", "execution.scheduler=slurm", "execution.slurm.queue=nowhere")
    done = subprocess.run(words(study, *options), env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 2, done
    assert "Slurm refuses such a job" in done.stderr
    assert "Traceback" not in done.stderr
    print(done.stderr.splitlines()[-1])


def by_dask(study: Path, environment: dict[str, str]) -> None:
    """Two jobs of Slurm with a Dask worker each; one is killed at work."""
    begun = time.monotonic()
    options = ("--executor", "dask", "--workers", "2", "execution.scheduler=slurm", "execution.slurm.memory=1GB")
    process = subprocess.Popen(words(study, *options), env=environment)
    wait_for(lambda: there(study) >= RUNS // 8, process)
    job = command(environment, "squeue", "-h", "-t", "R", "-o", "%A").split()[0]
    command(environment, "scancel", "--signal=KILL", "--full", job)
    print(f"job {job} killed when {there(study)} of {RUNS} runs were there")
    assert process.wait() == 0
    report("dask on Slurm, a job killed", begun, study)


def by_array(study: Path, environment: dict[str, str]) -> None:
    """A job array; one of its jobs is killed, then the same array is submitted again."""
    begun = time.monotonic()
    shard = "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT"
    line = f"{shlex.join(words(study, '--executor', 'serial', '--quiet'))} --shard {shard}"
    for turn in range(2):
        array = f"--array=0-{SHARDS - 1}"
        log = study.with_name("array-%a.log")
        submit = ("sbatch", "--parsable", array, "-c", "1", "--mem=1000", "-o", str(log), f"--wrap={line}")
        job = command(environment, *submit)
        if turn == 0:
            wait_for(lambda: there(study) >= RUNS // 8)
            command(environment, "scancel", "--signal=KILL", "--full", f"{job}_1")
            print(f"job {job}_1 killed when {there(study)} of {RUNS} runs were there")
        wait_for(lambda: not command(environment, "squeue", "-h", "-o", "%A"))
        found = status(study)
        print(f"array {turn + 1}: {found.done} done, {found.failed} failed, {found.missing} missing")
        assert (found.missing > 0) == (turn == 0)
    report("job array of Slurm, a job killed", begun, study)


def report(what: str, begun: float, study: Path) -> None:
    """One line for the record."""
    found = status(study)
    print(f"{what}: {found.done} of {RUNS} runs, {found.failed} failed, {time.monotonic() - begun:.1f} s", flush=True)
    assert (found.done, found.failed) == (RUNS, 0)


def wait_for(condition, process: "subprocess.Popen[bytes] | None" = None, seconds: float = 600) -> None:
    """Waits until something is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert process is None or process.poll() is None, "the study ended before a job could be killed"
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.2)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    os.chdir(ROOT)
    sys.exit(main())
