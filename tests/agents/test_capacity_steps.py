"""The people of one unit, step by step: learning, leaving, searches, and what they can do (M21)."""

import math

import numpy as np
import pytest

from sim.agents import capacity
from sim.agents.desk import working_pace
from sim.agents.events import Event, Purpose
from sim.world.parameters import REVIEW_DAYS
from sim.world.records import Growing, UnitKind
from sim.world.world import World, records
from tests.agents import scene
from tests.agents.plain import Notes, answers, certain, drawing, fresh, noting
from tests.agents.scene import MONTH, NOW, YEAR
from tests.tiny import row_of_settings

pytestmark = pytest.mark.usefixtures("as_python")

QUARTER = 91.3125
STATES = 196
STATE = 3
DESK = UnitKind.INCOMING * STATES + STATE
AGENCY = UnitKind.INVESTIGATION * STATES + STATE


def staffed(row: int, posts: float, persons: float, **fields: float) -> World:
    """A world in which one unit has so many posts and people, and nobody is looked for."""
    world = fresh(hiring_months=15.0, new_hire_skill=0.2, working_days=200.0)
    changes = {"posts": posts, "persons": persons, "recruiting": 0.0, "skill_floor": 0.0, "openings": 4}
    for name, value in (changes | fields).items():
        world.unit[name][row] = value
    world.vacancy["filled"] = np.nan
    return world


def test_the_quarter_of_the_model_is_that_of_the_tests() -> None:
    """A year has four reviews."""
    assert pytest.approx(REVIEW_DAYS, rel=0.01) == QUARTER


def test_specialists_forget_more_slowly() -> None:
    """What halves in 18 months is lost at ln 2 ÷ 1.5 a year; of specialists, at the share `specialist_decay` of it."""
    setting = row_of_settings(skill_half_life_months=18.0, specialist_decay=0.4)[0]
    unused = math.log(2.0) / 1.5
    for specialised, factor in ((0.0, 1.0), (1.0, 0.4), (0.3, 0.82)):
        assert capacity.loss_of_skill(setting, specialised) == pytest.approx(unused * factor)


@pytest.mark.parametrize("skill", [0.25, 0.7])
def test_skill_follows_its_differential_equation(skill: float) -> None:
    """Against small steps of dK/dt = (upkeep + training)(1 − K) + b ln(files + 1) − K ln 2 ÷ t½."""
    setting = row_of_settings(skill_half_life_months=18.0, specialist_decay=0.4, training_gain=0.006, learning=0.03)[0]
    upkeep, days, specialised, files, years, steps = 0.11, 12.0, 0.3, 7.0, 1.7, 20_000
    expected = skill
    for _ in range(steps):
        change = (upkeep + 0.006 * days) * (1.0 - expected) + 0.03 * math.log(files + 1.0)
        change -= expected * math.log(2.0) / 1.5 * (0.7 + 0.4 * 0.3)
        expected += change * years / steps
    assert capacity.practised(setting, skill, upkeep, days, specialised, files, years) == pytest.approx(
        expected, abs=1e-4
    )


def test_new_people_bring_the_skill_of_beginners() -> None:
    assert capacity.mixed(0.5, 6.0, 2.0, 0.2) == pytest.approx((6 * 0.5 + 2 * 0.2) / 8)


def test_investigators_leave_in_the_expected_share() -> None:
    """At a hazard of 0.4 a year, 1 − exp(−0.1) of them in a quarter."""
    world = staffed(AGENCY, 9.0, 7.5)
    world.setting["leaving"] = 0.4
    rate = 0.4 * REVIEW_DAYS / YEAR
    assert capacity.leaving_persons(world.setting[0], world.unit[AGENCY]) == pytest.approx(
        7.5 * (1.0 - math.exp(-rate))
    )


def test_each_person_of_a_desk_leaves_or_stays_as_a_whole(as_python: pytest.MonkeyPatch) -> None:
    """Each has a draw of its own at each review; a fraction of a person has none."""
    world = staffed(DESK, 9.0, 5.7, reviews=3)
    world.setting["leaving"] = 0.4
    draws = drawing(as_python, capacity, "chance", True)
    assert capacity.leaving_persons(world.setting[0], world.unit[DESK]) == 5.0
    share = 1.0 - math.exp(-0.4 * REVIEW_DAYS / YEAR)
    most = 4096
    assert draws == [(Purpose.UNIT_LEAVES, 3 * most + person, pytest.approx(share)) for person in range(5)]


def test_a_unit_looks_for_people_for_posts_that_nobody_is_looked_for_yet(as_python: pytest.MonkeyPatch) -> None:
    """10 posts, 6 persons, 1.5 being looked for: a search for 2.5, which takes as long as hiring does."""
    certain(as_python)
    world = staffed(DESK, 10.0, 6.0, recruiting=1.5)
    capacity.look_for_people(world, DESK)
    (vacancy,) = records(world, "vacancy")
    assert (vacancy.unit, vacancy.persons, vacancy.opened) == (DESK, 2.5, world.now[0])
    assert (world.unit[DESK].recruiting, world.unit[DESK].openings) == (4.0, 5)
    assert scene.waits(world, Event.POST_FILLED) == pytest.approx([15.0 * MONTH])
    capacity.look_for_people(world, DESK)  # all posts are looked for now
    assert len(records(world, "vacancy")) == 1


def test_searches_of_one_unit_have_lives_of_their_own() -> None:
    world = staffed(DESK, 10.0, 6.0)
    for _ in range(2):
        capacity.open_vacancy(world, DESK, 1.0, 5.0)
    first, second = records(world, "vacancy").key
    assert first != second


def test_people_come_to_work_as_far_as_their_posts_were_not_cut() -> None:
    """Of 3 who come, 2 find a post; they dilute skill, and the search is over."""
    world = staffed(DESK, 8.0, 6.0, recruiting=5.0, skill=0.5, joined=1.0)
    row = capacity.open_vacancy(world, DESK, 3.0, 0.0)
    capacity.post_filled(world, row)
    unit = world.unit[DESK]
    assert (unit.persons, unit.joined, unit.recruiting) == (8.0, 3.0, 5.0)
    assert unit.skill == pytest.approx((6 * 0.5 + 2 * 0.2) / 8)
    assert world.vacancy["filled"][row] == world.now[0]
    assert (world.desk[DESK].servers, world.desk[DESK].skill) == (8, unit.skill)


def test_nobody_comes_to_posts_that_were_cut() -> None:
    world = staffed(DESK, 6.0, 6.0, skill=0.5)
    before = int(world.desk[DESK].servers)
    row = capacity.open_vacancy(world, DESK, 3.0, 0.0)
    capacity.post_filled(world, row)
    assert (world.unit[DESK].persons, world.unit[DESK].skill, world.unit[DESK].recruiting) == (6.0, 0.5, 0.0)
    assert np.isnan(world.vacancy["filled"][row])
    assert world.desk[DESK].servers == before


def test_a_unit_without_posts_keeps_its_skill_and_seeks_nobody(as_python: pytest.MonkeyPatch) -> None:
    """A rounding error of a person is no vacancy either."""
    certain(as_python)
    world = staffed(DESK, 0.0, 0.0, skill=0.5)
    assert capacity.join(world.setting[0], world.unit[DESK], 3.0) == 0.0
    assert world.unit["skill"][DESK] == 0.5
    for posts in (0.0, 1e-9):
        world.unit["posts"][DESK] = posts
        capacity.look_for_people(world, DESK)
        assert len(records(world, "vacancy")) == 0


def test_a_desk_has_the_skill_and_the_time_of_its_people() -> None:
    """12 days of training and 8 with visitors are a tenth of 200 working days; somebody looks after an empty desk."""
    world = staffed(DESK, 9.0, 5.7, training_days=12.0, visit_days=8.0, skill=0.35)
    desk = world.desk[DESK]
    for persons, servers in ((5.7, 5), (0.3, 1)):
        world.unit["persons"][DESK] = persons
        capacity.send_to_desk(world.setting[0], world.unit[DESK], desk)
        assert (desk.servers, desk.skill, desk.away) == (servers, 0.35, pytest.approx(0.1))


def test_investigators_work_on_as_many_cases_as_people_skill_and_training_allow() -> None:
    """Work grows with the root of skill: a quarter of today's skill does half of today's work; the floor holds."""
    fields = {"training_days": 12.0, "visit_days": 8.0, "skill": 0.1, "skill_floor": 0.15, "skill_base": 0.6}
    world = staffed(AGENCY, 9.0, 7.0, **fields)
    world.setting["throughput_skill"] = 0.5
    capacity.put_to_work(world, AGENCY)
    state = world.state[STATE]
    assert (state.skill, state.work_rate) == (0.15, pytest.approx(0.5))
    assert state.slots == pytest.approx(7.0 * 0.5 * 0.9)


def test_a_desk_is_put_to_work_and_not_the_investigators() -> None:
    world = staffed(DESK, 9.0, 7.0, skill=0.55)
    before = float(world.state[STATE].slots)
    capacity.put_to_work(world, DESK)
    desk = world.desk[DESK]
    assert (desk.servers, desk.skill, world.state[STATE].slots) == (7, 0.55, before)
    assert desk.capacity == pytest.approx(7 * working_pace(world.setting[0], desk))


@pytest.mark.parametrize(("persons", "posts", "gone"), [(8.0, 10.0, 1.5), (8.0, 5.0, 3.0)])
def test_a_quarter_teaches_by_the_files_of_two_years_and_people_leave(
    as_python: pytest.MonkeyPatch, persons: float, posts: float, gone: float
) -> None:
    """At least those leave whose posts were cut; files count by person and year, an eighth of them at once."""
    world = staffed(DESK, posts, persons, training_days=12.0, visit_days=8.0, handled=20.0, left=2.0, reviews=6)
    world.unit["skill"][DESK], world.unit["upkeep"][DESK], world.unit["specialised"][DESK] = 0.4, 0.11, 0.3
    unit, practice = world.unit[DESK], Notes()

    def practised(*arguments: float) -> float:
        practice.append(arguments[1:])
        return 0.45

    answers(as_python, capacity, practised=practised, leaving_persons=1.5)
    capacity.live_quarter(world.setting[0], unit, 48.0)
    years = REVIEW_DAYS / YEAR
    handled = 20.0 + (48.0 / (persons * years) - 20.0) / 8.0
    assert practice[0] == pytest.approx((0.4, 0.11, 20.0, 0.3, handled, years))
    assert (unit.skill, unit.persons, unit.left, unit.reviews) == (0.45, persons - gone, 2.0 + gone, 7)
    assert unit.handled == pytest.approx(handled)


def test_heads_are_counted_once_a_year(as_python: pytest.MonkeyPatch) -> None:
    """At the fourth of four reviews; a review starts counting files from none again."""
    certain(as_python)
    world = staffed(AGENCY, 9.0, 7.0, reviews=0, left=0.0, joined=3.0)
    world.setting["leaving"] = 0.4
    for review in range(1, 5):
        world.unit["files"][AGENCY] = 30
        capacity.people_reviewed(world, AGENCY)
        assert world.unit["files"][AGENCY] == 0
        assert len(records(world, "headcount")) == int(review == 4)
    (count,) = records(world, "headcount")
    assert (count.unit, count.state, count.joined, count.posts) == (AGENCY, STATE, 3.0, 9.0)
    assert (world.unit["left"][AGENCY], world.unit["joined"][AGENCY]) == (0.0, 0.0)


@pytest.mark.parametrize("turnover", [0.0, 1.0])
def test_a_review_of_a_state_is_one_of_all_its_units(as_python: pytest.MonkeyPatch, turnover: float) -> None:
    """All five, unless people and skill are left out; the next comes in a quarter."""
    world = staffed(DESK, 9.0, 7.0)
    world.setting["with_turnover"] = turnover
    answers(as_python, capacity, trust_reviewed=None, adopt_secure_channel=None)
    reviewed = noting(as_python, capacity, "people_reviewed")
    capacity.capacity_reviewed(world, STATE)
    units = [kind * STATES + STATE for kind in range(5) if turnover]
    assert [row for _, row in reviewed] == units
    assert scene.waits(world, Event.CAPACITY_REVIEW) == pytest.approx([REVIEW_DAYS])
    begun = noting(as_python, capacity, "begin_unit")
    capacity.begin_units(world, STATE)
    assert [row for _, row in begun] == units


@pytest.mark.parametrize(
    ("drawn", "place"), [(0.3, 0.7 * 0.4 + 0.3 * 0.3), (0.9, 0.7 * 0.4 + 0.3 * 0.9), (-9.0, 0.02), (9.0, 0.98)]
)
def test_adoption_by_place_among_states(as_python: pytest.MonkeyPatch, drawn: float, place: float) -> None:
    """The logistic's inverse at the place of a state, which is partly its government and partly a draw."""
    setting = row_of_settings(adoption_order=0.7, adoption_half_years=5.0)[0]
    answers(as_python, capacity, uniform=drawn)
    years = capacity.years_to_adopt(setting, STATE, 0.4)
    assert years == pytest.approx(max(5.0 * (1.0 + math.log(place / (1.0 - place)) / 3.0), 0.0))


def adopting(patch: pytest.MonkeyPatch, since: float, secure: int = 0) -> World:
    """A state that a programme reached, which takes two years to adopt the channel; another has adopted it."""
    world = staffed(DESK, 9.0, 7.0)
    world.state["secure"] = 0
    world.state["programme_since"] = np.nan
    world.state["programme_since"][STATE], world.state["tier"][STATE] = since, 2
    world.state["secure"][[5, STATE]] = 1, secure
    world.electronic[:] = 0
    orders: list[float] = []

    def years(_setting: object, _state: int, order: float) -> float:
        orders.append(order)
        return 2.0

    answers(patch, capacity, years_to_adopt=years)
    capacity.adopt_secure_channel(world, STATE)
    assert orders in ([], [0.625])  # the third of four tiers
    return world


def test_a_pair_is_secure_once_both_have_adopted_the_channel(as_python: pytest.MonkeyPatch) -> None:
    world = adopting(as_python, NOW - 2.0 * YEAR)
    assert world.state["secure"][STATE] == 1
    assert sorted(zip(*np.nonzero(world.electronic), strict=True)) == [(STATE, 5), (5, STATE)]


def test_nobody_adopts_the_channel_early_without_a_programme_or_twice(as_python: pytest.MonkeyPatch) -> None:
    for since, secure in ((NOW - 1.9 * YEAR, 0), (np.nan, 0), (NOW - 3.0 * YEAR, 1)):
        world = adopting(as_python, since, secure)
        assert world.state["secure"][STATE] == secure
        assert not world.electronic.any()


def test_room_for_searches_is_one_for_each_post_at_a_desk_and_month_of_hiring() -> None:
    world = staffed(AGENCY, 50.0, 7.0)
    for kind, posts in enumerate((3.0, 5.9, 7.0, 11.0)):
        world.unit["posts"][kind * STATES + STATE] = posts
    assert capacity.most_searches(world, STATE) == 16 + 3 + 5 + 7 + 11


def test_investigators_are_sought_evenly_over_the_time_of_hiring_on_the_first_day(
    as_python: pytest.MonkeyPatch,
) -> None:
    """Two posts in 15 months: a fifth of them every quarter."""
    world = staffed(AGENCY, 9.0, 7.0, persons_base=7.0)
    seen = noting(as_python, capacity, "open_search")
    capacity.begin_unit(world, AGENCY)
    assert seen == [
        ("open_search", AGENCY, pytest.approx(0.4), pytest.approx(share)) for share in (0.1, 0.3, 0.5, 0.7, 0.9)
    ]
    world.unit["posts"][AGENCY] = 7.0
    capacity.begin_unit(world, AGENCY)
    assert len(seen) == 5


def test_posts_of_a_desk_are_vacant_by_a_draw_each_on_the_first_day(as_python: pytest.MonkeyPatch) -> None:
    """Of four posts the second and the last are vacant, as every fifth is in the long run."""
    world = staffed(DESK, 4.0, 4.0, persons_base=3.2, posts_base=4.0)
    seen = noting(as_python, capacity, "open_search")
    shares: list[float] = []

    def vacant(_seed: int, _purpose: int, _key: int, post: int, share: float) -> bool:
        shares.append(share)
        return post in (1, 3)

    answers(as_python, capacity, chance=vacant, uniform=0.25)
    capacity.begin_unit(world, DESK)
    assert shares == pytest.approx([0.2] * 4)
    assert seen == [("open_search", DESK, 1.0, 0.25)] * 2
    desk = world.desk[DESK]
    assert (world.unit["persons"][DESK], desk.servers) == (2.0, 2)
    assert desk.capacity == pytest.approx(2 * working_pace(world.setting[0], desk))


def test_long_searches_are_met_more_often_on_the_first_day(as_python: pytest.MonkeyPatch) -> None:
    """The median of what is met is exp(σ²) times that of all; a quarter of its time is still to come."""
    world = staffed(DESK, 4.0, 4.0)
    world.setting["hiring_sigma"] = 0.5
    months = drawing(as_python, capacity, "lognormal", 16.0)
    capacity.open_search(world, DESK, 1.0, 0.25)
    assert months == [(Purpose.UNIT_HIRING, 0, pytest.approx(15.0 * math.exp(0.25)), 0.5)]
    assert scene.waits(world, Event.POST_FILLED) == pytest.approx([4.0 * MONTH])
    (vacancy,) = records(world, "vacancy")
    assert (vacancy.unit, vacancy.opened) == (DESK, pytest.approx(world.now[0] - 12.0 * MONTH))
    assert world.unit["recruiting"][DESK] == 1.0
    assert world.used[Growing.VACANCY] == 1
