"""Tests of the search for parameters that influence an outcome, with made-up runs."""

import numpy as np
import pandas as pd
import pytest
from scipy.stats import norm, spearmanr

from sim.calibration import prior
from sim.calibration.calibrate import strongest
from sim.data.influence import FILE, LEVELS
from sim.data.load import read_table

SETS, PARAMETERS = 700, 300
NAMES = [f"theme.p{number}" for number in range(PARAMETERS)]


def drawn(seed: int) -> tuple[np.ndarray, np.ndarray]:
    """Returns random parameter sets, scaled to 0–1, and noise."""
    draw = np.random.default_rng(seed)
    return draw.random((SETS, PARAMETERS)), draw.normal(0.0, 1.0, SETS)


def ranked(cube: np.ndarray, outcomes: dict[str, np.ndarray], names: list[str], *most: int) -> pd.DataFrame:
    return strongest(cube, pd.DataFrame(outcomes), names, *most)


def test_those_that_move_an_outcome_are_ranked_by_how_much_where_it_is_defined() -> None:
    cube, noise = drawn(1)
    rows = ranked(cube, {"rate": noise, "wait": 4.0 * cube[:, 7] - 2.0 * cube[:, 3] + noise}, NAMES)
    assert rows[["parameter", "outcome"]].to_numpy().tolist() == [["theme.p7", "wait"], ["theme.p3", "wait"]]
    first, second = rows.itertuples()
    assert first.low < first.correlation < first.high and first.correlation > 0.5 and second.correlation < 0
    cube = drawn(2)[0]
    assert ranked(cube, {"all": np.exp(10 * cube[:, 0])}, NAMES)["correlation"].iloc[0] == pytest.approx(1.0)
    cube, noise = drawn(3)
    some = ranked(cube, {"some": np.where(cube[:, 0] < 0.9, 3.0 * cube[:, 1] + noise, np.nan)}, NAMES).iloc[0]
    assert some["parameter"] == "theme.p1" and some["correlation"] > 0.5
    assert ranked(cube, {"rate": np.full(SETS, np.nan)}, NAMES).empty


def test_ranks_correlate_as_scipy_has_it_and_intervals_are_fishers() -> None:
    cube, noise = drawn(4)
    cube, outcome = cube[:, :3], np.where(cube[:, 5] < 0.5, cube[:, 1] - 0.4 * cube[:, 0] + 0.3 * noise, np.nan)
    known = ~np.isnan(outcome)
    rows = ranked(cube, {"a": outcome, "b": -outcome}, list("xyz"))
    assert rows[["parameter", "outcome"]].to_numpy().tolist() == [["y", "a"], ["x", "a"]]
    for row, column in zip(rows.itertuples(), (1, 0), strict=True):
        assert row.correlation == pytest.approx(spearmanr(cube[known, column], outcome[known]).statistic)
        reach = norm.ppf(0.975) / np.sqrt(known.sum() - 3)
        assert (row.low, row.high) == pytest.approx(
            tuple(np.tanh(np.arctanh(row.correlation) + reach * s) for s in (-1, 1))
        )
    assert len(ranked(cube, {"a": outcome}, list("xyz"), 1)) == 1
    for few in (np.array([1.0, 2.0, 3.0, np.nan, np.nan]), np.ones(5)):
        assert ranked(cube[:5], {"a": few}, list("xyz")).empty, "too few, or all alike"


def test_noise_ranks_nothing() -> None:
    """At most 8 of 40 rankings of pure noise name a parameter (false alarm: P < 0.0002)."""
    named = sum(not ranked(cube, {"rate": noise}, NAMES).empty for cube, noise in map(drawn, range(40)))
    assert named <= 8


def test_what_is_shipped_is_of_the_parameters_of_today() -> None:
    """The shipped ranking of parameters is based on today's parameters, defaults and ranges."""
    rows = read_table(FILE).rows
    assert {row["axes"] for row in rows} <= {prior.fingerprint()}, "run `comity calibrate`"
    ranks = [int(row["rank"]) for row in rows if row["about"] == LEVELS]
    assert ranks == list(range(1, 1 + len(ranks)))
    for row in rows:
        low, middle, high = (float(row[f"correlation{end}"]) for end in ("_low", "", "_high"))
        assert low <= middle <= high and float(row["share"]) == pytest.approx(middle**2, rel=2e-3)
