"""The action day: who acts, what falls, and what follows for those who took part (M13)."""

import math
from typing import Any

import numpy as np
import pytest

from sim.agents import action as rules
from sim.world.records import ActionType, Growing, MemberStatus, NodeDiscovery
from sim.world.world import World
from tests.agents import scene
from tests.agents.plain import answers, fresh, noting
from tests.agents.scene import FOURTH, NOW
from tests.agents.test_action_preparation import case_with_partners

pytestmark = pytest.mark.usefixtures("as_python")


def test_states_that_act_are_the_leading_one_and_others_that_are_ready() -> None:
    """HOME counts once; of three others two are ready."""
    world = case_with_partners(scene.AWAY, scene.HOME, FOURTH, scene.THIRD)
    world.partner["ready_at"][:4] = 900.0, 900.0, np.nan, 900.0
    assert rules.states_that_act(world, 0) == 3


@pytest.mark.parametrize(
    ("statuses", "known_by", "drawn", "named"),
    [
        ((MemberStatus.HELD, MemberStatus.INDICTED), 0, True, True),
        ((MemberStatus.INDICTED, MemberStatus.HELD), 0, True, True),
        ((MemberStatus.HELD, MemberStatus.INDICTED), 0, False, False),
        ((MemberStatus.HELD, MemberStatus.INDICTED), 1, True, False),
        ((MemberStatus.HELD, MemberStatus.HELD), 0, True, False),
    ],
)
def test_a_leader_at_large_may_be_named_in_public(
    as_python: pytest.MonkeyPatch, statuses: tuple[int, int], known_by: int, drawn: bool, named: bool
) -> None:
    """Who is charged and known to the case."""
    answers(as_python, rules, chance=drawn)
    world = fresh(8)
    world.group["first_member"][0], world.group["members"][0] = 1, 2
    world.member["status"][1:3], world.member["known_by"][1:3] = statuses, known_by
    assert rules.exposes(world, 0) == named


@pytest.mark.parametrize(
    ("disruption", "operation", "left", "formed", "states", "arrests", "kind", "in_team"),
    [
        (False, -1, 0.4, 900.0, 4, 2, ActionType.PARTIAL, 1),
        (False, 0, 0.4, math.nan, 4, 2, ActionType.PARTIAL, 0),
        (True, -1, 0.4, math.inf, 1, 0, ActionType.DISRUPTION, 0),
        (False, 5, 0.05, 900.0, 4, 2, ActionType.SERVICE, 1),
    ],
)
def test_what_an_action_day_achieves(
    as_python: pytest.MonkeyPatch,
    disruption: bool,
    operation: int,
    left: float,
    formed: float,
    states: int,
    arrests: int,
    kind: ActionType,
    in_team: int,
) -> None:
    """Capability was .8 before. A disruption takes one state, arrests nobody and seizes no money."""
    capability = {0.0: 0.8, 0.25: left}  # by the share of nodes that fell
    notes = noting(as_python, rules, "seize_assets")
    answers(
        as_python,
        rules,
        forecast=(0.6, 0.0, 0.0),
        core_lost=0.1,
        states_that_act=4,
        arrest_wanted=2,
        exposes=True,
        type_of_takedown=int(ActionType.SERVICE),
        residual=lambda _setting, nodes, _core: capability[nodes],
    )

    def strike(_world: World, _case: int, action: Any) -> bool:
        action.killed = 2
        return True

    answers(as_python, rules, strike=strike)
    world = fresh(8)
    world.used[Growing.ACTION] = 3
    world.group["nodes"][0], world.case["team_formed"][0], world.case["actions"][0] = 8, formed, 5
    row = rules.act(world, 0, disruption, operation)
    action = world.action[row]
    assert (row, action.operation, action.states, action.arrests) == (
        3,
        row if operation < 0 else operation,
        states,
        arrests,
    )
    assert (action.type, action.down, action.in_team) == (kind, int(left <= 0.1), in_team)
    assert action.residual == pytest.approx(left / 0.8)
    assert (world.case["actions"][0], world.case["acted"][0], action.foreseen) == (6, NOW, 0.6)
    assert notes == ([] if disruption else [("seize_assets", row)])


@pytest.mark.parametrize(("disruption", "target"), [(False, 0), (False, -1), (True, 1)])
def test_states_that_took_part_prepare_again_in_half_the_time(
    as_python: pytest.MonkeyPatch, disruption: bool, target: int
) -> None:
    """After a disruption nobody has taken part. Trails go on while something is left to find."""
    notes = noting(as_python, rules, "prepare", "alert", "record_milestone", "keep_chains")
    answers(as_python, rules, preparation_left=0.8, target_left=target)
    world = case_with_partners(scene.AWAY, scene.THIRD)
    world.partner["ready_at"][:2] = 900.0
    rules.regroup(world, 0, disruption)
    again = [] if disruption else [("prepare", 1, 0.4), ("prepare", 0, 0.4)]
    assert [note for note in notes if note[0] == "prepare"] == again
    assert np.isnan(world.partner["ready_at"][:2]).all() != disruption
    assert (notes[-1][0] == "keep_chains") == (target >= 0)


def test_at_a_review_states_of_known_nodes_join_and_those_without_an_open_request_are_asked(
    as_python: pytest.MonkeyPatch,
) -> None:
    """Of three partners one has authorised, and one has been asked."""
    notes = noting(as_python, rules, "add_partners_for", "consider_asking")
    world = case_with_partners(scene.AWAY, scene.THIRD, FOURTH)
    world.group["first_node"][0], world.group["nodes"][0] = 1, 2
    scene.know(world, 2)
    world.partner["authorised"][:3] = 0, 1, 0
    world.partner["request"][:3] = -1, -1, 0
    rules.review_partners(world, 0)
    assert [note[0] for note in notes] == ["add_partners_for", "consider_asking"]
    assert notes[1] == ("consider_asking", 0)


@pytest.mark.parametrize(("reviews", "looks"), [(0, [(0, 0.15), (0, 1)]), (3, [(3, 1)])])
def test_analysis_at_a_review_finds_what_half_a_year_reveals(
    as_python: pytest.MonkeyPatch, reviews: int, looks: list[tuple[int, float]]
) -> None:
    """At a rate of .6 a year; the first review also shows what could be seen from the start."""
    notes = noting(as_python, rules, "look_for_nodes", "schedule_review")
    world = fresh(4, review_interval_days=365.25 / 2, technical_discovery=0.6, seen_at_opening=0.15)
    world.case["reviews"][0] = reviews
    rules.analyse(world, 0)
    usual = 1 - math.exp(-0.3)
    expected = [(count, usual if share == 1 else share) for count, share in looks]
    assert [note[4:] for note in notes] == [pytest.approx(part) for part in expected]
    rules.plan_review(world, 0)
    assert world.case["reviews"][0] == reviews + 1


def test_analysis_looks_at_all_nodes_of_the_group(as_python: pytest.MonkeyPatch) -> None:
    """Each by chance."""
    notes = noting(as_python, rules, "searched", "reveal_node")
    answers(as_python, rules, chance=True)
    world = fresh(8)
    world.group["first_node"][0], world.group["nodes"][0] = 1, 3
    rules.look_for_nodes(world, 0, rules.Purpose.NODE_FOUND, NodeDiscovery.ANALYSIS, 2, 0.3)
    assert notes[0] == ("searched", 0, 0.3)
    assert [note[2] for note in notes[1:]] == [1, 2, 3]
