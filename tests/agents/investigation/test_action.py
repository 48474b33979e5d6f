"""Tests of an action day's preparation: partner states, requests for authority, results (M13)."""

import math
from typing import Any

import numpy as np
import pytest

from sim.agents.cases import has_lost, knows, link_to
from sim.agents.events import Event, Purpose
from sim.agents.investigation import action as rules
from sim.agents.investigation.foresight import forecast
from sim.agents.investigation.planning import states_that_act
from sim.engine.random import derive, uniform
from sim.law.vocabulary import Channel
from sim.world.records import NONE, ActionType, CaseStatus, ChainStatus, ChainTarget, Growing
from sim.world.records.codes import MemberStatus, MilestoneKind, NodeDiscovery, RequestPurpose, RequestStatus
from sim.world.world import World, records
from tests.agents.plain import add_partners, chances, got, holds, posted, put, small, table
from tests.agents.scene import AWAY, FOURTH, HOME, NOW, THIRD, know, open_channel

pytestmark = pytest.mark.usefixtures("as_python")

USUAL = {"with_liaison_desks": 0.0, "with_trust": 0.0, "with_learning": 0.0, "awareness_half_days": 0.0}
USUAL |= {"readiness_days": 50.0, "readiness_sigma": 0.0, "proof_steepness": 1e3, "least_order": 0.5}


KEY = 6  # of a trail that shows some nodes and not others
executed, live = RequestStatus.EXECUTED, ChainStatus.LIVE
none, partial, disrupts = math.nan, ActionType.PARTIAL, ActionType.DISRUPTION


def acting(*states: int, settings: dict[str, float] | None = None, **fields: Any) -> World:
    """Makes a world in which a case of HOME has the given states as partners.

    Courts take any file as enough; treaties with all states are open.
    """
    world = small(24, USUAL | (settings or {}), case={"first_request": NONE, "key": 3})
    put(world, "group", first_node=1, nodes=4, users=1.0, capability=1.0)
    put(world, "node", 1, state=(AWAY,) * 4, key=(11, 12, 13, 14), slot=(0, 1, 2, 3), registry=(NONE,) * 4)
    world.proof[:], world.used[Growing.NODE] = 0.0, 5
    for channel in (Channel.MLAT, Channel.JOINT_TEAM):
        open_channel(world, channel, AWAY, THIRD, FOURTH)
    if states:
        add_partners(world, *states, **{"shown": -math.inf} | fields)
    return world


def partners(world: World) -> list[int]:
    """States that take part in the case, in order of joining."""
    return [int(state) for state in records(world, "partner").state]


def milestones(world: World, kind: MilestoneKind) -> list[tuple[int, int]]:
    return [(int(one.subject), int(one.reason)) for one in records(world, "milestone") if one.kind == kind]


@table(
    a_team=(AWAY, 900.0, True, True),
    the_leading_state=(HOME, 900.0, True, False),
    no_team=(AWAY, math.nan, True, False),
    agreed_not_formed_yet=(AWAY, math.inf, True, False),
    no_basis=(AWAY, 900.0, False, False),
)
def test_a_state_joins_the_preparation_and_the_team_that_exists(state: int, formed: float, could: bool) -> bool:
    world = acting(FOURTH)
    world.case["team_formed"] = formed
    if not could:
        world.instrument[HOME, :, Channel.JOINT_TEAM] = NONE
    row = rules.add_partner(world, 0, state)
    assert got(world, "partner", row, "case state joined next_partner prepared_at") == (0, state, NOW, 0, NOW + 50.0)
    assert (Event.PARTNER_PREPARED, row, 50.0) in posted(world)  # it was asked at once
    assert (world.case["first_partner"][0], world.partner["request"][row]) == (row, 0)
    assert [one.state for one in records(world, "recipient")] == [state] * int(state != HOME)
    return bool(world.partner["in_team"][row])


@table(
    grown=(0.9, 0.7, 0.8, False, (0, 1.0, 1)),
    not_grown=(1.0, 0.7, 0.7, False, (NONE, 1.0, 0)),
    not_enough=(0.9, 0.8, 0.7, False, (NONE, 0.9, 0)),
    enough_for_its_own_court=(0.9, 0.8, 0.7, True, (0, 1.0, 1)),
    not_enough_for_its_own_court=(0.9, 0.7, 0.8, True, (NONE, 0.9, 0)),
)
def test_a_state_is_asked_once_the_file_has_grown_and_may_be_enough(
    shown: float, home: float, away: float, own: bool
) -> tuple[float, ...]:
    """A case asks a state for authority once new evidence may meet the state's standard of proof."""
    world = acting(AWAY, shown=shown, case=1, settings={"search_strength": 0.0})
    put(world, "case", state=(AWAY, HOME), proof=(0.0, 1.0), next_case=(NONE, 0), merged_into=(1, NONE))
    world.group["first_case"], world.case["status"][0] = 1, CaseStatus.MERGED if own else CaseStatus.SOLVED
    world.proof[HOME], world.proof[AWAY], world.used[Growing.CASE] = home, away, 2
    rules.consider_asking(world, 0)
    return got(world, "partner", 0, "request shown attempt")


def test_authority_is_asked_at_home_or_by_a_channel_that_is_open() -> None:
    def asks(state: int, own: bool, channel: Channel) -> tuple[float, ...]:
        world = acting(state, attempt=4)
        world.instrument[:] = NONE
        open_channel(world, channel, AWAY)
        put(world, "case", action_requests=(6, 0), next_case=(1, NONE), state=(HOME, AWAY), merged_into=(NONE, 0))
        world.case["status"][1] = CaseStatus.MERGED if own else CaseStatus.SOLVED
        world.used[Growing.CASE] = 2
        rules.ask_to_act(world, 0, 1.5)
        assert world.case["action_requests"][0] == 6 + world.used[Growing.REQUEST]
        if world.used[Growing.REQUEST] == 0:
            assert got(world, "partner", 0, "request attempt") == (NONE, 4)
            return ()
        assert got(world, "partner", 0, "request attempt shown asked") == (0, 5, 1.5, NOW)
        assert got(world, "request", 0, "partner purpose") == (0, RequestPurpose.ACTION)
        return got(world, "request", 0, "case requested channel")

    mlat, letters, home = Channel.MLAT, Channel.LETTERS_ROGATORY, Channel.DOMESTIC
    holds(
        asks,
        abroad=(AWAY, False, mlat, (0, AWAY, mlat)),
        by_the_first_channel_of_all=(AWAY, False, letters, (0, AWAY, letters)),
        by_a_case_of_its_own=(AWAY, True, mlat, (1, AWAY, home)),
        at_home=(HOME, False, mlat, (0, HOME, home)),
        not_open=(AWAY, False, Channel.POLICE, ()),
    )


@table(first=(math.nan, NOW + 50.0), again=(900.0, 950.0))
def test_a_state_prepares_from_the_day_on_which_it_is_first_asked(asked: float) -> float:
    world = acting(AWAY, asked=asked, prepared_at=math.nan if math.isnan(asked) else 950.0)
    rules.ask_to_act(world, 0, 1.5)
    return float(world.partner["prepared_at"][0])


def test_a_state_that_was_brought_in_acts_at_home_until_a_node_is_known_there() -> None:
    """A state that a body brought in needs no authority until a node is known there."""
    world = acting()
    rules.bring_in(world, 0, AWAY)
    assert got(world, "partner", 0, "state authorised request") == (AWAY, 1, NONE)
    assert (posted(world), world.used[Growing.REQUEST]) == ([(Event.PARTNER_PREPARED, 0, 50.0)], 0)
    rules.review_partners(world, 0)
    assert world.used[Growing.REQUEST] == 0
    world.now[0] += 50.0
    rules.update_readiness(world, 0)
    assert states_that_act(world, 0) == 2
    know(world, 1)
    rules.review_partners(world, 0)
    assert (partners(world), world.used[Growing.REQUEST], states_that_act(world, 0)) == ([AWAY], 1, 1)
    assert got(world, "partner", 0, "authorised request") == (0, 0)


@table(
    now=(math.nan, 1, 0.0, 0.0),
    as_computers_count=(math.nan, 1, 1e-9, 0.0),
    too_early=(math.nan, 1, 2e-9, math.nan),
    no_authority=(math.nan, 0, -1.0, math.nan),
    before=(-9.0, 1, -1.0, -9.0),
)
def test_a_state_is_ready_once_prepared_and_authorised(since: float, authorised: int, prepared: float) -> float:
    """A state is ready from the day on which it is prepared and authorised."""
    world = acting(AWAY, ready_at=since, authorised=authorised)
    world.now[0], world.partner["prepared_at"] = 0.0, prepared
    rules.update_readiness(world, 0)
    return world.partner["ready_at"][0]


@table(
    brought_in=(THIRD, 900.0, none, NONE, False, 2),
    for_a_node=(AWAY, 900.0, 800.0, NONE, False, 2),
    for_the_registry_of_its_domain=(THIRD, 900.0, 800.0, THIRD, False, 2),
    with_a_case_of_its_own=(THIRD, 900.0, 800.0, NONE, True, 2),
    nothing_is_left_there=(THIRD, 900.0, 800.0, NONE, False, 1),
    not_ready=(AWAY, none, 800.0, NONE, True, 1),
    the_leading_state=(HOME, 900.0, none, HOME, False, 1),
)
def test_who_acts_on_the_day(state: int, ready_at: float, asked: float, registry: int, merged: bool) -> int:
    """The leading state and each ready partner with something to seize act on the action day."""
    world = acting(state, ready_at=ready_at, asked=asked, acted=math.nan)
    put(world, "node", 1, registry=registry)
    know(world, 1)
    if merged:
        put(world, "case", 1, state=state, group=0, status=CaseStatus.MERGED, merged_into=0, next_case=NONE)
        world.case["next_case"][0] = 1
    states = states_that_act(world, 0)
    assert milestones(world, MilestoneKind.ACTED) == [(0, NONE)] * (states - 1)
    assert [one.acted for one in records(world, "partner")][: states - 1] == [NOW] * (states - 1)
    return states


def test_at_a_review_states_of_known_nodes_join_and_those_without_an_open_request_are_asked() -> None:
    """A review adds states of known nodes as partners, and asks those without an open request."""
    world = acting(AWAY, THIRD, HOME, authorised=(0, 1, 0), request=(NONE, NONE, 0))
    world.used[Growing.REQUEST] = 1
    put(world, "node", 3, state=(FOURTH, 5))
    know(world, 3)
    rules.review_partners(world, 0)
    assert partners(world) == [AWAY, THIRD, HOME, FOURTH]
    assert world.partner["request"][:4].tolist() == [2, NONE, 0, 1]


def test_members_of_a_new_team_are_asked_again_in_it() -> None:
    world = acting(AWAY, HOME, FOURTH, THIRD, authorised=(0, 0, 0, 1), request=(0, NONE, NONE, NONE), shown=9.0)
    world.instrument[HOME, FOURTH, Channel.JOINT_TEAM] = NONE
    put(world, "request", status=RequestStatus.OPEN, job=NONE)
    world.used[Growing.REQUEST] = 1
    rules.team_formed(world, 0)
    assert world.partner["in_team"][:4].tolist() == [1, 0, 0, 1]
    assert world.partner["request"][:4].tolist() == [1, NONE, NONE, NONE]
    assert (world.request["status"][0], world.request["channel"][1]) == (RequestStatus.WITHDRAWN, Channel.JOINT_TEAM)
    assert world.case["team_formed"][0] == NOW
    ended = acting(AWAY)
    put(ended, "case", status=CaseStatus.SOLVED, team_formed=math.inf)
    rules.team_formed(ended, 0)
    assert ended.case["team_formed"][0] == math.inf


@table(
    last_hop=(executed, live, 3, 4, True),
    refused=(RequestStatus.REFUSED, live, 3, 4, False),
    given_up=(executed, ChainStatus.GIVEN_UP, 3, 4, False),
    before=(executed, live, 2, 4, False),
    earlier_hop=(executed, live, 3, 3, False),
)
def test_police_information_on_the_last_hop_ends_a_trail(status: int, chain: int, attempt: int, hop: int) -> Any:
    """Police information on the last step completes a live chain of evidence."""
    world = acting()
    put(world, "request", status=status)
    put(world, "chain", status=chain, attempt=attempt, hop=hop, hops=5)
    return rules.leads_further(world.request[0], world.chain[0], 3)


def test_the_end_of_a_trail_shows_its_node_and_perhaps_others() -> None:
    def ends(target: ChainTarget, node: int) -> tuple[float, ...]:
        world = acting(settings={"reveal": 0.5, "link": 1.5, "gap": 0.0, "chains": 0.0, "effort": 0.0})
        put(world, "chain", key=KEY, target=target, node=node, hops=2, hop=2, parts_left=1, request=NONE)
        put(world, "case", trails=4, live_chains=9)
        rules.hop_due(world, 0, 0)
        found = {node for node in range(1, 5) if knows(world, 0, node)}
        if node < 0 or target == ChainTarget.PERSON:
            return (world.case["trails"][0], len(found))
        beside = {row for row in range(1, 5) if uniform(1, Purpose.NODE_REVEAL, derive(KEY, row - 1), 0) < 0.5}
        assert found == {node} | beside and 1 < len(found) < 4
        assert link_to(world, 0, node) == 1.5 and world.case["search"][0] == pytest.approx(math.log(2.0))
        assert set(milestones(world, MilestoneKind.NODE_FOUND)) == {(node, NodeDiscovery.CHAIN)} | {
            (row, NodeDiscovery.BESIDE_ANOTHER) for row in beside - {node}
        }
        return (world.case["trails"][0],)

    server, person = ChainTarget.INFRASTRUCTURE, ChainTarget.PERSON
    holds(ends, a_node=(server, 3, (5,)), no_node_left=(server, NONE, (4, 0)), a_person=(person, 3, (4, 0)))
    first = acting(settings={"reveal": 0.0, "chains": 0.0})
    put(first, "chain", target=server, node=0, case=0, hops=1, status=ChainStatus.COMPLETE)
    first.node["registry"][0], first.group["first_node"][0] = NONE, 0
    rules.chain_completed(first, 0)
    assert knows(first, 0, 0)


def test_analysis_at_a_review_finds_what_half_a_year_reveals() -> None:
    """Analysis at a review finds unknown nodes at a yearly rate."""
    found, half_a_year = 1 - math.exp(-0.3), {"review_interval_days": 365.25 / 2, "technical_discovery": 0.6}
    for reviews, search in ((0, 0.3 - math.log(0.85)), (3, 0.3)):
        world = acting(settings=half_a_year | {"seen_at_opening": 0.15, "servers_known": 0.0})
        world.case["reviews"] = reviews
        rules.analyse(world, 0)
        rules.plan_review(world, 0)
        assert got(world, "case", 0, "search reviews") == pytest.approx((search, reviews + 1))
        assert (Event.CASE_REVIEW, 0, 365.25 / 2) in posted(world)
    for reviews, purpose, how, setting, value in (
        (0, Purpose.NODE_SEEN, NodeDiscovery.AT_OPENING, "seen_at_opening", found),
        (0, Purpose.SERVERS_KNOWN, NodeDiscovery.HANDED_OVER, "servers_known", found),
        (3, Purpose.NODE_FOUND, NodeDiscovery.ANALYSIS, "technical_discovery", -math.log(1 - found)),
    ):
        none = dict.fromkeys(("seen_at_opening", "servers_known", "technical_discovery"), 0.0)
        world = acting(settings=none | {"review_interval_days": 365.25, "link": 1.7, setting: value})

        def sees(key: int, world: World = world, reviews: int = reviews, how: NodeDiscovery = how) -> bool:
            put(world, "case", key=key, reviews=reviews, first_sighting=NONE, first_recipient=NONE, first_partner=NONE)
            world.used[[Growing.SIGHTING, Growing.PARTNER, Growing.REQUEST, Growing.MILESTONE, Growing.RECIPIENT]] = 0
            rules.analyse(world, 0)
            assert set(milestones(world, MilestoneKind.NODE_FOUND)) == {
                (r, how) for r in range(1, 5) if knows(world, 0, r)
            }
            assert link_to(world, 0, 3) == (1.7 if knows(world, 0, 3) and how == NodeDiscovery.HANDED_OVER else 0.0)
            return knows(world, 0, 3)

        whole = how == NodeDiscovery.HANDED_OVER  # drawn for the case, not for a node
        chances(sees, purpose, found, reviews, of=lambda key, whole=whole: key if whole else derive(key, 2))


@pytest.mark.parametrize(("authorised", "takes_part", "silent"), [(0, True, 0), (1, True, 0), (0, False, 1)])
def test_the_older_case_gains_what_the_younger_knows_and_its_state(
    authorised: int, takes_part: bool, silent: int
) -> None:
    """When cases merge, the older one gains the younger one's knowledge and its state as a partner.

    Case 1 of THIRD, which case 0 had joined, knows node 1, has lost node 2, and has asked AWAY for authority.
    """
    states = (THIRD, FOURTH) if takes_part else (FOURTH, FOURTH)
    settings = {"silence_friendly": 50.0 if silent else -50.0, "silence_distance": 0.0, "silence_implementation": 0.0}
    world = acting(*states, settings=settings, authorised=authorised, request=(6, NONE), shown=9.0)
    put(world, "group", first_case=2, first_member=1, members=1)
    put(world, "member", 1, known_by=1, status=MemberStatus.SUSPECTED)
    put(world, "case", next_case=(NONE, 0, 1), merged_into=(1, NONE, NONE), first_partner=(NONE, 5, 1))
    put(world, "case", state=(AWAY, THIRD, HOME), status=(CaseStatus.MERGED, 0, 0), first_sighting=(NONE, 1, NONE))
    put(world, "case", first_recipient=(NONE, 0, NONE), key=(1, 2, 3))
    put(world, "case", 1, first_request=(NONE, NONE), proof=(0.5, 1.0), search=(2.0, 0.25), trails=(3, 2))
    put(world, "case", 1, support=(2, 1), asked_bodies=(6, 1))
    put(world, "recipient", state=5, next_recipient=NONE)
    put(world, "sighting", case=1, node=(1, 2), in_sight=(1, 0), link=(1.5, 0.0), next_sighting=(NONE, 0))
    put(world, "partner", 5, next_partner=NONE, request=7, state=AWAY)
    put(world, "request", 6, status=(RequestStatus.OPEN, RequestStatus.OPEN), job=(NONE, NONE))
    world.partner["case"] = 2
    used = {Growing.CASE: 3, Growing.RECIPIENT: 1, Growing.SIGHTING: 2, Growing.REQUEST: 8, Growing.PARTNER: 6}
    world.used[list(used)] = list(used.values())
    rules.merge_case(world, 1, 2)
    assert world.case["merged_into"][:3].tolist() == [NONE if silent else 2, 2, NONE]
    assert world.case["status"][0] == (CaseStatus.INVESTIGATING if silent else CaseStatus.MERGED)
    assert (world.case["status"][1], world.member["known_by"][1]) == (CaseStatus.MERGED, 2)
    assert knows(world, 2, 1) and has_lost(world, 2, 2) and link_to(world, 2, 1) == 1.5
    assert got(world, "case", 2, "proof search trails support asked_bodies") == (1.5, 2.25, 5, 3, 7)
    assert milestones(world, MilestoneKind.MERGED) == [(2, -1)]
    assert 5 in {int(one.state) for one in records(world, "recipient")[1:]}
    again = takes_part and not authorised
    withdrawn = [RequestStatus.WITHDRAWN if again else RequestStatus.OPEN, RequestStatus.WITHDRAWN]
    assert world.request["status"][6:8].tolist() == withdrawn
    asked = {int(one.requested): (int(one.channel), int(one.case)) for one in records(world, "request")[8:]}
    assert (THIRD in asked) == (again or not takes_part)
    assert asked.get(THIRD, (Channel.DOMESTIC, 1)) == (Channel.DOMESTIC, 1)  # its own court, in its own proceedings
    assert partners(world)[6:] == ([AWAY] if takes_part else [AWAY, THIRD])


def test_a_leader_at_large_may_be_named_in_public() -> None:
    world, charged, held = acting(settings={"exposed": 0.3}), MemberStatus.INDICTED, MemberStatus.HELD
    put(world, "group", first_member=1, members=2)
    world.case["actions"] = 2

    def public(key: int) -> bool:
        world.case["key"][0] = key
        return rules.exposes(world, 0)

    for statuses, known_by in (((held, charged), 0), ((charged, held), 0), ((held, charged), 1), ((held, held), 0)):
        put(world, "member", 1, status=statuses, known_by=(known_by, known_by))
        share = 0.3 if known_by == 0 and charged in statuses else 0.0
        chances(public, Purpose.LEADER_EXPOSED, share, 2)


@table(
    partial=(False, -1, 2, 900.0, True, (3, 3, 1, 1, 2, 0, partial)),
    joins_another=(False, 0, 2, none, False, (0, 3, 0, 0, 2, 0, partial)),
    down=(False, 1, 3, math.inf, False, (1, 3, 0, 0, 3, 1, ActionType.INFRASTRUCTURE)),
    disruption=(True, -1, 2, none, True, (3, 1, 0, 0, 2, 0, disrupts)),
)
def test_what_an_action_day_achieves(disruption: bool, operation: int, known: int, formed: float, wanted: bool) -> Any:
    """An action day seizes the known nodes in ready states, and a disruption only domestic ones."""
    settings = {"removal": 1.0, "removal_unknown": 0.0, "removal_by_host": 0.0, "arrest": 1.0, "exposed": 0.0}
    settings |= {"nodes_to_fall": 0.7, "core_to_fall": 0.6, "assets_traced": 1e9, "foreign_refusal": 0.0}
    world = acting(AWAY, THIRD, ready_at=900.0, asked=(800.0, none), authorised=(1, 1), settings=settings)
    put(world, "group", first_member=1, members=10, kind=3, reserve=9.0, reserve_day=NOW)
    put(world, "member", 1, status=(MemberStatus.WANTED if wanted else 0, MemberStatus.HELD), known_by=(0, NONE))
    put(world, "member", 1, residence=(HOME, HOME))
    put(world, "case", team_formed=formed, actions=5, known_members=1, support=2)
    world.place_home[4], world.used[Growing.ACTION] = 1.0, 3
    for node in range(1, 1 + known):
        put(world, "node", node, state=HOME if disruption else AWAY)
        know(world, node)
    if disruption:
        add_partners(world, HOME, ready_at=900.0, authorised=1)
    foreseen = forecast(world, 0, 0.0, disruption)[0]
    row = rules.act(world, 0, disruption, operation)
    assert got(world, "action", row, "case group day nodes support disruption") == (0, 0, NOW, 4, 2, disruption)
    assert got(world, "action", row, "foreseen synchronous") == (pytest.approx(foreseen), 1)
    assert (row, *got(world, "case", 0, "actions acted")) == (3, 6, NOW)
    assert world.used[Growing.FREEZE] == (0 if disruption else 1)
    return got(world, "action", row, "operation states arrests in_team killed down type")


@pytest.mark.parametrize(("disruption", "nodes"), [(False, 4), (False, 0), (True, 4)])
def test_states_that_took_part_prepare_again_in_half_the_time(disruption: bool, nodes: int) -> None:
    """States that took part in an action day need half the time to prepare the next one."""
    world = acting(
        AWAY, THIRD, ready_at=(900.0, 900.0), settings={"with_alert": 1.0, "alert_days": 40.0, "chains": 2.0}
    )
    put(world, "group", nodes=nodes)
    put(world, "case", status=CaseStatus.PREPARING, prepared=900.0)
    rules.regroup(world, 0, disruption)
    assert got(world, "case", 0, "status prepared") == pytest.approx((0, math.nan), nan_ok=True)
    again = [days for kind, _, days in posted(world) if kind == Event.PARTNER_PREPARED]
    assert again == pytest.approx([] if disruption else [25.0, 25.0])
    assert np.isnan(world.partner["ready_at"][:2]).all() != disruption
    assert (world.case["live_chains"][0] > 0) == (nodes > 0)
    assert world.group["alert_until"][0] == NOW + 40.0 and len(milestones(world, MilestoneKind.ALERTED)) == 1
