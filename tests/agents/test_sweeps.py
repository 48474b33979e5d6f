"""Arrests of affiliates and customers in their own states, after servers were seized (M17)."""

import math

import numpy as np
import pytest

from sim.agents.events import Event
from sim.agents.sweeps import client_arrest_probability, clients_reported
from sim.engine.compiling import in_python
from sim.law.vocabulary import Channel
from sim.world.records import Concern, Growing
from sim.world.world import World
from tests.agents import scene
from tests.agents.scene import AWAY, HOME, THIRD, open_channel, waits

DDOS = 5


def seized(number: int = 1, **settings: float) -> World:
    """A takedown of a seller of DDoS attacks, three times as large as the mean, on which some servers were seized."""
    world = scene.scene(16, **settings)
    states = len(world.state)
    world = world._replace(place_victims=np.arange(1.0, states + 1) / states)  # customers live everywhere
    world.used[Growing.ACTION] = 1
    world.group["kind"][0], world.group["users"][0] = DDOS, 3.0
    world.action["case"][0] = world.action["group"][0] = 0
    world.action["killed"][0], world.action["seized"][0] = 2, number
    world.action["day"][0] = world.now[0]
    world.state["open_cases"], world.state["slots"] = 0, 10.0
    return world


def expect(world: World) -> World:
    scene.name_clients(world)
    return world


def sweep(world: World) -> World:
    scene.sweep(world)
    return world


def test_servers_name_clients_unless_none_was_seized_or_they_are_encrypted() -> None:
    world = expect(seized(encrypted=0.0))
    assert world.action["clients"][0] == 3.0 * world.clients[DDOS]
    assert len(waits(world, Event.CLIENTS_SOUGHT)) == 1
    for nothing in (seized(0, encrypted=0.0), seized(encrypted=1.0)):
        assert expect(nothing).action["clients"][0] == 0.0
        assert len(waits(nothing, Event.CLIENTS_SOUGHT)) == 0


def test_number_of_arrests_is_that_of_its_rule() -> None:
    """Poisson with the mean of clients × identified × reported × worth a case × arrest; within four deviations."""
    world = seized(encrypted=0.0, open_threshold=0.0)
    open_channel(world, Channel.POLICE, *range(1, len(world.state)))
    world.setting["police_declined"] = world.setting["police_declined_distance"] = world.setting["with_silence"] = 0.0
    setting = world.setting[0]
    mean = float(3.0 * world.clients[DDOS] * setting.clients_identified * 0.5 * setting.arrest)
    arrests = int(sweep(world).action["client_arrests"][0])
    assert arrests == pytest.approx(mean, abs=4 * math.sqrt(mean))
    assert 1 < world.action["client_states"][0] < len(world.state)


def test_states_that_do_not_learn_of_clients_arrest_none() -> None:
    world = sweep(seized(encrypted=0.0))
    assert world.action["client_states"][0] <= 1  # the unit's own state alone: no police channel is open


@pytest.mark.parametrize(
    ("state", "is_open", "declined", "expected"),
    [(HOME, False, 1.0, 1.0), (AWAY, False, 0.0, 0.0), (THIRD, True, 0.0, 1.0), (THIRD, True, 0.4, 0.6)],
)
def test_who_learns_of_clients(state: int, declined: float, expected: float, *, is_open: bool) -> None:
    world = seized(police_declined=declined, police_declined_distance=0.0, with_silence=0.0)
    if is_open:
        open_channel(world, Channel.POLICE, state)
    with np.errstate(over="ignore"):
        assert in_python(clients_reported)(world, 0, state) == pytest.approx(expected)


@pytest.mark.parametrize(("ready_at", "disruption", "expected"), [(900.0, 0, 1.0), (900.0, 1, 0.0), (np.nan, 0, 0.0)])
def test_partners_that_acted_learn_of_clients(ready_at: float, disruption: int, expected: float) -> None:
    world = seized()
    world.used[Growing.PARTNER] = 1
    world.partner["state"][0], world.partner["ready_at"][0], world.case["first_partner"][0] = AWAY, ready_at, 0
    world.action["disruption"][0] = disruption
    assert in_python(clients_reported)(world, 0, AWAY) == expected


def test_law_and_capacity_of_the_state_decide() -> None:
    world = seized()
    rule = in_python(client_arrest_probability)
    idle = rule(world, 0, HOME)
    world.state["open_cases"][HOME] = 40
    assert 0.0 < rule(world, 0, HOME) < idle
    world.offence[HOME] = 0
    assert rule(world, 0, HOME) == 0.0


def test_offenders_hear_of_arrests_where_they_live() -> None:
    world = seized(encrypted=0.0, clients_identified=1.0, open_threshold=-3.0)
    world.group["users"][0] = 1000.0
    world.news[:] = 0.0
    sweep(world)
    assert world.action["client_arrests"][0] > 0
    assert set(np.flatnonzero(world.news[Concern.PEOPLE, DDOS])) == {HOME}
