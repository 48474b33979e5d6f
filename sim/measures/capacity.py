"""People, skill, formats and leaks (M9, M11, M21, M22): effects of capacity on requests, evidence and cases."""

import numpy as np

from sim.law.days import YEAR
from sim.measures.arrays import Columns, Kinds, Mask, among, mean, share, weighted_mean
from sim.measures.observation import Observation
from sim.measures.outcome import Better, as_outcome
from sim.world.records import DeskKind, EvidenceStatus, Stage, UnitKind

_AUTHORITIES = (UnitKind.OUTGOING, UnitKind.INCOMING)
_UNUSABLE = (EvidenceStatus.INADMISSIBLE, EvidenceStatus.LOST_ENCRYPTED)


def _skill(observation: Observation, *kinds: UnitKind) -> float:
    """Mean skill of the persons at work in units of some kinds."""
    count = observation.during("headcount")
    count = count[among(count["kind"], kinds)]
    return weighted_mean(count["skill"], count["persons"])


def _stage_days(observation: Observation, *stages: Stage) -> float:
    """Mean days in some stages over executed formal requests abroad."""
    chosen = np.flatnonzero((observation.executed & observation.formal)[observation.answered])
    return mean(np.asarray(sum(observation.stage_days[stage - 1][chosen].astype(np.float64) for stage in stages)))


def _of_produced(observation: Observation, part: Mask) -> float:
    """Share of the evidence that custodians produced in the policy years."""
    return share(part, among(observation.settled["status"], (EvidenceStatus.OBTAINED, *_UNUSABLE)))


@as_outcome("Skill of central authorities", "0–1", Better.MORE)
def skill_authorities(observation: Observation) -> float:
    """Mean skill of the people of outgoing and incoming central authorities over the yearly counts of the policy
    years.
    """
    return _skill(observation, *_AUTHORITIES)


@as_outcome("Skill of investigators", "0–1", Better.MORE)
def skill_investigators(observation: Observation) -> float:
    """The same of cybercrime investigators."""
    return _skill(observation, UnitKind.INVESTIGATION)


@as_outcome("Requests returned as deficient", "share", Better.LESS)
def returned_share(observation: Observation) -> float:
    """Requests through central authorities that were returned at least once, over all that came to an end."""
    ended = observation.mutual_assistance & ~np.isnan(observation.request("ended"))
    return share(observation.request("loops") > 0, ended)


@as_outcome("Work of a central authority on a request", "days", Better.LESS)
def touch_days(observation: Observation) -> float:
    """Mean days from taking a foreign request up to being done with it, at incoming central authorities."""
    job = observation.jobs
    taken_up = (job["kind"] == DeskKind.INCOMING) & observation.window.holds(job["started"])
    done = np.flatnonzero(taken_up & ~np.isnan(job["ended"]))
    return mean(job["ended"][done] - job["started"][done])


@as_outcome("Transmission of a request", "days", Better.LESS)
def transmission_days(observation: Observation) -> float:
    """Mean days between the two authorities, over executed formal requests abroad."""
    return _stage_days(observation, Stage.TRANSMISSION)


@as_outcome("Return, conversion and reading of an answer", "days", Better.LESS)
def conversion_days(observation: Observation) -> float:
    """Mean days of filtering, returning, asking again for another format and laboratory work, over executed formal
    requests abroad.
    """
    return _stage_days(observation, Stage.RETURN, Stage.FORENSICS)


@as_outcome("Answers asked for again in another format", "share", Better.LESS)
def reformatted_share(observation: Observation) -> float:
    """Executed formal requests abroad whose answer had to be asked for again, over all executed."""
    return share(observation.request("reformatted") == 1, observation.formal & observation.executed)


@as_outcome("Evidence produced that cannot be used", "share", Better.LESS)
def unusable_share(observation: Observation) -> float:
    """Items that could not be decrypted or that no court may use, over all that custodians produced."""
    return _of_produced(observation, among(observation.settled["status"], _UNUSABLE))


@as_outcome("Evidence excluded because it travelled unprotected", "share", Better.LESS)
def evidence_excluded_share(observation: Observation) -> float:
    """Items that a court excludes since nobody can vouch for the way they came, over all produced."""
    return _of_produced(observation, np.asarray(observation.settled["excluded"] == 1))


@as_outcome("Leaks to criminal groups", "per year", Better.LESS)
def leaks_per_year(observation: Observation) -> float:
    """Leaks about a case that reached the group it is after, per year."""
    return observation.during("leak").size / observation.window.years


def people_by_year(observation: Observation) -> Columns:
    """Skill, persons and posts of units by year, kind and tier of state."""
    count = observation.tables["headcount"]
    year = np.floor(count["day"] / YEAR).astype(np.int64)
    kinds = Kinds.of({"year": year, "unit": count["kind"], "tier": count["tier"]})
    persons, skill = kinds.sum(count["persons"]), kinds.sum(count["persons"] * count["skill"])
    columns = {"year": 2022 + kinds.codes["year"], "skill": skill / np.maximum(persons, 1e-9), "persons": persons}
    return kinds.codes | columns | {field: kinds.sum(count[field]) for field in ("posts", "joined", "left")}
