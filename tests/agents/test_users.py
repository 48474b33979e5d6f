"""Users who move to rivals and back (M17)."""

import math

import pytest

from sim.agents.events import Event, Purpose
from sim.agents.users import band_key, find_rival, scatter_users, users_move, users_return
from sim.engine.random import derive, gumbel, lognormal
from sim.world.records import NONE, GroupStatus, Growing
from sim.world.world import World, records
from tests.agents.plain import chances, got, holds, posted, put, small

pytestmark = pytest.mark.usefixtures("as_python")

ACTIVE, DOWN = GroupStatus.ACTIVE, GroupStatus.DOWN
BANDS = 4  # of a group's users


def market(**group: object) -> World:
    """Groups 0 to 4: the first is down and has 6 of 10 users left, the others may be rivals."""
    settings = {"with_moving_users": 1.0, "users_moving": 0.8, "users_delay_days": 12.0, "users_follow_size": 2.0}
    usual = {"users": [6.0] * 5, "capability": [0.25, 1.0, 1.0, 1.0, 1.0], "kind": [2] * 5, "key": range(5)}
    usual |= {"status": [DOWN] + [ACTIVE] * 4, "generation": 3, "users_at_takedown": 10.0, "first_migration": NONE}
    world = small(8, settings | {"users_returning": 0.35}, group=usual | group)
    world.used[Growing.CASE] = 0
    return world


def test_users_look_for_a_rival_in_bands_each_on_its_own_day() -> None:
    """The four bands of the third takedown are numbered from twelve on; nobody moves where users do not."""
    world = market()
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
        ({}, {1: 1.0, 2: 1.0, 3: 1.0, 4: 1.0}),
        ({"users": [6.0, 18.0, 6.0, 0.0, 6.0]}, {1: 9.0, 2: 1.0, 4: 1.0}),
        ({"capability": [1.0, 1.0, 0.5, 1.0, 1.0]}, {1: 4.0, 2: 1.0, 3: 4.0, 4: 4.0}),
        ({"kind": [2, 2, 1, 2, 2], "status": [ACTIVE, ACTIVE, ACTIVE, DOWN, ACTIVE]}, {1: 1.0, 4: 1.0}),
        ({"kind": [2, 1, 1, 1, 1], "status": [ACTIVE] * 5}, {}),
    ],
)
def test_larger_rivals_of_the_kind_at_work_draw_more_users(fields: dict[str, object], weight: dict[int, float]) -> None:
    """A logit by the square of the size in use: who has the best of weight and drawn taste. No group is its own."""
    world = market(**fields)
    for key in range(1, 60):
        taste = {rival: gumbel(1, Purpose.USERS_RIVAL, derive(key, rival), 0) for rival in weight}
        appeal = {rival: math.log(size) + taste[rival] for rival, size in weight.items()}
        assert find_rival(world, 0, key) == max(appeal, key=lambda rival: appeal[rival], default=NONE)


@pytest.mark.parametrize(("left", "moved"), [(6.0, 1.5), (0.5, 0.5)])
def test_a_band_takes_its_part_of_those_who_cannot_be_served(left: float, moved: float) -> None:
    """0.8 of the three quarters without service of ten users go in four bands, as far as they are still there."""
    world = market(users=[left, 6.0, 6.0, 0.0, 0.0], status=[DOWN, DOWN, ACTIVE, DOWN, DOWN])
    put(world, "group", first_migration=5)
    users_move(world, 0, 13)
    assert world.group["users"][[0, 2]] == pytest.approx([left - moved, 6.0 + moved])
    assert got(world, "migration", 0, "group rival day next_migration") == (0, 2, world.now[0], 5)
    assert got(world, "migration", 0, "amount") == pytest.approx((moved,))
    assert (world.group["first_migration"][0], world.migration["key"][0]) == (0, band_key(world, 0, 13))
    assert records(world, "spell")["group"].tolist() == [2]  # the rival alone: the group is not at work
    users_move(world, 0, 11)  # planned before the last takedown
    assert world.used[Growing.MIGRATION] == 1


def test_nobody_moves_without_a_rival_or_users() -> None:
    """Any row of a rival will do, the first of the table too."""

    def moves(rival: int, left: float) -> int:
        world = market(users=[6.0, 6.0, left, 0.0, 0.0], status=[ACTIVE] * 5, capability=[1.0, 1.0, 0.25, 0.0, 0.0])
        world.group["generation"], world.group["users_at_takedown"], world.group["kind"][:2] = 3, 10.0, 1
        if rival >= 0:
            world.group["kind"][rival] = 2
        users_move(world, 2, 13)
        return int(world.used[Growing.MIGRATION])

    holds(moves, no_rival=(NONE, 6.0, 0), no_users=(1, 0.0, 0), the_first=(0, 6.0, 1), the_second=(1, 6.0, 1))


def returning(key: int, status: GroupStatus = ACTIVE, rival_has: float = 6.0) -> World:
    """Two bands of group 0 went to group 3; one has decided before, the other decides now."""
    world = market(users=[6.0, 6.0, 6.0, rival_has, 6.0], status=[DOWN, ACTIVE, ACTIVE, status, ACTIVE])
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
    """Each band decides once; one that has decided before stays where it is."""
    key = next(key for key in range(1, 99) if returning(key).group["users"][0] > 6.0)

    def back(status: GroupStatus, rival_has: float) -> tuple[float, ...]:
        world = returning(key, status, rival_has)
        return tuple(world.group["users"][[0, 3]] - (6.0, rival_has))

    holds(back, all=(ACTIVE, 6.0, (1.5, -1.5)), some=(ACTIVE, 0.5, (0.5, -0.5)), rival_down=(DOWN, 6.0, (0.0, 0.0)))
