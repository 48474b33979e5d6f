"""Tests of intervals for states' shares against half-years that providers counted."""

import numpy as np
import pandas as pd
import pytest

from docs.programs.shares import Spreads, counted, estimated, inside, left_out
from sim.world.parameters import Parameters, declarations


def covered(provider: str, times: float = 1.0) -> tuple[int, int]:
    """Number of states inside their 90 % intervals, and number of states, over a provider's half-years."""
    life, requests = Parameters().evidence.share_half_life, counted(provider, "direct")
    held: list[bool] = []
    for place in range(2, requests.shape[1]):
        spreads = estimated(requests, life, place)
        held += inside(requests, place, Spreads(times * spreads.rate, times * spreads.scatter), life)
    return sum(held), len(held)


def test_growth_left_out_is_inside_intervals_in_80_to_97_of_100_states() -> None:
    """80 to 97 % of states are inside 90 % intervals, but not if intervals are half or three times as wide."""
    shares = []
    for times in (0.5, 1.0, 3.0):
        found = np.sum([covered(provider, times) for provider in ("Google", "Apple")], axis=0)
        shares.append(found[0] / found[1])
    assert shares[0] < 0.8 <= shares[1] <= 0.97 < shares[2]


def test_spreads_do_not_see_the_half_year_that_is_left_out() -> None:
    """The half-year that is left out affects neither the estimates nor the forecast for it."""
    requests = counted("Google", "direct")
    other = requests.copy()
    other.iloc[:, 4] = other.iloc[::-1, 4].to_numpy() + 10.0
    assert estimated(other, 3.5, 4) == pytest.approx(estimated(requests, 3.5, 4), rel=1e-6)
    assert estimated(other, 3.5) != pytest.approx(estimated(requests, 3.5), rel=0.01)


def test_spreads_of_made_up_states_are_found() -> None:
    """Standard deviations of 200 made-up states are recovered within a fifth (standard error 5 %)."""
    draws, at = np.random.default_rng(1), np.arange(10) * 0.5
    gained = (1.0 - 2.0 ** (-at / 3.5)) * 3.5 / np.log(2.0)
    logged = 0.3 * draws.standard_normal((200, 1)) * gained + 0.2 * draws.standard_normal((200, 10))
    found = estimated(pd.DataFrame(1e5 * np.exp(logged)), 3.5)
    assert found == pytest.approx((0.3, 0.2), rel=0.2)


def test_defaults_are_the_estimates() -> None:
    """Default parameters equal the estimates from Google's counts, and plausible ranges contain Apple's."""
    usual = Parameters().evidence
    found = estimated(counted("Google", "direct"), usual.share_half_life)
    assert (found.rate, found.scatter) == pytest.approx((usual.share_spread, usual.share_scatter), rel=0.05)
    ranges = {name: declared.plausible for name, _, declared in declarations()}
    for name, value in zip(("spread", "scatter"), estimated(counted("Apple", "direct"), 3.5), strict=True):
        plausible = ranges[f"evidence.share_{name}"]
        assert plausible is not None
        assert plausible.low <= value <= plausible.high
    assert len(left_out("Apple", "direct", 2.0)) == 6
