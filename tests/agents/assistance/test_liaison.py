"""Tests of police information, preservation by 24/7 contact points, and joint teams (M5, M8, M13)."""

import math
from typing import Any

import numpy as np
import pytest

from sim.agents.assistance import liaison as rules
from sim.agents.events import Event, Purpose
from sim.engine.random import derive, lognormal
from sim.law.vocabulary import Channel, DataKind, Ground
from sim.world.records import NONE, Body, Growing
from sim.world.records.codes import CaseStatus, ChainStatus, EvidenceStatus, ReferralTask, RequestPurpose, RequestStatus
from sim.world.world import World, records
from tests.agents.plain import add_partners, chances, got, holds, posted, put, small, table
from tests.agents.scene import ALL, AWAY, DEADLINE, HOME, NOW, OPEN, THIRD, UP_TO, open_channel, open_to_all

pytestmark = pytest.mark.usefixtures("as_python")

ASKED = NOW - 10.0
SURE = {"police_first": 1.0, "police_declined": 0.0, "police_declined_distance": 0.0, "preservation_use": 1.0}
EVEN = {"majors_share": 0.0, "police_sigma": 0.0, "preservation_delay_sigma": 0.0, "elapsed_sigma": 0.0}
EVEN |= {"preservation_success": 1.0}


def trail(settings: dict[str, float] | None = None, /, **chain: Any) -> World:
    """Makes a world with a chain at its second step, whose custodian is in AWAY, with all channels open.

    Request 0 asked police there. No desks, no trust that is learned; what can happen does, after the usual time.
    """
    usual = {"with_trust": 0.0, "with_liaison_desks": 0.0, "conversion": 1.0, "with_hop_chain": 1.0}
    world = small(16, usual | SURE | EVEN | (settings or {}))
    for channel in (Channel.POLICE, Channel.PRESERVATION_24_7, Channel.JOINT_TEAM):
        open_channel(world, channel, AWAY, THIRD)
    world.posting_of[:] = NONE
    world.place_hosting[:] = np.arange(len(world.place_hosting)) >= THIRD
    usual_chain = {"hops": 4, "hop": 1, "attempt": 6, "key": 11, "next_evidence": NONE, "request": NONE}
    put(world, "chain", **usual_chain | chain)
    put(world, "evidence", state=AWAY, data_kind=DataKind.TRAFFIC, provider=9)
    put(world, "request", requesting=HOME, requested=AWAY, sent=ASKED, key=21)
    world.used[[Growing.CHAIN, Growing.EVIDENCE, Growing.REQUEST]] = 1
    return world


def officer(world: World) -> None:
    """Adds a liaison officer of HOME who works in AWAY."""
    world.posting_of[HOME, AWAY] = 0
    put(world, "posting", next_posting=NONE, until=np.nan, since=0.0, reserved=np.inf)


@table((1.0, Body.INTERPOL, 1.5), (1.0, Body.EUROPOL, 4.0), (1.0, NONE, 4.0), (0.0, Body.INTERPOL, 4.0))
def test_messages_between_members_of_interpol_alone_take_its_own_time(desks: float, body: int) -> Any:
    """Messages between states that are only members of INTERPOL take INTERPOL's own time."""
    times = {"interpol_message_days": 0.5, "interpol_scale": 3.0, "police_days": 4.0, "police_sigma": 0.7}
    world = trail(times | {"with_liaison_desks": desks})
    days, sigma = rules.police_answer(world.setting[0], body)
    assert sigma == 0.7
    return days


@table(
    alone=({}, False, 8.0),
    with_an_officer=({"with_liaison_desks": 1.0}, True, 6.0),
    instant=({"instant_authorities": 1.0}, False, 1.0),
)
def test_police_are_asked_and_answer_sooner_through_an_officer(settings: dict[str, float], posted_: bool) -> float:
    world = trail({"officer_speed": 0.25, "police_days": 8.0} | settings)
    open_to_all(world, *UP_TO[Body.EUROPOL])
    if posted_:
        officer(world)
    assert rules.ask_police(world, 0, 5)
    expected = RequestPurpose.LEAD, Channel.POLICE, DataKind.POLICE_INFORMATION, AWAY, NOW, 0, 1, 0
    assert got(world, "request", 1, "purpose channel data_kind requested sent chain hop case") == expected
    assert world.recipient["state"][0] == AWAY  # which knows of the case now
    ((kind, row, days),) = posted(world)
    assert (kind, row, world.event["stamp"][0]) == (Event.LEAD_ANSWERED, 1, 6)
    return days


def test_times_of_answers_spread() -> None:
    world = trail({"police_sigma": 1.0, "police_days": 8.0, "preservation_delay_sigma": 0.6})
    rules.ask_police(world, 0, 5)
    rules.ask_preservation(world, 0, 0, 6)
    delay = world.setting.preservation_delay_days[0] * world.setting.preservation_delay_scale[0]
    assert {kind: days for kind, _, days in posted(world)} == pytest.approx({
        Event.LEAD_ANSWERED: lognormal(1, Purpose.POLICE_TIME, 5, 0, 8.0, 1.0),
        Event.PRESERVATION_ANSWERED: lognormal(1, Purpose.PRESERVATION_TIME, 6, 0, delay, 0.6),
    })  # fmt: skip


@pytest.mark.parametrize("setting", ["police_first", "preservation_use"])
def test_units_ask_as_often_as_usual_or_by_policy(setting: str) -> None:
    for usual, least in ((0.3, 0.1), (0.1, 0.3)):
        world = trail({setting: usual, f"{setting}_least": least})

        def asks(key: int, world: World = world) -> bool:
            world.used[Growing.REQUEST] = 1
            rules.ask_police(world, 0, key) if setting == "police_first" else rules.ask_preservation(world, 0, 0, key)
            return bool(world.used[Growing.REQUEST] == 2)

        chances(asks, Purpose.POLICE_FIRST if setting == "police_first" else Purpose.PRESERVATION_USED, 0.3)


def test_distrust_makes_police_decline_but_never_all() -> None:
    """Police decline more requests from distant states, but always answer at least 2 %."""

    def declined(distance: float, trust: float) -> float:
        world = trail({"police_declined": 0.1, "police_declined_distance": distance})
        return rules.police_decline_probability(world.setting[0], trust)

    holds(declined, friends=(0.5, 1.0, 0.1), some=(0.5, 0.6, 0.3), never_all=(3.0, 0.0, 0.98))
    world = trail({"police_declined": 0.1, "police_declined_distance": 0.5, "foreign_refusal": 0.5})
    world.affinity[HOME, AWAY] = 0.6

    def refused(key: int) -> bool:
        put(world, "request", key=key, ground=0, trust=0.0)
        rules.lead_answered(world, 0, 6)
        executed = world.request["status"][0] == RequestStatus.EXECUTED
        expected = pytest.approx((0 if executed else Ground.DECLINED_BY_POLICE, 0.6, NOW))
        assert got(world, "request", 0, "ground trust ended") == expected
        return not executed

    chances(refused, Purpose.POLICE_DECLINES, 0.15)
    assert world.case["leads"][0] == world.case["indicators"][0] > 60


@table(
    usual=({}, {}, 1, True, True),
    last=({"hop": 3}, {}, 1, False, False),
    known_already=({"next_evidence": 0}, {}, 1, True, False),
    over=({"status": ChainStatus.GIVEN_UP}, {}, 0, False, False),
    asked_again_meanwhile=({"attempt": 7}, {}, 0, False, False),
    at_once=({}, {"with_hop_chain": 0.0}, 1, False, False),
)
def test_a_lead_names_a_custodian_who_is_asked_to_preserve(chain: Any, settings: Any, leads: int, known: bool) -> Any:
    world = trail(settings, **chain)
    assert not rules.lead_answered(world, 0, 6)
    assert (world.case["leads"][0], world.case["indicators"][0], world.chain["lead"][0]) == (leads, leads, leads)
    assert (world.chain["next_evidence"][0] >= 0) == known
    purposes = records(world, "request").purpose[1:].tolist()
    assert purposes in ([], [RequestPurpose.PRESERVATION])
    return bool(purposes)


def test_the_next_hop_of_each_attempt_is_an_item_of_its_own() -> None:
    """Each attempt at a step is a separate item of evidence."""
    world = trail()
    rules.lead_answered(world, 0, 6)
    assert got(world, "evidence", 1, "hop key state") == (2, derive(derive(11, 2), 7), THIRD)  # as of attempt 7
    expected = 1, THIRD, world.evidence["provider"][1], 0
    assert got(world, "request", 1, "evidence requested provider chain") == expected
    world = trail()
    world.place_hosting[:] = 1.0
    open_channel(world, Channel.PRESERVATION_24_7, HOME)
    rules.lead_answered(world, 0, 6)
    assert (world.chain["next_evidence"][0], world.used[Growing.REQUEST]) == (1, 1)


def test_a_lead_is_rarely_enough_alone() -> None:
    """Police information suffices as evidence more often in a joint team."""
    traffic, content = DataKind.TRAFFIC, DataKind.CONTENT
    for hop, kind, team, asked in (
        *((1, traffic, 0, 0.85), (1, traffic, 1, 0.0), (3, traffic, 1, 1.0), (1, content, 1, 1.0)),
    ):
        world = add_partners(trail({"conversion": 0.85}, next_evidence=0, hop=hop), AWAY, in_team=team)
        world.evidence["data_kind"][0], world.case["team_formed"][0] = kind, NOW - 1.0 if team else math.nan

        def needs(key: int, world: World = world) -> bool:
            put(world, "request", key=key)
            return not rules.lead_answered(world, 0, 6)

        chances(needs, Purpose.POLICE_SUFFICES, asked)


@table(
    without_desks=({}, 1.0, (Event.PRESERVATION_ANSWERED, 1, 9.0)),
    at_its_desk=({"with_liaison_desks": 1.0}, 1.0, None),
    that_it_does_not_feed=({"with_liaison_desks": 1.0}, 0.0, (Event.PRESERVATION_ANSWERED, 1, 9.0)),
    instant=({"instant_authorities": 1.0}, 1.0, (Event.PRESERVATION_ANSWERED, 1, 1.0)),
)
def test_a_point_answers_within_its_days_or_when_its_desk_comes_to_the_file(settings: Any, feed: float) -> Any:
    """A contact point answers after a median time, or after its desk has handled the request."""
    world = trail({"preservation_delay_days": 6.0, "preservation_delay_scale": 1.5} | settings)
    world.feed[Body.CONTACT_POINTS] = feed
    rules.ask_preservation(world, 0, 0, 5)
    names = "purpose channel data_kind requested sent chain evidence provider"
    expected = RequestPurpose.PRESERVATION, Channel.PRESERVATION_24_7, DataKind.PRESERVATION, AWAY, NOW, 0, 0, 9
    assert got(world, "request", 1, names) == expected and world.recipient["state"][0] == AWAY
    if not world.used[Growing.REFERRAL]:
        (answer,) = posted(world)
        return answer
    expected = Body.CONTACT_POINTS, ReferralTask.FREEZE, 1, 0, HOME, AWAY
    assert got(world, "referral", 0, "body task subject case state other") == expected
    assert Event.PRESERVATION_ANSWERED not in [event for event, *_ in posted(world)]
    return None


def test_a_freeze_is_renewed_until_a_renewal_is_missed() -> None:
    def made(missed: float, scale: float) -> int:
        settings = {"preservation_renewals": 5.0, "preservation_missed": missed, "preservation_missed_scale": scale}
        return rules.renewals(trail(settings).setting[0], 5)

    holds(made, never=(0.0, 1.0, 5), at_once=(1.0, 1.0, 0), by_policy=(0.5, 2.0, 0), no=(1.0, 0.0, 5))
    missed = {"preservation_renewals": 3.0, "preservation_missed": 0.2, "preservation_missed_scale": 2.0}
    setting = trail(missed).setting[0]
    chances(lambda key: rules.renewals(setting, key) == 0, Purpose.PRESERVATION_RENEWAL, 0.4)
    assert {rules.renewals(setting, key) for key in range(1, 81)} == {0, 1, 2, 3}


@table(
    of_the_instrument=(DEADLINE, EvidenceStatus.AVAILABLE, 60.0 * 1.5 * 3),
    without_a_term=(OPEN, EvidenceStatus.AVAILABLE, 90.0 * 1.5 * 3),
    gone=(OPEN, EvidenceStatus.LOST_RETENTION, 0.0),
)
def test_a_freeze_lasts_for_the_term_of_its_instrument_and_all_renewals(terms: int, status: EvidenceStatus) -> float:
    """A preservation lasts for its instrument's term and all renewals, and cannot restore lost data."""
    world = trail({"preservation_days_scale": 1.5, "preservation_renewals": 2.0, "preservation_missed": 0.0})
    world.terms["preservation_days"][DEADLINE] = 60.0
    put(world, "request", instrument=terms, evidence=0)
    world.power[:, DataKind.PRESERVATION] = 1
    put(world, "evidence", status=status, retained_until=NOW + 1.0, moves_at=math.inf, frozen_until=NOW)
    rules.preservation_answered(world, 0)
    assert got(world, "request", 0, "status ended") == (RequestStatus.EXECUTED, NOW)
    return float(world.evidence["frozen_until"][0]) - NOW


def test_points_refuse_as_often_as_policies_leave_it() -> None:
    """A policy scales the share of preservation requests that contact points refuse."""
    world = trail({"preservation_success": 0.7, "foreign_refusal": 0.5})

    def frozen(key: int) -> bool:
        put(world, "request", key=key, ground=0, evidence=0, requested=AWAY)
        rules.preservation_answered(world, 0)
        executed = bool(world.request["status"][0] == RequestStatus.EXECUTED)
        assert world.request["ground"][0] == (0 if executed else Ground.PROVIDER_POLICY)
        return executed

    world.power[AWAY, DataKind.PRESERVATION] = 1
    chances(frozen, Purpose.PRESERVATION_SUCCESS, 0.85)
    world.power[AWAY, DataKind.PRESERVATION] = 0
    rules.preservation_answered(world, 0)
    assert got(world, "request", 0, "status ground") == (RequestStatus.REFUSED, Ground.NO_POWER)


def test_members_of_a_team_are_partners_in_it_from_its_first_day() -> None:
    world = add_partners(trail(), AWAY, THIRD, in_team=(1, 0))
    world.partner["in_team"][-1] = 1
    assert not rules.in_team(world, 0, AWAY)
    world.case["team_formed"][0] = 500.0
    assert [bool(rules.in_team(world, 0, state)) for state in (AWAY, THIRD, HOME)] == [True, False, False]
    world.case["status"][1], world.case["merged_into"][1] = CaseStatus.MERGED, 0
    assert rules.in_team(world, 1, AWAY)


@table(
    partner=((AWAY,), AWAY, 0.6, 0.6, math.nan, (80.0, math.inf)),
    at_the_threshold=((AWAY,), AWAY, 0.5, 0.5, math.nan, (80.0, math.inf)),
    distrusted=((AWAY,), AWAY, 0.6, 0.49, math.nan, (NONE, math.nan)),
    its_own_state=((HOME,), HOME, 0.9, 0.9, math.nan, (NONE, math.nan)),
    no_basis=((3,), 3, 0.9, 0.9, math.nan, (NONE, math.nan)),
    no_case_of_its_own=((AWAY,), THIRD, 0.9, 0.9, math.nan, (NONE, math.nan)),
    formed=((AWAY,), AWAY, 0.9, 0.9, 500.0, (NONE, 500.0)),
)
def test_a_team_is_proposed_once_to_a_trusted_partner(
    states: Any, owner: int, theirs: float, ours: float, formed: float
) -> Any:
    """A joint team is proposed once, to a trusted partner with a case of its own on the group."""
    world = trail({"team_agreed": 1.0, "team_setup_days": 80.0, "team_threshold": 0.5, "with_trust": 1.0})
    open_channel(world, Channel.JOINT_TEAM, HOME)
    add_partners(world, *states)
    world.group["first_case"][0], world.case["next_case"][:2] = 0, (1, NONE)
    put(world, "case", 1, state=owner, status=CaseStatus.MERGED, merged_into=0)
    world.affinity[HOME], world.affinity[AWAY, HOME] = theirs, ours
    world.case["team_formed"][0] = formed
    rules.propose_team(world, 0)
    events = posted(world)
    assert [event[:2] for event in events] in ([], [(Event.TEAM_FORMED, 0)])
    return (events[0][2] if events else NONE, float(world.case["team_formed"][0]))


@table(
    alone=(0, AWAY, False, 1.0),
    eurojust=(1 << Body.EUROJUST, AWAY, False, 0.7),
    who_feeds_none=(1 << Body.EUROJUST | 1 << Body.EUROPOL, THIRD, False, 1.0),
    officer=(0, AWAY, True, 0.9),
    all_three=(1 << Body.EUROJUST | 1 << Body.EUROPOL, AWAY, True, 0.7 * 0.6 * 0.9),
)
def test_meetings_and_officers_each_take_a_part_of_the_preparation(support: int, state: int, posted_: bool) -> float:
    world = trail({"eurojust_readiness": 0.3, "europol_readiness": 0.4, "officer_speed": 0.1})
    world.feed[:], world.liaison_body["staff"] = 1.0, 1.0
    open_to_all(world, *ALL)
    world.feed[:, THIRD] = 0.0
    world.case["support"][0] = support
    if posted_:
        officer(world)
    return rules.preparation_left(world, 0, state)
