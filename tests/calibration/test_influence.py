"""Which parameters move an outcome, over made-up runs."""

import numpy as np
import pytest
from scipy.stats import norm, spearmanr

from sim.calibration import prior
from sim.calibration.calibrate import rank_correlations, strongest
from sim.data.influence import FILE, LEVELS
from sim.data.load import read_table

SETS, PARAMETERS = 700, 300
NAMES = [f"theme.p{number}" for number in range(PARAMETERS)]


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Sets of the unit cube, and noise."""
    draw = np.random.default_rng(seed)
    return draw.random((SETS, PARAMETERS)), draw.normal(0.0, 1.0, SETS)


def test_those_that_move_an_outcome_are_ranked_by_how_much_where_it_is_defined() -> None:
    cube, noise = drawn(1)
    rows = strongest(cube, {"rate": noise, "wait": 4.0 * cube[:, 7] - 2.0 * cube[:, 3] + noise}, NAMES)
    assert [(name, key) for name, key, *_ in rows] == [("theme.p7", "wait"), ("theme.p3", "wait")]
    (_, _, first, low, high), (_, _, second, *_) = rows
    assert low < first < high and first > 0.5 and second < 0
    values, known = rank_correlations(cube := drawn(2)[0], np.exp(10 * cube[:, 0]))
    assert values[0] == pytest.approx(1.0) and known == SETS
    cube, noise = drawn(3)
    values, known = rank_correlations(cube, np.where(cube[:, 0] < 0.9, 3.0 * cube[:, 1] + noise, np.nan))
    assert known == np.count_nonzero(cube[:, 0] < 0.9) and values[1] > 0.5
    assert not strongest(cube, {"rate": np.full(SETS, np.nan)}, NAMES)


def test_ranks_correlate_as_scipy_has_it_and_intervals_are_fishers() -> None:
    cube, noise = drawn(4)
    cube, outcome = cube[:, :3], np.where(cube[:, 5] < 0.5, cube[:, 1] - 0.4 * cube[:, 0] + 0.3 * noise, np.nan)
    known = ~np.isnan(outcome)
    values, number = rank_correlations(cube, outcome)
    assert number == known.sum()
    assert values == pytest.approx([spearmanr(column[known], outcome[known]).statistic for column in cube.T])
    rows = strongest(cube, {"a": outcome, "b": -outcome}, list("xyz"))
    assert [row[:2] for row in rows] == [("y", "a"), ("x", "a")]
    for (_, _, value, low, high), column in zip(rows, (1, 0), strict=True):
        assert value == pytest.approx(values[column])
        ends = np.tanh(np.arctanh(value) + np.array([-1, 1]) * norm.ppf(0.975) / np.sqrt(number - 3))
        assert (low, high) == pytest.approx(tuple(ends))
    assert len(strongest(cube, {"a": outcome}, list("xyz"), 1)) == 1
    for few, size in ((np.array([1.0, 2.0, 3.0, np.nan, np.nan]), 3), (np.ones(5), 5)):
        values, number = rank_correlations(cube[:5], few)
        assert values.tolist() == [0.0] * 3 and number == size, "too few, or all alike"
    assert rank_correlations(cube[:4], np.arange(4.0))[0].any(), "four are enough"


def test_noise_ranks_nothing() -> None:
    """At most one ranking in twenty names anything where nothing moves: of forty, more than eight have P < .0002."""
    named = sum(bool(strongest(cube, {"rate": noise}, NAMES)) for cube, noise in map(drawn, range(40)))
    assert named <= 8


def test_what_is_shipped_is_of_the_parameters_of_today() -> None:
    """Another parameter, default or range makes it out of date. No ranking is shipped rather than one out of date."""
    rows = read_table(FILE).rows
    assert {row["axes"] for row in rows} <= {prior.fingerprint()}, "run `comity calibrate`"
    ranks = [int(row["rank"]) for row in rows if row["about"] == LEVELS]
    assert ranks == list(range(1, 1 + len(ranks)))
    for row in rows:
        low, middle, high = (float(row[f"correlation{end}"]) for end in ("_low", "", "_high"))
        assert low <= middle <= high and float(row["share"]) == pytest.approx(middle**2, rel=2e-3)
