"""Service providers: retention, preservation, production, and the evidence that is no longer there (M5, M9, M10)."""

import math

from sim.agents.events import Purpose
from sim.engine.compiling import Key, Record, rule
from sim.engine.random import chance, exponential, lognormal
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import Abuse, EvidenceStatus

MAJOR = 0  # PROVIDER.kind


@rule
def retention_days(setting: Record, key: Key, data_kind: int) -> float:
    """How long the custodian keeps this kind of data, days."""
    median = setting.content_retention_days
    if data_kind == DataKind.SUBSCRIBER:
        median = setting.subscriber_retention_days
    elif data_kind == DataKind.TRAFFIC:
        median = setting.traffic_retention_days
    days = lognormal(setting.seed, Purpose.RETENTION, key, 0, median, setting.retention_sigma)
    return max(days * setting.retention_scale, setting.retention_floor_days)


@rule
def server_moves_at(setting: Record, key: Key, created: float) -> float:
    """Day on which a server image is gone: servers live some 55 days (M10)."""
    return created + exponential(setting.seed, Purpose.SERVER_LIFE, key, 0, setting.server_life_days)


@rule
def hastened(moves_at: float, now: float, multiplier: float, days: float) -> float:
    """When a server moves that would have moved at `moves_at`, once its group is alerted for some days (M13)."""
    if moves_at <= now or math.isinf(moves_at):
        return moves_at
    left = moves_at - now
    if left <= days * multiplier:
        return now + left / multiplier
    return now + days + (left - days * multiplier)


@rule
def freeze(item: Record, start: float, days: float) -> None:
    """Freezes an item from `start` for some days, if it is still there."""
    if start < item.retained_until and start < item.moves_at:
        item.frozen_from = start
        item.frozen_until = start + days


@rule
def loss(item: Record, now: float) -> int:
    """Why an item cannot be produced today, as an EvidenceStatus; AVAILABLE when it can.

    An item lives until its retention ends or its server moves, unless it was frozen before and still is.
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
    """The item is produced or found lost; returns whether it was produced in a form that can be read.

    Encrypted content is lost unless the requester's laboratory can open it, which `decryption` is the chance of (M9).
    """
    status = loss(item, now)
    if status == EvidenceStatus.AVAILABLE:
        status = EvidenceStatus.OBTAINED.value
        if item.data_kind == DataKind.CONTENT and chance(
            setting.seed, Purpose.ENCRYPTED, item.key, 0, setting.encrypted
        ):
            item.decrypted = int(chance(setting.seed, Purpose.DECRYPTED, item.key, 0, decryption))
            if item.decrypted == 0:
                status = EvidenceStatus.LOST_ENCRYPTED.value
    item.status = status
    item.settled = now
    return status == EvidenceStatus.OBTAINED


@rule
def production_time(setting: Record, request: Record, now: float) -> float:
    """Days that a provider takes beside its queue. A deadline hastens only where its breach has a cost."""
    median, sigma = setting.production_days, setting.elapsed_sigma
    if request.channel == Channel.PROVIDER_VOLUNTARY:
        median, sigma = setting.voluntary_days, setting.elapsed_sigma
    if request.abusive == Abuse.FALSE_EMERGENCY:
        median, sigma = setting.emergency_days, setting.emergency_sigma
    days = lognormal(setting.seed, Purpose.STAGE_TIME, request.key, 9 * 16, median, sigma)
    if request.enforceable == 1 and not math.isnan(request.deadline_days):
        left = max(request.deadline_days - (now - request.sent), 0.1)
        if chance(setting.seed, Purpose.COMPLIANCE, request.key, 0, setting.binding_compliance):
            days = min(days, left)
    return days


@rule
def produces(setting: Record, request: Record, provider: Record) -> bool:
    """Whether the provider answers: a voluntary request at its discretion, others unless it ignores the law (M9)."""
    probability = 1.0 - provider.bulletproof
    if request.channel == Channel.PROVIDER_VOLUNTARY:
        probability *= setting.provider_major if provider.kind == MAJOR else setting.provider_small
    probability = 1.0 - (1.0 - probability) * setting.refusal_scale
    return chance(setting.seed, Purpose.PROVIDER_ANSWERS, request.key, 0, probability)
