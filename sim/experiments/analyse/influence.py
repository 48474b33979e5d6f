"""The judgement parameters that move the headline outcomes most: found in a screening, shipped as data.

A parameter's influence on one outcome is its part of the sum of all parameters' mu* (mean size of what moving it over
its interval does); its influence as a whole is the mean of that over the headline outcomes. So every outcome counts
alike, in any unit.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from hashlib import sha256
from typing import Any

import numpy as np
from scipy.special import stdtrit as student_quantile

from sim.experiments.analyse.cases import Cases, Contrast
from sim.experiments.analyse.effects import Effects, effects
from sim.experiments.grammar import parameters
from sim.experiments.statistics import CONFIDENCE
from sim.law.vocabulary import EvidenceTag
from sim.measures.arrays import Floats
from sim.measures.outcomes import HEADLINES
from sim.policy.problem import mistake

FILE = "influence.csv"
#: How many parameters are named.
NAMED = 5
LEVELS, POLICY = "levels", "policy effect"


@dataclass(frozen=True)
class Influence:
    """One parameter of much influence.

    Attributes:
        about: whether on the levels of outcomes or on what a policy changes.
        rank: 1 for the most.
        parameter: without `uncertainty.`.
        share, share_low, share_high: its part of all influence, mean over headline outcomes, 0–1.
        outcome: the headline outcome of which it has the largest part.
        effect, effect_low, effect_high: mu* on that outcome, in its unit, over the parameter's interval.
        noise_share: part of the mean square of that effect that is replicate noise, 0–1; NaN where unknown.
        low, high: the interval over which it was moved, in its unit.
        runs, trajectories, seeds: size of the screening.
        scenario: under which the outcomes were taken, or the two whose difference was.
        world: in which world.
        study, code, made: hash of the study, hash of the code and day on which it was analysed.
        axes: fingerprint of all parameters that were moved and of their intervals.
        source, status: as in every data file.
    """

    about: str
    rank: int
    parameter: str
    share: float
    share_low: float
    share_high: float
    outcome: str
    effect: float
    effect_low: float
    effect_high: float
    noise_share: float
    low: float
    high: float
    runs: int
    trajectories: int
    seeds: int
    scenario: str
    world: str
    study: str
    code: str
    made: date
    axes: str
    source: str
    status: str

    @property
    def clear(self) -> bool:
        """Whether its share can be distinguished from zero."""
        return self.share_low > 0.0


def find_influence(cases: Cases, contrast: Contrast, outcomes: Sequence[str] = HEADLINES) -> list[Influence]:
    """The judgement parameters of most influence in a Morris study, most first.

    Raises:
        InputError: If no headline outcome changes.
    """
    found = {key: effects(cases, key, contrast) for key in outcomes}
    found = {key: entry for key, entry in found.items() if len(entry.by_seed) > 1 and entry.by_seed.any()}
    if not found:
        raise mistake("no headline outcome changes in it", "STUDY", cases.study.folder)
    share, low, high = _shares(found)
    parts = np.array([_parts(np.abs(entry.mean)) for entry in found.values()])
    judgement = {key for key, (about, _) in parameters().items() if about.tag is EvidenceTag.JUDGEMENT}
    order = [place for place in np.argsort(-share, kind="stable") if cases.axes[place].key in judgement][:NAMED]
    rows = []
    for rank, place in enumerate(order, start=1):
        key = list(found)[int(parts[:, place].argmax())]
        star, axis = found[key].mu_star(), cases.axes[place]
        trajectories, _, seeds = found[key].by_seed.shape
        rows.append(
            Influence(
                about=POLICY if contrast.against else LEVELS,
                rank=rank,
                parameter=axis.key.removeprefix("uncertainty."),
                share=float(share[place]),
                share_low=float(low[place]),
                share_high=float(high[place]),
                outcome=key,
                effect=float(star.value[place]),
                effect_low=float(star.low[place]),
                effect_high=float(star.high[place]),
                noise_share=float(found[key].noise_share()[place]),
                low=axis.low,
                high=axis.high,
                runs=len(cases.rows),
                trajectories=trajectories,
                seeds=seeds,
                scenario=contrast.label,
                **_provenance(cases),
            )
        )
    return rows


def fingerprint(axes: Iterable[tuple[str, float, float]]) -> str:
    """A short hash of parameters and their intervals: another one means that the screening is out of date."""
    words = sorted(f"{key} {low:.6g} {high:.6g}" for key, low, high in axes)
    return sha256("\n".join(words).encode()).hexdigest()[:12]


def world_in_words(cases: Cases) -> str:
    """Size of a study's world: groups, states, years."""
    world = cases.study.about["configuration"]["world"]
    states = f"{len(world['states'])} states" if world["states"] else "all states"
    years = f"{str(world['policy_start'])[:4]} to {str(world['end'])[:4]}"
    return f"{world['groups']} groups, {states}, {years}"


def _provenance(cases: Cases) -> dict[str, Any]:
    """Where the rows come from."""
    about = cases.study.about
    return {
        "world": world_in_words(cases),
        "study": str(about["study"])[:16],
        "code": f"{about['code']['version']} ({str(about['code']['sources'])[:10]})",
        "made": datetime.now(UTC).date(),
        "axes": fingerprint((axis.key, axis.low, axis.high) for axis in cases.axes),
        "source": f"Morris screening by {about['command']}",
        "status": str(EvidenceTag.JUDGEMENT),
    }


def _shares(found: dict[str, Effects]) -> tuple[Floats, Floats, Floats]:
    """Part of all influence by parameter, with Student's interval from trajectories left out in turn.

    The same one is left out of every outcome, also where some have lost others: a trajectory is one draw for all.
    """
    value = np.mean([_parts(np.abs(entry.mean)) for entry in found.values()], axis=0)
    drawn = np.unique(np.concatenate([entry.trajectories for entry in found.values()]))
    count = len(drawn)
    left_out = np.array(
        [
            np.mean([_parts(np.abs(entry.mean[entry.trajectories != number])) for entry in found.values()], axis=0)
            for number in drawn
        ]
    )
    error = np.sqrt((count - 1) / count * ((left_out - left_out.mean(axis=0)) ** 2).sum(axis=0))
    reach = student_quantile(count - 1, 0.5 + CONFIDENCE / 2) * error
    return value, np.maximum(value - reach, 0.0), np.minimum(value + reach, 1.0)


def _parts(sizes: Floats) -> Floats:
    """Part of each parameter in the sum of mu*; f8[trajectories, parameters] → f8[parameters]."""
    stars = sizes.mean(axis=0)
    return np.asarray(stars / stars.sum()) if stars.sum() > 0 else np.zeros_like(stars)
