"""The sum by hand: it comes near what is simulated, and each of its parts does what the page says."""

from math import isclose, log

import pytest

from docs.programs import by_hand
from docs.programs.by_hand import Known, kept, shorter, worked

NEAR = 1.5  # times, either way: what a reader may expect of means, and of a dozen things left out


@pytest.fixture(scope="module")
def at() -> Known:
    return by_hand.known()


def test_by_hand_the_effect_is_within_a_factor_of_the_simulated(at: Known) -> None:
    hand, (months, ratio) = worked(at), by_hand.simulated()
    assert 1.0 / NEAR < (hand.ratio - 1.0) / (ratio - 1.0) < NEAR
    saved = hand.months[0] - hand.months[1]
    assert 1.0 / NEAR < saved / (months[0] - months[1]) < NEAR


def test_a_desk_fills_up_until_as_much_comes_as_is_done() -> None:
    """Where nothing is withdrawn the wait is people^(−1/ε) of today's; else what came and stayed is what is done."""
    assert isclose(shorter(1.5, 0.5, 0.0), 1.5**-2.0, rel_tol=1e-6)
    assert shorter(1.5, 0.0, 0.1) < 1e-5 and isclose(shorter(1.0, 0.5, 0.1), 1.0, rel_tol=1e-6)
    x = shorter(1.5, 0.7, 0.3)
    assert isclose(-0.7 * log(x) + 0.3, log(1.5) + 0.3 * x, rel_tol=1e-6)


def test_more_data_are_kept_if_they_are_younger_or_frozen(at: Known) -> None:
    frozen = {**at.median, "evidence.preservation_use": 1.0, "evidence.preservation_success": 1.0}
    assert kept(at.median, 300.0) < kept(at.median, 100.0) < kept(at.median, 1.0) < 1.0 + 1e-9
    assert isclose(kept(frozen, 300.0), 1.0)


def test_without_the_policy_nothing_changes_and_the_answer_of_courts_costs_some_of_it(at: Known) -> None:
    idle = at._replace(dose=dict.fromkeys(at.dose, 1.0) | {"transmission.electronic_share": 0.0})
    assert isclose(worked(idle).ratio, 1.0, abs_tol=1e-6)
    frozen, full = (at._replace(median={**at.median, "desk.court_elasticity": value}) for value in (0.0, 1.0))
    assert worked(frozen).ratio > worked(at).ratio > worked(full).ratio
    alone = at._replace(alone=1.0)
    assert worked(alone).ratio == 1.0
