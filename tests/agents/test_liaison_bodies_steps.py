"""What bodies and liaison desks decide, one rule at a time."""

import pytest

from sim.agents import liaison_answers, liaison_bodies
from sim.agents.cases import is_working, lead_of
from sim.agents.liaison_answers import coordinated
from sim.agents.liaison_bodies import (
    NO_BODY,
    ask_analysis,
    ask_coordination,
    ask_for_notice,
    ask_to_facilitate,
    common_body,
    has_fellow,
    mean_hours,
    request_helped,
    serves,
    setup_median,
    synchrony,
    team_rate,
)
from sim.engine.compiling import in_python
from sim.law.vocabulary import Channel
from sim.world.records import (
    NONE,
    Abuse,
    Body,
    CaseStatus,
    ReferralTask,
    RequestPurpose,
    RequestStatus,
    Stage,
    TaskResult,
)
from sim.world.world import World
from tests.agents import scene
from tests.agents.scene import AWAY, HOME, THIRD
from tests.tiny import row_of_settings


@pytest.fixture
def office(monkeypatch: pytest.MonkeyPatch) -> World:
    """A case of HOME with a chain, a request and a wanted person in AWAY; all bodies are open to HOME and AWAY.

    Rules of bodies run as plain Python.
    """
    for name, value in list(vars(liaison_bodies).items()):
        if getattr(value, "__module__", "") == liaison_bodies.__name__ and name != "open_referral":
            monkeypatch.setattr(liaison_bodies, name, in_python(value))
    made = scene.scene(4)
    for settings in ("analysis_use", "eurojust_requests", "eurojust_cases", "action_day_use"):
        made.setting[settings] = 1.0
    made.feed[:] = 0.0
    made.feed[:, [HOME, AWAY]] = 1.0
    made.liaison_body["staff"] = 1.0
    made.police_body[:] = 3
    made.eurojust[:] = 1
    made.instrument[:, :, Channel.PRESERVATION_24_7] = 0
    made.chain["case"], made.evidence["state"] = 0, AWAY
    made.member["residence"], made.member["known_by"] = AWAY, 0
    made.request["requesting"], made.request["requested"] = HOME, AWAY
    made.request["channel"], made.request["purpose"] = Channel.BUDAPEST, RequestPurpose.CHAIN
    made.case["first_partner"], made.partner["state"] = 0, AWAY
    return made


@pytest.fixture
def asked(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Body, ReferralTask]]:
    """What bodies are asked from now on; nothing gets to their desks."""
    found: list[tuple[Body, ReferralTask]] = []

    def refer(_: World, body: int, task: int, *others: int) -> int:
        assert len(others) == 5
        found.append((Body(body), ReferralTask(task)))
        return 0

    monkeypatch.setattr(liaison_bodies, "open_referral", refer)
    monkeypatch.setattr(liaison_bodies, "derive", lambda *_: 0)  # Python's integers are too long for compiled keys
    return found


@pytest.mark.parametrize("body", set(Body) - {Body.BUILDERS})
def test_a_body_serves_two_states_that_feed_it_where_its_basis_is_open(office: World, body: Body) -> None:
    rule = in_python(serves)
    assert rule(office, body, HOME, AWAY) and rule(office, body, AWAY, HOME)
    assert not rule(office, body, HOME, THIRD) and not rule(office, body, THIRD, HOME)
    office.police_body[:], office.eurojust[:], office.instrument[:] = 0, 0, NONE
    assert rule(office, body, HOME, HOME)  # at home no basis is needed
    assert not rule(office, body, THIRD, THIRD)
    assert not rule(office, body, HOME, AWAY)
    least = {Body.JCAT: 1, Body.INTERPOL: 1, Body.EUROPOL: 2}
    for level in (1, 2, 3):
        office.police_body[:] = level
        assert rule(office, body, HOME, AWAY) == (level >= least.get(body, 9))
    office.police_body[:] = 0
    office.eurojust[:] = body == Body.EUROJUST
    office.instrument[:, :, Channel.PRESERVATION_24_7] = 0 if body == Body.CONTACT_POINTS else NONE
    assert rule(office, body, HOME, AWAY) == (body in (Body.EUROJUST, Body.CONTACT_POINTS))
    office.liaison_body["staff"] = 0.0
    assert rule(office, body, HOME, AWAY) == (body == Body.CONTACT_POINTS)  # which has its people in each state


def test_the_best_body_is_the_task_force_then_europol_then_interpol(office: World) -> None:
    rule = in_python(common_body)
    assert rule(office, HOME, HOME) == NO_BODY
    for body, after in ((Body.JCAT, Body.EUROPOL), (Body.EUROPOL, Body.INTERPOL), (Body.INTERPOL, NO_BODY)):
        assert rule(office, HOME, AWAY) == body
        office.feed[body] = 0.0
        assert rule(office, HOME, AWAY) == after


def test_each_task_takes_its_own_hours() -> None:
    """Deconfliction compares like any other comparison; a visit of trainers takes nobody's desk any time."""
    own = {task: f"{task.name.lower()}_hours" for task in ReferralTask if task != ReferralTask.VISIT}
    own[ReferralTask.DECONFLICT] = "compare_hours"
    hours = row_of_settings(**{name: 10.0 + place for place, name in enumerate(own.values())})[0]
    assert {task: in_python(mean_hours)(hours, task) for task in own} == {task: hours[own[task]] for task in own}


def test_analysts_are_sent_what_a_hop_abroad_has_yielded(office: World, asked: list) -> None:
    analysed = [(Body.EUROPOL, ReferralTask.ANALYSE)]
    rule = in_python(ask_analysis)
    rule(office, 0, 7)
    assert asked == analysed
    for table, field, value in (
        (office.setting, "with_liaison_desks", 0.0),
        (office.setting, "with_hop_chain", 0.0),
        (office.evidence, "state", HOME),
        (office.evidence, "state", THIRD),
        (office.setting, "analysis_use", 0.0),
    ):
        before = table[field].copy()
        table[field] = value
        rule(office, 0, 7)
        assert asked == analysed, field
        table[field] = before
    office.setting["analysis_use"] = office.setting["analysis_share"] = 0.0
    office.case["joint_target"] = 1  # of which everything is sent
    rule(office, 0, 7)
    assert asked == analysed * 2


def test_interpol_publishes_who_is_wanted_in_another_member_state(office: World, asked: list) -> None:
    rule = in_python(ask_for_notice)
    rule(office, 0)
    assert asked == [(Body.INTERPOL, ReferralTask.NOTICE)]
    office.member["residence"] = THIRD
    rule(office, 0)
    office.member["residence"] = AWAY
    office.setting["with_liaison_desks"] = 0.0
    rule(office, 0)
    assert len(asked) == 1


@pytest.mark.parametrize(
    ("changes", "goes"),
    [
        ({}, True),
        ({"channel": Channel.JUDICIAL_DIRECT}, True),
        ({"channel": Channel.JUDICIAL_DIRECT + 1}, False),
        ({"purpose": RequestPurpose.CORROBORATION}, False),
        ({"requested": THIRD}, False),
        ({"abusive": Abuse.OPEN}, False),
        ({"case": NONE}, False),
    ],
)
def test_which_requests_go_to_eurojust(office: World, asked: list, changes: dict[str, int], goes: bool) -> None:
    for field, value in changes.items():
        office.request[field] = value
    in_python(ask_to_facilitate)(office, 0)
    assert asked == [(Body.EUROJUST, ReferralTask.FACILITATE)] * goes
    office.setting["with_liaison_desks"] = 0.0
    in_python(ask_to_facilitate)(office, 0)
    assert len(asked) == goes


def test_a_case_asks_each_body_once_and_for_a_host_only_when_it_prepares(office: World, asked: list) -> None:
    rule = in_python(ask_coordination)
    office.case["first_partner"] = NONE
    rule(office, 0)
    office.case["first_partner"], office.setting["with_liaison_desks"] = 0, 0.0
    rule(office, 0)
    assert asked == []
    office.setting["with_liaison_desks"] = 1.0
    rule(office, 0)
    rule(office, 0)
    assert asked == [(Body.EUROJUST, ReferralTask.COORDINATE)]
    office.case["status"] = CaseStatus.PREPARING
    rule(office, 0)
    assert asked[1:] == [(Body.EUROPOL, ReferralTask.ACTION_DAY)]
    office.feed[Body.EUROPOL] = 0.0
    rule(office, 0)
    assert asked[2:] == [(Body.INTERPOL, ReferralTask.ACTION_DAY)]


def test_a_fellow_is_another_state_that_takes_part_and_feeds_the_body(office: World) -> None:
    rule = in_python(has_fellow)
    assert rule(office, 0, Body.EUROJUST)
    for state in (HOME, THIRD):
        office.partner["state"][0] = state
        assert not rule(office, 0, Body.EUROJUST)
        office.partner["next_partner"][0] = 1  # and AWAY
        assert rule(office, 0, Body.EUROJUST)
        office.partner["next_partner"][0] = NONE
    office.case["first_partner"] = NONE
    assert not rule(office, 0, Body.EUROJUST)


def test_hosts_make_states_act_together_where_they_can_work_through_them(office: World) -> None:
    rule = in_python(synchrony)
    setting = office.setting[0]
    assert setting.synchrony_alone < setting.synchrony_hosted < 1
    assert rule(office, 0, AWAY) == setting.synchrony_alone
    for body in (Body.INTERPOL, Body.EUROPOL, Body.EUROJUST):
        office.case["support"][0] = 1 << body
        assert rule(office, 0, AWAY) == setting.synchrony_hosted
        assert rule(office, 0, THIRD) == setting.synchrony_alone
        assert rule(office, 0, HOME) == 1.0
    office.case["support"][0] = 1 << Body.JCAT  # hosts no action day
    assert rule(office, 0, AWAY) == setting.synchrony_alone
    office.setting["with_liaison_desks"] = 0.0
    assert rule(office, 0, AWAY) == 1.0


def test_meetings_make_teams_likelier_and_money_sets_them_up_sooner(office: World) -> None:
    case, rate, days = office.case[0], in_python(team_rate), in_python(setup_median)
    office.setting["team_per_month"], office.setting["team_gain"], office.setting["team_money"] = 0.2, 1.5, 0.25
    setting = office.setting[0]
    case.support = 1 << Body.EUROPOL
    assert rate(setting, case) == 0.2
    case.support = 1 << Body.EUROJUST
    assert rate(setting, case) == pytest.approx(0.5)
    office.setting["team_gain"] = 9.0
    assert rate(setting, case) == 1.0  # a chance
    assert days(setting, case) == setting.team_setup_days
    case.funded = 1
    assert days(setting, case) == pytest.approx(0.75 * setting.team_setup_days)


@pytest.mark.parametrize(
    ("status", "stage", "in_time"),
    [
        (RequestStatus.OPEN, Stage.REVIEW, True),
        (RequestStatus.OPEN, Stage.COURT_ORDER, True),
        (RequestStatus.OPEN, Stage.PRODUCTION, False),
        (RequestStatus.EXECUTED, Stage.REVIEW, False),
    ],
)
def test_help_is_in_time_until_the_court_has_decided(
    office: World, status: RequestStatus, stage: Stage, in_time: bool
) -> None:
    office.request["status"], office.request["stage"] = status, stage
    office.referral["subject"], office.referral["body"] = 1, Body.EUROJUST
    assert in_python(request_helped)(office, 0) == (TaskResult.HELPED if in_time else TaskResult.TOO_LATE)
    assert office.request["helped"].tolist() == [0, in_time << Body.EUROJUST, 0, 0]


@pytest.mark.parametrize(
    ("changes", "result", "pays"),
    [
        ({}, TaskResult.HELPED, True),
        ({"task": ReferralTask.ACTION_DAY}, TaskResult.HELPED, False),
        ({"funded": 1}, TaskResult.HELPED, False),
        ({"grants": 0.5}, TaskResult.HELPED, False),
        ({"support": 1 << Body.EUROJUST}, TaskResult.NOTHING, False),
        ({"status": CaseStatus.SOLVED}, TaskResult.TOO_LATE, False),
    ],
)
def test_who_coordinates_a_case_pays_for_its_team_once_while_there_is_money(
    office: World, monkeypatch: pytest.MonkeyPatch, changes: dict[str, float], result: TaskResult, pays: bool
) -> None:
    """Whole grants only; a host of an action day pays nothing."""
    hastened = []
    monkeypatch.setattr(liaison_answers, "lead_of", in_python(lead_of))
    monkeypatch.setattr(liaison_answers, "is_working", in_python(is_working))
    monkeypatch.setattr(liaison_answers, "hasten", lambda _, case, body: hastened.append((case, body)))
    body = office.liaison_body[Body.EUROJUST]
    office.referral["body"], office.referral["task"], body.grants = Body.EUROJUST, ReferralTask.COORDINATE, 1.0
    for name, value in changes.items():
        for row in (office.referral[0], office.case[0], body):
            if name in row.dtype.names:
                row[name] = value
    before, funded = float(body.grants), int(office.case["funded"][0])
    assert in_python(coordinated)(office, 0) == result
    assert hastened == [(0, Body.EUROJUST)] * (result == TaskResult.HELPED)
    assert (before - body.grants, office.case["funded"][0] - funded) == (pays, pays)
