"""Tests of forecasts: the growth of recorded numbers in the model."""

import numpy as np
import pytest

from docs.programs.forecasts import _grown
from sim.world.records import Ordinary


def test_growth_is_that_of_some_kinds_and_senders_between_two_years() -> None:
    kinds = [("year", "i8"), ("kind", "i8"), ("state", "i8"), ("requests", "f8")]
    rows = [(2022, 3, 0, 10.0), (2022, 3, 1, 10.0), (2024, 3, 0, 45.0), (2024, 3, 1, 35.0), (2023, 3, 0, 99.0)]
    counted = np.array([*rows, (2024, 3, 2, 500.0), (2024, Ordinary.EMERGENCY, 0, 500.0)], kinds)
    assert _grown(counted, (3,), (0, 1), (2022, 2024), 1.0) == pytest.approx(2.0)
    assert _grown(counted, (3,), (0, 1), (2022, 2024), 3.0) == pytest.approx(8.0)
