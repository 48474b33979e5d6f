"""Providers' voluntary answers to requests from abroad, and the days until these answers (M9).

Answering is a switch for each provider and state at some providers, and a grade at others. Where it is not read from
what providers publish, it is drawn for the pair of provider and state: a state with more rule of law is answered by
more providers, but which it is differs. Providers that were closed open now and then until the day on which policy
starts, at a rate that rests on two events. From then on they do so where a scenario lets it go on
(`provider.openings`), or by policy.

There is no queue. A provider hires for the requests that it gets; where these grow faster, answers take longer by an
elasticity.
"""

import math

from sim.agents.assistance.authority import is_provider_channel, logistic
from sim.agents.events import Purpose
from sim.engine.compiling import Key, Record, rule
from sim.engine.random import chance, derive, exponential, normal, uniform
from sim.law.days import YEAR
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import ProviderPolicy
from sim.world.world import World

_PAIR = 0x50414952
_PUBLISHED_TO = 0.0  # the epoch, 1 January 2022
_RAMP = 2.0 * YEAR  # Hungary and Latvia came to their share in two years
_SHARE_SIGMA = 0.8  # log odds, besides rule of law: Google's and Apple's states with ten requests or more
READING = 1.0  # days until a request is read


@rule
def pair_key(provider_row: int, state: int) -> Key:
    """Key for random draws about one provider and one requesting state."""
    return derive(derive(_PAIR, provider_row), state)


@rule
def opened_on(world: World, provider_row: int, state: int) -> float:
    """Day from which a provider voluntarily answers a state's requests; −inf means always, inf means never."""
    setting, key = world.setting[0], pair_key(provider_row, state)
    read = world.door_since[provider_row, state] if provider_row < len(world.door_since) else math.nan
    if not math.isnan(read) and read < math.inf:
        return read
    if math.isnan(read):
        odds = world.state[state].gate_odds
        open_by_now = setting.strict_open
        if world.provider[provider_row].policy == ProviderPolicy.GATE:
            open_by_now = logistic(odds)
        if chance(setting.seed, Purpose.DOOR, key, 0, open_by_now):
            return -math.inf
    if world.provider[provider_row].policy == ProviderPolicy.STRICT:
        return math.inf
    day = _PUBLISHED_TO + exponential(setting.seed, Purpose.DOOR, key, 1, setting.years_closed * YEAR)
    return day if day < setting.policy_start or setting.openings_go_on > 0.0 else math.inf


@rule
def openness(world: World, provider_row: int, state: int, day: float) -> float:
    """Openness of a provider to a state's direct requests on a day, from 0 (never answers) to 1."""
    provider = world.provider[provider_row]
    if provider.policy == ProviderPolicy.NEVER or day < provider.since:
        return 0.0
    if provider.policy == ProviderPolicy.GRADED:
        return 1.0
    by_policy = world.state[state].strict_opens
    if provider.policy == ProviderPolicy.GATE:
        by_policy = world.state[state].gate_opens
    opened = min(opened_on(world, provider_row, state), by_policy)
    if math.isinf(opened):
        return 1.0 if opened < 0.0 else 0.0
    return min(max((day - opened) / _RAMP, 0.0), 1.0)


@rule
def share_answered(world: World, provider_row: int, state: int) -> float:
    """Share of a state's requests that a provider answers, if the provider is open to that state.

    It is greater where there is more rule of law.
    """
    setting = world.setting[0]
    if provider_row < len(world.door_share):
        read = world.door_share[provider_row, state]
        if not math.isnan(read):
            return read
    spread = _SHARE_SIGMA * normal(setting.seed, Purpose.DOOR_SHARE, pair_key(provider_row, state), 0)
    return logistic(logit(setting.provider_share) + world.state[state].share_odds + spread)


@rule
def logit(share: float) -> float:
    """Log-odds of a share; 0 and 1 are first moved inwards by 0.001."""
    share = min(max(share, 0.001), 0.999)
    return math.log(share / (1.0 - share))


@rule
def is_shut(world: World, request: Record) -> bool:
    """True if a provider is closed to this voluntary request (random draw); false in other channels."""
    setting = world.setting[0]
    if request.channel != Channel.PROVIDER_VOLUNTARY:
        return False
    closed = 1.0 - openness(world, request.provider, request.requesting, request.sent)
    return chance(setting.seed, Purpose.DOOR_SHUT, request.key, 0, closed * setting.foreign_refusal)


@rule
def is_tried(world: World, provider_row: int, state: int, data_kind: int, key: Key) -> bool:
    """True if an investigator asks a provider that may refuse; providers known to refuse are rarely asked.

    Where authority to act is asked there is no provider, and `provider_row` is −1; `key` is that of the hop.
    """
    if provider_row < 0:
        return False
    setting, policy = world.setting[0], world.provider[provider_row].policy
    if policy == ProviderPolicy.NEVER or (policy == ProviderPolicy.STRICT and data_kind != DataKind.SUBSCRIBER):
        return False
    asked = asked_share(setting, openness(world, provider_row, state, world.now[0]))
    return uniform(setting.seed, Purpose.DOOR_TRIED, key, 0) < asked


@rule
def asked_share(setting: Record, door: float) -> float:
    """Share of needed requests that investigators send to a provider; rises with the provider's openness."""
    return setting.closed_asked + (1.0 - setting.closed_asked) * door


@rule
def usual_days(world: World, request: Record) -> float:
    """Median days until the provider of a request answers, at the provider's present load and staff.

    An authority of its own state, which may act for another, is the one that it knows.
    """
    direct = is_provider_channel(request.channel)
    return days_to(world, request.provider, request.requesting if direct else world.provider[request.provider].state)


@rule
def crowding(setting: Record, provider: Record) -> float:
    """Log of the factor by which load and staff of a provider change its answer times."""
    return setting.provider_elasticity * math.log(max(provider.load / max(provider.staff, 0.01), 0.01))


@rule
def days_to(world: World, row: int, state: int) -> float:
    """Median days until a provider answers a state's request, at the provider's present load and staff."""
    setting, provider = world.setting[0], world.provider[row]
    apart = normal(setting.seed, Purpose.PROVIDER_TIME, pair_key(row, state), 0)
    days = provider.days
    if math.isnan(days):
        days = setting.production_days
        apart += normal(setting.seed, Purpose.PROVIDER_TIME, derive(_PAIR, row), 0)
    return days * math.exp(setting.provider_pair_sigma * apart + crowding(setting, provider))
