"""Direct orders in ordinary cases: who sends them, whom they reach, what they do to desks (M4)."""

import math
from typing import Any

import numpy as np
import pytest

from sim.agents.channels import awareness
from sim.agents.orders import orders_sent, worth_an_order
from sim.engine.compiling import in_python
from sim.law.days import MONTH
from sim.law.vocabulary import Channel
from sim.simulate import Simulation
from sim.world.records import DeskKind
from sim.world.world import World, digests
from tests.agents.scene import scene
from tests.tiny import POLICY, STATES, UNCOUPLED, begun, ended, legal_order
from tests.world.kernels import one_more_group

BINDING = Channel.PROVIDER_BINDING
DEU, FRA, USA = (legal_order().index(code) for code in ("DEU", "FRA", "USA"))
MONTHS = 24


def months(world: World, number: int = MONTHS, day: float = 3000.0) -> World:
    """Lives the orders of some months; desks are kept as they are."""
    world.setting["policy_start"], world.setting["policy_end"] = day, day + 1e4
    world.desk["month_end"] = 1e9
    for month in range(number):
        world.now[0] = day + month * MONTH
        with np.errstate(over="ignore"):
            in_python(orders_sent)(world, month)
    return world


def between(*pairs: tuple[int, int], opened: float = -1e6, **settings: float) -> World:
    """A world in which these states can order data from providers in others."""
    world = scene(8, **settings)
    for pair in pairs:
        world.instrument[(*pair, BINDING)] = 0
        world.opened[(*pair, BINDING)] = opened
    return world


def orders(world: World) -> np.ndarray:
    """Orders of each pair, [requesting, requested]."""
    states = len(world.state)
    return np.asarray(world.bond["orders"]).reshape(states, states)


def test_orders_go_only_where_a_binding_channel_is_open() -> None:
    assert orders(months(between())).sum() == 0
    sent = orders(months(between((DEU, USA))))
    assert sent[DEU, USA] > 0
    assert sent.sum() == sent[DEU, USA]


def test_as_many_as_users_government_seats_awareness_and_waiting_say() -> None:
    world = between((DEU, USA), load_growth=0.0)
    state, provider = world.state[DEU], world.provider
    seat = provider["state"] == USA
    weight = provider["weight"][seat].sum()
    waits = (world.desk["wait_recent"][provider["desk"]] * provider["weight"])[seat].sum() / weight
    setting = world.setting[0]
    days = waits + setting.production_days
    expected = setting.ordinary_wish * state.users / 1e6 * state.governance * weight * MONTHS
    expected /= 1.0 + math.exp(setting.delay_cost * days / 30.0 / setting.temperature)
    assert orders(months(world))[DEU, USA] == pytest.approx(expected, abs=4 * math.sqrt(expected))


def test_the_flow_is_larger_towards_the_seat_of_large_providers() -> None:
    sent = orders(months(between((DEU, USA), (USA, DEU), (DEU, FRA), (FRA, DEU))))
    assert sent[DEU, USA] > 1.5 * sent[USA, DEU]
    assert 0 < sent[FRA, DEU] < sent[DEU, USA]


def test_few_know_a_new_channel() -> None:
    new = orders(months(between((DEU, USA), opened=3000.0), 1))[DEU, USA]
    old = orders(months(between((DEU, USA)), 1))[DEU, USA]
    known = in_python(awareness)(between().setting[0], 3000.0, 3000.0)
    assert known < 0.1
    assert new == pytest.approx(known * old, rel=0.5)


def test_fewer_are_sent_the_longer_answers_take() -> None:
    setting = scene(8).setting[0]
    shares = [in_python(worth_an_order)(setting, days) for days in (0.0, 30.0, 300.0)]
    assert shares[0] == 0.5
    assert 0.5 > shares[1] > 2 * shares[2] > 0


def test_work_goes_to_the_desks_that_are_asked_and_only_what_is_new() -> None:
    world = between((DEU, USA), load_growth=0.0)
    world.setting["policy_start"] = 3000.0
    months(world)
    hours = np.asarray(world.desk["direct_load"])
    assert (hours[world.desk["kind"] != DeskKind.PROVIDER] == 0).all()
    assert set(world.desk["state"][hours > 0]) == {USA}
    a_day = orders(world)[DEU, USA] * float(world.setting["ordinary_hours"][0]) / (MONTHS * MONTH)
    assert hours.sum() == pytest.approx(a_day, rel=0.05)

    before = between((DEU, USA))
    months(before, 1)
    before.setting["policy_start"] = 1e9
    with np.errstate(over="ignore"):
        in_python(orders_sent)(before, 1)
    assert np.abs(before.desk["direct_load"]).max() == 0.0
    assert before.desk["direct_before"].sum() > 0.0


def test_another_channel_leaves_the_orders_of_other_pairs_as_they_were() -> None:
    few = orders(months(between((DEU, USA))))
    many = orders(months(between((FRA, DEU), (DEU, USA), (USA, FRA))))
    assert many[FRA, DEU] > 0
    assert many[DEU, USA] == few[DEU, USA]


def tiny(changes: dict[str, float], **about: Any) -> World:
    """A tiny world after its last day, in which investigators know a new channel soon."""
    return ended(changes={"channel.awareness_half_days": 60.0, **changes}, **about)


def test_a_wish_of_0_changes_nothing_and_neither_does_counting() -> None:
    """With orders that take no time, all months are lived, desks looked at and orders drawn."""
    without, free = tiny({"channel.ordinary_wish": 0.0}), tiny({"channel.ordinary_hours": 0.0})
    assert orders(without).sum() == 0
    assert orders(free).sum() > 100
    assert digests(without) == digests(free)
    assert digests(tiny({"channel.ordinary_hours": 1.0})) != digests(free)


def test_desks_of_providers_have_more_to_do_and_files_wait_longer() -> None:
    without, much = tiny({"channel.ordinary_wish": 0.0}), tiny({"channel.ordinary_wish": 400.0})
    asked = np.asarray(much.desk["direct_load"]) > 0
    assert set(much.desk["kind"][asked]) == {DeskKind.PROVIDER}
    assert (much.desk["offered"][asked] > without.desk["offered"][asked]).all()
    longer = much.desk["wait_sum"][asked] / np.maximum(without.desk["wait_sum"][asked], 1e-9)
    assert longer.min() > 0.9
    assert np.median(longer) > 1.2


def run_of(group: bool, policy: bool) -> World:
    """A tiny world in which only orders happen to be shared, with one more group or a policy."""
    simulation: Simulation = begun(
        6, changes={**UNCOUPLED, "channel.awareness_half_days": 60.0}, timeline=POLICY if policy else None
    )
    simulation.world.setting["with_queues"] = 0.0
    if group:
        with np.errstate(over="ignore"):
            one_more_group(simulation.world, 10**9)
    simulation.advance(simulation.end)
    return simulation.world


def test_draws_belong_to_pair_and_month() -> None:
    plain = orders(run_of(group=False, policy=False))
    inside = [legal_order().index(code) for code in STATES]
    assert plain.sum() > 100
    assert plain[np.setdiff1d(np.arange(len(plain)), inside)].sum() == 0
    assert (orders(run_of(group=True, policy=False)) == plain).all()
    assert (orders(run_of(group=False, policy=True)) == plain).all()
