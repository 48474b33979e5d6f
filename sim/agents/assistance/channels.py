"""The investigator's choice of a channel for a request (M4)."""

import math

import numpy as np

from sim.agents.assistance.answering import days_to, is_tried, share_answered
from sim.agents.assistance.authority import (
    is_provider_channel,
    logistic,
    political_refusal_probability,
    silence_probability,
)
from sim.agents.assistance.offence import is_offence
from sim.agents.assistance.provider import answer_probability
from sim.agents.assistance.trust import remembered
from sim.agents.events import Purpose
from sim.engine.compiling import Key, Record, rule
from sim.engine.random import chance, derive, exponential, gumbel, uniform
from sim.law.days import YEAR
from sim.law.vocabulary import AUTHORITY_CHANNELS, EVIDENCE_CHANNELS, Channel
from sim.world.records import WhyNotAsked
from sim.world.world import World

#: Place of each channel's effort among those of `burden`, by number of the channel.
_EFFORT = np.array(
    [("", "letters_cost", "treaty_cost", "order_cost", "direct_cost").index(one.row.effort) for one in Channel]
)
_NOTHING = -1  # choices below it name a reason
_FORMAL = len(EVIDENCE_CHANNELS)  # these are the first
_AUTHORITIES = tuple(channel.value for channel in AUTHORITY_CHANNELS)
_READY = 0x52454144


@rule
def is_open(world: World, requesting: int, requested: int, channel: int, data_kind: int, deed: int) -> bool:
    """True if a channel is open between two states today, for this kind of data and this deed.

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
    """Share of investigators who know a channel; grows with the time since the channel opened."""
    half = setting.awareness_half_days
    if half <= 0.0:
        return 1.0
    return logistic(3.0 * (now - opened - half) / half)


@rule
def ready_share(world: World, requesting: int, requested: int) -> float:
    """Share of binding orders between two states that can be sent and are accepted today (M4).

    All of them under most instruments. Under one that is introduced in steps some states have their law and offices on
    the first day; each of the others is ready on a day of its own, and providers' addressees follow by and by. A policy
    may delay what is not ready when it starts.
    """
    setting, now = world.setting[0], world.now[0]
    row = world.instrument[requesting, requested, Channel.PROVIDER_BINDING.value]
    if row < 0:
        return 0.0
    if world.terms[row].in_steps == 0:
        return 1.0
    opened = float(world.opened[requesting, requested, Channel.PROVIDER_BINDING.value])
    key, since = derive(_READY, requesting), opened
    if chance(setting.seed, Purpose.ORDERS_LATE, key, 0, setting.orders_late):
        since += exponential(setting.seed, Purpose.ORDERS_LATE, key, 1, setting.orders_late_years * YEAR)
    reached = now
    if now > setting.policy_start:
        reached = max(now - setting.orders_delay * YEAR, setting.policy_start)
    taken = 0.0
    if reached >= since:
        taken = 1.0 - math.exp(-(reached - opened) / max(setting.addressee_years * YEAR, 1.0))
    return max(taken, setting.orders_ready_least)


@rule
def is_ready(world: World, key: Key, requesting: int, requested: int) -> bool:
    """True if an investigator's state can send a binding order today and the provider accepts orders."""
    return uniform(world.setting[0].seed, Purpose.ORDER_READY, key, 0) < ready_share(world, requesting, requested)


@rule
def is_known(setting: Record, key: Key, channel: int, now: float, opened: float) -> bool:
    """True if an investigator knows a channel; every investigator knows letters rogatory."""
    if channel == Channel.LETTERS_ROGATORY:
        return True
    return uniform(setting.seed, Purpose.CHANNEL_AWARE, key, channel) < awareness(setting, now, opened)


@rule
def burden(setting: Record, channel: int) -> float:
    """Effort of using a channel in units of utility, without the cost of waiting."""
    return (0.0, setting.letters_cost, setting.treaty_cost, setting.order_cost, setting.direct_cost)[_EFFORT[channel]]


@rule
def utility(setting: Record, channel: int, days: float, success: float, steps: float) -> float:
    """Utility of a channel (M4): v · n · p · admissibility − w · E[T] − cost; n is the number of dependent steps."""
    admissible = setting.voluntary_evidence if channel == Channel.PROVIDER_VOLUNTARY else 1.0
    value = setting.success_value * steps * success * admissible
    return value - setting.delay_cost * days / 30.0 - burden(setting, channel)


@rule
def is_candidate(
    world: World,
    channel: int,
    requesting: int,
    requested: int,
    data_kind: int,
    deed: int,
    provider_row: int,
    in_team: bool,
    key: Key,
) -> bool:
    """True if a channel is open today and can be taken: team joined, provider worth asking, orders ready (M9)."""
    if not is_open(world, requesting, requested, channel, data_kind, deed):
        return False
    if channel == Channel.JOINT_TEAM:
        return in_team
    if channel == Channel.PROVIDER_VOLUNTARY:
        return is_tried(world, provider_row, requesting, data_kind, key)
    if channel == Channel.PROVIDER_BINDING:
        return is_ready(world, key, requesting, requested)
    return True


@rule
def answer_expected(world: World, provider_row: int, requesting: int, channel: int, data_kind: int) -> float:
    """Probability with which investigators expect a provider to answer a direct request from abroad (M9).

    Who asks voluntarily takes the provider for open (`is_tried`).
    """
    setting, share = world.setting[0], 0.0  # an order needs none
    if channel == Channel.PROVIDER_VOLUNTARY:
        share = share_answered(world, provider_row, requesting)
    provider, asker = world.provider[provider_row], world.state[requesting]
    answers = answer_probability(setting, channel, data_kind, provider, asker, share)
    return 1.0 - (1.0 - answers) * setting.foreign_refusal


@rule
def days_within(world: World, requesting: int, requested: int, channel: int, data_kind: int, days: float) -> float:
    """Days from drafting to answer that investigators expect of a provider that usually takes `days`."""
    if channel == Channel.PROVIDER_BINDING:
        terms = world.terms[world.instrument[requesting, requested, channel]]
        if terms.enforceable == 1 and not math.isnan(terms.deadline_days[data_kind]):
            days = min(days, float(terms.deadline_days[data_kind]))
    return world.setting[0].direct_draft_days + days


@rule
def days_expected(
    world: World, provider_row: int, requesting: int, requested: int, channel: int, data_kind: int
) -> float:
    """Days from drafting to answer that investigators expect for a direct request to a provider."""
    usual = days_to(world, provider_row, requesting)
    return days_within(world, requesting, requested, channel, data_kind, usual)


@rule
def worth_within(
    world: World,
    provider_row: int,
    requesting: int,
    requested: int,
    channel: int,
    data_kind: int,
    steps: float,
    usual: float,
) -> float:
    """Utility of a direct request (see `direct_worth`) to a provider that answers in `usual` days."""
    days = days_within(world, requesting, requested, channel, data_kind, usual)
    success = answer_expected(world, provider_row, requesting, channel, data_kind)
    return utility(world.setting[0], channel, days, success, steps)


@rule
def direct_worth(
    world: World, provider_row: int, requesting: int, requested: int, channel: int, data_kind: int, steps: float
) -> float:
    """Utility for an investigator of a direct request to a provider in a given channel (M4)."""
    usual = days_to(world, provider_row, requesting)
    return worth_within(world, provider_row, requesting, requested, channel, data_kind, steps, usual)


@rule
def changing_share(setting: Record, gain: float) -> float:
    """Share of investigators who prefer an order to a voluntary request, if its utility is higher by `gain` (M4).

    Nobody changes where nothing is gained. What it costs to change differs between them: exponentially, with the habit
    as its mean.
    """
    return 0.0 if gain <= 0.0 else 1.0 - math.exp(-gain / max(setting.habit, 1e-6))


@rule
def has_direct_way(
    world: World, key: Key, requesting: int, requested: int, channel: int, data_kind: int, deed: int, provider_row: int
) -> bool:
    """True if an investigator knows a given direct channel to a provider and can use it."""
    if world.instrument[requesting, requested, channel] < 0:
        return False
    if not is_candidate(world, channel, requesting, requested, data_kind, deed, provider_row, False, key):
        return False
    opened = world.opened[requesting, requested, channel]
    return is_known(world.setting[0], key, channel, world.now[0], opened)


@rule
def prefers_order(
    world: World, key: Key, requesting: int, seat: int, bound: int, data_kind: int, provider_row: int, steps: float
) -> bool:
    """True if an investigator who could use both direct channels sends a binding order (M4).

    `seat` is the state in which the provider is asked voluntarily, `bound` the one in which it takes orders.
    """
    setting = world.setting[0]
    gain = direct_worth(world, provider_row, requesting, bound, Channel.PROVIDER_BINDING.value, data_kind, steps)
    gain -= direct_worth(world, provider_row, requesting, seat, Channel.PROVIDER_VOLUNTARY.value, data_kind, steps)
    return uniform(setting.seed, Purpose.WAY_CHANGED, key, 0) < changing_share(setting, gain)


@rule
def state_to_ask(
    world: World, key: Key, requesting: int, bound: int, data_kind: int, deed: int, provider_row: int, steps: float
) -> int:
    """State in which to ask a provider: `bound`, where it takes orders, or the state of its seat.

    It is asked at its seat by those who cannot order, or who ask voluntarily although they can.
    """
    seat = world.provider[provider_row].state
    voluntary, binding = Channel.PROVIDER_VOLUNTARY.value, Channel.PROVIDER_BINDING.value
    if bound == seat or not has_direct_way(world, key, requesting, bound, binding, data_kind, deed, provider_row):
        return seat
    if not has_direct_way(world, key, requesting, seat, voluntary, data_kind, deed, provider_row):
        return bound
    return bound if prefers_order(world, key, requesting, seat, bound, data_kind, provider_row, steps) else seat


@rule
def passed_over(
    world: World,
    key: Key,
    requesting: int,
    requested: int,
    data_kind: int,
    deed: int,
    provider_row: int,
    tried: int,
    steps: float,
) -> int:
    """Direct channel (voluntary or binding) that an investigator who could use both rejects; −1 if none."""
    voluntary, binding = Channel.PROVIDER_VOLUNTARY.value, Channel.PROVIDER_BINDING.value
    if provider_row < 0 or (tried >> voluntary) & 1 or (tried >> binding) & 1:
        return _NOTHING
    for channel in (binding, voluntary):
        if not has_direct_way(world, key, requesting, requested, channel, data_kind, deed, provider_row):
            return _NOTHING
    chosen = prefers_order(world, key, requesting, requested, requested, data_kind, provider_row, steps)
    return voluntary if chosen else binding


@rule
def choose_channel(
    world: World,
    key: Key,
    requesting: int,
    requested: int,
    data_kind: int,
    deed: int,
    provider_row: int,
    in_team: bool,
    tried: int,
    steps: float,
    may_abstain: bool,
) -> int:
    """Chooses the channel with the greatest utility plus noise; returns a negative number for no request.

    Not asking has utility 0: where little hangs on an answer, requests that seem hopeless are not made. One
    of both direct ways to a provider is left before (`passed_over`): a second one alike does not make asking more
    attractive.

    `tried` is a bit mask of channels that have failed for this hop, `steps` how many steps of the case hang on the
    answer. Not asking is no choice where `may_abstain` is false: for the authority to act.
    """
    setting, now = world.setting[0], world.now[0]
    best, best_utility, why = _NOTHING, -math.inf, WhyNotAsked.NO_CHANNEL_OPEN.value
    kept, through = kept_in_mind(world), let_through(world, requesting, requested)
    left = passed_over(world, key, requesting, requested, data_kind, deed, provider_row, tried, steps)
    if may_abstain:
        best_utility = gumbel(setting.seed, Purpose.CHANNEL_NOISE, key, _FORMAL)
    for channel in range(_FORMAL):
        if channel == left:
            continue
        if not is_candidate(world, channel, requesting, requested, data_kind, deed, provider_row, in_team, key):
            continue
        if (tried >> channel) & 1:
            why = max(why, WhyNotAsked.ALL_CHANNELS_TRIED.value)
            continue
        if not is_known(setting, key, channel, now, world.opened[requesting, requested, channel]):
            why = max(why, WhyNotAsked.CHANNEL_UNKNOWN.value)
            continue
        why = WhyNotAsked.NOT_WORTH_IT.value
        if provider_row >= 0 and is_provider_channel(channel):
            worth = direct_worth(world, provider_row, requesting, requested, channel, data_kind, steps)
        else:
            days = believed_days(world, requesting, requested, channel, kept)
            success = believed_success(world, requesting, requested, channel, kept, through)
            worth = utility(setting, channel, days, success, steps)
        value = worth / setting.temperature + gumbel(setting.seed, Purpose.CHANNEL_NOISE, key, channel)
        if value > best_utility:
            best, best_utility = channel, value
    return best if best >= 0 else _NOTHING - why


@rule
def formal_worth(world: World, requesting: int, requested: int, data_kind: int, steps: float) -> float:
    """Utility of the best channel through authorities for a kind of data, at least 0 (no request)."""
    setting, best = world.setting[0], 0.0
    kept, through = kept_in_mind(world), let_through(world, requesting, requested)
    for channel in _AUTHORITIES:
        row = world.instrument[requesting, requested, channel]
        if row >= 0 and (int(world.terms[row].carries) >> data_kind) & 1 == 1:
            days = believed_days(world, requesting, requested, channel, kept)
            success = believed_success(world, requesting, requested, channel, kept, through)
            best = max(best, utility(setting, channel, days, success, steps))
    return best


@rule
def why_not_asked(choice: int) -> int:
    """Reason (WhyNotAsked) for a negative result of `choose_channel`."""
    return _NOTHING - choice


@rule
def let_through(world: World, requesting: int, requested: int) -> float:
    """Expected share of requests between two states that succeed, judged only by law and relations.

    Relations are affinity: common bodies, treaties, region and bloc.
    """
    setting, affinity = world.setting[0], float(world.affinity[requesting, requested])  # else Python has 32 bits
    applied = float(world.implementation[requested])
    answered = 1.0 - silence_probability(setting, affinity, False, applied, 0.0)
    political = political_refusal_probability(setting, affinity, False) * setting.foreign_refusal
    return answered * (1.0 - political) * applied


@rule
def foretold(world: World, channel: int, through: float) -> float:
    """Success rate of a channel that investigators expect before they have experience with it."""
    usual = world.channel_success[channel]
    return usual if is_provider_channel(channel) else usual * through


@rule
def kept_in_mind(world: World) -> float:
    """Factor from stored weights of answers to those of today: 1 on the first day of policies, less later."""
    setting = world.setting[0]
    return remembered(setting, world.now[0] - setting.policy_start)


@rule
def recalled(world: World, heard: np.ndarray, requesting: int, requested: int, channel: int, kept: float) -> float:
    """Sum over past answers in the table `heard`, weighted by age and by whose answers they were.

    `heard` is one of the tables of answers: its last row holds those to everybody. Own answers count more than those
    to colleagues elsewhere, and all fade to `kept`.
    """
    setting, own = world.setting[0], float(heard[requesting, requested, channel])
    everybody = float(heard[len(world.state), requested, channel])
    return setting.experience_weight * kept * (everybody + (setting.own_experience - 1.0) * own)


@rule
def believed_days(world: World, requesting: int, requested: int, channel: int, kept: float) -> float:
    """Days until an answer in a channel, as a state's investigators expect from usual times and experience."""
    waited = recalled(world, world.days_heard, requesting, requested, channel, kept)
    answers = recalled(world, world.answers_heard, requesting, requested, channel, kept)
    return (world.channel_days[channel] + waited) / (1.0 + answers)


@rule
def believed_success(world: World, requesting: int, requested: int, channel: int, kept: float, through: float) -> float:
    """P(success) in a channel, as a state's investigators expect from law and past answers.

    `through` is that of `let_through`, which no channel changes. Experience fades, law does not: a state that
    disappointed is asked again in time.
    """
    served = recalled(world, world.success_heard, requesting, requested, channel, kept)
    answers = recalled(world, world.answers_heard, requesting, requested, channel, kept)
    return (foretold(world, channel, through) + served) / (1.0 + answers)


@rule
def learn(world: World, request: Record, day: float, succeeded: bool) -> None:
    """Adds an answer to the experience of the requesting state and to the experience of all states together.

    Instead of what is old losing weight, what is new gets more: an answer on the first day of policies counts 1.
    """
    setting = world.setting[0]
    if request.channel >= _FORMAL:
        return  # police, and own authorities
    weight = 1.0 / remembered(setting, day - setting.policy_start)
    hear(world, request.requesting, request, weight, day - request.drafted, succeeded)
    hear(world, len(world.state), request, weight, day - request.drafted, succeeded)


@rule
def hear(world: World, who: int, request: Record, weight: float, days: float, succeeded: bool) -> None:
    """Adds an answer to the experience of state `who`, or of all states together."""
    j, c = request.requested, request.channel
    world.answers_heard[who, j, c] = float(world.answers_heard[who, j, c]) + weight  # sums have 64 bits, also in Python
    world.days_heard[who, j, c] = float(world.days_heard[who, j, c]) + weight * days
    if succeeded:
        world.success_heard[who, j, c] = float(world.success_heard[who, j, c]) + weight
