"""Operations on several groups: who joins an action day (M13), and what each case does on it."""

import numpy as np
import pytest

from sim.agents.planning import weigh
from sim.agents.waves import joins, states_shared, states_struck
from sim.world.records import CaseStatus, GroupStatus
from sim.world.world import World
from tests.agents.plain import add_partners, holds, put, small
from tests.agents.scene import AWAY, FOURTH, HOME, NOW, THIRD, know

pytestmark = pytest.mark.usefixtures("as_python")


def prepared(price: float = 0.0, *, known: int = 4, ready: float | list[float] = NOW) -> World:
    """The case of HOME against a group with a node in each of four states, all of which prepare an action day."""
    group = {"nodes": 4, "members": 3, "users": 1.0, "capability": 1.0, "kind": 1}
    world = small(16, {"action_price": price}, group=group, node={"state": (AWAY, THIRD, FOURTH, HOME)})
    add_partners(world, AWAY, THIRD, FOURTH, HOME, ready_at=ready)
    for node in range(known):
        know(world, node)
    return world


def among(world: World, *states: int) -> np.ndarray:
    """Marks some states."""
    return np.isin(np.arange(len(world.state)), states)


def test_states_that_are_ready_and_needed_are_struck_and_may_be_shared() -> None:
    """Nothing is known in HOME; THIRD is not ready. Another case may strike it all the same."""
    world = prepared(known=3, ready=[NOW, np.nan, NOW, NOW])
    struck = states_struck(world, 0)
    assert np.flatnonzero(struck).tolist() == [AWAY, FOURTH]
    holds(
        lambda *states: states_shared(world, 0, among(world, *states)),
        none=(0,),
        not_needed=(HOME, 5, 0),
        one=(AWAY, HOME, 1),
        all=(AWAY, THIRD, FOURTH, 3),
    )


def test_a_case_joins_when_acting_with_the_price_saved_beats_waiting() -> None:
    """Half the price of each shared state is saved; what is worth nothing is not done because it is cheap."""

    def joining(price: float, shared: int) -> tuple[bool, bool]:
        world = prepared(price)
        now, disrupting, waiting, _ = weigh(world, 0)
        found = joins(world, 0, HOME, among(world, *(AWAY, THIRD, FOURTH, HOME)[:shared]))
        return found, now + price * shared / 2 > max(disrupting, waiting, 0.0)

    holds(
        joining,
        it_would_have_acted_anyway=(10.0, 1, (True, True)),
        nothing_is_shared=(10.0, 0, (False, True)),
        too_little_is_saved=(20.0, 2, (False, False)),
        enough_is_saved=(20.0, 3, (True, True)),
        worth_nothing=(40.0, 4, (False, False)),
    )
    now, _, waiting, _ = weigh(prepared(40.0), 0)
    assert waiting < now + 80.0 < 0.0


def test_who_can_join() -> None:
    """A case at work on a group at work, whose state leads or acts already."""
    for lead, acts in ((HOME, ()), (THIRD, ()), (AWAY, ()), (AWAY, (HOME,))):
        world = prepared(10.0)
        assert joins(world, 0, lead, among(world, AWAY, *acts)) == (HOME in (lead, *acts))
    for fields in ({"status": CaseStatus.MERGED, "merged_into": 0}, {"status": CaseStatus.SOLVED}):
        world = prepared(10.0)
        put(world, "case", **fields)
        assert not joins(world, 0, HOME, among(world, AWAY))
    world = prepared(10.0)
    put(world, "group", status=GroupStatus.DOWN)
    assert not joins(world, 0, HOME, among(world, AWAY))
