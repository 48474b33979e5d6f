"""Model values that correspond to published facts.

sim/data/targets.yaml has the facts, and the definitions that these functions follow: the same denominator, the same
truncation. The table `facts` of a run holds the values of those that no outcome gives.
"""

import math
from collections.abc import Iterable
from enum import IntEnum
from functools import cache

import numpy as np

from sim.data.load import members, read_table, states
from sim.law.days import MONTH, YEAR
from sim.law.vocabulary import DataKind
from sim.measures.arrays import CODE, Columns, Floats, Integers, Mask, Table, among, median, ratio, share
from sim.measures.observation import Observation, once
from sim.measures.outcome import Measure, Measures
from sim.measures.survival import RiskTable, at, quantile, survival
from sim.world.parameters import GROUP_KINDS, Theme
from sim.world.records import ActionType, Addressee, Body, CaseStatus, MilestoneKind, Ordinary, RequestStatus
from sim.world.records.stages import Stage

#: The mean turnaround is cut here: the few requests that wait for many years would decide it.
CUT_MONTHS = 60.0
JOINT_STATES, MAJOR_STATES = 2, 3
#: Years of the record in which operations are counted, 2021 to 2025, and states of a usual one.
RECORD_YEARS, USUAL_STATES = 5, 6.0
BACK_DAYS = 2 * YEAR
#: The first year that is counted, one after most figures; and the year of the EU states' orders.
FIRST_YEAR, YEAR_OF_ORDERS = 2022, 2025
#: How many states those are that ask most.
TOP = 3
#: More days than any run has: case and day are one number.
_CASE = 1e6
_states = cache(states)
_NUMBER, _RATE = "number a year", "per year"
#: Kinds that one count holds together, and that are known less.
_OTHERS = ("data_identity_theft", "scams", "cashing_out", "ddos_for_hire")


def mean_months(table: RiskTable) -> float:
    """Mean months until an answer by the Kaplan–Meier curve, cut at CUT_MONTHS."""
    if not table.time.size:
        return float("nan")
    end = CUT_MONTHS * MONTH
    steps = np.concatenate(([0.0], table.time[table.time < end], [end]))
    still_waiting = at(steps[:-1], table.time, survival(table), 1.0)
    return float((still_waiting * np.diff(steps)).sum()) / MONTH


@once
def operations(observation: Observation) -> Table:
    """Table of operations in the measured period, without disruptions by single units.

    Several groups may be hit in one operation, which then has the most states of any of its actions, all arrests, and
    day, case, group, joint team and bodies of its first action.
    """
    action = observation.during("action")
    action = action[action["disruption"] == 0]
    _, first, place = np.unique(action["operation"], return_index=True, return_inverse=True)
    of_first = ("day", "case", "group", "in_team", "support")
    kinds = [(name, action.dtype[name]) for name in of_first]
    rows = np.zeros(first.size, [("states", "i8"), ("arrests", "i8"), ("down", "?"), *kinds])
    for name in of_first:
        rows[name] = action[name][first]
    np.maximum.at(rows["states"], place, action["states"])
    np.add.at(rows["arrests"], place, action["arrests"] + action["client_arrests"])
    np.logical_or.at(rows["down"], place, action["down"] == 1)
    return rows


def joint(observation: Observation) -> Table:
    """Table of joint operations: several states acted and took a group down."""
    operation = operations(observation)
    return np.asarray(operation[_is_joint(operation)])


def on_record(observation: Observation) -> Table:
    """Table of joint operations that Europol or Eurojust supported and that may be on public record."""
    operation = operations(observation)
    return np.asarray(operation[_is_on_record(operation)])


def _is_joint(operation: Table) -> Mask:
    """True for each operation in which several states acted and took a group down."""
    return np.asarray(operation["down"] & (operation["states"] >= JOINT_STATES))


def _is_on_record(operation: Table) -> Mask:
    """True for each joint operation that Europol or Eurojust supported and that may be on public record."""
    return np.asarray(_is_joint(operation) & (_at(operation, Body.EUROPOL) | _at(operation, Body.EUROJUST)))


def _at(operation: Table, body: Body) -> Mask:
    """True for each operation that a given liaison body supported."""
    return np.asarray((operation["support"] >> body) & 1 == 1)


def _return_days(observation: Observation, kind: ActionType) -> float:
    """Median days until return after actions of one kind, over groups that return within two years."""
    histories = observation.histories
    watched = (histories.brought_down_by == kind) & (
        histories.brought_down_day <= observation.window.observed_until - BACK_DAYS
    )
    return median(histories.down_days[watched & histories.back & (histories.down_days <= BACK_DAYS)])


@cache
def _places(*names: str) -> tuple[int, ...]:
    """Indices of states, from their codes or the name of a set: `EU`, `BUDAPEST` (its Parties) or `FAR`.

    Those are far that are outside Europe, the EU, North America, Australia and New Zealand.
    """
    parties = (row["iso3"] for row in read_table("budapest_convention.csv").rows if row["participation"] == "party")
    union, near = members("EU", "member"), {"USA", "CAN", "AUS", "NZL"}
    outside = {row["iso3"] for row in read_table("countries.csv").rows if row["region"] != "Europe"}
    several = {"EU": sorted(union), "BUDAPEST": parties, "FAR": sorted(outside - union - near)}
    return tuple(_states().index(code) for name in names for code in several.get(name, (name,)))


def _assisted(observation: Observation, *asking: str) -> Mask:
    """True for each request that the given states send through central authorities."""
    return np.asarray(observation.mutual_assistance & among(observation.request("requesting"), _places(*asking)))


def _asked(observation: Observation, *asked: str) -> Mask:
    """True for each request to the given states."""
    return among(observation.request("requested"), _places(*asked))


def _months(observation: Observation, chosen: Mask) -> float:
    """Mean months until an answer over the requests in a mask."""
    return mean_months(observation.answers_of(np.asarray(chosen)))


def _between_parties(observation: Observation) -> float:
    """Median months until an answer through central authorities between Parties to the Budapest Convention."""
    among_them = _assisted(observation, "BUDAPEST") & _asked(observation, "BUDAPEST")
    return quantile(observation.answers_of(np.asarray(among_them)), 0.5) / MONTH


def _brazil(observation: Observation) -> float:
    """Share executed of Brazil's data requests to the USA through central authorities."""
    data = among(observation.request("data_kind"), (DataKind.SUBSCRIBER, DataKind.TRAFFIC, DataKind.CONTENT))
    requests = observation.mature & _assisted(observation, "BRA") & _asked(observation, "USA")
    return share(observation.executed, requests & data)


def _answered(observation: Observation, requests: Mask) -> float:
    """Share answered of the requests in a mask, of those sent long enough before the end."""
    return share(observation.answered, observation.mature & requests)


def _office(observation: Observation, code: str) -> float:
    """Share of the days of answered requests to a state that pass at its central authority."""
    own = (Stage.INCOMING_TRIAGE, Stage.REVIEW, Stage.RETURN)
    chosen = (observation.mutual_assistance & _asked(observation, code))[observation.answered]
    days = observation.stage_days[:, chosen].sum(axis=1, dtype=np.float64)
    after = [stage for stage in Stage if not stage.row.before_sending and stage is not Stage.FORENSICS]
    return ratio(*(float(sum(days[stage - 1] for stage in stages)) for stages in (own, after)))


def _india(observation: Observation, part: Mask) -> float:
    """Share in the mask `part` of India's requests through central authorities."""
    return share(part, observation.mature & _assisted(observation, "IND"))


def _counted(observation: Observation, kinds: Iterable[int], year: int, field: str = "requests") -> Floats:
    """Number of ordinary requests of given kinds in a year, f8[states]; NaN for a year without counts."""
    table = observation.tables["ordinary"]
    in_year = table["year"] == year
    if not in_year.any():
        return np.full(len(_states()), np.nan)
    rows = in_year & among(table["kind"], tuple(kinds))
    return np.bincount(table["state"][rows], table[field][rows], len(_states())).astype(np.float64)


def _direct(observation: Observation, addressee: Addressee, year: int = FIRST_YEAR, field: str = "requests") -> Floats:
    """Number of ordinary direct requests from each state to one class of providers in a year, f8[states]."""
    return _counted(observation, (Ordinary.VOLUNTARY + addressee, Ordinary.BINDING + addressee), year, field)


def _graded_answered(observation: Observation) -> float:
    """Share of direct requests that yield data, at large providers whose answers depend on the state."""
    answered = _direct(observation, Addressee.GRADED, field="answered")
    return ratio(float(answered.sum()), float(_direct(observation, Addressee.GRADED).sum()))


def _top(asked: Floats) -> float:
    """Share of the three most active states in all requests."""
    return ratio(float(np.sort(asked)[-TOP:].sum()), float(asked.sum()))


def _top_of_union(observation: Observation, addressee: Addressee) -> float:
    """Share of the three most active EU members in the direct requests of all EU members."""
    return _top(np.sort(_direct(observation, addressee, YEAR_OF_ORDERS)[list(_places("EU"))]))


def _top_outside(observation: Observation) -> float:
    """Share of the three most active states in the direct requests from outside the EU and the USA."""
    requests = _direct(observation, Addressee.GRADED)
    requests[list(_places("USA", "EU"))] = 0.0
    return _top(requests)


def _from_union(asked: Floats) -> float:
    """Share of EU members in all requests."""
    return ratio(float(asked[list(_places("EU"))].sum()), float(asked.sum()))


def _incoming(observation: Observation, code: str) -> float:
    """Number of requests for any purpose that reach a state's incoming authority in the first year."""
    return float(_counted(observation, (Ordinary.ASSISTANCE,), FIRST_YEAR)[_states().index(code)])


def chance_on_record(operation: Table, lesser: Mask, record: Theme, years: int = RECORD_YEARS) -> Floats:
    """Probability that each operation is in the public record, given what is seen of it, f8[operations].

    A mean over the years of the record, since an operation of the model may fall into any of them.

    Args:
        operation: rows of `operations`: states, arrests, and bodies that helped.
        lesser: True where it is against one of the kinds that are known less, bool[operations].
        record: parameters: log-odds, and the share of usual operations.
        years: length of the record that is compared, in years.
    """
    helped = _at(operation, Body.EUROPOL) | _at(operation, Body.EUROJUST)
    odds = math.log(record.recorded_share / (1.0 - record.recorded_share))
    odds = odds + record.recorded_states * np.log2(np.maximum(operation["states"], 1) / USUAL_STATES)
    odds = odds + record.recorded_arrests * (operation["arrests"] > 0) + record.recorded_lesser * lesser
    odds = odds + record.recorded_alone * ~helped
    by_year = odds + record.recorded_year * np.arange(years)[:, np.newaxis]
    return np.asarray((1.0 / (1.0 + np.exp(-by_year))).mean(axis=0))


def _recorded(observation: Observation, *kinds: str) -> float:
    """Expected number of operations a year that are on record, of those of three states against groups of some kinds.

    An expectation, and no draw of which they are: chance of the record is part of its likelihood.
    """
    operation = operations(observation)
    operation = operation[operation["down"] & (operation["states"] >= MAJOR_STATES)]
    kind = observation.tables["group"]["kind"][operation["group"]]
    chance = chance_on_record(operation, among(kind, _places_of_kinds(*_OTHERS)), observation.record)
    return float(chance[among(kind, _places_of_kinds(*kinds))].sum() / observation.window.years)


@cache
def _places_of_kinds(*kinds: str) -> tuple[int, ...]:
    """Numbers of kinds of groups."""
    return tuple(GROUP_KINDS.index(kind) for kind in kinds)


def _age(observation: Observation) -> float:
    """Median age of groups, in years, when an operation on record takes them down."""
    operation = on_record(observation)
    return median(operation["day"] - observation.tables["group"]["entered"][operation["group"]]) / YEAR


def _team_months(observation: Observation) -> float:
    """Median months from the start of a joint team to its operation on record."""
    operation = on_record(observation)
    months = (operation["day"] - observation.tables["case"]["team_formed"][operation["case"]]) / MONTH
    return median(months[np.isfinite(months)])


@once
def _together(observation: Observation) -> tuple[Mask, Mask, Mask]:
    """Returns masks over operations on record: states that acted, states with own cases, servers seized.

    A state has a case of its own where its unit's case acts, or merged into one that acts. The first two are
    bool[operations, states].
    """
    every, action, case = operations(observation), observation.tables["action"], observation.tables["case"]
    action, kept = action[action["disruption"] == 0], _is_on_record(every)
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
    for mask, rows, state in (
        *((acted, place, case["state"][action["case"]]), (acted, place[joined], partners)),
        (own, place_of_case[leading], case["state"]),
    ):
        mask[rows[rows >= 0], state[rows >= 0]] = True
    return acted[kept], own[kept], np.asarray(seized[kept])


def _partners(observation: Observation, action: Table) -> tuple[Integers, Integers]:
    """Returns rows of partner states that acted on an action day, and the rows of their actions."""
    acted = observation.tables["milestone"]
    acted = acted[acted["kind"] == MilestoneKind.ACTED]
    order = np.lexsort((action["day"], action["case"]))
    moments = (rows["case"] * _CASE + rows["day"] for rows in (action[order], acted))
    return acted["subject"], order[np.searchsorted(*moments)]


def _acted(observation: Observation, *names: str) -> Mask:
    """True for each operation on record in which at least one of the given states acted."""
    return np.asarray(_together(observation)[0][:, list(_places(*names))].any(axis=1))


def _led(observation: Observation, *names: str) -> Mask:
    """True for each operation on record that a unit of one of the given states led."""
    return among(observation.tables["case"]["state"][on_record(observation)["case"]], _places(*names))


def _mostly_union(observation: Observation) -> float:
    """Share of operations on record in which most acting states are EU members."""
    acted = _together(observation)[0]
    return share(2 * acted[:, list(_places("EU"))].sum(axis=1) > acted.sum(axis=1))


def _union_most(observation: Observation) -> float:
    """Share of operations on record in which the most active EU member acted."""
    times = _together(observation)[0][:, list(_places("EU"))].sum(axis=0)
    return ratio(float(times.max()), float(len(on_record(observation))))


def _arrested(observation: Observation) -> float:
    """Median number of arrests over operations on record with at least one arrest."""
    arrests = on_record(observation)["arrests"]
    return median(arrests[arrests > 0].astype(np.float64))


class FactKey(IntEnum):
    """Published facts for which the model has a measure, each with its unit."""

    _value_: int
    unit: str  # of the value
    measure: Measure  # NaN where it is undefined

    def __new__(cls, code: int, unit: str, measure: Measure) -> "FactKey":
        """Creates a member with its number, unit and measure."""
        code_with_unit = int.__new__(cls, code)
        code_with_unit._value_, code_with_unit.unit, code_with_unit.measure = code, unit, measure
        return code_with_unit

    MLA_OUT_OF_EU_MONTHS = 0, "months", lambda seen: _months(seen, _assisted(seen, "EU") & ~_asked(seen, "EU"))
    MLA_PARTIES_MONTHS = 1, "months", _between_parties
    MLA_CANADA_MONTHS = 2, "months", lambda seen: _months(seen, _assisted(seen, "CAN"))
    MLA_BRAZIL_EXECUTED = 3, "share", _brazil
    MLA_INDIA_ANSWERED = 4, "share", lambda seen: _india(seen, seen.answered)
    MLA_INDIA_WITHDRAWN = 5, "share", lambda seen: _india(seen, seen.request("status") == RequestStatus.WITHDRAWN)
    GRADED_ANSWERED = 6, "share", _graded_answered
    GRADED_FROM_EU = 7, "share", lambda seen: _from_union(_direct(seen, Addressee.GRADED))
    GATES_TOP_THREE = 8, "share", lambda seen: _top_of_union(seen, Addressee.GATE)
    GRADED_TOP_THREE = 9, "share", lambda seen: _top_of_union(seen, Addressee.GRADED)
    INCOMING_UK = 10, _NUMBER, lambda seen: _incoming(seen, "GBR")
    INCOMING_IRELAND = 11, _NUMBER, lambda seen: _incoming(seen, "IRL")
    INCOMING_AUSTRALIA = 12, _NUMBER, lambda seen: _incoming(seen, "AUS")
    INCOMING_BRAZIL = 13, _NUMBER, lambda seen: _incoming(seen, "BRA")
    RECORDED_TECHNICAL = 14, _RATE, lambda seen: _recorded(seen, "technical_services")
    RECORDED_EXTORTION = 15, _RATE, lambda seen: _recorded(seen, "attacks_extortion")
    RECORDED_MARKETPLACES = 16, _RATE, lambda seen: _recorded(seen, "marketplaces")
    RECORDED_COMMUNICATION = 17, _RATE, lambda seen: _recorded(seen, "communication_services")
    RECORDED_OTHER = 18, _RATE, lambda seen: _recorded(seen, *_OTHERS)
    JOINT_COORDINATED = 19, "share", lambda seen: share(joint(seen)["support"] != 0)
    JOINT_LED_BY_USA = 20, "share", lambda seen: share(_led(seen, "USA"))
    JOINT_IN_TEAM = 21, "share", lambda seen: share(on_record(seen)["in_team"] == 1)
    JOINT_GROUP_AGE = 22, "years", _age
    JOINT_TEAM_MONTHS = 23, "months", _team_months
    JOINT_USA_TAKES_PART = 24, "share", lambda seen: share(_acted(seen, "USA"), ~_led(seen, "USA"))
    JOINT_EU_MAJORITY = 25, "share", _mostly_union
    JOINT_FAR_STATES = 26, "share", lambda seen: share(_acted(seen, "FAR"))
    JOINT_WITH_RUSSIA_CHINA = 27, "share", lambda seen: share(_acted(seen, "RUS", "CHN"), _led(seen, "USA", "EU"))
    JOINT_EU_MOST = 28, "share", _union_most
    JOINT_LED_IN_EU = 29, "share", lambda seen: share(_led(seen, "EU"), ~_led(seen, "USA"))
    JOINT_SEVERAL_LEADS = 30, "share", lambda seen: share(_together(seen)[1].sum(axis=1) > 1)
    JOINT_AT_EUROJUST = 31, "share", lambda seen: share(_at(on_record(seen), Body.EUROJUST))
    JOINT_AT_INTERPOL = 32, "share", lambda seen: share(_at(on_record(seen), Body.INTERPOL))
    JOINT_PERSONS_ARRESTED = 33, "persons", _arrested
    JOINT_SEIZES_SERVERS = 34, "share", lambda seen: share(_together(seen)[2])
    EMERGENCIES_FROM_EU = 35, "share", lambda seen: _from_union(_counted(seen, (Ordinary.EMERGENCY,), FIRST_YEAR))
    PRESERVATION_FROM_EU = 36, "share", lambda seen: _from_union(_counted(seen, (Ordinary.PRESERVATION,), FIRST_YEAR))
    GRADED_TOP_OUTSIDE = 37, "share", _top_outside
    JOINT_STATES_ACTING = 38, "number of states", lambda seen: median(on_record(seen)["states"].astype(np.float64))
    JOINT_WITHOUT_ARREST = 39, "share", lambda seen: share(on_record(seen)["arrests"] == 0)
    MLA_TO_SWITZERLAND_MONTHS = 40, "months", lambda seen: _months(seen, seen.mutual_assistance & _asked(seen, "CHE"))
    MLA_FROM_SWITZERLAND_MONTHS = 41, "months", lambda seen: _months(seen, _assisted(seen, "CHE"))
    MLA_UK_USA_MONTHS = 42, "months", lambda seen: _months(seen, _assisted(seen, "GBR") & _asked(seen, "USA"))
    MLA_CANADA_OFFICE_SHARE = 43, "share", lambda seen: _office(seen, "CAN")
    MLA_KOREA_ANSWERED = 44, "share", lambda seen: _answered(seen, _assisted(seen, "KOR"))
    MLA_TO_KOREA_ANSWERED = 45, "share", lambda seen: _answered(seen, seen.mutual_assistance & _asked(seen, "KOR"))
    MLA_RUSSIA_EXECUTED = 46, "share", lambda seen: share(seen.executed, seen.mature & _assisted(seen, "RUS"))


def facts(observation: Observation) -> Columns:
    """Table of the model's values for all facts, with the columns `fact` (FactKey) and `value`; NaN if undefined."""
    values = [fact.measure(observation) for fact in FactKey]
    return {"fact": np.array(FactKey, CODE), "value": np.array(values, np.float64)}


MEASURES: Measures = {
    "turnaround_mean": lambda seen: mean_months(seen.answers),
    "joint_operation_states": lambda seen: median(joint(seen)["states"].astype(np.float64)),
    "joint_without_arrest_share": lambda seen: share(joint(seen)["arrests"] == 0),
    "return_days_infrastructure": lambda seen: _return_days(seen, ActionType.INFRASTRUCTURE),
    "return_days_domains": lambda seen: _return_days(seen, ActionType.DOMAIN_SEIZURE),
}
