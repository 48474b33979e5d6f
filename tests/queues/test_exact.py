"""Tests of the exact simulation against closed forms: M/M/c, Erlang-A, Pollaczek–Khinchine, Cobham.

Bounds are four standard errors from 20 batch means, about 0.1 % a test by Student's t, unless said otherwise.
"""

import math

import numpy as np
import pytest

from sim.law.days import MONTH
from tests.queues.exact import FIRST, Desk, Float, Steps, constant, waits

PACE = 4.8
ONE = (np.array([1.0]), np.array([0.0]))
TWO = (np.array([0.4, 0.6]), np.array([FIRST, 0.0]))


def desk(persons: int, load: float, hours: float, variation: float, withdrawal: float, classes=ONE) -> Desk:
    """A desk with constant staff and load; `load` is hours of work received ÷ hours of capacity."""
    files = constant(load * persons * PACE / hours)
    return Desk(constant(persons), files, *classes, hours, variation, withdrawal, PACE)


def agrees(found: Float, expected: float) -> bool:
    """True if a correlated series' mean is within four standard errors of a value, from 20 batches."""
    batches = np.array([part.mean() for part in np.array_split(found, 20)])
    return abs(batches.mean() - expected) < 4.0 * batches.std(ddof=1) / math.sqrt(20)


def erlang_a(arrival: float, service: float, persons: int, withdrawal: float) -> float:
    """Expected wait of a further request that never withdraws in an M/M/c+M queue, from its birth–death chain."""
    most = 4000
    weights = [1.0]
    for number in range(1, most):
        weights.append(weights[-1] * arrival / (min(number, persons) * service + max(number - persons, 0) * withdrawal))
    chances = np.array(weights) / sum(weights)
    steps = 1.0 / (persons * service + withdrawal * np.arange(most))  # days until the line ahead is one shorter
    return float((chances[persons:] * np.cumsum(steps)[: most - persons]).sum())


@pytest.mark.parametrize(("persons", "load"), [(1, 0.8), (3, 0.9), (10, 0.95)])
def test_erlang_c(persons: int, load: float) -> None:
    found = waits(desk(persons, load, 4.0, 1.0, 0.0), 60_000.0, 1.0, 1)
    assert agrees(found[found[:, 0] > 2_000.0, 2], erlang_a(load * persons * PACE / 4.0, PACE / 4.0, persons, 0.0))


@pytest.mark.parametrize(("persons", "load"), [(1, 1.0), (3, 1.1), (10, 1.2), (30, 1.05)])
def test_erlang_a(persons: int, load: float) -> None:
    withdrawal = 0.1 / MONTH
    found = waits(desk(persons, load, 12.0, 1.0, withdrawal), 60_000.0, 1.0, 2)
    expected = erlang_a(load * persons * PACE / 12.0, PACE / 12.0, persons, withdrawal)
    assert agrees(found[found[:, 0] > 3_000.0, 2], expected)


@pytest.mark.parametrize("variation", [0.5, 2.0, 4.0])
def test_pollaczek_khinchine(variation: float) -> None:
    found = waits(desk(1, 0.7, 4.0, variation, 0.0), 100_000.0, 1.0, 3)
    assert agrees(found[found[:, 0] > 1_000.0, 2], 0.7 * (1.0 + variation) / 2.0 * (4.0 / PACE) / 0.3)


def test_cobham() -> None:
    """Waits of two non-preemptive classes at one server agree with Cobham's formula."""
    found = waits(desk(1, 0.8, 4.0, 2.0, 0.0, TWO), 150_000.0, 1.0, 4)
    found = found[found[:, 0] > 1_000.0]
    residual = 0.8 * 1.5 * (4.0 / PACE)
    assert agrees(found[found[:, 1] == 0.0, 2], residual / (1.0 - 0.32))
    assert agrees(found[found[:, 1] == 1.0, 2], residual / (1.0 - 0.32) / (1.0 - 0.8))


def test_head_start_moves_a_line_and_does_not_shorten_it() -> None:
    """A priority credit shortens some waits and prolongs others, by amounts known in closed form.

    Dated files gain (1 − φ)·g and the others lose φ·g where all wait long: 30 persons, so the wait varies little.
    """
    plain = waits(desk(30, 1.15, 4.0, 2.0, 0.035 / MONTH), 30_000.0, 2.0, 5)
    dated = (np.array([0.3, 0.7]), np.array([50.0, 0.0]))
    mixed = waits(desk(30, 1.15, 4.0, 2.0, 0.035 / MONTH, dated), 30_000.0, 2.0, 5)
    wait = plain[plain[:, 0] > 4_000.0, 2].mean()
    mixed = mixed[mixed[:, 0] > 4_000.0]
    # Both means vary by about 1.5 d between seeds: 6 d are three standard errors of the difference, 0.3 %.
    assert abs(mixed[mixed[:, 1] == 0.0, 2].mean() - (wait - 35.0)) < 6.0
    assert abs(mixed[mixed[:, 1] == 1.0, 2].mean() - (wait + 15.0)) < 6.0


def test_staff_and_load_change_on_their_days() -> None:
    """Without staff no request starts, with staff the queue is served, and without requests nobody waits."""
    empty = desk(3, 0.5, 4.0, 2.0, 0.0)._replace(
        staff=Steps(np.array([0.0, 100.0, 130.0]), np.array([3.0, 0.0, 3.0])),
        load=Steps(np.array([0.0, 400.0]), np.array([1.8, 0.0])),
    )
    found = waits(empty, 1_000.0, 20.0, 6)
    shut = (found[:, 0] > 101.0) & (found[:, 0] < 130.0)
    assert np.all(found[shut, 0] + found[shut, 2] >= 130.0)
    assert found[(found[:, 0] > 300.0) & (found[:, 0] < 400.0), 2].mean() < 1.0
    assert found[found[:, 0] > 500.0, 2].max() == 0.0
