"""Liaison bodies (M20): what their people can do, what waits at their desks, and what none of them may do."""

import itertools
from typing import Any

import numpy as np
import pytest

from sim.agents import liaison_bodies as rules
from sim.agents.events import Event, Purpose
from sim.engine.random import lognormal
from sim.law.vocabulary import Channel
from sim.world.records import (
    NONE,
    Abuse,
    Body,
    CaseStatus,
    Growing,
    ReferralTask,
    RequestPurpose,
    RequestStatus,
    Stage,
    TaskResult,
)
from sim.world.world import World, records
from tests.agents.plain import add_partners, chances, got, posted, put, small, table
from tests.agents.scene import AWAY, HOME, NOW, THIRD
from tests.tiny import row_of_settings

COURTS = {"eurojust_requests": 1.0, "eurojust_cases": 1.0, "action_day_use": 1.0, "analysis_use": 1.0}
pytestmark = pytest.mark.usefixtures("as_python")


def office(settings: dict[str, float] | None = None, /) -> World:
    """A case of HOME with a chain, a request and a wanted person in AWAY; all bodies are open to HOME and AWAY."""
    made = small(8, COURTS | {"with_hop_chain": 1.0, "elapsed_sigma": 0.0} | (settings or {}))
    made.feed[:] = 0.0
    made.feed[:, [HOME, AWAY]] = 1.0
    made.liaison_body["staff"], made.police_body[:], made.eurojust[:] = 1.0, 3, 1
    made.instrument[:, :, Channel.PRESERVATION_24_7] = 0
    put(made, "chain", attempt=6)
    put(made, "evidence", state=AWAY)
    put(made, "member", 1, residence=AWAY, known_by=0, key=13)
    put(made, "request", 2, requesting=HOME, requested=AWAY, channel=Channel.BUDAPEST, key=9)
    put(made, "request", 2, purpose=RequestPurpose.CHAIN)
    return add_partners(made, AWAY)


def asked(of: World) -> list[tuple[Body, ReferralTask]]:
    """What bodies have been asked."""
    return [(Body(row["body"]), ReferralTask(row["task"])) for row in records(of, "referral")]


@pytest.mark.parametrize("body", set(Body) - {Body.BUILDERS})
def test_a_body_serves_two_states_that_feed_it_where_its_basis_is_open(body: Body) -> None:
    made, serves = office(), rules.serves
    assert serves(made, body, HOME, AWAY) and serves(made, body, AWAY, HOME)
    assert not serves(made, body, HOME, THIRD) and not serves(made, body, THIRD, HOME)
    made.police_body[:], made.eurojust[:], made.instrument[:] = 0, 0, NONE
    assert serves(made, body, HOME, HOME)  # at home no basis is needed
    assert not serves(made, body, THIRD, THIRD)
    assert not serves(made, body, HOME, AWAY)
    least = {Body.JCAT: 1, Body.INTERPOL: 1, Body.EUROPOL: 2}
    for level in (1, 2, 3):
        made.police_body[:] = level
        assert serves(made, body, HOME, AWAY) == (level >= least.get(body, 9))
    made.police_body[:] = 0
    made.eurojust[:] = body == Body.EUROJUST
    made.instrument[:, :, Channel.PRESERVATION_24_7] = 0 if body == Body.CONTACT_POINTS else NONE
    assert serves(made, body, HOME, AWAY) == (body in (Body.EUROJUST, Body.CONTACT_POINTS))
    made.liaison_body["staff"] = 0.0
    assert serves(made, body, HOME, AWAY) == (body == Body.CONTACT_POINTS)  # which has its people in each state


def test_the_best_body_is_the_task_force_then_europol_then_interpol() -> None:
    made = office()
    assert rules.common_body(made, HOME, HOME) == NONE
    for body, after in ((Body.JCAT, Body.EUROPOL), (Body.EUROPOL, Body.INTERPOL), (Body.INTERPOL, NONE)):
        assert rules.common_body(made, HOME, AWAY) == body
        made.feed[body] = 0.0
        assert rules.common_body(made, HOME, AWAY) == after


def test_each_task_takes_its_own_hours() -> None:
    """Deconfliction compares like any other comparison; a visit of trainers takes nobody's desk any time."""
    own = {task: f"{task.name.lower()}_hours" for task in ReferralTask if task != ReferralTask.VISIT}
    own[ReferralTask.DECONFLICT] = "compare_hours"
    hours = row_of_settings(**{name: 10.0 + place for place, name in enumerate(own.values())})[0]
    assert {task: rules.mean_hours(hours, task) for task in own} == {task: hours[own[task]] for task in own}


@table(
    europol=(Body.EUROPOL, 0, (40, 0.0)),
    contact_point=(Body.CONTACT_POINTS, 0, (40 + AWAY, 0.0)),
    common_target=(Body.EUROPOL, 1, (40, 30.0)),
)
def test_a_file_lies_at_the_body_s_desk_and_goes_ahead_for_a_common_target(body: Body, target: int) -> Any:
    """Each state has its own contact point; a common target of the task force is a month ahead of others."""
    made = office({"touch_variation": 0.0, "notice_hours": 5.0})
    made.liaison_body["desk"], made.desk["engaged"], made.desk["work"] = 40, 1000, 1e4
    made.desk["work_end"], made.desk["month_end"] = 1e4, NOW + 30.0
    put(made, "case", joint_target=target)
    key, row = np.uint64(5), made.used[Growing.REFERRAL]
    assert rules.open_referral(made, body, ReferralTask.NOTICE, key, 0, 4, HOME, AWAY) == row
    assert got(made, "referral", row, "case subject state other asked job") == (0, 4, HOME, AWAY, NOW, 0)
    assert got(made, "job", 0, "referral request touch_hours") == (row, NONE, 5.0)
    instant = office({"instant_stages": 1.0})
    rules.open_referral(instant, body, ReferralTask.NOTICE, key, 0, 4, HOME, AWAY)
    assert posted(instant) == [(Event.REFERRAL_ANSWERED, 0, 1.0)] and instant.used[Growing.JOB] == 0
    return (made.job["desk"][0], made.job["head_start"][0])


@pytest.mark.parametrize("sigma", [0.0, 0.6])
@pytest.mark.parametrize(("body", "median"), [(Body.INTERPOL, 12.0), (Body.EUROPOL, 4.0), (Body.CONTACT_POINTS, 9.0)])
def test_the_answer_comes_some_time_after_the_work(body: Body, median: float, sigma: float) -> None:
    """The body's days, INTERPOL's in a policy's share; a point's answer names its file by its number from one."""
    settings = {"interpol_scale": 3.0, "preservation_delay_days": 6.0, "preservation_delay_scale": 1.5}
    made, point = office(settings | {"elapsed_sigma": sigma, "preservation_delay_sigma": sigma}), median == 9.0
    made.liaison_body["reply_days"] = 4.0
    task = ReferralTask.FREEZE if point else ReferralTask.COMPARE
    put(made, "referral", 1, body=body, task=task, subject=2, key=33)
    rules.referral_worked(made, 1)
    purpose, key, count = (Purpose.PRESERVATION_TIME, 9, 1) if point else (Purpose.REFERRAL_REPLY, 33, 0)
    kind, row = (Event.PRESERVATION_ANSWERED, 2) if point else (Event.REFERRAL_ANSWERED, 1)
    assert posted(made) == [(kind, row, pytest.approx(lognormal(1, purpose, key, count, median, sigma)))]
    assert made.event["stamp"][0] == (2 if point else 0)


@table(
    analysts=("analysis", {}, {}, {}, 1),
    analysts_left_out=("analysis", {"with_liaison_desks": 0.0}, {}, {}, 0),
    analysts_hops_at_once=("analysis", {"with_hop_chain": 0.0}, {}, {}, 0),
    analysts_at_home=("analysis", {}, {"evidence": {"state": HOME}}, {}, 0),
    analysts_not_served=("analysis", {}, {"evidence": {"state": THIRD}}, {}, 0),
    nothing_is_sent=("analysis", {"analysis_use": 0.0}, {}, {}, 0),
    by_policy=("analysis", {"analysis_use": 0.0, "analysis_share": 1.0}, {}, {}, 1),
    all_of_a_common_target=("analysis", {"analysis_use": 0.0}, {"case": {"joint_target": 1}}, {}, 1),
    notice=("notice", {}, {}, {}, 1),
    notice_not_served=("notice", {}, {"member": {"residence": (0, THIRD)}}, {}, 0),
    notice_left_out=("notice", {"with_liaison_desks": 0.0}, {}, {}, 0),
    eurojust=("facilitate", {}, {}, {}, 1),
    eurojust_left_out=("facilitate", {"with_liaison_desks": 0.0}, {}, {}, 0),
    eurojust_by_policy=("facilitate", {"eurojust_requests": 0.0, "eurojust_share": 1.0}, {}, {}, 1),
    eurojust_not_asked=("facilitate", {"eurojust_requests": 0.0}, {}, {}, 0),
    last_channel=("facilitate", {}, {}, {"channel": Channel.JUDICIAL_DIRECT}, 1),
    beyond_it=("facilitate", {}, {}, {"channel": Channel.JUDICIAL_DIRECT + 1}, 0),
    corroboration=("facilitate", {}, {}, {"purpose": RequestPurpose.CORROBORATION}, 0),
    eurojust_not_served=("facilitate", {}, {}, {"requested": THIRD}, 0),
    abusive=("facilitate", {}, {}, {"abusive": Abuse.OPEN}, 0),
    no_case=("facilitate", {}, {}, {"case": NONE}, 0),
)
def test_who_asks_which_body_for_what(task: str, settings: Any, tables: Any, request: Any) -> Any:
    """Analysts are sent what a hop abroad has yielded; INTERPOL publishes who is wanted in another member state."""
    made = office({"analysis_share": 0.0, "eurojust_share": 0.0} | settings)
    for name, fields in tables.items():
        put(made, name, **fields)
    put(made, "request", 2, **request)
    ask, expected, subject = {
        "analysis": (lambda: rules.ask_analysis(made, 0, np.uint64(7)), (Body.EUROPOL, ReferralTask.ANALYSE), 0),
        "notice": (lambda: rules.ask_for_notice(made, 1), (Body.INTERPOL, ReferralTask.NOTICE), 1),
        "facilitate": (lambda: rules.ask_to_facilitate(made, 2), (Body.EUROJUST, ReferralTask.FACILITATE), 2),
    }[task]
    ask()
    assert asked(made) in ([], [expected])
    if asked(made):
        stamp = 6 if task == "analysis" else 0
        assert got(made, "referral", 0, "case subject state other stamp") == (0, subject, HOME, AWAY, stamp)
    return len(asked(made))


def test_a_case_asks_each_body_once_and_for_a_host_only_when_it_prepares() -> None:
    """A policy's share counts where it is greater than the usual."""
    made = office({"action_day_use": 0.0, "hosted_share": 1.0, "eurojust_cases": 0.0, "eurojust_share": 1.0})
    for first_partner, desks in ((NONE, 1.0), (0, 0.0)):
        put(made, "case", first_partner=first_partner)
        put(made, "setting", with_liaison_desks=desks)
        rules.ask_coordination(made, 0)
    assert asked(made) == []
    put(made, "setting", with_liaison_desks=1.0)
    expected = [(Body.EUROJUST, ReferralTask.COORDINATE)]
    for _ in range(2):
        rules.ask_coordination(made, 0)
        assert asked(made) == expected
    put(made, "case", status=CaseStatus.PREPARING)
    for body in (Body.EUROPOL, Body.INTERPOL):
        rules.ask_coordination(made, 0)
        expected.append((body, ReferralTask.ACTION_DAY))
        assert asked(made) == expected
        made.feed[Body.EUROPOL] = 0.0
    assert got(made, "referral", 0, "case subject state other") == (0, NONE, HOME, NONE)
    put(made, "setting", action_day_use=0.0, hosted_share=0.0)
    put(made, "case", asked_bodies=0)
    made.feed[Body.EUROJUST] = 0.0
    rules.ask_coordination(made, 0)
    assert asked(made) == expected and made.case["asked_bodies"][0] == 1 << Body.INTERPOL


@pytest.mark.parametrize(("rule", "purpose", "count"), [
    ("facilitate", Purpose.EUROJUST_ASKED, 0), ("coordinate", Purpose.COORDINATION_ASKED, Body.EUROJUST),
    ("analysis", Purpose.ANALYSIS_ASKED, 0), ("synchrony", Purpose.SYNCHRONY, 2),
])  # fmt: skip
def test_bodies_are_asked_and_states_act_together_as_often_as_usual(rule: str, purpose: Purpose, count: int) -> None:
    usual = {"eurojust_requests": 0.3, "eurojust_cases": 0.3, "analysis_use": 0.3, "synchrony_alone": 0.3}
    made = office(usual | {"eurojust_share": 0.1, "analysis_share": 0.1, "instant_stages": 1.0})

    def happens(key: int) -> bool:
        made.used[Growing.REFERRAL] = 0
        put(made, "request", 2, key=key)
        put(made, "case", key=key, asked_bodies=0, actions=2)
        put(made, "partner", key=key)
        if rule == "facilitate":
            rules.ask_to_facilitate(made, 2)
        elif rule == "coordinate":
            rules.ask_coordination(made, 0)
        elif rule == "analysis":
            rules.ask_analysis(made, 0, np.uint64(key))
        else:
            return bool(rules.acts_in_time(made, 0, 0))
        return bool(asked(made))

    chances(happens, purpose, 0.3, count)


@table(((AWAY,), True), ((HOME,), False), ((THIRD,), False), ((AWAY, HOME), True), ((AWAY, THIRD), True), ((), False))
def test_a_fellow_is_another_state_that_takes_part_and_feeds_the_body(states: tuple[int, ...]) -> bool:
    return rules.has_fellow(add_partners(office(), *states), 0, Body.EUROJUST)


def test_hosts_make_states_act_together_where_they_can_work_through_them() -> None:
    made = office({"synchrony_alone": 0.5, "synchrony_hosted": 0.9})
    shares = {0: 0.5, 1 << Body.JCAT: 0.5} | {1 << body: 0.9 for body in (Body.INTERPOL, Body.EUROPOL, Body.EUROJUST)}
    for support, share in shares.items():  # the task force hosts no action day
        put(made, "case", support=support)
        assert [rules.synchrony(made, 0, state) for state in (AWAY, THIRD, HOME)] == [share, 0.5, 1.0]
    put(made, "setting", with_liaison_desks=0.0)
    assert rules.synchrony(made, 0, AWAY) == 1.0


@table(
    alone=(1 << Body.EUROPOL, 0, 1.5, (0.2, 80.0)),
    meeting=(1 << Body.EUROJUST, 0, 1.5, (0.5, 80.0)),
    certain=(1 << Body.EUROJUST, 1, 9.0, (1.0, 60.0)),
)
def test_meetings_make_teams_likelier_and_money_sets_them_up_sooner(support: int, funded: int, gain: float) -> Any:
    made = office({"team_per_month": 0.2, "team_gain": gain, "team_money": 0.25, "team_setup_days": 80.0})
    put(made, "case", support=support, funded=funded)
    return rules.team_rate(made.setting[0], made.case[0]), rules.setup_median(made.setting[0], made.case[0])


def test_help_is_in_time_until_the_court_has_decided() -> None:
    for status, stage in itertools.product((RequestStatus.OPEN, RequestStatus.EXECUTED), Stage):
        made, in_time = office(), status == RequestStatus.OPEN and stage <= Stage.COURT_ORDER
        put(made, "request", 2, status=status, stage=stage)
        put(made, "referral", subject=2, body=Body.EUROJUST, answered=np.nan)
        result = rules.request_helped(made, 0)
        rules.settle_referral(made, 0, result)
        assert got(made, "referral", 0, "result answered") == (result, NOW)
        assert result == (TaskResult.HELPED if in_time else TaskResult.TOO_LATE)
        assert made.request["helped"][2] == (1 << Body.EUROJUST if in_time else 0)
