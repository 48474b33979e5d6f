"""What writers of levers share: how a writer looks, and the rows that an assignment selects."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sim.policy.places import load_atlas
from sim.policy.timeline import Assignment
from sim.world.records import UnitKind

if TYPE_CHECKING:
    from sim.world.world import World

Mask = npt.NDArray[np.bool_]
Writer = Callable[["World", Assignment], None]


def selected_states(world: World, assignment: Assignment) -> Mask:
    """The states of an assignment as a mask over the world's states."""
    if assignment.states is None:
        return np.ones(len(world.state), np.bool_)
    return np.isin(load_atlas().states, assignment.states)


def selected_units(world: World, assignment: Assignment, kinds: tuple[UnitKind, ...]) -> Mask:
    """The units of these kinds in the selected states."""
    chosen: Mask = np.isin(world.unit["kind"], kinds) & selected_states(world, assignment)[world.unit["state"]]
    return chosen
