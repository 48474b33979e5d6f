"""Which parameters move the takedown rate most: `python -m docs.programs.strongest FOLDER`, for docs/strongest.md.

The first wave of a calibration names those whose value goes with the takedown rate, all parameters varying together.
Each of them is then moved alone to both ends of its plausible range, under other seeds, so that what is published was
not chosen for its luck.
"""

import argparse
import os
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.console import Console

from docs.programs import DOCS
from docs.programs.statements import Variant, level, task
from sim.calibration import prior
from sim.calibration.calibrate import SIZES, run_prior
from sim.calibration.ranking import rank_correlations
from sim.calibration.waves import CalibrationSetting, Wave
from sim.experiments.control import counting
from sim.experiments.execution import WorkerDeath
from sim.experiments.executors import executor
from sim.experiments.run import run_replicate
from sim.report.marking import markdown_table
from sim.world.parameters import WorldSpec

KEPT, SEEDS = 12, 24  # parameters that are moved alone, and paired seeds for each end
OUTCOME = "takedown_rate"
COMMAND = "python -m docs.programs.strongest"
PAGE = DOCS / "strongest.md"


class Strength(NamedTuple):
    """Takedown rate at one end of a parameter's range over that of the default world, with its 95 % interval."""

    parameter: str
    value: float
    correlation: float
    ratio: float
    low: float
    high: float

    @property
    def factor(self) -> float:
        """How many times more or less, always above 1."""
        return max(self.ratio, 1.0 / max(self.ratio, 1e-3))


def named(wave: Wave) -> dict[str, float]:
    """The parameters whose values go most with the takedown rate: rank correlation by dotted name."""
    found, _ = rank_correlations(wave.cube[wave.set_of_run], wave.outcomes[OUTCOME].to_numpy(np.float64))
    order = np.argsort(-np.abs(found), kind="stable")[:KEPT]
    return {prior.names()[place]: float(found[place]) for place in order}


def measured(correlations: Mapping[str, float], seeds: Iterable[int], workers: int) -> list[Strength]:
    """The default world against each end of each range, over paired seeds.

    Raises:
        RuntimeError: a run failed.
    """
    world, seeds = WorldSpec(), list(seeds)
    ends = {name: axis for name, axis in zip(prior.names(), prior.axes(), strict=True) if name in correlations}
    cases = [(name, value) for name in correlations for value in (ends[name].low, ends[name].high)]
    variants = [Variant(), *(Variant({name: value}) for name, value in cases)]
    tasks = [task(variant, seed, world) for variant in variants for seed in seeds]
    found: dict[tuple[str, int], float] = {}
    with counting(Console(stderr=True), "Runs", len(tasks), False) as advance:
        for done, replicate in executor(workers).run(run_replicate, tasks):
            if isinstance(replicate, WorkerDeath) or not replicate.arms:
                raise RuntimeError(f"{done.block}, seed {done.seed}: {replicate}")
            found[done.block, done.seed] = replicate.arms[0].measured.outcomes[OUTCOME]
            advance(1)
    base = np.array([found["", seed] for seed in seeds])
    result = []
    for name, value in cases:
        there = np.array([found[Variant({name: value}).words, seed] for seed in seeds])
        ratio, low, high = (1.0 + part / base.mean() for part in level(there - base))
        result.append(Strength(name, value, correlations[name], ratio, low, high))
    return result


def page(found: Sequence[Strength], runs: int, seeds: int) -> str:
    """The strongest parameters as a page of docs/."""
    found = sorted(found, key=lambda entry: -entry.factor)
    over = list(dict.fromkeys(entry.parameter for entry in found if entry.factor > 2.0))
    verdict = f"More than a factor of two: {', '.join(f'`{name}`' for name in over)}." if over else "None exceeds two."
    rows = [
        [
            f"`{entry.parameter}`",
            f"{entry.value:g}",
            f"{entry.ratio:.2f}",
            f"{entry.low:.2f} to {entry.high:.2f}",
            f"{entry.correlation:+.2f}",
        ]
        for entry in found
    ]
    return "\n".join(
        [
            "# Parameters that move the takedown rate most",
            "",
            f"Made by `{COMMAND}`. The first wave of the calibration varies all {len(prior.names())} parameters",
            f"together, in {runs:,} runs. The {KEPT} whose value goes most with the takedown rate (rank correlation,",
            "last column) were then moved alone to both ends of their plausible ranges in the default world, the",
            f"others at their default, with {seeds} other paired seeds. The figure is the takedown rate there over",
            "that of the default world, with its 95 % interval.",
            f"The largest factor is {found[0].factor:.1f}. {verdict}",
            "",
            markdown_table(["parameter", "value", "takedown rate, ratio", "95 % interval", "correlation"], rows),
            "",
        ]
    )


def main(words: Sequence[str]) -> None:
    """Reads the first wave of a full calibration that has finished, measures, and writes the page."""
    parser = argparse.ArgumentParser(prog=COMMAND)
    parser.add_argument("folder", type=Path, help="of a full calibration that has finished")
    arguments = parser.parse_args(words)
    if not (arguments.folder / "wave-0").is_dir():
        parser.error(
            f"folder = '{arguments.folder}': no calibration. Name the folder that `comity calibrate` has made."
        )
    setting = CalibrationSetting(arguments.folder, (), COMMAND, finished=True)
    wave = run_prior(setting, SIZES["full"], Console(stderr=True))
    text = page(measured(named(wave), range(1, SEEDS + 1), os.cpu_count() or 1), len(wave.set_of_run), SEEDS)
    PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main(sys.argv[1:])
