"""What a file proves, and what it authorises (M2, M8, M10)."""

import math

import numpy as np
import pytest

from sim.agents.authority import logistic
from sim.agents.court import is_worth_asking, order_probability
from sim.agents.proof import add_proof, gaps, person_strength, proves, search_strength, shown, trail_strength
from sim.engine.compiling import in_python
from sim.law.vocabulary import DataKind
from sim.world.records import CaseStatus, RequestPurpose
from sim.world.world import World
from tests.agents import scene

SEARCH = DataKind.SEARCH_SEIZURE


def investigation() -> World:
    """A case that knows one node in AWAY; its first trail has three hops."""
    world = scene.scene(4)
    world.group["nodes"][0] = world.group["members"][0] = 1
    scene.know(world, 0)
    world.node["state"][0] = scene.AWAY
    world.chain["hops"][0] = 3
    world.chain["head"][0] = 0
    return world


def test_police_and_technical_leads_prove_nothing() -> None:
    """A node that is only known leaves the file as weak as it was; a trail in due form links it."""
    world, setting = investigation(), scene.scene(1).setting[0]
    rule = in_python(search_strength)
    assert rule(world, 0, scene.AWAY) == setting.search_strength
    world.sighting["link"][0] = setting.link
    assert rule(world, 0, scene.AWAY) == pytest.approx(setting.search_strength + setting.link)
    assert rule(world, 0, scene.THIRD) == setting.search_strength  # of a state without a node it shows nothing
    world.node["registry"][0] = scene.THIRD
    assert rule(world, 0, scene.THIRD) == pytest.approx(setting.search_strength + setting.link)


@pytest.mark.parametrize(("mask", "number"), [(0, 0), (0b1, 1), (0b101, 2), (0b111, 3)])
def test_gaps_weaken_what_a_trail_shows_and_proves(mask: int, number: int) -> None:
    world = investigation()
    setting = world.setting[0]
    world.chain["gaps"][0] = mask
    assert in_python(gaps)(world.chain[0]) == number
    assert in_python(trail_strength)(world, 0, 0) == pytest.approx(setting.trail_strength - setting.gap * number)
    last_is_evidence = not mask & 0b100
    proved = max(setting.link - setting.gap * number, 0.0) if last_is_evidence else 0.0
    assert in_python(proves)(world, 0) == pytest.approx(proved)


def test_content_proves_more_than_records_and_counts_for_the_leading_case() -> None:
    world = investigation()
    setting = world.setting[0]
    in_python(add_proof)(world, 0, DataKind.SUBSCRIBER.value)
    in_python(add_proof)(world, 0, DataKind.CONTENT.value)
    assert world.case["proof"][0] == pytest.approx(setting.proof_records + setting.proof_content)
    world.case["status"][1] = CaseStatus.MERGED
    world.case["merged_into"][1] = 0
    in_python(add_proof)(world, 1, DataKind.CONTENT.value)
    assert world.case["proof"][1] == pytest.approx(setting.proof_content)
    assert world.case["proof"][0] == pytest.approx(setting.proof_records + 2 * setting.proof_content)


def test_a_court_sees_the_file_of_the_day() -> None:
    """What was proved after drafting counts, for data on a trail as for a search."""
    world = investigation()
    for purpose in (RequestPurpose.CHAIN, RequestPurpose.ACTION):
        request = world.request[0]
        request.purpose, request.requested, request.chain = purpose, scene.AWAY, 0
        world.case["proof"][0] = 0.0
        weak = in_python(shown)(world, request)
        world.case["proof"][0] = 2.0
        assert in_python(shown)(world, request) == pytest.approx(logistic_of(weak, 2.0))


def logistic_of(strength: float, more: float) -> float:
    """Strength after some more log-odds."""
    odds = math.log(strength / (1 - strength)) + more
    return float(in_python(logistic)(odds))


@pytest.mark.parametrize("standard", [0.6, 0.7, 0.8])
def test_each_court_asks_for_its_own_standard(standard: float) -> None:
    world = investigation()
    world.proof[scene.AWAY, SEARCH] = standard
    world.implementation[scene.AWAY] = 0.8
    rule = in_python(order_probability)
    assert rule(world, scene.AWAY, SEARCH, standard) == pytest.approx(0.4)  # at the standard, half of law in action
    assert rule(world, scene.AWAY, SEARCH, 1.0) < 0.8
    odds = math.log(standard / (1 - standard))
    assert in_python(is_worth_asking)(world, scene.AWAY, SEARCH, odds)
    assert not in_python(is_worth_asking)(world, scene.AWAY, SEARCH, odds - 1.5)


def test_a_person_is_linked_by_a_trail_alone() -> None:
    world = investigation()
    setting = world.setting[0]
    member = world.member[0]
    assert in_python(person_strength)(world, 0, member) == setting.search_strength
    member.link = setting.link
    assert np.isclose(in_python(person_strength)(world, 0, member), setting.search_strength + setting.link)
