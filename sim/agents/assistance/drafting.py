"""Drafting of requests: their route through the stages, and the terms of their instrument (M1, M4, M6)."""

import numpy as np

from sim.agents.assistance.authority import is_provider_channel
from sim.agents.assistance.offence import deed_of, is_offence_there
from sim.agents.events import Purpose
from sim.engine.compiling import Key, Record, rule
from sim.engine.random import chance
from sim.engine.rows import new_row
from sim.law.vocabulary import Channel, Offence
from sim.world.records import STAGES, DeskKind, Growing, RequestPurpose, Stage
from sim.world.world import World


def route(*stages: Stage) -> int:
    """Bit mask of the given stages."""
    return sum(1 << stage for stage in stages)


#: Stages that each channel passes, a bit mask by channel. Returns, appeals and forensics come in by event.
ROUTES = np.array([route(*(one for one in Stage if channel.row.route in one.row.on)) for channel in Channel], np.int64)
#: What each kind of group (parameters.GROUP_KINDS) is said to commit: a label, the first of its rows in conducts.csv.
#: The law reads its whole conduct instead (`World.conducts`).
OFFENCE_OF_KIND = np.array(
    [
        Offence.MISUSE_OF_DEVICES,
        Offence.SYSTEM_INTERFERENCE,
        Offence.ILLEGAL_ACCESS,
        Offence.COMPUTER_FRAUD,
        Offence.MONEY_LAUNDERING,
        Offence.SYSTEM_INTERFERENCE,
        Offence.MISUSE_OF_DEVICES,
        Offence.MONEY_LAUNDERING,
    ],
    np.int64,
)


@rule
def route_of(channel: int, purpose: int) -> int:
    """Bit mask of the stages on the route of a request, given its channel and purpose."""
    route = ROUTES[channel]
    if purpose == RequestPurpose.ACTION:
        route &= ~(1 << Stage.PRODUCTION.value)
    return route


@rule
def oversight_route(setting: Record, channel: int) -> int:
    """Bit mask of stages that oversight adds to a direct request: legal review and court; 0 without it (part H)."""
    if setting.provider_court_order > 0.0 and is_provider_channel(channel):
        return (1 << Stage.REVIEW.value) | (1 << Stage.COURT_ORDER.value)
    return 0


@rule
def next_stage(route: int, stage: int) -> int:
    """First stage after `stage` on a route; 0 if `stage` is the last one."""
    for later in range(stage + 1, STAGES + 1):
        if route & (1 << later):
            return later
    return 0


@rule
def add_request(
    world: World, key: Key, case_row: int, purpose: int, requested: int, channel: int, data_kind: int
) -> int:
    """Creates a request in a case and returns its row; the caller adds content and starts the request."""
    case = world.case[case_row]
    group = world.group[case.group]
    row = draft(world, key, purpose, case.state, requested, channel, data_kind)
    request = world.request[row]
    request.case = case_row
    request.next_request = case.first_request
    case.first_request = row
    request.group = case.group
    request.offence = OFFENCE_OF_KIND[group.kind]
    apply_terms(world, request, deed_of(world, case.group))
    return row


@rule
def draft(world: World, key: Key, purpose: int, requesting: int, requested: int, channel: int, data_kind: int) -> int:
    """Creates the record of a request and returns its row; the caller adds content and terms."""
    row = new_row(world, world.request, Growing.REQUEST.value)
    request, setting = world.request[row], world.setting[0]
    now = world.now[0]
    request.key = key
    request.purpose = purpose
    request.requesting = requesting
    request.requested = requested
    request.channel = channel
    request.data_kind = data_kind
    request.drafted = now
    request.stage_since = now
    request.urgent = int(chance(setting.seed, Purpose.URGENT, key, 0, setting.urgent_share))
    request.route = route_of(channel, purpose) | oversight_route(setting, channel)
    if world.shared_language[requesting, requested] == 1:
        request.route &= ~(1 << Stage.TRANSLATION.value)
    return row


@rule
def apply_terms(world: World, request: Record, deed: int) -> None:
    """Copies the terms of the instrument in force today to a request: deadline, force and transmission.

    Whether the deed is an offence there is noted as of today, and read again when the request is decided.
    """
    request.deed = deed
    if request.channel != Channel.DOMESTIC:
        request.instrument = world.instrument[request.requesting, request.requested, request.channel]
        terms = world.terms[request.instrument]
        request.deadline_days = terms.deadline_days[request.data_kind]
        request.enforceable = terms.enforceable
        request.electronic = terms.electronic
    request.dual_criminality = int(is_offence_there(world, request))


@rule
def drafting_skill(world: World, request: Record) -> float:
    """Skill behind a draft: the investigators', averaged with an authority's if one checks the draft (M7)."""
    skill = world.state[request.requesting].skill
    if request.route & (1 << Stage.OUTGOING_CHECK.value):
        skill = 0.5 * (skill + world.desk[DeskKind.OUTGOING.value * len(world.state) + request.requesting].skill)
    return skill
