"""Requests in ordinary cases, which are counted but not simulated: their number, and providers' load (M9).

They are too many to be followed one by one. Twice a year their expected number is counted, so chance has no part in it:
every state sends what it would send where all providers are open, less what it does not send to closed ones. Where a
binding channel opens, all who know it send orders, to closed providers too. A provider's people were hired for what it
gets on the day on which policy starts. Requests to keep data, emergencies and assistance about data of providers are
what a provider counted, grown. How much they grew after 2021 is hardly known, so each world draws it. What authorities
and 24/7 points get is what they have hours for.
"""

import math

import numpy as np

from sim.agents.assistance.answering import asked_share, crowding, days_to, logit, openness, share_answered
from sim.agents.assistance.authority import logistic
from sim.agents.assistance.channels import awareness
from sim.agents.assistance.evidence import addressee
from sim.agents.assistance.line import demand, growth
from sim.agents.events import Event, Purpose, schedule
from sim.engine.compiling import Record, rule
from sim.engine.random import derive, uniform
from sim.law.days import EPOCH, MONTH, YEAR
from sim.law.vocabulary import Channel
from sim.world.records import Addressee, DeskKind, Ordinary, ProviderPolicy
from sim.world.world import World

_ORDERS = 0x4F524452
_MONTHS = 3.0  # between loads
_QUARTERS = 2  # between counts: every look at all pairs of states and providers costs time
_COUNTED = _QUARTERS * _MONTHS
_EPOCH_YEAR, _KINDS, _HOST = EPOCH.year, Ordinary.KINDS.value, 1
_MIDDLE_OF_2021 = -0.5 * YEAR
# Log of growth a year after 2021 (judgement). Read: direct requests from abroad to Meta 0.13 in 2022, 0.16 to the first
# half of 2023, and before to Google 0.28 to 0.42, to Apple 0.26, from EU states 0.13 and 0.24 (SIRIUS 2019, 2020);
# requests through authorities to Google 0.10 ± 0.13 (standard error).
_DIRECT_LEAST, _DIRECT_MOST = 0.05, 0.30
_ASSISTED_LEAST, _ASSISTED_MOST = 0.0, 0.20


@rule
def schedule_orders(world: World, day: float, quarter: int) -> None:
    """Schedules the next quarter's requests in ordinary cases, by the number of the quarter."""
    schedule(world, day, Event.ORDERS_SENT, derive(_ORDERS, _ORDERS), quarter, 0)


@rule
def usual_door(world: World, provider_row: int, state: int) -> float:
    """Openness of a provider to ordinary requests of a state, 0 to 1; a mean value for strict providers."""
    setting, now = world.setting[0], world.now[0]
    if world.provider[provider_row].policy == ProviderPolicy.STRICT and world.state[state].strict_opens > now:
        return setting.strict_open
    return openness(world, provider_row, state, now)


@rule
def orders_known(world: World, provider_row: int, requesting: int) -> float:
    """Share of a state's investigators who know a binding channel to a provider; 0 if there is no such channel."""
    requested = addressee(world, provider_row, requesting)
    if requested == requesting or world.instrument[requesting, requested, Channel.PROVIDER_BINDING.value] < 0:
        return 0.0
    opened = world.opened[requesting, requested, Channel.PROVIDER_BINDING.value]
    return awareness(world.setting[0], world.now[0], opened)


@rule
def yearly_growth(setting: Record, assisted: bool) -> float:
    """Log of the yearly growth of ordinary requests after 2021, either direct or through authorities."""
    share = uniform(setting.seed, Purpose.REQUESTS_GROWN, derive(_ORDERS, np.uint64(assisted)), 0)
    if assisted:
        return _ASSISTED_LEAST + (_ASSISTED_MOST - _ASSISTED_LEAST) * share
    return _DIRECT_LEAST + (_DIRECT_MOST - _DIRECT_LEAST) * share


@rule
def grown(setting: Record, day: float, rate: float) -> float:
    """Number of ordinary requests in the next half-year, relative to 2021.

    Until policy starts the log of their number grows by `rate` a year; from then on there are as many as in the year
    before, grown as other work is.
    """
    if day < setting.policy_start:
        return math.exp(rate * (day + 0.5 * _COUNTED * MONTH - _MIDDLE_OF_2021) / YEAR)
    level = math.exp(rate * (setting.policy_start - 0.5 * YEAR - _MIDDLE_OF_2021) / YEAR)
    return level * growth(setting, day)


@rule
def rows_of(world: World, kind: int) -> int:
    """First of the rows, one per state, that count requests of a kind in the present year."""
    states, year = len(world.state), int((world.now[0] + 1.0) // YEAR) + _EPOCH_YEAR - world.ordinary[0].year
    last = len(world.ordinary) // (_KINDS * states) - 1  # a year of 365.25 days may begin on the last of December
    return (min(year, last) * _KINDS + kind) * states


@rule
def count(world: World, row: int, requests: float, share: float, log_days: float) -> None:
    """Adds the requests of a half-year to the count of the year.

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
    """Counts a half-year's direct requests to a provider from abroad, and binding orders by pair of states.

    How strict providers and hosts answer whom is not drawn for them: they answer a usual share, in the usual time.
    """
    setting, now, provider = world.setting[0], world.now[0], world.provider[provider_row]
    to = Addressee.HOST.value if provider.kind == _HOST else provider.policy
    voluntary, binding = rows_of(world, Ordinary.VOLUNTARY + to), rows_of(world, Ordinary.BINDING + to)
    part = _COUNTED * provider.weight * grown(setting, now, yearly_growth(setting, False))
    share, log_days = setting.provider_share, math.log(setting.production_days) + crowding(setting, provider)
    bound = logistic(logit(share) + setting.provider_binding) * (1.0 - provider.bulletproof)
    if provider.policy == ProviderPolicy.NEVER:
        bound = 0.0
    bound = 1.0 - (1.0 - bound) * setting.foreign_refusal
    for state in range(len(world.state)):
        if state == provider.state:
            continue
        wished, known = part * world.state[state].ordinary, orders_known(world, provider_row, state)
        door = usual_door(world, provider_row, state)
        if provider.policy <= ProviderPolicy.GRADED:
            share = share_answered(world, provider_row, state)
            log_days = math.log(days_to(world, provider_row, state))
        asked = asked_share(setting, door)
        brings = 1.0 - (1.0 - share * door / max(asked, 1e-9)) * setting.foreign_refusal
        count(world, voluntary + state, wished * (1.0 - known) * asked, brings, log_days)
        count(world, binding + state, wished * known, bound, log_days)
        if known > 0.0 and setting.policy_start <= now < setting.policy_end:
            requested = addressee(world, provider_row, state)
            world.bond[state * len(world.state) + requested].orders += wished * known


@rule
def count_others(world: World) -> None:
    """Counts a half-year's preservation requests, emergency requests, and requests through authorities."""
    setting, now = world.setting[0], world.now[0]
    direct = _COUNTED * grown(setting, now, yearly_growth(setting, False))
    assisted = _COUNTED * grown(setting, now, yearly_growth(setting, True))
    for row in range(len(world.state)):
        state = world.state[row]
        count(world, rows_of(world, Ordinary.PRESERVATION) + row, direct * state.preserves, 0.0, 0.0)
        answered = 1.0 - (1.0 - state.emergencies_answered) * setting.foreign_refusal
        count(world, rows_of(world, Ordinary.EMERGENCY) + row, direct * state.emergencies, answered, 0.0)
        count(world, rows_of(world, Ordinary.ASSISTED_USA) + row, assisted * state.assisted_usa, 0.0, 0.0)
        count(world, rows_of(world, Ordinary.ASSISTED_IRL) + row, assisted * state.assisted_irl, 0.0, 0.0)
    for row in range(len(world.desk)):
        desk = world.desk[row]
        hours = desk.load * growth(setting, now) * demand(setting, desk) * _COUNTED * MONTH
        if desk.kind == DeskKind.INCOMING:
            count(world, rows_of(world, Ordinary.ASSISTANCE) + desk.state, hours / desk.file_hours, 0.0, 0.0)
        elif desk.kind == DeskKind.CONTACT_POINT:
            count(world, rows_of(world, Ordinary.CONTACT_POINT) + desk.state, hours / desk.file_hours, 0.0, 0.0)


@rule
def requests_a_month(world: World, provider_row: int) -> float:
    """Ordinary requests per month that a provider would get if it alone received all of them.

    Authorities of its own state send as many as all abroad would where all providers are open: half of a provider's day
    goes to foreign requests (judgement).
    """
    setting, total = world.setting[0], 0.0
    for requesting in range(len(world.state)):
        total += world.state[requesting].ordinary  # as much from home
        if requesting == world.provider[provider_row].state:
            continue
        known = orders_known(world, provider_row, requesting)
        sent = known + (1.0 - known) * asked_share(setting, usual_door(world, provider_row, requesting))
        total += world.state[requesting].ordinary * sent
    return total


@rule
def take_load(setting: Record, provider: Record, now: float, requests: float) -> None:
    """Updates a provider's load: requests per month, relative to those for which it has staff."""
    if now < setting.policy_start:
        provider.usual_load = requests
    provider.load = requests / max(provider.usual_load, 1e-9) * growth(setting, now)


@rule
def orders_sent(world: World, quarter: int) -> None:
    """Sends the quarter's ordinary requests to all named providers and hosts with users abroad."""
    counts = quarter % _QUARTERS == 0
    for row in range(len(world.provider)):
        if world.provider[row].weight > 0.0:
            take_load(world.setting[0], world.provider[row], world.now[0], requests_a_month(world, row))
            if counts:
                count_direct(world, row)
    if counts:
        count_others(world)
    schedule_orders(world, world.now[0] + _MONTHS * MONTH, quarter + 1)
