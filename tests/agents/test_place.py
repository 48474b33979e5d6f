"""Domestic groups: where they live, and where their victims, servers, money and traces are (M15)."""

import numpy as np
import pytest

from sim.agents.sweeps import share_of_clients
from sim.engine.compiling import in_python
from sim.world.parameters import GROUP_KINDS
from sim.world.world import World
from tests.agents import scene
from tests.agents.scene import AWAY, HOME, THIRD

SCAMS = GROUP_KINDS.index("scams")
SAMPLES = 400


def everything_in_third(*, domestic: bool, **settings: float) -> World:
    """All supply of places lies in THIRD; the group's home is AWAY."""
    world = scene.scene(SAMPLES, majors_share=0.0, with_learning=0.0, **settings)
    only_third = np.where(np.arange(len(world.state)) < THIRD, 0.0, 1.0)
    world = world._replace(
        place_victims=only_third,
        place_hosting=only_third.copy(),
        place_home=np.tile(only_third, (len(GROUP_KINDS), 1)),
    )
    world.group["domestic"] = int(domestic)
    world.group["kind"] = SCAMS
    return world


def places(world: World) -> dict[str, list[int]]:
    """States of the servers, the money, the custodians and the victims of the group, many times."""
    world.node["key"] = np.arange(1, SAMPLES + 1)
    world.chain["hops"] = 5  # the first of five custodians is neither the host of a node nor where a member lives
    states = np.zeros((SAMPLES, 4), np.int64)
    scene.place(world, states)
    return dict(zip(("servers", "money", "custodians", "victims"), map(list, states.T), strict=True))


def test_a_domestic_group_is_at_home_as_often_as_the_parameter_says() -> None:
    """Shares of 400 draws at .6 lie within four standard errors, .1; victims are all at home."""
    found = places(everything_in_third(domestic=True, at_home=0.6))
    assert set(found.pop("victims")) == {AWAY}
    for name, states in found.items():
        assert set(states) == {AWAY, THIRD}, name
        assert np.mean(np.array(states) == AWAY) == pytest.approx(0.6, abs=0.1), name


def test_any_other_group_is_where_its_supply_is() -> None:
    found = places(everything_in_third(domestic=False, at_home=1.0))
    for name, states in found.items():
        assert set(states) == {THIRD}, name


def test_domestic_groups_live_among_their_victims() -> None:
    world = everything_in_third(domestic=False)
    only_home = np.ones(len(world.state))
    world.place_home[:] = only_home  # offenders of every kind live in the first state
    world = world._replace(domestic_share=np.zeros(len(GROUP_KINDS)))
    world.domestic_share[SCAMS] = 0.5
    rows = np.zeros((2 * SAMPLES, 3), np.int64)
    scene.draw_origins(world, rows)
    origins = [tuple(row) for row in rows]
    assert {home for _, home, domestic in origins if domestic} == {THIRD}
    assert {home for _, home, domestic in origins if not domestic} == {HOME}
    assert {kind for kind, _, domestic in origins if domestic} == {SCAMS}
    scams = [domestic for kind, _, domestic in origins if kind == SCAMS]
    assert np.mean(scams) == pytest.approx(0.5, abs=0.2)  # some 150 draws, four standard errors


def test_clients_of_a_domestic_group_live_at_home() -> None:
    shares = [
        [in_python(share_of_clients)(everything_in_third(domestic=domestic), 0, state) for state in (AWAY, THIRD)]
        for domestic in (True, False)
    ]
    assert shares == [[1.0, 0.0], [0.0, 1.0]]
