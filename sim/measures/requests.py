"""Measures of requests by result (such as executed, refused, withdrawn) and of ordinary requests.

Shares are over formal requests abroad sent in the policy years a year or more before its end, so that every
one has had its twelve months. Only genuine requests count; those with no case behind them stand in rights.py. Requests
in ordinary cases are counted and not followed: how many, whom they reach, and what is answered.
"""

from enum import IntEnum

import numpy as np

from sim.data.load import states
from sim.law.days import YEAR, to_date
from sim.law.vocabulary import Channel, Ground
from sim.measures.arrays import CODE, STATE, Columns, Floats, Kinds, among, ratio, select, share
from sim.measures.observation import Observation, once
from sim.measures.outcome import Measures
from sim.world.records import NONE, Addressee, DeskKind, Ordinary, RequestStatus


class Age(IntEnum):
    """Classes of time since the sending of a request."""

    UNDER_SIX_MONTHS = 0
    SIX_TO_TWELVE_MONTHS = 1
    ONE_TO_TWO_YEARS = 2
    TWO_TO_FIVE_YEARS = 3
    OVER_FIVE_YEARS = 4


#: Days at which one age ends and the next begins.
_AGES = (YEAR / 2, YEAR, 2 * YEAR, 5 * YEAR)


class Way(IntEnum):
    """Ways in which ordinary requests reach providers and authorities."""

    VOLUNTARY = 0  # straight to providers, which need not answer
    BINDING = 1  # straight to providers, which must
    PRESERVATION = 2  # straight to providers, to keep data
    EMERGENCY = 3  # straight to providers
    ASSISTED = 4  # about data of providers, through authorities of another state
    ASSISTANCE = 5  # all that incoming authorities get, those included
    CONTACT_POINT = 6  # all that 24/7 points get


_CLASSES = len(Addressee)
#: Way of each kind that is counted: assistance about data is there twice, for the USA and for Ireland.
_WAY = np.array([Way.VOLUNTARY] * _CLASSES + [Way.BINDING] * _CLASSES + list(Way)[2:5] + list(Way)[4:], CODE)
_ASSISTING = {Ordinary.ASSISTED_USA: "USA", Ordinary.ASSISTED_IRL: "IRL"}


def _refused(observation: Observation, *grounds: Ground) -> float:
    """Share of requests refused on one of the given grounds; on any ground if none is given."""
    refused = observation.request("status") == RequestStatus.REFUSED
    return share(refused & among(observation.request("ground"), grounds) if grounds else refused, observation.mature)


def _waiting(observation: Observation, desk: DeskKind) -> float:
    """Number of requests in the queues of one kind of desk on the last measured day."""
    job, day = observation.jobs, observation.window.end
    waits = (job["kind"] == desk) & (job["arrived"] <= day) & (observation.left_line > day)
    return float(np.count_nonzero(waits))


def by_end(observation: Observation) -> Columns:
    """Table of requests at least a year old by status and ground of refusal: number and share."""
    request = {
        "status": observation.request("status"),
        "ground": observation.request("ground"),
        "silent": observation.silent,
    }
    ends = Kinds.of(select(request, observation.mature))
    of_all = ends.number / max(ends.place.size, 1)
    return ends.codes | {"requests": ends.number.astype(np.float64), "share": of_all}


def open_by_age(observation: Observation) -> Columns:
    """Table of formal requests open on the last day, by age: number, and how many will never be answered."""
    request = observation.open_at_end
    age = np.searchsorted(_AGES, observation.window.end - request["sent"], side="right")
    silent = request["silent"] == 1
    return {
        "age": np.arange(len(Age), dtype=np.int32),
        "requests": np.bincount(age, minlength=len(Age)).astype(np.float64),
        "never_answered": np.bincount(age[silent], minlength=len(Age)).astype(np.float64),
    }


def ordinary(observation: Observation) -> Columns:
    """Table of ordinary requests (counted, not simulated singly) by year, way, addressee and state.

    Returns:
        year (i2); way (Way); addressee: of direct requests, −1: all, or none; requesting and
        requested: states, −1 where it is not known which; and f4 requests: expected number; answered: expected number
        that brings data, and days: geometric mean over these of the usual days to the answer, NaN where not known.
    """
    table, last = observation.tables["ordinary"], to_date(observation.window.end).year
    rows = np.flatnonzero((table["requests"] > 0.0) & (table["year"] <= last))  # those of the follow-up are left out
    kind, state = table["kind"][rows], table["state"][rows].astype(STATE)
    direct, sent_by = kind < 2 * _CLASSES, kind < Ordinary.ASSISTANCE
    answered = np.where(direct | (kind == Ordinary.EMERGENCY), table["answered"][rows], np.nan)
    known = direct & (answered > 0.0)
    days = np.exp(np.divide(table["log_days"][rows], answered, out=np.full(rows.size, np.nan), where=known))
    requested = np.where(sent_by, NONE, state)
    for assisted, code in _ASSISTING.items():
        requested[kind == assisted] = states().index(code)
    return {
        "year": table["year"][rows].astype(np.int16),
        "way": _WAY[kind],
        "addressee": np.where(direct, kind % _CLASSES, NONE).astype(CODE),
        "requesting": np.where(sent_by, state, NONE).astype(STATE),
        "requested": requested.astype(STATE),
        "requests": table["requests"][rows].astype(np.float32),
        "answered": answered.astype(np.float32),
        "days": days.astype(np.float32),
    }


@once
def _yearly(observation: Observation) -> Floats:
    """Ordinary requests per year in the policy years by kind of request, f8[kinds]."""
    table, window = observation.tables["ordinary"], observation.window
    first, last = to_date(window.start + 182.0).year, to_date(window.end - 182.0).year
    kept = table[(table["year"] >= first) & (table["year"] <= last)]
    return np.bincount(kept["kind"], kept["requests"], Ordinary.KINDS) / max(last - first + 1, 1)


def _direct(observation: Observation) -> float:
    """Yearly number of ordinary direct requests to large providers."""
    return float(_yearly(observation)[: 2 * _CLASSES].reshape(2, _CLASSES)[:, : Addressee.HOST].sum())


@once
def flows(observation: Observation) -> Floats:
    """Number of direct orders between each pair of states in the policy years, f8[requesting, requested]."""
    states = observation.states
    return np.asarray(observation.tables["bond"]["orders"].reshape(states, states).astype(np.float64))


def _direct_orders_imbalance(observation: Observation) -> float:
    """Imbalance of direct orders within pairs of states: 0 if equal, 1 if all go in one direction."""
    sent = flows(observation)
    return ratio(0.5 * float(np.abs(sent - sent.T).sum()), float(sent.sum()))


MEASURES: Measures = {
    "executed_within_12_months": lambda seen: share(seen.executed_in_time, seen.mature),
    "mla_executed_within_12_months": lambda seen: share(seen.executed_in_time, seen.mature & seen.mutual_assistance),
    "requests_per_year": lambda seen: seen.per_year(seen.formal),
    "mla_requests_per_year": lambda seen: seen.per_year(seen.mutual_assistance),
    "executed_per_year": lambda seen: seen.per_year(seen.formal & seen.executed),
    "refused_share": _refused,
    "refused_dual_criminality_share": lambda seen: _refused(seen, Ground.DUAL_CRIMINALITY),
    "refused_power_share": lambda seen: _refused(
        seen, Ground.NO_POWER, Ground.LAW_NOT_APPLIED, Ground.STANDARD_OF_PROOF
    ),
    "refused_political_share": lambda seen: _refused(seen, Ground.POLITICAL_OR_ESSENTIAL_INTERESTS),
    "refused_proof_share": lambda seen: _refused(seen, Ground.STANDARD_OF_PROOF),
    "silence_share": lambda seen: share(seen.silent, seen.mature),
    "withdrawn_share": lambda seen: share(seen.request("status") == RequestStatus.WITHDRAWN, seen.mature),
    "without_treaty_share": lambda seen: share(seen.request("channel") == Channel.LETTERS_ROGATORY, seen.mature),
    "without_criminality_per_year": lambda seen: seen.per_year(
        seen.formal & seen.executed & (seen.request("dual_criminality") == 0)
    ),
    "authority_backlog": lambda seen: _waiting(seen, DeskKind.INCOMING),
    "court_backlog": lambda seen: _waiting(seen, DeskKind.COURT),
    "ordinary_direct_per_year": _direct,
    "ordinary_direct_per_assisted": lambda seen: ratio(_direct(seen), float(_yearly(seen)[list(_ASSISTING)].sum())),
    "direct_orders_per_year": lambda seen: float(flows(seen).sum()) / seen.window.years,
    "direct_orders_imbalance": _direct_orders_imbalance,
}
