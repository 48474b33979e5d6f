"""Desks are staffed for the followed files that they have seen before policy starts, and keep that."""

from dataclasses import replace

import numpy as np
import pytest

from sim.simulate import Simulation
from sim.world.records import Body, DeskKind
from sim.world.stock import stock_days
from sim.world.world import World, records
from tests.tiny import POLICY, TINY, begun

#: Two years before policy, as many groups as make some requests.
SPEC = replace(TINY, groups=40, start="2024-07-01")
LATELY = 0.5 * 729.0  # days of which followed files count: half of those until the eve of policy


def on_the_eve(changes: dict[str, float] | None = None) -> Simulation:
    """A world just before policy starts."""
    run = begun(1, SPEC, changes, POLICY)
    run.advance(float(run.world.setting["policy_start"][0]) - 0.5)
    return run


def of_late(world: World) -> np.ndarray:
    """Followed files that came to each desk of late."""
    job = records(world, "job")
    return job[(job["arrived"] >= world.now[0] - 0.5 - LATELY) & (job["arrived"] < world.now[0] - 0.5)]


def yields(world: World) -> np.ndarray:
    """Which desks are of liaison bodies or 24/7 points: their other work changes every month."""
    return np.isin(world.desk["kind"], (DeskKind.LIAISON_BODY, DeskKind.CONTACT_POINT))


def test_other_work_is_what_followed_files_leave_to_the_target() -> None:
    world = on_the_eve().world
    desk, late = world.desk, of_late(world)
    late = late[late["started"] != late["arrived"]]
    queued = np.bincount(late["desk"], late["touch_hours"], len(desk)) / LATELY
    office = ~yields(world)
    np.testing.assert_allclose(desk["own_load"][office], queued[office], atol=0.02)
    assert (desk["own_load"][office] > 0.0).sum() > 5
    busy = desk["whole_load"] > 0.0
    left = np.maximum(desk["whole_load"] - desk["own_load"], 0.0)
    np.testing.assert_allclose(desk["load"][busy], left[busy])
    assert (desk["load"][~busy] == 0.0).all()


def test_what_the_eve_of_policy_finds_is_kept() -> None:
    run = on_the_eve()
    before, office = run.world.desk.copy(), ~yields(run.world)
    run.advance(run.end)
    for names, rows in ((["own_load", "load"], office), (["whole_load", "staff_base", "file_hours"], office | True)):
        np.testing.assert_array_equal(run.world.desk[names][rows], before[names][rows])
    assert stock_days(run.world) == []


def test_files_and_skill_are_those_of_the_work_that_desks_have_done() -> None:
    """Tasks of 2 and of 50 hours, in a world in which hours do not vary between files of a task."""
    hours = {"liaison.compare_hours": 2.0, "liaison.notice_hours": 50.0, "liaison.action_day_hours": 50.0}
    world = on_the_eve(hours | {"request.touch_variation": 0.01}).world
    late, interpol = of_late(world), int(world.liaison_body["desk"][Body.INTERPOL])
    spent = late["touch_hours"][late["desk"] == interpol]
    assert 2.0 < world.desk["file_hours"][interpol] == pytest.approx((spent**2).sum() / spent.sum(), rel=0.05)
    world = on_the_eve().world
    practised = (world.unit["handled"] > 0.1) & (world.unit["upkeep"] > 0.0)
    assert practised.any()
    begin = begun(1, SPEC).world
    assert (world.unit["upkeep"][practised] < begin.unit["upkeep"][practised]).all()


def test_bodies_get_the_people_that_their_files_need() -> None:
    """Where a file takes a 24/7 point forty hours instead of a half, more people are on duty, and none fewer."""
    few, many = (on_the_eve({"liaison.freeze_hours": hours}).world for hours in (0.5, 40.0))
    points = few.desk["kind"] == DeskKind.CONTACT_POINT
    people, more = few.desk["servers"][points], many.desk["servers"][points]
    assert (people == few.desk["staff_base"][points]).all()
    assert (more >= people).all()
    assert (more > people).any()
    assert (many.desk["capacity"][points] / many.desk["servers"][points] > 0.0).all()
    assert (many.desk["staff_base"][points] == more).all()
