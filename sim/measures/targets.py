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
from sim.measures.outcome import Better, Outcome
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


def _provider_success(observation: Observation) -> float:
    asked = observation.mature & among(observation.request("channel"), _PROVIDERS)
    provider = observation.request("provider")
    return share(observation.executed, np.asarray(asked & (provider >= 0) & (provider < _majors())))


def _refused(observation: Observation) -> float:
    refused = observation.request("status") == RequestStatus.REFUSED
    return share(refused & among(observation.request("ground"), TREATY_GROUNDS), assistance(observation))


def _abandoned(observation: Observation) -> float:
    withdrawn = observation.request("status") == RequestStatus.WITHDRAWN
    given_up = observation.given_up & ~observation.answered
    return share(np.asarray(withdrawn | given_up), assistance(observation))


def _non_content(observation: Observation) -> float:
    kind = observation.request("data_kind")
    data = among(kind, (*_NON_CONTENT, DataKind.CONTENT)) & observation.mutual_assistance
    return share(among(kind, _NON_CONTENT), np.asarray(data))


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


def _back_share(observation: Observation) -> float:
    """Share of groups whose infrastructure was taken that are back within two years."""
    days, back = _blows(observation, ActionType.INFRASTRUCTURE, 0.0)
    if not days.size:
        return float("nan")
    table = risk_table(days, back)
    return float(1.0 - at(np.array([BACK_DAYS]), table.time, survival(table), 1.0)[0])


def _top_three(observation: Observation) -> float:
    shares = hosting_shares(observation)
    return float(shares[-3:].sum()) if shares.any() else float("nan")


OUTCOMES = (
    Outcome(
        "turnaround_mean",
        "Mean turnaround of mutual legal assistance",
        "months",
        Better.LESS,
        f"Area under the Kaplan–Meier curve up to {CUT_MONTHS:g} months, requests as for the median: a longer wait "
        f"counts as {CUT_MONTHS:g}.",
        lambda observation: mean_months(observation.answers),
    ),
    Outcome(
        "provider_success_share",
        "Direct requests to large providers that brought data",
        "share",
        Better.MORE,
        "Executed over all requests sent straight to large providers abroad, those with a name in the data, by binding "
        "order or not, a year or more before the end.",
        _provider_success,
    ),
    Outcome(
        "mla_executed_share",
        "Mutual legal assistance executed at any time",
        "share",
        Better.MORE,
        "Executed by the last day simulated, over all requests through central authorities sent a year or more "
        "before the end.",
        lambda observation: share(observation.executed, assistance(observation)),
    ),
    Outcome(
        "mla_refused_share",
        "Mutual legal assistance refused on a treaty's ground",
        "share",
        Better.LESS,
        "Refused for dual criminality, political offence or essential interests, data protection, de minimis or ne "
        "bis in idem, over all requests through central authorities sent a year or more before the end.",
        _refused,
    ),
    Outcome(
        "mla_abandoned_share",
        "Mutual legal assistance withdrawn or given up",
        "share",
        Better.LESS,
        "Withdrawn by letter, or given up by the sender without an answer so far, over the same requests.",
        _abandoned,
    ),
    Outcome(
        "mla_non_content_share",
        "Mutual legal assistance for subscriber or traffic data",
        "share",
        Better.NEITHER,
        "Requests through central authorities for subscriber or traffic data, over those for any kind of data.",
        _non_content,
    ),
    Outcome(
        "major_operations_per_year",
        "Operations of three states or more",
        "per year",
        Better.MORE,
        f"Action days on which at least {MAJOR_STATES} states acted, per year; those of cases that joined count with "
        "the first; no disruptions.",
        lambda observation: float((operations(observation)["states"] >= MAJOR_STATES).sum() / observation.window.years),
    ),
    Outcome(
        "joint_operation_states",
        "States in a joint operation",
        "number of states",
        Better.NEITHER,
        "Median number of states that acted, over operations of several states that took a group down.",
        lambda observation: median(joint(observation)["states"].astype(np.float64)),
    ),
    Outcome(
        "joint_without_arrest_share",
        "Joint operations without an arrest",
        "share",
        Better.LESS,
        "Operations of several states that took a group down and on which nobody was arrested, core members, "
        "affiliates and customers counted, over all of them.",
        lambda observation: share(joint(observation)["arrests"] == 0),
    ),
    Outcome(
        "joint_few_arrests_share",
        "Joint operations with few arrests",
        "share",
        Better.NEITHER,
        f"The same with at most {FEW_ARRESTS} arrests.",
        lambda observation: share(joint(observation)["arrests"] <= FEW_ARRESTS),
    ),
    Outcome(
        "return_days_infrastructure",
        "Return after a loss of infrastructure",
        "days",
        Better.MORE,
        "Median days until a group was back whose infrastructure was taken in the policy years, two years or more "
        "before the last day simulated, of those that were back within two years.",
        lambda observation: _return_days(observation, ActionType.INFRASTRUCTURE),
    ),
    Outcome(
        "infrastructure_back_share",
        "Groups back within two years of a loss of infrastructure",
        "share",
        Better.LESS,
        "Kaplan–Meier share back above 10 % capability within two years, groups whose infrastructure was taken.",
        _back_share,
    ),
    Outcome(
        "return_days_domains",
        "Return after a seizure of domains",
        "days",
        Better.MORE,
        "As the return after a loss of infrastructure; groups that were down through their domains.",
        lambda observation: _return_days(observation, ActionType.DOMAIN_SEIZURE),
    ),
    Outcome(
        "top_three_hosts_share",
        "Servers in the three states that host most",
        "share",
        Better.NEITHER,
        "Share of the control servers of groups that are active on the last day that stand in three states (M15).",
        _top_three,
    ),
)
