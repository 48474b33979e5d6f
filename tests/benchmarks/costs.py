"""What a run of the model costs; each measurement is a process of its own, started by `measured`.

As a program (`python -m tests.benchmarks.costs NAME …`) it prints one measurement as JSON.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np

ROOT = Path(__file__).parents[2]
PRESENT_GROUPS = 300
_SEED = 11
_ARMS = 5


def peak_memory_mb() -> float:
    """Most memory that this process has held, MB; NaN where the system does not say.

    Linux counts the parent's memory into ru_maxrss of a new process, hence its own account is read where there is one.
    """
    status = Path("/proc/self/status")
    if status.is_file():
        return int(status.read_text(encoding="ascii").partition("VmHWM:")[2].split()[0]) / 2**10
    try:
        import resource
    except ImportError:  # Windows
        return float("nan")
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (2**20 if sys.platform == "darwin" else 2**10)


def default_world() -> dict[str, float]:
    """The default world under today's law, from 2022 to the end of the follow-up."""
    from sim.engine.clock import Count
    from sim.law.order import LegalOrder
    from sim.policy.timeline import Timeline
    from sim.simulate import start
    from sim.world.parameters import Parameters, WorldSpec

    start(WorldSpec(groups=1), Parameters(), LegalOrder.load(), Timeline(), _SEED).advance(1.0)  # loads the rules
    before = peak_memory_mb()
    begun = time.process_time()
    run = start(WorldSpec(), Parameters(), LegalOrder.load(), Timeline(), _SEED)
    run.advance(run.end)
    seconds = time.process_time() - begun
    events, years = int(run.world.counters[Count.HANDLED]), run.end / 365.25
    return {
        "seconds": seconds,
        "events": events,
        "years": years,
        "most_waiting": int(run.world.counters[Count.USED]),
        "peak_mb": peak_memory_mb(),
        "before_mb": before,
    }


def ten_year_arm() -> dict[str, float]:
    """An arm of a comparison, forked from the day on which policies start as `comity compare` does: best of some."""
    from sim.engine.clock import Count
    from sim.law.days import to_day
    from sim.law.order import LegalOrder
    from sim.policy.timeline import Timeline
    from sim.simulate import start
    from sim.world.parameters import Parameters, WorldSpec

    spec = WorldSpec()
    past = start(spec, Parameters(), LegalOrder.load(), Timeline(), _SEED)
    past.advance(to_day(date.fromisoformat(spec.policy_start)))
    before, best, arm = int(past.world.counters[Count.HANDLED]), float("inf"), None
    for _ in range(_ARMS):
        arm = past.fork(Timeline(), arm)
        begun = time.process_time()
        arm.advance(arm.end)
        best = min(best, time.process_time() - begun)
    assert arm is not None
    return {"seconds": best, "events": int(arm.world.counters[Count.HANDLED]) - before}


def scaled_world(groups: str) -> dict[str, float]:
    """Five years under the law of the first day, with investigators, staff and other work in proportion to groups.

    A desk keeps one person at least, so that small worlds are somewhat better staffed.
    """
    from sim.engine.clock import Count
    from sim.law.order import LegalOrder
    from sim.simulate import simulate
    from sim.world.assemble import assemble
    from sim.world.parameters import Parameters, WorldSpec

    number = int(groups)
    factor = number / PRESENT_GROUPS
    world = assemble(WorldSpec(groups=number), Parameters(), LegalOrder.load(), _SEED)
    world.state.slots *= factor
    for name in ("load", "offered", "own_load", "work", "work_end"):
        world.desk[name] *= factor
    servers = np.maximum(np.round(world.desk.staff_base * factor), 1).astype(np.int64)
    world.desk.capacity *= servers / np.maximum(world.desk.servers, 1)
    world.desk.servers = servers
    world = simulate(world, 1.0)
    events = int(world.counters[Count.HANDLED])
    begun = time.process_time()
    world = simulate(world, 5 * 365.25)
    seconds = time.process_time() - begun
    return {"seconds": seconds, "events": int(world.counters[Count.HANDLED]) - events, "peak_mb": peak_memory_mb()}


def first_rules() -> dict[str, float]:
    """Wall time until a world of one group has begun: imports, law, rules from the cache or compiled."""
    from sim.law.order import LegalOrder
    from sim.policy.timeline import Timeline
    from sim.simulate import start
    from sim.world.parameters import Parameters, WorldSpec

    begun = time.perf_counter()
    start(WorldSpec(groups=1), Parameters(), LegalOrder.load(), Timeline(), _SEED).advance(1.0)
    return {"seconds": time.perf_counter() - begun}


MEASUREMENTS: Mapping[str, Callable[..., dict[str, float]]] = {
    "default_world": default_world,
    "ten_year_arm": ten_year_arm,
    "scaled_world": scaled_world,
    "first_rules": first_rules,
}


def measured(name: str, *arguments: str, cache: Path | None = None) -> dict[str, Any]:
    """A measurement, made in a new process; with its own cache of compiled rules where one is given."""
    environment = dict(os.environ)
    if cache is not None:
        environment |= {"XDG_CACHE_HOME": str(cache), "LOCALAPPDATA": str(cache)}
    command = [sys.executable, "-m", "tests.benchmarks.costs", name, *arguments]
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True, check=True)
    result: dict[str, Any] = json.loads(done.stdout)
    return result


def seconds_of(command: list[str]) -> float:
    """Wall time of a command, seconds."""
    begun = time.perf_counter()
    subprocess.run(command, cwd=ROOT, capture_output=True, check=True)
    return time.perf_counter() - begun


def start_up(repeats: int) -> dict[str, float]:
    """Best wall times of `comity --help` and of an empty Python program, alternating."""
    times = [
        (seconds_of([sys.executable, "-m", "sim", "--help"]), seconds_of([sys.executable, "-c", "pass"]))
        for _ in range(repeats)
    ]
    return {"help": min(pair[0] for pair in times), "python": min(pair[1] for pair in times)}


def compiling() -> dict[str, float]:
    """Wall time of the first rules with an empty cache and with a filled one."""
    with tempfile.TemporaryDirectory() as folder:
        cold = measured("first_rules", cache=Path(folder))["seconds"]
        warm = measured("first_rules", cache=Path(folder))["seconds"]
        size = sum(path.stat().st_size for path in Path(folder).rglob("*") if path.is_file()) / 2**20
    return {"cold": cold, "warm": warm, "size_mb": size}


def exponent(groups: list[int], seconds: list[float]) -> float:
    """Slope of log seconds on log groups, by least squares."""
    return float(np.polyfit(np.log(groups), np.log(seconds), 1)[0])


if __name__ == "__main__":
    json.dump(MEASUREMENTS[sys.argv[1]](*sys.argv[2:]), sys.stdout)
