"""Tests of evidence: knowledge of a case, custodians of data, informed states, leaks (M8, M10, M11, M22)."""

import itertools
import math
from typing import Any

import numpy as np
import pytest

from sim.agents import cases
from sim.agents.assistance import evidence
from sim.agents.assistance import exposure as rules
from sim.agents.cases import case_in, is_working, lead_of
from sim.agents.events import Purpose
from sim.engine.random import uniform
from sim.law.days import YEAR
from sim.law.vocabulary import Channel, DataKind
from sim.world.parameters import declarations
from sim.world.records import NONE, CaseStatus, ChainTarget, EvidenceStatus, Growing, MemberStatus
from sim.world.world import World, records
from tests.agents import scene
from tests.agents.plain import chances, fresh, got, holds, put, small, table
from tests.agents.scene import AWAY, FOURTH, HOME, NOW, THIRD

pytestmark = pytest.mark.usefixtures("as_python")

HOST, ACCESS = 3, 4  # rows of providers
CREATED = 940.0
SUBSCRIBER, TRAFFIC, CONTENT = DataKind.SUBSCRIBER, DataKind.TRAFFIC, DataKind.CONTENT


@pytest.fixture
def trail() -> World:
    """Makes a world with a chain of three steps in a case of HOME against a group of AWAY."""
    world = fresh(8)
    world.group["first_node"], world.group["nodes"] = 2, 3
    world.group["first_member"], world.group["members"] = 1, 3
    world.used[[Growing.NODE, Growing.CHAIN, Growing.EVIDENCE, Growing.MEMBER]] = 5, 1, 1, 4
    world.chain["hops"], world.chain["node"], world.chain["created"] = 3, NONE, CREATED
    world.node["key"] = np.arange(8)
    world.state["access_provider"], world.state["host_provider"] = ACCESS, HOST
    world.member["residence"] = THIRD
    return world


def test_a_case_keeps_what_it_knows_of_each_node_by_itself(trail: World) -> None:
    """A case counts each known node once, and drops the link to a node that it has lost."""
    assert cases.see(trail, 0, 3) and cases.see(trail, 0, 2) and not cases.see(trail, 0, 3)
    assert trail.case["known_nodes"][0] == 2 and trail.used[Growing.SIGHTING] == 2
    cases.prove_link(trail, 0, 3, 1.5)
    cases.prove_link(trail, 0, 3, 0.5)  # a weaker trail takes nothing away
    assert [cases.link_to(trail, 0, node) for node in (2, 3, 4)] == [0.0, 1.5, 0.0]
    cases.lose_sight(trail, 0, 3)
    cases.lose_sight(trail, 0, 3)
    cases.lose_sight(trail, 0, 4)  # never seen
    assert trail.case["known_nodes"][0] == 1 and cases.link_to(trail, 0, 3) == 0.0
    assert [cases.knows(trail, 0, node) for node in (2, 3, 4)] == [True, False, False]
    assert [cases.has_lost(trail, 0, node) for node in (2, 3, 4)] == [False, True, False]
    assert cases.sighting_of(trail, 0, 4) == NONE
    assert cases.add_sighting(trail, 0, 3) == cases.sighting_of(trail, 0, 3) == 0
    assert cases.see(trail, 0, 3) and trail.case["known_nodes"][0] == 2


def test_one_case_knows_nothing_of_another_s_finds(trail: World) -> None:
    trail.case["next_case"][:2], trail.group["first_case"], trail.used[Growing.CASE] = [1, NONE], 0, 2
    trail.case["first_sighting"] = NONE
    assert not cases.is_watched(trail, 3)
    cases.see(trail, 1, 3)
    assert not cases.knows(trail, 0, 3) and cases.is_watched(trail, 3) and not cases.is_watched(trail, 2)
    cases.see(trail, 1, 2)
    cases.forget_nodes(trail, 1)
    assert not any(cases.is_watched(trail, node) for node in (2, 3)) and trail.case["known_nodes"][1] == 0


def test_a_case_is_led_by_itself_or_by_the_one_it_joined(trail: World) -> None:
    for status in CaseStatus:
        put(trail, "case", 2, status=status, merged_into=0)
        assert lead_of(trail, 2) == (0 if status == CaseStatus.MERGED else 2)
        works = {CaseStatus.INVESTIGATING, CaseStatus.PREPARING, CaseStatus.MERGED}
        assert is_working(trail, 2) == (status in works)


def test_a_state_s_case_is_the_leading_one_or_one_that_joined_it(trail: World) -> None:
    """A state's case on a group is the leading case or one that joined it."""
    trail.group["first_case"], trail.case["next_case"][:5] = 4, [NONE, 0, 1, 2, 3]
    trail.case["state"][:5] = [HOME, AWAY, AWAY, AWAY, THIRD]
    trail.case["merged_into"][:5], trail.case["status"][0] = [3, NONE, NONE, NONE, NONE], CaseStatus.MERGED
    assert case_in(trail, 3, HOME) == 0  # the first row of the table is found too
    trail.case["status"][0] = CaseStatus.INVESTIGATING
    trail.case["status"][1:5] = [CaseStatus.MERGED, CaseStatus.MERGED, CaseStatus.INVESTIGATING, CaseStatus.SOLVED]
    trail.case["merged_into"][:5] = [NONE, 0, 3, 0, 0]
    assert [case_in(trail, 0, state) for state in (HOME, AWAY, THIRD, 5)] == [0, 1, NONE, NONE]
    assert case_in(trail, 3, AWAY) == 3


def test_the_next_node_to_find_is_one_that_no_trail_links_yet(trail: World) -> None:
    """The next node to look for is the next one without a complete chain of evidence."""
    assert [evidence.unlinked_node(trail, 0, first) for first in (0, 1, 2)] == [2, 3, 4]
    scene.know(trail, 2, link=1.0)
    assert [evidence.unlinked_node(trail, 0, first) for first in (0, 1, 2)] == [3, 3, 4]
    trail.sighting["link"] = 0.0
    scene.know(trail, 4, link=1.0)
    scene.know(trail, 3, link=1.0)
    assert [evidence.unlinked_node(trail, 0, first) for first in (0, 1, 2)] == [2, 2, 2]
    trail.sighting["link"] = 1.0
    assert evidence.unlinked_node(trail, 0, 1) == NONE


def test_the_next_person_to_find_is_unknown_or_suspected_without_a_trail(trail: World) -> None:
    for status, known_by, link in itertools.product(MemberStatus, (0, 1), (0.0, 2.0)):
        put(trail, "member", 1, status=(MemberStatus.HELD, status, MemberStatus.HELD))
        trail.member["known_by"], trail.member["link"] = known_by, link
        suspected = status == MemberStatus.SUSPECTED and known_by == 0 and link == 0.0
        found = status == MemberStatus.UNKNOWN or suspected
        assert evidence.unlinked_member(trail, 0) == (2 if found else NONE)


def test_hops_ask_for_kinds_of_data_by_their_shares(trail: World) -> None:
    """Steps of a chain ask for subscriber, traffic or content data in the given proportions."""
    put(trail, "setting", subscriber_share=0.25, traffic_share=0.5)
    for key in range(1, 101):
        drawn = uniform(1, Purpose.DATA_KIND, key, 0)
        kind = SUBSCRIBER if drawn < 0.25 else TRAFFIC if drawn < 0.75 else CONTENT
        assert evidence.draw_data_kind(trail.setting[0], key) == kind
    put(trail, "setting", subscriber_share=uniform(1, Purpose.DATA_KIND, 5, 0))  # a draw that equals it is no more
    assert evidence.draw_data_kind(trail.setting[0], 5) == TRAFFIC


def custodian(world: World, hop: int) -> tuple[int, int, int]:
    """Returns state, provider and kind of data of a chain's step."""
    return evidence.custodian_of(world, world.chain[0], hop, 5)


def test_the_last_custodian_of_a_person_is_where_the_person_lives(trail: World) -> None:
    trail.chain["target"] = ChainTarget.PERSON
    assert custodian(trail, 2) == (THIRD, ACCESS, SUBSCRIBER)
    trail.member["status"] = MemberStatus.HELD
    assert custodian(trail, 2) == (AWAY, ACCESS, SUBSCRIBER)
    trail.member["status"], trail.member["residence"] = [MemberStatus.UNKNOWN] + [MemberStatus.HELD] * 7, HOME
    trail.group["first_member"] = 0
    assert custodian(trail, 2)[0] == HOME


def test_custodians_on_the_way_are_large_providers_or_hosts_where_servers_stand(trail: World) -> None:
    """Custodians are large providers or hosts, and half of a domestic group's hosts are in its home state."""
    trail = trail._replace(place_majors=np.array([1.0, 1.0, 5.0]), place_hosting=np.array([0.0, 2.0, 4.0]))
    put(trail, "setting", majors_share=0.3, at_home=0.5, subscriber_share=1.0)
    trail.provider["state"], trail.provider["representative"] = HOME, NONE
    trail.group["home"] = 3
    for key, domestic in itertools.product(range(1, 61), (0, 1)):
        trail.group["domestic"] = domestic
        place = uniform(1, Purpose.CUSTODIAN_PLACE, key, 0)
        expected = (AWAY if place < 0.5 else THIRD, HOST, SUBSCRIBER)
        if uniform(1, Purpose.CUSTODIAN, key, 0) < 0.3:
            expected = (HOME, 0 if place < 0.2 else 2, SUBSCRIBER)
        elif domestic and uniform(1, Purpose.AT_HOME, key, 0) < 0.5:
            expected = (3, HOST, SUBSCRIBER)
        assert evidence.custodian_of(trail, trail.chain[0], 1, key) == expected
    trail.setting["majors_share"] = uniform(1, Purpose.CUSTODIAN, 5, 0)  # a draw that equals it is no more
    assert custodian(trail, 1)[1] == HOST


def test_the_item_of_a_hop(trail: World) -> None:
    days = {SUBSCRIBER: 500.0, TRAFFIC: 100.0, CONTENT: 40.0}
    put(trail, "setting", retention_sigma=0.0, image_share=1.0, subscriber_share=1.0, majors_share=0.0)
    put(trail, "setting", **{f"{kind.name.lower()}_retention_days": kept for kind, kept in days.items()})
    trail.state["host_provider"] = trail.node["provider"] = HOST

    def item(hop: int, target: ChainTarget, image: float) -> tuple[float, ...]:
        put(trail, "chain", target=target, node=NONE)
        trail.setting["image_share"] = image
        row = evidence.add_evidence(trail, 0, hop, 5)
        assert got(trail, "evidence", row, "case chain hop created") == (0, 0, hop, CREATED)
        kept, moves = trail.evidence["retained_until"][row] - CREATED, trail.evidence["moves_at"][row] < 1e9
        return (trail.evidence["data_kind"][row], kept, moves, trail.chain["node"][0] >= 0)

    server, person = ChainTarget.INFRASTRUCTURE, ChainTarget.PERSON
    drawn = uniform(1, Purpose.IMAGE, 5, 0)
    holds(
        item,
        an_image=(2, server, 1.0, (CONTENT, 40.0, True, True)),
        just_no_image=(2, server, drawn, (CONTENT, 40.0, False, True)),
        a_person=(2, person, 1.0, (SUBSCRIBER, 100.0, False, False)),
        on_the_way=(1, server, 1.0, (SUBSCRIBER, 500.0, False, False)),
        on_the_way_to_a_person=(1, person, 1.0, (SUBSCRIBER, 500.0, False, False)),
    )


def test_only_what_was_still_awaited_is_not_obtained(trail: World) -> None:
    trail.evidence["status"][:2] = [EvidenceStatus.AVAILABLE, EvidenceStatus.OBTAINED]
    for row in (0, 1):
        evidence.not_obtained(trail.evidence[row], 1007.0)
    assert trail.evidence["status"][:2].tolist() == [EvidenceStatus.NOT_OBTAINED, EvidenceStatus.OBTAINED]
    assert trail.evidence["settled"][:2].tolist() == [1007.0, 0.0]


def secret(settings: dict[str, float] | None = None, /) -> World:
    """Makes a world with a case of HOME against a group of AWAY, and with given rates of leaks."""
    usual = {"leak_corrupt": 8.0, "leak_home": 3.0, "leak_request": 0.4, "leak_protected": 0.25, "with_leaks": 1.0}
    world = small(8, usual | {"leak_traced": 0.0} | (settings or {}))
    world.state["tier"][[HOME, AWAY, THIRD, FOURTH]] = [1, 3, 0, 2]
    world.electronic[:] = 0
    return world


def recipients(world: World, first: int = 0) -> list[tuple[int, int, int]]:
    """Informed states with two flags: participation in the action, and protection of the information."""
    return [(row.state, row.takes_part, row.protected) for row in records(world, "recipient")[first:]]


def test_each_state_knows_once_and_the_leading_state_is_none_of_them() -> None:
    """An informed state is recorded once, and later news updates its record."""
    world = secret()
    for news in ((HOME, 2, True, False), (AWAY, 2, False, True), (THIRD, 2, True, True), (70, 2, False, False)):
        rules.inform(world, 0, *news)
    assert recipients(world) == [(AWAY, 0, 1), (THIRD, 1, 1), (70, 0, 0)]
    assert got(world, "recipient", 0, "case since channel") == (0, NOW, 2)
    for news in ((AWAY, 3, True, False), (THIRD, 3, False, True), (70, 3, False, True), (6, 3, False, True)):
        rules.inform(world, 0, *news)
    assert recipients(world) == [(AWAY, 1, 0), (THIRD, 1, 1), (70, 0, 0), (6, 0, 1)]
    rules.inform(world, 0, THIRD, 3, False, False)
    rules.inform(world, 0, 70, 3, True, True)
    assert recipients(world) == [(AWAY, 1, 0), (THIRD, 1, 0), (70, 1, 0), (6, 0, 1)]
    assert world.case["recipients"][0] == 4


def test_after_a_merger_the_leading_case_is_exposed_to_all_who_knew() -> None:
    world = secret()
    put(world, "case", 1, state=FOURTH)
    rules.inform(world, 1, AWAY, 2, True, False)
    rules.inform(world, 1, THIRD, 3, False, True)
    put(world, "case", 1, status=CaseStatus.MERGED, merged_into=0)
    rules.pass_on_recipients(world, 1, 0)
    rules.inform(world, 1, 70, 3, False, True)
    assert sorted(recipients(world, 2)) == [(AWAY, 1, 0), (THIRD, 0, 1), (70, 0, 1)]
    assert records(world, "recipient").case.tolist() == [1, 1, 0, 0, 0]
    assert sorted(records(world, "recipient").channel[2:4].tolist()) == [2, 3]
    assert world.case["recipients"][:2].tolist() == [3, 2]


@pytest.mark.parametrize(("by_request", "by_pair"), [(0, 0), (1, 0), (0, 1)])
def test_a_state_learns_from_requests_to_its_authorities_and_from_taking_part(by_request: int, by_pair: int) -> None:
    """A state is informed by a request to its authorities or by participation, not by a request to a provider."""
    asked = {Channel.MLAT: 0, Channel.POLICE: 0}
    silent = {Channel.DOMESTIC: 0, Channel.PROVIDER_BINDING: 0, Channel.PROVIDER_VOLUNTARY: 0, Channel.MLAT: NONE}
    for channel, case, learns in [(*one, True) for one in asked.items()] + [(*one, False) for one in silent.items()]:
        world = secret()
        world.electronic[HOME, AWAY] = by_pair
        put(world, "request", channel=channel, case=case, requesting=HOME, requested=AWAY, electronic=by_request)
        rules.inform_by_request(world, world.request[0])
        assert recipients(world) == [(AWAY, 0, by_request + by_pair)] * learns
        rules.inform_partner(world, 0, THIRD)
        rules.inform_partner(world, 0, AWAY)
        assert recipients(world)[-1 if not learns else 0][:2] == (AWAY, 1)
        assert (THIRD, 1, 0) in recipients(world)
        assert world.recipient["channel"][0] == (channel if learns else Channel.JOINT_TEAM)


@table(
    its_own_state=((), AWAY, 2.0),
    its_own_state_at_home=((), HOME, 6.0),
    takes_part=(((FOURTH, 1, 0),), AWAY, 2.0 + 4.0),
    was_asked=(((FOURTH, 0, 0),), AWAY, 2.0 + 1.6),
    protected=(((FOURTH, 1, 1),), AWAY, 2.0 + 1.0),
    asked_at_home=(((AWAY, 0, 1),), AWAY, 2.0 + 8.0 * 3.0 * 0.4 * 0.25),
    all_of_them=(((FOURTH, 1, 0), (AWAY, 1, 0)), AWAY, 2.0 + 4.0 + 24.0),
)
def test_a_case_is_exposed_to_its_own_state_and_all_recipients(states: tuple[Any, ...], home: int) -> float:
    world = secret()
    put(world, "group", home=home)
    for state, takes_part, protected in states:
        rules.inform(world, 0, state, 2, bool(takes_part), bool(protected))
    return rules.exposure_of(world, 0)


def test_no_exposure_passes_its_bound() -> None:
    """The leak exposure stays below its bound at the ends of all parameter ranges."""
    names = ("leak_corrupt", "leak_home", "leak_request", "leak_protected")
    ranges = {name.partition(".")[2]: (ends.low, ends.high) for name, _, ends in declarations()}
    for corner, tiers in itertools.product(itertools.product(*map(ranges.get, names)), ((0, 3, 0, 3), (3, 3, 3, 3))):
        world = secret(dict(zip(names, corner, strict=True)))
        world.state["tier"][[HOME, AWAY, THIRD, FOURTH]] = tiers
        for state, protected in ((AWAY, False), (THIRD, True), (FOURTH, False)):
            rules.inform(world, 0, state, 2, True, protected)
        assert rules.exposure_of(world, 0) <= rules.exposure_at_most(world, 0) * (1.0 + 1e-12)
        assert rules.exposure_at_most(world, 0) == pytest.approx(corner[0] * (3 + corner[1]))


@pytest.mark.parametrize("leaking", [0.0, 0.5])
def test_a_case_leaks_as_likely_as_exposure_and_time_make_it(leaking: float) -> None:
    """The probability of a leak grows with the exposure of the case and with time."""
    world = secret({"leak_per_year": 2 / 3, "with_leaks": leaking, "review_interval_days": YEAR / 4.0})
    rules.inform(world, 0, FOURTH, 2, True, False)
    hazard = leaking * 6.0 / 6.0
    assert rules.leak_hazard(world.setting[0], 6.0) == pytest.approx(hazard)
    assert rules.leak_probability(world, 0) == pytest.approx(1.0 - math.exp(-hazard))

    def leaked(key: int) -> bool:
        put(world, "case", key=key, reviews=4)
        world.used[Growing.LEAK] = 0
        said = rules.leaks(world, 0)
        assert world.used[Growing.LEAK] == said
        return bool(said)

    chances(leaked, Purpose.CASE_LEAK, 1.0 - math.exp(-hazard), 4)


@pytest.mark.parametrize("traced", [0.0, 1.0])
def test_each_who_knows_leaked_with_its_share_of_the_exposure(traced: float) -> None:
    """A leak is attributed to each informed state in proportion to its share of the exposure.

    The exposure is 9.25: 2 lie with the leading state, 6 with the group's home, 1 with FOURTH, 0.25 with THIRD.
    """
    world = secret({"leak_per_year": 0.02, "leak_traced": traced, "leak_request": 0.25, "leak_protected": 0.25})
    known = {HOME: (2.0, 1, 1), AWAY: (6.0, 0, 0), FOURTH: (1.0, 1, 1), THIRD: (0.25, 0, 0)}
    for state, (_, takes_part, protected) in reversed(list(known.items())[1:]):
        rules.inform(world, 0, state, 2, bool(takes_part), bool(protected))
    sources = set()
    for key in range(1, 161):
        put(world, "case", key=key, reviews=4)
        world.used[Growing.LEAK] = 0
        drawn = 9.25 * uniform(1, Purpose.LEAK_SOURCE, key, 4)
        source = list(known)[int(np.searchsorted([2.0, 8.0, 9.0, 9.25], drawn, side="right"))]
        rules.record_leak(world, 0)
        sources.add(source)
        expected = pytest.approx((source, *known[source][1:], 4, traced, 0, 0, NOW, 0.02 * 9.25))
        assert got(world, "leak", 0, "state takes_part protected recipients traced case group day exposure") == expected
    assert sources == set(known)


def test_evidence_that_travelled_unprotected_may_be_excluded() -> None:
    """Evidence may be excluded if it was sent on paper outside a secure channel."""
    world = secret({"exclusion_unprotected": 0.3})
    world.electronic[HOME, THIRD] = 1

    def excluded(key: int) -> bool:
        put(world, "request", key=key)
        return rules.is_excluded(world, world.request[0])

    for change in ({}, {"channel": Channel.DOMESTIC}, {"electronic": 1}, {"requested": HOME}, {"requested": THIRD}):
        usual = {"requesting": HOME, "requested": AWAY, "channel": Channel.MLAT, "electronic": 0}
        put(world, "request", **usual | change)
        chances(excluded, Purpose.EXCLUDED, 0.0 if change else 0.3)
    put(world, "request", requested=AWAY)
    world.setting["with_leaks"] = 0.0
    chances(excluded, Purpose.EXCLUDED, 0.0)
