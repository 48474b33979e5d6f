"""Intervals of paired differences and ratios, tests against chance, and rules that stop at a narrow interval.

Arms of one seed share their world, so each seed gives one difference. Seeds are independent; the interval is
Student's t on the differences: exact when they are normal, good for their mean from some twenty seeds on. All come from
one function, `interval`.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtri as normal_quantile
from scipy.special import stdtr as student_share
from scipy.special import stdtrit as student_quantile

from sim.experiments.settings import check_word
from sim.measures.arrays import Floats, Integers, Mask
from sim.measures.outcome import Outcome
from sim.measures.outcomes import OUTCOMES, outcome
from sim.policy.problem import mistake

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

CONFIDENCE = 0.95
#: Part of the baseline's level below which a change is next to nothing.
HARDLY = 0.02


class Estimate(NamedTuple):
    """A mean or a ratio with its interval; NaN if too few values are known."""

    value: float
    # low, high: ends of the interval
    low: float
    high: float
    pairs: int  # number of values it rests on

    @property
    def includes_zero(self) -> bool:
        """True if the interval contains zero or is unknown."""
        return not (self.low > 0.0 or self.high < 0.0)


def mean(values: Floats, clusters: Integers | None = None) -> Estimate:
    """Mean of the known values, with Student's interval; NaN values are ignored."""
    known = values[~np.isnan(values)]
    low, high = interval(values, clusters)
    return Estimate(float(known.mean()) if known.size else float("nan"), float(low), float(high), known.size)


def middle(values: Floats, within: float = CONFIDENCE) -> Estimate:
    """Median of the values, with the ends of a central interval that contains a given share of them."""
    known = values[~np.isnan(values)]
    if known.size < 2:
        return Estimate(float(known.sum()) if known.size else float("nan"), float("nan"), float("nan"), known.size)
    low, median, high = (float(part) for part in np.quantile(known, (0.5 - within / 2.0, 0.5, 0.5 + within / 2.0)))
    return Estimate(median, low, high, known.size)


def with_own_error(values: Floats, own: float, share: bool, within: float = CONFIDENCE) -> Estimate:
    """Median over worlds, and ends of the range that contains most worlds, widened by the model's own error.

    Values are 0 or more; NaN values are left out. The error is a standard deviation in logs, of shares in logits; NaN
    where nobody knows it.
    """
    median, low, high, known = middle(values, within)
    if known < 2 or not own > 0.0 or not 0.0 < median < (1.0 if share else np.inf):
        return Estimate(median, low, high, known)
    with np.errstate(divide="ignore"):
        ends = np.array([low, median, high])
        scaled = np.log(ends / (1.0 - ends)) if share else np.log(ends)
    reach = float(normal_quantile(0.5 + within / 2.0)) * own
    below, above = np.hypot(scaled[1] - scaled[0], reach), np.hypot(scaled[2] - scaled[1], reach)
    widened = np.array([scaled[1] - below, scaled[1] + above])
    found = 1.0 / (1.0 + np.exp(-widened)) if share else np.exp(widened)
    return Estimate(median, float(found[0]), float(found[1]), known)


def difference(values: Floats, baseline: Floats, clusters: Integers | None = None) -> Estimate:
    """Mean over seeds of the paired differences `values` minus `baseline`, with its interval."""
    return mean(values - baseline, clusters)


def ratio(values: Floats, baseline: Floats, clusters: Integers | None = None) -> Estimate:
    """Ratio of the means of two paired samples, by Fieller's theorem; ends NaN if the baseline's mean may be 0."""
    known = ~(np.isnan(values) | np.isnan(baseline))
    values, baseline = values[known], baseline[known]
    if values.size < 2 or baseline.mean() == 0.0:
        return Estimate(float("nan"), float("nan"), float("nan"), values.size)
    low, high = interval(values, None if clusters is None else clusters[known], over=baseline)
    return Estimate(float(values.mean() / baseline.mean()), float(low), float(high), values.size)


class Spread(NamedTuple):
    """Statistics of an array over its first axis, from which intervals of the mean are computed."""

    centre: Floats  # mean of what is known
    apart: Floats  # sums over clusters of how far values lie from their mean
    scale: Floats  # what products of such sums are multiplied by to give the variance of the mean
    freedom: Floats  # degrees of freedom


def spread(values: Floats, clusters: Integers | None) -> Spread:
    """Computes mean, deviations and degrees of freedom of values over seeds, clustered by parameter set."""
    known = ~np.isnan(values)
    pairs = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = np.where(known, values, 0.0).sum(axis=0) / pairs
        apart, groups = np.where(known, values - centre, 0.0), pairs
        if clusters is not None and np.unique(clusters).size > 1:
            order = np.argsort(clusters, kind="stable")
            first = np.flatnonzero(np.diff(clusters[order], prepend=clusters[order[0]] - 1))
            apart = np.add.reduceat(apart[order], first, axis=0)
            groups = np.logical_or.reduceat(known[order], first, axis=0).sum(axis=0)
        return Spread(centre, apart, np.asarray(groups / (groups - 1) / pairs**2), np.asarray(groups - 1.0))


def interval(
    values: Floats,
    clusters: Integers | None = None,
    *,
    over: Floats | None = None,
    confidence: float = CONFIDENCE,
) -> tuple[Floats, Floats]:
    """Low and high end of the interval of a mean over the first axis of an array.

    Student's t of the sums by parameter set; without clusters it is Student's own interval. With `over`, paired with
    the values, it is that of the ratio of the two means (Fieller 1954): it holds one exactly where the interval of
    their difference holds zero. Values are f8[pairs, …], of which NaN are left out; clusters, i8[pairs], the number of
    the parameter set of each pair. NaN where fewer than two values are known, or what is divided by may be zero.
    """
    if over is None:
        centre, apart, scale, freedom = spread(values, clusters)
        with np.errstate(invalid="ignore"):
            reach = student_quantile(freedom, 0.5 + confidence / 2) * np.sqrt(scale * (apart**2).sum(axis=0))
            return np.asarray(centre - reach), np.asarray(centre + reach)
    over = np.where(np.isnan(values), np.nan, over)
    values = np.where(np.isnan(over), np.nan, values)
    base, apart, scale, freedom = spread(over, clusters)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre = spread(values, clusters).centre / base
        rest = spread(values - centre * over, clusters).apart
        t = student_quantile(freedom, 0.5 + confidence / 2)
        own, both, below = (t**2 * scale * part.sum(axis=0) for part in (rest**2, rest * apart, apart**2))
        wide = base**2 - below
        reach = np.sqrt(both**2 + wide * own)
        low, high = (np.where(wide > 0.0, centre + (side * reach - both) / wide, np.nan) for side in (-1.0, 1.0))
        return np.asarray(low), np.asarray(high)


def chance_of(values: Floats, clusters: Integers | None = None) -> Floats:
    """Two-sided p-value for a mean of zero over the first axis of an array.

    NaN where fewer than two values are known.
    """
    centre, apart, scale, freedom = spread(values, clusters)
    with np.errstate(invalid="ignore", divide="ignore"):
        far = np.abs(centre) / np.sqrt(scale * (apart**2).sum(axis=0))
        return np.asarray(np.where(np.isinf(far), 0.0, 2.0 * student_share(freedom, -far)))


def beyond_chance(chances: Floats, rate: float = 1.0 - CONFIDENCE) -> Mask:
    """True for effects whose p-values are significant at a false discovery rate (Benjamini–Hochberg 1995).

    Chances are those of `chance_of`, f8[effects]; NaN belongs to no family.
    """
    order = np.argsort(chances, kind="stable")  # NaN come last
    known = int(np.count_nonzero(~np.isnan(chances)))
    low = np.flatnonzero(chances[order[:known]] <= rate * np.arange(1, known + 1) / max(known, 1))
    found = np.zeros(chances.shape, np.bool_)
    found[order[: low[-1] + 1 if low.size else 0]] = True
    return found


def known_outcome(key: str, option: str) -> Outcome:
    """Finds the outcome with a key; the error names the command-line option that the key comes from."""
    check_word(option, key, (entry.key for entry in OUTCOMES), "unknown outcome")
    return outcome(key)


#: Minimum number of pairs: of fewer, the width of an interval is itself chance.
FEWEST_PAIRS = 30
#: Maximum number of worlds where the user names none.
MOST_WORLDS = 400
_UNTIL = "--until"


@dataclass(frozen=True)
class Until:
    """Rule that stops a study once the interval of an effect is narrow enough.

    A study that stops when an effect is significant finds effects where there are none. One that stops when an interval
    is narrow does not, as far as the width of an interval says little about its middle.
    """

    outcome: str  # key of the outcome whose effect is to be known
    half_width: float  # half of the widest interval allowed, in the outcome's unit

    @classmethod
    def read(cls, written: str) -> Until:
        """Parses a rule such as `takedown_rate=0.02`."""
        key, _, number = written.partition("=")
        unit = known_outcome(key, _UNTIL).unit
        fix = f"Write half of the interval's width in {unit}, such as {_UNTIL} {key}=0.05."
        try:
            width = float(number)
        except ValueError:
            raise mistake("a number is needed", _UNTIL, written, fix) from None
        if not 0.0 < width < float("inf"):
            raise mistake("not above zero", _UNTIL, written, fix)
        return cls(key, width)

    def __str__(self) -> str:
        return f"{self.outcome}={self.half_width:g}"


def as_frame(entries: Iterable[DataclassInstance]) -> pd.DataFrame:
    """Table of dataclass entries; estimates become columns with interval ends, enumeration members become words."""
    rows = []
    for entry in entries:
        row: dict[str, object] = {}
        for name in (item.name for item in fields(entry)):
            value = getattr(entry, name)
            if isinstance(value, Estimate):
                row |= {name: value.value, f"{name}_low": value.low, f"{name}_high": value.high}
            elif isinstance(value, Enum):
                row[name] = value.name.lower() if isinstance(value, int) else str(value)
            else:
                row[name] = value
        rows.append(row)
    return pd.DataFrame(rows)
