"""Fixtures that tests of agents share."""

import pytest

from sim.world.records import NONE, Growing
from sim.world.world import World
from tests.agents.plain import as_python, fresh
from tests.agents.scene import THIRD

__all__ = ["as_python"]


@pytest.fixture
def group() -> World:
    """Group 0 of AWAY with nodes 2 to 4 and members 1 to 3."""
    world = fresh(8, with_learning=1.0)
    world.group["first_node"], world.group["nodes"], world.group["first_case"] = 2, 3, NONE
    world.group["first_member"], world.group["members"] = 1, 3
    world.used[[Growing.NODE, Growing.MEMBER, Growing.CASE]] = 5, 4, 0
    world.node["state"] = THIRD
    return world
