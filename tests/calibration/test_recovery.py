"""Planted sets of a made-up model are found again, and what nothing decides stays as unknown as it was."""

import numpy as np
import pytest

from sim.calibration import drawing
from sim.calibration.emulator import Emulator
from sim.calibration.matching import Match, Matched
from sim.calibration.targets import Role, of_role
from tests.calibration.recovery import around, recover

PARAMETERS, DECIDED = 12, 4


@pytest.fixture(scope="module")
def found():
    """Four outcomes, each decided by a parameter of its own over eight half-widths; eight parameters decide nothing."""
    parts = []
    for place, target in enumerate(of_role(Role.FIT)[:DECIDED]):
        weights, middle = np.array([8.0 * target.half_width / np.sqrt(12.0), 0.0]), target.middle
        emulator = Emulator(
            np.array([place]), (1, 1, 0), weights, np.zeros(PARAMETERS), middle, 0.0, 1.0, np.eye(PARAMETERS)[place]
        )
        parts.append(Matched(target, emulator, None, (0.2 * target.half_width) ** 2, 0.0))
    patch = pytest.MonkeyPatch()
    patch.setattr(drawing, "PARTICLES", 600)
    yield recover(Match(tuple(parts)), 12, 80, draws=400)
    patch.undo()


def test_intervals_hold_what_was_planted(found):
    """144 intervals: the standard error of their share is 2.5 points; bands are wide, so more than 90 % may hold."""
    assert 0.80 <= found.holds.mean() <= 0.99
    assert found.holds[:, :DECIDED].mean() > 0.75


def test_what_outcomes_decide_becomes_narrower_and_nothing_else(found):
    assert sorted(found.named(DECIDED)) == list(range(DECIDED))
    assert found.ratio[:DECIDED].max() < 0.5  # a band of two half-widths in eight
    assert found.ratio[DECIDED:].min() > 0.9


def test_a_planted_fact_is_measured_as_well_as_a_real_one():
    for target in of_role(Role.FIT):
        moved = around(target, target.middle + 0.5 * target.half_width)
        assert moved.half_width == pytest.approx(target.half_width)
        assert moved.middle == pytest.approx(target.middle + 0.5 * target.half_width)
