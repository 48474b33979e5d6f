"""Intervals cover what they should, and verdicts follow from them."""

import numpy as np
import pandas as pd
import pytest

from sim.experiments import statistics
from sim.experiments.compare import Verdict, differences, ladder
from sim.experiments.statistics import Paired
from sim.measures.outcomes import OUTCOMES


def coverage(estimate, truth, trials=1500, pairs=20):
    draw = np.random.default_rng(3)
    hits = 0
    for _ in range(trials):
        base = draw.normal(10, 2, pairs)
        hits += (found := estimate(base + draw.normal(1, 1, pairs), base)).low <= truth <= found.high
    return hits / trials


def test_paired_differences_cover_95_per_cent():
    """Binomial error of 1,500 trials is 0.6 points: three of them are allowed."""
    assert coverage(statistics.difference, 1.0) == pytest.approx(0.95, abs=0.018)


def test_ratios_cover_about_95_per_cent():
    assert coverage(statistics.ratio, 1.1) == pytest.approx(0.95, abs=0.025)


def test_missing_values_are_left_out_and_too_few_are_not_judged():
    found = statistics.difference(np.array([1.0, np.nan, 3.0]), np.array([0.0, 0.0, np.nan]))
    assert found.pairs == 1 and found.value == 1.0
    assert np.isnan(found.low) and found.includes_zero
    assert np.isnan(statistics.ratio(np.ones(5), np.zeros(5)).value)


def table(**scenarios):
    """Outcome takedown_rate by scenario and seed; every other outcome is 1."""
    rows = [
        {"block": "main", "scenario": scenario, "seed": seed}
        | {entry.key: 1.0 for entry in OUTCOMES}
        | {"takedown_rate": value}
        for scenario, values in scenarios.items()
        for seed, value in enumerate(values)
        if value is not None
    ]
    return pd.DataFrame(rows)


def difference_of(outcomes, scenario, outcome="takedown_rate"):
    found = differences(outcomes, "status_quo")
    return next(entry for entry in found if (entry.scenario, entry.outcome) == (scenario, outcome))


def test_difference_by_hand():
    entry = difference_of(table(status_quo=[1, 2, 3], policy=[2, 4, 4]), "policy")
    assert entry.difference == pytest.approx(4 / 3)
    reach = 4.302653 * np.std([1, 2, 1], ddof=1) / np.sqrt(3)
    assert (entry.low, entry.high) == pytest.approx((4 / 3 - reach, 4 / 3 + reach), rel=1e-5)
    assert entry.relative == pytest.approx(10 / 6 - 1)
    assert (entry.baseline_mean, entry.scenario_mean, entry.pairs) == pytest.approx((2, 10 / 3, 3))
    assert entry.verdict is Verdict.NOT_DISTINGUISHABLE


def test_verdicts():
    for values, verdict in (
        ([2, 3.1, 4], Verdict.DISTINGUISHABLE),
        ([0, 3, 3], Verdict.NOT_DISTINGUISHABLE),
        ([1, 2, 3], Verdict.IDENTICAL),
        ([1 + 2e-16, 2 + 4e-16, 3 + 4e-16], Verdict.IDENTICAL),
        ([1 + 1e-9, 2 + 1e-9, 3 + 1e-9], Verdict.DISTINGUISHABLE),
        ([float("nan")] * 3, Verdict.UNDEFINED),
    ):
        assert difference_of(table(status_quo=[1, 2, 3], policy=values), "policy").verdict is verdict


def test_only_seeds_that_both_have_are_paired():
    outcomes = table(status_quo=[1, 2, 3, 9], policy=[2, 3, None, None])
    assert difference_of(outcomes, "policy").pairs == 2
    values, base = Paired(outcomes, "main").values("takedown_rate", "policy", "status_quo")
    assert list(values - base) == [1, 1]


def rung(outcomes, scenario):
    keys = list(dict.fromkeys(outcomes["scenario"]))
    found = ladder(outcomes, keys, "status_quo")
    return next(entry for entry in found if (entry.scenario, entry.outcome) == (scenario, "takedown_rate"))


def test_share_of_the_way():
    outcomes = table(no_cooperation=[0, 0.1, 0], frictionless=[4, 4, 4.1], status_quo=[1, 1.1, 1], policy=[2, 2.1, 2])
    assert rung(outcomes, "policy").share.value == pytest.approx(6 / 12)
    assert rung(outcomes, "no_cooperation").share.value == 0
    assert rung(outcomes, "frictionless").share.value == 1
    assert rung(outcomes, "policy").level == pytest.approx(6.1 / 3)


def test_share_is_withheld_when_the_gap_may_be_zero():
    outcomes = table(no_cooperation=[0, 5, 0], frictionless=[4, 0, 4], status_quo=[1, 1, 1])
    assert "not distinguishable" in rung(outcomes, "status_quo").withheld
    assert np.isnan(rung(outcomes, "status_quo").share.value)


def test_level_of_a_rung_is_the_one_that_all_seeds_would_give():
    """The rung was run on two low seeds: the baseline over all seeds is 4, the rung is 1 above it."""
    outcomes = table(no_cooperation=[0] * 4, frictionless=[9] * 4, status_quo=[1, 1, 7, 7], rung=[2, 2, None, None])
    assert rung(outcomes, "rung").level == pytest.approx(5)


def test_no_level_of_a_rung_falls_below_zero():
    """On two high seeds 9 of 10 are gone, which is more than there are on average."""
    outcomes = table(no_cooperation=[1, 1, None, None], frictionless=[20] * 4, status_quo=[10, 10, 2, 2])
    assert rung(outcomes, "no_cooperation").level == pytest.approx(0.6)


def test_no_ladder_without_both_bounds():
    assert ladder(table(status_quo=[1, 2], frictionless=[3, 4]), ["status_quo"], "status_quo") == []
