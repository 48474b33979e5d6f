"""The executor `dask`, which runs tasks on Dask workers of this machine or of a running scheduler.

Who can connect to a scheduler can have the account of each of its workers run any code. So connections are encrypted,
and only who holds the keys connects: `python -m sim.experiments.on_dask FOLDER` makes them for a cluster.
"""

from __future__ import annotations

import ipaddress
import json
import logging
import os
import shlex
import sys
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from time import monotonic
from typing import TYPE_CHECKING, Any

from sim.policy.problem import INPUT_ERROR, InputError, extra_install, mistake

if TYPE_CHECKING:
    from concurrent.futures import Executor

    from distributed import Client, Security

    from sim.experiments.settings import Execution

#: Time after which a silent scheduler counts as gone, seconds.
SILENCE = 15.0
#: Time between two counts of workers, seconds.
_LOOK = 2.0
#: Tasks at a time for each thread of the workers: the second is there when the first ends.
_EACH = 2
#: Files of a folder of keys, and Dask's settings that name them.
CA, CERT, KEY, SETTINGS, SCHEDULER = "ca.pem", "cert.pem", "key.pem", "dask.yaml", "scheduler.json"
#: How connections are encrypted, as the address of a scheduler begins.
_ENCRYPTED = ("tls", "wss")
_SCHEDULER = "execution.scheduler"


@contextmanager
def dask(execution: Execution) -> Iterator[tuple[Executor, Callable[[], int]]]:
    """Context manager: yields a Dask executor and a function for its number of tasks; local workers end with it."""
    try:
        import cryptography  # noqa: F401 - makes the keys
        import distributed
    except ImportError as error:
        problem = f"{error.name} is not installed"
        raise mistake(problem, "execution.executor", "dask", extra_install("dask")) from None
    import dask as settings

    quick: dict[str, Any] = {
        "distributed.comm.timeouts.connect": f"{SILENCE:g}s",
        "distributed.admin.low-level-log-length": 0,
    }
    quick |= {"distributed.worker.profile.enabled": False}  # likewise in `make_keys`
    with settings.config.set(quick), _quiet(), ExitStack() as open_things:
        if execution.scheduler:
            client = open_things.enter_context(_existing(execution))
        else:
            cluster = open_things.enter_context(_local(execution.workers or os.cpu_count() or 1))
            client = open_things.enter_context(distributed.Client(cluster, set_as_default=False))
        yield client.get_executor(pure=False), _Room(client)


class _Room:
    """Number of tasks that Dask gets at a time: two for each thread of the workers, which may come and go."""

    def __init__(self, client: Client) -> None:
        self._client, self._known, self._looked = client, 0, -_LOOK

    def __call__(self) -> int:
        """Number of tasks that Dask gets at a time; positive even before workers have joined."""
        if monotonic() - self._looked >= _LOOK:
            try:
                threads = self._client.sync(self._client.scheduler.ncores, callback_timeout=SILENCE)
            except Exception as error:  # of many kinds, none of which Dask names
                fix = "What is done is kept: start a scheduler and give the same command, which resumes it."
                raise mistake(f"the scheduler is gone ({type(error).__name__})", _SCHEDULER, None, fix) from None
            self._known, self._looked = _EACH * sum(threads.values()), monotonic()
        return max(1, self._known)


def _local(workers: int) -> Any:
    """Starts a Dask worker in this process that nobody else can reach; its tasks run in separate processes.

    Processes of Dask's would run the caller's main module again.
    """
    from distributed import LocalCluster

    return LocalCluster(
        n_workers=1,
        threads_per_worker=workers,
        processes=False,
        dashboard_address="127.0.0.1:0",
        scheduler_kwargs={"dashboard": False},
        silence_logs=logging.CRITICAL,
        memory_limit=0,  # the system's own limit is the only one
    )


def _existing(execution: Execution) -> Client:
    """Connects to a scheduler that already runs."""
    from distributed import Client, Security

    written = execution.scheduler
    address = written if "://" in written else _address_in(Path(written))
    encrypted = address.partition("://")[0] in _ENCRYPTED
    if not encrypted and execution.encrypted and not _is_here(address):
        problem = "not encrypted: who reaches this scheduler can have your account run any code"
        fix = "Start it with keys, as docs/howto/cluster.md shows, or allow it with execution.encrypted=false."
        raise mistake(problem, _SCHEDULER, address, fix)
    keys = _keys_in(Path(execution.keys)) if execution.keys else Security()  # which is what Dask's settings name
    if encrypted and not keys.tls_client_cert:
        fix = "Name their folder: execution.keys=FOLDER, or Dask's own distributed.comm.tls."
        raise mistake("it needs keys, and there are none", _SCHEDULER, address, fix)
    try:
        return Client(address, timeout=SILENCE, set_as_default=False, security=keys)
    except (OSError, TimeoutError, ValueError) as error:
        fix = "Start it, as docs/howto/cluster.md shows; with other keys than its own nobody is answered either."
        raise mistake(f"no scheduler answers ({type(error).__name__})", _SCHEDULER, address, fix) from None


def _address_in(file: Path) -> str:
    """Reads the address of a scheduler from the scheduler's file."""
    try:
        return str(json.loads(file.read_text("utf-8"))["address"])
    except (OSError, ValueError, LookupError, TypeError) as error:
        fix = "Write its address, as tls://host:8786, or the file that `dask scheduler --scheduler-file` writes."
        raise mistake(f"no scheduler file ({type(error).__name__})", _SCHEDULER, file, fix) from None


def _is_here(address: str) -> bool:
    """True if an address can be reached only from this machine."""
    host = address.partition("://")[2].rpartition(":")[0].strip("[]")
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host == "localhost" or address.startswith("inproc://")


def _keys_in(folder: Path) -> Security:
    """Reads security keys from a folder; an error if other users can read the folder."""
    from distributed.security import Security

    for name in (CA, CERT, KEY):
        if not (folder / name).is_file():
            fix = f"Make them: python -m sim.experiments.on_dask {shlex.quote(str(folder))}"
            raise mistake(f"{name} is missing", "execution.keys", folder, fix)
    if os.name == "posix" and (folder / KEY).stat().st_mode & 0o077:
        raise mistake("others may read the key", "execution.keys", folder / KEY, f"chmod 600 {folder / KEY}")
    files = {"tls_ca_file": str(folder / CA)}
    for role in ("client", "worker", "scheduler"):
        files |= {f"tls_{role}_cert": str(folder / CERT), f"tls_{role}_key": str(folder / KEY)}
    return Security(require_encryption=True, **files)


def make_keys(folder: Path) -> list[str]:
    """Creates security keys for a Dask cluster; returns commands that start it, and one of a sweep on it."""
    from distributed.security import Security

    made, folder = Security.temporary(), folder.absolute()
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    texts = {CA: made.tls_ca_file, CERT: made.tls_client_cert, KEY: made.tls_client_key}
    pair = {"cert": str(folder / CERT), "key": str(folder / KEY)}
    tls = {"ca-file": str(folder / CA), **dict.fromkeys(("scheduler", "worker", "client"), pair)}
    # Workers only wait for their processes: to look at what they do a hundred times a second takes time from these.
    rest = {"worker": {"profile": {"enabled": False}}, "admin": {"tick": {"interval": "500ms"}}}
    texts[SETTINGS] = json.dumps({"distributed": {"comm": {"require-encryption": True, "tls": tls}, **rest}}, indent=1)
    for name, text in texts.items():
        try:
            handle = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        except OSError as error:
            raise mistake(f"cannot be made ({error.strerror})", "FOLDER", folder / name, "Name a new folder.") from None
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(str(text))
    named, place = shlex.quote(str(folder)), shlex.quote(str(folder / SCHEDULER))
    return [
        f"DASK_CONFIG={named} dask scheduler --protocol tls --no-dashboard --scheduler-file {place}",
        f"DASK_CONFIG={named} dask worker --no-dashboard --scheduler-file {place}",
        f"comity sweep … execution=dask execution.scheduler={place} execution.keys={named}",
    ]


@contextmanager
def _quiet() -> Iterator[None]:
    """Context manager: hides Dask's tracebacks of lost workers, which Comity reports itself."""
    named = ("distributed", "tornado", "asyncio")
    loggers = [logging.getLogger(name) for name in logging.root.manager.loggerDict if name.partition(".")[0] in named]
    before = [(logger, logger.level) for logger in loggers]
    for logger in loggers:
        logger.setLevel(logging.CRITICAL + 1)
    try:
        yield
    finally:
        for logger, level in before:
            logger.setLevel(level)


def main() -> int:
    """Creates security keys in the folder that the command line names."""
    try:
        if len(sys.argv) != 2:
            raise mistake("one folder is needed", "FOLDER", fix="python -m sim.experiments.on_dask FOLDER")
        commands = make_keys(Path(sys.argv[1]))
    except InputError as problem:
        print(f"sim.experiments.on_dask: error: {problem}", file=sys.stderr)
        return INPUT_ERROR
    heads = ("Start the scheduler:", "Start workers, on as many machines as you like:", "Run a study there:")
    print("\n".join(f"{head}\n  {line}" for head, line in zip(heads, commands, strict=True)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
