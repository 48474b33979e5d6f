"""One study: serially, and as a job array of Slurm with a job killed.

`make cluster-test`. Needs a Debian machine and root: Slurm of one node on loopback, from Debian's packages; no
accounting, no cgroups. Both studies must be the same, bit for bit.
"""

import os
import shlex
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from sim.experiments.control import status
from tests.experiments.sweep.kills import ROOT, same, there

PACKAGES = ("slurm-wlm", "munge")
CPUS = 4  # what Slurm believes, no matter what the machine has

CONFIGURATION = (Path(__file__).parent / "slurm.conf").read_text("utf-8")  # with fields in braces


def install() -> None:
    """Installs what is not there yet."""
    if shutil.which("slurmctld") and shutil.which("munged"):
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-q"], check=True, env=environment)
    subprocess.run(
        ["apt-get", "install", "-q", "-y", "--no-install-recommends", *PACKAGES], check=True, env=environment
    )


@contextmanager
def running() -> Iterator[dict[str, str]]:
    """Slurm, up and idle; gives the environment in which its commands find it."""
    folder = Path(tempfile.mkdtemp(prefix="comity-slurm-"))
    host = socket.gethostname().partition(".")[0]
    for name in ("state", "spool"):
        (folder / name).mkdir()
    configuration = folder / "slurm.conf"
    configuration.write_text(CONFIGURATION.format(host=host, folder=folder, cpus=CPUS), encoding="utf-8")
    (folder / "cgroup.conf").write_text("CgroupPlugin=disabled\n", encoding="utf-8")
    environment = {**os.environ, "SLURM_CONF": str(configuration)}
    started = [_munge()] if not _munge_answers() else []
    try:
        for daemon in ("slurmctld", "slurmd"):
            started.append(subprocess.Popen([daemon, "-D", "-f", str(configuration)], env=environment))
        _wait_until_idle(environment, folder)
        yield environment
    finally:
        for process in reversed(started):
            process.terminate()
            process.wait(30)
        shutil.rmtree(folder, ignore_errors=True)


def command(environment: dict[str, str], *words: str) -> str:
    """What a command of Slurm prints."""
    return subprocess.run(words, env=environment, check=True, capture_output=True, text=True).stdout.strip()


def _munge_answers() -> bool:
    return subprocess.run(["munge", "-n"], capture_output=True, check=False).returncode == 0


def _munge() -> "subprocess.Popen[bytes]":
    """The daemon that signs messages, under its own user, as it demands."""
    run = Path("/run/munge")
    run.mkdir(exist_ok=True)
    shutil.chown(run, "munge", "munge")
    process = subprocess.Popen(["runuser", "-u", "munge", "--", "munged", "--foreground"])
    deadline = time.monotonic() + 20
    while not _munge_answers():
        if time.monotonic() > deadline:
            raise RuntimeError("munged does not answer")
        time.sleep(0.2)
    return process


def _wait_until_idle(environment: dict[str, str], folder: Path) -> None:
    deadline = time.monotonic() + 60
    while True:
        state = subprocess.run(
            ["sinfo", "-h", "-o", "%T"], env=environment, capture_output=True, text=True, check=False
        ).stdout
        if state.strip() == "idle":
            return
        if time.monotonic() > deadline:
            logs = "\n".join(path.read_text(errors="replace")[-3000:] for path in folder.glob("*.log"))
            raise RuntimeError(f"Slurm does not come up: {state}\n{logs}")
        time.sleep(0.5)


DESIGN = [
    *("status_quo", "faster_mlat", "court.staff=1,1.5,2", "uncertainty.desk.rebound=0,0.25,0.5,0.75"),
    *("world=tiny", "execution.replicates=30"),
]
RUNS = 3 * 4 * 2 * 30
SHARDS = 4
TABLES = ("experiments", "outcomes", "breakdowns/turnaround_curve", "breakdowns/takedown_curve")


def main() -> int:
    """The whole check."""
    install()
    with running() as environment, tempfile.TemporaryDirectory(prefix="comity-studies-", dir=Path.home()) as made:
        folder = Path(made)
        environment |= {"PYTHONPATH": str(ROOT)}
        begun = time.monotonic()
        subprocess.run(words(folder / "serial", "--executor", "serial"), env=environment, check=True)
        report("serial", begun, folder / "serial")
        by_array(folder / "array", environment)
        same(folder / "serial", folder / "array", TABLES)
    print("Both studies are the same, bit for bit.")
    return 0


def words(study: Path, *options: str) -> list[str]:
    """The command of the study."""
    return [sys.executable, "-m", "sim", "sweep", *DESIGN, "--study", str(study), *options]


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


def wait_for(condition, seconds: float = 600) -> None:
    """Waits until something is so."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.2)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    os.chdir(ROOT)
    sys.exit(main())
