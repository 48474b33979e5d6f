"""What a file proves: the strength that a court is shown on the day on which it decides (M2, M8, M10).

Strength is a log-odds that grows with evidence in due form and is shown as a share. A group is proved by completed
trails; a control node or a core member by the trail that leads to it. What police informed of and what technical
analysis found identifies a target and proves nothing.
"""

import math

from sim.agents.authority import logistic
from sim.agents.cases import lead_of
from sim.agents.sightings import knows, link_to
from sim.engine.compiling import Record, rule
from sim.law.vocabulary import DataKind
from sim.world.records import RequestPurpose
from sim.world.world import World


@rule
def gaps(chain: Record) -> int:
    """Hops that a trail passed without evidence that a court may use."""
    mask, number = chain.gaps, 0
    while mask > 0:
        number += mask & 1
        mask >>= 1
    return number


@rule
def trail_strength(world: World, lead_row: int, chain_row: int) -> float:
    """Log-odds shown when data are asked for on a trail, or beside one (`chain_row` −1)."""
    setting = world.setting[0]
    odds = setting.trail_strength + world.case[lead_row].proof
    if chain_row >= 0:
        odds -= setting.gap * gaps(world.chain[world.chain[chain_row].head])
    return odds


@rule
def concerns(node: Record, state: int) -> bool:
    """Whether a state can remove a control node: it lies there, or the registry of its domain does."""
    return node.state == state or node.registry == state


@rule
def search_strength(world: World, lead_row: int, state: int) -> float:
    """Log-odds shown when searches in a state are asked for: the group, and the best proved of its nodes there."""
    group = world.group[world.case[lead_row].group]
    link = 0.0
    for row in range(group.first_node, group.first_node + group.nodes):
        if concerns(world.node[row], state) and knows(world, lead_row, row):
            link = max(link, link_to(world, lead_row, row))
    return world.setting[0].search_strength + world.case[lead_row].proof + link


@rule
def person_strength(world: World, lead_row: int, member: Record) -> float:
    """Log-odds that a core member took part."""
    return world.setting[0].search_strength + world.case[lead_row].proof + member.link


@rule
def shown(world: World, request: Record) -> float:
    """Strength that a genuine request shows today, 0–1."""
    lead_row = lead_of(world, request.case)
    if request.purpose == RequestPurpose.ACTION:
        return logistic(search_strength(world, lead_row, request.requested))
    return logistic(trail_strength(world, lead_row, request.chain))


@rule
def ends_in_evidence(chain: Record) -> bool:
    """Whether a court may use the last answer of a completed trail."""
    return (chain.gaps >> (chain.hops - 1)) & 1 == 0


@rule
def proves(world: World, chain_row: int) -> float:
    """Log-odds by which a completed trail links what it led to: none where its last answer is not evidence."""
    chain, setting = world.chain[chain_row], world.setting[0]
    if not ends_in_evidence(chain):
        return 0.0
    return max(setting.link - setting.gap * gaps(chain), 0.0)


@rule
def add_proof(world: World, case_row: int, data_kind: int) -> None:
    """Evidence adds to the file of the case, and of the case that leads it; content adds most."""
    setting = world.setting[0]
    weight = setting.proof_content if data_kind == DataKind.CONTENT else setting.proof_records
    world.case[case_row].proof += weight
    lead_row = lead_of(world, case_row)
    if lead_row != case_row:
        world.case[lead_row].proof += weight


@rule
def is_stronger(odds: float, before: float) -> bool:
    """Whether a file has grown since it was last shown."""
    return math.isinf(before) or odds > before + 1.0e-9
