"""Law and assistance, part by part: what stands in each arm, what the sum of parts leaves over, law taken away."""

from datetime import date

import numpy as np
import pytest

from docs.programs.ladders import CHAIN, LAW, PARTS, Found, WithoutOffences, names, policies, rungs
from docs.programs.liaison_ladder import GROUPS, TODAY
from sim.law.order import STANDARD, legal_order
from sim.policy.scenario import load

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
    alone, left = found.summed(LAW)
    assert (alone.value, left.value) == pytest.approx((len(names(LAW)) * 3 / 30, 2 * beyond / 30))


def test_offences_are_taken_from_all_states_but_parties() -> None:
    law = legal_order()
    before, after = law.arrays(TODAYS_LAW), WithoutOffences(law).arrays(TODAYS_LAW, ())
    party = np.isin(law.states, law.parties(STANDARD, TODAYS_LAW))
    assert (after.offence[party] == before.offence[party]).all()
    assert before.offence[~party].any() and not after.offence[~party].any()
    assert after.power is before.power
