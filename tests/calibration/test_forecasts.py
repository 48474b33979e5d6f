"""Tests of forecasts from data alone, computed by hand."""

import numpy as np
import pytest
from scipy.stats import poisson

from docs.programs.forecasts import forecasts, of_count, of_growth, of_line, of_time


def test_what_grew_evenly_goes_on_evenly_and_all_forecasts_have_an_interval():
    assert of_growth(100.0, np.full(5, np.log(1.1)), 2.0) == pytest.approx((121.0, 121.0, 121.0))
    assert of_line(3.0 * 2.0 ** np.arange(6), 2.0) == pytest.approx((768.0, 768.0, 768.0))  # twice 3 × 2^7
    assert of_time(np.array([50.0, 50.0, 50.0]), np.array([50.0])) == pytest.approx((50.0, 50.0, 50.0))
    for title, _, now, (median, low, high) in forecasts():
        assert 0.0 <= low < median < high and now > 0.0, title


def test_intervals_of_growth_hold_nine_in_ten():
    """90 % intervals of growth cover 90 % of 2,000 histories, within four standard errors."""
    grown = np.random.default_rng(1).normal(0.3, 0.1, (2000, 9))
    found = [(of_growth(1.0, row[:8], 1.0), np.exp(row[8])) for row in grown]
    held = [low <= true <= high for (_, low, high), true in found]
    assert np.mean(held) == pytest.approx(0.9, abs=0.028)


def test_counts_spread_by_chance_and_by_what_is_not_known_of_their_rate():
    assert of_count(5000, 1000) == pytest.approx(poisson.ppf((0.5, 0.05, 0.95), 5.0))
    _, low, high = of_count(5, 1)
    assert low <= poisson.ppf(0.05, 5.0) and high > poisson.ppf(0.95, 5.0)
    assert of_count(5000, 1000, (10**6, 0)) == of_count(5000, 1000)
    assert of_count(5000, 1000, (10**6, 10**6)) == pytest.approx(poisson.ppf((0.5, 0.05, 0.95), 2.5))
