"""Ordinary direct requests: what comes to providers, what their load is, and which orders are counted (M9)."""

import math

import pytest

from sim.agents import orders as rules
from sim.agents.channels import awareness
from sim.agents.events import Event, Purpose
from sim.agents.line import growth
from sim.engine.random import poisson
from sim.law.vocabulary import Channel
from sim.world.records import ProviderPolicy
from sim.world.world import World
from tests.agents.plain import posted, put, small, table
from tests.agents.scene import AWAY, HOME, MONTH, NOW

pytestmark = pytest.mark.usefixtures("as_python")
BINDING = Channel.PROVIDER_BINDING
GRADED, STRICT, NEVER = ProviderPolicy.GRADED, ProviderPolicy.STRICT, ProviderPolicy.NEVER


def asked(policy: ProviderPolicy = NEVER, bound: bool = True, **settings: float) -> World:
    """HOME alone asks provider 0 in AWAY, by a binding channel or without; it is sent 100 a month."""
    usual = {"policy_start": NOW, "policy_end": NOW + 1.0, "closed_asked": 0.2, "strict_open": 0.5}
    world = small(4, usual | settings)
    world.provider["weight"] = 0.0
    put(world, "provider", policy=policy, since=-math.inf, state=AWAY, representative=-1, weight=0.25, usual_load=100.0)
    world.state["ordinary"] = 0.0
    put(world, "state", HOME, ordinary=100.0, strict_opens=math.inf)
    world.instrument[HOME, AWAY, BINDING] = 0 if bound else -1
    world.opened[HOME, AWAY, BINDING] = NOW - world.setting["awareness_half_days"][0]  # half know it
    return world


@table(
    shut=(NEVER, False, 20.0),
    open=(GRADED, False, 100.0),
    strict=(STRICT, False, 60.0),
    bound=(NEVER, True, 50.0 + 10.0),
    open_and_bound=(GRADED, True, 100.0),
)
def test_requests_that_come_to_a_provider(policy: ProviderPolicy, bound: bool) -> float:
    """Beside 100 of its own state: what open doors and orders bring, and what is tried at shut ones."""
    return rules.requests_a_month(asked(policy, bound), 0, 3) - 100.0


def test_a_policy_that_opens_strict_providers_brings_requests() -> None:
    world = asked(STRICT, bound=False)
    put(world, "state", HOME, strict_opens=NOW - 1e3)
    assert rules.requests_a_month(world, 0, 3) == pytest.approx(200.0)


@pytest.mark.parametrize(("start", "end", "counts"), [(0.0, 1.0, True), (-1.0, 0.0, False), (1.0, 2.0, False)])
def test_orders_are_counted_under_policy(start: float, end: float, counts: bool) -> None:
    """Half of the investigators know the channel, and send the provider's share of three months."""
    world = asked(policy_start=NOW + start, policy_end=NOW + end, load_growth_level=1.5, load_growth_after=0.0)
    pair = HOME * len(world.state) + AWAY
    rules.requests_a_month(world, 0, 3)
    mean = 0.5 * 3.0 * 100.0 * 0.25 * growth(world.setting[0], NOW)
    drawn = poisson(1, Purpose.ORDINARY_ORDERS, rules.order_key(0, HOME), 3, mean)
    assert world.bond["orders"][pair] == world.bond["orders"].sum() == drawn * counts


@table((NOW, 1.5, (100.0, 1.2)), (NOW + 1.0, 0.0, (120.0, 1.0)))
def test_people_follow_requests_until_policy_starts(start: float, usual: float) -> tuple[float, float]:
    world = asked(policy_start=start, load_growth=0.0)
    rules.take_load(world.setting[0], world.provider[0], NOW, 120.0)
    assert usual == 0.0 or world.setting["load_growth_level"][0] == 1.0
    return float(world.provider["usual_load"][0]), float(world.provider["load"][0])


def test_each_quarter_is_followed_by_the_next() -> None:
    world = asked(awareness_half_days=0.0)
    assert awareness(world.setting[0], NOW, NOW) == 1.0
    rules.orders_sent(world, 7)
    assert posted(world) == [(Event.ORDERS_SENT, 8, pytest.approx(3 * MONTH))]
    assert world.provider["load"][0] == pytest.approx(2.0)
    assert world.provider["load"][1] == 1.0  # nobody abroad asks it
