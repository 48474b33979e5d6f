"""What follows from the answer to a request, or from none (M8 to M10)."""

import math
from typing import Any

import numpy as np
import pytest

from sim.agents import request_outcomes as rules
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import (
    Abuse,
    CaseStatus,
    ChainStatus,
    ChainTarget,
    DeskKind,
    EvidenceStatus,
    NodeDiscovery,
    RequestPurpose,
    RequestStatus,
    Stage,
    UnitKind,
)
from sim.world.world import World
from tests.agents import scene
from tests.agents.plain import answers, fresh, noting
from tests.agents.scene import NOW

pytestmark = pytest.mark.usefixtures("as_python")

EXECUTED, REFUSED, OPEN = RequestStatus.EXECUTED, RequestStatus.REFUSED, RequestStatus.OPEN


def asked(**fields: float) -> World:
    """A world whose request 1, for hop 2 of trail 0, has been executed; the trail waits for it."""
    world = fresh(4)
    usual = {"requesting": scene.HOME, "requested": scene.AWAY, "channel": Channel.MLAT, "status": EXECUTED, "hop": 2}
    for name, value in (usual | {"given_up": np.nan, "ended": NOW} | fields).items():
        world.request[name][1] = value
    world.chain["request"][0] = 1
    return world


@pytest.mark.parametrize(
    ("fields", "closed", "learnt"),
    [
        ({}, False, [True]),
        ({"status": REFUSED}, False, [False]),
        ({"status": RequestStatus.NOT_SENT}, False, []),  # nobody abroad has seen it
        ({"channel": Channel.DOMESTIC}, False, []),
        ({"status": RequestStatus.WITHDRAWN}, False, [False]),
        ({"status": RequestStatus.WITHDRAWN}, True, []),  # it was taken back as the case is over
        ({"status": REFUSED}, True, [False]),
        ({"abusive": Abuse.OPEN}, False, []),
    ],
)
def test_investigators_learn_how_channels_answer(
    as_python: pytest.MonkeyPatch, fields: dict[str, float], closed: bool, learnt: list[bool]
) -> None:
    """From what was sent abroad in a genuine case, and not taken back with it."""
    notes = noting(as_python, rules, "learn_from_answer", "learn", "hop_request_ended")
    world = asked(**fields)
    world.case["closed"][0] = NOW if closed else np.nan
    rules.request_ended(world, 1)
    assert [note[3] for note in notes if note[0] == "learn"] == learnt
    assert ("hop_request_ended", 1) in notes or "abusive" in fields


@pytest.mark.parametrize(
    ("purpose", "status", "case", "done", "evidence"),
    [
        (RequestPurpose.ACTION, EXECUTED, CaseStatus.INVESTIGATING, ["action_answered"], 3),
        (RequestPurpose.CHAIN, EXECUTED, CaseStatus.PREPARING, ["hop_request_ended"], 3),
        (RequestPurpose.CORROBORATION, EXECUTED, CaseStatus.INVESTIGATING, ["add_proof", "not_obtained"], 4),
        (RequestPurpose.CORROBORATION, REFUSED, CaseStatus.INVESTIGATING, ["not_obtained"], 3),
        (RequestPurpose.CORROBORATION, EXECUTED, CaseStatus.SOLVED, [], 3),
    ],
)
def test_an_answer_serves_the_purpose_of_the_request(
    as_python: pytest.MonkeyPatch,
    purpose: RequestPurpose,
    status: RequestStatus,
    case: CaseStatus,
    done: list[str],
    evidence: int,
) -> None:
    """Authority to act, the next hop, or supplementary proof; none for a case that is over."""
    names = ("action_answered", "hop_request_ended", "add_proof", "not_obtained")
    notes = noting(as_python, rules, "learn_from_answer", "learn", *names)
    world = asked(purpose=purpose, status=status)
    world.case["status"][0], world.case["evidence"][0] = case, 3
    rules.request_ended(world, 1)
    assert [note[0] for note in notes if note[0] in names] == done
    assert world.case["evidence"][0] == evidence


@pytest.mark.parametrize(
    ("fields", "case", "done"),
    [
        ({}, CaseStatus.INVESTIGATING, ["let_go", "learn_from_silence", "learn", "lose_hop"]),
        ({"chain": 1}, CaseStatus.INVESTIGATING, ["let_go", "learn_from_silence", "learn"]),  # it waits for another
        ({"chain": -1}, CaseStatus.INVESTIGATING, ["let_go", "learn_from_silence", "learn"]),
        ({}, CaseStatus.SOLVED, ["let_go", "learn_from_silence", "learn"]),
        (
            {"purpose": RequestPurpose.ACTION},
            CaseStatus.INVESTIGATING,
            ["let_go", "learn_from_silence", "learn", "ask_again_to_act"],
        ),
        ({"abusive": Abuse.OPEN}, CaseStatus.INVESTIGATING, ["let_go"]),
        ({"status": REFUSED}, CaseStatus.INVESTIGATING, []),
    ],
)
def test_who_loses_patience_continues_without_the_answer(
    as_python: pytest.MonkeyPatch, fields: dict[str, float], case: CaseStatus, done: list[str]
) -> None:
    """The hop that waits for it is lost, or the state is asked again; the request stays open."""
    notes = noting(as_python, rules, "let_go", "learn_from_silence", "learn", "lose_hop", "ask_again_to_act")
    world = asked(**{"status": OPEN} | fields)
    world.case["status"][0] = case
    rules.give_up(world, 1)
    assert [note[0] for note in notes] == done
    assert math.isnan(world.request["given_up"][1]) == (done == [])


@pytest.mark.parametrize("status", [ChainStatus.LIVE, ChainStatus.GIVEN_UP])
@pytest.mark.parametrize("row", [0, 1])
def test_a_live_trail_waits_for_its_latest_request_alone(status: ChainStatus, row: int) -> None:
    """One that was given up waits for none."""
    world = asked()
    world.chain["status"][0] = status
    assert rules.is_awaited(world.chain[0], row) == (status == ChainStatus.LIVE and row == 1)


@pytest.mark.parametrize(
    ("status", "authorised", "of", "authorised_after", "of_after", "readies"),
    [
        (EXECUTED, 0, 1, 1, 1, True),
        (EXECUTED, 1, 1, 1, 1, False),
        (REFUSED, 0, 1, 0, -1, False),
        (REFUSED, 1, 1, 1, 1, False),
        (REFUSED, 0, 2, 0, 2, False),  # it has been asked again meanwhile
    ],
)
def test_a_state_authorises_once_or_is_asked_again(
    as_python: pytest.MonkeyPatch,
    status: RequestStatus,
    authorised: int,
    of: int,
    authorised_after: int,
    of_after: int,
    readies: bool,
) -> None:
    """Only where its latest request has ended without authority."""
    notes = noting(as_python, rules, "update_readiness")
    world = asked(partner=2, status=status)
    world.partner["authorised"][2], world.partner["request"][2] = authorised, of
    rules.action_answered(world, 1)
    assert (world.partner["authorised"][2], world.partner["request"][2]) == (authorised_after, of_after)
    assert notes == ([("update_readiness", 2)] if readies else [])


@pytest.mark.parametrize(
    ("fields", "formal", "excluded", "instant", "admissible", "done"),
    [
        ({}, False, False, 0.0, 1, "read_evidence"),
        ({"data_kind": DataKind.CONTENT}, False, False, 0.0, 1, "go_to_laboratory"),
        ({"data_kind": DataKind.CONTENT}, False, False, 1.0, 1, "read_evidence"),
        ({}, False, True, 0.0, 0, "read_evidence"),
        ({"channel": Channel.PROVIDER_VOLUNTARY}, True, False, 0.0, 1, "read_evidence"),
        ({"channel": Channel.PROVIDER_VOLUNTARY}, False, True, 0.0, 0, "read_evidence"),
    ],
)
def test_what_a_court_may_use_of_an_answer(
    as_python: pytest.MonkeyPatch,
    fields: dict[str, float],
    formal: bool,
    excluded: bool,
    instant: float,
    admissible: int,
    done: str,
) -> None:
    """What a provider gave freely only by chance; what travelled unprotected may be excluded. Content is read first."""
    notes = noting(as_python, rules, "read_evidence", "go_to_laboratory")
    answers(as_python, rules, chance=formal, is_excluded=excluded)
    world = asked(**{"data_kind": DataKind.SUBSCRIBER} | fields)
    world.setting["instant_stages"] = instant
    rules.hop_request_ended(world, 1)
    item = world.evidence[0]
    assert (item.admissible, notes) == (admissible, [(done, 1)])
    voluntary = fields.get("channel") == Channel.PROVIDER_VOLUNTARY
    assert item.excluded == int(excluded and not voluntary)  # what is inadmissible already need not be excluded
    assert (item.status == EvidenceStatus.INADMISSIBLE) == (admissible == 0)


@pytest.mark.parametrize(("awaited", "failed"), [(1, [("hop_failed", 0, 1)]), (0, [])])
def test_a_refusal_loses_the_hop_that_waits_for_it(
    as_python: pytest.MonkeyPatch, awaited: int, failed: list[tuple[Any, ...]]
) -> None:
    """Not one that continues with another request."""
    notes = noting(as_python, rules, "hop_failed", "read_evidence", "go_to_laboratory")
    world = asked(status=REFUSED)
    world.chain["request"][0] = awaited
    rules.hop_request_ended(world, 1)
    assert notes == failed


@pytest.mark.parametrize(("decrypted", "hours"), [(0, 6.0), (1, 18.0)])
def test_content_waits_for_an_examiner_longer_if_it_was_encrypted(
    as_python: pytest.MonkeyPatch, decrypted: int, hours: float
) -> None:
    """In the laboratory of the state that asked; to open it takes three times the work."""
    notes = noting(as_python, rules, "submit")
    answers(as_python, rules, touch_hours=6.0)
    world = asked(requesting=scene.AWAY)
    world.setting["decryption_touch"] = 3.0
    world.evidence["decrypted"][0] = decrypted
    rules.go_to_laboratory(world, 1)
    laboratories = range(DeskKind.FORENSIC * len(world.state), (DeskKind.FORENSIC + 1) * len(world.state))
    assert (world.job["desk"][0], world.job["touch_hours"][0]) == (laboratories[scene.AWAY], hours)
    assert (world.job["stage"][0], world.request["stage"][1]) == (Stage.FORENSICS, Stage.FORENSICS)
    assert notes == [("submit", 0, 0.0)]


@pytest.mark.parametrize(
    ("admissible", "gaps", "gaps_after", "tainted"),
    [
        (1, 0b0100, 0b0000, 5),  # evidence replaces what police said of this hop
        (1, 0b1101, 0b1001, 6),  # an earlier hop rests on police alone
        (0, 0b1000, 0b1100, 5),
        (0, 0b1001, 0b1101, 5),
    ],
)
@pytest.mark.parametrize("waits", [True, False])
def test_evidence_counts_and_closes_or_leaves_a_gap(
    as_python: pytest.MonkeyPatch, admissible: int, gaps: int, gaps_after: int, tainted: int, waits: bool
) -> None:
    """Gaps of a trail are kept at its head; only a trail that waits for the answer goes on from it."""
    notes = noting(as_python, rules, "hop_answered")
    world = asked(requesting=scene.AWAY)
    world.chain["head"][0], world.chain["gaps"][1] = 1, gaps
    world.chain["request"][0] = 1 if waits else 0
    world.evidence["admissible"][0] = admissible
    world.case["evidence"][0], world.case["tainted"][0] = 3, 5
    unit = UnitKind.INVESTIGATION * len(world.state) + scene.AWAY
    world.unit["files"][unit] = 7
    rules.read_evidence(world, 1)
    assert (world.case["evidence"][0], world.case["tainted"][0]) == (3 + admissible, tainted)
    assert world.chain["gaps"][1] == (gaps_after if waits or admissible else gaps)
    assert world.unit["files"][unit] == 8
    assert notes == ([("hop_answered", 0)] if waits else [])


def test_nobody_reads_evidence_of_a_case_that_is_over_and_a_trail_that_was_given_up_stays_so(
    as_python: pytest.MonkeyPatch,
) -> None:
    """Later answers of the first count for nothing, those of the second for the case alone."""
    notes = noting(as_python, rules, "hop_answered")
    world = asked()
    world.evidence["admissible"][0] = 1
    world.chain["status"][0] = ChainStatus.GIVEN_UP
    rules.read_evidence(world, 1)
    world.case["status"][0] = CaseStatus.SOLVED
    rules.read_evidence(world, 1)
    assert (notes, world.case["evidence"][0]) == ([], 1)


@pytest.mark.parametrize(
    ("served", "referral", "fields", "done"),
    [
        (1, -1, {"status": OPEN, "job": 2}, [("complete_stage", 1)]),
        (1, -1, {"status": REFUSED, "job": 2}, []),
        (1, -1, {"status": OPEN, "job": 3}, []),  # it has a later file
        (-1, 0, {"status": OPEN, "job": 2}, [("referral_worked", 0)]),
        (1, -1, {"status": EXECUTED, "job": 2, "stage": Stage.FORENSICS}, [("read_evidence", 1)]),
    ],
)
def test_a_file_that_is_finished_completes_its_stage(
    as_python: pytest.MonkeyPatch,
    served: int,
    referral: int,
    fields: dict[str, float],
    done: list[tuple[Any, ...]],
) -> None:
    """Of the request, of a referral, or of the laboratory, where five days are added up."""
    notes = noting(as_python, rules, "complete_stage", "referral_worked", "read_evidence")
    answers(as_python, rules, finish=served)
    world = asked(**{"stage": Stage.REVIEW, "stage_since": NOW - 5.0} | fields)
    world.job["referral"][2] = referral
    place = Stage.FORENSICS - 1
    world.request["stage_days"][1, place] = world.request["desk_days"][1, place] = 20.0
    rules.job_served(world, 2)
    assert notes == done
    days = 25.0 if done == [("read_evidence", 1)] else 20.0
    assert world.request["stage_days"][1, place] == world.request["desk_days"][1, place] == days


def test_the_first_request_has_results_as_well(as_python: pytest.MonkeyPatch) -> None:
    """Row 0 is a request like others."""
    notes = noting(as_python, rules, "complete_stage")
    answers(as_python, rules, finish=0)
    world = asked()
    world.request["job"][0] = 2
    world.job["referral"][2] = -1
    rules.job_served(world, 2)
    assert notes == [("complete_stage", 0)]


@pytest.mark.parametrize(
    ("status", "attempt", "request_row", "waits"),
    [
        (ChainStatus.LIVE, 3, -1, True),
        (ChainStatus.GIVEN_UP, 3, -1, False),
        (ChainStatus.LIVE, 4, -1, False),
        (ChainStatus.LIVE, 3, 0, False),
    ],
)
def test_a_formal_request_may_wait_for_police(status: ChainStatus, attempt: int, request_row: int, waits: bool) -> None:
    """On a live trail, for this attempt, and only if it has not been made."""
    world = asked()
    world.chain["status"][0], world.chain["attempt"][0], world.chain["request"][0] = status, attempt, request_row
    assert rules.waits_for_police(world.chain[0], 3) == waits


@pytest.mark.parametrize(
    ("goes_on", "team", "further", "target", "node", "waits", "done", "gaps"),
    [
        (True, True, False, ChainTarget.PERSON, -1, True, ["hop_answered"], 0b0001),
        (True, False, False, ChainTarget.PERSON, -1, True, ["hop_answered"], 0b0101),
        (False, False, True, ChainTarget.PERSON, 0, True, ["identify_member", "ask_formally"], 0b0101),
        (False, False, True, ChainTarget.INFRASTRUCTURE, 0, False, ["reveal_node"], 0b0101),
        (False, False, True, ChainTarget.INFRASTRUCTURE, -1, False, [], 0b0101),
        (False, False, False, ChainTarget.PERSON, 0, True, ["ask_formally"], 0b0101),
    ],
)
def test_police_information_identifies_and_rarely_carries_a_trail(
    as_python: pytest.MonkeyPatch,
    goes_on: bool,
    team: bool,
    further: bool,
    target: ChainTarget,
    node: int,
    waits: bool,
    done: list[str],
    gaps: int,
) -> None:
    """What a joint team shares is evidence; what police elsewhere say leaves a gap."""
    names = ("hop_answered", "identify_member", "reveal_node", "ask_formally")
    notes = noting(as_python, rules, *names, "let_go", "learn_from_answer")
    answers(as_python, rules, lead_answered=goes_on, in_team=team, leads_further=further, waits_for_police=waits)
    world = asked()
    world.chain["target"][0], world.chain["node"][0] = target, node
    world.chain["gaps"][0] = 0b0101 if team or not goes_on else 0b0001
    rules.police_answered(world, 1, 3)
    assert [note[0] for note in notes if note[0] in names] == done
    assert world.chain["gaps"][0] == gaps
    assert world.request["unconverted"][1] == int(goes_on and not team)
    assert [note[3] for note in notes if note[0] == "reveal_node"] == [NodeDiscovery.POLICE] * done.count("reveal_node")


@pytest.mark.parametrize(("abusive", "done"), [(Abuse.OPEN, ["abuse_answered_by_police"]), (Abuse.NONE, ["let_go"])])
def test_police_answer_in_vain_where_the_case_is_over(
    as_python: pytest.MonkeyPatch, abusive: Abuse, done: list[str]
) -> None:
    """The request is withdrawn; an abusive one has no case, and is answered."""
    notes = noting(as_python, rules, "abuse_answered_by_police", "let_go")
    world = asked(abusive=abusive, status=OPEN)
    world.case["status"][0] = CaseStatus.SOLVED
    rules.police_answered(world, 1, 3)
    assert [note[0] for note in notes] == done
    assert world.request["status"][1] == (OPEN if abusive else RequestStatus.WITHDRAWN)
