"""Liaison in doses: what is compared, what is saved, and what the page says of a ladder's shape."""

import numpy as np
import pytest

from docs.programs.liaison_ladder import DOSES, GROUPS, LADDERS, TODAY, arm_name, days_saved, scenarios, shape
from sim.policy.selection import StateSelection
from sim.world.records import RequestStatus

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

    lines = list(shape([world(noise) for noise in (0.0, 0.01, 0.02, 0.03)]))
    assert len(lines) == len(LADDERS) and all(line.endswith(f"at least as many: {words}.") for line in lines)
