"""Tests of control nodes on an action day: seizure or survival (M13)."""

from typing import Any

import numpy as np
import pytest

from sim.agents.assistance.authority import silence_habit, silence_probability
from sim.agents.events import Purpose
from sim.agents.investigation import removal
from sim.engine.random import derive, uniform
from sim.world.world import World
from tests.agents.plain import add_partners, got, put, small, table
from tests.agents.scene import AWAY, HOME, NOW, THIRD, know

pytestmark = pytest.mark.usefixtures("as_python")

FIRST, NODES = 2, 4  # row of the group's first node, and how many it has
LAWFUL, BY_HOST, UNKNOWN, LATE = 0.9, 0.5 * 0.8, 0.3, 0.4


def prepared(*known: int, settings: dict[str, float] | None = None, **partner: Any) -> World:
    """Makes a world with a case against a group whose nodes are in AWAY, at a cooperative host."""
    usual = {"removal": LAWFUL, "removal_by_host": 0.5, "removal_unknown": UNKNOWN, "unsynchronised": LATE}
    world = small(12, usual | {"with_silence": 0.0} | (settings or {}), group={"first_node": FIRST, "nodes": NODES})
    put(world, "case", key=5, actions=1)
    put(world, "group", generation=3)
    world.node["state"], world.node["registry"], world.node["provider"] = AWAY, -1, 7
    world.node["key"], world.node["moves"] = np.arange(1, 13), 6
    world.provider["bulletproof"][7] = 0.2
    add_partners(world, AWAY, THIRD, **{"ready_at": np.nan} | partner)
    for row in known:
        know(world, row)
    put(world, "action", killed=5, seized=5, known_nodes=5, ready_nodes=5, synchronous=1)
    return world


def draw(world: World, row: int) -> float:
    """Random number that decides the fate of a node in an action."""
    key = derive(derive(derive(int(world.node["key"][row]), 3), 5), 1)
    return uniform(1, Purpose.NODE_REMOVED, key, 6)


def test_silence_is_that_of_other_states() -> None:
    """The probability of silence depends on affinity, on the group's home, and on implementation of law."""
    world = prepared(settings={"with_silence": 1.0})
    world.affinity[HOME], world.implementation[:] = 0.7, 0.6
    setting = world.setting[0]
    assert removal.silence_towards(world, 0, HOME) == 0.0
    for state in (AWAY, THIRD):
        expected = silence_probability(setting, 0.7, state == AWAY, 0.6, silence_habit(setting, HOME, state))
        assert removal.silence_towards(world, 0, state) == pytest.approx(expected)
    silent = removal.silence_towards(world, 0, AWAY)
    assert silent > removal.silence_towards(world, 0, THIRD) > 0.0
    lets_be = removal.removal_without_authority(world, 0, world.node[FIRST])
    assert lets_be == pytest.approx(BY_HOST * (1.0 - silent))  # states that stay silent let hosts be


@table(
    host_alone=(-1, 0, 0.5, BY_HOST),
    registry_not_authorised=(THIRD, 0, 0.5, BY_HOST),
    the_first_state=(HOME, 0, 0.5, BY_HOST),
    domain_of_the_first_state=(HOME, 1, 0.0, LAWFUL),
    domain=(THIRD, 1, 0.0, LAWFUL),
    never_better_than_lawful=(THIRD, 1, 0.9, LAWFUL),
)
def test_a_host_that_obliges_or_a_domain_suffices(registry: int, authorised: int, host: float) -> float:
    world = prepared(state=[AWAY, max(registry, HOME)], authorised=[0, authorised], settings={"removal_by_host": host})
    world.node["registry"][FIRST] = registry
    assert removal.removal_with_domain(world, 0, world.node[FIRST]) == (LAWFUL if authorised else 0.0)
    return removal.removal_without_authority(world, 0, world.node[FIRST])


@table(
    ready=(AWAY, NOW, False, LAWFUL),
    alone=(AWAY, NOW, True, BY_HOST),
    alone_at_home=(HOME, NOW, True, LAWFUL),
    not_ready=(AWAY, np.nan, False, BY_HOST),
)
def test_a_known_node_falls_where_its_state_acts(state: int, ready_at: float, alone: bool) -> float:
    world = prepared(state=[AWAY, HOME], ready_at=ready_at)
    world.node["state"][FIRST] = state
    return removal.removal_of_known(world, 0, world.node[FIRST], alone)


def test_a_struck_node_falls_or_survives() -> None:
    """A seizure attempt succeeds with its probability, and the action's counters record it."""

    def struck(
        share: float, known: int, ready: int, in_time: int, alone: int = 0, state: int = AWAY, registry: int = -1
    ) -> set[bool]:
        """Runs seizure attempts on many worlds; returns the set of results."""
        fell = set()
        for key in range(1, 25):
            settings = {"synchrony_alone": float(in_time), "with_liaison_desks": 1.0}
            ready_at = NOW if ready or alone else np.nan
            world = prepared(*[FIRST] * known, settings=settings, state=[state, THIRD], ready_at=[ready_at, np.nan])
            world.partner["authorised"][1] = int(registry >= 0)
            put(world, "node", FIRST, key=key, state=state, registry=registry)
            put(world, "action", disruption=alone)
            drawn = draw(world, FIRST)
            falls = drawn < share
            by_domain = removal.strike_node(world, 0, world.action[0], FIRST)
            assert by_domain == (falls and registry >= 0 and not ready)
            expected = (5 + known, 5 + ready, 5 + falls, 5 + (falls and ready), int(in_time or not ready))
            assert got(world, "action", 0, "known_nodes ready_nodes killed seized synchronous") == expected, drawn
            assert (world.node["lost_at"][FIRST] == NOW) == falls
            fell.add(bool(falls))
        return fell

    both = {True, False}
    assert struck(LAWFUL, 1, 1, 1) == both and struck(LAWFUL * LATE, 1, 1, 0) == both
    assert struck(BY_HOST, 1, 0, 1) == both and struck(BY_HOST, 1, 0, 0) == both
    assert struck(UNKNOWN, 0, 0, 1) == both and struck(BY_HOST, 1, 0, 1, alone=1) == both
    assert struck(LAWFUL, 1, 1, 1, alone=1, state=HOME) == both
    assert struck(LAWFUL, 1, 0, 1, registry=THIRD) == both


@table(
    all=([2, 4], [1, 2, 3, 4, 5, 6], (2, 0, 2, 3, 4, 5)),
    only_the_last=([5], [5, 2], (1, 0, 2, 5)),
    survive=([2, 4], [3, 5], (2, 0)),
    known_ones_alone=([2, 4], [2], (2, 0, 2)),
)
def test_unknown_nodes_of_the_group_are_struck_after_a_known_one_fell(known: list[int], falls: list[int]) -> Any:
    """An action seizes a group's unknown nodes only after a known node was seized."""
    sure = {"removal": 1.0, "removal_unknown": 1.0, "removal_by_host": 1.0}
    world = prepared(*known, settings=sure, ready_at=np.nan, authorised=[0, 1])
    world.provider["bulletproof"][7], world.provider["bulletproof"][8] = 0.0, 1.0
    world.node["provider"] = 8
    world.node["provider"][falls] = 7
    put(world, "action", killed=0, seized=0, known_nodes=0)
    found = removal.strike(world, 0, world.action[0])
    lost = [row for row in range(12) if world.node["lost_at"][row] == NOW]
    assert world.action["killed"][0] == len(lost)
    return int(world.action["known_nodes"][0]), found, *lost


@pytest.mark.parametrize(("domains", "most"), [(1, False), (2, False), (3, True), (4, True)])
def test_a_takedown_is_one_by_domains_where_most_nodes_fell_with_theirs(domains: int, most: bool) -> None:
    for known in ((2, 3, 4, 5), (2,)):
        sure = {"removal": 1.0, "removal_by_host": 1.0, "removal_unknown": 1.0}
        world = prepared(*known, settings=sure, authorised=[0, 1])
        world.provider["bulletproof"][7] = 0.0
        put(world, "action", killed=0)
        world.node["registry"][FIRST : FIRST + domains] = THIRD
        assert removal.strike(world, 0, world.action[0]) == most and world.action["killed"][0] == 4
