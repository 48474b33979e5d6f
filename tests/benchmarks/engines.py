"""Benchmarks executors by tasks per second, bytes sent and memory, for docs/benchmarks.md.

`make benchmarks-engines`. Dask is measured as it is on a cluster: a scheduler over tls in a process of its own, and two
workers. Rounds of Dask and of processes take turns on the same cores.
"""

import pickle
import re
import tempfile
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor as Futures
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from statistics import median

from psutil import Process

import sim
from sim.experiments import engines, on_dask
from sim.experiments.conduct import run_replicate
from sim.experiments.control import _POLICY_YEAR, _WARM_UP_YEAR
from sim.experiments.executors import Executor
from sim.experiments.settings import Execution
from sim.experiments.study import LOG
from sim.experiments.worker import Worker
from tests.experiments import chores
from tests.experiments.clusters import dask_on

PAGE = Path(__file__).parents[2] / "docs" / "benchmarks.md"
HEADING = "\n## On an engine\n"
TASKS, ROUNDS, ROOM = 10_000, 5, 4
#: Runs of about half a second on an idle core, each with a past of its own, so that each is a task: few groups, three
#: years of policy.
HALF = {"world.groups": 40, "world.end": "2029-12-31", "sweep.breakdowns": []}
HALF_SEEDS, VARIED = 6, {"uncertainty.desk.rebound": [0.1, 0.2, 0.3, 0.4]}
HALF_RUNS = HALF_SEEDS * 4
#: Runs before which speed is not taken: workers start, and load the rules.
FIRST = 4
MILLION = 1_000_000


def section() -> str:
    """Stored section on executors in the page of benchmarks; empty if it is missing."""
    _, heading, text = PAGE.read_text("utf-8").partition(HEADING)
    return heading + text


@contextmanager
def on_two_workers() -> Iterator[tuple[Futures, Process, float]]:
    """Context manager: yields two Dask workers, their scheduler's process, and its memory in MB."""
    with tempfile.TemporaryDirectory() as made, on_dask._quiet():
        on_dask.make_keys(keys := Path(made) / "keys")
        with dask_on(keys, workers=2) as ((scheduler, *_), file):
            asked = Execution(executor="dask", scheduler=str(file), keys=str(keys))
            with on_dask.dask(asked) as (executor, room):
                while room() < ROOM:
                    time.sleep(0.2)
                process = Process(scheduler.pid)
                yield executor, process, process.memory_info().rss / 1e6


def tiny(executor: Executor) -> float:
    """Number of empty tasks per second, after processes have started."""
    run = executor.run(chores.square, range(TASKS + 100))
    for _ in islice(run, 100):
        pass
    begun = time.perf_counter()
    for _ in run:
        pass
    return TASKS / (time.perf_counter() - begun)


def speed(study: str, folder: Path, **how: object) -> float:
    """Runs per second in a study with runs of half a second, after workers have started."""
    moments: list[tuple[int, float]] = []
    found = sim.sweep(
        values=VARIED,
        set=HALF,
        replicates=HALF_SEEDS,
        progress=lambda done, _: moments.append((done, time.perf_counter())),
        results=folder,
        study=study,
        **how,
    )
    runs = re.findall(r"; (\d+) runs in", (Path(str(found.folder)) / LOG).read_text("utf-8"))
    assert runs == [str(HALF_RUNS)], "fresh ones"
    begun = next(moment for moment in moments if moment[0] >= FIRST)
    return (moments[-1][0] - begun[0]) / (moments[-1][1] - begun[1])


def sizes() -> tuple[int, int, int, int]:
    """Numbers of bytes sent to workers for a Latin hypercube of 500 points.

    Sizes of what tasks share, before and after it is packed, of a task, and of the result of a run.
    """
    from sim.api.entry_point import Request, console
    from sim.api.studies import prepared_sweep

    words = ["sweep.design=lhs", "sweep.samples=500", "world=tiny"]
    asked = Request("sweep", [], words, "comity sweep", console(quiet=True), ensemble="package")
    plan = prepared_sweep(asked, "judgement").plan
    worker = Worker(plan.base, None, "0" * 64, "p", run_replicate)
    past = next(plan.warm_ups(plan.runs["seed"] == plan.first_seed))
    executor = _Sizes()
    with engines.FuturesPool("sizes", executor, 1, worker, print) as pool:
        for _ in range(2):
            pool.submit(past)
    whole, alone = executor.sizes
    return len(pickle.dumps(worker)), whole - alone, alone, len(pickle.dumps(worker(past)))


class _Sizes(Futures):
    """Executor that records the sizes of calls without executing them."""

    def __init__(self) -> None:
        self.sizes: list[int] = []

    def submit(self, function: Callable[..., object], /, *given: object):  # type: ignore[no-untyped-def]
        """Records the size of a call."""
        from concurrent.futures import Future

        self.sizes.append(len(pickle.dumps((function, given))))
        return Future()


def main() -> None:
    """Runs the benchmarks of executors and writes their section."""
    shared, packed, task, back = sizes()
    with on_two_workers() as (executor, scheduler, before), tempfile.TemporaryDirectory() as made:
        elsewhere = Executor(engine=engines.Engine(Execution(workers=16), executor))
        rate, local = tiny(elsewhere), tiny(Executor(2))
        after, folder, ratios, rates = scheduler.memory_info().rss / 1e6, Path(made), [], []
        for turn in range(ROUNDS):
            by_dask = speed(f"dask-{turn}", folder, executor=executor, workers=ROOM)
            by_processes = speed(f"processes-{turn}", folder, workers=2)
            ratios.append(by_dask / by_processes)
            rates.append((by_dask, by_processes))
        disk = sum(path.stat().st_size for path in (folder / "dask-0").rglob("*.parquet")) / HALF_RUNS
    past, arm = 5 * _WARM_UP_YEAR, 10.5 * _POLICY_YEAR
    seconds, hours = past + arm, MILLION * (past + arm) / 3600
    rounds = "; ".join(f"{one:.2f} and {other:.2f}" for one, other in rates)
    sent, received, kept = (MILLION * size / 1e9 for size in (task, back, disk))
    text = f"""
Written by `make benchmarks-engines` (`tests/benchmarks/engines.py`): Dask over tls, its scheduler in a process of its
own, two workers of one thread each on the same two cores. On a cluster the network is slower, and workers do not take
time from the scheduler.

| what | measured |
| --- | ---: |
| tasks that do nothing, a second, of {TASKS:,} ({ROOM * 4} at a time) | {rate:,.0f} |
| the same by two processes of this machine | {local:,.0f} |
| memory of the scheduler before and after them, MB | {before:.0f} and {after:.0f} |
| what all tasks share, for a Latin hypercube of 500 points with the ensemble, bytes | {shared:,} |
| the same as it travels, once to each worker, bytes | {packed:,} |
| a task of it, bytes | {task:,} |
| what comes back of a run of it with its breakdowns, bytes | {back:,} |
| speed of runs of some half a second, over that of two processes: median of {ROUNDS} rounds | {median(ratios):.2f} |

Rounds, runs a second by Dask and by processes: {rounds}.
All are fresh by the logs of the studies, each is a task, and the start of workers does not count. Other work on the
machine takes time from both, and more or less of it from one round to the next.

**Where one scheduler ends.** A scheduler that hands out {rate:,.0f} tasks a second keeps {rate * seconds:,.0f} cores
busy with runs of the default world that share nothing ({seconds:.1f} s each: five years of past, ten and a half of
policy), and {rate * 0.5:,.0f} with runs of half a second. Beyond that, take shards (`--shard I/N`), each with an engine
of its own.

**A million runs** of the default world with a past each need {hours:,.0f} core hours: {hours / 100:,.1f} hours on 100
cores, {hours / 1000:,.1f} on 1,000. Under eight scenarios, which share the past, they need
{MILLION * (past / 8 + arm) / 3600:,.0f}. A million tasks of {task:,} bytes are {sent:.1f} GB to workers, what comes
back with breakdowns is {received:.0f} GB, and outcomes alone take {kept:.1f} GB on disk ({disk:,.0f} bytes a run).
"""
    before_it = PAGE.read_text("utf-8").partition(HEADING)[0]
    PAGE.write_text(before_it.rstrip("\n") + "\n" + HEADING + text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main()
