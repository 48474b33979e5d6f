"""Sensitivity analysis: influence of each axis on outcomes, by Morris, Sobol or rank regression."""

from __future__ import annotations

import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import fdtri as f_quantile
from scipy.special import stdtrit as student_quantile
from scipy.stats import rankdata

from sim.experiments.analyse.cases import Cases, Contrast, noise_share
from sim.experiments.analyse.effects import Effects, effects, jackknife, unit_cube
from sim.experiments.design import unit_problem
from sim.experiments.grammar import parameters
from sim.experiments.plan import Kind
from sim.experiments.statistics import CONFIDENCE
from sim.law.vocabulary import EvidenceTag
from sim.measures.arrays import Floats
from sim.measures.outcomes import HEADLINES
from sim.policy.problem import mistake

_RESAMPLES, _SEED = 200, 1  # resamples of Sobol's intervals, and the seed that makes them the same each time
FEW_SAMPLES = 64  # fewer base samples than this leave Sobol's indices without meaning
NAMED = 5  # how many parameters of influence are named
HIDES = 0.8  # above this part of replicate noise no index of an outcome is given


class Method(StrEnum):
    """Methods of sensitivity analysis."""

    MORRIS = "Morris"
    SOBOL = "Sobol"
    RANKS = "regression on ranks"


@dataclass(frozen=True)
class Sensitivity:
    """Table of sensitivity indices by outcome, contrast and parameter, with the method of analysis."""

    method: Method  # how they were found
    # outcome, contrast, parameter, value, low, high, share (of the sum over parameters), size (trajectories, base
    # samples or points), seeds, noise_share (0–1, NaN where unknown), and what else the method gives
    table: pd.DataFrame

    def of(self, outcome: str, contrast: str) -> pd.DataFrame:
        """Rows of the table on one outcome and contrast, most influential first."""
        rows = self.table[(self.table["outcome"] == outcome) & (self.table["contrast"] == contrast)]
        return rows.sort_values("value", key=abs, ascending=False, kind="stable")

    def hidden(self, outcome: str, contrast: str) -> bool:
        """True if chance between seeds hides all effects on an outcome; false if the share of chance is unknown."""
        return bool((self.of(outcome, contrast)["noise_share"] > HIDES).all())


def sensitivity(cases: Cases, outcomes: Sequence[str], contrasts: Sequence[Contrast]) -> Sensitivity:
    """Computes sensitivity indices of all axes, by the method for the study's design.

    Regression on ranks serves every other design: it needs few more points than there are axes, takes words as well as
    numbers, separates axes that move together in part, has a sign, and says by its adjusted R² how far it may be
    trusted.
    """
    rules = {Kind.MORRIS: (Method.MORRIS, _morris), Kind.SOBOL: (Method.SOBOL, _sobol)}
    method, rule = rules.get(Kind(cases.design), (Method.RANKS, _ranks))
    tables = [
        frame.assign(outcome=outcome, contrast=contrast.label, parameter=[axis.key for axis in cases.axes])
        for outcome in outcomes
        for contrast in contrasts
        for frame in rule(cases, outcome, contrast)
    ]
    if not tables:
        fix = "Look at `comity status STUDY`, or choose another outcome with --y."
        raise mistake("no outcome changes in this study, or too little of it is done", "STUDY", cases.study.folder, fix)
    table = pd.concat(tables, ignore_index=True)
    front = ["outcome", "contrast", "parameter", "value", "low", "high", "share"]
    return Sensitivity(method, table[[*front, *(name for name in table if name not in front)]])


def _morris(cases: Cases, outcome: str, contrast: Contrast) -> Iterator[pd.DataFrame]:
    """Yields tables of Morris indices: mean and spread of each parameter's elementary effects."""
    found = effects(cases, outcome, contrast)
    if not len(found.by_seed) or not found.by_seed.any():
        return
    star = found.mu_star()
    columns = {**star._asdict(), "share": _share(star.value), "mu": found.mu}
    columns |= dict(zip(("sigma", "sigma_low", "sigma_high"), found.sigma(), strict=True))
    columns |= {"noise_floor": found.noise_floor(), "noise_share": found.noise_share()}
    trajectories, _, seeds = found.by_seed.shape
    yield pd.DataFrame(columns).assign(size=trajectories, seeds=seeds)


def _sobol(cases: Cases, outcome: str, contrast: Contrast) -> Iterator[pd.DataFrame]:
    """Yields a table of first-order and total Sobol indices; incomplete base samples are left out."""
    from SALib.analyze import sobol

    unit_cube(cases)
    axes = len(cases.axes)
    values = cases.values(outcome, contrast)
    blocks = cases.means(outcome, contrast).reshape(-1, axes + 2)
    blocks = blocks[~np.isnan(blocks).any(axis=1)]
    if len(blocks) < 2 or np.ptp(blocks) == 0.0:
        return
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        options = {"calc_second_order": False, "num_resamples": _RESAMPLES, "seed": _SEED}
        found = sobol.analyze(unit_problem(axes), blocks.ravel(), **options)
    reach = {key: found[f"{key}_conf"] for key in ("ST", "S1")}
    whole, first = ([found[key], found[key] - half, found[key] + half] for key, half in reach.items())
    columns = dict(zip(("value", "low", "high", "share"), (*whole, _share(whole[0])), strict=True))
    columns |= dict(zip(("first", "first_low", "first_high"), first, strict=True))
    yield pd.DataFrame(columns).assign(size=len(blocks), seeds=values.shape[1], noise_share=noise_share(values))


def _ranks(cases: Cases, outcome: str, contrast: Contrast) -> Iterator[pd.DataFrame]:
    """Yields a table of standardised rank-regression coefficients with Student's intervals."""
    means = cases.means(outcome, contrast)
    known = ~np.isnan(means)
    spent = np.array([1 if axis.numeric else cases.levels(axis)[known].nunique() - 1 for axis in cases.axes])
    if known.sum() < spent.sum() + 3:
        problem = f"{known.sum()} points say nothing about {len(cases.axes)} axes"
        fix = f"At least {spent.sum() + 3} points are needed; a Morris design takes the fewest."
        raise mistake(problem, "STUDY", cases.study.folder, fix)
    if np.ptp(means[known]) == 0.0:
        return
    target_ranks = _standard(rankdata(means[known]))
    predictors = []
    for axis in cases.axes:  # words stand for the mean rank of the outcome where they hold, so their sign says nothing
        levels = cases.levels(axis)[known]
        by_word = pd.Series(target_ranks, index=levels.index).groupby(levels).transform("mean")
        ranked = rankdata(levels.to_numpy(np.float64)) if axis.numeric else by_word.to_numpy(np.float64)
        predictors.append(_standard(ranked))
    design = np.column_stack(predictors)
    found, rank = np.linalg.lstsq(design, target_ranks, rcond=None)[::2][0], np.linalg.matrix_rank(design)
    left = target_ranks - design @ found
    freedom = len(left) - int(spent.sum()) - 1
    variance = float(left @ left) / freedom
    error = np.sqrt(variance * np.diag(np.linalg.pinv(design.T @ design)))
    worded = np.array([not axis.numeric for axis in cases.axes])
    value, low, high = _coefficients(found, error, np.where(worded, spent, 0), freedom)
    columns = {"value": value, "low": low, "high": high, "share": _share(np.abs(value))}
    values = cases.values(outcome, contrast)
    yield pd.DataFrame(columns).assign(
        size=len(left),
        seeds=values.shape[1],
        noise_share=noise_share(values),
        r_squared=1.0 - variance * (len(left) - 1) / float(target_ranks @ target_ranks),
        confounded=int(rank) < len(cases.axes),
    )


def _coefficients(found: Floats, error: Floats, words: npt.NDArray[np.int64], freedom: int) -> tuple[Floats, ...]:
    """Regression coefficients with both interval ends; those of categories are reduced by what chance alone explains.

    Words are placed by the outcome itself, so the square of their coefficient grows with their number (here less one, 0
    for an axis of numbers) in any case; and their interval excludes zero only where an F test over all of them does.
    """
    free = np.sqrt(np.maximum(found**2 - np.maximum(words - 1, 0) * error**2, 0.0))
    value = np.where(words > 0, free, found)
    reach = student_quantile(freedom, 0.5 + CONFIDENCE / 2) * error
    tested = np.maximum(words, 1)
    clear = found**2 > tested * error**2 * f_quantile(tested, freedom, CONFIDENCE)
    low = np.where(words > 0, np.where(clear, np.maximum(value - reach, 0.0), 0.0), found - reach)
    return value, low, value + reach


def _standard(values: Floats) -> Floats:
    """Scales values to mean 0 and standard deviation 1; constant values become 0."""
    deviation = values.std()
    return np.asarray((values - values.mean()) / (deviation if deviation > 0 else 1.0))


def _share(values: Floats) -> Floats:
    """Share of each value in the sum of all, negative ones counted as 0; NaN if the sum is 0."""
    positive = np.maximum(values, 0.0)
    total = positive.sum()
    return positive / total if total > 0 else np.full_like(values, np.nan)


def influence(cases: Cases, contrast: Contrast, outcomes: Sequence[str] = HEADLINES) -> pd.DataFrame:
    """Table of the five parameters of most influence that rest on judgement, in a Morris study, first the largest.

    A parameter's influence on one outcome is its part of the sum of all parameters' mu* (mean size of what moving it
    over its interval does); its influence as a whole is the mean of that over outcomes. So every outcome counts alike,
    in any unit. Columns: rank; parameter; share of all influence, with its ends; outcome of which it has the largest
    part; effect, mu* on it with its ends; noise_share of that; low, high: the interval over which it was moved.
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
        effect = dict(zip(("effect", "effect_low", "effect_high"), (end[place] for end in star), strict=True))
        row = {"rank": rank, "parameter": axis.name, "share": share[place]}
        row |= {"share_low": low[place], "share_high": high[place], "outcome": key, **effect}
        rows.append(row | {"noise_share": found[key].noise_share()[place], "low": axis.low, "high": axis.high})
    return pd.DataFrame(rows)


def _shares(found: dict[str, Effects]) -> tuple[Floats, Floats, Floats]:
    """Share of each parameter in the total influence, and both ends of its jackknife interval.

    The same one is left out of every outcome, also where some have lost others: a trajectory is one draw for all.
    """
    value = np.mean([_parts(np.abs(entry.mean)) for entry in found.values()], axis=0)
    drawn = np.unique(np.concatenate([entry.trajectories for entry in found.values()]))
    kept = ([_parts(np.abs(entry.mean[entry.trajectories != one])) for entry in found.values()] for one in drawn)
    found_in = jackknife(value, np.array([np.mean(parts, axis=0) for parts in kept]))
    return value, found_in.low, np.minimum(found_in.high, 1.0)


def _parts(sizes: Floats) -> Floats:
    """Share of each parameter in the sum of mean absolute effects; f8[trajectories, parameters] → f8[parameters]."""
    stars = sizes.mean(axis=0)
    return np.asarray(stars / stars.sum()) if stars.sum() > 0 else np.zeros_like(stars)
