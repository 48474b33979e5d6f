"""Tests of opening and closing cases (M10, M11), and of units that discover parallel cases (M12, M20)."""

import math
from typing import Any

import numpy as np
import pytest

from sim.agents.events import Event, Purpose
from sim.agents.investigation import agency
from sim.agents.investigation import matching as rules
from sim.engine.random import exponential, normal
from sim.law.days import YEAR
from sim.law.vocabulary import Channel
from sim.world.records import NONE, Body, CaseStatus, Growing
from sim.world.records.codes import ChainStatus, FrozenBy, GroupStatus, MemberStatus, ReferralTask, RequestStatus, Stage
from sim.world.world import World, records
from tests.agents.plain import chances, fresh, got, holds, posted, put, small, table
from tests.agents.scene import ALL, AWAY, HOME, NOW, OPEN, THIRD, UP_TO, open_to_all

pytestmark = pytest.mark.usefixtures("as_python")

RATES = {Body.INTERPOL: 0.01, Body.EUROPOL: 0.05, Body.JCAT: 0.1}
INVESTIGATING, PREPARING = CaseStatus.INVESTIGATING, CaseStatus.PREPARING
MERGED, SOLVED = CaseStatus.MERGED, CaseStatus.SOLVED
SILENT = {"with_silence": 1.0, "silence_friendly": -50.0, "silence_distance": 100.0, "silence_habit": 0.0}
CERTAIN = 1e9  # hazard that passes any threshold


def units(settings: dict[str, float] | None = None, /, **case: Any) -> World:
    """Makes a world with cases of three states on one group, opened on different days."""
    usual = {
        **{"with_silence": 0.0, "with_trust": 0.0, "with_liaison_desks": 1.0, "sharing": 1.0},
        "review_interval_days": 30.0,
    }
    world = small(6, {"match_none": 0.002} | usual | (settings or {}))
    world.liaison_body["match_rate"][list(RATES)] = list(RATES.values())
    world.instrument[:, :, Channel.POLICE] = OPEN
    world.feed[:], world.liaison_body["staff"] = 1.0, 1.0
    open_to_all(world, *ALL)
    usual_case = {"state": (THIRD, AWAY, HOME), "opened": (20.0, 10.0, 30.0), "next_case": (NONE, 0, 1)}
    usual_case |= {"key": (5, 6, 7)}
    put(world, "case", **usual_case | {"status": [INVESTIGATING] * 3} | case)
    world.used[Growing.CASE], world.group["first_case"] = 3, 2
    return world


@table(
    ((INVESTIGATING, INVESTIGATING), (20.0, 10.0, 30.0), 1),
    ((INVESTIGATING, PREPARING), (20.0, 10.0, 30.0), 1),
    ((PREPARING, MERGED), (20.0, 10.0, 30.0), 0),
    ((SOLVED, SOLVED), (20.0, 10.0, 30.0), 2),
    ((INVESTIGATING, INVESTIGATING), (30.0, 30.0, 30.0), 2),  # of one day each stays its own
)
def test_the_oldest_case_that_is_worked_on_leads(statuses: tuple[int, int], opened: tuple[float, ...]) -> int:
    return rules.leading_case(units(status=(*statuses, INVESTIGATING), opened=opened), 2)


@table(both=(1.0, 1.0, 1), asked_is_not=(0.0, 1.0, 0), asks_none=(1.0, 0.0, 0))
def test_units_of_states_that_would_not_answer_each_other_do_not_work_together(one: float, other: float) -> int:
    """Units cooperate only if their states would answer each other's requests."""
    world = units(SILENT)
    world.affinity[:], world.implementation[:] = 1.0, 1.0
    world.affinity[HOME, AWAY], world.affinity[AWAY, HOME] = one, other
    return rules.leading_case(world, 2)


@table(
    older=((0, 0), (HOME, HOME), (9.0, 5.0), False),
    victims=((0, 0), (AWAY, HOME), (9.0, 5.0), True),
    fewer_victims=((0, 0), (HOME, AWAY), (5.0, 9.0), False),
    asked_to_act=((1, 0), (HOME, AWAY), (9.0, 5.0), True),
    both_asked=((1, 4), (AWAY, HOME), (9.0, 5.0), True),
)
def test_prosecutors_agree_who_leads_by_stage_then_victims_then_age(asked: Any, states: Any, opened: Any) -> bool:
    """The leading case is the one at the latest stage, then with most victims, then the oldest."""
    world = units()
    put(world, "case", action_requests=asked, state=states, opened=opened)
    world.place_victims[:] = np.cumsum([3.0 if state == AWAY else 1.0 for state in range(len(world.state))])
    ahead = rules.takes_the_lead(world, 0, 1)
    assert ahead != rules.takes_the_lead(world, 1, 0)
    return ahead


@table(
    usual=(0.5, 0.5, HOME, AWAY, 0.02 * 4 * 0.3 * 0.3 * 1.5),
    distrusted=(0.2, 0.5, HOME, AWAY, 0.02 * 4 * 0.12 * 0.3 * 1.5),
    distrusting=(0.5, 0.2, HOME, AWAY, 0.02 * 4 * 0.12 * 0.3 * 1.5),
    of_one_state=(0.5, 0.5, HOME, HOME, 0.02 * 4 * 1.5),
)
def test_the_hazard_of_a_match_grows_with_what_is_shared(theirs: float, ours: float, state: int, other: int) -> float:
    """The monthly rate at which units discover each other grows with shared indicators and trust.

    0.02 a month × 4 (1 + 3 indicators in common) × 0.6 of each one's trust × a month and a half.
    """
    world = units({"sharing": 0.6, "review_interval_days": 45.0, "with_trust": 1.0}, indicators=(0, 3, 7))
    world.affinity[HOME, AWAY], world.affinity[AWAY, HOME] = theirs, ours
    put(world, "case", 1, state=(other, state))
    rules.add_hazard(world, 2, 1, 0.02)
    return float(world.case["match_hazard"][2])


def test_two_cases_match_when_the_sum_reaches_a_threshold_that_is_drawn_once() -> None:
    """Two cases match when the sum of their rates reaches a random threshold."""
    for key in range(1, 41):
        threshold = exponential(1, Purpose.CASE_MATCH, key, 0, 1.0)
        world = units(match_hazard=(0.0, 0.0, 0.0), key=(5, 6, key))
        assert not rules.add_hazard(world, 2, 1, 0.6 * threshold)
        assert world.case["match_hazard"][2] == pytest.approx(0.6 * threshold)
        assert not rules.add_hazard(world, 2, 1, 0.399 * threshold)
        assert rules.add_hazard(world, 2, 1, 0.002 * threshold)
    world = units(match_hazard=(0.0, 0.0, exponential(1, Purpose.CASE_MATCH, 7, 0, 1.0)))
    assert rules.add_hazard(world, 2, 1, 0.0)


@table(
    with_desks=(1.0, ALL, (0.002, Body.JCAT)),
    with_desks_of_none=(1.0, (), (0.002, NONE)),
    without=(0.0, ALL, (0.1, NONE)),
    europol=(0.0, UP_TO[Body.EUROPOL], (0.05, NONE)),
    interpol=(0.0, UP_TO[Body.INTERPOL], (0.01, NONE)),
    nothing_in_common=(0.0, (), (0.002, NONE)),
)
def test_with_desks_a_body_is_asked_and_units_find_less(desks: float, bodies: tuple[int, ...]) -> tuple[float, ...]:
    world = units({"with_liaison_desks": desks})
    open_to_all(world, *bodies)
    rules.match(world, 2)
    asked = world.referral["body"][0] if world.used[Growing.REFERRAL] else NONE
    return float(world.case["match_hazard"][2]), asked


@table(
    closed=(AWAY, NONE, 0.0, NONE),
    closed_and_certain=(AWAY, NONE, CERTAIN, NONE),
    at_home=(HOME, NONE, CERTAIN, 1),
    open_=(AWAY, 0, CERTAIN, 1),
    by_others_terms=(AWAY, 1, CERTAIN, 1),
    too_early=(AWAY, 0, 0.0, NONE),
)
def test_units_of_two_states_need_a_police_channel(other: int, channel: int, hazard: float) -> int:
    """Units of two states, unlike those of one state, need a police channel to discover each other."""
    world = units(match_hazard=[hazard] * 3)
    world.case["state"][1], world.instrument[:, :, Channel.POLICE] = other, channel
    assert rules.match(world, 1) == NONE  # the oldest learns of none
    return rules.match(world, 2)


def test_a_unit_sends_its_indicators_again_only_once_the_body_has_answered() -> None:
    world = units(reviews=(0, 0, 4))
    keys = []
    for reviews, comparing, files in ((4, 0, 1), (5, 1, 1), (5, 0, 2)):
        put(world, "case", 2, reviews=reviews, comparing=comparing)
        rules.ask_to_compare(world, 2, 1, Body.EUROPOL)
        assert (world.used[Growing.REFERRAL], world.case["comparing"][2]) == (files, 1)
        keys.append(int(world.referral["key"][files - 1]))
    expected = Body.EUROPOL, ReferralTask.COMPARE, 2, NONE, HOME, AWAY
    assert got(world, "referral", 0, "body task case subject state other") == expected and len(set(keys)) == 2


@table(
    interpol=(INVESTIGATING, Body.INTERPOL, 2, CERTAIN, (1, 0.01 / 6)),
    europol=(PREPARING, Body.EUROPOL, 2, CERTAIN, (1, 0.05 / 6)),
    jcat=(INVESTIGATING, Body.JCAT, 2, CERTAIN, (1, 0.1 / 6)),
    too_early=(INVESTIGATING, Body.JCAT, 2, 0.0, (NONE, 0.1 / 6)),
    merged=(MERGED, Body.JCAT, 2, CERTAIN, (NONE, 0.0)),
    oldest=(INVESTIGATING, Body.JCAT, 1, CERTAIN, (NONE, 0.0)),
)
def test_a_body_finds_as_much_as_both_states_feed_it(status: int, body: Body, case: int, hazard: float) -> Any:
    """The rate at which a body matches two cases is proportional to what both states share."""
    found = []
    for before in (hazard, 0.0):
        world = units(comparing=(1, 1, 1), match_hazard=[before] * 3)
        world.feed[body, HOME], world.feed[body, AWAY] = 1 / 2, 1 / 3
        world.case["status"][case] = status
        put(world, "referral", case=case, body=body)
        found.append(rules.compared(world, 0))
        assert world.case["comparing"].tolist()[:3] == [int(row != case) for row in range(3)]
    return found[0], float(world.case["match_hazard"][case])


@table(
    ((INVESTIGATING, INVESTIGATING), (), 1),
    ((INVESTIGATING, PREPARING), (), 1),
    ((INVESTIGATING, SOLVED), (), 0),
    ((INVESTIGATING, INVESTIGATING), (AWAY,), 0),  # which is no member of the task force
    ((INVESTIGATING, INVESTIGATING), (AWAY, THIRD), NONE),
    ((MERGED, MERGED), (), NONE),
)
def test_the_task_force_knows_of_rivals_whose_states_belong_to_it(statuses: Any, apart: Any) -> Any:
    """The task force finds other member states' cases on the same group."""
    world = units(status=(*statuses, INVESTIGATING))
    world.feed[Body.JCAT, list(apart)] = 0.0
    found = rules.rival(world, 2)
    assert rules.waits_for_deconfliction(world, 2) == (found >= 0)
    assert not rules.waits_for_deconfliction(world, 2)
    assert world.used[Growing.REFERRAL] == world.case["deconflicted"][2] == (found >= 0)
    if found >= 0:
        expected = Body.JCAT, ReferralTask.DECONFLICT, 2, found, HOME, world.case["state"][found]
        assert got(world, "referral", 0, "body task case subject state other") == expected
    world.setting["with_liaison_desks"], world.case["deconflicted"] = 0.0, 0
    assert not rules.waits_for_deconfliction(world, 2)
    return found


def reported_to(**settings: float) -> World:
    """Makes a world in which victims report a group in HOME, whose unit is busy with other cases."""
    usual = {"open_threshold": 1.0, "load_threshold": 0.5, "with_learning": 0.0, "reports_per_year": 5.0}
    world = fresh(12, **usual | settings)
    world.place_victims[:] = world.place_home[4] = 1.0  # all in HOME
    put(world, "group", key=7, users=math.e, first_case=NONE, income=2.0, reserve=1e6, reserve_day=NOW)
    world.used[Growing.CASE] = 0
    put(world, "state", HOME, open_cases=4, slots=10.0)
    return world


def test_what_a_report_leads_to() -> None:
    """A report opens a case if its random priority exceeds a threshold that rises with open cases.

    Report 6 is worth one more than its normal draw; HOME asks for its threshold and 0.2 for its four cases.
    """
    worth = 1.0 + normal(1, Purpose.REPORT_SCORE, agency.case_key(7, HOME, 6), 0)

    def filed(threshold: float, offence: int, status: GroupStatus) -> tuple[float, ...]:
        world = reported_to(open_threshold=threshold)
        world.offence[:] = offence
        put(world, "group", reports=6, status=status)
        agency.victim_reports(world, 0)
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
        too_small=(worth + 1e-9, 1, active, (CaseStatus.TOO_SMALL, 6, 1, 1)),
        no_offence=(low, 0, active, (CaseStatus.NO_OFFENCE, 6, 1, 1)),
        down_it_may_come_back=(low, 1, GroupStatus.DOWN, (NONE, NONE, 1, 0)),
        gone=(low, 1, GroupStatus.EXITED, (NONE, NONE, 0, 0)),
        removed=(low, 1, GroupStatus.REMOVED, (NONE, NONE, 0, 0)),
    )


def test_a_state_that_works_on_a_group_opens_no_second_case() -> None:
    world = reported_to(open_threshold=-99.0)
    put(world, "case", state=(AWAY, HOME), next_case=(1, NONE), status=0, closed=math.nan)
    world.case["closed"][1] = math.nan
    world.group["first_case"], world.used[Growing.CASE] = 0, 2
    assert [agency.has_open_case(world, 0, state) for state in (HOME, AWAY, THIRD)] == [True, True, False]
    agency.victim_reports(world, 0)
    assert (world.used[Growing.CASE], world.used[Growing.FREEZE]) == (2, 1)
    world.case["closed"][1] = 900.0
    assert not agency.has_open_case(world, 0, HOME)
    agency.victim_reports(world, 0)
    assert (world.used[Growing.CASE], world.group["first_case"][0]) == (3, 2)


@table(
    investigated=(CaseStatus.INVESTIGATING, (math.nan, NONE, 1, 0)),
    no_offence=(CaseStatus.NO_OFFENCE, (NOW, NONE, 0, NONE)),
)
def test_a_case_that_is_not_investigated_ends_on_the_day_and_is_no_case_on_the_group(status: CaseStatus) -> Any:
    world = reported_to()
    row = agency.add_case(world, 0, THIRD, 6, 5, status)
    quality = normal(1, Purpose.CASE_QUALITY, 5, 0)
    assert got(world, "case", row, "group state ordinal opened oldest_ask") == (0, THIRD, 6, NOW, NOW)
    assert world.case["quality"][row] == pytest.approx(quality)
    return (*got(world, "case", row, "closed next_case"), *got(world, "group", 0, "cases first_case"))


def test_an_open_case_takes_a_place_follows_leads_and_is_reviewed_after_its_interval() -> None:
    """A new case takes a place in its unit, follows leads, and is reviewed after its interval."""
    world = reported_to(review_interval_days=45.0, chains=2.0, effort=0.0)
    put(world, "group", nodes=1, first_node=0, hop_mean=0.0)
    row = agency.open_case(world, 0, HOME, 6, 5)
    assert world.state["open_cases"][HOME] == 5 and world.case["live_chains"][row] == 2
    assert [(row, days) for kind, row, days in posted(world) if kind == Event.CASE_REVIEW] == [(row, 45.0)]


def ending(status: CaseStatus) -> World:
    """Makes a world with a case that has three chains, two open requests and a suspect."""
    world = reported_to(closure_notified=1.0)
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
    world = ending(status)
    agency.close_case(world, 0, CaseStatus.SOLVED)
    agency.close_case(world, 0, CaseStatus.DROPPED_ATTRITION)
    given_up, complete = ChainStatus.GIVEN_UP, ChainStatus.COMPLETE
    assert world.chain["status"][:3].tolist() == [given_up, complete, given_up]
    assert world.request["status"][:2].tolist() == [RequestStatus.WITHDRAWN] * 2
    member = float(world.member["status"][0])
    return (*got(world, "case", 0, "status closed"), *got(world, "state", HOME, "open_cases"), member)


def test_the_end_of_a_case_is_notified_for_formal_requests() -> None:
    """The end of a case withdraws six in ten formal requests, and no police or preservation requests."""
    world = ending(CaseStatus.PREPARING)
    world.setting["closure_notified"] = 0.6

    def taken_back(key: int, channel: Channel) -> bool:
        put(world, "request", key=key, channel=channel, status=RequestStatus.OPEN)
        agency.close_request(world, 0)
        return bool(world.request["status"][0] == RequestStatus.WITHDRAWN)

    for channel, share in ((Channel.MLAT, 0.6), (Channel.POLICE, 0.0), (Channel.PRESERVATION_24_7, 0.0)):
        chances(lambda key, channel=channel: taken_back(key, channel), Purpose.CLOSURE_NOTIFIED, share)
