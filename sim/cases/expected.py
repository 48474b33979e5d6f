"""What the model expected of a case beside what happened, by measure."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from types import MappingProxyType

import numpy as np
import pandas as pd

from sim.cases.other_law import Law
from sim.cases.reading import CaseResult
from sim.cases.real_case import RealCase
from sim.cases.scoring import FEWEST, FEWEST_DRAWS, Standing, covers, interval, standing_of
from sim.measures.arrays import Floats

#: What is compared, in words with units.
MEASURES: Mapping[str, str] = MappingProxyType(
    {"months": "months from opening to action", "states": "states that act", "all_arrests": "persons arrested"}
)
#: Fields of the record whose flag each measure has: in operations.csv, and in a case's file.
_FIELDS: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {
        "months": ("investigation_start", "action_date", "opened", "acted"),
        "states": ("countries", "states"),
        "all_arrests": ("arrests",),
    }
)


@dataclass(frozen=True)
class Expectation:
    """One measure of one case: draws of the model, given that it took the group down, and what happened.

    Attributes:
        case: what is on record.
        measure: a key of MEASURES.
        draws: float64, without NaN.
        recorded: what happened; None where the record does not say.
    """

    case: RealCase
    measure: str
    draws: Floats
    recorded: float | None

    @property
    def flag(self) -> str:
        """Flag of what happened."""
        return "recalled" if set(_FIELDS[self.measure]) & set(self.case.recalled) else "verified"

    @property
    def known(self) -> bool:
        """Whether there is something on record and enough draws for a percentile."""
        return self.recorded is not None and self.draws.size >= FEWEST_DRAWS

    @property
    def standing(self) -> Standing:
        """The step of what happened in the distribution.

        Raises:
            ValueError: nothing is on record.
        """
        if self.recorded is None:
            raise ValueError(f"{self.case.key}: {self.measure}: nothing on record")
        return standing_of(self.draws, self.recorded)

    def span(self, probability: float) -> tuple[float, float]:
        """Central predictive interval."""
        return interval(self.draws, probability)

    def has(self, probability: float) -> bool:
        """Whether something is on record, and draws are enough for an interval."""
        return self.recorded is not None and self.draws.size >= FEWEST[probability]

    def holds(self, probability: float) -> bool:
        """Whether that interval holds what happened."""
        return self.recorded is not None and covers(self.draws, self.recorded, probability)


def frame_of(results: Iterable[CaseResult]) -> pd.DataFrame:
    """Results as a table, one row each, with all arrests."""
    frame = pd.DataFrame([asdict(result) for result in results])
    frame["law"] = [str(law) for law in frame["law"]]
    frame["all_arrests"] = frame["arrests"] + frame["client_arrests"]
    return frame


def of_case(frame: pd.DataFrame, case: RealCase, law: Law = Law.AS_IT_WAS) -> pd.DataFrame:
    """Results of a case under a kind of law, where the condition of the record was met."""
    return frame[(frame["case"] == case.key) & (frame["law"] == str(law)) & frame["applies"]]


def expectation(frame: pd.DataFrame, case: RealCase, measure: str, law: Law = Law.AS_IT_WAS) -> Expectation:
    """One measure of one case."""
    rows = of_case(frame, case, law)
    draws = rows.loc[rows["acted"], measure].to_numpy(dtype=np.float64)
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
