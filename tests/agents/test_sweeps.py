"""Arrests of affiliates and customers in their own states, after servers were seized (M17)."""

import math
from typing import Any

import numpy as np
import pytest

from sim.agents import sweeps
from sim.agents.events import Event, Purpose
from sim.agents.removal import silence_towards
from sim.engine.random import derive, lognormal, poisson
from sim.law.vocabulary import Channel
from sim.world.records import Concern
from sim.world.world import World
from tests.agents.plain import add_partners, chances, got, holds, posted, put, small, table
from tests.agents.scene import AWAY, HOME, NOW, THIRD, open_channel

pytestmark = pytest.mark.usefixtures("as_python")

KIND = 3
_SWEEP = 0x53574550  # what sets the draws of a sweep apart
ACTED, LATE, NEVER = NOW, NOW + 1.0, math.nan


def sweep(settings: dict[str, float] | None = None, **action: float) -> World:
    """An action day of case 0 on which two servers of group 0 were seized, three times the size of the mean.

    All states learn of clients who answer police at all; every client is worth a case.
    """
    usual = {"with_trust": 0.0, "police_declined": 0.0, "police_declined_distance": 0.0, "with_silence": 0.0}
    usual |= {"encrypted": 0.0, "clients_identified": 1.0, "arrest": 1.0, "open_threshold": -9.0, "load_threshold": 0.0}
    world = small(8, usual | (settings or {}), group={"kind": KIND, "users": 3.0}, case={"key": 9, "actions": 2})
    put(world, "action", **{"seized": 2, "day": NOW, "clients": 100.0} | action)
    world.clients[KIND], world.sells[KIND], world.news[:] = 40.0, 0, 0.0
    world.place_home[KIND] = 1.0
    world.place_home[KIND][: THIRD + 1] = 0.0, 0.25, 1.0  # a quarter live in AWAY, all others in THIRD
    open_channel(world, Channel.POLICE, AWAY, THIRD)
    return world


def test_seized_servers_that_can_be_read_name_clients() -> None:
    """Forty in a mean group; states prepare as for an action day. Each server is encrypted, or not, by its own draw."""
    key = derive(derive(9, _SWEEP), 2)

    def named(seized: int, encrypted: float) -> tuple[float, int]:
        times = {"readiness_days": 33.0, "readiness_sigma": 0.4}
        world = sweep(times | {"encrypted": encrypted}, seized=seized, clients=0.0)
        sweeps.expect_client_arrests(world, 0)
        days = lognormal(1, Purpose.CLIENTS_TIME, key, 0, 33.0, 0.4)
        events = posted(world)
        assert events == [(Event.CLIENTS_SOUGHT, 0, pytest.approx(days))] * len(events)
        return world.action["clients"][0], len(events)

    holds(named, read=(2, 0.0, (120.0, 1)), none_seized=(0, 0.0, (0.0, 0)), unreadable=(2, 1.0, (0.0, 0)))
    world = sweep({"encrypted": 0.6}, clients=0.0)

    def unreadable(case: int) -> bool:
        world.case["key"], world.action["clients"] = case, 0.0
        sweeps.expect_client_arrests(world, 0)
        return bool(world.action["clients"][0] == 0.0)

    chances(unreadable, Purpose.CLIENTS_UNREADABLE, 0.6, of=lambda case: derive(derive(case, _SWEEP), 2))


def test_states_arrest_their_share_of_clients_and_are_counted() -> None:
    """A quarter of 100 clients in AWAY, of whom each second is identified; offenders hear of arrests there."""

    def found(clients: float) -> tuple[list[int], World]:
        world = sweep({"clients_identified": 0.5, "lesson_partial": 0.45}, clients=clients, client_arrests=2)
        sweeps.clients_sought(world, 0)
        means = {AWAY: clients / 8, THIRD: clients * 3 / 8}
        key = derive(9, _SWEEP)
        drawn = [poisson(1, Purpose.CLIENTS_ARRESTED, derive(key, state), 2, mean) for state, mean in means.items()]
        assert got(world, "action", 0, "client_arrests client_states") == (2 + sum(drawn), np.count_nonzero(drawn))
        heard = [state for state, number in zip(means, drawn, strict=True) if number]
        assert np.flatnonzero(world.news[Concern.PEOPLE, KIND]).tolist() == heard
        return drawn, world

    drawn, world = found(100.0)
    assert min(drawn) > 1
    expected = -0.45 * math.log(1.0 - world.setting["lesson_peers"][0])
    assert world.news[Concern.PEOPLE, KIND, AWAY] == pytest.approx(expected)
    assert min(found(2.0)[0]) == 0  # nobody hears of what did not happen


@table((0, 0.25), (1, 0.375), (2, 0.375))
def test_a_share_is_what_a_place_adds_to_weights(place: int) -> float:
    return sweeps.share_at(np.array([2.0, 5.0, 8.0]), place)


@table(
    customers=(1, 0, (1 / 196, 1 / 196, 1 / 196)),
    affiliates=(0, 0, (0.0, 0.25, 0.75)),
    of_a_domestic_group=(0, 1, (0.0, 1.0, 0.0)),
)
def test_clients_live_with_users_or_with_offenders_or_at_home(sells: int, domestic: int) -> tuple[float, ...]:
    world = sweep()
    world = world._replace(place_victims=np.arange(1.0, len(world.state) + 1.0))
    world.sells[KIND] = sells
    world.group["domestic"] = domestic
    return tuple(sweeps.share_of_clients(world, 0, state) for state in (HOME, AWAY, THIRD))


def test_a_client_is_arrested_when_named_reported_an_offender_and_worth_it() -> None:
    """A threshold of one standard deviation, half of it by open cases, leaves the share 0.158655 of reports."""
    for threshold, offence, declined, share in (
        (-9.5, 1, 0.0, 0.4 * 0.6),
        (0.5, 1, 0.3, 0.4 * 0.7 * 0.158655 * 0.6),
        (0.5, 0, 0.0, 0.0),
    ):
        settings = {"clients_identified": 0.4, "arrest": 0.6, "open_threshold": threshold, "load_threshold": 1.0}
        world = sweep(settings | {"police_declined": declined, "refusal_scale": 1.0})
        put(world, "state", AWAY, open_cases=4, slots=8.0)
        world.offence[AWAY] = offence
        assert sweeps.client_arrest_probability(world, 0, AWAY) == pytest.approx(share, rel=1e-5)


@table(
    its_own=(HOME, NEVER, 0, 1.0),
    acted=(AWAY, ACTED, 0, 1.0),
    was_not_ready=(AWAY, LATE, 0, 0.0),
    prepared_in_vain=(AWAY, NEVER, 0, 0.0),
    left_out_of_a_disruption=(AWAY, ACTED, 1, 0.0),
    asked_by_police=(THIRD, NEVER, 0, 0.8),
    no_police_channel=(5, ACTED, 0, 0.0),
)
def test_who_acted_takes_up_what_is_reported_and_others_by_trust(state: int, ready: float, disruption: int) -> float:
    """Police decline in 0.4 of cases, half of it in force; trust is the affinity of one."""
    world = sweep({"police_declined": 0.4, "refusal_scale": 0.5}, disruption=disruption)
    add_partners(world, AWAY, ready_at=ready)
    world.instrument[HOME, AWAY, Channel.POLICE] = -1
    return sweeps.clients_reported(world, 0, state)


def test_states_that_do_not_trust_decline_and_adversaries_stay_silent() -> None:
    settings: dict[str, Any] = {"police_declined_distance": 0.5, "with_silence": 1.0, "refusal_scale": 1.0}
    world = sweep(settings)
    world.affinity[:] = 0.4
    world.affinity[HOME, THIRD] = 0.2
    silent = silence_towards(world, 0, THIRD)
    assert 0.0 < silent < 1.0
    assert sweeps.clients_reported(world, 0, THIRD) == pytest.approx((1.0 - 0.5 * 0.8) * (1.0 - silent))
