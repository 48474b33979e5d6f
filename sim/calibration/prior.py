"""The prior distribution of all unverified parameters, each on its own scale over its plausible range.

A parameter set is a row of the unit cube: each place is the share of the way from the low end of a plausible range to
its high end. All shares are equally likely beforehand.

Sets may be drawn from the prior weighted by how well they do. Good sets are far too few to be hit by chance. Many sets
from the prior are moved towards it step by step: at each step the worse sets are replaced by copies of better ones, and
every set then has some of its parameters drawn again from the prior, where the step allows it. Parameters that do not
matter keep their prior.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Callable, Iterable
from functools import cache
from operator import attrgetter
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.experiments.axis import Axis
from sim.experiments.grammar import declared
from sim.law.vocabulary import EvidenceTag
from sim.measures.arrays import Floats, Integers
from sim.world.parameters import OWN, Scale, declarations

if TYPE_CHECKING:
    import pandas as pd

PREFIX = "uncertainty."
#: Shares are kept this far from the ends when a value is turned back into a share.
_EDGE = 1e-9
#: Draws that stand for the prior where nothing has chosen among them; those before the first are kept for checks.
FIRST, _DRAWS, _SEED = 20, 200, 20261128


@cache
def axes() -> tuple[Axis, ...]:
    """One axis per varied parameter over its plausible range, in order of declaration."""
    unknown = (name for name, _, about in declarations() if about.plausible and about.tag is not EvidenceTag.VERIFIED)
    return tuple(declared([f"{PREFIX}{name}" for name in unknown]))


def names() -> list[str]:
    """Dotted names of the varied parameters, such as desk.rebound."""
    return [axis.key.removeprefix(PREFIX) for axis in axes()]


def values_of(number: int) -> dict[str, float | int]:
    """Parameter values of one draw from the prior, by dotted name."""
    from scipy.stats import Uniform

    return values_at(Uniform(a=0.0, b=1.0).sample(len(axes()), rng=[_SEED, number]))


def values_at(shares: Iterable[float]) -> dict[str, float | int]:
    """Parameter values at given shares (0–1) of the ranges, by dotted name."""
    return {name: axis.at(share).value for name, axis, share in zip(names(), axes(), shares, strict=True)}


def unselected() -> list[dict[str, float | int]]:
    """Parameter values of the fixed draws that stand for the prior where no calibration has chosen among them."""
    return [values_of(number) for number in range(FIRST, FIRST + _DRAWS)]


def frame_of(cube: Floats) -> pd.DataFrame:
    """Table of parameter sets, one column per parameter, from shares of ranges, f8[sets, parameters]."""
    import pandas as pd

    return pd.DataFrame(map(values_at, cube.tolist()))


#: What turns numbers into those that are equally likely; numbers of any other scale are so already.
_TURNED: dict[Scale, Callable[[Any], Any]] = {Scale.LOG: np.log, Scale.LOGIT: lambda at: np.log(at / (1.0 - at))}


def share(axis: Axis, values: Floats) -> Floats:
    """Converts parameter values to shares of the range, strictly between 0 and 1."""
    turned = _TURNED.get(axis.scale, np.asarray)
    low, high = turned(np.array([axis.low, axis.high]))
    return np.asarray(np.clip((turned(values) - low) / (high - low), _EDGE, 1.0 - _EDGE))


def shares(frame: pd.DataFrame) -> Floats:
    """Converts a table of parameter sets to shares of ranges, f8[sets, parameters]."""
    found = (share(axis, frame[name].to_numpy(np.float64)) for axis, name in zip(axes(), names(), strict=True))
    return np.column_stack([*found])


def fingerprint(more: Iterable[str] = ()) -> str:
    """Hash of all parameters' defaults and ranges, used to detect an outdated ensemble.

    Parameters of a user's own parts count where they are named, as the columns of a table of sets are: the ensemble of
    Comity, which has none of them, stays what it is.
    """
    known = set(more)
    ends = attrgetter("low", "high", "scale")  # of plausible ranges, without the words that explain them
    plain = [
        [name, item.default, about.low, about.high, ends(about.plausible) if about.plausible else []]
        for name, item, about in declarations()
        if name not in OWN or name in known
    ]
    return hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode()).hexdigest()[:16]


Score = Callable[[Floats], Floats]
#: Sets that are moved, moves of each at every step, and parts of the parameters drawn again by turns.
PARTICLES, MOVES, REDRAWN = 3000, 18, (0.01, 0.05, 0.2)
#: Part of the sets that goes on at each step; steps at most; seeds of the draws of one.
KEPT, MOST_STEPS, _SEEDS_OF_STEP = 0.5, 60, 100


def uniform(rows: int, columns: int, seed: int) -> Floats:
    """Latin hypercube: numbers from 0 to 1, spread evenly in each column."""
    from scipy.stats.qmc import LatinHypercube

    return np.asarray(LatinHypercube(columns, rng=seed).random(rows))


def _independent(rows: int, columns: int, seed: int) -> Floats:
    """Independent uniform numbers from 0 to 1, faster to draw than a Latin hypercube."""
    from scipy.stats import uniform as even

    return np.asarray(even.rvs(size=(rows, columns), random_state=seed))


def draw_weighted(energy: Score, parameters: int, size: int, seed: int, particles: int = 0) -> Floats:
    """Draws parameter sets from the prior with weights exp(−energy), by a particle method, f8[size, parameters]."""
    cube = uniform(max(particles or PARTICLES, 2 * size), parameters, seed)
    energies, strength = energy(cube), 0.0
    for own in range(seed + _SEEDS_OF_STEP, seed + MOST_STEPS * _SEEDS_OF_STEP, _SEEDS_OF_STEP):
        before, strength = strength, _next_strength(energies, strength)
        chosen = _resampled(np.exp(-(strength - before) * (energies - energies.min())), own)
        cube, energies = _moved(cube[chosen], energies[chosen], energy, strength, own)
        if strength >= 1.0:
            break
    return _different(cube, size, seed)


def _next_strength(energies: Floats, strength: float) -> float:
    """Next exponent (at most 1) of the weights at which enough particles remain effective."""
    from scipy.optimize import bisect

    def too_many(more: float) -> float:
        """Effective share of particles at exponent `more`, minus the wanted share."""
        weights = np.exp(-(more - strength) * (energies - energies.min()))
        return float(weights.sum() ** 2 / (weights**2).sum() / len(weights)) - KEPT

    return 1.0 if too_many(1.0) >= 0.0 else float(bisect(too_many, strength, 1.0))


def _resampled(weights: Floats, seed: int) -> Integers:
    """Indices of particles, drawn in proportion to their weights by systematic resampling."""
    start = float(_independent(1, 1, seed)[0, 0])
    places = (start + np.arange(len(weights))) / len(weights)
    found = np.searchsorted(np.cumsum(weights) / weights.sum(), places)
    return np.asarray(np.minimum(found, len(weights) - 1))


def _moved(cube: Floats, energies: Floats, energy: Score, strength: float, seed: int) -> tuple[Floats, Floats]:
    """Moves particles by MOVES Metropolis steps; returns the new parameter sets and their energies."""
    rows, columns = cube.shape
    for move in range(MOVES):
        part, own = REDRAWN[move % len(REDRAWN)], seed + 3 * move + 1
        new = np.where(_independent(rows, columns, own) < part, _independent(rows, columns, own + 1), cube)
        found, lot = energy(new), _independent(rows, 1, own + 2)[:, 0]
        yes = np.log(np.maximum(lot, 1e-300)) <= strength * (energies - found)
        cube, energies = np.where(yes[:, None], new, cube), np.where(yes, found, energies)
    return cube, energies


def _different(cube: Floats, size: int, seed: int) -> Floats:
    """Draws a given number of particles, without repetition if possible."""
    import pandas as pd

    by_lot = cube[np.argsort(_independent(len(cube), 1, seed + 7)[:, 0], kind="stable")]
    again = pd.DataFrame(by_lot).duplicated().to_numpy()
    return np.asarray(by_lot[np.argsort(again, kind="stable")[:size]])
