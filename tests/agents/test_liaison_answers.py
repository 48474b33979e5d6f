"""Answers of liaison bodies, and what units and states do with them (M20)."""

import math
from typing import Any

import numpy as np
import pytest

from sim.agents import liaison_answers as rules
from sim.agents.events import Event, Purpose
from sim.engine.random import derive
from sim.law.vocabulary import Channel
from sim.world.records import (
    NONE,
    Body,
    CaseStatus,
    ChainStatus,
    GroupStatus,
    Growing,
    MemberStatus,
    MilestoneKind,
    NodeDiscovery,
    ReferralTask,
    RequestStatus,
    TaskResult,
)
from sim.world.world import World, records
from tests.agents.plain import add_partners, chances, got, posted, put, small, table
from tests.agents.scene import AWAY, HOME, NOW, OPEN, THIRD

pytestmark = pytest.mark.usefixtures("as_python")

HELPED, NOTHING, TOO_LATE = TaskResult.HELPED, TaskResult.NOTHING, TaskResult.TOO_LATE
OPENED = (20.0, 10.0, 30.0)  # cases 0 to 2


def desks(settings: dict[str, float] | None = None, /, **referral: Any) -> World:
    """Referral 1 is for case 0 of HOME, case 1 of AWAY and case 2 of THIRD are on the same group with node 1.

    All bodies have people and are fed by all states, whose police and courts may talk.
    """
    usual = {"with_trust": 0.0, "with_liaison_desks": 1.0, "preservation_success": 1.0, "match_jcat": 1e9}
    usual |= {"match_europol": 1e9, "with_learning": 0.0, "silence_habit": 0.0, "majors_share": 0.0}
    world = small(16, usual | (settings or {}))
    world.feed[:], world.liaison_body["staff"], world.police_body[:], world.eurojust[:] = 1.0, 1.0, 3, 1
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
    """The world shows whose it was."""
    subjects = {ReferralTask.ANALYSE: 2, ReferralTask.NOTICE: 3, ReferralTask.FACILITATE: 4, ReferralTask.FREEZE: 4}
    subject = subjects.get(task, 2 if task == ReferralTask.DECONFLICT else NONE)
    world = desks({"notice_located": 0.0}, task=task, subject=subject, body=Body.JCAT, stamp=5)
    rules.referral_answered(world, 1)
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
        rules.freeze_answered(world, 4, file)
        answered = np.flatnonzero(world.referral["answered"] == NOW)
        assert {int(row): world.referral["result"][row] for row in answered} == expected


@table(
    task_force=(Body.JCAT, 0, OPENED, (HELPED, 1, 0, 1, 0)),
    europol=(Body.EUROPOL, 2, OPENED, (HELPED, 1, 0, 0, 0)),
    oldest=(Body.JCAT, 1, OPENED, (NOTHING, NONE, 0, 0, 0)),
    first=(Body.JCAT, 2, (5.0, 10.0, 30.0), (HELPED, 0, 1, 0, 0)),
)
def test_a_comparison_that_finds_an_older_case_joins_the_two(body: Body, case: int, opened: Any) -> Any:
    """The task force makes it a common target."""
    world = desks(body=body, case=case)
    put(world, "case", opened=opened)
    result = rules.comparison_answered(world, 1)
    return (result, world.case["merged_into"][case], *world.case["joint_target"][:3])


@table(
    *((status, NONE, status in {CaseStatus.INVESTIGATING, CaseStatus.PREPARING}) for status in CaseStatus
      if status != CaseStatus.MERGED),
    (CaseStatus.MERGED, 1, False),
)  # fmt: skip
def test_a_case_leads_while_it_is_worked_on_under_its_own_name(status: CaseStatus, into: int) -> bool:
    world = desks()
    put(world, "case", status=status, merged_into=into)
    return bool(rules.is_leading(world, 0))


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
    result = rules.units_informed(world, 1)
    return (result, *world.case["merged_into"][:2], *world.case["joint_target"][:2])


@table(
    in_time=({}, CaseStatus.INVESTIGATING, (HELPED, 1, NOW)),
    given_up=({"status": ChainStatus.GIVEN_UP}, CaseStatus.INVESTIGATING, (TOO_LATE, 1, 0.0)),
    next_attempt=({"attempt": 7}, CaseStatus.INVESTIGATING, (TOO_LATE, 1, 0.0)),
    asked_already=({"request": 0}, CaseStatus.INVESTIGATING, (TOO_LATE, 1, 0.0)),
    case_over=({}, CaseStatus.SOLVED, (TOO_LATE, 0, 0.0)),
)
def test_analysts_see_nodes_and_hasten_the_hop_that_the_unit_has_not_asked_for_yet(chain: Any, status: int) -> Any:
    """A node is found, and the hop is asked for."""
    world = desks({"analysis_seen": 1.0}, subject=2, stamp=5)
    put(world, "chain", 2, **chain)
    put(world, "case", status=status)
    result = rules.analysis_answered(world, 1)
    found = records(world, "milestone")
    assert all(one.reason == NodeDiscovery.LIAISON_BODY for one in found if one.kind == MilestoneKind.NODE_FOUND)
    return (result, world.case["known_nodes"][0], world.chain["asked"][2])


def test_each_hop_of_each_lead_is_read_with_its_own_chance() -> None:
    """The count of the draw is unique: leads and attempts."""
    world = desks({"analysis_seen": 0.3}, subject=2, stamp=5)

    def seen(key: int) -> bool:
        put(world, "case", key=key, first_sighting=NONE, known_nodes=0, status=CaseStatus.INVESTIGATING)
        put(world, "chain", 2, status=ChainStatus.GIVEN_UP)
        rules.analysis_answered(world, 1)
        return bool(world.case["known_nodes"][0])

    chances(seen, Purpose.NODE_BY_ANALYST, 0.3, 3 * 1024 + 5, of=lambda key: derive(key, world.node["slot"][1]))


@table(
    found=(1.0, AWAY, MemberStatus.INDICTED, (HELPED, MemberStatus.HELD, 1, NOW)),
    not_found=(0.0, AWAY, MemberStatus.INDICTED, (HELPED, MemberStatus.INDICTED, 0, NOW)),
    at_home=(1.0, HOME, MemberStatus.INDICTED, (HELPED, MemberStatus.INDICTED, 0, NOW)),
    not_wanted=(1.0, AWAY, MemberStatus.SUSPECTED, (TOO_LATE, MemberStatus.SUSPECTED, 0, math.nan)),
)
def test_a_notice_may_lead_to_an_arrest_abroad(located: float, residence: int, status: MemberStatus) -> Any:
    """The state that asked seeks the person anyhow."""
    world = desks({"notice_located": located, "arrest": 1.0}, subject=3)
    put(world, "member", 3, status=status, residence=residence)
    world.group["status"][0] = GroupStatus.ACTIVE
    result = rules.notice_published(world, 1)
    arrested = world.member["status"][3] == MemberStatus.HELD
    assert world.group["status"][0] == (GroupStatus.DOWN if arrested else GroupStatus.ACTIVE)  # its only member
    assert world.member["held_in"][3] == (AWAY if arrested else NONE)
    return (result, *got(world, "member", 3, "status by_notice noticed"))


def test_persons_are_found_with_a_part_of_the_chance_to_be_arrested_there() -> None:
    world = desks({"notice_located": 0.5, "arrest": 0.6}, subject=3)

    def found(key: int) -> bool:
        put(world, "member", 3, status=MemberStatus.INDICTED, key=key, residence=THIRD)
        rules.notice_published(world, 1)
        return bool(world.member["status"][3] == MemberStatus.HELD)

    chances(found, Purpose.NOTICE_FOUND, 0.3)


@table(
    pays=({}, ReferralTask.COORDINATE, 1.0, (HELPED, 1, 0.0)),
    action_day=({}, ReferralTask.ACTION_DAY, 1.0, (HELPED, 0, 1.0)),
    has_money=({"funded": 1}, ReferralTask.COORDINATE, 1.0, (HELPED, 1, 1.0)),
    no_whole_grant=({}, ReferralTask.COORDINATE, 0.5, (HELPED, 0, 0.5)),
    again=({"support": 1 << Body.EUROJUST}, ReferralTask.COORDINATE, 1.0, (NOTHING, 0, 1.0)),
    over=({"status": CaseStatus.SOLVED}, ReferralTask.COORDINATE, 1.0, (TOO_LATE, 0, 1.0)),
)
def test_who_coordinates_a_case_pays_once_while_it_can(case: dict[str, int], task: ReferralTask, grants: float) -> Any:
    """Whole grants only; a host of an action day pays nothing."""
    world = desks(body=Body.EUROJUST, task=task)
    put(world, "case", first_partner=NONE, **case)
    world.liaison_body["grants"][Body.EUROJUST] = grants
    result = rules.coordinated(world, 1)
    assert bool(world.case["support"][0]) == (result != TOO_LATE)
    return (result, world.case["funded"][0], world.liaison_body["grants"][Body.EUROJUST])


def test_what_is_coordinated_is_the_case_that_leads() -> None:
    world = desks(body=Body.EUROJUST, case=1, task=ReferralTask.COORDINATE)
    put(world, "case", 1, status=CaseStatus.MERGED, merged_into=2)
    assert rules.coordinated(world, 1) == HELPED
    assert world.case["support"][:3].tolist() == [0, 0, 1 << Body.EUROJUST]


def test_the_first_meeting_shortens_what_is_left_of_each_partner_s_preparation() -> None:
    """A meeting at Eurojust leaves three quarters; who is ready, done, or works through no body keeps its day."""
    world = desks({"eurojust_readiness": 0.25, "europol_readiness": 0.5})
    world.feed[:, THIRD] = 0.0
    days, ready = NOW + np.array([40.0, 40.0, 0.0, 40.0, 80.0]), (np.nan, NOW - 5.0, np.nan, np.nan, np.nan)
    add_partners(world, AWAY, AWAY, AWAY, THIRD, 3, prepared_at=days, ready_at=ready)
    put(world, "case", support=1 << Body.EUROPOL)
    rules.hasten(world, 0, Body.EUROJUST)
    assert world.partner["prepared_at"][:5] - NOW == pytest.approx([30.0, 40.0, 0.0, 40.0, 60.0])
    later = [(0, pytest.approx(30.0)), (4, pytest.approx(60.0))]
    assert posted(world) == [(Event.PARTNER_PREPARED, *one) for one in later]
    assert world.case["support"][0] == 1 << Body.EUROPOL | 1 << Body.EUROJUST
