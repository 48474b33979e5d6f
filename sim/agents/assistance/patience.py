"""Patience of requesters: the random day on which each stops waiting for an answer (M6)."""

import math

from sim.agents.events import Event, Purpose, schedule
from sim.engine.compiling import Record, rule
from sim.engine.random import exponential
from sim.law.days import MONTH
from sim.law.vocabulary import Channel
from sim.world.records import Abuse, RequestStatus
from sim.world.world import World


@rule
def reneges_on(setting: Record, request: Record) -> float:
    """Day on which the requester stops waiting for an answer; NaN if never, or if the request is unsent."""
    known_soon = request.channel == Channel.DOMESTIC or request.abusive == Abuse.FALSE_EMERGENCY
    if known_soon or math.isnan(request.sent) or setting.withdrawal_per_month == 0.0:
        return math.nan
    mean = MONTH / setting.withdrawal_per_month
    if not math.isnan(request.called):  # an officer's call gives new hope
        return request.called + exponential(setting.seed, Purpose.PATIENCE, request.key, 1, mean)
    return request.sent + exponential(setting.seed, Purpose.PATIENCE, request.key, 0, mean)


@rule
def renege_before(world: World, row: int, day: float) -> None:
    """Schedules the end of a requester's wait, if this comes before the request's next event on `day`.

    Most requests are answered before: what never happens is not posted.
    """
    if row < 0 or world.request[row].status != RequestStatus.OPEN:
        return
    request, now = world.request[row], world.now[0]
    reneges = reneges_on(world.setting[0], request)
    if now <= reneges and reneges < day:
        schedule(world, reneges, Event.REQUEST_GIVEN_UP, request.key, row, 0)
