"""Evidence items: the custodian, kind of data and retention of each step (hop) of a trail (M10)."""

from sim.agents.assistance.channels import state_to_ask
from sim.agents.assistance.offence import deed_of
from sim.agents.assistance.provider import retention_days, server_moves_at
from sim.agents.cases import lead_of, link_to
from sim.agents.crime import is_at_home
from sim.agents.events import Purpose
from sim.engine.compiling import Key, Record, rule
from sim.engine.random import choose, uniform
from sim.engine.rows import new_row
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import ChainTarget, EvidenceStatus, Growing, MemberStatus
from sim.world.world import World


@rule
def unlinked_node(world: World, lead_row: int, first: int) -> int:
    """Row of the next control node, from place `first` on, that no completed chain links to the group; −1 if none."""
    group = world.group[world.case[lead_row].group]
    for step in range(group.nodes):
        row = group.first_node + (first + step) % group.nodes
        if link_to(world, lead_row, row) == 0.0:
            return row
    return -1


@rule
def unlinked_member(world: World, lead_row: int) -> int:
    """Row of the next core member at large whom no completed chain links to the group; −1 if none."""
    group = world.group[world.case[lead_row].group]
    for row in range(group.first_member, group.first_member + group.members):
        member = world.member[row]
        suspected = member.status == MemberStatus.SUSPECTED and member.known_by == lead_row
        if member.status == MemberStatus.UNKNOWN or (suspected and member.link == 0.0):
            return row
    return -1


@rule
def draw_data_kind(setting: Record, key: Key) -> int:
    """Draws the kind of data for a step before the last one of a chain."""
    u = uniform(setting.seed, Purpose.DATA_KIND, key, 0)
    if u < setting.subscriber_share:
        return DataKind.SUBSCRIBER.value
    if u < setting.subscriber_share + setting.traffic_share:
        return DataKind.TRAFFIC.value
    return DataKind.CONTENT.value


@rule
def addressee(world: World, provider_row: int, requesting: int) -> int:
    """State in which a provider takes orders: its seat's or, for EU production orders, its EU office's."""
    provider = world.provider[provider_row]
    representative = provider.representative
    if representative >= 0 and world.instrument[requesting, representative, Channel.PROVIDER_BINDING.value] >= 0:
        return representative
    return provider.state


@rule
def custodian_of(world: World, chain: Record, hop: int, key: Key) -> tuple[int, int, int]:
    """Returns the custodian (state, provider) and kind of data for one step of a chain of evidence."""
    setting = world.setting[0]
    group = world.group[world.case[chain.case].group]
    last = hop >= chain.hops - 1
    if last and chain.target == ChainTarget.PERSON:
        row = unlinked_member(world, lead_of(world, chain.case))
        state = int(world.member[row].residence) if row >= 0 else int(group.home)
        return state, world.state[state].access_provider, DataKind.SUBSCRIBER.value
    if last and chain.node >= 0:
        node = world.node[chain.node]
        return node.state, node.provider, DataKind.CONTENT.value
    u = uniform(setting.seed, Purpose.CUSTODIAN_PLACE, key, 0)
    if len(world.place_majors) > 0 and uniform(setting.seed, Purpose.CUSTODIAN, key, 0) < setting.majors_share:
        provider, kind = choose(world.place_majors, u), draw_data_kind(setting, key)
        case = world.case[chain.case]
        bound, deed = addressee(world, provider, case.state), deed_of(world, case.group)
        return state_to_ask(world, key, case.state, bound, kind, deed, provider, 1.0 + hop), provider, kind
    state = choose(world.place_hosting, u)
    if is_at_home(world, world.case[chain.case].group, key):
        state = int(group.home)
    return state, world.state[state].host_provider, draw_data_kind(setting, key)


@rule
def add_evidence(world: World, chain_row: int, hop: int, key: Key) -> int:
    """Creates the evidence item for a step of a chain; returns the item's row."""
    chain, setting = world.chain[chain_row], world.setting[0]
    last = hop >= chain.hops - 1
    if last and chain.target == ChainTarget.INFRASTRUCTURE:
        group = world.group[world.case[chain.case].group]
        first = int(uniform(setting.seed, Purpose.CHAIN_NODE, key, 0) * group.nodes)
        chain.node = unlinked_node(world, lead_of(world, chain.case), first)
    state, provider, data_kind = custodian_of(world, chain, hop, key)
    kept_as = data_kind
    if last and chain.target == ChainTarget.PERSON:
        kept_as = DataKind.TRAFFIC.value  # the holder of an address on a day is in the logs of its operator
    row = add_item(world, key, chain.case, hop, state, provider, data_kind, kept_as, chain.created)
    item = world.evidence[row]
    item.chain = chain_row
    if last and data_kind == DataKind.CONTENT and uniform(setting.seed, Purpose.IMAGE, key, 0) < setting.image_share:
        item.moves_at = server_moves_at(setting, key, chain.created)
    return row


@rule
def add_item(
    world: World,
    key: Key,
    case_row: int,
    hop: int,
    state: int,
    provider: int,
    data_kind: int,
    kept_as: int,
    created: float,
) -> int:
    """Creates an evidence item on a communication of day `created`; returns the item's row.

    `kept_as` is the kind of data that contains it; `data_kind` is what the law takes it for when it is asked for.
    """
    row = new_row(world, world.evidence, Growing.EVIDENCE.value)
    item = world.evidence[row]
    item.key = key
    item.case = case_row
    item.hop = hop
    item.state = state
    item.provider = provider
    item.data_kind = data_kind
    item.created = created
    item.retained_until = created + retention_days(world.setting[0], world.provider[provider], key, kept_as)
    return row


@rule
def not_obtained(item: Record, now: float) -> None:
    """Marks an evidence item as not obtained, unless it already has a final status."""
    if item.status == EvidenceStatus.AVAILABLE:
        item.status = EvidenceStatus.NOT_OBTAINED.value
        item.settled = now
