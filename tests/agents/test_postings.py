"""Liaison officers and capacity builders (M20): sent where they are needed most, with limited time."""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pytest

from sim.agents.liaison import preparation_left
from sim.agents.postings import eased, is_return_saved, officer_head_start, officer_with_time
from sim.engine.compiling import in_python
from sim.policy.timeline import Assignment, Step, Timeline
from sim.simulate import Simulation
from sim.world.parameters import WorldSpec
from sim.world.records import DESK, NONE, POSTING, REQUEST, Body, ReferralTask, Stage, UnitKind
from sim.world.world import World, records
from tests.agents import scene
from tests.scenarios.paired import STATES
from tests.tiny import begun, row_of_settings

SPEC = WorldSpec(groups=60, start="2026-01-01", policy_start="2027-01-01", end="2030-12-31", states=STATES)
START = date.fromisoformat(SPEC.policy_start)
SETTING = row_of_settings()[0]
AT_WORK, CALLED_BACK = 0, 1
OFFICERS = np.zeros(2, POSTING).view(np.recarray)
OFFICERS["until"] = (np.nan, 900.0)


@pytest.fixture(scope="module")
def run() -> Simulation:
    made = begun(1, SPEC)
    made.advance(made.end)
    return made


def officers(world: World) -> np.ndarray:
    """Officers of each state in each other, int64 [sending, host]."""
    number, posting = np.zeros(world.posting_of.shape, np.int64), records(world, "posting")
    there = posting[np.isnan(posting["until"])]
    np.add.at(number, (there["sending"], there["host"]), 1)
    return number


def test_officers_are_where_traffic_and_closeness_are() -> None:
    """At every review: one more officer elsewhere is worth no more than the last one of any pair, tours counted.

    Trust is left out, so that it is what the state that is asked thinks of the other by affinity.
    """
    made, checked = begun(2, SPEC, {"mechanism.with_trust": 0.0}), 0
    review = made.day + 365.25
    for year in range(4):
        made.advance(review + 365.25 * year - 1e-6)
        before, traffic = officers(made.world), 0.5 * made.world.traffic.copy()
        np.fill_diagonal(traffic, 0.0)
        made.advance(review + 365.25 * year)
        world, after = made.world, officers(made.world)
        np.testing.assert_array_equal(after.sum(axis=1) + world.state["posts_unfilled"], world.state["posts_abroad"])
        last, more = (_worth(world, traffic, before, others) for others in (after - 1, after))
        for sending in range(len(world.state)):
            posted = after[sending] > 0
            if posted.any():
                assert last[sending, posted].min() >= more[sending].max() * (1.0 - 1e-12)
                checked += 1
            if world.state["posts_unfilled"][sending] > 0:
                assert more[sending].max() == 0.0
    assert checked > 10


def _worth(world: World, traffic: np.ndarray, before: np.ndarray, others: np.ndarray) -> np.ndarray:
    """Worth of one more officer beside others in each pair, float64 [sending, host]."""
    each = traffic / np.maximum(others + 1.0, 1.0)
    stays = np.where(before > others, float(world.setting.officer_stay[0]), 1.0)
    return np.where(each >= world.setting.officer_files[0], each * world.affinity.T * stays, 0.0)


def test_nobody_is_posted_where_nothing_is_asked(run: Simulation) -> None:
    posting = records(run.world, "posting")
    assert len(posting) > 5
    assert (posting["sending"] != posting["host"]).all()
    assert (posting["by_policy"] == 0).all()
    asked = np.zeros(run.world.traffic.shape)
    request = records(run.world, "request")
    np.add.at(asked, (request["requesting"], request["requested"]), 1)
    assert (asked[posting["sending"], posting["host"]] > 3).all()


def test_an_officer_looks_after_so_many_at_a_time(run: Simulation) -> None:
    request, most = records(run.world, "request"), int(SETTING.officer_files)
    lent = request[request["officer"] != NONE]
    assert len(lent) > 50
    for officer in np.unique(lent["officer"]):
        mine = lent[lent["officer"] == officer]
        over = np.fmin(mine["ended"], mine["given_up"])  # nobody looks after what nobody counts on any more
        day = np.concatenate([mine["sent"], over[~np.isnan(over)]])
        step = np.concatenate([np.ones(len(mine)), -np.ones((~np.isnan(over)).sum())])
        order = np.lexsort((step, day))  # on one day, those that end first
        assert np.cumsum(step[order]).max() <= most
        posting = run.world.posting[officer]
        assert posting.handled == len(mine)
        assert posting.open == np.isnan(over).sum()
        assert mine["sent"].min() >= posting.since


def test_an_officer_saves_a_third_to_two_thirds_of_returns(run: Simulation) -> None:
    """M20: p_def −30–60 %; the share of 4,000 drafts within 4 standard errors of the value in use."""
    request = records(run.world, "request")
    assert request["returns_saved"].sum() > 10
    assert (request["returns_saved"][request["officer"] == NONE] == 0).all()
    assert 0.3 <= SETTING.officer_completes <= 0.6
    draft = np.zeros(1, REQUEST).view(np.recarray)[0]
    draft.officer = AT_WORK
    for key in range(4000):
        draft.key = key
        in_python(is_return_saved)(SETTING, OFFICERS, draft)
    assert draft.returns_saved / 4000 == pytest.approx(SETTING.officer_completes, abs=0.032)


def test_an_officer_called_back_helps_no_more() -> None:
    request, desk = np.zeros(1, REQUEST).view(np.recarray)[0], np.zeros(1, DESK).view(np.recarray)[0]
    desk.last_wait = 100.0
    for officer, works in ((NONE, False), (AT_WORK, True), (CALLED_BACK, False)):
        request.officer = officer
        assert (in_python(officer_head_start)(SETTING, OFFICERS, request, desk) > 0.0) == works
        assert (in_python(eased)(SETTING, OFFICERS, request, Stage.REVIEW) < 1.0) == works
        saved = 0
        for key in range(50):  # one in two drafts: none in fifty by chance once in 10¹⁵
            request.key = key
            saved += in_python(is_return_saved)(SETTING, OFFICERS, request)
        assert (saved > 0) == works


@pytest.mark.parametrize(
    ("stage", "officer", "eurojust"),
    [
        (Stage.TRANSMISSION, 1.0, 1.0),
        (Stage.DEFICIENCY_RETURN, 0.8, 0.65),
        (Stage.REVIEW, 0.8, 0.65),
        (Stage.COURT_ORDER, 1.0, 0.65),
        (Stage.PRODUCTION, 1.0, 1.0),
        (Stage.APPEAL, 1.0, 1.0),
        (Stage.RETURN, 1.0, 1.0),
    ],
)
def test_which_stages_are_shortened(stage: Stage, officer: float, eurojust: float) -> None:
    """Officers stages 5 to 7 by 10–30 %, Eurojust 6 to 8 by 20–50 % (M20); neither touches a desk's own work."""
    request = np.zeros(1, REQUEST).view(np.recarray)[0]
    request.officer = NONE
    assert in_python(eased)(SETTING, OFFICERS, request, stage) == 1.0
    request.helped = 1 << Body.EUROJUST
    assert in_python(eased)(SETTING, OFFICERS, request, stage) == pytest.approx(eurojust)
    request.helped, request.officer = 0, AT_WORK
    assert in_python(eased)(SETTING, OFFICERS, request, stage) == pytest.approx(officer)


def test_a_policy_posts_officers_where_nobody_would() -> None:
    pairs = np.zeros((196, 196), bool)
    made = begun(1, SPEC)
    brazil, vietnam = made.law.index("BRA"), made.law.index("VNM")
    pairs[brazil, vietnam] = True
    policy = Timeline((Step(START, assignments=(Assignment("liaison.posting", 1.0, pairs=pairs),)),))
    made = begun(1, SPEC, timeline=policy)
    made.advance(made.end)
    posting = records(made.world, "posting")
    sent = posting[posting["by_policy"] == 1]
    assert [(row["sending"], row["host"]) for row in sent] == [(brazil, vietnam)]
    assert np.isnan(sent["until"]).all()


@pytest.fixture(params=[0.0, 1.0, 4.0])
def trainers(request: pytest.FixtureRequest) -> Iterator[tuple[float, Simulation]]:
    policy = Timeline((Step(START, assignments=(Assignment("capacity_builders.trainers", request.param),)),))
    made = begun(1, SPEC, {"liaison.builder_trainers": 2.0}, policy)
    made.advance(made.end)
    yield request.param, made


def test_trainers_are_finite_and_come_again_after_a_pause(trainers: tuple[float, Simulation]) -> None:
    times, made = trainers
    visit = records(made.world, "referral")
    visit = visit[(visit["task"] == ReferralTask.VISIT) & (visit["asked"] > made.world.setting.policy_start[0])]
    _, number = np.unique(np.round(visit["asked"]), return_counts=True)
    assert (number <= 2 * times).all() if times else len(visit) == 0
    for state in np.unique(visit["state"]):
        gaps = np.diff(np.sort(visit["asked"][visit["state"] == state]))
        assert (gaps >= 3 * 365).all()


def test_a_visit_leaves_people_more_skilled() -> None:
    skills = []
    for number in (0.0, 100.0):
        made = begun(3, SPEC, {"liaison.builder_trainers": number, "liaison.visit_days": 20.0})
        made.advance(made.day + 2.2 * 365)
        unit = made.world.unit
        skills.append(unit["skill"][np.isin(unit["kind"], (UnitKind.INCOMING, UnitKind.INVESTIGATION))])
        assert ((made.world.state["visited"] > 0).sum() > 5) == (number > 0)
    visited = np.flatnonzero(np.abs(skills[1] - skills[0]) > 0.02)
    assert len(visited) > 10
    assert (skills[1][visited] > skills[0][visited]).mean() > 0.9


def test_a_policy_may_post_officers_everywhere_at_once() -> None:
    """One review then posts one for every pair of the world: the table has room, and the run continues."""
    everywhere = Timeline((Step(date(2026, 1, 1), assignments=(Assignment("liaison.posting", 1.0),)),))
    spec = WorldSpec(groups=3, start="2026-01-01", policy_start="2026-01-01", end="2027-06-30", background=False)
    run = begun(1, spec, timeline=everywhere)
    run.advance(run.end)
    states = len(run.world.state)
    posting = records(run.world, "posting")
    assert len(posting) >= states * (states - 1)
    assert (posting["by_policy"] == 1).sum() == states * (states - 1)


def with_officer() -> World:
    """A case in HOME whose state has an officer at work in AWAY."""
    world = scene.scene(4)
    world.posting_of[:] = NONE
    world.posting_of[scene.HOME, scene.AWAY] = 0
    world.posting["next_posting"], world.posting["open"] = NONE, 0
    world.posting["since"] = world.now[0] - 1.0
    return world


def test_an_officer_shortens_the_preparation_of_the_host() -> None:
    world, rule = with_officer(), in_python(preparation_left)
    assert rule(world, 0, scene.AWAY) == pytest.approx(1.0 - SETTING.officer_speed)
    assert rule(world, 0, scene.THIRD) == 1.0
    world.posting["since"][0] = world.now[0] + 1.0  # on the way
    assert rule(world, 0, scene.AWAY) == 1.0


def test_an_officer_with_no_time_is_none() -> None:
    world, rule = with_officer(), in_python(officer_with_time)
    assert rule(world, scene.HOME, scene.AWAY) == 0
    world.posting["open"][0] = int(SETTING.officer_files)
    assert rule(world, scene.HOME, scene.AWAY) == NONE
    world.posting["next_posting"][0] = 1  # a second officer has time
    assert rule(world, scene.HOME, scene.AWAY) == 1
