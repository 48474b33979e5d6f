"""Whom providers answer when nothing binds them, and how long they take (M9)."""

import math

import numpy as np
import pytest

from sim.agents import answering as rules
from sim.agents.events import Purpose
from sim.engine.random import derive, normal
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import ProviderPolicy
from sim.world.world import World
from tests.agents.plain import chances, put, small, table
from tests.agents.scene import AWAY, HOME, NOW, THIRD

pytestmark = pytest.mark.usefixtures("as_python")
GATE, GRADED, STRICT, NEVER = ProviderPolicy
ALWAYS, UNREAD, SHUT = -math.inf, math.nan, math.inf
VOLUNTARY, MLAT = Channel.PROVIDER_VOLUNTARY, Channel.MLAT


def asked(policy: ProviderPolicy, read: float = UNREAD, odds: float = 0.0, **settings: float) -> World:
    """Provider 0 in AWAY, asked by HOME, whose door is read or drawn; policy starts later."""
    world = small(4, {"policy_start": NOW + 1e4, "refusal_scale": 1.0} | settings)
    put(world, "provider", policy=policy, since=ALWAYS, days=math.nan, state=AWAY, load=1.0, staff=1.0)
    put(world, "state", HOME, gate_odds=odds, gate_opens=math.inf, strict_opens=math.inf)
    put(world, "request", channel=VOLUNTARY, requesting=HOME, requested=AWAY, provider=0, sent=NOW, key=5)
    world.door_since[0, HOME] = read
    world.door_share[0, HOME] = math.nan
    return world


@table(
    graded=(GRADED, SHUT, {}, 1.0),
    never=(NEVER, ALWAYS, {}, 0.0),
    always=(GATE, ALWAYS, {}, 1.0),
    half_way=(GATE, NOW - 365.25, {}, 0.5),
    just_opened=(GATE, NOW, {}, 0.0),
    long_ago=(GATE, NOW - 1e3, {}, 1.0),
    drawn_open=(GATE, UNREAD, {"odds": 40.0}, 1.0),
    drawn_shut=(GATE, UNREAD, {"odds": -40.0}, 0.0),
    strict_open=(STRICT, UNREAD, {"strict_open": 1.0}, 1.0),
    strict_shut=(STRICT, UNREAD, {"strict_open": 0.0}, 0.0),
    shut_at_the_end_of_the_data=(GATE, SHUT, {"policy_start": NOW - 1.0}, 0.0),
)
def test_how_far_a_door_is_open(policy: ProviderPolicy, read: float, changes: dict[str, float]) -> float:
    """What is read stands before what is drawn; a door that opens takes two years."""
    return rules.openness(asked(policy, read, **changes), 0, HOME, NOW)


@table(
    (GATE, "gate_opens", 1.0), (STRICT, "strict_opens", 1.0), (GATE, "strict_opens", 0.0), (NEVER, "gate_opens", 0.0)
)
def test_a_policy_opens_the_doors_of_one_class(policy: ProviderPolicy, field: str) -> float:
    world = asked(policy, odds=-40.0, strict_open=0.0)
    put(world, "state", HOME, **{field: NOW - 800.0})
    return rules.openness(world, 0, HOME, NOW)


def test_a_provider_that_began_to_answer_later() -> None:
    world = asked(GRADED)
    put(world, "provider", since=NOW)
    assert [rules.openness(world, 0, HOME, NOW + days) for days in (-1.0, 0.0)] == [0.0, 1.0]


def test_a_shut_door_opens_some_day_but_not_after_the_eve_of_policy() -> None:
    world = asked(GATE, odds=-40.0, policy_start=6_000.0)
    world.door_since[:] = math.nan
    put(world, "provider", policy=np.full(len(world.provider), GATE))
    days = np.array([rules.opened_on(world, row, state) for row in range(6) for state in range(100)])
    days = days[np.isfinite(days)]
    assert 0 < len(days) < 600
    assert days.min() > 0.0 and days.max() < 6_000.0


def test_the_share_of_requests_that_is_answered() -> None:
    world = asked(GATE, provider_share=0.6)
    spread = 0.8 * normal(1, Purpose.DOOR_SHARE, rules.pair_key(0, HOME), 0)
    assert rules.share_answered(world, 0, HOME) == pytest.approx(1 / (1 + math.exp(-math.log(1.5) - spread)))
    world.door_share[0, HOME] = 0.3
    assert rules.share_answered(world, 0, HOME) == 0.3


@table((0.2, math.log(1 / 4)), (0.0, -math.log(999)), (1.0, math.log(999)))
def test_a_share_of_nothing_counts_as_one_in_a_thousand(share: float) -> float:
    return rules.logit(share)


@table(
    (VOLUNTARY, SHUT, 1.0, True),
    (VOLUNTARY, ALWAYS, 1.0, False),
    (VOLUNTARY, SHUT, 0.0, False),
    (MLAT, SHUT, 1.0, False),
    (Channel.PROVIDER_BINDING, SHUT, 1.0, False),
)
def test_who_meets_a_shut_door(channel: Channel, read: float, scale: float) -> bool:
    """Binding and domestic orders pass; without refusals all doors are open."""
    world = asked(GATE, read, policy_start=NOW, refusal_scale=scale)
    put(world, "request", channel=channel)
    return rules.is_shut(world, world.request[0])


@table(
    (GATE, ALWAYS, DataKind.TRAFFIC, True),
    (GATE, SHUT, DataKind.TRAFFIC, False),
    (STRICT, ALWAYS, DataKind.TRAFFIC, False),
    (STRICT, ALWAYS, DataKind.SUBSCRIBER, True),
    (NEVER, ALWAYS, DataKind.SUBSCRIBER, False),
)
def test_who_is_tried(policy: ProviderPolicy, read: float, kind: DataKind) -> bool:
    world = asked(policy, read, policy_start=NOW, closed_asked=0.0)
    assert not rules.is_tried(world, -1, HOME, kind, 1)  # authority to act is asked of no provider
    return rules.is_tried(world, 0, HOME, kind, 1)


def test_a_shut_door_is_tried_now_and_then() -> None:
    world = asked(GATE, SHUT, policy_start=NOW, closed_asked=0.3)
    chances(lambda key: rules.is_tried(world, 0, HOME, DataKind.TRAFFIC, key), Purpose.DOOR_TRIED, 0.3)
    assert rules.asked_share(world.setting[0], 0.5) == pytest.approx(0.65)


def test_usual_days_by_provider_pair_and_load() -> None:
    """Half of the people at a fourth more requests: 2.5 to the power of .5."""
    world = asked(GATE, production_days=6.0, provider_pair_sigma=0.4, provider_elasticity=0.5)
    own = normal(1, Purpose.PROVIDER_TIME, derive(rules._PAIR, 0), 0)
    pair, home = (normal(1, Purpose.PROVIDER_TIME, rules.pair_key(0, state), 0) for state in (HOME, AWAY))
    request = world.request[0]
    assert rules.usual_days(world, request) == pytest.approx(6.0 * math.exp(0.4 * (own + pair)))
    put(world, "provider", load=1.25, staff=0.5)
    assert rules.usual_days(world, request) == pytest.approx(6.0 * math.exp(0.4 * (own + pair)) * math.sqrt(2.5))
    put(world, "provider", days=4.0, load=1.0, staff=1.0)
    assert rules.usual_days(world, request) == pytest.approx(4.0 * math.exp(0.4 * pair))
    put(world, "request", channel=MLAT, requesting=THIRD)  # an authority of the provider's state asks
    assert rules.usual_days(world, request) == pytest.approx(4.0 * math.exp(0.4 * home))
