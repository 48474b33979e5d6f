"""Outcomes that exist to be compared with published facts: sim/data/targets.yaml says with which.

Definitions follow the facts: the same denominator, the same truncation.
"""

import numpy as np

from sim.law.days import MONTH, YEAR
from sim.measures.arrays import Table, median, share
from sim.measures.displacement import hosting_shares
from sim.measures.observation import Observation, once
from sim.measures.outcome import Measures
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


def _top_three_hosts_share(observation: Observation) -> float:
    """Share of servers in three states."""
    shares = hosting_shares(observation)
    return float(shares[-3:].sum()) if shares.any() else float("nan")


MEASURES: Measures = {
    "turnaround_mean": lambda seen: mean_months(seen.answers),
    "joint_operation_states": lambda seen: median(joint(seen)["states"].astype(np.float64)),
    "joint_without_arrest_share": lambda seen: share(joint(seen)["arrests"] == 0),
    "return_days_infrastructure": lambda seen: _return_days(seen, ActionType.INFRASTRUCTURE),
    "return_days_domains": lambda seen: _return_days(seen, ActionType.DOMAIN_SEIZURE),
    "top_three_hosts_share": _top_three_hosts_share,
}
