"""Tests of a unit's forecast of an action: seized nodes, arrests, and probability of a takedown (M13)."""

import math
from typing import Any

import numpy as np
import pytest

from sim.agents.assistance.court import search_strength
from sim.agents.investigation import foresight as rules
from sim.agents.investigation import planning
from sim.agents.investigation.custody import arrest_probability
from sim.agents.investigation.foresight import Custody, Outlook, Prospect, Room
from sim.agents.investigation.removal import removal_of_known, silence_towards
from sim.law.vocabulary import Channel
from sim.world.records import NONE, Growing, MemberStatus
from sim.world.world import World
from tests.agents.plain import add_partners, put, small, table
from tests.agents.scene import AWAY, FOURTH, HOME, NOW, OPEN, THIRD, know
from tests.tiny import row_of_settings

pytestmark = pytest.mark.usefixtures("as_python")

EASY = {"nodes_to_fall": 0.8, "core_to_fall": 0.5}


def poisson(mean: float, number: int) -> float:
    """Probability of a number under a Poisson distribution."""
    return math.exp(-mean) * mean**number / math.factorial(number)


def room() -> Any:
    """Working memory of a forecast, filled with unrelated numbers."""
    return np.full((len(Room), 100), 0.7)


def unit(settings: dict[str, float] | None = None, /) -> World:
    """Makes a world in which a case knows four of a group's five control nodes, each in another state.

    HOME is ready, AWAY has authorised, THIRD was asked 40 days ago; FOURTH takes no part. Only node 3 is linked.
    """
    usual = {"with_trust": 0.0, "with_liaison_desks": 1.0, "silence_habit": 0.0, "synchrony_alone": 0.6}
    usual |= {"unsynchronised": 0.5, "removal": 0.8, "removal_by_host": 0.3, "readiness_days": 60.0, "link": 1.5}
    usual |= {"questions": 0.0, "court_refuses": 0.0}
    world = small(12, EASY | usual | {"control_nodes": 5.0, "search_strength": -1.0} | (settings or {}))
    put(world, "group", first_node=1, nodes=5, first_member=1, members=4)
    put(world, "node", 1, state=(HOME, AWAY, THIRD, FOURTH, AWAY))
    world.used[[Growing.NODE, Growing.MEMBER]] = 6, 5
    for node in range(1, 5):
        know(world, node, link=1.5 if node == 3 else 0.0)
    put(world, "case", opened=700.0, proof=0.7)
    world.member["known_by"] = NONE
    ready, asked = (np.nan, NOW - 1.0, np.nan), (np.nan, np.nan, NOW - 40.0)
    return add_partners(world, AWAY, HOME, THIRD, ready_at=ready, authorised=(1, 1, 0), asked=asked)


def test_search_thins_what_is_unseen() -> None:
    """A search without result lowers the expected number of unknown nodes by its detection probability."""
    world = unit()
    assert (rules.unseen_nodes(world, 0), rules.unlinked_nodes(world, 0)) == (7.0, 7.0 + 3.0)
    put(world, "case", search=1.0)
    assert rules.unseen_nodes(world, 0) == pytest.approx(7.0 / math.e)
    put(world, "sighting", 0, in_sight=0)
    assert rules.unseen_nodes(world, 0) == pytest.approx(7.0 / math.e + 1.0)
    assert rules.unlinked_nodes(world, 0) == pytest.approx(7.0 / math.e + 3.0)


def test_trails_are_expected_at_the_pace_of_the_case_and_of_usual_hops() -> None:
    """The expected number of new chains combines the pace of this case with the usual pace.

    Two trails in 300 days and a usual one in 3.5 hops of 80 days, four at once: 3 in 370 days, so 1.2 in 148.
    """
    world = unit({"extra_hops": 2.5, "impatience_days": 80.0, "chains": 4.0, "effort": 0.0})
    put(world, "case", trails=2)
    assert rules.trails_by(world, 0, 148.0) == pytest.approx(1.2)


@table((0.2, 0.8), (1.0, 0.01))
def test_unseen_nodes_are_found_by_trails_and_by_analysis(reveal: float) -> float:
    """Unknown nodes are found by completed chains and by analysis at their own rates."""
    setting = row_of_settings(reveal=reveal, technical_discovery=0.6)[0]
    return ((1.0 - rules.found_by(setting, 3.0, 365.25 / 2)) / math.exp(-0.3)) ** (1 / 3)


def test_what_a_unit_knows_of_each_node() -> None:
    """The forecast for a known node depends on readiness, warning, silence and authority of its state."""
    world = unit()
    of = rules.prospects_of(world, 0, False)
    assert of[:, Prospect.READY] == pytest.approx([0.8, 0.8 * 0.8, 0.8 * 0.8, 0.8 * 0.8])
    by_host = [removal_of_known(world, 0, world.node[row], False) for row in range(1, 5)]
    assert of[:, Prospect.TODAY] == pytest.approx([0.8, *by_host[1:]])
    assert of[:, Prospect.PATIENCE].tolist() == [0.0, 60.0, 60.0 + 40.0, 0.0]
    assert of[1:3, Prospect.ODDS].tolist() == [math.inf, pytest.approx(search_strength(world, 0, THIRD))]
    expected = pytest.approx([1.0 - silence_towards(world, 0, THIRD), 0.0, THIRD])
    assert of[2, [Prospect.ANSWERS, Prospect.LINK, Prospect.STATE]] == expected
    put(world, "sighting", link=(0.0,) * 4)
    put(world, "partner", ready_at=(np.nan,) * 3)
    assert rules.prospects_of(world, 0, False)[2, Prospect.LINK] == 1.5
    put(world, "partner", ready_at=(NOW,) * 3)
    assert rules.prospects_of(world, 0, False)[:, Prospect.TODAY] == pytest.approx([0.8, 0.64, 0.64, by_host[3]])
    alone = rules.prospects_of(world, 0, True)
    assert alone[:, Prospect.TODAY] == pytest.approx([0.8, *by_host[1:]])
    put(world, "case", known_nodes=2)
    assert len(rules.prospects_of(world, 0, False)) == 2


@table(
    today=(0.0, {}, 1.0, 0.3),
    nothing_changes=(50.0, {Prospect.PATIENCE: 0.0}, 1.0, 0.3),
    authorised=(50.0, {}, 1.0, 0.3 + (1 - math.exp(-0.5)) * 0.5),
    long=(1e9, {}, 1.0, 0.8),
    before_its_court=(50.0, {Prospect.ODDS: 0.0}, 0.5, 0.3 + (1 - math.exp(-0.5)) * 0.1),
    court_says_no=(50.0, {Prospect.ODDS: 0.0}, 0.0, 0.3),
    silent=(50.0, {Prospect.ODDS: 0.0, Prospect.ANSWERS: 0.5}, 1.0, 0.3 + (1 - math.exp(-0.5)) * 0.1),
)
def test_a_node_falls_the_likelier_the_longer_its_state_has_time(wait: float, changes: Any, order: float) -> Any:
    """A node is more likely to be seized the more time its state has to prepare.

    Today with 0.3; with 0.8 once the state is ready, of which 1 − 1 ÷ e are in 100 days. No worse than today.
    """
    world = unit({"proof_content": 0.0, "proof_steepness": 0.0})
    world.implementation[THIRD] = 2.0 * order
    of = np.zeros(len(Prospect))
    of[[Prospect.TODAY, Prospect.READY, Prospect.PATIENCE, Prospect.STATE]] = 0.3, 0.8, 100.0, THIRD
    of[[Prospect.ODDS, Prospect.ANSWERS]] = math.inf, 1.0
    for place, value in changes.items():
        of[place] = value
    return rules.removal_by(world, of, wait, 2.0, 9.0)


@table((2.0, 8.0, 1 - math.exp(-0.25)), (2.0, 0.5, 1 - math.exp(-2.0)), (0.0, 8.0, 0.0))
def test_trails_strengthen_the_file_and_may_link_the_node(trails: float, unlinked: float) -> float:
    """Completed chains of evidence make it more likely that a state authorises the seizure of a node."""
    world = unit({"proof_content": 0.4})
    of = np.zeros(len(Prospect))
    of[[Prospect.READY, Prospect.PATIENCE, Prospect.STATE, Prospect.ODDS]] = 1.0, 1e-9, THIRD, 0.2
    of[[Prospect.ANSWERS, Prospect.LINK]] = 1.0, 1.5
    world.implementation[THIRD] = 1.0
    found = rules.removal_by(world, of, 1.0, trails, unlinked)
    low, high = -5.0, 5.0  # log-odds that a court of this world would answer so
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if rules.authority_by(world, THIRD, middle) < found else (low, middle)
    return round((low - 0.2 - 0.4 * trails) / 1.5, 6)


def custody(settings: dict[str, float] | None = None, /, held: int = 1) -> World:
    """Makes a world in which some members of a group are wanted, held or suspected."""
    world = unit({"arrest": 0.5, "core_members": 3.0} | (settings or {}))
    world.instrument[HOME, AWAY, Channel.SURRENDER] = OPEN
    third = MemberStatus.HELD if held else MemberStatus.SUSPECTED
    wanted = MemberStatus.WANTED
    put(world, "member", 1, known_by=(0, 1, 0, 0), status=(wanted, wanted, third, wanted), residence=(HOME, 0, 0, AWAY))
    put(world, "case", known_members=3)
    return world


def test_wanted_members_of_the_case_are_arrested_each_by_chance() -> None:
    world = custody()
    abroad = arrest_probability(world, 0, AWAY)
    assert 0.0 < abroad < 0.5
    expected = np.convolve([0.5, 0.5], [1 - abroad, abroad])
    assert rules.arrested_on_the_day(world, 0, False) == pytest.approx([*expected, 0.0])
    assert rules.arrested_on_the_day(world, 0, True) == pytest.approx([1.0])


def test_nodes_and_people_together_take_a_group_down() -> None:
    """A takedown requires fewer seized nodes after more of the core was arrested."""
    setting = row_of_settings(**EASY)[0]
    needed = rules.nodes_needed(setting, 0.25)
    by_people = 0.75 ** (math.log(0.1) / math.log(0.5))
    assert by_people * (1 - needed) ** (math.log(0.1) / math.log(0.2)) == pytest.approx(0.1)
    assert rules.nodes_needed(setting, 0.0) == pytest.approx(0.8) and rules.nodes_needed(setting, 0.5) == 0.0


@pytest.mark.parametrize(("known", "held", "least"), [(6, 2, 6), (3, 2, 5), (0, 0, 2), (1, 4, 9)])
def test_a_core_is_as_large_as_is_known_and_larger_than_arrests_could_break(known: int, held: int, least: int) -> None:
    """The assumed size of a core fits the known members and the arrests so far."""
    sizes = rules.core_sizes(row_of_settings(core_members=0.0)[0], 5, 0)
    assert sizes.tolist() == [0.0] * 14 + [1.0]
    setting = row_of_settings(core_members=3.0, core_to_fall=0.5)[0]
    weights = [poisson(3.0, size - 2) if size >= least else 0.0 for size in range(60)]
    sizes = rules.core_sizes(setting, known, held)
    assert sizes == pytest.approx(np.array(weights)[: len(sizes)] / sum(weights), abs=1e-9)


@pytest.mark.parametrize("held", [0, 1])
@pytest.mark.parametrize("alone", [True, False])
def test_all_numbers_of_arrests_and_sizes_of_the_core_that_are_likely(held: int, alone: bool) -> None:
    world = custody(held=held)
    arrested, sizes = rules.arrested_on_the_day(world, 0, alone), rules.core_sizes(world.setting[0], 3, held)
    expected = []
    for number, chance in enumerate(arrested):
        if held + number == 0:
            expected.append((chance, 0.0, rules.nodes_needed(world.setting[0], 0.0)))
            continue
        for size in range(2, len(sizes)):
            core = min((held + number) / size, 1.0)
            if chance * sizes[size] >= 1e-3:
                expected.append((chance * sizes[size], core, rules.nodes_needed(world.setting[0], core)))
    found = rules.custody_by(world, 0, alone)
    assert found == pytest.approx(np.array(expected))
    assert found[:, Custody.WEIGHT].sum() == pytest.approx(1.0, abs=0.02)


@table((0.0, 1e-6, 2), (0.1, 1e-6, 5), (30.0, 1e-3, 47), (500.0, 1e-9, 100))
def test_numbers_are_considered_until_they_are_rare(mean: float, rare: float) -> int:
    """A distribution of counts is cut off at improbable numbers and at one hundred."""
    weights = rules.poisson_numbers(np.empty(100), mean, rare)
    if mean < 100:
        assert weights == pytest.approx([poisson(mean, number) for number in range(len(weights))])
        assert weights[-1] >= rare or len(weights) <= mean + 2
        assert poisson(mean, len(weights)) < rare
    return len(weights)


@pytest.mark.parametrize("known", [[0.3, 0.5, 0.2], [1.0], [0.4, 0.6]])
@pytest.mark.parametrize("today", [True, False])
@pytest.mark.parametrize("needed", [0.5, 0.8, 0.0])
def test_the_chance_that_enough_nodes_fall(known: list[float], today: bool, needed: float) -> None:
    """The probability of enough seized nodes sums over all numbers of unknown nodes."""
    fallen, left = 1.3, 2.4
    reached = {needed: 0.0, 1.0: 0.0}
    possible = 0.0
    for more in range(30):
        for unseen in range(30):
            total = len(known) - 1 + more + unseen
            weight = poisson(fallen, more) * poisson(left, unseen)
            if total < 2:
                continue
            possible += weight
            for share in reached:
                for fell, chance in enumerate(known):
                    if fell + more >= share * total and (not today or fell > 0 or more == 0 or share == 0.0):
                        reached[share] += weight * chance
    custody_ = np.array([[0.2, 0.0, needed], [0.4, 0.5, 1.0]])
    without_nodes = rules.chance_of_takedown(np.array([1.0]), np.array([[1.0, 0.0, 0.5]]), 0.0, 0.0, True, room())
    assert without_nodes == 0.0
    chance = rules.chance_of_takedown(np.array(known), custody_, fallen, left, today, room())
    assert chance == pytest.approx((reached[needed] + 2 * reached[1.0]) / possible / 3, abs=3e-6)


@pytest.mark.parametrize("known", [0, 2])
@pytest.mark.parametrize("wait", [0.0, 45.0])
def test_a_forecast_counts_known_nodes_and_others_that_are_found_or_fall_with_them(known: int, wait: float) -> None:
    """A forecast includes unknown nodes that are found in time or seized with known ones."""
    world = unit({"removal_unknown": 0.2, "technical_discovery": 0.6, "reveal": 0.2, "proof_content": 0.4})
    prospects = np.zeros((known, len(Prospect)))
    prospects[:, Prospect.TODAY] = 0.3
    outlook = Outlook(prospects, np.array([[0.3, 0.25, 0.5], [0.1, 0.5, 0.0]]), 4.0, 9.0, room())
    trails = rules.trails_by(world, 0, wait)
    found = 4.0 * rules.found_by(world.setting[0], trails, wait)
    ready = 0.8 * (1 - math.exp(-wait / 120.0)) * rules.authority_by(world, HOME, -1.0 + 0.7 + 1.5 + 0.4 * trails)
    fallen = found * ready + (4.0 - found) * (0.2 if known else 0.0)
    distribution = np.array([0.49, 0.42, 0.09]) if known else np.ones(1)
    chance, nodes, core = rules.forecast_by(world, 0, outlook, wait)
    expected = rules.chance_of_takedown(distribution, outlook.custody, fallen, 4.0 - fallen, wait == 0.0, room())
    assert (chance, core) == pytest.approx((expected, 0.3125))
    assert nodes == pytest.approx((0.3 * known + fallen) / (known + 4.0))
    tiny = outlook._replace(unseen=0.25)
    assert rules.forecast_by(world, 0, tiny, wait)[1] <= 1.0


@pytest.mark.parametrize("alone", [True, False])
def test_an_outlook_is_gathered_once_for_all_days(alone: bool) -> None:
    world = custody()
    outlook = rules.outlook_of(world, 0, alone)
    assert outlook.prospects == pytest.approx(rules.prospects_of(world, 0, alone))
    assert outlook.custody == pytest.approx(rules.custody_by(world, 0, alone))
    assert (outlook.unseen, outlook.unlinked) == (rules.unseen_nodes(world, 0), rules.unlinked_nodes(world, 0))
    for wait in (0.0, 90.0):
        assert rules.forecast(world, 0, wait, alone) == rules.forecast_by(world, 0, outlook, wait)
    put(world, "setting", removal=0.99)
    assert rules.forecast(world, 0, 90.0, alone)[0] > rules.forecast_by(world, 0, outlook, 0.0)[0]


def test_no_unit_foresees_by_how_many_nodes_or_members_a_group_has() -> None:
    """The forecast does not depend on facts that the unit does not know."""
    known, larger = custody(), custody()
    put(larger, "group", nodes=7, members=6)
    assert rules.forecast(known, 0, 90.0, False) == rules.forecast(larger, 0, 90.0, False)
    assert planning.weigh(known, 0) == planning.weigh(larger, 0)
