"""Tests of implausibility, and of drawing parameter sets by their probability of agreement."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import norm

from sim.calibration import prior
from sim.calibration.emulator import DISCREPANCY, FEWEST, Match, Matched, chance_of, constant
from sim.calibration.emulator import matched as fitted
from sim.calibration.prior import draw_weighted
from sim.calibration.targets import Bound, targets
from tests.calibration.made_up import of_one

PARAMETERS = 20
TARGET = replace(targets()[0], value=1.0, error=0.5, key="made up")  # 0 on its scale


def matched(error=0.25, chance=0.09, presence=None):
    """Makes an emulator of a fact that is linear in the first parameter."""
    return Matched(TARGET, of_one(PARAMETERS, 0, 10.0, error=error), presence, chance)


def at(*shares):
    cube = np.full((len(shares), PARAMETERS), 0.5)
    cube[:, 0] = shares
    return cube


def test_implausibility_by_hand():
    found = matched().implausibility(at(0.5, 0.6, 0.8, 0.1))
    spread = np.sqrt(0.25 - 0.09 + 0.09 + DISCREPANCY**2 + 0.5**2)
    assert found == pytest.approx([0.0, 1.0 / spread, 3.0 / spread, 4.0 / spread])
    above = replace(matched(), target=replace(TARGET, bound=Bound.LOWER)).implausibility(at(0.5, 0.6, 0.1))
    assert above == pytest.approx([0.0, 0.0, 4.0 / spread])
    assert matched(error=0.1, chance=0.2).own_error == pytest.approx(0.005)
    presence = constant(0.1, 0.01, PARAMETERS)
    assert matched(presence=presence).implausibility(at(0.5)) == pytest.approx([4.0])


def test_energy_adds_up_over_targets_and_a_run_counts_beside_the_emulator():
    both = Match((matched(), matched(error=1.0)))
    product = matched().probability(at(0.5, 0.9)) * matched(error=1.0).probability(at(0.5, 0.9))
    assert both.energy(at(0.5, 0.9)) == pytest.approx(-np.log(product))
    part, cube = matched(), at(0.5, 0.5, 0.5)
    before, after = part.probability(cube), part.probability(cube, np.array([0.0, 3.0, np.nan]))
    assert after[0] > before[0] > after[1]
    assert after[2] == pytest.approx(0.5 * before[2])  # the outcome was missing in the run


def test_chance_comes_from_pairs_and_what_is_often_missing_has_a_second_emulator():
    """The variance by chance is estimated from 4,000 pairs, within five standard errors of 2 %."""
    pairs = np.random.default_rng(1).normal(50.0, [1.0, 3.0], (4000, 2, 2))
    pairs[::10, 0, 1] = np.nan
    assert [chance_of(pairs[:, :, place]) for place in (0, 1)] == pytest.approx([1.0, 9.0], rel=0.12)
    assert chance_of(np.full((3, 2), np.nan)) == 0.0
    cube = np.random.default_rng(2).random((200, PARAMETERS))
    values = np.column_stack([cube[:, 0], np.where(cube[:, 1] > 0.7, np.nan, cube[:, 0]), np.full(200, np.nan)])
    parts = [fitted(TARGET, cube, column, 0.0, np.arange(PARAMETERS)) for column in values.T]
    assert parts[0].presence is None
    presence = parts[1].presence
    assert presence is not None and int(np.argmax(presence.main_effects)) == 1
    assert parts[2].implausibility(cube).max() == 0.0


def test_weights_are_those_of_the_energy():
    """Draws by energy k·x have a density ∝ exp(−k·x), within five standard errors."""
    strength = 20.0
    cube = draw_weighted(lambda cube: strength * cube[:, 0], PARAMETERS, 2000, 4)
    expected = 1 / strength - 1 / np.expm1(strength)
    assert cube[:, 0].mean() == pytest.approx(expected, abs=5 / strength / np.sqrt(2000) * 2)
    assert np.abs(cube[:, 1:].mean(axis=0) - 0.5).max() < 6 * np.sqrt(1 / 12 / 2000) * 2  # copies are not independent


@pytest.mark.parametrize("presence", [None, 0.6, 5.0, -1.0])
def test_probability_is_that_of_the_mean_of_a_set_inside_the_band(presence):
    """The probability of agreement weights emulator and runs by precision and adds the model's own error."""
    chance, runs = 0.09, 4
    part = matched(1.0, chance, None if presence is None else constant(presence, 0.01, PARAMETERS))
    low, high = TARGET.linked_band
    there = 1.0 if presence is None else min(max(presence, 0.02), 1.0)
    emulated, seen = np.array([1.0, 1.0, -4.0]), np.array([3.0, np.nan, 0.5])
    own = 1.0 - chance
    for place, (mean, run) in enumerate(zip(emulated, seen, strict=True)):
        known, expected = not np.isnan(run), there
        middle, variance = mean, own
        if known:
            middle, variance = (
                (mean / own + run * runs / chance) / (1 / own + runs / chance),
                1 / (1 / own + runs / chance),
            )
        spread = np.sqrt(variance + DISCREPANCY**2)
        expected = (1.0 if known else 0.5 * there) * (norm.cdf(high, middle, spread) - norm.cdf(low, middle, spread))
        found = part.probability(at(*(0.5 + emulated / 10)), seen, runs)[place]
        assert found == pytest.approx(max(expected, 1e-9), rel=1e-6)
        alone = there * (
            norm.cdf(high, mean, np.hypot(own**0.5, DISCREPANCY)) - norm.cdf(low, mean, np.hypot(own**0.5, DISCREPANCY))
        )
        assert part.probability(at(0.5 + mean / 10))[0] == pytest.approx(max(alone, 1e-9), rel=1e-6)


def test_the_worst_fact_rules_and_a_fact_on_another_scale_has_its_own_slope():
    both = Match((matched(), replace(matched(), target=replace(TARGET, bound=Bound.UPPER))))
    cube = at(0.2, 0.5, 0.9)
    assert both.implausibility(cube) == pytest.approx(matched().implausibility(cube))
    share = replace(TARGET, unit="share", value=0.2)
    assert replace(matched(), target=share).discrepancy == pytest.approx((DISCREPANCY * 0.2) ** 2)
    spread = np.sqrt(0.25 + (0.2 * DISCREPANCY) ** 2 + (0.2 * 0.5) ** 2)
    expected = abs(1.0 - np.arcsin(np.sqrt(0.2))) / spread
    assert replace(matched(), target=share).implausibility(at(0.6))[0] == pytest.approx(expected)


@pytest.mark.parametrize(("missing", "emulated"), [(0.019, False), (0.021, True), (0.979, True), (0.981, False)])
def test_what_is_often_but_not_always_missing_has_an_emulator_of_presence(missing, emulated):
    cube = np.random.default_rng(2).random((1000, 3))
    values, inputs = np.where(np.arange(1000) < round(1000 * missing), np.nan, cube[:, 0]), np.arange(3)
    found = fitted(TARGET, cube, values, 0.3, inputs)
    assert (found.presence is not None) == emulated
    assert found.chance == 0.3
    few, share = np.where(np.arange(1000) < FEWEST - 1, 0.7, np.nan), replace(TARGET, unit="share", value=0.2)
    constant_one = fitted(share, cube, few, 0.0, inputs).emulator
    assert constant_one(cube[:2]).tolist() == pytest.approx([0.7, 0.7])
    assert constant_one.error == pytest.approx((3.0 * 2.0 * TARGET.error * 0.2) ** 2)
    enough = np.where(np.arange(1000) < FEWEST, 0.7, np.nan)
    assert fitted(TARGET, cube, enough, 0.0, inputs).emulator.shape != (0, 0, 0)


def test_steps_leave_half_of_the_sets_effective_and_sets_are_copied_as_weights_say():
    energies = np.random.default_rng(3).exponential(3.0, 4000)
    strength = 0.0
    for _ in range(20):
        more = prior._next_strength(energies, strength)
        weights = np.exp(-(more - strength) * energies)
        left = weights.sum() ** 2 / (weights**2).sum() / len(weights)
        assert more > strength and (left == pytest.approx(prior.KEPT, abs=1e-6) or (more == 1.0 and left > prior.KEPT))
        if more == 1.0:
            break
        strength = more
    assert strength > 0.0 and more == 1.0
    assert prior._next_strength(np.full(9, 7.0), 0.3) == 1.0, "all alike"
    weights = np.array([0.0, 3.0, 1.0, 0.0, 4.0, 0.0, 0.0, 0.0])
    assert np.bincount(prior._resampled(weights, 1), minlength=8).tolist() == weights.tolist()
    cube = np.repeat(np.arange(5.0), 3)[:, None]
    assert sorted(prior._different(cube, 5, 1).ravel()) == list(range(5)), "none twice where there are enough"
    assert set(prior._different(cube, 7, 1).ravel()) == set(range(5)) and len(prior._different(cube, 7, 1)) == 7
    for particles, size, moved in ((40, 5, 40), (40, 30, 60), (0, 5, prior.PARTICLES)):
        sizes = []
        assert draw_weighted(
            lambda cube, at=sizes: at.append(len(cube)) or 0.0 * cube[:, 0], 2, size, 1, particles
        ).shape == (size, 2)
        assert set(sizes) == {moved}, "as many sets are moved as were asked for, twice as many as are wanted at least"
    spread = np.sort(prior.uniform(50, 2, 1), axis=0)
    assert (np.floor(spread * 50) == np.arange(50)[:, None]).all()
