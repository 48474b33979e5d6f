"""A made-up simulator for tests of calibration, whose outcomes each depend on two parameters and the seed."""

import math
from functools import cache
from pathlib import Path

import numpy as np

from sim.calibration import prior
from sim.calibration.calibrate import Calibration, calibrate
from sim.calibration.emulator import Emulator
from sim.calibration.targets import CalibrationTarget
from sim.calibration.validate import with_outcome
from sim.calibration.waves import KINDS, CalibrationSetting, Size, desk_key
from sim.experiments.axis import Axis
from sim.measures.facts import FactKey
from sim.measures.outcomes import OUTCOMES
from sim.world.parameters import Parameters, WorldSpec, value_of

SIZE = Size(prior=120, repeats=30, waves=(40, 40), candidates=60, tries=2, kept=30, confirm=2)
#: The first two parameters decide the first fact, the next two the second, and so on.
EACH = 2
#: How far outcomes go, and how far chance takes one run, in half-widths of what meets a fact.
REACH, CHANCE = 2.0, 0.2
#: This fact's outcome is missing where its first parameter is high.
OFTEN_MISSING = "group_age"


def deciding(place: int) -> tuple[int, int]:
    """Indices of the two parameters that an outcome depends on."""
    return EACH * place, EACH * place + 1


def truth(target: CalibrationTarget, place: int, shares: np.ndarray) -> np.ndarray:
    """Mean outcome of each parameter set, on the scale of the fact."""
    one, other = deciding(place)
    effect = 1.5 * (shares[..., one] - 0.5) + 0.5 * (shares[..., other] - 0.5)
    return target.middle + REACH * effect * target.half_width


@cache
def _deciders() -> list[tuple[Axis, str]]:
    """Axes and names of the parameters on which some outcome depends."""
    return list(zip(prior.axes(), prior.names(), strict=True))[: EACH * len(with_outcome())]


def simulate(_: WorldSpec, parameters: Parameters, seed: int) -> dict[str, float]:
    """Simulates one run of the made-up simulator; returns outcomes by key."""
    shares = np.array([prior.share(axis, np.array(value_of(parameters, name))) for axis, name in _deciders()])
    outcomes = dict.fromkeys((*(outcome.key for outcome in OUTCOMES), *(fact.name.lower() for fact in FactKey)), 1.0)
    chance = np.random.default_rng(seed).standard_normal(len(with_outcome()) + len(KINDS))
    for place, target in enumerate(with_outcome()):
        mean = truth(target, place, shares) + CHANCE * target.half_width * chance[place]
        outcomes[target.outcome] = float(target.unscaled(np.array([mean]))[0])
        if target.key == OFTEN_MISSING and shares[deciding(place)[0]] > 0.8:
            outcomes[target.outcome] = math.nan
    waits = zip(map(desk_key, KINDS), 1.0 + 0.05 * chance[-len(KINDS) :], strict=True)
    return outcomes | {key: float(ratio) for key, ratio in waits}


def of_one(parameters: int, place: int, weight: float, middle: float = 0.0, error: float = 0.0) -> Emulator:
    """Makes an emulator that depends on one parameter, with a given slope."""
    weights = np.array([weight / np.sqrt(12.0), 0.0])
    return Emulator(np.array([place]), (1, 1, 0), weights, np.zeros(parameters), middle, error, 1.0)


def setting(folder: Path, evaluate=simulate, size: Size = SIZE, progress=None) -> CalibrationSetting:
    """Settings for calibrating the made-up simulator in this process."""
    return CalibrationSetting(folder, "comity calibrate", size, evaluate=evaluate, progress=progress)


def carried_out(folder: Path, size: Size = SIZE, progress=None) -> Calibration:
    """Result of a complete calibration of the made-up simulator."""
    return calibrate(setting(folder, size=size, progress=progress))
