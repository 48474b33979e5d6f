"""Outcomes of evidence: obtained, or lost with the reason; and leads compared with admissible evidence.

Delay is measured over all hops abroad that were needed, asked for or not, from the day on which they were known: only
so does it not fall when fewer of them are asked for.
"""

import numpy as np

from sim.law.days import MONTH
from sim.measures.arrays import EXECUTION_DAYS, Floats, among, ratio, share
from sim.measures.observation import Observation, once
from sim.measures.outcome import Better, ShownIn, as_outcome
from sim.measures.survival import ROUNDING, RiskTable, at, incidence
from sim.world.records import EvidenceStatus

_LOST = (
    EvidenceStatus.LOST_RETENTION,
    EvidenceStatus.LOST_PRESERVATION_EXPIRED,
    EvidenceStatus.LOST_MOVED,
    EvidenceStatus.LOST_ENCRYPTED,
)
_FIRST = 0.1


def _fate_share(observation: Observation, *fates: EvidenceStatus) -> float:
    """Share of settled items that met one of the fates."""
    return share(among(observation.settled["status"], fates))


@once
def needs_met(observation: Observation) -> tuple[Floats, Floats, Floats]:
    """Aalen–Johansen incidence of usable evidence by days since need; loss of the data is the competing end.

    A hop that is refused, given up or never asked for stays under observation: an answer may come late. It is censored
    on the last day simulated.

    Returns:
        f8[n] whole days since need, and the shares of needed hops that by then have usable evidence, and that are lost.
    """
    ended = observation.needs.ended
    left = np.cumsum(ended.sum(axis=0))
    days = np.flatnonzero(ended[:2].any(axis=0))
    at_risk = left[-1] - np.where(days > 0, left[days - 1], 0)
    table = RiskTable(days.astype(np.float64), at_risk.astype(np.float64), ended[:2, days].astype(np.float64))
    usable, lost = incidence(table)
    return table.time, usable, lost


def _within_12_months(observation: Observation, end: int) -> float:
    """Share of needed hops that met one of the ends of `needs_met` within 12 months; NaN without any need."""
    if not observation.needs.held.any():
        return float("nan")
    days, *ends = needs_met(observation)
    return float(at(np.array([EXECUTION_DAYS]), days, ends[end], 0.0)[0])


@as_outcome("Usable evidence within 12 months of need", "share", Better.MORE, shows=ShownIn.MAIN | ShownIn.LEAGUE)
def usable_within_12_months(observation: Observation) -> float:
    """Steps of trails that lead abroad and were known in the policy years, asked for or not: those with evidence that a
    court may use, read within 365 days of the day on which the step was known. Data may be lost before
    (Aalen–Johansen); what is open on the last day simulated is censored.
    """
    return _within_12_months(observation, 0)


@as_outcome("Time until a tenth of steps abroad have usable evidence", "months", Better.LESS)
def usable_tenth_months(observation: Observation) -> float:
    """From the same day, over the same steps: most never bring usable evidence, so that there is no median."""
    days, usable, _ = needs_met(observation)
    place = int(np.searchsorted(usable + ROUNDING, _FIRST))
    return float(days[place]) / MONTH if place < days.size else float("nan")


@as_outcome("Steps abroad that were asked for", "share", Better.MORE, shows=ShownIn.CHECKS)
def needed_asked_share(observation: Observation) -> float:
    """Of the same steps, those for which a unit drafted a formal request."""
    needed, asked = observation.needs.held.sum(axis=1)
    return ratio(float(asked), float(needed))


@as_outcome("Data lost within 12 months of need", "share", Better.LESS)
def needed_lost_share(observation: Observation) -> float:
    """Of the same steps, those whose data were gone or could not be read within 365 days, and had not been obtained;
    whether anybody noticed does not matter.
    """
    return _within_12_months(observation, 1)


@as_outcome("Evidence obtained", "share", Better.MORE, shows=ShownIn.CHECKS)
def evidence_obtained_share(observation: Observation) -> float:
    """Evidence items obtained, over all items whose fate was settled in the policy years."""
    return _fate_share(observation, EvidenceStatus.OBTAINED)


@as_outcome("Evidence lost before it was obtained", "share", Better.LESS, shows=ShownIn.PAGE)
def evidence_lost_share(observation: Observation) -> float:
    """Items lost to retention, expired preservation, moving servers or encryption, over all settled."""
    return _fate_share(observation, *_LOST)


@as_outcome("Evidence lost because retention ran out", "share", Better.LESS)
def evidence_lost_retention_share(observation: Observation) -> float:
    """Items whose retention or preservation ran out, over all settled."""
    return _fate_share(observation, EvidenceStatus.LOST_RETENTION, EvidenceStatus.LOST_PRESERVATION_EXPIRED)


@as_outcome("Evidence lost because its server was given up", "share", Better.LESS)
def evidence_lost_moved_share(observation: Observation) -> float:
    """Items that lay on a server which moved before they were obtained, over all settled."""
    return _fate_share(observation, EvidenceStatus.LOST_MOVED)


@as_outcome("Leads from police channels", "per year", Better.MORE)
def leads_per_year(observation: Observation) -> float:
    """Police requests abroad answered with information, per year of sending; a lead is not evidence."""
    return observation.per_year(observation.executed & observation.asks_police)


@as_outcome("Admissible evidence obtained", "per year", Better.MORE, shows=ShownIn.PAGE)
def admissible_per_year(observation: Observation) -> float:
    """Evidence items obtained that a court may use, per year."""
    settled = observation.settled
    return observation.per_year((settled["status"] == EvidenceStatus.OBTAINED) & (settled["admissible"] == 1))
