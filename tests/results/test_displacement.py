"""Displacement quotients on tables counted by hand, and on arms in which nothing or everything moves."""

import numpy as np
import pandas as pd
import pytest

from sim.experiments.statistics import as_frame
from sim.measures.displacement import Dimension
from sim.results.displacement import displacements, following, targets

SEEDS = 8


def arm(scenario: str, dimension: Dimension, activity: np.ndarray, enforcement: np.ndarray) -> pd.DataFrame:
    """Rows of one arm from [seed, place]."""
    seeds, places = activity.shape
    rows = {"scenario": scenario, "seed": np.repeat(np.arange(seeds), places), "dimension": dimension.value}
    rows |= {"place": np.tile(np.arange(places), seeds), "activity": activity.ravel()}
    return pd.DataFrame(rows | {"enforcement": enforcement.ravel()})


def quotient(dimension: Dimension, change: np.ndarray, rise: np.ndarray):
    """The displacement when activity changes by `change` and action by `rise`, with some noise in common."""
    noise = np.random.default_rng(3).normal(0, 1.0, (SEEDS, change.shape[1])) + 20.0
    none = np.zeros_like(noise)
    tables = [arm("now", dimension, noise, none), arm("then", dimension, noise + change, none + rise)]
    found = displacements(pd.concat(tables), "now", ["then"])
    return next(entry for entry in found if entry.dimension is dimension)


def spread(*change: float) -> np.ndarray:
    """The same change in every seed, but for a little."""
    return np.array(change) * (1.0 + 0.1 * np.linspace(-1, 1, SEEDS)[:, None])


def test_what_is_gained_elsewhere_over_what_is_lost() -> None:
    for elsewhere, expected in ((3.0, -1.0), (0.0, 0.0), (-1.5, 0.5)):
        entry = quotient(Dimension.SERVERS, spread(-3.0, elsewhere, 0.0), np.array([5.0, 0.0, 0.0]))
        assert entry.withheld == ""
        assert (entry.quotient.value, entry.target.value) == pytest.approx((expected, -3.0))


def test_no_quotient_where_nothing_was_lost() -> None:
    assert "no more action" in quotient(Dimension.METHOD, spread(0.0, 0.0), np.array([0.0, 0.0])).withheld
    assert "did not fall" in quotient(Dimension.METHOD, spread(2.0, 0.0), np.array([4.0, 0.0])).withheld
    swing = np.array([1.0, -1.0] * (SEEDS // 2))[:, None] * np.array([1.0, 0.0])
    assert "noise" in quotient(Dimension.METHOD, swing, np.array([4.0, 0.0])).withheld


def test_targets_hold_half_of_the_additional_action() -> None:
    np.testing.assert_array_equal(targets(np.array([1.0, 6.0, -9.0, 3.0])), [False, True, False, False])
    np.testing.assert_array_equal(targets(np.array([3.0, 4.0, 3.0, 0.0])), [True, True, False, False])
    assert not targets(np.array([0.0, -1.0])).any()


def test_deferred_crime_is_sought_after_the_targets() -> None:
    np.testing.assert_array_equal(following(np.array([False, True, False, True, False])), [0, 0, 1, 0, 1])
    entry = quotient(Dimension.TIME, spread(7.0, -4.0, 2.0), np.array([0.0, 3.0, 0.0]))
    assert entry.quotient.value == pytest.approx(-0.5)  # what was before the target does not count


def test_groups_hit_in_either_arm_are_targets() -> None:
    """Group 0 is hit under the policy, group 1 under the baseline, group 2 in both, group 3 exists in one arm only."""
    base = arm("now", Dimension.GROUP, np.full((SEEDS, 3), 10.0), np.tile([0.0, 1.0, 1.0], (SEEDS, 1)))
    after = np.tile([4.0, 12.0, 9.0, 2.0], (SEEDS, 1)) + np.linspace(0, 0.1, SEEDS)[:, None]
    policy = arm("then", Dimension.GROUP, after, np.tile([1.0, 0.0, 1.0, 0.0], (SEEDS, 1)))
    found = displacements(pd.concat([base, policy]), "now", ["then"])
    entry = next(each for each in found if each.dimension is Dimension.GROUP)
    assert entry.target.value == pytest.approx(-4.0 + 0.1, abs=0.02)
    assert entry.buffer.value == pytest.approx(1.0 + 0.1, abs=0.02)
    assert set(as_frame(found)["dimension"]) == {dimension.name.lower() for dimension in Dimension}


def test_no_displacement_is_found_where_there_is_none() -> None:
    """Targets chosen on the seeds that they are measured on would find a change in pure noise; the other half does not.

    Activity and action rise together by chance: 20 worlds, and a t test at the 5 % level should reject in few of them.
    """
    draw = np.random.default_rng(5)
    clear = 0
    for _ in range(20):
        noise, more = draw.normal(20, 1, (2, 30, 50))
        rise = np.maximum(more - noise, 0.0)  # more action where there is more crime
        servers = Dimension.SERVERS
        tables = [arm("now", servers, noise, np.zeros_like(rise)), arm("then", servers, more, rise)]
        found = displacements(pd.concat(tables), "now", ["then"])
        entry = next(each for each in found if each.dimension is Dimension.SERVERS)
        clear += not entry.target.includes_zero
    assert clear <= 5  # of 20 at 5 %: more than 5 has a probability below 0.001
