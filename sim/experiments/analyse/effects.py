"""Effects of parameters in a Morris design (elementary effects), and paired differences in any study.

An elementary effect is what one step of one parameter does, trajectory by trajectory. SALib draws the design.
The effects are taken here and not by SALib, because they are wanted by seed, to distinguish
replicate noise from the parameter, and because its bootstrap is too narrow for a handful of trajectories: with few of
them Student's t is honest. A test holds mu, mu* and sigma equal to SALib's.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import product
from math import pi, sqrt
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pandas as pd
from scipy.special import stdtrit as student_quantile

from sim.experiments.analyse.cases import Cases, Contrast, means_of
from sim.experiments.design import unit_points
from sim.experiments.plan import Kind
from sim.experiments.statistics import CONFIDENCE, interval
from sim.law.suggest import nearest
from sim.measures.arrays import Floats
from sim.measures.outcomes import OUTCOMES
from sim.policy.problem import mistake

_MEAN_SIZE = sqrt(2 / pi)  # mean size of a normal draw over its standard deviation


class Index(NamedTuple):
    """Sensitivity indices of all parameters and both ends of their intervals, f8[parameters] each."""

    value: Floats
    low: Floats
    high: Floats


@dataclass(frozen=True)
class Effects:
    """Elementary effects of a Morris design on one outcome, per change over a parameter's whole range."""

    by_seed: Floats  # f8[trajectories, parameters, seeds]; only trajectories that are whole
    trajectories: npt.NDArray[np.int64]  # i8[trajectories] which of the design these are

    @property
    def mean(self) -> Floats:
        """f8[trajectories, parameters]: elementary effects, averaged over seeds."""
        return np.asarray(self.by_seed.mean(axis=2))

    @property
    def mu(self) -> Floats:
        """f8[parameters]: mean effect with its sign."""
        return np.asarray(self.mean.mean(axis=0))

    def mu_star(self) -> Index:
        """Morris index mu* of each parameter, its mean absolute effect, with Student's interval."""
        sizes = np.abs(self.mean)
        left_out = np.array([np.delete(sizes, t, axis=0).mean(axis=0) for t in range(len(sizes))])
        return jackknife(sizes.mean(axis=0), left_out)

    def sigma(self) -> Index:
        """Morris index sigma of each parameter: standard deviation of its effect, a sign of interactions."""
        mean = self.mean
        if len(mean) < 3:
            value = mean.std(axis=0, ddof=1) if len(mean) > 1 else np.full(mean.shape[1], np.nan)
            return Index(value, np.full_like(value, np.nan), np.full_like(value, np.nan))
        left_out = np.array([np.delete(mean, t, axis=0).std(axis=0, ddof=1) for t in range(len(mean))])
        return jackknife(mean.std(axis=0, ddof=1), left_out)

    def _noise_variance(self) -> Floats:
        """f8[parameters]: variance of a trajectory's effect, averaged over seeds, that comes from chance."""
        seeds = self.by_seed.shape[2]
        if seeds < 2:
            return np.full(self.by_seed.shape[1], np.nan)
        return np.asarray(self.by_seed.var(axis=2, ddof=1).mean(axis=0) / seeds)

    def noise_floor(self) -> Floats:
        """f8[parameters]: mean absolute effect mu* that chance alone would give."""
        return np.asarray(_MEAN_SIZE * np.sqrt(self._noise_variance()))

    def noise_share(self) -> Floats:
        """f8[parameters]: share of the mean squared effect that comes from chance between seeds, 0–1."""
        square = (self.mean**2).mean(axis=0)
        share = self._noise_variance() / np.where(square > 0, square, np.nan)
        return np.asarray(np.minimum(share, 1.0))


def effects(cases: Cases, outcome: str, contrast: Contrast) -> Effects:
    """Computes the elementary effects of all parameters on an outcome, from a Morris design."""
    cube = unit_cube(cases)
    parameters, values = cube.shape[1], cases.values(outcome, contrast)
    values = values.reshape(-1, parameters + 1, values.shape[1])
    steps = np.diff(cube.reshape(-1, parameters + 1, parameters), axis=1)
    moved = np.abs(steps).argmax(axis=2)
    delta = np.take_along_axis(steps, moved[:, :, None], axis=2)
    found = np.empty((len(values), parameters, values.shape[2]))
    for trajectory, axes in enumerate(moved):
        found[trajectory, axes] = np.diff(values[trajectory], axis=0) / delta[trajectory]
    whole = ~np.isnan(found).any(axis=(1, 2))
    return Effects(found[whole], np.flatnonzero(whole))


def unit_cube(cases: Cases) -> Floats:
    """Points of a sampled design, each axis scaled to 0–1; redrawn from the seed and checked against the runs."""
    about = cases.study.about["design"]
    kind = Kind(cases.design)
    if kind not in (Kind.LATIN, Kind.SOBOL, Kind.MORRIS):
        raise mistake(f"a {kind} design has no unit cube", "STUDY")
    cube = unit_points(kind, cases.axes, int(about["samples"]), int(about["design_seed"]))
    for place, axis in enumerate(cases.axes):
        drawn = [axis.at(float(share)).label for share in cube[:, place]]
        there = cases.levels(axis)
        same = there.isna() | np.array([_same(left, right) for left, right in zip(drawn, there, strict=True)])
        if not same.all():
            fix = "Conduct the study again with the packages that are installed now."
            raise mistake("its points were drawn by another version of SALib", "STUDY", cases.study.folder, fix)
    return cube


def _same(left: object, right: object) -> bool:
    """True if two values of an axis are equal, up to rounding if they are numbers."""
    if isinstance(left, int | float) and isinstance(right, int | float):
        return bool(np.isclose(left, right, rtol=1e-9, atol=1e-12))
    return str(left) == str(right)


def jackknife(value: Floats, left_out: Floats) -> Index:
    """A statistic with Student's interval by the jackknife, from its values with each trajectory left out."""
    count = len(left_out)
    if count < 2:
        return Index(value, np.full_like(value, np.nan), np.full_like(value, np.nan))
    error = np.sqrt((count - 1) / count * ((left_out - left_out.mean(axis=0)) ** 2).sum(axis=0))
    reach = student_quantile(count - 1, 0.5 + CONFIDENCE / 2) * error
    return Index(value, np.maximum(value - reach, 0.0), value + reach)


def paired_differences(cases: Cases) -> pd.DataFrame:
    """Table of each later scenario's paired difference from the first, with Student's interval.

    One row per point, scenario and outcome: `point`, one column per axis, `scenario`, `baseline`, `outcome`, `pairs`,
    `baseline_mean`, `difference`, `low`, `high`; the ends are NaN where fewer than two pairs are known. Points at
    which a scenario was not run have no row.
    """
    contrasts = [contrast for contrast in cases.contrasts() if contrast.against]
    if not contrasts:
        fix = "Use .outcomes, or sweep under two scenarios or more: sim.sweep('status_quo', 'faster_mlat', …)."
        raise mistake("no scenario to compare with at the same points", "differences", fix=fix)
    levels = pd.DataFrame({"point": range(cases.points)} | {axis.key: cases.levels(axis) for axis in cases.axes})
    parts = []
    for contrast, outcome in product(contrasts, OUTCOMES):
        named = {"scenario": contrast.scenario, "baseline": contrast.against, "outcome": outcome.key}
        values = cases.values(outcome.key, contrast)
        base = np.where(np.isnan(values), np.nan, cases.values(outcome.key, Contrast(contrast.against)))
        rows = levels.assign(**named, baseline_mean=means_of(base), **_summed(values))
        parts.append(rows if cases.crossed else rows[cases.has(contrast.scenario)])
    return pd.concat(parts, ignore_index=True)


def differences_from(cases: Cases, reference: Mapping[str, Any]) -> pd.DataFrame:
    """Table of each point's paired difference from a reference point, under the same seeds.

    Axes without a level of the reference stay as they are at the point. One row per point, scenario and outcome, as
    `paired_differences` has them but for `baseline`; points without a counterpart are left out.
    """
    if cases.own_seeds:
        raise mistake("each point has a seed of its own", "reference", fix="Sweep with sweep.seeds=common.")
    levels = pd.DataFrame({axis.key: cases.levels(axis) for axis in cases.axes})
    keys = {name: axis.key for axis in cases.axes for name in (axis.key, axis.name)}
    for key in reference:
        if key not in keys:
            raise mistake("no axis of that name", "reference", key, nearest(key, [axis.name for axis in cases.axes]))
    reference = {keys[key]: value for key, value in reference.items()}
    for key, value in reference.items():
        if not (levels[key] == value).any():
            known = ", ".join(map(str, levels[key].unique()[:12]))
            raise mistake("no point has this level", key, value, f"Choose one of {known}.")
    there = {tuple(row): point for point, row in enumerate(levels.itertuples(index=False, name=None))}
    wanted = levels.assign(**dict(reference)).itertuples(index=False, name=None)
    pairs = [(point, there[row]) for point, row in enumerate(wanted) if row in there]
    points, against = (np.array(side, np.int64) for side in zip(*pairs, strict=True))
    front, parts = levels.iloc[points].reset_index(drop=True), []
    front.insert(0, "point", points)
    for scenario, outcome in product(cases.scenarios or [""], OUTCOMES):
        values = cases.values(outcome.key, Contrast(scenario))
        parts.append(front.assign(scenario=scenario, outcome=outcome.key, **_summed(values[points] - values[against])))
    return pd.concat(parts, ignore_index=True)


def _summed(values: Floats) -> dict[str, npt.NDArray[Any]]:
    """Number of pairs, mean and Student's interval of paired differences, for each row over its seeds."""
    low, high = interval(values.T)
    pairs = (~np.isnan(values)).sum(axis=1)
    return {"pairs": pairs, "difference": means_of(values), "low": low, "high": high}
