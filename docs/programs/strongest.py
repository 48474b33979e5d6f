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

from docs.programs import outcomes_of, ran, renew
from docs.programs.statements import task
from sim.calibration import prior
from sim.calibration.calibrate import SIZES, run_prior
from sim.calibration.ranking import rank_correlations
from sim.calibration.waves import CalibrationSetting, Wave
from sim.experiments.statistics import difference
from sim.report.marking import markdown_table
from sim.world.parameters import WorldSpec

KEPT, SEEDS = 12, 24  # parameters that are moved alone, and paired seeds for each end
OUTCOME = "takedown_rate"
COMMAND = "python -m docs.programs.strongest"


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
    ends = {name: (axis.low, axis.high) for name, axis in zip(prior.names(), prior.axes(), strict=True)}
    moved = {f"{name} = {float(value)!r}": (name, value) for name in correlations for value in ends[name]}
    tasks = {f"{setting}, seed {seed}": task(setting, seed, world) for setting in ("", *moved) for seed in seeds}
    found = {name: arms[0][OUTCOME] for name, arms in ran(COMMAND, outcomes_of, tasks, workers).items()}
    base, result = np.array([found[f", seed {seed}"] for seed in seeds]), []
    for setting, (name, value) in moved.items():
        away = difference(np.array([found[f"{setting}, seed {seed}"] for seed in seeds]), base)
        result.append(Strength(name, value, correlations[name], *(1.0 + part / base.mean() for part in away[:3])))
    return result


def parts(found: Sequence[Strength]) -> dict[str, str]:
    """The strongest parameters as parts of the page."""
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
    head = ["parameter", "value", "takedown rate, ratio", "95 % interval", "correlation"]
    largest = f"The largest factor is {found[0].factor:.1f}. {verdict}"
    return {"strongest": f"{largest}\n\n{markdown_table(head, rows)}"}


def main(words: Sequence[str]) -> None:
    """Reads the first wave of a full calibration that has finished, measures, and writes the page."""
    parser = argparse.ArgumentParser(prog=COMMAND)
    parser.add_argument("folder", type=Path, help="of a full calibration that has finished")
    arguments = parser.parse_args(words)
    if not (arguments.folder / "wave-0.jsonl").is_file():
        parser.error(
            f"folder = '{arguments.folder}': no calibration. Name the folder that `comity calibrate` has made."
        )
    setting = CalibrationSetting(arguments.folder, COMMAND, finished=True)
    wave = run_prior(setting, SIZES["full"], Console(stderr=True))
    found = measured(named(wave), range(1, SEEDS + 1), os.cpu_count() or 1)
    renew("strongest", parts(found), COMMAND)


if __name__ == "__main__":
    main(sys.argv[1:])
