"""Yearly rates at which states sign, ratify and conclude treaties, estimated from the data (M23).

A state that has signed ratifies with hazard λ_s = λ₀ · exp(β·(g_s − ḡ)) a year, g_s its governance score. λ₀ is the
treaty's own: ratifications over the years that its signatories have waited. β comes from the Budapest Convention,
the only one with enough dates, by maximum likelihood with a normal prior of standard deviation 1 around zero (its
signatories are a narrow, well governed sample; without the prior it is −1.9 with a standard error of 1.1). Signing,
for states that may sign and have not, is estimated from the Second Protocol, which was opened to a closed circle.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cache

import numpy as np
import numpy.typing as npt

from sim.data.geography import governance_score
from sim.data.load import read_table, states
from sim.law.days import YEAR
from sim.law.suggest import nearest

Floats = npt.NDArray[np.float64]
#: Standard deviation of the prior of β.
SLOPE_PRIOR = 1.0


#: A state, whether it has signed a treaty, and the days of its signature and ratification, where they are known.
Dated = tuple[str, bool, date | None, date | None]


@dataclass(frozen=True)
class TreatyDates:
    """Dates on which states signed and ratified one treaty, from a data file."""

    file: str  # the data file
    opened: date  # day on which it was opened for signature
    watched_until: date  # last day that the file covers
    columns: str = ""  # with which the names of its columns begin
    signatories_only: bool = False  # whether every state in the file has signed; the day of some is left blank

    def states(self) -> Iterator[Dated]:
        """Yields each state in the treaty's data file, with its dates."""
        table = read_table(self.file)
        for row in table.rows:
            signed, ratified = (table.day(row, f"{self.columns}{what}_date") for what in ("signature", "ratification"))
            yield row["iso3"], self.signatories_only or signed is not None, signed, ratified


TREATY_DATES: Mapping[str, TreatyDates] = {
    "budapest": TreatyDates("budapest_convention.csv", date(2001, 11, 23), date(2026, 4, 25)),
    "second_protocol": TreatyDates("budapest_convention.csv", date(2022, 5, 12), date(2026, 2, 5), "protocol2_"),
    "un_convention": TreatyDates(
        "un_cybercrime_convention.csv", date(2025, 10, 25), date(2026, 2, 28), signatories_only=True
    ),
}
#: The treaty whose dates carry the slope, and that on whose dates the hazard of signing rests.
DATED, CLOSED_CIRCLE = "budapest", "second_protocol"


@dataclass(frozen=True)
class Hazard:
    """Yearly rate of an event such as ratification, which depends on a state's governance."""

    rate: float  # λ₀, a year, for a state of governance `centre`
    slope: float  # β, per unit of the governance score
    centre: float  # governance score to which `rate` belongs
    events: int  # number of events that it rests on
    years: float  # state-years of waiting that it rests on
    least: float = 0.0  # governance scores of the states that it rests on; beyond them it stays as at their end
    most: float = 1.0  # likewise, the greatest

    def of(self, governance: float) -> float:
        """Yearly rate for a state with the given governance score."""
        inside = min(max(governance, self.least), self.most)
        return self.rate * float(np.exp(self.slope * (inside - self.centre)))


@cache
def ratifying(treaty: str) -> Hazard:
    """Estimates the rate at which signatories of a treaty ratify it."""
    waits, done, score = _waits(treaty)
    slope = _slope(*_waits(DATED))
    centre = float(score.mean())
    # With β given, the maximum-likelihood λ₀ is events over waits weighted by exp(β·(g − ḡ)).
    years = float((waits * np.exp(slope * (score - centre))).sum())
    ends = float(score.min()), float(score.max())
    return Hazard(float(done.sum()) / years, slope, centre, int(done.sum()), years, *ends)


@cache
def signing() -> Hazard:
    """Estimates the rate at which entitled states sign a treaty, from the Second Additional Protocol."""
    record, known = TREATY_DATES[CLOSED_CIRCLE], _governance()
    parties = {state for state, _, _, ratified in TREATY_DATES[DATED].states() if ratified and state in known}
    days = {state: signed for state, _, signed, _ in record.states() if state in parties}
    waits = [_years(record.opened, day or record.watched_until) for day in days.values()]
    events = sum(day is not None for day in days.values())
    return Hazard(events / sum(waits), 0.0, float(np.mean([known[state] for state in days])), events, sum(waits))


@cache
def acceding(treaty: str) -> Hazard:
    """Estimates the rate at which further states accede to a treaty of their own will.

    From 2013 on: by then the Convention had found its way beyond Europe, and the years before would say less of those
    that are left.
    """
    record, known = dates_of(treaty), _governance()
    since, until = max(record.opened, date(2013, 1, 1)), record.watched_until
    ratified = {state: day for state, _, _, day in record.states()}
    days = {state: ratified.get(state) for state in known}
    outside = {state: day for state, day in days.items() if day is None or day >= since}
    events = sum(1 for day in outside.values() if day is not None and day <= until)
    years = sum(_years(since, min(day or until, until)) for day in outside.values())
    return Hazard(events / years, 0.0, float(np.mean([known[state] for state in outside])), events, years)


@cache
def concluding() -> Hazard:
    """Estimates the rate at which pairs of states bring bilateral legal-assistance treaties into force.

    From the dated treaties of the USA since its first (1977), the most active of the states covered: a pair that has
    none gets one with this hazard.
    """
    table = read_table("bilateral.csv")
    first, last = date(1977, 1, 1), date(2026, 5, 1)
    partners = {state: last for state in states() if state != "USA"}
    for row in table.rows:
        pair = {row["iso3_a"], row["iso3_b"]}
        day = table.day(row, "in_force_date")
        if "USA" in pair and row["instrument"].startswith("MLA") and day is not None:
            other = next(iter(pair - {"USA"}))
            partners[other] = min(partners.get(other, day), day)
    events = sum(1 for day in partners.values() if day < last)
    years = sum(_years(first, day) for day in partners.values())
    return Hazard(events / years, 0.0, 0.5, events, years)


def _waits(treaty: str) -> tuple[Floats, Floats, Floats]:
    """Returns for each signatory: years waited, 1 if ratified (else 0), and governance score."""
    record, known = dates_of(treaty), _governance()
    kept = [
        (_years(signed or record.opened, ratified or record.watched_until), float(ratified is not None), known[state])
        for state, has_signed, signed, ratified in record.states()
        if has_signed and state in known
    ]
    waits, done, score = np.ascontiguousarray(np.array(kept).T)
    return waits, done, score


def dates_of(treaty: str) -> TreatyDates:
    """Entry of TREATY_DATES for a treaty, which reads its dates; ValueError if there is none."""
    if treaty not in TREATY_DATES:
        raise ValueError(f"no dates of signature of {treaty!r} in the data. {nearest(treaty, TREATY_DATES)}")
    return TREATY_DATES[treaty]


def _governance() -> dict[str, float]:
    """Governance score of each state, by code."""
    return dict(zip(states(), governance_score().tolist(), strict=True))


def _years(start: date, end: date) -> float:
    """Years between two dates, at least one day."""
    return max((end - start).days, 1) / YEAR


def _slope(waits: Floats, done: Floats, score: Floats) -> float:
    """Slope β of the log ratification rate on governance, fitted with a prior."""
    design = np.column_stack([np.ones_like(score), score - score.mean()])
    prior = np.diag([0.0, 1.0 / SLOPE_PRIOR**2])
    beta = np.array([np.log(done.sum() / waits.sum()), 0.0])
    for _ in range(25):
        expected = waits * np.exp(design @ beta)
        gradient = design.T @ (done - expected) - prior @ beta
        curvature = design.T @ (design * expected[:, None]) + prior
        beta = beta + np.linalg.solve(curvature, gradient)
    return float(beta[1])
