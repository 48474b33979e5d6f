"""What a file proves, and what it authorises (M2, M8, M10)."""

import math
from typing import Any

import pytest

from sim.agents import proof as rules
from sim.law.vocabulary import DataKind
from sim.world.records import CaseStatus, RequestPurpose
from sim.world.world import World
from tests.agents.plain import holds, put, small, table
from tests.agents.scene import AWAY, THIRD, know

pytestmark = pytest.mark.usefixtures("as_python")

SETTINGS = {"trail_strength": 0.5, "search_strength": -0.5, "gap": 0.7, "link": 1.5}


def file(proof: float = 2.0, link: float = 0.0, **chain: Any) -> World:
    """Case 0, and case 1 that merged into it, know node 1 of AWAY; trail 2 of three hops is part of trail 0."""
    world = small(8, SETTINGS | {"proof_content": 1.0, "proof_records": 0.4})
    put(world, "group", first_node=1, nodes=2)
    put(world, "node", 1, state=(AWAY, THIRD))
    put(world, "case", proof=proof)
    put(world, "case", 1, status=CaseStatus.MERGED, merged_into=0)
    put(world, "chain", hops=3, **chain)
    put(world, "chain", 2, hops=3, head=0)
    know(world, 1, link=link)
    return world


@table(
    only_known=(0.0, AWAY, -1, 1.5),
    linked=(1.5, AWAY, -1, 3.0),
    elsewhere=(1.5, THIRD, -1, 1.5),
    by_its_domain=(1.5, THIRD, THIRD, 3.0),
)
def test_police_and_technical_leads_prove_nothing(link: float, state: int, registry: int) -> float:
    """A node that is only known leaves the file as weak as it was; a trail in due form links it."""
    world = file(link=link)
    put(world, "node", 1, registry=registry)
    return rules.search_strength(world, 0, state)


@table((0, (0, 2.5, 1.3)), (0b1, (1, 1.8, 0.6)), (0b101, (2, 1.1, 0.0)), (0b11, (2, 1.1, 0.0)), (0b111, (3, 0.4, 0.0)))
def test_gaps_weaken_what_a_trail_shows_and_proves(gaps: int) -> tuple[float, ...]:
    """A trail whose last answer is not evidence proves nothing, none less than that; beside a trail are no gaps."""
    world = file(gaps=gaps)
    put(world, "setting", link=1.3)
    assert rules.trail_strength(world, 0, -1) == 2.5
    assert rules.trail_strength(world, 0, 2) == rules.trail_strength(world, 0, 0)
    assert rules.ends_in_evidence(world.chain[0]) == (gaps < 0b100)
    return rules.gaps(world.chain[0]), rules.trail_strength(world, 0, 0), rules.proves(world, 0)


@table(
    records=(0, DataKind.SUBSCRIBER, (2.4, 0.0)),
    content=(0, DataKind.CONTENT, (3.0, 0.0)),
    of_a_merged_case=(1, DataKind.CONTENT, (3.0, 1.0)),
)
def test_content_proves_more_than_records_and_counts_for_the_leading_case(case: int, kind: DataKind) -> Any:
    world = file()
    rules.add_proof(world, case, kind)
    return tuple(world.case["proof"][:2])


@table(
    trail=(RequestPurpose.CHAIN, 0, 0, 2.5 - 0.7),
    no_trail=(RequestPurpose.CHAIN, -1, 0, 2.5),
    search=(RequestPurpose.ACTION, 0, 0, 3.0),
    of_a_merged_case=(RequestPurpose.ACTION, 0, 1, 3.0),
)
def test_a_court_sees_the_file_of_the_day(purpose: RequestPurpose, chain: int, case: int) -> float:
    world = file(link=1.5, gaps=1)
    put(world, "request", purpose=purpose, requested=AWAY, chain=chain, case=case)
    strength = rules.shown(world, world.request[0])
    return math.log(strength / (1 - strength))


def test_a_person_is_linked_by_a_trail_alone() -> None:
    world = file()
    put(world, "member", 1, link=1.5)
    assert [rules.person_strength(world, 0, world.member[row]) for row in (0, 1)] == [1.5, 3.0]


def test_a_file_is_shown_again_once_it_has_grown() -> None:
    holds(
        rules.is_stronger,
        first=(-9.0, -math.inf, True),
        grown=(1.1, 1.0, True),
        same=(1.0, 1.0, False),
        rounding=(1.0 + 1e-12, 1.0, False),
        weaker=(0.9, 1.0, False),
    )
