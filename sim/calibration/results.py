"""What comes of a calibration: the ensemble as a table and its manifest, and figures for the page."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict
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

    columns: dict[str, Floats] = {}
    for target in with_outcome():
        columns |= columns_of(target, found.confirmed.of_sets(target.outcome))
    return pd.concat([prior.frame_of(found.kept), pd.DataFrame(columns)], axis=1)


def columns_of(target: CalibrationTarget, values: Floats) -> dict[str, Floats]:
    """What the ensemble has of a fact, from f8[sets, runs of each]."""
    mean = means(values)
    each = {f"{RUN.format(number)}{target.key}": run for number, run in enumerate(values.T, 1)}
    return {f"{DISTANCE}{target.key}": target.distance(mean), f"{VALUE}{target.key}": mean, **each}


def manifest(found: Calibration, setting: CalibrationSetting, size: str) -> dict[str, Any]:
    """What made the ensemble, as plain values."""
    first = {target: found.waves[0].of_sets(target.outcome)[:, 0] for target in with_outcome()}
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
        "prior": {target.key: ends_of(target, values) for target, values in first.items()},
        "varied": prior.names(),
    }


def levels(before: Wave, after: Wave) -> dict[str, list[list[float]]]:
    """Headlines under today's law, by key: 5 %, median and 95 % of first runs of the prior, and of sets' mean runs."""
    found = {key: (before.of_sets(key)[:, 0], means(after.of_sets(key))) for key in HEADLINES}
    return {
        key: [[float(f"{end:.4g}") for end in np.nanquantile(values, (0.05, 0.5, 0.95))] for values in both]
        for key, both in found.items()
    }


def ends_of(target: CalibrationTarget, values: Floats) -> list[float]:
    """Numbers whose median, 5 and 95 % are those of first runs of the prior, and the share of them that meets a fact.

    Empty where none has the outcome.
    """
    if np.isnan(values).all():
        return []
    low, middle, high = np.nanquantile(values, (0.05, 0.5, 0.95)).tolist()
    return [low, low, middle, high, high, float(target.inside(values).mean())]


def movements(kept: Floats) -> pd.DataFrame:
    """What the data say of every parameter, on the scale of its prior, by dotted name.

    `ratio` is the standard deviation among the sets over that of the prior, `shift` that of the mean, in standard
    deviations of the prior; `identified`: either is more than chance among so many.
    """
    import pandas as pd

    ratio, shift = kept.std(axis=0, ddof=1) / _PRIOR_SD, (kept.mean(axis=0) - 0.5) / _PRIOR_SD
    error_of_shift, error_of_ratio = 1.0 / np.sqrt(len(kept)), np.sqrt((_KURTOSIS - 1.0) / (4.0 * len(kept)))
    identified = (np.abs(shift) > _ERRORS * error_of_shift) | (ratio < 1.0 - _ERRORS * error_of_ratio)
    return pd.DataFrame({"ratio": ratio, "shift": shift, "identified": identified}, index=prior.names())


def meets(frame: pd.DataFrame, targets: Sequence[CalibrationTarget]) -> pd.DataFrame:
    """Whether each set meets each of some facts, a column per fact."""
    import pandas as pd

    return pd.DataFrame({target.key: target.inside(frame[f"{VALUE}{target.key}"].to_numpy()) for target in targets})


def meeting_all(frame: pd.DataFrame, targets: Sequence[CalibrationTarget]) -> float:
    """Share of the sets that meet every one of some facts; NaN where there are none."""
    return float(meets(frame, targets).all(axis=1).mean())
