"""Supplementary requests of lower value, sent in addition to a first one where asking is cheap (M25)."""

from sim.agents.channels import believed_days, kept_in_mind
from sim.agents.drafting import add_request
from sim.agents.events import Purpose
from sim.agents.evidence import add_item
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
    """May send a supplementary request for other data of the same custodian and day."""
    first, setting = world.request[row], world.setting[0]
    days = believed_days(world, first.requesting, first.requested, first.channel, kept_in_mind(world))
    if not chance(setting.seed, Purpose.CORROBORATION, first.key, 0, corroboration_probability(setting, days)):
        return
    state, kind, key = first.requested, first.data_kind, derive(first.key, _CORROBORATION)
    extra_row = add_request(world, key, first.case, RequestPurpose.CORROBORATION, state, first.channel, kind)
    extra, created = world.request[extra_row], world.evidence[first.evidence].created
    extra.provider = first.provider
    extra.hop = first.hop
    extra.evidence = add_item(world, key, first.case, first.hop, state, first.provider, kind, kind, created)
    start_request(world, extra_row)
