"""A simulator that is known: each outcome that a target reads depends on two parameters, and on the seed."""

import math
from io import StringIO
from pathlib import Path

import numpy as np
from rich.console import Console

from sim.calibration import prior
from sim.calibration.calibrate import Calibration, Size, calibrate
from sim.calibration.results import with_outcome
from sim.calibration.targets import CalibrationTarget
from sim.calibration.waves import CalibrationSetting
from sim.experiments.run import Arm, Replicate, Task
from sim.measures.facts import FactKey
from sim.measures.outcomes import OUTCOMES, Measured

SIZE = Size(prior=120, repeats=30, waves=(40,), candidates=60, kept=30, confirm=2)
#: The first two parameters decide the first fact, the next two the second, and so on.
EACH = 2
#: How far outcomes go, and how far chance takes one run, in half-widths of what meets a fact.
REACH, CHANCE = 2.0, 0.2
#: This fact's outcome is missing where its first parameter is high.
OFTEN_MISSING = "group_age"


def deciding(place: int) -> tuple[int, int]:
    """Places of the two parameters that decide the outcome of a target."""
    return EACH * place, EACH * place + 1


def truth(target: CalibrationTarget, place: int, shares: np.ndarray) -> np.ndarray:
    """The mean outcome of sets on the fact's scale."""
    one, other = deciding(place)
    effect = 1.5 * (shares[..., one] - 0.5) + 0.5 * (shares[..., other] - 0.5)
    return target.middle + REACH * effect * target.half_width


def simulate(task: Task) -> Replicate:
    """One run of the made-up simulator."""
    values = [getattr(getattr(task.parameters, theme), name) for theme, name in (n.split(".") for n in prior.names())]
    shares = prior.shares(np.array([values], np.float64))[0]
    outcomes = {outcome.key: 1.0 for outcome in OUTCOMES} | {fact.name.lower(): 1.0 for fact in FactKey}
    chance = np.random.default_rng(task.seed).standard_normal(len(with_outcome()))
    for place, target in enumerate(with_outcome()):
        mean = float(truth(target, place, shares)) + CHANCE * target.half_width * chance[place]
        outcomes[target.outcome] = float(target.unscaled(np.array([mean]))[0])
        if target.key == OFTEN_MISSING and shares[deciding(place)[0]] > 0.8:
            outcomes[target.outcome] = math.nan
    values = np.array([outcomes.pop(fact.name.lower()) for fact in FactKey])
    table = {"facts": {"fact": np.array(FactKey, np.int8), "value": values}}
    return Replicate(tuple(Arm(scenario.key, Measured(outcomes, table), {}) for scenario in task.scenarios))


def setting(folder: Path, evaluate=simulate, progress=None) -> CalibrationSetting:
    """A calibration of the made-up simulator in this process."""
    overrides = ("world=tiny", "execution.executor=serial")
    return CalibrationSetting(folder, overrides, "comity calibrate", True, 1, evaluate, progress=progress)


def carried_out(folder: Path, size: Size = SIZE, progress=None) -> Calibration:
    """A whole calibration of the made-up simulator."""
    return calibrate(setting(folder, progress=progress), size, Console(file=StringIO()))
