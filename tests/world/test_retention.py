"""Tests of data held on all users: closed form, and sums over a policy."""

from dataclasses import replace
from datetime import date
from itertools import product

import numpy as np
import pytest
from scipy.stats import lognorm

from sim.data.load import states
from sim.law.days import to_day
from sim.policy.timeline import Assignment, Step, Timeline
from sim.world.retention import change_dates, days_held, keep_by_law, mean_retention_days
from sim.world.world import World
from tests.tiny import POLICY_START, TINY, begun


def kept_by(world: World, state: str, provider: str, kind: str) -> float:
    """Days for which law requires a state's access provider, host or large provider to keep data."""
    place = states().index(state)
    if provider == "major":
        row = np.flatnonzero((world.provider.kind == 0) & (world.provider.state == place))[0]
    else:
        row = world.state[f"{provider}_provider"][place]
    return float(world.provider[f"keeps_{kind}"][row])


def test_custodians_keep_what_the_law_of_the_day_wants() -> None:
    """Custodians' retention duties equal retention_by_state.csv by state, day, kind and class."""
    world = begun().world
    keep_by_law(world, date(2023, 5, 31))
    assert kept_by(world, "IRL", "access", "traffic") == 0.0  # not before June 2023
    assert keep_by_law(world, date(2023, 6, 1))
    assert kept_by(world, "IRL", "access", "traffic") == kept_by(world, "IRL", "access", "subscriber") == 365.0
    assert kept_by(world, "IRL", "host", "traffic") == 0.0  # telephone and internet access alone
    assert kept_by(world, "RUS", "host", "content") == kept_by(world, "RUS", "major", "content") == 183.0
    assert kept_by(world, "CHN", "host", "traffic") == 183.0  # logs of all networks
    for kind in ("subscriber", "traffic", "content"):
        assert kept_by(world, "DEU", "access", kind) == kept_by(world, "USA", "major", kind) == 0.0
    assert not keep_by_law(world, date(2023, 6, 2))


def test_a_run_follows_the_law_of_retention() -> None:
    """A run applies changes of retention law, also in scenario runs that fork later.

    Belgium wants traffic data kept for a year from 2022-08-18; a run that forks later continues under it.
    """
    assert change_dates(date(2022, 8, 17), date(2022, 8, 18)) == {date(2022, 8, 18)}
    assert change_dates(date(2022, 8, 18), date(2022, 8, 19)) == set()
    run = begun(1, replace(TINY, start="2022-08-01", policy_start="2022-09-01", end="2022-12-31"))
    assert kept_by(run.world, "BEL", "access", "traffic") == 0.0
    run.advance(to_day(date(2022, 8, 19)))
    assert kept_by(run.world, "BEL", "access", "traffic") == 365.0
    twin = run.fork(Timeline())
    twin.advance(twin.end)
    assert kept_by(twin.world, "BEL", "access", "subscriber") == 365.0


def test_law_counts_as_retention_of_its_state_only() -> None:
    world = begun().world
    usual = days_held(world)
    place = states().index("FRA")
    world.provider.keeps_traffic[world.state.access_provider[place]] = 3000.0
    longer = days_held(world) - usual
    assert longer[place] > 2500.0 and np.count_nonzero(longer) == 1


def test_what_is_held_adds_up_from_the_policys_start() -> None:
    """Data held are summed from the policy's start on, with each later change of retention."""
    start = to_day(POLICY_START)
    later = start + 180.0
    steps = (
        Step(POLICY_START, assignments=(Assignment("evidence.retention_floor", 400.0),)),
        Step(POLICY_START.replace(month=12, day=28), assignments=(Assignment("evidence.retention_floor", 0.0),)),
    )
    run = begun(1, timeline=Timeline(steps))
    usual = days_held(run.world)
    run.advance(start + 1)
    state = run.world.state
    assert state.data_held_sum.sum() == 0.0
    with_floor = days_held(run.world)
    assert (with_floor > usual).all() and state.data_held == pytest.approx(state.users * with_floor)
    run.advance(later + 1)
    state = run.world.state
    assert state.data_held_sum == pytest.approx(state.users * with_floor * 180.0)
    assert state.data_held == pytest.approx(state.users * usual) and (state.users > 0).sum() == 6


def test_mean_retention_is_that_of_the_law_or_of_what_custodians_do_where_that_is_longer() -> None:
    """Mean retention follows the longer of law and custom, as numerical integration confirms."""
    shares = (np.arange(100_000) + 0.5) / 100_000
    for median, sigma in ((180.0, 0.7), (1100.0, 0.7), (30.0, 1.5)):
        quantiles = lognorm(sigma, scale=median).ppf(shares)
        for scale, floor in product((0.5, 1.0, 2.0), (0.0, 10.0, 365.0, 2000.0)):
            expected = np.maximum(scale * quantiles, floor).mean()
            assert mean_retention_days(median, sigma, scale, floor) == pytest.approx(expected, rel=2e-3)
    for sigma, scale, floor, days in ((0.0, 2.0, 90.0, 360.0), (0.0, 1.0, 400.0, 400.0), (0.7, 0.0, 30.0, 30.0)):
        assert mean_retention_days(180.0, sigma, scale, floor) == days
