"""Measures of evidence: share obtained or lost, time until it is usable, and admissibility.

Delay is measured over all hops abroad that were needed, asked for or not, from the day on which they were known: only
so does it not fall when fewer of them are asked for.
"""

import numpy as np

from sim.law.days import MONTH
from sim.measures.arrays import EXECUTION_DAYS, Floats, among, ratio, share
from sim.measures.observation import Observation, once
from sim.measures.outcome import Measures
from sim.measures.survival import ROUNDING, RiskTable, at, incidence
from sim.world.records import EvidenceStatus

_RAN_OUT = (EvidenceStatus.LOST_RETENTION, EvidenceStatus.LOST_PRESERVATION_EXPIRED)
_LOST = (*_RAN_OUT, EvidenceStatus.LOST_MOVED, EvidenceStatus.LOST_ENCRYPTED)
_FIRST = 0.1


def _fate_share(observation: Observation, *fates: EvidenceStatus) -> float:
    """Share of evidence items whose final status is one of the given ones."""
    return share(among(observation.settled["status"], fates))


@once
def needs_met(observation: Observation) -> tuple[Floats, Floats, Floats]:
    """Returns curves by day since an item was needed: days, share usable by then, share lost by then.

    A hop that is refused, dropped or never asked for stays under observation: an answer may come late. It is censored
    on the last day simulated. Whole days since need, the share of needed hops that by then have usable evidence, and
    the share of those that are lost.
    """
    ended = observation.needs.ended
    left = np.cumsum(ended.sum(axis=0))
    days = np.flatnonzero(ended[:2].any(axis=0))
    at_risk = left[-1] - np.where(days > 0, left[days - 1], 0)
    table = RiskTable(days.astype(np.float64), at_risk.astype(np.float64), ended[:2, days].astype(np.float64))
    usable, lost = incidence(table)
    return table.time, usable, lost


def _within_12_months(observation: Observation, end: int) -> float:
    """Share of needed items that are usable (`end` 0) or lost (`end` 1) within 12 months."""
    if not observation.needs.held.any():
        return float("nan")
    days, *ends = needs_met(observation)
    return float(at(np.array([EXECUTION_DAYS]), days, ends[end], 0.0)[0])


def _usable_tenth_months(observation: Observation) -> float:
    """Months after which a tenth of needed evidence items are usable."""
    days, usable, _ = needs_met(observation)
    place = int(np.searchsorted(usable + ROUNDING, _FIRST))
    return float(days[place]) / MONTH if place < days.size else float("nan")


def _needed_asked_share(observation: Observation) -> float:
    """Share of evidence items needed from abroad for which the unit drafted a request."""
    needed, requested = observation.needs.held.sum(axis=1)
    return ratio(float(requested), float(needed))


MEASURES: Measures = {
    "usable_within_12_months": lambda seen: _within_12_months(seen, 0),
    "usable_tenth_months": _usable_tenth_months,
    "needed_asked_share": _needed_asked_share,
    "needed_lost_share": lambda seen: _within_12_months(seen, 1),
    "evidence_obtained_share": lambda seen: _fate_share(seen, EvidenceStatus.OBTAINED),
    "evidence_lost_share": lambda seen: _fate_share(seen, *_LOST),
    "evidence_lost_retention_share": lambda seen: _fate_share(seen, *_RAN_OUT),
    "evidence_lost_moved_share": lambda seen: _fate_share(seen, EvidenceStatus.LOST_MOVED),
    "leads_per_year": lambda seen: seen.per_year(seen.executed & seen.asks_police),
    "admissible_per_year": lambda seen: seen.per_year(
        (seen.settled["status"] == EvidenceStatus.OBTAINED) & (seen.settled["admissible"] == 1)
    ),
}
