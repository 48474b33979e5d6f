"""Benchmarks of common uses, each in a new process together with a fixed loop.

`python -m tests.benchmarks.measures NAME [KEY=VALUE …]` prints one measurement as JSON: `cpu` and `wall` in seconds,
`loop` (processor seconds of the fixed loop, next to it), and what else it counts.
"""

import json
import os
import random
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import replace
from datetime import date
from io import StringIO
from pathlib import Path
from typing import Any
from urllib.request import urlopen

import numpy as np
import psutil

#: Seeds whose parameter sets are those of the calibrated ensemble.
SEEDS = (1, 2, 3)
_STEPS, _SORTED = 1_500_000, 1 << 20
_SEED = 11
Found = dict[str, Any]


def loop() -> float:
    """Processor time of a fixed task in seconds, a measure of the machine's speed."""
    begun, value = time.process_time(), 1
    for _ in range(_STEPS):
        value = (value * 6364136223846793005 + 1) & 0xFFFFFFFFFFFFFFFF
    numbers = np.random.default_rng(value & 0xFF).random(_SORTED)
    for _ in range(3):
        np.sort(numbers)
    return time.process_time() - begun


class Timed:
    """Context manager that measures processor and wall time of a block, including ended child processes."""

    def __enter__(self) -> "Timed":
        self.cpu, self.wall = -sum(os.times()[2:4]) - time.process_time(), -time.perf_counter()
        return self

    def __exit__(self, *_error: object) -> None:
        self.cpu += sum(os.times()[2:4]) + time.process_time()
        self.wall += time.perf_counter()


def _drawn(seed: int) -> Any:
    """Parameters of a seed, as drawn for a comparison."""
    from sim.calibration.ensemble import sets_of_today
    from sim.world.parameters import Parameters

    return sets_of_today().parameters(Parameters(), seed)


def _new(parameters: Any) -> Any:
    """Parameters with a change in the seventh digit, so that no cached result applies."""
    days = parameters.request.drafting_days * (1.0 - 1e-7 * random.random())  # noqa: S311 - any number will do
    return replace(parameters, request=replace(parameters.request, drafting_days=days))


def _past(parameters: Any, seed: int) -> Any:
    """Simulates a world up to the start of policies."""
    from sim.law.days import to_day
    from sim.law.order import legal_order
    from sim.policy.timeline import Timeline
    from sim.simulate import start
    from sim.world.parameters import WorldSpec

    spec = WorldSpec()
    simulation = start(spec, parameters, legal_order(), Timeline(), seed)
    simulation.advance(to_day(date.fromisoformat(spec.policy_start)))
    return simulation


def _peak() -> float:
    """Peak memory of this process so far, in MB."""
    status = Path("/proc/self/status").read_text(encoding="ascii")
    return int(status.partition("VmHWM:")[2].split()[0]) / 2**10


def arms() -> Found:
    """Processor seconds (least of three) and events of a scenario run, each a mean over three parameter sets."""
    from sim.engine.clock import Count
    from sim.policy.timeline import Timeline

    best, events = [], []
    for seed in SEEDS:
        past, arm, times = _past(_drawn(seed), seed), None, []
        before = int(past.world.counters[Count.HANDLED])
        for _ in range(3):
            arm = past.fork(Timeline(), arm)
            with Timed() as timed:
                arm.advance(arm.end)
            times.append(timed.cpu)
        best.append(min(times))
        events.append(int(arm.world.counters[Count.HANDLED]) - before)
    return {"cpu": sum(best) / len(best), "events": round(sum(events) / len(events))}


def first_past() -> Found:
    """Processor and wall time of a five-year warm-up without a cached result."""
    _past(_drawn(SEEDS[0]), SEEDS[0])
    times = []
    for seed in SEEDS[:2]:
        parameters = _new(_drawn(seed))
        with Timed() as timed:
            _past(parameters, seed)
        times.append(timed)
    return {"cpu": min(timed.cpu for timed in times), "wall": min(timed.wall for timed in times)}


def scaled_world(groups: str) -> Found:
    """Processor and wall time of five simulated years, with staff and work in proportion to the number of groups.

    A desk keeps one person at least, so that small worlds are somewhat better staffed.
    """
    from sim.agents.first_day import begin_world
    from sim.engine.clock import Count
    from sim.law.order import LegalOrder
    from sim.simulate import simulate
    from sim.world.parameters import Parameters, WorldSpec

    factor = int(groups) / WorldSpec().groups
    world = begin_world(WorldSpec(groups=int(groups)), Parameters(), LegalOrder.load(), _SEED)
    world.state.slots *= factor
    for name in ("load", "offered", "own_load", "work", "work_end"):
        world.desk[name] *= factor
    servers = np.maximum(np.round(world.desk.staff_base * factor), 1).astype(np.int64)
    world.desk.capacity *= servers / np.maximum(world.desk.servers, 1)
    world.desk.servers = servers
    world = simulate(world, 1.0)
    events = int(world.counters[Count.HANDLED])
    with Timed() as timed:
        world = simulate(world, 5 * 365.25)
    return {"cpu": timed.cpu, "events": int(world.counters[Count.HANDLED]) - events, "mb": _peak()}


def worker() -> Found:
    """Peak memory in MB of a process that simulates and measures a warm-up and two scenario runs."""
    from sim.experiments.run import Task, run_replicate
    from sim.policy.scenario import load
    from sim.world.parameters import WorldSpec

    scenarios = tuple(load(key) for key in ("status_quo", "faster_mlat"))
    with Timed() as timed:
        made = run_replicate(Task("main", 1, scenarios, WorldSpec(), _drawn(1)))
    assert not made.failures, made.failures[0].details
    return {"cpu": timed.cpu, "wall": timed.wall, "mb": _peak()}


def comparison(part: str = "5", world: str = "default") -> Found:
    """Estimated time of the default comparison, extrapolated from some of its warm-ups."""
    from rich.console import Console

    from sim.api.entry_point import PACKAGE, Request
    from sim.api.simulating import DEFAULT_COMPARISON
    from sim.api.simulating import comparison as compared
    from sim.experiments.conduct import Options, conduct
    from sim.experiments.plan import Kind
    from sim.report.studies import design_of

    with tempfile.TemporaryDirectory() as folder:
        silent = Console(file=StringIO(), quiet=True)
        words = ["execution.workers=2", f"world={world}", f"execution.results={folder}"]
        asked = Request("compare", [], words, "comity compare", silent)
        experiment = compared(asked, [], DEFAULT_COMPARISON, sets=PACKAGE)
        plan, of = design_of(experiment, Kind.COMPARE).plan, int(part)
        share = plan.shard(of // 2, of).sum() / len(plan)
        options = Options(shard=(of // 2, of) if of > 1 else (0, 1))
        with Timed() as timed:
            _, finished = conduct(experiment, plan, Path(folder) / "study", options, silent, about={})
    assert not finished.failed
    return {"cpu": timed.cpu / share, "wall": timed.wall / share, "mb": finished.peak_memory / 2**20}


def _together(root: int, of: Callable[[psutil.Process], float]) -> float:
    """Sum of a quantity over a process and its descendants."""
    total, process = 0.0, psutil.Process(root)
    for one in (process, *process.children(recursive=True)):
        with suppress(psutil.Error):
            total += of(one)
    return total


def _spent(root: int) -> float:
    """Processor time of a process and its descendants, in seconds."""
    return _together(root, lambda one: sum(one.cpu_times()[:4]))


def _memory(root: int) -> float:
    """Memory of a process and its descendants in MB, with shared pages counted once."""
    return _together(root, lambda one: one.memory_full_info().pss / 2**20)


def page(pairs: str = "20") -> Found:
    """Times until the what-if page is usable and shows pairs and estimates, and memory of its processes."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        place = f"http://127.0.0.1:{free.getsockname()[1]}/"
    words = ["dashboard", "--no-open", "--no-token", "--workers", "2", "--port", place.rpartition(":")[2][:-1]]
    begun = time.perf_counter()
    process = subprocess.Popen([sys.executable, "-m", "sim", *words], stderr=subprocess.DEVNULL)
    most, over = [0.0], threading.Event()

    def watch() -> None:
        """Records the peak memory so far."""
        while not over.wait(0.5):
            most[0] = max(most[0], _memory(process.pid))

    threading.Thread(target=watch, daemon=True).start()
    try:
        while True:
            try:
                with urlopen(place, timeout=60):
                    break
            except OSError:
                if process.poll() is not None or time.perf_counter() - begun > 1_800:  # rules may have to be compiled
                    raise
                time.sleep(0.05)
        found: Found = {"usable": time.perf_counter() - begun}
        for name, query in (("first", "agency.investigators=2"), ("second", "central_authority.staff=2")):
            spent, moved = _spent(process.pid), time.perf_counter()
            for number in _pairs(place, query):
                found.setdefault(f"{name}_estimate", time.perf_counter() - moved)
                if number >= int(pairs):
                    break
            found[f"{name}_policy"] = time.perf_counter() - moved
            found[f"{name}_cpu"] = _spent(process.pid) - spent
    finally:
        over.set()
        process.send_signal(signal.SIGINT)
        process.wait(60)
    return {"cpu": found["first_cpu"], "wall": found["first_policy"], "mb": most[0], **found}


def _pairs(place: str, query: str) -> Iterator[int]:
    """Yields the number of complete pairs of worlds after each answer of the page."""
    with urlopen(f"{place}stream?{query}", timeout=3600) as answers:  # noqa: S310 - this machine
        for line in answers:
            if line.startswith(b'data: {"pairs"') and (number := json.loads(line[6:])["pairs"]):
                yield number


def _first_event() -> Found:
    """Time until the first event of a tiny world in a new process, with rules compiled or loaded."""
    code = (
        "from sim.law.order import LegalOrder\nfrom sim.policy.timeline import Timeline\n"
        "from sim.simulate import start\nfrom sim.world.parameters import Parameters, WorldSpec\n"
        "start(WorldSpec(groups=1), Parameters(), LegalOrder.load(), Timeline(), 1).advance(1.0)\n"
    )
    with Timed() as timed:
        subprocess.run([sys.executable, "-P", "-c", code], check=True)
    return {"cpu": timed.cpu, "wall": timed.wall}


def compiling() -> Found:
    """Times to compile all rules and to load them from a cache, and size of the cache in MB."""
    with tempfile.TemporaryDirectory() as cache:
        os.environ["XDG_CACHE_HOME"] = cache
        cold, warm = _first_event(), _first_event()
        size = sum(path.stat().st_size for path in Path(cache).rglob("*") if path.is_file()) / 2**20
    return cold | {"warm": warm["wall"], "size_mb": size}


MEASURES: dict[str, Callable[..., Found]] = {
    made.__name__: made for made in (arms, first_past, scaled_world, worker, comparison, page, compiling)
}


def main(words: list[str]) -> None:
    """Runs one benchmark between two runs of the fixed loop, and prints the figures."""
    name, *options = words
    loop()
    first = loop()
    found = MEASURES[name](**dict(word.split("=", 1) for word in options))
    print(json.dumps(found | {"loop": (first + loop()) / 2}))


if __name__ == "__main__":
    main(sys.argv[1:])
