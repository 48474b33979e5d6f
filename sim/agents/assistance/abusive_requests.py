"""Requests without a genuine case: abusive or political requests of states, and false emergencies (M9, part H).

States of weak rule of law ask about people who live where it is strong: under the cover of an ordinary offence, or
openly. The requests are rows like all others and go the same ways. What their senders learn from them is not modelled;
they choose a way by what investigators expect of it, so a quicker and more obliging channel draws more of them.
"""

import numpy as np

from sim.agents.assistance.authority import answers_at_once
from sim.agents.assistance.channels import choose_channel, is_open, is_ready
from sim.agents.assistance.drafting import apply_terms, draft
from sim.agents.assistance.evidence import addressee, draw_data_kind
from sim.agents.assistance.liaison import police_decline_probability
from sim.agents.assistance.offence import as_deed
from sim.agents.assistance.request import begin_stage, start_request
from sim.agents.assistance.trust import trust_in
from sim.agents.assistance.vetting import is_stopped_by_interpol
from sim.agents.events import Event, Purpose, schedule
from sim.engine.compiling import Key, Record, rule
from sim.engine.random import chance, choose, derive, exponential, lognormal, normal, uniform
from sim.law.days import MONTH, YEAR
from sim.law.vocabulary import Channel, DataKind, Ground, Offence
from sim.world.records import Abuse, RequestPurpose, RequestStatus, Stage
from sim.world.world import World

_ABUSE = 0x41425553
_EMERGENCY = 0x454D4552
_TRIES = 8  # draws of a state until one is found that fits
_NO_FACTS = np.int64(0)
_ALL_FACTS = np.int64(0xFF)
#: What an abusive request says it is about.
PRETEXTS = np.array(
    [Offence.COMPUTER_FRAUD, Offence.ILLEGAL_ACCESS, Offence.COMPUTER_FORGERY, Offence.MONEY_LAUNDERING], np.int64
)


@rule
def groups_aimed_at(setting: Record) -> float:
    """Expected number of active groups under the parameters."""
    return setting.entry_rate * setting.lineage_months * MONTH


@rule
def abuse_rate(setting: Record) -> float:
    """Abusive requests per day from all states together, given their share in all requests."""
    genuine = setting.usual_requests * groups_aimed_at(setting) / YEAR
    return genuine * setting.abuse_share / (1.0 - setting.abuse_share)


@rule
def abuse_key(stream: int, number: int) -> Key:
    """Key for random draws about one abusive request, from its stream and its number in the stream."""
    return derive(stream, number)


@rule
def schedule_abuse(world: World, number: int) -> None:
    """Schedules abusive request `number` after a random number of days."""
    setting = world.setting[0]
    rate = abuse_rate(setting)
    if rate > 0.0:
        key = abuse_key(_ABUSE, number)
        day = world.now[0] + exponential(setting.seed, Purpose.ABUSE_GAP, key, 0, 1.0 / rate)
        schedule(world, day, Event.ABUSE_ARRIVAL, key, number, 0)


@rule
def schedule_emergency(world: World, number: int) -> None:
    """Schedules false emergency request `number` after a random number of days."""
    setting = world.setting[0]
    rate = setting.false_emergencies * groups_aimed_at(setting) / YEAR
    if rate > 0.0:
        key = abuse_key(_EMERGENCY, number)
        day = world.now[0] + exponential(setting.seed, Purpose.ABUSE_GAP, key, 0, 1.0 / rate)
        schedule(world, day, Event.FALSE_EMERGENCY, key, number, 0)


@rule
def abuse_target(world: World, key: Key, requesting: int) -> tuple[int, int]:
    """Draws the state that receives an abusive request, and the provider that stores the victim's account.

    The state is -1 where only the asking state itself was drawn: then nothing crosses a border.
    """
    setting = world.setting[0]
    majors = len(world.place_majors) > 0
    if majors and chance(setting.seed, Purpose.ABUSE_CUSTODIAN, key, 0, setting.abuse_majors):
        provider = choose(world.place_majors, uniform(setting.seed, Purpose.ABUSE_CUSTODIAN, key, 1))
        requested = addressee(world, provider, requesting)
        if not is_ready(world, key, requesting, requested):
            requested = world.provider[provider].state
        return (requested if requested != requesting else -1), provider
    for count in range(_TRIES):
        requested = choose(world.place_refuge, uniform(setting.seed, Purpose.ABUSE_TARGET, key, count))
        if requested != requesting:
            return requested, world.state[requested].access_provider
    return -1, -1


@rule
def abuse_arrives(world: World, number: int) -> None:
    """Lets a state without a genuine case choose a channel and request data on a person (M4)."""
    setting = world.setting[0]
    schedule_abuse(world, number + 1)
    key = abuse_key(_ABUSE, number)
    requesting = choose(world.place_abuse, uniform(setting.seed, Purpose.ABUSE_STATE, key, 0))
    requested, provider = abuse_target(world, key, requesting)
    if requested < 0:
        return
    offence = PRETEXTS[int(uniform(setting.seed, Purpose.ABUSE_OFFENCE, key, 0) * len(PRETEXTS))]
    police = chance(setting.seed, Purpose.ABUSE_POLICE, key, 0, setting.abuse_police)
    kind, deed = DataKind.POLICE_INFORMATION.value, as_deed(1 << offence, _ALL_FACTS)
    if police and is_open(world, requesting, requested, Channel.POLICE.value, kind, deed):
        ask_police_abusively(world, key, requesting, requested, offence)
        return
    kind = draw_data_kind(setting, key)
    channel = choose_channel(world, key, requesting, requested, kind, deed, provider, False, 0, 1.0, True)
    if channel >= 0:
        row = draft_abuse(world, key, requesting, requested, channel, kind, offence)
        world.request[row].provider = provider
        start_request(world, row)


@rule
def draft_abuse(
    world: World, key: Key, requesting: int, requested: int, channel: int, data_kind: int, offence: int
) -> int:
    """Drafts an abusive request that alleges a complete offence; returns the request's row."""
    setting = world.setting[0]
    row = draft(world, key, RequestPurpose.PRETEXT.value, requesting, requested, channel, data_kind)
    request = world.request[row]
    request.offence = offence
    request.strength = setting.abuse_strength + 0.1 * normal(setting.seed, Purpose.STRENGTH, key, 0)
    apply_terms(world, request, as_deed(1 << offence, _ALL_FACTS))
    disguised = chance(setting.seed, Purpose.ABUSE_DISGUISED, key, 0, setting.abuse_disguised)
    request.abusive = Abuse.OPEN.value
    if disguised and request.dual_criminality == 1:
        request.abusive = Abuse.DISGUISED.value
    request.dual_criminality = 0  # what really happened is no offence
    return row


@rule
def ask_police_abusively(world: World, key: Key, requesting: int, requested: int, offence: int) -> None:
    """Sends police abroad an abusive question about a person (M8)."""
    setting = world.setting[0]
    kind = DataKind.POLICE_INFORMATION.value
    row = draft_abuse(world, key, requesting, requested, Channel.POLICE.value, kind, offence)
    request = world.request[row]
    request.sent = world.now[0]
    days = lognormal(setting.seed, Purpose.POLICE_TIME, key, 0, setting.police_days, setting.police_sigma)
    schedule(
        world, request.sent + (1.0 if answers_at_once(setting, key) else days), Event.LEAD_ANSWERED, request.key, row, 0
    )


@rule
def abuse_answered_by_police(world: World, row: int) -> None:
    """Ends an abusive question to police: INTERPOL stops it, the police decline it, or they answer it."""
    request, setting = world.request[row], world.setting[0]
    i, j = request.requesting, request.requested
    request.ended = world.now[0]
    request.trust = trust_in(world, j, i)
    declined = police_decline_probability(setting, request.trust)
    if is_stopped_by_interpol(setting, request, world.police_body[i, j]):
        request.status = RequestStatus.REFUSED.value
        request.ground = Ground.POLITICAL_OR_ESSENTIAL_INTERESTS.value
    elif chance(setting.seed, Purpose.POLICE_DECLINES, request.key, 0, declined):
        request.status = RequestStatus.REFUSED.value
        request.ground = Ground.DECLINED_BY_POLICE.value
    else:
        request.status = RequestStatus.EXECUTED.value
        request.accounts = 1


@rule
def emergency_is_faked(world: World, number: int) -> None:
    """Lets a criminal with a stolen police mailbox send a false emergency request to a large provider (M9)."""
    setting = world.setting[0]
    schedule_emergency(world, number + 1)
    if len(world.place_majors) == 0:
        return
    key = abuse_key(_EMERGENCY, number)
    provider = choose(world.place_majors, uniform(setting.seed, Purpose.ABUSE_CUSTODIAN, key, 0))
    requested, channel = world.provider[provider].state, Channel.PROVIDER_VOLUNTARY.value
    subscriber = chance(setting.seed, Purpose.DATA_KIND, key, 0, 0.5)
    kind = DataKind.SUBSCRIBER.value if subscriber else DataKind.TRAFFIC.value
    for count in range(_TRIES):
        posing_as = choose(world.place_abuse, uniform(setting.seed, Purpose.ABUSE_STATE, key, count))
        if posing_as != requested and world.instrument[posing_as, requested, channel] >= 0:
            ask_in_false_emergency(world, key, posing_as, provider, kind)
            return


@rule
def ask_in_false_emergency(world: World, key: Key, posing_as: int, provider: int, data_kind: int) -> None:
    """Sends a false emergency request to a provider, where emergencies come before other requests."""
    requested, channel = world.provider[provider].state, Channel.PROVIDER_VOLUNTARY.value
    row = draft(world, key, RequestPurpose.PRETEXT.value, posing_as, requested, channel, data_kind)
    request = world.request[row]
    request.offence = Offence.COMPUTER_FRAUD.value
    request.provider = provider
    apply_terms(world, request, as_deed(1 << request.offence, _NO_FACTS))
    request.dual_criminality = 0
    request.abusive = Abuse.FALSE_EMERGENCY.value
    request.urgent = 1
    request.route = 1 << Stage.PRODUCTION.value
    request.sent = world.now[0]
    begin_stage(world, row, Stage.PRODUCTION.value)
