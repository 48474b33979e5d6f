"""Cost for what is achieved: paired, and withheld where nothing may have been achieved."""

import numpy as np
import pandas as pd
import pytest

from sim.data.costs import USD_PER_EURO
from sim.experiments.statistics import as_frame
from sim.results.costs import costs
from sim.results.effects import PairedArms

SEEDS = 40


def outcomes(gain: float, spread: float, price: float = 100.0) -> pd.DataFrame:
    """A baseline and a policy that costs `price` and gains takedowns and harm in proportion."""
    noise = np.random.default_rng(1).normal(0, spread, SEEDS)
    common = np.random.default_rng(2).normal(50, 20, SEEDS)
    frames = []
    for scenario, extra, cost in (("status_quo", 0.0, 0.0), ("policy", gain + noise, price)):
        frame = {"block": "main", "scenario": scenario, "seed": range(SEEDS), "policy_cost": cost}
        frame |= {"handling_cost": 10 * common + cost / 10, "takedowns": common + extra, "harm": 90 - common - extra}
        frames.append(pd.DataFrame(frame))
    return pd.concat(frames)


def test_ratios_are_paired_totals_over_gains() -> None:
    (found,) = costs(PairedArms(outcomes(5.0, 1.0)), ["status_quo", "policy"], "status_quo")
    assert found.policy.value == 100 and found.handling.value == pytest.approx(10)
    assert found.per_takedown.value == pytest.approx(110 / found.takedowns.value)
    assert found.per_takedown.low < found.per_takedown.value < found.per_takedown.high
    assert found.per_euro_averted.value == pytest.approx(110e6 * USD_PER_EURO / (found.harm_averted.value * 1e9))
    assert found.withheld_takedown == found.withheld_harm == ""
    assert as_frame([found])["per_takedown_high"].iloc[0] == found.per_takedown.high


def test_ratios_are_withheld_where_the_gain_may_be_nothing_or_worse_or_free() -> None:
    (nothing,) = costs(PairedArms(outcomes(0.05, 5.0)), ["policy"], "status_quo")
    assert np.isnan(nothing.per_takedown.value) and "not distinguishable" in nothing.withheld_takedown
    (worse,) = costs(PairedArms(outcomes(-5.0, 1.0)), ["policy"], "status_quo")
    assert "worse" in worse.withheld_takedown and "worse" in worse.withheld_harm
    (free,) = costs(PairedArms(outcomes(5.0, 1.0, price=0.0)), ["policy"], "status_quo")
    assert "no price" in free.withheld_takedown
