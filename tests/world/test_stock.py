"""Desks are staffed for the followed files that they have seen before policy starts, and keep that."""

from dataclasses import replace

import numpy as np

from sim.simulate import Simulation
from sim.world.records import DeskKind
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


def queued(world: World) -> np.ndarray:
    """Hours a day of followed files that came to each desk of late, and waited in line or are at a liaison body."""
    job = records(world, "job")
    late = job[(job["arrived"] >= world.now[0] - 0.5 - LATELY) & (job["arrived"] < world.now[0] - 0.5)]
    at_body = world.desk["kind"][late["desk"]] == DeskKind.LIAISON_BODY
    late = late[at_body | (late["started"] != late["arrived"])]
    return np.bincount(late["desk"], late["touch_hours"], len(world.desk)) / LATELY


def test_other_work_is_what_followed_files_leave_to_the_target() -> None:
    world = on_the_eve().world
    np.testing.assert_allclose(world.desk["own_load"], queued(world), atol=0.02)
    assert (world.desk["own_load"] > 0.0).sum() > 5
    busy = world.desk["whole_load"] > 0.0
    left = np.maximum(world.desk["whole_load"] - world.desk["own_load"], 0.0)
    np.testing.assert_allclose(world.desk["load"][busy], left[busy])
    assert (world.desk["load"][~busy] == 0.0).all()


def test_what_the_eve_of_policy_finds_is_kept() -> None:
    run = on_the_eve()
    names = ["whole_load", "own_load", "load", "staff_base", "file_hours"]
    before = run.world.desk[names].copy()
    run.advance(run.end)
    np.testing.assert_array_equal(run.world.desk[names], before)
    assert stock_days(run.world) == []


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


def test_skill_is_kept_up_by_the_files_that_people_have_handled() -> None:
    world = on_the_eve().world
    practised = (world.unit["handled"] > 0.1) & (world.unit["upkeep"] > 0.0)
    assert practised.any()
    begin = begun(1, SPEC).world
    assert (world.unit["upkeep"][practised] < begin.unit["upkeep"][practised]).all()
