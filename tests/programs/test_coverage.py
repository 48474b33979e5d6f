"""Tests of the program on coverage: correct intervals reach 95 %, and narrow intervals do not."""

import numpy as np
import pandas as pd
import pytest

from docs.programs import coverage
from docs.programs.coverage import EACH, LIST, covered, places, wanted
from sim.experiments.sets import set_numbers
from sim.measures.outcomes import OUTCOMES
from sim.policy.scenario import catalogue

SETS = 100


def test_the_list_names_twenty_outcomes_and_five_policies_once() -> None:
    outcomes, policies = wanted()
    assert (len(set(outcomes)), len(set(policies))) == (20, 5) and len(pd.read_csv(LIST)) == 25
    assert set(outcomes) <= {about.key for about in OUTCOMES} and set(policies) <= set(catalogue())


@pytest.mark.parametrize("worlds", [20, 50])
def test_a_sub_sample_is_whole_rounds_without_a_world_twice(worlds: int) -> None:
    chosen, clusters = places(SETS, worlds, 50)
    assert chosen.shape == (worlds, 50) and chosen.max() < EACH * SETS
    assert sorted(np.bincount(clusters)) == sorted(np.bincount(set_numbers(np.arange(worlds))))
    for column in chosen.T:
        assert len(set(column)) == worlds
        numbers = column % SETS
        assert all(len(set(numbers[clusters == one])) == 1 for one in set(clusters))
        assert len(set(numbers)) == len(set(clusters))


@pytest.mark.parametrize("chance", [0.05, 0.8])
def test_the_design_finds_what_intervals_cover(chance: float) -> None:
    """Coverage of normal effects in 20 populations is 94.5 to 95 % (standard error below 0.2 points)."""
    draw = np.random.default_rng(7)
    made = [
        (draw.normal(1.0, np.sqrt(1.0 - chance), SETS) + draw.normal(0.0, np.sqrt(chance), (EACH, SETS))).ravel()
        for _ in range(20)
    ]
    for worlds in (20, 50):
        assert 0.935 < np.mean([covered(values, worlds) for values in made]) < 0.96
    assert np.isnan(covered(np.ones(EACH * SETS), 20))


def test_narrow_intervals_are_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    whole = coverage.interval

    def half(values, clusters):
        low, high = whole(values, clusters)
        return low + (high - low) / 4.0, high - (high - low) / 4.0

    monkeypatch.setattr(coverage, "interval", half)
    assert covered(np.random.default_rng(1).normal(0.0, 1.0, EACH * SETS), 50) < 0.75
