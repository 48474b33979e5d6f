"""Draws parameter sets from the prior, weighted by how well they do.

Good sets are far too few to be hit by chance. Many sets from the prior are moved towards it step by step: at each
step the worse sets are replaced by copies of better ones, and every set then has some of its parameters drawn again
from the prior, where the step allows it. Parameters that do not matter keep their prior.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from sim.measures.arrays import Floats, Integers

Score = Callable[[Floats], Floats]
#: Sets that are moved, moves of each at every step, and parts of the parameters drawn again by turns.
PARTICLES, MOVES, REDRAWN = 3000, 18, (0.01, 0.05, 0.2)
#: Part of the sets that goes on at each step.
KEPT = 0.5
MOST_STEPS = 60
#: Seeds of the draws of one step.
_SEEDS_OF_STEP = 100


def uniform(rows: int, columns: int, seed: int) -> Floats:
    """Numbers evenly spread over 0–1 in every column: a Latin hypercube."""
    from scipy.stats.qmc import LatinHypercube

    return np.asarray(LatinHypercube(columns, rng=seed).random(rows))


def _lots(rows: int, columns: int, seed: int) -> Floats:
    """Independent numbers from 0 to 1: drawn much faster than those of `uniform`."""
    from scipy.stats import uniform as even

    return np.asarray(even.rvs(size=(rows, columns), random_state=seed))


def draw_weighted(energy: Score, parameters: int, size: int, seed: int, particles: int = 0) -> Floats:
    """f8[size, parameters] sets from the prior weighted by exp(−energy); 0 particles: as a calibration has."""
    cube = uniform(max(particles or PARTICLES, 2 * size), parameters, seed)
    energies, strength = energy(cube), 0.0
    for step in range(1, MOST_STEPS):
        more = _next_strength(energies, strength)
        weights = np.exp(-(more - strength) * (energies - energies.min()))
        chosen = _resampled(weights, seed + step * _SEEDS_OF_STEP)
        cube, energies, strength = cube[chosen], energies[chosen], more
        cube, energies = _moved(cube, energies, energy, strength, seed + step * _SEEDS_OF_STEP)
        if strength >= 1.0:
            break
    return _different(cube, size, seed)


def _next_strength(energies: Floats, strength: float) -> float:
    """The strength up to 1 at which the weights leave as many effective sets as go on at a step."""

    def effective(more: float) -> float:
        """Effective share of the sets."""
        weights = np.exp(-(more - strength) * (energies - energies.min()))
        return float(weights.sum() ** 2 / (weights**2).sum() / len(weights))

    low, high = strength, 1.0
    if effective(high) >= KEPT:
        return high
    for _ in range(40):
        middle = (low + high) / 2
        low, high = (middle, high) if effective(middle) >= KEPT else (low, middle)
    return high


def _resampled(weights: Floats, seed: int) -> Integers:
    """Places of as many sets, each as often as its weight says, by systematic resampling."""
    start = float(_lots(1, 1, seed)[0, 0])
    places = (start + np.arange(len(weights))) / len(weights)
    found = np.searchsorted(np.cumsum(weights) / weights.sum(), places)
    return np.asarray(np.minimum(found, len(weights) - 1))


def _moved(cube: Floats, energies: Floats, energy: Score, strength: float, seed: int) -> tuple[Floats, Floats]:
    """Every set with some of its parameters drawn again from the prior: better moves always, worse ones by lot."""
    rows, columns = cube.shape
    for move in range(MOVES):
        part = REDRAWN[move % len(REDRAWN)]
        own = seed + 3 * move + 1
        again = _lots(rows, columns, own) < part
        new = np.where(again, _lots(rows, columns, own + 1), cube)
        found, lot = energy(new), _lots(rows, 1, own + 2)[:, 0]
        yes = np.log(np.maximum(lot, 1e-300)) <= strength * (energies - found)
        cube, energies = np.where(yes[:, None], new, cube), np.where(yes, found, energies)
    return cube, energies


def _different(cube: Floats, size: int, seed: int) -> Floats:
    """As many sets as wanted, by lot; none twice where there are enough."""
    by_lot = cube[np.argsort(_lots(len(cube), 1, seed + 7)[:, 0], kind="stable")]
    _, first = np.unique(by_lot, axis=0, return_index=True)
    order = np.sort(first)
    again = np.setdiff1d(np.arange(len(by_lot)), order)
    return np.asarray(by_lot[np.concatenate([order, again])[:size]])
