"""Posts abroad: how they are reviewed, filled and given up, every year (M20)."""

import numpy as np
import pytest

from sim.agents import postings
from sim.agents.events import Event
from sim.agents.postings import best_host, is_return_saved, liaison_reviewed, officers_at, review_postings
from sim.law.days import YEAR
from sim.world.records import NONE, Body, Growing
from sim.world.world import World
from tests.agents import scene
from tests.agents.plain import answers, drawing, first_numbers, fresh
from tests.agents.scene import AWAY, FOURTH, HOME, THIRD

pytestmark = pytest.mark.usefixtures("as_python")

LAG = 75.0  # days until an officer begins


@pytest.fixture
def foreign_service() -> World:
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
    assert [officers_at(foreign_service, HOME, host) for host in (AWAY, THIRD, FOURTH)] == [3, 1, 0]


@pytest.mark.parametrize(("worth", "best"), [({0: 2.0, 1: 5.0, 2: 5.0, 3: 1.0}, 1), ({0: 4.0, 3: 3.0}, 0), ({}, NONE)])
def test_the_next_officer_goes_where_one_more_is_worth_most(
    foreign_service: World, as_python: pytest.MonkeyPatch, worth: dict[int, float], best: int
) -> None:
    """Of two hosts of the same worth the first; nowhere if an officer is worth something nowhere."""
    answers(as_python, postings, worth_of_post=lambda _, _sending, host, _others: worth.get(host, 0.0))
    assert best_host(foreign_service, AWAY, np.zeros(len(foreign_service.state), np.int64)) == best


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
    assert [(officer["host"], officer["by_policy"]) for officer in new] == [(HOME, 1), (HOME, 0), (THIRD, 1)]
    assert officers_at(world, AWAY, FOURTH) == 1


def test_without_trainers_nobody_is_visited(foreign_service: World) -> None:
    """However great the need of a state is."""
    world = foreign_service
    world.feed[Body.BUILDERS], world.traffic[AWAY, HOME] = 1.0, 60.0
    liaison_reviewed(world)
    assert world.used[Growing.REFERRAL] == 0


@pytest.mark.parametrize("saved", [True, False])
def test_a_return_is_saved_when_the_officer_completes_the_draft(
    foreign_service: World, as_python: pytest.MonkeyPatch, *, saved: bool
) -> None:
    """Each return that was saved is counted on the request."""
    world = foreign_service
    world.posting["until"], world.request["officer"], world.request["returns_saved"] = np.nan, 0, 4
    world.setting["officer_completes"] = 0.35
    drawn = drawing(as_python, postings, "chance", saved)
    assert is_return_saved(world.setting[0], world.posting, world.request[2]) == saved
    assert first_numbers(drawn) == [0.35] and world.request["returns_saved"][2] == 4 + saved
