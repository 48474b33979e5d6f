"""Tests of an action's value, of a unit's decision at a review, and of joint action days (M13)."""

import math
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from sim.agents.crime.resurgence import core_lost
from sim.agents.investigation import planning as rules
from sim.agents.investigation.foresight import forecast_by, outlook_of
from sim.agents.investigation.planning import Decision
from sim.law.days import YEAR
from sim.world.records import NONE, CaseStatus, Growing, MemberStatus
from sim.world.world import World
from tests.agents.plain import add_partners, put, small, table
from tests.agents.scene import AWAY, FOURTH, HOME, NOW, THIRD, know
from tests.tiny import row_of_settings

pytestmark = pytest.mark.usefixtures("as_python")

THIEVES = 2  # a place in GROUP_KINDS: returns on the usual terms
WAITS = (60.0, 180.0, 540.0)
RETURNS = {"infrastructure_never": 0.3, "infrastructure_return_days": 200.0, "infrastructure_capacity": 0.6}
RETURNS |= {"arrests_never": 0.6, "arrests_return_days": 400.0, "regrowth_days": 100.0, "horizon_days": 1000.0}


def unit(settings: dict[str, float] | None = None, /, **case: Any) -> World:
    """Makes a world in which a case knows two of a group's four control nodes.

    All of these states take part in group 0's case; AWAY is ready. The group has three members, of whom none is held.
    """
    world = small(12, {"with_trust": 0.0, "action_price": 7.0, "with_liaison_desks": 0.0} | RETURNS | (settings or {}))
    put(world, "group", first_node=1, nodes=4, first_member=1, members=3, users=2.0, capability=0.8, kind=THIEVES)
    put(world, "node", 1, state=(AWAY, FOURTH, HOME, FOURTH), registry=(THIRD, NONE, NONE, NONE))
    world.used[[Growing.NODE, Growing.MEMBER]] = 5, 4
    know(world, 1)
    know(world, 3)
    put(world, "case", opened=NOW - 300.0, **case)
    return add_partners(world, AWAY, HOME, FOURTH, THIRD, ready_at=(NOW, np.nan, np.nan, np.nan))


@table(
    (200.0, 1.0, 0.4, 0.6 * 1000 + 0.4 * (400 + 0.5 * 0.4 * 100)),
    (200.0, 0.75, 0.4, 0.6 * 1000 + 0.4 * (400 + 0.5 * 0.4 * 100)),
    (200.0, 0.74, 0.4, 0.15 * 1000 + 0.85 * (100 + 0.5 * 0.4 * 100)),
    (200.0, 0.5, 0.5, 0.6 * 1000 + 0.4 * (400 + 0.5 * 0.4 * 100)),
    (200.0, 1.0, 0.5, 0.6 * 1000 + 0.4 * (400 + 0.5 * 0.4 * 100)),
    (5000.0, 1.0, 0.0, 1000.0),  # no return lies beyond the horizon
)
def test_a_takedown_averts_harm_until_the_group_is_back_and_grown(days: float, nodes: float, core: float) -> float:
    """The days of harm that a takedown averts depend on the return, the regrowth, and the survivors."""
    setting = row_of_settings(**RETURNS | {"infrastructure_return_days": days, "survivors": 0.25})[0]
    return rules.days_of_takedown(cast(World, SimpleNamespace(setting=[setting])), THIEVES, nodes, core)


@table(
    (0.2, 0.3, 0.1, (1 - 0.8 * 0.7 / 0.9) ** 2 * 200.0),
    (0.99, 0.99, 0.2, (1 - 0.1 / 0.8) ** 2 * 200.0),
    (0.0, 0.3, 0.3, 0.0),
    (0.0, 0.2, 0.3, 0.0),
    (0.5, 0.95, 0.95, 0.0),
)
def test_a_weakened_group_needs_the_longer_to_rebuild_the_more_it_lost(nodes: float, core: float, before: float) -> Any:
    """A weakened group needs more time to rebuild if it lost more nodes or core members."""
    setting = row_of_settings(nodes_to_fall=0.9, core_to_fall=0.9, rebuild_days=200.0)[0]
    return rules.days_of_weakening(setting, nodes, core, before)


@pytest.mark.parametrize(("leaks", "alert"), [(0.73, 0.8), (0.73, 0.0), (0.0, 0.8)])
def test_a_case_fades_as_the_group_leaves_the_case_is_dropped_or_leaks(leaks: float, alert: float) -> None:
    """The value of waiting declines by the rates at which groups exit, cases close and cases leak.

    Once in 20 months, 0.2 a year, and as often as it leaks, 0.5 · 0.8 of which move the servers, 30 days apart.
    """
    settings = {"review_interval_days": 30.0, "lineage_months": 20.0, "attrition_per_year": 0.2, "with_leaks": 1.0}
    world = unit(settings | {"leak_per_year": leaks, "alert_move": 0.5, "with_alert": alert})
    world.state["tier"][HOME] = 0
    expected = 1 / (20 * 30.4375) + 0.2 / YEAR + leaks / YEAR * 0.5 * alert
    assert rules.fading(world, 0) == pytest.approx(expected)
    assert rules.kept_after(world.setting[0], 0.3) == pytest.approx(0.7 * (1 - 0.5 * alert))


def test_an_action_costs_each_state_that_a_known_node_makes_necessary() -> None:
    world = unit()
    assert rules.price_of_action(world, 0) == pytest.approx(7.0 * 3)
    assert [rules.is_needed(world, 0, state) for state in (AWAY, THIRD, FOURTH, HOME)] == [True, True, False, True]


@table(((), 0.0), ((900.0, np.nan, np.nan), 1 / 3), ((np.nan, 900.0, 900.0), 2 / 3))
def test_share_of_partners_that_are_ready(days: tuple[float, ...]) -> float:
    world = unit()
    add_partners(world, *(AWAY, HOME, THIRD)[: len(days)], **({"ready_at": days} if days else {}))
    return rules.ready_share(world, 0)


@pytest.mark.parametrize("held", [0, 1])
@pytest.mark.parametrize("wait", [0.0, 90.0])
def test_an_action_is_worth_what_it_averts_if_the_case_lasts_until_then(wait: float, held: int) -> None:
    """The value of an action is the harm it averts, times the probability that the case lasts until then."""
    world = unit({"rebuild_days": 200.0, "removal_unknown": 0.3, "alert_move": 0.5, "attrition_per_year": 0.9})
    put(world, "member", 1, status=MemberStatus.HELD if held else MemberStatus.UNKNOWN)
    outlook, setting = outlook_of(world, 0, False), world.setting[0]
    chance, nodes, core = forecast_by(world, 0, outlook, wait)
    assert 0.0 < chance < 1.0 and core_lost(world, 0) == held / 3
    down = 2.0 * rules.days_of_takedown(world, THIEVES, nodes, core)
    weaker = 2.0 * 0.8 * rules.days_of_weakening(setting, nodes, core, held / 3)
    left = math.exp(-wait * rules.fading(world, 0))
    value, kept = rules.value_of_acting(world, 0, outlook, wait, 5.0, rules.fading(world, 0))
    assert value == pytest.approx(left * (chance * down + (1 - chance) * weaker - 5.0))
    assert kept == pytest.approx(left * (1 - chance) * rules.kept_after(setting, nodes))


def varied(number: int) -> World:
    """Makes a world with random knowledge, prices, times and people."""
    draw = np.random.default_rng(number)
    ranges = {"action_price": (0.1, 3.0, 30.0, 300.0), "readiness_days": (20.0, 200.0, 2000.0)}
    ranges |= {"least_ready": (0.0, 0.25, 0.5), "removal_by_host": (0.0, 0.5, 0.9), "technical_discovery": (0.0, 1.0)}
    ranges |= {"attrition_per_year": (0.1, 5.0), "rebuild_days": (50.0, 800.0), "control_nodes": (0.0, 2.0, 12.0)}
    world = unit({name: float(draw.choice(values)) for name, values in ranges.items()})
    put(world, "group", users=float(draw.choice([0.05, 1.0, 4.0])))
    if draw.random() < 0.3:  # knows nothing, or only a person
        world.case["first_sighting"], world.case["known_nodes"] = NONE, 0
        world.case["known_members"] = int(draw.random() < 0.5)
    if draw.random() < 0.3:
        put(world, "partner", ready_at=[NOW] * 4)
    return world


def weighed(world: World) -> tuple[float, ...]:
    """Expected result of `weigh`, computed from the value on each day."""
    setting, together, alone = world.setting[0], outlook_of(world, 0, False), outlook_of(world, 0, True)
    price, rate = rules.price_of_action(world, 0), rules.fading(world, 0)
    days = [rules.value_of_acting(world, 0, together, wait, price, rate) for wait in WAITS]
    later = max(0.0, *(value for value, _ in days))
    values = [value + kept * later for value, kept in days]
    waiting = max(values)
    acting = disrupting = -math.inf
    if world.case["known_nodes"][0] or world.case["known_members"][0]:
        value, kept = rules.value_of_acting(world, 0, alone, 0.0, setting.action_price, rate)
        disrupting = value + kept * max(waiting, 0.0)
        if rules.ready_share(world, 0) >= setting.least_ready:
            value, kept = rules.value_of_acting(world, 0, together, 0.0, price, rate)
            acting = value + kept * max(waiting, 0.0)
    return acting, disrupting, waiting, WAITS[values.index(waiting)]


def decided(values: tuple[float, ...], nodes: int) -> tuple[Decision, bool]:
    """Returns the expected decision of a unit with these values, and if it begins preparation."""
    acting, disrupting, waiting, days = values
    if acting > 0.0 and acting == max(values[:3]):
        return Decision.ACT, True
    if disrupting > 0.0 and disrupting > waiting and nodes > 0:
        return Decision.DISRUPT, False
    return (Decision.WAIT, days <= 180.0) if waiting > 0.0 else (Decision.GIVE_UP, False)


def test_a_unit_does_what_is_worth_most() -> None:
    """A unit chooses the option of highest value: act, disrupt, wait, or close the case."""
    seen = []
    for number in range(80):
        world = varied(number)
        expected = weighed(world)
        assert rules.weigh(world, 0) == pytest.approx(expected), number
        decision, prepares = decided(expected, int(world.case["known_nodes"][0]))
        assert rules.choose_next(world, 0) == decision, number
        status = CaseStatus.PREPARING if prepares else CaseStatus.INVESTIGATING
        assert world.case["status"][0] == status, number
        if decision == Decision.WAIT:
            until = NOW + min(0.5 * expected[3], 90.0)
            assert (world.case["weighed_until"][0], world.case["weighed_ready"][0]) == (
                until,
                rules.ready_share(world, 0),
            )
        seen.append((decision, prepares))
    kinds = {(Decision.ACT, True), (Decision.DISRUPT, False), (Decision.GIVE_UP, False)}
    assert set(seen) == kinds | {(Decision.WAIT, True), (Decision.WAIT, False)}
    assert all(seen.count(one) > 1 for one in seen)


@table(lately=(1e4, 0.25, True), over=(NOW, 0.25, False), ready=(1e4, 0.0, False), joined=(1e4, 1.0, False))
def test_a_unit_does_not_weigh_again_before_its_day_unless_states_became_ready(until: float, before: float) -> bool:
    """A unit decides again only on its next review day, or when states became ready."""
    world = unit({"action_price": 1e6})
    put(world, "case", weighed_until=until, weighed_ready=before)
    decision = rules.choose_next(world, 0)
    assert decision in (Decision.WAIT, Decision.GIVE_UP)
    return bool(decision == Decision.WAIT)


def prepared(price: float = 0.0, *, known: int = 4, ready: float | list[float] = NOW) -> World:
    """Makes a world in which four states prepare an action day against a group."""
    group = {"nodes": 4, "members": 3, "users": 1.0, "capability": 1.0, "kind": THIEVES}
    settings = {"action_price": price, "infrastructure_never": 0.25, "infrastructure_return_days": 127.0}
    world = small(16, settings, group=group, node={"state": (AWAY, THIRD, FOURTH, HOME)})
    add_partners(world, AWAY, THIRD, FOURTH, HOME, ready_at=ready)
    for node in range(known):
        know(world, node)
    return world
