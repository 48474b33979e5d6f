"""Money of groups (M14): held on reports, traced in cases and on action days, frozen once, and confiscated.

Shares of 20,000 draws are held to 0.015, at least 4 standard errors (0.0035).
"""

import math

import numpy as np
import pytest
from scipy import stats

from sim.agents.authority import silence_probability
from sim.agents.events import Event
from sim.agents.liaison import police_decline_probability
from sim.engine.compiling import in_python
from sim.law.vocabulary import Channel
from sim.world.records import FrozenBy, GroupStatus
from sim.world.world import World, records
from tests.agents import scene
from tests.agents.scene import AWAY, HOME
from tests.tiny import row_of_settings

TIMES = 20_000
SETTING = row_of_settings()[0]
PROVED = 30.0  # log-odds: any court finds it enough
YEAR = 365.25


def world_of_money(place: int = AWAY, rows: int = TIMES + 8, **settings: float) -> World:
    """A group that earns two days of a mean group's proceeds a day, and keeps them in one state."""
    world = scene.scene(rows, **settings)
    world.group["income"], world.group["status"] = 2.0, GroupStatus.ACTIVE
    world.group["reserve_day"] = world.now[0]
    world.place_home[4] = 1.0
    world.place_home[4, :place] = 0.0
    world.case["proof"][0] = PROVED
    return world


def frozen(world: World) -> np.ndarray:
    return np.asarray(records(world, "freeze")["frozen"])


def test_a_report_at_home_holds_its_share_of_the_year() -> None:
    """Nothing has to be passed on: what is reported is held in proportion to law in action."""
    world = world_of_money(HOME)
    world.implementation[HOME] = 0.4
    scene.report(world, HOME, TIMES, 1e6)
    expected = 2.0 * YEAR / SETTING.reports_per_year * SETTING.assets_reported * 0.4
    assert frozen(world) == pytest.approx(np.full(TIMES, expected))
    assert (records(world, "freeze")["by"] == FrozenBy.REPORT).all()
    assert (records(world, "freeze")["case"] == -1).all()


@pytest.mark.parametrize("affinity", [1.0, 0.3])
def test_a_report_abroad_holds_what_police_pass_on_in_days(affinity: float) -> None:
    """The mean of exp(−days/3) over lognormal answers, less what is declined between distant states."""
    world = world_of_money(with_liaison_desks=0.0)
    world.affinity[:] = affinity
    scene.open_channel(world, Channel.POLICE, AWAY)
    scene.report(world, HOME, TIMES, 1e6)
    declined = in_python(police_decline_probability)(SETTING, affinity)
    days = stats.lognorm(SETTING.police_sigma, scale=SETTING.police_days)
    passed = days.expect(lambda day: np.exp(-day / 3.0))
    most = 2.0 * YEAR / SETTING.reports_per_year * SETTING.assets_reported
    assert frozen(world).sum() / TIMES / most == pytest.approx((1 - declined) * passed, abs=0.01)


def test_a_report_holds_nothing_without_a_channel() -> None:
    world = world_of_money()
    scene.open_channel(world, Channel.BUDAPEST, AWAY)  # which carries evidence, and takes months
    scene.report(world, HOME, 100, 1e6)
    assert len(frozen(world)) == 0


def test_slow_police_hold_next_to_nothing() -> None:
    world = world_of_money(with_liaison_desks=0.0, police_days=60.0, police_sigma=0.0)
    scene.open_channel(world, Channel.POLICE, AWAY)
    scene.report(world, HOME, 100, 1e6)
    assert frozen(world).max() < 1e-6


def silence(affinity: float) -> float:
    return float(in_python(silence_probability)(SETTING, affinity, True, 1.0, 0.0))


@pytest.mark.parametrize("affinity", [1.0, 0.2])
@pytest.mark.parametrize("implementation", [1.0, 0.5])
def test_a_case_freezes_what_it_traces_where_the_state_cooperates(affinity: float, implementation: float) -> None:
    """P(traced since the last review) · P(the state answers) · law in action, for a file that proves all."""
    world = world_of_money(silence_habit=0.0, assets_traced=5.0)
    world.affinity[:], world.implementation[:] = affinity, implementation
    scene.open_channel(world, Channel.BUDAPEST, AWAY)
    scene.trace(world, TIMES, 7.0)
    traced = 1 - math.exp(-5.0 * SETTING.review_interval_days / YEAR)
    answered = 1 - in_python(silence_probability)(world.setting[0], affinity, True, implementation, 0.0)
    court = implementation / (1 + math.exp(-SETTING.proof_steepness * 0.7))
    assert len(frozen(world)) / TIMES == pytest.approx(traced * answered * court, abs=0.015)
    assert frozen(world) == pytest.approx(7.0)  # all that is in reach


@pytest.mark.parametrize(("proof", "channel"), [(PROVED, None), (PROVED, Channel.POLICE), (0.0, Channel.BUDAPEST)])
def test_a_case_freezes_nothing_without_basis_or_proof(proof: float, channel: Channel | None) -> None:
    world = world_of_money(assets_traced=5.0)
    world.case["proof"][0] = proof
    if channel is not None:
        scene.open_channel(world, channel, AWAY)
    scene.trace(world, TIMES, 7.0)
    assert len(frozen(world)) == 0


def test_an_action_day_is_worth_a_year_of_tracing() -> None:
    world = world_of_money(HOME)
    scene.seize(world, TIMES, 7.0)
    court = 1 / (1 + math.exp(-SETTING.proof_steepness * 0.7))
    expected = (1 - math.exp(-SETTING.assets_traced)) * court
    assert len(frozen(world)) / TIMES == pytest.approx(expected, abs=0.015)
    assert (records(world, "freeze")["by"] == FrozenBy.ACTION).all()


def test_a_reserve_comes_to_be_the_declared_days_of_income() -> None:
    """R(t) = income · days · (1 − exp(−t/days)), whatever the steps in which it is looked at."""
    world = world_of_money()
    for after in (1.0, 30.0, 180.0, 5000.0):
        world.now[0] = 1000.0 + after
        scene.settle_money(world)
        expected = 2.0 * SETTING.assets_days * (1 - math.exp(-after / SETTING.assets_days))
        assert world.group["reserve"][0] == pytest.approx(expected)


def test_what_is_frozen_is_not_frozen_again() -> None:
    """However often a case traces money, no more is frozen than was earned, and the reserve is never negative."""
    world = world_of_money(HOME, assets_traced=5.0)
    for day in range(2000):
        world.now[0] = 1000.0 + day // 2  # twice a day
        world.case["actions"][0] = day
        before = len(frozen(world))
        scene.seize(world, 1, world.group["reserve"][0])
        assert world.group["reserve"][0] >= 0.0
        if day % 2 and before and records(world, "freeze")["day"][before - 1] == world.now[0]:
            assert len(frozen(world)) == before  # the second attempt of a day finds nothing
    earned = 2.0 * (world.now[0] - 1000.0)
    assert 0.5 * earned < frozen(world).sum() <= earned + 1e-9


def test_reports_take_from_the_reserve_too() -> None:
    world = world_of_money(HOME)
    scene.report(world, HOME, 1, 0.25)
    assert frozen(world) == pytest.approx([0.25])
    assert world.group["reserve"][0] == 0.0


def test_courts_confiscate_a_share_of_what_is_frozen_after_years() -> None:
    world = world_of_money(HOME)
    scene.report(world, HOME, TIMES, 1e6)
    days = scene.waits(world, Event.ASSETS_DECIDED)
    assert len(days) == TIMES
    assert np.median(days) == pytest.approx(SETTING.assets_decision_days, rel=0.04)
    scene.decide_freezes(world)
    freeze = records(world, "freeze")
    assert np.isin(freeze["confiscated"], (0.0, frozen(world)[0])).all()
    assert freeze["confiscated"].sum() / freeze["frozen"].sum() == pytest.approx(SETTING.assets_confiscated, abs=0.015)
    assert (freeze["decided"] == world.now[0]).all()
