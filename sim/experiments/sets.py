"""Parameter sets of a study, and the rule that assigns one to each seed.

A seed has one set, the same in every study and under all policies, so that tables of several studies can be joined by
seed. Seeds 1 to 4 have sets of their own, and the fifth has that of the first of them again: two seeds with one set
differ by chance alone, which separates chance from parameters.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from sim.data.costs import Prices, drawn_prices
from sim.measures.arrays import Integers
from sim.world.parameters import Parameters, value_of, with_values

#: Seeds in a row of which the last has the set of the first.
ROUND = 5
#: The seed that has the first set, and the column of tables of outcomes that names a run's set.
FIRST_SEED, SET_COLUMN = 1, "parameter_set"


def set_numbers(places: Integers) -> Integers:
    """Parameter set number of each seed, by the seed's position; position 0 has the first set."""
    rounds, within = np.divmod(places, ROUND)
    return np.asarray(rounds * (ROUND - 1) + np.where(within == ROUND - 1, 0, within))


class ChosenBy(StrEnum):
    """Ways of choosing parameter sets, as reports describe them."""

    CALIBRATED = "one chosen by published facts"
    PRIOR = "not yet calibrated: drawn from all that is plausible"
    GIVEN = "one of those that somebody gave"


class OwnError(NamedTuple):
    """Standard deviation of the model's error compared with reality, in logs for levels and in logits for shares."""

    levels: float = math.nan
    shares: float = math.nan

    def of(self, share: bool) -> float:
        """The model's own error on a level or, if `share` is true, on a share."""
        return self.shares if share else self.levels


@dataclass(frozen=True)
class Weighed:
    """A user's figures that weighed parameter sets, as reports name them."""

    whose: str
    figures: tuple[str, ...]  # titles
    values: tuple[str, ...]  # their ranges, in the same order; empty where they are not shown
    effective: float  # number of sets that are left, as one over the sum of squared weights
    of: int  # number of sets


_UNKNOWN = OwnError()


@dataclass(frozen=True)
class ParameterSets:
    """Parameter sets that the seeds of a study use in turn, with unit costs."""

    values: Sequence[Mapping[str, float]]  # of each set, by dotted name
    standing: ChosenBy = ChosenBy.CALIBRATED
    own_error: OwnError = _UNKNOWN  # the model's own, which joins intervals of levels
    begins: int = FIRST_SEED  # the seed that has the first set; earlier versions counted from a study's own first
    order: tuple[int, ...] = ()  # numbers of the sets in the order in which seeds take them; empty: each once
    weighed: Weighed | None = None  # figures of the user's that made the order

    def number(self, seed: int) -> int:
        """Number of the parameter set of a seed; after the last set, numbers begin again."""
        return int(self.numbers(np.array([seed]))[0])

    def numbers(self, seeds: Integers) -> Integers:
        """Number of the parameter set that each seed uses."""
        places = set_numbers(seeds - self.begins)
        if self.order:
            return np.array(self.order)[places % len(self.order)]
        return np.asarray(places % len(self.values))

    def parameters(self, chosen: Parameters, seed: int) -> Parameters:
        """Parameters for a seed: values that the user sets, otherwise values of the seed's set."""
        drawn = self.values[self.number(seed)]
        default = Parameters()
        free = {name: value for name, value in drawn.items() if value_of(chosen, name) == value_of(default, name)}
        return with_values(chosen, free)

    def prices(self, seed: int) -> Prices:
        """Unit costs for a seed, by its parameter set."""
        values = self.values[self.number(seed)].items()
        plain = ((name, value.item() if isinstance(value, np.generic) else value) for name, value in values)
        return drawn_prices(str(sorted(plain)))  # a float of NumPy would have words of its own
