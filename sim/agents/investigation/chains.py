"""Chains of evidence: each answer shows where the next data are, up to a target (M10) or more requests (M25)."""

import math

from sim.agents.assistance import (
    add_evidence,
    add_item,
    add_proof,
    add_request,
    ask_analysis,
    ask_police,
    ask_preservation,
    believed_days,
    choose_channel,
    deed_of,
    end,
    ends_in_evidence,
    in_team,
    induced,
    is_provider_channel,
    kept_in_mind,
    not_obtained,
    proves,
    start_request,
    unlinked_member,
    unlinked_node,
    why_not_asked,
)
from sim.agents.cases import is_working, lead_of
from sim.agents.events import Event, Purpose, record_milestone, schedule
from sim.agents.investigation.custody import identify_member
from sim.engine.compiling import Key, Record, rule
from sim.engine.random import chance, derive, exponential, lognormal, poisson
from sim.engine.rows import new_row
from sim.law.days import YEAR
from sim.law.vocabulary import Channel, Ground
from sim.world.records import ChainStatus, ChainTarget, Growing, MilestoneKind, RequestPurpose, RequestStatus
from sim.world.world import World

_CORROBORATION = 0x434F5252
_CHAIN = 0x4348414E
_PART = 0x4F4E4345
MOST_LEADS = 12.0  # that a unit can keep track of in one case


@rule
def open_chain(world: World, case_row: int, doubled: int) -> None:
    """Begins a chain of evidence for a case; its length becomes known only at the last answer (M10).

    `doubled` is the chain that has been without an answer for too long, -1 for none.
    """
    case, setting = world.case[case_row], world.setting[0]
    row = new_row(world, world.chain, Growing.CHAIN.value)
    chain = world.chain[row]
    chain.key = derive(derive(case.key, _CHAIN), case.chains)
    chain.case = case_row
    chain.ordinal = case.chains
    chain.target = max(target_left(world, case_row), 0)
    chain.hops = 1 + poisson(setting.seed, Purpose.CHAIN_HOPS, chain.key, 0, world.group[case.group].hop_mean)
    chain.head = row
    chain.parts_left = 1
    chain.next_chain = case.first_chain
    chain.created = world.now[0] - trace_age(setting, chain.key, 0)
    case.first_chain = row
    case.chains += 1
    case.live_chains += 1
    record_milestone(world, MilestoneKind.LEAD_OPENED, case_row, case.group, row, doubled)
    if setting.with_hop_chain == 0.0:
        ask_all_hops(world, row)
    else:
        ask_hop(world, row)


@rule
def ask_all_hops(world: World, head_row: int) -> None:
    """Requests the data of all steps of a chain at once, in worlds without successive steps.

    Each hop but the last is a part of the chain with a row of its own; the chain's own row asks for the last.
    """
    head = world.chain[head_row]
    head.parts_left = head.hops
    head.hop = head.hops - 1
    for hop in range(head.hops - 1):
        ask_hop(world, add_part(world, head_row, hop))
    ask_hop(world, head_row)


@rule
def add_part(world: World, head_row: int, hop: int) -> int:
    """Adds a row for one of a chain's parallel steps; returns the row."""
    row = new_row(world, world.chain, Growing.CHAIN.value)
    head, part = world.chain[head_row], world.chain[row]
    case = world.case[head.case]
    part.key = derive(derive(head.key, _PART), hop)
    part.case = head.case
    part.ordinal = head.ordinal
    part.target = head.target
    part.hops = head.hops
    part.hop = hop
    part.head = head_row
    part.created = head.created
    part.next_chain = case.first_chain
    case.first_chain = row
    return row


@rule
def trace_age(setting: Record, key: Key, attempt: int) -> float:
    """Draws the age in days of the traced communication at the beginning of a chain."""
    return lognormal(setting.seed, Purpose.CHAIN_AGE, key, attempt, setting.first_age_days, setting.first_age_sigma)


@rule
def hop_key(chain: Record) -> Key:
    """Key for random draws about a request in a chain, by chain, step and attempt."""
    return derive(derive(chain.key, chain.hop), chain.attempt)


@rule
def chain_hop(world: World, chain_row: int, stamp: int) -> int:
    """Takes a chain's next step: requests its data or, after the last step, completes the chain.

    Returns the row of the chain that is complete with this, or -1.
    """
    chain = world.chain[chain_row]
    if chain.status != ChainStatus.LIVE or chain.attempt != stamp or not is_working(world, chain.case):
        return -1
    if chain.request >= 0:
        return -1  # asked already, since a liaison body's analysts were quicker
    if chain.hop >= chain.hops:
        return complete_part(world, chain_row)
    ask_hop(world, chain_row)
    return -1


@rule
def ask_hop(world: World, chain_row: int) -> None:
    """Asks for the data of a chain's present step: by request and, if abroad, perhaps police and preservation first."""
    chain = world.chain[chain_row]
    key = hop_key(chain)
    early = chain.next_evidence
    if early >= 0 and world.evidence[early].hop == chain.hop:
        chain.evidence = early
        chain.next_evidence = -1
    else:  # an item preserved for a later hop waits until the chain is there again
        chain.evidence = add_evidence(world, chain_row, chain.hop, key)
    chain.tried = 0
    chain.lead = 0
    chain.asked = world.now[0]
    case, item = world.case[chain.case], world.evidence[chain.evidence]
    police = False
    if item.state != case.state:
        police = ask_police(world, chain_row, key)
        ask_preservation(world, chain_row, chain.evidence, key)
    if not (police and world.setting[0].police_before_formal > 0.0):
        ask_formally(world, chain_row)


@rule
def steps_at_stake(world: World, chain: Record) -> float:
    """Number of steps of a case whose value depends on the next answer in a chain.

    What a trail has yielded proves nothing until its last hop is answered, and without a trail to the group no case
    comes to its end.
    """
    first = world.case[lead_of(world, chain.case)].trails == 0
    return 1.0 + chain.hop + float(int(first))


@rule
def ask_formally(world: World, chain_row: int) -> None:
    """Requests the data of a chain's present step through the best channel; fails the step without any."""
    chain = world.chain[chain_row]
    case, item = world.case[chain.case], world.evidence[chain.evidence]
    key = hop_key(chain)
    channel = Channel.DOMESTIC.value
    if item.state != case.state:
        deed, together = deed_of(world, case.group), in_team(world, chain.case, item.state)
        kind, steps = item.data_kind, steps_at_stake(world, chain)
        channel = choose_channel(
            world, key, case.state, item.state, kind, deed, item.provider, together, chain.tried, steps, True
        )
    if channel >= 0:
        send_for_hop(world, chain_row, channel)
    else:
        why = why_not_asked(channel)
        record_milestone(world, MilestoneKind.NOT_ASKED, chain.case, case.group, chain_row, why)
        lose_hop(world, chain_row, False)


@rule
def send_for_hop(world: World, chain_row: int, channel: int) -> None:
    """Drafts a request in the chosen channel for the data of a chain's present step."""
    chain = world.chain[chain_row]
    item, key = world.evidence[chain.evidence], derive(hop_key(chain), channel)
    row = add_request(world, key, chain.case, RequestPurpose.CHAIN, item.state, channel, item.data_kind)
    request = world.request[row]
    request.chain = chain_row
    request.hop = chain.hop
    request.provider = item.provider
    request.evidence = chain.evidence
    chain.request = row
    chain.tried |= 1 << channel
    if channel != Channel.DOMESTIC:
        corroborate(world, row)
    start_request(world, row)


@rule
def lose_hop(world: World, chain_row: int, gone: bool) -> None:
    """Ends a step without evidence; the chain continues once fresh evidence appears.

    Where the evidence is gone, the trail must be taken up one hop back, unless all custodians are known anyway; where
    it was only not given, another custodian of the same hop is looked for.
    """
    chain, setting, now = world.chain[chain_row], world.setting[0], world.now[0]
    not_obtained(world.evidence[chain.evidence], now)
    chain.attempt += 1
    if gone and setting.with_hop_chain != 0.0:
        chain.hop = max(chain.hop - 1, 0)
    chain.request = -1
    size = math.sqrt(world.group[world.case[chain.case].group].users)
    mean = YEAR / (setting.fresh_traces * size)  # a larger group leaves more traces
    day = now + exponential(setting.seed, Purpose.FRESH_TRACE, chain.key, chain.attempt, mean)
    chain.created = day - trace_age(setting, chain.key, chain.attempt)
    schedule(world, day, Event.CHAIN_HOP, chain.key, chain_row, chain.attempt)


@rule
def is_overdue(setting: Record, chain: Record, now: float) -> bool:
    """True if an active chain has waited too long for an answer."""
    if chain.status != ChainStatus.LIVE or chain.asked > now - setting.impatience_days:
        return False
    return setting.with_hop_chain != 0.0 or chain.hop < chain.hops


@rule
def double_leads(world: World, case_row: int) -> None:
    """Opens, at a review, one more chain for each chain that is overdue.

    Each look remembers the oldest ask that was not overdue yet. Later asks are younger, so that nothing can be overdue
    before that one is, and reviews until then need not look.
    """
    case, setting, now = world.case[case_row], world.setting[0], world.now[0]
    if case.oldest_ask > now - setting.impatience_days:
        return
    most = 2 * leads_followed(setting, world.group[case.group])  # each may be doubled
    if case.live_chains >= most:
        return
    oldest, chain_row = now, case.first_chain
    while chain_row >= 0:
        chain = world.chain[chain_row]
        if chain.status == ChainStatus.LIVE and world.chain[chain.head].doubled == 0:
            if is_overdue(setting, chain, now):
                if case.live_chains >= most or target_left(world, case_row) < 0:
                    return
                world.chain[chain.head].doubled = 1
                open_chain(world, case_row, chain_row)
            else:
                oldest = min(oldest, chain.asked)
        chain_row = chain.next_chain
    case.oldest_ask = oldest


@rule
def hop_answered(world: World, chain_row: int) -> None:
    """Records the answer to a chain's step, and schedules the next step after the analysis.

    A formal request that is still open for the hop may yet yield evidence, but no longer moves the chain.
    """
    chain, setting = world.chain[chain_row], world.setting[0]
    world.case[chain.case].indicators += 1
    chain.hop = chain.hop + 1 if setting.with_hop_chain != 0.0 else chain.hops
    chain.attempt += 1
    chain.request = -1
    key = hop_key(chain)
    days = lognormal(setting.seed, Purpose.CHAIN_ANALYSIS, key, 0, setting.analysis_days, setting.elapsed_sigma)
    day = world.now[0] + days / world.state[world.case[chain.case].state].work_rate
    schedule(world, day, Event.CHAIN_HOP, chain.key, chain_row, chain.attempt)
    ask_analysis(world, chain_row, key)


@rule
def hop_failed(world: World, chain_row: int, request_row: int) -> None:
    """Handles a failed request of a chain: tries another channel, or ends the step without evidence."""
    request = world.request[request_row]
    refused = request.status == RequestStatus.REFUSED or request.status == RequestStatus.NOT_SENT
    if refused and is_provider_channel(request.channel):
        ask_formally(world, chain_row)
    else:
        lose_hop(world, chain_row, request.status == RequestStatus.NO_DATA)


@rule
def complete_part(world: World, chain_row: int) -> int:
    """Completes one of a chain's parallel steps; returns the chain's row if all are complete, otherwise −1."""
    head_row = world.chain[chain_row].head
    head = world.chain[head_row]
    if chain_row != head_row:
        world.chain[chain_row].status = ChainStatus.COMPLETE.value
    head.parts_left -= 1
    if head.parts_left > 0:
        return -1
    complete_chain(world, head_row)
    return head_row


@rule
def complete_chain(world: World, chain_row: int) -> None:
    """Completes a chain; its target becomes known, with the proof that the chain provides."""
    chain = world.chain[chain_row]
    case = world.case[chain.case]
    chain.status = ChainStatus.COMPLETE.value
    case.live_chains -= 1
    record_milestone(world, MilestoneKind.LEAD_ENDED, chain.case, case.group, chain_row, -1)
    if ends_in_evidence(chain):
        add_proof(world, chain.case, world.evidence[chain.evidence].data_kind)
    if chain.target == ChainTarget.PERSON:
        identify_member(world, lead_of(world, chain.case), proves(world, chain_row))


@rule
def leads_followed(setting: Record, group: Record) -> int:
    """Number of chains of evidence that a unit follows at the same time; more for larger groups (M11)."""
    median = math.exp(-0.5 * setting.scale_sigma * setting.scale_sigma)
    leads = setting.chains * (group.users / median) ** setting.effort
    return int(min(max(leads, 1.0), MOST_LEADS) + 0.5)


@rule
def keep_chains(world: World, case_row: int) -> None:
    """Opens chains until a unit follows as many as it can, or until no target is left."""
    case, setting = world.case[case_row], world.setting[0]
    followed = leads_followed(setting, world.group[case.group])
    while case.live_chains < followed and target_left(world, case_row) >= 0:
        open_chain(world, case_row, -1)


@rule
def target_left(world: World, case_row: int) -> int:
    """Kind of target (ChainTarget) for a new chain; −1 if chains already link all nodes and members."""
    case = world.case[case_row]
    lead_row = lead_of(world, case_row)
    nodes_left = unlinked_node(world, lead_row, 0) >= 0
    members_left = unlinked_member(world, lead_row) >= 0
    if nodes_left and (case.chains % 3 != 2 or not members_left):
        return ChainTarget.INFRASTRUCTURE.value
    return ChainTarget.PERSON.value if members_left else -1


@rule
def withdraw(world: World, request_row: int) -> None:
    """Withdraws a request that is still open."""
    if request_row >= 0 and world.request[request_row].status == RequestStatus.OPEN:
        end(world, request_row, RequestStatus.WITHDRAWN.value, Ground.NONE.value)
        schedule(world, world.now[0], Event.REQUEST_ENDED, world.request[request_row].key, request_row, 0)


@rule
def corroboration_probability(setting: Record, expected_days: float) -> float:
    """P(a unit sends a further request for corroboration); higher in quick channels (M25)."""
    ratio = max(expected_days, 1.0) / setting.usual_days
    return min(setting.corroboration * induced(setting, ratio), setting.corroboration_most)


@rule
def corroborate(world: World, row: int) -> None:
    """May send a further request for corroboration to the same custodian."""
    first, setting = world.request[row], world.setting[0]
    days = believed_days(world, first.requesting, first.requested, first.channel, kept_in_mind(world))
    if not chance(setting.seed, Purpose.CORROBORATION, first.key, 0, corroboration_probability(setting, days)):
        return
    state, kind, key = first.requested, first.data_kind, derive(first.key, _CORROBORATION)
    extra_row = add_request(world, key, first.case, RequestPurpose.CORROBORATION, state, first.channel, kind)
    extra, created = world.request[extra_row], world.evidence[first.evidence].created
    extra.provider = first.provider
    extra.hop = first.hop
    extra.evidence = add_item(world, key, first.case, first.hop, state, first.provider, kind, kind, created)
    start_request(world, extra_row)
