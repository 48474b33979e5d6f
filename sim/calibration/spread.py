"""A second ensemble, which no count chose, and how far policies differ between the two.

A record lists famous operations and nobody counts the others, so that facts that count are the weakest ones. Sets are
drawn by the same emulators without them. How many more groups faster assistance brings down is simulated in as many
sets of each ensemble; two ensembles that differ by a factor f have a standard deviation of log(f) ÷ √2.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from sim.calibration import prior
from sim.calibration.calibrate import SHARPENED, Calibration, best_of, emulated, promises
from sim.calibration.drawing import draw_weighted
from sim.calibration.emulator import one_thread
from sim.calibration.runs import EFFECT
from sim.calibration.waves import DRAWN, CalibrationSetting, Drawn, joined, run_wave
from sim.measures.arrays import Floats

if TYPE_CHECKING:
    import pandas as pd

#: Units of facts that count requests or operations.
COUNTED = "per year", "number a year"
FILE = "without_counts.csv"
_SEEDS = 900_000


@dataclass(frozen=True)
class TwoEnsembles:
    """Two ensembles beside each other.

    Attributes:
        sets: parameters of the second, one row per set, by dotted name.
        first: groups that faster assistance brings down more, mean over as many sets of the first.
        second: the same of the second.
    """

    sets: pd.DataFrame
    first: float
    second: float

    @property
    def of_logs(self) -> float:
        """Standard deviation between ensembles in logs; NaN where faster assistance brings nothing in one of them."""
        if not (self.first > 0.0 and self.second > 0.0):
            return math.nan
        return abs(math.log(self.first / self.second)) / math.sqrt(2.0)


def spread(found: Calibration, setting: CalibrationSetting) -> TwoEnsembles:
    """Chooses the second ensemble, and simulates faster assistance in both.

    Args:
        found: the calibration.
        setting: where and how it was run.
    """
    number = len(setting.size.waves) + 3
    with one_thread():
        second = _without_counts(found, setting, number)
    both = np.concatenate([found.kept[: setting.size.beside], second])
    policy = replace(setting, evaluate=setting.effect)
    title = "faster assistance in both ensembles"
    effect = run_wave(policy, number + 1, title, lambda: (both, None), np.arange(len(both))).of_sets(EFFECT)[:, 0]
    first = len(both) - len(second)
    return TwoEnsembles(prior.frame_of(second), float(np.nanmean(effect[:first])), float(np.nanmean(effect[first:])))


def _without_counts(found: Calibration, setting: CalibrationSetting, number: int) -> Floats:
    """f8[sets, parameters] the best of one wave by the facts that do not count, whose desks keep their promise."""
    asked = (*(target for target in found.targets if target.unit not in COUNTED), *promises())
    _, match = emulated(asked, joined(found.waves[:-1]), setting.size.repeats)
    drawn, beside = DRAWN * setting.size.beside, setting.size.beside

    def draw() -> Drawn:
        """By how probably a set meets those facts."""
        energy, seed = (lambda sets: SHARPENED * match.energy(sets)), setting.seed + _SEEDS
        return draw_weighted(energy, len(prior.axes()), drawn, seed), None

    wave = run_wave(setting, number, "sets that no count chooses", draw, np.arange(drawn))
    return wave.cube[best_of(wave, match, beside)]
