"""Tests of the parameter set of each seed."""

from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
from sim.data.costs import central_prices
from sim.experiments.axis import Axis, AxisKind, Level
from sim.experiments.plan import Base, Run
from sim.experiments.sets import ParameterSets, set_numbers
from sim.policy.scenario import load
from sim.world.parameters import Parameters, WorldSpec, with_values

NAME, OTHER = "desk.court_wait_days", "request.deficiency"


def test_every_fifth_seed_shares_a_set_sets_begin_again_and_what_somebody_chose_stays() -> None:
    assert list(set_numbers(np.arange(12))) == [0, 1, 2, 3, 0, 4, 5, 6, 7, 4, 8, 9]
    sets = ParameterSets([{NAME: float(days)} for days in (10, 20, 30)])
    waits = [sets.parameters(Parameters(), seed).desk.court_wait_days for seed in range(1, 8)]
    assert waits == [10, 20, 30, 10, 10, 20, 30]
    sets = ParameterSets([{NAME: 10.0, OTHER: 0.2}])
    chosen = with_values(Parameters(), {NAME: 150.0})
    found = sets.parameters(chosen, 1)
    assert (found.desk.court_wait_days, found.request.deficiency) == (150.0, 0.2)


def test_a_study_that_an_earlier_version_made_counts_from_its_own_first_seed() -> None:
    assert list(ParameterSets([{}] * 100, begins=11).numbers(np.arange(11, 16))) == [0, 1, 2, 3, 0]


@pytest.mark.parametrize("first", [0, 1, 101])
def test_a_seed_has_one_set_in_every_study(first: int) -> None:
    """A seed has the same parameter set in every study, and the outcomes name the set."""
    chosen = {"world": "tiny", "execution.executor": "serial", "sweep.breakdowns": []}
    asked: dict[str, Any] = {"ensemble": pd.DataFrame({NAME: np.linspace(10.0, 90.0, 7)}), "set": chosen}
    asked |= {"values": {"court.staff": [1, 2]}, "progress": None}
    one, other = (
        sim.sweep(seed=seed, replicates=seeds, **asked).outcomes.set_index(["seed", "point"]).sort_index()
        for seed, seeds in ((first, 4), (first + 2, 3))
    )
    pd.testing.assert_frame_equal(one.loc[first + 2 :], other.loc[: first + 3])
    for (seed, _), number in other["parameter_set"].items():
        assert number == ParameterSets([{}] * 7).number(seed)
    assert other["parameter_set"].nunique() > 1, "sets differ between seeds"


def test_a_past_has_the_parameters_of_its_seed() -> None:
    """A warm-up has its seed's parameters, except for those that a point sets."""
    scenario = load("status_quo")
    base = Base((), (scenario,), {(): (WorldSpec(), Parameters())}, sets=ParameterSets([{NAME: 10.0}, {NAME: 20.0}]))
    waits = [base.task((Run(0, 0, 0, seed, ()),)).parameters.desk.court_wait_days for seed in (1, 2, 3)]
    assert waits == [10.0, 20.0, 10.0]
    axis = Axis(f"uncertainty.{NAME}", AxisKind.UNCERTAINTY, "days", (Level(150.0, 150.0),))
    point = Base((axis,), (scenario,), {(): (WorldSpec(), Parameters())}, sets=base.sets)
    assert point.task((Run(0, 0, 0, 2, axis.levels),)).parameters.desk.court_wait_days == 150.0


def test_a_set_has_prices_of_its_own_at_every_point() -> None:
    scenario, sets = load("status_quo"), ParameterSets([{NAME: 10.0}, {NAME: 20.0}])
    base = Base((), (scenario,), {(): (WorldSpec(), Parameters())}, sets=sets)
    one, other, again = (dict(base.task((Run(0, 0, 0, seed, ()),)).prices) for seed in (1, 2, 3))
    assert one == again == sets.prices(1) == ParameterSets(sets.values, begins=8).prices(8)
    assert one != other and one != central_prices()
    plain = Base((), (scenario,), base.settings)
    assert plain.task((Run(0, 0, 0, 1, ()),)).prices == central_prices(), "defaults, where all parameters have theirs"
