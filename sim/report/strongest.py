"""Which judgement parameters move the takedown rate most: `python -m sim.report.strongest` writes docs/strongest.md.

Each is moved to both ends of its plausible range while the others stay: first all, with few seeds, to find the
strongest; then these with other seeds, so that what is published was not chosen for its luck.
"""

import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np

from sim.experiments.execution import WorkerDeath
from sim.experiments.executors import executor
from sim.experiments.grammar import declared
from sim.experiments.run import run_replicate
from sim.report.marking import markdown_table
from sim.report.statements import Variant, level, task
from sim.world.parameters import WorldSpec

SCREENED, KEPT, MEASURED = 3, 12, 24  # seeds of the first look, parameters that are looked at again, seeds for these
OUTCOME = "takedown_rate"
COMMAND = "python -m sim.report.strongest"
PAGE = Path(__file__).parents[2] / "docs" / "strongest.md"
_DEFAULT = Variant()


class Strength(NamedTuple):
    """Takedown rate at one end of a parameter's range over that of the default world, with its 95 % interval."""

    parameter: str
    value: float
    ratio: float
    low: float
    high: float

    @property
    def distance(self) -> float:
        """How far the ratio is from 1, on a log scale."""
        return abs(float(np.log(max(self.ratio, 1e-3))))


def ends() -> dict[str, tuple[float, float]]:
    """Both ends of the plausible range of every judgement parameter, by dotted name."""
    axes = declared(["judgement"])
    return {axis.key.removeprefix("uncertainty."): (axis.low, axis.high) for axis in axes if not axis.levels}


def measured(names: Mapping[str, tuple[float, float]], seeds: Iterable[int], workers: int) -> list[Strength]:
    """The default world against each end of each range, over paired seeds.

    Raises:
        RuntimeError: a run failed.
    """
    world, seeds = WorldSpec(), list(seeds)
    variants = {"": _DEFAULT}
    for name, values in names.items():
        variants |= {f"{name} = {value}": Variant({name: value}) for value in values}
    tasks = [task(variant, seed, world) for variant in variants.values() for seed in seeds]
    found: dict[tuple[str, int], float] = {}
    for done, replicate in executor(workers).run(run_replicate, tasks):
        if isinstance(replicate, WorkerDeath) or not replicate.arms:
            raise RuntimeError(f"{done.block}, seed {done.seed}: {replicate}")
        found[done.block, done.seed] = replicate.arms[0].measured.outcomes[OUTCOME]
    base = np.array([found["", seed] for seed in seeds])
    result = []
    for name, values in names.items():
        for value in values:
            there = np.array([found[Variant({name: value}).words, seed] for seed in seeds])
            estimate, low, high = (1.0 + part / base.mean() for part in level(there - base))
            result.append(Strength(name, value, estimate, low, high))
    return result


def page(found: Sequence[Strength], looked_at: int, seeds: int) -> str:
    """The strongest parameters as a page of docs/."""
    found = sorted(found, key=lambda entry: -entry.distance)
    most = max(max(entry.ratio, 1.0 / max(entry.ratio, 1e-3)) for entry in found)
    rows = [
        [f"`{entry.parameter}`", f"{entry.value:g}", f"{entry.ratio:.2f}", f"{entry.low:.2f} to {entry.high:.2f}"]
        for entry in found
    ]
    return "\n".join(
        [
            "# Parameters that move the takedown rate most",
            "",
            f"Made by `{COMMAND}`. Each of {looked_at} judgement parameters was moved to both ends of its plausible",
            f"range in the default world, the others fixed, with {SCREENED} seeds. The {KEPT} strongest were measured",
            f"with {seeds} other paired seeds. The figure is the takedown rate there over that of the default world,",
            f"with its 95 % interval. The largest factor is {most:.1f}.",
            "",
            markdown_table(["parameter", "value", "takedown rate, ratio", "95 % interval"], rows),
            "",
        ]
    )


def main(words: Sequence[str]) -> None:
    """Measures and writes the page; with a part of a name only parameters like it are looked at, and it is printed."""
    names, workers = ends(), os.cpu_count() or 1
    names = {name: values for name, values in names.items() if all(word in name for word in words)}
    first = sorted(measured(names, range(1, SCREENED + 1), workers), key=lambda entry: -entry.distance)
    strongest = list(dict.fromkeys(entry.parameter for entry in first))[:KEPT]
    seeds = range(SCREENED + 1, SCREENED + MEASURED + 1)
    text = page(measured({name: names[name] for name in strongest}, seeds, workers), len(names), MEASURED)
    if not words:
        PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main(sys.argv[1:])
