"""Units that aim at the same group, and how they learn of each other (M12, M20)."""

import pytest

from sim.agents.events import Purpose
from sim.agents.matching import (
    add_hazard,
    ask_to_compare,
    compared,
    leading_case,
    match,
    rival,
    waits_for_deconfliction,
)
from sim.engine.random import exponential
from sim.law.vocabulary import Channel
from sim.world.records import NONE, Body, CaseStatus, Growing, ReferralTask
from sim.world.world import World, records
from tests.agents import scene
from tests.agents.plain import fresh
from tests.agents.scene import AWAY, HOME, THIRD

pytestmark = pytest.mark.usefixtures("as_python")


@pytest.fixture
def units() -> World:
    """Cases 2 of HOME, 1 of AWAY and 0 of THIRD on one group, the last two older; police of all may talk."""
    world = fresh(6, with_trust=0.0, with_liaison_desks=1.0, sharing=1.0, review_interval_days=30.0)
    world.instrument[:, :, Channel.POLICE] = scene.OPEN
    world.feed[:], world.liaison_body["staff"], world.police_body[:] = 1.0, 1.0, 3
    world.used[Growing.CASE] = 3
    world.case["state"][:3], world.case["opened"][:3] = [THIRD, AWAY, HOME], [20.0, 10.0, 30.0]
    world.group["first_case"], world.case["next_case"][:3] = 2, [NONE, 0, 1]
    world.case["status"] = CaseStatus.INVESTIGATING
    return world


def to_go(units: World, hazard: float) -> None:
    """This hazard is still missing until case 2 matches."""
    drawn = exponential(1, Purpose.CASE_MATCH, int(units.case["key"][2]), 0, 1.0)
    units.case["match_hazard"][2] = drawn - hazard


@pytest.mark.parametrize(
    ("statuses", "leads"),
    [
        ((CaseStatus.INVESTIGATING, CaseStatus.INVESTIGATING), 1),
        ((CaseStatus.INVESTIGATING, CaseStatus.PREPARING), 1),
        ((CaseStatus.PREPARING, CaseStatus.MERGED), 0),
        ((CaseStatus.SOLVED, CaseStatus.SOLVED), 2),
    ],
)
def test_the_oldest_case_that_is_worked_on_leads(
    units: World, statuses: tuple[CaseStatus, CaseStatus], leads: int
) -> None:
    units.case["status"][:2] = statuses
    assert leading_case(units, 2) == leads


def test_of_cases_opened_on_one_day_each_stays_its_own(units: World) -> None:
    units.case["opened"] = 30.0
    assert leading_case(units, 2) == 2


def grown(units: World, rate: float) -> float:
    """What a comparison with the older case of AWAY adds to the hazard of case 2."""
    units.case["match_hazard"][2] = 0.0
    assert not add_hazard(units, 2, 1, rate)
    return float(units.case["match_hazard"][2])


def test_the_hazard_of_a_match_grows_with_what_both_hold_and_share(units: World) -> None:
    """0.02 a month × 4 (1 + 3 indicators in common) × 0.6·0.5 × 0.6·0.5 × a month and a half.

    Within a state units share everything. Whichever side distrusts, the two share as little.
    """
    units.setting["sharing"], units.setting["review_interval_days"] = 0.6, 45.0
    units.affinity[:] = 0.5
    units.case["indicators"][:3] = [0, 3, 7]
    assert grown(units, 0.02) == pytest.approx(0.02 * 4 * 0.3 * 0.3 * 1.5)
    units.setting["with_trust"] = 1.0
    for trusts, trusted in ((0.2, 0.5), (0.5, 0.2)):
        units.affinity[HOME, AWAY], units.affinity[AWAY, HOME] = trusts, trusted
        assert grown(units, 0.02) == pytest.approx(0.02 * 4 * 0.12 * 0.3 * 1.5)
    units.case["state"][1] = HOME
    assert grown(units, 0.02) == pytest.approx(0.02 * 4 * 1.5)


@pytest.mark.parametrize(("missing", "matched"), [(0.249, True), (0.251, False)])
def test_two_cases_match_on_the_day_on_which_the_sum_reaches_the_threshold(
    units: World, missing: float, *, matched: bool
) -> None:
    """Which is drawn once for each case."""
    to_go(units, missing)
    assert add_hazard(units, 2, 1, 0.25) == matched


@pytest.mark.parametrize(
    ("desks", "level", "rate", "asked"),
    [
        (1.0, 3, "match_none", [Body.JCAT]),
        (1.0, 0, "match_none", []),
        (0.0, 3, "match_jcat", []),
        (0.0, 2, "match_europol", []),
        (0.0, 1, "match_interpol", []),
    ],
)
def test_with_desks_a_body_is_asked_and_units_find_by_themselves_what_others_without_a_body_find(
    units: World, desks: float, level: int, rate: str, asked: list[Body]
) -> None:
    """Without desks membership of the best body alone decides."""
    units.setting["with_liaison_desks"], units.police_body[:] = desks, level
    assert match(units, 2) == NONE
    assert units.case["match_hazard"][2] == pytest.approx(units.setting[rate][0])
    assert [(one.body, one.case) for one in records(units, "referral")] == [(body, 2) for body in asked]


@pytest.mark.parametrize(
    ("other", "channel", "found"), [(AWAY, NONE, NONE), (HOME, NONE, 1), (AWAY, 0, 1), (AWAY, 1, 1)]
)
def test_units_of_two_states_need_a_police_channel(units: World, other: int, channel: int, found: int) -> None:
    """Two units of one state talk without one; a unit whose case is the oldest learns of none."""
    units.case["state"][1], units.instrument[:, :, Channel.POLICE] = other, channel
    to_go(units, 0.0)
    assert match(units, 2) == found
    to_go(units, 9.0)
    assert match(units, 2) == NONE
    assert match(units, 1) == NONE


def test_a_unit_sends_its_indicators_again_only_once_the_body_has_answered(units: World) -> None:
    ask_to_compare(units, 2, 1, Body.EUROPOL)
    ask_to_compare(units, 2, 1, Body.EUROPOL)
    (file,) = records(units, "referral")
    assert (file.body, file.task, file.case, file.state) == (Body.EUROPOL, ReferralTask.COMPARE, 2, HOME)


@pytest.mark.parametrize(
    ("status", "body", "rate"),
    [
        (CaseStatus.INVESTIGATING, Body.INTERPOL, "match_interpol"),
        (CaseStatus.PREPARING, Body.EUROPOL, "match_europol"),
        (CaseStatus.INVESTIGATING, Body.JCAT, "match_jcat"),
        (CaseStatus.MERGED, Body.JCAT, ""),
    ],
)
def test_a_body_finds_as_much_as_both_states_feed_it(units: World, status: CaseStatus, body: Body, rate: str) -> None:
    """Half from one and a third from the other leave a sixth; a case that is over or merged is not compared."""
    units.feed[body, HOME], units.feed[body, AWAY] = 1 / 2, 1 / 3
    units.case["status"][2], units.case["comparing"][2] = status, 1
    units.referral["case"], units.referral["body"] = 2, body
    assert compared(units, 0) == NONE
    assert units.case["match_hazard"][2] == pytest.approx(units.setting[rate][0] / 6 if rate else 0.0)
    assert units.case["comparing"][2] == 0
    to_go(units, 0.0)
    assert compared(units, 0) == (1 if rate else NONE)


def test_nothing_older_is_found_for_the_oldest_case(units: World) -> None:
    units.referral["case"], units.referral["body"] = 1, Body.JCAT
    assert compared(units, 0) == NONE


@pytest.mark.parametrize(
    ("statuses", "apart", "found"),
    [
        ((CaseStatus.INVESTIGATING, CaseStatus.INVESTIGATING), (), 1),
        ((CaseStatus.INVESTIGATING, CaseStatus.PREPARING), (), 1),
        ((CaseStatus.INVESTIGATING, CaseStatus.SOLVED), (), 0),
        ((CaseStatus.INVESTIGATING, CaseStatus.INVESTIGATING), (AWAY,), 0),  # which is no member of the task force
        ((CaseStatus.INVESTIGATING, CaseStatus.INVESTIGATING), (AWAY, THIRD), NONE),
        ((CaseStatus.MERGED, CaseStatus.MERGED), (), NONE),
    ],
)
def test_the_task_force_knows_of_rivals_whose_states_belong_to_it(
    units: World, statuses: tuple[CaseStatus, CaseStatus], apart: tuple[int, ...], found: int
) -> None:
    """A unit is no rival of its own."""
    units.case["status"][:2] = statuses
    units.feed[Body.JCAT, list(apart)] = 0.0
    assert rival(units, 2) == found


@pytest.mark.parametrize(("other", "desks"), [(0, 1.0), (1, 1.0), (NONE, 1.0), (1, 0.0)])
def test_a_unit_waits_once_for_those_who_aim_at_the_same_group(units: World, other: int, desks: float) -> None:
    """Not a second time, and not where nobody else does or bodies are left out."""
    units.setting["with_liaison_desks"] = desks
    for case in {0, 1} - {other}:
        units.case["status"][case] = CaseStatus.SOLVED
    waits = other >= 0 and desks > 0.0
    assert waits_for_deconfliction(units, 2) == waits
    assert not waits_for_deconfliction(units, 2)
    files = [(one.body, one.task, one.case, one.subject, one.state) for one in records(units, "referral")]
    assert files == [(Body.JCAT, ReferralTask.DECONFLICT, 2, other, HOME)] * waits
    assert units.case["deconflicted"].tolist() == [0, 0, waits, 0, 0, 0]
