"""Tests of liaison bodies (M20): capacity, requests at their desks, and effects of their answers."""

import itertools
import math
from typing import Any

import numpy as np
import pytest

from sim.agents.assistance import liaison_bodies as rules
from sim.agents.events import Event, Purpose, name_of_unhandled
from sim.agents.investigation import liaison_answers as answers
from sim.engine.clock import Count
from sim.engine.random import derive, lognormal
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import Growing, NodeDiscovery, ReferralTask, RequestPurpose, RequestStatus, Stage, TaskResult
from sim.world.records.codes import NONE, Abuse, Body, CaseStatus, ChainStatus, GroupStatus, MemberStatus, MilestoneKind
from sim.world.world import World, records
from tests.agents.plain import add_partners, chances, got, posted, put, small, table
from tests.agents.scene import ALL, AWAY, HOME, NOW, OPEN, THIRD, UP_TO, open_to_all

COURTS = {"eurojust_requests": 1.0, "eurojust_cases": 1.0, "action_day_use": 1.0, "analysis_use": 1.0}
pytestmark = pytest.mark.usefixtures("as_python")


def office(settings: dict[str, float] | None = None, /) -> World:
    """Makes a world with all bodies open to HOME and AWAY, a case, a request and a wanted person."""
    made = small(8, COURTS | {"with_hop_chain": 1.0, "elapsed_sigma": 0.0} | (settings or {}))
    made.feed[:] = 0.0
    made.feed[:, [HOME, AWAY]] = 1.0
    made.liaison_body["staff"], made.liaison_body["staff_base"] = 1.0, 1.0
    open_to_all(made, *ALL)
    made.instrument[:, :, Channel.PRESERVATION_24_7] = 0
    put(made, "chain", attempt=6)
    put(made, "evidence", state=AWAY)
    put(made, "member", 1, residence=AWAY, known_by=0, key=13)
    put(made, "request", 2, requesting=HOME, requested=AWAY, channel=Channel.BUDAPEST, key=9)
    put(made, "request", 2, purpose=RequestPurpose.CHAIN)
    return add_partners(made, AWAY)


def asked(of: World) -> list[tuple[Body, ReferralTask]]:
    """Tasks that liaison bodies have received so far."""
    return [(Body(row["body"]), ReferralTask(row["task"])) for row in records(of, "referral")]


@pytest.mark.parametrize("body", set(Body) - {Body.BUILDERS})
def test_a_body_serves_two_states_that_feed_it_where_its_basis_is_open(body: Body) -> None:
    made, serves = office(), rules.serves
    assert serves(made, body, HOME, AWAY) and serves(made, body, AWAY, HOME)
    assert not serves(made, body, HOME, THIRD) and not serves(made, body, THIRD, HOME)
    open_to_all(made)
    made.instrument[:] = NONE
    assert serves(made, body, HOME, HOME)  # at home no basis is needed
    assert not serves(made, body, THIRD, THIRD) and not serves(made, body, HOME, AWAY)
    least = {Body.JCAT: Body.INTERPOL, Body.INTERPOL: Body.INTERPOL, Body.EUROPOL: Body.EUROPOL}
    for bodies in UP_TO.values():
        open_to_all(made, *bodies)
        assert serves(made, body, HOME, AWAY) == (least.get(body) in bodies)
    open_to_all(made, *([body] if body == Body.EUROJUST else []))
    made.instrument[:, :, Channel.PRESERVATION_24_7] = 0 if body == Body.CONTACT_POINTS else NONE
    assert serves(made, body, HOME, AWAY) == (body in (Body.EUROJUST, Body.CONTACT_POINTS))
    made.liaison_body["staff"] = 0.0
    assert serves(made, body, HOME, AWAY) == (body == Body.CONTACT_POINTS)  # which has its people in each state


@table((4.0, 0.2), (8.0, 0.4), (2.0, 0.1), (40.0, 1.0), (0.0, 0.0))
def test_a_body_with_more_people_takes_up_more(staff: float) -> float:
    """A body with more staff receives a larger share of cases."""
    made = office()
    put(made, "liaison_body", Body.EUROPOL, staff=staff, staff_base=4.0)
    return rules.taken_up(made, Body.EUROPOL, 0.2)


def test_each_task_takes_its_own_hours() -> None:
    """Each kind of task takes its own hours, except visits of trainers, which take none at desks."""
    own = {task: f"{task.name.lower()}_hours" for task in ReferralTask if task != ReferralTask.VISIT}
    own[ReferralTask.DECONFLICT] = "compare_hours"
    world = office({name: 10.0 + place for place, name in enumerate(own.values())})
    hours = world.setting[0]
    assert {task: rules.mean_hours(world, task) for task in own} == {task: hours[own[task]] for task in own}
    assert world.counters[Count.UNHANDLED] == 0
    rules.mean_hours(world, ReferralTask.VISIT)
    assert name_of_unhandled(int(world.counters[Count.UNHANDLED])) == "ReferralTask.VISIT"


@table(
    europol=(Body.EUROPOL, 0, (40, 0.0)),
    contact_point=(Body.CONTACT_POINTS, 0, (40 + AWAY, 0.0)),
    common_target=(Body.EUROPOL, 1, (40, 30.0)),
)
def test_a_file_lies_at_the_body_s_desk_and_goes_ahead_for_a_common_target(body: Body, target: int) -> Any:
    """A task waits at the desk of its body or contact point, with priority for a common target."""
    made = office({"touch_variation": 0.0, "notice_hours": 5.0})
    made.liaison_body["desk"], made.desk["engaged"], made.desk["work"] = 40, 1000, 1e4
    made.desk["work_end"], made.desk["month_end"] = 1e4, NOW + 30.0
    put(made, "case", joint_target=target)
    key, row = np.uint64(5), made.used[Growing.REFERRAL]
    assert rules.open_referral(made, body, ReferralTask.NOTICE, key, 0, 4, HOME, AWAY) == row
    assert got(made, "referral", row, "case subject state other asked job") == (0, 4, HOME, AWAY, NOW, 0)
    assert got(made, "job", 0, "referral request touch_hours") == (row, NONE, 5.0)
    instant = office({"instant_authorities": 1.0})
    rules.open_referral(instant, body, ReferralTask.NOTICE, key, 0, 4, HOME, AWAY)
    assert posted(instant) == [(Event.REFERRAL_ANSWERED, 0, 1.0)] and instant.used[Growing.JOB] == 0
    return (made.job["desk"][0], made.job["head_start"][0])


@pytest.mark.parametrize("sigma", [0.0, 0.6])
@pytest.mark.parametrize(("body", "median"), [(Body.INTERPOL, 12.0), (Body.EUROPOL, 4.0), (Body.CONTACT_POINTS, 9.0)])
def test_the_answer_comes_some_time_after_the_work(body: Body, median: float, sigma: float) -> None:
    """A body answers some days after its work is done, and a policy scales INTERPOL's days."""
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
    by_policy=("analysis", {"analysis_use": 0.0, "analysis_share": 1.0}, {}, {}, 1),
    all_of_a_common_target=("analysis", {"analysis_use": 0.0}, {"case": {"joint_target": 1}}, {}, 1),
    notice=("notice", {}, {}, {}, 1),
    notice_not_served=("notice", {}, {"member": {"residence": (0, THIRD)}}, {}, 0),
    eurojust=("facilitate", {}, {}, {}, 1),
    eurojust_by_policy=("facilitate", {"eurojust_requests": 0.0, "eurojust_share": 1.0}, {}, {}, 1),
    last_channel=("facilitate", {}, {}, {"channel": Channel.JUDICIAL_DIRECT}, 1),
    beyond_it=("facilitate", {}, {}, {"channel": Channel.JUDICIAL_DIRECT + 1}, 0),
    corroboration=("facilitate", {}, {}, {"purpose": RequestPurpose.CORROBORATION}, 0),
    eurojust_not_served=("facilitate", {}, {}, {"requested": THIRD}, 0),
    abusive=("facilitate", {}, {}, {"abusive": Abuse.OPEN}, 0),
    no_case=("facilitate", {}, {}, {"case": NONE}, 0),
)
def test_who_asks_which_body_for_what(task: str, settings: Any, tables: Any, request: Any) -> Any:
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


def test_a_case_asks_each_body_once_and_for_a_host_when_another_state_is_asked_to_act() -> None:
    made = office({"action_day_use": 1.0, "eurojust_cases": 0.0, "eurojust_share": 1.0})
    for first_partner, desks in ((NONE, 1.0), (0, 0.0)):
        put(made, "case", first_partner=first_partner)
        put(made, "setting", with_liaison_desks=desks)
        rules.ask_coordination(made, 0)
    assert asked(made) == []
    put(made, "setting", with_liaison_desks=1.0)
    put(made, "partner", asked=np.nan)
    expected = [(Body.EUROJUST, ReferralTask.COORDINATE)]
    for _ in range(2):
        rules.ask_coordination(made, 0)
        assert asked(made) == expected
    put(made, "partner", 0, asked=NOW)
    for body in (Body.EUROPOL, Body.INTERPOL):
        rules.ask_coordination(made, 0)
        expected.append((body, ReferralTask.ACTION_DAY))
        assert asked(made) == expected
        made.feed[Body.EUROPOL] = 0.0
    assert got(made, "referral", 0, "case subject state other") == (0, NONE, HOME, NONE)
    put(made, "setting", action_day_use=0.0)
    put(made, "case", asked_bodies=0)
    made.feed[Body.EUROJUST] = 0.0
    rules.ask_coordination(made, 0)
    assert asked(made) == expected and made.case["asked_bodies"][0] == 0


@pytest.mark.parametrize(("states", "share"), [(0, 0.0), (1, 0.4), (2, 0.64), (4, 1.0 - 0.6**4)])
def test_each_state_that_is_asked_to_act_may_ask_for_a_host(states: int, share: float) -> None:
    """A case asks Europol to host an action with an equal chance for each served state that is asked to act."""
    made = office({"action_day_use": 0.4, "eurojust_cases": 0.0, "eurojust_share": 0.0})
    served = [state for state in range(len(made.state)) if state not in (HOME, AWAY, THIRD)][:states]
    assert len(served) == states
    made.feed[Body.EUROPOL, served] = 1.0
    add_partners(made, HOME, THIRD, AWAY, *served)
    put(made, "partner", asked=[NOW, NOW, np.nan] + [NOW] * states)

    def asks(key: int) -> bool:
        put(made, "case", key=key, asked_bodies=0)
        rules.ask_coordination(made, 0)
        return bool(made.case["asked_bodies"][0])

    chances(asks, Purpose.COORDINATION_ASKED, share, Body.EUROPOL)


def test_hosts_make_states_act_together_where_they_can_work_through_them() -> None:
    made = office({"synchrony_alone": 0.5, "synchrony_hosted": 0.9})
    shares = {0: 0.5, 1 << Body.JCAT: 0.5} | {1 << body: 0.9 for body in (Body.INTERPOL, Body.EUROPOL, Body.EUROJUST)}
    for support, share in shares.items():  # the task force hosts no action day
        put(made, "case", support=support)
        assert [rules.synchrony(made, 0, state) for state in (AWAY, THIRD, HOME)] == [share, 0.5, 1.0]
    put(made, "setting", with_liaison_desks=0.0)
    assert rules.synchrony(made, 0, AWAY) == 1.0


@table(
    alone=(1 << Body.EUROPOL, 1.5, 0.2), meeting=(1 << Body.EUROJUST, 1.5, 0.5), certain=(1 << Body.EUROJUST, 9.0, 1.0)
)
def test_meetings_make_teams_likelier(support: int, gain: float) -> Any:
    made = office({"team_agreed": 0.2, "team_gain": gain})
    put(made, "case", support=support)
    return float(rules.team_share(made.setting[0], made.case[0]))


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


HELPED, NOTHING, TOO_LATE = TaskResult.HELPED, TaskResult.NOTHING, TaskResult.TOO_LATE
OPENED = (20.0, 10.0, 30.0)  # cases 0 to 2


def desks(settings: dict[str, float] | None = None, /, **referral: Any) -> World:
    """Makes a world with cases of three states on one group, and a referral on one of the cases.

    All bodies have people and are fed by all states, whose police and courts may talk.
    """
    usual = {"with_trust": 0.0, "with_liaison_desks": 1.0, "preservation_success": 1.0}
    usual |= {"with_learning": 0.0, "with_silence": 0.0, "majors_share": 0.0}
    world = small(16, usual | (settings or {}))
    world.feed[:], world.liaison_body["staff"], world.liaison_body["match_rate"] = 1.0, 1.0, 1e9
    open_to_all(world, *ALL)
    world.power[AWAY, DataKind.PRESERVATION] = 1
    world.instrument[:, :, [Channel.POLICE, Channel.SURRENDER]], world.posting_of[:] = OPEN, NONE
    world.place_hosting[:] = 1.0  # custodians are at HOME
    put(world, "case", opened=OPENED, state=(HOME, AWAY, THIRD), next_case=(NONE, 0, 1))
    put(world, "case", status=[CaseStatus.INVESTIGATING] * 3)
    put(world, "group", first_case=2, first_node=1, nodes=1, first_member=3, members=1, status=GroupStatus.DOWN)
    put(world, "member", 3, status=MemberStatus.INDICTED, residence=AWAY, known_by=0, key=8, noticed=np.nan)
    put(world, "chain", 2, attempt=5, ordinal=3, hop=1, hops=3, request=NONE, key=4, next_chain=NONE)
    put(world, "chain", 2, next_evidence=NONE, node=NONE)
    put(world, "request", 4, requesting=HOME, requested=AWAY, key=21)
    put(world, "referral", 1, **{"state": HOME, "other": AWAY, "answered": np.nan, "subject": NONE} | referral)
    used = {Growing.CASE: 3, Growing.REFERRAL: 3, Growing.MEMBER: 4, Growing.CHAIN: 3, Growing.REQUEST: 5}
    used |= {Growing.NODE: 2, Growing.EVIDENCE: 1}
    world.used[list(used)] = list(used.values())
    world.referral["answered"] = np.nan
    return world


@pytest.mark.parametrize("task", set(ReferralTask) - {ReferralTask.VISIT})
def test_each_task_has_its_own_answer_which_stands_in_the_file(task: ReferralTask) -> None:
    subjects = {ReferralTask.ANALYSE: 2, ReferralTask.NOTICE: 3, ReferralTask.FACILITATE: 4, ReferralTask.FREEZE: 4}
    subject = subjects.get(task, 2 if task == ReferralTask.DECONFLICT else NONE)
    world = desks({"notice_located": 0.0}, task=task, subject=subject, body=Body.JCAT, stamp=5)
    answers.referral_answered(world, 1)
    found = {ReferralTask.COMPARE: world.case["merged_into"][0] == 1}
    found |= {ReferralTask.ANALYSE: world.chain["asked"][2] == NOW}
    found |= {ReferralTask.NOTICE: world.member["noticed"][3] == NOW}
    found |= {ReferralTask.FACILITATE: world.request["helped"][4] == 1 << Body.JCAT}
    found |= {ReferralTask.FREEZE: world.request["status"][4] == RequestStatus.EXECUTED}
    found |= {ReferralTask.DECONFLICT: world.case["merged_into"][2] == 0}
    found |= {ReferralTask.COORDINATE: world.case["support"][0] == 1 << Body.JCAT}
    found |= {ReferralTask.ACTION_DAY: world.case["support"][0] == 1 << Body.JCAT}
    same = {ReferralTask.COORDINATE, ReferralTask.ACTION_DAY}
    assert {one for one, is_so in found.items() if is_so} == (same if task in same else {task})
    assert np.isnan(world.referral["answered"]).tolist()[:3] == [True, False, True]
    assert got(world, "referral", 1, "answered result") == (NOW, HELPED)


def test_a_point_helps_when_it_preserves_and_its_file_if_any_is_settled() -> None:
    for success, file, expected in ((1.0, 2, {1: HELPED}), (0.0, 2, {1: NOTHING}), (1.0, 0, {}), (1.0, 1, {0: HELPED})):
        world = desks({"preservation_success": success})
        answers.freeze_answered(world, 4, file)
        answered = np.flatnonzero(world.referral["answered"] == NOW)
        assert {int(row): world.referral["result"][row] for row in answered} == expected


@table(
    task_force=(Body.JCAT, 0, OPENED, (HELPED, 1, 0, 1, 0)),
    europol=(Body.EUROPOL, 2, OPENED, (HELPED, 1, 0, 0, 0)),
    oldest=(Body.JCAT, 1, OPENED, (NOTHING, NONE, 0, 0, 0)),
    first=(Body.JCAT, 2, (5.0, 10.0, 30.0), (HELPED, 0, 1, 0, 0)),
)
def test_a_comparison_that_finds_an_older_case_joins_the_two(body: Body, case: int, opened: Any) -> Any:
    world = desks(body=body, case=case)
    put(world, "case", opened=opened)
    result = answers.comparison_answered(world, 1)
    return (result, world.case["merged_into"][case], *world.case["joint_target"][:3])


@table(
    younger_asks=((20.0, 10.0), (), (HELPED, 1, NONE, 0, 1)),
    older_asks=((10.0, 20.0), (), (HELPED, NONE, 0, 1, 0)),
    same_day=((10.0, 10.0), (), (HELPED, 1, NONE, 0, 1)),
    one_over=((20.0, 10.0), (0,), (TOO_LATE, NONE, NONE, 0, 0)),
    other_over=((20.0, 10.0), (1,), (TOO_LATE, NONE, NONE, 0, 0)),
)
def test_of_two_units_that_are_informed_the_younger_case_joins_the_older(days: Any, over: Any) -> Any:
    world = desks(subject=1, body=Body.JCAT)
    put(world, "case", opened=days)
    world.case["status"][list(over)] = CaseStatus.SOLVED
    result = answers.units_informed(world, 1)
    return (result, *world.case["merged_into"][:2], *world.case["joint_target"][:2])


@table(
    in_time=({}, CaseStatus.INVESTIGATING, (HELPED, 1, NOW)),
    given_up=({"status": ChainStatus.GIVEN_UP}, CaseStatus.INVESTIGATING, (TOO_LATE, 1, 0.0)),
    next_attempt=({"attempt": 7}, CaseStatus.INVESTIGATING, (TOO_LATE, 1, 0.0)),
    asked_already=({"request": 0}, CaseStatus.INVESTIGATING, (TOO_LATE, 1, 0.0)),
    case_over=({}, CaseStatus.SOLVED, (TOO_LATE, 0, 0.0)),
)
def test_analysts_see_nodes_and_hasten_the_hop_that_the_unit_has_not_asked_for_yet(chain: Any, status: int) -> Any:
    world = desks({"analysis_seen": 1.0}, subject=2, stamp=5)
    put(world, "chain", 2, **chain)
    put(world, "case", status=status)
    result = answers.analysis_answered(world, 1)
    found = records(world, "milestone")
    assert all(one.reason == NodeDiscovery.LIAISON_BODY for one in found if one.kind == MilestoneKind.NODE_FOUND)
    return (result, world.case["known_nodes"][0], world.chain["asked"][2])


def test_each_hop_of_each_lead_is_read_with_its_own_chance() -> None:
    world = desks({"analysis_seen": 0.3}, subject=2, stamp=5)

    def seen(key: int) -> bool:
        put(world, "case", key=key, first_sighting=NONE, known_nodes=0, status=CaseStatus.INVESTIGATING)
        put(world, "chain", 2, status=ChainStatus.GIVEN_UP)
        answers.analysis_answered(world, 1)
        return bool(world.case["known_nodes"][0])

    chances(seen, Purpose.NODE_BY_ANALYST, 0.3, 3 * 1024 + 5, of=lambda key: derive(key, world.node["slot"][1]))


@table(
    found=(1.0, AWAY, MemberStatus.INDICTED, (HELPED, MemberStatus.HELD, 1, NOW)),
    not_found=(0.0, AWAY, MemberStatus.INDICTED, (HELPED, MemberStatus.INDICTED, 0, NOW)),
    at_home=(1.0, HOME, MemberStatus.INDICTED, (HELPED, MemberStatus.INDICTED, 0, NOW)),
    not_wanted=(1.0, AWAY, MemberStatus.SUSPECTED, (TOO_LATE, MemberStatus.SUSPECTED, 0, math.nan)),
)
def test_a_notice_may_lead_to_an_arrest_abroad(located: float, residence: int, status: MemberStatus) -> Any:
    world = desks({"notice_located": located, "arrest": 1.0}, subject=3)
    put(world, "member", 3, status=status, residence=residence)
    world.group["status"][0] = GroupStatus.ACTIVE
    result = answers.notice_published(world, 1)
    arrested = world.member["status"][3] == MemberStatus.HELD
    assert world.group["status"][0] == (GroupStatus.DOWN if arrested else GroupStatus.ACTIVE)  # its only member
    assert world.member["held_in"][3] == (AWAY if arrested else NONE)
    return (result, *got(world, "member", 3, "status by_notice noticed"))


@table(
    first=({}, HELPED), again=({"support": 1 << Body.EUROJUST}, NOTHING), over=({"status": CaseStatus.SOLVED}, TOO_LATE)
)
def test_a_body_coordinates_a_case_once_while_it_is_worked_on(case: dict[str, int]) -> int:
    world = desks(body=Body.EUROJUST, task=ReferralTask.COORDINATE)
    put(world, "case", first_partner=NONE, **case)
    result = answers.coordinated(world, 1)
    assert bool(world.case["support"][0]) == (result != TOO_LATE)
    return int(result)


@table(
    none=((0.3, 0.3), 0.0, 0.0),
    alike=((0.25,) * 4, 1.0, math.log(4 / 3) / 0.25),
    all_of_them=((0.5, 0.3, 0.0), 2.0, math.inf),
    more_than_there_are=((0.5, 0.0), 7.0, math.inf),
)
def test_how_eager_states_are_where_so_many_join_on_average(shares: tuple[float, ...], expected: float) -> float:
    return answers.eagerness(np.array(shares), expected)


def test_as_many_states_join_as_is_declared_though_one_has_most_victims() -> None:
    shares = np.array([0.6, 0.1, 0.05, 0.01, 0.0, 1e-6])
    for expected in (0.5, 2.0, 4.5):
        rate = answers.eagerness(shares, expected)
        assert np.sum(1.0 - np.exp(-rate * shares)) == pytest.approx(expected, rel=1e-3)


@pytest.mark.parametrize(
    ("brought_in", "seen", "offence", "silent"),
    [(1e9, 1.0, 1, 0.0), (1e9, 0.0, 1, 0.0), (1e-9, 0.0, 1, 0.0), (1e9, 0.0, 0, 0.0), (1e9, 0.0, 1, 1.0)],
)
def test_a_body_brings_in_states_with_victims_and_finds_nodes_where_it_works(
    brought_in: float, seen: float, offence: int, silent: float
) -> None:
    """A body brings in member states that have victims, and finds nodes in its member states."""
    settings = {"brought_in": brought_in, "analysis_seen": seen, "with_silence": silent, "silence_friendly": 50.0}
    world = desks(settings, body=Body.EUROPOL, task=ReferralTask.ACTION_DAY)
    world.offence[:] = offence
    world.feed[:, :] = 0.0
    world.feed[:, [HOME, AWAY]] = 1.0
    world.place_victims[:] = np.cumsum(np.isin(np.arange(len(world.state)), (AWAY, THIRD)))
    put(world, "case", first_partner=NONE)
    put(world, "group", first_node=1, nodes=2, domestic=0)
    put(world, "node", 1, state=(AWAY, THIRD), slot=(0, 1), registry=NONE)
    answers.widen(world, 0, Body.EUROPOL)
    joined = records(world, "partner")["state"][first:] if (first := world.case["first_partner"][0]) != NONE else []
    assert list(joined) == [AWAY] * int(brought_in > 1.0 and offence == 1 and silent == 0.0)
    assert world.case["known_nodes"][0] == int(seen)
