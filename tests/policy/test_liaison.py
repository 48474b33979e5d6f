"""Levers of liaison bodies and officers: what they write, and what they cost."""

from datetime import date

import numpy as np
import pytest

from sim.data.costs import unit_costs, wage_level
from sim.data.geography import CrimeGeography
from sim.law.order import LegalOrder
from sim.policy.costing import spend
from sim.policy.levers import apply_assignments
from sim.policy.timeline import Assignment, Step
from sim.world.baseline import baseline
from sim.world.liaison import body_persons
from sim.world.parameters import LiaisonParameters
from sim.world.records import Body, DeskKind
from sim.world.world import World

POLICY_START, STOP = date(2027, 1, 1), 5478.0


def test_staff_of_bodies_can_be_zero(world: World) -> None:
    def persons(body: Body) -> int:
        return int(world.desk["servers"][world.liaison_body["desk"][body]])

    _, europol, task_force, eurojust = body_persons(LiaisonParameters())
    apply_assignments(world, [Assignment("europol.staff", 2.0), Assignment("interpol.staff", 0.0)])
    assert persons(Body.EUROPOL) == 2 * europol == 2 * 100 * 0.1
    assert persons(Body.JCAT) == 2 * task_force
    assert persons(Body.INTERPOL) == 0
    assert persons(Body.EUROJUST) == eurojust
    apply_assignments(world, [Assignment("capacity_builders.trainers", 1.5)])
    assert world.liaison_body["staff"][Body.BUILDERS] == 1.5 * LiaisonParameters().builder_trainers


def test_points_of_some_states_get_more_people(world: World, order: LegalOrder) -> None:
    apply_assignments(world, [Assignment("contact_point.staff", 3.0, ("DEU",))])
    points = world.desk["kind"] == DeskKind.CONTACT_POINT
    servers = world.desk["servers"][points]
    usual = LiaisonParameters().contact_point_staff
    assert servers[order.index("DEU")] == 3 * usual
    assert servers.sum() == usual * (len(servers) + 2)


def test_feeds_rise_and_who_joins_the_task_force_feeds_it(world: World, order: LegalOrder) -> None:
    before = world.feed.copy()
    apply_assignments(world, [Assignment("interpol.feed", 0.95), Assignment("jcat.join", 1.0, ("BRA",))])
    assert (world.feed[Body.INTERPOL] >= 0.95).all()
    assert before[Body.JCAT, order.index("BRA")] == 0.0
    assert world.feed[Body.JCAT, order.index("BRA")] == 1.0
    np.testing.assert_array_equal(world.feed[Body.EUROJUST], before[Body.EUROJUST])


def test_points_and_task_forces_cost_what_is_added(order: LegalOrder) -> None:
    """Vietnam is not in the network of points; Germany has an officer in the task force already."""
    before = baseline(CrimeGeography.load(), order.arrays(date(2022, 1, 1)).police_body)
    usual, price = LiaisonParameters(), {name: cost.central for name, cost in unit_costs().items()}
    duty = usual.contact_point_staff * price["contact_duty"] * wage_level()[order.index("DEU")]
    for lever, a_year in (
        (Assignment("jcat.join", 1.0, ("BRA", "DEU")), price["liaison_post"]),
        (Assignment("contact_point.staff", 2.0, ("DEU", "VNM")), duty),
        (Assignment("eurojust.staff", 1.0), 0.0),
        (Assignment("liaison.posts", 1.0), 0.0),
    ):
        found = spend([Step(POLICY_START, assignments=(lever,))], before, STOP)
        assert found.a_year(1827) == pytest.approx(a_year), lever.lever


def test_posts_follow_the_unrounded_base(world: World) -> None:
    apply_assignments(world, [Assignment("liaison.posts", 2.5)])
    np.testing.assert_array_equal(world.state["posts_abroad"], np.rint(2.5 * world.state["posts_abroad_base"]))
