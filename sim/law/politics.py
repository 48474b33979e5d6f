"""Politics between states that nobody plans: yearly shocks to affinity, keyed by seed, year and pair."""

from collections.abc import Iterable
from hashlib import shake_256

import numpy as np
import numpy.typing as npt

from sim.law.amendments import DriftAffinity

Floats = npt.NDArray[np.float64]


def drifted(states: int, years: Iterable[DriftAffinity]) -> Floats:
    """[S, S] how far affinity has drifted after these years, the same both ways; the last word on a day counts."""
    moved = np.zeros((states, states))
    for year in {entry.on: entry for entry in sorted(years, key=lambda entry: entry.on)}.values():
        moved = year.kept * moved + year.shock * _normals(states, year.seed, year.on.year)
    return moved


def _normals(states: int, seed: int, year: int) -> Floats:
    """[S, S] symmetric standard normals: one per pair, zero for a state with itself."""
    from scipy.special import ndtri

    rows, columns = np.tril_indices(states, -1)  # a pair keeps its number when states are added at the end
    drawn = shake_256(f"politics/{seed}/{year}".encode()).digest(8 * rows.size)
    uniform = (np.frombuffer(drawn, ">u8") >> np.uint64(11)).astype(np.float64) + 0.5
    found = np.zeros((states, states))
    found[rows, columns] = found[columns, rows] = ndtri(uniform / 2.0**53)
    return found
