"""Cases that units open and close (M10, M11)."""

import math
from typing import Any

import pytest

from sim.agents import agency as rules
from sim.agents.events import Event, Purpose
from sim.engine.random import exponential, normal
from sim.law.days import YEAR
from sim.law.vocabulary import Channel
from sim.world.records import (
    NONE,
    CaseStatus,
    ChainStatus,
    FrozenBy,
    GroupStatus,
    Growing,
    MemberStatus,
    RequestStatus,
    Stage,
)
from sim.world.world import World, records
from tests.agents.plain import chances, fresh, got, holds, posted, put, table
from tests.agents.scene import AWAY, HOME, NOW, THIRD

pytestmark = pytest.mark.usefixtures("as_python")


def unit(**settings: float) -> World:
    """Victims of group 0 report in HOME, whose unit works on four other cases, and has none on the group yet."""
    usual = {"open_threshold": 1.0, "load_threshold": 0.5, "with_learning": 0.0, "reports_per_year": 5.0}
    world = fresh(12, **usual | settings)
    world.place_victims[:] = world.place_home[4] = 1.0  # all in HOME
    put(world, "group", key=7, users=math.e, first_case=NONE, income=2.0, reserve=1e6, reserve_day=NOW)
    world.used[Growing.CASE] = 0
    put(world, "state", HOME, open_cases=4, slots=10.0)
    return world


def test_what_a_report_leads_to() -> None:
    """Report 6 is worth one more than its normal draw; HOME asks for its threshold and 0.2 for its four cases."""
    worth = 1.0 + normal(1, Purpose.REPORT_SCORE, rules.case_key(7, HOME, 6), 0)

    def filed(threshold: float, offence: int, status: GroupStatus) -> tuple[float, ...]:
        world = unit(open_threshold=threshold)
        world.offence[:] = offence
        put(world, "group", reports=6, status=status)
        rules.victim_reports(world, 0)
        again = [days for kind, _, days in posted(world) if kind == Event.GROUP_REPORT]
        planned = [exponential(1, Purpose.REPORT_GAP, 7, 7, YEAR / 5.0)] if world.group["reports"][0] == 7 else []
        assert again == pytest.approx(planned)
        assert [one["by"] for one in records(world, "freeze")] == [FrozenBy.REPORT] * int(world.used[Growing.FREEZE])
        case = records(world, "case")
        opened = (case["status"][0], case["ordinal"][0]) if len(case) else (NONE, NONE)
        return (*opened, len(again), world.used[Growing.FREEZE])

    low, high, active = worth - 0.2 - 1e-9, worth - 0.2 + 1e-9, GroupStatus.ACTIVE
    holds(
        filed,
        worth_it=(low, 1, active, (CaseStatus.INVESTIGATING, 6, 1, 1)),
        not_worth_it=(high, 1, active, (CaseStatus.DROPPED_CAPACITY, 6, 1, 1)),
        no_offence=(low, 0, active, (CaseStatus.NO_OFFENCE, 6, 1, 1)),
        down_it_may_come_back=(low, 1, GroupStatus.DOWN, (NONE, NONE, 1, 0)),
        gone=(low, 1, GroupStatus.EXITED, (NONE, NONE, 0, 0)),
        removed=(low, 1, GroupStatus.REMOVED, (NONE, NONE, 0, 0)),
    )


def test_a_state_that_works_on_a_group_opens_no_second_case() -> None:
    """A closed case of its own, or an open one of another state, is no reason not to."""
    world = unit(open_threshold=-99.0)
    put(world, "case", state=(AWAY, HOME), next_case=(1, NONE), status=0, closed=math.nan)
    world.case["closed"][1] = math.nan
    world.group["first_case"], world.used[Growing.CASE] = 0, 2
    assert [rules.has_open_case(world, 0, state) for state in (HOME, AWAY, THIRD)] == [True, True, False]
    rules.victim_reports(world, 0)
    assert (world.used[Growing.CASE], world.used[Growing.FREEZE]) == (2, 1)
    world.case["closed"][1] = 900.0
    assert not rules.has_open_case(world, 0, HOME)
    rules.victim_reports(world, 0)
    assert (world.used[Growing.CASE], world.group["first_case"][0]) == (3, 2)


@table(
    investigated=(CaseStatus.INVESTIGATING, (math.nan, NONE, 1, 0)),
    no_offence=(CaseStatus.NO_OFFENCE, (NOW, NONE, 0, NONE)),
)
def test_a_case_that_is_not_investigated_ends_on_the_day_and_is_no_case_on_the_group(status: CaseStatus) -> Any:
    world = unit()
    row = rules.add_case(world, 0, THIRD, 6, 5, status)
    quality = normal(1, Purpose.CASE_QUALITY, 5, 0)
    assert got(world, "case", row, "group state ordinal opened oldest_ask") == (0, THIRD, 6, NOW, NOW)
    assert world.case["quality"][row] == pytest.approx(quality)
    return (*got(world, "case", row, "closed next_case"), *got(world, "group", 0, "cases first_case"))


def test_an_open_case_takes_a_place_follows_leads_and_is_reviewed_after_its_interval() -> None:
    """Two leads at once; something is left to find."""
    world = unit(review_interval_days=45.0, chains=2.0, effort=0.0)
    put(world, "group", nodes=1, first_node=0, hop_mean=0.0)
    row = rules.open_case(world, 0, HOME, 6, 5)
    assert world.state["open_cases"][HOME] == 5
    assert world.case["live_chains"][row] == 2
    assert [(row, days) for kind, row, days in posted(world) if kind == Event.CASE_REVIEW] == [(row, 45.0)]


def ending(status: CaseStatus) -> World:
    """Case 0 with three trails, the second complete, and two formal requests that are open; a member is suspected."""
    world = unit(closure_notified=1.0)
    put(world, "case", status=status, closed=math.nan, first_chain=0, first_request=1, next_case=NONE)
    put(world, "chain", next_chain=(1, 2, NONE), status=(ChainStatus.LIVE, ChainStatus.COMPLETE, ChainStatus.LIVE))
    put(world, "request", next_request=(NONE, 0), channel=Channel.MLAT, stage=Stage.TRANSMISSION, case=0, job=NONE)
    put(world, "request", 1, channel=Channel.MLAT, stage=Stage.TRANSMISSION, job=NONE)
    put(world, "group", members=1, first_member=0, first_case=0)
    put(world, "member", status=MemberStatus.SUSPECTED, known_by=0)
    world.used[Growing.CASE] = world.used[Growing.MEMBER] = 1
    return world


@table(
    alone=(CaseStatus.PREPARING, (CaseStatus.SOLVED, NOW, 3, MemberStatus.UNKNOWN)),
    merged=(CaseStatus.MERGED, (CaseStatus.MERGED, NOW, 3, MemberStatus.SUSPECTED)),
)
def test_a_case_ends_with_all_its_trails_and_requests_once(status: CaseStatus) -> tuple[float, ...]:
    """Trails that were completed stay so; a merged case keeps its status and forgets nobody."""
    world = ending(status)
    rules.close_case(world, 0, CaseStatus.SOLVED)
    rules.close_case(world, 0, CaseStatus.DROPPED_ATTRITION)
    given_up, complete = ChainStatus.GIVEN_UP, ChainStatus.COMPLETE
    assert world.chain["status"][:3].tolist() == [given_up, complete, given_up]
    assert world.request["status"][:2].tolist() == [RequestStatus.WITHDRAWN] * 2
    member = float(world.member["status"][0])
    return (*got(world, "case", 0, "status closed"), *got(world, "state", HOME, "open_cases"), member)


def test_the_end_of_a_case_is_notified_for_formal_requests() -> None:
    """Six in ten; never to police or a preservation point."""
    world = ending(CaseStatus.PREPARING)
    world.setting["closure_notified"] = 0.6

    def taken_back(key: int, channel: Channel) -> bool:
        put(world, "request", key=key, channel=channel, status=RequestStatus.OPEN)
        rules.close_request(world, 0)
        return bool(world.request["status"][0] == RequestStatus.WITHDRAWN)

    for channel, share in ((Channel.MLAT, 0.6), (Channel.POLICE, 0.0), (Channel.PRESERVATION_24_7, 0.0)):
        chances(lambda key, channel=channel: taken_back(key, channel), Purpose.CLOSURE_NOTIFIED, share)
