"""What offenders believe and hear, lesson by lesson, with numbers worked out by hand (M15, M16)."""

import math

import numpy as np
import pytest

from sim.agents import risk
from sim.world.records import Concern, MilestoneKind
from sim.world.world import World, records
from tests.agents.plain import answers, fresh, noting
from tests.agents.scene import AWAY, HOME, NOW, THIRD, YEAR

pytestmark = pytest.mark.usefixtures("as_python")

HALF_LIFE = 70.0  # days of ten weeks
KIND = 2
SERVERS, PEOPLE, VICTIMS = Concern.SERVERS.value, Concern.PEOPLE.value, Concern.VICTIMS.value


def learning(**fields: float) -> World:
    """A group of kind 2 in AWAY; what is learnt halves in ten weeks, and a quarter of lessons becomes public."""
    world = fresh(memory_weeks=10.0, lesson_own=0.2, lesson_peers=0.1, lesson_partial=0.4, publicity=0.25)
    for name, value in {"with_learning": 1.0, "calm_per_month": 0.03, "habituation": 0.5, "risk_prior": 0.6}.items():
        world.setting[name] = value
    world.news[:] = 0.0
    world.news_day[:] = NOW
    world.group["experience_day"] = NOW
    for name, value in ({"kind": KIND, "home": AWAY} | fields).items():
        world.group[name][0] = value
    return world


def test_a_lesson_is_halved_in_ten_weeks() -> None:
    world = learning()
    assert risk.faded(0.8, 3.0 * HALF_LIFE, world.setting[0]) == pytest.approx(0.1)
    assert risk.faded(0.0, 3.0 * HALF_LIFE, world.setting[0]) == 0.0


def test_belief_removes_doubt_and_is_no_less_than_nothing() -> None:
    assert risk.belief(0.2, math.log(4.0)) == pytest.approx(1.0 - 0.8 / 4.0)
    assert risk.belief(0.2, -2.0) == 0.0


def test_half_a_lesson_leaves_the_root_of_the_doubt() -> None:
    assert risk.lesson(0.36, 0.5) == pytest.approx(-math.log(0.8))


def test_undisturbed_work_settles_where_calm_and_forgetting_balance() -> None:
    """0.03 a month over a mean memory of 70 ÷ ln 2 days."""
    expected = -0.03 / 30.4375 * HALF_LIFE / math.log(2.0)
    assert risk.calm_experience(learning().setting[0]) == pytest.approx(expected)


def test_an_action_against_itself_teaches_less_after_earlier_ones() -> None:
    """A half-life after an experience of 0.5; the third blow teaches half of what the first did."""
    world = learning(experience=0.5, experience_day=NOW - HALF_LIFE, blows=2)
    group, setting = world.group[0], world.setting[0]
    calm = -0.03 / 30.4375 * HALF_LIFE / math.log(2.0)
    left = calm + (0.5 - calm) / 2.0
    assert risk.own_experience(setting, group, NOW) == pytest.approx(left)
    risk.learn(setting, group, NOW, 0.7)
    assert group.experience == pytest.approx(left - 0.7 * math.log(0.8) / 2.0)
    assert group.experience_day == NOW


def test_news_of_ones_kind_and_public_ones_fade_apart_and_add_up() -> None:
    """0.8 among peers three half-lives ago, 0.4 in public one ago."""
    world = learning()
    public = world.news.shape[1] - 1
    world.news[PEOPLE, KIND, THIRD], world.news_day[PEOPLE, KIND, THIRD] = 0.8, NOW - 3 * HALF_LIFE
    world.news[PEOPLE, public, THIRD], world.news_day[PEOPLE, public, THIRD] = 0.4, NOW - HALF_LIFE
    assert risk.news_heard(world, PEOPLE, KIND, THIRD) == pytest.approx(0.1 + 0.2)
    assert risk.news_heard(world, PEOPLE, KIND + 1, THIRD) == pytest.approx(0.2)
    risk.add_news(world, PEOPLE, KIND, THIRD, 0.3)
    assert world.news[PEOPLE, KIND, THIRD] == pytest.approx(0.1 + 0.3)
    assert world.news_day[PEOPLE, KIND, THIRD] == NOW


@pytest.mark.parametrize("on", [1.0, 0.0])
def test_a_quarter_of_a_lesson_becomes_public(on: float) -> None:
    world = learning()
    world.setting["with_learning"] = on
    risk.spread_news(world, VICTIMS, KIND, THIRD, 0.5)
    taught, expected = -0.5 * math.log(0.9) * on, np.zeros(world.news.shape)
    expected[VICTIMS, KIND, THIRD], expected[VICTIMS, -1, THIRD] = taught, 0.25 * taught
    np.testing.assert_allclose(world.news, expected)


@pytest.mark.parametrize(("down", "weight"), [(1, 1.0), (0, 0.4)])
@pytest.mark.parametrize("on", [1.0, 0.0])
def test_an_action_day_teaches_by_its_success(
    as_python: pytest.MonkeyPatch, down: int, weight: float, on: float
) -> None:
    """Wherever servers are, and in the state that acted for its victims; how long a sanction takes, only if it came."""
    world = learning()
    own, news = noting(as_python, risk, "take_lesson"), noting(as_python, risk, "spread_news")
    world.setting["with_learning"], world.setting["delay_weight"] = on, 0.3
    world.sanction_delay[:] = 4.0
    world.action["group"][3], world.action["case"][3], world.action["down"][3] = 0, 1, down
    world.case["state"][1], world.case["opened"][1] = THIRD, NOW - 1.5 * YEAR
    risk.learn_from_action(world, 3)
    anywhere = world.news.shape[2] - 1
    assert own == ([("take_lesson", 0, weight, 3)] if on else [])
    assert news == (
        [("spread_news", SERVERS, KIND, anywhere, weight), ("spread_news", VICTIMS, KIND, THIRD, weight)] if on else []
    )
    learnt = 4.0 - 0.3 * 2.5 if on and down else 4.0
    assert list(world.sanction_delay[[KIND, KIND + 1]]) == pytest.approx([learnt, 4.0])


@pytest.mark.parametrize("on", [1.0, 0.0])
def test_an_arrest_teaches_about_people_there_and_anywhere(as_python: pytest.MonkeyPatch, on: float) -> None:
    world = learning()
    own, news = noting(as_python, risk, "take_lesson"), noting(as_python, risk, "spread_news")
    world.setting["with_learning"] = on
    risk.learn_from_arrest(world, 0, THIRD)
    anywhere = world.news.shape[2] - 1
    assert own == ([("take_lesson", 0, 1.0, -1)] if on else [])
    assert news == (
        [("spread_news", PEOPLE, KIND, anywhere, 1.0), ("spread_news", PEOPLE, KIND, THIRD, 1.0)] if on else []
    )


@pytest.mark.parametrize(("expected", "mille"), [(0.1237, 124), (0.1234, 123)])
def test_what_a_group_expects_after_a_lesson_is_kept_per_mille(
    as_python: pytest.MonkeyPatch, expected: float, mille: int
) -> None:
    world, seen = learning(), noting(as_python, risk, "learn")
    answers(as_python, risk, sanction_risk=expected)
    risk.take_lesson(world, 0, 0.7, 5)
    assert [note[2:] for note in seen] == [(NOW, 0.7)]
    (milestone,) = records(world, "milestone")
    assert (milestone.kind, milestone.group, milestone.subject, milestone.reason) == (MilestoneKind.LEARNT, 0, 5, mille)


@pytest.mark.parametrize("on", [1.0, 0.0])
def test_the_sanction_that_a_group_expects_at_home(on: float) -> None:
    """Own experience, and news of servers and people anywhere and of people at home, on a prior by governance."""
    world = learning()
    world.setting["with_learning"], world.setting["usual_news"] = on, 0.4
    world.state["perceived_risk"][AWAY] = 0.5
    anywhere = world.news.shape[2] - 1
    world.news[SERVERS, KIND, anywhere], world.news[PEOPLE, KIND, anywhere] = 0.11, 0.05
    world.news[PEOPLE, KIND, AWAY], world.news[SERVERS, KIND, AWAY] = 0.23, 7.0
    experience = 0.3 + 0.11 + 0.05 + 0.23 if on else 0.4
    found = risk.sanction_risk(world, KIND, AWAY, 0.3)
    assert found == pytest.approx(1.0 - 0.7 * math.exp(-experience))


def test_own_losses_in_a_state_fade() -> None:
    """Of the group's own nodes: one lost there a half-life ago, one lost today; others elsewhere or still to come."""
    world = learning(first_node=2, nodes=5)
    world.node["lost_in"], world.node["lost_at"] = THIRD, NOW  # also of other groups
    world.node["lost_in"][2:7] = THIRD, HOME, THIRD, -1, THIRD
    world.node["lost_at"][2:7] = NOW - HALF_LIFE, NOW, NOW + 1.0, np.nan, NOW
    assert risk.losses_in(world, 0, THIRD) == pytest.approx(-1.5 * math.log(0.8))


@pytest.mark.parametrize(("concern", "lost"), [(SERVERS, 0.2), (PEOPLE, 0.0)])
def test_the_risk_that_a_group_sees_beyond_a_states_reputation(
    as_python: pytest.MonkeyPatch, concern: int, lost: float
) -> None:
    """News, and of servers what it lost itself there, of the doubt of 0.75."""
    world = learning()
    world.state["perceived_risk"][THIRD] = 0.25
    expected = 0.75 * (1.0 - math.exp(-0.3 - lost))
    answers(as_python, risk, news_heard=lambda _, __, kind, ___: 0.3 if kind == KIND else 9.0, losses_in=0.2)
    assert risk.added_risk(world, concern, 0, THIRD) == pytest.approx(expected)
