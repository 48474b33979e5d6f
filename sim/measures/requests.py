"""Outcomes of requests: executed in time, refused, unanswered, withdrawn, still waiting.

Shares are over formal requests abroad sent in the policy years a year or more before its end, so that every
one has had its twelve months. Only genuine requests count; those with no case behind them stand in rights.py.
"""

from enum import IntEnum

import numpy as np

from sim.law.days import YEAR
from sim.law.vocabulary import Channel, Ground
from sim.measures.arrays import Columns, Kinds, Mask, among, select, share
from sim.measures.observation import Observation
from sim.measures.outcome import Measures
from sim.world.records import DeskKind, RequestStatus


class Age(IntEnum):
    """How long ago a request was sent."""

    UNDER_SIX_MONTHS = 0
    SIX_TO_TWELVE_MONTHS = 1
    ONE_TO_TWO_YEARS = 2
    TWO_TO_FIVE_YEARS = 3
    OVER_FIVE_YEARS = 4


#: Days at which one age ends and the next begins.
_AGES = (YEAR / 2, YEAR, 2 * YEAR, 5 * YEAR)


def _of_mature(part: Mask, observation: Observation) -> float:
    return share(part, observation.mature)


def _refused(observation: Observation, *grounds: Ground) -> float:
    """Share refused, on the given grounds or on any."""
    refused = observation.request("status") == RequestStatus.REFUSED
    return _of_mature(refused & among(observation.request("ground"), grounds) if grounds else refused, observation)


def _without_criminality(observation: Observation) -> Mask:
    """Executed although the deed is no offence where it was executed."""
    lacking = observation.request("dual_criminality") == 0
    return np.asarray(observation.executed & lacking, dtype=np.bool_)


def _waiting(observation: Observation, desk: DeskKind) -> float:
    """Requests waiting for a person at all desks of a kind on the window's last day."""
    job, day = observation.jobs, observation.window.end
    waits = (job["kind"] == desk) & (job["arrived"] <= day) & (observation.left_line > day)
    return float(np.count_nonzero(waits))


def by_end(observation: Observation) -> Columns:
    """How mature requests ended: status, ground and silence, with number and share of all sent."""
    request = {
        "status": observation.request("status"),
        "ground": observation.request("ground"),
        "silent": observation.silent,
    }
    ends = Kinds.of(select(request, observation.mature))
    of_all = ends.number / max(ends.place.size, 1)
    return ends.codes | {"requests": ends.number.astype(np.float64), "share": of_all}


def open_by_age(observation: Observation) -> Columns:
    """Formal requests open on the last day, sent on any day, by age: number, and how many nobody will ever answer."""
    request = observation.open_at_end
    age = np.searchsorted(_AGES, observation.window.end - request["sent"], side="right")
    silent = request["silent"] == 1
    return {
        "age": np.arange(len(Age), dtype=np.int32),
        "requests": np.bincount(age, minlength=len(Age)).astype(np.float64),
        "never_answered": np.bincount(age[silent], minlength=len(Age)).astype(np.float64),
    }


MEASURES: Measures = {
    "executed_within_12_months": lambda seen: _of_mature(seen.executed_in_time, seen),
    "mla_executed_within_12_months": lambda seen: share(seen.executed_in_time, seen.mature & seen.mutual_assistance),
    "requests_per_year": lambda seen: seen.per_year(seen.formal),
    "mla_requests_per_year": lambda seen: seen.per_year(seen.mutual_assistance),
    "executed_per_year": lambda seen: seen.per_year(seen.formal & seen.executed),
    "refused_share": lambda seen: _refused(seen),
    "refused_dual_criminality_share": lambda seen: _refused(seen, Ground.DUAL_CRIMINALITY),
    "refused_power_share": lambda seen: _refused(
        seen, Ground.NO_POWER, Ground.LAW_NOT_APPLIED, Ground.STANDARD_OF_PROOF
    ),
    "refused_proof_share": lambda seen: _refused(seen, Ground.STANDARD_OF_PROOF),
    "silence_share": lambda seen: _of_mature(seen.silent, seen),
    "withdrawn_share": lambda seen: _of_mature(seen.request("status") == RequestStatus.WITHDRAWN, seen),
    "without_treaty_share": lambda seen: _of_mature(seen.request("channel") == Channel.LETTERS_ROGATORY, seen),
    "without_criminality_per_year": lambda seen: seen.per_year(seen.formal & _without_criminality(seen)),
    "authority_backlog": lambda seen: _waiting(seen, DeskKind.INCOMING),
    "court_backlog": lambda seen: _waiting(seen, DeskKind.COURT),
}
