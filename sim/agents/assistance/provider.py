"""Service providers, which keep, freeze and produce data (M5, M7, M9, M10, part H)."""

import math

from sim.agents.assistance.answering import READING, is_shut, logit, share_answered, usual_days
from sim.agents.assistance.authority import is_provider_channel, logistic
from sim.agents.events import Purpose
from sim.engine.compiling import Key, Record, rule
from sim.engine.random import chance, exponential, lognormal, uniform
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import Abuse, EvidenceStatus, ProviderPolicy, Stage
from sim.world.world import World

_MOST_OTHERS = 2.0e9  # accounts in one answer: no field holds more


@rule
def retention_days(setting: Record, provider: Record, key: Key, data_kind: int) -> float:
    """Days for which a custodian keeps a kind of data: the longer of its own period and the legal one."""
    median, by_law = setting.content_retention_days, provider.keeps_content
    if data_kind == DataKind.SUBSCRIBER:
        median, by_law = setting.subscriber_retention_days, provider.keeps_subscriber
    elif data_kind == DataKind.TRAFFIC:
        median, by_law = setting.traffic_retention_days, provider.keeps_traffic
    days = lognormal(setting.seed, Purpose.RETENTION, key, 0, median, setting.retention_sigma)
    return max(days * setting.retention_scale, by_law, setting.retention_floor_days)


@rule
def server_moves_at(setting: Record, key: Key, created: float) -> float:
    """Draws the day on which a server moves or shuts down; servers last about 55 days (M10)."""
    return created + exponential(setting.seed, Purpose.SERVER_LIFE, key, 0, setting.server_life_days)


@rule
def freeze(item: Record, start: float, days: float) -> None:
    """Protects an evidence item that still exists from deletion for `days` days, from day `start` on."""
    if start < item.retained_until and start < item.moves_at:
        item.frozen_from = start
        item.frozen_until = start + days


@rule
def loss(item: Record, now: float) -> int:
    """Reason (EvidenceStatus) why an evidence item can no longer be produced; AVAILABLE if it can.

    An item exists until its retention ends or its server moves, unless it was frozen before and still is.
    """
    if item.frozen_from <= now <= item.frozen_until:
        return EvidenceStatus.AVAILABLE.value
    gone_at = min(item.retained_until, item.moves_at)
    if now < gone_at:
        return EvidenceStatus.AVAILABLE.value
    if item.frozen_until >= gone_at:
        return EvidenceStatus.LOST_PRESERVATION_EXPIRED.value
    if item.moves_at < item.retained_until:
        return EvidenceStatus.LOST_MOVED.value
    return EvidenceStatus.LOST_RETENTION.value


@rule
def settle_evidence(setting: Record, item: Record, now: float, decryption: float) -> bool:
    """Sets an evidence item's final status, produced or lost; returns true if readable data were produced.

    Encrypted content is lost unless the requester's laboratory can open it, which `decryption` is the chance of (M9).
    """
    status = loss(item, now)
    if status == EvidenceStatus.AVAILABLE:
        status = EvidenceStatus.OBTAINED.value
        content = item.data_kind == DataKind.CONTENT
        if content and chance(setting.seed, Purpose.ENCRYPTED, item.key, 0, setting.encrypted):
            item.decrypted = int(chance(setting.seed, Purpose.DECRYPTED, item.key, 0, decryption))
            if item.decrypted == 0:
                status = EvidenceStatus.LOST_ENCRYPTED.value
    item.status = status
    item.settled = now
    return status == EvidenceStatus.OBTAINED


@rule
def production_time(world: World, request: Record, now: float) -> float:
    """Days that a provider needs to produce data; a deadline shortens them only if its breach has a cost."""
    setting = world.setting[0]
    if is_shut(world, request):
        return READING
    median = setting.emergency_days if request.abusive == Abuse.FALSE_EMERGENCY else usual_days(world, request)
    counter = Stage.PRODUCTION * 16
    days = lognormal(setting.seed, Purpose.STAGE_TIME, request.key, counter, median, setting.elapsed_sigma)
    if request.enforceable == 1 and not math.isnan(request.deadline_days):
        left = max(request.deadline_days - (now - request.sent), 0.1)
        if chance(setting.seed, Purpose.COMPLIANCE, request.key, 0, setting.binding_compliance):
            days = min(days, left)
    return days


@rule
def production_probability(setting: Record, request: Record, provider: Record, asker: Record, share: float) -> float:
    """P(a provider produces the requested data), given that it is open or bound by an order (M9)."""
    return answer_probability(setting, request.channel, request.data_kind, provider, asker, share)


@rule
def answer_probability(
    setting: Record, channel: int, data_kind: int, provider: Record, asker: Record, share: float
) -> float:
    """P(a provider answers a request in a channel), given that it is open or bound by an order (M9).

    An authority of its own state, which may act for another, sends a domestic order. A direct request from abroad rests
    on a binding foreign instrument, or the provider answers voluntarily, more readily to a single point of contact:
    `share` of the requests of the state that asks.
    """
    direct = is_provider_channel(channel)
    if direct and provider.policy == ProviderPolicy.NEVER:
        return 0.0
    value = logit(share if channel == Channel.PROVIDER_VOLUNTARY else setting.provider_share)
    if not direct:
        value += setting.provider_domestic
    elif channel == Channel.PROVIDER_BINDING:
        value += setting.provider_binding
    elif asker.single_point == 1:
        value += setting.provider_single_point
    if data_kind == DataKind.TRAFFIC:
        value -= setting.provider_traffic
    return logistic(value) * (1.0 - provider.bulletproof)


@rule
def produces(world: World, request: Record) -> bool:
    """True if a provider produces data for a request (random draw)."""
    if is_shut(world, request):
        return False
    setting, asker = world.setting[0], world.state[request.requesting]
    share = share_answered(world, request.provider, request.requesting)
    probability = production_probability(setting, request, world.provider[request.provider], asker, share)
    if is_provider_channel(request.channel):
        probability = 1.0 - (1.0 - probability) * setting.foreign_refusal
    return chance(setting.seed, Purpose.PROVIDER_ANSWERS, request.key, 0, probability)


@rule
def bystanders_usual(setting: Record, data_kind: int) -> float:
    """Median number of uninvolved people's accounts in an answer for a kind of data."""
    if data_kind == DataKind.SUBSCRIBER:
        return setting.bystanders_subscriber
    if data_kind == DataKind.TRAFFIC:
        return setting.bystanders_traffic
    return setting.bystanders_content


@rule
def breadth(setting: Record, skill: float, template: float, lead: bool, loops: int) -> float:
    """Breadth of a request relative to the usual; smaller with leads, skill, a template or a return."""
    ratio = math.exp(-setting.narrowing_skill * (skill - 0.5) - setting.narrowing_template * template)
    if lead:
        ratio *= 1.0 - setting.narrowing_lead
    for _ in range(loops):
        ratio *= 1.0 - setting.narrowing_return
    return ratio


@rule
def accounts_disclosed(setting: Record, request: Record, skill: float, template: float, lead: bool) -> int:
    """Random number of accounts disclosed in an answer, including uninvolved people's.

    The number of others is drawn as a real number and rounded up or down so that its mean is kept.
    """
    median = bystanders_usual(setting, request.data_kind) * breadth(setting, skill, template, lead, request.loops)
    others = lognormal(setting.seed, Purpose.BYSTANDERS, request.key, 0, median, setting.bystanders_sigma)
    return 1 + int(min(others, _MOST_OTHERS) + uniform(setting.seed, Purpose.BYSTANDERS, request.key, 1))
