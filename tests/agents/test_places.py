"""Choices of place, and how groups enter, change and end, one decision at a time (M15, M16)."""

import math

import numpy as np
import pytest

from sim.agents import criminals, place
from sim.agents.criminals import (
    add_spell,
    draw_facts,
    establish_group,
    exit_by_itself,
    group_arrives,
    rebrand,
    schedule_arrival,
    schedule_rebrand,
    schedule_report,
    settle_reserve,
)
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
from sim.law.days import MONTH, YEAR
from sim.law.vocabulary import ELEMENTS
from sim.world.records import NONE, CaseStatus, Concern, GroupStatus, Growing, MemberStatus
from sim.world.world import World
from tests.agents import scene
from tests.agents.plain import answers, drawing, first_numbers, fresh, noting, usual
from tests.agents.scene import AWAY, HOME, THIRD
from tests.tiny import waiting_events

pytestmark = pytest.mark.usefixtures("as_python")
NOWHERE = NONE
ATTEMPTS = 60  # draws of a place after which the last is taken


@pytest.fixture
def group() -> World:
    """Group 0 of AWAY with nodes 2 to 4 and members 1 to 3."""
    world = fresh(8, with_learning=1.0)
    world.group["first_node"], world.group["nodes"], world.group["first_case"] = 2, 3, NONE
    world.group["first_member"], world.group["members"] = 1, 3
    world.used[[Growing.NODE, Growing.MEMBER, Growing.CASE]] = 5, 4, 0
    world.node["state"] = THIRD
    return world


# Places.


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
    shares = drawing(as_python, place, "chance", lambda drawn: drawn.count == 2)
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
    answers(as_python, place, added_risk=0.3)
    answers(as_python, place, settled=HOME)
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


# Groups.


@pytest.mark.parametrize(("factor", "clipped"), [(2.0, 0), (2.5, 1), (0.5, 0)])
@pytest.mark.parametrize("enters", [True, False])
def test_potential_groups_arrive_at_the_ceiling_of_their_rate(
    group: World, as_python: pytest.MonkeyPatch, factor: float, clipped: int, *, enters: bool
) -> None:
    """At half a group a day and a ceiling of two, one each day; the next is posted whether or not this one enters."""
    group.setting["entry_rate"], group.setting["entry_ceiling"] = 0.5, 2.0
    times = drawing(as_python, criminals, "exponential", usual)
    answers(as_python, criminals, entry_factor=factor, enters=enters)
    done = noting(as_python, criminals, establish_group=1, schedule_report=1)
    group_arrives(group, 7)
    assert [name for name, *_ in done] == ["establish_group", "schedule_report"] * enters
    assert group.group["clipped"][1] == (clipped if enters else 0)
    assert waiting_events(group)["entity"].tolist() == [8]
    group.setting["entry_rate"] = 0.25
    schedule_arrival(group, 9)
    assert first_numbers(times) == pytest.approx([1.0, 2.0])
    assert sorted(scene.waits(group, Event.GROUP_ARRIVAL)) == pytest.approx([1.0, 2.0])


def test_a_reserve_grows_by_income_and_is_spent_in_time(group: World) -> None:
    """After a span of its days the share exp(−1) of 5 is left, and the rest of 20 days' income was earned."""
    group.setting["assets_days"], now = 20.0, float(group.now[0])
    group.group["reserve"], group.group["income"], group.group["reserve_day"] = 5.0, 1.5, now - 20.0
    settle_reserve(group, 0)
    left = math.exp(-1.0)
    assert group.group["reserve"][0] == pytest.approx(5.0 * left + 30.0 * (1.0 - left))
    settle_reserve(group, 0)
    assert group.group["reserve"][0] == pytest.approx(5.0 * left + 30.0 * (1.0 - left))
    group.setting["assets_days"] = 0.0
    settle_reserve(group, 0)
    assert group.group["reserve"][0] == 0.0


def test_income_follows_users_and_capability(group: World) -> None:
    group.group["users"] = 3.0
    add_spell(group, 0, 1, 0, NONE, 0.6)
    assert group.group["income"][0] == pytest.approx(1.8) and group.group["capability"][0] == 0.6
    exit_by_itself(group, 0)
    assert group.group["income"][0] == 0.0 and group.group["status"][0] == GroupStatus.EXITED


def test_a_group_enters_with_its_size_core_and_nodes(group: World, as_python: pytest.MonkeyPatch) -> None:
    """At least two of both, and as many more as are drawn; its size is lognormal with a mean of one."""
    group.setting["lineage_months"], group.setting["scale_sigma"] = 50.0, 0.6
    answers(as_python, criminals, poisson=lambda _seed, purpose, *_: 2 if purpose == Purpose.GROUP_MEMBERS else 1)
    answers(as_python, criminals, normal=1.5)
    drawing(as_python, criminals, "exponential", usual)
    done = noting(as_python, criminals, "add_node", "schedule_doubt", "schedule_rebrand")
    row = establish_group(group, 5, 3, AWAY, True)
    new, now = group.group[row], float(group.now[0])
    assert (new.members, new.nodes) == (4, 3)
    assert new.scale == new.users == pytest.approx(math.exp(0.9 - 0.18))
    assert new.lineage_until == pytest.approx(now + 50.0 * MONTH)
    assert scene.waits(group, Event.GROUP_EXIT) == pytest.approx([50.0 * MONTH])
    assert [name for name, *_ in done] == ["add_node"] * 3 + ["schedule_doubt", "schedule_rebrand"]
    members = group.member[new.first_member :]
    assert members["slot"].tolist() == [0, 1, 2, 3] and (members["residence"] == AWAY).all()


@pytest.mark.parametrize(("drawn", "facts"), [(0.79, 2 ** len(ELEMENTS) - 1), (0.8, 0)])
def test_each_element_of_an_offence_is_fulfilled_in_four_of_five_groups(
    as_python: pytest.MonkeyPatch, drawn: float, facts: int
) -> None:
    drawing(as_python, criminals, "uniform", drawn)
    assert draw_facts(1, 5) == facts


def test_brands_last_for_their_months_and_reports_come_so_often_a_year(
    group: World, as_python: pytest.MonkeyPatch
) -> None:
    times = drawing(as_python, criminals, "exponential", usual)
    group.setting["brand_months"], group.setting["reports_per_year"] = 18.0, 5.0
    schedule_rebrand(group, 0)
    schedule_report(group, 0)
    assert first_numbers(times) == pytest.approx([18.0 * MONTH, YEAR / 5.0])
    assert scene.waits(group, Event.GROUP_REBRAND) == pytest.approx([18.0 * MONTH])
    assert scene.waits(group, Event.GROUP_REPORT) == pytest.approx([YEAR / 5.0])


def test_with_a_new_name_each_node_may_move(group: World, as_python: pytest.MonkeyPatch) -> None:
    """The group's own nodes, none beside them."""
    group.node["key"] = np.arange(8)
    shares = drawing(as_python, criminals, "chance", True)
    done = noting(as_python, criminals, "slip_away", "add_spell", "relocate_members", "schedule_rebrand")
    group.setting["rebrand_move"] = 0.65
    rebrand(group, 0, 0)
    assert [row for name, row, *_ in done if name == "slip_away"] == [2, 3, 4]
    assert first_numbers(shares) == [0.65] * 3
