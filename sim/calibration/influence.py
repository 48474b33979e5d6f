"""Which parameters move the headline outcomes most, over all that is plausible: sim/data/influence.csv.

The sets are those of the first wave of a calibration: all parameters at once over their plausible ranges, one world of
its own for each set. The influence of a parameter on an outcome is the square of their rank correlation: the share of
the variation of the outcome that goes with the parameter. One that chance could have produced is not ranked: over all
parameters and outcomes together, one ranking in twenty names a parameter that moves nothing.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path
from typing import Any

import numpy as np
from scipy.stats import norm, rankdata

from sim.data.load import read_table
from sim.measures.arrays import Floats

FILE = "influence.csv"
#: How many parameters are named at most.
NAMED = 10
LEVELS, POLICY = "levels", "policy effect"
#: Chance that a ranking names any parameter that moves nothing.
ERROR = 0.05


@dataclass(frozen=True)
class Influence:
    """One parameter of much influence.

    Attributes:
        about: whether on the level of an outcome or on what a policy changes in it.
        rank: 1 for the most.
        parameter: dotted name.
        outcome: the headline outcome that it moves most.
        share: of the variation of that outcome that goes with it, 0–1.
        correlation, correlation_low, correlation_high: rank correlation with its 95 % interval.
        low, high: plausible range of the parameter, in its unit.
        runs: parameter sets, each in a world of its own.
        scenario: under which the outcome was taken, or the two whose difference was.
        code, made: version of the code, and day.
        axes: fingerprint of all parameters and their ranges.
        source, status: as in every data file.
    """

    about: str
    rank: int
    parameter: str
    outcome: str
    share: float
    correlation: float
    correlation_low: float
    correlation_high: float
    low: float
    high: float
    runs: int
    scenario: str
    code: str
    made: date
    axes: str
    source: str
    status: str


def rank_correlations(cube: Floats, outcome: Floats) -> tuple[Floats, int]:
    """Rank correlation of each parameter with an outcome, and the number of sets in which it is known.

    Args:
        cube: f8[sets, parameters].
        outcome: f8[sets]; NaN where it is not defined.
    """
    known = np.flatnonzero(~np.isnan(outcome))
    if known.size < 4 or np.ptp(outcome[known]) == 0.0:
        return np.zeros(cube.shape[1]), int(known.size)
    ranks, target = rankdata(cube[known], axis=0), rankdata(outcome[known])
    ranks, target = ranks - ranks.mean(axis=0), target - target.mean()
    return ranks.T @ target / np.sqrt((ranks**2).sum(axis=0) * (target**2).sum()), int(known.size)


def strongest(
    cube: Floats, outcomes: Mapping[str, Floats], names: Sequence[str]
) -> list[tuple[str, str, float, float, float]]:
    """Parameters that move some outcome by more than chance would, the strongest first.

    Args:
        cube: f8[sets, parameters].
        outcomes: f8[sets] by key.
        names: of the parameters.

    Returns:
        Parameter, the outcome that it moves most, rank correlation with the low and high end of its 95 % interval.
    """
    keys = list(outcomes)
    found = [rank_correlations(cube, outcomes[key]) for key in keys]
    correlations = np.array([values for values, _ in found])
    reach = 1.0 / np.sqrt(np.maximum(np.array([known for _, known in found]) - 3, 1))  # of Fisher's transform
    distance = np.abs(np.arctanh(np.clip(correlations, -0.999, 0.999))) / reach[:, None]
    needed = norm.isf(ERROR / 2 / correlations.size)
    best = distance.argmax(axis=0)
    order = [place for place in np.argsort(-distance.max(axis=0), kind="stable") if distance[:, place].max() > needed]
    rows = []
    for place in order[:NAMED]:
        value, half = correlations[best[place], place], norm.isf(0.025) * reach[best[place]]
        low, high = (float(np.tanh(np.arctanh(np.clip(value, -0.999, 0.999)) + side)) for side in (-half, half))
        rows.append((names[place], keys[best[place]], float(value), low, high))
    return rows


def write_influence(rows: Sequence[Influence], path: Path) -> None:
    """Writes a CSV file in the form of the data files, and its number of rows into files.csv beside it."""
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow([entry.name for entry in fields(Influence)])
        for row in rows:
            values = asdict(row).values()
            writer.writerow([f"{value:.4g}" if isinstance(value, float) else value for value in values])
    catalogue = path.with_name("files.csv")
    if catalogue.is_file():
        text = re.sub(rf"(?m)^({re.escape(path.name)}),\d+,", rf"\1,{len(rows)},", catalogue.read_text("utf-8"))
        catalogue.write_text(text, "utf-8")


def shipped_influence() -> list[Influence]:
    """The rows of sim/data/influence.csv.

    Raises:
        DataError: If the file is damaged.
    """
    kinds: dict[str, Callable[[str], Any]] = {"int": int, "float": float, "str": str, "date": date.fromisoformat}
    return [
        Influence(**{entry.name: kinds[str(entry.type)](row[entry.name]) for entry in fields(Influence)})
        for row in read_table(FILE).rows
    ]
