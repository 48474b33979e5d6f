"""The 64-bit mixing function behind all random draws: SplitMix64 (Steele, Lea & Flood 2014), variant 13."""

import numpy as np

from sim.engine.compiling import Key, rule

_GOLDEN = np.uint64(0x9E3779B97F4A7C15)
MIX_1 = np.uint64(0xBF58476D1CE4E5B9)
MIX_2 = np.uint64(0x94D049BB133111EB)
_SHIFT_30 = np.uint64(30)
_SHIFT_27 = np.uint64(27)
_SHIFT_31 = np.uint64(31)


@rule
def absorb(state: Key, component: Key) -> Key:
    """Mixes one 64-bit component into a 64-bit state."""
    z = (state ^ component) + _GOLDEN
    z = (z ^ (z >> _SHIFT_30)) * MIX_1
    z = (z ^ (z >> _SHIFT_27)) * MIX_2
    return z ^ (z >> _SHIFT_31)
