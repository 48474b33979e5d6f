"""Tests of staff, skill and posts at authorities (M21)."""

import math
from typing import Any

import numpy as np
import pytest

from sim.agents.assistance import capacity as rules
from sim.agents.assistance.desk import working_pace
from sim.agents.events import Event, Purpose
from sim.engine.compiling import in_python
from sim.engine.random import derive, lognormal, uniform
from sim.world.parameters import REVIEW_DAYS
from sim.world.records import UnitKind
from sim.world.world import World, records
from tests.agents.plain import fresh, got, holds, posted, put, table
from tests.agents.scene import MONTH, NOW, YEAR
from tests.tiny import row_of_settings

QUARTER = REVIEW_DAYS / 365.25
STATES, STATE = 196, 3
DESK, AGENCY = UnitKind.INCOMING * STATES + STATE, UnitKind.INVESTIGATION * STATES + STATE
pytestmark = pytest.mark.usefixtures("as_python")


def test_skill_follows_its_differential_equation() -> None:
    """Skill equals a numerical solution of dK/dt = (upkeep + training)(1 − K) + b ln(files + 1) − K ln 2 ÷ t½."""
    setting = row_of_settings(skill_half_life_months=18.0, specialist_decay=0.4, training_gain=0.006, learning=0.03)[0]
    expected, years, steps = 0.25, 1.7, 20_000
    for _ in range(steps):
        change = (0.11 + 0.006 * 12.0) * (1.0 - expected) + 0.03 * math.log(7.0 + 1.0)
        expected += (change - expected * math.log(2.0) / 1.5 * (0.7 + 0.4 * 0.3)) * years / steps
    assert in_python(rules.practised)(setting, 0.25, 0.11, 12.0, 0.3, 7.0, years) == pytest.approx(expected, abs=1e-4)
    assert in_python(rules.practised)(setting, 5.0, 9.0, 0.0, 0.0, 0.0, 1e-6) == 1.0  # nobody knows more than all


def unit_of(row: int, posts: float, persons: float, **fields: float) -> World:
    """Makes a world in which one unit has the given posts and persons, and no open vacancies."""
    world = fresh(hiring_months=15.0, hiring_sigma=0.0, new_hire_skill=0.2, working_days=200.0)
    changes = {"posts": posts, "persons": persons, "recruiting": 0.0, "skill_floor": 0.0, "openings": 4}
    put(world, "unit", row, **changes | fields)
    world.vacancy["filled"] = np.nan
    return world


def test_who_leaves_in_a_quarter() -> None:
    """Investigators leave in the expected share, and each person at a desk leaves by a random draw.

    At a hazard of 0.4 a year, 1 − exp(−0.1): of investigators the expected share, of a desk each person or not.
    """
    share = 1.0 - math.exp(-0.4 * QUARTER)
    world = unit_of(AGENCY, 9.0, 7.5)
    put(world, "unit", DESK, persons=59.7, reviews=3)
    world.setting["leaving"] = 0.4
    key = rules.unit_key(UnitKind.INCOMING, STATE)
    drawn = sum(uniform(1, Purpose.UNIT_LEAVES, key, 3 * 4096 + person) < share for person in range(59))
    holds(
        lambda row: rules.leaving_persons(world.setting[0], world.unit[row]),
        investigators=(AGENCY, 7.5 * share),
        a_desk=(DESK, float(drawn)),
    )
    assert 0 < drawn < 20


@table(
    some=(10.0, 6.0, 1.5, (2.5, 4.0, 5)),
    all_looked_for=(10.0, 6.0, 4.0, (4.0, 4)),
    none=(0.0, 0.0, 0.0, (0.0, 4)),
    a_rounding_error=(1e-9, 0.0, 0.0, (0.0, 4)),
)
def test_a_unit_looks_for_people_for_vacant_posts_once(posts: float, persons: float, recruiting: float) -> Any:
    """A unit opens a single vacancy for all empty posts that it is not yet filling."""
    world = unit_of(DESK, posts, persons, recruiting=recruiting)
    for _ in range(2):
        rules.look_for_people(world, DESK)
    key = derive(rules.unit_key(UnitKind.INCOMING, STATE), 4)
    for vacancy in records(world, "vacancy"):
        assert (vacancy.unit, vacancy.opened, vacancy.key) == (DESK, NOW, key)
        assert posted(world) == [(Event.POST_FILLED, 0, pytest.approx(15.0 * MONTH))]
    return (*records(world, "vacancy").persons, *got(world, "unit", DESK, "recruiting openings"))


def test_people_come_to_work_as_far_as_their_posts_were_not_cut() -> None:
    def filled(posts: float, recruiting: float) -> tuple[float, ...]:
        world = unit_of(DESK, posts, 6.0, recruiting=recruiting, skill=0.5, joined=1.0)
        put(world, "desk", DESK, servers=6)
        row = rules.open_vacancy(world, DESK, 3.0, 0.0)
        rules.post_filled(world, row)
        fields = got(world, "unit", DESK, "recruiting persons joined skill")
        return (world.vacancy["filled"][row], *fields, world.desk["servers"][DESK])

    holds(
        filled,
        all=(20.0, 2.0, (NOW, 2.0, 9.0, 4.0, (6 * 0.5 + 3 * 0.2) / 9, 9)),
        two_of_three=(8.0, 2.0, (NOW, 2.0, 8.0, 3.0, (6 * 0.5 + 2 * 0.2) / 8, 8)),
        cut=(6.0, -1.0, (math.nan, 0.0, 6.0, 1.0, 0.5, 6)),
    )
    world = unit_of(DESK, 0.0, 0.0, skill=0.5)
    assert rules.join(world.setting[0], world.unit[DESK], 3.0) == 0.0 and world.unit["skill"][DESK] == 0.5


@table(
    a_desk=(DESK, 5.7, 0.35, 0.0, (5, 0.35, 0.1, 99.0)),
    an_empty_desk=(DESK, 0.3, 0.35, 0.4, (1, 0.4, 0.1, 99.0)),
    investigators=(AGENCY, 7.0, 0.1, 0.15, (0.15, 0.5, 7.0 * 0.5 * 0.9, 99)),
)
def test_people_and_skill_decide_what_a_unit_can_do(row: int, persons: float, skill: float, floor: float) -> Any:
    """Training and visits reduce working time, and an empty desk still has one person.

    12 days of training and 8 with visitors are a tenth of 200; somebody looks after an empty desk.
    """
    fields = {"training_days": 12.0, "visit_days": 8.0, "skill_base": 0.6, "skill_floor": floor, "skill": skill}
    world = unit_of(row, 9.0, persons, **fields)
    world.setting["throughput_skill"] = 0.5
    put(world, "desk", DESK, servers=99, skill_base=0.6)
    put(world, "state", STATE, slots=99.0, work_rate=9.0, skill=0.9)
    rules.put_to_work(world, row)
    desk = world.desk[DESK]
    if row == DESK:
        assert desk.capacity == pytest.approx(desk.servers * working_pace(world.setting[0], desk))
        return (*got(world, "desk", DESK, "servers skill away"), world.state["slots"][STATE])
    return (*got(world, "state", STATE, "skill work_rate slots"), desk.servers)


def test_a_quarter_teaches_by_the_files_of_two_years_and_people_leave() -> None:
    """Each quarter changes skill by the requests handled per person, and lowers staff by leavers and cut posts."""

    def quarter(persons: float, posts: float, leaving: float) -> tuple[float, ...]:
        fields = {"training_days": 12.0, "visit_days": 8.0, "handled": 20.0, "left": 2.0, "reviews": 6}
        world = unit_of(AGENCY, posts, persons, skill=0.4, upkeep=0.11, specialised=0.3, **fields)
        world.setting["leaving"] = leaving
        setting, handled = world.setting[0], 20.0 + (48.0 / (max(persons, 1.0) * QUARTER) - 20.0) / 8.0
        rules.live_quarter(setting, world.unit[AGENCY], 48.0)
        skill = rules.practised(setting, 0.4, 0.11, 20.0, 0.3, handled, QUARTER)
        assert got(world, "unit", AGENCY, "handled skill") == pytest.approx((handled, skill))
        return got(world, "unit", AGENCY, "persons left reviews")

    gone = 8.0 * (1.0 - math.exp(-0.4 * QUARTER))
    holds(
        quarter,
        some_leave=(8.0, 10.0, 0.4, (8.0 - gone, 2.0 + gone, 7)),
        posts_cut=(8.0, 5.0, 0.4, (5.0, 5.0, 7)),
        half_a_person=(0.5, 5.0, 0.0, (0.5, 2.0, 7)),
    )


def test_heads_are_counted_once_a_year() -> None:
    """Every fourth quarterly review stores a headcount."""
    world = unit_of(AGENCY, 9.0, 7.0, reviews=0, left=0.0, joined=3.0)
    put(world, "state", STATE, tier=2)
    for review in range(1, 5):
        world.unit["files"][AGENCY] = 30
        rules.people_reviewed(world, AGENCY)
        assert world.unit["files"][AGENCY] == 0 and len(records(world, "headcount")) == int(review == 4)
    (count,) = records(world, "headcount")
    assert (count.unit, count.kind, count.state, count.tier) == (AGENCY, UnitKind.INVESTIGATION, STATE, 2)
    assert (count.day, count.joined, count.posts, count.persons) == (NOW, 3.0, 9.0, world.unit["persons"][AGENCY])
    assert (count.left, count.skill) == (pytest.approx(7.0 - count.persons), world.unit["skill"][AGENCY])
    assert got(world, "unit", AGENCY, "left joined") == (0.0, 0.0)
    assert world.state["slots"][STATE] == pytest.approx(count.persons * world.state["work_rate"][STATE], rel=0.2)


@pytest.mark.parametrize("turnover", [0.0, 1.0])
def test_a_review_of_a_state_is_one_of_all_its_units(turnover: float) -> None:
    """A review covers all five units of a state, unless turnover is off, and is repeated each quarter."""
    world = unit_of(DESK, 9.0, 7.0)
    world.setting["with_turnover"] = turnover
    world.unit["reviews"] = 0
    before = world.unit["recruiting"].copy()
    rules.capacity_reviewed(world, STATE)
    units = [kind * STATES + STATE for kind in range(5) if turnover]
    assert np.flatnonzero(world.unit["reviews"]).tolist() == units
    assert [(row, days) for kind, row, days in posted(world) if kind == Event.CAPACITY_REVIEW] == [(STATE, REVIEW_DAYS)]
    begun_on = unit_of(DESK, 9.0, 7.0)
    begun_on.setting["with_turnover"] = turnover
    begun_on.unit["posts"], begun_on.unit["persons_base"], begun_on.unit["posts_base"] = 9.0, 0.0, 9.0
    begun_on.unit["recruiting"] = before = 0.0
    rules.begin_units(begun_on, STATE)
    assert np.flatnonzero(begun_on.unit["recruiting"] > before).tolist() == units
    assert (Event.CAPACITY_REVIEW, STATE, REVIEW_DAYS) in posted(begun_on)


def test_adoption_by_place_among_states() -> None:
    def expected(place: float) -> float:
        return max(5.0 * (1.0 + math.log(place / (1.0 - place)) / 3.0), 0.0)

    drawn = uniform(1, Purpose.SECURE_ADOPTION, derive(0x53544154, STATE), 0)
    holds(
        lambda weight, order: rules.years_to_adopt(
            row_of_settings(adoption_order=weight, adoption_half_years=5.0)[0], STATE, order
        ),
        partly=(0.7, 0.4, expected(0.7 * 0.4 + 0.3 * drawn)),
        the_first=(1.0, 0.0, expected(0.02)),
        the_last=(1.0, 1.0, expected(0.98)),
        all_alike=(0.0, 0.4, expected(drawn)),
    )


def test_a_pair_is_secure_once_both_have_adopted_the_channel() -> None:
    """A state adopts the channel once, after its delay, and only under a programme."""

    def adopting(years_ago: float, secure: int) -> tuple[int, list[tuple[int, int]]]:
        world = fresh(adoption_order=1.0, adoption_half_years=5.0)
        put(world, "state", STATE, programme_since=NOW - YEAR * years_ago, tier=2)
        world.state["secure"] = 0
        world.state["secure"][[5, STATE]] = 1, secure
        world.electronic[:] = 0
        rules.adopt_secure_channel(world, STATE)
        pairs = [(int(i), int(j)) for i, j in zip(*np.nonzero(world.electronic), strict=True)]
        return int(world.state["secure"][STATE]), pairs

    years = 5.0 * (1.0 + math.log(0.625 / 0.375) / 3.0)
    assert adopting(years + 1e-6, 0) == (1, [(STATE, 5), (5, STATE)])
    assert adopting(years - 0.01, 0) == (0, []) == adopting(math.nan, 0)
    assert adopting(years + 1.0, 1) == (1, [])


def test_investigators_are_sought_evenly_over_the_time_of_hiring_on_the_first_day() -> None:
    """Initial vacancies of investigators are filled at even intervals over the time that hiring takes."""

    def sought(posts: float, months: float) -> list[tuple[float, float]]:
        world = unit_of(AGENCY, posts, 7.0, persons_base=7.0)
        world.setting["hiring_months"] = months
        rules.begin_unit(world, AGENCY)
        persons = records(world, "vacancy").persons
        return [(float(persons[row]), days / (MONTH * months)) for _, row, days in posted(world)]

    assert sought(9.0, 15.0) == [pytest.approx((0.4, share)) for share in (0.1, 0.3, 0.5, 0.7, 0.9)]
    assert sought(9.0, 1.0) == [pytest.approx((2.0, 0.5))] and sought(7.0, 15.0) == []
    world = unit_of(AGENCY, 50.0, 7.0)
    for kind, posts in enumerate((3.0, 5.9, 7.0, 11.0)):
        world.unit["posts"][kind * STATES + STATE] = posts
    assert rules.most_searches(world, STATE) == 16 + 3 + 5 + 7 + 11  # posts at desks, and months of hiring


def test_posts_of_a_desk_are_vacant_by_a_draw_each_on_the_first_day() -> None:
    """Each post at a desk is initially vacant with probability 2/5, with a random time left to fill it."""
    world = unit_of(DESK, 9.0, 9.0, persons_base=3.0, posts_base=5.0)
    rules.begin_unit(world, DESK)
    key = rules.unit_key(UnitKind.INCOMING, STATE)
    vacant = [post for post in range(9) if uniform(1, Purpose.UNIT_VACANT, key, post) < 0.4]
    left = sorted(15.0 * MONTH * uniform(1, Purpose.UNIT_SOUGHT, key, post) for post in vacant)
    assert [days for _, _, days in posted(world)] == pytest.approx(left) and 0 < len(vacant) < 9
    desk = world.desk[DESK]
    assert (world.unit["persons"][DESK], desk.servers) == (9 - len(vacant), 9 - len(vacant))
    assert desk.capacity == pytest.approx(desk.servers * working_pace(world.setting[0], desk))


def test_long_searches_are_met_more_often_on_the_first_day() -> None:
    """Searches that are open on the first day last longer than searches on average."""
    world = unit_of(DESK, 4.0, 4.0)
    world.setting["hiring_sigma"] = 0.5
    rules.open_search(world, DESK, 1.0, 0.25)
    (vacancy,) = records(world, "vacancy")
    days = MONTH * lognormal(1, Purpose.UNIT_HIRING, vacancy.key, 0, 15.0 * math.exp(0.25), 0.5)
    assert posted(world) == [(Event.POST_FILLED, 0, pytest.approx(0.25 * days))]
    assert (vacancy.unit, vacancy.opened) == (DESK, pytest.approx(NOW - 0.75 * days))
    assert world.unit["recruiting"][DESK] == 1.0
