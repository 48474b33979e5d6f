"""What scenarios of a sweep change at each of its points."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.special import stdtrit as student_quantile

from sim.experiments.analyse.cases import Cases
from sim.experiments.statistics import CONFIDENCE
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
            values = cases.values(outcome.key, contrast)
            pairs = (~np.isnan(values)).sum(axis=1)
            known = np.maximum(pairs, 1)
            mean = np.where(pairs > 0, np.nansum(values, axis=1) / known, np.nan)
            squares = np.nansum((values - mean[:, None]) ** 2, axis=1)
            spread = np.sqrt(squares / np.maximum(pairs - 1, 1) / known)
            reach = np.where(pairs > 1, student_quantile(known - 1, 0.5 + CONFIDENCE / 2) * spread, np.nan)
            parts.append(
                levels.assign(
                    scenario=contrast.scenario,
                    baseline=contrast.against,
                    outcome=outcome.key,
                    pairs=pairs,
                    difference=mean,
                    low=mean - reach,
                    high=mean + reach,
                )
            )
    return pd.concat(parts, ignore_index=True)
