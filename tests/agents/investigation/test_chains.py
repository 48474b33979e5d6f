"""Tests of chains of evidence, step by step: requests, answers, losses and results (M10)."""

from typing import Any

import pytest

from sim.agents.events import Event, Purpose
from sim.agents.investigation import chains as rules
from sim.engine.random import exponential, poisson
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import NONE, Body, CaseStatus, ChainStatus, ChainTarget, Growing
from sim.world.records.codes import EvidenceStatus, MemberStatus, MilestoneKind, RequestPurpose, RequestStatus
from sim.world.world import World, records
from tests.agents.plain import got, holds, posted, put, small, table
from tests.agents.scene import AWAY, HOME, NOW, UP_TO, YEAR, open_channel, open_to_all

pytestmark = pytest.mark.usefixtures("as_python")

MLAT, DOMESTIC = Channel.MLAT, Channel.DOMESTIC
CHAIN, LEAD, PRESERVATION = RequestPurpose.CHAIN, RequestPurpose.LEAD, RequestPurpose.PRESERVATION
CERTAIN = {"success_value": 1e3, "awareness_half_days": 0.0, "corroboration": 0.0, "majors_share": 0.0}
ALWAYS = {"police_first": 1.0, "preservation_use": 1.0, "elapsed_sigma": 0.0, "first_age_sigma": 0.0}
server, person = ChainTarget.INFRASTRUCTURE, ChainTarget.PERSON
works = CaseStatus.INVESTIGATING
is_open, executed, withdrawn = RequestStatus.OPEN, RequestStatus.EXECUTED, RequestStatus.WITHDRAWN
usual, never = (NOW - 30.0, NOW - 40.0, NOW - 10.0), -NOW
suspected = MemberStatus.SUSPECTED


def following(settings: dict[str, float] | None = None, /, **fields: Any) -> World:
    """Makes a world in which a case follows a chain at its second of three steps.

    Its group has nodes 1 and 2 that no trail links yet. All further custodians are at home.
    """
    world = small(16, CERTAIN | ALWAYS | {"with_liaison_desks": 0.0, "with_hop_chain": 1.0} | (settings or {}))
    put(world, "case", first_chain=0, live_chains=1, first_request=NONE, key=3)
    usual = {"next_chain": NONE, "hops": 3, "hop": 1, "attempt": 4, "request": NONE, "next_evidence": NONE}
    usual |= {"parts_left": 1, "evidence": 2, "asked": NOW - 30.0, "key": 55, "node": NONE}
    number = put(world, "chain", **usual | fields)
    put(world, "evidence", 2, state=AWAY, data_kind=DataKind.TRAFFIC, provider=9, hop=1, created=NOW - 60.0)
    put(world, "group", first_node=1, nodes=2, users=1.0)
    world.used[[Growing.CHAIN, Growing.EVIDENCE, Growing.NODE]] = number, 3, 3
    world.place_hosting[:] = 1.0
    return world


def asked(world: World) -> list[int]:
    """Purposes of all requests made so far."""
    return [int(purpose) for purpose in records(world, "request").purpose]


@table((0, 0, False), (1, 0, True), (1, 1, False), (2, 1, True))
def test_a_hopeless_request_is_made_where_much_hangs_on_its_answer(hop: int, trails: int) -> bool:
    """A unit still sends a hopeless request if the steps of the chain are worth more than its cost."""
    settings = {"success_value": 1.0, "treaty_cost": 2.5, "delay_cost": 0.0, "silence_scale": 0.0, "temperature": 0.05}
    world = following(settings | {"foreign_refusal": 0.0}, hop=hop)
    open_channel(world, MLAT, AWAY)
    world.channel_success[:], world.case["trails"] = 1.0, trails
    rules.ask_formally(world, 0)
    return CHAIN in asked(world)


def milestones(world: World) -> list[tuple[int, int, int]]:
    return [(int(one.kind), int(one.subject), int(one.reason)) for one in records(world, "milestone")]


@table(in_sequence=(1.0, 2, (1, 1, server, 1)), at_once_none_left=(0.0, 0, (1, 1, server, 1)))
def test_a_new_lead_begins_some_time_ago_at_its_first_hop(in_sequence: float, nodes: int) -> tuple[float, ...]:
    """A new lead starts with an old trace, and its steps are requested one by one or all at once."""
    world = following({"with_hop_chain": in_sequence, "first_age_days": 40.0})
    put(world, "group", hop_mean=2.5, nodes=nodes)
    world.case["chains"] = 6
    rules.open_chain(world, 0, 7)
    chain = world.chain[1]
    hops = 1 + poisson(1, Purpose.CHAIN_HOPS, chain.key, 0, 2.5)
    assert (chain.case, chain.ordinal, chain.hops, chain.head, chain.created) == (0, 6, hops, 1, NOW - 40.0)
    assert got(world, "case", 0, "chains live_chains") == (7, 2)
    assert milestones(world)[0] == (MilestoneKind.LEAD_OPENED, 1, 7) and hops > 1
    rows = world.used[Growing.CHAIN] - 1
    return (rows == (1 if in_sequence else hops), chain.parts_left == rows, chain.target, chain.hop == rows - 1)


def test_units_follow_more_leads_of_larger_groups_while_something_is_left() -> None:
    """The number of leads that a unit follows grows with the group's users, within 1 to 12.

    4 · (users ÷ median)^0.4, with a median of exp(−0.32) of the mean: 0.72, 3.4, 3.9, 6.0 and 181, within 1–12.
    """

    def leads(users: float, nodes: int) -> tuple[int, int]:
        world = following({"chains": 4.0, "effort": 0.4, "scale_sigma": 0.8})
        put(world, "group", users=users, nodes=nodes)
        rules.keep_chains(world, 0)
        assert all(reason == NONE for kind, _, reason in milestones(world) if kind == MilestoneKind.LEAD_OPENED)
        return rules.leads_followed(world.setting[0], world.group[0]), world.case["live_chains"][0]

    for users, number in {0.01: 1, 0.5: 3, 0.7: 4, 2.0: 6, 1e4: 12}.items():
        assert leads(users, 2) == (number, number)
    assert leads(2.0, 0) == (6, 1)


@table(third=(2, 1, 5, person), second=(2, 1, 4, server), no_node_left=(0, 1, 4, person), nothing_left=(0, 0, 4, -1))
def test_every_third_lead_is_after_a_person_while_both_are_left(nodes: int, members: int, before: int) -> int:
    world = following()
    put(world, "group", nodes=nodes, members=members)
    world.case["chains"] = before
    return rules.target_left(world, 0)


@table(
    next_hop=({}, works, 4, (-1, False, True)),
    all_hops=({"hop": 3}, works, 4, (0, True, False)),
    given_up=({"status": ChainStatus.GIVEN_UP}, works, 4, (-1, False, False)),
    an_attempt_that_is_over=({}, works, 3, (-1, False, False)),
    case_over=({}, CaseStatus.DROPPED_ATTRITION, 4, (-1, False, False)),
    asked_already=({"request": 0}, works, 4, (-1, False, False)),
)
def test_what_follows_when_a_hop_has_been_analysed(fields: dict[str, int], status: CaseStatus, stamp: int) -> Any:
    world = following(**fields)
    world.case["status"] = status
    row = rules.chain_hop(world, 0, stamp)
    return row, world.chain["status"][0] == ChainStatus.COMPLETE, world.chain["asked"][0] == NOW


@table(
    all=(AWAY, 0.0, True, (LEAD, PRESERVATION, CHAIN)),
    police_first=(AWAY, 1.0, True, (LEAD, PRESERVATION)),
    police_first_not_open=(AWAY, 1.0, False, (PRESERVATION, CHAIN)),
    at_home=(HOME, 1.0, True, (CHAIN,)),
)
def test_whom_a_unit_asks_for_a_hop(place: int, first: float, open_police: bool) -> tuple[int, ...]:
    world = following({"police_before_formal": first}, lead=1, tried=5)
    world.place_hosting[:place] = 0.0
    for channel in (MLAT, Channel.PRESERVATION_24_7, *([Channel.POLICE] if open_police else [])):
        open_channel(world, channel, AWAY)
    rules.ask_hop(world, 0)
    chain = world.chain[0]
    assert (chain.evidence, chain.lead, chain.asked) == (3, 0, NOW) and world.evidence["state"][3] == place
    sent = 1 << (DOMESTIC if place == HOME else MLAT)
    assert chain.tried == (sent if CHAIN in asked(world) else 0)
    return tuple(asked(world))


@table(
    gone=(True, 1.0, 2, 1), first_gone=(True, 1.0, 0, 0), gone_all_known=(True, 0.0, 2, 2), not_given=(False, 1.0, 2, 2)
)
def test_a_lost_hop_is_taken_up_with_fresh_traces(gone: bool, in_sequence: float, hop: int) -> int:
    """A failed step is repeated with a new trace, which larger groups leave more often.

    One hop back where the evidence is gone. Four times the users leave twice the traces: 5 · 2 a year.
    """
    settings = {"fresh_traces": 5.0, "with_hop_chain": in_sequence, "first_age_days": 6.0}
    world = following(settings, hop=hop, request=3)
    world.group["users"] = 4.0
    rules.lose_hop(world, 0, gone)
    wait = exponential(1, Purpose.FRESH_TRACE, 55, 5, YEAR / 10.0)
    assert posted(world) == [(Event.CHAIN_HOP, 0, pytest.approx(wait))] and world.event["stamp"][0] == 5
    assert got(world, "chain", 0, "attempt request created") == pytest.approx((5, -1, NOW + wait - 6.0))
    assert world.evidence["status"][2] == EvidenceStatus.NOT_OBTAINED
    return int(world.chain["hop"][0])


@table(
    refused=(RequestStatus.REFUSED, Channel.PROVIDER_VOLUNTARY, (1, True)),
    not_sent=(RequestStatus.NOT_SENT, Channel.PROVIDER_BINDING, (1, True)),
    refused_by_a_state=(RequestStatus.REFUSED, MLAT, (1, False)),
    no_data=(RequestStatus.NO_DATA, Channel.PROVIDER_VOLUNTARY, (0, False)),
)
def test_after_a_providers_refusal_states_are_asked(status: RequestStatus, channel: Channel) -> tuple[float, ...]:
    world = following()
    open_channel(world, MLAT, AWAY)
    put(world, "request", status=status, channel=channel)
    world.used[Growing.REQUEST] = 1
    rules.hop_failed(world, 0, 0)
    return world.chain["hop"][0], len(asked(world)) == 2


@table((0, is_open, withdrawn), (0, executed, executed), (-1, is_open, is_open))
def test_only_an_open_request_is_taken_back(row: int, status: RequestStatus) -> float:
    world = following()
    put(world, "request", status=status, job=NONE)
    rules.withdraw(world, row)
    return world.request["status"][0]


@table(
    one=(2, 2, 0.0, usual, (1, -10.0)),
    two=(2, 2, 0.0, (NOW - 30.0,) * 3, (2, 0.0)),
    room_for_one=(3, 2, 0.0, (NOW - 30.0,) * 3, (1, never)),
    hands_full=(4, 2, 0.0, usual, (0, never)),
    too_early=(2, 2, NOW - 24.0, usual, (0, -24.0)),
)
def test_leads_that_wait_for_long_are_doubled_once(live: int, nodes: int, oldest: float, dates: Any) -> Any:
    """A lead that has waited for too long is duplicated once, if the unit has free capacity.

    Leads asked for 30, 40 and 10 days ago, the second doubled already, of a unit that follows two, each twice.
    """
    fields = {"next_chain": (1, 2, NONE), "head": (0, 1, 2), "asked": dates, "doubled": (0, 1, 0)}
    world = following({"impatience_days": 25.0, "chains": 2.0, "effort": 0.0}, **fields)
    put(world, "chain", 1, hops=3)
    put(world, "case", live_chains=live, oldest_ask=oldest)
    put(world, "group", nodes=nodes)
    rules.double_leads(world, 0)
    opened = [row for kind, _, row in milestones(world) if kind == MilestoneKind.LEAD_OPENED]
    assert opened == [row for row in (0, 2) if world.chain["doubled"][row]]
    return (len(opened), world.case["oldest_ask"][0] - NOW)


def test_an_answered_hop_is_analysed_before_the_next() -> None:
    """The answer to a step is analysed before the next step, faster with more able investigators.

    Ten days of analysis take 25 where investigators do 0.4 of today's work; analysts may be asked as well.
    """

    def next_hop(in_sequence: float, desks: float) -> tuple[float, ...]:
        settings = {"analysis_days": 10.0, "with_hop_chain": in_sequence, "with_liaison_desks": desks}
        world = following(settings | {"analysis_use": 1.0}, request=3)
        world.state["work_rate"][HOME] = 0.4
        world.feed[:] = 1.0
        open_to_all(world, *UP_TO[Body.EUROPOL])
        world.liaison_body["staff"] = world.liaison_body["staff_base"] = 5.0
        rules.hop_answered(world, 0)
        assert got(world, "chain", 0, "attempt request") == (5, -1)
        hops = [event for event in posted(world) if event[0] == Event.CHAIN_HOP]
        assert hops == [(Event.CHAIN_HOP, 0, pytest.approx(25.0))]
        return world.chain["hop"][0], world.case["indicators"][0], world.used[Growing.REFERRAL]

    holds(next_hop, in_sequence=(1.0, 0.0, (2, 1, 0)), all_known=(0.0, 0.0, (3, 1, 0)), analysts=(1.0, 1.0, (2, 1, 1)))
    assert len({int(rules.hop_key(following(**one).chain[0])) for one in ({}, {"hop": 2}, {"attempt": 5})}) == 3


def test_a_lead_is_complete_with_the_last_of_its_parts() -> None:
    world = following(next_chain=(NONE, NONE, NONE), head=(0, 0, 0))
    world.chain["parts_left"][0] = 3
    world.chain["evidence"] = 2
    assert [rules.complete_part(world, 2), rules.complete_part(world, 0)] == [-1, -1]
    assert world.chain["status"][:3].tolist() == [ChainStatus.LIVE, ChainStatus.LIVE, ChainStatus.COMPLETE]
    assert rules.complete_part(world, 1) == 0 and (world.chain["status"][:3] == ChainStatus.COMPLETE).all()


@table(
    a_person=(ChainTarget.PERSON, 0b011, (suspected, 1.5 - 2 * 0.4, 0.5)),
    a_person_no_evidence=(ChainTarget.PERSON, 0b100, (suspected, 0.0, 0.0)),
    a_node=(ChainTarget.INFRASTRUCTURE, 0b011, (MemberStatus.UNKNOWN, 0.0, 0.5)),
)
def test_what_a_complete_trail_shows(target: ChainTarget, gaps: int) -> tuple[float, ...]:
    world = following({"proof_records": 0.5, "link": 1.5, "gap": 0.4}, target=target, gaps=gaps)
    put(world, "group", members=1, first_member=1)
    world.case["live_chains"] = 3
    rules.complete_chain(world, 0)
    assert (world.chain["status"][0], world.case["live_chains"][0]) == (ChainStatus.COMPLETE, 2)
    assert milestones(world)[0] == (MilestoneKind.LEAD_ENDED, 0, -1)
    return (*got(world, "member", 1, "status link"), world.case["proof"][0])
