"""Runs all benchmarks and writes docs/benchmarks.md and .csv, or checks against stored ones (`--check`).

`--only NAME …` measures only these rows of what users run, into the .csv alone.
"""

import argparse
import platform
import re
import subprocess
import sys
import time
from importlib.metadata import version

import numpy as np

from tests.benchmarks import engines, kept
from tests.benchmarks.pipeline import Pipeline
from tests.benchmarks.speed import TOLERANCE, Timing, compare, ratio

PAGE = kept.ROOT / "docs" / "benchmarks.md"
GROUPS = [100, 300, 1_000, 3_000, 10_000]
_ROUNDS = 7
_WORLD_REPEATS = 3

_HEAD = """# Benchmarks

Written by `make benchmarks`; the code is in `tests/benchmarks/`. Seconds depend on the machine, ratios hardly: all
libraries ran in turns in one process, timed by processor time of one core.
{versions}.

## The request pipeline on three libraries

Drafting → outgoing desk → transmission → incoming desk, which returns deficient files by way of the outgoing desk →
court → production at the provider's desk → return: {requests:,} requests a run, Poisson arrivals, lognormal waiting,
four staffed first-come queues with lognormal touch time, {events:.0f} events a request. The same parameters everywhere;
median of {rounds} rounds. Mean and quantiles of the turnaround agree within {tolerance:0.0%}, or the command fails.

| library | requests a second | this model is faster by | mean days | p10 | median | p90 |
| --- | ---: | ---: | ---: | ---: | ---: | ---: |
"""

_NOTES = """
- *This model*: the requests pass through its own rules, which also test refusal, silence, appeal and withdrawal and
  keep a full row for each request (`on_rules.py`).
- *SimPy*: one process per request, one resource per desk, as in its documentation (`on_simpy.py`).
- *Mesa*: requests and desks are agents, and what happens next is an event of Mesa (`Model.schedule_event`, in Mesa
  from 3.5 on; `on_mesa.py`).
"""


def _versions() -> str:
    names = ("numba", "numpy", "simpy", "mesa")
    return ", ".join([f"Python {platform.python_version()}", *(f"{name} {version(name)}" for name in names)])


def _pipeline_table(timings: tuple[Timing, ...]) -> str:
    lines = []
    for timing in timings:
        rate = float(np.median(timing.requests_a_second))
        days = " | ".join(f"{value:.1f}" for value in timing.turnaround)
        lines.append(f"| {timing.name} | {rate:,.0f} | {ratio(timings[0], timing):.1f}× | {days} |")
    return "\n".join(lines)


def _verdict(name: str, wanted: str, value: float) -> str:
    """Verdict on a measured value against its target, as text."""
    target = float(re.findall(r"[\d.]+", wanted)[0])
    met = value >= target if wanted.startswith("at least") else value <= target
    shown = f"{value:.0f}" if value >= 100 else f"{value:.3g}"
    return f"| {name} | {wanted} | {shown} | {'met' if met else '**missed**'} |"


def _targets(timings: tuple[Timing, ...], slope: float, help_seconds: float, compile_seconds: float) -> str:
    by_name, known = {timing.name: timing for timing in timings}, kept.stored()
    rate = known["events"].value / known["arm"].value / 1e6
    reached = {name: ratio(timings[0], timing) for name, timing in by_name.items()}
    rows = (
        *([("times Mesa", "at least 80, aim at 100", reached["Mesa"])] if "Mesa" in reached else []),
        ("times SimPy", "at least 30, aim at 40", reached["SimPy"]),
        ("million events a second in an arm", "at least 2", rate),
        ("processor seconds of a ten-year arm", "under 0.4", known["arm"].value),
        ("memory of a process that simulates two arms, MB", "under 400", known["worker_memory"].value),
        ("exponent of cost in the number of groups", "at most 1.1", slope),
        ("wall seconds of `comity --help`", "under 1.5", help_seconds),
        ("wall seconds to compile", "under 45", compile_seconds),
    )
    head = ["", "## Targets", "", "| what | target | measured | |", "| --- | --- | ---: | --- |"]
    return "\n".join([*head, *(_verdict(*row) for row in rows)]) + "\n"


def _exponent(groups: list[int], values: list[float]) -> float:
    """Exponent of the growth of values with the number of groups, by least squares of logs."""
    return float(np.polyfit(np.log(groups), np.log(values), 1)[0])


def _wall(*words: str) -> float:
    """Shortest of five wall times of a Python program, in seconds."""
    times = []
    for _ in range(5):
        begun = time.perf_counter()
        subprocess.run([sys.executable, *words], cwd=kept.ROOT, capture_output=True, check=True)
        times.append(time.perf_counter() - begun)
    return min(times)


def _scaling() -> tuple[str, float]:
    rounds = [
        [kept.measurement("scaled_world", f"groups={groups}") for groups in GROUPS] for _ in range(_WORLD_REPEATS)
    ]
    best = [min((turn[place] for turn in rounds), key=lambda run: run["cpu"]) for place in range(len(GROUPS))]
    slope = _exponent(GROUPS, [run["cpu"] for run in best])
    in_events = _exponent(GROUPS, [run["events"] for run in best])
    lines = [
        "",
        "## Cost against the number of groups",
        "",
        "Five years under the law of the first day; investigators, staff of desks and other work grow in proportion.",
        f"Cost grows with the number of groups to the power of {slope:.2f} (least squares on the logarithms of the",
        f"best of {_WORLD_REPEATS} runs), the number of events to the power of {in_events:.2f}.",
        "",
        "| groups | events | seconds | events a second | peak memory, MB |",
        "| ---: | ---: | ---: | ---: | ---: |",
    ]
    for groups, run in zip(GROUPS, best, strict=True):
        rate = run["events"] / run["cpu"]
        lines.append(f"| {groups:,} | {run['events']:,} | {run['cpu']:.3f} | {rate:,.0f} | {run['mb']:.0f} |")
    return "\n".join(lines) + "\n", slope


def _starting() -> tuple[str, float, float]:
    ours, empty, rules = _wall("-m", "sim", "--help"), _wall("-c", "pass"), kept.measurement("compiling")
    text = f"""
## Starting

| what | wall seconds |
| --- | ---: |
| `comity --help` | {ours:.2f} |
| an empty Python program, for comparison | {empty:.2f} |
| first event of a run, rules compiled (once for a version) | {rules["wall"]:.1f} |
| first event of a run, rules from the cache ({rules["size_mb"]:.0f} MB on disk) | {rules["warm"]:.1f} |
"""
    return text, ours, rules["wall"]


def main() -> int:
    """Runs the chosen benchmarks, and compares them with stored values or writes them."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("--check", action="store_true", help="fail where a row is a quarter worse than stored")
    parser.add_argument("--only", nargs="+", choices=kept.WANTED, metavar="NAME", help=", ".join(kept.WANTED))
    chosen = parser.parse_args()
    names = chosen.only or list(kept.WANTED)
    if chosen.check:
        return kept.check(names)
    for row in kept.measured(names):
        print(f"{row.name}: {row.value:.4g} {row.unit}, {row.ratio:.4g}", flush=True)
        kept.store([row])
    return 0 if chosen.only else _page()


def _page() -> int:
    """Runs the remaining benchmarks, and writes and prints the page."""
    pipeline = Pipeline()
    timings = compare(pipeline, _ROUNDS)
    head = _HEAD.format(
        versions=_versions(), requests=pipeline.requests, events=10, rounds=_ROUNDS, tolerance=TOLERANCE
    )
    scaling, slope = _scaling()
    starting, help_seconds, compile_seconds = _starting()
    text = head + _pipeline_table(timings) + "\n" + _NOTES
    text += kept.table() + _targets(timings, slope, help_seconds, compile_seconds) + scaling + starting
    PAGE.write_text(text + engines.section(), encoding="utf-8")
    print(text)
    return 0


if __name__ == "__main__":
    sys.exit(main())
