"""A real Slurm of one node on loopback, from Debian's packages; no accounting, no cgroups. Needs root."""

import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

PACKAGES = ("slurm-wlm", "munge")
CPUS = 4  # what Slurm believes, no matter what the machine has

CONFIGURATION = """\
ClusterName=comity
SlurmctldHost={host}(127.0.0.1)
SlurmctldPort=16817
SlurmdPort=16818
AuthType=auth/munge
CredType=cred/munge
MpiDefault=none
ProctrackType=proctrack/pgid
TaskPlugin=task/none
JobAcctGatherType=jobacct_gather/none
SelectType=select/cons_tres
SelectTypeParameters=CR_Core
SchedulerParameters=sched_min_interval=200000,batch_sched_delay=0
SlurmUser=root
SlurmdUser=root
SlurmdParameters=config_overrides
ReturnToService=2
KillWait=2
StateSaveLocation={folder}/state
SlurmdSpoolDir={folder}/spool
SlurmctldPidFile={folder}/slurmctld.pid
SlurmdPidFile={folder}/slurmd.pid
SlurmctldLogFile={folder}/slurmctld.log
SlurmdLogFile={folder}/slurmd.log
NodeName={host} NodeAddr=127.0.0.1 CPUs={cpus} RealMemory=8000 State=UNKNOWN
PartitionName=debug Nodes=ALL Default=YES MaxTime=INFINITE State=UP
"""


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
