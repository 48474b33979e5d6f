"""Direct orders in ordinary cases: how many, whom they reach, how long files wait there."""

import numpy as np
import pytest

from sim.measures.country import by_state
from sim.measures.outcomes import outcome
from tests.measures.worlds import observation

ORDERS = [(0, 1, 60), (1, 0, 20), (0, 2, 10), (3, 1, 10)]


def value(key: str, **tables: object) -> float:
    return outcome(key).measure(observation(**tables))


def test_orders_by_hand() -> None:
    seen = observation(orders=ORDERS)
    assert outcome("direct_orders_per_year").measure(seen) == pytest.approx(100 / seen.window.years)
    assert outcome("direct_orders_largest_share").measure(seen) == pytest.approx(0.7)
    assert outcome("direct_orders_imbalance").measure(seen) == pytest.approx(0.6)
    table = by_state(seen)
    assert list(table["orders_sent"]) == [0, 70, 20, 0, 10]
    assert list(table["orders_received"]) == [0, 20, 70, 10, 0]


def test_without_orders() -> None:
    assert value("direct_orders_per_year") == 0.0
    assert np.isnan(value("direct_orders_largest_share"))
    assert np.isnan(value("direct_orders_imbalance"))
