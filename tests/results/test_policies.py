"""Tests of comparing policies: order, cost-effectiveness, results of members, and regret."""

import numpy as np
import pandas as pd
import pytest

from sim.data.costs import USD_PER_EURO
from sim.experiments.plan import MAIN
from sim.experiments.statistics import as_frame
from sim.measures.custody import Fate
from sim.measures.outcomes import OUTCOMES
from sim.results.costs import costs
from sim.results.effects import PairedArms
from sim.results.league import JUDGED, RANKED_BY, hindsight, league_table, regrets, standings
from sim.results.pooled import fate_counts

SEEDS = 30
#: Mean gain of each policy, and how much it varies between worlds.
GAINS = {"strong": (10.0, 1.0), "nearly": (9.9, 1.0), "wild": (8.0, 20.0), "weak": (3.0, 1.0), "harms": (-4.0, 1.0)}


def arms() -> PairedArms:
    """Runs in very different worlds, where each policy changes outcomes by about its gain and costs 1 to 30 million."""
    rng = np.random.default_rng(5)
    world, frames = rng.normal(100.0, 50.0, SEEDS), []
    for key, (gain, spread) in {"status_quo": (0.0, 0.0), **GAINS}.items():
        noise = rng.normal(0.0, spread, SEEDS)
        level = world + gain + (noise - noise.mean())
        frame = pd.DataFrame({about.key: level for about in OUTCOMES}).assign(block=MAIN, scenario=key)
        frames.append(frame.assign(seed=range(SEEDS), policy_cost=np.arange(SEEDS) + 1.0))
    return PairedArms(pd.concat(frames))


def test_policies_stand_by_their_mean_with_half_of_its_interval_and_their_price() -> None:
    """Policies are ranked by their mean effect."""
    found = standings(arms(), "status_quo", ["harms", "weak", "wild", "nearly", "strong", "never run"])
    assert [(entry.scenario, entry.place, entry.group) for entry in found] == [
        *(("strong", 1, 1), ("nearly", 2, 1), ("wild", 3, 1), ("weak", 4, 2), ("harms", 5, 3))
    ]
    assert [entry.to_first is None for entry in found] == [True, False, False, True, True]
    assert found[1].to_first is not None and found[1].to_first.difference == pytest.approx(-0.1)
    strong = standings(arms(), "status_quo", ["strong"])[0]
    (low, high), whole = strong.usual[RANKED_BY], strong.ranked.high - strong.ranked.difference
    assert low + high == pytest.approx(2.0 * strong.ranked.difference)
    assert (high - low) / 2.0 / whole == pytest.approx(0.683 / 2.045, abs=0.001), "Student's t of 29 degrees of freedom"
    assert strong.price.value == strong.usual_price.value == 15.5
    assert (strong.price.low, strong.price.high) == (pytest.approx(1.725), pytest.approx(29.275))
    row = league_table([strong]).iloc[0]
    assert row[RANKED_BY] - row[f"{RANKED_BY}_baseline"] == pytest.approx(row[f"{RANKED_BY}_difference"])
    assert (row["price"], row["price_high"]) == (15.5, strong.price.high)


WORLDS = 40


def outcomes(gain: float, spread: float, price: float = 100.0) -> pd.DataFrame:
    """Outcomes of a baseline and of a policy with the given gain and price."""
    noise = np.random.default_rng(1).normal(0, spread, WORLDS)
    common = np.random.default_rng(2).normal(50, 20, WORLDS)
    frames = []
    for scenario, extra, cost in (("status_quo", 0.0, 0.0), ("policy", gain + noise, price)):
        frame = {"block": "main", "scenario": scenario, "seed": range(WORLDS), "policy_cost": cost}
        frame |= {"handling_cost": 10 * common + cost / 10, "takedowns": common + extra, "harm": 90 - common - extra}
        frames.append(pd.DataFrame(frame))
    return pd.concat(frames)


def test_ratios_are_paired_totals_over_gains_unless_the_gain_may_be_nothing_or_free() -> None:
    (found,) = costs(PairedArms(outcomes(5.0, 1.0)), ["status_quo", "policy"], "status_quo")
    assert found.policy.value == 100 and found.handling.value == pytest.approx(10)
    assert found.per_takedown.value == pytest.approx(110 / found.takedowns.value)
    assert found.per_takedown.low < found.per_takedown.value < found.per_takedown.high
    assert found.per_euro_averted.value == pytest.approx(110e6 * USD_PER_EURO / (found.harm_averted.value * 1e9))
    assert found.withheld_takedown == found.withheld_harm == ""
    assert as_frame([found])["per_takedown_high"].iloc[0] == found.per_takedown.high
    (nothing,) = costs(PairedArms(outcomes(0.05, 5.0)), ["policy"], "status_quo")
    assert np.isnan(nothing.per_takedown.value) and "not distinguishable" in nothing.withheld_takedown
    (worse,) = costs(PairedArms(outcomes(-5.0, 1.0)), ["policy"], "status_quo")
    assert "worse" in worse.withheld_takedown and "worse" in worse.withheld_harm
    (free,) = costs(PairedArms(outcomes(5.0, 1.0, price=0.0)), ["policy"], "status_quo")
    assert "no price" in free.withheld_takedown


def fates(*rows):
    frame = pd.DataFrame(rows, columns=["scenario", "seed", "residence", "fate", "members"])
    return frame.assign(indicted=1.0, arrested=frame["members"], surrendered=0.0)


FATES = fates(
    *(("now", 1, 5, Fate.WANTED, 3.0), ("now", 1, 5, Fate.CONVICTED, 1.0), ("now", 2, 5, Fate.RELEASED, 2.0)),
    *(("now", 2, 5, Fate.HELD, 2.0), ("now", 2, 7, Fate.ACQUITTED, 1.0)),
    *(("then", 1, 5, Fate.GIVEN_UP, 1.0), ("then", 1, 8, Fate.GIVEN_UP, 9.0)),
)


def test_fates_are_summed():
    counts = fate_counts(FATES, ["then", "now", "never"])
    assert list(counts.index) == ["then", "now", "never"]
    assert list(counts.loc["now"]) == [0, 3, 0, 2, 2, 0, 1, 1] and counts.loc["never"].sum() == 0


def table(levels: dict[str, list[float]]) -> pd.DataFrame:
    """Made-up outcomes by scenario run and seed, with one value for all judged outcomes."""
    rows = [
        {"block": MAIN, "scenario": arm, "seed": seed} | dict.fromkeys(JUDGED, value)
        for arm, values in levels.items()
        for seed, value in enumerate(values, 1)
    ]
    return pd.DataFrame(rows)


def test_the_plan_is_chosen_on_the_other_half_so_that_luck_is_not_merit() -> None:
    # On seeds 1 and 3 plan 0 is better, on seeds 2 and 4 plan 1: each half chooses what is worse for the other.
    gains = np.array([[5.0, 0.0, 5.0, 0.0], [0.0, 3.0, 0.0, 3.0]])
    np.testing.assert_array_equal(hindsight(gains), [0.0, 0.0, 0.0, 0.0])
    np.testing.assert_array_equal(hindsight(gains[:1]), gains[0])
    assert np.isnan([*hindsight(np.empty((0, 4))), *hindsight(np.ones((2, 1)))]).all(), "without plans or seeds"
    # Twenty plans that gain nothing: chosen and measured on the same seeds, the best would seem to gain 0.6. The mean
    # over 2,000 trials has a standard error of 0.007; five of them are allowed, an error rate below 1e-6.
    draw = np.random.default_rng(3)
    trials = draw.normal(0, 1, (2_000, 20, 10))
    assert np.mean([hindsight(gains).mean() for gains in trials]) == pytest.approx(0.0, abs=0.035)
    assert trials.mean(axis=2).max(axis=1).mean() > 0.5


def test_regret_is_signed_by_what_is_better() -> None:
    base = [10.0, 10.0, 10.0, 10.0]
    levels = {"base": base, "own": [11.0, 12.0, 11.0, 12.0], "plan": [14.0, 15.0, 14.0, 15.0], "idle": base}
    judged = regrets(PairedArms(table(levels)), "base", ["own", "plan", "idle"], ["plan", "idle"])
    found = {(entry.scenario, entry.outcome): entry for entry in judged}
    executed, harm = found["own", "executed_per_year"], found["own", "harm"]
    assert executed.best == "plan" and executed.gain.value == pytest.approx(1.5)
    assert executed.regret.value == pytest.approx(3.0) and not executed.regret.includes_zero
    assert harm.best == "idle"  # more harm is worse: doing nothing is the best plan here
    assert harm.gain.value == pytest.approx(-1.5) and harm.regret.value == pytest.approx(1.5)
    assert found["plan", "executed_per_year"].regret.value == pytest.approx(0.0)
