"""Outcomes that are compared with published facts, each worked out by hand."""

import numpy as np
import pytest

from sim.data.load import read_table
from sim.law.days import MONTH, YEAR
from sim.law.vocabulary import Channel, DataKind, Ground
from sim.measures.history import Window
from sim.measures.outcomes import outcome
from sim.measures.targets import CUT_MONTHS
from sim.world.records import ActionType, GroupStatus, RequestStatus, SpellCause
from tests.measures.worlds import END, START, WINDOW, observation, request, spell

ENTRY, TAKEDOWN, RETURN = SpellCause.ENTRY, SpellCause.TAKEDOWN, SpellCause.RETURN


def value(key, **tables):
    return outcome(key).measure(observation(**tables))


def ended(status, **fields):
    return request(10.0, 100.0, status=status, **fields)


def test_mean_turnaround_counts_a_long_wait_as_the_cut_and_does_not_know_what_is_censored():
    sent = [request(0.0, MONTH * months) for months in (6, 12, 70)]
    sent.append(request(0.0, MONTH * 5, status=RequestStatus.WITHDRAWN))
    assert value("turnaround_mean", request=sent) == pytest.approx((18 + CUT_MONTHS) / 3)
    assert np.isnan(value("turnaround_mean"))


def test_refusals_count_on_grounds_that_treaties_name():
    refused = RequestStatus.REFUSED
    sent = [
        ended(refused, ground=Ground.DE_MINIMIS),
        ended(refused, ground=Ground.NE_BIS_IN_IDEM),
        ended(refused, ground=Ground.STANDARD_OF_PROOF),
        ended(refused, ground=Ground.NO_POWER),
        ended(refused, ground=Ground.DATA_PROTECTION, channel=Channel.JUDICIAL_DIRECT),  # no central authority
        *[ended(RequestStatus.EXECUTED)] * 4,
    ]
    sent.append(request(END - START - 100.0, END - START - 10.0))  # it has had no year
    assert value("mla_refused_share", request=sent) == pytest.approx(2 / 8)
    assert value("mla_executed_share", request=sent) == pytest.approx(4 / 8)


def test_abandoned_are_the_withdrawn_and_those_given_up_without_an_answer():
    sent = [
        ended(RequestStatus.WITHDRAWN),
        request(10.0, given_up=START + 300.0),
        ended(RequestStatus.EXECUTED, given_up=START + 50.0),  # answered after all
        request(10.0),
    ]
    assert value("mla_abandoned_share", request=sent) == pytest.approx(0.5)


def test_non_content_leaves_searches_out():
    kinds = (DataKind.SUBSCRIBER, DataKind.TRAFFIC, DataKind.CONTENT, DataKind.SEARCH_SEIZURE)
    assert value("mla_non_content_share", request=[request(1.0, data_kind=kind) for kind in kinds]) == pytest.approx(
        2 / 3
    )


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
    years = WINDOW.years
    assert value("major_operations_per_year", action=OPERATIONS) == pytest.approx(3 / years)
    assert value("joint_operation_states", action=OPERATIONS) == pytest.approx(3.0)  # of 4, 3 and 2
    assert value("joint_without_arrest_share", action=OPERATIONS) == pytest.approx(1 / 3)
    assert value("joint_few_arrests_share", action=OPERATIONS) == pytest.approx(2 / 3)  # 6 and 0, not 7
    assert value("major_operations_per_year") == 0.0 and np.isnan(value("joint_operation_states"))


def fallen(days_back, kind, at=100.0, group=0):
    rows = [spell(0, 1.0, ENTRY, group=group), spell(at, 0.0, TAKEDOWN, group=group, action_type=kind)]
    return rows + ([spell(at + days_back, 0.6, RETURN, group=group)] if days_back else [])


def returns(*rows):
    spells = [row for part in rows for row in part]
    groups = [{"entered": START, "scale": 1.0, "kind": 1}] * (1 + max(row["group"] for row in spells))
    return {"spell": spells, "group": groups}


def test_returns_are_of_one_kind_and_within_two_years():
    infrastructure, domains = ActionType.INFRASTRUCTURE, ActionType.DOMAIN_SEIZURE
    tables = returns(
        fallen(100, infrastructure),
        fallen(200, infrastructure, group=1),
        fallen(900, infrastructure, group=2),  # later than two years
        fallen(None, infrastructure, group=3),
        fallen(3, domains, group=4),
        fallen(5, infrastructure, at=END - START - 300.0, group=5),  # not watched for two years
    )
    assert value("return_days_infrastructure", **tables) == pytest.approx(150.0)
    assert value("return_days_domains", **tables) == pytest.approx(3.0)
    hit = END - START + 180.0 - 2 * YEAR  # watched to the day
    rows = (
        *(fallen(50, infrastructure, at=hit), fallen(2 * YEAR, infrastructure, group=1)),
        *(fallen(90, infrastructure, group=2), fallen(2 * YEAR + 1, infrastructure, group=3)),
        fallen(None, infrastructure, group=4),
    )
    assert value("return_days_infrastructure", **returns(*rows)) == pytest.approx(90.0)
    assert value("infrastructure_back_share", **returns(*rows)) == pytest.approx(3 / 5)
    assert np.isnan(value("infrastructure_back_share"))


def test_three_states_that_host_most():
    states = [0, 0, 0, 0, 1, 1, 2, 3, 3, 3]
    tables = {
        "node": [{"group": 0, "state": state} for state in states],
        "group": [{"entered": START, "scale": 1.0, "kind": 1, "status": GroupStatus.ACTIVE}],
    }
    assert value("top_three_hosts_share", **tables) == pytest.approx(0.9)
    assert np.isnan(value("top_three_hosts_share"))


def test_a_window_without_follow_up_has_no_two_years():
    seen = observation(Window(START, START + 400.0, START + 400.0), **returns(fallen(20, ActionType.INFRASTRUCTURE)))
    assert np.isnan(outcome("return_days_infrastructure").measure(seen))


def test_direct_success_is_of_requests_that_have_had_their_year_to_providers_with_a_name():
    named = sum(row["class"] == "major" for row in read_table("provider_weights.csv").rows)
    asked = {"provider": named - 1, "channel": Channel.PROVIDER_BINDING}
    late = END - START - 100.0
    sent = [
        ended(RequestStatus.EXECUTED, **asked),
        ended(RequestStatus.REFUSED, **asked),
        ended(RequestStatus.EXECUTED, **asked | {"provider": named}),
        ended(RequestStatus.EXECUTED, provider=0),  # by mutual assistance
        request(late, late + 9.0, **asked),
    ]
    assert value("provider_success_share", request=sent) == pytest.approx(1 / 2)
