"""Implausibility counts all that could explain a gap; draws follow the prior where nothing is said."""

from dataclasses import replace

import numpy as np
import pytest

from sim.calibration.drawing import draw_weighted
from sim.calibration.emulator import constant
from sim.calibration.matching import DISCREPANCY, Match, Matched, chance_of, match
from sim.calibration.targets import Bound, targets
from tests.calibration.made_up import of_one

PARAMETERS = 20
TARGET = replace(targets()[0], value=1.0, error=0.5, key="made up")  # 0 on its scale


def matched(error=0.25, chance=0.09, presence=None):
    """By an emulator that gives 10 × (the first share − one half)."""
    return Matched(TARGET, of_one(PARAMETERS, 0, 10.0, error=error), presence, chance, 0.0)


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
    """The standard error of the variance from 4,000 pairs is 2 %; five of them are allowed, an error of one in 1e6."""
    pairs = np.random.default_rng(1).normal(0.0, [1.0, 3.0], (4000, 2, 2))
    pairs[::10, 0, 1] = np.nan
    assert chance_of(pairs) == pytest.approx([1.0, 9.0], rel=0.12)
    assert chance_of(np.full((3, 2, 1), np.nan)).tolist() == [0.0]
    cube = np.random.default_rng(2).random((200, PARAMETERS))
    values = np.column_stack([cube[:, 0], np.where(cube[:, 1] > 0.7, np.nan, cube[:, 0]), np.full(200, np.nan)])
    found = match([TARGET] * 3, cube, values, np.zeros(3))
    assert found.parts[0].presence is None
    presence = found.parts[1].presence
    assert presence is not None and int(np.argmax(presence.main_effects)) == 1
    assert found.parts[2].missing == 1.0 and found.parts[2].implausibility(cube).max() == 0.0


def test_weights_are_those_of_the_energy():
    """With energy k·x the share x has density ∝ exp(−k·x): mean near 1/k; 2,000 draws, five standard errors."""
    strength = 20.0
    cube = draw_weighted(lambda cube: strength * cube[:, 0], PARAMETERS, 2000, 4)
    expected = 1 / strength - 1 / np.expm1(strength)
    assert cube[:, 0].mean() == pytest.approx(expected, abs=5 / strength / np.sqrt(2000) * 2)
    assert np.abs(cube[:, 1:].mean(axis=0) - 0.5).max() < 6 * np.sqrt(1 / 12 / 2000) * 2  # copies are not independent
