"""What comes of a calibration: the ensemble as a table and its manifest, and figures for the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import numpy as np

from sim.calibration import prior
from sim.calibration.calibrate import Calibration, means
from sim.calibration.ensemble import COMMAND, DISTANCE, RUN, VALUE
from sim.calibration.matching import CUT, DISCREPANCY
from sim.calibration.targets import CalibrationTarget, Role, of_role
from sim.calibration.waves import CalibrationSetting, Wave
from sim.experiments.manifest import code_version
from sim.measures.arrays import Floats
from sim.measures.outcomes import HEADLINES

if TYPE_CHECKING:
    import pandas as pd

#: Standard deviation of a share that is evenly spread over 0–1.
_PRIOR_SD = 1.0 / np.sqrt(12.0)
#: Standard errors beyond which a shift or a narrowing is no accident among hundreds of parameters.
_ERRORS = 4.0
#: Kurtosis of an even spread, which decides the standard error of its standard deviation.
_KURTOSIS = 1.8


def with_outcome() -> tuple[CalibrationTarget, ...]:
    """All facts that runs can be compared with, those that fit first."""
    return tuple(one for role in (Role.FIT, Role.VALIDATION, Role.REVISED, Role.USED) for one in of_role(role))


def table(found: Calibration) -> pd.DataFrame:
    """The ensemble: parameters, distances, and outcomes of fresh runs, one row per set."""
    import pandas as pd

    points = prior.points(found.kept)
    columns: dict[str, Any] = {axis.key.removeprefix(prior.PREFIX): points[axis.key] for axis in prior.axes()}
    for target in with_outcome():
        values = found.confirmed.of_sets(target.outcome)
        mean = means(values)
        columns[f"{DISTANCE}{target.key}"] = target.distance(mean)
        columns[f"{VALUE}{target.key}"] = mean
        for number, run in enumerate(values.T, 1):
            columns[f"{RUN.format(number)}{target.key}"] = run
    return pd.DataFrame(columns)


def manifest(found: Calibration, setting: CalibrationSetting, size: str) -> dict[str, Any]:
    """What made the ensemble, as plain values."""
    return {
        "made": datetime.now(UTC).date().isoformat(),
        "command": COMMAND,
        "size": size,
        "sizes": {
            name: list(value) if isinstance(value, tuple) else value for name, value in asdict(setting.size).items()
        },
        "seed": setting.seed,
        "runs": found.runs,
        "runs_failed": sum(wave.failed for wave in (*found.waves, found.confirmed)),
        "calibrated": True,
        "sets": len(found.kept),
        "runs_of_each_set": setting.size.confirm,
        "world": asdict(setting.world),
        "scenario": "status_quo",
        "code": code_version(),
        "sources_of_waves": [list(wave.code) for wave in (*found.waves, found.confirmed)],
        "discrepancy": DISCREPANCY,
        "cut": CUT,
        "share_of_prior_not_ruled_out": [float(f"{left.plausible:.3g}") for left in found.left],
        "share_of_prior_that_should_meet_all": [float(f"{left.meets:.2g}") for left in found.left],
        "parameters_varied": len(prior.axes()),
        "inputs": [prior.names()[place] for place in found.inputs],
        "beyond_reach": [target.key for target in found.beyond],
        "informative": [target.key for target in found.informative],
        "candidates_that_keep_promises": found.promised,
        "levels": levels(found.waves[0], found.confirmed),
        "prior": {target.key: _ends(found.waves[0], target) for target in with_outcome()},
        "varied": prior.names(),
    }


def levels(before: Wave, after: Wave) -> dict[str, list[list[float]]]:
    """Headlines under today's law, by key: 5 %, median and 95 % of first runs of the prior, and of sets' mean runs."""
    found = {key: (before.of_sets(key)[:, 0], means(after.of_sets(key))) for key in HEADLINES}
    return {
        key: [[float(f"{end:.4g}") for end in np.nanquantile(values, (0.05, 0.5, 0.95))] for values in both]
        for key, both in found.items()
    }


def _ends(wave: Wave, target: CalibrationTarget) -> list[float]:
    """Values whose median, 5 and 95 % are those of first runs of a wave's sets, and the share that meets a fact.

    Empty where none has the outcome.
    """
    values = wave.of_sets(target.outcome)[:, 0]
    if np.isnan(values).all():
        return []
    low, middle, high = np.nanquantile(values, (0.05, 0.5, 0.95)).tolist()
    return [low, low, middle, high, high, float(target.inside(values).mean())]


@dataclass(frozen=True)
class Moved:
    """What the data say of a parameter.

    Attributes:
        name: dotted.
        ratio: standard deviation among the sets, over that of the prior.
        shift: of the mean, in standard deviations of the prior.
    """

    name: str
    ratio: float
    shift: float


def movements(kept: Floats) -> list[Moved]:
    """Every parameter's movement from prior to ensemble, on the scale of its prior."""
    ratio, shift = kept.std(axis=0, ddof=1) / _PRIOR_SD, (kept.mean(axis=0) - 0.5) / _PRIOR_SD
    return [Moved(name, float(r), float(s)) for name, r, s in zip(prior.names(), ratio, shift, strict=True)]


def is_identified(moved: Moved, sets: int) -> bool:
    """Whether a parameter has moved or narrowed by more than chance gives among so many."""
    error_of_shift, error_of_ratio = 1.0 / np.sqrt(sets), np.sqrt((_KURTOSIS - 1.0) / (4.0 * sets))
    return bool(abs(moved.shift) > _ERRORS * error_of_shift or moved.ratio < 1.0 - _ERRORS * error_of_ratio)


def meeting_all(frame: pd.DataFrame, targets: Sequence[CalibrationTarget]) -> float:
    """Share of the sets that meet every one of some facts; NaN where there are none."""
    if not targets:
        return float("nan")
    inside = [target.inside(frame[f"{VALUE}{target.key}"].to_numpy()) for target in targets]
    return float(np.mean(np.all(inside, axis=0)))
