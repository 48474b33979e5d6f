"""Intervals of paired differences and of paired ratios.

Arms of one seed share their world, so each seed gives one difference. Seeds are independent; the interval is
Student's t on the differences: exact when they are normal, good for their mean from some twenty seeds on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import fields
from enum import Enum
from functools import reduce
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import stdtrit as student_quantile

from sim.measures.arrays import Floats, Integers

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

CONFIDENCE = 0.95
ASSUMPTION = (
    "Paired Student t intervals: one difference per seed, seeds independent, differences roughly normal. "
    "Each interval covers its own difference with 95 % probability. Intervals are not widened for the number of "
    "outcomes, so of twenty outcomes that a policy does not change, about one will appear to change."
)
ONE_WORLD = "All replicates have the same parameters: intervals hold chance alone."
MANY_WORLDS = (
    "Each replicate has a parameter set of its own ({standing}), the same under all policies: intervals hold chance "
    "and parameters. Every fifth replicate has the set of another one, so that the two differ by chance alone. The "
    "rest of the spread of an effect is due to parameters. From its mean and that rest, taken as normal, follows in "
    "what part of plausible worlds it has the sign of its mean. These parts are rough: where ten sets are repeated, "
    "the variance of chance is known to within about a half."
)


class Estimate(NamedTuple):
    """A mean or a ratio with its interval; NaN where too few values are known.

    Attributes:
        value: the estimate.
        low, high: ends of the interval.
        pairs: number of values it rests on.
    """

    value: float
    low: float
    high: float
    pairs: int

    @property
    def includes_zero(self) -> bool:
        """Whether zero is inside the interval, or the interval is not known."""
        return not (self.low > 0.0 or self.high < 0.0)


def mean(values: Floats) -> Estimate:
    """Mean of independent values with its t interval; NaN values are left out."""
    known = values[~np.isnan(values)]
    if known.size < 2:
        centre = float(known[0]) if known.size else float("nan")
        return Estimate(centre, float("nan"), float("nan"), known.size)
    return _around(float(known.mean()), known)


def difference(values: Floats, baseline: Floats) -> Estimate:
    """Mean of `values` minus `baseline`, seed by seed."""
    return mean(values - baseline)


def ratio(values: Floats, baseline: Floats) -> Estimate:
    """Ratio of the means of two paired samples, linearised (delta method)."""
    known = ~(np.isnan(values) | np.isnan(baseline))
    values, baseline = values[known], baseline[known]
    if values.size < 2 or baseline.mean() == 0.0:
        return Estimate(float("nan"), float("nan"), float("nan"), values.size)
    centre = float(values.mean() / baseline.mean())
    return _around(centre, (values - centre * baseline) / baseline.mean())


def _around(centre: float, values: Floats) -> Estimate:
    """A t interval around `centre` as wide as the spread of `values` says."""
    reach = float(half_width(values))
    return Estimate(centre, centre - reach, centre + reach, values.size)


def half_width(values: Floats) -> Floats:
    """Half of the t interval of a mean over the first axis, one for each place along the others."""
    pairs = len(values)
    quantile = student_quantile(pairs - 1, 0.5 + CONFIDENCE / 2)
    return np.asarray(quantile * values.std(axis=0, ddof=1) / np.sqrt(pairs))


def as_frame(entries: Iterable[DataclassInstance]) -> pd.DataFrame:
    """Entries of one kind as a table, one row each: estimates with the ends of their intervals, choices as words."""
    rows = []
    for entry in entries:
        row: dict[str, object] = {}
        for name in (item.name for item in fields(entry)):
            value = getattr(entry, name)
            if isinstance(value, Estimate):
                row |= {name: value.value, f"{name}_low": value.low, f"{name}_high": value.high}
            elif isinstance(value, Enum):
                row[name] = value.name.lower() if isinstance(value, int) else str(value)
            else:
                row[name] = value
        rows.append(row)
    return pd.DataFrame(rows)


class Paired:
    """Outcomes of one block by scenario and seed, to be set side by side.

    Args:
        outcomes: one row per block × scenario × seed.
        block: parameter set.
    """

    def __init__(self, outcomes: pd.DataFrame, block: str) -> None:
        inside = outcomes[outcomes["block"] == block]
        numbers = inside.select_dtypes("number")
        # One array of all numbers: columns of a table, asked for one by one, take longer than all statistics.
        self._numbers = numbers.to_numpy(dtype=np.float64)
        self._column = {name: place for place, name in enumerate(numbers)}
        self._seeds, key = inside["seed"].to_numpy(dtype=np.int64), inside["scenario"].to_numpy(dtype=object)
        by_seed = np.argsort(self._seeds, kind="stable")
        self._rows = {str(scenario): by_seed[key[by_seed] == scenario] for scenario in dict.fromkeys(key.tolist())}
        self._shared: dict[tuple[str, ...], list[Integers]] = {}

    @property
    def scenarios(self) -> list[str]:
        """Scenarios that were run, in the order of their first row."""
        return list(self._rows)

    def values(self, outcome: str, *scenarios: str) -> list[Floats]:
        """An outcome under several scenarios, over the seeds that all of them have, in order of seed."""
        return [self._numbers[rows, self._column[outcome]] for rows in self._rows_of(*scenarios)]

    def seeds(self, *scenarios: str) -> Integers:
        """The seeds that all of these scenarios have, in order."""
        return self._seeds[self._rows_of(*scenarios)[0]]

    def _rows_of(self, *scenarios: str) -> list[Integers]:
        """Rows of scenarios, of the seeds that all of them have; none where a scenario was not run."""
        if not self._rows.keys() >= set(scenarios):
            return [np.zeros(0, np.int64) for _ in scenarios]
        if scenarios not in self._shared:
            rows = [self._rows[scenario] for scenario in scenarios]
            seeds = reduce(np.intersect1d, (self._seeds[mine] for mine in rows))
            self._shared[scenarios] = [mine[np.isin(self._seeds[mine], seeds)] for mine in rows]
        return self._shared[scenarios]
