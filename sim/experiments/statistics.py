"""Intervals of paired differences and of paired ratios, and when they are narrow enough.

Arms of one seed share their world, so each seed gives one difference. Seeds are independent; the interval is
Student's t on the differences: exact when they are normal, good for their mean from some twenty seeds on.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, fields
from enum import Enum
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd
from scipy.special import ndtri as normal_quantile
from scipy.special import stdtrit as student_quantile

from sim.experiments.settings import check_word
from sim.measures.arrays import Floats, Integers
from sim.measures.outcome import Outcome
from sim.measures.outcomes import OUTCOMES, outcome
from sim.policy.problem import mistake

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

CONFIDENCE = 0.95


class Estimate(NamedTuple):
    """A mean or a ratio with its interval; NaN where too few values are known."""

    value: float
    # low, high: ends of the interval
    low: float
    high: float
    pairs: int  # number of values it rests on

    @property
    def includes_zero(self) -> bool:
        """Whether zero is inside the interval, or the interval is not known."""
        return not (self.low > 0.0 or self.high < 0.0)


def mean(values: Floats, clusters: Integers | None = None) -> Estimate:
    """Mean of values with its t interval; NaN values are left out."""
    known = values[~np.isnan(values)]
    centre = float(known.mean()) if known.size else float("nan")
    return _around(centre, values, clusters)


def middle(values: Floats, within: float = CONFIDENCE) -> Estimate:
    """Median of values, and between which ends such a share of them lies; NaN values are left out."""
    known = values[~np.isnan(values)]
    if known.size < 2:
        return Estimate(float(known.sum()) if known.size else float("nan"), float("nan"), float("nan"), known.size)
    low, median, high = (float(part) for part in np.quantile(known, (0.5 - within / 2.0, 0.5, 0.5 + within / 2.0)))
    return Estimate(median, low, high, known.size)


def with_own_error(values: Floats, own: float, share: bool, within: float = CONFIDENCE) -> Estimate:
    """Median of worlds, and between which ends such a share of them lies, widened by the model's own error.

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
    """Mean of `values` minus `baseline`, seed by seed."""
    return mean(values - baseline, clusters)


def ratio(values: Floats, baseline: Floats, clusters: Integers | None = None) -> Estimate:
    """Ratio of the means of two paired samples, linearised (delta method)."""
    known = ~(np.isnan(values) | np.isnan(baseline))
    values, baseline = values[known], baseline[known]
    if values.size < 2 or baseline.mean() == 0.0:
        return Estimate(float("nan"), float("nan"), float("nan"), values.size)
    centre = float(values.mean() / baseline.mean())
    influence = (values - centre * baseline) / baseline.mean()
    return _around(centre, influence, None if clusters is None else clusters[known])


def _around(centre: float, values: Floats, clusters: Integers | None) -> Estimate:
    """A t interval around `centre` as wide as the spread of `values` says."""
    reach = float(half_width(values, clusters))
    return Estimate(centre, centre - reach, centre + reach, int(np.count_nonzero(~np.isnan(values))))


def half_width(values: Floats, clusters: Integers | None = None, confidence: float = CONFIDENCE) -> Floats:
    """Half of the t interval of a mean over the first axis, one for each place along the others.

    Seeds with one parameter set are one cluster: they are alike in more than chance, so their sum counts once (Liang
    and Zeger 1986). Without clusters it is Student's own interval. Values are f8[pairs, …], of which NaN are left out;
    clusters, i8[pairs], the number of the parameter set of each pair. NaN where fewer than two values are known.
    """
    known = ~np.isnan(values)
    pairs = known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        centred = np.where(known, values - np.where(known, values, 0.0).sum(axis=0) / pairs, 0.0)
        groups = pairs
        if clusters is not None and np.unique(clusters).size > 1:
            order = np.argsort(clusters, kind="stable")
            first = np.flatnonzero(np.diff(clusters[order], prepend=clusters[order[0]] - 1))
            centred = np.add.reduceat(centred[order], first, axis=0)
            groups = np.logical_or.reduceat(known[order], first, axis=0).sum(axis=0)
        variance = (centred**2).sum(axis=0) * groups / (groups - 1) / pairs**2
        return np.asarray(student_quantile(groups - 1, 0.5 + confidence / 2) * np.sqrt(variance))


def known_outcome(key: str, option: str) -> Outcome:
    """The outcome that somebody names by an option."""
    check_word(option, key, (entry.key for entry in OUTCOMES), "unknown outcome")
    return outcome(key)


#: Minimum number of pairs: of fewer, the width of an interval is itself chance.
FEWEST_PAIRS = 30
#: Maximum number of worlds where the user names none.
MOST_WORLDS = 400
_UNTIL = "--until"


@dataclass(frozen=True)
class Until:
    """When a comparison has enough worlds: when the interval of an effect is narrow, never when it is significant.

    A study that stops when an effect is significant finds effects where there are none. One that stops when an interval
    is narrow does not, as far as the width of an interval says little about its middle.
    """

    outcome: str  # key of the outcome whose effect is to be known
    half_width: float  # half of the widest interval allowed, in the outcome's unit

    @classmethod
    def read(cls, written: str) -> Until:
        """From words such as `takedown_rate=0.02`."""
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
    """Entries of one kind as a table, one row each: estimates with the ends of their intervals, choices as words."""
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
