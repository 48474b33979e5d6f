"""What an action is worth to a unit, and what it decides at a review (M13)."""

import math

import numpy as np
import pytest

from sim.agents import planning
from sim.agents.planning import Decision
from sim.world.records import CaseStatus
from tests.agents import scene
from tests.agents.plain import answers, fresh
from tests.agents.scene import FOURTH, NOW
from tests.tiny import row_of_settings

pytestmark = pytest.mark.usefixtures("as_python")

RANSOMWARE = 1  # a place in GROUP_KINDS: neither a service nor for hire


@pytest.mark.parametrize(
    ("nodes", "core", "days"),
    [
        (1.0, 0.4, 0.3 * 1000 + 0.7 * (200 + 0.5 * 0.4 * 100)),
        (0.75, 0.4, 0.3 * 1000 + 0.7 * (200 + 0.5 * 0.4 * 100)),
        (0.74, 0.4, 0.15 * 1000 + 0.85 * (100 + 0.5 * 0.4 * 100)),
        (0.5, 0.5, 0.6 * 1000 + 0.4 * (400 + 0.5 * 0.4 * 100)),
        (1.0, 0.5, 0.6 * 1000 + 0.4 * (400 + 0.5 * 0.4 * 100)),
    ],
)
def test_a_takedown_averts_harm_until_the_group_is_back_and_grown(nodes: float, core: float, days: float) -> None:
    """Survivors halve the chance that it is for good and the days until the return, but nobody rebuilds after arrests.

    While a group grows back, half of what it lacks is averted on average.
    """
    setting = row_of_settings(
        infrastructure_never=0.3,
        infrastructure_return_days=200.0,
        infrastructure_capacity=0.6,
        arrests_never=0.6,
        arrests_return_days=400.0,
        survivors=0.5,
        regrowth_days=100.0,
        horizon_days=1000.0,
    )[0]
    assert planning.days_of_takedown(setting, RANSOMWARE, nodes, core) == pytest.approx(days)


def test_no_return_lies_beyond_the_horizon() -> None:
    """A group that would be back after the horizon counts as one that is not."""
    setting = row_of_settings(infrastructure_return_days=5000.0, horizon_days=1000.0)[0]
    assert planning.days_of_takedown(setting, RANSOMWARE, 1.0, 0.0) == pytest.approx(1000.0)


def test_a_weakened_group_needs_the_longer_to_rebuild_the_more_it_lost() -> None:
    """With thresholds of 90 % of nodes and core, capability is the product of what is left of both.

    A tenth of the core was held before. A share that is lost is lost for the same share of 200 days.
    """
    setting = row_of_settings(nodes_to_fall=0.9, core_to_fall=0.9, rebuild_days=200.0)[0]
    lost = 1 - 0.8 * 0.7 / 0.9
    assert planning.days_of_weakening(setting, 0.2, 0.3, 0.1) == pytest.approx(lost * lost * 200.0)
    assert planning.days_of_weakening(setting, 0.99, 0.99, 0.2) == pytest.approx((1 - 0.1 / 0.8) ** 2 * 200.0)


def test_a_case_fades_as_the_group_leaves_the_case_is_dropped_or_leaks(as_python: pytest.MonkeyPatch) -> None:
    """Once in 20 months, .2 a year, and .06 leaks in the 30 days between reviews, of which .5 · .8 move the servers."""
    answers(as_python, planning, exposure_of=0.0, leak_hazard=0.06)
    world = fresh(4, review_interval_days=30.0, lineage_months=20.0, attrition_per_year=0.2)
    world.setting["alert_move"], world.setting["with_alert"] = 0.5, 0.8
    expected = 1 / (20 * 30.4375) + 0.2 / 365.25 + 0.06 / 30 * 0.5 * 0.8
    assert planning.fading(world, 0) == pytest.approx(expected)
    assert planning.kept_after(world.setting[0], 0.3) == pytest.approx(0.7 * (1 - 0.5 * 0.8))


def test_an_action_costs_each_state_that_a_known_node_makes_necessary() -> None:
    """The unit's own state, one with a known node, one with the registry of it; not one that holds unknown nodes."""
    world = fresh(8, action_price=7.0)
    world.group["first_node"][0], world.group["nodes"][0] = 1, 4
    world.node["state"][1:5] = scene.AWAY, FOURTH, scene.HOME, FOURTH
    world.node["registry"][1:5] = scene.THIRD, -1, -1, -1
    scene.know(world, 1)
    scene.know(world, 3)
    world.case["first_partner"][0] = 3
    world.partner["state"][:4] = scene.AWAY, scene.HOME, FOURTH, scene.THIRD
    world.partner["next_partner"][:4] = -1, 0, 1, 2
    assert planning.price_of_action(world, 0) == pytest.approx(7.0 * 3)
    assert planning.is_needed(world, 0, scene.THIRD)
    assert not planning.is_needed(world, 0, FOURTH)


def test_share_of_partners_that_are_ready() -> None:
    """One of three; a case without partners has none."""
    world = fresh(8)
    assert planning.ready_share(world, 0) == 0.0
    world.case["first_partner"][0] = 2
    world.partner["next_partner"][:3] = -1, 0, 1
    world.partner["ready_at"][:3] = 900.0, np.nan, np.nan
    assert planning.ready_share(world, 0) == pytest.approx(1 / 3)
    world.partner["ready_at"][:3] = np.nan, 900.0, 900.0
    assert planning.ready_share(world, 0) == pytest.approx(2 / 3)


@pytest.mark.parametrize(
    ("values", "nodes", "decision", "prepares"),
    [
        ((5.0, 3.0, 4.0, 30.0), 1, Decision.ACT, True),
        ((5.0, 5.0, 5.0, 30.0), 1, Decision.ACT, True),  # nothing is gained by waiting, or by less
        ((5.0, 3.0, 9.0, 180.0), 1, Decision.WAIT, True),
        ((5.0, 3.0, 9.0, 360.0), 1, Decision.WAIT, False),
        ((5.0, 9.0, 4.0, 30.0), 1, Decision.DISRUPT, False),
        ((5.0, 9.0, 4.0, 30.0), 0, Decision.WAIT, True),  # there is nothing to remove
        ((-math.inf, 4.0, 9.0, 360.0), 1, Decision.WAIT, False),
        ((-math.inf, 4.0, -1.0, 360.0), 1, Decision.DISRUPT, False),
        ((-1.0, -2.0, -3.0, 30.0), 1, Decision.GIVE_UP, False),
        ((-math.inf, -1.0, -2.0, 30.0), 1, Decision.GIVE_UP, False),
        ((-math.inf, -math.inf, 0.0, 30.0), 0, Decision.GIVE_UP, False),
    ],
)
def test_a_unit_does_what_is_worth_most(
    as_python: pytest.MonkeyPatch, values: tuple[float, ...], nodes: int, decision: Decision, prepares: bool
) -> None:
    """Act, disrupt, wait, or give up what is worth nothing; who means to act within half a year prepares."""
    answers(as_python, planning, weigh=values)
    world = fresh(4)
    world.case["known_nodes"][0] = nodes
    assert planning.choose_next(world, 0) == decision
    assert world.case["status"][0] == (CaseStatus.PREPARING if prepares else CaseStatus.INVESTIGATING)


@pytest.mark.parametrize(
    ("status", "before", "after"),
    [
        (CaseStatus.INVESTIGATING, math.nan, NOW),
        (CaseStatus.INVESTIGATING, 800.0, 800.0),
        (CaseStatus.PREPARING, math.nan, math.nan),
    ],
)
def test_the_day_on_which_preparation_began_is_kept(status: CaseStatus, before: float, after: float) -> None:
    """A case that prepares already begins nothing."""
    world = fresh(4)
    world.case["status"][0], world.case["prepared"][0] = status, before
    planning.prepare_case(world, 0)
    assert world.case["status"][0] == CaseStatus.PREPARING
    assert world.case["prepared"][0] == pytest.approx(after, nan_ok=True)
