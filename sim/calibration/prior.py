"""What is not known of the parameters: every one with a plausible range that is not verified, by its own scale.

A parameter set is a row of the unit cube: each place is the share of the way from the low end of a plausible range to
its high end. All shares are equally likely beforehand.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterable
from functools import cache
from typing import TYPE_CHECKING

import numpy as np

from sim.experiments.axis import Axis
from sim.experiments.grammar import declared
from sim.experiments.plan import Table, table_of_points
from sim.law.vocabulary import EvidenceTag
from sim.measures.arrays import Floats
from sim.world.parameters import Scale, declarations
from sim.world.parameters.declaration import Declaration

if TYPE_CHECKING:
    import pandas as pd

PREFIX = "uncertainty."
#: Shares are kept this far from the ends when a value is turned back into a share.
_EDGE = 1e-9
#: Draws that stand for the prior where nothing has chosen among them; those before the first are kept for checks.
FIRST, _DRAWS, _SEED = 20, 200, 20261128


@cache
def axes() -> tuple[Axis, ...]:
    """One axis per parameter, in the order of their declaration."""
    names = [
        f"{PREFIX}{name}"
        for name, _, about in declarations()
        if about.plausible is not None and about.tag is not EvidenceTag.VERIFIED
    ]
    return tuple(declared(names))


def names() -> list[str]:
    """Dotted names of the parameters, such as desk.rebound."""
    return [axis.key.removeprefix(PREFIX) for axis in axes()]


def values_of(number: int) -> dict[str, float | int]:
    """Value of every parameter in a draw of the prior, by dotted name."""
    from scipy.stats import Uniform

    return values_at(Uniform(a=0.0, b=1.0).sample(len(axes()), rng=[_SEED, number]))


def values_at(shares: Iterable[float]) -> dict[str, float | int]:
    """Value of every parameter of a set, by dotted name: a row of the unit cube."""
    return {name: axis.at(share).value for name, axis, share in zip(names(), axes(), shares, strict=True)}


def unselected() -> list[dict[str, float | int]]:
    """Draws of the prior that judge nothing else."""
    return [values_of(number) for number in range(FIRST, FIRST + _DRAWS)]


def points(cube: Floats) -> Table:
    """Parameter sets, f8[sets, parameters] shares, as a table of points, one column per parameter."""
    columns = [
        axis.column([axis.at(share).label for share in cube[:, place].tolist()]) for place, axis in enumerate(axes())
    ]
    return table_of_points(axes(), columns, len(cube))


def frame_of(cube: Floats) -> pd.DataFrame:
    """Parameter sets as a frame, one column per parameter by its dotted name."""
    import pandas as pd

    table = points(cube)
    return pd.DataFrame({name: table[axis.key] for name, axis in zip(names(), axes(), strict=True)})


def shares(values: Floats) -> Floats:
    """The row of the unit cube of each set of values: the inverse of `points`, but for whole numbers."""
    return np.clip(
        np.column_stack([_share(axis, values[:, place]) for place, axis in enumerate(axes())]), _EDGE, 1.0 - _EDGE
    )


def _share(axis: Axis, values: Floats) -> Floats:
    """Values of one parameter as shares of the way through its range."""

    def turned(number: Floats) -> Floats:
        """On the scale on which values are equally likely."""
        match axis.scale:
            case Scale.LOG:
                return np.log(number)
            case Scale.LOGIT:
                return np.log(number / (1.0 - number))
            case _:
                return number

    low, high = turned(np.array([axis.low, axis.high]))
    return np.asarray((turned(values) - low) / (high - low))


def _range(about: Declaration) -> list[object]:
    """Plausible range without the words that explain it."""
    return [] if about.plausible is None else [about.plausible.low, about.plausible.high, about.plausible.scale]


def fingerprint() -> str:
    """Hash of defaults and ranges of all parameters: with others, sets drawn before say nothing of the model."""
    plain = [[name, item.default, about.low, about.high, _range(about)] for name, item, about in declarations()]
    return hashlib.sha256(json.dumps(plain, sort_keys=True, default=str).encode()).hexdigest()[:16]
