"""People, skill and posts (M21)."""

import math
from dataclasses import replace
from datetime import date

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.agents.capacity import away_in_training, mixed, practised, years_to_adopt
from sim.agents.desk import work_rate, working_pace
from sim.engine.compiling import in_python
from sim.law.days import to_day
from sim.policy.timeline import Assignment, Step, Timeline
from sim.simulate import Simulation
from sim.world.capacity import persons_at_desk, upkeep, vacancies_per_person
from sim.world.parameters import REVIEW_DAYS, CapacityParameters, WorldSpec
from sim.world.records import DESK, DeskKind, UnitKind
from sim.world.world import records, to_frame
from tests.tiny import POLICY_START, TINY, begun, ended, row_of_settings

SETTING = row_of_settings()[0]
QUARTER = REVIEW_DAYS / 365.25
SHARE = st.floats(0, 1)


@pytest.mark.parametrize(
    ("name", "low", "high"),
    [
        ("leaving", 0.10, 0.25),
        ("new_hire_skill", 0.2, 0.2),
        ("hiring_months", 12, 18),
        ("skill_half_life_months", 12, 24),
        ("learning", 0.02, 0.05),
        ("throughput_skill", 0.5, 0.5),
        ("adoption_half_years", 3, 8),
        ("leak_corrupt", 5, 20),
    ],
)
def test_defaults_are_those_of_the_catalogue(name: str, low: float, high: float) -> None:
    assert low <= SETTING[name] <= high


def after(years: float, skill: float, keep: float = 0.0, training: float = 0.0, special: float = 0.0) -> float:
    """Skill that handles no files."""
    return float(in_python(practised)(SETTING, skill, keep, training, special, 0.0, years))


def test_unused_skill_halves_in_its_half_life_and_training_does_not_last() -> None:
    half_life = SETTING.skill_half_life_months / 12
    assert after(half_life, 0.8) == pytest.approx(0.4)
    assert after(2 * half_life, 0.8, special=1.0) == pytest.approx(0.4)  # forgotten half as fast
    trained = after(1.0, 0.3, training=20.0)
    assert 0.35 < trained < 0.45
    assert after(half_life, trained) == pytest.approx(trained / 2)


@given(SHARE, SHARE, st.floats(0, 50), st.floats(0.05, 5))
def test_training_and_files_never_harm(skill: float, keep: float, days: float, years: float) -> None:
    base = after(years, skill, keep)
    assert 0 <= base <= after(years, skill, keep, training=days) <= 1
    assert in_python(practised)(SETTING, skill, keep, 0.0, 0.0, 5.0, years) >= base


@pytest.mark.parametrize("skill", [0.75, 0.6, 0.45, 0.3])
@pytest.mark.parametrize("files", [0.0, 2.0, 20.0])
def test_upkeep_holds_skill_against_turnover(skill: float, files: float) -> None:
    """Twenty years in which the mean share of people is replaced each quarter."""
    capacity = CapacityParameters()
    keep = float(upkeep(capacity, np.array([skill]), np.array([files]))[0])
    now, leaving = skill, 1 - math.exp(-capacity.leaving * QUARTER)
    for _ in range(80):
        now = in_python(practised)(SETTING, now, keep, 0.0, 0.0, files, QUARTER)
        now = in_python(mixed)(now, 1 - leaving, leaving, capacity.new_hire_skill)
    assert now == pytest.approx(skill, abs=0.02)


def test_work_follows_the_root_of_skill_and_training_takes_time() -> None:
    desk = np.zeros(1, DESK).view(np.recarray)
    desk.pace, desk.skill, desk.skill_base = 5.0, 0.6, 0.6
    today = working_pace(SETTING, desk[0])
    static = row_of_settings(with_turnover=0.0)[0]
    assert today == pytest.approx(working_pace(static, desk[0]))
    desk.skill = 0.15
    assert working_pace(SETTING, desk[0]) == pytest.approx(today / 2)
    assert in_python(work_rate)(SETTING, 0.6, 0.6) == 1.0
    desk.skill, desk.away = 0.6, in_python(away_in_training)(SETTING, 22.0)
    assert working_pace(SETTING, desk[0]) == pytest.approx(0.9 * today)


def test_persons_at_desks_of_whole_posts() -> None:
    """Against the binomial number of filled posts, floor of one person included."""
    capacity = CapacityParameters()
    share = 1 - 1 / (1 + vacancies_per_person(capacity))
    wanted = np.array([1.0, 2.4, 9.7])
    for persons, mean in zip(wanted, persons_at_desk(wanted, capacity), strict=True):
        posts = max(round(persons / (1 - share)), 1)
        filled = np.arange(posts + 1)
        odds = [math.comb(posts, n) * (1 - share) ** n * share ** (posts - n) for n in filled]
        assert mean == pytest.approx(np.dot(odds, np.maximum(filled, 1)))


def test_adoption_is_logistic_in_time() -> None:
    """Half of the states within the half-time, hardly any at once, nearly all within two and a half of it."""
    rule, half = years_to_adopt, SETTING.adoption_half_years
    years = np.sort([rule(SETTING, state, order) for state in range(50) for order in (0.125, 0.375, 0.625, 0.875)])
    assert np.median(years) == pytest.approx(half, rel=0.1)
    assert (years < half / 4).mean() < 0.1
    assert (years < 2.5 * half).mean() > 0.95
    first, last = (np.mean([rule(SETTING, state, order) for state in range(200)]) for order in (0.125, 0.875))
    assert first + 1.0 < last


def staffed(value: float, **changes: float) -> Simulation:
    """A tiny world whose central authorities get other posts at the policy's start."""
    timeline = Timeline((Step(POLICY_START, assignments=(Assignment("central_authority.staff", value),)),))
    return begun(1, TINY, {f"capacity.{name}": change for name, change in changes.items()}, timeline)


def persons(simulation: Simulation, months: float) -> tuple[float, float]:
    """Persons at incoming desks of all states, and their mean skill, some months after the policy's start."""
    simulation.advance(to_day(POLICY_START) + 30.4375 * months)
    unit = records(simulation.world, "unit")
    incoming = unit[unit["kind"] == UnitKind.INCOMING]
    return float(incoming["persons"].sum()), float(incoming["skill"] @ incoming["persons"] / incoming["persons"].sum())


def test_new_posts_fill_over_12_to_18_months_with_people_who_must_learn() -> None:
    """Of 1,000 posts: nobody comes within six months; two years on, seven in eight more than before."""
    run = staffed(2.0)
    before, skill = persons(run, 0)
    assert persons(run, 6)[0] < 1.05 * before
    assert 1.25 * before < persons(run, 18)[0]
    later, diluted = persons(run, 23)
    assert 1.75 * before < later < 2.1 * before
    assert diluted < skill - 0.05


def test_posts_that_are_cut_are_empty_within_a_quarter() -> None:
    run = staffed(0.5)
    before, _ = persons(run, 0)
    assert persons(run, 3.1)[0] < 0.75 * before
    unit, desk = records(run.world, "unit"), records(run.world, "desk")
    desks = unit[: DeskKind.PROVIDER * len(run.world.state)]
    assert (desks["persons"] <= desks["posts"]).all()
    np.testing.assert_array_equal(desk["servers"][: len(desks)], np.maximum(desks["persons"], 1))


def test_nobody_leaves_where_the_rate_is_nil() -> None:
    world = ended(1, TINY, {"capacity.leaving": 0.0})
    assert world.unit.left.sum() == 0 and len(records(world, "vacancy")) == 0


def test_left_out_people_and_skill_stay_as_they_are() -> None:
    world, first = ended(1, TINY, {"mechanism.with_turnover": 0.0}), begun(1, TINY, {"mechanism.with_turnover": 0.0})
    assert len(records(world, "headcount")) == len(records(world, "vacancy")) == 0
    for field in ("servers", "skill"):
        np.testing.assert_array_equal(world.desk[field], first.world.desk[field])
    np.testing.assert_array_equal(world.state.slots, first.world.state.slots)


def test_a_kept_level_of_skill_outlasts_those_who_leave() -> None:
    step = Step(POLICY_START, assignments=(Assignment("central_authority.skill", 0.7),))
    world = ended(1, TINY, timeline=Timeline((step,)))
    units = world.unit[world.unit.kind <= UnitKind.INCOMING]
    assert units.skill.min() >= 0.7
    assert world.unit[world.unit.kind == UnitKind.COURT].skill.min() < 0.5


@pytest.fixture(scope="module")
def decade() -> Simulation:
    """The default world until 2032, under the law as it is."""
    run = begun(1, replace(WorldSpec(), end="2031-12-31", follow_up_days=0))
    run.advance(run.end)
    return run


def test_people_and_skill_do_not_drift_without_policy(decade: Simulation) -> None:
    """Means over some 50 desks a tier and kind; their spread over seeds is below 0.008."""
    count = to_frame(decade.world, "headcount")
    unit = records(decade.world, "unit")
    base = np.array([0.75, 0.6, 0.45, 0.3])
    last = count[count["day"] > to_day(date(2029, 1, 1))]
    for (tier, kind), skill in last.groupby(["tier", "kind"])["skill"].mean().items():
        assert skill == pytest.approx(base[tier], abs=0.04), (tier, kind)
    wanted = 1 - 1 / (1 + vacancies_per_person(CapacityParameters()))
    for kind, rows in last.groupby("kind"):
        vacant = 1 - rows["persons"].sum() / rows["posts"].sum()
        assert vacant == pytest.approx(wanted, abs=0.03), kind
    slots = decade.world.state.slots.sum()
    assert slots == pytest.approx(unit["persons_base"][unit["kind"] == UnitKind.INVESTIGATION].sum(), rel=0.05)


def test_hiring_takes_twelve_to_eighteen_months(decade: Simulation) -> None:
    vacancy = to_frame(decade.world, "vacancy").query("opened > 200")
    months = ((vacancy["filled"] - vacancy["opened"]) / 30.4375).dropna()
    assert len(months) > 5000
    low, high = np.quantile(months, [0.2, 0.8])
    assert 11.5 < low < 13 and 17 < high < 19
