"""Preparation and results of an action day against a group's control nodes (M13)."""

import math

from sim.agents.assistance import (
    add_request,
    choose_channel,
    could_join_team,
    deed_of,
    in_team,
    inform_partner,
    is_stronger,
    is_worth_asking,
    pass_on_recipients,
    preparation_left,
    proves,
    search_strength,
    start_request,
)
from sim.agents.cases import (
    add_sighting,
    case_in,
    find_partner,
    has_lost,
    is_working,
    knows,
    lead_of,
    link_to,
    pool_knowledge,
    prove_link,
    see,
)
from sim.agents.crime import alert, core_lost, is_down, residual, type_of_takedown
from sim.agents.events import Event, Purpose, record_milestone, schedule
from sim.agents.investigation.agency import schedule_review
from sim.agents.investigation.assets import seize_assets
from sim.agents.investigation.chains import chain_hop, keep_chains, target_left, withdraw
from sim.agents.investigation.custody import arrest_wanted, hand_over_members
from sim.agents.investigation.foresight import forecast
from sim.agents.investigation.matching import move_followers, takes_the_lead
from sim.agents.investigation.planning import states_that_act
from sim.agents.investigation.removal import strike
from sim.engine.compiling import Record, rule
from sim.engine.random import chance, derive, lognormal
from sim.engine.rows import new_row
from sim.law.days import YEAR
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import (
    ActionType,
    AlertCause,
    CaseStatus,
    ChainStatus,
    ChainTarget,
    Growing,
    MemberStatus,
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
    """Adds a state that an action needs; its court is asked as soon as the file is strong enough."""
    row = new_partner(world, case_row, state)
    consider_asking(world, row)
    return row


@rule
def new_partner(world: World, case_row: int, state: int) -> int:
    """Adds a state to the preparation of a case's action; returns the row of its record."""
    case, now = world.case[case_row], world.now[0]
    row = new_row(world, world.partner, Growing.PARTNER.value)
    partner = world.partner[row]
    partner.key = derive(derive(case.key, _PARTNER), state)
    partner.case = case_row
    partner.state = state
    partner.next_partner = case.first_partner
    partner.joined = now
    partner.in_team = int(
        state != case.state
        and not math.isnan(case.team_formed)
        and not math.isinf(case.team_formed)
        and could_join_team(world, case_row, state)
    )
    case.first_partner = row
    inform_partner(world, case_row, state)
    return row


@rule
def bring_in(world: World, case_row: int, state: int) -> None:
    """Adds a state that has victims but no known node; the state opens proceedings of its own.

    It acts at home alone: it arrests clients of the group. Its own court has authorised that.
    """
    row = new_partner(world, case_row, state)
    world.partner[row].authorised = 1
    prepare(world, row, preparation_left(world, case_row, state))


@rule
def prepare(world: World, row: int, part: float) -> None:
    """Starts a state's preparation for an action; `part` is the share of a usual preparation (M13)."""
    partner, setting, now = world.partner[row], world.setting[0], world.now[0]
    count, median, sigma = world.case[partner.case].actions, setting.readiness_days, setting.readiness_sigma
    partner.prepared_at = now + part * lognormal(setting.seed, Purpose.PREPARATION, partner.key, count, median, sigma)
    schedule(world, partner.prepared_at, Event.PARTNER_PREPARED, partner.key, row, 0)


@rule
def consider_asking(world: World, row: int) -> None:
    """Asks a state to authorise an action if the file is strong enough and stronger than before (M2)."""
    partner = world.partner[row]
    odds = search_strength(world, partner.case, partner.state)
    kind, judge = DataKind.SEARCH_SEIZURE.value, partner.state
    if case_in(world, partner.case, judge) < 0:
        judge = world.case[partner.case].state  # a unit knows its own standard, not that of the state it asks
    if is_stronger(odds, partner.shown) and is_worth_asking(world, judge, kind, odds):
        ask_to_act(world, row, odds)


@rule
def ask_to_act(world: World, row: int, odds: float) -> None:
    """Asks a state for searches and seizures, through its own court at home or the best channel abroad.

    From then on it prepares its part: before, there is too little proof to search anything.
    """
    partner = world.partner[row]
    case = world.case[partner.case]
    key, kind = derive(partner.key, partner.attempt), DataKind.SEARCH_SEIZURE.value
    asking, channel = case_in(world, partner.case, partner.state), Channel.DOMESTIC.value
    if asking < 0:
        deed, together = deed_of(world, case.group), in_team(world, partner.case, partner.state)
        channel = choose_channel(world, key, case.state, partner.state, kind, deed, -1, together, 0, 1.0, False)
        asking = partner.case
    if channel < 0:
        return
    key = derive(key, channel)
    request_row = add_request(world, key, asking, RequestPurpose.ACTION, partner.state, channel, kind)
    world.request[request_row].partner = row
    partner.request = request_row
    partner.attempt += 1
    partner.shown = odds
    if math.isnan(partner.asked):
        prepare(world, row, preparation_left(world, partner.case, partner.state))
    partner.asked = world.now[0]
    case.action_requests += 1
    start_request(world, request_row)


@rule
def update_readiness(world: World, row: int) -> None:
    """Marks a participating state as ready if it is both prepared and authorised."""
    partner, now = world.partner[row], world.now[0]
    if math.isnan(partner.ready_at) and partner.authorised == 1 and partner.prepared_at <= now + _FIRST_LEVEL:
        partner.ready_at = now


@rule
def reveal_node(world: World, case_row: int, node_row: int, how: NodeDiscovery) -> None:
    """Records that a lead case knows a control node, and adds the states of node and registry to the case."""
    lead_row = lead_of(world, case_row)
    if see(world, lead_row, node_row):
        group_row = world.case[lead_row].group
        record_milestone(world, MilestoneKind.NODE_FOUND, case_row, group_row, node_row, how.value)
        add_partners_for(world, lead_row, world.node[node_row])


@rule
def add_partners_for(world: World, lead_row: int, node: Record) -> None:
    """Adds the states of a known node and of its domain's registry to a case."""
    take_part(world, lead_row, node.state)
    if node.registry >= 0:
        take_part(world, lead_row, node.registry)


@rule
def take_part(world: World, lead_row: int, state: int) -> None:
    """Adds a state that an action needs, or makes a state in the case seek authority to act."""
    row = find_partner(world, lead_row, state)
    if row < 0:
        add_partner(world, lead_row, state)
    elif world.partner[row].authorised == 1 and math.isnan(world.partner[row].asked):
        world.partner[row].authorised = 0
        world.partner[row].ready_at = math.nan
        consider_asking(world, row)


@rule
def searched(world: World, case_row: int, chance_each: float) -> None:
    """Counts a search in a lead case; `chance_each` is the probability of finding each node (M13)."""
    world.case[lead_of(world, case_row)].search -= math.log(1.0 - min(chance_each, 0.99))


@rule
def leads_further(request: Record, chain: Record, stamp: int) -> bool:
    """True if police information completes a chain's last step, which names the target without proof (M8)."""
    return (
        request.status == RequestStatus.EXECUTED
        and chain.status == ChainStatus.LIVE
        and chain.attempt == stamp
        and chain.hop == chain.hops - 1
    )


@rule
def chain_completed(world: World, chain_row: int) -> None:
    """Reveals the target of a completed chain, perhaps further nodes too, and opens new chains."""
    chain, setting = world.chain[chain_row], world.setting[0]
    case_row = chain.case
    if chain.target == ChainTarget.INFRASTRUCTURE and chain.node >= 0:
        lead_row = lead_of(world, case_row)
        reveal_node(world, case_row, chain.node, NodeDiscovery.CHAIN)
        prove_link(world, lead_row, chain.node, proves(world, chain_row))
        world.case[lead_row].trails += 1
        searched(world, case_row, setting.reveal)
        group = world.group[world.case[case_row].group]
        for row in range(group.first_node, group.first_node + group.nodes):
            key = derive(chain.key, world.node[row].slot)
            if chance(setting.seed, Purpose.NODE_REVEAL, key, 0, setting.reveal):
                reveal_node(world, case_row, row, NodeDiscovery.BESIDE_ANOTHER)
    keep_chains(world, case_row)


@rule
def hop_due(world: World, chain_row: int, stamp: int) -> None:
    """Takes a chain's next step; reveals the target if the step completes the chain."""
    complete = chain_hop(world, chain_row, stamp)
    if complete >= 0:
        chain_completed(world, complete)


@rule
def work_together(world: World, one: int, other: int) -> int:
    """Merges two units' cases under one lead case; returns the lead case's row."""
    lead_row, case_row = (one, other) if takes_the_lead(world, one, other) else (other, one)
    merge_case(world, case_row, lead_row)
    return lead_row


@rule
def merge_case(world: World, case_row: int, lead_row: int) -> None:
    """Merges a case into a lead case, with its knowledge and its state."""
    case, group = world.case[case_row], world.group[world.case[case_row].group]
    case.status = CaseStatus.MERGED.value
    case.merged_into = lead_row
    record_milestone(world, MilestoneKind.MERGED, case_row, case.group, lead_row, -1)
    pool_knowledge(world, case_row, lead_row)
    move_followers(world, case_row, lead_row)
    hand_over_members(world, case_row, lead_row)
    pass_on_recipients(world, case_row, lead_row)
    for node_row in range(group.first_node, group.first_node + group.nodes):
        if knows(world, case_row, node_row):
            reveal_node(world, lead_row, node_row, NodeDiscovery.OTHER_UNIT)
            prove_link(world, lead_row, node_row, link_to(world, case_row, node_row))
        elif has_lost(world, case_row, node_row):
            add_sighting(world, lead_row, node_row)
    partner_row = case.first_partner
    while partner_row >= 0:
        withdraw(world, world.partner[partner_row].request)
        partner_row = world.partner[partner_row].next_partner
    partner_row = find_partner(world, lead_row, case.state)
    if partner_row < 0:
        add_partner(world, lead_row, case.state)
    elif world.partner[partner_row].authorised == 0:  # it can ask its own court in its own proceedings from now on
        withdraw(world, world.partner[partner_row].request)
        world.partner[partner_row].shown = -math.inf
        consider_asking(world, partner_row)


@rule
def team_formed(world: World, case_row: int) -> None:
    """Forms a joint team; its members then cooperate within the team instead of through other channels."""
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
                partner.shown = -math.inf
                consider_asking(world, row)
        row = partner.next_partner


@rule
def exposes(world: World, case_row: int) -> bool:
    """True if an action publicly names and sanctions a leader at large (M17)."""
    case, setting = world.case[case_row], world.setting[0]
    group, at_large = world.group[case.group], False
    for row in range(group.first_member, group.first_member + group.members):
        member = world.member[row]
        at_large = at_large or (member.known_by == case_row and member.status == MemberStatus.INDICTED)
    return at_large and chance(setting.seed, Purpose.LEADER_EXPOSED, case.key, case.actions, setting.exposed)


@rule
def act(world: World, case_row: int, disruption: bool, operation: int) -> int:
    """Carries out an action day: seizes nodes and arrests wanted members; returns the action's row.

    A disruption removes what falls without waiting for anybody, and arrests nobody. `operation` is the row of the
    action that this one joins, -1 for none.
    """
    case, now = world.case[case_row], world.now[0]
    group = world.group[case.group]
    foreseen, _, _ = forecast(world, case_row, 0.0, disruption)
    row = new_row(world, world.action, Growing.ACTION.value)
    action = world.action[row]
    action.disruption = int(disruption)
    action.synchronous = 1
    action.case = case_row
    action.group = case.group
    action.day = now
    action.nodes = group.nodes
    action.foreseen = foreseen
    action.operation = row if operation < 0 else operation
    action.states = 1 if disruption else states_that_act(world, case_row)
    action.in_team = int(not math.isnan(case.team_formed) and not math.isinf(case.team_formed))
    action.support = case.support
    before = residual(world.setting[0], 0.0, core_lost(world, case.group))
    by_domain = strike(world, case_row, action)
    exposed = False
    if not disruption:
        action.arrests = arrest_wanted(world, case_row)
        exposed = exposes(world, case_row)
        seize_assets(world, row)
    core = core_lost(world, case.group)
    left = residual(world.setting[0], action.killed / group.nodes, core)
    action.residual = left / before if before > 0.0 else 0.0
    action.down = int(is_down(left))
    action.type = ActionType.DISRUPTION.value if disruption else ActionType.PARTIAL.value
    if action.down == 1:
        action.type = type_of_takedown(group.kind, core, exposed, by_domain)
    case.acted = now
    case.actions += 1
    return row


@rule
def regroup(world: World, case_row: int, disruption: bool) -> None:
    """Alerts a group after an action without takedown, and lets the participating states prepare again."""
    case = world.case[case_row]
    case.status = CaseStatus.INVESTIGATING.value
    case.prepared = math.nan
    row = -1 if disruption else case.first_partner
    while row >= 0:
        world.partner[row].ready_at = math.nan
        if not math.isnan(world.partner[row].prepared_at):
            prepare(world, row, 0.5 * preparation_left(world, case_row, world.partner[row].state))
        row = world.partner[row].next_partner
    alert(world, case.group, case.key, case.actions)
    record_milestone(world, MilestoneKind.ALERTED, case_row, case.group, -1, AlertCause.PARTIAL_ACTION.value)
    if target_left(world, case_row) >= 0:
        keep_chains(world, case_row)


@rule
def review_partners(world: World, case_row: int) -> None:
    """Asks each participating state to authorise the action, if its court would accept the file."""
    group = world.group[world.case[case_row].group]
    for node_row in range(group.first_node, group.first_node + group.nodes):
        if knows(world, case_row, node_row):  # it may have moved with the unit watching
            add_partners_for(world, case_row, world.node[node_row])
    row = world.case[case_row].first_partner
    while row >= 0:
        partner = world.partner[row]
        if partner.authorised == 0 and partner.request < 0:
            consider_asking(world, row)
        row = partner.next_partner


@rule
def look_for_nodes(
    world: World, case_row: int, purpose: int, how: NodeDiscovery, count: int, probability: float
) -> None:
    """Searches for control nodes by means that need no other state, such as malware analysis (M11)."""
    group, setting = world.group[world.case[case_row].group], world.setting[0]
    searched(world, case_row, probability)
    for row in range(group.first_node, group.first_node + group.nodes):
        key = derive(world.case[case_row].key, world.node[row].slot)
        if chance(setting.seed, purpose, key, count, probability):
            reveal_node(world, case_row, row, how)


@rule
def receive_servers(world: World, case_row: int) -> None:
    """Reveals and proves all control nodes of a group, thanks to a seized server or an informant (M11)."""
    lead_row = lead_of(world, case_row)
    group = world.group[world.case[case_row].group]
    searched(world, case_row, 1.0)
    for row in range(group.first_node, group.first_node + group.nodes):
        reveal_node(world, case_row, row, NodeDiscovery.HANDED_OVER)
        prove_link(world, lead_row, row, world.setting[0].link)


@rule
def analyse(world: World, case_row: int) -> None:
    """Analyses technical evidence at a review of a case, which may reveal control nodes."""
    case, setting = world.case[case_row], world.setting[0]
    if case.reviews == 0:
        look_for_nodes(world, case_row, Purpose.NODE_SEEN, NodeDiscovery.AT_OPENING, 0, setting.seen_at_opening)
        if chance(setting.seed, Purpose.SERVERS_KNOWN, case.key, 0, setting.servers_known):
            receive_servers(world, case_row)
    years = setting.review_interval_days / YEAR
    chance_now = 1.0 - math.exp(-setting.technical_discovery * years)
    look_for_nodes(world, case_row, Purpose.NODE_FOUND, NodeDiscovery.ANALYSIS, case.reviews, chance_now)


@rule
def plan_review(world: World, case_row: int) -> None:
    """Counts a review of a case and schedules the next one."""
    world.case[case_row].reviews += 1
    schedule_review(world, case_row)
