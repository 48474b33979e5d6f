"""Files at the desks of liaison bodies, and their answers, one decision at a time (M20)."""

import numpy as np
import pytest

from sim.agents import liaison_answers, liaison_bodies
from sim.agents.events import Event, Purpose
from sim.agents.liaison_answers import (
    analysis_answered,
    comparison_answered,
    freeze_answered,
    hasten,
    is_leading,
    notice_published,
    preserved,
    referral_answered,
    units_informed,
)
from sim.agents.liaison_bodies import acts_in_time, open_referral, referral_worked
from sim.world.records import (
    NONE,
    Body,
    CaseStatus,
    ChainStatus,
    Growing,
    MemberStatus,
    NodeDiscovery,
    ReferralTask,
    RequestStatus,
    TaskResult,
)
from sim.world.world import World
from tests.agents import scene
from tests.agents.plain import answers, drawing, first_numbers, fresh, noting, usual
from tests.agents.scene import AWAY, HOME, THIRD
from tests.tiny import waiting_events

pytestmark = pytest.mark.usefixtures("as_python")

HEAD_START = 30.0  # days, of a common target of the task force
HOPS_APART = 1024  # of two chains of a case, in the numbers of what analysts read


@pytest.fixture
def desks() -> World:
    """Case 0 of HOME; all bodies have people and are fed by all states, whose police and courts may talk."""
    world = fresh(8, with_trust=0.0, with_liaison_desks=1.0)
    world.feed[:], world.liaison_body["staff"], world.police_body[:], world.eurojust[:] = 1.0, 1.0, 3, 1
    world.used[Growing.REFERRAL] = 3
    world.referral["subject"] = NONE
    return world


# Files.


@pytest.mark.parametrize(("body", "desk"), [(Body.EUROPOL, 40), (Body.CONTACT_POINTS, 40 + THIRD)])
@pytest.mark.parametrize("common_target", [0, 1])
def test_a_file_lies_at_the_body_s_desk_and_goes_ahead_for_a_common_target(
    desks: World, as_python: pytest.MonkeyPatch, body: Body, desk: int, common_target: int
) -> None:
    """Each state has its own contact point; a common target of the task force is a month ahead of others."""
    desks.liaison_body["desk"] = 40
    desks.case["joint_target"][0] = common_target
    files = noting(as_python, liaison_bodies, add_job=2)
    ahead = noting(as_python, liaison_bodies, "submit")
    row = open_referral(desks, body, ReferralTask.NOTICE, 5, 0, 4, HOME, THIRD)
    assert row == 3 and desks.referral["job"][row] == 2 and desks.job["referral"][2] == row
    assert [file[1] for file in files] == [desk]
    assert ahead == [("submit", 2, HEAD_START * common_target)]
    assert desks.referral["subject"][row] == 4 and desks.referral["asked"][row] == desks.now[0]


def test_bodies_answer_on_the_next_day_where_stages_are_instant(desks: World, as_python: pytest.MonkeyPatch) -> None:
    """Then nothing waits at a desk."""
    desks.setting["instant_stages"] = 1.0
    files = noting(as_python, liaison_bodies, "add_job")
    open_referral(desks, Body.INTERPOL, ReferralTask.NOTICE, 5, 0, 4, HOME, THIRD)
    assert files == []
    assert scene.waits(desks, Event.REFERRAL_ANSWERED) == pytest.approx([1.0])


@pytest.mark.parametrize(("body", "days"), [(Body.INTERPOL, 12.0), (Body.EUROPOL, 4.0)])
def test_replies_take_the_body_s_days_and_interpol_s_a_policy_s_share(
    desks: World, as_python: pytest.MonkeyPatch, body: Body, days: float
) -> None:
    drawing(as_python, liaison_bodies, "lognormal", usual)
    desks.setting["interpol_scale"], desks.liaison_body["reply_days"] = 3.0, 4.0
    desks.referral["body"], desks.referral["task"] = body, ReferralTask.COMPARE
    referral_worked(desks, 1)
    assert scene.waits(desks, Event.REFERRAL_ANSWERED) == pytest.approx([days])


def test_a_point_s_answer_is_that_of_its_request(desks: World, as_python: pytest.MonkeyPatch) -> None:
    """It comes after the time that preservation takes, and names the file by its number from one."""
    drawing(as_python, liaison_bodies, "lognormal", usual)
    desks.setting["preservation_delay_days"], desks.setting["preservation_delay_scale"] = 6.0, 1.5
    desks.referral["task"], desks.referral["subject"] = ReferralTask.FREEZE, 2
    referral_worked(desks, 1)
    assert scene.waits(desks, Event.PRESERVATION_ANSWERED) == pytest.approx([9.0])
    event = waiting_events(desks)[0]
    assert (event["entity"], event["stamp"]) == (2, 2)


def test_states_act_together_as_often_as_their_synchrony_says(desks: World, as_python: pytest.MonkeyPatch) -> None:
    desks.partner["state"][1], desks.setting["synchrony_alone"] = AWAY, 0.37
    drawn = drawing(as_python, liaison_bodies, "chance", lambda one: one.numbers[0] < 0.5)
    assert not acts_in_time(desks, 0, 0)  # at home nothing can go wrong
    assert acts_in_time(desks, 0, 1)
    assert first_numbers(drawn) == [1.0, pytest.approx(0.37)]


# Answers.


@pytest.mark.parametrize(
    ("task", "rule"),
    [
        (ReferralTask.COMPARE, "comparison_answered"),
        (ReferralTask.ANALYSE, "analysis_answered"),
        (ReferralTask.NOTICE, "notice_published"),
        (ReferralTask.FACILITATE, "request_helped"),
        (ReferralTask.FREEZE, "preserved"),
        (ReferralTask.DECONFLICT, "units_informed"),
        (ReferralTask.COORDINATE, "coordinated"),
        (ReferralTask.ACTION_DAY, "coordinated"),
    ],
)
def test_each_task_has_its_own_answer(
    desks: World, as_python: pytest.MonkeyPatch, task: ReferralTask, rule: str
) -> None:
    """Its result is noted on the file with the day; a point's answer is about its request."""
    names = {
        name for name in vars(liaison_answers) if name.endswith(("_answered", "_published", "_helped", "_informed"))
    }
    names = (names | {"preserved", "coordinated"}) - {"referral_answered"}
    asked = noting(as_python, liaison_answers, **dict.fromkeys(names, TaskResult.TOO_LATE))
    desks.referral["task"][1], desks.referral["subject"][1] = task, 6
    referral_answered(desks, 1)
    assert asked == [(rule, 6 if task == ReferralTask.FREEZE else 1)]
    assert desks.referral["result"][1] == TaskResult.TOO_LATE and desks.referral["answered"][1] == desks.now[0]


@pytest.mark.parametrize(("status", "result"), [(RequestStatus.EXECUTED, TaskResult.HELPED), (2, TaskResult.NOTHING)])
def test_a_point_helps_when_it_preserves(
    desks: World, as_python: pytest.MonkeyPatch, status: int, result: TaskResult
) -> None:
    """Where no desk was asked no file is settled."""
    assert status in (RequestStatus.EXECUTED, RequestStatus.REFUSED)
    noting(as_python, liaison_answers, "preservation_answered")
    desks.request["status"][4] = status
    assert preserved(desks, 4) == result
    desks.referral["answered"] = np.nan
    freeze_answered(desks, 4, 0)
    assert np.isnan(desks.referral["answered"]).all()
    freeze_answered(desks, 4, 1)
    assert desks.referral["result"][0] == result and not np.isnan(desks.referral["answered"][0])


@pytest.mark.parametrize("body", [Body.JCAT, Body.EUROPOL])
@pytest.mark.parametrize("found", [0, NONE])
def test_a_comparison_that_finds_another_case_joins_the_two(
    desks: World, as_python: pytest.MonkeyPatch, body: Body, found: int
) -> None:
    """The task force makes it a common target."""
    answers(as_python, liaison_answers, compared=found)
    merged = noting(as_python, liaison_answers, "merge_case")
    desks.referral["case"][1], desks.referral["body"][1] = 2, body
    result = comparison_answered(desks, 1)
    assert result == (TaskResult.HELPED if found == 0 else TaskResult.NOTHING)
    assert merged == ([("merge_case", 2, 0)] if found == 0 else [])
    assert desks.case["joint_target"].sum() == desks.case["joint_target"][0] == (found == 0 and body == Body.JCAT)


@pytest.mark.parametrize(
    ("status", "leads"),
    [
        (CaseStatus.INVESTIGATING, True),
        (CaseStatus.PREPARING, True),
        (CaseStatus.SOLVED, False),
        (CaseStatus.MERGED, False),
    ],
)
def test_a_case_leads_while_it_is_worked_on_under_its_own_name(
    desks: World, status: CaseStatus, *, leads: bool
) -> None:
    desks.case["status"][1], desks.case["merged_into"][1] = status, 0
    assert is_leading(desks, 1) == leads


@pytest.mark.parametrize(("days", "pair"), [((20.0, 10.0), (0, 1)), ((10.0, 20.0), (1, 0)), ((10.0, 10.0), (0, 1))])
def test_of_two_units_that_are_informed_the_younger_case_joins_the_older(
    desks: World, as_python: pytest.MonkeyPatch, days: tuple[float, float], pair: tuple[int, int]
) -> None:
    """Nothing happens once one of them is over, whichever it is."""
    merged = noting(as_python, liaison_answers, "merge_case")
    desks.case["opened"][:2], desks.referral["case"], desks.referral["subject"] = days, 0, 1
    assert units_informed(desks, 1) == TaskResult.HELPED
    assert merged == [("merge_case", *pair)]
    assert desks.case["joint_target"][:2].tolist() == [pair[1] == 0, pair[1] == 1]
    for over in (0, 1):
        desks.case["status"][:2] = CaseStatus.INVESTIGATING
        desks.case["status"][over] = CaseStatus.SOLVED
        assert units_informed(desks, 1) == TaskResult.TOO_LATE
    assert len(merged) == 1


@pytest.mark.parametrize(
    ("changes", "looked", "result"),
    [
        ({}, 1, TaskResult.HELPED),
        ({"status": ChainStatus.GIVEN_UP}, 1, TaskResult.TOO_LATE),
        ({"attempt": 6}, 1, TaskResult.TOO_LATE),
        ({"request": 0}, 1, TaskResult.TOO_LATE),
        ({"case": 1}, 0, TaskResult.TOO_LATE),  # which is over
    ],
)
def test_analysts_see_nodes_and_hasten_the_hop_that_the_unit_has_not_asked_for_yet(
    desks: World, as_python: pytest.MonkeyPatch, changes: dict[str, int], looked: int, result: TaskResult
) -> None:
    calls = noting(as_python, liaison_answers, "look_for_nodes", "hop_due")
    desks.chain["attempt"], desks.chain["ordinal"], desks.chain["request"], desks.referral["stamp"] = 5, 3, NONE, 5
    desks.referral["subject"], desks.referral["case"], desks.setting["analysis_seen"] = 2, 0, 0.23
    desks.case["status"][1] = CaseStatus.SOLVED
    for field, value in changes.items():
        (desks.referral if field == "case" else desks.chain)[field] = value
    assert analysis_answered(desks, 1) == result
    seen = ("look_for_nodes", 0, Purpose.NODE_BY_ANALYST, NodeDiscovery.LIAISON_BODY, 3 * HOPS_APART + 5, 0.23)
    assert calls == [seen] * looked + [("hop_due", 2, 5)] * (result == TaskResult.HELPED)


@pytest.mark.parametrize(
    ("residence", "status", "held", "result"),
    [
        (AWAY, MemberStatus.INDICTED, True, TaskResult.HELPED),
        (AWAY, MemberStatus.INDICTED, False, TaskResult.HELPED),
        (HOME, MemberStatus.INDICTED, False, TaskResult.HELPED),
        (AWAY, MemberStatus.SUSPECTED, False, TaskResult.TOO_LATE),
    ],
)
def test_a_notice_may_lead_to_an_arrest_where_the_person_lives_abroad(
    desks: World,
    as_python: pytest.MonkeyPatch,
    residence: int,
    status: MemberStatus,
    result: TaskResult,
    *,
    held: bool,
) -> None:
    """Found with a fifth of the chance to be arrested there; the state that asked seeks the person anyhow."""
    calls = noting(as_python, liaison_answers, "hold", "break_core")
    answers(as_python, liaison_answers, arrest_probability=0.6)
    drawn = drawing(as_python, liaison_answers, "chance", held)
    desks.setting["notice_located"] = 0.2
    desks.member["status"], desks.member["residence"], desks.member["known_by"] = status, residence, 0
    desks.referral["subject"], desks.referral["state"] = 3, HOME
    assert notice_published(desks, 1) == result
    asked_for = residence == AWAY and result == TaskResult.HELPED
    assert first_numbers(drawn) == pytest.approx([0.12] * asked_for)
    assert calls == ([("hold", 3, AWAY), ("break_core", 0, 0)] if held else [])
    assert desks.member["by_notice"][3] == held
    assert (desks.member["noticed"][3] == desks.now[0]) == (result == TaskResult.HELPED)


def test_the_first_meeting_shortens_what_is_left_of_each_partner_s_preparation(desks: World) -> None:
    """A meeting at Eurojust leaves three quarters; who is ready, done, or works through no body keeps its day."""
    now = float(desks.now[0])
    desks.setting["eurojust_readiness"], desks.feed[:, THIRD] = 0.25, 0.0
    desks.setting["europol_readiness"] = 0.5
    desks.posting_of[:] = NONE
    desks.used[Growing.PARTNER] = 5
    desks.partner["state"][:5], desks.partner["next_partner"][:5] = [AWAY, AWAY, AWAY, THIRD, 3], [1, 2, 3, 4, NONE]
    desks.partner["prepared_at"][:5] = [now + 40.0, now + 40.0, now, now + 40.0, now + 80.0]
    desks.partner["ready_at"][:5] = [np.nan, now - 5.0, np.nan, np.nan, np.nan]
    desks.case["first_partner"][0], desks.case["support"][0] = 0, 1 << Body.EUROPOL
    hasten(desks, 0, Body.EUROJUST)
    assert desks.partner["prepared_at"][:5] - now == pytest.approx([30.0, 40.0, 0.0, 40.0, 60.0])
    assert sorted(scene.waits(desks, Event.PARTNER_PREPARED)) == pytest.approx([30.0, 60.0])
    assert desks.case["support"][0] == 1 << Body.EUROPOL | 1 << Body.EUROJUST
