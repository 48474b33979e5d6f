"""Emulators find what decides an outcome, and their error is that of sets not seen."""

import numpy as np
import pytest

from sim.calibration.emulator import FEWEST, constant, fit

SETS, PARAMETERS, NOISE = 300, 60, 0.1
DRAW = np.random.default_rng(5)
CUBE = DRAW.random((SETS, PARAMETERS))


def known(cube):
    """Linear in 3, curved in 7, and a product of 3 and 7."""
    one, other = cube[:, 3] - 0.5, cube[:, 7] - 0.5
    return 2.0 + one + other + 2.0 * one * other + 3.0 * other**2


VALUES = known(CUBE) + NOISE * DRAW.standard_normal(SETS)


def test_what_decides_is_found_and_noise_is_not_explained():
    emulator = fit(CUBE, VALUES)
    assert set(np.argsort(-emulator.main_effects)[:2].tolist()) == {3, 7}
    new = np.random.default_rng(6).random((500, PARAMETERS))
    missed = float(np.mean((emulator(new) - known(new)) ** 2))
    # The stated error holds chance, the real one here does not; a factor of two leaves room for 300 sets.
    assert 0.5 * NOISE**2 < emulator.error < 2.0 * (missed + NOISE**2)
    assert emulator.explained > 0.85
    # By chance the best of four R² of pure noise is above .1 in fewer than one draw in a thousand; one is drawn.
    assert fit(CUBE, np.random.default_rng(7).standard_normal(SETS)).explained < 0.1
    assert np.array_equal(fit(CUBE, VALUES)(CUBE), fit(CUBE, VALUES)(CUBE))


def test_sets_without_the_outcome_are_left_out_and_too_few_leave_a_constant():
    assert fit(CUBE, np.where(np.arange(SETS) % 3 == 0, np.nan, VALUES)).explained > 0.8
    with pytest.raises(ValueError, match="too few"):
        fit(CUBE, np.where(np.arange(SETS) < FEWEST - 1, VALUES, np.nan))
    emulator = constant(4.0, 9.0, PARAMETERS)
    assert emulator(CUBE[:3]).tolist() == [4.0, 4.0, 4.0] and emulator.error == 9.0
