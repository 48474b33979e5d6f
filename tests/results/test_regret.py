"""Regret against the best fixed plan: chosen on one half of the seeds, measured on the other."""

import numpy as np
import pandas as pd
import pytest

from sim.experiments.design import MAIN
from sim.results.effects import PairedArms
from sim.results.league import JUDGED, hindsight, regrets


def table(levels: dict[str, list[float]]) -> pd.DataFrame:
    """Outcomes of made-up arms, the same value for every judged outcome, one a seed."""
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
    found = {
        (entry.scenario, entry.outcome): entry
        for entry in regrets(PairedArms(table(levels)), "base", ["own", "plan", "idle"], ["plan", "idle"])
    }
    executed, harm = found["own", "executed_per_year"], found["own", "harm"]
    assert executed.best == "plan" and executed.gain.value == pytest.approx(1.5)
    assert executed.regret.value == pytest.approx(3.0) and not executed.regret.includes_zero
    assert harm.best == "idle"  # more harm is worse: doing nothing is the best plan here
    assert harm.gain.value == pytest.approx(-1.5) and harm.regret.value == pytest.approx(1.5)
    assert found["plan", "executed_per_year"].regret.value == pytest.approx(0.0)
