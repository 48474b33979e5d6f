"""Outcomes that exist to be compared with published facts: sim/data/targets.yaml says with which.

Definitions follow the facts: the same denominator, the same truncation.
"""

import numpy as np

from sim.law.days import MONTH, YEAR
from sim.measures.arrays import Table, median, share
from sim.measures.displacement import hosting_shares
from sim.measures.observation import Observation, once
from sim.measures.outcome import Better, as_outcome
from sim.measures.survival import RiskTable, at, survival
from sim.world.records import ActionType

#: The mean turnaround is cut here: the few requests that wait for many years would decide it.
CUT_MONTHS = 60.0
JOINT_STATES, MAJOR_STATES = 2, 3
BACK_DAYS = 2 * YEAR


def mean_months(table: RiskTable) -> float:
    """Mean months to an answer, every wait cut at CUT_MONTHS: the area under the Kaplan–Meier curve up to there."""
    if not table.time.size:
        return float("nan")
    end = CUT_MONTHS * MONTH
    steps = np.concatenate(([0.0], table.time[table.time < end], [end]))
    still_waiting = at(steps[:-1], table.time, survival(table), 1.0)
    return float((still_waiting * np.diff(steps)).sum()) / MONTH


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


def _return_days(observation: Observation, kind: ActionType) -> float:
    """Median days until the group was back after actions of one kind, of those that were within two years."""
    lives = observation.lives
    watched = (lives.blow_action == kind) & (lives.blow_day <= observation.window.observed_until - BACK_DAYS)
    return median(lives.down_days[watched & lives.back & (lives.down_days <= BACK_DAYS)])


@as_outcome("Mean turnaround of mutual legal assistance", "months", Better.LESS)
def turnaround_mean(observation: Observation) -> float:
    """Area under the Kaplan–Meier curve up to 60 months, requests as for the median: a longer wait counts as 60."""
    return mean_months(observation.answers)


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


@as_outcome("Return after a loss of infrastructure", "days", Better.MORE)
def return_days_infrastructure(observation: Observation) -> float:
    """Median days until a group was back whose infrastructure was taken in the policy years, two years or more before
    the last day simulated, of those that were back within two years.
    """
    return _return_days(observation, ActionType.INFRASTRUCTURE)


@as_outcome("Return after a seizure of domains", "days", Better.MORE)
def return_days_domains(observation: Observation) -> float:
    """As the return after a loss of infrastructure; groups that were down through their domains."""
    return _return_days(observation, ActionType.DOMAIN_SEIZURE)


@as_outcome("Servers in the three states that host most", "share", Better.NEITHER)
def top_three_hosts_share(observation: Observation) -> float:
    """Share of the control servers of groups that are active on the last day that stand in three states (M15)."""
    shares = hosting_shares(observation)
    return float(shares[-3:].sum()) if shares.any() else float("nan")
