"""Random draws without state: each draw is a function of seed, purpose, an entity's key, and a count.

The lineage key of an entity is hashed from where it comes from, never from a row number or a global order, so the same
group, leak and judge appear in both scenarios of a comparison. Components are absorbed one after another (mixing.py):
the key last, since it is known last, when the row of its entity has come from memory.
"""

import math

import numpy as np

from sim.engine.compiling import Key, Record, rule
from sim.engine.mixing import MIX_1, MIX_2, absorb
from sim.engine.ziggurat import exponential_of, normal_of

_PURPOSE_SHIFT = np.uint64(48)
_SHIFT_11 = np.uint64(11)
_LARGE_MEAN = 200.0
_TO_UNIT_53 = 1.0 / 9007199254740992.0


@rule
def derive(key: Key, component: Key) -> Key:
    """Key for random draws about a part of an entity, from the entity's key and the part's number.

    Keys hash component by component; packing several into one word collides.
    """
    return absorb(absorb(np.uint64(key), MIX_2), np.uint64(component))


@rule
def bits(seed: Key, purpose: int, key: Key, count: int) -> Key:
    """64 random bits that depend only on the seed, `purpose`, the entity's `key`, and `count`.

    A purpose is under 2¹⁶ and a count under 2⁴⁸, so that both fit one word.
    """
    draw = (np.uint64(purpose) << _PURPOSE_SHIFT) ^ np.uint64(count)
    run = np.uint64(seed) * MIX_1  # or draw 1 of seed 2 would be draw 0 of seed 3
    return absorb(absorb(run, draw), np.uint64(key))


@rule
def uniform(seed: Key, purpose: int, key: Key, count: int) -> float:
    """Uniform draw in [0, 1)."""
    return (bits(seed, purpose, key, count) >> _SHIFT_11) * _TO_UNIT_53


@rule
def chance(seed: Key, purpose: int, key: Key, count: int, probability: float) -> bool:
    """True with the given probability, by one uniform draw."""
    return uniform(seed, purpose, key, count) < probability


@rule
def exponential(seed: Key, purpose: int, key: Key, count: int, mean: float) -> float:
    """Exponential draw with the given mean."""
    return mean * exponential_of(bits(seed, purpose, key, count))


@rule
def normal(seed: Key, purpose: int, key: Key, count: int) -> float:
    """Standard normal draw."""
    return normal_of(bits(seed, purpose, key, count))


@rule
def lognormal(seed: Key, purpose: int, key: Key, count: int, median: float, sigma: float) -> float:
    """Lognormal draw with the given median and standard deviation of the log."""
    return median * math.exp(sigma * normal(seed, purpose, key, count))


@rule
def gumbel(seed: Key, purpose: int, key: Key, count: int) -> float:
    """Standard Gumbel draw, such as noise added to the utility of each option in a choice."""
    return -math.log(exponential_of(bits(seed, purpose, key, count)))


@rule
def poisson(seed: Key, purpose: int, key: Key, count: int, mean: float) -> int:
    """Poisson draw with the given mean, exact below 200 and by a rounded normal draw above."""
    if mean > _LARGE_MEAN:
        return max(int(mean + math.sqrt(mean) * normal(seed, purpose, key, count) + 0.5), 0)
    u = uniform(seed, purpose, key, count)
    term = math.exp(-mean)
    total = term
    k = 0
    while u > total and k < 1000:
        k += 1
        term *= mean / k
        total += term
    return k


@rule
def choose(cumulative: Record, u: float) -> int:
    """Index drawn in proportion to weights, whose cumulative sums are given."""
    low, high = 0, len(cumulative) - 1
    target = u * cumulative[high]
    while low < high:
        middle = (low + high) // 2
        if cumulative[middle] > target:
            high = middle
        else:
            low = middle + 1
    return low
