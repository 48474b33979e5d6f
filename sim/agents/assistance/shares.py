"""Shares of states in ordinary requests to providers, which drift apart after 2021 (M9).

A state's requests grow faster or slower than all states' together. The difference is a rate that is drawn for the
state, and that fades: half of it is left after each half-life. Single half-years scatter about that. Providers' totals
keep their own growth, since all shares are made to add up again. The state in which most large providers sit is left as
it is: it sends nothing abroad to these, and no provider counts what it sends to others.
"""

import math

import numpy as np
import numpy.typing as npt

from sim.agents.events import Purpose
from sim.engine.compiling import Record, rule
from sim.engine.random import derive, normal
from sim.law.days import MONTH, YEAR
from sim.world.world import World

Floats = npt.NDArray[np.float64]

_SHARES = 0x53484152
MIDDLE_OF_2021 = -0.5 * YEAR  # the year in which the providers' figures end
MONTHS = 6.0  # of a half-year, for which requests are counted at once


@rule
def drift(years: float, half_life: float) -> float:
    """Years of growth at a constant rate that equal `years` of growth at a rate with a half-life in years."""
    return (1.0 - math.exp(-math.log(2.0) * years / half_life)) * half_life / math.log(2.0)


@rule
def deviation(setting: Record, state: int, day: float) -> float:
    """Log of the ratio of a state's requests in a half-year to the requests under common growth.

    It depends on the seed, the state and the day alone, so that both worlds of a comparison have the same.
    """
    years = (day + 0.5 * MONTHS * MONTH - MIDDLE_OF_2021) / YEAR
    if years <= 0.0:
        return 0.0
    key, half_year = derive(_SHARES, np.uint64(state)), int(2.0 * years)
    rate = setting.share_spread * normal(setting.seed, Purpose.SHARE_GROWN, key, 0)
    scatter = setting.share_scatter * normal(setting.seed, Purpose.SHARE_SCATTERED, key, half_year)
    return rate * drift(years, setting.share_half_life) + scatter


@rule
def seat_of_most(world: World) -> int:
    """State of the provider with the most ordinary requests."""
    most, seat = -1.0, 0
    for row in range(len(world.provider)):
        if world.provider[row].weight > most:
            most, seat = world.provider[row].weight, world.provider[row].state
    return seat


@rule
def add_up(requests: Floats, factor: Floats, seat: int) -> None:
    """Multiplies requests by state with `factor`, scaled to keep the sum over all states but `seat`; all [state]."""
    before, after = 0.0, 0.0
    for row in range(len(requests)):
        if row != seat:
            before += requests[row]
            after += requests[row] * factor[row]
    if after > 0.0:
        for row in range(len(requests)):
            if row != seat:
                requests[row] *= factor[row] * before / after


@rule
def move_shares(world: World, first: bool) -> None:
    """Updates the shares of states in ordinary requests to this half-year, and keeps the totals.

    Args:
        world: all; monthly requests of its states change in place.
        first: whether these are the run's first, so that shares are still those of 2021.
    """
    setting, now = world.setting[0], world.now[0]
    if setting.share_spread == 0.0 and setting.share_scatter == 0.0:
        return
    factor, seat = np.ones(len(world.state)), seat_of_most(world)
    for row in range(len(world.state)):
        if row != seat:
            change = deviation(setting, row, now)
            if not first:
                change -= deviation(setting, row, now - MONTHS * MONTH)
            factor[row] = math.exp(change)
    add_up(world.state["ordinary"], factor, seat)
    add_up(world.state["preserves"], factor, seat)
    add_up(world.state["emergencies"], factor, seat)
    add_up(world.state["assisted_usa"], factor, seat)
    add_up(world.state["assisted_irl"], factor, seat)
