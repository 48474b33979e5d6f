"""Tests of states' shares of ordinary requests, which drift after 2021 under constant totals (M9)."""

import math

import numpy as np
import pytest

from sim.agents.assistance import shares
from sim.data.load import states
from sim.law.days import MONTH, YEAR
from sim.world.world import World
from tests.agents.plain import put, small

pytestmark = pytest.mark.usefixtures("as_python")

FIELDS = ("ordinary", "preserves", "emergencies", "assisted_usa", "assisted_irl")
SEAT, STATES = 3, len(states())
HALF = shares.MONTHS * MONTH


def many(spread: float = 0.3, scatter: float = 0.2, seed: int = 1, **settings: float) -> World:
    """Makes a world of many states that send equal numbers of requests to a provider in SEAT."""
    drawn = {"share_spread": spread, "share_scatter": scatter, "share_half_life": 3.5}
    world = small(12, drawn | settings)
    world.setting["seed"] = seed
    world.provider["weight"] = 0.0
    put(world, "provider", 0, state=SEAT, weight=0.5)
    for number, field in enumerate(FIELDS):
        world.state[field] = (1.0 + np.arange(STATES)) * (number + 1.0)
    return world


def moved(world: World, half_years: int) -> None:
    """Advances the shares by some half-years."""
    for number in range(half_years):
        world.now[0] = number * HALF
        shares.move_shares(world, number == 0)


def test_the_drift_fades_by_half_with_each_half_life() -> None:
    """The drift of shares slows by half with each half-life."""
    for life in (2.0, 3.5, 6.0):
        assert shares.drift(1e-6, life) == pytest.approx(1e-6)
        gains = np.diff([shares.drift(number * life, life) for number in range(6)])
        np.testing.assert_allclose(gains[1:] / gains[:-1], 0.5)


def test_states_differ_by_the_spread_that_fades_and_scatters() -> None:
    """Shares have the declared spread over 20 worlds (false alarm below 1 in a million)."""
    settings = [many(scatter=0.0, seed=seed).setting[0] for seed in range(20)]
    for years in (1.0, 3.5, 14.0):
        day = shares.MIDDLE_OF_2021 + (years - 0.25) * YEAR
        drawn = [shares.deviation(setting, state, day) for setting in settings for state in range(STATES)]
        assert np.std(drawn) == pytest.approx(0.3 * shares.drift(years, 3.5), rel=0.06)
        assert abs(np.mean(drawn)) < 6.0 * np.std(drawn) / math.sqrt(len(drawn))
    scattered = [many(spread=0.0, seed=seed).setting[0] for seed in range(20)]
    first, later = (
        np.array([shares.deviation(setting, state, day) for setting in scattered for state in range(STATES)])
        for day in (0.0, 6 * MONTH)
    )
    assert np.std(first) == pytest.approx(0.2, rel=0.06)
    assert abs(np.corrcoef(first, later)[0, 1]) < 0.1  # 6 standard errors of independent draws


def test_nothing_has_moved_in_the_year_that_was_counted() -> None:
    assert shares.deviation(many(scatter=0.0).setting[0], 5, shares.MIDDLE_OF_2021 - 0.25 * YEAR) == 0.0


@pytest.mark.parametrize("half_years", [1, 2, 9])
def test_shares_move_and_add_up_to_the_providers_totals(half_years: int) -> None:
    """Shares of states change while the total number of requests stays."""
    world, before = many(), many()
    moved(world, half_years)
    others = np.arange(STATES) != SEAT
    apart = [shares.deviation(world.setting[0], state, (half_years - 1) * HALF) for state in range(STATES)]
    for field in FIELDS:
        now, then = world.state[field], before.state[field]
        assert now[SEAT] == then[SEAT]
        assert now.sum() == pytest.approx(then.sum(), rel=1e-12)
        level = np.log(now / then)[others] - np.array(apart)[others]
        np.testing.assert_allclose(level, level[0], atol=1e-9)
        assert np.std(np.log(now / then)[others]) > 0.15


def test_off_nothing_changes_in_any_bit() -> None:
    world, before = many(0.0, 0.0), many(0.0, 0.0)
    moved(world, 5)
    assert all((world.state[field] == before.state[field]).all() for field in FIELDS)


def test_both_worlds_of_a_comparison_have_the_same_shares() -> None:
    """Shares are equal with and without a policy, and for any first day."""
    one, other = many(), many()
    other.state["ordinary"][7] *= 2.0
    moved(one, 4)
    moved(other, 4)
    assert other.state["preserves"].tolist() == one.state["preserves"].tolist()
    late = many()
    late.now[0] = 3 * HALF
    shares.move_shares(late, True)
    np.testing.assert_allclose(late.state["preserves"], one.state["preserves"], rtol=1e-9)
    third = many(seed=2)
    moved(third, 4)
    assert abs(np.corrcoef(np.log(third.state["preserves"]), np.log(one.state["preserves"]))[0, 1]) < 0.95
