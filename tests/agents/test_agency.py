"""Cases that units open and close (M10, M11)."""

import math

import numpy as np
import pytest

from sim.agents import agency
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
from sim.law.vocabulary import Channel
from sim.world.records import NONE, CaseStatus, ChainStatus, GroupStatus, Growing
from sim.world.world import World
from tests.agents import scene
from tests.agents.plain import answers, drawing, fresh, noting
from tests.agents.scene import AWAY, HOME, THIRD

pytestmark = pytest.mark.usefixtures("as_python")


@pytest.fixture
def unit(as_python: pytest.MonkeyPatch) -> World:
    """Victims of group 0 report in HOME, whose unit has no case yet."""
    world = fresh(8)
    world.group["users"], world.group["first_case"] = math.e, NONE
    world.used[Growing.CASE] = 0
    world.setting["open_threshold"], world.setting["load_threshold"] = 1.0, 0.5
    world.state["open_cases"], world.state["slots"] = 4, 10.0
    answers(as_python, agency, victims_state=HOME, is_offence=True, normal=0.3)
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
    answers(as_python, agency, opening_score=score, opening_threshold=1.2)
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
def test_victims_report_groups_at_work_and_a_group_that_is_gone_never_again(
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
