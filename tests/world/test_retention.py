"""Data held on everybody: the closed form, and how it adds up over a policy."""

import numpy as np
import pytest
from scipy.stats import lognorm

from sim.policy.timeline import Assignment, Step, Timeline
from sim.world.assemble import day_of
from sim.world.retention import days_held, mean_retention_days
from tests.tiny import POLICY_START, begun


@pytest.mark.parametrize(("median", "sigma"), [(180.0, 0.7), (1100.0, 0.7), (30.0, 1.5)])
@pytest.mark.parametrize("scale", [0.5, 1.0, 2.0])
@pytest.mark.parametrize("floor", [0.0, 10.0, 365.0, 2000.0])
def test_mean_retention_against_quadrature(median: float, sigma: float, scale: float, floor: float) -> None:
    kept = lognorm(sigma, scale=scale * median)
    quantiles = kept.ppf((np.arange(400_000) + 0.5) / 400_000)
    expected = np.maximum(quantiles, floor).mean()
    assert mean_retention_days(median, sigma, scale, floor) == pytest.approx(expected, rel=2e-3)


def test_retention_without_spread_or_without_data() -> None:
    assert mean_retention_days(180.0, 0.0, 2.0, 90.0) == 360.0
    assert mean_retention_days(180.0, 0.0, 1.0, 400.0) == 400.0
    assert mean_retention_days(180.0, 0.7, 0.0, 30.0) == 30.0


def test_what_is_held_adds_up_from_the_policys_start() -> None:
    """A floor on the policy's first day and another half a year later; the time before the start counts for nothing."""
    start = day_of(POLICY_START)
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
    assert with_floor > usual
    assert state.data_held == pytest.approx(state.users * with_floor)
    run.advance(later + 1)
    state = run.world.state
    assert state.data_held_sum == pytest.approx(state.users * with_floor * 180.0)
    assert state.data_held == pytest.approx(state.users * usual)
    assert (state.users > 0).sum() == 6
