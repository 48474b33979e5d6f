"""A group that knows it is watched: servers move, evidence goes faster (M13)."""

from sim.agents.cases import is_working
from sim.agents.events import Purpose
from sim.agents.place import flee
from sim.agents.provider import hastened
from sim.agents.sightings import is_watched
from sim.engine.compiling import Key, rule
from sim.engine.random import chance, derive
from sim.world.records import EvidenceStatus
from sim.world.world import World


@rule
def alert(world: World, row: int, case_key: Key, ordinal: int) -> None:
    """The group learns that a case watches it: known nodes move, evidence moves faster (M13)."""
    group, setting, now = world.group[row], world.setting[0], world.now[0]
    if setting.with_alert == 0.0:
        return
    group.alert_until = now + setting.alert_days
    for i in range(group.first_node, group.first_node + group.nodes):
        node = world.node[i]
        key = derive(node.key, case_key)
        if is_watched(world, i) and chance(setting.seed, Purpose.NODE_ALERT, key, ordinal, setting.alert_move):
            flee(world, i)
    case_row = group.first_case
    while case_row >= 0:
        hasten_evidence(world, case_row)
        case_row = world.case[case_row].next_case


@rule
def hasten_evidence(world: World, case_row: int) -> None:
    """Evidence that a case is after, alone or merged with another, moves faster while its group is alerted."""
    case, setting, now = world.case[case_row], world.setting[0], world.now[0]
    if not is_working(world, case_row):
        return
    chain_row = case.first_chain
    while chain_row >= 0:
        chain = world.chain[chain_row]
        if chain.evidence >= 0:
            item = world.evidence[chain.evidence]
            if item.status == EvidenceStatus.AVAILABLE:
                item.moves_at = hastened(item.moves_at, now, setting.alert_multiplier, setting.alert_days)
        chain_row = chain.next_chain
