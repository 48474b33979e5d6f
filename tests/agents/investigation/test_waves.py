"""Tests of cases that join another case's action day (M13)."""

import math

import numpy as np
import pytest

from sim.agents.investigation import waves
from sim.agents.investigation.planning import weigh
from sim.world.records import Growing
from sim.world.records.codes import CaseStatus, GroupStatus
from sim.world.world import World
from tests.agents.investigation.test_planning import prepared
from tests.agents.investigation.test_reviewing import INVESTIGATING, MERGED, SOLVED, review, second_group
from tests.agents.plain import got, holds, posted, put, table
from tests.agents.scene import AWAY, FOURTH, HOME, NOW, THIRD
from tests.measures.test_takedown import action
from tests.measures.worlds import check, observation

pytestmark = pytest.mark.usefixtures("as_python")


@table((1.0, (), 0, [2]), (1.0, (2,), 0, [1]), (1.0, (1, 2), 0, []), (1.0, (), 2, [0]), without_waves=(0.0, (), 0, []))
def test_one_case_on_each_other_group_joins_the_day(share: float, over: tuple[int, ...], lead: int) -> list[int]:
    world = second_group(review({"with_waves": share, "action_price": 0.1}))
    world.case["status"][list(over)] = SOLVED
    waves.hold_operation(world, lead)
    joined = [row for kind, row, days in posted(world) if kind == waves.WaveEvent.ACTION_JOINED and days == 0.0]
    assert (world.used[Growing.ACTION], world.action["operation"][0]) == (1, 0)
    return joined


@table(
    acts=(INVESTIGATING, GroupStatus.ACTIVE, True),
    merged=(MERGED, GroupStatus.ACTIVE, False),
    over=(SOLVED, GroupStatus.ACTIVE, False),
    group_down=(INVESTIGATING, GroupStatus.DOWN, False),
)
def test_a_case_joins_the_day_of_another_unless_it_came_to_an_end(status: int, group: int) -> bool:
    """A case joins another's action day unless the case or its group ended on that day."""
    world = review({}, INVESTIGATING, status, INVESTIGATING, status=group)
    put(world, "case", prepared=(np.nan,) * 3)
    waves.join_action(world, 1, 9)
    acted = bool(world.used[Growing.ACTION])
    if acted:
        assert got(world, "action", 0, "operation disruption case") == (9, 0, 1)
        assert world.case["prepared"][1] == NOW or math.isnan(world.case["prepared"][1])
    return acted


def among(world: World, *states: int) -> np.ndarray:
    """Mask of states, bool [state], true for the given ones."""
    return np.isin(np.arange(len(world.state)), states)


def test_states_that_are_ready_and_needed_are_struck_and_may_be_shared() -> None:
    """An action strikes ready states in which nodes are known, and cases can share such states."""
    world = prepared(known=3, ready=[NOW, np.nan, NOW, NOW])
    struck = waves.states_struck(world, 0)
    assert np.flatnonzero(struck).tolist() == [AWAY, FOURTH]
    holds(
        lambda *states: waves.states_shared(world, 0, among(world, *states)),
        none=(0,),
        not_needed=(HOME, 5, 0),
        one=(AWAY, HOME, 1),
        all=(AWAY, THIRD, FOURTH, 3),
    )


def test_a_case_joins_when_acting_with_the_price_saved_beats_waiting() -> None:
    """A case joins if acting at the reduced price is worth more than waiting."""

    def joining(price: float, shared: int, months: float = 48.0) -> tuple[bool, bool, bool]:
        world = prepared(price)
        put(world, "setting", lineage_months=months)
        now, disrupting, waiting, _ = weigh(world, 0)
        found = waves.joins(world, 0, HOME, among(world, *(AWAY, THIRD, FOURTH, HOME)[:shared]))
        worth, other = now + price * shared / 2, max(disrupting, waiting)
        return found, worth > max(other, 0.0), worth > other

    holds(
        joining,
        it_would_have_acted_anyway=(0.0, 1, (True, True, True)),
        nothing_is_shared=(0.0, 0, (False, True, True)),
        too_little_is_saved=(5.0, 3, (False, False, False)),
        enough_is_saved=(5.0, 4, (True, True, True)),
        worth_nothing=(60.0, 4, 1e5, (False, False, True)),  # although to wait or to disrupt is worth less
    )


def test_who_can_join() -> None:
    for lead, acts in ((HOME, ()), (THIRD, ()), (AWAY, ()), (AWAY, (HOME,))):
        world = prepared()
        assert waves.joins(world, 0, lead, among(world, AWAY, *acts)) == (HOME in (lead, *acts))
    for fields in ({"status": CaseStatus.MERGED, "merged_into": 0}, {"status": CaseStatus.SOLVED}):
        world = prepared(10.0)
        put(world, "case", **fields)
        assert not waves.joins(world, 0, HOME, among(world, AWAY))
    world = prepared(10.0)
    put(world, "group", status=GroupStatus.DOWN)
    assert not waves.joins(world, 0, HOME, among(world, AWAY))


def test_operations_on_several_groups_are_counted() -> None:
    """Only an action day against two groups counts as joint."""
    hits = [(1, 4), (1, 5), (2, 4), (2, 4), (3, 6)]
    actions = [action(day, operation=operation, group=group) for day, (operation, group) in enumerate(hits)]
    check(observation(action=actions), wave_share=1 / 3)
