"""Outcomes of requests: executed in time, refused, unanswered, withdrawn, still waiting.

Shares are over formal requests abroad sent in the policy years a year or more before its end, so that every
one has had its twelve months. Only genuine requests count; those with no case behind them stand in rights.py.
"""

from enum import IntEnum

import numpy as np

from sim.law.days import YEAR
from sim.law.vocabulary import Channel, Ground
from sim.measures.arrays import Columns, Floats, Integers, Kinds, Mask, among, ratio, select, share
from sim.measures.observation import EXECUTION_DAYS, Observation
from sim.measures.outcome import Better, Outcome, ShownIn
from sim.world.records import DeskKind, RequestStatus

#: Days between two points of the backlog series.
BACKLOG_STEP = YEAR / 4


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


def _open_days(observation: Observation, chosen: Mask) -> Floats:
    """Days that each chosen request open at the window's end has waited by then; nobody knows which ones are silent."""
    day = observation.window.end
    waits = chosen & ~(observation.request("ended") <= day)
    return day - observation.request("sent")[waits]


def _waiting(observation: Observation, desk: DeskKind) -> float:
    """Requests waiting for a person at all desks of a kind on the window's last day."""
    job, day = observation.jobs, observation.window.end
    waits = (job["kind"] == desk) & (job["arrived"] <= day) & (observation.left_line > day)
    return float(np.count_nonzero(waits))


OUTCOMES = (
    Outcome(
        "executed_within_12_months",
        "Requests executed within 12 months",
        "share",
        Better.MORE,
        "Formal requests abroad executed within 365 days of being sent, over all that were sent: refused, "
        "silent, withdrawn and pending ones included.",
        lambda observation: _of_mature(observation.executed_in_time, observation),
        shows=ShownIn.MAIN | ShownIn.COURT,
    ),
    Outcome(
        "mla_executed_within_12_months",
        "Mutual legal assistance executed within 12 months",
        "share",
        Better.MORE,
        "The same over requests through central authorities only.",
        lambda observation: share(observation.executed_in_time, observation.mature & observation.mutual_assistance),
        shows=ShownIn.SUMMARY | ShownIn.FOREST | ShownIn.PAGE,
    ),
    Outcome(
        "requests_per_year",
        "Formal requests sent abroad",
        "per year",
        Better.NEITHER,
        "Formal requests that crossed a border in the policy years, per year.",
        lambda observation: observation.per_year(observation.formal),
    ),
    Outcome(
        "mla_requests_per_year",
        "Requests for mutual legal assistance",
        "per year",
        Better.NEITHER,
        "Those of them that went through central authorities, per year.",
        lambda observation: observation.per_year(observation.mutual_assistance),
    ),
    Outcome(
        "executed_per_year",
        "Formal requests executed abroad",
        "per year",
        Better.MORE,
        "Formal requests abroad that were executed, per year of sending.",
        lambda observation: observation.per_year(observation.formal & observation.executed),
        shows=ShownIn.SUMMARY | ShownIn.LADDER | ShownIn.REGRET,
    ),
    Outcome(
        "refused_share",
        "Requests refused",
        "share",
        Better.LESS,
        "Refused on any ground, over all sent.",
        _refused,
    ),
    Outcome(
        "refused_dual_criminality_share",
        "Requests refused for lack of dual criminality",
        "share",
        Better.LESS,
        "Refused because the deed is no offence in the requested state, over all sent.",
        lambda observation: _refused(observation, Ground.DUAL_CRIMINALITY),
        shows=ShownIn.FOREST | ShownIn.PAGE,
    ),
    Outcome(
        "refused_mistake_share",
        "Requests refused by mistake",
        "share",
        Better.LESS,
        "Refused because the deed was held to be no offence in the requested state though it is one, over all sent.",
        lambda observation: _refused(observation, Ground.MISTAKE),
    ),
    Outcome(
        "refused_power_share",
        "Requests refused for lack of a power or proof",
        "share",
        Better.LESS,
        "Refused for no procedural power, for law that is not applied, or for too little proof, over all sent.",
        lambda observation: _refused(observation, Ground.NO_POWER, Ground.LAW_NOT_APPLIED, Ground.STANDARD_OF_PROOF),
    ),
    Outcome(
        "refused_proof_share",
        "Requests refused for lack of proof",
        "share",
        Better.LESS,
        "Refused since the file proved too little for the state that was asked, questions included, over all sent.",
        lambda observation: _refused(observation, Ground.STANDARD_OF_PROOF),
    ),
    Outcome(
        "silence_share",
        "Requests never answered",
        "share",
        Better.LESS,
        "Requests that nobody will ever answer, over all sent, whether or not the sender gave up meanwhile.",
        lambda observation: _of_mature(observation.silent, observation),
        shows=ShownIn.FOREST | ShownIn.PAGE,
    ),
    Outcome(
        "withdrawn_share",
        "Requests withdrawn",
        "share",
        Better.LESS,
        "Withdrawn by a formal letter when the case was over, or on a return, over all sent; silent ones included, "
        "since nobody knows which they are.",
        lambda observation: _of_mature(observation.request("status") == RequestStatus.WITHDRAWN, observation),
        shows=ShownIn.FOREST,
    ),
    Outcome(
        "given_up_share",
        "Requests given up",
        "share",
        Better.LESS,
        "Requests on whose answer the sender stopped counting, over all sent. They stay open, since hardly anybody "
        "writes to take them back, and some are answered after all.",
        lambda observation: _of_mature(observation.given_up, observation),
    ),
    Outcome(
        "no_data_share",
        "Requests answered too late for the data",
        "share",
        Better.LESS,
        "Answered, but the evidence was gone, over all sent.",
        lambda observation: _of_mature(observation.request("status") == RequestStatus.NO_DATA, observation),
    ),
    Outcome(
        "without_treaty_share",
        "Requests without a treaty channel",
        "share",
        Better.LESS,
        "Sent as letters rogatory for lack of a better channel or by choice, over all sent.",
        lambda observation: _of_mature(observation.request("channel") == Channel.LETTERS_ROGATORY, observation),
    ),
    Outcome(
        "without_criminality_share",
        "Executed without dual criminality (rights)",
        "share",
        Better.LESS,
        "Executed requests on a deed that is no offence in the executing state, over all executed.",
        lambda observation: share(_without_criminality(observation), observation.formal & observation.executed),
        shows=ShownIn.COST,
    ),
    Outcome(
        "without_criminality_per_year",
        "Requests executed without dual criminality (rights)",
        "per year",
        Better.LESS,
        "The same as a number per year.",
        lambda observation: observation.per_year(observation.formal & _without_criminality(observation)),
        shows=ShownIn.SUMMARY | ShownIn.FOREST | ShownIn.RIGHTS | ShownIn.COST,
    ),
    Outcome(
        "open_requests",
        "Formal requests open at the end",
        "requests",
        Better.LESS,
        "Formal requests sent in the policy years and open on its last day, those never to be answered included.",
        lambda observation: float(_open_days(observation, observation.formal).size),
    ),
    Outcome(
        "open_stock_years",
        "Open requests for assistance against those sent in a year",
        "years",
        Better.LESS,
        "Requests through central authorities open on the last day, over those sent in a year.",
        lambda observation: ratio(
            float(_open_days(observation, observation.mutual_assistance).size),
            observation.per_year(observation.mutual_assistance),
        ),
    ),
    Outcome(
        "open_over_year_share",
        "Open requests older than a year",
        "share",
        Better.LESS,
        "Of those open requests, the share sent more than 365 days before.",
        lambda observation: share(_open_days(observation, observation.formal) > EXECUTION_DAYS),
    ),
    Outcome(
        "authority_backlog",
        "Requests waiting at central authorities",
        "requests",
        Better.LESS,
        "Foreign requests waiting for a person at incoming central authorities on the last day, abusive ones included: "
        "a desk cannot distinguish them.",
        lambda observation: _waiting(observation, DeskKind.INCOMING),
        shows=ShownIn.FOREST,
    ),
    Outcome(
        "court_backlog",
        "Requests waiting at courts",
        "requests",
        Better.LESS,
        "Foreign requests waiting for a court on the last day, abusive ones included.",
        lambda observation: _waiting(observation, DeskKind.COURT),
        shows=ShownIn.FOREST,
    ),
)


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


def backlog(observation: Observation) -> Columns:
    """Requests waiting by kind of desk and quarter: number, mean days waited, number over a year old."""
    window, job, left = observation.window, observation.jobs, observation.left_line
    days = np.arange(window.start, window.end + 1.0, BACKLOG_STEP)
    waiting, arrivals = _present(job["kind"], job["arrived"], left, days)
    old = np.flatnonzero(left > job["arrived"] + EXECUTION_DAYS)
    over_a_year, _ = _present(job["kind"][old], job["arrived"][old] + EXECUTION_DAYS, left[old], days)
    kinds = np.arange(DeskKind.PROVIDER, dtype=np.int32)
    columns = {
        "desk": np.broadcast_to(kinds[:, np.newaxis], waiting.shape),
        "day": np.broadcast_to(days, waiting.shape),
        "waiting": waiting,
        "mean_days": np.where(waiting > 0, days - arrivals / np.maximum(waiting, 1), np.nan),
        "over_a_year": over_a_year,
    }
    return {name: column.ravel() for name, column in columns.items()}


def _present(kind: Integers, arrived: Floats, left: Floats, days: Floats) -> tuple[Floats, Floats]:
    """f8[kinds, days] number present at state desks of each kind on each day, and the sum of their arrival days."""
    first, last = ((day - days[0]) / BACKLOG_STEP for day in (arrived, left))
    over = np.flatnonzero(np.floor(first - 1e-6) < np.floor(last + 1e-6))  # all others come and go between two days
    kind, arrived, left = kind[over], arrived[over], left[over]
    row = kind * np.int64(days.size + 1)
    came, gone = (row + np.searchsorted(days, day) for day in (arrived, left))  # first of the days that sees it

    def by_then(weights: Floats | None = None) -> Floats:
        """Sum over all that have come by each day, less all that have gone."""
        size = len(DeskKind) * (days.size + 1)
        change = np.bincount(came, weights, size) - np.bincount(gone, weights, size)
        until = np.cumsum(change.reshape(-1, days.size + 1)[: DeskKind.PROVIDER, :-1], axis=1)
        return np.asarray(until, dtype=np.float64)

    return by_then(), by_then(arrived)
