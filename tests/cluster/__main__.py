"""Compares the results of one study run in series, by Slurm, by Dask on Slurm and by Hydra.

`make cluster-test`. Needs a Debian machine and root: Slurm of one node on loopback, from Debian's packages; no
accounting, no cgroups. Jobs and a scheduler are killed. All studies must be the same, bit for bit. `ARGS="dask joblib"`
takes some of the ways.
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
    """Installs Slurm and other packages that are missing."""
    if shutil.which("slurmctld") and shutil.which("munged"):
        return
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    subprocess.run(["apt-get", "update", "-q"], check=True, env=environment)
    subprocess.run(
        ["apt-get", "install", "-q", "-y", "--no-install-recommends", *PACKAGES], check=True, env=environment
    )


@contextmanager
def running() -> Iterator[dict[str, str]]:
    """Context manager: starts Slurm; yields the environment in which its commands work."""
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
    """Output of a Slurm command."""
    return subprocess.run(words, env=environment, check=True, capture_output=True, text=True).stdout.strip()


def _munge_answers() -> bool:
    return subprocess.run(["munge", "-n"], capture_output=True, check=False).returncode == 0


def _munge() -> "subprocess.Popen[bytes]":
    """Starts the daemon that authenticates messages of Slurm."""
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


#: The same design for `comity sweep` and for the Hydra program, where names of levers have a theme in front.
AXES = {"scenario": "status_quo,faster_mlat", "court.staff": "1,2", "uncertainty.desk.rebound": "0,0.5"}
FIXED = ("world=tiny", "execution.replicates=40")
RUNS = 2 * 2 * 2 * 40
SHARDS = 4
TABLES = ("experiments", "outcomes", "breakdowns/turnaround_curve", "breakdowns/takedown_curve")
#: Dask's own command, of the same installation.
DASK = str(Path(sys.executable).with_name("dask"))


def main() -> int:
    """Runs the whole test; returns an exit code."""
    install()
    with running() as environment, tempfile.TemporaryDirectory(prefix="comity-studies-", dir=Path.home()) as made:
        folder = Path(made)
        environment |= {"PYTHONPATH": str(ROOT)}
        begun = time.monotonic()
        subprocess.run(words(folder / "serial", "--executor", "serial"), env=environment, check=True)
        report("serial", begun, folder / "serial")
        for name, way in {"array": by_array, "dask": by_dask, "submitit": by_submitit, "joblib": by_joblib}.items():
            if name in sys.argv[1:] or len(sys.argv) == 1:
                try:
                    way(folder / name, environment)
                except BaseException:
                    for log in folder.glob("*.log"):
                        print(f"{log.name}:", *log.read_text(errors="replace").splitlines()[-20:], sep="\n  ")
                    raise
                same(folder / "serial", folder / name, TABLES)
    print("All studies are the same, bit for bit.")
    return 0


def words(study: Path, *options: str) -> list[str]:
    """Words of the command that runs the study."""
    axes = (f"{key}={values}" for key, values in AXES.items())
    return [sys.executable, "-m", "sim", "sweep", *axes, *FIXED, "--study", str(study), *options]


def by_array(study: Path, environment: dict[str, str]) -> None:
    """Runs the study as a job array, one job of which is killed and repeated."""
    begun = time.monotonic()
    shard = "$SLURM_ARRAY_TASK_ID/$SLURM_ARRAY_TASK_COUNT"
    line = f"{shlex.join(words(study, '--executor', 'serial', '--quiet'))} --shard {shard}"
    for turn in range(2):
        job = submitted(environment, f"0-{SHARDS - 1}", line, study.with_name("array-%a.log"))
        if turn == 0:
            wait_for(lambda: there(study) >= RUNS // 8)
            command(environment, "scancel", "--signal=KILL", "--full", f"{job}_1")
            print(f"job {job}_1 killed when {there(study)} of {RUNS} runs were there")
        wait_for(lambda: not command(environment, "squeue", "-h", "-o", "%A"))
        found = status(study)
        print(f"array {turn + 1}: {found.done} done, {found.failed} failed, {found.missing} missing")
        assert (found.missing > 0) == (turn == 0)
    report("job array of Slurm, a job killed", begun, study)


def submitted(environment: dict[str, str], array: str, line: str, log: Path) -> str:
    """Submits a job array; returns its number."""
    words = ("--parsable", f"--array={array}", "-c", "1", "--mem=1000", "-o", str(log), f"--wrap={line}")
    return command(environment, "sbatch", *words)


def by_dask(study: Path, environment: dict[str, str]) -> None:
    """Runs the study by Dask workers in Slurm jobs while a job and the scheduler are killed."""
    begun, keys = time.monotonic(), study.with_name("keys")
    subprocess.run([sys.executable, "-m", "sim.experiments.on_dask", str(keys)], env=environment, check=True)
    file, settings = keys / "scheduler.json", environment | {"DASK_CONFIG": str(keys)}
    worker = f"DASK_CONFIG={keys} {DASK} worker --no-dashboard --nthreads 1 --scheduler-file {file}"
    there_by_file = f"execution.scheduler={file}", f"execution.keys={keys}"
    sweep = words(study, "execution=dask", *there_by_file)
    for turn in range(2):
        file.unlink(missing_ok=True)
        options = ("--protocol", "tls", "--host", "127.0.0.1", "--port", "0", "--no-dashboard")
        line = (DASK, "scheduler", *options, "--scheduler-file", str(file))
        scheduler = subprocess.Popen(line, env=settings, stderr=subprocess.DEVNULL)
        process = None
        try:
            wait_for(file.exists)
            job = submitted(environment, "0-1", worker, study.with_name(f"dask-{turn}-%a.log"))
            process = subprocess.Popen(sweep, env=environment, stderr=subprocess.PIPE, text=True)
            if turn == 0:
                wait_for(lambda: there(study) >= RUNS // 8)
                wait_for(lambda: command(environment, "squeue", "-h", "-o", "%T").count("RUNNING") == 2, 60)
                command(environment, "scancel", "--signal=KILL", "--full", f"{job}_1")
                print(f"worker {job}_1 killed when {there(study)} of {RUNS} runs were there")
                wait_for(lambda: there(study) >= RUNS // 3)
                scheduler.kill()
            said = process.communicate(timeout=600)[1]
            subprocess.run(["scancel", job], env=environment, check=False)
        finally:
            for one in filter(None, (process, scheduler)):
                one.kill()
                one.wait()
        found = status(study)
        print(f"scheduler {turn + 1}: {found.done} done, {found.missing} missing; {said.splitlines()[-1]}")
        assert (process.returncode, "Traceback" in said) == (0 if turn else 2, False), said
        assert (found.missing > 0) == (turn == 0)
        wait_for(lambda: not command(environment, "squeue", "-h", "-o", "%A"))
    report("Dask on Slurm over tls, a worker and the scheduler killed", begun, study)


def by_submitit(study: Path, environment: dict[str, str]) -> None:
    """Runs the study by the Hydra program, with jobs in Slurm."""
    launcher = ("hydra/launcher=submitit_slurm", "hydra.launcher.cpus_per_task=1", "hydra.launcher.mem_gb=1")
    by_hydra("Hydra, jobs by submitit", study, environment, *launcher, "hydra.launcher.timeout_min=20")


def by_joblib(study: Path, environment: dict[str, str]) -> None:
    """Runs the study by the Hydra program, with two parallel jobs on this machine."""
    by_hydra("Hydra, jobs by joblib", study, environment, "hydra/launcher=joblib", "hydra.launcher.n_jobs=2")


def by_hydra(what: str, study: Path, environment: dict[str, str], *launcher: str) -> None:
    """Runs each point of the study as a job of the Hydra program."""
    begun = time.monotonic()
    theme = {"court.staff": "levers."}
    axes = (f"{theme.get(key, '')}{key}={values}" for key, values in AXES.items())
    place = (f"study={study}", f"execution.results={study.parent}", "execution.executor=serial")
    line = [sys.executable, "-m", "sim.hydra", "--multirun", *axes, *FIXED, *place, *launcher]
    subprocess.run(line, env=environment, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    report(what, begun, study)


def report(what: str, begun: float, study: Path) -> None:
    """Prints one line on a finished run of the study."""
    found = status(study)
    print(f"{what}: {found.done} of {RUNS} runs, {found.failed} failed, {time.monotonic() - begun:.1f} s", flush=True)
    assert (found.done, found.failed) == (RUNS, 0)


def wait_for(condition, seconds: float = 300) -> None:
    """Waits until a condition is true, or fails after some seconds."""
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it takes too long"
        time.sleep(0.2)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    os.chdir(ROOT)
    sys.exit(main())
