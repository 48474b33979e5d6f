"""Parameter sets of a comparison: which seed has which, and how much of the spread of an effect is due to them.

A seed has one set, the same under all policies. Four seeds in a row have sets of their own, and the fifth has that of
the first of them again: two seeds with one set differ by chance alone, which separates chance from parameters.
Which set a seed has does not depend on how many seeds there are.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import NamedTuple

import numpy as np

from sim.measures.arrays import Floats, Integers
from sim.world.parameters import Parameters, value_of, with_values

#: Seeds in a row of which the last has the set of the first.
ROUND = 5
#: Fewer sets that two seeds have in common say nothing about chance.
FEWEST_SHARED = 5


def set_numbers(places: Integers) -> Integers:
    """Number of the set of each seed, from its place among the seeds of a study (0, 1, …)."""
    rounds, within = np.divmod(places, ROUND)
    return np.asarray(rounds * (ROUND - 1) + np.where(within == ROUND - 1, 0, within))


class ChosenBy(StrEnum):
    """What parameter sets were chosen by, as reports say it."""

    CALIBRATED = "one that agrees with published facts"
    INTERIM = "not yet calibrated: drawn from all that is plausible, and kept where desks take as long as they should"
    PRIOR = "not yet calibrated: drawn from all that is plausible"


@dataclass(frozen=True)
class ParameterSets:
    """Sets of parameters that the seeds of a study take in turn.

    Attributes:
        values: of each set, by dotted name.
        first_seed: the seed that has the first set.
        standing: what they were chosen by.
    """

    values: Sequence[Mapping[str, float]]
    first_seed: int
    standing: ChosenBy = ChosenBy.CALIBRATED

    def number(self, seed: int) -> int:
        """Number of the set of a seed; the sets begin again when all are taken."""
        return int(set_numbers(np.array([seed - self.first_seed]))[0]) % len(self.values)

    def parameters(self, chosen: Parameters, seed: int) -> Parameters:
        """The parameters of a seed: those of its set, except where somebody chose another value than the default.

        Args:
            chosen: parameters as configured.
            seed: run seed.
        """
        drawn = self.values[self.number(seed)]
        default = Parameters()
        free = {name: value for name, value in drawn.items() if value_of(chosen, name) == value_of(default, name)}
        return with_values(chosen, free)


class Components(NamedTuple):
    """What the spread of an effect over seeds consists of.

    Attributes:
        chance: share of the variance that two seeds with the same set have, too; NaN where that is not known.
        holds: share of plausible worlds in which the effect has the sign of its mean, taken as normal; NaN likewise,
            and where chance alone explains the spread and the mean cannot be distinguished from zero.
    """

    chance: float
    holds: float


def components(effects: Floats, sets: Integers) -> Components:
    """Splits the variance of an effect into chance and parameters.

    Args:
        effects: paired differences by seed, all known.
        sets: number of the set of each seed.
    """
    numbers, place, counts = np.unique(sets, return_inverse=True, return_counts=True)
    shared = counts > 1
    total = effects.var(ddof=1) if effects.size > 1 else 0.0
    if shared.sum() < FEWEST_SHARED or total == 0.0:
        return Components(float("nan"), float("nan"))
    means = np.bincount(place, effects) / counts
    within = ((effects - means[place]) ** 2).sum() / (effects.size - numbers.size)
    chance = float(min(within / total, 1.0))
    centre, spread = float(effects.mean()), float(np.sqrt(total * (1.0 - chance)))
    if spread > 0.0:
        from scipy.special import ndtr as normal_share  # a third of a second and 30 MB that no worker needs

        return Components(chance, float(normal_share(abs(centre) / spread)))
    known = abs(centre) > 2.0 * np.sqrt(total / effects.size)
    return Components(chance, 1.0 if known else float("nan"))
