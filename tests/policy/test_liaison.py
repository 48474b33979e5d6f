"""Levers of liaison bodies and officers: what they write, and what they cost."""

from collections.abc import Callable
from datetime import date

import numpy as np
import pytest

from sim.data.costs import Payer, unit_costs, wage_level
from sim.data.geography import CrimeGeography
from sim.law.order import LegalOrder
from sim.policy.costing import spend
from sim.policy.levers import apply_assignments
from sim.policy.spending import Spending
from sim.policy.timeline import Assignment, Step
from sim.world.baseline import Baseline, baseline
from sim.world.parameters import LiaisonParameters
from sim.world.records import Body, DeskKind
from sim.world.world import World

POLICY_START, STOP = date(2027, 1, 1), 5478.0
START = 1826.0


def test_staff_of_bodies_can_be_zero(world: World) -> None:
    def persons(body: Body) -> int:
        return int(world.desk["servers"][world.liaison_body["desk"][body]])

    apply_assignments(world, [Assignment("europol.staff", 2.0), Assignment("interpol.staff", 0.0)])
    assert persons(Body.EUROPOL) == 2 * LiaisonParameters().europol_staff
    assert persons(Body.JCAT) == 2 * LiaisonParameters().jcat_staff
    assert persons(Body.INTERPOL) == 0
    assert persons(Body.EUROJUST) == LiaisonParameters().eurojust_staff
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


def test_grants_follow_within_the_year(world: World) -> None:
    apply_assignments(world, [Assignment("joint_team.money", 3.0)])
    assert world.liaison_body["grants"][Body.EUROJUST] == 3 * LiaisonParameters().team_grants
    apply_assignments(world, [Assignment("joint_team.money", 1.0)])
    assert world.liaison_body["grants"][Body.EUROJUST] == LiaisonParameters().team_grants


def test_posts_follow_the_unrounded_base(world: World) -> None:
    apply_assignments(world, [Assignment("liaison.posts", 2.5)])
    np.testing.assert_array_equal(world.state["posts_abroad"], np.rint(2.5 * world.state["posts_abroad_base"]))


@pytest.fixture(scope="module")
def price(order: LegalOrder) -> Callable[[Assignment], Spending]:
    before: Baseline = baseline(CrimeGeography.load(), order.arrays(date(2022, 1, 1)).police_body)
    return lambda *given: spend([Step(POLICY_START, assignments=given)], before, STOP)


def test_members_pay_a_body_together(price: Callable[..., Spending]) -> None:
    found = price(Assignment("eurojust.staff", 3.0))
    more = 2 * LiaisonParameters().eurojust_staff
    assert found.a_year(START + 1) == pytest.approx(more * unit_costs()["staff_liaison_body"].central)
    assert set(found.ledger["state"]) == {-1}
    assert set(found.ledger["payer"]) == {Payer.LIAISON}
    assert price(Assignment("eurojust.staff", 1.0)).total(START, STOP) == 0
    grants = price(Assignment("joint_team.money", 2.0))
    assert grants.a_year(START + 1) == LiaisonParameters().team_grants * unit_costs()["team_grant"].central


def test_officers_and_joining_cost_a_post_each(price: Callable[..., Spending], order: LegalOrder) -> None:
    post = unit_costs()["liaison_post"].central
    pairs = np.zeros((len(order.states),) * 2, bool)
    pairs[order.index("BRA"), order.index("VNM")] = pairs[order.index("DEU"), order.index("IND")] = True
    assert price(Assignment("liaison.posting", 1.0, pairs=pairs)).a_year(START + 1) == 2 * post
    # Germany has an officer there already.
    assert price(Assignment("jcat.join", 1.0, ("BRA", "DEU"))).a_year(START + 1) == post
    assert price(Assignment("liaison.posts", 1.0)).total(START, STOP) == 0
    assert price(Assignment("liaison.posts", 2.0)).a_year(START + 1) > 20 * post


def test_duty_and_bureaus_cost_local_wages(price: Callable[..., Spending], order: LegalOrder) -> None:
    duty = price(Assignment("contact_point.staff", 2.0, ("DEU", "VNM")))  # Vietnam is not in the network
    wages = wage_level()
    assert duty.a_year(START + 1) == pytest.approx(
        LiaisonParameters().contact_point_staff * unit_costs()["contact_duty"].central * wages[order.index("DEU")]
    )
    bureaus = price(Assignment("interpol.reply", 0.5)).a_year(START + 1)
    assert bureaus == pytest.approx(unit_costs()["staff_investigator"].central * wages.sum())
