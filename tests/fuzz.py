"""Simulates tiny worlds at random points of the whole space of settings: `python -m tests.fuzz` or `make fuzz`.

A Latin hypercube spreads its points over the declared ranges of all parameters and of the levers that act on the world.
Each point is lived and measured by a worker process, so that a crash costs that point alone and is named. A find is
a process that dies, an error, a number that is missing or infinite where the outcome does not allow it, and a point
that takes minutes. With `--corners`, every value is at one of its ends instead. With `--checked`, rules are
compiled with checks of bounds.
"""

import argparse
import math
import os
import resource
import subprocess
import sys
import time
import traceback
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from functools import cache
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML
from scipy.stats import qmc

from sim.experiments.executors import Executor
from sim.experiments.run import tables_of, window
from sim.law.order import legal_order
from sim.measures.harm import harm_rates
from sim.measures.observation import Observation
from sim.measures.outcomes import OUTCOMES, measure
from sim.policy.lever import Quantity
from sim.policy.levers import LEVERS, WORLD_LEVERS
from sim.policy.timeline import Assignment, Step, Timeline
from sim.simulate import start
from sim.world.parameters import Parameters, WorldSpec, declarations

#: Units of what is counted or added up, which is always defined: with nothing to count it is 0.
COUNTED = {"per year", "requests", "number", "persons", "groups", "takedowns", "item-days per year"}
COUNTED |= {"billion person-days", "million euros of 2024", "billion USD of 2024", "billion USD of 2024 a year"}

POINTS, CORNERS = 400, 20  # a corner takes the time of twenty points
SECONDS = 120  # of processor time, beyond which a point is a find; the usual one takes less than one
_MEMORY = 8 * 2**30  # bytes of address space of one point
_SEED = 13
_LAST = np.nextafter(1.0, 0.0)  # the upper end of an axis, as a share that still lies within it


@dataclass(frozen=True)
class Point:
    """A point in the space of settings."""

    number: int  # its row in the design; also the run's seed
    parameters: Mapping[str, float]  # value by dotted name
    levers: Mapping[str, float]  # value by name


@cache
def axes() -> dict[str, tuple[float, float, bool]]:
    """Lowest and highest value of every setting, and a flag for settings of whole numbers."""
    found = {f"uncertainty.{name}": (said.low, said.high, said.unit == "switch") for name, _, said in declarations()}
    for name in sorted(WORLD_LEVERS):
        lever = LEVERS[name]
        words = lever.quantity in (Quantity.SWITCH, Quantity.CHOICE)
        found[f"levers.{name}"] = lever.low, lever.high, words
    return found


def points(every: int = 1) -> list[Point]:
    """Every nth point of the design, for n = `every`."""
    design = qmc.LatinHypercube(len(axes()), rng=np.random.default_rng(_SEED)).random(POINTS)
    return [_point(number, design[number]) for number in range(0, POINTS, every)]


def corners(every: int = 1) -> list[Point]:
    """Every nth corner of the space for n = `every`, each followed by the opposite corner."""
    ends = np.random.default_rng(_SEED).integers(0, 2, (CORNERS // 2, len(axes())))
    design = np.stack([ends, 1 - ends], 1).reshape(CORNERS, -1)
    return [_point(number, np.minimum(design[number], _LAST)) for number in range(0, CORNERS, every)]


def _point(number: int, place: Any) -> Point:
    """Settings at a place of the unit cube, in which integer values have equal parts."""
    values = {}
    for share, (name, (low, high, whole)) in zip(place, axes().items(), strict=True):
        values[name] = low + math.floor(share * (high - low + 1)) if whole else low + share * (high - low)
    parts = [
        {name.removeprefix(room): value for name, value in values.items() if name.startswith(room)}
        for room in ("uncertainty.", "levers.")
    ]
    return Point(number, *parts)


@cache
def world() -> WorldSpec:
    """Specification of the tiny world with fewer groups."""
    path = Path(__file__).parents[1] / "conf" / "world" / "tiny.yaml"
    written = YAML(typ="safe").load(path.read_text(encoding="utf-8"))
    known = {item.name for item in fields(WorldSpec)}
    return replace(WorldSpec(**{key: value for key, value in written.items() if key in known}), groups=10)


def live(point: Point) -> list[str]:
    """Simulates a point's world to its end; returns errors in its outcomes."""
    parameters, spec = Parameters(), world()
    for name, value in point.parameters.items():
        theme, key = name.split(".")
        setattr(getattr(parameters, theme), key, value)
    levers = tuple(Assignment(name, value) for name, value in point.levers.items())
    policy = Timeline((Step(date.fromisoformat(spec.policy_start), assignments=levers),))
    simulation = start(spec, parameters, legal_order(), policy, point.number)
    simulation.advance(window(spec).observed_until)
    measured = measure(Observation(window(spec), tables_of(simulation), harm_rates()))
    return list(_wrong(measured.outcomes))


def _wrong(values: Mapping[str, float]) -> Iterator[str]:
    """Outcomes that are missing, infinite or below their lowest possible value, as text."""
    for outcome in OUTCOMES:
        value = values[outcome.key]
        if math.isnan(value):
            if outcome.unit in COUNTED:
                yield f"{outcome.key} is missing"
        elif math.isinf(value) or value < outcome.least:
            yield f"{outcome.key} = {value:g}"


def lived(point: Point) -> list[str]:
    """Simulates a point in a worker process, with limits of time and memory."""
    spent = int(time.process_time())
    resource.setrlimit(resource.RLIMIT_CPU, (spent + SECONDS, resource.RLIM_INFINITY))
    resource.setrlimit(resource.RLIMIT_AS, (_MEMORY, _MEMORY))
    try:
        return live(point)
    except Exception as error:
        place = traceback.extract_tb(error.__traceback__)[-1]
        return [f"{type(error).__name__}: {error} ({Path(place.filename).name}:{place.lineno})"]


def live_all(
    chosen: list[Point], workers: int, of: Callable[[Point], list[str]] = lived
) -> Iterator[tuple[int, list[str]]]:
    """Yields number and errors of each point, from parallel processes that may crash."""
    causes: dict[int, str] = {}
    run = Executor(workers, tries=1).run(of, chosen, died=lambda point, cause: causes.update({point.number: cause}))
    for point, found in run:
        yield point.number, [f"died {causes[point.number]}"] if point.number in causes else found


def main(words: list[str]) -> int:
    """Simulates the selected points; returns 1 if there are errors."""
    reader = argparse.ArgumentParser(prog="python -m tests.fuzz", description=__doc__)
    reader.add_argument("--every", type=int, default=1, help="only every so-manieth point")
    reader.add_argument("--corners", action="store_true", help="the ends of all ranges")
    reader.add_argument("--only", type=int, help="a single point, in this process")
    reader.add_argument("--workers", type=int, default=os.cpu_count() or 1)
    reader.add_argument("--checked", action="store_true", help="with checks of bounds")
    asked = reader.parse_args(words)
    if asked.checked and os.environ.get("NUMBA_BOUNDSCHECK") != "1":
        environment = os.environ | {"NUMBA_BOUNDSCHECK": "1"}
        return subprocess.run([sys.executable, "-m", "tests.fuzz", *words], env=environment, check=False).returncode
    if asked.only is not None:
        print(*live((corners if asked.corners else points)()[asked.only]), sep="\n")
        return 0
    default = {name: getattr(getattr(Parameters(), name.split(".")[0]), item.name) for name, item, _ in declarations()}
    live(Point(0, default, {}))  # compiles the rules
    chosen, bad = (corners if asked.corners else points)(asked.every), 0
    for number, finds in live_all(chosen, asked.workers):
        bad += bool(finds)
        for find in finds:
            print(f"point {number}: {find}", flush=True)
    print(f"{len(chosen)} points over {len(axes())} axes, {bad} with finds")
    return int(bad > 0)


if __name__ == "__main__":
    from tests import fuzz  # by a name that workers know

    sys.exit(fuzz.main(sys.argv[1:]))
