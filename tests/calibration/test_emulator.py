"""Tests of emulators: parameters that they select, and their errors on new sets."""

import numpy as np
import pytest

from sim.calibration import emulator as rules
from sim.calibration.emulator import FOLDS, constant, fit

SETS, PARAMETERS, NOISE = 300, 60, 0.1
DRAW = np.random.default_rng(5)
CUBE = DRAW.random((SETS, PARAMETERS))


def known(cube):
    """Known function of parameters: linear and quadratic terms and a product."""
    one, other = cube[:, 3] - 0.5, cube[:, 7] - 0.5
    return 2.0 + one + other + 2.0 * one * other + 3.0 * other**2


VALUES = known(CUBE) + NOISE * DRAW.standard_normal(SETS)


def test_what_decides_is_found_and_noise_is_not_explained():
    emulator = fit(CUBE, VALUES)
    assert set(np.argsort(-emulator.main_effects)[:2].tolist()) == {3, 7}
    new = np.random.default_rng(6).random((500, PARAMETERS))
    missed = float(np.mean((emulator(new) - known(new)) ** 2))
    # The stated error holds chance, the real one here does not; a factor of two leaves room for 300 sets.
    assert 0.5 * NOISE**2 < emulator.error < 2.0 * (missed + NOISE**2) and emulator.explained > 0.85
    # By chance the best of four R² of pure noise is above 0.1 in fewer than one draw in a thousand; one is drawn.
    assert fit(CUBE, np.random.default_rng(7).standard_normal(SETS)).explained < 0.1
    assert np.array_equal(fit(CUBE, VALUES)(CUBE), fit(CUBE, VALUES)(CUBE))


def test_sets_without_the_outcome_are_left_out_and_too_few_leave_a_constant():
    assert fit(CUBE, np.where(np.arange(SETS) % 3 == 0, np.nan, VALUES)).explained > 0.8
    emulator = constant(4.0, 9.0, PARAMETERS)
    assert emulator(CUBE[:3]).tolist() == [4.0, 4.0, 4.0] and emulator.error == 9.0


def test_parts_of_an_emulator_by_hand():
    """Features of an emulator are scaled shares, their squares and products, as computed by hand."""
    cube = np.array([[0.5, 0.0, 1.0, 0.25], [1.0, 0.5, 0.5, 0.75]])
    root = np.sqrt(12.0)
    features = rules._features(cube, np.array([2, 1, 3]), (3, 2, 3))
    one, two, three = 0.5 * root, -0.5 * root, -0.25 * root
    first = [one, two, three, one**2 - 1, two**2 - 1, one * two, one * three, two * three]
    np.testing.assert_allclose(features, [first, [0, 0, 0.25 * root, -1, -1, 0, 0, 0]], atol=1e-12)
    assert rules._features(cube, np.array([2, 1]), (2, 1, 5)).shape == (2, 2 + 1 + 1)
    emulator = rules.Emulator(np.array([1]), (1, 0, 0), np.array([2.0]), np.array([0, 1.0, 0, 4.0]), 7.0)
    assert emulator(cube).tolist() == pytest.approx([7 - root - 0.5 - 1.0, 7 + 1.0])
    assert emulator.main_effects.tolist() == [0.0, 1.0, 0.0, 0.0]


def test_those_that_go_with_an_outcome_most_are_used_and_errors_are_of_folds_not_seen():
    drawn = np.random.default_rng(1).random((40, 5))
    outcome = 3.0 * drawn[:, 4] - drawn[:, 1] + 0.2 * drawn[:, 0]
    strength = [abs(np.corrcoef(column, outcome)[0, 1]) for column in drawn.T]
    found = fit(drawn, outcome)
    assert found.strongest.tolist()[:3] == np.argsort(strength)[::-1][:3].tolist()
    errors = []
    for rest in rules.RESTS:
        predicted = np.empty(40)
        for out in (np.arange(40) % FOLDS == number for number in range(FOLDS)):
            known = rules._fitted(drawn[~out], outcome[~out], np.arange(5), found.shape, rest)
            predicted[out] = known(drawn[out])
        errors.append(np.mean((predicted - outcome) ** 2))
    assert found.error == pytest.approx(min(errors)) and found.explained == pytest.approx(
        1 - min(errors) / outcome.var()
    )
    assert np.isnan(fit(drawn, np.ones(40)).explained)


def test_a_line_of_one_parameter_is_found_wherever_it_may_be_used():
    cube = np.random.default_rng(8).random((400, 6))
    values = 5.0 + 2.0 * cube[:, 2]
    line = fit(cube, values)
    assert line(np.full((1, 6), 0.5))[0] == pytest.approx(6.0, abs=1e-3)
    assert line.explained > 0.999 and line.error < 1e-4 and line.main_effects[2] > 0.999
    assert line.main_effects.sum() == pytest.approx(1.0)
    others = fit(cube, values, np.array([0, 1, 3]))
    assert set(others.strongest.tolist()) <= {0, 1, 3} and others.main_effects[2] == 0.0
    many = np.random.default_rng(9).random((400, 80))
    spread = fit(many, (many - 0.5) @ np.ones(80))
    upper = 0.5 + 0.5 * many
    assert fit(upper, upper @ np.ones(80))(upper).mean() == pytest.approx(upper.sum(axis=1).mean(), abs=1e-3)
    assert np.isfinite(fit(cube, np.full(400, 3.0))(cube)).all()
    assert spread.explained > 0.7 and np.ptp(spread.rest) < 5.0 and np.abs(spread.rest).max() > 0.0, "all have a little"
