"""Parameter sets until a calibration is done: draws of the prior that sim/calibration/promises.py keeps.

Where there are none of today's parameters, draws are taken as they come.
"""

from __future__ import annotations

from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING

from sim.calibration import prior
from sim.calibration.ensemble import Ensemble, load
from sim.policy.problem import InputError

if TYPE_CHECKING:
    from sim.experiments.sets import ParameterSets

FILE = "interim.parquet"
SETS = 200
_SEED = 20261128
#: Draws before this one judge the model in docs/statements.md, and are no sets.
FIRST = 20


def values_of(number: int) -> dict[str, float | int]:
    """Value of every parameter in a draw of the prior, by dotted name."""
    from scipy.stats import Uniform

    cube = Uniform(a=0.0, b=1.0).sample(len(prior.axes()), rng=[_SEED, number])
    return {name: axis.at(share).value for name, axis, share in zip(prior.names(), prior.axes(), cube, strict=True)}


def shipped() -> Ensemble:
    """The sets of the package.

    Raises:
        InputError: they are missing or damaged, or of other parameters.
    """
    with resources.as_file(resources.files("sim.data")) as folder:
        return load(Path(folder) / FILE)


def sets_of_today(first_seed: int) -> ParameterSets:
    """The parameter sets that a comparison takes: calibrated ones, else interim ones, else the prior as it is.

    Args:
        first_seed: the seed that has the first set.
    """
    from sim.experiments.sets import ChosenBy, ParameterSets

    for standing, read in ((ChosenBy.CALIBRATED, load), (ChosenBy.INTERIM, shipped)):
        try:
            ensemble = read()
        except InputError:
            continue
        return ParameterSets([ensemble.values(number) for number in range(ensemble.size)], first_seed, standing)
    return ParameterSets([values_of(number) for number in range(FIRST, FIRST + SETS)], first_seed, ChosenBy.PRIOR)
