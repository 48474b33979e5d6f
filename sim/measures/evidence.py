"""Outcomes of evidence: obtained, or lost with the reason; and leads compared with admissible evidence."""

import numpy as np

from sim.measures.arrays import Columns, Kinds, among, ratio, share
from sim.measures.observation import Observation
from sim.measures.outcome import Better, Outcome
from sim.world.records import EvidenceStatus

_LOST = (
    EvidenceStatus.LOST_RETENTION,
    EvidenceStatus.LOST_PRESERVATION_EXPIRED,
    EvidenceStatus.LOST_MOVED,
    EvidenceStatus.LOST_ENCRYPTED,
)


def _fate_share(observation: Observation, *fates: EvidenceStatus) -> float:
    """Share of settled items that met one of the fates."""
    return share(among(observation.settled["status"], fates))


def _admissible_per_year(observation: Observation) -> float:
    settled = observation.settled
    return observation.per_year((settled["status"] == EvidenceStatus.OBTAINED) & (settled["admissible"] == 1))


def _leads_per_year(observation: Observation) -> float:
    return observation.per_year(observation.executed & observation.asks_police)


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
