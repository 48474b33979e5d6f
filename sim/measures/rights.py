"""The rights side of cooperation, to be weighed against every gain (part H of the catalogue).

Abusive requests and false emergencies have no genuine case behind them; they are left out of all outcomes on requests
and counted here. Backlogs are all files at a desk and include them: a desk cannot distinguish them.
"""

import numpy as np

from sim.law.vocabulary import Channel, DataKind
from sim.measures.arrays import EXECUTION_DAYS, Columns, Mask, among, select, share
from sim.measures.observation import Observation, once
from sim.measures.outcome import Better, ShownIn, as_outcome
from sim.world.records import Abuse, RequestStatus, Stage

#: Kinds of data that only a judge or court lets be taken under a binding order to a provider abroad: Regulation (EU)
#: 2023/1543 art. 4(2); subscriber data may be ordered by a prosecutor.
_ORDERED_BY_JUDGES = (DataKind.TRAFFIC, DataKind.CONTENT)
_ASKED_BY_STATES = (Abuse.OPEN, Abuse.DISGUISED)
_COURT = 1 << Stage.COURT_ORDER


def _without_case(observation: Observation, *kinds: Abuse) -> Columns:
    """Requests of the window with no genuine case behind them, of some kinds."""
    return select(observation.abuse, among(observation.abuse["abusive"], kinds))


@once
def _asked_by_states(observation: Observation) -> Columns:
    """Abusive and political requests that left their state in the window."""
    return _without_case(observation, *_ASKED_BY_STATES)


def _executed(request: Columns) -> Mask:
    return np.asarray(request["status"] == RequestStatus.EXECUTED)


@once
def disclosures(observation: Observation) -> Mask:
    """Genuine requests that brought data on accounts."""
    return np.asarray(observation.formal & observation.executed & (observation.request("accounts") > 0))


@as_outcome("Abusive or political requests executed", "share", Better.LESS)
def abusive_executed_share(observation: Observation) -> float:
    """Requests with no genuine case behind them that states sent abroad: executed, over those sent a year or more
    before the end.
    """
    return share(
        _executed(_asked_by_states(observation)),
        _asked_by_states(observation)["sent"] <= observation.window.end - EXECUTION_DAYS,
    )


@as_outcome(
    "Abusive or political requests executed (rights)",
    "per year",
    Better.LESS,
    shows=ShownIn.SUMMARY | ShownIn.RIGHTS | ShownIn.COST | ShownIn.LEAGUE,
)
def abusive_executed_per_year(observation: Observation) -> float:
    """The same as a number per year of sending."""
    return observation.per_year(_executed(_asked_by_states(observation)))


@as_outcome("Accounts exposed to abuse (rights)", "per year", Better.LESS, shows=ShownIn.COST)
def persons_exposed_per_year(observation: Observation) -> float:
    """Accounts whose data were handed over to abusive requests and false emergencies, a year."""
    return float(observation.abuse["accounts"].sum() / observation.window.years)


@as_outcome(
    "False emergencies that were answered (rights)", "per year", Better.LESS, shows=ShownIn.RIGHTS | ShownIn.COST
)
def false_disclosures_per_year(observation: Observation) -> float:
    """Requests to which a provider gave data, from somebody who pretends to be police in an emergency, a year."""
    return observation.per_year(_executed(_without_case(observation, Abuse.FALSE_EMERGENCY)))


@as_outcome(
    "Bystanders' accounts handed over (rights)",
    "per year",
    Better.LESS,
    shows=ShownIn.SUMMARY | ShownIn.RIGHTS | ShownIn.COST,
)
def bystanders_per_year(observation: Observation) -> float:
    """Accounts of persons under no suspicion whose data executed formal requests brought along, a year."""
    return float((observation.request("accounts")[disclosures(observation)] - 1).sum() / observation.window.years)


@as_outcome("Data held on everybody (rights)", "billion person-days", Better.LESS, shows=ShownIn.RIGHTS | ShownIn.COST)
def person_days_held(observation: Observation) -> float:
    """Days of subscriber, traffic and content records held on a user, added up, mean of the policy years, times the
    internet users of all states.
    """
    state, window = observation.tables["state"], observation.window
    rest = np.maximum(window.end - np.maximum(state["data_held_since"], window.start), 0.0)
    held = (state["data_held_sum"] + state["data_held"] * rest) / (window.end - window.start)
    return float(held.sum() / 1e9)


@as_outcome("Data frozen for foreign requests", "item-days per year", Better.NEITHER)
def frozen_days_per_year(observation: Observation) -> float:
    """Days for which items lay preserved through 24/7 points, per year in which they were frozen."""
    return float(observation.frozen_days.sum() / observation.window.years)


@as_outcome("Information given without a court (rights)", "per year", Better.LESS, shows=ShownIn.RIGHTS | ShownIn.COST)
def unauthorised_per_year(observation: Observation) -> float:
    """Executed formal requests and answered police questions, per year, that no court or judge had to authorise:
    voluntary answers of providers and police information. Treaty and court-to-court requests, and binding orders for
    traffic or content, have to be authorised.
    """
    court = (observation.request("route") & _COURT) > 0
    binding = observation.request("channel") == Channel.PROVIDER_BINDING
    judge = binding & among(observation.request("data_kind"), _ORDERED_BY_JUDGES)
    given = observation.executed & (observation.formal | observation.asks_police)
    return observation.per_year(given & ~(court | judge))


@as_outcome("Police information used without evidence in due form (rights)", "share", Better.LESS, shows=ShownIn.COST)
def unconverted_share(observation: Observation) -> float:
    """Police answers on which a trail went on alone, over all police answers."""
    return share(observation.request("unconverted") == 1, observation.executed & observation.asks_police)
