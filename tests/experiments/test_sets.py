"""Which seed has which parameter set, and how much of the spread of an effect is due to parameters."""

import math

import numpy as np
import pytest

from sim.experiments.axis import Axis, AxisKind, Level
from sim.experiments.plan import Base, Run
from sim.experiments.sets import ParameterSets, components, set_numbers
from sim.policy.scenario import load
from sim.world.parameters import Parameters, WorldSpec, with_values

NAME, OTHER = "desk.court_wait_days", "request.deficiency"


def test_every_fifth_seed_has_the_set_of_the_first_of_its_round() -> None:
    assert list(set_numbers(np.arange(12))) == [0, 1, 2, 3, 0, 4, 5, 6, 7, 4, 8, 9]


def test_sets_begin_again_when_all_are_taken() -> None:
    sets = ParameterSets([{NAME: float(days)} for days in (10, 20, 30)], first_seed=7)
    waits = [sets.parameters(Parameters(), seed).desk.court_wait_days for seed in range(7, 14)]
    assert waits == [10, 20, 30, 10, 10, 20, 30]


def test_what_somebody_chose_is_the_same_in_every_set() -> None:
    sets = ParameterSets([{NAME: 10.0, OTHER: 0.2}], first_seed=1)
    chosen = with_values(Parameters(), {NAME: 150.0})
    found = sets.parameters(chosen, 1)
    assert (found.desk.court_wait_days, found.request.deficiency) == (150.0, 0.2)


def effects(chance: float, spread: float, centre: float, seeds: int = 4_000) -> tuple[np.ndarray, np.ndarray]:
    """Effects of seeds whose sets shift them, normal in both."""
    draw = np.random.default_rng(1)
    numbers = set_numbers(np.arange(seeds))
    shifts = draw.normal(centre, spread, numbers.max() + 1)
    return shifts[numbers] + draw.normal(0.0, chance, seeds), numbers


def test_chance_and_parameters_are_distinguished() -> None:
    """Shares within .08, over three standard errors with 800 sets that two seeds share."""
    for chance, spread, centre in ((1.0, 1.0, 1.0), (2.0, 1.0, 0.5), (1.0, 3.0, -3.0)):
        found = components(*effects(chance, spread, centre))
        assert found.chance == pytest.approx(chance**2 / (chance**2 + spread**2), abs=0.08)
        normal = 0.5 * (1.0 + math.erf(abs(centre) / spread / math.sqrt(2.0)))
        assert found.holds == pytest.approx(normal, abs=0.08)


def test_an_effect_that_is_chance_alone_holds_where_its_mean_is_known() -> None:
    """An estimate of the variance between sets is negative in half of such samples; then chance explains everything."""
    repeated = np.tile([1.0, -1.0], 20)
    numbers = np.repeat(np.arange(20), 2)  # two seeds of each set differ as much as any others
    assert components(repeated + 5.0, numbers) == (1.0, 1.0)
    assert components(repeated, numbers).chance == 1.0
    assert math.isnan(components(repeated, numbers).holds)


def test_too_few_shared_sets_say_nothing() -> None:
    values, numbers = effects(1.0, 1.0, 1.0, 20)
    assert all(map(math.isnan, components(values, numbers)))
    values, numbers = effects(1.0, 1.0, 1.0, 25)
    assert not math.isnan(components(values, numbers).chance)


def test_a_past_has_the_parameters_of_its_seed() -> None:
    """All scenarios of a seed share them; what a point sets stays."""
    scenario = load("status_quo")
    base = Base((), (scenario,), {(): (WorldSpec(), Parameters())}, sets=ParameterSets([{NAME: 10.0}, {NAME: 20.0}], 1))
    waits = [base.task((Run(0, 0, 0, seed, ()),)).parameters.desk.court_wait_days for seed in (1, 2, 3)]
    assert waits == [10.0, 20.0, 10.0]
    axis = Axis(f"uncertainty.{NAME}", AxisKind.UNCERTAINTY, "days", (Level(150.0, 150.0),))
    point = Base((axis,), (scenario,), {(): (WorldSpec(), Parameters())}, sets=base.sets)
    assert point.task((Run(0, 0, 0, 2, axis.levels),)).parameters.desk.court_wait_days == 150.0
