"""What lawyers, courts and custodians decide on a request (M1, M2, M7, M9)."""

from typing import Any

import numpy as np
import pytest

from sim.agents import request as rules
from sim.law.vocabulary import Channel, Ground
from sim.world.records import Abuse, DeskKind, JobStatus, RequestStatus, Stage
from tests.agents.plain import answers, noting
from tests.agents.scene import NOW
from tests.agents.test_request import ASKED, ASKS, asked

pytestmark = pytest.mark.usefixtures("as_python")


def test_skills_behind_a_draft_and_its_assessment() -> None:
    """The outgoing authority's skill counts half where it checks; desks stand by kind, then by state."""
    world = asked()
    world.desk["skill"] = 0.1
    world.state["skill"][ASKS] = 0.4
    world.desk["skill"][ASKS] = 0.8
    world.desk["skill"][DeskKind.INCOMING * len(world.state) + ASKED] = 0.7
    assert rules.drafting_skill(world, world.request[0]) == pytest.approx(0.4)
    world.request["route"][0] = 1 << Stage.OUTGOING_CHECK
    assert rules.drafting_skill(world, world.request[0]) == pytest.approx(0.6)
    assert rules.assessor_skill(world, world.request[0]) == pytest.approx(0.7)


@pytest.mark.parametrize(("chain", "lead", "known"), [(0, 1, True), (0, 0, False), (-1, 1, False)])
def test_police_information_on_the_same_trail_is_a_lead(chain: int, lead: int, known: bool) -> None:
    """A request beside any trail has none."""
    world = asked(chain=chain)
    world.chain["lead"][:] = lead
    assert rules.has_lead(world, world.request[0]) == known


@pytest.mark.parametrize(
    ("deficient", "instant", "saved", "phoned", "done"),
    [
        (False, 0.0, False, True, "advance"),
        (True, 1.0, False, True, "advance"),
        (True, 0.0, True, True, "advance"),
        (True, 0.0, False, True, "complete_by_phone"),
        (True, 0.0, False, False, "send_back"),
    ],
)
def test_an_incomplete_file_is_saved_phoned_about_or_returned(
    as_python: pytest.MonkeyPatch, deficient: bool, instant: float, saved: bool, phoned: bool, done: str
) -> None:
    """Its quality is that of its case; structured data help as far as both states use them."""
    files = noting(as_python, rules, is_deficient=deficient)
    notes = noting(as_python, rules, "advance", "complete_by_phone", "send_back")
    answers(as_python, rules, is_return_saved=saved, is_phoned=phoned, trust_in=0.3, drafting_skill=0.6)
    world = asked()
    world.setting["instant_stages"] = instant
    world.case["quality"][0] = 0.7
    world.state["structured"][ASKS], world.state["structured"][ASKED] = 0.5, 0.4
    rules.triage(world, 0)
    assert notes[0][0] == done
    assert files[0][5:] == pytest.approx((0.7, False, 0.2))
    world.request["case"][0] = -1
    rules.triage(world, 0)
    assert files[1][5] == 0.0


@pytest.mark.parametrize("abusive", [Abuse.NONE, Abuse.OPEN])
@pytest.mark.parametrize("alleged", [True, False])
def test_in_truth_an_abusive_request_states_no_offence(
    as_python: pytest.MonkeyPatch, abusive: Abuse, alleged: bool
) -> None:
    """Only a genuine one whose facts are an offence there is one."""
    answers(as_python, rules, is_offence_there=alleged, is_tested=True, legal_ground=int(Ground.NO_POWER))
    world = asked(abusive=abusive)
    assert rules.ground_in_law(world, world.request[0]) == Ground.NO_POWER
    assert world.request["dual_criminality"][0] == int(alleged and abusive == Abuse.NONE)


POLITICAL = Ground.POLITICAL_OR_ESSENTIAL_INTERESTS


@pytest.mark.parametrize(
    ("ground", "abusive", "recognised", "refused"),
    [
        (Ground.NONE, Abuse.NONE, True, None),
        (Ground.NONE, Abuse.OPEN, True, POLITICAL),
        (Ground.NONE, Abuse.OPEN, False, None),
        (Ground.NO_POWER, Abuse.NONE, True, Ground.NO_POWER),
        (Ground.NO_POWER, Abuse.OPEN, True, Ground.NO_POWER),
        (Ground.NO_POWER, Abuse.OPEN, False, Ground.NO_POWER),
    ],
)
def test_a_reviewer_refuses_on_a_ground_or_sees_through_abuse(
    as_python: pytest.MonkeyPatch, ground: Ground, abusive: Abuse, recognised: bool, refused: Ground | None
) -> None:
    """What passes goes to court."""
    notes = noting(as_python, rules, "advance", "end")
    answers(as_python, rules, refusal_ground=int(ground), ground_in_law=0, is_recognised=recognised)
    rules.review(asked(abusive=abusive), 0)
    assert notes == [("advance", 0) if refused is None else ("end", 0, RequestStatus.REFUSED, refused)]


@pytest.mark.parametrize(
    ("channel", "granted", "appealed", "resume", "done"),
    [
        (Channel.MLAT, True, True, 0, ("end", 0, RequestStatus.REFUSED, Ground.NO_POWER)),
        (Channel.DOMESTIC, True, False, 0, ("advance", 0)),
        (Channel.JOINT_TEAM, True, False, 0, ("advance", 0)),
        (Channel.JOINT_TEAM, True, True, 0, ("begin_stage", 0, Stage.APPEAL)),
        (Channel.DOMESTIC, False, True, Stage.INCOMING_TRIAGE, ("send_back", 0, Stage.COURT_ORDER)),
        (
            Channel.DOMESTIC,
            False,
            True,
            Stage.COURT_ORDER,
            ("end", 0, RequestStatus.REFUSED, Ground.STANDARD_OF_PROOF),
        ),
    ],
)
def test_a_court_decides_by_the_law_of_the_day_and_asks_once_for_more(
    as_python: pytest.MonkeyPatch, channel: Channel, granted: bool, appealed: bool, resume: int, done: tuple[Any, ...]
) -> None:
    """At home and in a joint team it acts in proceedings of its own."""
    notes = noting(as_python, rules, "advance", "end", "begin_stage", "send_back")
    answers(as_python, rules, ground_in_law=int(Ground.NO_POWER), order_granted=granted, appeal_follows=appealed)
    rules.court_decides(asked(channel=channel, resume=resume), 0)
    assert notes == [done]


@pytest.mark.parametrize("objects", [True, False])
@pytest.mark.parametrize("abusive", Abuse)
def test_a_provider_is_deceived_objects_or_produces(
    as_python: pytest.MonkeyPatch, abusive: Abuse, objects: bool
) -> None:
    """It objects to what it sees through, never to a genuine request."""
    answers(as_python, rules, is_deceived="deceived", provider_objects=objects, produces="produces")
    expected: Any = False if objects and abusive in (Abuse.OPEN, Abuse.DISGUISED) else "produces"
    world = asked(abusive=abusive)
    found = rules.is_willing(world, world.request[0])
    assert found == ("deceived" if abusive == Abuse.FALSE_EMERGENCY else expected)


@pytest.mark.parametrize(
    ("evidence", "abusive", "found"),
    [
        (0, Abuse.NONE, "settled"),
        (-1, Abuse.OPEN, "held"),
        (-1, Abuse.DISGUISED, "held"),
        (-1, Abuse.NONE, True),
    ],
)
def test_what_a_custodian_must_still_have(
    as_python: pytest.MonkeyPatch, evidence: int, abusive: Abuse, found: Any
) -> None:
    """An item of evidence, or what an abusive request asks for; authority to act needs no data."""
    answers(as_python, rules, settle_evidence="settled", is_still_held="held")
    world = asked(evidence=evidence, abusive=abusive)
    assert rules.finds_data(world, world.request[0]) == found


@pytest.mark.parametrize(
    ("willing", "found", "done"),
    [
        (False, True, ("end", 0, RequestStatus.REFUSED, Ground.PROVIDER_POLICY)),
        (True, False, ("end", 0, RequestStatus.NO_DATA, Ground.NONE)),
        (True, True, ("advance", 0)),
    ],
)
def test_a_provider_produces_what_it_still_has(
    as_python: pytest.MonkeyPatch, willing: bool, found: bool, done: tuple[Any, ...]
) -> None:
    """It refuses by its policy, or has nothing left."""
    notes = noting(as_python, rules, "advance", "end")
    answers(as_python, rules, is_willing=willing, finds_data=found, accounts_disclosed=1)
    rules.provider_decides(asked(), 0)
    assert notes == [done]


@pytest.mark.parametrize(
    ("status", "stage", "desk", "instant", "done"),
    [
        (RequestStatus.OPEN, Stage.REVIEW, 0, 0.0, ["reach_desk"]),
        (RequestStatus.OPEN, Stage.REVIEW, -1, 0.0, ["complete_stage"]),
        (RequestStatus.OPEN, Stage.REVIEW, 0, 1.0, ["complete_stage"]),
        (RequestStatus.REFUSED, Stage.REVIEW, 0, 0.0, []),
        (RequestStatus.OPEN, Stage.APPEAL, 0, 0.0, []),
    ],
)
def test_when_waiting_is_over_the_file_comes_to_its_desk(
    as_python: pytest.MonkeyPatch, status: RequestStatus, stage: Stage, desk: int, instant: float, done: list[str]
) -> None:
    """Unless the request has ended or gone on; where there is no desk, the stage is complete."""
    notes = noting(as_python, rules, "reach_desk", "complete_stage")
    answers(as_python, rules, desk_of=desk)
    world = asked(status=status, stage=stage)
    world.setting["instant_stages"] = instant
    rules.stage_elapsed(world, 0, Stage.REVIEW)
    assert [note[0] for note in notes] == done


@pytest.mark.parametrize(
    ("status", "returned_on", "request_row", "done"),
    [
        (JobStatus.WAITING, NOW, 0, ["leave_line", "count_days", "send_back"]),
        (JobStatus.WAITING, NOW, -1, ["leave_line"]),
        (JobStatus.WAITING, NOW + 1.0, 0, ["look"]),
        (JobStatus.IN_SERVICE, NOW - 1.0, 0, ["look"]),
        (JobStatus.WAITING, np.inf, 0, ["look"]),
    ],
)
def test_a_waiting_file_is_returned_on_its_last_day(
    as_python: pytest.MonkeyPatch, status: JobStatus, returned_on: float, request_row: int, done: list[str]
) -> None:
    """Otherwise its turn may have come; who works on it already goes on."""
    notes = noting(as_python, rules, "leave_line", "count_days", "send_back", "look")
    world = asked()
    world.job["status"][0], world.job["returned_on"][0], world.job["request"][0] = status, returned_on, request_row
    rules.file_in_line(world, 0)
    assert [note[0] for note in notes] == done
