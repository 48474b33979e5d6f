"""Where a group's servers stand: hosting supply, havens and risk, and operators who stay for years (M15)."""

import math

import numpy as np

from sim.agents.events import Event, Purpose, schedule
from sim.engine.compiling import rule
from sim.engine.random import chance, choose, derive, exponential, uniform
from sim.world.records import GroupStatus, Growing
from sim.world.world import World


def place_weights(
    hosting: np.ndarray,
    bulletproof: np.ndarray,
    perceived_risk: np.ndarray,
    elasticity: float,
    draw: float,
    risk: float,
) -> np.ndarray:
    """Cumulative weights of a conditional logit over states (M15).

    Args:
        hosting: hosting supply by state, any unit, float64 [state].
        bulletproof: availability of bulletproof hosting, 0–1, float64 [state].
        perceived_risk: how likely criminals think action there is, 0–1, float64 [state].
        elasticity: β₁ on log hosting.
        draw: β₂ on bulletproof hosting.
        risk: β₃ on perceived risk.

    Returns:
        Cumulative probabilities, float64 [state]; states without hosting have none.
    """
    utility = elasticity * np.log(np.where(hosting > 0, hosting, 1.0)) + draw * bulletproof - risk * perceived_risk
    weights = np.where(hosting > 0, np.exp(utility - utility.max()), 0.0)
    return np.cumsum(weights / weights.sum())


@rule
def add_node(world: World, group_row: int, slot: int) -> None:
    """A control node is set up in a state drawn from hosting supply and perceived risk (M15)."""
    row = world.used[Growing.NODE]
    world.used[Growing.NODE] = row + 1
    node = world.node[row]
    node.key = derive(world.group[group_row].key, slot)
    node.group = group_row
    node.slot = slot
    node.known_by = -1
    node.known_at = math.nan
    settle_node(world, row)


@rule
def settle_node(world: World, row: int) -> None:
    """The node's operator takes a place in a state, and stays there for years."""
    node, setting, now = world.node[row], world.setting[0], world.now[0]
    u = uniform(setting.seed, Purpose.NODE_PLACE, node.key, node.moves)
    node.state = choose(world.place_hosting, u)
    node.provider = world.state[node.state].host_provider
    node.since = now
    stay = exponential(setting.seed, Purpose.NODE_STAY, node.key, node.moves, setting.stay_years * 365.25)
    node.moves_at = now + stay
    schedule(world, setting.seed, node.moves_at, Event.NODE_MOVE, node.key, row, node.moves)


@rule
def move_node(world: World, row: int) -> None:
    """The node goes elsewhere; whoever knew it knows it no longer."""
    forget_node(world, row)
    world.node[row].moves += 1
    settle_node(world, row)


@rule
def slip_away(world: World, row: int) -> None:
    """The node moves for reasons of its own; a unit that watches it may follow."""
    node, setting = world.node[row], world.setting[0]
    if chance(setting.seed, Purpose.NODE_TRACKED, node.key, node.moves, setting.tracking):
        node.moves += 1
        settle_node(world, row)
    else:
        move_node(world, row)


@rule
def forget_node(world: World, row: int) -> None:
    """The case that knew the node loses sight of it."""
    node = world.node[row]
    if node.known_by >= 0:
        world.case[node.known_by].known_nodes -= 1
    node.known_by = -1
    node.known_at = math.nan


@rule
def node_stay_ends(world: World, row: int, stamp: int) -> None:
    """The operator leaves the state by itself, unless the group is gone or has moved meanwhile."""
    node = world.node[row]
    status = world.group[node.group].status
    if node.moves == stamp and (status == GroupStatus.ACTIVE or status == GroupStatus.DOWN):
        slip_away(world, row)
