"""Reviews of a case: what it does next, and what an action day leads to (M11 to M13)."""

import math
from typing import Any

import numpy as np
import pytest

from sim.agents import reviewing as rules
from sim.agents.criminals import TECHNICAL_SERVICES
from sim.agents.planning import Decision
from sim.world.records import CaseStatus, GroupStatus, Growing
from sim.world.world import World
from tests.agents.plain import answers, drawing, first_numbers, fresh, noting
from tests.agents.scene import NOW

pytestmark = pytest.mark.usefixtures("as_python")

INVESTIGATING, MERGED, SOLVED = CaseStatus.INVESTIGATING, CaseStatus.MERGED, CaseStatus.SOLVED


def three_cases(*statuses: CaseStatus) -> World:
    """Cases 2, 1 and 0 on one group, in this order; a merged one follows case 0."""
    world = fresh(8)
    world.group["first_case"][0] = 2
    world.case["next_case"][:3] = -1, 0, 1
    world.case["status"][:3] = statuses
    world.case["closed"][:3] = np.nan
    world.case["merged_into"][:3] = [0 if status == MERGED else -1 for status in statuses]
    return world


@pytest.mark.parametrize(
    ("status", "group", "dropped", "match", "done"),
    [
        (SOLVED, GroupStatus.ACTIVE, True, -1, []),
        (INVESTIGATING, GroupStatus.EXITED, True, -1, ["wind_up"]),
        (INVESTIGATING, GroupStatus.ACTIVE, True, -1, ["drop_case"]),
        (INVESTIGATING, GroupStatus.ACTIVE, False, -1, ["analyse", "lead_reviews", "plan_review"]),
        (INVESTIGATING, GroupStatus.ACTIVE, False, 0, ["analyse", "merge_case", "plan_review"]),
        (MERGED, GroupStatus.ACTIVE, True, 0, ["analyse", "plan_review"]),
    ],
)
def test_a_review_drops_joins_or_leads(
    as_python: pytest.MonkeyPatch,
    status: CaseStatus,
    group: GroupStatus,
    dropped: bool,
    match: int,
    done: list[str],
) -> None:
    """A case that follows another analyses on, and is never dropped by itself."""
    names = ("wind_up", "drop_case", "analyse", "merge_case", "lead_reviews", "plan_review")
    notes = noting(as_python, rules, *names, "double_leads", "keep_chains")
    answers(as_python, rules, match=match)
    drops = drawing(as_python, rules, "chance", dropped)
    world = three_cases(INVESTIGATING, status, INVESTIGATING)
    world.group["status"][0] = group
    world.setting["review_interval_days"], world.setting["attrition_per_year"] = 365.25 / 4, 0.8
    rules.case_reviewed(world, 1)
    assert [note[0] for note in notes if note[0] in names] == done
    assert drops == [] or first_numbers(drops) == [pytest.approx(1 - math.exp(-0.2))]


def test_leading_cases_arrest_when_their_group_has_gone(as_python: pytest.MonkeyPatch) -> None:
    """Not those that follow, nor those that are over; all are closed."""
    notes = noting(as_python, rules, "arrest_wanted", "close_cases_of")
    rules.wind_up(three_cases(INVESTIGATING, MERGED, SOLVED), 0)
    assert notes == [("arrest_wanted", 0), ("close_cases_of", 0, CaseStatus.CLOSED_GROUP_GONE)]


@pytest.mark.parametrize(
    ("status", "into", "closed", "free"),
    [(MERGED, 0, False, True), (MERGED, 0, True, False), (MERGED, 2, False, False), (SOLVED, 0, False, False)],
)
def test_cases_that_followed_one_that_is_dropped_go_on(
    as_python: pytest.MonkeyPatch, status: CaseStatus, into: int, closed: bool, free: bool
) -> None:
    """If they are still open."""
    notes = noting(as_python, rules, "forget_nodes", "close_case")
    world = three_cases(INVESTIGATING, MERGED, INVESTIGATING)
    world.case["status"][1], world.case["merged_into"][1] = status, into
    world.case["closed"][1] = 900.0 if closed else np.nan
    rules.drop_case(world, 0, CaseStatus.DROPPED_HOPELESS)
    assert (world.case["merged_into"][1] == -1) == free
    assert (world.case["status"][1] == INVESTIGATING) == free
    assert notes == [("forget_nodes", 0), ("close_case", 0, CaseStatus.DROPPED_HOPELESS)]


def test_the_oldest_case_goes_on_as_well(as_python: pytest.MonkeyPatch) -> None:
    """Case 0 followed case 2."""
    noting(as_python, rules, "forget_nodes", "close_case")
    world = three_cases(MERGED, INVESTIGATING, INVESTIGATING)
    world.case["merged_into"][0] = 2
    rules.drop_case(world, 2, CaseStatus.DROPPED_HOPELESS)
    assert (world.case["status"][0], world.case["merged_into"][0]) == (INVESTIGATING, -1)


@pytest.mark.parametrize(
    ("decision", "conflict", "leaks", "done"),
    [
        (Decision.WAIT, False, True, [("alert", 0, 0, 1007)]),
        (Decision.WAIT, False, False, []),
        (Decision.GIVE_UP, False, False, [("drop_case", 0, CaseStatus.DROPPED_HOPELESS)]),
        (Decision.ACT, False, False, [("hold_operation", 0)]),
        (Decision.DISRUPT, False, False, [("hold_action_day", 0, True, -1)]),
        (Decision.ACT, True, False, []),
        (Decision.DISRUPT, True, False, []),
    ],
)
def test_a_leading_case_does_what_its_unit_decides(
    as_python: pytest.MonkeyPatch, decision: Decision, conflict: bool, leaks: bool, done: list[tuple[Any, ...]]
) -> None:
    """Unless it waits for other units; a leak alerts the group."""
    quiet = ("trace_at_review", "seek_warrants", "arrest_early", "review_partners", "ask_coordination", "propose_team")
    ends = ("arrest_wanted", "close_case", "wind_up")
    names = ("alert", "drop_case", "hold_operation", "hold_action_day")
    notes = noting(as_python, rules, *quiet, *ends, *names, "record_milestone")
    answers(as_python, rules, leaks=leaks, choose_next=int(decision), waits_for_deconfliction=conflict)
    world = three_cases(INVESTIGATING, INVESTIGATING, INVESTIGATING)
    world.case["reviews"][0], world.case["key"][0] = 7, 0
    rules.lead_reviews(world, 0)
    assert [note for note in notes if note[0] in (*names, *ends)] == done


def test_early_arrests_may_solve_a_case(as_python: pytest.MonkeyPatch) -> None:
    """Where they took the group down, the others are arrested and the case is closed."""
    names = ("trace_at_review", "seek_warrants", "arrest_early", "arrest_wanted", "close_case", "wind_up")
    notes = noting(as_python, rules, *names, "review_partners")
    world = three_cases(INVESTIGATING, INVESTIGATING, INVESTIGATING)
    world.group["status"][0] = GroupStatus.DOWN
    rules.lead_reviews(world, 0)
    assert [note[0] for note in notes] == list(names)


@pytest.mark.parametrize(
    ("until", "arrests", "breaks"),
    [(NOW + 1.0, 1, True), (NOW + 1.0, 0, False), (NOW, 1, False), (NOW - 1.0, 1, False)],
)
def test_arrests_come_early_where_the_group_is_on_its_guard(
    as_python: pytest.MonkeyPatch, until: float, arrests: int, breaks: bool
) -> None:
    """As long as it is alerted."""
    notes = noting(as_python, rules, "break_core")
    answers(as_python, rules, arrest_within_reach=arrests)
    world = three_cases(INVESTIGATING, INVESTIGATING, INVESTIGATING)
    world.group["alert_until"][0] = until
    rules.arrest_early(world, 0)
    assert notes == ([("break_core", 0, 0)] if breaks else [])


@pytest.mark.parametrize(
    ("waves", "can_join", "blocked", "joined"),
    [
        (1.0, (2, 1), (), [2]),
        (1.0, (1, 0), (), [1]),
        (1.0, (0,), (), [0]),
        (1.0, (2, 1), (2,), [1]),
        (0.0, (2, 1), (), []),
        (1.0, (), (), []),
    ],
)
def test_one_case_on_each_other_group_joins_the_day(
    as_python: pytest.MonkeyPatch, waves: float, can_join: tuple[int, ...], blocked: tuple[int, ...], joined: list[int]
) -> None:
    """Group 1 has cases 2, 1 and 0; the group of the leading case 3 is struck already."""
    notes = noting(as_python, rules, "schedule")
    answers(
        as_python,
        rules,
        states_struck=0,
        hold_action_day=9,
        joins=lambda *given: given[1] in can_join or given[1] == 3,
        waits_for_deconfliction=lambda *given: given[1] in blocked,
    )
    world = three_cases(INVESTIGATING, INVESTIGATING, INVESTIGATING)
    world.setting["with_waves"], world.used[Growing.GROUP] = waves, 2
    world.group["first_case"][:2] = 3, 2
    world.case["next_case"][3], world.case["group"][3] = -1, 0
    rules.hold_operation(world, 3)
    assert [(note[4], note[5]) for note in notes] == [(row, 9) for row in joined]


@pytest.mark.parametrize(
    ("status", "group", "acts"),
    [
        (INVESTIGATING, GroupStatus.ACTIVE, True),
        (MERGED, GroupStatus.ACTIVE, False),
        (SOLVED, GroupStatus.ACTIVE, False),
        (INVESTIGATING, GroupStatus.DOWN, False),
    ],
)
def test_a_case_joins_the_day_of_another_unless_it_came_to_an_end(
    as_python: pytest.MonkeyPatch, status: CaseStatus, group: GroupStatus, acts: bool
) -> None:
    """Or its group did, on that day."""
    notes = noting(as_python, rules, "prepare_case", "hold_action_day")
    world = three_cases(INVESTIGATING, status, INVESTIGATING)
    world.group["status"][0] = group
    rules.join_action(world, 1, 9)
    assert notes == ([("prepare_case", 1), ("hold_action_day", 1, False, 9)] if acts else [])


@pytest.mark.parametrize("disruption", [True, False])
@pytest.mark.parametrize("down", [0, 1])
def test_what_follows_from_an_action_day(as_python: pytest.MonkeyPatch, disruption: bool, down: int) -> None:
    """Two of eight nodes fell. A group that is down is wound up, another one weakened and on its guard."""
    names = ("act_together", "arrest_wanted", "expect_client_arrests", "take_down", "close_case", "wind_up")
    notes = noting(as_python, rules, *names, "weaken", "regroup", "learn_from_action")
    answers(as_python, rules, act=2)
    world = three_cases(INVESTIGATING, INVESTIGATING, INVESTIGATING)
    for name, value in {"down": down, "killed": 2, "nodes": 8, "type": 4, "residual": 0.4}.items():
        world.action[name][2] = value
    assert rules.hold_action_day(world, 0, disruption, -1) == 2
    done = [note[0] for note in notes]
    assert ("act_together" in done) == (not disruption)
    assert ("arrest_wanted" in done) == (disruption and down == 1)
    if down:
        assert ("take_down", 0, 4, 0, 0.75) in notes
        assert done[-2:] == ["close_case", "wind_up"]
    else:
        assert notes[-2:] == [("weaken", 0, 4, 0.4, 0), ("regroup", 0, disruption)]


@pytest.mark.parametrize(
    ("gone", "kind", "done"),
    [
        (True, TECHNICAL_SERVICES, ["exit_by_itself", "cut_off_buyers", "wind_up"]),
        (True, TECHNICAL_SERVICES + 1, ["exit_by_itself", "wind_up"]),
        (False, TECHNICAL_SERVICES, []),
    ],
)
def test_a_lineage_that_ends_closes_its_cases(
    as_python: pytest.MonkeyPatch, gone: bool, kind: int, done: list[str]
) -> None:
    """A technical service leaves its buyers without supply."""
    notes = noting(as_python, rules, "exit_by_itself", "cut_off_buyers", "wind_up")
    answers(as_python, rules, leaves=gone)
    world = three_cases(INVESTIGATING, INVESTIGATING, INVESTIGATING)
    world.group["kind"][0] = kind
    rules.group_exits(world, 0, 1)
    assert [note[0] for note in notes] == done
