"""Figures of a user's own, which weigh parameter sets: `comity compare --facts FILE`.

A ministry has what nobody publishes: requests sent and answered, months, people at desks. Its figures weigh the
parameter sets of an ensemble by how probable they are in each, as other fields constrain a kept ensemble by new facts:

- What a set gives is the mean of its own runs, which chose nothing.
- On the fact's scale (logs, logits of shares) the figure lies about that mean with a variance of three parts: the
  figure's own error, chance in the mean of a set's runs, and `DISCREPANCY`, the part of the model's error with which
  the calibration itself judges facts.
- A figure with one end only is a bound: its probability is that the true value lies on its side.

Weights multiply over figures. The effective number of sets is one over the sum of squared weights; where fewer than
`FEWEST` are left, the figures are refused, since the sets hold hardly any that agree.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import numpy as np
from pydantic import BaseModel, ConfigDict, Field

from sim.calibration.ensemble import RUN, VALUE, Ensemble
from sim.calibration.targets import DISCREPANCY, Bound, CalibrationTarget, Role, of_role, targets
from sim.experiments.sets import ParameterSets, Weighed
from sim.measures.arrays import Floats, Integers
from sim.policy.problem import InputError, mistake

if TYPE_CHECKING:
    import pandas as pd

#: Fewest effective sets on which a study may rest.
FEWEST = 20
#: A 95 % range has this many standard errors on each side.
_REACH = 1.96
#: Standard error of a bound, in logs or logits: nobody measures a bound exactly.
BOUND_ERROR = 0.05
#: Positions in the order of sets that seeds take, for each set.
_TURNS = 4
_Text = Annotated[str, Field(min_length=1, max_length=300)]
_Number = Annotated[float, Field(gt=0.0, lt=1e15, allow_inf_nan=False)]


class _Figure(BaseModel):
    """Schema of a figure in a file."""

    model_config = ConfigDict(extra="forbid")

    fact: _Text
    low: _Number | None = None
    high: _Number | None = None
    source: str = Field("", max_length=1_000)


class _Figures(BaseModel):
    """Schema of a file of figures."""

    model_config = ConfigDict(extra="forbid")

    whose: _Text
    show_values: bool = False
    figures: list[_Figure] = Field(min_length=1, max_length=100)


@dataclass(frozen=True)
class OwnFigure:
    """A figure of the user's: what it measures, and the ends of its 95 % range; one end is missing of a bound."""

    target: CalibrationTarget
    low: float  # NaN: none
    high: float
    source: str

    @property
    def ends(self) -> tuple[float, float]:
        """Ends of the range on the fact's scale; NaN where there is none."""
        low, high = self.target.scaled(np.array([self.low, self.high])).tolist()
        return low, high

    @property
    def is_bound(self) -> bool:
        """True if only one end is known."""
        return math.isnan(self.low) or math.isnan(self.high)

    def as_target(self) -> CalibrationTarget:
        """The figure as a fact that chooses sets; of a bound the error is `BOUND_ERROR`."""
        low, high = self.ends
        if self.is_bound:
            bound, value, error = (
                (Bound.LOWER, self.low, BOUND_ERROR) if math.isnan(high) else (Bound.UPPER, self.high, BOUND_ERROR)
            )
        else:
            bound, error = Bound.NONE, (high - low) / (2.0 * _REACH)
            value = float(self.target.unscaled(np.array([0.5 * (low + high)]))[0])
        return replace(self.target, value=value, error=error, bound=bound, role=Role.FIT, of=0.0, source=self.source)

    def log_chance(self, means: Floats, variance: float) -> Floats:
        """Log of the probability of the figure for means of sets, f8[sets] on the fact's scale.

        Args:
            means: what each set gives; a set that has no value is as improbable as the least probable other.
            variance: of chance in these means and of the model, without the figure's own error.
        """
        from scipy.special import log_ndtr

        low, high = self.ends
        if self.is_bound:
            spread = math.sqrt(variance)
            log = log_ndtr((means - low) / spread if math.isnan(high) else (high - means) / spread)
        else:
            own = (high - low) / (2.0 * _REACH)
            log = -0.5 * (means - 0.5 * (low + high)) ** 2 / (variance + own**2)
        return np.where(np.isnan(log), np.nanmin(log, initial=0.0), log)


@dataclass(frozen=True)
class OwnFigures:
    """All figures of a file, with whose they are, and whether reports may show their values."""

    whose: str
    shows_values: bool
    figures: tuple[OwnFigure, ...]
    file: str


def to_fit(own: OwnFigures) -> tuple[CalibrationTarget, ...]:
    """Facts that choose sets: the published ones, and the user's figures in place of those on the same quantity."""
    own_targets = {one.target.key: one.as_target() for one in own.figures}
    published = {one.key: one for one in of_role(Role.FIT)}
    return tuple((published | own_targets).values())


def measurable(ensemble: Ensemble) -> dict[str, CalibrationTarget]:
    """Facts whose value the runs of each set give, by key."""
    return {one.key: one for one in targets() if f"{VALUE}{one.key}" in ensemble.frame}


def read_figures(source: Path | Mapping[str, object], ensemble: Ensemble) -> OwnFigures:
    """Reads the user's figures from a YAML file, or from its content; InputError for what these sets do not measure."""
    from sim.experiments.store import check_content, read_yaml

    path = source if isinstance(source, Path) else Path("figures")
    if isinstance(source, Path) and not path.exists():
        raise mistake("no such file", "--facts", path, "Name a YAML file; docs/howto/own_figures.md has an example.")
    content = read_yaml(path) if isinstance(source, Path) else dict(source)
    if not isinstance(content, dict):
        raise mistake("no file of figures", "--facts", path, "Begin with `whose: …`, then `figures:` with a list.")
    check_content(_Figures, content, path, fix="docs/howto/own_figures.md has an example.")
    file, known = _Figures.model_validate(content), measurable(ensemble)
    figures = [_figure(number, one, known, path) for number, one in enumerate(file.figures)]
    names = [one.target.key for one in figures]
    if twice := {name for name in names if names.count(name) > 1}:
        raise InputError(
            "a figure is there twice", where=str(path), key="fact", value=min(twice), fix="Give each once."
        )
    return OwnFigures(file.whose, file.show_values, tuple(figures), str(path))


def _figure(number: int, entry: _Figure, known: Mapping[str, CalibrationTarget], path: Path) -> OwnFigure:
    """Checks one figure against what the sets' runs measure."""

    def wrong(problem: str, key: str, value: object, fix: str) -> InputError:
        return InputError(problem, where=str(path), key=f"figures.{number}.{key}", value=value, fix=fix)

    if entry.fact not in known:
        meant = f"Did you mean {close[0]}? " if (close := get_close_matches(entry.fact, known, 1)) else ""
        fix = f"{meant}`comity evidence` lists those that they have; for others take `sim.calibrate(targets=…)`."
        raise wrong("runs of the parameter sets have no such figure", "fact", entry.fact, fix)
    low, high, target = entry.low, entry.high, known[entry.fact]
    if low is None and high is None:
        raise wrong("a figure needs its range", "fact", entry.fact, "Give low and high; of a bound, the one known.")
    if low is not None and high is not None and low >= high:
        raise wrong("a range without width", "low", low, "Give the ends of its 95 % range: low below high.")
    for name, end in (("low", low), ("high", high)):
        if end is not None and target.unit == "share" and end >= 1.0:
            raise wrong("no share", name, end, "Write a number between 0 and 1: 45 % is 0.45.")
    ends = [math.nan if end is None else end for end in (low, high)]
    return OwnFigure(target, ends[0], ends[1], entry.source)


def set_means(ensemble: Ensemble, target: CalibrationTarget) -> tuple[Floats, float]:
    """Means of a fact over the own runs of each set, f8[sets] on its scale, and the variance of chance in a mean."""
    frame, runs = ensemble.frame, []
    number = 1
    while (column := f"{RUN.format(number)}{target.key}") in frame:
        runs.append(target.scaled(frame[column].to_numpy(np.float64)))
        number += 1
    values = np.column_stack(runs) if runs else target.scaled(frame[[f"{VALUE}{target.key}"]].to_numpy(np.float64))
    known = ~np.isnan(values)
    count = np.maximum(known.sum(axis=1), 1)
    means = np.where(known.any(axis=1), np.nansum(values, axis=1) / count, np.nan)
    apart = np.nansum((values - means[:, np.newaxis]) ** 2)
    freedom = max(int((count - 1).sum()), 1)
    return means, float(apart / freedom / count.mean())


def log_weights(ensemble: Ensemble, figures: Sequence[OwnFigure]) -> Floats:
    """Logs of the sets' weights, f8[sets], up to a constant."""
    total = np.zeros(ensemble.size)
    for one in figures:
        means, chance = set_means(ensemble, one.target)
        total += one.log_chance(means, chance + DISCREPANCY**2)
    return total


def normalised(logs: Floats) -> Floats:
    """Weights that sum up to one, from their logs."""
    weights = np.exp(logs - logs.max())
    return np.asarray(weights / weights.sum())


def effective(weights: Floats) -> float:
    """Effective number of sets: one over the sum of squared weights."""
    return float(1.0 / np.sum(weights**2))


def turns(weights: Floats) -> Integers:
    """Order in which seeds take sets, so that any long part of it holds each set by its weight, i8[positions].

    Each set stands there in proportion to its weight, but for less than one position (systematic sampling); positions
    are spread evenly by halving, without chance.
    """
    positions = _TURNS * len(weights)
    ends = np.cumsum(weights) * positions
    chosen = np.searchsorted(ends, np.arange(positions) + 0.5)
    bits = max(positions - 1, 1).bit_length()
    mirrored = [int(f"{place:0{bits}b}"[::-1], 2) for place in range(2**bits)]
    spread = [place for place in mirrored if place < positions]
    return np.minimum(chosen[spread], len(weights) - 1)


@dataclass(frozen=True)
class Weighing:
    """Weights of an ensemble's sets by the user's figures."""

    ensemble: Ensemble
    own: OwnFigures
    weights: Floats  # f8[sets]

    @property
    def effective(self) -> float:
        """Effective number of parameter sets that are left."""
        return effective(self.weights)

    def sets(self) -> ParameterSets:
        """Parameter sets for a study: seeds take them by their weights."""
        sets = self.ensemble.sets()
        names = tuple(one.target.title for one in self.own.figures)
        values = tuple(f"{one.low:g} to {one.high:g} {one.target.unit}".replace("nan", "…") for one in self.own.figures)
        shown = values if self.own.shows_values else ()
        weighed = Weighed(self.own.whose, names, shown, round(self.effective, 1), self.ensemble.size)
        return replace(sets, order=tuple(turns(self.weights).tolist()), weighed=weighed)

    def moved(self) -> pd.DataFrame:
        """Table of what the sets give before and after weighing, one row per fact that their runs measure.

        Columns: fact (key), title, unit, is_given (True if it is one of the figures), before and after (weighted median
        over sets, in the fact's unit), low and high of each (5 to 95 % of the sets).
        """
        import pandas as pd

        equal, names = (
            np.full(self.ensemble.size, 1.0 / self.ensemble.size),
            {one.target.key for one in self.own.figures},
        )
        rows = []
        for key, target in measurable(self.ensemble).items():
            means, _ = set_means(self.ensemble, target)
            row: dict[str, object] = {"fact": key, "title": target.title, "unit": target.unit, "is_given": key in names}
            for when, weights in (("before", equal), ("after", self.weights)):
                ends = target.unscaled(quantiles(means, weights, (0.05, 0.5, 0.95)))
                row |= {when: ends[1], f"{when}_low": ends[0], f"{when}_high": ends[2]}
            rows.append(row)
        return pd.DataFrame(rows)


def quantiles(values: Floats, weights: Floats, at: Sequence[float]) -> Floats:
    """Weighted quantiles of values, NaN left out; all NaN without any."""
    known = ~np.isnan(values)
    if not known.any():
        return np.full(len(at), np.nan)
    order = np.argsort(values[known])
    sorted_values, share = values[known][order], weights[known][order]
    middle = np.cumsum(share) - 0.5 * share
    return np.asarray(np.interp(np.asarray(at) * share.sum(), middle, sorted_values))


def weigh(source: Path | Mapping[str, object], ensemble: Ensemble) -> Weighing:
    """Weighs an ensemble by figures; InputError where fewer than `FEWEST` effective sets are left."""
    own = read_figures(source, ensemble)
    weighing = Weighing(ensemble, own, normalised(log_weights(ensemble, own.figures)))
    if weighing.effective < min(FEWEST, ensemble.size):
        worst = min(own.figures, key=lambda one: effective(normalised(log_weights(ensemble, [one]))))
        problem = f"{weighing.effective:.0f} of {ensemble.size} parameter sets are left, fewer than {FEWEST}"
        fix = (
            f"“{worst.target.title}” leaves fewest: look at its unit and definition, or widen its range; "
            f"else `comity calibrate --facts {own.file}`, some 40 minutes, looks for sets that agree."
        )
        raise mistake(problem, "--facts", own.file, fix)
    return weighing
