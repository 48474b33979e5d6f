"""What published facts are compared with where no outcome says it: of few states, kinds of group, or years.

sim/data/targets.yaml has the facts, and the definitions that these functions follow. The table `facts` of a run holds
their values.
"""

from collections.abc import Callable, Iterable
from enum import IntEnum
from functools import cache

import numpy as np

from sim.data.load import members, read_table, states
from sim.law.days import MONTH, YEAR
from sim.law.vocabulary import DataKind
from sim.measures.arrays import CODE, Columns, Floats, Mask, among, median, ratio, share
from sim.measures.observation import Observation
from sim.measures.survival import quantile
from sim.measures.targets import MAJOR_STATES, joint, mean_months, operations
from sim.world.parameters import GROUP_KINDS
from sim.world.records import Addressee, Ordinary, RequestStatus

#: The first year that is counted, one after most figures; and the year of the EU states' orders.
FIRST_YEAR, YEAR_OF_ORDERS = 2022, 2025
#: How many states those are that ask most.
TOP = 3


@cache
def _state(code: str) -> int:
    """Place of a state."""
    return states().index(code)


@cache
def _members() -> tuple[int, ...]:
    """Members of the EU."""
    return tuple(_state(code) for code in sorted(members("EU", "member")))


@cache
def _parties() -> tuple[int, ...]:
    """Parties to the Budapest Convention."""
    rows = read_table("budapest_convention.csv").rows
    return tuple(_state(row["iso3"]) for row in rows if row["participation"] == "party")


def _between(observation: Observation, asking: Iterable[int], asked: Iterable[int] | None = None) -> Mask:
    """Requests that some states send, to some others or to all."""
    sent = among(observation.request("requesting"), tuple(asking))
    return sent if asked is None else np.asarray(sent & among(observation.request("requested"), tuple(asked)))


def _out_of_the_union(observation: Observation) -> float:
    """Mean months to an answer of requests that members of the EU send through central authorities to other states."""
    leaving = _between(observation, _members()) & ~among(observation.request("requested"), _members())
    return mean_months(observation.answers_of(np.asarray(observation.mutual_assistance & leaving)))


def _between_parties(observation: Observation) -> float:
    """Median months to an answer of requests through central authorities among Parties to the Budapest Convention."""
    among_them = observation.mutual_assistance & _between(observation, _parties(), _parties())
    return quantile(observation.answers_of(np.asarray(among_them)), 0.5) / MONTH


def _canada(observation: Observation) -> float:
    """Mean months to an answer of requests that Canada sends through central authorities."""
    sent = _between(observation, (_state("CAN"),))
    return mean_months(observation.answers_of(np.asarray(observation.mutual_assistance & sent)))


def _old_assistance(observation: Observation, code: str) -> Mask:
    """A state's requests through central authorities, a year or more old."""
    return np.asarray(observation.mature & observation.mutual_assistance & _between(observation, (_state(code),)))


def _brazil(observation: Observation) -> float:
    """Share executed of Brazil's requests for data through central authorities to the USA, a year or more old."""
    data = among(observation.request("data_kind"), (DataKind.SUBSCRIBER, DataKind.TRAFFIC, DataKind.CONTENT))
    to_usa = observation.request("requested") == _state("USA")
    return share(observation.executed, _old_assistance(observation, "BRA") & to_usa & data)


def _india(observation: Observation, part: Mask) -> float:
    """Share of India's requests through central authorities, a year or more old."""
    return share(part, _old_assistance(observation, "IND"))


def _withdrawn(observation: Observation) -> Mask:
    """Requests that were withdrawn by letter."""
    return np.asarray(observation.request("status") == RequestStatus.WITHDRAWN)


def _counted(observation: Observation, kinds: Iterable[int], year: int, field: str = "requests") -> Floats:
    """f8[states] ordinary requests of some kinds in a year; NaN where nothing is counted in that year."""
    table = observation.tables["ordinary"]
    in_year = table["year"] == year
    if not in_year.any():
        return np.full(len(states()), np.nan)
    rows = in_year & among(table["kind"], tuple(kinds))
    return np.bincount(table["state"][rows], table[field][rows], len(states())).astype(np.float64)


def _direct(addressee: Addressee) -> tuple[int, int]:
    """Kinds of direct requests to large providers that answer in one way."""
    return Ordinary.VOLUNTARY + addressee, Ordinary.BINDING + addressee


def _graded_answered(observation: Observation) -> float:
    """Share that brings data, of direct requests in ordinary cases to large providers that answer all by grades."""
    kinds = _direct(Addressee.GRADED)
    answered, asked = (_counted(observation, kinds, FIRST_YEAR, name).sum() for name in ("answered", "requests"))
    return ratio(float(answered), float(asked))


def _graded_from_union(observation: Observation) -> float:
    """Share of the same requests that members of the EU send."""
    asked = _counted(observation, _direct(Addressee.GRADED), FIRST_YEAR)
    return ratio(float(asked[list(_members())].sum()), float(asked.sum()))


def _top_of_union(observation: Observation, addressee: Addressee) -> float:
    """Share of the three members of the EU that ask most in direct requests of all members."""
    asked = np.sort(_counted(observation, _direct(addressee), YEAR_OF_ORDERS)[list(_members())])
    return ratio(float(asked[-TOP:].sum()), float(asked.sum()))


def _incoming(observation: Observation, code: str) -> float:
    """Requests that a state's incoming authority gets in the first year, for all that assistance is for."""
    return float(_counted(observation, (Ordinary.ASSISTANCE,), FIRST_YEAR)[_state(code)])


def _of_kind(observation: Observation, *kinds: str) -> float:
    """Operations of three states or more a year that took a group of some kinds down."""
    operation = operations(observation)
    operation = operation[operation["down"] & (operation["states"] >= MAJOR_STATES)]
    places = [GROUP_KINDS.index(kind) for kind in kinds]
    return observation.per_year(among(observation.tables["group"]["kind"][operation["group"]], places))


def _led_by(observation: Observation, code: str) -> float:
    """Share of operations of several states in which one state's unit has the case."""
    return share(observation.tables["case"]["state"][joint(observation)["case"]] == _state(code))


def _age(observation: Observation) -> float:
    """Median years from a group's first day to the operation of several states that took it down."""
    operation = joint(observation)
    return median(operation["day"] - observation.tables["group"]["entered"][operation["group"]]) / YEAR


def _team_months(observation: Observation) -> float:
    """Median months from the joint team's first day to the operation of several states."""
    operation = joint(observation)
    months = (operation["day"] - observation.tables["case"]["team_formed"][operation["case"]]) / MONTH
    return median(months[np.isfinite(months)])


def _unread(_: Observation) -> float:
    """A fact whose reader is not written yet."""
    return float("nan")


_NUMBER, _RATE = "number a year", "per year"
_OTHERS = ("data_identity_theft", "scams", "cashing_out", "ddos_for_hire")


class FactKey(IntEnum):
    """What is measured for the sake of a fact; the key of each is its name in lower case.

    Attributes:
        unit: of the value.
        measure: the function that finds it; NaN where it is undefined.
    """

    _value_: int
    unit: str
    measure: Callable[[Observation], float]

    def __new__(cls, code: int, unit: str, measure: Callable[[Observation], float]) -> "FactKey":
        """A code with its unit and its measure."""
        made = int.__new__(cls, code)
        made._value_, made.unit, made.measure = code, unit, measure
        return made

    MLA_OUT_OF_EU_MONTHS = 0, "months", _out_of_the_union
    MLA_PARTIES_MONTHS = 1, "months", _between_parties
    MLA_CANADA_MONTHS = 2, "months", _canada
    MLA_BRAZIL_EXECUTED = 3, "share", _brazil
    MLA_INDIA_ANSWERED = 4, "share", lambda seen: _india(seen, seen.answered)
    MLA_INDIA_WITHDRAWN = 5, "share", lambda seen: _india(seen, _withdrawn(seen))
    GRADED_ANSWERED = 6, "share", _graded_answered
    GRADED_FROM_EU = 7, "share", _graded_from_union
    GATES_TOP_THREE = 8, "share", lambda seen: _top_of_union(seen, Addressee.GATE)
    GRADED_TOP_THREE = 9, "share", lambda seen: _top_of_union(seen, Addressee.GRADED)
    INCOMING_UK = 10, _NUMBER, lambda seen: _incoming(seen, "GBR")
    INCOMING_IRELAND = 11, _NUMBER, lambda seen: _incoming(seen, "IRL")
    INCOMING_AUSTRALIA = 12, _NUMBER, lambda seen: _incoming(seen, "AUS")
    INCOMING_BRAZIL = 13, _NUMBER, lambda seen: _incoming(seen, "BRA")
    OPERATIONS_TECHNICAL = 14, _RATE, lambda seen: _of_kind(seen, "technical_services")
    OPERATIONS_EXTORTION = 15, _RATE, lambda seen: _of_kind(seen, "attacks_extortion")
    OPERATIONS_MARKETPLACES = 16, _RATE, lambda seen: _of_kind(seen, "marketplaces")
    OPERATIONS_COMMUNICATION = 17, _RATE, lambda seen: _of_kind(seen, "communication_services")
    OPERATIONS_OTHER = 18, _RATE, lambda seen: _of_kind(seen, *_OTHERS)
    JOINT_COORDINATED = 19, "share", lambda seen: share(joint(seen)["support"] != 0)
    JOINT_LED_BY_USA = 20, "share", lambda seen: _led_by(seen, "USA")
    JOINT_IN_TEAM = 21, "share", lambda seen: share(joint(seen)["in_team"] == 1)
    JOINT_GROUP_AGE = 22, "years", _age
    JOINT_TEAM_MONTHS = 23, "months", _team_months
    JOINT_USA_TAKES_PART = 24, "share", _unread
    JOINT_EU_MAJORITY = 25, "share", _unread
    JOINT_FAR_STATES = 26, "share", _unread
    JOINT_WITH_RUSSIA_CHINA = 27, "share", _unread
    JOINT_EU_MOST = 28, "share", _unread
    JOINT_LED_IN_EU = 29, "share", _unread
    JOINT_SEVERAL_LEADS = 30, "share", _unread
    JOINT_AT_EUROJUST = 31, "share", _unread
    JOINT_AT_INTERPOL = 32, "share", _unread
    JOINT_PERSONS_ARRESTED = 33, "persons", _unread
    JOINT_SEIZES_SERVERS = 34, "share", _unread
    EMERGENCIES_FROM_EU = 35, "share", _unread
    PRESERVATION_FROM_EU = 36, "share", _unread
    GRADED_TOP_OUTSIDE = 37, "share", _unread


def facts(observation: Observation) -> Columns:
    """Every measure of a fact.

    Returns:
        fact (FactKey) and f8 value, NaN where it is undefined.
    """
    values = [fact.measure(observation) for fact in FactKey]
    return {"fact": np.array(FactKey, CODE), "value": np.array(values, np.float64)}
