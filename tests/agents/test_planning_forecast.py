"""What a unit expects of an action: how many nodes fall, who is arrested, whether the group goes down (M13)."""

import math

import numpy as np
import pytest

from sim.agents import foresight
from sim.world.records import MemberStatus
from tests.agents import scene
from tests.agents.plain import answers, fresh
from tests.tiny import row_of_settings

pytestmark = pytest.mark.usefixtures("as_python")


def poisson(mean: float, number: int) -> float:
    """P(so many) of a Poisson number."""
    return math.exp(-mean) * mean**number / math.factorial(number)


def test_nodes_without_a_trail_are_the_unseen_and_those_that_are_only_known() -> None:
    """Of four nodes two are known without a trail, one is linked, one is out of sight: 2 + 5 unseen, 1 lost, 2."""
    world = fresh(8, control_nodes=5.0)
    world.group["first_node"][0], world.group["nodes"][0] = 1, 4
    for node, link, in_sight in ((1, 0.0, True), (2, 1.5, True), (3, 0.0, True), (4, 0.0, False)):
        scene.know(world, node, link=link, in_sight=in_sight)
    assert foresight.unlinked_nodes(world, 0) == pytest.approx(7.0 + 1.0 + 2.0)
    assert foresight.unseen_nodes(world, 0) == pytest.approx(7.0 + 1.0)


def test_trails_are_expected_at_the_pace_of_the_case_and_of_usual_hops(as_python: pytest.MonkeyPatch) -> None:
    """Two trails in 300 days and a usual one in 3.5 hops of 80 days, four at once: 3 in 370 days, so 1.2 in 148."""
    answers(as_python, foresight, leads_followed=4.0)
    world = fresh(4, extra_hops=2.5, impatience_days=80.0)
    world.case["trails"][0], world.case["opened"][0] = 2, 700.0
    assert foresight.trails_by(world, 0, 148.0) == pytest.approx(3 * 148.0 / 370.0)


@pytest.mark.parametrize(("reveal", "missed"), [(0.2, 0.8), (1.0, 0.01)])
def test_unseen_nodes_are_found_by_trails_and_by_analysis(reveal: float, missed: float) -> None:
    """Each of three trails misses a node with some chance, never none; half a year of analysis at 0.6 a year."""
    setting = row_of_settings(reveal=reveal, technical_discovery=0.6)[0]
    assert foresight.found_by(setting, 3.0, 365.25 / 2) == pytest.approx(1 - missed**3 * math.exp(-0.3))


def test_wanted_members_of_the_case_are_arrested_each_by_chance(as_python: pytest.MonkeyPatch) -> None:
    """Two are wanted, with ½ and ¼; one is known to another unit, one held already. A unit alone arrests nobody."""
    answers(as_python, foresight, arrest_probability=lambda _world, _case, state: 0.5 / (1 + state))
    world = fresh(8)
    world.group["first_member"][0], world.group["members"][0] = 1, 4
    world.member["known_by"][1:5] = 0, 1, 0, 0
    world.member["status"][1:5] = MemberStatus.WANTED
    world.member["status"][3] = MemberStatus.HELD
    world.member["residence"][1:5] = 0, 0, 0, 1
    world.case["known_members"][0] = 2
    assert foresight.arrested_on_the_day(world, 0, False) == pytest.approx([0.375, 0.5, 0.125])
    assert foresight.arrested_on_the_day(world, 0, True) == pytest.approx([1.0])


def test_nodes_and_people_together_take_a_group_down() -> None:
    """After a quarter of the core, so many nodes must fall that a tenth of the capability is left; after half, none."""
    setting = row_of_settings(nodes_to_fall=0.8, core_to_fall=0.5)[0]
    needed = foresight.nodes_needed(setting, 0.25)
    by_people = 0.75 ** (math.log(0.1) / math.log(0.5))
    assert by_people * (1 - needed) ** (math.log(0.1) / math.log(0.2)) == pytest.approx(0.1)
    assert foresight.nodes_needed(setting, 0.0) == pytest.approx(0.8)
    assert foresight.nodes_needed(setting, 0.5) == 0.0


@pytest.mark.parametrize("known", [[0.3, 0.5, 0.2], [1.0], [0.4, 0.6]])
@pytest.mark.parametrize("today", [True, False])
def test_the_chance_that_enough_nodes_fall(known: list[float], today: bool) -> None:
    """The sum over all numbers of unseen nodes, of groups of at least two; exactly half of the nodes is enough."""
    fallen, left, needed = 1.3, 2.4, 0.5
    reached = possible = 0.0
    for more in range(30):
        for unseen in range(30):
            total = len(known) - 1 + more + unseen
            weight = poisson(fallen, more) * poisson(left, unseen)
            if total < 2:
                continue
            possible += weight
            for fell, share in enumerate(known):
                with_them = more if fell > 0 or not today else 0
                if fell + with_them >= needed * total:
                    reached += weight * share * (not today or fell > 0 or more == 0)
    chance = foresight.chance_of_takedown(np.array(known), np.array([[1.0, 0.0, needed]]), fallen, left, today)
    assert chance == pytest.approx(reached / possible, abs=3e-6)


def test_a_group_without_any_node_cannot_lose_enough() -> None:
    """Nothing is known, and nothing is thought to be there."""
    assert foresight.chance_of_takedown(np.array([1.0]), np.array([[1.0, 0.0, 0.5]]), 0.0, 0.0, True) == 0.0


@pytest.mark.parametrize(("known", "held", "least"), [(6, 2, 6), (3, 2, 5), (0, 0, 2), (1, 4, 9)])
def test_a_core_is_as_large_as_is_known_and_larger_than_arrests_could_break(known: int, held: int, least: int) -> None:
    """Two and a Poisson number of 3; half of a core in custody would have broken it."""
    setting = row_of_settings(core_members=3.0, core_to_fall=0.5)[0]
    weights = [poisson(3.0, size - 2) if size >= least else 0.0 for size in range(60)]
    sizes = foresight.core_sizes(setting, known, held)
    assert sizes == pytest.approx(np.array(weights)[: len(sizes)] / sum(weights), abs=1e-9)


def test_a_core_that_is_larger_than_thought_possible_is_as_large_as_is_thought_of() -> None:
    """Where all cores have two members and five are known, ten more than these are thought of at most."""
    sizes = foresight.core_sizes(row_of_settings(core_members=0.0)[0], 5, 0)
    assert sizes.tolist() == [0.0] * 14 + [1.0]


FOUND = 4.0 * 0.25  # of four unseen nodes
READY = 1.0 - math.exp(-0.5 * 30.0 / 60.0)
FALLS = 0.8 * READY * 0.1 * (0.3 + 0.6 + 0.7 + 0.4 * 2.0)  # strength: group, proof, link, and two trails
