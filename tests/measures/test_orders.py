"""Ordinary requests that are counted: how many, whom they reach, and what is answered."""

import numpy as np
import pytest

from sim.law.order import legal_order
from sim.measures.country import by_state
from sim.measures.orders import Way, ordinary
from sim.measures.outcomes import outcome
from sim.world.records import ORDINARY, Addressee, Ordinary
from tests.measures.worlds import observation

ORDERS = [(0, 1, 60), (1, 0, 20), (0, 2, 10), (3, 1, 10)]


def value(key: str, **tables: object) -> float:
    return outcome(key).measure(observation(**tables))


def test_orders_by_hand() -> None:
    seen = observation(orders=ORDERS)
    assert outcome("direct_orders_per_year").measure(seen) == pytest.approx(100 / seen.window.years)
    assert outcome("direct_orders_imbalance").measure(seen) == pytest.approx(0.6)
    table = by_state(seen)
    assert list(table["orders_sent"]) == [0, 70, 20, 0, 10]
    assert list(table["orders_received"]) == [0, 20, 70, 10, 0]


def test_without_orders() -> None:
    assert value("direct_orders_per_year") == 0.0
    assert np.isnan(value("direct_orders_imbalance"))


def counts(*rows: tuple[int, int, int, float, float, float]) -> np.ndarray:
    """Rows of counts: year, kind, state, requests, answered, sum of log days."""
    return np.array(list(rows), ORDINARY)


def test_ordinary_requests_by_hand() -> None:
    seen = observation(
        ordinary=counts(
            (2026, Ordinary.VOLUNTARY, 0, 999.0, 9.0, 9.0),  # before policy: in the table, not in outcomes
            (2027, Ordinary.VOLUNTARY, 0, 60.0, 30.0, 30.0 * np.log(4.0)),
            (2036, Ordinary.BINDING + Addressee.NEVER, 1, 40.0, 0.0, 0.0),
            (2036, Ordinary.ASSISTED_IRL, 1, 4.0, 0.0, 0.0),
            (2036, Ordinary.PRESERVATION, 1, 20.0, 0.0, 0.0),
            (2036, Ordinary.ASSISTANCE, 2, 50.0, 0.0, 0.0),
            (2036, Ordinary.BINDING + Addressee.HOST, 2, 9e9, 9e9, 0.0),
            (2036, Ordinary.EMERGENCY, 2, 0.0, 0.0, 0.0),
            (2037, Ordinary.VOLUNTARY, 0, 7.0, 7.0, 7.0),  # follow-up
        )
    )
    figures = [
        outcome(f"ordinary_{name}").measure(seen)
        for name in ("direct_per_year", "direct_per_assisted", "preservation_per_year")
    ]
    assert figures == pytest.approx([10.0, 25.0, 2.0])
    table = ordinary(seen)
    assert list(table["year"]) == [2026, 2027, 2036, 2036, 2036, 2036, 2036]
    ways = [Way.VOLUNTARY] * 2 + [Way.BINDING, Way.ASSISTED, Way.PRESERVATION, Way.ASSISTANCE, Way.BINDING]
    assert list(table["way"]) == ways
    assert list(table["addressee"]) == [0, 0, 3, -1, -1, -1, 4]
    assert list(table["requesting"]) == [0, 0, 1, 1, 1, -1, 2]
    assert list(table["requested"]) == [-1, -1, -1, legal_order().index("IRL"), -1, 2, -1]
    assert table["days"][1] == pytest.approx(4.0)
    assert np.isnan(table["days"][[2, 3, 4, 5]]).all()
    assert list(np.isnan(table["answered"])) == [False, False, False, True, True, True, False]
