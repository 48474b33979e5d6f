"""Tests of where groups place servers, people, money and victims (M15), and of groups on alert (M13)."""

import math
from typing import Any

import numpy as np
import pytest

from sim.agents.cases import knows
from sim.agents.crime import place as rules
from sim.agents.crime.place import alert
from sim.agents.crime.risk import added_risk
from sim.agents.events import Event, Purpose
from sim.engine.random import choose, derive, exponential, uniform
from sim.law.days import YEAR
from sim.world.records import NONE, CaseStatus, Concern, EvidenceStatus, GroupStatus, Growing, MemberStatus
from sim.world.world import World
from tests.agents.plain import chances, got, posted, put, small, table
from tests.agents.scene import AWAY, FOURTH, HOME, NOW, THIRD, know

pytestmark = pytest.mark.usefixtures("as_python")

KIND = 3
WEIGHTS = {Concern.SERVERS: "perceived_risk_weight", Concern.VICTIMS: "victim_risk_weight"}


def only(state: int, world: World) -> Any:
    """Cumulative weights that put all weight on one state."""
    return (np.arange(len(world.state)) >= state).astype(float)


def gang(settings: dict[str, float] | None = None, /, learning: float = 0.0, **fields: Any) -> World:
    """Makes a world with a group of AWAY, in which only THIRD offers hosting and other places."""
    world = small(8, {"with_learning": learning, "stay_years": 3.0} | (settings or {}))
    group = {"first_node": 2, "nodes": 2, "first_member": 1, "members": 3, "kind": KIND, "key": 9}
    put(world, "group", **group | fields)
    put(world, "node", 2, key=(21, 22), state=(THIRD, THIRD), registry=(NONE, NONE), slot=(0, 1))
    world.used[[Growing.NODE, Growing.MEMBER]] = 4
    third = only(THIRD, world)
    world = world._replace(place_victims=third, place_hosting=third.copy(), place_home=np.tile(third, (6, 1)))
    world.news[:], world.state["perceived_risk"] = 0.0, 0.2
    return world


def shunned(world: World, concern: Concern, state: int, weight: float = 1e6) -> World:
    """Lets all groups perceive risk in one state; changes and returns the given world."""
    put(world, "setting", **({WEIGHTS[concern]: weight} if concern in WEIGHTS else {}))
    world.news[concern, :, state], world.news_day[:] = 3.0, NOW
    assert added_risk(world, concern, 0, state) > 0.01
    return world


@table((NONE, 0.0), (AWAY, 0.0), (THIRD, 0.7), (HOME, 0.7))
def test_a_place_is_shunned_for_its_risk_and_for_having_to_move(present: int) -> float:
    """The weight of a place falls with the perceived risk and with the cost of leaving another state."""
    world = shunned(gang({"switching_cost": 0.7}), Concern.VICTIMS, AWAY, 3.0)
    found = rules.acceptance(world, Concern.VICTIMS, 0, AWAY, present)
    return -math.log(found) - 3.0 * added_risk(world, Concern.VICTIMS, 0, AWAY)


@pytest.mark.parametrize("learning", [0.0, 1.0])
def test_a_group_draws_again_until_it_accepts_a_place(learning: float) -> None:
    world = shunned(gang(learning=learning), Concern.SERVERS, HOME, 3.0)
    supply = np.arange(1.0, len(world.state) + 1.0)
    for key in range(1, 41):
        state = HOME
        for attempt in range(60):
            accepted = rules.acceptance(world, Concern.SERVERS, 0, state, NONE)
            if not learning or uniform(1, Purpose.PLACE_SHUNNED, key, attempt) < accepted:
                break
            state = choose(supply, uniform(1, Purpose.PLACE_AGAIN, key, attempt))
        assert rules.settled(world, Concern.SERVERS, 0, key, supply, HOME, NONE) == state


@pytest.mark.parametrize("domestic", [0, 1])
def test_domestic_groups_have_a_part_of_their_things_and_all_victims_at_home(domestic: int) -> None:
    world = gang({"at_home": 0.6}, domestic=domestic)
    share = 0.6 * domestic
    assert rules.victims_state(world, 0, 3) == (AWAY if domestic else THIRD)
    chances(lambda key: rules.is_at_home(world, 0, key), Purpose.AT_HOME, share)

    def money_at_home(key: int) -> bool:
        return bool(rules.money_state(world, 0, key, 0.5) == AWAY)

    chances(money_at_home, Purpose.AT_HOME, share, of=lambda key: derive(key, rules._MONEY))

    def server_at_home(key: int) -> bool:
        put(world, "node", 2, key=key, moves=4)
        rules.settle_node(world, 2, NONE)
        assert world.node["state"][2] in (AWAY, THIRD)
        return bool(world.node["state"][2] == AWAY)

    chances(server_at_home, Purpose.AT_HOME, share, of=lambda key: derive(derive(key, rules._SERVER), 4))


def test_a_node_stays_for_the_years_of_its_operator() -> None:
    world = gang()
    put(world, "node", 2, moves=4)
    put(world, "state", THIRD, host_provider=17)
    for moves, move in ((4, rules.settle_node), (5, rules.move_node)):
        move(world, 2, NONE)
        days = exponential(1, Purpose.NODE_STAY, 21, moves, 3.0 * YEAR)
        expected = pytest.approx((moves, NOW, NOW + days, THIRD, 17))
        assert got(world, "node", 2, "moves since moves_at state provider") == expected
        assert (Event.NODE_MOVE, 2, pytest.approx(days)) in posted(world)
    assert sorted(world.event["stamp"][:2].tolist()) == [4, 5]
    rules.add_node(world, 0, 7)
    assert got(world, "node", 4, "key group slot state") == (derive(9, 7), 0, 7, THIRD)


@pytest.mark.parametrize("concern", [Concern.SERVERS, Concern.VICTIMS])
def test_each_place_is_shunned_for_its_own_risk(concern: Concern) -> None:
    """A group avoids the riskier of two otherwise equal states."""
    world = shunned(gang(learning=1.0), concern, THIRD)
    for place in (world.place_victims, world.place_hosting):
        place[:] = np.clip(np.arange(len(place)) - 1.0, 0.0, 2.0)  # THIRD and FOURTH
    rules.settle_node(world, 2, NONE)
    found = {
        Concern.SERVERS: int(world.node["state"][2]),
        Concern.VICTIMS: [rules.victims_state(world, 0, number) for number in range(8)],
    }[concern]
    assert found in (FOURTH, [FOURTH] * 8)


def watched(tracking: float = 0.0, learning: float = 0.0) -> World:
    """Makes a world in which three cases know the location of one control node."""
    world = gang({"tracking": tracking}, learning, first_case=2)
    put(world, "case", next_case=(NONE, 0, 1), key=(31, 32, 33), first_sighting=(0, 1, 2), known_nodes=(1, 1, 1))
    put(world, "case", 1, status=CaseStatus.MERGED, merged_into=2)
    put(world, "sighting", case=(0, 1, 2), node=(3, 3, 3), in_sight=(1, 1, 1), next_sighting=(NONE, NONE, NONE))
    world.used[Growing.SIGHTING], world.used[Growing.CASE] = 3, 3
    return world


@table(
    seized=(rules.lose_node, 1.0, (0, THIRD, 1)),
    driven_away=(rules.flee, 1.0, (0, NONE, 0)),
    by_itself_followed=(rules.slip_away, 1.0, (3, NONE, 0)),
    by_itself=(rules.slip_away, 0.0, (0, NONE, 0)),
)
def test_who_is_driven_away_leaves_all_watchers_and_who_moves_by_itself_some(move: Any, tracking: float) -> Any:
    world = watched(tracking, 1.0)
    world.node["lost_in"] = NONE
    move(world, 3)
    assert world.node["moves"][3] == 1
    assert got(world, "node", 3, "lost_at") == ((NOW if move is rules.lose_node else 0.0),)
    news = world.news[Concern.SERVERS, KIND, THIRD] > 0.0
    return sum(knows(world, row, 3) for row in range(3)), world.node["lost_in"][3], news


def test_units_that_work_together_watch_together() -> None:
    world = watched()

    def follow(key: int) -> bool:
        put(world, "node", 3, key=key, moves=4)
        put(world, "sighting", in_sight=(1, 1, 1))
        rules.leave_watchers(world, 3, 0.4)
        seen = [bool(knows(world, row, 3)) for row in range(3)]
        assert seen[1] == seen[2] and seen[0] == (uniform(1, Purpose.NODE_TRACKED, derive(key, 31), 4) < 0.4)
        return seen[1]

    chances(follow, Purpose.NODE_TRACKED, 0.4, 4, of=lambda key: derive(key, 33))


@table((GroupStatus.ACTIVE, 4, 5), (GroupStatus.DOWN, 4, 5), (GroupStatus.EXITED, 4, 4), (GroupStatus.ACTIVE, 6, 6))
def test_an_operator_leaves_on_its_day_unless_it_moved_or_the_group_is_gone(status: GroupStatus, moves: int) -> int:
    world = gang(status=status)
    put(world, "node", 2, moves=moves)
    rules.node_stay_ends(world, 2, 4)
    return int(world.node["moves"][2])


def test_members_may_have_left_a_home_that_has_become_risky_since_the_group_took_its_name() -> None:
    """Members may leave a home state that has become risky, unless they are in custody."""
    world = shunned(gang({"relocation_per_year": 0.9}, learning=1.0), Concern.PEOPLE, AWAY)
    pressure = added_risk(world, Concern.PEOPLE, 0, AWAY)
    put(world, "group", named=NOW - 2.5 * YEAR, brands=2)
    status = (MemberStatus.SUSPECTED, MemberStatus.INDICTED, MemberStatus.HELD)

    def left(key: int) -> bool:
        put(world, "member", 1, status=status, residence=[AWAY] * 3, key=(key, key + 1000, key + 2000))
        put(world, "member", 0, residence=AWAY)
        put(world, "member", 4, residence=AWAY)
        world.used[Growing.MILESTONE] = 0
        rules.relocate_members(world, 0)
        gone = world.member["residence"] == THIRD
        charged = uniform(1, Purpose.MEMBER_RELOCATES, key + 1000, 2) < 1.0 - math.exp(-0.9 * 2.5)
        assert gone.tolist()[:5] == [False, gone[1], charged, False, False]
        assert world.used[Growing.MILESTONE] == gone.sum()
        return bool(gone[1])

    chances(left, Purpose.MEMBER_RELOCATES, 1.0 - math.exp(-0.9 * pressure * 2.5), 2)
    world.place_home[KIND] = only(AWAY, world)
    world.used[Growing.MILESTONE] = 0
    put(world, "member", 1, residence=[AWAY] * 3)
    rules.relocate_members(world, 0)
    assert world.used[Growing.MILESTONE] == 0  # who draws the same home has not left it
    world.place_home[KIND], world.setting["with_learning"] = only(THIRD, world), 0.0
    rules.relocate_members(world, 0)
    assert (world.member["residence"][1:4] == AWAY).all()


until, closed = NOW + 40.0, CaseStatus.SOLVED


def alarmed(switch: float = 1.0, move: float = 1.0, status: int = CaseStatus.INVESTIGATING) -> World:
    """Makes a world with two cases on a group, one of which knows a node and has several chains."""
    world = small(
        8,
        {"with_alert": switch, "alert_days": 40.0, "alert_move": move, "alert_multiplier": 4.0},
        group={"first_node": 1, "nodes": 3, "first_case": 1},
        case={"next_case": (NONE, 0), "status": (status, CaseStatus.SOLVED), "first_chain": (2, NONE)},
        chain={"next_chain": (NONE, 0, 1), "evidence": (0, 1, NONE)},  # after an item, a lost one, and none yet
        evidence={"moves_at": NOW + 80.0, "status": (EvidenceStatus.AVAILABLE, EvidenceStatus.LOST_MOVED)},
        node={"key": (0, 11, 12, 13)},
    )
    put(world, "evidence", 1, moves_at=NOW + 80.0)
    know(world, 2)
    return world


@table(
    moves=(1.0, 1.0, (0, 1, 0, 20.0, 80.0, until)),
    stays=(1.0, 0.0, (0, 0, 0, 20.0, 80.0, until)),
    case_over=(1.0, 1.0, closed, (0, 1, 0, 80.0, 80.0, until)),
    no_alarm=(0.0, 1.0, (0, 0, 0, 80.0, 80.0, 0.0)),
)
def test_a_group_on_its_guard_moves_watched_nodes_and_evidence_that_is_still_there(*given: float) -> tuple[float, ...]:
    """A group on alert moves watched nodes, and its evidence expires four times as fast for 40 days.

    For 40 days evidence goes four times as fast: what would go in 80 days goes in 20.
    """
    world = alarmed(*given)
    alert(world, 0, 5, 0)
    days = world.evidence["moves_at"][:2] - NOW
    return (*world.node["moves"][1:4], *days, world.group["alert_until"][0])


def test_a_watched_node_moves_by_chance_at_each_alarm() -> None:
    world = alarmed(move=0.3)

    def moves(key: int) -> bool:
        put(world, "node", 2, key=key, moves=0)
        put(world, "sighting", in_sight=1)
        alert(world, 0, 5, 3)
        return bool(world.node["moves"][2])

    chances(moves, Purpose.NODE_ALERT, 0.3, 3, of=lambda key: derive(key, 5))
