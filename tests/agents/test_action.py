"""Readiness and the choice of the action day (M13)."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.agents.action import type_of_action
from sim.agents.criminals import DDOS_FOR_HIRE
from sim.agents.planning import acts_now, gain_of_waiting, kill_probability
from sim.engine.clock import empty_clock
from sim.engine.compiling import in_python
from sim.world.records import CASE, GROUP, NODE, PARTNER, ActionType
from tests.agents.kernels import Investigation, days_to_readiness, kill_prospects
from tests.tiny import row_of_settings

MONTH = 30.4375


def investigation(nodes: int = 12) -> Investigation:
    """A case that knows all nodes of a group; their one state is ready."""
    group, node = np.zeros(1, GROUP).view(np.recarray), np.zeros(nodes, NODE).view(np.recarray)
    group["nodes"] = nodes
    case, partner = np.zeros(1, CASE).view(np.recarray), np.zeros(1, PARTNER).view(np.recarray)
    partner["next_partner"] = -1
    return Investigation(
        row_of_settings(),
        *empty_clock(8, 1000, 32).values(),
        group,
        node,
        case,
        partner,
    )


def test_the_last_of_many_states_decides_readiness() -> None:
    """M13: the largest of n LN(180 d, 0.8) has medians of 5.9, 14.6, 19.7 and 29 months; within 2 %."""
    days = np.zeros((20_000, 30))
    days_to_readiness(investigation(), days)
    medians = np.median(days, axis=0)[[0, 4, 9, 29]] / MONTH
    assert medians == pytest.approx([5.9, 14.6, 19.7, 29.0], rel=0.02)


def test_chance_to_remove_every_node() -> None:
    """M13: twelve nodes at 0.94 each leave 0.48."""
    world = investigation(12)
    today, later = kill_prospects(world)
    assert today == pytest.approx(0.48, abs=0.005)
    assert later == today  # with everybody ready there is nothing to wait for
    world.node["known_by"][0] = -1
    assert kill_prospects(world)[0] == pytest.approx(0.94**11 * 0.3)
    world.partner["ready_at"] = np.nan
    today, later = kill_prospects(world)
    assert today == pytest.approx(0.15**11 * 0.3)
    assert later > today


@given(st.booleans(), st.booleans(), st.floats(0, 3000))
def test_waiting_gains_most_where_readiness_is_near(known: bool, ready: bool, waited: float) -> None:
    setting = row_of_settings()[0]
    now = in_python(kill_probability)(setting, known, ready)
    gain = in_python(gain_of_waiting)
    assert now <= gain(setting, known, ready, waited) <= setting.kill_ready
    assert gain(setting, known, ready, waited + 100) <= gain(setting, known, ready, waited)


@given(st.floats(0, 1), st.floats(0, 1), st.floats(0, 0.2), st.floats(0, 2000))
def test_choice_of_the_day(today: float, gain: float, leak: float, prepared: float) -> None:
    setting, rule = row_of_settings()[0], in_python(acts_now)
    later = min(today + gain, 1.0)
    chosen = rule(setting, today, later, leak, prepared)
    if today < setting.least_kill:
        assert not chosen
    elif prepared >= setting.longest_preparation_days or later == today:
        assert chosen
    if chosen:  # greater danger of a leak, or less to gain, never makes it wait
        assert rule(setting, today, later, min(leak + 0.1, 1.0), prepared)
        assert rule(setting, today, today, leak, prepared)


def test_types_of_action() -> None:
    group = np.zeros(1, GROUP).view(np.recarray)
    group["members"] = 5
    rule = in_python(type_of_action)
    assert rule(group[0], False, 5) == ActionType.PARTIAL
    assert rule(group[0], True, 2) == ActionType.INFRASTRUCTURE
    assert rule(group[0], True, 3) == ActionType.INFRASTRUCTURE_AND_ARRESTS
    group["kind"] = DDOS_FOR_HIRE
    assert rule(group[0], True, 2) == ActionType.DOMAIN_SEIZURE
    assert rule(group[0], True, 3) == ActionType.INFRASTRUCTURE_AND_ARRESTS
