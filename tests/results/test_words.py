"""Numbers as prose shows them."""

from types import SimpleNamespace

import pytest

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
def test_two_levels_differ_as_the_interval_beside_them_says(
    levels: tuple[float, float], interval: tuple[float, float], shown: tuple[str, str]
) -> None:
    entry = SimpleNamespace(baseline_mean=levels[0], scenario_mean=levels[1], low=interval[0], high=interval[1])
    assert rough_ends(entry) == shown
    tenth = SimpleNamespace(**{name: value / 10 for name, value in vars(entry).items()})
    assert rough_ends(tenth, 10.0) == shown
