"""Standard normal draws by the ziggurat of Marsaglia & Tsang (2000), as Doornik (2005) mended it.

The half of the density above nought is covered by layers of equal area. A random word picks a layer and a place in it;
in 99 of 100 cases the place lies under the density for certain, which one comparison tells. That takes a seventh of
the time of a logarithm, a root and a cosine (Box & Muller 1958), and no tail is cut off.
"""

import math
from itertools import pairwise
from typing import Any

import numpy as np

from sim.engine.compiling import Key, rule
from sim.engine.mixing import MIX_1, absorb

_LAYERS = 128
_TAIL = 3.442619855899  # where the tail begins, which is part of the lowest layer
_AREA = 9.91256303526217e-3  # of each layer, for 128 of them
_TO_SIGNED_UNIT = 1.0 / 2.0**63
_TO_UNIT = 1.0 / 2.0**53
_LAYER_BITS = np.uint64(_LAYERS - 1)
_LOWEST = np.uint64(0)
_SHIFT_11 = np.uint64(11)


def _layers() -> Any:
    """Width of each layer, and the share of it that lies under the density for certain, float64 [layer, 2]."""
    edges = [_AREA * math.exp(0.5 * _TAIL**2), _TAIL]
    while len(edges) < _LAYERS:
        edges.append(math.sqrt(-2.0 * math.log(_AREA / edges[-1] + math.exp(-0.5 * edges[-1] ** 2))))
    edges.append(0.0)
    return np.array([(wide, narrow / wide) for wide, narrow in pairwise(edges)])


_LAYER = _layers()


@rule
def _unit(word: Key) -> float:
    """A place in (0, 1]: its logarithm is finite."""
    return ((word >> _SHIFT_11) + 1.0) * _TO_UNIT


@rule
def _tail(word: Key) -> float:
    """A draw beyond the tail's beginning (Marsaglia 1964)."""
    while True:
        word = absorb(word, MIX_1)
        beyond = -math.log(_unit(word)) / _TAIL
        word = absorb(word, MIX_1)
        if -2.0 * math.log(_unit(word)) >= beyond * beyond:
            return _TAIL + beyond


@rule
def _density(x: float) -> float:
    """Of the normal distribution, one at nought."""
    return math.exp(-0.5 * x * x)


@rule
def _under_density(layer: Key, x: float, share: float) -> bool:
    """Whether a place in a layer, the given share of its height up, lies under the density."""
    wide = _LAYER[layer, 0]
    low, high = _density(wide), _density(wide * _LAYER[layer, 1])
    return low + share * (high - low) < _density(x)


@rule
def _rare_normal(word: Key, layer: Key, place: float) -> float:
    """A draw whose place may lie outside of the density."""
    while True:
        if abs(place) < _LAYER[layer, 1]:
            return place * _LAYER[layer, 0]
        if layer == _LOWEST:
            return math.copysign(_tail(word), place)
        word = absorb(word, MIX_1)
        if _under_density(layer, place * _LAYER[layer, 0], _unit(word)):
            return place * _LAYER[layer, 0]
        word = absorb(word, MIX_1)
        layer, place = word & _LAYER_BITS, np.int64(word) * _TO_SIGNED_UNIT


@rule
def normal_of(word: Key) -> float:
    """The standard normal draw that a random word stands for; rarely, words derived from it are used as well."""
    layer, place = word & _LAYER_BITS, np.int64(word) * _TO_SIGNED_UNIT
    if abs(place) < _LAYER[layer, 1]:
        return place * _LAYER[layer, 0]
    return _rare_normal(word, layer, place)
