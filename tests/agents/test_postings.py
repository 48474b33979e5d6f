"""Liaison officers and capacity builders (M20): sent where they are needed most, with limited time."""

from collections.abc import Iterator
from datetime import date

import numpy as np
import pytest

from sim.agents.events import Event, Purpose
from sim.agents.liaison import preparation_left
from sim.agents.postings import (
    eased,
    has_officer,
    is_return_saved,
    let_go,
    liaison_reviewed,
    need_for_training,
    officer_head_start,
    officer_with_time,
    officers_at,
    plan_visits,
    post_officer,
    review_postings,
    seek_officer,
    visit,
    worth_of_post,
)
from sim.engine.compiling import in_python
from sim.law.days import YEAR
from sim.law.vocabulary import Channel
from sim.policy.timeline import Assignment, Step, Timeline
from sim.simulate import Simulation
from sim.world.parameters import WorldSpec
from sim.world.records import (
    DESK,
    NONE,
    POSTING,
    REQUEST,
    Abuse,
    Body,
    Growing,
    ReferralTask,
    RequestPurpose,
    Stage,
    UnitKind,
)
from sim.world.world import World, records
from tests.agents import scene
from tests.agents.plain import chances, fresh, put
from tests.agents.scene import AWAY, FOURTH, HOME, THIRD
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
    """M20: p_def −30–60 %."""
    request = records(run.world, "request")
    assert request["returns_saved"].sum() > 10
    assert (request["returns_saved"][request["officer"] == NONE] == 0).all()
    assert 0.3 <= SETTING.officer_completes <= 0.6


@pytest.mark.usefixtures("as_python")
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
    world.posting_of[HOME, AWAY] = 0
    world.posting["next_posting"], world.posting["open"] = NONE, 0
    world.posting["since"] = world.now[0] - 1.0
    return world


def test_an_officer_shortens_the_preparation_of_the_host() -> None:
    world, rule = with_officer(), in_python(preparation_left)
    assert rule(world, 0, AWAY) == pytest.approx(1.0 - SETTING.officer_speed)
    assert rule(world, 0, THIRD) == 1.0
    world.posting["since"][0] = world.now[0] + 1.0  # on the way
    assert rule(world, 0, AWAY) == 1.0


def test_an_officer_with_no_time_is_none() -> None:
    world, rule = with_officer(), in_python(officer_with_time)
    assert rule(world, HOME, AWAY) == 0
    world.posting["open"][0] = int(SETTING.officer_files)
    assert rule(world, HOME, AWAY) == NONE
    world.posting["next_posting"][0] = 1  # a second officer has time
    assert rule(world, HOME, AWAY) == 1
    world.posting["since"][1] = world.now[0]  # from the first day on
    assert rule(world, HOME, AWAY) == 1
    world.posting["since"][1] = world.now[0] + 1.0
    assert rule(world, HOME, AWAY) == NONE


@pytest.fixture
def posted(as_python: pytest.MonkeyPatch) -> World:  # noqa: ARG001
    """The same, and a request of the case to the host; trust is affinity."""
    world = with_officer()
    world.setting["with_trust"] = 0.0
    world.request["requesting"], world.request["requested"] = HOME, AWAY
    world.request["channel"], world.request["purpose"] = Channel.BUDAPEST, RequestPurpose.CHAIN
    world.request["given_up"], world.posting["until"] = np.nan, np.nan
    world.traffic[:] = 0.0
    return world


@pytest.mark.parametrize(
    ("changes", "counts"),
    [
        ({}, True),
        ({"channel": Channel.JUDICIAL_DIRECT}, True),
        ({"channel": Channel.POLICE, "purpose": RequestPurpose.LEAD}, True),
        ({"channel": Channel.JUDICIAL_DIRECT + 1}, False),
        ({"purpose": RequestPurpose.CORROBORATION}, False),
        ({"abusive": Abuse.OPEN}, False),
        ({"case": NONE}, False),
    ],
)
def test_which_requests_are_traffic_and_an_officer_s_business(
    posted: World, changes: dict[str, int], counts: bool
) -> None:
    for field, value in changes.items():
        posted.request[field] = value
    posted.setting["with_liaison_desks"] = 0.0
    in_python(seek_officer)(posted, 0)
    assert posted.traffic.sum() == posted.posting["handled"].sum() == 0
    posted.setting["with_liaison_desks"] = 1.0
    in_python(seek_officer)(posted, 0)
    assert posted.traffic[HOME, AWAY] == posted.traffic.sum() == counts
    assert posted.request["officer"][0] == (0 if counts else NONE)
    assert posted.posting["open"][0] == posted.posting["handled"][0] == counts


def test_an_officer_has_time_again_once_a_request_is_over_unless_it_was_given_up_before(posted: World) -> None:
    posted.posting["open"] = 2
    for officer, given_up, left in ((NONE, np.nan, 2), (0, 900.0, 2), (NONE, 900.0, 2), (0, np.nan, 1)):
        posted.request["officer"], posted.request["given_up"] = officer, given_up
        in_python(let_go)(posted, posted.request[0])
        assert posted.posting["open"].tolist() == [left, 2, 2, 2]
        assert in_python(has_officer)(posted.posting, posted.request[0]) == (officer == 0)


def test_an_officer_moves_a_request_forward_by_a_part_of_the_wait() -> None:
    request, desk = np.zeros(1, REQUEST).view(np.recarray)[0], np.zeros(1, DESK).view(np.recarray)[0]
    request.officer, desk.last_wait = AT_WORK, 90.0
    moved = in_python(officer_head_start)(SETTING, OFFICERS, request, desk)
    assert moved == pytest.approx(90.0 * SETTING.officer_speed)
    assert 0.0 < moved < 90.0


def test_a_post_is_worth_the_requests_of_each_officer_by_trust(posted: World) -> None:
    """Ten requests a year are expected of a traffic of 20: as many as an officer needs, and too few for two."""
    posted.setting["officer_files"], posted.setting["officer_stay"] = 10.0, 1.5
    posted.traffic[:] = 20.0
    posted.affinity[AWAY, HOME], posted.affinity[THIRD, HOME] = 0.5, 0.4
    worth = in_python(worth_of_post)
    assert worth(posted, HOME, THIRD, 0) == pytest.approx(10 * 0.4)
    assert worth(posted, HOME, AWAY, 0) == pytest.approx(10 * 0.5 * 1.5)  # who is there already stays
    assert worth(posted, HOME, AWAY, 1) == worth(posted, HOME, HOME, 0) == 0.0
    posted.traffic[HOME, AWAY] = 60.0
    assert worth(posted, HOME, AWAY, 2) == pytest.approx(10 * 0.5)  # but one of three would be new


def test_a_new_officer_begins_after_some_months(posted: World) -> None:
    posted.used[Growing.POSTING] = 2
    in_python(post_officer)(posted, HOME, AWAY, 1, 120.0)
    officer = posted.posting[2]
    assert (officer.sending, officer.host, officer.by_policy) == (HOME, AWAY, 1)
    assert officer.since == posted.now[0] + 120.0
    assert (posted.posting_of[HOME, AWAY], officer.next_posting) == (2, 0)


def test_training_is_needed_where_skill_is_lacking_and_much_is_asked(posted: World) -> None:
    """No visit for a state that is skilled, asks and is asked nothing, is not served, or was visited lately."""
    need, states, needy = in_python(need_for_training), len(posted.state), AWAY
    incoming = UnitKind.INCOMING.value * states + needy
    posted.feed[Body.BUILDERS], posted.state["visited"] = 1.0, -1e6
    posted.unit["skill"], posted.state["skill"] = 1.0, 1.0
    posted.unit["skill"][incoming], posted.state["skill"][needy] = 0.2, 0.4
    assert need(posted, needy) == 0.0
    posted.traffic[needy, HOME], posted.traffic[THIRD, needy] = 3.0, 4.0
    usual = 0.7 * np.log(8.0)
    assert need(posted, needy) == pytest.approx(usual)
    assert need(posted, HOME) == 0.0
    pause = YEAR * posted.setting.visit_pause_years[0]
    for since, needed in ((pause - 1.0, 0.0), (pause, usual), (pause + 1.0, usual)):
        posted.state["visited"][needy] = posted.now[0] - since
        assert need(posted, needy) == pytest.approx(needed)
    posted.feed[Body.BUILDERS, needy] = 0.0
    assert need(posted, needy) == 0.0


def test_trainers_visit_the_neediest_states_first(posted: World) -> None:
    """Two trainers serve two states each; they stay at home when nobody is in need any more."""
    needs = {3: 1.0, 1: 4.0, 5: 2.0, 0: 3.0, 2: 0.5}
    posted.setting["visits_per_trainer"], posted.feed[Body.BUILDERS], posted.unit["skill"] = 2.0, 1.0, 0.0
    for state, need in needs.items():
        posted.traffic[state, state] = 0.5 * np.expm1(need)
    for trainers, states in ((2.0, [1, 0, 5, 3]), (90.0, [1, 0, 5, 3, 2])):
        posted.state["visited"], posted.state["skill"], posted.used[Growing.REFERRAL] = -1e6, 0.0, 0
        posted.liaison_body["staff"][Body.BUILDERS] = trainers
        plan_visits(posted._replace(referral=np.resize(posted.referral, 8).view(np.recarray)))
        assert np.flatnonzero(posted.state["visited"] == posted.now[0]).tolist() == sorted(states)


def test_courses_are_for_authorities_courts_and_investigators_of_the_state(posted: World) -> None:
    posted.unit["visit_days"] = 0.0
    in_python(visit)(posted, AWAY)
    states, trained = len(posted.state), np.flatnonzero(posted.unit["visit_days"] == posted.setting["visit_days"])
    assert {(UnitKind(row // states), row % states) for row in trained} == {
        (kind, AWAY) for kind in set(UnitKind) - {UnitKind.FORENSIC}
    }
    assert posted.unit["visit_days"].sum() == 4 * posted.setting["visit_days"][0]
    assert posted.state["visited"][AWAY] == posted.now[0]


# Posts, one review at a time.

LAG = 75.0  # days until an officer begins


@pytest.fixture
def foreign_service(as_python: pytest.MonkeyPatch) -> World:  # noqa: ARG001
    """Nobody is posted abroad; an officer is sent where ten requests a year are expected for each."""
    world = fresh(12, with_trust=0.0, officer_files=10.0, officer_stay=1.0, officer_lag_days=LAG)
    world.posting_of[:], world.posting_set[:], world.traffic[:] = NONE, 0, 0.0
    world.state["posts_abroad"] = 0.0
    world.liaison_body["staff"] = 0.0
    world.used[Growing.POSTING] = 0
    return world


def post(world: World, sending: int, host: int, number: int) -> None:
    """A state has officers at work in another, the latest first."""
    for _ in range(number):
        row = int(world.used[Growing.POSTING])
        world.used[Growing.POSTING] += 1
        world.posting["next_posting"][row], world.posting["until"][row] = world.posting_of[sending, host], np.nan
        world.posting_of[sending, host] = row


def test_every_year_half_of_the_traffic_is_forgotten_and_bodies_get_new_grants(foreign_service: World) -> None:
    """What was asked long ago counts less and less; the next review comes after a year."""
    world = foreign_service
    world.traffic[HOME, AWAY], world.traffic[THIRD, HOME] = 3.0, 7.0
    world.liaison_body["grants"], world.liaison_body["grants_a_year"] = 1.0, 6.0
    world.unit["visit_days"] = 5.0
    liaison_reviewed(world)
    assert world.traffic[HOME, AWAY] == 1.5 and world.traffic[THIRD, HOME] == 3.5
    assert (world.liaison_body["grants"] == 6.0).all()
    assert (world.unit["visit_days"] == 0.0).all()
    assert scene.waits(world, Event.LIAISON_REVIEW) == pytest.approx([YEAR])


def test_officers_of_a_pair_are_counted_one_by_one(foreign_service: World) -> None:
    """All officers of one state in another count, and none of another pair."""
    post(foreign_service, HOME, AWAY, 3)
    post(foreign_service, HOME, THIRD, 1)
    assert [officers_at(foreign_service, HOME, host) for host in (AWAY, THIRD, FOURTH)] == [
        3,
        1,
        0,
    ]


@pytest.mark.parametrize(("posts", "in_home", "in_third"), [(3, 2, 1), (4, 2, 2), (9, 3, 2)])
def test_posts_are_filled_one_by_one_where_each_officer_has_most_to_do(
    foreign_service: World, posts: int, in_home: int, in_third: int
) -> None:
    """Of 60 requests 30 are expected for one officer, 15 each for two, 10 for three; of 44 there are 22 and 11.

    Officers who are no longer needed are called back, the latest first; posts without enough requests stay empty.
    """
    world = foreign_service
    world.traffic[AWAY, HOME], world.traffic[AWAY, THIRD] = 60.0, 44.0
    post(world, AWAY, THIRD, 4)
    world.state["posts_abroad"][AWAY] = posts
    review_postings(world, AWAY)
    assert [officers_at(world, AWAY, host) for host in (HOME, THIRD)] == [in_home, in_third]
    assert world.state["posts_unfilled"][AWAY] == posts - in_home - in_third
    called_back = 4 - in_third
    assert (world.posting["until"][4 - called_back : 4] == world.now[0]).all()
    assert np.isnan(world.posting["until"][: 4 - called_back]).all()
    new = world.posting[4 : world.used[Growing.POSTING]]
    assert (new["since"] == world.now[0] + LAG).all() and (new["host"] == HOME).all()
    assert not new["by_policy"].any()


def test_the_first_officer_whom_a_policy_posts_is_there_by_policy(foreign_service: World) -> None:
    """Further ones are posted for their work; where one is already, the policy sends nobody."""
    world = foreign_service
    world.traffic[AWAY, HOME] = 60.0
    world.posting_set[AWAY, [HOME, THIRD, FOURTH]] = 1
    post(world, AWAY, FOURTH, 1)
    world.state["posts_abroad"][AWAY] = 1
    review_postings(world, AWAY)
    new = world.posting[1 : world.used[Growing.POSTING]]
    assert [(officer["host"], officer["by_policy"]) for officer in new] == [
        (HOME, 1),
        (HOME, 0),
        (THIRD, 1),
    ]
    assert officers_at(world, AWAY, FOURTH) == 1


def test_without_trainers_nobody_is_visited(foreign_service: World) -> None:
    """However great the need of a state is."""
    world = foreign_service
    world.feed[Body.BUILDERS], world.traffic[AWAY, HOME] = 1.0, 60.0
    liaison_reviewed(world)
    assert world.used[Growing.REFERRAL] == 0


def test_a_return_is_saved_when_the_officer_completes_the_draft(foreign_service: World) -> None:
    """By a draw for each return, which is counted on the request."""
    world = foreign_service
    world.posting["until"], world.setting["officer_completes"] = np.nan, 0.35

    def saved(key: int) -> bool:
        put(world, "request", key=key, officer=0, loops=2, returns_saved=4)
        found = is_return_saved(world.setting[0], world.posting, world.request[0])
        assert world.request["returns_saved"][0] == 4 + found
        return found

    chances(saved, Purpose.OFFICER_SAVES_RETURN, 0.35, 2)
