"""Who knows of a case and what leaks from them (M22).

Shares of 20,000 draws are held to four standard errors: an error rate of 6e-5 for each assertion.
"""

import itertools
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.agents.leaks import exposure_at_most, leakiness
from sim.engine.compiling import in_python
from sim.law.vocabulary import Channel
from sim.world.parameters import declarations
from sim.world.records import CaseStatus, Growing
from sim.world.world import World, records
from tests.agents import scene
from tests.agents.leaking import exclude_many, inform_states, review_often
from tests.agents.scene import AWAY, FOURTH, HOME, THIRD
from tests.tiny import row_of_settings

REVIEWS = 20_000
SETTING = row_of_settings()[0]


def case(**settings: float) -> World:
    """Case 0 of HOME against a group that lives in AWAY; HOME and THIRD are well governed, AWAY and FOURTH badly."""
    world = scene.scene(REVIEWS, **settings)
    world.state.tier[[HOME, THIRD]], world.state.tier[[AWAY, FOURTH]] = 0, 3
    world.electronic[:] = 0
    return world


def exposure_after(world: World, *recipients: tuple[int, bool, bool]) -> float:
    """Exposure after these states have learnt of the case: state, takes part, protected."""
    states, takes_part, protected = (np.array(column) for column in zip(*recipients, strict=True))
    return float(inform_states(world, states.astype(np.int64), takes_part, protected))


@given(st.integers(0, 2))
def test_worse_governed_states_leak_more(tier: int) -> None:
    rule = in_python(leakiness)
    assert rule(SETTING, tier, False) < rule(SETTING, tier + 1, False) < rule(SETTING, tier + 1, True)
    assert rule(SETTING, 0, False) == 1.0
    assert rule(SETTING, 3, False) == pytest.approx(SETTING.leak_corrupt)


def test_exposure_is_the_sum_over_who_knows() -> None:
    corrupt, home = SETTING.leak_corrupt, SETTING.leak_home
    assert exposure_after(case(), (HOME, True, True)) == 1.0  # its own state counts once
    assert exposure_after(case(), (THIRD, True, False)) == pytest.approx(2.0)
    assert exposure_after(case(), (THIRD, False, False)) == pytest.approx(1.0 + SETTING.leak_request)
    assert exposure_after(case(), (FOURTH, True, False)) == pytest.approx(1.0 + corrupt)
    assert exposure_after(case(), (AWAY, True, False)) == pytest.approx(1.0 + corrupt * home)
    assert exposure_after(case(), (THIRD, True, True)) == pytest.approx(1.0 + SETTING.leak_protected)


def corners() -> list[dict[str, float]]:
    """The ends of the ranges that are declared for all that makes a state leak more or less."""
    names = ("leak_corrupt", "leak_home", "leak_request", "leak_protected")
    declared = {name.partition(".")[2]: ends for name, _, ends in declarations()}
    ranges = [(declared[name].low, declared[name].high) for name in names]
    return [dict(zip(names, corner, strict=True)) for corner in itertools.product(*ranges)]


@pytest.mark.parametrize("settings", corners())
def test_no_exposure_passes_its_bound(settings: dict[str, float]) -> None:
    """Under all parameters, a draw above the bound is a draw above the exposure, so that nobody need be counted."""
    for tiers in ((0, 0, 0, 0), (0, 3, 0, 3), (3, 3, 3, 3)):
        for takes_part, protected in itertools.product((True, False), repeat=2):
            world = case(**settings)
            world.state.tier[[HOME, AWAY, THIRD, FOURTH]] = tiers
            exposure = exposure_after(world, *((state, takes_part, protected) for state in (AWAY, THIRD, FOURTH)))
            assert exposure <= in_python(exposure_at_most)(world, 0) * (1.0 + 1e-12)


def test_one_unprotected_word_exposes_and_nobody_counts_twice() -> None:
    world = case()
    assert exposure_after(world, (THIRD, False, True), (THIRD, True, False), (THIRD, False, True)) == pytest.approx(2.0)
    assert len(records(world, "recipient")) == 1


def test_what_a_merged_case_reports_the_leading_case_has_reported() -> None:
    world = case()
    world.used[Growing.CASE] = 2
    world.case["status"][0], world.case["merged_into"][0] = CaseStatus.MERGED, 1
    exposure_after(world, (THIRD, True, False))
    assert list(records(world, "recipient")["case"]) == [1]
    assert world.case["first_recipient"][0] == -1


def test_leaks_follow_exposure_and_name_their_source() -> None:
    world = case()
    exposure = exposure_after(world, (THIRD, True, False), (FOURTH, False, False))
    leaked = review_often(world, REVIEWS)
    expected = 1 - math.exp(-SETTING.leak_per_year * exposure * SETTING.review_interval_days / 365.25)
    assert leaked / REVIEWS == pytest.approx(expected, abs=4 * math.sqrt(expected / REVIEWS))
    leak = records(world, "leak")
    assert len(leak) == leaked and set(leak["recipients"]) == {3}
    shares = {HOME: 1.0, THIRD: 1.0, FOURTH: SETTING.leak_request * SETTING.leak_corrupt}
    for state, part in shares.items():
        share = part / exposure
        assert (leak["state"] == state).mean() == pytest.approx(share, abs=4 * math.sqrt(share / leaked)), state


def test_left_out_nothing_leaks_and_nothing_is_excluded() -> None:
    world = case(with_leaks=0.0)
    exposure_after(world, (FOURTH, True, False))
    assert review_often(world, 2000) == 0
    assert exclude_many(world, 2000) == 0


def test_courts_exclude_some_of_what_travelled_unprotected() -> None:
    world = case(exclusion_unprotected=0.1)
    world.request["requesting"][0], world.request["requested"][0] = HOME, AWAY
    world.request["channel"][0] = Channel.MLAT
    assert exclude_many(world, REVIEWS) / REVIEWS == pytest.approx(0.1, abs=4 * math.sqrt(0.09 / REVIEWS))
    world.electronic[HOME, AWAY] = 1
    assert exclude_many(world, 2000) == 0
