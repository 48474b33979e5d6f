"""Ranks parameters by how much of the variation of headline outcomes goes with them.

The influence of a parameter on an outcome is the square of their rank correlation. One that chance could have produced
is not ranked: over all parameters and outcomes together, one ranking in twenty names a parameter that moves nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import UTC, datetime

import numpy as np
from scipy.stats import norm, rankdata

from sim.calibration import prior
from sim.calibration.targets import CalibrationTarget
from sim.calibration.waves import Wave
from sim.data.influence import LEVELS, PlausibleInfluence
from sim.experiments.manifest import code_version
from sim.law.vocabulary import EvidenceTag
from sim.measures.arrays import Floats
from sim.measures.outcomes import HEADLINES
from sim.policy.well_known import BASELINE

#: How many parameters are named at most, and how many are to vary in a calibration.
NAMED, INPUTS = 10, 50
#: Chance that a ranking names any parameter that moves nothing.
ERROR = 0.05


def rank_correlations(cube: Floats, outcome: Floats) -> tuple[Floats, int]:
    """Rank correlation of each parameter with an outcome, and the number of sets in which it is known."""
    known = np.flatnonzero(~np.isnan(outcome))
    if known.size < 4 or np.ptp(outcome[known]) == 0.0:
        return np.zeros(cube.shape[1]), int(known.size)
    ranks, target = rankdata(cube[known], axis=0), rankdata(outcome[known])
    ranks, target = ranks - ranks.mean(axis=0), target - target.mean()
    return ranks.T @ target / np.sqrt((ranks**2).sum(axis=0) * (target**2).sum()), int(known.size)


def strongest(
    cube: Floats, outcomes: Mapping[str, Floats], names: Sequence[str], most: int = NAMED
) -> list[tuple[str, str, float, float, float]]:
    """Parameters that move some outcome, f8[sets] by key, by more than chance would, the strongest first.

    Of each the outcome that it moves most, and the rank correlation with the low and high end of its 95 % interval.
    """
    keys = list(outcomes)
    found = [rank_correlations(cube, outcomes[key]) for key in keys]
    correlations = np.array([values for values, _ in found])
    reach = 1.0 / np.sqrt(np.maximum(np.array([known for _, known in found]) - 3, 1))  # of Fisher's transform
    distance = np.abs(np.arctanh(np.clip(correlations, -0.999, 0.999))) / reach[:, None]
    needed = norm.isf(ERROR / 2 / correlations.size)
    best = distance.argmax(axis=0)
    order = [place for place in np.argsort(-distance.max(axis=0), kind="stable") if distance[:, place].max() > needed]
    rows = []
    for place in order[:most]:
        value, half = correlations[best[place], place], norm.isf(0.025) * reach[best[place]]
        low, high = (float(np.tanh(np.arctanh(np.clip(value, -0.999, 0.999)) + side)) for side in (-half, half))
        rows.append((names[place], keys[best[place]], float(value), low, high))
    return rows


def moving(wave: Wave, targets: Sequence[CalibrationTarget], most: int = INPUTS) -> list[str]:
    """Parameters that move a headline, a fact or a promised wait by more than chance, the strongest first.

    All others may be fixed where a calibration is to have few inputs: no fact could choose them, and no headline asks.
    """
    keys = dict.fromkeys((*HEADLINES, *(target.outcome for target in targets)))
    asked = {key: wave.runs[key].to_numpy(np.float64) for key in keys}
    return [name for name, *_ in strongest(wave.cube[wave.runs["set"]], asked, prior.names(), most)]


def _headlines(wave: Wave) -> dict[str, Floats]:
    """Headlines of every run."""
    return {key: wave.runs[key].to_numpy(np.float64) for key in HEADLINES}


def of_wave(wave: Wave) -> list[PlausibleInfluence]:
    """The parameters of most influence on levels under today's law, by the first wave."""
    code, axes = code_version(), {axis.key.removeprefix(prior.PREFIX): axis for axis in prior.axes()}
    return [
        PlausibleInfluence(
            about=LEVELS,
            rank=rank,
            parameter=name,
            outcome=key,
            share=value * value,
            correlation=value,
            correlation_low=low,
            correlation_high=high,
            low=axes[name].low,
            high=axes[name].high,
            runs=len(wave.runs),
            scenario=BASELINE,
            code=f"{code['version']} ({', '.join(one[:10] for one in wave.code)})",
            made=datetime.now(UTC).date(),
            axes=prior.fingerprint(),
            source="rank correlations over the first wave of comity calibrate",
            status=str(EvidenceTag.JUDGEMENT),
        )
        for rank, (name, key, value, low, high) in enumerate(
            strongest(wave.cube[wave.runs["set"]], _headlines(wave), prior.names()), 1
        )
    ]
