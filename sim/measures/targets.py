"""Outcomes that exist to be compared with published facts: sim/data/targets.yaml says with which.

Definitions follow the facts: the same denominator, the same truncation.
"""

from functools import cache

import numpy as np

from sim.data.load import read_table
from sim.law.days import MONTH, YEAR
from sim.law.vocabulary import Channel, DataKind, Ground
from sim.measures.arrays import Floats, Mask, Table, among, median, share
from sim.measures.displacement import hosting_shares
from sim.measures.observation import Observation, once
from sim.measures.outcome import Better, as_outcome
from sim.measures.survival import RiskTable, at, risk_table, survival
from sim.world.records import ActionType, RequestStatus

#: The mean turnaround is cut here: the few requests that wait for many years would decide it.
CUT_MONTHS = 60.0
#: Grounds of refusal that treaties name (M3); no power and proof that falls short are another matter (M2).
TREATY_GROUNDS = (
    Ground.DUAL_CRIMINALITY,
    Ground.MISTAKE,
    Ground.POLITICAL_OR_ESSENTIAL_INTERESTS,
    Ground.DATA_PROTECTION,
    Ground.DE_MINIMIS,
    Ground.NE_BIS_IN_IDEM,
)
_PROVIDERS = (Channel.PROVIDER_BINDING, Channel.PROVIDER_VOLUNTARY)
_NON_CONTENT = (DataKind.SUBSCRIBER, DataKind.TRAFFIC)
JOINT_STATES, MAJOR_STATES = 2, 3
FEW_ARRESTS = 6
BACK_DAYS = 2 * YEAR


def mean_months(table: RiskTable) -> float:
    """Mean months to an answer, every wait cut at CUT_MONTHS: the area under the Kaplan–Meier curve up to there."""
    if not table.time.size:
        return float("nan")
    end = CUT_MONTHS * MONTH
    steps = np.concatenate(([0.0], table.time[table.time < end], [end]))
    still_waiting = at(steps[:-1], table.time, survival(table), 1.0)
    return float((still_waiting * np.diff(steps)).sum()) / MONTH


def assistance(observation: Observation) -> Mask:
    """Requests through central authorities that were sent a year or more before the window's end."""
    return np.asarray(observation.mature & observation.mutual_assistance)


@cache
def _majors() -> int:
    """Number of providers with a name; they are the first of all."""
    return sum(row["class"] == "major" for row in read_table("provider_weights.csv").rows)


@once
def operations(observation: Observation) -> Table:
    """Operations in the window, disruptions left out: states, arrests, whether a group fell, and the first action.

    Several groups may be hit in one operation, which then has the most states of any of its actions, all arrests, and
    day, case, group, joint team and bodies of its first action.
    """
    action = observation.during("action")
    action = action[action["disruption"] == 0]
    _, first, place = np.unique(action["operation"], return_index=True, return_inverse=True)
    of_first = ("day", "case", "group", "in_team", "support")
    kinds = [(name, action.dtype[name]) for name in of_first]
    found = np.zeros(first.size, [("states", "i8"), ("arrests", "i8"), ("down", "?"), *kinds])
    for name in of_first:
        found[name] = action[name][first]
    np.maximum.at(found["states"], place, action["states"])
    np.add.at(found["arrests"], place, action["arrests"] + action["client_arrests"])
    np.logical_or.at(found["down"], place, action["down"] == 1)
    return found


def joint(observation: Observation) -> Table:
    """Operations of several states that took a group down, as the public record has them."""
    operation = operations(observation)
    return np.asarray(operation[operation["down"] & (operation["states"] >= JOINT_STATES)])


def _blows(observation: Observation, kind: ActionType, watched_days: float) -> tuple[Floats, Mask]:
    """Days down after actions of one kind that were watched long enough, and whether the group came back."""
    lives = observation.lives
    long = lives.blow_day <= observation.window.observed_until - watched_days
    chosen = (lives.blow_action == kind) & long
    return lives.down_days[chosen], lives.back[chosen]


def _return_days(observation: Observation, kind: ActionType) -> float:
    """Median days until the group was back, of those that were within two years."""
    days, back = _blows(observation, kind, BACK_DAYS)
    return median(days[back & (days <= BACK_DAYS)])


@as_outcome("Mean turnaround of mutual legal assistance", "months", Better.LESS)
def turnaround_mean(observation: Observation) -> float:
    """Area under the Kaplan–Meier curve up to 60 months, requests as for the median: a longer wait counts as 60."""
    return mean_months(observation.answers)


@as_outcome("Direct requests to large providers that brought data", "share", Better.MORE)
def provider_success_share(observation: Observation) -> float:
    """Executed over all requests sent straight to large providers abroad, those with a name in the data, by binding
    order or not, a year or more before the end.
    """
    asked = observation.mature & among(observation.request("channel"), _PROVIDERS)
    provider = observation.request("provider")
    return share(observation.executed, np.asarray(asked & (provider >= 0) & (provider < _majors())))


@as_outcome("Mutual legal assistance executed at any time", "share", Better.MORE)
def mla_executed_share(observation: Observation) -> float:
    """Executed by the last day simulated, over all requests through central authorities sent a year or more before the
    end.
    """
    return share(observation.executed, assistance(observation))


@as_outcome("Mutual legal assistance refused on a treaty's ground", "share", Better.LESS)
def mla_refused_share(observation: Observation) -> float:
    """Refused for dual criminality, political offence or essential interests, data protection, de minimis or ne bis in
    idem, over all requests through central authorities sent a year or more before the end.
    """
    refused = observation.request("status") == RequestStatus.REFUSED
    return share(refused & among(observation.request("ground"), TREATY_GROUNDS), assistance(observation))


@as_outcome("Mutual legal assistance withdrawn or given up", "share", Better.LESS)
def mla_abandoned_share(observation: Observation) -> float:
    """Withdrawn by letter, or given up by the sender without an answer so far, over the same requests."""
    withdrawn = observation.request("status") == RequestStatus.WITHDRAWN
    given_up = observation.given_up & ~observation.answered
    return share(np.asarray(withdrawn | given_up), assistance(observation))


@as_outcome("Mutual legal assistance for subscriber or traffic data", "share", Better.NEITHER)
def mla_non_content_share(observation: Observation) -> float:
    """Requests through central authorities for subscriber or traffic data, over those for any kind of data."""
    kind = observation.request("data_kind")
    data = among(kind, (*_NON_CONTENT, DataKind.CONTENT)) & observation.mutual_assistance
    return share(among(kind, _NON_CONTENT), np.asarray(data))


@as_outcome("Operations of three states or more", "per year", Better.MORE)
def major_operations_per_year(observation: Observation) -> float:
    """Action days on which at least 3 states acted, per year; those of cases that joined count with the first; no
    disruptions.
    """
    return float((operations(observation)["states"] >= MAJOR_STATES).sum() / observation.window.years)


@as_outcome("States in a joint operation", "number of states", Better.NEITHER)
def joint_operation_states(observation: Observation) -> float:
    """Median number of states that acted, over operations of several states that took a group down."""
    return median(joint(observation)["states"].astype(np.float64))


@as_outcome("Joint operations without an arrest", "share", Better.LESS)
def joint_without_arrest_share(observation: Observation) -> float:
    """Operations of several states that took a group down and on which nobody was arrested, core members, affiliates
    and customers counted, over all of them.
    """
    return share(joint(observation)["arrests"] == 0)


@as_outcome("Joint operations with few arrests", "share", Better.NEITHER)
def joint_few_arrests_share(observation: Observation) -> float:
    """The same with at most 6 arrests."""
    return share(joint(observation)["arrests"] <= FEW_ARRESTS)


@as_outcome("Return after a loss of infrastructure", "days", Better.MORE)
def return_days_infrastructure(observation: Observation) -> float:
    """Median days until a group was back whose infrastructure was taken in the policy years, two years or more before
    the last day simulated, of those that were back within two years.
    """
    return _return_days(observation, ActionType.INFRASTRUCTURE)


@as_outcome("Groups back within two years of a loss of infrastructure", "share", Better.LESS)
def infrastructure_back_share(observation: Observation) -> float:
    """Kaplan–Meier share back above 10 % capability within two years, groups whose infrastructure was taken."""
    days, back = _blows(observation, ActionType.INFRASTRUCTURE, 0.0)
    if not days.size:
        return float("nan")
    table = risk_table(days, back)
    return float(1.0 - at(np.array([BACK_DAYS]), table.time, survival(table), 1.0)[0])


@as_outcome("Return after a seizure of domains", "days", Better.MORE)
def return_days_domains(observation: Observation) -> float:
    """As the return after a loss of infrastructure; groups that were down through their domains."""
    return _return_days(observation, ActionType.DOMAIN_SEIZURE)


@as_outcome("Servers in the three states that host most", "share", Better.NEITHER)
def top_three_hosts_share(observation: Observation) -> float:
    """Share of the control servers of groups that are active on the last day that stand in three states (M15)."""
    shares = hosting_shares(observation)
    return float(shares[-3:].sum()) if shares.any() else float("nan")
