"""Tests of groups that go down, weaken, return and rebuild (M13, M14), and of their users (M17)."""

import math
from types import SimpleNamespace
from typing import Any, cast

import numpy as np
import pytest

from sim.agents.crime import resurgence
from sim.agents.crime.criminals import (
    COMMUNICATION_SERVICES,
    DDOS_FOR_HIRE,
    EXTORTION,
    MARKETPLACES,
    TECHNICAL_SERVICES,
)
from sim.agents.crime.resurgence import band_key, find_rival, scatter_users, users_move, users_return
from sim.agents.events import Event, Purpose
from sim.engine.random import derive, gumbel, lognormal, uniform
from sim.world.records import NONE, ActionType, GroupStatus, Growing, MemberStatus, SpellCause
from sim.world.world import World, records
from tests.agents.plain import chances, got, holds, posted, put, small, table
from tests.agents.scene import NOW
from tests.tiny import row_of_settings

pytestmark = pytest.mark.usefixtures("as_python")

ORDINARY = 3  # a kind that neither serves criminals nor has a way of coming back of its own
ACTIVE, DOWN, REMOVED = GroupStatus.ACTIVE, GroupStatus.DOWN, GroupStatus.REMOVED
INFRASTRUCTURE, ARRESTS, PARTIAL = ActionType.INFRASTRUCTURE, ActionType.ARRESTS, ActionType.PARTIAL
DOMAIN, EXPOSURE, SERVICE = ActionType.DOMAIN_SEIZURE, ActionType.EXPOSURE, ActionType.SERVICE
SETTING = row_of_settings()[0]
USUAL = cast(World, SimpleNamespace(setting=[SETTING]))
TERMS = {"infrastructure_never": 0.4, "infrastructure_return_days": 50.0, "infrastructure_capacity": 0.3}
TERMS |= {"regrowth_days": 70.0, "arrests_never": 0.8, "arrests_return_days": 90.0, "backups": 0.2, "survivors": 0.25}
TERMS |= {"with_moving_users": 0.0, "elapsed_sigma": 0.0, "with_learning": 1.0, "rebuild_days": 40.0}
TERMS |= {"service_reliance": 0.25, "users_delay_days": 12.0}


def under_attack(settings: dict[str, float] | None = None, **fields: Any) -> World:
    """Makes a world with a group of four members and three nodes, without random variation of times."""
    group = {"kind": ORDINARY, "members": 4, "first_member": 2, "nodes": 3, "first_node": 1, "key": 77}
    group |= {"status": ACTIVE}
    group |= {"capability": 1.0, "users": 2.0, "generation": 5, "blows": 2, "first_migration": NONE}
    group |= {"whole_on": np.nan, "last_action": np.nan, "ended": np.nan}
    world = small(16, TERMS | (settings or {}), group=group | fields)
    world.member["status"] = MemberStatus.INDICTED
    return world


def filed(world: World) -> list[tuple[float, ...]]:
    """Recorded activity periods in order: cause, kind of action, case and capability."""
    return [(one.cause, one.action_type, one.case, pytest.approx(one.capability)) for one in records(world, "spell")]


def test_losses_of_nodes_and_of_the_core_multiply() -> None:
    """Remaining capability is the product of what losses of nodes and of core members leave.

    A loss of 0.6 of the nodes alone, or of 0.5 of the core, leaves a tenth; that of all of either leaves nothing.
    """
    setting = row_of_settings(nodes_to_fall=0.6, core_to_fall=0.5)[0]
    cases: dict[str, tuple[float, ...]] = {"nodes": (1.0, 0.0, 0.0), "core": (0.0, 1.0, 0.0), "none": (0.0, 0.0, 1.0)}
    for nodes, core in ((0.2, 0.3), (0.55, 0.1), (0.9, 0.45), (0.6, 0.0), (0.0, 0.5)):
        left = 10.0 ** -(math.log(1 - nodes) / math.log(0.4) + math.log(1 - core) / math.log(0.5))
        cases[f"{nodes} {core}"] = (nodes, core, left)
    holds(lambda nodes, core: resurgence.residual(setting, nodes, core), cases)
    holds(resurgence.is_down, a_tenth=(0.1, True), nearly_so=(0.1 + 1e-9, True), more=(0.1 + 2e-9, False))


def test_who_counts_as_lost_to_the_group() -> None:
    for status in MemberStatus:
        world, lost = under_attack(), status in {MemberStatus.HELD, MemberStatus.SURRENDERED, MemberStatus.CONVICTED}
        world.member["status"][[0, 1, 3, 4, 5, 6]] = status  # the first two and the last are of other groups
        assert resurgence.core_lost(world, 0) == (0.75 if lost else 0.0)
        world.member["replaced"][4] = 1
        assert resurgence.members_held(world, 0) == (2 if lost else 0)


@table(
    (1, 0.5, True, True, ARRESTS),
    (1, 0.4, True, True, EXPOSURE),
    (1, 0.0, False, True, DOMAIN),
    (DDOS_FOR_HIRE, 0.0, False, False, DOMAIN),
    (TECHNICAL_SERVICES, 0.0, False, False, INFRASTRUCTURE),
    (MARKETPLACES, 0.0, False, False, SERVICE),
    (1, 0.0, False, False, INFRASTRUCTURE),
)
def test_kind_of_takedown(kind: int, core: float, exposed: bool, by_domain: bool) -> int:
    return resurgence.type_of_takedown(kind, core, exposed, by_domain)


def test_the_terms_of_return_are_those_of_the_kind_of_action_and_where_servers_fall_of_the_group() -> None:
    rows = {TECHNICAL_SERVICES: "rented", COMMUNICATION_SERVICES: "rented", EXTORTION: "extortion", ORDINARY: ""}
    for kind, row in rows.items():
        for action, name in {DOMAIN: "domain", EXPOSURE: "exposure", ARRESTS: "arrests", INFRASTRUCTURE: row}.items():
            kept = name if action in (DOMAIN, EXPOSURE) else "infrastructure"
            expected = [f"{name or kept}_never", f"{name or kept}_return_days", f"{kept}_capacity"]
            assert resurgence.return_terms(USUAL, kind, action) == tuple(SETTING[one] for one in expected)
    market = (SETTING.market_never, SETTING.market_return_days, SETTING.market_capacity)
    assert resurgence.return_terms(USUAL, MARKETPLACES, SERVICE) == market


@pytest.mark.parametrize(
    ("action", "left", "never", "median"),
    [
        (INFRASTRUCTURE, 0.0, 0.8, 100.0),  # likewise later and less surely without any
        (INFRASTRUCTURE, 0.3, 0.2, 25.0),  # on nodes that survive it is back sooner and more surely
        (ARRESTS, 0.3, 0.8, 90.0),  # nodes do not replace people
    ],
)
def test_a_group_that_is_down_may_never_return(action: ActionType, left: float, never: float, median: float) -> None:
    """Each earlier enforcement action lowers the probability that a takedown is permanent."""

    def removed(key: int) -> bool:
        world = under_attack(key=key)
        resurgence.take_down(world, 0, action, 9, left)
        gone = world.group["status"][0] == REMOVED
        expected = (6, 3, action, NOW, NOW if gone else np.nan, REMOVED if gone else DOWN, 0.0)
        names = "generation blows action last_action ended status capability"
        assert got(world, "group", 0, names) == pytest.approx(expected, nan_ok=True)
        assert filed(world) == [(SpellCause.TAKEDOWN, action, 9, 0.0)]
        assert posted(world) == ([] if gone else [(Event.GROUP_RETURN, 0, pytest.approx(median))])
        assert gone or world.event["stamp"][0] == 6
        return bool(gone)

    chances(removed, Purpose.RETURN_NEVER, never * 0.64, 6)


@pytest.mark.parametrize(("action", "left"), [(INFRASTRUCTURE, 0.0), (INFRASTRUCTURE, 0.3), (ARRESTS, 0.3)])
def test_as_many_stay_down_for_half_a_year_as_the_spell_says(action: ActionType, left: float) -> None:
    """The expected share of 120 groups stays down for half a year (false alarm: 1 in 1,000, 3.3 standard errors)."""
    lasted, said = [], set()
    for key in range(120):
        world = under_attack({"elapsed_sigma": 0.8, "infrastructure_return_days": 120.0}, key=key)
        resurgence.take_down(world, 0, action, 9, left)
        group = world.group[0]
        lasted.append(group.status == REMOVED or group.back_on - NOW >= 180.0)
        said.add(float(records(world, "spell")["lasting"][0]))
    (chance,) = said
    assert 0.2 < chance < 0.9
    assert abs(np.mean(lasted) - chance) < 3.6 * math.sqrt(chance * (1.0 - chance) / 120)


def test_what_comes_back_too_weak_to_count_has_no_known_chance_and_without_return_all_stay_down() -> None:
    weak = {"infrastructure_capacity": 0.07, "backups": 0.015}  # 0.03 more of the rest leaves less than a tenth
    for settings, expected in ((weak, np.nan), (weak | {"backups": 0.02}, 0.8 * 0.98**2), ({"with_return": 0.0}, 1.0)):
        world = under_attack(settings)
        resurgence.take_down(world, 0, INFRASTRUCTURE, 9, 0.0)
        assert records(world, "spell")["lasting"][0] == pytest.approx(expected, nan_ok=True)


@table((TECHNICAL_SERVICES, (4, 1)), (ORDINARY, (4, 0)))
def test_users_leave_a_group_that_goes_down_and_buyers_a_technical_service(kind: int) -> tuple[int, int]:
    fields = {"kind": [kind, 1], "users": [9.0, 1.0], "status": [ACTIVE] * 2, "capability": [1.0] * 2}
    world = under_attack({"with_moving_users": 1.0, "with_return": 0.0, "infrastructure_never": 0.0}, **fields)
    world.buys_services[1] = 1
    resurgence.take_down(world, 0, SERVICE, NONE, 0.0)
    kinds = [event for event, *_ in posted(world)]
    assert world.group["status"][0] == REMOVED and Event.GROUP_RETURN not in kinds
    return kinds.count(Event.USERS_MOVE), kinds.count(Event.SUPPLIER_FOUND)


@table(three=(3, ACTIVE, (DOWN, ARRESTS)), one=(1, ACTIVE, (ACTIVE, 0)), down_already=(3, DOWN, (DOWN, 0)))
def test_arrests_alone_take_a_group_down_once_too_few_are_at_liberty(held: int, status: int) -> tuple[float, ...]:
    world = under_attack({"arrests_never": 0.0}, status=status)
    world.member["status"][2 : 2 + held] = MemberStatus.HELD
    resurgence.break_core(world, 0, 9)
    return got(world, "group", 0, "status action")


def test_a_group_comes_back_with_part_of_its_capacity_and_new_people_and_places() -> None:
    """A group returns with part of its capability, and with more after earlier enforcement actions."""
    world = under_attack(status=DOWN, blows=3, capability=0.0, action=INFRASTRUCTURE)
    world.member["status"][[1, 3, 5, 6]] = MemberStatus.HELD
    moves = world.node["moves"].copy()
    resurgence.come_back(world, 0, 5)
    assert np.flatnonzero(world.node["moves"] != moves).tolist() == [1, 2, 3]
    assert list(world.member["replaced"][:8]) == [0, 0, 0, 1, 0, 1, 0, 0]
    capacity = 0.3 + 0.7 * (1.0 - 0.8**2)
    assert got(world, "group", 0, "status capability whole_on") == pytest.approx((ACTIVE, capacity, NOW + 70.0))
    assert (Event.GROUP_REBUILT, 0, pytest.approx(70.0)) in posted(world)
    assert filed(world) == [(SpellCause.RETURN, INFRASTRUCTURE, NONE, capacity)]


@pytest.mark.parametrize(("whole_on", "expected"), [(np.nan, 28.0), (90.0, 90.0), (5.0, 28.0)])
def test_a_weakened_group_rebuilds_sooner_the_less_it_lost(whole_on: float, expected: float) -> None:
    """A weakened group rebuilds sooner if it lost less.

    40 days for all of it, 28 for 0.7; who is still growing is not whole before it would have been anyway.
    """
    world = under_attack(capability=0.8, whole_on=NOW + whole_on)
    resurgence.weaken(world, 0, PARTIAL, 1.0, 9)
    assert (*got(world, "group", 0, "generation blows"), filed(world)) == (5, 2, [])
    resurgence.weaken(world, 0, PARTIAL, 0.3, 9)
    names = "generation blows action last_action capability whole_on"
    assert got(world, "group", 0, names) == pytest.approx((6, 3, PARTIAL, NOW, 0.24, NOW + expected))
    assert posted(world) == [(Event.GROUP_REBUILT, 0, pytest.approx(expected))]
    assert filed(world) == [(SpellCause.PARTIAL_ACTION, PARTIAL, 9, 0.24)]


def market(reliance: float = 0.25, **fields: Any) -> World:
    """Makes a world in which a technical service is down, with other services left for its customers."""
    group = {"kind": [TECHNICAL_SERVICES] * 3 + [1, 1, 1], "users": [3.0, 2.0, 50.0, 40.0, 1.0, 1.0]}
    group |= {"status": [DOWN, ACTIVE, DOWN, ACTIVE, ACTIVE, DOWN], "generation": [5, 1, 1, 7, 8, 9]}
    group |= {"capability": [0.0, 1.0, 0.0, 0.8, 0.5, 0.9], "key": range(6)}
    world = under_attack({"service_reliance": reliance, "elapsed_sigma": 0.5}, **group | fields)
    world.buys_services[:] = 0
    world.buys_services[1] = 1
    return world


def test_who_bought_from_a_service_follows_from_its_share_of_users() -> None:
    """The customers of a lost service are drawn in proportion to its share of users."""
    seen = set()
    for service in range(20, 30):
        world = market()
        world.group["key"][0] = service
        resurgence.cut_off_buyers(world, 0)
        keys = {buyer: derive(buyer, service) for buyer in (3, 4)}
        hit = [buyer for buyer, key in keys.items() if uniform(1, Purpose.SERVICE_BOUGHT, key, 5) < 0.6]
        before = np.array([0.0, 1.0, 0.0, 0.8, 0.5, 0.9])
        before[hit] *= 0.75
        assert list(world.group["capability"][:6]) == pytest.approx(list(before))
        days = {buyer: lognormal(1, Purpose.SERVICE_FOUND, keys[buyer], 5, 12.0, 0.5) for buyer in hit}
        soonest = sorted(hit, key=days.__getitem__)
        assert posted(world) == [(Event.SUPPLIER_FOUND, buyer, pytest.approx(days[buyer])) for buyer in soonest]
        assert filed(world) == [(SpellCause.SUPPLIER_LOST, 0, NONE, before[buyer]) for buyer in hit]
        assert list(world.group["generation"][:6]) == [5, 1, 1, 7, 8, 9]  # what befalls it itself keeps its draws
        seen.add(len(hit))
    assert {1, 2} <= seen


def test_who_relies_on_nothing_or_would_be_down_loses_nothing() -> None:
    """A group that uses no service, or would fall below a tenth of its capability, loses nothing."""

    def lost(reliance: float, capability: float) -> int:
        world = market(reliance, users=[3e6, 0.0, 0.0, 1.0, 1.0, 1.0], capability=[0.0, 1.0, 1.0] + [capability] * 3)
        resurgence.cut_off_buyers(world, 0)
        return len(filed(world))

    holds(lost, usual=(0.25, 0.14, 2), nothing=(0.0, 0.14, 0), fragile=(0.25, 0.13, 0))


@table((0.3, 0.4), (0.9, 1.0))
def test_another_service_gives_back_what_its_loss_took(before: float) -> float:
    """A replacement service restores exactly the capability that the loss had removed.

    Where a quarter is restored, a group with 0.3 has lost 0.1, and one with 0.9 all up to the whole.
    """
    world = under_attack(capability=before)
    resurgence.supplier_found(world, 0, 5)
    assert [cause for cause, *_ in filed(world)] == [SpellCause.SUPPLIER_FOUND]
    return world.group["capability"][0]


def test_what_was_hit_or_is_whole_regains_nothing() -> None:
    """A customer regains no capability after a further enforcement action or without a loss."""
    for status, stamp, capability in ((DOWN, 4, 0.3), (DOWN, 5, 0.3), (ACTIVE, 4, 0.3), (ACTIVE, 5, 1.0)):
        returns = [] if (status, stamp) == (DOWN, 5) else [resurgence.come_back]
        for rule in (resurgence.supplier_found, resurgence.rebuilt, *returns):
            world = under_attack(status=status, capability=capability)
            rule(world, 0, stamp)
            assert (world.group["capability"][0], filed(world)) == (capability, [])


BANDS = 4  # of a group's users


def rivals(**group: object) -> World:
    """Makes a world with a group that is down and still has users, and four possible rivals."""
    settings = {"with_moving_users": 1.0, "users_moving": 0.8, "users_delay_days": 12.0, "users_follow_size": 2.0}
    usual = {"users": [6.0] * 5, "capability": [0.25, 1.0, 1.0, 1.0, 1.0], "kind": [2] * 5, "key": range(5)}
    usual |= {"status": [DOWN] + [ACTIVE] * 4, "generation": 3, "users_at_takedown": 10.0, "first_migration": NONE}
    world = small(8, settings | {"users_returning": 0.35}, group=usual | group)
    world.used[Growing.CASE] = 0
    return world


def test_users_look_for_a_rival_in_bands_each_on_its_own_day() -> None:
    """Users of a downed group look for a rival in four parts, each on its own random day."""
    world = rivals()
    scatter_users(world, 0)
    sigma = world.setting["elapsed_sigma"][0]
    days = [lognormal(1, Purpose.USERS_LEAVE, band_key(world, 0, 12 + band), 0, 12.0, sigma) for band in range(BANDS)]
    assert posted(world) == [(Event.USERS_MOVE, 0, pytest.approx(day)) for day in sorted(days)]
    assert sorted(world.event["stamp"][:BANDS]) == [12, 13, 14, 15]
    assert world.group["users_at_takedown"][0] == 6.0
    world.setting["with_moving_users"], world.group["users"][0] = 0.0, 1.0
    scatter_users(world, 0)
    assert len(posted(world)) == BANDS and world.group["users_at_takedown"][0] == 6.0


@pytest.mark.parametrize(
    ("fields", "weight"),
    [
        *(({}, {1: 1.0, 2: 1.0, 3: 1.0, 4: 1.0}), ({"users": [6.0, 18.0, 6.0, 0.0, 6.0]}, {1: 9.0, 2: 1.0, 4: 1.0})),
        ({"capability": [1.0, 1.0, 0.5, 1.0, 1.0]}, {1: 4.0, 2: 1.0, 3: 4.0, 4: 4.0}),
        ({"kind": [2, 2, 1, 2, 2], "status": [ACTIVE, ACTIVE, ACTIVE, DOWN, ACTIVE]}, {1: 1.0, 4: 1.0}),
        ({"kind": [2, 1, 1, 1, 1], "status": [ACTIVE] * 5}, {}),
    ],
)
def test_larger_rivals_of_the_kind_at_work_draw_more_users(fields: dict[str, object], weight: dict[int, float]) -> None:
    """Larger active rivals of the same kind attract more users, by a logit choice."""
    world = rivals(**fields)
    for key in range(1, 60):
        taste = {rival: gumbel(1, Purpose.USERS_RIVAL, derive(key, rival), 0) for rival in weight}
        appeal = {rival: math.log(size) + taste[rival] for rival, size in weight.items()}
        assert find_rival(world, 0, key) == max(appeal, key=lambda rival: appeal[rival], default=NONE)


@pytest.mark.parametrize(("left", "moved"), [(6.0, 1.5), (0.5, 0.5)])
def test_a_band_takes_its_part_of_those_who_cannot_be_served(left: float, moved: float) -> None:
    """Each of four parts of the users moves its share of those who are no longer served."""
    world = rivals(users=[left, 6.0, 6.0, 0.0, 0.0], status=[DOWN, DOWN, ACTIVE, DOWN, DOWN])
    put(world, "group", first_migration=5)
    users_move(world, 0, 13)
    assert world.group["users"][[0, 2]] == pytest.approx([left - moved, 6.0 + moved])
    assert got(world, "migration", 0, "group rival day next_migration") == (0, 2, world.now[0], 5)
    assert got(world, "migration", 0, "amount") == pytest.approx((moved,))
    assert (world.group["first_migration"][0], world.migration["key"][0]) == (0, band_key(world, 0, 13))
    assert records(world, "spell")["group"].tolist() == [2]  # the rival alone: the group is not at work
    users_move(world, 0, 11)  # planned before the last takedown
    assert world.used[Growing.MIGRATION] == 1


def returning(key: int, status: GroupStatus = ACTIVE, rival_has: float = 6.0) -> World:
    """Makes a world in which users who moved to a rival decide if they return."""
    world = rivals(users=[6.0, 6.0, 6.0, rival_has, 6.0], status=[DOWN, ACTIVE, ACTIVE, status, ACTIVE])
    put(world, "group", first_migration=0)
    put(world, "migration", next_migration=(1, NONE), rival=(3, 3), amount=(1.5, 1.5), settled=(1, 0), key=(7, key))
    users_return(world, 0)
    users_return(world, 0)
    return world


def test_some_users_come_back() -> None:
    def back(key: int) -> bool:
        world = returning(key)
        came = world.group["users"][0] > 6.0
        assert (world.migration["returned"][1] == world.now[0]) == came
        return bool(came)

    chances(back, Purpose.USERS_RETURN, 0.35)


def test_users_come_back_as_far_as_the_rival_still_has_them() -> None:
    """Users return to their group only if the rival still has them."""
    key = next(key for key in range(1, 99) if returning(key).group["users"][0] > 6.0)

    def back(status: GroupStatus, rival_has: float) -> tuple[float, ...]:
        world = returning(key, status, rival_has)
        return tuple(world.group["users"][[0, 3]] - (6.0, rival_has))

    holds(back, all=(ACTIVE, 6.0, (1.5, -1.5)), some=(ACTIVE, 0.5, (0.5, -0.5)), rival_down=(DOWN, 6.0, (0.0, 0.0)))
