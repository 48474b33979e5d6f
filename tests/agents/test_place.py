"""Choices of place: of servers, people, money and victims, and when they move (M15)."""

import math
from typing import Any

import numpy as np
import pytest

from sim.agents import place as rules
from sim.agents.criminals import draw_origin, group_key
from sim.agents.events import Event, Purpose
from sim.agents.evidence import custodian_of
from sim.engine.random import choose, derive, exponential, uniform
from sim.law.days import YEAR
from sim.world.parameters import GROUP_KINDS
from sim.world.records import NONE, CaseStatus, Concern, GroupStatus, Growing, MemberStatus, MilestoneKind
from sim.world.world import World, records
from tests.agents.plain import chances, got, holds, posted, put, small, table
from tests.agents.scene import AWAY, FOURTH, HOME, NOW, THIRD, know

pytestmark = pytest.mark.usefixtures("as_python")

NOWHERE, KIND = NONE, 3
SCAMS = GROUP_KINDS.index("scams")
SERVERS, PEOPLE = Concern.SERVERS.value, Concern.PEOPLE.value
WEIGHTS = {"perceived_risk_weight": 2.0, "people_risk_weight": 3.0, "money_risk_weight": 4.0, "victim_risk_weight": 5.0}
FEARLESS = dict.fromkeys(WEIGHTS, 0.0) | {"switching_cost": 0.0}


def only(world: World, state: int) -> np.ndarray:
    """Cumulative weights of a supply that all lies in one state."""
    return np.where(np.arange(len(world.state)) < state, 0.0, 1.0)


def settling(settings: dict[str, float] | None = None, supply: int = THIRD, **group: Any) -> World:
    """Group 0 of AWAY with nodes 2 to 4 and members 1 to 3; all places are in one state. It fears nothing."""
    settings = FEARLESS | {"with_learning": 1.0, "at_home": 0.0, "stay_years": 3.0, "tracking": 0.45} | (settings or {})
    fields = {
        "first_node": 2,
        "nodes": 3,
        "first_member": 1,
        "members": 3,
        "home": AWAY,
        "kind": KIND,
        "first_case": NONE,
    }
    world = small(8, settings, group=fields | group)
    world.used[[Growing.NODE, Growing.MEMBER, Growing.CASE]] = 5, 4, 3
    world.node["state"], world.node["key"], world.news[:] = THIRD, np.arange(1, 9), 0.0
    weights = only(world, supply)
    world.place_home[:] = weights
    return world._replace(place_victims=weights, place_hosting=weights.copy(), domain_share=np.zeros(len(GROUP_KINDS)))


def fears(world: World, concern: int, *states: int) -> float:
    """Something happened in these states; returns the risk that is seen there beyond a reputation of one half."""
    world.news[concern, KIND, list(states)], world.news_day[concern] = math.log(2.0), NOW
    world.state["perceived_risk"] = 0.5
    return 0.25


# Whether a place is taken.


def test_each_choice_of_place_has_its_own_weight_of_risk() -> None:
    world = settling(WEIGHTS)
    assert [rules.weight_of_risk(world.setting[0], concern) for concern in Concern] == [2.0, 3.0, 4.0, 5.0]


@table((NOWHERE, 0.75), (AWAY, 0.75), (THIRD, 0.75 + 0.7), (HOME, 0.75 + 0.7))
def test_a_place_is_shunned_for_its_risk_and_for_having_to_move(present: int) -> float:
    """Three times a risk of 0.25, and 0.7 for leaving another state."""
    world = settling({"people_risk_weight": 3.0, "switching_cost": 0.7})
    fears(world, PEOPLE, AWAY)
    return -math.log(rules.acceptance(world, PEOPLE, 0, AWAY, present))


def test_a_group_draws_again_until_it_accepts_a_place() -> None:
    """Where it shuns all, it takes the last of sixty; where nobody learns, the first."""
    supply = np.array([1.0, 2.0, 4.0])

    def expected(key: int, accepted: float) -> int:
        state = HOME
        for attempt in range(60):
            if uniform(1, Purpose.PLACE_SHUNNED, key, attempt) < accepted:
                return state
            state = choose(supply, uniform(1, Purpose.PLACE_AGAIN, key, attempt))
        return state

    for weight, learning in ((4.0, 1.0), (4e9, 1.0), (4.0, 0.0)):
        world = settling({"perceived_risk_weight": weight, "with_learning": learning})
        fears(world, SERVERS, HOME, AWAY, THIRD)
        found = [rules.settled(world, SERVERS, 0, key, supply, HOME, NOWHERE) for key in range(30)]
        drawn = [expected(key, math.exp(-weight / 4)) if learning else HOME for key in range(30)]
        assert found == drawn
        assert len(set(found)) == (3 if learning else 1)


@table((0, THIRD), (1, AWAY))
def test_domestic_groups_alone_have_things_at_home(domestic: int) -> int:
    """As often as the parameter says, and all of their victims; any other group is where its supply is."""
    world = settling({"at_home": 0.6}, domestic=domestic)
    chances(lambda key: rules.is_at_home(world, 0, key), Purpose.AT_HOME, 0.6 * domestic)
    put(world, "setting", at_home=1.0)
    rules.settle_node(world, 2, NOWHERE)
    put(world, "chain", hops=5)  # the first of five custodians is neither a host of a node nor where a member lives
    state = rules.victims_state(world, 0, 3)
    assert world.node["state"][2] == state == rules.money_state(world, 0, 7, 0.5)
    assert custodian_of(world, world.chain[0], 0, 7)[0] == state
    return state


def test_money_and_victims_are_drawn_from_their_supply() -> None:
    """Each victim by a draw of its own, money by the one that is given; both are moved by risk."""
    world = settling()
    weights = np.cumsum(np.ones(len(world.state)))
    world = world._replace(place_victims=weights)
    world.place_home[4] = weights
    put(world, "group", key=9)
    for number in range(5):
        first = choose(weights, uniform(1, Purpose.REPORT_STATE, 9, number))
        assert rules.victims_state(world, 0, number) == first
        assert rules.money_state(world, 0, 5, number / 5) == choose(weights, number / 5)
    put(world, "setting", money_risk_weight=1e9, victim_risk_weight=1e9)
    for concern in (Concern.MONEY, Concern.VICTIMS):
        fears(world, concern, *range(1, len(world.state)))
    found = {rules.money_state(world, 0, key, 0.9) for key in range(9)} | {rules.victims_state(world, 0, 1)}
    assert HOME in found or len(found) > 1


def test_domestic_groups_live_among_their_victims() -> None:
    """Half of scams are domestic here: four standard errors of some 40 draws of kinds."""
    world = settling()
    world.place_home[:] = only(world, HOME)  # offenders of every kind live in the first state
    shares = np.zeros(len(GROUP_KINDS))
    shares[SCAMS] = 0.5
    world = world._replace(domestic_share=shares)
    origins = [draw_origin(world, group_key(row)) for row in range(300)]
    assert {home for _, home, domestic in origins if domestic} == {THIRD}
    assert {home for _, home, domestic in origins if not domestic} == {HOME}
    assert {kind for kind, _, domestic in origins if domestic} == {SCAMS}
    scams = [domestic for kind, _, domestic in origins if kind == SCAMS]
    assert np.mean(scams) == pytest.approx(0.5, abs=2.0 / math.sqrt(len(scams)))


# Nodes.


def test_a_node_stays_for_the_years_of_its_operator() -> None:
    world = settling()
    put(world, "node", 2, moves=4, state=HOME, registry=7)
    world.state["host_provider"][THIRD] = 11
    rules.settle_node(world, 2, NOWHERE)
    days = exponential(1, Purpose.NODE_STAY, 2 + 1, 4, 3.0 * YEAR)
    assert posted(world) == [(Event.NODE_MOVE, 2, pytest.approx(days))]
    assert got(world, "node", 2, "state provider since moves registry") == (THIRD, 11, NOW, 4, NOWHERE)
    assert (world.node["moves_at"][2], world.event["stamp"][0]) == (pytest.approx(NOW + days), 4)
    rules.move_node(world, 2, NOWHERE)
    assert world.node["moves"][2] == 5
    rules.add_node(world, 0, 6)
    key = derive(int(world.group["key"][0]), 6)
    assert got(world, "node", 5, "group slot state") == (0, 6, THIRD)
    assert world.node["key"][5] == key


def test_a_node_may_depend_on_a_domain() -> None:
    """As often as nodes of its kind do; its registry is drawn."""
    world = settling()
    share = np.zeros(len(GROUP_KINDS))
    share[KIND] = 0.8
    world = world._replace(place_registry=np.array([1.0, 4.0]), domain_share=share)

    def has_domain(key: int) -> bool:
        put(world, "node", 2, key=key, moves=4)
        rules.draw_registry(world, world.node[2])
        drawn = choose(world.place_registry, uniform(1, Purpose.NODE_REGISTRY, key, 4))
        assert world.node["registry"][2] in {NOWHERE, drawn}
        return bool(world.node["registry"][2] != NOWHERE)

    chances(has_domain, Purpose.NODE_DOMAIN, 0.8, 4)


def watched(node: int = 3, **settings: float) -> World:
    """Cases 2, 1 and 0 are on the group; case 0 knows the node, and case 1 has merged into case 2."""
    world = settling(settings, first_case=2)
    put(
        world,
        "case",
        next_case=(NONE, 0, 1),
        key=(4, 5, 6),
        status=(0, CaseStatus.MERGED, 0),
        merged_into=(NONE, 2, NONE),
    )
    know(world, node)
    return world


def test_units_follow_a_node_that_moves_by_itself_by_chance() -> None:
    """Not one that has been driven away; units that work together watch together."""
    world = watched()

    def follows(key: int) -> bool:
        put(world, "node", 3, key=key, moves=7)
        put(world, "sighting", in_sight=1)
        rules.slip_away(world, 3)
        assert world.node["moves"][3] == 8
        return bool(world.sighting["in_sight"][0])

    chances(follows, Purpose.NODE_TRACKED, 0.45, 7, of=lambda key: derive(key, 4))
    put(world, "sighting", in_sight=1, case=1)
    put(world, "case", first_sighting=(NONE, 0, NONE))
    chances(follows, Purpose.NODE_TRACKED, 0.45, 7, of=lambda key: derive(key, 6))
    world = watched(tracking=1.0)
    rules.flee(world, 3)
    assert (world.sighting["in_sight"][0], world.node["moves"][3]) == (0, 1)


def test_what_is_seized_is_news_in_its_state_and_set_up_elsewhere() -> None:
    """It has no present place to leave; one that moves by itself would rather stay."""
    world = watched(lesson_peers=0.1, publicity=0.0, tracking=1.0)
    put(world, "node", 3, state=FOURTH)
    rules.lose_node(world, 3)
    assert got(world, "node", 3, "lost_in lost_at state moves") == (FOURTH, NOW, THIRD, 1)
    assert world.sighting["in_sight"][0] == 0
    assert world.news[SERVERS, KIND, FOURTH] == pytest.approx(-math.log(0.9))
    assert np.count_nonzero(world.news) == 1
    stays = settling({"switching_cost": 1e9})
    weights = np.cumsum(np.ones(len(stays.state)))
    stays = stays._replace(place_hosting=weights)
    put(stays, "node", 3, state=HOME)
    assert rules.acceptance(stays, SERVERS, 0, HOME, HOME) == 1.0
    rules.slip_away(stays, 3)
    shunned = stays.node["state"][3]
    rules.flee(stays, 3)
    assert stays.node["state"][3] == choose(weights, uniform(1, Purpose.NODE_PLACE, 4, 2))
    assert shunned != choose(weights, uniform(1, Purpose.NODE_PLACE, 4, 1))


@table(
    (GroupStatus.ACTIVE, 4, 5),
    (GroupStatus.DOWN, 4, 5),
    (GroupStatus.EXITED, 4, 4),
    (GroupStatus.ACTIVE, 6, 6),
)
def test_an_operator_leaves_on_its_day_unless_it_moved_or_the_group_is_gone(status: int, moves: int) -> int:
    world = settling(status=status)
    put(world, "node", 2, moves=moves)
    rules.node_stay_ends(world, 2, 4)
    return world.node["moves"][2]


# People.


def test_people_are_sticky() -> None:
    """0.02 a year under a public charge, of that the pressure without one."""
    setting = settling({"relocation_per_year": 0.02}).setting[0]
    holds(
        lambda indicted, pressure: rules.relocation_rate(setting, indicted, pressure),
        {"charged": (True, 0.0, 0.02), "calm": (False, 0.0, 0.0), "pressed": (False, 0.5, 0.01)},
    )


def relocating(key: int, status: int = MemberStatus.INDICTED, **settings: float) -> World:
    """A member in the middle of the group has a key; its name has lasted for two and a half years."""
    world = settling({"relocation_per_year": 0.4} | settings, named=NOW - 2.5 * YEAR, brands=2)
    fears(world, PEOPLE, AWAY)
    world.member["status"], world.member["residence"] = MemberStatus.HELD, AWAY
    put(world, "member", 2, key=key, status=status)
    rules.relocate_members(world, 0)
    return world


def test_members_leave_a_home_under_pressure_or_after_a_charge() -> None:
    """The charge takes 0.4 a year, a pressure of a quarter a tenth; who is held stays, and others' members do."""

    def leaves(key: int, status: int) -> bool:
        world = relocating(key, status)
        left = world.member["residence"][2] == THIRD
        noted = [(one.kind, one.subject, one.reason) for one in records(world, "milestone")]
        assert noted == [(MilestoneKind.RELOCATED, 2, AWAY)] * int(left)
        assert (np.delete(world.member["residence"], 2) == AWAY).all()
        return bool(left)

    for status, rate in ((MemberStatus.INDICTED, 0.4), (MemberStatus.WANTED, 0.1)):
        share = 1.0 - math.exp(-rate * 2.5)
        chances(lambda key, status=status: leaves(key, status), Purpose.MEMBER_RELOCATES, share, 2)
    assert (relocating(1, with_learning=0.0, relocation_per_year=1e9).member["residence"] == AWAY).all()


def test_the_first_and_the_last_member_may_leave_and_who_stays_has_not_left() -> None:
    world = settling({"relocation_per_year": 1e9}, named=NOW - YEAR)
    world.member["status"], world.member["residence"] = MemberStatus.INDICTED, AWAY
    rules.relocate_members(world, 0)
    assert world.member["residence"].tolist() == [AWAY, THIRD, THIRD, THIRD, *[AWAY] * 4]
    rules.relocate_members(world, 0)
    assert len(records(world, "milestone")) == 3
