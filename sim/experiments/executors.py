"""Which executor carries out tasks, and jobs that are no runs: results depend neither on it nor on its workers' number.

Jobs are conducted as a study is: what is done is kept, the same command does only what is missing. A job's result is
plain data: numbers, texts, lists and dicts by text, which a line of JSON gives back to the last bit.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from pathlib import Path
from typing import Any, TypeVar

import numpy as np
from rich.console import Console

from sim.experiments.control import OnProgress, alone, counting, stopping
from sim.experiments.execution import Cluster, Executor, SerialExecutor, WorkerDeath
from sim.experiments.processes import ProcessExecutor
from sim.policy.version import source_hash


def executor(workers: int, kind: str = "processes", cluster: Cluster | None = None) -> Executor:
    """The executor for a number of workers.

    Args:
        workers: number of processes, 1 or more.
        kind: one of `cluster.KINDS`; `serial` is this process, whose death ends everything.
        cluster: where Dask finds its workers; this machine by default.

    Raises:
        ValueError: If `workers` is below 1.
        InputError: If Dask is asked for and not installed.
    """
    if workers < 1:
        raise ValueError(f"at least one worker is needed, not {workers}")
    if kind == "serial":
        return SerialExecutor()
    if kind == "dask":
        from sim.experiments.on_dask import DaskExecutor

        return DaskExecutor(workers, cluster or Cluster())
    return ProcessExecutor(workers)


JobT = TypeVar("JobT")
LEDGER = "jobs.jsonl"


def conduct_jobs(
    work: Callable[[JobT], Any],
    jobs: Mapping[str, JobT],
    folder: Path,
    workers: int,
    console: Console,
    *,
    label: str = "Runs",
    quiet: bool = False,
    progress: OnProgress | None = None,
) -> dict[str, Any]:
    """Does what is missing of some jobs.

    Args:
        work: does one, and returns plain data; a function at the top of a module, of whose code results are.
        jobs: by a name that says all that the result follows from besides the code.
        folder: where results are kept, of this code; those of other code are done again.
        workers: processes; 1 for this one.
        console: where progress is shown.
        label: what jobs are called there.
        quiet: no progress.
        progress: called with the number of jobs that are done and of all.

    Returns:
        Results by name, in the order of the jobs, as JSON gives them back.

    Raises:
        InputError: another process does these jobs.
        KeyboardInterrupt: somebody asked to stop; with a message.
        RuntimeError: a worker process died with a job at every try.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with alone(folder, "p"):
        ledger, code = folder / LEDGER, _code(work)
        found = dict(_kept(ledger, code))
        left = {name: job for name, job in jobs.items() if name not in found}
        with (
            stopping(console) as stop,
            counting(console, label, len(jobs), quiet, progress) as advance,
            ledger.open("a", encoding="utf-8") as file,
        ):
            advance(len(jobs) - len(left))
            asked = (pair for pair in left.items() if not stop.asked)
            workforce = executor(workers, "processes" if workers > 1 else "serial")
            for (name, _), came in workforce.run(partial(_done, work), asked):
                if isinstance(came, WorkerDeath):
                    raise RuntimeError(f"{name}: the worker process ended {came.cause}")
                line = json.dumps([code, name, came], default=_plain)
                file.write(line + "\n")
                file.flush()
                found[name] = json.loads(line)[2]
                advance(1)
    if missing := len(jobs.keys() - found.keys()):
        done = f"{len(jobs) - missing:,} of {len(jobs):,} are in {folder}"
        raise KeyboardInterrupt(f"stopped: {done}. Give the same command again to resume.")
    return {name: found[name] for name in jobs}


def _done(work: Callable[[JobT], Any], named: tuple[str, JobT]) -> Any:
    """What workers do with a job and its name."""
    return work(named[1])


def _code(work: Callable[..., Any]) -> str:
    """Of which code results are: the package, and the file of the work."""
    file = Path(str(sys.modules[work.__module__].__file__))
    return hashlib.sha256(source_hash().encode() + file.read_bytes()).hexdigest()[:16]


def _kept(ledger: Path, code: str) -> Iterator[tuple[str, Any]]:
    """Results of this code; other lines, and one that a kill cut short, are taken out of the ledger."""
    lines = ledger.read_text("utf-8").splitlines(keepends=True) if ledger.is_file() else []
    good = [line for line in lines if line.startswith(f'["{code}"') and line.endswith("]\n")]
    if good != lines:
        ledger.write_text("".join(good), "utf-8")
    for line in good:
        _, name, came = json.loads(line)
        yield name, came


def _plain(value: Any) -> Any:
    """Arrays and their numbers as JSON has them."""
    if isinstance(value, np.ndarray | np.generic):
        return value.tolist()
    raise TypeError(f"a job's result must be plain data, not {type(value).__name__}")
