"""Parameter sets until a calibration is done: draws of the prior that sim/calibration/promises.py keeps.

Where there are none of today's parameters, draws are taken as they come. `python -m sim.calibration.interim` runs some
of them and writes docs/validation.md, every published fact beside what nobody has chosen by a fact.
"""

from __future__ import annotations

import argparse
import multiprocessing
from concurrent.futures import ProcessPoolExecutor
from datetime import date
from importlib import resources
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.calibration import prior
from sim.calibration.ensemble import RUN, VALUE, Ensemble, load
from sim.policy.problem import InputError
from sim.world.parameters import Parameters, WorldSpec, with_values

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
        values = [ensemble.values(number) for number in range(ensemble.size)]
        return ParameterSets(values, first_seed, standing, ensemble.own_error)
    return ParameterSets([values_of(number) for number in range(FIRST, FIRST + SETS)], first_seed, ChosenBy.PRIOR)


def beside_facts(sets: int, world: WorldSpec | None = None, runs: int = 2, workers: int = 1) -> Ensemble:
    """The first sets of today with what facts are compared with, from fresh runs under today's law.

    Args:
        sets: how many.
        world: the default world if none is given.
        runs: of each set, with seeds of their own.
        workers: processes.
    """
    import pandas as pd

    from sim.calibration.calibrate import means
    from sim.calibration.results import with_outcome
    from sim.calibration.runs import run
    from sim.calibration.targets import fingerprint
    from sim.experiments.manifest import code_version

    taken, spec, total = sets_of_today(1), world or WorldSpec(), sets * runs
    drawn = [with_values(Parameters(), taken.values[number]) for number in range(sets)]
    asked = [spec] * total, [drawn[row // runs] for row in range(total)], range(1, total + 1)
    if workers > 1:
        with ProcessPoolExecutor(workers, multiprocessing.get_context("spawn")) as pool:
            found = list(pool.map(run, *asked))
    else:
        found = list(map(run, *asked))
    columns: dict[str, Any] = {name: [values[name] for values in taken.values[:sets]] for name in prior.names()}
    for target in with_outcome():
        values = np.array([row[target.outcome] for row in found]).reshape(sets, runs)
        columns[f"{VALUE}{target.key}"] = means(values)
        columns |= {f"{RUN.format(number)}{target.key}": one for number, one in enumerate(values.T, 1)}
    about = {"made": date.today().isoformat(), "code": code_version(), "runs_of_each_set": runs, "calibrated": False}
    return Ensemble(pd.DataFrame(columns), about | {"targets": fingerprint(), "standing": str(taken.standing)})


if __name__ == "__main__":
    from sim.calibration.validate import validation_page
    from sim.report.page.parts import markdown_of

    parser = argparse.ArgumentParser(description="Sets published facts beside draws of what is plausible.")
    parser.add_argument("--workers", type=int, default=1, help="processes")
    parser.add_argument("--sets", type=int, default=60, help="sets that are run")
    chosen = parser.parse_args()
    made = beside_facts(chosen.sets, workers=chosen.workers)
    page = Path(__file__).parents[2] / "docs" / "validation.md"
    page.write_text(markdown_of(validation_page(made, "python -m sim.calibration.interim")), encoding="utf-8")
