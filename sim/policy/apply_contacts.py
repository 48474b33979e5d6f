"""Assignments to contacts between the authorities of two states, written in place (M19)."""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np

from sim.policy.timeline import Assignment
from sim.policy.writing import Mask, Writer

if TYPE_CHECKING:
    from sim.world.world import World


def selected_bonds(states: int, assignment: Assignment) -> Mask:
    """The ordered pairs of an assignment as a mask over bonds; no state has one with itself."""
    apart = ~np.eye(states, dtype=np.bool_)
    chosen: Mask = apart if assignment.pairs is None else assignment.pairs & apart
    return chosen.ravel()


def _joint_days(world: World, assignment: Assignment) -> None:
    """Officers of the first state of each pair work in the second."""
    states = len(world.state)
    world.bond["joint_days"][selected_bonds(states, assignment)] = assignment.value
    sending = (world.bond["joint_days"].reshape(states, states) > 0.0).any(axis=1)
    world.state["in_exchange"] = sending.astype(np.int64)


def _stay(world: World, assignment: Assignment) -> None:
    """Holds for officers appointed from now on; who was due to be appointed before has been (sim.simulate)."""
    world.bond["contact_stay"][selected_bonds(len(world.state), assignment)] = assignment.value


CONTACT_WRITERS: Mapping[str, Writer] = MappingProxyType({"contacts.joint_days": _joint_days, "contacts.stay": _stay})
