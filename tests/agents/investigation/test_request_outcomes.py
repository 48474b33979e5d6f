"""Tests of the consequences of a request's answer, or of its absence (M8–M10)."""

import math
from typing import Any

import numpy as np
import pytest

from sim.agents.events import Event
from sim.agents.investigation import request_outcomes as rules
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import MemberStatus, MilestoneKind, NodeDiscovery, RequestPurpose, RequestStatus, Stage, UnitKind
from sim.world.records.codes import NONE, Abuse, CaseStatus, ChainTarget, DeskKind, EvidenceStatus, JobStatus
from sim.world.world import World, records
from tests.agents.plain import add_partners, got, posted, put, small, table
from tests.agents.scene import AWAY, HOME, NOW

pytestmark = pytest.mark.usefixtures("as_python")

ASKED = 1  # row of the request
EXECUTED, REFUSED, PENDING = RequestStatus.EXECUTED, RequestStatus.REFUSED, RequestStatus.OPEN
WITHDRAWN, NOT_SENT = RequestStatus.WITHDRAWN, RequestStatus.NOT_SENT
MLAT, DOMESTIC, VOLUNTARY = Channel.MLAT, Channel.DOMESTIC, Channel.PROVIDER_VOLUNTARY
WORKING, PREPARING, SOLVED = CaseStatus.INVESTIGATING, CaseStatus.PREPARING, CaseStatus.SOLVED
ACTION, CHAIN, CORROBORATION = RequestPurpose.ACTION, RequestPurpose.CHAIN, RequestPurpose.CORROBORATION
#: Hop, attempt and request of the trail: as it waits, once it is answered, and once the hop is lost.
WAITS, ANSWERED, LOST = (2, 3, ASKED), (3, 4, NONE), (2, 4, NONE)
CALM = {"with_leaks": 0.0, "with_liaison_desks": 0.0, "with_trust": 0.0, "voluntary_evidence": 0.0, "conversion": 1.0}
CALM |= {"with_hop_chain": 1.0, "proof_records": 0.2, "trust_kept": 1.0, "touch_variation": 0.0, "foreign_refusal": 0.0}
READ, LABORATORY = "read", "laboratory"
PERSON, SERVERS = ChainTarget.PERSON, ChainTarget.INFRASTRUCTURE


def asked(settings: dict[str, float] | None = None, **fields: Any) -> World:
    """Makes a world in which a request for a chain's third step has been executed."""
    world = small(8, CALM | (settings or {}), group={"users": 1.0})
    usual = {"requesting": HOME, "requested": AWAY, "channel": MLAT, "status": EXECUTED, "hop": 2, "job": NONE}
    usual |= {"given_up": np.nan, "ended": NOW, "deadline_days": np.nan, "sent": NOW - 9.0, "drafted": NOW - 9.0}
    put(world, "request", ASKED, **usual | fields)
    put(world, "chain", hops=4, hop=2, attempt=3, request=ASKED, node=NONE, next_evidence=NONE)
    put(world, "case", evidence=3)
    put(world, "evidence", state=AWAY)
    world.used[:] = np.maximum(world.used, 2)
    world.proof[:] = -9.0  # what is shown is enough
    return world


def trail(world: World) -> tuple[float, ...]:
    """State of the chain of evidence, as a tuple of numbers."""
    return got(world, "chain", 0, "hop attempt request")


def learnt(world: World) -> float:
    """Experience that investigators gained with the channel: 1 for a success, −1 for a failure."""
    return float(2.0 * world.success_heard[HOME].sum() - world.answers_heard[HOME].sum())


@table(
    executed=({}, math.nan, (1, 1, *ANSWERED)),
    refused=({"status": REFUSED}, math.nan, (-1, 1, *LOST)),
    not_sent=({"status": NOT_SENT}, math.nan, (0, 0, *LOST)),  # nobody abroad has seen it
    at_home=({"channel": DOMESTIC}, math.nan, (0, 0, *ANSWERED)),
    withdrawn=({"status": WITHDRAWN}, math.nan, (-1, 0, *LOST)),
    taken_back=({"status": WITHDRAWN}, NOW, (0, 0, *LOST)),  # as the case is over
    abusive=({"abusive": Abuse.OPEN}, math.nan, (0, 0, *WAITS)),
)
def test_investigators_learn_how_channels_answer(fields: dict[str, float], closed: float) -> tuple[float, ...]:
    world = asked(**fields)
    put(world, "case", closed=closed)
    rules.request_ended(world, ASKED)
    return (learnt(world), world.bond["dealings"][HOME * len(world.state) + AWAY], *trail(world))


@table(
    authority=(ACTION, EXECUTED, WORKING, (1, 3, 0.0, EvidenceStatus.AVAILABLE, *WAITS)),
    hop=(CHAIN, EXECUTED, PREPARING, (0, 3, 0.0, EvidenceStatus.INADMISSIBLE, *ANSWERED)),
    proof=(CORROBORATION, EXECUTED, WORKING, (0, 4, 0.2, EvidenceStatus.NOT_OBTAINED, *WAITS)),
    no_proof=(CORROBORATION, REFUSED, WORKING, (0, 3, 0.0, EvidenceStatus.NOT_OBTAINED, *WAITS)),
    case_over=(CORROBORATION, EXECUTED, SOLVED, (0, 3, 0.0, EvidenceStatus.AVAILABLE, *WAITS)),
)
def test_an_answer_serves_the_purpose_of_the_request(purpose: int, status: int, case: int) -> tuple[float, ...]:
    world = asked(purpose=purpose, status=status, partner=0, channel=VOLUNTARY if purpose == CHAIN else MLAT)
    add_partners(world, AWAY, prepared_at=NOW, request=ASKED)
    put(world, "case", status=case)
    rules.request_ended(world, ASKED)
    found = (*got(world, "case", 0, "evidence proof"), world.evidence["status"][0], *trail(world))
    return (world.partner["authorised"][0], *found)


@table(
    hop=({}, WORKING, (True, -1, 4, *LOST)),
    of_another_trail=({"chain": 1}, WORKING, (True, -1, 4, *WAITS)),
    of_no_trail=({"chain": NONE}, WORKING, (True, -1, 4, *WAITS)),
    case_over=({}, SOLVED, (True, -1, 4, *WAITS)),
    authority=({"purpose": ACTION}, WORKING, (True, -1, 4, *WAITS)),
    abusive=({"abusive": Abuse.OPEN}, WORKING, (True, 0, 4, *WAITS)),
    answered=({"status": REFUSED}, WORKING, (False, 0, 5, *WAITS)),
)
def test_who_loses_patience_continues_without_the_answer(fields: dict[str, float], case: int) -> tuple[float, ...]:
    world = asked(**{"status": PENDING, "officer": 2, "sent": NOW - 999.0, "partner": 0} | fields)
    add_partners(world, AWAY, request=ASKED)
    world.posting["open"][2] = 5
    put(world, "case", status=case)
    rules.give_up(world, ASKED)
    request = world.request[ASKED]
    assert request.status == fields.get("status", PENDING)
    assert (world.partner["request"][0] == NONE) == ("purpose" in fields)
    silence = world.bond["dealings"][HOME * len(world.state) + AWAY]
    assert silence == int(learnt(world) == -1)
    return request.given_up == NOW, learnt(world), world.posting["open"][2], *trail(world)


def test_nobody_loses_patience_twice() -> None:
    world = asked(status=PENDING, sent=NOW - 999.0, given_up=NOW - 1.0)
    rules.give_up(world, ASKED)
    assert (learnt(world), world.request["given_up"][ASKED]) == (0, NOW - 1.0)


@table(
    ends_now=(REFUSED, NOW, LOST),
    ended=(REFUSED, NOW - 1.0, WAITS),
    open=(PENDING, math.nan, WAITS),
)
def test_who_asked_learns_at_once_that_a_request_has_ended(status: int, ended: float) -> tuple[float, ...]:
    world = asked(status=status, ended=ended)
    rules.learn_end(world, ASKED)
    rules.learn_end(world, NONE)
    return trail(world)


@table(
    usual=({}, {}, (1, 0, READ)),
    content=({"data_kind": DataKind.CONTENT}, {}, (1, 0, LABORATORY)),
    unprotected=({}, {"with_leaks": 1.0, "exclusion_unprotected": 1.0}, (0, 1, READ)),
    given_freely=({"channel": VOLUNTARY}, {"voluntary_evidence": 1.0}, (1, 0, READ)),
    worthless=({"channel": VOLUNTARY}, {"with_leaks": 1.0, "exclusion_unprotected": 1.0}, (0, 0, READ)),
)
def test_what_a_court_may_use_of_an_answer(fields: dict[str, float], settings: dict[str, float]) -> Any:
    world = asked({"with_queues": 0.0} | settings, **{"data_kind": DataKind.SUBSCRIBER} | fields)
    world.electronic[:] = 0
    rules.hop_request_ended(world, ASKED)
    item = world.evidence[0]
    assert (item.status == EvidenceStatus.INADMISSIBLE) == (item.admissible == 0)
    assert world.case["evidence"][0] == 3 + (item.admissible if trail(world) == ANSWERED else 0)
    return item.admissible, item.excluded, READ if trail(world) == ANSWERED else LABORATORY


@table((0, 6.0), (1, 18.0))
def test_content_waits_for_an_examiner_longer_if_it_was_encrypted(decrypted: int) -> float:
    """A forensic examiner needs three times the work for encrypted content."""
    world = asked({"decryption_touch": 3.0, "forensic_touch_hours": 6.0, "with_queues": 0.0}, requesting=AWAY, urgent=1)
    put(world, "evidence", decrypted=decrypted)
    rules.go_to_laboratory(world, ASKED)
    job = world.job[world.request["job"][ASKED]]
    assert (job.desk, job.stage, job.urgent) == (DeskKind.FORENSIC * len(world.state) + AWAY, Stage.FORENSICS, 1)
    assert got(world, "request", ASKED, "stage stage_since") == (Stage.FORENSICS, NOW)
    assert (job.status, job.request) == (JobStatus.IN_SERVICE, ASKED)
    return job.touch_hours


@table((0, 0.0), (1, 90.0))
def test_an_urgent_file_goes_first_at_the_laboratory_too(urgent: int) -> float:
    """A laboratory serves urgent requests first."""
    world = asked({"with_queues": 1.0}, requesting=AWAY, urgent=urgent)
    desk = world.desk[DeskKind.FORENSIC * len(world.state) + AWAY]
    desk.urgent_head_start, desk.work, desk.work_end, desk.month_end = 90.0, 9e4, 9e4, NOW + 30.0
    desk.capacity, desk.servers = 8.0, 1
    rules.go_to_laboratory(world, ASKED)
    job = world.job[world.request["job"][ASKED]]
    assert job.status == JobStatus.WAITING
    return job.head_start


@table(
    closes=(1, 0b0100, ASKED, (4, 0b0000, *ANSWERED)),  # evidence replaces what police said of this hop
    earlier_gap=(1, 0b1101, ASKED, (4, 0b1001, *ANSWERED)),  # an earlier hop rests on police alone
    leaves=(0, 0b1000, ASKED, (3, 0b1100, *ANSWERED)),
    leaves_beside=(0, 0b1001, ASKED, (3, 0b1101, *ANSWERED)),
    closes_late=(1, 0b0100, 0, (4, 0b0000, 2, 3, 0)),
    late_in_vain=(0, 0b1000, 0, (3, 0b1000, 2, 3, 0)),
)
def test_evidence_counts_and_closes_or_leaves_a_gap(admissible: int, gaps: int, awaited: int) -> tuple[float, ...]:
    world = asked(requesting=AWAY)
    put(world, "chain", head=1, request=awaited)
    put(world, "chain", 1, gaps=gaps)
    put(world, "evidence", admissible=admissible)
    unit = UnitKind.INVESTIGATION * len(world.state) + AWAY
    world.unit["files"][unit] = 7
    rules.read_evidence(world, ASKED)
    assert world.unit["files"][unit] == 8
    return (*got(world, "case", 0, "evidence"), world.chain["gaps"][1], *trail(world))


@table(
    request=(ASKED, NONE, {"status": PENDING, "job": 2}, (Stage.COURT_ORDER, 25.0, 0, 0)),
    ended=(ASKED, NONE, {"status": REFUSED, "job": 2}, (Stage.REVIEW, 20.0, 0, 0)),
    later_file=(ASKED, NONE, {"status": PENDING, "job": 3}, (Stage.REVIEW, 20.0, 0, 0)),
    referral=(NONE, 0, {"status": PENDING, "job": 2}, (Stage.REVIEW, 20.0, 0, 1)),
    laboratory=(ASKED, NONE, {"job": 2, "stage": Stage.FORENSICS}, (Stage.FORENSICS, 25.0, 1, 0)),
    first_of_all=(0, NONE, {"status": REFUSED, "job": 3}, (Stage.REVIEW, 20.0, 0, 0)),
)
def test_a_file_that_is_finished_completes_its_stage(request: int, referral: int, fields: dict[str, float]) -> Any:
    """Finishing a desk's work completes the stage of its request, referral or laboratory analysis."""
    world = asked(**{"stage": Stage.REVIEW, "stage_since": NOW - 5.0, "route": 1 << Stage.COURT_ORDER} | fields)
    put(world, "job", 2, request=request, referral=referral, arrived=NOW - 5.0, status=JobStatus.IN_SERVICE)
    world.job["ended"] = world.job["looked"] = np.nan
    world.used[:] = 4
    stage = world.request["stage"][ASKED]
    place = stage - 1
    world.request["stage_days"][ASKED, place] = world.request["desk_days"][ASKED, place] = 20.0
    rules.job_served(world, 2)
    days = world.request["stage_days"][ASKED, place]
    assert world.request["desk_days"][ASKED, place] == days
    assert got(world, "job", 2, "status ended") == (JobStatus.SERVED, NOW)
    answers = [kind for kind, *_ in posted(world) if kind == Event.REFERRAL_ANSWERED]
    return world.request["stage"][ASKED], days, int(trail(world) == ANSWERED), len(answers)


@table(
    in_a_team=(0.0, {}, True, (0b0001, 0, *ANSWERED)),
    lead_alone=(0.0, {}, False, (0b0101, 1, *ANSWERED)),
    lead_to_ask=(1.0, {"request": NONE}, False, (0b0001, 0, *LOST)),
    asked_already=(1.0, {"request": 0}, False, (0b0001, 0, 2, 3, 0)),
    too_late=(0.0, {"attempt": 5, "request": NONE}, False, (0b0001, 0, 2, 5, NONE)),
)
def test_police_information_rarely_carries_a_trail(conversion: float, chain: dict[str, float], team: bool) -> Any:
    world = asked({"conversion": conversion}, officer=2, channel=Channel.POLICE)
    put(world, "chain", gaps=0b0101 if team else 0b0001, **chain)
    add_partners(world, AWAY, in_team=int(team))
    put(world, "case", team_formed=NOW if team else np.nan)
    world.posting["open"][2] = 5
    rules.police_answered(world, ASKED, 3)
    assert world.posting["open"][2] == 4 and world.bond["dealings"][HOME * len(world.state) + AWAY] == 1
    return (world.chain["gaps"][0], world.request["unconverted"][ASKED], *trail(world))


@table(
    person=(PERSON, 0, 3, (1, 0)),
    server=(SERVERS, 0, 3, (0, 1)),
    no_server=(SERVERS, NONE, 3, (0, 0)),
    earlier_hop=(PERSON, 0, 2, (0, 0)),
)
def test_police_information_on_a_last_hop_identifies(target: int, node: int, hop: int) -> tuple[int, int]:
    world = asked(channel=Channel.POLICE)
    put(world, "chain", target=target, node=node, hop=hop)
    put(world, "group", members=1, nodes=1)
    rules.police_answered(world, ASKED, 3)
    found = [one for one in records(world, "milestone")[2:] if one.kind == MilestoneKind.NODE_FOUND]
    assert [one.reason for one in found] == [NodeDiscovery.POLICE] * len(found)
    assert world.member["link"][0] == 0.0
    return int(world.member["status"][0] == MemberStatus.SUSPECTED), len(found)


@table(case_over=(Abuse.NONE, SOLVED, (WITHDRAWN, 4, 0)), abusive=(Abuse.OPEN, SOLVED, (EXECUTED, 5, 1)))
def test_police_answer_in_vain_where_the_case_is_over(abusive: int, case: int) -> tuple[float, ...]:
    world = asked(abusive=abusive, status=PENDING, channel=Channel.POLICE, officer=2, ended=np.nan)
    world.posting["open"][2] = 5
    put(world, "case", status=case)
    rules.police_answered(world, ASKED, 3)
    assert (world.request["ended"][ASKED], trail(world)) == (NOW, WAITS)
    return world.request["status"][ASKED], world.posting["open"][2], world.request["accounts"][ASKED]
