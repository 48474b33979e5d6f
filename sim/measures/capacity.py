"""Measures of staff, skill, file formats and leaks, and their effects on requests and cases (M9, M11, M21, M22)."""

import numpy as np

from sim.law.days import YEAR
from sim.measures.arrays import Columns, Kinds, Mask, among, mean, share, weighted_mean
from sim.measures.observation import Observation
from sim.measures.outcome import Measures
from sim.world.records import DeskKind, EvidenceStatus, Stage, UnitKind

_AUTHORITIES = (UnitKind.OUTGOING, UnitKind.INCOMING)
_UNUSABLE = (EvidenceStatus.INADMISSIBLE, EvidenceStatus.LOST_ENCRYPTED)


def _skill(observation: Observation, *kinds: UnitKind) -> float:
    """Mean skill of the staff of all units of the given kinds."""
    count = observation.during("headcount")
    count = count[among(count["kind"], kinds)]
    return weighted_mean(count["skill"], count["persons"])


def _stage_days(observation: Observation, *stages: Stage) -> float:
    """Mean days that executed formal requests abroad spent in the given stages, in total."""
    chosen = np.flatnonzero((observation.executed & observation.formal)[observation.answered])
    return mean(np.asarray(sum(observation.stage_days[stage - 1][chosen].astype(np.float64) for stage in stages)))


def _of_produced(observation: Observation, part: Mask) -> float:
    """Share of items in the mask `part` among evidence items produced in the policy years."""
    return share(part, among(observation.settled["status"], (EvidenceStatus.OBTAINED, *_UNUSABLE)))


def _touch_days(observation: Observation) -> float:
    """Mean days from start to end of the work on a file at incoming authorities."""
    job = observation.jobs
    taken_up = (job["kind"] == DeskKind.INCOMING) & observation.window.holds(job["started"])
    done = np.flatnonzero(taken_up & ~np.isnan(job["ended"]))
    return mean(job["ended"][done] - job["started"][done])


def people_by_year(observation: Observation) -> Columns:
    """Table of skill, staff and posts by year, kind of unit, and tier of the state's governance."""
    count = observation.tables["headcount"]
    year = np.floor(count["day"] / YEAR).astype(np.int64)
    kinds = Kinds.of({"year": year, "unit": count["kind"], "tier": count["tier"]})
    persons, skill = kinds.sum(count["persons"]), kinds.sum(count["persons"] * count["skill"])
    columns = {"year": 2022 + kinds.codes["year"], "skill": skill / np.maximum(persons, 1e-9), "persons": persons}
    return kinds.codes | columns | {field: kinds.sum(count[field]) for field in ("posts", "joined", "left")}


MEASURES: Measures = {
    "skill_authorities": lambda seen: _skill(seen, *_AUTHORITIES),
    "skill_investigators": lambda seen: _skill(seen, UnitKind.INVESTIGATION),
    "returned_share": lambda seen: share(
        seen.request("loops") > 0, seen.mutual_assistance & ~np.isnan(seen.request("ended"))
    ),
    "touch_days": _touch_days,
    "transmission_days": lambda seen: _stage_days(seen, Stage.TRANSMISSION),
    "conversion_days": lambda seen: _stage_days(seen, Stage.RETURN, Stage.FORENSICS),
    "reformatted_share": lambda seen: share(seen.request("reformatted") == 1, seen.formal & seen.executed),
    "unusable_share": lambda seen: _of_produced(seen, among(seen.settled["status"], _UNUSABLE)),
    "evidence_excluded_share": lambda seen: _of_produced(seen, np.asarray(seen.settled["excluded"] == 1)),
    "leaks_per_year": lambda seen: seen.during("leak").size / seen.window.years,
}
