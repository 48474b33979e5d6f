"""Intervals cover what they should, and verdicts follow from them."""

import math

import numpy as np
import pandas as pd
import pytest

from sim.experiments import statistics
from sim.experiments.sets import OwnError, ParameterSets, set_numbers
from sim.experiments.statistics import half_width
from sim.measures.outcomes import OUTCOMES
from sim.results.costs import ladder
from sim.results.effects import Comparison, PairedArms, Verdict, against, against_baseline, components, effects, widened

TRIALS = 4_000
BETWEEN = Comparison(("main", "b"), ("main", "a"))


def drawn(chance: float, seeds: int = 100, trials: int = TRIALS) -> tuple[np.ndarray, np.ndarray]:
    """Normal effects around 1 with variance 1, of which chance is a share, f8[seeds, trials]; the set of each seed."""
    draw, numbers = np.random.default_rng(3), set_numbers(np.arange(seeds))
    shifts = draw.normal(1.0, np.sqrt(1.0 - chance), (numbers.max() + 1, trials))
    return shifts[numbers] + draw.normal(0.0, np.sqrt(chance), (seeds, trials)), numbers


@pytest.mark.parametrize("seeds", [20, 100])
@pytest.mark.parametrize("chance", [0.05, 0.3, 1.0])
def test_intervals_cover_the_truth_where_sets_are_repeated(chance: float, seeds: int) -> None:
    """The standard error of a coverage of 95 % is 0.34 points; 20 seeds give 94.4 %, whose bound errs once in 1e4."""
    found, sets = drawn(chance, seeds)
    reach = half_width(found, sets)
    assert 0.93 <= (np.abs(found.mean(axis=0) - 1.0) <= reach).mean() <= 0.97
    base = np.random.default_rng(4).normal(10.0, 2.0, found.shape)
    made = against(base + found, base, (base + found).mean(axis=0), base.mean(axis=0), sets)
    assert 0.93 <= ((made["relative_low"] <= 0.1) & (made["relative_high"] >= 0.1)).mean() <= 0.97
    if chance < 0.1:
        assert (half_width(found) < reach).mean() > 0.99, "as if all seeds were independent: too narrow"


@pytest.mark.parametrize("chance", [0.05, 0.3, 0.7])
def test_the_range_of_the_share_of_worlds_holds_it(chance: float) -> None:
    """At least 95 % by Bonferroni; 6 standard errors below, an error rate below 1e-8."""
    found, sets = drawn(chance)
    made, truth = components(found, sets), 0.5 * (1.0 + math.erf(1.0 / math.sqrt(2.0 * (1.0 - chance))))
    assert ((made["holds_low"] <= truth) & (made["holds_high"] >= truth)).mean() > 0.93
    assert made["chance"].mean() == pytest.approx(chance, abs=0.03)


def test_what_cannot_be_known_is_said_to_be_so() -> None:
    """An estimate of the variance between sets is negative in half of such samples; then chance explains everything."""
    repeated, numbers = np.tile([1.0, -1.0], 20), np.repeat(np.arange(20), 2)
    made = components(np.column_stack((repeated + 5.0, repeated)), numbers)
    assert list(made["chance"]) == [1.0, 1.0] and made["holds"][0] == 1.0 and math.isnan(made["holds"][1])
    assert np.isnan(components(*drawn(0.5, 20, 1))["chance"])
    assert not np.isnan(components(*drawn(0.5, 25, 1))["chance"])
    found = statistics.difference(np.array([1.0, np.nan, 3.0]), np.array([0.0, 0.0, np.nan]))
    assert found.pairs == 1 and found.value == 1.0
    assert np.isnan(found.low) and found.includes_zero
    assert np.isnan(statistics.ratio(np.ones(5), np.zeros(5)).value)
    found = statistics.middle(np.array([np.nan, *range(11)]))
    assert found == (5.0, 1.0, 9.0, 11)
    assert np.isnan(statistics.middle(np.array([np.nan])).value)


def table(**scenarios):
    """Outcome groups_brought_down by scenario and seed; every other outcome is 1."""
    rows = [
        {"block": "main", "scenario": scenario, "seed": seed}
        | {entry.key: 1.0 for entry in OUTCOMES}
        | {"groups_brought_down": value}
        for scenario, values in scenarios.items()
        for seed, value in enumerate(values)
        if value is not None
    ]
    return pd.DataFrame(rows)


def difference_of(outcomes, scenario, outcome="groups_brought_down"):
    arms = PairedArms(outcomes)
    found = effects(arms, against_baseline(arms, "status_quo"))
    return next(entry for entry in found if (entry.scenario, entry.outcome) == (scenario, outcome))


def test_a_difference_is_paired_and_has_its_verdict():
    entry = difference_of(table(status_quo=[1, 2, 3], policy=[2, 4, 4]), "policy")
    assert entry.difference == pytest.approx(4 / 3)
    reach = 4.302653 * np.std([1, 2, 1], ddof=1) / np.sqrt(3)
    assert (entry.low, entry.high) == pytest.approx((4 / 3 - reach, 4 / 3 + reach), rel=1e-5)
    assert entry.relative == pytest.approx(10 / 6 - 1)
    assert (entry.baseline_mean, entry.scenario_mean, entry.pairs) == pytest.approx((2, 10 / 3, 3))
    assert entry.verdict is Verdict.NOT_DISTINGUISHABLE
    for values, verdict in (
        ([2, 3.1, 4], Verdict.DISTINGUISHABLE),
        ([0, 3, 3], Verdict.NOT_DISTINGUISHABLE),
        ([1, 2, 3], Verdict.IDENTICAL),
        ([1 + 2e-16, 2 + 4e-16, 3 + 4e-16], Verdict.IDENTICAL),
        ([1 + 1e-9, 2 + 1e-9, 3 + 1e-9], Verdict.DISTINGUISHABLE),
        ([float("nan")] * 3, Verdict.UNDEFINED),
    ):
        assert difference_of(table(status_quo=[1, 2, 3], policy=values), "policy").verdict is verdict
    outcomes = table(status_quo=[1, 2, 3, 9], policy=[2, 3, None, None])
    assert difference_of(outcomes, "policy").pairs == 2
    values, base = PairedArms(outcomes).values("groups_brought_down", ("main", "policy"), ("main", "status_quo"))
    assert list(values - base) == [1, 1]


def rung(outcomes, scenario):
    keys = list(dict.fromkeys(outcomes["scenario"]))
    found = ladder(PairedArms(outcomes), keys, "status_quo")
    return next(entry for entry in found if (entry.scenario, entry.outcome) == (scenario, "groups_brought_down"))


def test_share_of_the_way_and_where_there_is_none():
    outcomes = table(
        no_cooperation=[0, 0.1, 0], full_cooperation=[4, 4, 4.1], status_quo=[1, 1.1, 1], policy=[2, 2.1, 2]
    )
    assert rung(outcomes, "policy").share.value == pytest.approx(6 / 12)
    assert rung(outcomes, "no_cooperation").share.value == 0
    assert rung(outcomes, "full_cooperation").share.value == 1
    assert rung(outcomes, "policy").level == pytest.approx(6.1 / 3)
    outcomes = table(no_cooperation=[0, 5, 0], full_cooperation=[4, 0, 4], status_quo=[1, 1, 1])
    assert "not distinguishable" in rung(outcomes, "status_quo").withheld
    assert np.isnan(rung(outcomes, "status_quo").share.value)
    assert ladder(PairedArms(table(status_quo=[1, 2], full_cooperation=[3, 4])), ["status_quo"], "status_quo") == []


def test_level_of_a_rung_is_the_one_that_all_seeds_would_give_and_not_below_zero():
    """The rung was run on two low seeds: the baseline over all seeds is 4, the rung is 1 above it."""
    outcomes = table(no_cooperation=[0] * 4, full_cooperation=[9] * 4, status_quo=[1, 1, 7, 7], rung=[2, 2, None, None])
    assert rung(outcomes, "rung").level == pytest.approx(5)
    # On two high seeds 9 of 10 are gone, which is more than there are on average.
    outcomes = table(no_cooperation=[1, 1, None, None], full_cooperation=[20] * 4, status_quo=[10, 10, 2, 2])
    assert rung(outcomes, "no_cooperation").level == pytest.approx(0.6)


def test_ensembles_that_differ_by_a_factor_widen_what_is_counted_and_change_no_sign() -> None:
    low, high = np.array([2.0, -4.0, -9.0, 2.0]), np.array([8.0, 6.0, -3.0, 8.0])
    low, high = widened(low, high, np.array([np.log(2.0) / 1.96] * 3 + [0.0]))
    assert low == pytest.approx([1.0, -8.0, -18.0, 2.0])
    assert high == pytest.approx([16.0, 12.0, -1.5, 8.0])


def test_what_a_policy_adds_to_counts_holds_the_spread_between_ensembles() -> None:
    """Groups are counted, months are not."""
    keys = [about.key for about in OUTCOMES]
    rows = [
        {"block": "main", "scenario": scenario, "seed": seed} | dict.fromkeys(keys, 10.0 * (scenario == "b") + seed % 3)
        for scenario in ("a", "b")
        for seed in range(20)
    ]
    sets = ParameterSets([{}] * 16, 0, own_error=OwnError(counts=np.log(2.0) / 1.96))
    found = {about.outcome: about for about in effects(PairedArms(pd.DataFrame(rows), sets), [BETWEEN])}
    groups, months = found["groups_brought_down"], found["turnaround_median"]
    assert (months.low, months.high) == pytest.approx((10.0, 10.0))
    assert (groups.difference, groups.low, groups.high) == pytest.approx((10.0, 5.0, 20.0))
    assert (groups.relative_low, groups.relative_high) == pytest.approx(
        (months.relative_low / 2.0, months.relative_high * 2.0)
    )
