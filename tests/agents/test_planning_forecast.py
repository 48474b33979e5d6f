"""What a unit expects of an action: how many nodes fall, who is arrested, whether the group goes down (M13)."""

import math

import numpy as np
import pytest

from sim.agents import planning
from sim.world.records import MemberStatus
from sim.world.world import World
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
    assert planning.unlinked_nodes(world, 0) == pytest.approx(7.0 + 1.0 + 2.0)
    assert planning.unseen_nodes(world, 0) == pytest.approx(7.0 + 1.0)


def test_trails_are_expected_at_the_pace_of_the_case_and_of_usual_hops(as_python: pytest.MonkeyPatch) -> None:
    """Two trails in 300 days and a usual one in 3.5 hops of 80 days, four at once: 3 in 370 days, so 1.2 in 148."""
    answers(as_python, planning, leads_followed=4.0)
    world = fresh(4, extra_hops=2.5, impatience_days=80.0)
    world.case["trails"][0], world.case["opened"][0] = 2, 700.0
    assert planning.trails_by(world, 0, 148.0) == pytest.approx(3 * 148.0 / 370.0)


@pytest.mark.parametrize(("reveal", "missed"), [(0.2, 0.8), (1.0, 0.01)])
def test_unseen_nodes_are_found_by_trails_and_by_analysis(
    as_python: pytest.MonkeyPatch, reveal: float, missed: float
) -> None:
    """Each of three trails misses a node with some chance, never none; half a year of analysis at 0.6 a year."""
    answers(as_python, planning, trails_by=3.0)
    world = fresh(4, reveal=reveal, technical_discovery=0.6)
    assert planning.found_by(world, 0, 365.25 / 2) == pytest.approx(1 - missed**3 * math.exp(-0.3))


def test_a_state_authorises_if_its_court_is_convinced_and_it_is_not_silent(as_python: pytest.MonkeyPatch) -> None:
    """A file of even odds shows a half; seven in ten such states answer."""
    answers(as_python, planning, silence_towards=0.3, order_probability=lambda _world, _state, _kind, shown: shown)
    assert planning.authority_by(fresh(4), 0, scene.AWAY, 0.0) == pytest.approx(0.5 * 0.7)


#: Removal where all is in time is .9; .7 are in time and .4 of the others fall nevertheless.
EVENTUAL = 0.9 * (0.7 + 0.3 * 0.4)
NOW = 0.2
PREPARED = 1.0 - math.exp(-0.5)  # half of the median time of preparation is over


def removal_scene(patch: pytest.MonkeyPatch, *, link: float = 0.0) -> World:
    """A node of AWAY, whose state is partner 0 and has not been asked yet."""
    world = fresh(4, removal=0.9, unsynchronised=0.4, readiness_days=60.0, proof_content=0.25, link=1.5)
    world.node["state"][0] = scene.AWAY
    world.case["first_partner"][0] = 0
    world.partner["state"][0], world.partner["asked"][0], world.partner["authorised"][0] = scene.AWAY, np.nan, 1
    answers(
        patch,
        planning,
        removal_of_known=NOW,
        synchrony=0.7,
        is_ready=False,
        trails_by=2.0,
        search_strength=0.3,
        unlinked_nodes=4.0,
        link_to=link,
        authority_by=lambda *asked: 0.5 * asked[3],
    )
    return world


def test_a_node_of_a_ready_state_falls_unless_it_is_warned(as_python: pytest.MonkeyPatch) -> None:
    """A unit that acts alone has no use for the readiness of others."""
    world = removal_scene(as_python)
    answers(as_python, planning, is_ready=True)
    assert planning.removal_by(world, 0, 0, 0.0, False) == pytest.approx(EVENTUAL)
    assert planning.removal_by(world, 0, 0, 0.0, True) == NOW


def test_waiting_helps_only_with_a_state_that_takes_part(as_python: pytest.MonkeyPatch) -> None:
    """Today, and in a state that takes no part, a node falls as it does today."""
    world = removal_scene(as_python)
    assert planning.removal_by(world, 0, 0, 0.0, False) == NOW
    world.case["first_partner"][0] = -1
    assert planning.removal_by(world, 0, 0, 30.0, False) == NOW


@pytest.mark.parametrize(("asked", "wait"), [(np.nan, 30.0), (scene.NOW - 40.0, 50.0)])
def test_a_state_that_has_not_become_ready_for_long_becomes_less_likely_to(
    as_python: pytest.MonkeyPatch, asked: float, wait: float
) -> None:
    """30 days of 60 count as much as 50 days of 60 after 40 in vain."""
    world = removal_scene(as_python)
    world.partner["asked"][0] = asked
    assert planning.removal_by(world, 0, 0, wait, False) == pytest.approx(NOW + PREPARED * (EVENTUAL - NOW))
    answers(as_python, planning, removal_of_known=0.8)
    assert planning.removal_by(world, 0, 0, wait, False) == 0.8  # more than the state's own action would reach


@pytest.mark.parametrize(("link", "odds"), [(1.0, 0.8), (0.0, 0.8 + 1.5 * (1 - math.exp(-0.5)))])
def test_trails_make_the_file_stronger_until_the_court_decides(
    as_python: pytest.MonkeyPatch, link: float, odds: float
) -> None:
    """Two trails prove .25 each; one of four unlinked nodes may be this one, if no trail has linked it yet."""
    world = removal_scene(as_python, link=link)
    answers(as_python, planning, removal_of_known=0.1)
    world.partner["authorised"][0] = 0
    expected = 0.1 + PREPARED * (EVENTUAL * 0.5 * odds - 0.1)
    assert planning.removal_by(world, 0, 0, 30.0, False) == pytest.approx(expected)


def test_less_than_one_unlinked_node_counts_as_one(as_python: pytest.MonkeyPatch) -> None:
    """Two trails link the only node with chance 1 − 1 ÷ e²."""
    world = removal_scene(as_python)
    answers(as_python, planning, removal_of_known=0.1, unlinked_nodes=0.5)
    world.partner["authorised"][0] = 0
    odds = 0.8 + 1.5 * (1 - math.exp(-2.0))
    expected = 0.1 + PREPARED * (EVENTUAL * 0.5 * odds - 0.1)
    assert planning.removal_by(world, 0, 0, 30.0, False) == pytest.approx(expected)


def test_known_nodes_alone_are_counted_among_those_that_fall(as_python: pytest.MonkeyPatch) -> None:
    """Two known nodes fall with ½ and ¼, a third is unknown."""
    chances = {1: 0.5, 2: 1.0, 3: 0.25}
    answers(as_python, planning, removal_by=lambda _world, _case, node, _wait, _alone: chances[node])
    world = fresh(8)
    world.group["first_node"][0], world.group["nodes"][0] = 1, 3
    scene.know(world, 1)
    scene.know(world, 3)
    assert planning.known_that_fall(world, 0, 30.0, False) == pytest.approx([0.375, 0.5, 0.125])


def test_wanted_members_of_the_case_are_arrested_each_by_chance(as_python: pytest.MonkeyPatch) -> None:
    """Two are wanted, with ½ and ¼; one is known to another unit, one held already. A unit alone arrests nobody."""
    answers(as_python, planning, arrest_probability=lambda _world, _case, state: 0.5 / (1 + state))
    world = fresh(8)
    world.group["first_member"][0], world.group["members"][0] = 1, 4
    world.member["known_by"][1:5] = 0, 1, 0, 0
    world.member["status"][1:5] = MemberStatus.WANTED
    world.member["status"][3] = MemberStatus.HELD
    world.member["residence"][1:5] = 0, 0, 0, 1
    world.case["known_members"][0] = 2
    assert planning.arrested_on_the_day(world, 0, False) == pytest.approx([0.375, 0.5, 0.125])
    assert planning.arrested_on_the_day(world, 0, True) == pytest.approx([1.0])


def test_nodes_and_people_together_take_a_group_down() -> None:
    """After a quarter of the core, so many nodes must fall that a tenth of the capability is left; after half, none."""
    setting = row_of_settings(nodes_to_fall=0.8, core_to_fall=0.5)[0]
    needed = planning.nodes_needed(setting, 0.25)
    by_people = 0.75 ** (math.log(0.1) / math.log(0.5))
    assert by_people * (1 - needed) ** (math.log(0.1) / math.log(0.2)) == pytest.approx(0.1)
    assert planning.nodes_needed(setting, 0.0) == pytest.approx(0.8)
    assert planning.nodes_needed(setting, 0.5) == 0.0


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
    chance = planning.chance_of_share(np.array(known), needed, fallen, left, today)
    assert chance == pytest.approx(reached / possible, abs=3e-6)


def test_a_group_without_any_node_cannot_lose_enough() -> None:
    """Nothing is known, and nothing is thought to be there."""
    assert planning.chance_of_share(np.array([1.0]), 0.5, 0.0, 0.0, True) == 0.0


@pytest.mark.parametrize(("known", "held", "least"), [(6, 2, 6), (3, 2, 5), (0, 0, 2), (1, 4, 9)])
def test_a_core_is_as_large_as_is_known_and_larger_than_arrests_could_break(known: int, held: int, least: int) -> None:
    """Two and a Poisson number of 3; half of a core in custody would have broken it."""
    setting = row_of_settings(core_members=3.0, core_to_fall=0.5)[0]
    weights = [poisson(3.0, size - 2) if size >= least else 0.0 for size in range(60)]
    sizes = planning.core_sizes(setting, known, held)
    assert sizes == pytest.approx(np.array(weights)[: len(sizes)] / sum(weights), abs=1e-9)


def test_a_core_that_is_larger_than_thought_possible_is_as_large_as_is_thought_of() -> None:
    """Where all cores have two members and five are known, ten more than these are thought of at most."""
    sizes = planning.core_sizes(row_of_settings(core_members=0.0)[0], 5, 0)
    assert sizes.tolist() == [0.0] * 14 + [1.0]


FOUND = 4.0 * 0.25  # of four unseen nodes
READY = 1.0 - math.exp(-0.5 * 30.0 / 60.0)
FALLS = 0.8 * READY * 0.1 * (0.3 + 0.6 + 0.7 + 0.4 * 2.0)  # strength: group, proof, link, and two trails


def forecast_scene(patch: pytest.MonkeyPatch, held: int, known: list[float]) -> World:
    """Four nodes are unseen, a quarter of which will be found; one member is arrested with chance .4."""
    world = fresh(4, search_strength=0.3, proof_content=0.4, link=0.7, removal=0.8, removal_unknown=0.15)
    world.setting["readiness_days"] = 60.0
    world.case["proof"][0] = 0.6
    answers(
        patch,
        planning,
        known_that_fall=np.array(known),
        arrested_on_the_day=np.array([0.6, 0.4]),
        unseen_nodes=4.0,
        found_by=0.25,
        trails_by=2.0,
        members_held=held,
        authority_by=lambda _world, _case, _state, strength: 0.1 * strength,
        core_sizes=np.array([0.0, 0.0, 0.25, 0.75]),
        nodes_needed=lambda _setting, share: 0.0 if share >= 0.5 else 0.6 - 0.5 * share,
    )
    answers(
        patch,
        planning,
        chance_of_share=lambda _known, needed, fallen, left, today: (
            0.5 * needed + 0.1 * fallen + 0.01 * left + 0.2 * today
        ),
    )
    return world


@pytest.mark.parametrize(("wait", "known"), [(30.0, [0.3, 0.5, 0.2]), (0.0, [0.3, 0.5, 0.2]), (30.0, [1.0])])
def test_without_anybody_held_a_forecast_counts_the_arrests_of_the_day(
    as_python: pytest.MonkeyPatch, wait: float, known: list[float]
) -> None:
    """Without arrests 60 % of the nodes are needed; one of two is enough by itself, one of three leaves 13 in 30.

    Unseen nodes fall as they are found, and others beside known ones only.
    """
    world = forecast_scene(as_python, 0, known)
    fallen = FOUND * FALLS * (wait > 0.0) + (4.0 - FOUND) * 0.15 * (len(known) > 1)
    others = 0.1 * fallen + 0.01 * (4.0 - fallen) + 0.2 * (wait == 0.0)
    chance = 0.6 * (0.3 + others) + 0.4 * (0.25 * 1.0 + 0.75 * (0.5 * 13 / 30 + others))
    nodes = (sum(number * share for number, share in enumerate(known)) + fallen) / (len(known) - 1 + 4.0)
    persons = 0.4 * (0.25 / 2 + 0.75 / 3)
    assert planning.forecast(world, 0, wait, False) == pytest.approx((chance, nodes, persons))


def test_those_held_already_count_in_a_forecast(as_python: pytest.MonkeyPatch) -> None:
    """One is held: a core of two is broken, one of three once another is arrested."""
    world = forecast_scene(as_python, 1, [0.3, 0.5, 0.2])
    fallen = FOUND * FALLS + (4.0 - FOUND) * 0.15
    needed = 0.5 * 13 / 30 + 0.1 * fallen + 0.01 * (4.0 - fallen)
    chance, _, persons = planning.forecast(world, 0, 30.0, False)
    assert chance == pytest.approx(0.6 * (0.25 + 0.75 * needed) + 0.4)
    assert persons == pytest.approx(0.6 * (0.25 / 2 + 0.75 / 3) + 0.4 * (0.25 + 0.75 * 2 / 3))


def test_few_nodes_count_as_one_in_the_share_that_falls(as_python: pytest.MonkeyPatch) -> None:
    """Half a node is expected to be there, of which a quarter is found."""
    world = forecast_scene(as_python, 0, [1.0])
    answers(as_python, planning, unseen_nodes=0.5)
    assert planning.forecast(world, 0, 30.0, False)[1] == pytest.approx(0.125 * FALLS)


def test_combinations_that_are_rare_are_left_out_and_the_others_count_as_all(as_python: pytest.MonkeyPatch) -> None:
    """One is held, and all sizes but one are rare: a core of three, of which one or two are in custody."""
    world = forecast_scene(as_python, 1, [1.0])
    answers(as_python, planning, core_sizes=np.array([0.0, 0.0, 0.0005, 0.8]), chance_of_share=0.3)
    chance, _, persons = planning.forecast(world, 0, 30.0, False)
    assert chance == pytest.approx(0.6 * 0.3 + 0.4 * 1.0)
    assert persons == pytest.approx(0.6 / 3 + 0.4 * 2 / 3)
