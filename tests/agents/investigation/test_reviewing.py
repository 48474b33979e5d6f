"""Tests of reviews of a case, and of an action day's consequences (M11–M13)."""

import math
from typing import Any

import numpy as np
import pytest

from sim.agents.crime.criminals import TECHNICAL_SERVICES
from sim.agents.events import Event, Purpose
from sim.agents.investigation import reviewing as rules
from sim.agents.investigation.planning import ready_share
from sim.engine.random import derive, uniform
from sim.law.days import YEAR
from sim.world.records import NONE, Growing
from sim.world.records.codes import AlertCause, CaseStatus, GroupStatus, MemberStatus, MilestoneKind, SpellCause
from sim.world.world import World, records
from tests.agents.plain import add_partners, chances, got, posted, put, small, table
from tests.agents.scene import ALL, AWAY, HOME, NOW, know, open_to_all

pytestmark = pytest.mark.usefixtures("as_python")

INVESTIGATING, MERGED, SOLVED = CaseStatus.INVESTIGATING, CaseStatus.MERGED, CaseStatus.SOLVED
SURE = {"removal": 1.0, "action_price": 0.0, "arrest": 1.0, "match_none": 0.0, "attrition_per_year": 0.0}
QUIET = {"with_liaison_desks": 0.0, "with_trust": 0.0, "with_learning": 0.0, "with_leaks": 0.0, "with_waves": 0.0}
WAITS = {"least_ready": 0.0}
ACTS, DISRUPTS, GIVES_UP = {"least_ready": 0.1}, {"least_ready": 2.0}, {"action_price": 1e9}


def review(settings: dict[str, float] | None = None, /, *statuses: int, **group: Any) -> World:
    """Makes a world with three cases of HOME on one group, with given statuses.

    Nodes 1 and 2 of the group are in HOME, which is ready: it acts, and they fall. Member 3 is wanted there.
    """
    world = small(24, SURE | QUIET | ACTS | {"technical_discovery": 0.0, "seen_at_opening": 0.0} | (settings or {}))
    statuses = statuses or (INVESTIGATING,) * 3
    put(world, "case", state=(HOME,) * 3, next_case=(NONE, 0, 1), status=statuses, closed=(np.nan,) * 3)
    put(world, "case", key=(31, 32, 33))
    put(world, "case", merged_into=[0 if status == MERGED else NONE for status in statuses], opened=(1.0, 2.0, 3.0))
    put(world, "case", search=(50.0,) * 3, reviews=(7, 8, 9), known_members=1, first_request=(NONE,) * 3)
    put(world, "case", first_chain=(NONE,) * 3)
    usual = {"first_case": 2, "first_node": 1, "nodes": 2, "first_member": 3, "members": 2, "users": 4.0, "key": 9}
    put(world, "group", **usual | {"capability": 1.0, "kind": 1, "alert_until": NOW} | group)
    put(world, "node", 1, state=(HOME, HOME), key=(21, 22), slot=(0, 1), registry=(NONE, NONE))
    put(world, "member", 3, residence=(HOME, AWAY), status=(MemberStatus.WANTED, 0), known_by=(0, NONE), key=(41, 42))
    world.used[[Growing.CASE, Growing.NODE, Growing.MEMBER]] = 3, 3, 5
    know(world, 1)
    know(world, 2)
    return add_partners(world, HOME, ready_at=NOW)


def leading(world: World) -> World:
    """Lets the case have just decided to wait; changes and returns the given world."""
    put(world, "case", weighed_until=math.inf, weighed_ready=ready_share(world, 0))
    return world


@table(
    over=(SOLVED, {}, {}, (SOLVED, 8, 0)),
    group_gone=(INVESTIGATING, {"status": GroupStatus.EXITED}, {}, (CaseStatus.CLOSED_GROUP_GONE, 8, 0)),
    dropped=(INVESTIGATING, {}, {"attrition_per_year": 1e9}, (CaseStatus.DROPPED_ATTRITION, 8, 0)),
    hopeless=(INVESTIGATING, {}, GIVES_UP, (CaseStatus.DROPPED_HOPELESS, 9, 0)),
    joins=(INVESTIGATING, {}, {"match_none": 1e9}, (MERGED, 9, 0)),
    follows=(MERGED, {}, {"attrition_per_year": 1e9, "match_none": 1e9}, (MERGED, 9, 0)),
    analyses=(INVESTIGATING, {}, {"technical_discovery": 1e9}, (SOLVED, 9, 2)),
)
def test_a_review_drops_joins_or_leads(status: int, group: dict[str, int], settings: dict[str, float]) -> Any:
    world = review(settings, INVESTIGATING, status, INVESTIGATING, **group)
    if "technical_discovery" in settings:
        world.case["first_partner"][:2] = NONE, 0
        world.partner["case"][0], world.case["search"][1] = 1, 50.0
    rules.case_reviewed(world, 1)
    found = sum(one.kind == MilestoneKind.NODE_FOUND and one.case == 1 for one in records(world, "milestone"))
    assert (Event.CASE_REVIEW in [kind for kind, *_ in posted(world)]) == (world.case["reviews"][1] == 9)
    return world.case["status"][1], world.case["reviews"][1], found


def test_cases_are_dropped_at_a_rate() -> None:
    world = review({"review_interval_days": YEAR / 4, "attrition_per_year": 0.8} | GIVES_UP)

    def dropped(key: int) -> bool:
        put(world, "case", 1, status=INVESTIGATING, closed=np.nan, key=key, reviews=8)
        world.event["kind"] = 0
        rules.case_reviewed(world, 1)
        return bool(world.case["status"][1] == CaseStatus.DROPPED_ATTRITION)

    chances(dropped, Purpose.CASE_ATTRITION, 1 - math.exp(-0.2), 8)


@table(
    first_leads=((INVESTIGATING, MERGED, SOLVED), 0, 1),
    follows=((MERGED, INVESTIGATING, INVESTIGATING), 0, 0),
    over=((SOLVED, INVESTIGATING, INVESTIGATING), 0, 0),
    last_leads=((INVESTIGATING, MERGED, INVESTIGATING), 2, 1),
)
def test_leading_cases_arrest_when_their_group_has_gone(statuses: tuple[int, ...], knows: int) -> int:
    world = review({}, *statuses)
    put(world, "member", 3, known_by=knows)
    rules.wind_up(world, 0)
    expected = [MERGED if status == MERGED else CaseStatus.CLOSED_GROUP_GONE for status in statuses]
    assert world.case["status"][:3].tolist() == expected
    assert world.group["first_case"][0] == NONE and (world.case["closed"][:3] == NOW).all()
    return int(world.member["status"][3] == MemberStatus.HELD)


@table(
    follows=((INVESTIGATING, MERGED, INVESTIGATING), (NONE, 0, NONE), (np.nan, np.nan, np.nan), 0, [1]),
    closed=((INVESTIGATING, MERGED, INVESTIGATING), (NONE, 0, NONE), (np.nan, 900.0, np.nan), 0, []),
    another=((INVESTIGATING, MERGED, INVESTIGATING), (NONE, 2, NONE), (np.nan, np.nan, np.nan), 0, []),
    over=((INVESTIGATING, SOLVED, INVESTIGATING), (NONE, 0, NONE), (np.nan, np.nan, np.nan), 0, []),
    oldest=((MERGED, INVESTIGATING, INVESTIGATING), (2, NONE, NONE), (np.nan, np.nan, np.nan), 2, [0]),
)
def test_cases_that_followed_one_that_is_dropped_go_on(statuses: Any, into: Any, closed: Any, dropped: int) -> Any:
    world = review({}, *statuses)
    put(world, "case", merged_into=into, closed=closed)
    rules.drop_case(world, dropped, CaseStatus.DROPPED_HOPELESS)
    assert got(world, "case", dropped, "status closed") == (CaseStatus.DROPPED_HOPELESS, NOW)
    assert world.case["known_nodes"][0] == (0 if dropped == 0 else 2)
    assert dropped not in (world.group["first_case"][0], *world.case["next_case"][:3])
    now = [(world.case["status"][row], world.case["merged_into"][row]) for row in range(3)]
    freed = [row for row in range(3) if now[row] == (INVESTIGATING, NONE) and (statuses[row], into[row]) != now[row]]
    assert all(now[row] == (statuses[row], into[row]) for row in range(3) if row not in (*freed, dropped))
    return freed


@table(
    waits=(WAITS, True, (0, INVESTIGATING, NONE)),
    gives_up=(GIVES_UP, False, (0, CaseStatus.DROPPED_HOPELESS, NONE)),
    acts=(ACTS, False, (1, SOLVED, 0)),
    disrupts=(DISRUPTS, False, (1, SOLVED, 1)),
)
def test_a_leading_case_does_what_its_unit_decides(settings: dict[str, float], waits: bool) -> tuple[float, ...]:
    world = review(settings)
    rules.lead_reviews(leading(world) if waits else world, 0)
    number = int(world.used[Growing.ACTION])
    if number:
        blocked = review(settings | {"with_liaison_desks": 1.0}, INVESTIGATING, INVESTIGATING, INVESTIGATING)
        blocked.feed[:] = blocked.liaison_body["staff"] = 1.0
        open_to_all(blocked, *ALL)
        blocked.case["state"][1] = AWAY
        rules.lead_reviews(blocked, 0)
        assert (blocked.used[Growing.ACTION], blocked.case["deconflicted"][0]) == (0, 1)
    return number, world.case["status"][0], world.action["disruption"][0] if number else NONE


@pytest.mark.parametrize("leaks", [0.0, 1e9])
def test_a_leak_alerts_the_group(leaks: float) -> None:
    world = review({"with_leaks": 1.0, "leak_per_year": leaks, "alert_move": 0.5, "tracking": 0.0, "alert_days": 20.0})
    rules.lead_reviews(leading(world), 0)
    alerted = [one.reason for one in records(world, "milestone") if one.kind == MilestoneKind.ALERTED]
    assert alerted == ([AlertCause.LEAK] if leaks else [])
    assert world.group["alert_until"][0] == NOW + (20.0 if leaks else 0.0)
    moved = [uniform(1, Purpose.NODE_ALERT, derive(key, 31), 1007) < 0.5 and leaks > 0 for key in (21, 22)]
    assert (world.node["moves"][1:3] == 1).tolist() == moved


@table(alerted=(1.0, 1.0, SOLVED), not_found=(1.0, 0.0, INVESTIGATING), calm=(0.0, 1.0, INVESTIGATING))
def test_arrests_come_early_where_the_group_is_on_its_guard(days: float, arrest: float) -> float:
    """A review arrests members of a group on alert at once, which may solve the case."""
    world = review({"arrest": arrest, "core_to_fall": 0.5}, alert_until=NOW + days)
    rules.lead_reviews(leading(world), 0)
    held = world.member["status"][3] == MemberStatus.HELD
    assert held == (days * arrest > 0) and world.used[Growing.ACTION] == 0
    assert (world.case["status"][1] == CaseStatus.CLOSED_GROUP_GONE) == held
    return float(world.case["status"][0])


def second_group(world: World) -> World:
    """Adds a second group with two cases that would join an action day."""
    put(world, "group", 1, first_case=2, first_node=5, nodes=2, first_member=8, members=2, users=4.0, capability=1.0)
    put(world, "group", 1, kind=1)
    put(world, "node", 5, state=(HOME, HOME), key=(25, 26), registry=(NONE, NONE))
    put(world, "case", group=(0, 1, 1), next_case=(NONE, NONE, 1), first_partner=(0, 1, 2), search=(50.0,) * 3)
    put(world, "group", first_case=0)
    put(world, "partner", 1, state=(HOME, HOME), case=(1, 2), ready_at=(NOW, NOW), next_partner=(NONE, NONE))
    put(world, "partner", 1, authorised=(1, 1))
    world.used[[Growing.GROUP, Growing.NODE, Growing.MEMBER, Growing.PARTNER]] = 2, 7, 10, 3
    for case in (1, 2):
        row = int(world.used[Growing.SIGHTING])
        put(world, "sighting", row, case=(case, case), node=(5, 6), in_sight=(1, 1), next_sighting=(NONE, row))
        world.case["first_sighting"][case], world.case["known_nodes"][case] = row + 1, 2
        world.used[Growing.SIGHTING] += 2
    return world


@pytest.mark.parametrize("disruption", [True, False])
@pytest.mark.parametrize("nodes", [2, 4, 8])
def test_what_follows_from_an_action_day(disruption: bool, nodes: int) -> None:
    """An action day has the right consequences for the group, other cases, trust and news."""
    settings = {"with_learning": 1.0, "alert_days": 20.0, "removal_unknown": 0.0, "core_to_fall": 0.9}
    settings |= {"with_trust": 1.0, "nodes_to_fall": 0.5, "extortion_never": 1.0, "arrests_never": 1.0}
    settings |= {"survivors": 0.0}
    world, down = add_partners(review(settings, nodes=nodes), HOME, AWAY, ready_at=NOW, asked=np.nan), nodes < 8
    put(world, "node", 3, state=(HOME,) * 6, registry=(NONE,) * 6)
    world.news[:] = world.bond["good"] = 0.0
    assert rules.hold_action_day(world, 0, disruption, NONE) == 0
    assert got(world, "action", 0, "killed down") == (2, down)
    spells = records(world, "spell")
    spell = spells[len(spells) - 1]
    assert spell.cause == (SpellCause.TAKEDOWN if down else SpellCause.PARTIAL_ACTION)
    assert world.news.max() > 0.0
    assert (world.member["status"][3] == MemberStatus.HELD) == (down or not disruption)
    assert (world.bond["good"].max() > 0.0) != disruption
    if down:
        back = disruption and nodes == 4
        assert world.group["status"][0] == (GroupStatus.DOWN if back else GroupStatus.REMOVED)
        assert world.case["status"][:3].tolist() == [SOLVED] + [CaseStatus.CLOSED_GROUP_GONE] * 2
    else:
        assert world.group["alert_until"][0] == NOW + 20.0
        assert spell.capability == pytest.approx(max(world.action["residual"][0], 0.1))
        assert world.case["status"][0] == INVESTIGATING


@table(
    service=(TECHNICAL_SERVICES, GroupStatus.ACTIVE, (GroupStatus.EXITED, CaseStatus.CLOSED_GROUP_GONE, 0.6)),
    other=(TECHNICAL_SERVICES + 1, GroupStatus.ACTIVE, (GroupStatus.EXITED, CaseStatus.CLOSED_GROUP_GONE, 1.0)),
    gone_before=(TECHNICAL_SERVICES, GroupStatus.REMOVED, (GroupStatus.REMOVED, INVESTIGATING, 1.0)),
)
def test_a_lineage_that_ends_closes_its_cases(kind: int, status: int) -> tuple[float, ...]:
    world = review({"with_responsive_entry": 0.0, "service_reliance": 0.4}, kind=kind, status=status)
    put(world, "group", 1, kind=1, capability=1.0, status=GroupStatus.ACTIVE)
    world.used[Growing.GROUP], world.buys_services[1] = 2, 1
    rules.group_exits(world, 0, 0)
    return world.group["status"][0], world.case["status"][0], world.group["capability"][1]
