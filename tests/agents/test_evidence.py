"""What cases know of nodes, who holds the data of a hop, and which case leads (M8, M10, M11)."""

import itertools

import numpy as np
import pytest

from sim.agents import evidence, sightings
from sim.agents.cases import case_in, find_partner, is_working, lead_of
from sim.agents.events import Purpose
from sim.engine.random import uniform
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import NONE, CaseStatus, ChainTarget, EvidenceStatus, Growing, MemberStatus
from sim.world.world import World
from tests.agents import scene
from tests.agents.plain import fresh, got, holds, put
from tests.agents.scene import AWAY, HOME, THIRD

pytestmark = pytest.mark.usefixtures("as_python")

SEAT, HOST, ACCESS = 2, 3, 4  # rows of providers
CREATED = 940.0
SUBSCRIBER, TRAFFIC, CONTENT = DataKind.SUBSCRIBER, DataKind.TRAFFIC, DataKind.CONTENT


@pytest.fixture
def trail() -> World:
    """A chain of three hops of case 0 of HOME on a group of AWAY with nodes 2 to 4 and members 1 to 3."""
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
    """A node in sight is counted once; what is lost is remembered as lost, and its link is worth nothing."""
    assert sightings.see(trail, 0, 3) and sightings.see(trail, 0, 2) and not sightings.see(trail, 0, 3)
    assert trail.case["known_nodes"][0] == 2 and trail.used[Growing.SIGHTING] == 2
    sightings.prove_link(trail, 0, 3, 1.5)
    sightings.prove_link(trail, 0, 3, 0.5)  # a weaker trail takes nothing away
    assert [sightings.link_to(trail, 0, node) for node in (2, 3, 4)] == [0.0, 1.5, 0.0]
    sightings.lose_sight(trail, 0, 3)
    sightings.lose_sight(trail, 0, 3)
    sightings.lose_sight(trail, 0, 4)  # never seen
    assert trail.case["known_nodes"][0] == 1 and sightings.link_to(trail, 0, 3) == 0.0
    assert [sightings.knows(trail, 0, node) for node in (2, 3, 4)] == [True, False, False]
    assert [sightings.has_lost(trail, 0, node) for node in (2, 3, 4)] == [False, True, False]
    assert sightings.sighting_of(trail, 0, 4) == NONE
    assert sightings.add_sighting(trail, 0, 3) == sightings.sighting_of(trail, 0, 3) == 0
    assert sightings.see(trail, 0, 3) and trail.case["known_nodes"][0] == 2


def test_one_case_knows_nothing_of_another_s_finds(trail: World) -> None:
    """A node is watched as long as any case on the group sees it."""
    trail.case["next_case"][:2], trail.group["first_case"], trail.used[Growing.CASE] = [1, NONE], 0, 2
    trail.case["first_sighting"] = NONE
    assert not sightings.is_watched(trail, 3)
    sightings.see(trail, 1, 3)
    assert not sightings.knows(trail, 0, 3) and sightings.is_watched(trail, 3) and not sightings.is_watched(trail, 2)
    sightings.see(trail, 1, 2)
    sightings.forget_nodes(trail, 1)
    assert not any(sightings.is_watched(trail, node) for node in (2, 3)) and trail.case["known_nodes"][1] == 0


def test_a_case_is_led_by_itself_or_by_the_one_it_joined(trail: World) -> None:
    """And is worked on as long as that one is."""
    for status in CaseStatus:
        put(trail, "case", 2, status=status, merged_into=0)
        assert lead_of(trail, 2) == (0 if status == CaseStatus.MERGED else 2)
        works = {CaseStatus.INVESTIGATING, CaseStatus.PREPARING, CaseStatus.MERGED}
        assert is_working(trail, 2) == (status in works)


def test_a_state_s_case_is_the_leading_one_or_one_that_joined_it(trail: World) -> None:
    """A case of the same state that joined another, or that goes its own way, is none of this one's."""
    trail.group["first_case"], trail.case["next_case"][:5] = 4, [NONE, 0, 1, 2, 3]
    trail.case["state"][:5] = [HOME, AWAY, AWAY, AWAY, THIRD]
    trail.case["merged_into"][:5], trail.case["status"][0] = [3, NONE, NONE, NONE, NONE], CaseStatus.MERGED
    assert case_in(trail, 3, HOME) == 0  # the first row of the table is found too
    trail.case["status"][0] = CaseStatus.INVESTIGATING
    trail.case["status"][1:5] = [CaseStatus.MERGED, CaseStatus.MERGED, CaseStatus.INVESTIGATING, CaseStatus.SOLVED]
    trail.case["merged_into"][:5] = [NONE, 0, 3, 0, 0]
    assert [case_in(trail, 0, state) for state in (HOME, AWAY, THIRD, 5)] == [0, 1, NONE, NONE]
    assert case_in(trail, 3, AWAY) == 3


def test_a_partner_is_found_by_its_state(trail: World) -> None:
    trail.case["first_partner"][0], trail.partner["next_partner"][:3] = 2, [NONE, 0, 1]
    trail.partner["state"][:3] = [AWAY, THIRD, HOME]
    assert [find_partner(trail, 0, state) for state in (HOME, THIRD, AWAY, 5)] == [2, 1, 0, NONE]


def test_the_next_node_to_find_is_one_that_no_trail_links_yet(trail: World) -> None:
    """From the numbered one on, around; none once all are linked."""
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
    """A quarter for subscriber data, half for traffic data, the rest for content."""
    put(trail, "setting", subscriber_share=0.25, traffic_share=0.5)
    for key in range(1, 101):
        drawn = uniform(1, Purpose.DATA_KIND, key, 0)
        kind = SUBSCRIBER if drawn < 0.25 else TRAFFIC if drawn < 0.75 else CONTENT
        assert evidence.draw_data_kind(trail.setting[0], key) == kind
    put(trail, "setting", subscriber_share=uniform(1, Purpose.DATA_KIND, 5, 0))  # a draw that equals it is no more
    assert evidence.draw_data_kind(trail.setting[0], 5) == TRAFFIC


@pytest.mark.parametrize(("representative", "row", "asked"), [(0, 0, 0), (0, 3, 0), (0, NONE, THIRD), (NONE, 0, THIRD)])
def test_a_provider_is_asked_at_its_representative_where_orders_go_there(
    trail: World, representative: int, row: int, asked: int
) -> None:
    trail.provider["state"][SEAT], trail.provider["representative"][SEAT] = THIRD, representative
    trail.instrument[:, :, Channel.PROVIDER_BINDING] = row
    assert evidence.addressee(trail, SEAT, AWAY) == asked


def custodian(world: World, hop: int) -> tuple[int, int, int]:
    """State, provider and kind of data of a hop."""
    return evidence.custodian_of(world, world.chain[0], hop, 5)


def test_the_last_custodian_of_a_person_is_where_the_person_lives(trail: World) -> None:
    """Or the group's home when nobody is left to find."""
    trail.chain["target"] = ChainTarget.PERSON
    assert custodian(trail, 2) == (THIRD, ACCESS, SUBSCRIBER)
    trail.member["status"] = MemberStatus.HELD
    assert custodian(trail, 2) == (AWAY, ACCESS, SUBSCRIBER)
    trail.member["status"], trail.member["residence"] = [MemberStatus.UNKNOWN] + [MemberStatus.HELD] * 7, HOME
    trail.group["first_member"] = 0
    assert custodian(trail, 2)[0] == HOME


@pytest.mark.parametrize("node", [0, 3, NONE])
def test_the_last_custodian_of_a_node_is_its_host(trail: World, node: int) -> None:
    trail.chain["node"], trail.node["state"], trail.node["provider"] = node, THIRD, 6
    trail = trail._replace(place_majors=np.zeros(0), place_hosting=np.array([0.0, 4.0]))
    drawn_kind = evidence.draw_data_kind(trail.setting[0], 5)
    for hop in range(3):
        at_host = hop == 2 and node >= 0
        assert custodian(trail, hop) == ((THIRD, 6, CONTENT) if at_host else (AWAY, HOST, drawn_kind))


def test_custodians_on_the_way_are_large_providers_or_hosts_where_servers_stand(trail: World) -> None:
    """A large provider in three of ten cases; what a domestic group leaves may be at home, in every second case."""
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
    """The last hop chooses a node, and its content may be a server's image, which is gone when the server moves."""
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


def test_which_node_the_last_hop_leads_to_is_drawn(trail: World) -> None:
    """Each of three as likely, until a trail links it."""
    for key in range(1, 31):
        evidence.add_evidence(trail._replace(used=trail.used.copy()), 0, 2, key)
        assert trail.chain["node"][0] == 2 + int(3 * uniform(1, Purpose.CHAIN_NODE, key, 0))


def test_only_what_was_still_awaited_is_not_obtained(trail: World) -> None:
    trail.evidence["status"][:2] = [EvidenceStatus.AVAILABLE, EvidenceStatus.OBTAINED]
    for row in (0, 1):
        evidence.not_obtained(trail.evidence[row], 1007.0)
    assert trail.evidence["status"][:2].tolist() == [EvidenceStatus.NOT_OBTAINED, EvidenceStatus.OBTAINED]
    assert trail.evidence["settled"][:2].tolist() == [1007.0, 0.0]
