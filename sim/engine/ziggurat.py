"""Standard normal and exponential draws by the ziggurat of Marsaglia & Tsang (2000), as corrected by Doornik (2005).

The density above zero is covered by layers of equal area. A random word picks a layer and a place in it; in 98 of 100
cases one comparison shows that the place lies under the density. A normal draw takes a seventh of the time of a
logarithm, a root and a cosine (Box & Muller 1958), and no tail is cut off.
"""

import math
from itertools import pairwise
from typing import Any

import numpy as np

from sim.engine.compiling import Key, Record, rule
from sim.engine.mixing import MIX_1, absorb

_TO_SIGNED_UNIT = 1.0 / 2.0**63
_TO_UNIT = 1.0 / 2.0**53
_LOWEST = np.uint64(0)
_SHIFT_11 = np.uint64(11)


def _density(x: float, normal: bool) -> float:
    """Density of the normal or the exponential distribution, scaled to 1 at zero."""
    return math.exp(-0.5 * x * x) if normal else math.exp(-x)


def _place(height: float, normal: bool) -> float:
    """Distance from zero at which the density equals `height`."""
    return math.sqrt(-2.0 * math.log(height)) if normal else -math.log(height)


def _layers(layers: int, tail: float, area: float, normal: bool) -> Any:
    """Width of each layer, and share of the width that is wholly under the density, float64 [layer, 2].

    All layers have one area, and the lowest holds the tail, which begins at `tail`.
    """
    edges = [area / _density(tail, normal), tail]
    while len(edges) < layers:
        edges.append(_place(area / edges[-1] + _density(edges[-1], normal), normal))
    edges.append(0.0)
    return np.array([(wide, narrow / wide) for wide, narrow in pairwise(edges)])


_NORMAL_TAIL, _EXPONENTIAL_TAIL = 3.442619855899, 7.69711747013104972
_NORMAL = _layers(128, _NORMAL_TAIL, 9.91256303526217e-3, normal=True)
_EXPONENTIAL = _layers(256, _EXPONENTIAL_TAIL, 3.949659822581572e-3, normal=False)
_NORMAL_BITS, _EXPONENTIAL_BITS = np.uint64(len(_NORMAL) - 1), np.uint64(len(_EXPONENTIAL) - 1)
_height = rule(_density)


@rule
def _unit(word: Key) -> float:
    """Converts a random word to a number in (0, 1], so that the logarithm is finite."""
    return ((word >> _SHIFT_11) + 1.0) * _TO_UNIT


@rule
def _normal_tail(word: Key) -> float:
    """Draw from the tail of the standard normal distribution (Marsaglia 1964)."""
    while True:
        word = absorb(word, MIX_1)
        beyond = -math.log(_unit(word)) / _NORMAL_TAIL
        word = absorb(word, MIX_1)
        if -2.0 * math.log(_unit(word)) >= beyond * beyond:
            return _NORMAL_TAIL + beyond


@rule
def _is_under(layer: Record, x: float, share: float, normal: bool) -> bool:
    """True if a point in a layer is under the density; `share` is the point's relative height in the layer."""
    low, high = _height(layer[0], normal), _height(layer[0] * layer[1], normal)
    return low + share * (high - low) < _height(x, normal)


@rule
def _rare_normal(word: Key, layer: Key, place: float) -> float:
    """Standard normal draw in the rare case that the first point must be compared with the density."""
    while True:
        if abs(place) < _NORMAL[layer, 1]:
            return place * _NORMAL[layer, 0]
        if layer == _LOWEST:
            return math.copysign(_normal_tail(word), place)
        word = absorb(word, MIX_1)
        if _is_under(_NORMAL[layer], place * _NORMAL[layer, 0], _unit(word), True):
            return place * _NORMAL[layer, 0]
        word = absorb(word, MIX_1)
        layer, place = word & _NORMAL_BITS, np.int64(word) * _TO_SIGNED_UNIT


@rule
def normal_of(word: Key) -> float:
    """Converts a 64-bit random word to a standard normal draw."""
    layer, place = word & _NORMAL_BITS, np.int64(word) * _TO_SIGNED_UNIT
    if abs(place) < _NORMAL[layer, 1]:
        return place * _NORMAL[layer, 0]
    return _rare_normal(word, layer, place)


@rule
def _rare_exponential(word: Key, layer: Key, place: float) -> float:
    """Exponential draw in the rare case that the first point must be compared with the density."""
    while True:
        if place < _EXPONENTIAL[layer, 1]:
            return place * _EXPONENTIAL[layer, 0]
        word = absorb(word, MIX_1)
        if layer == _LOWEST:
            return _EXPONENTIAL_TAIL - math.log(_unit(word))
        if _is_under(_EXPONENTIAL[layer], place * _EXPONENTIAL[layer, 0], _unit(word), False):
            return place * _EXPONENTIAL[layer, 0]
        word = absorb(word, MIX_1)
        layer, place = word & _EXPONENTIAL_BITS, _unit(word)


@rule
def exponential_of(word: Key) -> float:
    """Converts a 64-bit random word to a standard exponential draw above zero."""
    layer, place = word & _EXPONENTIAL_BITS, _unit(word)
    if place < _EXPONENTIAL[layer, 1]:
        return place * _EXPONENTIAL[layer, 0]
    return _rare_exponential(word, layer, place)
