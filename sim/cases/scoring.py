"""How what happened stands in what the model expected: percentiles, predictive intervals, and the PIT histogram.

Months are continuous, states and arrests are counts with many ties. A count is therefore spread evenly over the step
that its value has in the distribution (Czado, Gneiting and Held 2009), so that the histogram of a model that is right
is flat for counts as well, without any random draw.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

from sim.measures.arrays import Floats

#: Fewest draws on which each interval may rest: with fewer, its ends would be the least and the greatest of them.
FEWEST: Mapping[float, int] = MappingProxyType({0.80: 20, 0.95: 40})
#: Nominal probabilities of predictive intervals.
NOMINAL = tuple(FEWEST)
#: Fewest draws for a percentile.
FEWEST_DRAWS = min(FEWEST.values())


@dataclass(frozen=True)
class Standing:
    """The step of a value in a distribution: P(X < value) and P(X ≤ value)."""

    below: float
    up_to: float

    @property
    def percentile(self) -> float:
        """Middle of the step, 0–100."""
        return 50.0 * (self.below + self.up_to)


def standing_of(draws: Floats, value: float) -> Standing:
    """The step of a value among draws.

    Args:
        draws: one or more, without NaN.
        value: what happened.
    """
    return Standing(float((draws < value).mean()), float((draws <= value).mean()))


def interval(draws: Floats, probability: float) -> tuple[float, float]:
    """Central predictive interval, ends included: the smallest draws with at least these shares of all up to them."""
    tail = (1.0 - probability) / 2.0
    low, high = np.quantile(draws, [tail, 1.0 - tail], method="inverted_cdf")
    return float(low), float(high)


def covers(draws: Floats, value: float, probability: float) -> bool:
    """Whether the interval holds what happened."""
    low, high = interval(draws, probability)
    return low <= value <= high


def pit_histogram(standings: Iterable[Standing], bins: int) -> Floats:
    """Mean share of each bin of 0–1, float64 [bins]; 1 ÷ bins everywhere for a model that is right.

    Args:
        standings: of all cases, one or more.
        bins: of equal width.
    """
    edges = np.linspace(0.0, 1.0, bins + 1)
    total, number = np.zeros(bins), 0
    for one in standings:
        height = one.up_to - one.below
        if height > 0.0:
            reached = (edges - one.below) / height
        else:  # beyond all draws, or between two of them: all of it lies in one bin
            reached = (np.arange(bins + 1) > min(int(one.below * bins), bins - 1)).astype(float)
        total += np.diff(np.clip(reached, 0.0, 1.0))
        number += 1
    return np.asarray(total / max(number, 1))


def share_interval(hits: int, number: int, confidence: float = 0.95) -> tuple[float, float]:
    """Exact (Clopper–Pearson) interval of a share; 0 to 1 where nothing was counted."""
    from scipy.special import betaincinv

    tail = (1.0 - confidence) / 2.0
    low = float(betaincinv(hits, number - hits + 1, tail)) if hits else 0.0
    high = float(betaincinv(hits + 1, number - hits, 1.0 - tail)) if hits < number else 1.0
    return low, high
