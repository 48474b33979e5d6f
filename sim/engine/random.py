"""Counter-based randomness: a draw is a pure function of (run seed, purpose, lineage key, count).

The lineage key of an entity is hashed from where it comes from, never from a row number or a global order, so the
same group, leak and judge appear in both arms of a comparison. All mixing is the 64-bit finaliser of SplitMix64
(Steele, Lea & Flood 2014; constants of Stafford's variant 13), applied after each component is absorbed.
"""

import math

import numpy as np

from sim.engine.compiling import Key, Record, rule

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
_MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
_MIX_2 = np.uint64(0x94D049BB133111EB)
_SHIFT_30 = np.uint64(30)
_SHIFT_27 = np.uint64(27)
_SHIFT_31 = np.uint64(31)
_SHIFT_32 = np.uint64(32)
_SHIFT_11 = np.uint64(11)
_LOW_32 = np.uint64(0xFFFFFFFF)
_TO_UNIT_53 = 1.0 / 9007199254740992.0
_TO_UNIT_32 = 1.0 / 4294967296.0
_TWO_PI = 2.0 * math.pi


@rule
def _absorb(state: Key, component: Key) -> Key:
    """Mixes one 64-bit component into a 64-bit state."""
    z = (state ^ component) + _GOLDEN
    z = (z ^ (z >> _SHIFT_30)) * _MIX_1
    z = (z ^ (z >> _SHIFT_27)) * _MIX_2
    return z ^ (z >> _SHIFT_31)


@rule
def derive(key: Key, component: Key) -> Key:
    """Key of a descendant: the parent's key and where the descendant stands below it.

    Keys hash component by component; packing several into one word collides.
    """
    return _absorb(_absorb(np.uint64(key), _MIX_2), np.uint64(component))


@rule
def bits(seed: Key, purpose: int, key: Key, count: int) -> Key:
    """64 random bits for the draw numbered `count` of `purpose` in the life of `key`."""
    state = _absorb(np.uint64(seed), np.uint64(purpose))
    return _absorb(_absorb(state, np.uint64(key)), np.uint64(count))


@rule
def uniform(seed: Key, purpose: int, key: Key, count: int) -> float:
    """Uniform draw on [0, 1)."""
    return (bits(seed, purpose, key, count) >> _SHIFT_11) * _TO_UNIT_53


@rule
def chance(seed: Key, purpose: int, key: Key, count: int, probability: float) -> bool:
    """True with the given probability."""
    return uniform(seed, purpose, key, count) < probability


@rule
def exponential(seed: Key, purpose: int, key: Key, count: int, mean: float) -> float:
    """Exponential draw with the given mean."""
    return -mean * math.log(1.0 - uniform(seed, purpose, key, count))


@rule
def normal(seed: Key, purpose: int, key: Key, count: int) -> float:
    """Standard normal draw (Box–Muller on two halves of one word; tails reach 6.6)."""
    word = bits(seed, purpose, key, count)
    first = ((word >> _SHIFT_32) + 0.5) * _TO_UNIT_32
    second = (word & _LOW_32) * _TO_UNIT_32
    return math.sqrt(-2.0 * math.log(first)) * math.cos(_TWO_PI * second)


@rule
def lognormal(seed: Key, purpose: int, key: Key, count: int, median: float, sigma: float) -> float:
    """Lognormal draw with the given median and standard deviation of the log."""
    return median * math.exp(sigma * normal(seed, purpose, key, count))


@rule
def gumbel(seed: Key, purpose: int, key: Key, count: int) -> float:
    """Standard Gumbel draw: the largest of utility plus Gumbel noise is a softmax choice."""
    return -math.log(-math.log((bits(seed, purpose, key, count) >> _SHIFT_11) * _TO_UNIT_53 + 1e-300))


@rule
def poisson(seed: Key, purpose: int, key: Key, count: int, mean: float) -> int:
    """Poisson draw by inversion; meant for small means."""
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
    """Index of the first entry of a non-decreasing array above u times its last entry."""
    target = u * cumulative[-1]
    low, high = 0, len(cumulative) - 1
    while low < high:
        middle = (low + high) // 2
        if cumulative[middle] > target:
            high = middle
        else:
            low = middle + 1
    return low
