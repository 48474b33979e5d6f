"""Tests of target loads: closed forms against numerical sums, and desks against step-by-step runs."""

import math
from typing import Any

import numpy as np
import pytest
from scipy.stats import binom

from sim.law.days import MONTH
from sim.world import loads
from sim.world.records import DESK, UNIT, DeskKind
from tests.queues.kernels import lives, mean_waits
from tests.tiny import row_of_settings

#: Hours of a file, hours a day that all people do, people, days that files wait.
FORMS = [(6.0, 24.0, 4, 30.0), (80.0, 8.0, 1, 400.0), (8.0, 80.0, 12, 3.0)]
SETTING = row_of_settings(withdrawal_per_month=0.06, touch_variation=1.5, urgent_share=0.25, urgent_head_start=9.0)[0]
RATE = 0.06 / MONTH


def lines(*forms: tuple[float, float, int, float], **fields: Any) -> np.ndarray:
    """Desks of courts, and the first and last incoming authorities."""
    desks = np.zeros(len(forms), DESK.dtype)
    for name, column in zip(
        ("file_hours", "capacity", "servers", "target_wait"), zip(*forms, strict=True), strict=True
    ):
        desks[name] = column
    desks["kind"] = [DeskKind.INCOMING, *[DeskKind.COURT] * (len(forms) - 2), DeskKind.INCOMING]
    desks["skill"] = desks["skill_base"] = 0.4
    for name, value in fields.items():
        desks[name] = value
    return desks


def staff(number: int, **fields: Any) -> np.ndarray:
    """Equal units with nine posts, eight of them filled."""
    units = np.zeros(number, UNIT.dtype)
    usual = {"posts": 9.0, "posts_base": 9.0, "persons_base": 8.0, "skill_base": 0.4, "skill": 0.45, "upkeep": 0.2}
    for name, value in (usual | {"handled": 3.0, "specialised": 0.5} | fields).items():
        units[name] = value
    return units


@pytest.mark.parametrize("load", [0.7, 0.98, 1.3])
def test_the_density_of_work_is_that_of_the_diffusion(load: float) -> None:
    """The density of work follows dv = (ρ − 1 − δv)dt + √((ρ + δv)s)dB, reflected at 0."""
    desks = lines(*FORMS)
    made = loads._Lines(SETTING, desks)
    work, density, _ = made.density(np.full((3, 1), math.log(load)))
    mean, days = made.mean_wait(np.full((3, 1), math.log(load))), made.days(np.full((3, 1), math.log(load)))
    for row, (hours, capacity, people, _) in enumerate(FORMS):
        size = hours / capacity * 2.5
        wide = size * 2.0 * RATE * MONTH / (1.0 - math.exp(-2.0 * RATE * MONTH))
        middle, reach = max(load - 1.0, 0.0) / RATE, 6.0 * math.sqrt(0.5 * wide * max(load, 1.0) / RATE)
        assert work[row, [0, -1]] == pytest.approx([max(middle - reach, 0.0), middle + reach])
        v = np.linspace(0.0, 2.0 * (middle + reach), 400_000)
        drift = np.cumsum(2.0 * (load - 1.0 - RATE * v) / ((load + RATE * v) * wide)) * v[1]
        likely = np.exp(drift - drift.max()) / (load + RATE * v)
        likely /= likely.sum()
        free = (v <= 0.5 * people * size) & (load < 1.0)
        wait = np.log1p(RATE * v) / RATE * np.where(free, load ** (math.sqrt(2.0 * (people + 1.0)) - 1.0), 1.0)
        assert (density[row] * work[row]).sum() == pytest.approx((likely * v).sum(), rel=0.01)
        assert mean[row, 0] == pytest.approx((likely * wait).sum(), rel=0.04)
        exact = np.interp((np.arange(64) + 0.5) / 64, np.cumsum(likely), v)
        np.testing.assert_allclose(days[row], exact, rtol=0.06, atol=0.06 * exact.mean())


def test_desks_whose_people_stay_get_the_load_with_which_files_wait_as_long_as_they_should() -> None:
    desks, setting = lines(*FORMS, FORMS[0]), row_of_settings(withdrawal_per_month=0.06, touch_variation=1.5)
    made = loads._Lines(setting[0], desks)
    load = made.log_load()
    np.testing.assert_allclose(made.mean_wait(load), made.target, rtol=1e-3)
    hours = np.exp(load[:, 0]) * desks["capacity"]
    np.testing.assert_allclose(loads.steady_hours(setting, desks), hours)
    found = loads.loads(setting, desks, staff(4, posts=0.0))
    np.testing.assert_allclose(found.hours, hours, atol=1e-6)
    np.testing.assert_allclose(found.days[..., 0], made.days(load), atol=1e-6)
    assert (found.days[..., 1] == desks["servers"][:, None]).all() and (found.days[..., 2] == 0.4).all()
    assert (loads.loads(row_of_settings(with_turnover=0.0), desks, staff(4)).days[..., 2] == 0.4).all()


@pytest.mark.parametrize(("rebound", "off"), [(0.0, 0.003), (0.8, 0.08)])
def test_where_nobody_leaves_or_learns_lives_need_the_load_of_the_closed_form(rebound: float, off: float) -> None:
    """Without turnover or learning, simulated desks need the load of the closed form."""
    still = {"leaving": 0.0, "throughput_skill": 0.0, "latent_need": 10.0, "urgent_share": 0.0}
    setting, desks = row_of_settings(withdrawal_per_month=0.06, touch_variation=1.5, **still), lines(*FORMS, FORMS[0])
    desks["demand_elasticity"][[0, 3]] = rebound
    stay, live = (loads.loads(setting, desks, staff(4, posts=posts, persons_base=9.0)) for posts in (0.0, 9.0))
    np.testing.assert_allclose(live.hours[1:3], stay.hours[1:3], rtol=0.003)
    np.testing.assert_allclose(live.hours[[0, 3]], stay.hours[[0, 3]], rtol=off)
    assert (live.days[:, :, 1] == 9.0).all()
    np.testing.assert_allclose(live.days[1, :, 0].mean(), stay.days[1, :, 0].mean(), rtol=0.1)


def one_life(people: loads._People, desk: int, life: int, quarters: int) -> tuple[float, float, float, float]:
    """Persons, skill, relative capacity and requests per person of one desk after some quarters, by simple steps."""
    place, draws = int(people.places[desk]), loads._draws()
    s, posts, upkeep, special = people.setting, 9.0, 0.2, 0.5
    uniform, normal = draws.uniform[:, life], draws.normal[:, life]
    vacant = math.floor(posts * (1.0 - 8.0 / 9.0) + uniform[(11 + 97 * place) % 256])
    persons, skill, handled = posts - vacant, 0.45, 3.0
    coming = {math.floor(s["hiring_months"] * uniform[(29 + 97 * place) % 256]): float(vacant)}
    fading = upkeep + math.log(2.0) * 12.0 / s["skill_half_life_months"] * (
        1.0 - (1.0 - s["specialist_decay"]) * special
    )
    leaving, work = 1.0 - math.exp(-s["leaving"] / 4.0), 1.0
    for quarter in range(quarters):
        handled += (3.0 * 8.0 / max(persons, 1.0) - handled) / 8.0
        limit = (upkeep + s["learning"] * math.log(1.0 + handled)) / fading
        skill = min(max(limit + (skill - limit) * math.exp(-fading / 4.0), 0.0), 1.0)
        gone = float(binom.ppf(uniform[(quarter + 97 * place) % 256], persons, leaving))
        persons -= gone
        spread = math.exp(s["hiring_sigma"] * normal[(quarter + 128 + 97 * place) % 256])
        due = 3 * quarter + min(max(round(s["hiring_months"] * spread), 1), 127)
        coming[due] = coming.get(due, 0.0) + gone
        for month in range(3 * quarter, 3 * quarter + 3):
            if (new := coming.pop(month, 0.0)) > 0.0:
                skill = (skill * persons + s["new_hire_skill"] * new) / (persons + new)
                persons += new
        work = max(persons, 1.0) / posts * (max(skill, 0.01) / 0.4) ** s["throughput_skill"]
    return persons, skill, work, handled


def test_people_learn_forget_leave_and_are_replaced_as_in_one_life_after_another() -> None:
    setting = row_of_settings(leaving=0.6, hiring_months=7.0, new_hire_skill=0.1, throughput_skill=0.7)[0]
    people, quarters = loads._People(setting, staff(3), np.arange(3)), 14
    for quarter in range(quarters):
        people.live_quarter(quarter)
        for month in range(3 * quarter, 3 * quarter + 3):
            people.hire(month)
    for desk in range(3):
        for life in range(64):
            found = [float(getattr(people, name)[desk, life]) for name in ("persons", "skill", "capacity", "handled")]
            assert found == pytest.approx(one_life(people, desk, life, quarters)), (desk, life)
    everybody = loads._People(row_of_settings(leaving=1e9)[0], staff(2), np.arange(2))
    everybody.live_quarter(0)
    assert (everybody.persons == 0.0).all()


def living() -> loads._Lives:
    """Five desks over time, two of them incoming authorities, of different sizes."""
    setting = row_of_settings(withdrawal_per_month=0.06, touch_variation=1.5, latent_need=3.0, urgent_share=0.25)
    setting.urgent_head_start = 9.0
    desks = lines(*FORMS, *FORMS[:2])[[0, 4, 1, 2, 3]]
    desks["demand_elasticity"], desks["pace_elasticity"] = [0.8, 0.8, 0.0, 0.0, 0.3], [0.0, 0.1, 0.0, 0.0, 0.5]
    lives = loads._Lives(setting[0], desks, staff(5))
    spread = np.random.default_rng(1).random((4, 5, 64))
    lives.work[:] = np.where(spread[0] < 0.3, 0.0, 60.0 * spread[0] ** 3)
    lives.people.capacity[:], lives.people.persons[:] = 0.5 + spread[1], np.floor(9.0 * spread[2])
    lives.remembered[:], lives.growth[:] = 200.0 * spread[3], 50.0 * spread[3, :, :16]
    return lives


def test_lives_begin_with_the_lines_of_desks_whose_people_stay() -> None:
    lives = loads._Lives(SETTING, lines(*FORMS), staff(3, persons_base=[8.0, 6.0, 9.0]))
    load = lives.lines.log_load()
    near = [lives.lines.mean_wait(load + step) for step in (0.01, -0.01)]
    target = np.array([[form[3]] for form in FORMS])
    np.testing.assert_allclose(lives.steep, np.maximum((near[0] - near[1]) / 0.02, 0.05 * target))
    np.testing.assert_allclose(lives.log_load[:, 0], load[:, 0] + np.log([8.0 / 9.0, 6.0 / 9.0, 1.0]))
    np.testing.assert_allclose(lives.work[:, [0, 63]] * RATE, np.exp(np.maximum(load, 0.0))[:, [0, 0]] - 1.0)


def test_desks_that_were_quick_are_asked_more_or_take_their_time() -> None:
    """Desks with short waits receive more work or work more slowly."""
    lives = living()
    lives.remembered[0, 0] = 0.2
    found, ratio = lives._offered() / np.exp(lives.log_load), np.maximum(lives.remembered, 1.0) / lives.lines.target
    demand, pace = (np.array(values)[:, None] for values in ([0.8, 0.8, 0.0, 0.0, 0.3], [0.0, 0.1, 0.0, 0.0, 0.5]))
    np.testing.assert_allclose(found, np.minimum(ratio**-demand, 3.0))
    np.testing.assert_allclose(lives.tempo, np.clip(ratio**pace, 1.0 / 3.0, 3.0))
    assert (found[2:4] == 1.0).all() and (found == 3.0).any() and (lives.tempo[:1] == 1.0).all()


def test_files_wait_for_the_work_before_them_or_find_somebody_free() -> None:
    """Requests wait for the work before them unless a person is free.

    How waits would grow with the load is followed in the first lives.
    """
    lives, offered = living(), np.random.default_rng(2).uniform(0.3, 3.0, (5, 64))
    lives.tempo = np.random.default_rng(4).uniform(0.7, 1.4, (5, 64))
    work, capacity, people = lives.work, lives.people.capacity * lives.tempo, np.maximum(lives.people.persons, 1.0)
    left, kept = np.maximum(capacity - 0.25 * offered, 0.02 * capacity), math.exp(-RATE * 9.0)
    wait, last = (np.log(1.0 + RATE * work / pace) / RATE for pace in (capacity, left))
    rest = np.maximum(work * kept - left * (1.0 - kept) / RATE, 0.0)  # after nine days nobody is overtaken
    last = np.where(last > 9.0, 9.0 + np.log(1.0 + RATE * rest / capacity) / RATE, last)
    wait[:2] = (0.75 * last + 0.25 * np.maximum(last - 9.0, 0.0))[:2]
    free = (work <= 0.5 * people * lives.lines.size) & (offered < capacity)
    power = np.where(free, np.sqrt(2.0 * (people + 1.0)) - 1.0, 0.0)
    busy = (offered / capacity) ** power
    wait *= busy
    slope = ((lives.growth / (capacity + RATE * work)[:, :16]) * busy[:, :16] + (power * wait)[:, :16]).mean(axis=1)
    steeper = 0.9 * lives.steep + 0.1 * np.maximum(slope[:, None], 0.05 * lives.lines.target)
    remembered = wait + (lives.remembered - wait) * (8.0 / 9.0) ** 3
    np.testing.assert_allclose(lives._waits(offered), wait)
    np.testing.assert_allclose(lives.steep, steeper)
    np.testing.assert_allclose(lives.remembered, remembered)
    assert 20 < free.sum() < 200


@pytest.mark.parametrize("share", [0.0, 1.0])
def test_where_all_files_are_of_one_class_it_is_as_if_there_were_none(share: float) -> None:
    setting = row_of_settings(withdrawal_per_month=0.06, urgent_share=share, urgent_head_start=9.0)[0]
    work, capacity, offered = np.random.default_rng(5).uniform(0.3, 60.0, (3, 3, 64))
    found = loads._Classes(setting, lines(*FORMS)).waits(RATE, work, capacity, offered)
    np.testing.assert_allclose(found, np.log(1.0 + RATE * work / capacity) / RATE)


@pytest.mark.parametrize(
    ("urgent", "custody", "first"),
    [(60.0, 0.3, 200.0), (300.0, 0.3, 50.0), (0.0, 0.2, 90.0), (90.0, 0.0, 1.0), (70.0, 0.2, 70.0)],
)
@pytest.mark.parametrize("share", [0.2, 1.0])
def test_waits_of_classes_are_those_of_the_rules(urgent: float, custody: float, first: float, share: float) -> None:
    """Mean waits by class equal those of agents/assistance/line.py, for any amount of work."""
    setting = row_of_settings(
        withdrawal_per_month=0.06, urgent_share=share, urgent_head_start=40.0, custody_head_start=first
    )
    desks = lines(*FORMS, urgent_head_start=urgent, tempo=1.0, offered=[20.0, 9.0, 70.0])
    desks["custody_share"][1] = custody  # courts alone have such files
    desks["engaged"] = desks["servers"]  # all are at work
    work = np.geomspace(0.5, 4000.0, 40) * np.ones((3, 1))
    found = loads._Classes(setting[0], desks).waits(
        RATE, work, desks["capacity"][:, None] * np.ones_like(work), desks["offered"][:, None] * np.ones_like(work)
    )
    out = np.zeros_like(work)
    mean_waits(setting, desks, work, out)
    np.testing.assert_allclose(found, out, rtol=1e-6, atol=1e-6)


#: Share of files with somebody in custody, days by which urgent ones go first, elasticities of demand and of pace.
COURTS = {"plain": (0.0, 0.0, 0.0, 0.0), "classes": (0.3, 120.0, 0.0, 0.0), "answering": (0.3, 120.0, 0.4, 0.4)}


@pytest.mark.parametrize("court", COURTS)
def test_files_wait_as_long_as_they_should_where_some_are_first_and_other_work_answers(court: str) -> None:
    """Courts of four sizes meet their target waits within a tenth, with priorities and turnover.

    40 histories of 1,000 years each: means have a standard error of 1 to 2 %, and a right load is off by up to 6 %,
    classes or not, so that it fails with a probability under 1 %.
    """
    custody, urgent, demand, pace = COURTS[court]
    setting = row_of_settings(
        urgent_share=0.2, custody_head_start=365.0, withdrawal_per_month=0.06, touch_variation=1.5, latent_need=3.0
    )
    setting.load_growth = setting.pace_skill = 0.0
    forms = [(8.0, 4.8, 1, 60.0), (8.0, 14.4, 3, 150.0), (8.0, 14.4, 3, 60.0), (8.0, 96.0, 20, 120.0)]
    desks = lines(*forms, custody_share=custody, urgent_head_start=urgent, demand_elasticity=demand)
    desks["kind"], desks["pace_elasticity"], desks["tempo"] = DeskKind.COURT, pace, 1.0
    desks["pace"], desks["wait_recent"] = 4.8, desks["target_wait"]
    posts = desks["servers"].astype(float)
    units = staff(4, posts=posts, posts_base=posts, persons_base=0.9 * posts, persons=posts, skill=0.4, kind=2)
    desks["load"] = loads.loads(setting, desks, units).hours
    waits = np.zeros((40, 4))
    for life in range(40):
        setting.seed = life
        lives(setting, desks.copy(), units.copy(), 1000, waits[life])
    found, error = waits.mean(axis=0), waits.std(axis=0) / math.sqrt(40.0)
    assert (np.abs(found - desks["target_wait"]) < 0.1 * desks["target_wait"]).all(), (found, error)


def test_a_month_brings_work_gives_some_up_and_never_leaves_less_than_nothing() -> None:
    """A month's work adds to the queue, and the queue is never negative."""
    lives, offered, month = living(), np.random.default_rng(3).uniform(0.3, 2.5, (5, 64)), 250
    lives.tempo = np.random.default_rng(4).uniform(0.7, 1.4, (5, 64))
    draws, work, growth = loads._draws(), lives.work.copy(), lives.growth.copy()
    row, days = [(month + 97 * desk) % 256 for desk in range(5)], (1.0 - math.exp(-RATE * MONTH)) / RATE
    variance = (offered + RATE * work) * lives.lines.size * MONTH
    moved = (offered - lives.people.capacity * lives.tempo - RATE * work) * days + np.sqrt(variance) * draws.normal[row]
    floor = (moved + np.sqrt(moved**2 + variance * draws.lowest[row])) / 2.0
    more, idle = (offered[:, :16] - RATE * growth) * days, (work + moved < floor)[:, :16]
    lives._live_month(offered, month)
    np.testing.assert_allclose(lives.work, np.maximum(work + moved, floor))
    np.testing.assert_allclose(lives.growth, np.where(idle, 0.5 * more, growth + more))
    assert 5 < idle.sum() < 60


def test_draws_of_a_month_are_spread_evenly_over_the_lives() -> None:
    uniform, normal, lowest = loads._draws()
    assert uniform.shape == normal.shape == lowest.shape == (256, 64)
    levels = {"uniform": uniform, "lowest": 1.0 - np.exp(-0.5 * lowest)}
    levels["normal"] = np.vectorize(lambda value: 0.5 * math.erfc(-value / math.sqrt(2.0)))(normal)
    for level in levels.values():
        assert (np.sort(np.floor(64.0 * level), axis=1) == np.arange(64)).all()
        assert np.std(64.0 * level % 1.0) == pytest.approx(12.0**-0.5, rel=0.02)


def test_streams_of_draws_have_words_of_their_own() -> None:
    """The random draws for a month's change and for its lowest point are independent."""
    made = loads._draws()
    within = [np.round(64.0 * draws % 1.0, 9) for draws in (made.uniform, 1.0 - np.exp(-0.5 * made.lowest))]
    assert len(np.intersect1d(*within)) < 10  # of 16,384
