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
from sim.measures.outcome import Better, ShownIn, as_outcome
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


@as_outcome(
    "Requests executed within 12 months", "share", Better.MORE, shows=ShownIn.SUMMARY | ShownIn.PAGE | ShownIn.CHANGE
)
def executed_within_12_months(observation: Observation) -> float:
    """Formal requests abroad executed within 365 days of being sent, over all that were sent: refused, silent,
    withdrawn and pending ones included.
    """
    return _of_mature(observation.executed_in_time, observation)


@as_outcome(
    "Mutual legal assistance executed within 12 months", "share", Better.MORE, shows=ShownIn.SUMMARY | ShownIn.PAGE
)
def mla_executed_within_12_months(observation: Observation) -> float:
    """The same over requests through central authorities only."""
    return share(observation.executed_in_time, observation.mature & observation.mutual_assistance)


@as_outcome("Formal requests sent abroad", "per year", Better.NEITHER)
def requests_per_year(observation: Observation) -> float:
    """Formal requests that crossed a border in the policy years, per year."""
    return observation.per_year(observation.formal)


@as_outcome("Requests for mutual legal assistance", "per year", Better.NEITHER)
def mla_requests_per_year(observation: Observation) -> float:
    """Those of them that went through central authorities, per year."""
    return observation.per_year(observation.mutual_assistance)


@as_outcome(
    "Formal requests executed abroad", "per year", Better.MORE, shows=ShownIn.SUMMARY | ShownIn.LADDER | ShownIn.REGRET
)
def executed_per_year(observation: Observation) -> float:
    """Formal requests abroad that were executed, per year of sending."""
    return observation.per_year(observation.formal & observation.executed)


@as_outcome("Requests refused", "share", Better.LESS)
def refused_share(observation: Observation) -> float:
    """Refused on any ground, over all sent."""
    return _refused(observation)


@as_outcome("Requests refused for lack of dual criminality", "share", Better.LESS, shows=ShownIn.PAGE)
def refused_dual_criminality_share(observation: Observation) -> float:
    """Refused because the deed is no offence in the requested state, over all sent."""
    return _refused(observation, Ground.DUAL_CRIMINALITY)


@as_outcome("Requests refused for lack of a power or proof", "share", Better.LESS)
def refused_power_share(observation: Observation) -> float:
    """Refused for no procedural power, for law that is not applied, or for too little proof, over all sent."""
    return _refused(observation, Ground.NO_POWER, Ground.LAW_NOT_APPLIED, Ground.STANDARD_OF_PROOF)


@as_outcome("Requests refused for lack of proof", "share", Better.LESS, shows=ShownIn.CHECKS)
def refused_proof_share(observation: Observation) -> float:
    """Refused since the file proved too little for the state that was asked, questions included, over all sent."""
    return _refused(observation, Ground.STANDARD_OF_PROOF)


@as_outcome("Requests never answered", "share", Better.LESS, shows=ShownIn.PAGE)
def silence_share(observation: Observation) -> float:
    """Requests that nobody will ever answer, over all sent, whether or not the sender gave up meanwhile."""
    return _of_mature(observation.silent, observation)


@as_outcome("Requests withdrawn", "share", Better.LESS)
def withdrawn_share(observation: Observation) -> float:
    """Withdrawn by a formal letter when the case was over, or on a return, over all sent; silent ones included, since
    nobody knows which they are.
    """
    return _of_mature(observation.request("status") == RequestStatus.WITHDRAWN, observation)


@as_outcome("Requests without a treaty channel", "share", Better.LESS)
def without_treaty_share(observation: Observation) -> float:
    """Sent as letters rogatory for lack of a better channel or by choice, over all sent."""
    return _of_mature(observation.request("channel") == Channel.LETTERS_ROGATORY, observation)


@as_outcome(
    "Requests executed without dual criminality (rights)",
    "per year",
    Better.LESS,
    shows=ShownIn.SUMMARY | ShownIn.RIGHTS | ShownIn.COST,
)
def without_criminality_per_year(observation: Observation) -> float:
    """The same as a number per year."""
    return observation.per_year(observation.formal & _without_criminality(observation))


@as_outcome("Requests waiting at central authorities", "requests", Better.LESS)
def authority_backlog(observation: Observation) -> float:
    """Foreign requests waiting for a person at incoming central authorities on the last day, abusive ones included: a
    desk cannot distinguish them.
    """
    return _waiting(observation, DeskKind.INCOMING)


@as_outcome("Requests waiting at courts", "requests", Better.LESS)
def court_backlog(observation: Observation) -> float:
    """Foreign requests waiting for a court on the last day, abusive ones included."""
    return _waiting(observation, DeskKind.COURT)


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
