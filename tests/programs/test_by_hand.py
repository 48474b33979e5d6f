"""Tests of the calculation by hand: agreement with the simulation, and each of its parts."""

from math import isclose, log

import pytest

from docs.programs import by_hand
from docs.programs.by_hand import NEAR, Case, Known, as_simulated, elsewhere, kept, known, shorter, verdict, worked
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
    whole = {"preservation_use": 1.0, "preservation_success": 1.0, "preservation_missed": 0.0}
    frozen = {**at.median, **{f"evidence.{name}": value for name, value in whole.items()}}
    assert kept(at.median, 300.0, 280.0) < kept(at.median, 100.0, 80.0) < kept(at.median, 1.0, 1.0) < 1.0 + 1e-9
    assert isclose(kept(frozen, 300.0, 280.0), 1.0)


def test_a_freeze_ends_with_a_renewal_that_is_missed_or_after_the_last(at: Known) -> None:
    """An answer after 200 days needs two renewals of three months, one after 80 days none."""
    often = {**at.median, "evidence.preservation_missed": 0.5, "evidence.preservation_renewals": 2.0}
    never = {**often, "evidence.preservation_use": 0.0}
    soon, later, last = (kept(often, 400.0, wait) - kept(never, 400.0, wait) for wait in (80.0, 200.0, 300.0))
    assert isclose(later, soon / 4.0) and soon > 0.0 and last == 0.0


def test_without_the_policy_nothing_changes_and_the_answer_of_courts_costs_some_of_it(at: Known) -> None:
    idle = at._replace(dose=dict.fromkeys(at.dose, 1.0) | {"transmission.electronic_share": 0.0})
    assert isclose(worked(idle).ratio, 1.0, abs_tol=1e-6)
    frozen, full = (at._replace(median={**at.median, "desk.court_elasticity": value}) for value in (0.0, 1.0))
    assert worked(frozen).ratio > worked(at).ratio > worked(full).ratio


def test_speed_is_worth_nothing_where_nothing_ends_and_more_where_trails_are_long(at: Known) -> None:
    """The effect is zero where no case ends early, and it grows with the number of steps."""
    endless = {**at.outcomes, "entries_per_year": 0.0, "groups_brought_down": 0.0}
    patient = {**at.median, "case.attrition_per_year": 0.0}
    assert isclose(worked(at._replace(outcomes=endless, median=patient)).ratio, 1.0)
    short, long = (worked(at._replace(median={**at.median, "evidence.extra_hops": hops})) for hops in (0.0, 4.0))
    assert 1.0 < short.ratio < worked(at).ratio < long.ratio


def test_where_all_goes_other_ways_authorities_change_nothing(at: Known) -> None:
    direct = {**at.outcomes, "mla_requests_per_year": 0.0}
    assert isclose(worked(at._replace(outcomes=direct)).ratio, 1.0)


def test_each_step_has_a_simulated_one_to_compare_with(at: Known) -> None:
    """Every step but one has a simulated number."""
    came, lines = as_simulated(), worked(at).lines
    assert [line.name for line in lines if line.name not in came] == ["lived"]
    assert came.keys() <= {line.name for line in lines}


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
