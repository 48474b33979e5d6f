"""How groups enter, take names and end by themselves (M16), and the choice of place (M15)."""

import math

import numpy as np
import pytest

from sim.agents import criminals as rules
from sim.agents.events import Event, Purpose
from sim.agents.gain import enters, entry_factor
from sim.engine.random import exponential, normal, poisson, uniform
from sim.law.days import MONTH, YEAR
from sim.law.vocabulary import ELEMENTS
from sim.world.places import place_weights
from sim.world.records import GroupStatus, Growing, SpellCause
from sim.world.world import World, records
from tests.agents.plain import got, holds, posted, put, small
from tests.agents.scene import AWAY, HOME, NOW, THIRD

pytestmark = pytest.mark.usefixtures("as_python")


def underworld(**settings: float) -> World:
    """Group 0 of AWAY with nodes 2 to 4; no group enters or leaves for what it expects."""
    world = small(64, {"with_responsive_entry": 0.0, "with_learning": 0.0} | settings)
    put(world, "group", first_node=2, nodes=3, key=7)
    world.node["key"], world.used[Growing.NODE] = np.arange(64), 5
    return world


def test_potential_groups_arrive_at_the_ceiling_of_their_rate() -> None:
    """At half a group a day and a ceiling of two, one each day; the next is posted whether or not this one enters."""
    for number in range(1, 9):
        world = underworld(entry_rate=0.5, entry_ceiling=2.0)
        rules.group_arrives(world, number)
        key = rules.group_key(number)
        kind, home, domestic = rules.draw_origin(world, key)
        came = enters(world, key, entry_factor(world, kind, home))
        assert world.used[Growing.GROUP] == 1 + came
        assert (Event.GROUP_REPORT in [event for event, *_ in posted(world)]) == came
        gap = exponential(1, Purpose.GROUP_GAP, rules.group_key(number + 1), 0, 1.0)
        assert (Event.GROUP_ARRIVAL, number + 1, pytest.approx(gap)) in posted(world)
        if came:
            assert got(world, "group", 1, "kind home domestic clipped") == (kind, home, domestic, 0)
    slow = underworld(entry_rate=0.25, entry_ceiling=2.0)
    rules.schedule_arrival(slow, 9)
    assert posted(slow)[0][2] == pytest.approx(exponential(1, Purpose.GROUP_GAP, rules.group_key(9), 0, 2.0))


def test_more_groups_than_the_ceiling_lets_in_are_noted() -> None:
    """Where nothing is feared that usually is, at a response so strong that the ceiling is reached."""
    world = underworld(with_responsive_entry=1.0, with_learning=1.0, deterrence=50.0, entry_ceiling=1.0, usual_news=9.0)
    world.news[:], world.setting["sanction"], world.sanction_delay[:] = 0.0, 9.0, 50.0
    rules.group_arrives(world, 1)
    assert world.group["clipped"][1] == 1


def test_where_a_group_comes_from() -> None:
    """A domestic group lives among its victims, others where their kind does."""
    world = underworld()
    world.place_kind[:], world.domestic_share[:] = [0.0, 1.0, *[4.0] * (len(world.place_kind) - 2)], 0.3
    world.place_victims[:], world.place_home[:] = 1.0, 1.0
    world.place_victims[HOME], world.place_home[1, :THIRD], world.place_home[2, HOME] = 0.5, 0.0, 0.0
    for number in range(1, 41):
        key = rules.group_key(number)
        kind = 1 if uniform(1, Purpose.GROUP_KIND, key, 0) < 0.25 else 2
        domestic = uniform(1, Purpose.GROUP_DOMESTIC, key, 0) < 0.3
        at_home = HOME if uniform(1, Purpose.GROUP_HOME, key, 0) < 0.5 else AWAY
        assert rules.draw_origin(world, key) == (kind, at_home if domestic else {1: THIRD, 2: AWAY}[kind], domestic)


def test_income_follows_users_and_capability() -> None:
    world = underworld(assets_days=180.0)
    put(world, "group", users=3.0, income=2.0, reserve=5.0, reserve_day=NOW - 180.0)
    rules.add_spell(world, 0, SpellCause.RETURN, 2, 5, 0.6)
    assert got(world, "group", 0, "income capability") == pytest.approx((1.8, 0.6))
    assert world.group["reserve"][0] == pytest.approx(360.0 - 355.0 * math.exp(-1.0))  # by what it earned until then
    expected = (SpellCause.RETURN, 2, 5, NOW, 0.6, 3.0)
    assert got(world, "spell", 0, "cause action_type case day capability scale") == expected
    rules.exit_by_itself(world, 0)
    assert got(world, "group", 0, "income status ended") == (0.0, GroupStatus.EXITED, NOW)
    world.setting["assets_days"] = 0.0  # then nothing is kept in reach
    rules.settle_reserve(world, 0)
    assert world.group["reserve"][0] == 0.0


def test_a_group_enters_with_its_size_core_and_nodes() -> None:
    """At least two of both, and as many more as are drawn; its size is lognormal with a mean of one."""
    settings = {"lineage_months": 50.0, "scale_sigma": 0.6, "core_members": 3.0, "control_nodes": 2.5}
    world = underworld(**settings, extra_hops=1.5, with_responsive_entry=1.0)
    row = rules.establish_group(world, 5, 3, AWAY, True)
    members, nodes = 2 + poisson(1, Purpose.GROUP_MEMBERS, 5, 0, 3.0), 2 + poisson(1, Purpose.GROUP_NODES, 5, 0, 2.5)
    scale = math.exp(0.6 * normal(1, Purpose.GROUP_SCALE, 5, 0) - 0.18)
    days = exponential(1, Purpose.GROUP_LINEAGE, 5, 0, 50.0 * MONTH)
    names = "members nodes scale users lineage_until kind home domestic entered named capability hop_mean"
    expected = (members, nodes, scale, scale, NOW + days, 3, AWAY, 1, NOW, NOW, 1.0, 1.5)
    assert got(world, "group", row, names) == pytest.approx(expected)
    events = posted(world)
    assert (Event.GROUP_EXIT, row, pytest.approx(days)) in events
    kinds = [kind for kind, *_ in events]
    assert [kinds.count(kind) for kind in (Event.GROUP_EXIT, Event.GROUP_REBRAND, Event.NODE_MOVE)] == [2, 1, nodes]
    core = records(world, "member")
    assert core.slot.tolist() == list(range(members)) and (core.residence == AWAY).all()
    assert records(world, "node").slot[5:].tolist() == list(range(nodes))
    assert got(world, "group", row, "first_member first_node") == (0, 5)


def test_each_element_of_an_offence_is_fulfilled_in_four_of_five_groups() -> None:
    for key in range(1, 31):
        drawn = [uniform(1, Purpose.GROUP_FACTS, key, bit) < 0.8 for bit in range(len(ELEMENTS))]
        assert rules.draw_facts(1, key) == sum(2**bit for bit, there in enumerate(drawn) if there)


def test_brands_last_for_their_months_and_reports_come_so_often_a_year() -> None:
    world = underworld(brand_months=18.0, reports_per_year=5.0)
    put(world, "group", brands=2, reports=4)
    rules.schedule_rebrand(world, 0)
    rules.schedule_report(world, 0)
    brand = exponential(1, Purpose.GROUP_BRAND, 7, 2, 18.0 * MONTH)
    report = exponential(1, Purpose.REPORT_GAP, 7, 4, YEAR / 5.0)
    assert sorted(days for *_, days in posted(world)) == pytest.approx(sorted([brand, report]))


def test_only_a_group_at_work_takes_a_new_name_and_one_that_is_gone_plans_none() -> None:
    """With the name its own nodes may move, none beside them: names taken, whether planned again, nodes that moved."""

    def named(status: GroupStatus, stamp: int, move: float) -> tuple[float, ...]:
        world = underworld(rebrand_move=move, tracking=0.0)
        put(world, "group", status=status, brands=2, capability=0.6)
        rules.rebrand(world, 0, stamp)
        named_now = int(world.group["named"][0] == NOW)
        assert [one.cause for one in records(world, "spell")] == [SpellCause.REBRAND] * named_now
        planned = Event.GROUP_REBRAND in [kind for kind, *_ in posted(world)]
        return (*got(world, "group", 0, "brands named"), planned, *world.node["moves"][1:6])

    active = GroupStatus.ACTIVE
    still, gone = (0, 0, 0, 0, 0), (2, 0.0, False, 0, 0, 0, 0, 0)
    holds(
        named,
        at_work=(active, 2, 0.0, (3, NOW, True, *still)),
        moves=(active, 2, 1.0, (3, NOW, True, 0, 1, 1, 1, 0)),
        an_older_plan=(active, 1, 1.0, gone),
        down=(GroupStatus.DOWN, 2, 1.0, (3, 0.0, True, *still)),
        exited=(GroupStatus.EXITED, 2, 1.0, gone),
        removed=(GroupStatus.REMOVED, 2, 1.0, gone),
    )
    world = underworld(rebrand_move=0.5)
    world.group["brands"] = 4
    rules.rebrand(world, 0, 4)
    drawn = [uniform(1, Purpose.NODE_REBRAND, key, 5) < 0.5 for key in (2, 3, 4)]
    assert world.node["moves"][2:5].tolist() == drawn


def test_supply_draws_and_risk_repels() -> None:
    hosting, none = np.array([1.0, 4.0, 0.0]), np.zeros(3)
    plain_shares = np.diff(place_weights(hosting, none, none, 1.0, 0.0, 0.0), prepend=0.0)
    np.testing.assert_allclose(plain_shares, [0.2, 0.8, 0.0])
    risky = np.array([0.0, 1.0, 0.0])
    assert np.diff(place_weights(hosting, none, risky, 1.0, 0.0, 1.0))[0] < 0.8
    assert np.diff(place_weights(hosting, risky, none, 1.0, 1.0, 0.0))[0] > 0.8
