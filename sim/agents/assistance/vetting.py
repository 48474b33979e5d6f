"""Safeguards against abusive requests: reviewers, providers, INTERPOL, appeals, short retention (part H).

An abusive request is one with no genuine case behind it. It goes the same ways, to the same desks and through the same
tests as a genuine one; this file holds only what those who handle it may notice.
"""

import math

from sim.agents.assistance.provider import retention_days
from sim.agents.events import Purpose
from sim.engine.compiling import Record, rule
from sim.engine.random import chance, lognormal
from sim.law.vocabulary import Channel
from sim.world.records import Abuse, Body


@rule
def with_effort(probability: float, effort: float) -> float:
    """P(at least one of `effort` independent checks notices abuse), each with the given probability."""
    return 1.0 - math.exp(effort * math.log(max(1.0 - probability, 1e-9)))


@rule
def recognition_probability(setting: Record, abusive: int, skill: float) -> float:
    """P(a reviewer recognises an abusive request as political); higher with skill and effort."""
    noticed = setting.recognised_open if abusive == Abuse.OPEN else setting.recognised_disguised
    return with_effort(min(noticed * (0.5 + skill), 0.98), setting.authority_screening)


@rule
def is_recognised(setting: Record, request: Record, skill: float) -> bool:
    """True if a reviewer recognises an abusive request as political and refuses it."""
    probability = recognition_probability(setting, request.abusive, skill)
    return chance(setting.seed, Purpose.ABUSE_RECOGNISED, request.key, 0, probability)


@rule
def provider_objects(setting: Record, request: Record) -> bool:
    """True if a provider recognises and refuses an abusive request; rarer under a binding order."""
    noticed = setting.provider_recognises if request.channel == Channel.PROVIDER_VOLUNTARY else setting.provider_objects
    probability = with_effort(noticed, setting.provider_screening)
    return chance(setting.seed, Purpose.ABUSE_OBJECTED, request.key, 0, probability)


@rule
def is_deceived(setting: Record, request: Record) -> bool:
    """True if a provider believes a false emergency, by a draw that depends on the provider's care (M9)."""
    found_out = with_effort(1.0 - setting.emergency_deceived, setting.provider_screening)
    return not chance(setting.seed, Purpose.EMERGENCY_FOUND_OUT, request.key, 0, found_out)


@rule
def is_stopped_by_interpol(setting: Record, request: Record, police_body: int) -> bool:
    """True if INTERPOL stops an abusive question to police as political (its constitution, art. 3)."""
    if police_body != Body.INTERPOL:
        return False
    return chance(setting.seed, Purpose.ABUSE_AT_INTERPOL, request.key, 0, setting.interpol_screening)


@rule
def is_remedied(setting: Record, request: Record) -> bool:
    """True if a court grants an appeal; only appeals against abusive requests succeed."""
    if request.abusive == Abuse.NONE:
        return False
    return chance(setting.seed, Purpose.ABUSE_REMEDY, request.key, 0, setting.remedy)


@rule
def is_still_held(setting: Record, request: Record, provider: Record, now: float) -> bool:
    """True if a custodian still has the data that an abusive request seeks (random draw)."""
    key = request.key
    age = lognormal(setting.seed, Purpose.ABUSE_AGE, key, 0, setting.abuse_age_days, setting.abuse_age_sigma)
    return age + now - request.drafted <= retention_days(setting, provider, key, request.data_kind)
