"""Users who move to rivals and back (M17)."""

import numpy as np
import pytest

from sim.agents import users
from sim.agents.events import Event
from sim.agents.users import find_rival, scatter_users, users_move, users_return
from sim.world.records import NONE, GroupStatus, Growing
from sim.world.world import World
from tests.agents import scene
from tests.agents.plain import answers, drawing, first_numbers, fresh, usual
from tests.tiny import waiting_events

pytestmark = pytest.mark.usefixtures("as_python")

BANDS = 4  # of a group's users


@pytest.fixture
def market() -> World:
    """Groups 0 to 4: the first is down and has 2 of 6 users left, the others may be rivals."""
    world = fresh(8, with_moving_users=1.0, users_moving=0.8, users_delay_days=12.0, users_follow_size=2.0)
    world.used[Growing.GROUP], world.used[Growing.CASE] = 5, 0
    world.group["users"], world.group["capability"], world.group["kind"] = 6.0, 1.0, 2
    world.group["key"], world.group["status"] = np.arange(8), GroupStatus.ACTIVE
    world.group["status"][0], world.group["capability"][0] = GroupStatus.DOWN, 0.25
    world.group["generation"], world.group["users_at_takedown"], world.group["first_migration"] = 3, 10.0, NONE
    return world


def test_users_look_for_a_rival_in_bands_each_on_its_own_day(market: World, as_python: pytest.MonkeyPatch) -> None:
    """The four bands of the third takedown are numbered from twelve on; nobody moves where users do not."""
    times = drawing(as_python, users, "lognormal", usual)
    scatter_users(market, 0)
    events = waiting_events(market)
    assert sorted(events["stamp"]) == [12, 13, 14, 15]
    assert first_numbers(times) == [12.0] * BANDS
    assert scene.waits(market, Event.USERS_MOVE) == pytest.approx([12.0] * BANDS)
    assert market.group["users_at_takedown"][0] == 6.0
    market.setting["with_moving_users"], market.group["users"][0] = 0.0, 1.0
    scatter_users(market, 0)
    assert len(waiting_events(market)) == BANDS and market.group["users_at_takedown"][0] == 6.0


def test_larger_rivals_of_the_kind_at_work_draw_more_users(market: World, as_python: pytest.MonkeyPatch) -> None:
    """A rival draws by its size in use; a taste of half a unit outweighs a tenth more users, not twice as many."""
    taste = {1: 0.5, 2: 0.0}
    answers(
        as_python,
        users,
        derive=lambda _, key: int(key),
        gumbel=lambda _seed, _purpose, key, _count: taste.get(key, 9.0),
    )
    market.group["status"][3], market.group["kind"][4] = GroupStatus.DOWN, 1
    market.group["users"][2] = 6.6
    assert find_rival(market, 0, 7) == 1
    market.group["users"][2] = 12.0
    assert find_rival(market, 0, 7) == 2
    market.group["capability"][2] = 0.5
    assert find_rival(market, 0, 7) == 1
    market.group["users"][1] = 0.0
    assert find_rival(market, 0, 7) == 2
    market.group["status"][0] = GroupStatus.ACTIVE
    market.group["kind"][1:5] = 1
    assert find_rival(market, 0, 7) == NONE  # a group is no rival of its own


@pytest.mark.parametrize(("left", "moved"), [(6.0, 1.5), (0.5, 0.5)])
def test_a_band_takes_its_part_of_those_who_cannot_be_served(
    market: World, as_python: pytest.MonkeyPatch, left: float, moved: float
) -> None:
    """0.8 of the three quarters without service of ten users go in four bands, as far as they are still there."""
    answers(as_python, users, find_rival=2)
    market.group["users"][0] = left
    users_move(market, 0, 13)
    assert market.group["users"][[0, 2]] == pytest.approx([left - moved, 6.0 + moved])
    migration = market.migration[0]
    assert (migration.group, migration.rival, migration.amount) == (0, 2, pytest.approx(moved))
    changed = market.spell["group"][: market.used[Growing.SPELL]]
    assert changed.tolist() == [2]  # the rival alone: the group is not at work
    users_move(market, 0, 11)  # planned before the last takedown
    assert market.used[Growing.MIGRATION] == 1


@pytest.mark.parametrize(("rival", "left", "moves"), [(NONE, 6.0, False), (1, 0.0, False), (0, 6.0, True)])
def test_nobody_moves_without_a_rival_or_users(
    market: World, as_python: pytest.MonkeyPatch, rival: int, left: float, *, moves: bool
) -> None:
    """Any row of a rival will do, the first of the table too."""
    answers(as_python, users, find_rival=rival)
    market.group["users"][:3] = [6.0, 6.0, left]
    market.group["capability"][2] = 0.25
    users_move(market, 2, 13)
    assert market.used[Growing.MIGRATION] == moves


@pytest.mark.parametrize(
    ("comes", "status", "rival_has", "back"),
    [
        (True, GroupStatus.ACTIVE, 6.0, 1.5),
        (True, GroupStatus.ACTIVE, 0.5, 0.5),
        (False, GroupStatus.ACTIVE, 6.0, 0.0),
        (True, GroupStatus.DOWN, 6.0, 0.0),
    ],
)
def test_users_come_back_as_far_as_the_rival_still_has_them(
    market: World, as_python: pytest.MonkeyPatch, comes: bool, status: GroupStatus, rival_has: float, back: float
) -> None:
    """Each band decides once; one that has decided before stays where it is."""
    drawn = drawing(as_python, users, "chance", comes)
    market.setting["users_returning"] = 0.35
    market.group["first_migration"][0], market.migration["next_migration"][:2] = 0, [1, NONE]
    market.migration["rival"], market.migration["amount"], market.migration["settled"][:2] = 3, 1.5, [1, 0]
    market.group["status"][3], market.group["users"][3] = status, rival_has
    users_return(market, 0)
    users_return(market, 0)
    assert market.group["users"][[0, 3]] == pytest.approx([6.0 + back, rival_has - back])
    assert [one.numbers for one in drawn] == [(pytest.approx(0.35),)]
    assert (market.migration["returned"][1] == market.now[0]) == (back > 0.0)
