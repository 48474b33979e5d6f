"""Tests of the calculation by hand: agreement with the simulation, and each of its parts."""

from math import isclose, log

import pytest

from docs.programs import by_hand
from docs.programs.by_hand import NEAR, Case, Known, elsewhere, kept, known, shorter, verdict, worked
from sim.policy.scenario import load


@pytest.fixture(scope="module")
def at() -> Known:
    return by_hand.known()


def test_by_hand_the_effect_is_within_a_factor_of_the_simulated(at: Known) -> None:
    """The effect by hand is near the simulated effect, whose 95 % interval errs in 1 of 20 cases."""
    hand, (months, _) = worked(at), by_hand.simulated()
    _, least, most = by_hand.simulated_effect()
    assert least / NEAR < 100.0 * (hand.ratio - 1.0) < most * NEAR
    saved = hand.sent[0] - hand.sent[1]
    assert 1.0 / NEAR < saved / (months[0] - months[1]) < NEAR


def test_a_desk_fills_up_until_as_much_comes_as_is_done() -> None:
    """The relative wait at a full desk solves the balance of work received, withdrawn and done."""
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


def test_months_that_are_compared_begin_with_sending(at: Known) -> None:
    """Months compared with outcomes start at sending, and exclude drafting."""
    hand, slower = worked(at), worked(at._replace(days={**at.days, "drafting": at.days["drafting"] + 60.0}))
    assert slower.sent == hand.sent and slower.months[0] > hand.months[0]
    assert hand.months[0] - hand.sent[0] > hand.months[1] - hand.sent[1] > 0.0, "more people shorten the first, too"


def test_other_policies_take_the_same_steps_with_their_own_doses() -> None:
    """The same steps give staff alone a smaller effect, and a policy without staff or channels none."""
    staff, whole, none = (worked(known(load(key))) for key in ("central_authority_staff", "faster_mlat", "status_quo"))
    assert isclose(none.ratio, 1.0, abs_tol=1e-6)
    assert 1.0 < staff.ratio < whole.ratio


def test_draws_and_policies_where_the_steps_were_not_chosen_are_all_there() -> None:
    cases = elsewhere()
    draws = [case for case in cases if "draw" in case.name]
    assert len(draws) == 12 and len(cases) >= 15
    assert len({round(case.hand, 3) for case in draws}) == 12, "each draw has its own days and numbers"
    known_cases = [Case("a", 30.0, (40.0, 30.0, 50.0)), Case("b", 10.0, (40.0, 30.0, 50.0))]
    words = verdict([*known_cases, Case("c", 20.0, (10.0, float("nan"), float("nan")), (3.0, 4.0))])
    assert "1 of 2 other policies and parts, and 0 of 1 draws" in words and "a factor of 2.00" in words
    assert "Months saved are within that factor in 1 of 1 draws" in words
