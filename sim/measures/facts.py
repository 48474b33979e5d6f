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
from sim.measures.arrays import CODE, Columns, Floats, Integers, Mask, Table, among, median, ratio, share
from sim.measures.observation import Observation, once
from sim.measures.survival import quantile
from sim.measures.targets import JOINT_STATES, MAJOR_STATES, joint, mean_months, operations
from sim.world.parameters import GROUP_KINDS
from sim.world.records import Addressee, Body, CaseStatus, MilestoneKind, Ordinary, RequestStatus

#: The first year that is counted, one after most figures; and the year of the EU states' orders.
FIRST_YEAR, YEAR_OF_ORDERS = 2022, 2025
#: How many states those are that ask most.
TOP = 3
#: More days than any run has: case and day are one number.
_CASE = 1e6


_states = cache(states)


@cache
def _state(code: str) -> int:
    """Place of a state."""
    return _states().index(code)


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
        return np.full(len(_states()), np.nan)
    rows = in_year & among(table["kind"], tuple(kinds))
    return np.bincount(table["state"][rows], table[field][rows], len(_states())).astype(np.float64)


def _direct(addressee: Addressee) -> tuple[int, int]:
    """Kinds of direct requests to large providers that answer in one way."""
    return Ordinary.VOLUNTARY + addressee, Ordinary.BINDING + addressee


def _graded_answered(observation: Observation) -> float:
    """Share that brings data, of direct requests in ordinary cases to large providers that answer all by grades."""
    kinds = _direct(Addressee.GRADED)
    answered, asked = (_counted(observation, kinds, FIRST_YEAR, name).sum() for name in ("answered", "requests"))
    return ratio(float(answered), float(asked))


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
    return share(_led(observation, (_state(code),)))


def _age(observation: Observation) -> float:
    """Median years from a group's first day to the operation of several states that took it down."""
    operation = joint(observation)
    return median(operation["day"] - observation.tables["group"]["entered"][operation["group"]]) / YEAR


def _team_months(observation: Observation) -> float:
    """Median months from the joint team's first day to the operation of several states."""
    operation = joint(observation)
    months = (operation["day"] - observation.tables["case"]["team_formed"][operation["case"]]) / MONTH
    return median(months[np.isfinite(months)])


@cache
def _far() -> tuple[int, ...]:
    """States outside Europe, the EU, North America, Australia and New Zealand."""
    near = {*_members(), *map(_state, ("USA", "CAN", "AUS", "NZL"))}
    rows = read_table("countries.csv").rows
    return tuple(sorted({_state(row["iso3"]) for row in rows if row["region"] != "Europe"} - near))


@once
def _together(observation: Observation) -> tuple[Mask, Mask, Mask]:
    """Of operations of several states, in the order of `joint`: who acted, who had cases of its own, servers seized.

    A state has a case of its own where its unit's case acts, or merged into one that acts.

    Returns:
        bool[operations, states] twice, and bool[operations].
    """
    every, action, case = operations(observation), observation.tables["action"], observation.tables["case"]
    action, kept = action[action["disruption"] == 0], every["down"] & (every["states"] >= JOINT_STATES)
    inside = observation.window.holds(action["day"])
    _, operation = np.unique(action["operation"][inside], return_inverse=True)
    seized = np.bincount(operation, action["seized"][inside], len(every)) > 0
    place, place_of_case = np.full(len(action), -1), np.full(len(case), -1)
    place[inside] = np.where(kept[operation], operation, -1)
    place_of_case[action["case"][place >= 0]] = place[place >= 0]
    leading = np.where(case["status"] == CaseStatus.MERGED, case["merged_into"], np.arange(len(case)))
    acted, own = np.zeros((2, len(every), len(states())), np.bool_)
    subject, joined = _partners(observation, action)
    partners = observation.tables["partner"]["state"][subject]
    for found, at, state in (
        *((acted, place, case["state"][action["case"]]), (acted, place[joined], partners)),
        (own, place_of_case[leading], case["state"]),
    ):
        found[at[at >= 0], state[at >= 0]] = True
    return acted[kept], own[kept], np.asarray(seized[kept])


def _partners(observation: Observation, action: Table) -> tuple[Integers, Integers]:
    """Rows of partners that acted with a leading state, and on which of some actions."""
    acted = observation.tables["milestone"]
    acted = acted[acted["kind"] == MilestoneKind.ACTED]
    order = np.lexsort((action["day"], action["case"]))
    moments = (rows["case"] * _CASE + rows["day"] for rows in (action[order], acted))
    return acted["subject"], order[np.searchsorted(*moments)]


def _acted(observation: Observation, *codes: str) -> Mask:
    """Whether one of some states acted, bool[operations of several states]."""
    return np.asarray(_together(observation)[0][:, [_state(code) for code in codes]].any(axis=1))


def _led(observation: Observation, among_them: Iterable[int]) -> Mask:
    """Whether a unit of one of some states has the case, bool[operations of several states]."""
    return among(observation.tables["case"]["state"][joint(observation)["case"]], tuple(among_them))


def _joined_by_usa(observation: Observation) -> float:
    """Share of operations of several states that others led in which the USA acted."""
    return share(_acted(observation, "USA"), ~_led(observation, (_state("USA"),)))


def _with_russia_or_china(observation: Observation) -> float:
    """Share of operations of several states that the USA or members of the EU led in which Russia or China acted."""
    return share(_acted(observation, "RUS", "CHN"), _led(observation, (_state("USA"), *_members())))


def _led_in_union(observation: Observation) -> float:
    """Share of operations of several states that others than the USA led in which a member of the EU did."""
    return share(_led(observation, _members()), ~_led(observation, (_state("USA"),)))


def _mostly_union(observation: Observation) -> float:
    """Share of operations of several states in which more than half of those that acted are members of the EU."""
    acted = _together(observation)[0]
    return share(2 * acted[:, list(_members())].sum(axis=1) > acted.sum(axis=1))


def _union_most(observation: Observation) -> float:
    """Share of operations of several states in which the member of the EU acted that acted in most of them."""
    times = _together(observation)[0][:, list(_members())].sum(axis=0)
    return ratio(float(times.max()), float(len(joint(observation))))


def _at_body(observation: Observation, body: Body) -> float:
    """Share of operations of several states with any body's help that had this one's."""
    support = joint(observation)["support"]
    return share((support >> body) & 1 == 1, support != 0)


def _arrested(observation: Observation) -> float:
    """Median number of arrests in operations of several states that had any."""
    arrests = joint(observation)["arrests"]
    return median(arrests[arrests > 0].astype(np.float64))


def _from_union(observation: Observation, *kinds: int) -> float:
    """Share of ordinary requests of some kinds that members of the EU send."""
    asked = _counted(observation, kinds, FIRST_YEAR)
    return ratio(float(asked[list(_members())].sum()), float(asked.sum()))


def _top_outside(observation: Observation) -> float:
    """Share of the three that ask graded providers most, of all states but the USA and members of the EU."""
    asked = _counted(observation, _direct(Addressee.GRADED), FIRST_YEAR)
    asked[[_state("USA"), *_members()]] = 0.0
    return ratio(float(np.sort(asked)[-TOP:].sum()), float(asked.sum()))


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
    GRADED_FROM_EU = 7, "share", lambda seen: _from_union(seen, *_direct(Addressee.GRADED))
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
    JOINT_USA_TAKES_PART = 24, "share", _joined_by_usa
    JOINT_EU_MAJORITY = 25, "share", _mostly_union
    JOINT_FAR_STATES = 26, "share", lambda seen: share(_together(seen)[0][:, list(_far())].any(axis=1))
    JOINT_WITH_RUSSIA_CHINA = 27, "share", _with_russia_or_china
    JOINT_EU_MOST = 28, "share", _union_most
    JOINT_LED_IN_EU = 29, "share", _led_in_union
    JOINT_SEVERAL_LEADS = 30, "share", lambda seen: share(_together(seen)[1].sum(axis=1) > 1)
    JOINT_AT_EUROJUST = 31, "share", lambda seen: _at_body(seen, Body.EUROJUST)
    JOINT_AT_INTERPOL = 32, "share", lambda seen: _at_body(seen, Body.INTERPOL)
    JOINT_PERSONS_ARRESTED = 33, "persons", _arrested
    JOINT_SEIZES_SERVERS = 34, "share", lambda seen: share(_together(seen)[2])
    EMERGENCIES_FROM_EU = 35, "share", lambda seen: _from_union(seen, Ordinary.EMERGENCY)
    PRESERVATION_FROM_EU = 36, "share", lambda seen: _from_union(seen, Ordinary.PRESERVATION)
    GRADED_TOP_OUTSIDE = 37, "share", _top_outside


def facts(observation: Observation) -> Columns:
    """Every measure of a fact.

    Returns:
        fact (FactKey) and f8 value, NaN where it is undefined.
    """
    values = [fact.measure(observation) for fact in FactKey]
    return {"fact": np.array(FactKey, CODE), "value": np.array(values, np.float64)}
