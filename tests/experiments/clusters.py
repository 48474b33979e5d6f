"""Starts a Dask scheduler and workers for two parallel tasks."""

import os
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

DASK = str(Path(sys.executable).with_name("dask"))
ROOT = Path(__file__).parents[2]


@contextmanager
def dask_on(keys: Path, workers: int = 1) -> Iterator[tuple[list["subprocess.Popen[bytes]"], Path]]:
    """Starts a scheduler and workers; yields their processes and the path of the scheduler file."""
    file = keys / "scheduler.json"
    file.unlink(missing_ok=True)
    environment = {**os.environ, "DASK_CONFIG": str(keys), "PYTHONPATH": str(ROOT)}
    common = ("--no-dashboard", "--scheduler-file", str(file))
    lines = [(DASK, "scheduler", "--protocol", "tls", "--host", "127.0.0.1", "--port", "0", *common)]
    lines += workers * [(DASK, "worker", "--nthreads", str(2 // workers), "--no-nanny", *common)]
    started = []
    try:
        for line in lines:
            silent = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
            started.append(subprocess.Popen(line, env=environment, **silent))
            deadline = time.monotonic() + 60
            while not file.exists():
                assert time.monotonic() < deadline, "the scheduler does not start"
                time.sleep(0.1)
        yield started, file
    finally:
        for process in reversed(started):
            process.kill()
            process.wait()
