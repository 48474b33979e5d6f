"""Choice of states for servers, members, money and victims, by supply, safety and perceived risk (M13, M15).

All four are conditional logits over states. Supply and the reputation of states, which do not change, are in fixed
weights; what groups learn of servers and victims enters by drawing again as often as a group shuns the place that it
drew. That is the same distribution, costs nothing where nothing was learnt, and leaves the first draw the same in every
arm. Where people and money go heeds no news: members move too rarely, and money too, for that to decide a place.
"""

import math

from sim.agents.cases import is_watched, is_working, lead_of, lose_sight
from sim.agents.crime.risk import added_risk, spread_news
from sim.agents.events import Event, Purpose, record_milestone, schedule
from sim.engine.compiling import Key, Record, rule
from sim.engine.random import chance, choose, derive, exponential, uniform
from sim.engine.rows import new_row
from sim.law.days import YEAR
from sim.world.records import Concern, EvidenceStatus, GroupStatus, Growing, MemberStatus, MilestoneKind
from sim.world.world import World

_SERVER = 0x53525652
_MONEY = 0x4D4F4E45
_VICTIM = 0x56494354
_NOWHERE = -1  # nothing holds a choice to a state
_ATTEMPTS = 60  # a group that shuns everything it draws takes the last


@rule
def weight_of_risk(setting: Record, concern: int) -> float:
    """Weight β₃ of perceived risk in a group's choice of a state for servers or for victims (M15)."""
    return setting.perceived_risk_weight if concern == Concern.SERVERS else setting.victim_risk_weight


@rule
def acceptance(world: World, concern: int, group_row: int, state: int, present: int) -> float:
    """P(a group accepts a drawn state); lower with perceived risk or a need to move (M15)."""
    setting = world.setting[0]
    disutility = weight_of_risk(setting, concern) * added_risk(world, concern, group_row, state)
    if present != _NOWHERE and state != present:
        disutility += setting.switching_cost
    return math.exp(-disutility)


@rule
def settled(world: World, concern: int, group_row: int, key: Key, supply: Record, first: int, present: int) -> int:
    """State that a group chooses for servers or victims: `first`, or a new draw after a rejection (M15).

    The supply is cumulative weights over states, and `present` the state that it would have to leave, -1 for none.
    """
    setting, state = world.setting[0], first
    if setting.with_learning == 0.0:
        return state
    for attempt in range(_ATTEMPTS):
        accepted = acceptance(world, concern, group_row, state, present)
        if chance(setting.seed, Purpose.PLACE_SHUNNED, key, attempt, accepted):
            return state
        state = choose(supply, uniform(setting.seed, Purpose.PLACE_AGAIN, key, attempt))
    return state


@rule
def add_node(world: World, group_row: int, slot: int) -> None:
    """Sets up a control node of a group in a state drawn by hosting supply and perceived risk (M15)."""
    row = new_row(world, world.node, Growing.NODE.value)
    node = world.node[row]
    node.key = derive(world.group[group_row].key, slot)
    node.group = group_row
    node.slot = slot
    settle_node(world, row, _NOWHERE)


@rule
def is_at_home(world: World, group_row: int, key: Key) -> bool:
    """True if a server, money or a trace of a domestic group is in its home state (random draw; M15)."""
    setting = world.setting[0]
    return world.group[group_row].domestic == 1 and chance(setting.seed, Purpose.AT_HOME, key, 0, setting.at_home)


@rule
def settle_node(world: World, row: int, present: int) -> None:
    """Draws the place of a control node, and the day on which it will move.

    It may depend on a domain, whose registry obeys the courts of its state: most often the United States.
    """
    node, setting, now = world.node[row], world.setting[0], world.now[0]
    group = world.group[node.group]
    first = choose(world.place_hosting, uniform(setting.seed, Purpose.NODE_PLACE, node.key, node.moves))
    key = derive(derive(node.key, _SERVER), node.moves)
    if is_at_home(world, node.group, key):
        first = int(group.home)
    node.state = settled(world, Concern.SERVERS.value, node.group, key, world.place_hosting, first, present)
    node.provider = world.state[node.state].host_provider
    node.registry = _NOWHERE
    if chance(setting.seed, Purpose.NODE_DOMAIN, node.key, node.moves, world.domain_share[group.kind]):
        node.registry = choose(world.place_registry, uniform(setting.seed, Purpose.NODE_REGISTRY, node.key, node.moves))
    node.since = now
    stay = exponential(setting.seed, Purpose.NODE_STAY, node.key, node.moves, setting.stay_years * YEAR)
    node.moves_at = now + stay
    schedule(world, node.moves_at, Event.NODE_MOVE, node.key, row, node.moves)


@rule
def move_node(world: World, row: int, present: int) -> None:
    """Moves a control node to a newly drawn place."""
    world.node[row].moves += 1
    settle_node(world, row, present)


@rule
def lose_node(world: World, row: int) -> None:
    """Removes a control node that authorities seize; the group sets up another in its place."""
    node = world.node[row]
    node.lost_in = node.state
    node.lost_at = world.now[0]
    spread_news(world, Concern.SERVERS.value, world.group[node.group].kind, node.state, 1.0)
    flee(world, row)


@rule
def flee(world: World, row: int) -> None:
    """Moves a control node to escape enforcement; every case that watches the node loses sight of it."""
    leave_watchers(world, row, 0.0)
    move_node(world, row, _NOWHERE)


@rule
def slip_away(world: World, row: int) -> None:
    """Moves a control node for a reason other than enforcement; cases may keep sight of the node."""
    leave_watchers(world, row, world.setting[0].tracking)
    move_node(world, row, world.node[row].state)


@rule
def leave_watchers(world: World, row: int, tracking: float) -> None:
    """Draws which cases lose sight of a node when it moves."""
    node, seed = world.node[row], world.setting[0].seed
    case_row = world.group[node.group].first_case
    while case_row >= 0:
        key = derive(node.key, world.case[lead_of(world, case_row)].key)  # units that work together watch together
        if not chance(seed, Purpose.NODE_TRACKED, key, node.moves, tracking):
            lose_sight(world, case_row, row)
        case_row = world.case[case_row].next_case


@rule
def node_stay_ends(world: World, row: int, stamp: int) -> None:
    """Moves a control node at the end of its stay in a state, unless it has moved before."""
    node = world.node[row]
    status = world.group[node.group].status
    if node.moves == stamp and (status == GroupStatus.ACTIVE or status == GroupStatus.DOWN):
        slip_away(world, row)


@rule
def victims_state(world: World, group_row: int, number: int) -> int:
    """State of a reporting victim, drawn by money, users and perceived risk (M15).

    The victims of a domestic group are all at home.
    """
    group, setting = world.group[group_row], world.setting[0]
    if group.domestic == 1:
        return int(group.home)
    first = choose(world.place_victims, uniform(setting.seed, Purpose.REPORT_STATE, group.key, number))
    key = derive(derive(group.key, _VICTIM), number)
    return settled(world, Concern.VICTIMS.value, group_row, key, world.place_victims, first, _NOWHERE)


@rule
def money_state(world: World, group_row: int, key: Key, u: float) -> int:
    """State where a group keeps money: its home, or a state where cashing out is common (M15)."""
    if is_at_home(world, group_row, derive(key, _MONEY)):
        return int(world.group[group_row].home)
    return choose(world.place_home[4], u)


@rule
def relocation_rate(setting: Record, indicted: bool, pressure: float) -> float:
    """Yearly rate at which a group member moves abroad; higher under pressure or a public charge (M15)."""
    return setting.relocation_per_year * (1.0 if indicted else pressure)


@rule
def relocate_members(world: World, group_row: int) -> None:
    """Draws which members have moved abroad since the group took its present name (M15)."""
    group, setting, now = world.group[group_row], world.setting[0], world.now[0]
    if setting.with_learning == 0.0:
        return
    years = (now - group.named) / YEAR
    for row in range(group.first_member, group.first_member + group.members):
        member = world.member[row]
        if member.status > MemberStatus.INDICTED:
            continue
        pressure = added_risk(world, Concern.PEOPLE.value, group_row, member.residence)
        rate = relocation_rate(setting, member.status == MemberStatus.INDICTED, pressure)
        if chance(setting.seed, Purpose.MEMBER_RELOCATES, member.key, group.brands, 1.0 - math.exp(-rate * years)):
            drawn = uniform(setting.seed, Purpose.MEMBER_PLACE, member.key, group.brands)
            left, member.residence = member.residence, choose(world.place_home[group.kind], drawn)
            if member.residence != left:
                record_milestone(world, MilestoneKind.RELOCATED, -1, group_row, row, left)


@rule
def alert(world: World, row: int, case_key: Key, ordinal: int) -> None:
    """Records that a group knows of a case: watched nodes may move, and evidence disappears faster (M13)."""
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
def hastened(moves_at: float, now: float, multiplier: float, days: float) -> float:
    """Day on which a server moves after an alert to its group, earlier than `moves_at` (M13)."""
    if moves_at <= now or math.isinf(moves_at):
        return moves_at
    left = moves_at - now
    if left <= days * multiplier:
        return now + left / multiplier
    return now + days + (left - days * multiplier)


@rule
def hasten_evidence(world: World, case_row: int) -> None:
    """Brings forward the loss of evidence in a case, once the group knows of the case."""
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
