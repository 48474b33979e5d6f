"""Assignments to people, skill, secure channels and formats, written in place.

Posts are filled and skill is learnt by the rules of `sim.agents.capacity` in the months that follow. With turnover
left out, staff changes at once and nobody learns.
"""

from __future__ import annotations

from collections.abc import Mapping
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sim.policy.places import load_atlas
from sim.policy.timeline import Assignment
from sim.policy.writing import Writer, selected_states, selected_units
from sim.world.records import UnitKind

if TYPE_CHECKING:
    from sim.world.world import World

_WITH_SKILL_LEVER = (UnitKind.OUTGOING, UnitKind.INCOMING, UnitKind.INVESTIGATION)


def has_turnover(world: World) -> bool:
    """Whether people come, learn and leave in this world."""
    return bool(world.setting["with_turnover"][0] > 0)


def staff(*kinds: UnitKind) -> Writer:
    """Multiplies the staff of desks: their posts, or at once the persons where turnover is left out.

    Counts are rounded from the unrounded base, never below one, so that repeated steps do not drift.
    """

    def write(world: World, assignment: Assignment) -> None:
        """At least one person stays at each."""
        rows = np.flatnonzero(selected_units(world, assignment, kinds))
        if has_turnover(world):
            world.unit["posts"][rows] = np.maximum(1.0, np.rint(world.unit["posts_base"][rows] * assignment.value))
        else:
            persons = np.rint(world.desk["staff_base"][rows] * assignment.value)
            world.desk["servers"][rows] = np.maximum(1, persons).astype(np.int32)

    return write


def _investigators(world: World, assignment: Assignment) -> None:
    """Multiplies the posts of investigators, or at once the cases they can work on."""
    rows = selected_units(world, assignment, (UnitKind.INVESTIGATION,))
    if has_turnover(world):
        world.unit["posts"][rows] = world.unit["posts_base"][rows] * assignment.value
    else:
        world.state["slots"][world.unit["state"][rows]] = world.unit["persons_base"][rows] * assignment.value


def _unit(field: str, *kinds: UnitKind) -> Writer:
    """Sets a value of units."""

    def write(world: World, assignment: Assignment) -> None:
        """The value as it stands."""
        world.unit[field][selected_units(world, assignment, kinds)] = assignment.value

    return write


def _state(field: str) -> Writer:
    """Sets a value of states."""

    def write(world: World, assignment: Assignment) -> None:
        """The value as it stands."""
        world.state[field][selected_states(world, assignment)] = assignment.value

    return write


def raise_skill(world: World, assignment: Assignment) -> None:
    """Raises skill at once to at least a level that is kept from then on, whoever leaves and whatever is forgotten.

    Central authorities, and the state's own, which decides how it drafts.
    """
    rows = selected_units(world, assignment, _WITH_SKILL_LEVER)
    world.unit["skill_floor"][rows] = assignment.value
    world.unit["skill"][rows] = np.maximum(world.unit["skill"][rows], assignment.value)
    desks = np.flatnonzero(rows & (world.unit["kind"] != UnitKind.INVESTIGATION))
    states = world.unit["state"][rows & (world.unit["kind"] == UnitKind.INVESTIGATION)]
    if has_turnover(world):
        world.desk["skill"][desks] = np.maximum(world.desk["skill"][desks], assignment.value)
        world.state["skill"][states] = np.maximum(world.state["skill"][states], assignment.value)
    else:
        world.desk["skill"][desks] = np.maximum(world.desk["skill_base"][desks], assignment.value)
        base = world.unit["skill_base"][rows & (world.unit["kind"] == UnitKind.INVESTIGATION)]
        world.state["skill"][states] = np.maximum(base, assignment.value)


def reached_by_programme(assignment: Assignment) -> npt.NDArray[np.int64]:
    """Rows of the states that a programme reaches: a share of those selected, best governed first."""
    atlas = load_atlas()
    chosen = atlas.states if assignment.states is None else assignment.states
    order = atlas.best_governed_first(tuple(chosen))
    position = {state: row for row, state in enumerate(atlas.states)}
    return np.array([position[state] for state in order[: round(assignment.value * len(order))]], np.int64)


def _programme(world: World, assignment: Assignment) -> None:
    """A programme begins where it has not been before."""
    reached = reached_by_programme(assignment)
    new = reached[np.isnan(world.state["programme_since"][reached])]
    world.state["programme_since"][new] = world.now[0]


CAPACITY_WRITERS: Mapping[str, Writer] = MappingProxyType(
    {
        "central_authority.staff": staff(UnitKind.OUTGOING, UnitKind.INCOMING),
        "court.staff": staff(UnitKind.COURT),
        "forensic.staff": staff(UnitKind.FORENSIC),
        "central_authority.skill": raise_skill,
        "agency.investigators": _investigators,
        "agency.specialised": _unit("specialised", UnitKind.INVESTIGATION),
        "agency.training": _unit("training_days", UnitKind.INVESTIGATION),
        "central_authority.training": _unit("training_days", UnitKind.OUTGOING, UnitKind.INCOMING),
        "court.training": _unit("training_days", UnitKind.COURT),
        "forensic.training": _unit("training_days", UnitKind.FORENSIC),
        "secure_channel.adoption": _programme,
        "request.structured": _state("structured"),
        "forensic.decryption": _state("decryption"),
    }
)
