"""Tests of liaison officers and trainers (M20): placement by need, and limited working time."""

from typing import Any

import numpy as np
import pytest

from sim.agents.assistance import postings as rules
from sim.agents.events import Event, Purpose
from sim.law.days import YEAR
from sim.law.vocabulary import Channel
from sim.world.records import (
    NONE,
    Abuse,
    Body,
    DeskKind,
    Growing,
    ReferralTask,
    RequestPurpose,
    Stage,
    TaskResult,
    UnitKind,
)
from sim.world.world import World, records
from tests.agents.plain import chances, got, posted, put, small, table
from tests.agents.scene import AWAY, FOURTH, HOME, NOW, THIRD

LAG = 75.0  # days until an officer begins
pytestmark = pytest.mark.usefixtures("as_python")
COUNTED = (1.0, 0, 1, 1)
NOT = (0.0, NONE, 0, 0)


def service(settings: dict[str, float] | None = None, /, **officers: int) -> World:
    """Makes a world in which AWAY has given numbers of officers in HOME, THIRD and FOURTH.

    Request 2 of HOME to AWAY is for authorities.
    """
    usual = {"with_trust": 0.0, "officer_files": 10.0, "officer_stay": 1.0, "officer_lag_days": LAG}
    usual |= {"officer_hours": 0.0, "ordinary_share": 0.0, "followed_first": 1.0, "officer_at_court": 0.0}
    world = small(12, usual | {"with_liaison_desks": 1.0, "officer_speed": 0.2} | (settings or {}))
    world.posting["spent"] = world.posting["ordinary"] = world.posting["worked"] = world.posting["hours"] = 0.0
    world.posting_of[:], world.posting_set[:], world.traffic[:] = NONE, 0, 0.0
    world.state["posts_abroad"], world.liaison_body["staff"] = 0.0, 0.0
    hosts = {"home": HOME, "third": THIRD, "fourth": FOURTH}
    for name, number in officers.items():
        for _ in range(number):
            row = int(world.used[Growing.POSTING])
            world.used[Growing.POSTING] += 1
            put(world, "posting", row, next_posting=world.posting_of[AWAY, hosts[name]], until=np.nan, since=NOW - 1.0)
            put(world, "posting", row, sending=AWAY, host=hosts[name])
            world.posting_of[AWAY, hosts[name]] = row
    put(world, "request", 2, requesting=AWAY, requested=HOME, officer=NONE, given_up=np.nan, channel=Channel.BUDAPEST)
    put(world, "request", 2, purpose=RequestPurpose.CHAIN)
    return world


def test_every_year_half_of_the_traffic_is_forgotten() -> None:
    """Past requests lose half of their weight each year, and reviews follow yearly."""
    world = service()
    world.feed[Body.BUILDERS], world.traffic[AWAY, HOME], world.traffic[THIRD, FOURTH] = 1.0, 60.0, 7.0
    world.unit["visit_days"], world.state["posts_abroad"][AWAY] = 5.0, 1
    rules.liaison_reviewed(world)
    assert (world.traffic[AWAY, HOME], world.traffic[THIRD, FOURTH]) == (30.0, 3.5)
    assert (world.unit["visit_days"] == 0.0).all()
    assert posted(world) == [(Event.LIAISON_REVIEW, 0, pytest.approx(YEAR))]
    assert rules.officers_at(world, AWAY, HOME) == 1 and world.used[Growing.REFERRAL] == 0


@table(
    usual=(THIRD, 0, 20.0, 10 * 0.4),
    who_is_there_stays=(HOME, 0, 20.0, 10 * 0.5 * 1.5),
    too_few_for_two=(HOME, 1, 20.0, 0.0),
    at_home=(AWAY, 0, 20.0, 0.0),
    one_of_three_is_new=(HOME, 2, 60.0, 10 * 0.5),
)
def test_a_post_is_worth_the_requests_of_each_officer_by_trust(host: int, others: int, traffic: float) -> float:
    """The value of a post is the number of requests expected per officer, weighted by trust."""
    world = service({"officer_stay": 1.5}, home=2)
    world.traffic[:] = traffic
    world.affinity[HOME, AWAY], world.affinity[THIRD, AWAY] = 0.5, 0.4
    return float(rules.worth_of_post(world, AWAY, host, others, 0.0))


@pytest.mark.parametrize(("posts", "in_home", "in_third"), [(3, 2, 1), (4, 2, 2), (9, 3, 2)])
def test_posts_are_filled_one_by_one_where_each_officer_has_most_to_do(posts: int, in_home: int, in_third: int) -> None:
    """Posts are filled one by one, each in the state with the most requests per officer.

    Of 60 requests 30 are expected for one officer, 15 each for two, 10 for three; of 44 there are 22 and 11.
    """
    world = service(third=4)
    world.traffic[AWAY, HOME], world.traffic[AWAY, THIRD] = 60.0, 44.0
    world.state["posts_abroad"][AWAY] = posts
    rules.review_postings(world, AWAY)
    assert [rules.officers_at(world, AWAY, host) for host in (HOME, THIRD)] == [in_home, in_third]
    assert world.state["posts_unfilled"][AWAY] == posts - in_home - in_third
    called_back = 4 - in_third
    assert (world.posting["until"][4 - called_back : 4] == NOW).all()
    assert np.isnan(world.posting["until"][: 4 - called_back]).all()
    for row in range(4, world.used[Growing.POSTING]):
        assert got(world, "posting", row, "sending host since by_policy") == (AWAY, HOME, NOW + LAG, 0)


def test_the_first_officer_whom_a_policy_posts_is_there_by_policy() -> None:
    world = service(fourth=1)
    world.traffic[AWAY, HOME], world.state["posts_abroad"][AWAY] = 60.0, 1
    world.posting_set[AWAY, [HOME, THIRD, FOURTH]] = 1
    rules.review_postings(world, AWAY)
    new = [got(world, "posting", row, "host by_policy") for row in range(1, world.used[Growing.POSTING])]
    assert new == [(HOME, 1), (HOME, 0), (THIRD, 1)] and rules.officers_at(world, AWAY, FOURTH) == 1


@table(
    free=(0, (0.0, 0.0), 0, 1),
    busy=(10, (0.0, 0.0), 0, 0),
    both_busy=(10, (0.0, 0.0), 10, NONE),
    not_there_yet=(10, (1.0, 0.0), 0, NONE),
    both_not_there_yet=(0, (1.0, 1.0), 0, NONE),
    last_free=(9, (0.0, 0.0), 10, 1),
)
def test_an_officer_with_no_time_or_on_the_way_is_none(open_: int, days: tuple[float, float], others: int) -> int:
    """An officer without free time, or still on the way, does not help."""
    world = service(home=2)
    put(world, "posting", open=(others, open_), since=(NOW + days[0], NOW + days[1]))
    return rules.officer_with_time(world, AWAY, HOME)


@table(
    usual=({}, 1.0, COUNTED),
    last_of_authorities=({"channel": Channel.JUDICIAL_DIRECT}, 1.0, COUNTED),
    police=({"channel": Channel.POLICE, "purpose": RequestPurpose.LEAD}, 1.0, COUNTED),
    provider=({"channel": Channel.JUDICIAL_DIRECT + 1}, 1.0, NOT),
    corroboration=({"purpose": RequestPurpose.CORROBORATION}, 1.0, NOT),
    abusive=({"abusive": Abuse.OPEN}, 1.0, NOT),
    without_a_case=({"case": NONE}, 1.0, NOT),
    without_desks=({}, 0.0, NOT),
    elsewhere=({"requested": THIRD}, 1.0, (1.0, NONE, 0, 0)),
)
def test_which_requests_are_traffic_and_an_officer_s_business(request: dict[str, int], desks: float) -> Any:
    world = service({"with_liaison_desks": desks}, home=1)
    put(world, "request", 2, **request)
    rules.count_traffic(world, world.request[2])
    rules.seek_officer(world, 2)
    traffic = world.traffic[AWAY, world.request["requested"][2]]
    assert traffic == world.traffic.sum()
    return traffic, world.request["officer"][2], *got(world, "posting", 0, "open handled")


@table(
    answers=(0, {}, (0, 1)),
    one_that_has_an_officer=(0, {"officer": 3}, (3, 0)),
    given_up=(0, {"given_up": 900.0}, (NONE, 0)),
    busy=(10, {}, (NONE, 10)),
)
def test_an_officer_serves_requests_of_both_states_as_long_as_there_is_time(open_: int, request: Any) -> Any:
    """An officer serves requests in both directions while time is left."""
    world = service(home=1)
    put(world, "posting", open=open_)
    put(world, "request", 2, **({"requesting": HOME, "requested": AWAY, "given_up": np.nan} | request))
    rules.seek_officer(world, 2)
    return world.request["officer"][2], world.posting["open"][0]


@pytest.mark.parametrize("officer", [0, NONE])
def test_officers_end_some_silences(officer: int) -> None:
    world = service({"officer_chases": 0.35}, home=1)

    def chased(key: int) -> bool:
        put(world, "request", 2, key=key, officer=officer)
        return rules.is_chased(world.setting[0], world.posting, world.request[2])

    chances(chased, Purpose.OFFICER_CHASES, 0.35 if officer == 0 else 0.0)


@table(
    over=(0, np.nan, np.nan, (1, True, 18.0)),
    given_up_before=(0, 900.0, np.nan, (2, True, 18.0)),
    called_back=(0, np.nan, 900.0, (1, False, 0.0)),
    none=(NONE, np.nan, np.nan, (2, False, 0.0)),
    none_and_given_up=(NONE, 900.0, np.nan, (2, False, 0.0)),
)
def test_an_officer_helps_until_called_back(officer: int, given_up: float, until: float) -> tuple[float, ...]:
    """An officer shortens the wait of a request until the officer is called back."""
    world = service(home=1)
    put(world, "posting", open=2, until=until)
    put(world, "request", 2, officer=officer, given_up=given_up)
    put(world, "desk", last_wait=90.0)
    request = world.request[2]
    rules.let_go(world, request)
    works = rules.has_officer(world.posting, request)
    assert rules.eased(world, request, Stage.REVIEW) == pytest.approx(0.8 if works else 1.0)
    moved = rules.officer_credit(world.setting[0], world.posting, request, world.desk[0], 1.0)
    return world.posting["open"][0], works, moved


@pytest.mark.parametrize("until", [np.nan, 900.0])
def test_a_return_is_saved_when_the_officer_completes_the_draft(until: float) -> None:
    world = service({"officer_completes": 0.35}, home=1)
    put(world, "posting", until=until)

    def saved(key: int) -> bool:
        put(world, "request", 2, key=key, officer=0, loops=3, returns_saved=4)
        done = rules.is_return_saved(world.setting[0], world.posting, world.request[2])
        assert world.request["returns_saved"][2] == 4 + done
        return done

    chances(saved, Purpose.OFFICER_SAVES_RETURN, 0.35 if np.isnan(until) else 0.0, 3)


def test_which_stages_are_shortened() -> None:
    world = service({"eurojust_speed": 0.3}, home=1)
    shorter = {Stage.DEFICIENCY_RETURN: (0.8, 0.7, 0.56), Stage.REVIEW: (0.8, 0.7, 0.56)}
    shorter |= {Stage.COURT_ORDER: (1.0, 0.7, 0.7)}
    for stage in list(Stage)[Stage.TRANSMISSION - 1 :]:
        found = []
        for officer, helped in ((0, 0), (NONE, 1 << Body.EUROJUST), (0, 1 << Body.EUROJUST)):
            put(world, "request", 2, officer=officer, helped=helped)
            found.append(rules.eased(world, world.request[2], stage))
        assert found == pytest.approx(shorter.get(stage, (1.0, 1.0, 1.0))), stage


ORDINARY = 400.0  # requests a year that HOME's authority gets and officers could look after


def busy(settings: dict[str, float] | None = None, /, **officers: int) -> World:
    """Makes a world in which authorities receive 4,000 ordinary requests a year."""
    usual = {"officer_hours": 20.0, "ordinary_share": 0.1, "followed_first": 0.5, "load_growth": 0.0}
    world = service(usual | (settings or {}), **officers)
    world.setting["policy_start"] = NOW
    world.state["ordinary"] = 0.0
    world.state["ordinary"][[AWAY, HOME, THIRD]] = 5.0
    incoming = world.desk["kind"] == DeskKind.INCOMING
    world.desk["file_hours"][incoming], world.desk["load"][incoming] = 2.0, 4000.0 * 2.0 / YEAR
    return world


def test_ordinary_requests_to_a_state_are_shared_among_who_asks() -> None:
    """An officer's ordinary requests are the host's requests divided by the number of asking states."""
    world = busy()
    found = [rules.ordinary_traffic(world, AWAY, host, 15.0) for host in (HOME, FOURTH, AWAY)]
    assert found == pytest.approx([ORDINARY / 2.0, ORDINARY / 3.0, 0.0])
    assert rules.ordinary_traffic(world, FOURTH, HOME, 15.0) == 0.0
    world.setting["ordinary_share"] = 0.0
    assert rules.ordinary_traffic(world, AWAY, HOME, 15.0) == 0.0


@pytest.mark.parametrize("ordinary", [0.0, 0.1])
def test_posts_are_filled_for_followed_requests_first_and_then_with_ordinary_ones(ordinary: float) -> None:
    """Posts are filled for followed requests first, then for ordinary requests."""
    found = []
    for share in (0.0, ordinary):
        world = busy({"ordinary_share": share})
        world.traffic[AWAY, THIRD], world.state["posts_abroad"][AWAY] = 60.0, 9
        rules.review_postings(world, AWAY)
        there = [rules.officers_at(world, AWAY, host) for host in range(len(world.state))]
        assert sum(there) + world.state["posts_unfilled"][AWAY] == 9
        found.append(there)
    assert (found[0][THIRD], sum(found[0])) == (3, 3)
    assert (found[1] == found[0]) == (ordinary == 0.0) and sum(found[1]) == (9 if ordinary else 3)
    assert all(one >= other for one, other in zip(found[1], found[0], strict=True))


def year_of(world: World, requests: int) -> list[int]:
    """Sends some requests to an officer within a year; returns which of them received help."""
    total = rules.all_asking(world)
    for posting in records(world, "posting"):
        rules.plan_year(world, posting, total)
    helped = []
    for _ in range(requests):
        put(world, "request", 2, officer=NONE)
        rules.seek_officer(world, 2)
        helped.append(int(world.request["officer"][2] >= 0))
        rules.let_go(world, world.request[2])
    for posting in records(world, "posting"):
        rules.count_ordinary(world, posting, total)
    return helped


@pytest.mark.parametrize("followed_first", [0.0, 0.5, 1.0])
def test_hours_of_an_officer_add_up(followed_first: float) -> None:
    """An officer's hours for followed and ordinary requests add up to a year of work.

    A followed traffic of 400 is 200 a year; with 400 ordinary ones (both ways) that is a third of all.
    """
    world = busy({"followed_first": followed_first}, home=1)
    world.traffic[AWAY, HOME] = 400.0
    posting = world.posting[0]
    posting.since = NOW
    helped = year_of(world, 200)
    most = followed_first + (1.0 - followed_first) / 3.0
    assert sum(helped) == int(80 * most)
    assert posting.spent == 20.0 * sum(helped) <= posting.reserved == pytest.approx(1600.0 * most)
    assert posting.ordinary == pytest.approx(80 - sum(helped))
    assert posting.worked == pytest.approx(posting.hours) == pytest.approx(1600.0)


def test_who_comes_late_works_a_part_of_the_year_and_who_was_recalled_none() -> None:
    world = busy(home=2)
    put(world, "posting", since=(NOW + YEAR / 4.0, NOW), until=(np.nan, NOW), hours=(1.0, 5.0))
    rules.plan_year(world, world.posting[0], 15.0)
    rules.plan_year(world, world.posting[1], 15.0)
    assert world.posting["hours"][:2].tolist() == pytest.approx([1200.0, 5.0])
    rules.count_ordinary(world, world.posting[1], 15.0)
    assert world.posting["ordinary"][1] == 0.0


@table((1, 1600.0, 400.0), (4, 1600.0, 100.0), (1, 400.0, 100.0))
def test_officers_at_a_host_share_its_ordinary_requests_and_each_sees_those_of_its_part_of_the_year(
    officers: int, hours: float
) -> float:
    """Officers at a host share its ordinary requests."""
    world = busy({"officer_hours": 0.0}, home=officers)
    world.posting["hours"][0] = hours
    rules.count_ordinary(world, world.posting[0], 15.0)
    return float(np.round(world.posting["ordinary"][0], 6))


@pytest.mark.parametrize("seed", range(12))
def test_more_posts_look_after_more_and_ordinary_requests_take_nothing_without_the_rule(seed: int) -> None:
    """More posts serve more requests, and ordinary requests take no time if the rule is off.

    The share that is looked after rises with posts. Where followed requests go first, it does not fall when ordinary
    ones are counted; where they share by traffic, it does.
    """
    draw = np.random.default_rng(seed)
    traffic, shares = draw.integers(20, 400, 3), {}
    for first, ordinary in ((1.0, 0.0), (1.0, 0.1), (0.0, 0.1)):
        for posts in (0, 1, 2, 4, 8):
            world = busy({"followed_first": first, "ordinary_share": ordinary, "officer_lag_days": 0.0})
            world.traffic[AWAY, [HOME, THIRD, FOURTH]] = traffic
            world.state["posts_abroad"][AWAY] = posts
            rules.review_postings(world, AWAY)
            helped = 0
            for host, asked in zip((HOME, THIRD, FOURTH), traffic // 2, strict=True):
                put(world, "request", 2, requested=host)
                helped += sum(year_of(world, int(asked)))
            shares[first, ordinary, posts] = helped
        rising = [shares[first, ordinary, posts] for posts in (0, 1, 2, 4, 8)]
        assert rising == sorted(rising) and rising[0] == 0 < rising[-1]
    for posts in (1, 2, 4, 8):
        assert shares[1.0, 0.1, posts] >= shares[1.0, 0.0, posts]
    assert shares[0.0, 0.1, 1] < shares[1.0, 0.1, 1], "the declared rule gives them their part of the traffic alone"


def test_an_officer_s_credit_has_the_weight_of_the_desk() -> None:
    world = service(home=1)
    put(world, "request", 2, officer=0)
    put(world, "desk", last_wait=90.0)
    setting, request, desk = world.setting[0], world.request[2], world.desk[0]
    for weight in (1.0, 0.25):
        credit = rules.officer_credit(setting, world.posting, request, desk, weight)
        assert credit == pytest.approx(weight * 0.2 * 90.0)
    world.request["officer"][2] = NONE
    assert rules.officer_credit(setting, world.posting, request, desk, 1.0) == 0.0


@pytest.mark.parametrize("silent", [1, 0, 2])
def test_a_late_call_ends_some_silences(silent: int) -> None:
    """A phone call by an officer ends the silence of a request with a fixed probability."""
    world = service({"officer_recalls": 0.35}, home=1)

    def called(key: int) -> bool:
        put(world, "request", 2, key=key, silent=silent)
        return bool(rules.would_end_by_call(world.setting[0], world.request[2]))

    chances(called, Purpose.OFFICER_CHASES, 0.35 if silent == 1 else 0.0, 1)


def needy(asked: float = 7.0) -> World:
    """Makes a world in which only AWAY lacks skill."""
    world = service({"visit_pause_years": 3.0, "visit_days": 6.0, "visits_per_trainer": 2.0})
    world.feed[Body.BUILDERS], world.state["visited"] = 1.0, -1e6
    world.unit["skill"], world.state["skill"] = 1.0, 1.0
    world.unit["skill"][UnitKind.INCOMING * len(world.state) + AWAY], world.state["skill"][AWAY] = 0.2, 0.4
    world.traffic[AWAY, HOME], world.traffic[THIRD, AWAY] = asked - 3.0, 3.0
    return world


@table(
    needs=(7.0, -1e6, 1.0, 0.7 * np.log(8.0)),
    not_served=(7.0, -1e6, 0.0, 0.0),
    visited_lately=(7.0, NOW - 3 * YEAR + 1.0, 1.0, 0.0),
    pause_over=(7.0, NOW - 3 * YEAR, 1.0, 0.7 * np.log(8.0)),
    less_is_asked=(3.0, -1e6, 1.0, 0.7 * np.log(4.0)),
)
def test_training_is_needed_where_skill_is_lacking_and_much_is_asked(asked: float, visited: float, feed: float) -> Any:
    world = needy(asked)
    world.state["visited"][AWAY], world.feed[Body.BUILDERS, AWAY] = visited, feed
    assert rules.need_for_training(world, HOME) == 0.0
    return float(rules.need_for_training(world, AWAY))


@table((0.5, [AWAY]), (1.0, [AWAY, THIRD]), (90.0, [AWAY, THIRD, HOME]))
def test_trainers_visit_the_neediest_states_first(trainers: float) -> Any:
    """Trainers visit the states of lowest skill first."""
    world = needy()
    world.state["skill"][[HOME, THIRD]] = 0.9, 0.6
    world.liaison_body["staff"][Body.BUILDERS] = trainers
    rules.plan_visits(world)
    return [int(one.state) for one in records(world, "referral")]


def test_courses_are_for_authorities_courts_and_investigators_of_the_state() -> None:
    world = needy()
    rules.visit(world, AWAY)
    states, days = len(world.state), world.unit["visit_days"]
    expected = {kind * states + AWAY for kind in set(UnitKind) - {UnitKind.FORENSIC}}
    assert set(np.flatnonzero(days == 6.0)) == expected and days.sum() == 4 * 6.0
    expected = Body.BUILDERS, ReferralTask.VISIT, NONE, NONE, AWAY, NONE, NOW, TaskResult.HELPED
    assert got(world, "referral", 0, "body task case subject state other answered result") == expected
    assert world.state["visited"][AWAY] == NOW
    world.now[0] += 1.0
    rules.visit(world, AWAY)
    assert len(set(records(world, "referral").key)) == 2
