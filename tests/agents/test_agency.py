"""Cases that units open and close, and users who move to rivals and back (M10, M11, M17)."""

import math

import numpy as np
import pytest

from sim.agents import agency, users
from sim.agents.agency import (
    add_case,
    close_case,
    close_cases_of,
    close_request,
    has_open_case,
    open_case,
    opening_score,
    opening_threshold,
    schedule_review,
    victim_reports,
)
from sim.agents.events import Event
from sim.agents.users import find_rival, scatter_users, users_move, users_return
from sim.law.vocabulary import Channel
from sim.world.records import NONE, CaseStatus, ChainStatus, GroupStatus, Growing
from sim.world.world import World
from tests.agents import scene
from tests.agents.plain import answers, drawing, first_numbers, fresh, noting, usual
from tests.agents.scene import AWAY, HOME, THIRD
from tests.tiny import waiting_events

pytestmark = pytest.mark.usefixtures("as_python")
BANDS = 4  # of a group's users


@pytest.fixture
def unit(as_python: pytest.MonkeyPatch) -> World:
    """Victims of group 0 report in HOME, whose unit has no case yet."""
    world = fresh(8)
    world.group["users"], world.group["first_case"] = math.e, NONE
    world.used[Growing.CASE] = 0
    world.setting["open_threshold"], world.setting["load_threshold"] = 1.0, 0.5
    world.state["open_cases"], world.state["slots"] = 4, 10.0
    answers(as_python, agency, victims_state=HOME)
    answers(as_python, agency, is_offence=True)
    answers(as_python, agency, normal=0.3)
    return world


# Opening.


def test_a_case_is_worth_the_group_s_size_and_what_can_be_solved(unit: World) -> None:
    """The logarithm of its size and a standard normal; busy units ask for more, however few places they have."""
    setting = unit.setting[0]
    assert opening_score(setting, 5, math.e**2) == pytest.approx(2.3)
    assert opening_threshold(setting, 4, 10.0) == pytest.approx(1.2)
    assert opening_threshold(setting, 4, 0.0) == pytest.approx(1.0 + 0.5 * 400)


@pytest.mark.parametrize(
    ("score", "status"), [(1.2, "open_case"), (1.19, CaseStatus.DROPPED_CAPACITY), (1.3, "open_case")]
)
def test_a_unit_opens_a_case_that_is_worth_its_time(
    unit: World, as_python: pytest.MonkeyPatch, score: float, status: str | CaseStatus
) -> None:
    answers(as_python, agency, opening_score=score)
    answers(as_python, agency, opening_threshold=1.2)
    done = noting(as_python, agency, "open_case", "add_case", "schedule_report", "hold_reported")
    unit.group["reports"][0] = 6
    victim_reports(unit, 0)
    assert done[:2] == [("schedule_report", 0), ("hold_reported", 0, HOME, 6)]
    assert unit.group["reports"][0] == 7
    assert done[2][:4] == ("open_case" if status == "open_case" else "add_case", 0, HOME, 6)
    assert done[2][5:] == (() if status == "open_case" else (status,))


def test_what_is_no_offence_is_filed_as_such(unit: World, as_python: pytest.MonkeyPatch) -> None:
    answers(as_python, agency, is_offence=False)
    done = noting(as_python, agency, "open_case", "add_case", "schedule_report", "hold_reported")
    victim_reports(unit, 0)
    assert done[2][0] == "add_case" and done[2][-1] == CaseStatus.NO_OFFENCE


@pytest.mark.parametrize(
    ("status", "reports", "held"),
    [
        (GroupStatus.ACTIVE, 1, 1),
        (GroupStatus.DOWN, 1, 0),
        (GroupStatus.EXITED, 0, 0),
        (GroupStatus.REMOVED, 0, 0),
    ],
)
def test_victims_report_groups_at_work_and_a_group_that_is_gone_nevermore(
    unit: World, as_python: pytest.MonkeyPatch, status: GroupStatus, reports: int, held: int
) -> None:
    """While a group is down its next report is still planned, as it may come back."""
    done = noting(as_python, agency, "open_case", "add_case", "schedule_report", "hold_reported")
    unit.group["status"] = status
    victim_reports(unit, 0)
    assert [name for name, *_ in done].count("schedule_report") == unit.group["reports"][0] == reports
    assert [name for name, *_ in done].count("hold_reported") == held


def test_a_state_that_works_on_a_group_opens_no_second_case(unit: World, as_python: pytest.MonkeyPatch) -> None:
    """A closed case of its own, or an open one of another state, is no reason not to."""
    unit.group["first_case"], unit.case["next_case"][:2] = 0, [1, NONE]
    unit.case["state"][:2] = [AWAY, HOME]
    assert has_open_case(unit, 0, HOME) and has_open_case(unit, 0, AWAY) and not has_open_case(unit, 0, THIRD)
    done = noting(as_python, agency, "open_case", "add_case", "schedule_report", "hold_reported")
    victim_reports(unit, 0)
    assert len(done) == 2
    unit.case["closed"][1] = 900.0
    assert not has_open_case(unit, 0, HOME)


@pytest.mark.parametrize("status", [CaseStatus.INVESTIGATING, CaseStatus.NO_OFFENCE])
def test_a_case_that_is_not_investigated_ends_on_the_day_and_is_no_case_on_the_group(
    unit: World, status: CaseStatus
) -> None:
    row = add_case(unit, 0, THIRD, 6, 5, status)
    open_ = status == CaseStatus.INVESTIGATING
    assert math.isnan(unit.case["closed"][row]) == open_
    assert open_ or unit.case["closed"][row] == unit.now[0]
    assert unit.group["cases"][0] == open_ and unit.group["first_case"][0] == (row if open_ else NONE)


def test_an_open_case_takes_a_place_and_is_reviewed_after_its_interval(
    unit: World, as_python: pytest.MonkeyPatch
) -> None:
    followed = noting(as_python, agency, "keep_chains")
    unit.setting["review_interval_days"] = 45.0
    row = open_case(unit, 0, HOME, 6, 5)
    assert unit.state["open_cases"][HOME] == 5 and followed == [("keep_chains", row)]
    schedule_review(unit, row)
    assert scene.waits(unit, Event.CASE_REVIEW) == pytest.approx([45.0, 45.0])


# Closing.


@pytest.mark.parametrize("status", [CaseStatus.PREPARING, CaseStatus.MERGED])
def test_a_case_ends_with_all_its_trails_and_requests_once(
    unit: World, as_python: pytest.MonkeyPatch, status: CaseStatus
) -> None:
    """Trails that were completed stay so; a merged case keeps its status and forgets nobody."""
    done = noting(as_python, agency, "close_request", "forget_members")
    unit.case["first_chain"][0], unit.chain["next_chain"][:3] = 0, [1, 2, NONE]
    unit.chain["status"][:3] = [ChainStatus.LIVE, ChainStatus.COMPLETE, ChainStatus.LIVE]
    unit.case["first_request"][0], unit.request["next_request"][:2] = 1, [NONE, 0]
    unit.case["status"][0], unit.case["closed"][0] = status, np.nan
    close_case(unit, 0, CaseStatus.SOLVED)
    close_case(unit, 0, CaseStatus.DROPPED_ATTRITION)
    merged = status == CaseStatus.MERGED
    assert unit.case["status"][0] == (CaseStatus.MERGED if merged else CaseStatus.SOLVED)
    assert unit.case["closed"][0] == unit.now[0] and unit.state["open_cases"][HOME] == 3
    assert done == [("forget_members", 0)] * (not merged) + [("close_request", 1), ("close_request", 0)]
    given_up, completed = ChainStatus.GIVEN_UP, ChainStatus.COMPLETE
    assert unit.chain["status"][:3].tolist() == [given_up, completed, given_up]


@pytest.mark.parametrize(
    ("channel", "notified", "withdrawn"),
    [
        (Channel.MLAT, True, True),
        (Channel.MLAT, False, False),
        (Channel.POLICE, True, False),
        (Channel.PRESERVATION_24_7, True, False),
    ],
)
def test_the_end_of_a_case_is_notified_for_formal_requests(
    unit: World, as_python: pytest.MonkeyPatch, channel: Channel, *, notified: bool, withdrawn: bool
) -> None:
    unit.request["channel"] = channel
    drawing(as_python, agency, "chance", notified)
    done = noting(as_python, agency, "withdraw")
    close_request(unit, 2)
    assert done == [("withdraw", 2)] * withdrawn


def test_all_cases_on_a_group_end_together(unit: World, as_python: pytest.MonkeyPatch) -> None:
    done = noting(as_python, agency, "close_case")
    unit.group["first_case"][0], unit.case["next_case"][:3] = 2, [NONE, 0, 1]
    close_cases_of(unit, 0, CaseStatus.SOLVED)
    assert [case for _, case, _ in done] == [2, 1, 0] and unit.group["first_case"][0] == NONE


# Users.


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
    answers(as_python, users, derive=lambda _, key: int(key))
    answers(as_python, users, gumbel=lambda _seed, _purpose, key, _count: taste.get(key, 9.0))
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
