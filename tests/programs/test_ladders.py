"""Law, assistance and liaison in parts and doses: what stands in each arm, what is left over, and the page."""

from datetime import date

import numpy as np
import pytest

from docs.programs.ladders import CHAIN, LAW, PARTS, WithoutOffences, names, policies, rungs, summed
from docs.programs.liaison_ladder import DOSES, GROUPS, LADDERS, TODAY, Found, arm_name, days_saved, scenarios, shape
from sim.law.order import STANDARD, legal_order
from sim.policy.scenario import load
from sim.policy.selection import StateSelection
from sim.world.records import RequestStatus

TODAYS_LAW = date(2027, 1, 1)


def test_each_part_stands_alone_and_is_left_out_and_the_ladder_ends_at_the_package() -> None:
    for package in (LAW, CHAIN):
        whole = load(package).changes
        assert len(names(package)) == len(whole) == len(set(names(package)))
        for name, change in zip(names(package), whole, strict=True):
            assert PARTS[change.lever.name].name == name
            (alone,) = policies()[name].changes
            assert alone.lever is change.lever
            if package == CHAIN:
                left = policies()[f"without {name}"].changes
                assert {*left, change} == {*whole} and len(left) == len(whole) - 1
    lengths = [len(policies()[arm].changes) for _, arm in rungs()]
    assert lengths[: len(load(LAW).changes)] == list(range(1, len(load(LAW).changes) + 1))


@pytest.mark.parametrize("beyond", [0.0, 4.0])
def test_what_is_left_over_is_what_parts_bring_only_together(beyond: float) -> None:
    """Each part brings two more than today's ten in one world, and one more than twenty in the other."""
    parts = {name: np.array([12.0, 21.0]) for name in names(LAW)}
    whole = np.array([20.0, 25.0]) + beyond
    arms = parts | {TODAY: np.array([10.0, 20.0]), LAW: whole}
    found = Found([{arm: {GROUPS: values[world]} for arm, values in arms.items()} for world in (0, 1)])
    alone, left = summed(found, LAW)
    assert (alone.value, left.value) == pytest.approx((len(names(LAW)) * 3 / 30, 2 * beyond / 30))


def test_offences_are_taken_from_all_states_but_parties() -> None:
    law = legal_order()
    before, after = law.arrays(TODAYS_LAW), WithoutOffences(law).arrays(TODAYS_LAW, ())
    party = np.isin(law.states, law.parties(STANDARD, TODAYS_LAW))
    assert (after.offence[party] == before.offence[party]).all()
    assert before.offence[~party].any() and not after.offence[~party].any()
    assert after.power is before.power


FIELDS = [("key", "u8"), ("status", "i4"), ("officer", "i4"), ("helped", "i4"), ("drafted", "f8"), ("ended", "f8")]
DONE, REFUSED = int(RequestStatus.EXECUTED), int(RequestStatus.REFUSED)


def test_days_are_saved_on_requests_that_are_helped_in_the_arm_alone() -> None:
    without = [(1, DONE, -1, 0, 0.0, 90.0), (2, DONE, 3, 0, 0.0, 80.0), (3, REFUSED, -1, 0, 0.0, 70.0)]
    without += [(4, DONE, -1, 0, 5.0, 25.0), (5, DONE, -1, 8, 0.0, 50.0)]
    arm = [(5, DONE, 8, 0, 0.0, 5.0), (4, DONE, -1, 8, 5.0, 35.0), (3, DONE, 8, 0, 0.0, 7.0)]
    arm += [(2, DONE, 8, 0, 0.0, 8.0), (1, DONE, 8, 0, 0.0, 60.0)]
    found = [np.array(rows, FIELDS) for rows in (without, arm)]
    assert days_saved(*found) == (30.0 - 10.0) / 2
    assert np.isnan(days_saved(found[0], found[0]))


def test_each_rung_moves_its_own_levers_to_its_dose() -> None:
    """Single points go by number of states, all others by a multiple in all states."""
    today = len(scenarios()[TODAY].changes)
    for key, ladder in LADDERS.items():
        for dose in DOSES[1:]:
            moved = scenarios()[arm_name(key, dose)].changes[today:]
            assert {change.lever.name: change.value for change in moved} == {
                lever: values[dose] for lever, values in ladder.levers.items()
            }
            assert (moved[0].states == StateSelection()) == (key != "single")


@pytest.mark.parametrize(("top", "words"), [(3.0, "holds"), (0.5, "**does not hold**")])
def test_the_shape_says_whether_the_top_adds_at_least_as_much(top: float, words: str) -> None:
    def world(noise: float) -> dict[str, dict[str, float]]:
        arms = [TODAY, *(arm_name(key, dose) for key in LADDERS for dose in DOSES[1:])]
        stages = {ladder.stage: 1.0 for ladder in LADDERS.values()}
        found = {arm: stages | {GROUPS: 1.0 + noise} for arm in arms}
        return found | {arm_name(key, DOSES[-1]): stages | {GROUPS: top * (1.0 + 1.1 * noise)} for key in LADDERS}

    lines = list(shape(Found([world(noise) for noise in (0.0, 0.01, 0.02, 0.03)])))
    assert len(lines) == len(LADDERS) and all(line.endswith(f"at least as many: {words}.") for line in lines)
