"""Tests of statistics: intervals against scipy and plain loops, extreme cases, and shares of chance."""

from dataclasses import make_dataclass
from enum import IntEnum, StrEnum

import numpy as np
import pytest
from scipy import stats

from sim.experiments import statistics
from sim.experiments.analyse.cases import means_of, noise_share
from sim.experiments.statistics import (
    Estimate,
    as_frame,
    beyond_chance,
    chance_of,
    interval,
    mean,
    middle,
    ratio,
    with_own_error,
)

nan = np.nan


def test_an_interval_is_students_and_what_shares_a_set_counts_once() -> None:
    values = np.array([3.0, nan, 5.0, 10.0, 4.0])
    known = values[~np.isnan(values)]
    low, high = stats.t.interval(0.95, 3, known.mean(), stats.sem(known))
    assert mean(values) == pytest.approx((5.5, low, high, 4))
    assert mean(values, np.arange(5)) == pytest.approx(mean(values)), "each its own"
    assert interval(values, confidence=0.8) == pytest.approx(stats.t.interval(0.8, 3, known.mean(), stats.sem(known)))
    assert chance_of(values) == pytest.approx(stats.ttest_1samp(known, 0.0).pvalue)
    twice, sets = np.repeat(known, 2), np.repeat(np.arange(4), 2)
    assert mean(twice, sets)[:3] == pytest.approx(mean(known)[:3]), "a world that is there twice says no more"
    assert mean(twice, sets).pairs == 8
    ends = interval(np.column_stack([values, 2.0 * values, np.full(5, nan)]), np.array([0, 0, 1, 2, 2]))
    together = (ends[1] - ends[0]) / 2.0
    assert together[1] == pytest.approx(2.0 * together[0]) and np.isnan(ends)[:, 2].all()
    assert (ends[0] + ends[1])[:2] / 2.0 == pytest.approx([5.5, 11.0])
    sums = [3.0 - 5.5, 5.0 - 5.5, 10.0 + 4.0 - 11.0]  # of the three sets, from the mean of four
    by_hand = stats.t.ppf(0.975, 2) * np.sqrt(sum(one**2 for one in sums) * 3 / 2) / 4
    assert together[0] == pytest.approx(by_hand)
    for few in (np.array([]), np.array([nan]), np.array([2.0])):
        found = mean(few)
        assert found.pairs == np.count_nonzero(~np.isnan(few)) and np.isnan(found.low) and found.includes_zero
    assert statistics.difference(values, 1.0 + 0.0 * values) == pytest.approx(mean(values - 1.0))


@pytest.mark.parametrize(
    ("low", "high", "inside"),
    [(0.0, 1.0, True), (-1.0, 0.0, True), (1e-9, 1.0, False), (-1.0, -1e-9, False), (nan, nan, True)],
)
def test_zero_at_an_end_lies_inside(low: float, high: float, inside: bool) -> None:
    assert Estimate(0.5, low, high, 9).includes_zero is inside


def test_a_ratio_of_paired_means_has_fiellers_interval() -> None:
    """A ratio of paired means has Fieller's interval."""
    values, base = np.array([4.0, 9.0, nan, 5.0, 8.0, 7.0]), np.array([2.0, 4.0, 1.0, 3.0, nan, 3.0])
    found, known = ratio(values, base), ~np.isnan(values + base)
    assert found.value == pytest.approx(25.0 / 12.0) and found.pairs == 4
    for end in found[1:3]:
        low, high = interval((values - end * base)[known])
        assert min(abs(low), abs(high)) == pytest.approx(0.0, abs=1e-9)
    sets = np.array([0, 0, 1, 1, 2, 3])
    of_sets = ratio(values, base, sets)
    assert of_sets.low < of_sets.value < of_sets.high and of_sets[1:3] != pytest.approx(found[1:3])
    low, high = interval((values - of_sets.high * base)[known], sets[known])
    assert min(abs(low), abs(high)) == pytest.approx(0.0, abs=1e-9)
    always = ratio(2.0 * base, base)
    assert always == pytest.approx((2.0, 2.0, 2.0, 5)), "what is always twice has no error"
    for some, under in ((values[:1], base[:1]), (values, 0.0 * base)):
        assert np.isnan(ratio(some, under)[:3]).all(), "one pair, or nothing to divide by"
    assert ratio(values, 0.0 * base).pairs == 4 and ratio(values[:1], base[:1]).pairs == 1
    unsure = ratio(np.array([1.0, 2.0, 3.0]), np.array([-4.0, 5.0, 1.0]))
    assert np.isnan(unsure[1:3]).all(), "what is divided by may be zero"


def test_a_ratio_holds_one_exactly_where_the_difference_holds_zero() -> None:
    """The interval of a ratio excludes one exactly if the interval of the difference excludes zero."""
    draw, sets = np.random.default_rng(8), np.arange(24) % 19
    base = draw.gamma(2.0, 5.0, (24, 4000))
    values = base + draw.normal(1.5, 3.5, base.shape)
    (low, high), (below, above) = interval(values - base, sets), interval(values, sets, over=base)
    known = ~np.isnan(below)
    assert known.mean() > 0.99 and 0.2 < (low > 0.0).mean() < 0.8
    np.testing.assert_array_equal((low > 0.0)[known], (below > 1.0)[known])
    np.testing.assert_array_equal((high < 0.0)[known], (above < 1.0)[known])


def test_of_what_is_called_more_than_chance_one_in_twenty_is_chance() -> None:
    """At most one in twenty reported effects is due to chance (1,000 tables; standard error 0.3 points)."""
    draw, tables = np.random.default_rng(2), 1000
    shares = []
    for _ in range(tables):
        means = np.where(np.arange(100) < 10, 1.0, 0.0)
        found = beyond_chance(chance_of(draw.normal(means, 1.0, (30, 100))))
        shares.append(found[10:].sum() / max(found.sum(), 1))
    assert 0.03 < np.mean(shares) < 0.06
    assert list(beyond_chance(np.array([0.03, nan, 0.2]))) == [False, False, False], "3 % of two is not enough"
    assert list(beyond_chance(np.array([0.03, nan, nan]))) == [True, False, False], "what is unknown does not count"
    assert list(beyond_chance(np.array([0.04, 0.01, 0.045]))) == [True, True, True], (
        "the largest that fits takes all below"
    )


def test_a_median_has_its_quantiles_from_two_values_on() -> None:
    assert middle(np.arange(11.0)) == pytest.approx((5.0, 0.25, 9.75, 11))
    assert middle(np.array([nan, *range(11)]), 1.0) == (5.0, 0.0, 10.0, 11)
    assert middle(np.array([1.0, 3.0]), 0.8) == pytest.approx((2.0, 1.2, 2.8, 2))
    one, none = middle(np.array([7.0, nan])), middle(np.array([nan]))
    assert (one.value, one.pairs, none.pairs) == (7.0, 1, 0) and np.isnan([one.low, one.high, none.value]).all()


def test_the_models_own_error_widens_in_logs_or_logits() -> None:
    """The model's own error widens an interval in logs or logits, and adds in quadrature."""
    reach = 1.959964 * 0.5
    assert with_own_error(np.full(2, 3.0), 0.5, False) == pytest.approx((3, 3 * np.exp(-reach), 3 * np.exp(reach), 2))
    found = with_own_error(np.full(4, 0.2), 0.5, True)
    assert found[:3] == pytest.approx((0.2, 1 / (1 + 4 * np.exp(reach)), 1 / (1 + 4 * np.exp(-reach))))
    worlds = np.exp(np.array([-1.0, -0.5, 0.0, 0.7, 2.0]))
    _, low, high, _ = middle(worlds)
    ends = np.exp(-np.hypot(np.log(low), reach)), np.exp(np.hypot(np.log(high), reach))
    assert with_own_error(worlds, 0.5, False)[1:3] == pytest.approx(ends)
    assert with_own_error(worlds, 0.5, False).value == pytest.approx(1.0), "a level of one is no share"
    for values, own, share in (
        *((np.array([1.0, 1.0, 0.5]), 0.5, True), (np.array([0.0, 0.0, 0.5]), 0.5, False), (worlds, nan, False)),
        *((worlds, 0.0, False), (worlds[:1], 0.5, False)),
    ):
        np.testing.assert_equal(with_own_error(values, own, share), middle(values))


def test_entries_become_rows_with_ends_and_words() -> None:
    size, colour = IntEnum("Size", ["SMALL"]), StrEnum("Colour", {"RED": "bright red"})
    entry = make_dataclass("Entry", ["name", "found", "size", "colour"])
    row = as_frame([entry("a", Estimate(2.0, 1.0, 3.0, 9), size.SMALL, colour.RED)]).iloc[0].to_dict()
    assert row == {"name": "a", "found": 2, "found_low": 1, "found_high": 3, "size": "small", "colour": "bright red"}


def test_means_and_the_share_of_chance_by_an_analysis_of_variance() -> None:
    np.testing.assert_equal(means_of(np.array([[1.0, nan, 3.0], [nan] * 3, [0.0, 4.0, 5.0]])), [2.0, nan, 3.0])
    table = np.array([[1.0, 2.0], [3.0, 5.0], [nan, 1.0]])  # points 1.5 and 4 apart by 3.125; residuals of 1/4 each
    assert noise_share(table) == pytest.approx(4 * 0.25**2 / 2 / 3.125)
    assert noise_share(np.array([[1.0, 3.0], [3.0, 1.5]])) == 1.0, "never more than all"
    for few in (table[:, :1], table[1:], np.ones((3, 3)), np.array([[1.0, 2.0], [2.0, 1.0]])):
        assert np.isnan(noise_share(few)), "one seed, one point, or no spread"
