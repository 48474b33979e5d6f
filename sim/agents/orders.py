"""Direct requests to providers in ordinary cases: the load that followed requests meet there (M9).

They are too many to be followed one by one. Each quarter they are counted: every state sends what it would send where
all doors are open, less what it does not send to shut ones. Where a binding channel opens, all who know it send orders,
to shut doors too. A provider's people were hired for what it gets on the day on which policy starts.
"""

from sim.agents.answering import asked_share, openness
from sim.agents.channels import awareness
from sim.agents.events import Event, Purpose, schedule
from sim.agents.evidence import addressee
from sim.agents.line import growth
from sim.engine.compiling import Key, Record, rule
from sim.engine.random import derive, poisson
from sim.law.days import MONTH
from sim.law.vocabulary import Channel
from sim.world.records import ProviderPolicy
from sim.world.world import World

_ORDERS = 0x4F524452
_MONTHS = 3.0  # between counts


@rule
def schedule_orders(world: World, day: float, quarter: int) -> None:
    """Posts the numbered quarter of ordinary requests."""
    schedule(world, day, Event.ORDERS_SENT, derive(_ORDERS, _ORDERS), quarter, 0)


@rule
def order_key(provider_row: int, requesting: int) -> Key:
    """Lineage key of what a state orders from a provider."""
    return derive(derive(_ORDERS, provider_row), requesting)


@rule
def usual_door(world: World, provider_row: int, state: int) -> float:
    """How far a provider's door is open to the ordinary requests of a state, 0 to 1; of strict ones a share is."""
    setting, now = world.setting[0], world.now[0]
    if world.provider[provider_row].policy == ProviderPolicy.STRICT and world.state[state].strict_opens > now:
        return setting.strict_open
    return openness(world, provider_row, state, now)


@rule
def orders_known(world: World, provider_row: int, requesting: int) -> float:
    """Share of a state's investigators who know a binding channel to a provider; 0 where there is none."""
    requested = addressee(world, provider_row, requesting)
    if requested == requesting or world.instrument[requesting, requested, Channel.PROVIDER_BINDING.value] < 0:
        return 0.0
    opened = world.opened[requesting, requested, Channel.PROVIDER_BINDING.value]
    return awareness(world.setting[0], world.now[0], opened)


@rule
def count_orders(world: World, provider_row: int, requesting: int, months: float, quarter: int) -> None:
    """A state's binding orders to a provider in ordinary cases are counted by pair of states, in the policy years."""
    setting, now = world.setting[0], world.now[0]
    if not setting.policy_start <= now < setting.policy_end:
        return
    requested = addressee(world, provider_row, requesting)
    mean = months * world.state[requesting].ordinary * world.provider[provider_row].weight * growth(setting, now)
    key = order_key(provider_row, requesting)
    bond = world.bond[requesting * len(world.state) + requested]
    bond.orders += poisson(setting.seed, Purpose.ORDINARY_ORDERS, key, quarter, mean)


@rule
def requests_a_month(world: World, provider_row: int, quarter: int) -> float:
    """Ordinary requests that would come to a provider if all were sent to it alone; orders are counted on the way.

    Authorities of its own state send as many as all abroad would where all doors are open: half of a provider's day
    goes to foreign requests (judgement).
    """
    setting, total = world.setting[0], 0.0
    for requesting in range(len(world.state)):
        wished = world.state[requesting].ordinary
        known = orders_known(world, provider_row, requesting)
        sent = known + (1.0 - known) * asked_share(setting, usual_door(world, provider_row, requesting))
        total += wished * (1.0 + sent)
        if known > 0.0:
            count_orders(world, provider_row, requesting, _MONTHS * known, quarter)
    return total


@rule
def take_load(setting: Record, provider: Record, now: float, requests: float) -> None:
    """Load of a provider: requests a month beside those of the day on which policy starts, for which it has staff."""
    if now < setting.policy_start:
        provider.usual_load = requests
    provider.load = requests / max(provider.usual_load, 1e-9) * growth(setting, now)


@rule
def orders_sent(world: World, quarter: int) -> None:
    """The quarter's ordinary requests to providers that serve users abroad: named ones and hosts."""
    for row in range(len(world.provider)):
        if world.provider[row].weight > 0.0:
            requests = requests_a_month(world, row, quarter)
            take_load(world.setting[0], world.provider[row], world.now[0], requests)
    schedule_orders(world, world.now[0] + _MONTHS * MONTH, quarter + 1)
