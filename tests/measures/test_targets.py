"""Outcomes that are compared with published facts, each worked out by hand."""

import numpy as np

from sim.law.days import MONTH, YEAR
from sim.measures.history import Window
from sim.measures.targets import CUT_MONTHS
from sim.world.records import ActionType, GroupStatus, RequestStatus, SpellCause
from tests.measures.worlds import END, START, WINDOW, check, observation, request, spell

ENTRY, TAKEDOWN, RETURN = SpellCause.ENTRY, SpellCause.TAKEDOWN, SpellCause.RETURN


def ended(status, **fields):
    return request(10.0, 100.0, status=status, **fields)


def test_the_mean_turnaround_is_cut_and_withdrawn_requests_are_censored():
    sent = [request(0.0, MONTH * months) for months in (6, 12, 70)]
    sent.append(request(0.0, MONTH * 5, status=RequestStatus.WITHDRAWN))
    check(observation(request=sent), turnaround_mean=(18 + CUT_MONTHS) / 3)


def action(day, states, operation, **fields):
    return {"day": START + day, "states": states, "operation": operation, "down": 1} | fields


OPERATIONS = [
    action(100, 4, 0, arrests=1),
    action(101, 2, 0, client_arrests=6),  # joined the first: seven together
    action(150, 3, 1, arrests=6),
    action(200, 2, 2),
    action(300, 3, 3, down=0),
    action(400, 1, 4, arrests=2),
    action(500, 9, 5, disruption=1),
    action(END - START + 10, 5, 6),  # after the window
]


def test_operations_of_several_cases_count_once():
    """Joint ones are of 4, 3 and 2 states, with 7, 6 and no arrests."""
    seen = observation(action=OPERATIONS)
    check(seen, joint_operation_states=3, joint_without_arrest_share=1 / 3)


def fallen(days_back, kind, at=100.0, group=0):
    rows = [spell(0, 1.0, ENTRY, group=group), spell(at, 0.0, TAKEDOWN, group=group, action_type=kind)]
    return rows + ([spell(at + days_back, 0.6, RETURN, group=group)] if days_back else [])


def returns(*rows, window=WINDOW):
    spells = [row for part in rows for row in part]
    groups = [{"entered": START, "scale": 1.0, "kind": 1}] * (1 + max(row["group"] for row in spells))
    return observation(window, spell=spells, group=groups)


def test_returns_are_of_one_kind_and_within_two_years():
    infrastructure, domains = ActionType.INFRASTRUCTURE, ActionType.DOMAIN_SEIZURE
    seen = returns(
        fallen(100, infrastructure),
        fallen(200, infrastructure, group=1),
        fallen(900, infrastructure, group=2),  # later than two years
        fallen(None, infrastructure, group=3),
        fallen(3, domains, group=4),
        fallen(5, infrastructure, at=END - START - 300.0, group=5),  # not watched for two years
    )
    check(seen, return_days_infrastructure=150, return_days_domains=3)
    hit = END - START + 180.0 - 2 * YEAR  # watched to the day
    rows = (
        *(fallen(50, infrastructure, at=hit), fallen(2 * YEAR, infrastructure, group=1)),
        *(fallen(90, infrastructure, group=2), fallen(2 * YEAR + 1, infrastructure, group=3)),
        fallen(None, infrastructure, group=4),
    )
    check(returns(*rows), return_days_infrastructure=90)


def test_hosts_and_what_is_not_known_without_rows_or_follow_up():
    states = [0, 0, 0, 0, 1, 1, 2, 3, 3, 3]
    group = {"entered": START, "scale": 1.0, "kind": 1, "status": GroupStatus.ACTIVE}
    seen = observation(node=[{"group": 0, "state": state} for state in states], group=[group])
    check(seen, top_three_hosts_share=0.9)
    unknown = ("turnaround_mean", "joint_operation_states", "top_three_hosts_share")
    check(observation(), **dict.fromkeys(unknown, np.nan))
    short = Window(START, START + 400.0, START + 400.0)
    check(returns(fallen(20, ActionType.INFRASTRUCTURE), window=short), return_days_infrastructure=np.nan)
