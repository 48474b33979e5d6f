"""Operations on several groups: who joins an action day (M13), and what each case does on it."""

from dataclasses import replace

import numpy as np
import pytest

from sim.agents.reviewing import hold_operation
from sim.agents.waves import joins, states_shared, states_struck
from sim.engine.compiling import in_python
from sim.world.records import CaseStatus, GroupStatus, Growing
from sim.world.world import World
from tests.agents.scene import AWAY, HOME, THIRD, know, scene
from tests.tiny import TINY, ended


def partners(ready: dict[int, bool]) -> World:
    """The case of HOME knows a node in each of these states, which are ready for the action day or not."""
    world = scene(16)
    world.group["nodes"][0] = len(ready)
    world.used[[Growing.NODE, Growing.PARTNER]] = len(ready)
    for row, (state, is_ready) in enumerate(ready.items()):
        world.node["state"][row] = state
        world.partner["case"][row], world.partner["state"][row] = 0, state
        world.partner["ready_at"][row] = 900.0 if is_ready else np.nan
        world.partner["next_partner"][row] = row - 1
        know(world, row)
    world.case["first_partner"][0] = len(ready) - 1
    return world


def test_states_that_are_ready_and_needed_are_struck() -> None:
    world = partners({AWAY: True, THIRD: False})
    assert set(np.flatnonzero(in_python(states_struck)(world, 0))) == {AWAY}
    world.sighting["in_sight"][0] = 0  # nothing is known there any more
    assert not in_python(states_struck)(world, 0).any()


def test_states_are_shared_where_both_cases_need_them() -> None:
    world = partners({AWAY: True, THIRD: True})
    struck = np.zeros(len(world.state), np.bool_)
    assert in_python(states_shared)(world, 0, struck) == 0
    struck[[HOME, AWAY]] = True
    assert in_python(states_shared)(world, 0, struck) == 1
    struck[THIRD] = True
    assert in_python(states_shared)(world, 0, struck) == 2


@pytest.mark.parametrize(
    ("now", "disrupting", "waiting", "price", "expected"),
    [
        (10.0, 0.0, 9.0, 0.0, True),  # it would have acted today anyway
        (10.0, 0.0, 11.0, 0.0, False),
        (10.0, 0.0, 14.0, 10.0, True),  # half the price of one state is saved: 15 against 14
        (10.0, 0.0, 16.0, 10.0, False),
        (10.0, 16.0, 9.0, 10.0, False),  # it would rather disrupt alone
        (-6.0, -9.0, -20.0, 10.0, False),  # what is worth nothing is not done because it is cheap
    ],
)
def test_a_case_joins_when_that_is_worth_more_than_to_wait(
    monkeypatch: pytest.MonkeyPatch, now: float, disrupting: float, waiting: float, price: float, *, expected: bool
) -> None:
    world = partners({AWAY: True})
    world.setting["action_price"] = price
    struck = in_python(states_struck)(world, 0)
    rule = in_python(joins)
    monkeypatch.setitem(rule.__globals__, "weigh", lambda *_: (now, disrupting, waiting, 30.0))
    assert bool(rule(world, 0, HOME, struck)) == expected


@pytest.mark.parametrize("obstacle", ["other state", "merged", "closed", "group down", "nothing shared"])
def test_a_case_that_cannot_join(monkeypatch: pytest.MonkeyPatch, obstacle: str) -> None:
    world = partners({AWAY: True})
    struck, lead = in_python(states_struck)(world, 0), HOME
    if obstacle == "other state":
        lead = THIRD
    elif obstacle == "merged":
        world.case["status"][0], world.case["merged_into"][0] = CaseStatus.MERGED, 1
    elif obstacle == "closed":
        world.case["status"][0] = CaseStatus.SOLVED
    elif obstacle == "group down":
        world.group["status"][0] = GroupStatus.DOWN
    else:
        struck[:] = False
    rule = in_python(joins)
    monkeypatch.setitem(rule.__globals__, "weigh", lambda *_: (10.0, 0.0, 5.0, 30.0))
    assert not rule(world, 0, lead, struck)


def actions_of_a_world(**changes: float) -> np.recarray:
    """Action days of ten years in six states with many groups."""
    named = {name.replace("__", "."): value for name, value in changes.items()}
    world = ended(spec=replace(TINY, groups=150, end="2036-12-31"), changes=named)
    return world.action[: world.used[Growing.ACTION]]


def test_cases_that_join_share_the_operation_and_the_day_and_hit_other_groups() -> None:
    action = actions_of_a_world()
    rows = np.arange(len(action))
    joined = action["operation"] != rows
    lead = action["operation"][joined]
    assert joined.sum() > 3
    assert (action["operation"][lead] == lead).all()
    assert (action["day"][joined] == action["day"][lead]).all()
    assert (action["group"][joined] != action["group"][lead]).all()
    assert not action["disruption"][joined].any()
    hits = np.column_stack([action["operation"], action["group"]])
    assert len(np.unique(hits, axis=0)) == len(hits)  # each group is hit once


def test_nobody_joins_without_waves() -> None:
    action = actions_of_a_world(mechanism__with_waves=0.0)
    assert len(action) > 0
    assert (action["operation"] == np.arange(len(action))).all()


@pytest.mark.parametrize("held_back", [False, True])
def test_one_case_joins_for_each_other_group_unless_a_unit_is_still_to_be_asked(
    monkeypatch: pytest.MonkeyPatch, *, held_back: bool
) -> None:
    """Group 0 is the lead's and has a second case; groups 1 and 2 have two cases each, all of which would join."""
    world = scene(16)
    world.used[[Growing.GROUP, Growing.CASE]] = 3, 6
    world.group["first_case"][:3] = [1, 3, 5]
    world.case["group"][:6] = [0, 0, 1, 1, 2, 2]
    world.case["next_case"][:6] = [-1, 0, -1, 2, -1, 4]
    posted: list[tuple[int, int]] = []
    rule = in_python(hold_operation)
    for name, made in {
        "states_struck": lambda *_: np.zeros(3, np.bool_),
        "hold_action_day": lambda *_: 7,
        "joins": lambda *_: True,
        "waits_for_deconfliction": lambda *_: held_back,
        "schedule": lambda *arguments: posted.append(arguments[-2:]),
    }.items():
        monkeypatch.setitem(rule.__globals__, name, made)
    rule(world, 0)
    assert posted == ([] if held_back else [(3, 7), (5, 7)])
