"""Outcomes of evidence: obtained, or lost with the reason; and leads compared with admissible evidence."""

import numpy as np

from sim.measures.arrays import Columns, Kinds, among, ratio
from sim.measures.observation import Observation
from sim.measures.outcome import Better, Outcome
from sim.world.records import EvidenceStatus, RequestPurpose

_LOST = (
    EvidenceStatus.LOST_RETENTION,
    EvidenceStatus.LOST_PRESERVATION_EXPIRED,
    EvidenceStatus.LOST_MOVED,
    EvidenceStatus.LOST_ENCRYPTED,
)


def _fate_share(observation: Observation, *fates: EvidenceStatus) -> float:
    """Share of settled items that met one of the fates."""
    met = among(observation.settled["status"], fates)
    return ratio(float(np.count_nonzero(met)), met.size)


def _admissible_per_year(observation: Observation) -> float:
    settled = observation.settled
    usable = (settled["status"] == EvidenceStatus.OBTAINED) & (settled["admissible"] == 1)
    return float(np.count_nonzero(usable) / observation.window.years)


def _leads_per_year(observation: Observation) -> float:
    leads = observation.executed & (observation.of_requests("purpose") == RequestPurpose.LEAD)
    return float(np.count_nonzero(leads) / observation.window.years)


OUTCOMES = (
    Outcome(
        "evidence_obtained_share",
        "Evidence obtained",
        "share",
        Better.MORE,
        "Evidence items obtained, over all items whose fate was settled in the policy years.",
        lambda observation: _fate_share(observation, EvidenceStatus.OBTAINED),
    ),
    Outcome(
        "evidence_lost_share",
        "Evidence lost before it was obtained",
        "share",
        Better.LESS,
        "Items lost to retention, expired preservation, moving servers or encryption, over all settled.",
        lambda observation: _fate_share(observation, *_LOST),
    ),
    Outcome(
        "evidence_lost_retention_share",
        "Evidence lost because retention ran out",
        "share",
        Better.LESS,
        "Items whose retention or preservation ran out, over all settled.",
        lambda observation: _fate_share(
            observation, EvidenceStatus.LOST_RETENTION, EvidenceStatus.LOST_PRESERVATION_EXPIRED
        ),
    ),
    Outcome(
        "evidence_lost_moved_share",
        "Evidence lost because its server was given up",
        "share",
        Better.LESS,
        "Items that lay on a server which moved before they were obtained, over all settled.",
        lambda observation: _fate_share(observation, EvidenceStatus.LOST_MOVED),
    ),
    Outcome(
        "leads_per_year",
        "Leads from police channels",
        "per year",
        Better.MORE,
        "Police requests abroad answered with information, per year of sending; a lead is not evidence.",
        _leads_per_year,
    ),
    Outcome(
        "admissible_per_year",
        "Admissible evidence obtained",
        "per year",
        Better.MORE,
        "Evidence items obtained that a court may use, per year.",
        _admissible_per_year,
    ),
    Outcome(
        "admissible_per_lead",
        "Admissible evidence per lead",
        "ratio",
        Better.NEITHER,
        "Admissible items over leads: how far police information and evidence keep step.",
        lambda observation: ratio(_admissible_per_year(observation), _leads_per_year(observation)),
    ),
)


def by_fate(observation: Observation) -> Columns:
    """Settled evidence items by kind of data and fate."""
    settled = observation.settled
    fates = Kinds.of({"data_kind": settled["data_kind"], "evidence_status": settled["status"]})
    of_all = fates.number / max(fates.place.size, 1)
    return fates.codes | {"items": fates.number.astype(np.float64), "share": of_all}
