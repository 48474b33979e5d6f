"""Assignments of levers to a world: arrays written in place, between two stretches of the run."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from types import MappingProxyType
from typing import TYPE_CHECKING

import numpy as np
import numpy.typing as npt

from sim.policy.apply_capacity import CAPACITY_WRITERS
from sim.policy.apply_contacts import CONTACT_WRITERS
from sim.policy.apply_liaison import LIAISON_WRITERS
from sim.policy.places import load_atlas
from sim.policy.timeline import Assignment
from sim.policy.writing import Mask, Writer, selected_states
from sim.world.records import DeskKind

if TYPE_CHECKING:
    from sim.world.world import World

_YEAR = 365.25


def apply_assignments(world: World, assignments: Iterable[Assignment]) -> None:
    """Writes assignments into a world's arrays, in their order.

    Raises:
        KeyError: a lever that changes the law, not the world.
    """
    for assignment in assignments:
        _WRITERS[assignment.lever](world, assignment)


def _provider_staff(world: World, assignment: Assignment) -> None:
    """Multiplies the staff of providers' desks in the selected states."""
    rows = (world.desk["kind"] == DeskKind.PROVIDER) & selected_states(world, assignment)[world.desk["state"]]
    persons = np.rint(world.desk["staff_base"][rows] * assignment.value)
    world.desk["servers"][rows] = np.maximum(1, persons).astype(np.int32)


def _setting(field: str) -> Writer:
    """Sets a value that holds for the whole world."""

    def write(world: World, assignment: Assignment) -> None:
        """The value as it stands."""
        world.setting[field] = assignment.value

    return write


def _load_growth(world: World, assignment: Assignment) -> None:
    """Other work grows at another rate from today on; what it has grown to by today stays."""
    setting, now = world.setting, world.now[0]
    rate = setting["load_growth_after"]
    if assignment.value == rate[0]:
        return
    setting["load_growth_level"] *= np.exp(rate * (now - setting["load_growth_since"]) / _YEAR)
    setting["load_growth_since"], setting["load_growth_after"] = now, assignment.value


def _template(world: World, assignment: Assignment) -> None:
    world.template[selected_states(world, assignment)] = assignment.value


def _deadline(world: World, assignment: Assignment) -> None:
    world.deadline_days[selected_states(world, assignment)] = assignment.value


def _enforceable(world: World, assignment: Assignment) -> None:
    world.deadline_enforceable[selected_states(world, assignment)] = int(assignment.value)


def _electronic(world: World, assignment: Assignment) -> None:
    """Electronic transmission for a share of the pairs; those that have it keep it and count first."""
    world.electronic.flat[adopting_pairs(world.electronic == 1, assignment)] = 1


def adopting_pairs(electronic: Mask, assignment: Assignment) -> npt.NDArray[np.int64]:
    """Pairs, as places in the flattened matrix, that go electronic so that the assigned share of pairs is."""
    size = len(electronic)
    chosen = ~np.eye(size, dtype=np.bool_) if assignment.pairs is None else assignment.pairs
    wanted = round(assignment.value * int(np.count_nonzero(chosen)))
    missing = max(wanted - int(np.count_nonzero(electronic & chosen)), 0)
    order = adoption_order(size)
    return order[(chosen & ~electronic).ravel()[order]][:missing]


@cache
def adoption_order(size: int) -> npt.NDArray[np.int64]:
    """Pairs, as places in the flattened matrix, in the order in which they go electronic.

    A pair follows the worse governed of its ends, since both must adopt; ties by the better one.
    The order is the same in every replicate.
    """
    atlas = load_atlas()
    rank = np.empty(size, np.int64)
    position = {state: index for index, state in enumerate(atlas.states)}
    rank[[position[state] for state in atlas.best_governed_first(atlas.states)]] = np.arange(size)
    worse = np.maximum.outer(rank, rank)
    better = np.minimum.outer(rank, rank)
    order: npt.NDArray[np.int64] = np.argsort((worse * size + better).ravel(), kind="stable")
    order.setflags(write=False)
    return order


_WRITERS: Mapping[str, Writer] = MappingProxyType(
    {
        **CAPACITY_WRITERS,
        **CONTACT_WRITERS,
        **LIAISON_WRITERS,
        "provider.staff": _provider_staff,
        "central_authority.urgent_head_start": _setting("urgent_head_start"),
        "desk.load_growth_after": _load_growth,
        "central_authority.deadline": _deadline,
        "central_authority.deadline_enforceable": _enforceable,
        "transmission.electronic_share": _electronic,
        "request.template": _template,
        "friction.refusal": _setting("refusal_scale"),
        "friction.silence": _setting("silence_scale"),
        "friction.instant_stages": _setting("instant_stages"),
        "evidence.retention_scale": _setting("retention_scale"),
        "evidence.retention_floor": _setting("retention_floor_days"),
        "preservation.duration_scale": _setting("preservation_days_scale"),
        "preservation.use": _setting("preservation_use_least"),
        "preservation.delay_scale": _setting("preservation_delay_scale"),
        "preservation.missed_scale": _setting("preservation_missed_scale"),
        "police.first": _setting("police_first_least"),
        "police.before_formal": _setting("police_before_formal"),
        "oversight.authority_screening": _setting("authority_screening"),
        "oversight.provider_screening": _setting("provider_screening"),
        "oversight.provider_court_order": _setting("provider_court_order"),
    }
)

#: Levers that this file writes; the others amend the law.
WORLD_LEVERS = frozenset(_WRITERS)
