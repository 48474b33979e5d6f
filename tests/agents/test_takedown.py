"""What takes a group down: shares of control nodes and of the core, and the kinds of action (M13, M14, M17)."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.agents.criminals import DDOS_FOR_HIRE, MARKETPLACES, TECHNICAL_SERVICES
from sim.agents.events import Event
from sim.agents.foresight import nodes_needed
from sim.agents.resurgence import residual, type_of_takedown
from sim.engine.compiling import in_python
from sim.law.vocabulary import Channel
from sim.world.parameters import RESIDUAL
from sim.world.records import ActionType, GroupStatus, Growing, MemberStatus
from sim.world.world import World
from tests.agents import scene
from tests.tiny import row_of_settings

SETTING = row_of_settings()[0]
SHARES = st.floats(0, 1)


@pytest.mark.parametrize(
    ("nodes", "core", "left"),
    [
        (0.0, 0.0, 1.0),
        (SETTING.nodes_to_fall, 0.0, RESIDUAL),  # either loss alone takes a group down
        (0.0, SETTING.core_to_fall, RESIDUAL),
        (1.0, 0.0, 0.0),
        (0.0, 1.0, 0.0),  # arrests can suffice
    ],
)
def test_capability_that_losses_leave(nodes: float, core: float, left: float) -> None:
    assert in_python(residual)(SETTING, nodes, core) == pytest.approx(left)


@given(SHARES, SHARES, st.floats(0, 0.3))
def test_no_further_loss_makes_a_group_stronger(nodes: float, core: float, more: float) -> None:
    rule = in_python(residual)
    left = rule(SETTING, nodes, core)
    assert rule(SETTING, min(nodes + more, 1.0), core) <= left + 1e-12
    assert rule(SETTING, nodes, min(core + more, 1.0)) <= left + 1e-12


@given(SHARES)
def test_nodes_needed_besides_arrests(core: float) -> None:
    """The share that is needed leaves exactly what counts as down; none is needed once arrests suffice."""
    needed = in_python(nodes_needed)(SETTING, core)
    left = in_python(residual)(SETTING, needed, core)
    assert left <= RESIDUAL + 1e-9 if needed == 0.0 else math.isclose(left, RESIDUAL, rel_tol=1e-6)
    assert needed <= SETTING.nodes_to_fall + 1e-12


@pytest.mark.parametrize(
    ("kind", "core", "exposed", "by_domain", "expected"),
    [
        (1, 0.5, True, True, ActionType.ARRESTS),
        (1, 0.4, True, True, ActionType.EXPOSURE),
        (1, 0.0, False, True, ActionType.DOMAIN_SEIZURE),
        (DDOS_FOR_HIRE, 0.0, False, False, ActionType.DOMAIN_SEIZURE),
        (TECHNICAL_SERVICES, 0.0, False, False, ActionType.SERVICE),
        (MARKETPLACES, 0.0, False, False, ActionType.SERVICE),
        (1, 0.0, False, False, ActionType.INFRASTRUCTURE),
    ],
)
def test_kind_of_takedown(kind: int, core: float, exposed: bool, by_domain: bool, expected: ActionType) -> None:
    assert in_python(type_of_takedown)(kind, core, exposed, by_domain) == expected


def test_rows_of_return_are_ordered_as_m17_has_them() -> None:
    """Domains come back first, then services, then infrastructure; after arrests least and last."""
    names = ("domain", "service", "infrastructure", "arrests")
    medians = [SETTING[f"{name}_return_days"] for name in names]
    assert medians == sorted(medians)
    assert SETTING.arrests_never == max(SETTING[f"{name}_never"] for name in (*names, "exposure"))


def test_arrests_away_from_an_action_day_break_a_group() -> None:
    """Every member who is recognised abroad is held; the group goes down at the second of three, as ARRESTS."""
    world = scene.scene(3)
    scene.add_wanted(world, scene.AWAY)
    world.member["status"] = MemberStatus.INDICTED
    world.member["noticed"] = world.now[0]
    world.group["users"][0] = world.group["capability"][0] = 1.0
    world.instrument[scene.HOME, :, Channel.SURRENDER] = scene.OPEN
    before = int(world.group["generation"][0])
    scene.recognise(world)
    assert (world.member["held_in"] >= 0).all()
    assert world.group["generation"][0] == before + 1  # once, not at every further arrest
    assert world.group["action"][0] == ActionType.ARRESTS
    assert np.isin(world.group["status"][0], (GroupStatus.DOWN, GroupStatus.REMOVED))


def buyers(users: float, **settings: float) -> World:
    """After a technical service with so many users, beside another with one user, has lost its capability.

    The other groups are buyers of services, and one is not.
    """
    world = scene.scene(64, **settings)
    world.used[Growing.GROUP] = 64
    world.group["kind"], world.group["status"] = 1, GroupStatus.ACTIVE
    world.group["kind"][[0, 1]], world.group["kind"][63] = TECHNICAL_SERVICES, 3
    world.group["users"], world.group["users"][0] = 1.0, users
    world.group["capability"], world.group["generation"] = 1.0, 7
    world.group["key"] = np.arange(1, 65)
    world.group["status"][0] = GroupStatus.DOWN
    scene.lose_service(world)
    return world


def test_buyers_lose_capability_with_their_service_and_no_more() -> None:
    """With 99 of 100 users, the service had nearly all buyers; with 1 of 2, half of them (within four deviations)."""
    world = buyers(99.0, service_reliance=0.5)
    hit = np.asarray(world.group["capability"]) < 1.0
    assert hit.sum() >= 58
    assert set(world.group["kind"][hit]) == {1}
    assert (world.group["capability"][hit] == 0.5).all()
    assert (world.group["generation"] == 7).all()  # what befalls the group itself keeps its draws
    assert len(scene.waits(world, Event.SUPPLIER_FOUND)) == hit.sum()
    half = int((buyers(1.0).group["capability"] < 1.0).sum())
    assert half == pytest.approx(30.5, abs=4 * math.sqrt(61 / 4))


def test_who_does_not_rely_on_services_loses_nothing_and_nobody_falls_with_them() -> None:
    assert (buyers(99.0, service_reliance=0.0).group["capability"] == 1.0).all()
    assert (buyers(99.0, service_reliance=0.9).group["capability"] == 1.0).all()  # else a tenth would be left


def test_a_buyer_finds_another_service_unless_it_was_hit_meanwhile() -> None:
    world = buyers(99.0, service_reliance=0.5)
    hit = np.flatnonzero(world.group["capability"] < 1.0)
    world.group["generation"][hit[0]] = 8
    scene.find_services(world, 7)
    assert world.group["capability"][hit[0]] == 0.5
    assert (world.group["capability"][hit[1:]] == 1.0).all()
