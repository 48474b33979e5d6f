"""Measures of the cost of cooperation to people's rights: abusive requests, disclosures, data held (part H).

Abusive requests and false emergencies have no genuine case behind them; they are left out of all outcomes on requests
and counted here. Backlogs are all files at a desk and include them: a desk cannot distinguish them.
"""

import numpy as np

from sim.law.vocabulary import Channel, DataKind
from sim.measures.arrays import EXECUTION_DAYS, Columns, Mask, among, select, share
from sim.measures.observation import Observation, once
from sim.measures.outcome import Measures
from sim.world.records import Abuse, RequestStatus, Stage

#: Kinds of data that only a judge or court lets be taken under a binding order to a provider abroad: Regulation (EU)
#: 2023/1543 art. 4(2); subscriber data may be ordered by a prosecutor.
_ORDERED_BY_JUDGES = (DataKind.TRAFFIC, DataKind.CONTENT)
_ASKED_BY_STATES = (Abuse.OPEN, Abuse.DISGUISED)
_COURT = 1 << Stage.COURT_ORDER


def _without_case(observation: Observation, *kinds: Abuse) -> Columns:
    """Columns of abusive requests of given kinds that were sent in the measured period."""
    return select(observation.abuse, among(observation.abuse["abusive"], kinds))


@once
def _asked_by_states(observation: Observation) -> Columns:
    """Columns of states' abusive requests, as opposed to criminals' false emergencies."""
    return _without_case(observation, *_ASKED_BY_STATES)


def _executed(request: Columns) -> Mask:
    return np.asarray(request["status"] == RequestStatus.EXECUTED)


@once
def disclosures(observation: Observation) -> Mask:
    """True for each genuine formal request that led to the disclosure of account data."""
    return np.asarray(observation.formal & observation.executed & (observation.request("accounts") > 0))


def _person_days_held(observation: Observation) -> float:
    """Mean amount of data on users that custodians held, in billions of person-days."""
    state, window = observation.tables["state"], observation.window
    rest = np.maximum(window.end - np.maximum(state["data_held_since"], window.start), 0.0)
    held = (state["data_held_sum"] + state["data_held"] * rest) / (window.end - window.start)
    return float(held.sum() / 1e9)


def _unauthorised_per_year(observation: Observation) -> float:
    """Yearly number of disclosures without authorisation by a court or judge."""
    court = (observation.request("route") & _COURT) > 0
    binding = observation.request("channel") == Channel.PROVIDER_BINDING
    judge = binding & among(observation.request("data_kind"), _ORDERED_BY_JUDGES)
    given = observation.executed & (observation.formal | observation.asks_police)
    return observation.per_year(given & ~(court | judge))


MEASURES: Measures = {
    "abusive_executed_share": lambda seen: share(
        _executed(_asked_by_states(seen)), _asked_by_states(seen)["sent"] <= seen.window.end - EXECUTION_DAYS
    ),
    "abusive_executed_per_year": lambda seen: seen.per_year(_executed(_asked_by_states(seen))),
    "persons_exposed_per_year": lambda seen: float(seen.abuse["accounts"].sum() / seen.window.years),
    "false_disclosures_per_year": lambda seen: seen.per_year(_executed(_without_case(seen, Abuse.FALSE_EMERGENCY))),
    "bystanders_per_year": lambda seen: float(
        (seen.request("accounts")[disclosures(seen)] - 1).sum() / seen.window.years
    ),
    "person_days_held": _person_days_held,
    "frozen_days_per_year": lambda seen: float(seen.frozen_days.sum() / seen.window.years),
    "unauthorised_per_year": _unauthorised_per_year,
    "unconverted_share": lambda seen: share(seen.request("unconverted") == 1, seen.executed & seen.asks_police),
}
