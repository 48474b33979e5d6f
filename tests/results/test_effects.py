"""Tests of effects: coverage of intervals, verdicts, and paired differences by state."""

import math
from itertools import permutations, product

import numpy as np
import pandas as pd
import pytest

from sim.experiments import statistics
from sim.experiments.sets import ParameterSets, set_numbers
from sim.experiments.statistics import interval
from sim.measures.country import by_state
from sim.measures.outcomes import OUTCOMES, outcome
from sim.results.costs import ladder
from sim.results.countries import COUNTRY_OUTCOMES, FEWEST, country_differences
from sim.results.effects import (
    Comparison,
    PairedArms,
    PairedEffect,
    Verdict,
    against,
    against_baseline,
    components,
    effects,
    is_beyond_chance,
    is_clear,
)
from tests.measures.worlds import observation

TRIALS = 4_000
BETWEEN = Comparison(("main", "b"), ("main", "a"))


def drawn(chance: float, seeds: int = 100, trials: int = TRIALS) -> tuple[np.ndarray, np.ndarray]:
    """Normal effects with mean and variance 1, f8[seeds, trials], and the parameter set of each seed."""
    draw, numbers = np.random.default_rng(3), set_numbers(np.arange(seeds))
    shifts = draw.normal(1.0, np.sqrt(1.0 - chance), (numbers.max() + 1, trials))
    return shifts[numbers] + draw.normal(0.0, np.sqrt(chance), (seeds, trials)), numbers


@pytest.mark.parametrize("seeds", [20, 100])
@pytest.mark.parametrize("chance", [0.05, 0.3, 1.0])
def test_intervals_cover_the_truth_where_sets_are_repeated(chance: float, seeds: int) -> None:
    """Intervals with repeated sets cover 95 % (standard error 0.34 points; false alarm: 1 in 10,000)."""
    found, sets = drawn(chance, seeds)
    low, high = interval(found, sets)
    assert 0.93 <= ((low <= 1.0) & (high >= 1.0)).mean() <= 0.97
    base = np.random.default_rng(4).normal(10.0, 2.0, found.shape)
    made = against(base + found, base, sets)
    assert 0.93 <= ((made["relative_low"] <= 0.1) & (made["relative_high"] >= 0.1)).mean() <= 0.97
    if chance < 0.1:
        below, above = interval(found)
        assert (above - below < high - low).mean() > 0.99, "as if all seeds were independent: too narrow"


@pytest.mark.parametrize("chance", [0.05, 0.3, 0.7])
def test_the_range_of_the_share_of_worlds_holds_it(chance: float) -> None:
    """The interval of a share of worlds covers the true share in 95 % of trials (false alarm below 1e-8)."""
    found, sets = drawn(chance)
    made, truth = components(found, sets), 0.5 * (1.0 + math.erf(1.0 / math.sqrt(2.0 * (1.0 - chance))))
    assert ((made["holds_low"] <= truth) & (made["holds_high"] >= truth)).mean() > 0.93
    assert made["chance"].mean() == pytest.approx(chance, abs=0.03)


def test_the_share_of_chance_is_the_variance_within_sets_over_that_of_all_pairs() -> None:
    """The share of chance is the variance within sets divided by the variance between all pairs."""
    means, numbers = np.arange(25.0).repeat(2), np.arange(25).repeat(2)
    found = means + np.tile([1.0, -1.0], 25)
    within = 2.0 * 25 / (50 - 25)
    assert components(found[:, None], numbers)["chance"] == pytest.approx(within / np.var(found, ddof=1), rel=1e-12)


def test_what_cannot_be_known_is_said_to_be_so() -> None:
    """A share of chance that cannot be estimated is NaN, and an unclear sign has no share of worlds."""
    repeated, numbers = np.tile([1.0, -1.0], 20), np.repeat(np.arange(20), 2)
    made = components(np.column_stack((repeated + 5.0, repeated)), numbers)
    assert list(made["chance"]) == [1.0, 1.0] and made["holds"][0] == 1.0 and math.isnan(made["holds"][1])
    error = math.sqrt(40 / 39 / 40)  # of the mean of 40; a sign is known from two of them on
    near, far = (components((repeated + times * error)[:, None], numbers)["holds"][0] for times in (1.9, 2.1))
    assert math.isnan(near) and far == 1.0
    assert np.isnan(components(*drawn(0.5, 20, 1))["chance"])
    assert not np.isnan(components(*drawn(0.5, 25, 1))["chance"])
    found = statistics.difference(np.array([1.0, np.nan, 3.0]), np.array([0.0, 0.0, np.nan]))
    assert found.pairs == 1 and found.value == 1.0
    assert np.isnan(found.low) and found.includes_zero
    assert np.isnan(statistics.ratio(np.ones(5), np.zeros(5)).value)
    found = statistics.middle(np.array([np.nan, *range(11)]))
    assert found == pytest.approx((5.0, 0.25, 9.75, 11))
    assert np.isnan(statistics.middle(np.array([np.nan])).value)


def table(**scenarios):
    """Outcome `groups_brought_down` by scenario and seed; all other outcomes are 1."""
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
        *(([2, 3.1, 4], Verdict.DISTINGUISHABLE), ([0, 3, 3], Verdict.NOT_DISTINGUISHABLE)),
        *(([1, 2, 3], Verdict.IDENTICAL), ([1 + 2e-16, 2 + 4e-16, 3 + 4e-16], Verdict.IDENTICAL)),
        *(([1 + 1e-9, 2 + 1e-9, 3 + 1e-9], Verdict.HARDLY), ([float("nan")] * 3, Verdict.UNDEFINED)),
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
    bounds = PairedArms(table(no_cooperation=[1, 2, 2], full_cooperation=[3, 5, 4]))  # nothing else need be run
    (below, above), keys = (0.0, 1.0), ("no_cooperation", "full_cooperation")
    shares = {one.scenario: one.share.value for one in ladder(bounds, keys, keys[0]) if not one.withheld}
    assert shares == dict(zip(keys, (below, above), strict=True))


def test_level_of_a_rung_is_the_one_that_all_seeds_would_give_and_not_below_zero():
    """The level of a step that ran under few seeds is adjusted to all seeds, but never below zero.

    The step was run on two low seeds: the baseline over all seeds is 4, the step is 1 above it.
    """
    outcomes = table(no_cooperation=[0] * 4, full_cooperation=[9] * 4, status_quo=[1, 1, 7, 7], rung=[2, 2, None, None])
    assert rung(outcomes, "rung").level == pytest.approx(5)
    # On two high seeds 9 of 10 are gone, which is more than there are on average.
    outcomes = table(no_cooperation=[1, 1, None, None], full_cooperation=[20] * 4, status_quo=[10, 10, 2, 2])
    assert rung(outcomes, "no_cooperation").level == pytest.approx(0.6)


def of_outcomes(values: dict[str, np.ndarray], base: float = 100.0) -> dict[str, PairedEffect]:
    """Effects of a policy that adds the given amounts to a level, f8[seeds], by outcome."""
    seeds = np.arange(len(next(iter(values.values()))))
    keys = {about.key: base for about in OUTCOMES}
    rows = [pd.DataFrame({"block": "main", "scenario": key, "seed": seeds, **keys}) for key in "ab"]
    rows[1] = rows[1].assign(**{key: base + added for key, added in values.items()})
    arms = PairedArms(pd.concat(rows), ParameterSets([{}] * 16, begins=0))
    return {about.outcome: about for about in effects(arms, [BETWEEN])}


def test_one_rule_of_intervals_holds_for_every_outcome() -> None:
    """Equal numbers have equal intervals for every outcome and in every unit."""
    added = 10.0 + np.arange(20) % 3
    found = of_outcomes({about.key: added for about in OUTCOMES})
    ends = {(one.low, one.high, one.relative_low, one.relative_high, one.verdict) for one in found.values()}
    assert len(found) == len(OUTCOMES) and len(ends) == 1


def test_the_interval_of_a_sum_is_no_wider_than_those_of_its_parts_together() -> None:
    """The interval of a sum is no wider than the intervals of its parts together."""
    parts = np.random.default_rng(4).normal(10.0, 4.0, (2, 40))
    keys = ("groups_brought_down", "takedowns_expected", "losses_averted", "harm")
    for whole, one, other in permutations(keys, 3):
        found = of_outcomes({whole: parts.sum(axis=0), one: parts[0], other: parts[1]})
        width, *of_parts = (found[key].high - found[key].low for key in (whole, one, other))
        assert max(of_parts) - min(of_parts) <= width <= sum(of_parts) * (1.0 + 1e-9)


def test_a_verdict_knows_size_and_how_many_effects_are_looked_at_together() -> None:
    noise = np.random.default_rng(1).normal(0.0, 1.0, (40, 25))
    noise -= noise.mean(axis=0)
    unmoved = {about.key: noise[place % 40] for place, about in enumerate(OUTCOMES)}
    reach = interval(noise[0])[1]
    for shift, base, verdict in (
        (1.05 * reach, 10.0, Verdict.NOT_DISTINGUISHABLE),  # of a hundred outcomes, and 5 % by itself
        (3.0 * reach, 10.0, Verdict.DISTINGUISHABLE),
        (3.0 * reach, 1000.0, Verdict.HARDLY),
    ):
        found = of_outcomes({**unmoved, "harm": noise[0] + shift}, base)["harm"]
        assert found.low > 0.0 and found.verdict is verdict
        assert is_beyond_chance(found) == (verdict is not Verdict.NOT_DISTINGUISHABLE)
    alone = PairedArms(
        pd.DataFrame(
            [
                {"block": "main", "scenario": key, "seed": seed, "harm": 10.0 + (key == "b") * value}
                for key in "ab"
                for seed, value in enumerate(noise[0] + 1.05 * reach)
            ]
        )
    )
    (one,) = effects(alone, [BETWEEN], [outcome("harm")])
    assert is_clear(one), "looked at alone it is a change"


def test_no_state_changes_by_fewer_worlds_than_twenty() -> None:
    for worlds, verdict in ((19, Verdict.FEW_WORLDS), (20, Verdict.DISTINGUISHABLE)):
        now = 100.0 + np.arange(worlds) % 5
        found = compared(breakdown("now", received=column(*now)), breakdown("then", received=column(*(now + 20.0))))
        assert found.loc[(0, "received"), "verdict"] == str(verdict)
        assert found.loc[(0, "received"), "low"] == pytest.approx(20.0)


def test_how_often_an_effect_has_its_sign_follows_from_what_changes_between_worlds_of_two_sets() -> None:
    numbers, sets = np.arange(60), ParameterSets([{}] * 30, begins=0)
    change = np.where(sets.numbers(numbers) % 3 < 2, 12.0, -3.0) + numbers % 5
    parts = (pd.DataFrame({"block": "main", "scenario": key, "seed": numbers, "harm": 100.0}) for key in "ab")
    rows = pd.concat(part.assign(harm=part["harm"] + change * (part["scenario"] == "b")) for part in parts)
    (found,) = effects(PairedArms(rows, sets), [BETWEEN], [outcome("harm")])
    wanted = components(change[:, None], sets.numbers(numbers))
    assert [found.holds, found.chance] == [wanted["holds"][0], wanted["chance"][0]] and 0.0 < found.chance < 1.0


COLUMNS = [name for name in by_state(observation()) if name != "state"]
NOISE, TOO_FEW = str(Verdict.NOT_DISTINGUISHABLE), str(Verdict.TOO_FEW)


def breakdown(scenario: str, first: int = 1, **columns: np.ndarray) -> pd.DataFrame:
    """Breakdown of one scenario with the given columns, f8[seeds, states]; all others are zero."""
    seeds, states = next(iter(columns.values())).shape
    keys = {"scenario": scenario, "seed": np.repeat(np.arange(seeds) + first, states)}
    numbers = dict.fromkeys(COLUMNS, 0.0) | {name: values.ravel() for name, values in columns.items()}
    return pd.DataFrame(keys | {"state": np.tile(np.arange(states) - 1, seeds)} | numbers)


def compared(*tables: pd.DataFrame) -> pd.DataFrame:
    """Differences of scenario "then" from "now" by state and outcome, from shuffled rows."""
    rows = pd.concat(tables, ignore_index=True).sample(frac=1.0, random_state=1)
    return country_differences(rows, "now", ["then"]).set_index(["state", "outcome"])


def column(*values: float) -> np.ndarray:
    """Columns for no state (zeros) and for state 0 (the given values), f8[seeds, 2]."""
    return np.column_stack((np.zeros(len(values)), values))


def test_counts_are_paired_and_shares_pooled() -> None:
    now, then = column(30, 41, 35, 20), column(33, 45, 36, 30)
    found = compared(breakdown("now", received=now), breakdown("then", received=then)).loc[(0, "received")]
    expected = statistics.difference(then[:, 1], now[:, 1])
    assert (found["difference"], found["low"], found["high"]) == pytest.approx(expected[:3])
    assert (found["pairs"], found["baseline_mean"], found["scenario_mean"]) == (4, 31.5, 36.0)
    assert found["verdict"] == str(Verdict.FEW_WORLDS)
    now, then = breakdown("now", received=column(10, 20, 30)), breakdown("then", 2, received=column(25, 35, 90))
    found = compared(now, then).loc[(0, "received")]
    assert (found["pairs"], found["baseline_mean"], found["difference"]) == (2, 25.0, 5.0)
    now = breakdown("now", received=column(100, 10, 20), in_time_given=column(50, 0, 4))
    then = breakdown("then", received=column(100, 10, 20), in_time_given=column(51, 4, 10))
    found = compared(now, then).loc[(0, "in_time_share")]
    assert found["baseline_mean"] == 54 / 130, "not the mean of 0.5, 0 and 0.2"
    assert found["difference"] == pytest.approx(11 / 130)
    # Equal wholes w, parts that differ by d: the influence of a pair is (d − difference × w) ÷ the mean of w.
    influence = (np.array([1, 4, 6]) - 11 / 130 * np.array([100, 10, 20])) / (130 / 3)
    assert found["high"] - found["difference"] == pytest.approx(float(interval(influence)[1]) - influence.mean())


def test_what_is_too_few_is_marked_and_not_reported() -> None:
    few = np.zeros(20)
    few[: FEWEST // 2 - 1] = 1
    for name, key in (("takedowns", "takedowns"), ("received", "in_time_share")):
        found = compared(breakdown("now", **{name: column(*few)}), breakdown("then", **{name: column(*few[::-1])}))
        row = found.loc[(0, key)]
        assert row["verdict"] == TOO_FEW and row[["difference", "low", "high"]].isna().all()
    now = np.full(100, 2.0)
    then = now.copy()
    then[:5] += 1
    assert statistics.difference(then, now).low > 0, "Student's interval would call it an effect"
    for moved, verdict in ((then, TOO_FEW), (now, str(Verdict.IDENTICAL)), (now + (np.arange(100) < 6), None)):
        found = compared(breakdown("now", cases_opened=column(*now)), breakdown("then", cases_opened=column(*moved)))
        assert found.loc[(0, "cases_opened"), "verdict"] == (verdict or str(Verdict.DISTINGUISHABLE))
    # One request in one of eight pairs moves the pooled share, and with it the influence of every pair.
    wholes, parts = np.full(8, 50.0), np.arange(8.0)
    now = {"received": column(*wholes), "in_time_given": column(*parts)}
    for more, verdict in ((0, str(Verdict.IDENTICAL)), (1, TOO_FEW)):
        then = {"received": column(*wholes + more * (parts == 3)), "in_time_given": column(*parts)}
        found = compared(breakdown("now", **now), breakdown("then", **then))
        assert found.loc[(0, "in_time_share"), "verdict"] == verdict


def test_few_pairs_are_enough_where_events_are_many_and_costs_of_no_state_have_a_row() -> None:
    now, then = column(300, 310, 290), column(330, 341, 321)
    assert compared(breakdown("now", received=now), breakdown("then", received=then)).loc[(0, "received"), "low"] > 0
    found = compared(breakdown("now", received=column(30)), breakdown("then", received=column(40))).loc[(0, "received")]
    assert found["verdict"] == str(Verdict.UNDEFINED) and np.isnan(found["low"])
    alone = breakdown("now", received=column(3, 4))
    assert country_differences(alone, "now", ["then"]).empty
    assert country_differences(alone, "then", ["now"]).empty
    seeds = 3
    now = {"received": np.zeros((seeds, 3)), "committed": np.zeros((seeds, 3))}
    then = {"received": np.zeros((seeds, 3)), "committed": np.tile([4.0, 2.0, 0.0], (seeds, 1))}
    found = compared(breakdown("now", **now), breakdown("then", **then))
    assert set(found.index.get_level_values("state")) == {-1, 0}
    assert list(found.loc[-1].index) == ["policy_cost"]
    assert found.loc[(-1, "policy_cost"), "difference"] == 4.0
    assert found.loc[(-1, "policy_cost"), "verdict"] == str(Verdict.DISTINGUISHABLE), "what is committed is not counted"
    assert len(found.loc[0]) == len(COUNTRY_OUTCOMES)


@pytest.mark.slow
def test_no_effect_is_rarely_called_one() -> None:
    """At most about one in twenty effects of zero is called clear (2,000 states, 100 pairs)."""
    for rate, shared in product((0.02, 0.1, 0.5, 5.0), (0.0, 0.9)):
        draw, shape = np.random.default_rng(5), (100, 2001)
        common = draw.poisson(rate * shared, shape)
        arms = [(common + draw.poisson(rate * (1 - shared), shape)).astype(float) for _ in range(2)]
        found = compared(breakdown("now", takedowns=arms[0]), breakdown("then", takedowns=arms[1]))
        verdicts = found.xs("takedowns", level="outcome")["verdict"]
        assert (verdicts == str(Verdict.DISTINGUISHABLE)).mean() < 0.065
