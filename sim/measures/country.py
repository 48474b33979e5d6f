"""Results by state: requests, contributions to other states' cases, gains, costs, and income group.

Requests are the formal ones that crossed a border. Those sent in the last 12 months of the policy years have not had
their time, so they are counted apart and their answers not at all: all other counts of requests are over those that
have had 12 months. Requests *to states* go to authorities, requests *to providers* go straight to a service provider.

Every column is a sum, so that states can be added: the sums are those of the world's outcomes.

Income: GDP per person in current US$ (sim/data/countries.csv, the latest year given there) cut at the World Bank's
thresholds of gross national income per person for its fiscal year 2025 (recalled). It stands in for the Bank's own
list, which uses another measure of income and smooths exchange rates, so a few states fall on the other side. A
state without a figure (the Holy See) counts as high income; Venezuela's figure is old and puts it there too.

Victims of domestic groups live where these do. Those of any other group are spread over states alike, by GDP × share
of internet users.
"""

from enum import IntEnum

import numpy as np

from sim.data.geography import CrimeGeography
from sim.measures import cost, harm
from sim.measures.arrays import Columns, Floats, Integers, Kinds, Mask, among
from sim.measures.cases import NEVER_OPENED
from sim.measures.observation import TO_PROVIDERS, Observation
from sim.measures.requests import flows
from sim.measures.rights import disclosures
from sim.world.records import NONE, DeskKind
from sim.world.records.desks import by_kind

#: By kind of desk: true at authorities, courts and laboratories, whose people are units of their state.
_WITH_UNIT = by_kind("unit")
#: Upper ends of low, lower middle and upper middle income, US$ a person.
CUTS = (1145.0, 4515.0, 14005.0)


class Income(IntEnum):
    """Income groups of states."""

    LOW = 0
    LOWER_MIDDLE = 1
    UPPER_MIDDLE = 2
    HIGH = 3


def income_groups(geography: CrimeGeography) -> Integers:
    """Income group of each state, i8[states]."""
    per_person = geography.gdp / np.maximum(geography.population, 1.0)
    known = np.where(geography.gdp > 0.0, per_person, np.inf)
    return np.searchsorted(CUTS, known, side="left")


def by_state(observation: Observation) -> Columns:
    """Table of results by state; its first row (state −1) has the costs shared by all states.

    All but `state` are sums over the policy years, f8[1 + states]; the functions below say what each is. Cost is in
    million euros of 2024, discounted at 3 % a year: what the policy's steps commit there, and work on requests and
    cases there, own and foreign.
    """
    committed, worked = cost.by_state(observation)
    columns = (
        _requests(observation)
        | _needs(observation)
        | _orders(observation)
        | _hours(observation)
        | _cases(observation)
        | _people(observation)
        | _victims(observation)
    )
    front: Columns = {"state": np.arange(NONE, observation.states, dtype=np.int32)}
    own = {name: np.concatenate(([0.0], numbers)) for name, numbers in columns.items()}
    return front | own | {"committed": committed, "worked": worked}


def desks(observation: Observation) -> Columns:
    """Table of the load of authorities, courts and laboratories, by kind of desk and by state.

    Sums over the policy years for every desk that got a request: files that arrived, hours of work on files that were
    started, and files that wait on the last day.
    """
    job, desk, window = observation.jobs, observation.tables["desk"], observation.window
    rows = np.flatnonzero(_WITH_UNIT[desk["kind"]] & (observation.by_desk() > 0.0))
    kinds = Kinds.of({"state": desk["state"][rows], "desk": desk["kind"][rows]})
    waits = (job["arrived"] <= window.end) & ~(job["started"] <= window.end) & ~(job["ended"] <= window.end)
    sums = {"files": window.holds(job["arrived"]), "hours": observation.hours, "waiting": waits}
    return kinds.codes | {name: kinds.sum(observation.by_desk(weights)[rows]) for name, weights in sums.items()}


def _count(observation: Observation, states: Integers, weight: Floats | Mask | None = None) -> Floats:
    """Number of rows by state, or the sum of the rows' weights, f8[states]."""
    return np.bincount(states, weight, observation.states).astype(np.float64)


def _requests(observation: Observation) -> dict[str, Floats]:
    """Columns on requests by requesting and by requested state, f8[states] each."""
    asking, requested = observation.request("requesting"), observation.request("requested")
    direct, mature = among(observation.request("channel"), TO_PROVIDERS), observation.mature
    to_state, to_provider = mature & ~direct, mature & direct
    answered, in_time = observation.answered, observation.executed_in_time
    own = {
        "sent": to_state,
        "sent_to_providers": to_provider,
        "sent_last_year": observation.formal & ~mature,  # to either, in the last 12 months
        "answers_got": to_state & answered,  # executed, refused or no data
        "in_time_got": to_state & in_time,  # executed within 12 months of being sent
        "in_time_from_providers": to_provider & in_time,
        "silent_got": to_state & observation.silent,  # nobody will ever answer
        "silent_providers": to_provider & observation.silent,
    }
    foreign = {
        "received": to_state,  # at its authorities
        "answers_given": to_state & answered,
        "executed_given": to_state & observation.executed,
        "in_time_given": to_state & in_time,
        # by the seat of the provider, or its representative in the EU where production orders go to it
        "asked_of_providers": to_provider,
    }
    of_own = {name: _count(observation, asking, part) for name, part in own.items()}
    return of_own | {name: _count(observation, requested, part) for name, part in foreign.items()}


def _needs(observation: Observation) -> dict[str, Floats]:
    """Columns on evidence held in a state that other states' units needed, f8[states] each.

    Steps known a year before the last day or more; those of them for which a formal request was drafted; and those that
    brought usable evidence within 12 months of being known.
    """
    names, mature = ("needed", "needed_asked", "needed_in_time"), observation.needs.mature[:, : observation.states]
    return dict(zip(names, mature.astype(np.float64), strict=True))


def _orders(observation: Observation) -> dict[str, Floats]:
    """Columns on direct orders in ordinary cases, by sending state and by provider's state, f8[states] each."""
    sent = flows(observation)
    return {"orders_sent": sent.sum(axis=1), "orders_received": sent.sum(axis=0)}


def _hours(observation: Observation) -> dict[str, Floats]:
    """Columns on hours of desk work on files, by the desk's state, f8[states] each.

    Those of its authorities, courts, laboratories and 24/7 point, for other states and its own; and of providers seated
    there, on requests from home and abroad.
    """
    job, desk, asking = observation.jobs, observation.tables["desk"], observation.all_requests["requesting"]
    own, hours = asking[job["request"]] == desk["state"].astype(asking.dtype)[job["desk"]], observation.hours
    provider = desk["kind"] == DeskKind.PROVIDER
    at_home, abroad = observation.by_desk(hours * own), observation.by_desk(hours * ~own)
    return {
        "hours_for_others": _count(observation, desk["state"], np.where(provider, 0.0, abroad)),
        "hours_own": _count(observation, desk["state"], np.where(provider, 0.0, at_home)),
        "provider_hours": _count(observation, desk["state"], np.where(provider, at_home + abroad, 0.0)),
    }


def _cases(observation: Observation) -> dict[str, Floats]:
    """Columns on numbers of cases by the unit's state, f8[states] each.

    Those that were opened, those with an action day, and actions after which a group stays down for 180 days.
    """
    case, action, window = observation.cases, observation.tables["action"], observation.window
    opened = window.holds(case["opened"]) & ~among(case["status"], NEVER_OPENED)
    acted = np.unique(action["case"][(action["day"] >= window.start) & (action["day"] <= window.end)])
    return {
        "cases_opened": _count(observation, case["state"][opened]),
        "cases_to_action": _count(observation, case["state"][acted]),
        "takedowns": _count(observation, case["state"][observation.histories.takedown_case]),
    }


def _people(observation: Observation) -> dict[str, Floats]:
    """Columns on accounts with disclosed data, by the state in which the custodian was asked.

    Counts genuine requests of other states that brought data, with the accounts of bystanders; and abusive requests and
    false emergencies.
    """
    answers, abuse = np.flatnonzero(disclosures(observation)), observation.abuse
    requested, accounts = observation.request("requested")[answers], observation.request("accounts")[answers]
    return {
        "disclosures": _count(observation, requested),
        "persons_disclosed": _count(observation, requested, accounts),
        "exposures": _count(observation, abuse["requested"], abuse["accounts"] > 0),
        "persons_exposed": _count(observation, abuse["requested"], abuse["accounts"]),
    }


def _victims(observation: Observation) -> dict[str, Floats]:
    """Columns on victims' losses by state in million USD of 2024, discounted at 3 % per year.

    And groups that were taken down for 180 days, by any state, each by the share of its victims.
    """
    groups = len(observation.tables["group"])
    removed = np.bincount(observation.histories.takedown_group, minlength=groups)
    return {
        "losses": harm.by_victims(observation, harm.by_group(observation, harm.DISCOUNT)) / 1e6,
        "removed_for_it": harm.by_victims(observation, removed.astype(np.float64)),
    }
