"""Direct orders in ordinary cases: demand that begins when a channel to providers opens (M4).

Investigators of ordinary domestic crime hardly ever ask a foreign state: mutual assistance is too slow for a small
case. Where a fast, binding channel to providers opens, they send orders that nobody sent before. These are too many to
be followed one by one: they are counted by pair of states and month, and their hours come to the providers' desks.
"""

import numpy as np

from sim.agents.authority import logistic
from sim.agents.channels import awareness
from sim.agents.desk import live_desk
from sim.agents.events import Event, Purpose, schedule
from sim.agents.evidence import addressee
from sim.agents.line import growth
from sim.engine.compiling import Key, Record, rule
from sim.engine.random import derive, poisson
from sim.law.days import MONTH
from sim.law.vocabulary import Channel
from sim.world.world import World

_ORDERS = 0x4F524452
_MILLION = 1e6


@rule
def pair_key(requesting: int, requested: int) -> Key:
    """Lineage key of what one state orders in another."""
    return derive(derive(_ORDERS, requesting), requested)


@rule
def schedule_orders(world: World, day: float, month: int) -> None:
    """Posts the numbered month of orders."""
    schedule(world, day, Event.ORDERS_SENT, derive(_ORDERS, _ORDERS), month, 0)


@rule
def worth_an_order(setting: Record, days: float) -> float:
    """Share of wished orders that are sent when an answer takes some days: the choice between asking and not (M4).

    Only the wait counts. What an answer is worth in an ordinary case, and the form, are part of the wish.
    """
    return logistic(-setting.delay_cost * days / 30.0 / setting.temperature)


@rule
def asked_there(world: World, place: int, requested: int) -> int:
    """A provider that can be asked in a state: the large ones in order, then the one that stands for its hosts."""
    return place if place < len(world.place_majors) else int(world.state[requested].host_provider)


@rule
def weight_there(world: World, provider_row: int, requesting: int, requested: int) -> float:
    """Share of a state's orders that go to a provider, where it is asked in the requested state; else 0."""
    if addressee(world, provider_row, requesting) != requested:
        return 0.0
    return world.provider[provider_row].weight


@rule
def wait_expected(world: World, asked: np.ndarray, weights: np.ndarray) -> float:
    """Mean days of wait at desks of providers, as they are remembered, by the share of orders that each gets."""
    weight, waits = 0.0, 0.0
    for place in range(len(asked)):
        if weights[place] > 0.0:
            weight += weights[place]
            waits += weights[place] * world.desk[world.provider[asked[place]].desk].wait_recent
    return waits / weight


@rule
def orders_a_month(world: World, requesting: int, requested: int, weight: float, wait: float) -> float:
    """Orders that a state is expected to send providers in another, a month, apart from the growth of all work.

    Users and quality of government say how many cases lead to an order at all.

    Args:
        world: all.
        requesting: row of state.
        requested: row of state.
        weight: share of all orders that go to providers which are asked there.
        wait: days at their desks.
    """
    setting, state = world.setting[0], world.state[requesting]
    wish = setting.ordinary_wish * state.users / _MILLION * state.governance * weight
    known = awareness(setting, world.now[0], world.opened[requesting, requested, Channel.PROVIDER_BINDING.value])
    return wish * known * worth_an_order(setting, wait + setting.production_days)


@rule
def send_orders(world: World, requesting: int, requested: int, month: int, hours: np.ndarray) -> None:
    """One pair's orders of a month are counted, and their hours a day added to those of each desk asked.

    Desks get the expected hours: chance in what comes in is drawn with each desk's month already.
    """
    setting, now, weight = world.setting[0], world.now[0], 0.0
    asked, weights = np.empty(len(world.place_majors) + 1, np.int64), np.empty(len(world.place_majors) + 1)
    for place in range(len(asked)):
        asked[place] = asked_there(world, place, requested)
        weights[place] = weight_there(world, asked[place], requesting, requested)
        weight += weights[place]
    if weight == 0.0:
        return
    orders = orders_a_month(world, requesting, requested, weight, wait_expected(world, asked, weights))
    if orders == 0.0:
        return
    for place in range(len(asked)):
        if weights[place] > 0.0:
            hours[world.provider[asked[place]].desk] += (
                weights[place] / weight * orders * setting.ordinary_hours / MONTH
            )
    if setting.policy_start <= now < setting.policy_end:
        bond = world.bond[requesting * len(world.state) + requested]
        key, mean = pair_key(requesting, requested), orders * growth(setting, now)
        bond.orders += poisson(setting.seed, Purpose.ORDINARY_ORDERS, key, month, mean)


@rule
def take_orders(setting: Record, desk: Record, now: float, hours: float) -> None:
    """A provider's desk has direct orders of some hours a day from its next month on.

    Other work was found for the day on which policy starts: what is sent until then is part of it.
    """
    if now < setting.policy_start:
        desk.direct_before = hours
    desk.direct_load = hours - desk.direct_before


@rule
def orders_sent(world: World, month: int) -> None:
    """The month's orders of all pairs with a binding channel to providers (M4)."""
    states, now = len(world.state), world.now[0]
    hours = np.zeros(len(world.desk))
    for row in range(len(world.provider)):
        live_desk(world, world.provider[row].desk)  # so that waits are today's, and the month that begins stays
    for requesting in range(states):
        for requested in range(states):
            if world.instrument[requesting, requested, Channel.PROVIDER_BINDING.value] >= 0:
                send_orders(world, requesting, requested, month, hours)
    for row in range(len(world.provider)):
        desk = world.provider[row].desk
        if hours[desk] > 0.0 or world.desk[desk].direct_before > 0.0 or world.desk[desk].direct_load > 0.0:
            take_orders(world.setting[0], world.desk[desk], now, hours[desk])
    schedule_orders(world, now + MONTH, month + 1)
