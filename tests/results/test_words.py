"""Numbers as prose shows them."""

from types import SimpleNamespace

import numpy as np
import pytest

from sim.experiments.statistics import with_own_error
from sim.results.words import rough_ends


@pytest.mark.parametrize(
    ("levels", "interval", "shown"),
    [
        ((164.16, 226.4), (56.4, 68.2), ("160", "220")),
        ((164.16, 167.8), (2.4, 5.0), ("160", "160")),
        ((7.742, 3.472), (-4.5, -4.0), ("7.7", "3.5")),
        ((33.0, 35.7), (1.7, 3.6), ("33", "36")),
        ((float("nan"), 3.0), (1.0, 2.0), ("–", "3.0")),
        ((3.0, 4.0), (float("nan"), float("nan")), ("3.0", "4.0")),
    ],
)
def test_two_levels_differ_as_the_interval_beside_them_says(levels, interval, shown):
    entry = SimpleNamespace(baseline_mean=levels[0], scenario_mean=levels[1], low=interval[0], high=interval[1])
    assert rough_ends(entry) == shown
    tenth = SimpleNamespace(**{name: value / 10 for name, value in vars(entry).items()})
    assert rough_ends(tenth, 10.0) == shown


def test_the_models_own_error_widens_a_level_of_worlds_on_its_scale() -> None:
    """Nine in ten of worlds that do not differ are as wide as the error alone; without one they are the worlds' own."""
    same, spread = np.full(50, 100.0), np.exp(np.linspace(-1.0, 1.0, 201))
    median, low, high, _ = with_own_error(same, 1.0, share=False)
    assert (median, low * high) == pytest.approx((100.0, 1e4)) and high == pytest.approx(100.0 * np.exp(1.6449))
    _, low, high, _ = with_own_error(np.full(50, 0.9), 1.0, share=True)
    assert 0.0 < low < 0.9 < high < 1.0 and low / (1.0 - low) == pytest.approx(9.0 / np.exp(1.6449))
    bare, wide = (with_own_error(spread, own, share=False) for own in (0.0, 1.0))
    assert bare.low == pytest.approx(np.exp(-0.9)) and wide.high == pytest.approx(np.exp(np.hypot(0.9, 1.6449)))
    assert with_own_error(np.zeros(9), 1.0, share=False).high == 0.0
