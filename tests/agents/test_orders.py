"""Direct orders in ordinary cases: who sends them, whom they reach, what they do to desks (M4)."""

import math
from typing import Any

import numpy as np
import pytest

from sim.agents import channels
from sim.agents import orders as rules
from sim.agents.events import Event, Purpose
from sim.agents.line import growth
from sim.engine.random import poisson
from sim.law.days import MONTH
from sim.law.vocabulary import Channel
from sim.simulate import Simulation
from sim.world.records import DeskKind
from sim.world.world import World, digests
from tests.agents.plain import fresh, got, posted, put, small, table
from tests.agents.scene import AWAY, HOME, NOW
from tests.tiny import POLICY, STATES, UNCOUPLED, begun, ended, legal_order
from tests.world.kernels import one_more_group

unit = pytest.mark.usefixtures("as_python")
BINDING = Channel.PROVIDER_BINDING
DEU, FRA, USA = (legal_order().index(code) for code in ("DEU", "FRA", "USA"))
MONTHS = 6


def months(world: World, number: int = MONTHS, day: float = 3000.0) -> World:
    """Lives the orders of some months; desks are kept as they are."""
    world.setting["policy_start"], world.setting["policy_end"] = day, day + 1e4
    world.desk["month_end"] = 1e9
    for month in range(number):
        world.now[0] = day + month * MONTH
        rules.orders_sent(world, month)
    return world


def between(*pairs: tuple[int, int], opened: float = -1e6, **settings: float) -> World:
    """A world in which these states can order data from providers in others."""
    world = fresh(8, **settings)
    for pair in pairs:
        world.instrument[(*pair, BINDING)] = 0
        world.opened[(*pair, BINDING)] = opened
    return world


def orders(world: World) -> np.ndarray:
    """Orders of each pair, [requesting, requested]."""
    states = len(world.state)
    return np.asarray(world.bond["orders"]).reshape(states, states)


@unit
def test_orders_go_only_where_a_binding_channel_is_open() -> None:
    assert orders(months(between())).sum() == 0
    sent = orders(months(between((DEU, USA))))
    assert sent[DEU, USA] > 0
    assert sent.sum() == sent[DEU, USA]


@unit
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


@unit
def test_the_flow_is_larger_towards_the_seat_of_large_providers() -> None:
    sent = orders(months(between((DEU, USA), (USA, DEU), (DEU, FRA), (FRA, DEU))))
    assert sent[DEU, USA] > 1.5 * sent[USA, DEU]
    assert 0 < sent[FRA, DEU] < sent[DEU, USA]


@unit
def test_few_know_a_new_channel() -> None:
    new = orders(months(between((DEU, USA), opened=3000.0), 1))[DEU, USA]
    old = orders(months(between((DEU, USA)), 1))[DEU, USA]
    known = channels.awareness(between().setting[0], 3000.0, 3000.0)
    assert known < 0.1
    assert new == pytest.approx(known * old, rel=0.5)


@unit
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
    rules.orders_sent(before, 1)
    assert np.abs(before.desk["direct_load"]).max() == 0.0
    assert before.desk["direct_before"].sum() > 0.0


def providers(settings: dict[str, float] | None = None, /) -> World:
    """Two large providers, asked where AWAY and HOME are, and one of hosts there: weights .5, .25, .125.

    Their desks are 1, 2 and 3, at which 30, 1000 and 80 days are remembered.
    """
    usual = {"ordinary_wish": 4.0, "production_days": 20.0, "ordinary_hours": 3.0, "load_growth": 0.0}
    world = small(4, usual | {"delay_cost": 0.0, "policy_start": NOW, "policy_end": NOW + 1.0} | (settings or {}))
    world = world._replace(place_majors=np.array([0.5, 1.0]))
    put(world, "state", AWAY, host_provider=3)
    put(world, "state", HOME, users=6e6, governance=0.7)
    put(world, "provider", state=(AWAY, HOME, HOME, AWAY), weight=(0.5, 0.25, 9.0, 0.125), desk=(1, 2, 0, 3))
    put(world, "desk", 1, wait_recent=(30.0, 1000.0, 80.0))
    world.opened[HOME, AWAY, BINDING] = -1e6
    return world


def asked_in(world: World, requested: int) -> tuple[list[int], list[float]]:
    """Providers that can be asked in a state, and their weights there."""
    rows = [rules.asked_there(world, place, requested) for place in range(3)]
    return rows, [rules.weight_there(world, row, HOME, requested) for row in rows]


@unit
def test_only_providers_that_are_asked_there_count() -> None:
    """The mean wait is that of 30 and 80 days, by weights of four and one."""
    world = providers()
    rows, weights = asked_in(world, AWAY)
    assert (rows, weights) == ([0, 1, 3], [0.5, 0.0, 0.125])
    assert rules.wait_expected(world, np.array(rows), np.array(weights)) == pytest.approx(40.0)


@unit
@table((0.0, 0.5), (0.3, 1 / (1 + math.exp(1.2))))
def test_orders_a_month_by_users_government_weight_and_waits(cost: float) -> float:
    """Five eighths of all are asked there, with a wait of 40 days and 20 of production: two months."""
    world = providers({"delay_cost": cost, "temperature": 0.5})
    known = channels.awareness(world.setting[0], NOW, -1e6)
    assert rules.worth_an_order(world.setting[0], 60.0) == pytest.approx(0.5 if not cost else 1 / (1 + math.exp(1.2)))
    return rules.orders_a_month(world, HOME, AWAY, 0.625, 40.0) / (4.0 * 6.0 * 0.7 * 0.625 * known)


@unit
@pytest.mark.parametrize(
    ("start", "end", "counts"),
    [(NOW, NOW + 1.0, True), (NOW - 1.0, NOW, False), (NOW + 1.0, NOW + 2.0, False), (NOW - 2.0, NOW + 2.0, True)],
)
def test_orders_bring_hours_and_are_counted_under_policy(start: float, end: float, counts: bool) -> None:
    """Four fifths of the hours are those of the larger provider; with growth more are sent."""
    world = providers({"policy_start": start, "policy_end": end, "load_growth_level": 1.5, "load_growth_after": 0.0})
    sent = rules.orders_a_month(world, HOME, AWAY, 0.625, 40.0)
    pair = HOME * len(world.state) + AWAY
    world.bond["orders"][pair] = 2
    hours = np.ones(len(world.desk))
    rules.send_orders(world, HOME, AWAY, 3, hours)
    assert hours[1:4] == pytest.approx([1 + 0.8 * sent * 3.0 / MONTH, 1.0, 1 + 0.2 * sent * 3.0 / MONTH])
    mean = sent * growth(world.setting[0], NOW)
    drawn = poisson(1, Purpose.ORDINARY_ORDERS, rules.pair_key(HOME, AWAY), 3, mean)
    assert world.bond["orders"][pair] == 2 + drawn * counts
    assert world.bond["orders"].sum() == world.bond["orders"][pair]


@unit
@pytest.mark.parametrize("changes", [{"ordinary_wish": 0.0}, {}])
def test_a_pair_without_orders_sends_none(changes: dict[str, float]) -> None:
    """No wish, or nobody to ask."""
    world = providers(changes)
    if not changes:
        world.provider["weight"] = 0.0
    hours = np.zeros(len(world.desk))
    rules.send_orders(world, HOME, AWAY, 3, hours)
    assert hours.max() == 0.0 == world.bond["orders"].max()


@unit
@table((NOW, (3.0, 2.0)), (NOW + 1.0, (0.0, 5.0)))
def test_orders_before_policy_are_part_of_other_work(start: float) -> tuple[float, ...]:
    """A desk had two hours a day of them and now has five."""
    world = small(4, {"policy_start": start})
    put(world, "desk", direct_before=2.0)
    rules.take_orders(world.setting[0], world.desk[0], NOW, 5.0)
    return got(world, "desk", 0, "direct_load direct_before")


@unit
def test_each_month_is_followed_by_the_next() -> None:
    """Hours that are no longer sent leave the desk, even those of before policy."""
    world = between(policy_start=2000.0)
    world.desk["month_end"], world.now[0] = 1e9, 3000.0
    first, second = world.provider["desk"][:2]
    put(world, "desk", first, direct_load=4.0)
    put(world, "desk", second, direct_before=3.0)
    rules.orders_sent(world, 7)
    assert posted(world) == [(Event.ORDERS_SENT, 8, pytest.approx(MONTH))]
    assert world.desk["direct_load"][[first, second]].tolist() == [0.0, -3.0]


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
