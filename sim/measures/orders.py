"""Requests in ordinary cases, which are counted and not followed: how many, whom they reach, and what is answered."""

from enum import IntEnum

import numpy as np

from sim.data.load import states
from sim.law.days import to_date
from sim.measures.arrays import CODE, STATE, Columns, Floats, Integers, ratio
from sim.measures.observation import Observation, once
from sim.measures.outcome import Measures
from sim.world.records import NONE, Addressee, Ordinary


class Way(IntEnum):
    """How ordinary requests go."""

    VOLUNTARY = 0  # straight to providers, which need not answer
    BINDING = 1  # straight to providers, which must
    PRESERVATION = 2  # straight to providers, to keep data
    EMERGENCY = 3  # straight to providers
    ASSISTED = 4  # about data of providers, through authorities of another state
    ASSISTANCE = 5  # all that incoming authorities get, those included
    CONTACT_POINT = 6  # all that 24/7 points get


_CLASSES = len(Addressee)
#: Way of each kind that is counted: assistance about data stands there twice, for the USA and for Ireland.
_WAY = np.array([Way.VOLUNTARY] * _CLASSES + [Way.BINDING] * _CLASSES + list(Way)[2:5] + list(Way)[4:], CODE)
_ASSISTING = {Ordinary.ASSISTED_USA: "USA", Ordinary.ASSISTED_IRL: "IRL"}


def ordinary(observation: Observation) -> Columns:
    """Ordinary requests by year, way, addressee and state, up to the end of the policy years; those before included.

    Returns:
        year (i2); way (Way); addressee: of direct requests, −1: all, or none; requesting and
        requested: states, −1 where it is not known which; and f4 requests: expected number; answered: expected number
        that brings data, and days: geometric mean over these of the usual days to the answer, NaN where not known.
    """
    table, rows = observation.tables["ordinary"], _rows(observation)
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


def _rows(observation: Observation) -> Integers:
    """Rows of counts that are not 0, but for those of the follow-up."""
    table = observation.tables["ordinary"]
    return np.flatnonzero((table["requests"] > 0.0) & (table["year"] <= to_date(observation.window.end).year))


@once
def _yearly(observation: Observation) -> Floats:
    """f8[kinds] mean number a year of requests of each kind in the policy years."""
    table, window = observation.tables["ordinary"], observation.window
    first, last = to_date(window.start + 182.0).year, to_date(window.end - 182.0).year
    kept = table[(table["year"] >= first) & (table["year"] <= last)]
    return np.bincount(kept["kind"], kept["requests"], Ordinary.KINDS) / max(last - first + 1, 1)


def _direct(observation: Observation) -> float:
    """Direct requests to large providers a year."""
    return float(_yearly(observation)[: 2 * _CLASSES].reshape(2, _CLASSES)[:, : Addressee.HOST].sum())


def _assisted(observation: Observation) -> float:
    """Requests a year through other states about data of providers."""
    return float(_yearly(observation)[list(_ASSISTING)].sum())


@once
def flows(observation: Observation) -> Floats:
    """f8[states, states] direct orders of the policy years, [requesting, requested]."""
    states = observation.states
    return np.asarray(observation.tables["bond"]["orders"].reshape(states, states).astype(np.float64))


def _direct_orders_imbalance(observation: Observation) -> float:
    """How far pairs of states are from sending each other as many orders."""
    sent = flows(observation)
    return ratio(0.5 * float(np.abs(sent - sent.T).sum()), float(sent.sum()))


MEASURES: Measures = {
    "ordinary_direct_per_year": lambda seen: _direct(seen),
    "ordinary_direct_per_assisted": lambda seen: ratio(_direct(seen), _assisted(seen)),
    "direct_orders_per_year": lambda seen: float(flows(seen).sum()) / seen.window.years,
    "direct_orders_imbalance": _direct_orders_imbalance,
}
