"""What scenarios of a sweep change at each of its points."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import stdtrit as student_quantile

from sim.experiments.analyse.cases import Cases, Contrast
from sim.experiments.statistics import CONFIDENCE
from sim.law.suggest import nearest
from sim.measures.arrays import Floats
from sim.measures.outcomes import OUTCOMES
from sim.policy.problem import mistake


def paired_differences(cases: Cases) -> pd.DataFrame:
    """Differences from the first scenario in the same seeds, with Student's intervals.

    Args:
        cases: of a sweep whose points are all run under several scenarios.

    Returns:
        One row per point, scenario and outcome: `point`, one column per axis, `scenario`, `baseline`, `outcome`,
        `pairs`, `difference`, `low`, `high`; the ends are NaN where fewer than two pairs are known.

    Raises:
        InputError: nothing is paired: the sweep has one scenario, or its points name them.
    """
    contrasts = [contrast for contrast in cases.contrasts() if contrast.against]
    if not contrasts:
        fix = "Use .outcomes, or sweep under two scenarios or more: sim.sweep('status_quo', 'faster_mlat', …)."
        raise mistake("no scenario to compare with at the same points", "differences", fix=fix)
    levels = pd.DataFrame({"point": range(cases.points)} | {axis.key: cases.levels(axis) for axis in cases.axes})
    parts = []
    for contrast in contrasts:
        for outcome in OUTCOMES:
            found = _summed(cases.values(outcome.key, contrast))
            named = {"scenario": contrast.scenario, "baseline": contrast.against, "outcome": outcome.key}
            parts.append(levels.assign(**named, **found))
    return pd.concat(parts, ignore_index=True)


def differences_from(cases: Cases, reference: Mapping[str, Any]) -> pd.DataFrame:
    """Differences of each point from the point with the levels of a reference, in the same seeds and scenario.

    Args:
        cases: of a sweep whose points have seeds in common.
        reference: level by axis; other axes stay as they are at the point.

    Returns:
        One row per point, scenario and outcome: `point`, one column per axis, `scenario`, `outcome`, `pairs`,
        `difference`, `low`, `high`. Points without a counterpart are left out.

    Raises:
        InputError: an axis or a level that the sweep has not, or points with seeds of their own.
    """
    if cases.own_seeds:
        raise mistake("each point has a seed of its own", "reference", fix="Sweep with sweep.seeds=common.")
    levels = pd.DataFrame({axis.key: cases.levels(axis) for axis in cases.axes})
    for key, value in reference.items():
        if key not in levels:
            raise mistake("no axis of that name", "reference", key, nearest(key, [axis.key for axis in cases.axes]))
        if not (levels[key] == value).any():
            known = ", ".join(map(str, levels[key].unique()[:12]))
            raise mistake("no point has this level", key, value, f"Choose one of {known}.")
    there = {tuple(row): point for point, row in enumerate(levels.itertuples(index=False, name=None))}
    wanted = levels.assign(**dict(reference)).itertuples(index=False, name=None)
    pairs = [(point, there[row]) for point, row in enumerate(wanted) if row in there]
    points, against = (np.array(side, np.int64) for side in zip(*pairs, strict=True))
    parts = []
    for scenario in cases.scenarios or [""]:
        for outcome in OUTCOMES:
            values = cases.values(outcome.key, Contrast(scenario))
            found = _summed(values[points] - values[against])
            front = levels.iloc[points].reset_index(drop=True)
            front.insert(0, "point", points)
            parts.append(front.assign(scenario=scenario, outcome=outcome.key, **found))
    return pd.concat(parts, ignore_index=True)


def _summed(values: Floats) -> dict[str, npt.NDArray[Any]]:
    """Pairs, mean and Student's interval of each row of paired differences, one column per seed."""
    pairs = (~np.isnan(values)).sum(axis=1)
    known = np.maximum(pairs, 1)
    mean = np.where(pairs > 0, np.nansum(values, axis=1) / known, np.nan)
    squares = np.nansum((values - mean[:, None]) ** 2, axis=1)
    spread = np.sqrt(squares / np.maximum(pairs - 1, 1) / known)
    reach = np.where(pairs > 1, student_quantile(known - 1, 0.5 + CONFIDENCE / 2) * spread, np.nan)
    return {"pairs": pairs, "difference": mean, "low": mean - reach, "high": mean + reach}
