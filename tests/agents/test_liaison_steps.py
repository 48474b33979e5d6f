"""Police information, preservation and joint teams, one decision at a time (M5, M8, M13)."""

import math

import numpy as np
import pytest

from sim.agents import liaison
from sim.agents.events import Event, Purpose
from sim.agents.liaison import (
    ask_police,
    ask_preservation,
    in_team,
    lead_answered,
    police_answer,
    police_decline_probability,
    preparation_left,
    preservation_answered,
    propose_team,
    renewals,
)
from sim.engine.random import derive
from sim.law.vocabulary import Channel, DataKind, Ground
from sim.world.records import (
    NONE,
    Body,
    CaseStatus,
    ChainStatus,
    EvidenceStatus,
    Growing,
    ReferralTask,
    RequestStatus,
)
from sim.world.world import World
from tests.agents import scene
from tests.agents.plain import answers, drawing, first_numbers, fresh, noting, usual
from tests.agents.scene import AWAY, DEADLINE, HOME, OPEN, THIRD

pytestmark = pytest.mark.usefixtures("as_python")

SENT = 990.0


@pytest.fixture
def trail() -> World:
    """A chain at the second of four hops, whose custodian is in AWAY; all channels towards it are open."""
    world = fresh(8, with_trust=0.0)
    for channel in (Channel.POLICE, Channel.PRESERVATION_24_7, Channel.JOINT_TEAM):
        scene.open_channel(world, channel, AWAY)
    world.posting_of[:] = NONE
    world.used[[Growing.CHAIN, Growing.EVIDENCE, Growing.REQUEST]] = 1
    world.chain["hops"], world.chain["hop"], world.chain["attempt"] = 4, 1, 6
    world.chain["next_evidence"] = NONE
    world.evidence["state"], world.evidence["data_kind"] = AWAY, DataKind.TRAFFIC
    world.request["requesting"], world.request["requested"], world.request["sent"] = HOME, AWAY, SENT
    world.used[Growing.REQUEST] = 1
    return world


@pytest.mark.parametrize(("desks", "body", "days"), [(1.0, 1, 1.5), (1.0, 2, 4.0), (0.0, 1, 4.0), (0.0, 0, 4.0)])
def test_messages_between_members_of_interpol_alone_take_its_own_time(desks: float, body: int, days: float) -> None:
    """Half a day of INTERPOL's, three times as slow as usual; everybody else needs the four days of police."""
    setting = fresh(
        1, with_liaison_desks=desks, interpol_message_days=0.5, interpol_scale=3.0, police_days=4.0
    ).setting[0]
    assert police_answer(setting, body) == (days, setting.police_sigma)


def test_police_answer_sooner_where_an_officer_is_posted(trail: World, as_python: pytest.MonkeyPatch) -> None:
    """An officer takes a quarter off the median; the answer is due so many days after the question."""
    trail.setting["officer_speed"], trail.setting["police_days"], trail.setting["with_liaison_desks"] = 0.25, 8.0, 1.0
    trail.setting["police_first"], trail.setting["police_first_least"] = 0.2, 0.3
    trail.police_body[:] = 2
    shares, times = drawing(as_python, liaison, "chance", True), drawing(as_python, liaison, "lognormal", usual)
    assert ask_police(trail, 0, 5)
    trail.posting_of[HOME, AWAY] = 0
    trail.posting["next_posting"], trail.posting["until"], trail.posting["since"] = NONE, np.nan, 0.0
    assert ask_police(trail, 0, 6)
    assert first_numbers(shares) == [0.3, 0.3]  # what a policy asks for at least
    assert first_numbers(times) == [8.0, 6.0]
    assert sorted(scene.waits(trail, Event.LEAD_ANSWERED)) == pytest.approx([6.0, 8.0])
    trail.setting["instant_stages"] = 1.0
    ask_police(trail, 0, 7)
    assert sorted(scene.waits(trail, Event.LEAD_ANSWERED)) == pytest.approx([1.0, 6.0, 8.0])


def test_police_who_are_not_asked_owe_no_answer(trail: World, as_python: pytest.MonkeyPatch) -> None:
    """A unit that goes the formal way alone writes no message."""
    drawing(as_python, liaison, "chance", False)
    assert not ask_police(trail, 0, 5)
    assert trail.used[Growing.REQUEST] == 1


def test_distrust_makes_police_decline_but_never_all(trail: World, as_python: pytest.MonkeyPatch) -> None:
    """A tenth is declined among friends; a policy can scale that, and two in a hundred are answered anyhow."""
    trail.setting["police_declined"], trail.setting["police_declined_distance"] = 0.1, 0.5
    assert police_decline_probability(trail.setting[0], 0.6) == pytest.approx(0.3)
    trail.setting["police_declined_distance"] = 3.0
    assert police_decline_probability(trail.setting[0], 0.0) == 0.98
    trail.setting["police_declined_distance"], trail.setting["refusal_scale"] = 0.5, 0.5
    trail.affinity[HOME, AWAY] = 0.6
    declined = drawing(as_python, liaison, "chance", True)
    assert not lead_answered(trail, 0, 6)
    assert first_numbers(declined) == pytest.approx([0.15])
    assert trail.request["ground"][0] == Ground.DECLINED_BY_POLICE and trail.case["leads"][0] == 0


def answer(
    as_python: pytest.MonkeyPatch, world: World, stamp: int = 6, *, conversion_needed: bool = True
) -> tuple[bool, int]:
    """Police answer; whether the chain continues, and how often the next custodian was asked to preserve."""
    drawing(as_python, liaison, "chance", lambda drawn: drawn.purpose == Purpose.POLICE_SUFFICES and conversion_needed)
    noting(as_python, liaison, add_evidence=3)
    asked = noting(as_python, liaison, "ask_preservation")
    return bool(lead_answered(world, 0, stamp)), len(asked)


@pytest.mark.parametrize(
    ("changes", "known", "next_known"),
    [
        ({}, 1, True),
        ({"hop": 3}, 1, False),  # the last hop
        ({"hop": 2}, 1, True),
        ({"next_evidence": 0}, 1, False),  # known already
        ({"status": ChainStatus.GIVEN_UP}, 0, False),
        ({"attempt": 7}, 0, False),  # the hop was asked for again meanwhile
    ],
)
def test_a_lead_names_the_next_custodian_who_is_asked_to_preserve(
    trail: World, as_python: pytest.MonkeyPatch, changes: dict[str, int], known: int, *, next_known: bool
) -> None:
    """Only the answer to the present question counts, and the last hop leads to nobody else."""
    for field, value in changes.items():
        trail.chain[field] = value
    trail.evidence["state"][3] = THIRD
    assert answer(as_python, trail) == (False, int(next_known))
    assert trail.case["leads"][0] == trail.case["indicators"][0] == trail.chain["lead"][0] == known
    assert (trail.chain["next_evidence"][0] == 3) == next_known


def test_the_next_hop_of_each_attempt_is_an_item_of_its_own(trail: World, as_python: pytest.MonkeyPatch) -> None:
    """Behind hop 1 of attempt 6 lies hop 2, as it would be found for attempt 7."""
    trail.chain["key"] = 11
    drawing(as_python, liaison, "chance", False)
    items = noting(as_python, liaison, add_evidence=0)
    lead_answered(trail, 0, 6)
    assert items == [("add_evidence", 0, 2, derive(derive(11, 2), 7))]


def test_nobody_is_asked_to_preserve_at_home_or_where_hops_are_asked_at_once(
    trail: World, as_python: pytest.MonkeyPatch
) -> None:
    """The unit can order its own state's custodians; and without a sequence all were asked at the start."""
    trail.evidence["state"][3] = HOME
    assert answer(as_python, trail) == (False, 0)
    assert trail.chain["next_evidence"][0] == 3
    trail.chain["next_evidence"], trail.setting["with_hop_chain"] = NONE, 0.0
    answer(as_python, trail)
    assert trail.chain["next_evidence"][0] == NONE


@pytest.mark.parametrize(
    ("changes", "converted", "team", "enough"),
    [
        ({}, True, False, False),
        ({}, False, False, True),
        ({}, True, True, True),
        ({"hop": 3}, False, True, False),
        ({"data_kind": DataKind.CONTENT}, False, True, False),
    ],
)
def test_a_lead_is_enough_by_luck_or_in_a_team_but_never_at_the_end_nor_for_content(
    trail: World, as_python: pytest.MonkeyPatch, changes: dict[str, int], *, converted: bool, team: bool, enough: bool
) -> None:
    for field, value in changes.items():
        (trail.chain if field == "hop" else trail.evidence)[field] = value
    answers(as_python, liaison, in_team=team)
    assert answer(as_python, trail, conversion_needed=converted)[0] == enough


def test_a_point_answers_within_its_days_where_it_has_no_desk(trail: World, as_python: pytest.MonkeyPatch) -> None:
    """Two days at the median, in a policy's scale; a file at the point's desk where desks are modelled."""
    shares, times = drawing(as_python, liaison, "chance", True), drawing(as_python, liaison, "lognormal", usual)
    trail.setting["preservation_delay_days"], trail.setting["preservation_delay_scale"] = 6.0, 1.5
    trail.setting["preservation_use"], trail.setting["preservation_use_least"] = 0.4, 0.1
    trail.setting["with_liaison_desks"] = 0.0
    trail.feed[:] = 1.0
    ask_preservation(trail, 0, 0, 5)
    assert first_numbers(shares) == [0.4] and first_numbers(times) == [9.0]
    assert scene.waits(trail, Event.PRESERVATION_ANSWERED) == pytest.approx([9.0])
    files = noting(as_python, liaison, "open_referral")
    trail.setting["with_liaison_desks"] = 1.0
    ask_preservation(trail, 0, 0, 6)
    assert [file[1:3] for file in files] == [(Body.CONTACT_POINTS, ReferralTask.FREEZE)]
    trail.feed[Body.CONTACT_POINTS, AWAY], trail.setting["instant_stages"] = 0.0, 1.0
    ask_preservation(trail, 0, 0, 7)
    assert len(files) == 1
    assert sorted(scene.waits(trail, Event.PRESERVATION_ANSWERED)) == pytest.approx([1.0, 9.0])
    before = int(trail.used[Growing.REQUEST])
    drawing(as_python, liaison, "chance", False)
    ask_preservation(trail, 0, 0, 8)
    trail.evidence["state"] = THIRD  # with which no channel is open
    drawing(as_python, liaison, "chance", True)
    ask_preservation(trail, 0, 0, 9)
    assert trail.used[Growing.REQUEST] == before


def test_a_freeze_is_renewed_until_a_renewal_is_missed(trail: World, as_python: pytest.MonkeyPatch) -> None:
    """Five renewals at most; of the third the chance to miss it comes true."""
    trail.setting["preservation_renewals"] = 5.0
    trail.setting["preservation_missed"], trail.setting["preservation_missed_scale"] = 0.2, 2.0
    shares = drawing(as_python, liaison, "chance", lambda drawn: drawn.number == 2)
    assert renewals(trail.setting[0], 5) == 2
    assert first_numbers(shares) == [0.4] * 3
    drawing(as_python, liaison, "chance", False)
    assert renewals(trail.setting[0], 5) == 5


@pytest.mark.parametrize(("terms", "term_days"), [(DEADLINE, 60.0), (OPEN, 90.0)])
@pytest.mark.parametrize("status", [EvidenceStatus.AVAILABLE, EvidenceStatus.LOST_RETENTION])
def test_a_freeze_lasts_for_the_term_of_its_instrument_and_all_renewals(
    trail: World, as_python: pytest.MonkeyPatch, terms: int, term_days: float, status: EvidenceStatus
) -> None:
    """Ninety days where the instrument names no term; a policy makes it half as long again. What is gone stays so."""
    trail.terms["preservation_days"][DEADLINE] = 60.0
    trail.setting["preservation_success"], trail.setting["refusal_scale"] = 0.7, 0.5
    trail.setting["preservation_days_scale"] = 1.5
    trail.request["instrument"], trail.evidence["status"] = terms, status
    answers(as_python, liaison, renewals=2)
    frozen = noting(as_python, liaison, "freeze")
    shares = drawing(as_python, liaison, "chance", True)
    preservation_answered(trail, 0)
    assert first_numbers(shares) == pytest.approx([0.85])  # refusals of three tenths are halved
    expected = [("freeze", trail.now[0], term_days * 1.5 * 3)] if status == EvidenceStatus.AVAILABLE else []
    assert frozen == expected
    assert trail.request["status"][0] == RequestStatus.EXECUTED
    drawing(as_python, liaison, "chance", False)
    preservation_answered(trail, 0)
    assert trail.request["status"][0] == RequestStatus.REFUSED and len(frozen) == len(expected)


def partner(world: World, row: int, state: int, next_partner: int = NONE, member: int = 0) -> None:
    """A state takes part in the case."""
    world.partner["state"][row], world.partner["next_partner"][row] = state, next_partner
    world.partner["in_team"][row] = member


def test_members_of_a_team_are_partners_in_it_from_its_first_day(trail: World) -> None:
    """A state without a part is none, even where the newest partner of the world is a member."""
    partner(trail, 0, AWAY, 1, 1)
    partner(trail, 1, THIRD, NONE, 0)
    trail.partner["in_team"][-1] = 1
    trail.case["first_partner"][0] = 0
    assert not in_team(trail, 0, AWAY)
    trail.case["team_formed"][0] = 500.0
    assert [bool(in_team(trail, 0, state)) for state in (AWAY, THIRD, HOME)] == [True, False, False]
    trail.case["status"][1], trail.case["merged_into"][1] = CaseStatus.MERGED, 0
    assert in_team(trail, 1, AWAY)


def test_a_team_is_proposed_once_a_partner_could_join(trail: World, as_python: pytest.MonkeyPatch) -> None:
    """One partner of several is enough; its set-up takes so many days, and is not begun twice."""
    trail.setting["team_per_month"], trail.setting["team_setup_days"], trail.setting["team_threshold"] = 0.3, 80.0, 0.5
    shares, times = drawing(as_python, liaison, "chance", True), drawing(as_python, liaison, "lognormal", usual)
    propose_team(trail, 0)  # nobody takes part yet
    assert shares == []
    partner(trail, 0, AWAY, 1)
    partner(trail, 1, THIRD)
    trail.case["first_partner"][0], trail.case["reviews"][0] = 0, 4
    propose_team(trail, 0)
    assert shares == [(Purpose.CASE_TEAM, 4, pytest.approx(0.3))] and first_numbers(times) == [80.0]
    assert scene.waits(trail, Event.TEAM_FORMED) == pytest.approx([80.0])
    assert math.isinf(trail.case["team_formed"][0])
    propose_team(trail, 0)
    assert len(shares) == 1


@pytest.mark.parametrize("state", [HOME, THIRD])
def test_no_team_of_one_state_nor_without_a_legal_basis(
    trail: World, as_python: pytest.MonkeyPatch, state: int
) -> None:
    shares = drawing(as_python, liaison, "chance", True)
    scene.open_channel(trail, Channel.JOINT_TEAM, HOME)
    partner(trail, 0, state)
    trail.case["first_partner"][0] = 0
    propose_team(trail, 0)
    assert shares == []


def test_meetings_and_officers_each_take_a_part_of_the_preparation(trail: World) -> None:
    """Eurojust leaves 0.7, Europol 0.6, an officer 0.9 of what was to do, together their product."""
    for name, share in (("eurojust_readiness", 0.3), ("europol_readiness", 0.4), ("officer_speed", 0.1)):
        trail.setting[name] = share
    trail.feed[:], trail.liaison_body["staff"], trail.police_body[:], trail.eurojust[:] = 1.0, 1.0, 3, 1
    trail.feed[:, THIRD] = 0.0  # feeds no body
    for support, left in ((0, 1.0), (1 << Body.EUROJUST, 0.7), (1 << Body.EUROPOL, 0.6), (1 << Body.INTERPOL, 1.0)):
        trail.case["support"][0] = support
        assert preparation_left(trail, 0, AWAY) == pytest.approx(left)
        assert preparation_left(trail, 0, THIRD) == 1.0
    trail.case["support"][0] = 1 << Body.EUROJUST | 1 << Body.EUROPOL
    trail.posting_of[HOME, AWAY] = 0
    trail.posting["next_posting"], trail.posting["since"] = NONE, 0.0
    assert preparation_left(trail, 0, AWAY) == pytest.approx(0.7 * 0.6 * 0.9)
