"""The investigator's choice of a channel (M4)."""

import math

from sim.agents.answering import is_tried
from sim.agents.authority import is_provider_channel, logistic
from sim.agents.events import Purpose
from sim.agents.offence import is_offence
from sim.engine.compiling import Key, Record, rule
from sim.engine.random import gumbel, uniform
from sim.law.vocabulary import Channel
from sim.world.records import WhyNotAsked
from sim.world.world import World

_NOTHING = -1  # choices below it name a reason
_FORMAL = 8  # channels 0–7 yield evidence


@rule
def is_open(world: World, requesting: int, requested: int, channel: int, data_kind: int, deed: int) -> bool:
    """Whether the channel carries this kind of data for this deed on this day.

    Where a least penalty binds, some offence of the deed must carry it in the requesting state, or be exempt.
    """
    row = world.instrument[requesting, requested, channel]
    if row < 0:
        return False
    terms = world.terms[row]
    if (int(terms.carries) >> data_kind) & 1 == 0:
        return False
    if (int(terms.penalty_kinds) >> data_kind) & 1 == 0:
        return True
    return is_offence(world, requesting, deed, int(terms.exempt_offences), terms.penalty_years)


@rule
def awareness(setting: Record, now: float, opened: float) -> float:
    """Share of investigators who know a channel that has been open since a day; half know it after the half-time."""
    half = setting.awareness_half_days
    if half <= 0.0:
        return 1.0
    return logistic(3.0 * (now - opened - half) / half)


@rule
def is_known(setting: Record, key: Key, channel: int, now: float, opened: float) -> bool:
    """Whether the investigator who asks has heard of a channel; everybody knows letters rogatory."""
    if channel == Channel.LETTERS_ROGATORY:
        return True
    return uniform(setting.seed, Purpose.CHANNEL_AWARE, key, channel) < awareness(setting, now, opened)


@rule
def burden(setting: Record, channel: int) -> float:
    """Cost of using a channel, apart from the waiting, in units of utility."""
    if channel == Channel.LETTERS_ROGATORY:
        return setting.letters_cost
    if channel == Channel.MLAT or channel == Channel.BUDAPEST or channel == Channel.UN_CONVENTION:
        return setting.treaty_cost
    return setting.direct_cost


@rule
def utility(setting: Record, channel: int, days: float, success: float) -> float:
    """U = v · p · admissibility − w · E[T] − cost (M4)."""
    admissible = setting.voluntary_evidence if channel == Channel.PROVIDER_VOLUNTARY else 1.0
    return setting.success_value * success * admissible - setting.delay_cost * days / 30.0 - burden(setting, channel)


@rule
def is_candidate(
    world: World,
    channel: int,
    requesting: int,
    requested: int,
    data_kind: int,
    deed: int,
    asked: int,
    in_team: bool,
    key: Key,
) -> bool:
    """Whether the channel is open and fits the custodian, row `asked` of providers, whose practice is known (M9)."""
    if not is_open(world, requesting, requested, channel, data_kind, deed):
        return False
    if channel == Channel.JOINT_TEAM:
        return in_team
    if channel == Channel.PROVIDER_VOLUNTARY:
        return is_tried(world, asked, requesting, data_kind, key)
    return True


@rule
def choose_channel(
    world: World,
    key: Key,
    requesting: int,
    requested: int,
    data_kind: int,
    deed: int,
    asked: int,
    in_team: bool,
    tried: int,
    may_abstain: bool,
) -> int:
    """The channel of greatest perceived utility, with noise; below 0 where nothing is asked: see `why_not_asked`.

    Not asking has utility 0: requests that experience says are hopeless are never made.

    `tried` is a bit mask of channels that have failed for this hop. Not asking is no choice where `may_abstain` is
    false: for the authority to act.
    """
    setting, now = world.setting[0], world.now[0]
    best, best_utility, why = _NOTHING, -math.inf, WhyNotAsked.NO_CHANNEL_OPEN.value
    if may_abstain:
        best_utility = gumbel(setting.seed, Purpose.CHANNEL_NOISE, key, _FORMAL)
    for channel in range(_FORMAL):
        if not is_candidate(world, channel, requesting, requested, data_kind, deed, asked, in_team, key):
            continue
        if (tried >> channel) & 1:
            why = max(why, WhyNotAsked.ALL_CHANNELS_TRIED.value)
            continue
        if not is_known(setting, key, channel, now, world.opened[requesting, requested, channel]):
            why = max(why, WhyNotAsked.CHANNEL_UNKNOWN.value)
            continue
        why = WhyNotAsked.NOT_WORTH_IT.value
        value = utility(
            setting,
            channel,
            believed_days(world, requesting, requested, channel),
            believed_success(world, requesting, requested, channel),
        ) / setting.temperature + gumbel(setting.seed, Purpose.CHANNEL_NOISE, key, channel)
        if value > best_utility:
            best, best_utility = channel, value
    return best if best >= 0 else _NOTHING - why


@rule
def why_not_asked(choice: int) -> int:
    """The WhyNotAsked of a choice below 0: nothing open, all tried, unknown, or not worth it."""
    return _NOTHING - choice


@rule
def believed_days(world: World, requesting: int, requested: int, channel: int) -> float:
    """Days to an answer that investigators of a state expect: the usual ones, corrected by their own experience."""
    days = world.belief_days[requested, channel]
    return days if is_provider_channel(channel) else days * world.own_pace[requesting, requested]


@rule
def believed_success(world: World, requesting: int, requested: int, channel: int) -> float:
    """Success that investigators of a state expect: the usual one there, corrected by their own experience."""
    success = world.belief_success[requested, channel]
    if is_provider_channel(channel):
        return success
    return min(max(success + world.own_success[requesting, requested], 0.0), 1.0)


@rule
def learn(world: World, request: Record, day: float, succeeded: bool) -> None:
    """Investigators remember how long they waited and whether the answer served (moving averages).

    All who ask a state share what is usual there by each channel. How a state treats those who ask otherwise than
    usual, in pace and success, is kept by pair and starts from no difference: few answers move it little. Providers
    treat states by policy, not by pair.
    """
    setting = world.setting[0]
    i, j, c = request.requesting, request.requested, request.channel
    days, success = day - request.drafted, 1.0 if succeeded else 0.0
    if not is_provider_channel(c):
        own = min(setting.experience_weight * setting.own_experience, 1.0)
        world.own_pace[i, j] += own * (days / max(world.belief_days[j, c], 1.0) - world.own_pace[i, j])
        world.own_success[i, j] += own * (success - world.belief_success[j, c] - world.own_success[i, j])
    world.belief_days[j, c] += setting.experience_weight * (days - world.belief_days[j, c])
    world.belief_success[j, c] += setting.experience_weight * (success - world.belief_success[j, c])
