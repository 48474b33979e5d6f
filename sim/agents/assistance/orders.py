"""Ordinary requests, counted and not simulated singly: their number, and the load on providers (M9).

They are too many to be followed one by one. Twice a year their expected number is counted, so chance has no part in it:
every state sends what it would send where all providers are open, less what it does not send to closed ones. Where a
binding channel opens, those who know it and can use it send orders in place of voluntary requests as far as these are
worth more to them, by the rule by which investigators of followed cases choose; at closed providers, and for content,
in place of requests through authorities or of none. A provider's people were hired for what it gets on the day on which
policy starts. Requests to keep data, emergencies and assistance about data of providers are what a provider counted,
grown. How much they grew after 2021 is hardly known, so each world draws it. What authorities and 24/7 points get is
what they have hours for.
"""

import math

import numpy as np

from sim.agents.assistance.answering import asked_share, crowding, days_to, logit, openness, share_answered
from sim.agents.assistance.authority import logistic
from sim.agents.assistance.channels import awareness, changing_share, formal_worth, ready_share, worth_within
from sim.agents.assistance.evidence import addressee
from sim.agents.assistance.line import demand, growth
from sim.agents.assistance.shares import move_shares
from sim.agents.events import Event, Purpose, schedule
from sim.engine.compiling import Record, rule
from sim.engine.random import derive, uniform
from sim.law.days import EPOCH, MONTH, YEAR
from sim.law.vocabulary import Channel, DataKind
from sim.world.records import Addressee, Ordinary, ProviderPolicy
from sim.world.records.desks import by_kind
from sim.world.world import World

_ORDERS = 0x4F524452
_MONTHS = 3.0  # between loads
_QUARTERS = 2  # between counts: every look at all pairs of states and providers costs time
_COUNTED = _QUARTERS * _MONTHS
_EPOCH_YEAR, _KINDS, _HOST = EPOCH.year, Ordinary.KINDS.value, 1
_COUNTED_AS = by_kind("counted_as")
_MIDDLE_OF_2021 = -0.5 * YEAR
# Log of growth a year after 2021 (judgement). Read: direct requests from abroad to Meta 0.13 in 2022, 0.16 to the first
# half of 2023, and before to Google 0.28 to 0.42, to Apple 0.26, from EU states 0.13 and 0.24 (SIRIUS 2019, 2020);
# requests through authorities to Google 0.10 ± 0.13 (standard error).
_DIRECT_LEAST, _DIRECT_MOST = 0.05, 0.30
_ASSISTED_LEAST, _ASSISTED_MOST = 0.0, 0.20


@rule
def schedule_orders(world: World, day: float, quarter: int) -> None:
    """Schedules the ordinary requests of quarter number `quarter`."""
    schedule(world, day, Event.ORDERS_SENT, derive(_ORDERS, _ORDERS), quarter, 0)


@rule
def usual_opening(world: World, provider_row: int, state: int) -> tuple[float, float]:
    """Returns a provider's openness (0–1) to a state's ordinary requests, and the share of cases that find it open.

    The others find it closed. Which states a strict provider answers is not drawn for ordinary requests.
    """
    setting, now = world.setting[0], world.now[0]
    if world.provider[provider_row].policy == ProviderPolicy.STRICT and world.state[state].strict_opens > now:
        return 1.0, setting.strict_open
    return openness(world, provider_row, state, now), 1.0


@rule
def orders_known(world: World, provider_row: int, requesting: int) -> float:
    """Share of a state's investigators who know the channel for orders to a provider; 0 if there is none."""
    requested = addressee(world, provider_row, requesting)
    if requested == requesting or world.instrument[requesting, requested, Channel.PROVIDER_BINDING.value] < 0:
        return 0.0
    opened = world.opened[requesting, requested, Channel.PROVIDER_BINDING.value]
    return awareness(world.setting[0], world.now[0], opened)


@rule
def orders_sendable(world: World, provider_row: int, requesting: int, known: float) -> float:
    """Share of a state's ordinary requests to a provider that could be binding orders for at least one kind of data."""
    if known == 0.0 or world.provider[provider_row].policy == ProviderPolicy.NEVER:
        return 0.0
    return known * ready_share(world, requesting, addressee(world, provider_row, requesting))


@rule
def sendable_for(world: World, provider_row: int, requesting: int, data_kind: int, sendable: float) -> float:
    """Adjusts a share of possible orders, `sendable`, to one kind of data under the instrument in force."""
    if sendable == 0.0:
        return 0.0
    requested = addressee(world, provider_row, requesting)
    terms = world.terms[world.instrument[requesting, requested, Channel.PROVIDER_BINDING.value]]
    if (int(terms.carries) >> data_kind) & 1 == 0:
        return 0.0
    if terms.penalty_years > 0.0 and (int(terms.penalty_kinds) >> data_kind) & 1 == 1:
        sendable *= world.setting[0].grave_share
    return sendable


@rule
def orderable(world: World, provider_row: int, requesting: int, data_kind: int) -> float:
    """Share of a state's ordinary requests to a provider that could be binding orders for one kind of data."""
    known = orders_known(world, provider_row, requesting)
    sendable = orders_sendable(world, provider_row, requesting, known)
    return sendable_for(world, provider_row, requesting, data_kind, sendable)


@rule
def by_order(world: World, provider_row: int, requesting: int, data_kind: int, days: float) -> float:
    """Utility for an investigator of a binding order to a provider that answers in `days` days."""
    requested = addressee(world, provider_row, requesting)
    binding = Channel.PROVIDER_BINDING.value
    return worth_within(world, provider_row, requesting, requested, binding, data_kind, 1.0, days)


@rule
def split(
    world: World, provider_row: int, state: int, opening: float, like: float
) -> tuple[float, float, float, float]:
    """Returns shares of ordinary needs: voluntary requests and orders at an open provider, then at a closed one (M4).

    The first two are of those who meet the opening, a share `like` of all, the last two of those who find it closed.
    Needs that nobody asks for voluntarily, since the provider is closed, go by order where that is worth more than
    authorities and than nothing. Strict providers are asked for subscriber data alone.
    """
    setting, provider = world.setting[0], world.provider[provider_row]
    trying, trying_closed = asked_share(setting, opening), asked_share(setting, 0.0)
    known = orders_known(world, provider_row, state)
    if known == 0.0:
        return trying, 0.0, trying_closed, 0.0
    seat, voluntary = provider.state, Channel.PROVIDER_VOLUNTARY.value
    sendable, days = orders_sendable(world, provider_row, state, known), days_to(world, provider_row, state)
    subscribers = setting.subscriber_share / max(setting.subscriber_share + setting.traffic_share, 1e-9)
    if provider.policy == ProviderPolicy.STRICT:
        subscribers = 1.0
    requested, ordered, requested_closed, ordered_closed = 0.0, 0.0, 0.0, 0.0
    for data_kind in (DataKind.SUBSCRIBER.value, DataKind.TRAFFIC.value):
        part = subscribers if data_kind == DataKind.SUBSCRIBER else 1.0 - subscribers
        able = sendable_for(world, provider_row, state, data_kind, sendable)
        if able == 0.0 or part == 0.0:
            requested += part * trying
            requested_closed += part * trying_closed
            continue
        worth = by_order(world, provider_row, state, data_kind, days)
        usual = worth_within(world, provider_row, state, seat, voluntary, data_kind, 1.0, days)
        change = changing_share(setting, worth - usual)
        best, ways = 0.0, 1.0
        if trying < 1.0 or like < 1.0:  # else nobody has to choose between an order, authorities and nothing
            best = math.exp(worth / setting.temperature)
            ways = best + math.exp(formal_worth(world, state, seat, data_kind, 1.0) / setting.temperature) + 1.0
        requested += part * trying * (1.0 - able * change)
        ordered += part * able * (trying * change + (1.0 - trying) * best / ways)
        requested_closed += part * trying_closed * (1.0 - able * change)
        ordered_closed += part * able * (trying_closed * change + (1.0 - trying_closed) * best / ways)
    return requested, ordered, requested_closed, ordered_closed


@rule
def from_authorities(world: World, provider_row: int, state: int) -> float:
    """Share of a state's content requests through authorities that become direct orders instead (M4)."""
    setting, content = world.setting[0], DataKind.CONTENT.value
    able = orderable(world, provider_row, state, content)
    if able == 0.0:
        return 0.0
    gain = by_order(world, provider_row, state, content, days_to(world, provider_row, state))
    gain -= formal_worth(world, state, world.provider[provider_row].state, content, 1.0)
    return able * logistic(gain / setting.temperature)


@rule
def yearly_growth(setting: Record, assisted: bool) -> float:
    """Log of the yearly growth factor of ordinary requests after 2021, direct or through authorities."""
    share = uniform(setting.seed, Purpose.REQUESTS_GROWN, derive(_ORDERS, np.uint64(assisted)), 0)
    if assisted:
        return _ASSISTED_LEAST + (_ASSISTED_MOST - _ASSISTED_LEAST) * share
    return _DIRECT_LEAST + (_DIRECT_MOST - _DIRECT_LEAST) * share


@rule
def grown(setting: Record, day: float, rate: float) -> float:
    """Number of ordinary requests in the coming half-year, relative to 2021.

    Until policy starts the log of their number grows by `rate` a year; from then on there are as many as in the year
    before, grown as other work is.
    """
    if day < setting.policy_start:
        return math.exp(rate * (day + 0.5 * _COUNTED * MONTH - _MIDDLE_OF_2021) / YEAR)
    level = math.exp(rate * (setting.policy_start - 0.5 * YEAR - _MIDDLE_OF_2021) / YEAR)
    return level * growth(setting, day)


@rule
def rows_of(world: World, kind: int) -> int:
    """First row of this year's counts of a kind of ordinary request; the counts have one row per state."""
    states, year = len(world.state), int((world.now[0] + 1.0) // YEAR) + _EPOCH_YEAR - world.ordinary[0].year
    last = len(world.ordinary) // (_KINDS * states) - 1  # a year of 365.25 days may begin on the last of December
    return (min(year, last) * _KINDS + kind) * states


@rule
def count(world: World, row: int, requests: float, share: float, log_days: float) -> None:
    """Adds half a year of ordinary requests to the year's count for one kind and state.

    Args:
        world: all.
        row: of `ordinary`.
        requests: expected number.
        share: of them that brings data.
        log_days: log of the usual days to an answer.
    """
    if requests > 0.0:
        counted = world.ordinary[row]
        counted.requests += requests
        counted.answered += requests * share
        counted.log_days += requests * share * log_days


@rule
def count_direct(world: World, provider_row: int) -> None:
    """Counts half a year of direct requests from each state to a provider: voluntary requests and orders.

    How strict providers and hosts answer whom is not drawn for them: they answer a usual share, in the usual time.
    """
    setting, now, provider = world.setting[0], world.now[0], world.provider[provider_row]
    to = Addressee.HOST.value if provider.kind == _HOST else provider.policy
    voluntary, binding = rows_of(world, Ordinary.VOLUNTARY + to), rows_of(world, Ordinary.BINDING + to)
    part = _COUNTED * provider.weight * grown(setting, now, yearly_growth(setting, False))
    large = max(setting.majors_share, 0.01)  # part of all ordinary requests
    assisted = _COUNTED * grown(setting, now, yearly_growth(setting, True)) * provider.weight / large
    share, log_days = setting.provider_share, math.log(setting.production_days) + crowding(setting, provider)
    bound = logistic(logit(share) + setting.provider_binding) * (1.0 - provider.bulletproof)
    if provider.policy == ProviderPolicy.NEVER:
        bound = 0.0
    bound = 1.0 - (1.0 - bound) * setting.foreign_refusal
    for state in range(len(world.state)):
        if state == provider.state:
            continue
        wished = part * world.state[state].ordinary
        if provider.policy <= ProviderPolicy.GRADED:
            share = share_answered(world, provider_row, state)
            log_days = math.log(days_to(world, provider_row, state))
        opening, like = usual_opening(world, provider_row, state)
        met, ordered_met, closed, ordered_closed = split(world, provider_row, state, opening, like)
        for number in range(2):  # those who meet the opening, and those who find it closed
            pairs = like if number == 0 else 1.0 - like
            if pairs <= 0.0:
                continue
            now_open = opening if number == 0 else 0.0
            trying, ordered = (met, ordered_met) if number == 0 else (closed, ordered_closed)
            answered = share * now_open / max(asked_share(setting, now_open), 1e-9)
            brings = 1.0 - (1.0 - answered) * setting.foreign_refusal
            count(world, voluntary + state, wished * pairs * trying, brings, log_days)
            count_orders(world, provider_row, state, binding, wished * pairs * ordered, bound, log_days)
        content = assisted * (world.state[state].assisted_usa + world.state[state].assisted_irl)
        if provider.kind != _HOST and content > 0.0:
            moved = content * from_authorities(world, provider_row, state)
            count_orders(world, provider_row, state, binding, moved, bound, log_days)


@rule
def count_orders(
    world: World, provider_row: int, state: int, first: int, orders: float, share: float, log_days: float
) -> None:
    """Counts a state's binding orders to a provider, for the state and for the pair of states."""
    setting = world.setting[0]
    count(world, first + state, orders, share, log_days)
    if orders > 0.0 and setting.policy_start <= world.now[0] < setting.policy_end:
        requested = addressee(world, provider_row, state)
        world.bond[state * len(world.state) + requested].orders += orders


@rule
def left_to_authorities(world: World, state: int) -> float:
    """Share of a state's content requests through authorities that do not become direct orders."""
    moved, total = 0.0, 0.0
    for row in range(len(world.provider)):
        if world.provider[row].weight > 0.0 and world.provider[row].kind != _HOST:
            total += world.provider[row].weight
            moved += world.provider[row].weight * from_authorities(world, row, state)
    return 1.0 - moved / max(total, 1e-9)


@rule
def count_others(world: World) -> None:
    """Counts half a year of preservation requests, emergency requests, and requests through authorities."""
    setting, now = world.setting[0], world.now[0]
    direct = _COUNTED * grown(setting, now, yearly_growth(setting, False))
    assisted = _COUNTED * grown(setting, now, yearly_growth(setting, True))
    for row in range(len(world.state)):
        state = world.state[row]
        count(world, rows_of(world, Ordinary.PRESERVATION) + row, direct * state.preserves, 0.0, 0.0)
        answered = 1.0 - (1.0 - state.emergencies_answered) * setting.foreign_refusal
        count(world, rows_of(world, Ordinary.EMERGENCY) + row, direct * state.emergencies, answered, 0.0)
        if state.assisted_usa + state.assisted_irl > 0.0:
            left = assisted * left_to_authorities(world, row)
            count(world, rows_of(world, Ordinary.ASSISTED_USA) + row, left * state.assisted_usa, 0.0, 0.0)
            count(world, rows_of(world, Ordinary.ASSISTED_IRL) + row, left * state.assisted_irl, 0.0, 0.0)
    for row in range(len(world.desk)):
        desk = world.desk[row]
        kind = _COUNTED_AS[desk.kind]
        if kind >= 0:
            hours = desk.load * growth(setting, now) * demand(setting, desk) * _COUNTED * MONTH
            count(world, rows_of(world, kind) + desk.state, hours / desk.file_hours, 0.0, 0.0)


@rule
def requests_a_month(world: World, provider_row: int) -> float:
    """Ordinary requests per month that a provider would get from all states if no other provider existed.

    Authorities of its own state send as many as all abroad would where all providers are open: half of a provider's day
    goes to foreign requests (judgement).
    """
    total = 0.0
    for requesting in range(len(world.state)):
        total += world.state[requesting].ordinary  # as much from home
        if requesting == world.provider[provider_row].state:
            continue
        opening, like = usual_opening(world, provider_row, requesting)
        met, ordered, closed, ordered_closed = split(world, provider_row, requesting, opening, like)
        sent = like * (met + ordered)
        if like < 1.0:
            sent += (1.0 - like) * (closed + ordered_closed)
        total += world.state[requesting].ordinary * sent
    return total


@rule
def take_load(setting: Record, provider: Record, now: float, requests: float) -> None:
    """Updates a provider's load: requests per month relative to the number before the policy."""
    if now < setting.policy_start:
        provider.usual_load = requests
    provider.load = requests / max(provider.usual_load, 1e-9) * growth(setting, now)


@rule
def orders_sent(world: World, quarter: int) -> None:
    """Loads all providers that are asked from abroad with a quarter's ordinary requests; counts them twice a year."""
    counts = quarter % _QUARTERS == 0
    if counts:
        move_shares(world, quarter == 0)
    for row in range(len(world.provider)):
        if world.provider[row].weight > 0.0:
            take_load(world.setting[0], world.provider[row], world.now[0], requests_a_month(world, row))
            if counts:
                count_direct(world, row)
    if counts:
        count_others(world)
    schedule_orders(world, world.now[0] + _MONTHS * MONTH, quarter + 1)
