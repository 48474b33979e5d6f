"""Direct orders in ordinary cases, by hand-computed values (M4)."""

import math

import numpy as np
import pytest

from sim.agents import orders
from sim.law.days import MONTH
from sim.law.vocabulary import Channel
from sim.world.world import World
from tests.agents import scene
from tests.agents.plain import answers, drawing, first_numbers, fresh
from tests.agents.scene import NOW
from tests.tiny import row_of_settings

pytestmark = pytest.mark.usefixtures("as_python")

BINDING = Channel.PROVIDER_BINDING


def test_the_wait_alone_decides_between_an_order_and_none() -> None:
    """Two months at a cost of .3 each, at temperature .5: odds of e to the power of −1.2."""
    setting = row_of_settings(delay_cost=0.3, temperature=0.5)[0]
    assert orders.worth_an_order(setting, 60.0) == pytest.approx(1 / (1 + math.exp(1.2)))


def providers(patch: pytest.MonkeyPatch) -> World:
    """Two large providers, of which the second is asked elsewhere, and one for hosts: weights .5, .25, .125."""
    world = fresh(4, ordinary_wish=4.0, production_days=20.0, ordinary_hours=3.0)
    world = world._replace(place_majors=np.array([0.5, 1.0]))
    world.state["host_provider"][scene.AWAY] = 3
    world.provider["weight"][:4], world.provider["desk"][:4] = (0.5, 0.25, 9.0, 0.125), (1, 2, 0, 3)
    world.desk["wait_recent"][1:4] = 30.0, 1000.0, 80.0
    world.state["users"][scene.HOME], world.state["governance"][scene.HOME] = 6e6, 0.7
    answers(patch, orders, addressee=lambda *given: scene.AWAY if given[1] != 1 else scene.HOME, awareness=0.9)
    return world


def test_orders_a_month_by_users_government_weight_and_waits(as_python: pytest.MonkeyPatch) -> None:
    """Five eighths of all are asked there, with a wait of 40 days and 20 of production."""
    world = providers(as_python)
    answers(as_python, orders, worth_an_order=lambda _setting, days: days / 100.0)
    expected = 4.0 * 6.0 * 0.7 * 0.625 * 0.9 * 0.6
    assert orders.orders_a_month(world, scene.HOME, scene.AWAY, 0.625, 40.0) == pytest.approx(expected)
    asked, weights = np.array([0, 1, 3]), np.array([0.5, 0.0, 0.125])
    assert orders.wait_expected(world, asked, weights) == pytest.approx(40.0)


@pytest.mark.parametrize(
    ("start", "end", "counted"),
    [(NOW, NOW + 1.0, 7), (NOW - 1.0, NOW, 2), (NOW + 1.0, NOW + 2.0, 2), (NOW - 2.0, NOW + 2.0, 7)],
)
def test_orders_bring_hours_and_are_counted_under_policy(
    as_python: pytest.MonkeyPatch, start: float, end: float, counted: int
) -> None:
    """Sixty orders of three hours, four fifths of them at the larger provider; with growth, they would be 90."""
    world = providers(as_python)
    answers(as_python, orders, orders_a_month=60.0, growth=1.5)
    drawn = drawing(as_python, orders, "poisson", 5)
    world.setting["policy_start"], world.setting["policy_end"] = start, end
    pair = scene.HOME * len(world.state) + scene.AWAY
    world.bond["orders"][pair] = 2
    hours = np.ones(len(world.desk))
    orders.send_orders(world, scene.HOME, scene.AWAY, 3, hours)
    assert hours[1:4] == pytest.approx([1 + 0.8 * 180.0 / MONTH, 1.0, 1 + 0.2 * 180.0 / MONTH])
    assert world.bond["orders"][pair] == counted
    assert first_numbers(drawn) == ([90.0] if counted == 7 else [])
    reverse = scene.AWAY * len(world.state) + scene.HOME
    answers(as_python, orders, addressee=scene.HOME)
    orders.send_orders(world, scene.AWAY, scene.HOME, 3, hours)
    assert world.bond["orders"][reverse] == (5 if counted == 7 else 0)


def test_a_pair_without_orders_sends_none(as_python: pytest.MonkeyPatch) -> None:
    """No hours, and no draw."""
    world = providers(as_python)
    answers(as_python, orders, orders_a_month=0.0, poisson=5)
    hours = np.zeros(len(world.desk))
    orders.send_orders(world, scene.HOME, scene.AWAY, 3, hours)
    assert hours.max() == 0.0


@pytest.mark.parametrize(("start", "load", "before"), [(NOW, 3.0, 2.0), (NOW + 1.0, 0.0, 5.0)])
def test_orders_before_policy_are_part_of_other_work(start: float, load: float, before: float) -> None:
    """A desk had two hours a day of them and now has five."""
    world = fresh(4, policy_start=start)
    world.desk["direct_before"][0] = 2.0
    orders.take_orders(world.setting[0], world.desk[0], NOW, 5.0)
    assert (world.desk["direct_load"][0], world.desk["direct_before"][0]) == (load, before)
