"""What the model expected of a case beside what happened, by measure."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from sim.cases.real_case import RealCase
from sim.cases.run import Law
from sim.measures.arrays import Floats

#: What is compared, in words with units.
MEASURES = {"months": "months from opening to action", "states": "states that act", "all_arrests": "persons arrested"}
#: Fields of the record whose flag each measure has: in operations.csv, and in a case's file.
_FIELDS = {
    "months": ("investigation_start", "action_date", "opened", "acted"),
    "states": ("countries", "states"),
    "all_arrests": ("arrests",),
}
#: Fewest draws on which each interval may rest: with fewer, its ends would be the least and the greatest of them.
FEWEST = {0.80: 20, 0.95: 40}
#: Nominal probabilities of predictive intervals.
NOMINAL = tuple(FEWEST)
_STEPS = 25  # that stand for the model's own error
#: Fewest draws for a percentile.
FEWEST_DRAWS = min(FEWEST.values())


Step = tuple[float, float]
"""Where a value stands in a distribution: P(X < value) and P(X ≤ value)."""


def pit_histogram(steps: Iterable[Step], bins: int) -> Floats:
    """Mean share of each of so many bins of 0–1, float64 [bins]; 1 ÷ bins everywhere for a model that is right."""
    edges, parts = np.linspace(0.0, 1.0, bins + 1), [np.zeros(bins)]
    for below, up_to in steps:
        if up_to > below:
            reached = (edges - below) / (up_to - below)
        else:  # beyond all draws, or between two of them: all of it lies in one bin
            reached = (np.arange(bins + 1) > min(int(below * bins), bins - 1)).astype(float)
        parts.append(np.diff(np.clip(reached, 0.0, 1.0)))
    return np.asarray(sum(parts) / max(len(parts) - 1, 1))


def share_interval(hits: int, number: int, confidence: float = 0.95) -> tuple[float, float]:
    """Exact (Clopper–Pearson) interval of a share; 0 to 1 where nothing was counted."""
    from scipy.stats import binomtest

    found = binomtest(hits, number).proportion_ci(confidence)
    return (float(found.low), float(found.high)) if number else (0.0, 1.0)


@dataclass(frozen=True)
class Expectation:
    """One measure of one case: draws of the model, given that it took the group down, and what happened."""

    case: RealCase  # what is on record
    measure: str  # a key of MEASURES
    draws: Floats  # float64, without NaN
    recorded: float | None  # what happened; None where the record does not say

    @property
    def flag(self) -> str:
        """Flag of what happened."""
        return "recalled" if set(_FIELDS[self.measure]) & set(self.case.recalled) else "verified"

    @property
    def known(self) -> bool:
        """Whether there is something on record and enough draws for a percentile."""
        return self.recorded is not None and self.draws.size >= FEWEST_DRAWS

    @property
    def step(self) -> Step:
        """Where what happened stands among the draws.

        Raises:
            ValueError: nothing is on record.
        """
        if self.recorded is None:
            raise ValueError(f"{self.case.key}: {self.measure}: nothing on record")
        return float((self.draws < self.recorded).mean()), float((self.draws <= self.recorded).mean())

    @property
    def percentile(self) -> float:
        """The middle of that step, 0–100."""
        return 50.0 * sum(self.step)

    def span(self, probability: float, own: float = 0.0) -> tuple[float, float]:
        """Central predictive interval, ends included: the least draws with at least these shares of all up to them.

        With the model's own error, in logs, each draw stands for others around it.
        """
        from scipy.special import ndtri

        draws, tail = self.draws, (1.0 - probability) / 2.0
        if own > 0.0:
            draws = np.outer(draws, np.exp(own * ndtri((np.arange(_STEPS) + 0.5) / _STEPS))).ravel()
        low, high = np.quantile(draws, [tail, 1.0 - tail], method="inverted_cdf")
        return float(low), float(high)

    def has(self, probability: float) -> bool:
        """Whether something is on record, and draws are enough for an interval."""
        return self.recorded is not None and self.draws.size >= FEWEST[probability]

    def holds(self, probability: float, own: float = 0.0) -> bool:
        """Whether that interval holds what happened, with the model's own error in logs."""
        low, high = self.span(probability, own)
        return self.recorded is not None and low <= self.recorded <= high


def frame_of(results: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Results as a table, one row each, with all arrests."""
    frame = pd.DataFrame(list(results))
    return frame.assign(all_arrests=frame["arrests"] + frame["client_arrests"])


def of_case(frame: pd.DataFrame, case: RealCase, law: Law = Law.AS_IT_WAS) -> pd.DataFrame:
    """Results of a case under a kind of law, where the condition of the record was met."""
    return frame[(frame["case"] == case.key) & (frame["law"] == str(law)) & frame["applies"]]


def taken_down(frame: pd.DataFrame, case: RealCase, law: Law = Law.AS_IT_WAS) -> pd.DataFrame:
    """Those of them that were taken down."""
    rows = of_case(frame, case, law)
    return rows[rows["acted"]]


def expectation(frame: pd.DataFrame, case: RealCase, measure: str, law: Law = Law.AS_IT_WAS) -> Expectation:
    """One measure of one case."""
    draws = taken_down(frame, case, law)[measure].to_numpy(dtype=np.float64)
    recorded = {"months": case.months, "states": float(case.states), "all_arrests": case.arrests}[measure]
    if measure == "months" and case.opened is None:
        draws = draws[:0]  # nothing to be compared with
    return Expectation(case, measure, draws, None if recorded is None else float(recorded))


def expectations(frame: pd.DataFrame, cases: Sequence[RealCase], measure: str) -> list[Expectation]:
    """One measure of all cases of which it is known."""
    return [entry for case in cases if (entry := expectation(frame, case, measure)).known]


def acted_share(frame: pd.DataFrame, case: RealCase, law: Law = Law.AS_IT_WAS) -> float:
    """Share of the groups of a case that were taken down; NaN where the condition was never met."""
    rows = of_case(frame, case, law)
    return float(rows["acted"].mean()) if len(rows) else float("nan")


def by_seed(frame: pd.DataFrame, case: RealCase, law: Law) -> Floats:
    """Share of the groups of a case that were taken down, by seed, in order of the seed; float64 [seed]."""
    rows = frame[(frame["case"] == case.key) & (frame["law"] == str(law))]
    shares = rows.assign(share=rows["acted"].where(rows["applies"])).groupby("seed")["share"]
    return np.asarray(shares.apply(lambda values: values.astype(float).mean()).to_numpy(dtype=np.float64))
