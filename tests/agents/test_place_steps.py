"""Choices of place, one decision at a time (M15)."""

import math

import numpy as np
import pytest

from sim.agents import place
from sim.agents.events import Event, Purpose
from sim.agents.place import (
    acceptance,
    draw_registry,
    is_at_home,
    leave_watchers,
    lose_node,
    move_node,
    node_stay_ends,
    relocate_members,
    relocation_rate,
    settle_node,
    settled,
    slip_away,
    victims_state,
    weight_of_risk,
)
from sim.law.days import YEAR
from sim.world.records import NONE, CaseStatus, Concern, GroupStatus, Growing, MemberStatus
from sim.world.world import World
from tests.agents import scene
from tests.agents.plain import answers, drawing, first_numbers, noting, usual
from tests.agents.scene import AWAY, HOME, THIRD

pytestmark = pytest.mark.usefixtures("as_python")

NOWHERE = NONE
ATTEMPTS = 60  # draws of a place after which the last is taken


def test_each_choice_of_place_has_its_own_weight_of_risk(group: World) -> None:
    names = ("perceived_risk_weight", "people_risk_weight", "money_risk_weight", "victim_risk_weight")
    for number, name in enumerate(names):
        group.setting[name] = 2.0 + number
    assert [weight_of_risk(group.setting[0], concern) for concern in Concern] == [2.0, 3.0, 4.0, 5.0]


@pytest.mark.parametrize(
    ("present", "disutility"), [(NOWHERE, 0.6), (AWAY, 0.6), (THIRD, 0.6 + 0.7), (HOME, 0.6 + 0.7)]
)
def test_a_place_is_shunned_for_its_risk_and_for_having_to_move(
    group: World, as_python: pytest.MonkeyPatch, present: int, disutility: float
) -> None:
    """Three times a risk of 0.2, and 0.7 for leaving another state."""
    answers(as_python, place, added_risk=0.2)
    group.setting["people_risk_weight"], group.setting["switching_cost"] = 3.0, 0.7
    assert acceptance(group, Concern.PEOPLE, 0, AWAY, present) == pytest.approx(math.exp(-disutility))


def test_a_group_draws_again_until_it_accepts_a_place(group: World, as_python: pytest.MonkeyPatch) -> None:
    """At the third draw here; where it shuns all, it takes the last; where nobody learns, the first."""
    supply = np.array([1.0, 2.0, 4.0])
    answers(as_python, place, acceptance=0.35)
    shares = drawing(as_python, place, "chance", lambda drawn: drawn.number == 2)
    answers(as_python, place, uniform=lambda _seed, _purpose, _key, count: (0.9, 0.3)[count])
    assert settled(group, Concern.SERVERS, 0, 5, supply, 0, NOWHERE) == AWAY
    assert first_numbers(shares) == [0.35] * 3
    never = drawing(as_python, place, "chance", False)
    drawing(as_python, place, "uniform", 0.9)
    assert settled(group, Concern.SERVERS, 0, 5, supply, 0, NOWHERE) == THIRD
    assert len(never) == ATTEMPTS
    group.setting["with_learning"] = 0.0
    assert settled(group, Concern.SERVERS, 0, 5, supply, 0, NOWHERE) == 0


@pytest.mark.parametrize("domestic", [0, 1])
@pytest.mark.parametrize("happens", [True, False])
def test_domestic_groups_alone_have_things_at_home(
    group: World, as_python: pytest.MonkeyPatch, domestic: int, *, happens: bool
) -> None:
    """And all of their victims."""
    drawing(as_python, place, "chance", happens)
    answers(as_python, place, settled=THIRD)
    group.group["domestic"] = domestic
    assert is_at_home(group, 0, 5) == (happens and domestic == 1)
    assert victims_state(group, 0, 3) == (AWAY if domestic else THIRD)


def test_a_node_stays_for_the_years_of_its_operator(group: World, as_python: pytest.MonkeyPatch) -> None:
    times = drawing(as_python, place, "exponential", usual)
    answers(as_python, place, settled=THIRD)
    group.setting["stay_years"], group.node["moves"] = 3.0, 4
    settle_node(group, 2, NOWHERE)
    assert times == [(Purpose.NODE_STAY, 4, pytest.approx(3.0 * YEAR))]
    assert scene.waits(group, Event.NODE_MOVE) == pytest.approx([3.0 * YEAR])
    assert group.node["moves_at"][2] == pytest.approx(group.now[0] + 3.0 * YEAR)
    assert group.node["since"][2] == group.now[0]
    move_node(group, 2, NOWHERE)
    assert group.node["moves"][2] == 5


def test_a_node_may_depend_on_a_domain(group: World, as_python: pytest.MonkeyPatch) -> None:
    """As often as nodes of its kind do."""
    group.group["kind"] = 3
    group = group._replace(place_registry=np.array([1.0, 4.0]), domain_share=np.array([0.0, 0.0, 0.0, 0.8, 0.0, 0.0]))
    drawing(as_python, place, "uniform", 0.5)
    for has_domain, registry in ((True, AWAY), (False, NOWHERE)):
        shares = drawing(as_python, place, "chance", lambda _, has=has_domain: has)
        draw_registry(group, group.node[2])
        assert first_numbers(shares) == [0.8] and group.node["registry"][2] == registry


def test_who_is_driven_away_leaves_all_watchers_and_who_moves_by_itself_some(
    group: World, as_python: pytest.MonkeyPatch
) -> None:
    """What is seized is news in its state; a move by itself may be followed."""
    done = noting(as_python, place, "leave_watchers", "move_node", "spread_news")
    group.setting["tracking"], group.group["kind"] = 0.45, 3
    slip_away(group, 2)
    lose_node(group, 2)
    assert done == [
        ("leave_watchers", 2, 0.45),
        ("move_node", 2, THIRD),
        ("spread_news", Concern.SERVERS, 3, THIRD, 1.0),
        ("leave_watchers", 2, 0.0),
        ("move_node", 2, NOWHERE),
    ]
    assert group.node["lost_in"][2] == THIRD and group.node["lost_at"][2] == group.now[0]


def test_each_case_that_does_not_follow_a_node_loses_sight_of_it(group: World, as_python: pytest.MonkeyPatch) -> None:
    """Also the first case of the table; units that work together watch together."""
    lost = noting(as_python, place, "lose_sight")
    group.group["first_case"], group.case["next_case"][:3] = 2, [NONE, 0, 1]
    group.case["status"][1], group.case["merged_into"][1] = CaseStatus.MERGED, 2
    shares = drawing(as_python, place, "chance", False)
    leave_watchers(group, 3, 0.45)
    assert lost == [("lose_sight", case, 3) for case in (2, 1, 0)] and first_numbers(shares) == [0.45] * 3
    drawing(as_python, place, "chance", True)
    leave_watchers(group, 3, 0.45)
    assert len(lost) == 3


@pytest.mark.parametrize(
    ("status", "moves", "goes"),
    [
        (GroupStatus.ACTIVE, 4, True),
        (GroupStatus.DOWN, 4, True),
        (GroupStatus.EXITED, 4, False),
        (GroupStatus.ACTIVE, 5, False),
    ],
)
def test_an_operator_leaves_on_its_day_unless_it_moved_or_the_group_is_gone(
    group: World, as_python: pytest.MonkeyPatch, status: GroupStatus, moves: int, *, goes: bool
) -> None:
    done = noting(as_python, place, "slip_away")
    group.group["status"], group.node["moves"] = status, moves
    node_stay_ends(group, 2, 4)
    assert len(done) == goes


def test_members_leave_a_home_under_pressure_or_after_a_charge(group: World, as_python: pytest.MonkeyPatch) -> None:
    """In two and a half years: 0.04 a year, times the pressure of 0.3, or whole after a charge; held ones stay."""
    group.setting["relocation_per_year"] = 0.04
    assert relocation_rate(group.setting[0], False, 0.3) == pytest.approx(0.012)
    assert relocation_rate(group.setting[0], True, 0.3) == 0.04
    answers(as_python, place, added_risk=0.3, settled=HOME)
    group.group["named"], group.group["brands"] = group.now[0] - 2.5 * YEAR, 2
    group.member["status"][1:4] = [MemberStatus.SUSPECTED, MemberStatus.INDICTED, MemberStatus.HELD]
    group.member["residence"] = AWAY
    shares = drawing(as_python, place, "chance", True)
    relocate_members(group, 0)
    assert first_numbers(shares) == pytest.approx([1.0 - math.exp(-0.03), 1.0 - math.exp(-0.1)])
    assert group.member["residence"][:5].tolist() == [AWAY, HOME, HOME, AWAY, AWAY]
    assert group.used[Growing.MILESTONE] == 2
    relocate_members(group, 0)  # who draws the same home has not left it
    assert group.used[Growing.MILESTONE] == 2
    group.setting["with_learning"], group.member["residence"] = 0.0, AWAY
    relocate_members(group, 0)
    assert (group.member["residence"] == AWAY).all()
