"""Tests of ordinary requests to providers: number, load on desks, and yearly counts (M9)."""

import math

import numpy as np
import pytest

from sim.agents.assistance import answering, orders
from sim.agents.assistance.channels import awareness
from sim.agents.events import Event
from sim.data.geography import ProviderClass
from sim.law.days import YEAR, to_date
from sim.law.vocabulary import Channel
from sim.world.records import Addressee, DeskKind, Ordinary, ProviderPolicy
from sim.world.world import World
from tests.agents.plain import posted, put, small, table
from tests.agents.scene import AWAY, HOME, MONTH, NOW

pytestmark = pytest.mark.usefixtures("as_python")

GRADED, STRICT, NEVER = list(ProviderPolicy)[1:]
BINDING = Channel.PROVIDER_BINDING


def loaded(policy: ProviderPolicy = NEVER, bound: bool = True, **settings: float) -> World:
    """Makes a world in which only HOME sends requests to provider 0 in AWAY.

    Courts take half of what is given voluntarily, and nobody clings to it: all who can order do.
    """
    usual = {"policy_start": NOW, "policy_end": NOW + 1.0, "closed_asked": 0.2, "strict_open": 0.5}
    usual |= {"voluntary_evidence": 0.5, "habit": 1e-9, "success_value": 50.0, "direct_cost": 0.3, "order_cost": 0.3}
    world = small(4, usual | settings)
    world.ordinary["year"] += to_date(NOW).year - world.ordinary["year"][0]
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
    bound=(STRICT, True, 0.5 * 100.0 + 0.5 * (20.0 + 0.5 * 80.0)),
    bound_but_never=(NEVER, True, 20.0),
    open_and_bound=(GRADED, True, 100.0),
)
def test_requests_that_come_to_a_provider(policy: ProviderPolicy, bound: bool) -> float:
    """A provider's load includes domestic requests, voluntary requests, orders, and hopeless attempts."""
    return orders.requests_a_month(loaded(policy, bound), 0) - 100.0


def grown(world: World, assisted: bool = False) -> float:
    """Growth of ordinary requests from 2021 to the coming half-year, as a factor."""
    return float(orders.grown(world.setting[0], NOW, orders.yearly_growth(world.setting[0], assisted)))


def test_worlds_differ_in_how_requests_grew() -> None:
    setting = small(2).setting
    rates = []
    for seed in range(40):
        setting["seed"] = seed
        rates.append([orders.yearly_growth(setting[0], assisted) for assisted in (False, True)])
    least, most = np.min(rates, axis=0), np.max(rates, axis=0)
    assert (least >= [0.05, 0.0]).all() and (most <= [0.3, 0.2]).all()
    assert (most - least > [0.15, 0.12]).all()  # fails for three quarters of the range by chance: under 1e-4
    assert abs(np.corrcoef(np.transpose(rates))[0, 1]) < 0.7


@pytest.mark.parametrize(("start", "end", "counts"), [(0.0, 1.0, True), (-1.0, 0.0, False), (1.0, 2.0, False)])
def test_orders_of_pairs_are_counted_under_policy(start: float, end: float, counts: bool) -> None:
    """Orders are counted for each pair of states, in proportion to investigators who know the channel."""
    world = loaded(GRADED, policy_start=NOW + start, policy_end=NOW + end, load_growth_level=1.5, load_growth_after=0.0)
    pair = HOME * len(world.state) + AWAY
    orders.count_direct(world, 0)
    mean = 0.5 * 6.0 * 100.0 * 0.25 * grown(world)
    assert world.bond["orders"][pair] == world.bond["orders"].sum() == pytest.approx(mean * counts)


def counted(world: World) -> dict[int, tuple[float, float, float]]:
    """HOME's ordinary requests this year, the number answered, and their days, by kind."""
    rows = world.ordinary[world.ordinary["requests"] > 0.0]
    assert set(rows["year"]) == {to_date(NOW).year} and set(rows["state"]) == {HOME}
    return {
        int(row["kind"]): (row["requests"], row["answered"], math.exp(row["log_days"] / max(row["answered"], 1e-9)))
        for row in rows
    }


def test_counts_of_direct_requests() -> None:
    """Desired requests are counted as orders, as voluntary requests, or as attempts at closed providers.

    A binding order is answered more often; without refusals all are.
    """
    usual = {"provider_share": 0.6, "provider_binding": 1.0, "production_days": 8.0, "provider_elasticity": 0.5}
    world = loaded(STRICT, **usual, foreign_refusal=1.0, provider_pair_sigma=0.0)
    put(world, "provider", load=4.0, staff=1.0, bulletproof=0.0, days=math.nan)
    half = 75.0 * grown(world)
    orders.count_direct(world, 0)
    assert counted(world) == {
        Ordinary.VOLUNTARY + Addressee.STRICT: pytest.approx((0.6 * half, 0.5 * half * 0.6, 16.0)),
        Ordinary.BINDING + Addressee.STRICT: pytest.approx((half, half / (1 + math.exp(-1.0) / 1.5), 16.0)),
    }
    world = loaded(NEVER, **usual, foreign_refusal=0.0)
    orders.count_direct(world, 0)
    assert all(answered == requests for requests, answered, _ in counted(world).values())


@table(large=(ProviderClass.MAJOR, Addressee.GRADED), host=(ProviderClass.HOST, Addressee.HOST))
def test_counts_of_graded_providers_follow_the_pair(kind: ProviderClass) -> int:
    world = loaded(GRADED, bound=False, foreign_refusal=1.0)
    put(world, "provider", days=6.0, load=1.0, staff=1.0, kind=kind)
    world.door_share[0, HOME] = 0.3
    orders.count_direct(world, 0)
    ((counted_as, values),) = counted(world).items()
    number = 150.0 * grown(world)
    assert values == pytest.approx((number, 0.3 * number, answering.days_to(world, 0, HOME)))
    return counted_as


def test_counts_of_other_requests() -> None:
    """Preservation, emergency and assistance requests are counted; those at desks by the work that they receive."""
    world = loaded(bound=False, foreign_refusal=0.5, load_growth_level=1.0, load_growth_after=0.0)
    world.desk["load"] = 0.0
    for field in ("preserves", "emergencies", "assisted_usa", "assisted_irl"):
        world.state[field] = 0.0
    put(world, "state", HOME, preserves=10.0, emergencies=20.0, emergencies_answered=0.8, assisted_usa=2.0)
    for kind in (DeskKind.INCOMING, DeskKind.CONTACT_POINT):
        row = np.flatnonzero((world.desk["kind"] == kind) & (world.desk["state"] == HOME))[0]
        put(world, "desk", row, load=2.0, file_hours=0.5, wait_recent=7.0, target_wait=7.0)
    orders.count_others(world)
    direct, assisted = (grown(world, assisted) for assisted in (False, True))
    known = {kind: values[:2] for kind, values in counted(world).items()}
    assert known == {
        Ordinary.PRESERVATION: pytest.approx((60.0 * direct, 0.0)),
        Ordinary.EMERGENCY: pytest.approx((120.0 * direct, 108.0 * direct)),
        Ordinary.ASSISTED_USA: pytest.approx((12.0 * assisted, 0.0)),
        Ordinary.ASSISTANCE: pytest.approx((24.0 * MONTH, 0.0)),
        Ordinary.CONTACT_POINT: pytest.approx((24.0 * MONTH, 0.0)),
    }


def test_requests_grow_until_policy_starts_and_then_as_other_work() -> None:
    """Ordinary requests grow at their recorded rate until the policy starts, and then like other work.

    Policy in 2027 finds the volume of 2026, as it grew since 2021.
    """
    changes = {"policy_start": 5.0 * YEAR, "load_growth_level": 1.0, "load_growth_since": 5.0 * YEAR}
    setting = small(2, {**changes, "load_growth_after": 0.1}).setting[0]
    levels = [orders.grown(setting, years * YEAR, 0.3) for years in (3.25, 4.25, 5.0, 7.0)]
    assert levels == pytest.approx([math.exp(1.2), math.exp(1.5), math.exp(1.5), math.exp(1.7)])


@table((NOW, 1.5, (100.0, 1.2)), (NOW + 1.0, 0.0, (120.0, 1.0)))
def test_people_follow_requests_until_policy_starts(start: float, usual: float) -> tuple[float, float]:
    world = loaded(policy_start=start, load_growth=0.0)
    orders.take_load(world.setting[0], world.provider[0], NOW, 120.0)
    assert usual == 0.0 or world.setting["load_growth_level"][0] == 1.0
    return float(world.provider["usual_load"][0]), float(world.provider["load"][0])


def test_each_quarter_is_followed_by_the_next() -> None:
    world = loaded(GRADED, awareness_half_days=0.0)
    assert awareness(world.setting[0], NOW, NOW) == 1.0
    orders.orders_sent(world, 7)
    assert posted(world) == [(Event.ORDERS_SENT, 8, pytest.approx(3 * MONTH))]
    assert world.provider["load"][0] == pytest.approx(2.0)
    assert world.provider["load"][1] == 1.0  # nobody abroad asks it


def gained(**settings: float) -> World:
    """Makes a world with a provider that answers everything and courts that prefer evidence from orders.

    Nobody fails to know the way, and a gain of 1 changes 63 of a hundred.
    """
    usual = {"awareness_half_days": 0.0, "habit": 1.0, "success_value": 1.0, "foreign_refusal": 0.0}
    return loaded(GRADED, **usual | settings)


@table(
    no_better=({"voluntary_evidence": 1.0}, 0.0),
    worse=({"voluntary_evidence": 1.0, "order_cost": 2.0}, 0.0),
    better_evidence=({"voluntary_evidence": 0.5}, 1.0 - math.exp(-0.5)),
    much_better_evidence=({"voluntary_evidence": 0.1}, 1.0 - math.exp(-0.9)),
    less_burden=({"voluntary_evidence": 1.0, "order_cost": 0.1}, 1.0 - math.exp(-0.2)),
    strong_habits=({"voluntary_evidence": 0.5, "habit": 5.0}, 1.0 - math.exp(-0.1)),
)
def test_orders_replace_voluntary_requests_by_what_they_gain(settings: dict[str, float]) -> float:
    """Orders replace voluntary requests only as far as they bring a gain."""
    voluntary, ordered, *_ = orders.split(gained(**settings), 0, HOME, 1.0, 1.0)
    assert voluntary + ordered == pytest.approx(1.0)
    return ordered


def test_faster_orders_replace_more() -> None:
    """Orders with an enforceable short deadline replace more voluntary requests.

    A deadline with force of 2 days in place of 32 at a cost of 0.5 a month gains 0.5.
    """
    world = gained(voluntary_evidence=1.0, delay_cost=0.5, provider_pair_sigma=0.0, provider_elasticity=0.0)
    put(world, "provider", days=32.0, load=1.0, staff=1.0)
    assert orders.split(world, 0, HOME, 1.0, 1.0)[1] == 0.0
    put(world, "terms", 0, enforceable=1)
    world.terms["deadline_days"][0] = 2.0
    assert orders.split(world, 0, HOME, 1.0, 1.0)[1] == pytest.approx(1.0 - math.exp(-0.5))


def test_at_a_shut_door_nearly_all_goes_by_order() -> None:
    """Nearly all requests to a provider that rejects voluntary ones become orders."""
    world = gained(success_value=8.0, closed_asked=0.02, habit=1.0)
    voluntary, ordered, *closed = orders.split(world, 0, HOME, 0.0, 1.0)
    assert ordered > 0.9
    assert voluntary < 0.01
    assert closed == [voluntary, ordered]


@table(
    all=({}, 0xFFFF, 0.0, 1.0),
    not_carried=({}, 0, 0.0, 0.0),
    grave=({"grave_share": 0.3}, 0xFFFF, 3.0, 0.3),
)
def test_needs_that_can_be_ordered(settings: dict[str, float], carries: int, years: float) -> float:
    world = gained(**settings)
    put(world, "terms", 0, carries=carries, penalty_years=years, penalty_kinds=0xFFFF)
    return orders.orderable(world, 0, HOME, 1)


def test_content_is_ordered_in_place_of_assistance() -> None:
    """Investigators who know of orders for content send these in place of requests for assistance."""
    world = loaded(GRADED)
    world.state["assisted_usa"] = world.state["assisted_irl"] = 0.0
    put(world, "state", HOME, assisted_usa=2.0, ordinary=0.0)
    assert orders.left_to_authorities(world, HOME) == pytest.approx(0.5)
    orders.count_direct(world, 0)
    ((kind, (number, *_)),) = counted(world).items()
    assert kind == Ordinary.BINDING + Addressee.GRADED
    large = world.setting["majors_share"][0]
    assert number == pytest.approx(0.5 * 12.0 * 0.25 / large * grown(world, assisted=True))
