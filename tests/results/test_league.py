"""The order of policies, and which of them cannot be distinguished."""

import numpy as np
import pandas as pd
import pytest

from sim.experiments.plan import MAIN
from sim.measures.outcomes import OUTCOMES
from sim.results.effects import PairedArms
from sim.results.league import RANKED_BY, as_table, standings

SEEDS = 30
#: Mean gain of each policy, and how much it varies between worlds.
GAINS = {"strong": (10.0, 1.0), "nearly": (9.9, 1.0), "wild": (8.0, 20.0), "weak": (3.0, 1.0), "harms": (-4.0, 1.0)}


def arms() -> PairedArms:
    """Worlds that differ a lot, in each of which a policy adds about its gain and costs 1 to 30 million."""
    rng = np.random.default_rng(5)
    world, frames = rng.normal(100.0, 50.0, SEEDS), []
    for key, (gain, spread) in {"status_quo": (0.0, 0.0), **GAINS}.items():
        noise = rng.normal(0.0, spread, SEEDS)
        level = world + gain + (noise - noise.mean())
        frame = pd.DataFrame({about.key: level for about in OUTCOMES}).assign(block=MAIN, scenario=key)
        frames.append(frame.assign(seed=range(SEEDS), policy_cost=np.arange(SEEDS) + 1.0))
    return PairedArms(pd.concat(frames))


def test_policies_stand_by_their_mean_and_a_group_ends_where_chance_does() -> None:
    """One that varies much belongs to the first group although its mean is lower; one that harms stands last."""
    found = standings(arms(), "status_quo", ["harms", "weak", "wild", "nearly", "strong", "never run"])
    assert [(entry.scenario, entry.place, entry.group) for entry in found] == [
        ("strong", 1, 1),
        ("nearly", 2, 1),
        ("wild", 3, 1),
        ("weak", 4, 2),
        ("harms", 5, 3),
    ]
    assert [entry.to_first is None for entry in found] == [True, False, False, True, True]
    assert found[1].to_first is not None and found[1].to_first.difference == pytest.approx(-0.1)


def test_half_of_the_interval_and_the_range_of_the_price() -> None:
    strong = standings(arms(), "status_quo", ["strong"])[0]
    whole, half = strong.ranked.high - strong.ranked.difference, strong.halves[RANKED_BY]
    assert half / whole == pytest.approx(0.683 / 2.045, abs=0.001), "Student's t of 29 degrees of freedom"
    assert strong.price.value == strong.usual_price.value == 15.5
    assert (strong.price.low, strong.price.high) == (pytest.approx(2.45), pytest.approx(28.55))
    row = as_table([strong]).iloc[0]
    assert row[RANKED_BY] - row[f"{RANKED_BY}_baseline"] == pytest.approx(row[f"{RANKED_BY}_difference"])
    assert (row["price"], row["price_high"]) == (15.5, strong.price.high)
