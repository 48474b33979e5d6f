"""From known nodes to an action day: partners, readiness, and what the day achieves (M13)."""

import math

from sim.agents.agency import schedule_review
from sim.agents.alarm import alert
from sim.agents.chains import chain_hop, is_working, keep_chains, lead_of, target_left, withdraw
from sim.agents.channels import choose_channel
from sim.agents.criminals import DDOS_FOR_HIRE
from sim.agents.custody import arrest_wanted, hand_over_members, seize_assets
from sim.agents.drafting import add_request
from sim.agents.events import Event, Purpose, record_milestone, schedule
from sim.agents.leaks import inform_partner, pass_on_recipients
from sim.agents.liaison import could_join_team, in_team
from sim.agents.liaison_bodies import acts_in_time, preparation_left
from sim.agents.offence import deed_of
from sim.agents.place import lose_node
from sim.agents.planning import find_partner, kill_probability, prospects, recipients
from sim.agents.request import start_request
from sim.engine.compiling import Record, rule
from sim.engine.random import chance, derive, lognormal
from sim.engine.rows import new_row
from sim.law.days import YEAR
from sim.law.vocabulary import DataKind
from sim.world.records import (
    ActionType,
    AlertCause,
    CaseStatus,
    ChainStatus,
    ChainTarget,
    Growing,
    MilestoneKind,
    NodeDiscovery,
    RequestPurpose,
    RequestStatus,
)
from sim.world.world import World

_PARTNER = 0x50415254
_FIRST_LEVEL = 1.0e-9


@rule
def add_partner(world: World, case_row: int, state: int) -> int:
    """A state that holds a known node begins to prepare; its authority to act is asked for (readiness X_s)."""
    case, now = world.case[case_row], world.now[0]
    row = new_row(world, world.partner, Growing.PARTNER.value)
    partner = world.partner[row]
    partner.key = derive(derive(case.key, _PARTNER), state)
    partner.case = case_row
    partner.state = state
    partner.next_partner = case.first_partner
    partner.joined = now
    partner.authorised = int(state == case.state)
    partner.in_team = int(
        state != case.state
        and not math.isnan(case.team_formed)
        and not math.isinf(case.team_formed)
        and could_join_team(world, case_row, state)
    )
    case.first_partner = row
    inform_partner(world, case_row, state)
    prepare(world, row, preparation_left(world, case_row, state))
    if partner.authorised == 0:
        ask_to_act(world, row)
    return row


@rule
def prepare(world: World, row: int, part: float) -> None:
    """A state prepares its part of the action; takes a lognormal time with the declared median (M13)."""
    partner, setting, now = world.partner[row], world.setting[0], world.now[0]
    partner.prepared_at = now + part * lognormal(
        setting.seed,
        Purpose.PREPARATION,
        partner.key,
        world.case[partner.case].actions,
        setting.readiness_days,
        setting.readiness_sigma,
    )
    schedule(world, partner.prepared_at, Event.PARTNER_PREPARED, partner.key, row, 0)


@rule
def ask_to_act(world: World, row: int) -> None:
    """Asks a state for searches and seizures on the action day, by the best channel open today."""
    partner = world.partner[row]
    case = world.case[partner.case]
    key = derive(partner.key, partner.attempt)
    channel = choose_channel(
        world,
        key,
        case.state,
        partner.state,
        DataKind.SEARCH_SEIZURE.value,
        deed_of(world, case.group),
        -1,
        in_team(world, partner.case, partner.state),
        0,
        False,
    )
    if channel < 0:
        return
    request_row = add_request(
        world,
        derive(key, channel),
        partner.case,
        RequestPurpose.ACTION,
        partner.state,
        channel,
        DataKind.SEARCH_SEIZURE.value,
    )
    world.request[request_row].partner = row
    partner.request = request_row
    partner.attempt += 1
    case.action_requests += 1
    start_request(world, request_row)


@rule
def update_readiness(world: World, row: int) -> None:
    """A partner is ready once it has prepared and has its authority."""
    partner, now = world.partner[row], world.now[0]
    if math.isnan(partner.ready_at) and partner.authorised == 1 and partner.prepared_at <= now + _FIRST_LEVEL:
        partner.ready_at = now
        record_milestone(world, MilestoneKind.READY, partner.case, world.case[partner.case].group, row, -1)


@rule
def reveal_node(world: World, case_row: int, node_row: int, how: NodeDiscovery) -> None:
    """A control node becomes known to the case that leads; its state joins."""
    lead_row = lead_of(world, case_row)
    node = world.node[node_row]
    if node.known_by >= 0:
        return
    node.known_by = lead_row
    node.known_at = world.now[0]
    world.case[lead_row].known_nodes += 1
    record_milestone(world, MilestoneKind.NODE_FOUND, case_row, world.case[case_row].group, node_row, how.value)
    if find_partner(world, lead_row, node.state) < 0:
        add_partner(world, lead_row, node.state)


@rule
def leads_to_node(request: Record, chain: Record, stamp: int) -> bool:
    """Whether police information on a last hop locates a control node; it is not evidence yet (M8)."""
    return (
        request.status == RequestStatus.EXECUTED
        and chain.status == ChainStatus.LIVE
        and chain.attempt == stamp
        and chain.target == ChainTarget.INFRASTRUCTURE
        and chain.hop == chain.hops - 1
        and chain.node >= 0
    )


@rule
def chain_completed(world: World, chain_row: int) -> None:
    """The end of an infrastructure chain shows its node, and perhaps others; the unit follows further leads."""
    chain, setting = world.chain[chain_row], world.setting[0]
    case_row = chain.case
    if chain.target == ChainTarget.INFRASTRUCTURE and chain.node >= 0:
        reveal_node(world, case_row, chain.node, NodeDiscovery.CHAIN)
        group = world.group[world.case[case_row].group]
        for row in range(group.first_node, group.first_node + group.nodes):
            key = derive(chain.key, world.node[row].slot)
            if chance(setting.seed, Purpose.NODE_REVEAL, key, 0, setting.reveal):
                reveal_node(world, case_row, row, NodeDiscovery.BESIDE_ANOTHER)
    keep_chains(world, case_row)


@rule
def hop_due(world: World, chain_row: int, stamp: int) -> None:
    """A chain's next step is due; a complete chain shows what it led to."""
    complete = chain_hop(world, chain_row, stamp)
    if complete >= 0:
        chain_completed(world, complete)


@rule
def merge_case(world: World, case_row: int, lead_row: int) -> None:
    """Two units work together from now on: the older case learns what the younger knows, and gains it as a partner."""
    case, group = world.case[case_row], world.group[world.case[case_row].group]
    case.status = CaseStatus.MERGED.value
    case.merged_into = lead_row
    record_milestone(world, MilestoneKind.MERGED, case_row, case.group, lead_row, -1)
    case.known_nodes = 0
    row = group.first_case
    while row >= 0:  # cases that had merged into this one follow it
        if world.case[row].merged_into == case_row:
            world.case[row].merged_into = lead_row
        row = world.case[row].next_case
    hand_over_members(world, case_row, lead_row)
    pass_on_recipients(world, case_row, lead_row)
    for node_row in range(group.first_node, group.first_node + group.nodes):
        if world.node[node_row].known_by == case_row:
            world.node[node_row].known_by = -1
            reveal_node(world, lead_row, node_row, NodeDiscovery.OTHER_UNIT)
    partner_row = case.first_partner
    while partner_row >= 0:
        withdraw(world, world.partner[partner_row].request)
        partner_row = world.partner[partner_row].next_partner
    partner_row = find_partner(world, lead_row, case.state)
    if partner_row < 0:
        partner_row = add_partner(world, lead_row, case.state)
    withdraw(world, world.partner[partner_row].request)
    world.partner[partner_row].authorised = 1  # it acts in its own proceedings
    update_readiness(world, partner_row)


@rule
def team_formed(world: World, case_row: int) -> None:
    """The joint team exists: members act in it, and requests made to them by other channels are made again."""
    case = world.case[case_row]
    if not is_working(world, case_row):
        return
    case.team_formed = world.now[0]
    row = case.first_partner
    while row >= 0:
        partner = world.partner[row]
        if partner.state != case.state and could_join_team(world, case_row, partner.state):
            partner.in_team = 1
            if partner.authorised == 0:
                withdraw(world, partner.request)
                ask_to_act(world, row)
        row = partner.next_partner


@rule
def type_of_action(group: Record, complete: bool, arrests: int) -> int:
    """The type of action, which decides how groups come back (M17)."""
    if not complete:
        return ActionType.PARTIAL.value
    if 2 * arrests >= group.members:
        return ActionType.INFRASTRUCTURE_AND_ARRESTS.value
    if group.kind == DDOS_FOR_HIRE:
        return ActionType.DOMAIN_SEIZURE.value
    return ActionType.INFRASTRUCTURE.value


@rule
def strike_node(world: World, case_row: int, action: Record, node_row: int) -> None:
    """A control node is removed or survives: it depends on what is known of it and whether its state is ready."""
    node, setting = world.node[node_row], world.setting[0]
    group = world.group[world.case[case_row].group]
    known = node.known_by == case_row
    ready, in_time = False, True
    if known:
        partner_row = find_partner(world, case_row, node.state)
        ready = partner_row >= 0 and not math.isnan(world.partner[partner_row].ready_at)
        in_time = not ready or acts_in_time(world, case_row, partner_row)
    action.known_nodes += int(known)
    action.ready_nodes += int(ready)
    action.synchronous = min(action.synchronous, int(in_time))
    key = derive(node.key, group.generation)  # each action is another chance for a node that has not moved
    probability = kill_probability(setting, known, ready)
    if not in_time:
        probability *= setting.unsynchronised
    killed = chance(setting.seed, Purpose.NODE_KILL, key, node.moves, probability)
    action.killed += int(killed)
    if killed:
        lose_node(world, node_row)


@rule
def act(world: World, case_row: int) -> int:
    """The action day: every control node is removed or survives. Returns the row of the action."""
    case, now = world.case[case_row], world.now[0]
    group = world.group[case.group]
    expected, _ = prospects(world, case_row)
    row = new_row(world, world.action, Growing.ACTION.value)
    action = world.action[row]
    action.synchronous = 1
    for node_row in range(group.first_node, group.first_node + group.nodes):
        strike_node(world, case_row, action, node_row)
    action.case = case_row
    action.group = case.group
    action.day = now
    action.nodes = group.nodes
    action.complete = int(action.killed == group.nodes)
    action.states = recipients(world, case_row)
    action.in_team = int(not math.isnan(case.team_formed) and not math.isinf(case.team_formed))
    action.support = case.support
    action.arrests = arrest_wanted(world, case_row)
    action.expected_kill = expected
    action.type = type_of_action(group, action.complete == 1, action.arrests)
    seize_assets(world, row)
    case.acted = now
    case.actions += 1
    return row


@rule
def regroup(world: World, case_row: int) -> None:
    """After a partial action the group is alerted, and partners prepare for another."""
    case = world.case[case_row]
    case.status = CaseStatus.INVESTIGATING.value
    case.prepared = math.nan
    row = case.first_partner
    while row >= 0:
        world.partner[row].ready_at = math.nan
        prepare(world, row, 0.5 * preparation_left(world, case_row, world.partner[row].state))
        row = world.partner[row].next_partner
    alert(world, case.group, case.key, case.actions)
    record_milestone(world, MilestoneKind.ALERTED, case_row, case.group, -1, AlertCause.PARTIAL_ACTION.value)
    if target_left(world, case_row) >= 0:
        keep_chains(world, case_row)


@rule
def review_partners(world: World, case_row: int) -> None:
    """States that could not be asked before are asked when a channel has opened since."""
    row = world.case[case_row].first_partner
    while row >= 0:
        partner = world.partner[row]
        if partner.authorised == 0 and partner.request < 0:
            ask_to_act(world, row)
        row = partner.next_partner


@rule
def look_for_nodes(
    world: World, case_row: int, purpose: Purpose, how: NodeDiscovery, count: int, probability: float
) -> None:
    """Malware analysis and open sources reveal control nodes without help from other states (M11)."""
    group, setting = world.group[world.case[case_row].group], world.setting[0]
    for row in range(group.first_node, group.first_node + group.nodes):
        key = derive(world.case[case_row].key, world.node[row].slot)
        if world.node[row].known_by < 0 and chance(setting.seed, purpose, key, count, probability):
            reveal_node(world, case_row, row, how)


@rule
def analyse(world: World, case_row: int) -> None:
    """Technical analysis at a review; the first also reveals what could be seen from the start."""
    case, setting = world.case[case_row], world.setting[0]
    if case.reviews == 0:
        look_for_nodes(world, case_row, Purpose.NODE_SEEN, NodeDiscovery.AT_OPENING, 0, setting.seen_at_opening)
    years = setting.review_interval_days / YEAR
    chance_now = 1.0 - math.exp(-setting.technical_discovery * years)
    look_for_nodes(world, case_row, Purpose.NODE_FOUND, NodeDiscovery.ANALYSIS, case.reviews, chance_now)


@rule
def plan_review(world: World, case_row: int) -> None:
    """Counts a review and posts the next."""
    world.case[case_row].reviews += 1
    schedule_review(world, case_row)
