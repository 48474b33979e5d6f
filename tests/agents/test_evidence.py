"""What cases know of nodes, who holds the data of a hop, and which case leads (M8, M10, M11)."""

import numpy as np
import pytest

from sim.agents import evidence
from sim.agents.cases import case_in, find_partner, is_working, lead_of
from sim.agents.evidence import (
    add_evidence,
    add_item,
    addressee,
    custodian_of,
    draw_data_kind,
    not_obtained,
    unlinked_member,
    unlinked_node,
)
from sim.agents.proof import (
    concerns,
    ends_in_evidence,
    is_stronger,
    person_strength,
    search_strength,
    shown,
    trail_strength,
)
from sim.agents.sightings import (
    add_sighting,
    forget_nodes,
    has_lost,
    is_watched,
    knows,
    link_to,
    lose_sight,
    prove_link,
    see,
    sighting_of,
)
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import (
    NONE,
    CaseStatus,
    ChainTarget,
    EvidenceStatus,
    Growing,
    MemberStatus,
    RequestPurpose,
)
from sim.world.world import World
from tests.agents import scene
from tests.agents.plain import answers, drawing, fresh, noting
from tests.agents.scene import AWAY, HOME, THIRD

pytestmark = pytest.mark.usefixtures("as_python")

SEAT, HOST, ACCESS = 2, 3, 4  # rows of providers
CREATED = 940.0


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


# Nodes in sight.


def test_a_case_keeps_what_it_knows_of_each_node_by_itself(trail: World) -> None:
    """A node in sight is counted once; what is lost is remembered as lost, and its link is worth nothing."""
    assert see(trail, 0, 3) and see(trail, 0, 2) and not see(trail, 0, 3)
    assert trail.case["known_nodes"][0] == 2 and trail.used[Growing.SIGHTING] == 2
    prove_link(trail, 0, 3, 1.5)
    prove_link(trail, 0, 3, 0.5)  # a weaker trail takes nothing away
    assert [link_to(trail, 0, node) for node in (2, 3, 4)] == [0.0, 1.5, 0.0]
    lose_sight(trail, 0, 3)
    lose_sight(trail, 0, 3)
    lose_sight(trail, 0, 4)  # never seen
    assert trail.case["known_nodes"][0] == 1 and link_to(trail, 0, 3) == 0.0
    assert [(knows(trail, 0, node), has_lost(trail, 0, node)) for node in (2, 3, 4)] == [
        (True, False),
        (False, True),
        (False, False),
    ]
    assert sighting_of(trail, 0, 4) == NONE
    assert add_sighting(trail, 0, 3) == sighting_of(trail, 0, 3) == 0
    assert see(trail, 0, 3) and trail.case["known_nodes"][0] == 2


def test_one_case_knows_nothing_of_another_s_finds(trail: World) -> None:
    """A node is watched as long as any case on the group sees it."""
    trail.case["next_case"][:2], trail.group["first_case"], trail.used[Growing.CASE] = [1, NONE], 0, 2
    trail.case["first_sighting"] = NONE
    assert not is_watched(trail, 3)
    see(trail, 1, 3)
    assert not knows(trail, 0, 3) and is_watched(trail, 3) and not is_watched(trail, 2)
    see(trail, 1, 2)
    forget_nodes(trail, 1)
    assert not is_watched(trail, 3) and not is_watched(trail, 2) and trail.case["known_nodes"][1] == 0


# Which case leads.


@pytest.mark.parametrize(
    ("status", "own", "working"),
    [
        (CaseStatus.INVESTIGATING, True, True),
        (CaseStatus.PREPARING, True, True),
        (CaseStatus.SOLVED, True, False),
        (CaseStatus.MERGED, False, True),
    ],
)
def test_a_case_is_led_by_itself_or_by_the_one_it_joined(
    trail: World, status: CaseStatus, *, own: bool, working: bool
) -> None:
    trail.case["status"][2], trail.case["merged_into"][2] = status, 0
    assert lead_of(trail, 2) == (2 if own else 0)
    assert is_working(trail, 2) == working


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


# Custodians.


def test_the_next_node_to_find_is_one_that_no_trail_links_yet(trail: World) -> None:
    """From the numbered one on, around; none once all are linked."""
    assert [unlinked_node(trail, 0, first) for first in (0, 1, 2)] == [2, 3, 4]
    scene.know(trail, 2, link=1.0)
    assert [unlinked_node(trail, 0, first) for first in (0, 1, 2)] == [3, 3, 4]
    trail.sighting["link"] = 0.0
    scene.know(trail, 4, link=1.0)
    scene.know(trail, 3, link=1.0)
    assert [unlinked_node(trail, 0, first) for first in (0, 1, 2)] == [2, 2, 2]
    trail.sighting["link"] = 1.0
    assert unlinked_node(trail, 0, 1) == NONE


@pytest.mark.parametrize(
    ("status", "known_by", "link", "wanted"),
    [
        (MemberStatus.UNKNOWN, 1, 2.0, True),
        (MemberStatus.SUSPECTED, 0, 0.0, True),
        (MemberStatus.SUSPECTED, 0, 2.0, False),
        (MemberStatus.SUSPECTED, 1, 0.0, False),
        (MemberStatus.WANTED, 0, 0.0, False),
    ],
)
def test_the_next_person_to_find_is_unknown_or_suspected_without_a_trail(
    trail: World, status: MemberStatus, known_by: int, link: float, *, wanted: bool
) -> None:
    trail.member["status"][[1, 2, 3]], trail.member["known_by"] = (
        [MemberStatus.HELD, status, MemberStatus.HELD],
        known_by,
    )
    trail.member["link"] = link
    assert unlinked_member(trail, 0) == (2 if wanted else NONE)


@pytest.mark.parametrize(
    ("drawn", "kind"),
    [
        (0.24, DataKind.SUBSCRIBER),
        (0.25, DataKind.TRAFFIC),
        (0.74, DataKind.TRAFFIC),
        (0.75, DataKind.CONTENT),
    ],
)
def test_hops_ask_for_kinds_of_data_by_their_shares(
    trail: World, as_python: pytest.MonkeyPatch, drawn: float, kind: DataKind
) -> None:
    """A quarter for subscriber data, half for traffic data, the rest for content."""
    trail.setting["subscriber_share"], trail.setting["traffic_share"] = 0.25, 0.5
    drawing(as_python, evidence, "uniform", drawn)
    assert draw_data_kind(trail.setting[0], 5) == kind


@pytest.mark.parametrize(("representative", "row", "asked"), [(0, 0, 0), (0, 3, 0), (0, NONE, THIRD), (NONE, 0, THIRD)])
def test_a_provider_is_asked_at_its_representative_where_orders_go_there(
    trail: World, representative: int, row: int, asked: int
) -> None:
    trail.provider["state"][SEAT], trail.provider["representative"][SEAT] = THIRD, representative
    trail.instrument[:, :, Channel.PROVIDER_BINDING] = row
    assert addressee(trail, SEAT, AWAY) == asked


def custodian(world: World, hop: int) -> tuple[int, int, int]:
    """State, provider and kind of data of a hop."""
    return custodian_of(world, world.chain[0], hop, 5)


def test_the_last_custodian_of_a_person_is_where_the_person_lives(trail: World) -> None:
    """Or the group's home when nobody is left to find."""
    trail.chain["target"] = ChainTarget.PERSON
    assert custodian(trail, 2) == (THIRD, ACCESS, DataKind.SUBSCRIBER)
    trail.member["status"] = MemberStatus.HELD
    assert custodian(trail, 2) == (AWAY, ACCESS, DataKind.SUBSCRIBER)
    trail.member["status"], trail.member["residence"] = [MemberStatus.UNKNOWN] + [MemberStatus.HELD] * 7, HOME
    trail.group["first_member"] = 0
    assert custodian(trail, 2)[0] == HOME


@pytest.mark.parametrize("hop", [0, 1, 2])
@pytest.mark.parametrize("node", [0, 3, NONE])
def test_the_last_custodian_of_a_node_is_its_host_and_those_before_are_drawn(
    trail: World, as_python: pytest.MonkeyPatch, hop: int, node: int
) -> None:
    """A large provider in three of ten cases, else a host where servers stand."""
    trail.chain["node"], trail.node["state"], trail.node["provider"] = node, THIRD, 6
    trail = trail._replace(place_majors=np.array([1.0, 1.0, 5.0]), place_hosting=np.array([0.0, 2.0, 4.0]))
    trail.setting["majors_share"] = 0.3
    trail.provider["state"], trail.provider["representative"] = HOME, NONE
    answers(as_python, evidence, draw_data_kind=DataKind.TRAFFIC, is_at_home=False)
    at_host = hop == 2 and node >= 0
    for drawn, provider, state in ((0.25, 2, HOME), (0.3, HOST, AWAY), (0.75, HOST, THIRD)):
        drawing(as_python, evidence, "uniform", drawn)
        expected = (THIRD, 6, DataKind.CONTENT) if at_host else (state, provider, DataKind.TRAFFIC)
        assert custodian(trail, hop) == expected
    answers(as_python, evidence, is_at_home=True)
    assert custodian(trail, hop)[0] == (THIRD if at_host else AWAY)
    drawing(as_python, evidence, "uniform", 0.0)
    trail = trail._replace(place_majors=np.zeros(0))
    assert custodian(trail, 0)[1] == HOST


@pytest.mark.parametrize(
    ("hop", "target", "data_kind", "drawn", "node", "kept_as", "moves"),
    [
        (2, ChainTarget.INFRASTRUCTURE, DataKind.CONTENT, 0.39, 3, DataKind.CONTENT, True),
        (2, ChainTarget.INFRASTRUCTURE, DataKind.CONTENT, 0.4, 3, DataKind.CONTENT, False),
        (2, ChainTarget.INFRASTRUCTURE, DataKind.TRAFFIC, 0.39, 3, DataKind.TRAFFIC, False),
        (2, ChainTarget.PERSON, DataKind.SUBSCRIBER, 0.39, NONE, DataKind.TRAFFIC, False),
        (1, ChainTarget.INFRASTRUCTURE, DataKind.CONTENT, 0.39, NONE, DataKind.CONTENT, False),
        (1, ChainTarget.PERSON, DataKind.SUBSCRIBER, 0.39, NONE, DataKind.SUBSCRIBER, False),
    ],
)
def test_the_item_of_a_hop(
    trail: World,
    as_python: pytest.MonkeyPatch,
    hop: int,
    target: ChainTarget,
    data_kind: DataKind,
    drawn: float,
    node: int,
    kept_as: DataKind,
    *,
    moves: bool,
) -> None:
    """The last hop chooses a node, and its content may be a server's image, which is gone when the server moves.

    Who had an address on a day stands in the logs of its operator, which are traffic data.
    """
    trail.setting["image_share"], trail.chain["target"] = 0.4, target
    drawing(as_python, evidence, "uniform", drawn)
    answers(as_python, evidence, custodian_of=(THIRD, HOST, data_kind), server_moves_at=77.0)
    kept = noting(as_python, evidence, add_item=4)
    assert add_evidence(trail, 0, hop, 5) == 4
    assert kept == [("add_item", 5, 0, hop, THIRD, HOST, data_kind, kept_as, CREATED)]
    assert trail.chain["node"][0] == node
    assert (trail.evidence["moves_at"][4] == 77.0) == moves


def test_data_are_kept_from_the_day_of_the_communication(trail: World, as_python: pytest.MonkeyPatch) -> None:
    answers(as_python, evidence, retention_days=lambda _, _provider, _key, kind: 30.0 + kind)
    row = add_item(trail, 5, 0, 1, THIRD, HOST, DataKind.SUBSCRIBER, DataKind.CONTENT, CREATED)
    item = trail.evidence[row]
    assert (item.data_kind, item.created, item.retained_until) == (
        DataKind.SUBSCRIBER,
        CREATED,
        CREATED + 30.0 + DataKind.CONTENT,
    )


def test_only_what_was_still_awaited_is_not_obtained(trail: World) -> None:
    trail.evidence["status"][:2] = [EvidenceStatus.AVAILABLE, EvidenceStatus.OBTAINED]
    for row in (0, 1):
        not_obtained(trail.evidence[row], 1007.0)
    assert trail.evidence["status"][:2].tolist() == [EvidenceStatus.NOT_OBTAINED, EvidenceStatus.OBTAINED]
    assert trail.evidence["settled"][:2].tolist() == [1007.0, 0.0]


# Strength of the file.


def test_what_is_proved_of_the_group_counts_for_trail_search_and_person(trail: World) -> None:
    """A search also by the best proved node in the state, a person by the trail that leads there."""
    trail.setting["trail_strength"], trail.setting["search_strength"] = -1.0, -0.5
    trail.setting["gap"], trail.case["proof"][0] = 0.4, 2.0
    trail.node["state"], trail.node["registry"] = AWAY, NONE
    trail.chain["head"], trail.chain["gaps"][0] = 0, 0b101
    assert trail_strength(trail, 0, NONE) == pytest.approx(1.0)
    assert trail_strength(trail, 0, 0) == pytest.approx(1.0 - 2 * 0.4)
    for node, link in ((2, 0.25), (3, 0.75), (5, 3.0)):  # the last is another group's
        scene.know(trail, node, link=link)
    scene.know(trail, 4, in_sight=False, link=2.5)
    assert search_strength(trail, 0, AWAY) == pytest.approx(-0.5 + 2.0 + 0.75)
    trail.member["link"][2] = 0.3
    assert person_strength(trail, 0, trail.member[2]) == pytest.approx(-0.5 + 2.0 + 0.3)
    for purpose, odds in ((RequestPurpose.ACTION, 2.25), (RequestPurpose.CHAIN, 0.2)):
        trail.request["purpose"], trail.request["requested"] = purpose, AWAY
        assert shown(trail, trail.request[0]) == pytest.approx(1.0 / (1.0 + np.exp(-odds)))


@pytest.mark.parametrize(("gaps", "used"), [(0b000, True), (0b011, True), (0b100, False), (0b101, False)])
def test_a_trail_links_what_it_leads_to_only_by_its_last_answer(trail: World, gaps: int, *, used: bool) -> None:
    """Of three hops the third decides, however well the others are proved."""
    trail.chain["gaps"] = gaps
    assert ends_in_evidence(trail.chain[0]) == used


def test_a_node_concerns_the_state_where_it_lies_and_that_of_its_registry(trail: World) -> None:
    trail.node["state"], trail.node["registry"] = AWAY, THIRD
    assert [concerns(trail.node[2], state) for state in (HOME, AWAY, THIRD)] == [False, True, True]


def test_a_file_is_stronger_once_it_has_grown_or_was_never_shown() -> None:
    assert is_stronger(-5.0, -np.inf) and is_stronger(0.3, 0.2)
    assert not is_stronger(0.2, 0.2) and not is_stronger(0.1, 0.2)
