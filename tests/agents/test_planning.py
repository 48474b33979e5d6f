"""The choice at a review, by what the unit knows (M13)."""

import ast
import math
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.agents import foresight, planning
from sim.agents.foresight import chance_of_takedown, unseen_nodes, with_trial
from sim.agents.planning import days_of_takedown, days_of_weakening
from sim.agents.removal import removal_of_known, removal_of_unknown
from sim.engine.compiling import in_python, kernel
from sim.world.records import CaseStatus
from sim.world.world import records as rows_of
from sim.world.world_pointer import attach
from tests.agents import scene
from tests.tiny import begun, row_of_settings

SETTING = row_of_settings()[0]


def trials(probabilities: list[float]) -> np.ndarray:
    """Distribution of the number of successes of independent trials."""
    distribution = np.zeros(len(probabilities) + 1)
    distribution[0] = 1.0
    for number, probability in enumerate(probabilities):
        in_python(with_trial)(distribution, number, probability)
    return distribution


@given(st.lists(st.floats(0, 1), max_size=8))
def test_number_of_known_nodes_that_fall(probabilities: list[float]) -> None:
    distribution = trials(probabilities)
    assert distribution.sum() == pytest.approx(1.0)
    assert distribution @ np.arange(len(distribution)) == pytest.approx(sum(probabilities))


@settings(max_examples=12)
@given(st.lists(st.floats(0, 1), max_size=5), st.floats(0.1, 0.9), st.floats(0, 2), st.floats(0, 4), st.booleans())
def test_chance_of_takedown_against_simulation(
    probabilities: list[float], needed: float, fallen: float, left: float, today: bool
) -> None:
    """Within .012, four standard errors of 30,000 draws; a group has at least two nodes."""
    draw = np.random.default_rng(7)
    fell = sum((draw.random(30_000) < p for p in probabilities), np.zeros(30_000))
    more, survive = draw.poisson(fallen, 30_000), draw.poisson(left, 30_000)
    total = len(probabilities) + more + survive
    possible = total >= 2
    if possible.mean() < 0.2:
        return  # too few draws to compare with
    more[today & (fell == 0)] = 0
    reached = (fell + more)[possible] >= needed * total[possible] - 1e-9
    custody = np.array([[1.0, 0.0, needed]])
    chance = in_python(chance_of_takedown)(trials(probabilities), custody, fallen, left, today)
    assert chance == pytest.approx(reached.mean(), abs=0.012 / math.sqrt(possible.mean()))


def test_search_thins_what_is_unseen() -> None:
    """A search that would find any node with chance 1 − 1 ÷ e leaves 1 ÷ e of the prior, no matter what was found."""
    world = scene.scene(4)
    rule = in_python(unseen_nodes)
    prior = rule(world, 0)
    assert prior == pytest.approx(2.0 + SETTING.control_nodes)
    world.case["search"][0], world.case["known_nodes"][0] = 1.0, 3
    assert rule(world, 0) == pytest.approx(prior / math.e)
    world.group["nodes"][0] = 4
    world.case["known_nodes"][0] = 0
    scene.know(world, 0, in_sight=False)  # what it lost sight of is there for certain
    scene.know(world, 1, in_sight=False)
    assert rule(world, 0) == pytest.approx(prior / math.e + 2.0)
    world.sighting["in_sight"][0] = 1  # and found again
    assert rule(world, 0) == pytest.approx(prior / math.e + 1.0)


@given(st.floats(0, 0.9), st.floats(0, 0.9), st.floats(0, 0.1))
def test_more_loss_averts_more(nodes: float, core: float, more: float) -> None:
    rule = in_python(days_of_weakening)
    days = rule(SETTING, nodes, core, 0.0)
    assert 0.0 <= days <= rule(SETTING, nodes + more, core, 0.0) <= SETTING.rebuild_days
    assert rule(SETTING, 0.0, core, core) == 0.0  # earlier arrests are no merit of the day


def test_takedowns_with_arrests_avert_most() -> None:
    rule = in_python(days_of_takedown)
    by_kind = [rule(SETTING, kind, 1.0, 0.0) for kind in range(6)]
    assert all(0.0 < days <= SETTING.horizon_days for days in by_kind)
    assert min(rule(SETTING, kind, 1.0, 0.5) for kind in range(6)) > max(by_kind)
    assert all(rule(SETTING, kind, 0.7, 0.0) < by_kind[kind] for kind in range(6))  # survivors are a base


def test_no_planner_reads_how_many_nodes_a_group_has() -> None:
    """`.nodes` of a group may bound a loop over what is known, and nothing else."""
    sources = (Path(module.__file__).read_text() for module in (foresight, planning))
    tree = ast.parse("".join(sources))
    loops = {id(node) for loop in ast.walk(tree) if isinstance(loop, ast.For) for node in ast.walk(loop.iter)}
    read = [node for node in ast.walk(tree) if isinstance(node, ast.Attribute) and node.attr in ("nodes", "members")]
    assert read
    assert all(id(node) in loops for node in read)


@kernel
def _removals(world, case_row, out):
    scene_ = attach(world)
    group = scene_.group[scene_.case[case_row].group]
    for slot in range(group.nodes):
        node = scene_.node[group.first_node + slot]
        out[slot, 0] = removal_of_unknown(scene_, case_row, node)
        out[slot, 1] = removal_of_known(scene_, case_row, node, True)
        out[slot, 2] = removal_of_known(scene_, case_row, node, False)


def test_a_known_node_is_never_harder_than_an_unknown_one() -> None:
    """In a world after two years: unknown ≤ known by the unit alone ≤ by all that are ready ≤ with authority."""
    simulation = begun(3)
    simulation.advance(simulation.end)
    world = simulation.world
    cases = rows_of(world, "case")
    seen = 0
    for row in np.flatnonzero(cases["status"] <= CaseStatus.PREPARING):
        out = np.zeros((64, 3))
        _removals(world, int(row), out)
        out = out[: int(rows_of(world, "group")["nodes"][cases["group"][row]])]
        assert (np.diff(out, axis=1) >= 0).all()
        assert out.max() <= SETTING.removal
        seen += len(out)
    assert seen > 10


def test_a_domain_falls_once_its_registry_may_act() -> None:
    """A node in a silent state, on a domain: hardly by its host, nearly surely once the registry's court agrees."""
    world = scene.scene(4)
    world.group["nodes"][0] = 1
    scene.know(world, 0)
    world.node["state"][0], world.node["registry"][0] = scene.AWAY, scene.THIRD
    world.case["first_partner"][0] = 0
    world.partner["state"][0] = scene.THIRD
    world.partner["ready_at"] = np.nan
    out = np.zeros((1, 3))
    _removals(world, 0, out)
    assert out[0, 2] <= SETTING.removal_by_host
    world.partner["authorised"][0] = 1
    _removals(world, 0, out)
    assert out[0, 2] >= 0.99 * SETTING.removal
