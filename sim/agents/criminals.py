"""Criminal groups: entry, place, rebranding, alert, takedown and return (M13, M15, M17)."""

import math

import numpy as np

from sim.agents.events import Event, Purpose, schedule
from sim.agents.provider import hastened
from sim.engine.compiling import Key, Record, rule
from sim.engine.random import chance, choose, derive, exponential, lognormal, normal, poisson, uniform
from sim.world.records import ActionType, CaseStatus, EvidenceStatus, GroupStatus, Growing, SpellCause
from sim.world.world import World

_GROUP = 0x47524F55
_MEMBER = 0x4D454D42
DDOS_FOR_HIRE = 5  # place in GROUP_KINDS
MONTH = 30.4375
LEAST_NODES = 2
LEAST_MEMBERS = 2


@rule
def group_key(number: int) -> Key:
    """Lineage key of the numbered potential group."""
    return derive(_GROUP, number)


@rule
def schedule_arrival(world: World, number: int) -> None:
    """Posts the arrival of the numbered potential group, at the ceiling of the entry rate."""
    setting = world.setting[0]
    key = group_key(number)
    gap = exponential(setting.seed, Purpose.GROUP_GAP, key, 0, 1.0 / (setting.entry_rate * setting.entry_ceiling))
    schedule(world, setting.seed, world.now[0] + gap, Event.GROUP_ARRIVAL, key, number, 0)


@rule
def group_arrives(world: World, number: int) -> None:
    """A potential group enters or not: entry is the thinning of a fixed stream."""
    setting = world.setting[0]
    if chance(setting.seed, Purpose.GROUP_ENTERS, group_key(number), 0, 1.0 / setting.entry_ceiling):
        found_group(world, number)
    schedule_arrival(world, number + 1)


@rule
def add_spell(world: World, group_row: int, cause: int, action_type: int, case_row: int, capability: float) -> None:
    """Records that a group's capability changed today."""
    row = world.used[Growing.SPELL]
    world.used[Growing.SPELL] = row + 1
    spell = world.spell[row]
    spell.group = group_row
    spell.cause = cause
    spell.action_type = action_type
    spell.case = case_row
    spell.day = world.now[0]
    spell.capability = capability
    world.group[group_row].capability = capability


@rule
def found_group(world: World, number: int) -> None:
    """A group enters: kind, home, conduct, control nodes, core members, and how long it would last by itself."""
    setting, now = world.setting[0], world.now[0]
    seed, key = setting.seed, group_key(number)
    row = world.used[Growing.GROUP]
    world.used[Growing.GROUP] = row + 1
    group = world.group[row]
    group.key = key
    group.kind = choose(world.place_kind, uniform(seed, Purpose.GROUP_KIND, key, 0))
    group.home = choose(world.place_home[group.kind], uniform(seed, Purpose.GROUP_HOME, key, 0))
    group.status = GroupStatus.ACTIVE.value
    group.first_case = -1
    group.facts = draw_facts(seed, key)
    group.entered = now
    group.ended = math.nan
    group.last_action = math.nan
    group.lineage_until = now + exponential(seed, Purpose.GROUP_LINEAGE, key, 0, setting.lineage_months * MONTH)
    sigma = setting.scale_sigma
    group.scale = math.exp(sigma * normal(seed, Purpose.GROUP_SCALE, key, 0) - 0.5 * sigma * sigma)
    group.members = LEAST_MEMBERS + poisson(seed, Purpose.GROUP_MEMBERS, key, 0, setting.core_members)
    group.nodes = LEAST_NODES + poisson(seed, Purpose.GROUP_NODES, key, 0, setting.control_nodes)
    group.hop_mean = setting.extra_hops
    group.first_member = world.used[Growing.MEMBER]
    for slot in range(group.members):
        add_member(world, row, slot)
    group.first_node = world.used[Growing.NODE]
    for slot in range(group.nodes):
        add_node(world, row, slot)
    add_spell(world, row, SpellCause.ENTRY.value, ActionType.NONE.value, -1, 1.0)
    schedule(world, seed, group.lineage_until, Event.GROUP_EXIT, key, row, 0)
    schedule_rebrand(world, row)
    schedule_report(world, row)


@rule
def add_member(world: World, group_row: int, slot: int) -> None:
    """A core member, living in the group's home state and its national."""
    row = world.used[Growing.MEMBER]
    world.used[Growing.MEMBER] = row + 1
    member, group = world.member[row], world.group[group_row]
    member.key = derive(derive(group.key, _MEMBER), slot)
    member.group = group_row
    member.slot = slot
    member.residence = group.home
    member.known_by = -1
    member.held_in = -1
    member.prosecuted_in = -1
    member.identified = math.nan
    member.indicted = math.nan
    member.arrested = math.nan
    member.surrendered = math.nan
    member.ended = math.nan


@rule
def draw_facts(seed: Key, key: Key) -> int:
    """Elements that the group's conduct fulfils; each of the four is usually there."""
    facts = 0
    for bit in range(4):
        if uniform(seed, Purpose.GROUP_FACTS, key, bit) < 0.8:
            facts |= 1 << bit
    return facts


@rule
def schedule_rebrand(world: World, row: int) -> None:
    """Posts the end of the present brand."""
    group, setting = world.group[row], world.setting[0]
    wait = exponential(setting.seed, Purpose.GROUP_BRAND, group.key, group.brands, setting.brand_months * MONTH)
    schedule(world, setting.seed, world.now[0] + wait, Event.GROUP_REBRAND, group.key, row, group.brands)


@rule
def schedule_report(world: World, row: int) -> None:
    """Posts the next victim's report that could open a case."""
    group, setting = world.group[row], world.setting[0]
    gap = exponential(setting.seed, Purpose.REPORT_GAP, group.key, group.reports, 365.25 / setting.reports_per_year)
    schedule(world, setting.seed, world.now[0] + gap, Event.GROUP_REPORT, group.key, row, 0)


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


@rule
def rebrand(world: World, row: int, stamp: int) -> None:
    """A group takes a new name and moves part of its infrastructure; its lineage goes on."""
    group, setting = world.group[row], world.setting[0]
    if group.status == GroupStatus.EXITED or group.status == GroupStatus.REMOVED or group.brands != stamp:
        return
    group.brands += 1
    if group.status == GroupStatus.ACTIVE:
        for i in range(group.first_node, group.first_node + group.nodes):
            node = world.node[i]
            if chance(setting.seed, Purpose.NODE_REBRAND, node.key, group.brands, setting.rebrand_move):
                slip_away(world, i)
        add_spell(world, row, SpellCause.REBRAND.value, ActionType.NONE.value, -1, group.capability)
    schedule_rebrand(world, row)


@rule
def alert(world: World, row: int, case_key: Key, ordinal: int) -> None:
    """The group learns that a case watches it: known nodes move, evidence moves faster (M13)."""
    group, setting, now = world.group[row], world.setting[0], world.now[0]
    group.alert_until = now + setting.alert_days
    for i in range(group.first_node, group.first_node + group.nodes):
        node = world.node[i]
        key = derive(node.key, case_key)
        if node.known_by >= 0 and chance(setting.seed, Purpose.NODE_ALERT, key, ordinal, setting.alert_move):
            move_node(world, i)
    case_row = group.first_case
    while case_row >= 0:
        hasten_evidence(world, case_row)
        case_row = world.case[case_row].next_case


@rule
def hasten_evidence(world: World, case_row: int) -> None:
    """Evidence that a case is after moves faster while its group is alerted."""
    case, setting, now = world.case[case_row], world.setting[0], world.now[0]
    if case.status != CaseStatus.INVESTIGATING and case.status != CaseStatus.PREPARING:
        return
    chain_row = case.first_chain
    while chain_row >= 0:
        chain = world.chain[chain_row]
        if chain.evidence >= 0:
            item = world.evidence[chain.evidence]
            if item.status == EvidenceStatus.AVAILABLE:
                item.moves_at = hastened(item.moves_at, now, setting.alert_multiplier, setting.alert_days)
        chain_row = chain.next_chain


@rule
def exit_by_itself(world: World, row: int) -> bool:
    """A lineage ends without anybody's action: a competing risk to takedown."""
    group = world.group[row]
    if group.status == GroupStatus.EXITED or group.status == GroupStatus.REMOVED:
        return False
    group.status = GroupStatus.EXITED.value
    group.ended = world.now[0]
    add_spell(world, row, SpellCause.SELF_EXIT.value, ActionType.NONE.value, -1, 0.0)
    return True


@rule
def return_terms(setting: Record, action_type: int) -> tuple[float, float, float]:
    """P(never returns), median days to return, capacity at return, by type of action (M17)."""
    if action_type == ActionType.DOMAIN_SEIZURE:
        return setting.domain_never, setting.domain_return_days, setting.domain_capacity
    if action_type == ActionType.INFRASTRUCTURE_AND_ARRESTS:
        return setting.arrests_never, setting.arrests_return_days, setting.arrests_capacity
    return setting.infrastructure_never, setting.infrastructure_return_days, setting.infrastructure_capacity


@rule
def take_down(world: World, row: int, action_type: int, case_row: int) -> None:
    """All control nodes are gone: the group is down, and returns or never does (mixture cure, M17)."""
    group, setting, now = world.group[row], world.setting[0], world.now[0]
    group.generation += 1
    group.last_action = now
    group.action = action_type
    never, median, _ = return_terms(setting, action_type)
    add_spell(world, row, SpellCause.TAKEDOWN.value, action_type, case_row, 0.0)
    if chance(setting.seed, Purpose.RETURN_NEVER, group.key, group.generation, never):
        group.status = GroupStatus.REMOVED.value
        group.ended = now
        return
    group.status = GroupStatus.DOWN.value
    wait = lognormal(setting.seed, Purpose.RETURN_TIME, group.key, group.generation, median, setting.return_sigma)
    schedule(world, setting.seed, now + wait, Event.GROUP_RETURN, group.key, row, group.generation)


@rule
def come_back(world: World, row: int, stamp: int) -> None:
    """The group returns with new nodes and part of its capacity, and grows again."""
    group, setting, now = world.group[row], world.setting[0], world.now[0]
    if group.status != GroupStatus.DOWN or group.generation != stamp:
        return
    group.status = GroupStatus.ACTIVE.value
    _, _, capacity = return_terms(setting, group.action)
    for i in range(group.first_node, group.first_node + group.nodes):
        move_node(world, i)
    add_spell(world, row, SpellCause.RETURN.value, group.action, -1, capacity)
    wait = lognormal(
        setting.seed,
        Purpose.REBUILD_TIME,
        group.key,
        group.generation,
        setting.regrowth_days,
        setting.rebuild_sigma,
    )
    schedule(world, setting.seed, now + wait, Event.GROUP_REBUILT, group.key, row, group.generation)


@rule
def weaken(world: World, row: int, killed_share: float, case_row: int) -> None:
    """Some control nodes survive: the group loses part of its capability and rebuilds within weeks (M17)."""
    group, setting, now = world.group[row], world.setting[0], world.now[0]
    group.generation += 1
    group.last_action = now
    group.action = ActionType.PARTIAL.value
    left = group.capability * (1.0 - setting.partial_loss * killed_share)
    add_spell(world, row, SpellCause.PARTIAL_ACTION.value, ActionType.PARTIAL.value, case_row, left)
    wait = lognormal(
        setting.seed,
        Purpose.REBUILD_TIME,
        group.key,
        group.generation,
        setting.rebuild_days,
        setting.rebuild_sigma,
    )
    schedule(world, setting.seed, now + wait, Event.GROUP_REBUILT, group.key, row, group.generation)


@rule
def rebuilt(world: World, row: int, stamp: int) -> None:
    """The group has its whole capability again."""
    group = world.group[row]
    if group.status == GroupStatus.ACTIVE and group.generation == stamp and group.capability < 1.0:
        add_spell(world, row, SpellCause.REBUILT.value, ActionType.NONE.value, -1, 1.0)


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
