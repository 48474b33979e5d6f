"""Control nodes on an action day: which of them fall (M13).

A node falls nearly surely where its state is ready. Without that state's authority it falls if its host obliges, or
with its domain if the registry's state has authorised. An unknown node is never easier than a known one.
"""

import math

import numpy as np

from sim.agents.assistance import acts_in_time, lies_unanswered, silence_habit, silence_probability
from sim.agents.cases import find_partner, knows
from sim.agents.crime import lose_node
from sim.agents.events import Purpose
from sim.engine.compiling import Record, rule
from sim.engine.random import derive, uniform
from sim.world.world import World


@rule
def silence_towards(world: World, case_row: int, state: int) -> float:
    """P(a state never answers requests from a case's state)."""
    case, setting = world.case[case_row], world.setting[0]
    if state == case.state:
        return 0.0
    affinity, nationals = world.affinity[case.state, state], state == world.group[case.group].home
    habit = silence_habit(setting, case.state, state)
    return silence_probability(setting, affinity, nationals, world.implementation[state], habit)


@rule
def is_willing(world: World, case_row: int, state: int) -> bool:
    """True if a state is willing to cooperate with a case and would answer its requests (M3)."""
    key = derive(world.case[case_row].key, state)
    return not lies_unanswered(world.setting[0], key, silence_towards(world, case_row, state))


@rule
def is_ready(world: World, case_row: int, state: int) -> bool:
    """True if a state in the preparation of a case is both authorised and prepared."""
    row = find_partner(world, case_row, state)
    return row >= 0 and not math.isnan(world.partner[row].ready_at)


@rule
def removal_with_domain(world: World, case_row: int, node: Record) -> float:
    """P(a node falls by seizure of its domain), if a court in the registry's state authorises the seizure."""
    row = find_partner(world, case_row, node.registry) if node.registry >= 0 else -1
    return world.setting[0].removal if row >= 0 and world.partner[row].authorised == 1 else 0.0


@rule
def removal_without_authority(world: World, case_row: int, node: Record) -> float:
    """P(a known node in a state that is not ready falls), through its host or its domain."""
    setting = world.setting[0]
    by_host = setting.removal_by_host * (1.0 - world.provider[node.provider].bulletproof)
    by_host *= 1.0 - silence_towards(world, case_row, node.state)
    either = 1.0 - (1.0 - by_host) * (1.0 - removal_with_domain(world, case_row, node))
    return min(either, setting.removal)


@rule
def removal_of_known(world: World, case_row: int, node: Record, alone: bool) -> float:
    """P(a known node falls in an action today); with `alone`, only the unit's own state acts."""
    if is_ready(world, case_row, node.state) and not (alone and node.state != world.case[case_row].state):
        return world.setting[0].removal
    return removal_without_authority(world, case_row, node)


@rule
def strike_node(world: World, case_row: int, action: Record, node_row: int) -> bool:
    """Draws if a control node falls; returns true if it falls by seizure of its domain."""
    node, setting = world.node[node_row], world.setting[0]
    group = world.group[world.case[case_row].group]
    known = knows(world, case_row, node_row)
    alone = action.disruption == 1
    ready = known and is_ready(world, case_row, node.state) and not (alone and node.state != world.case[case_row].state)
    in_time = not ready or acts_in_time(world, case_row, find_partner(world, case_row, node.state))
    action.known_nodes += int(known)
    action.ready_nodes += int(ready)
    action.synchronous = min(action.synchronous, int(in_time))
    if known:
        probability = removal_of_known(world, case_row, node, alone)
    else:  # it falls together with known ones, by keys and images that were seized
        probability = min(setting.removal_unknown, removal_without_authority(world, case_row, node))
    if not in_time:
        probability *= setting.unsynchronised
    case = world.case[case_row]
    key = derive(derive(derive(node.key, group.generation), case.key), case.actions)  # each action is another chance
    drawn = uniform(setting.seed, Purpose.NODE_REMOVED, key, node.moves)
    by_domain = not ready and drawn < removal_with_domain(world, case_row, node)
    if drawn < probability:
        action.killed += 1
        action.seized += int(ready)
        lose_node(world, node_row)
    return by_domain and drawn < probability


@rule
def strike(world: World, case_row: int, action: Record) -> bool:
    """Removes known control nodes by chance and, if any falls, unknown nodes that fall with them.

    Returns whether most of what fell did so with its domain.
    """
    group = world.group[world.case[case_row].group]
    by_domain = 0
    known = np.zeros(group.nodes, np.bool_)  # a node that falls is unknown from then on
    for slot in range(group.nodes):
        known[slot] = knows(world, case_row, group.first_node + slot)
    for slot in range(group.nodes):
        if known[slot]:
            by_domain += int(strike_node(world, case_row, action, group.first_node + slot))
    struck = action.killed
    for slot in range(group.nodes):
        if not known[slot] and struck > 0:
            by_domain += int(strike_node(world, case_row, action, group.first_node + slot))
    return 2 * by_domain > action.killed
