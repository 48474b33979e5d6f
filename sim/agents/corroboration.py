"""Supplementary requests of lower value, sent beside a first one where asking is cheap (M25)."""

from sim.agents.drafting import add_request
from sim.agents.events import Purpose
from sim.agents.line import induced
from sim.agents.request import start_request
from sim.engine.compiling import Record, rule
from sim.engine.random import chance, derive
from sim.world.records import RequestPurpose
from sim.world.world import World

_CORROBORATION = 0x434F5252


@rule
def corroboration_probability(setting: Record, expected_days: float) -> float:
    """P(a supplementary request of lower value is sent as well): the cheaper the channel, the more (M25)."""
    ratio = max(expected_days, 1.0) / setting.usual_days
    return min(setting.corroboration * induced(setting, ratio), setting.corroboration_most)


@rule
def corroborate(world: World, row: int) -> None:
    """May send a supplementary request beside a first one."""
    first, setting = world.request[row], world.setting[0]
    days = world.belief_days[first.requested, first.channel]
    if not chance(setting.seed, Purpose.CORROBORATION, first.key, 0, corroboration_probability(setting, days)):
        return
    extra_row = add_request(
        world,
        derive(first.key, _CORROBORATION),
        first.case,
        RequestPurpose.CORROBORATION,
        first.requested,
        first.channel,
        first.data_kind,
    )
    world.request[extra_row].provider = first.provider
    world.request[extra_row].hop = first.hop
    start_request(world, extra_row)
