"""How much data custodians hold on everybody: the burden of retention, beside what it brings to investigations.

Retention in the model is lognormal by kind of data, stretched by a policy's scale and never below its floor, so the
days of records held on one user in a steady state are the mean of max(scale · X, floor).
"""

from math import erf, exp, log, sqrt

import numpy as np
import numpy.typing as npt

from sim.world.world import World

#: Kinds of data held on every user, by the names of their medians.
KINDS = ("subscriber_retention_days", "traffic_retention_days", "content_retention_days")


def mean_retention_days(median: float, sigma: float, scale: float, floor: float) -> float:
    """Mean of max(scale · X, floor) for X lognormal: days for which one kind of data is kept."""
    stretched = scale * median
    if stretched <= 0.0:
        return floor
    if sigma <= 0.0:
        return max(stretched, floor)
    mean = stretched * exp(sigma**2 / 2)
    if floor <= 0.0:
        return mean
    place = (log(floor) - log(stretched)) / sigma
    return floor * _normal(place) + mean * (1.0 - _normal(place - sigma))


def _normal(x: float) -> float:
    """Distribution function of the standard normal."""
    return 0.5 * (1.0 + erf(x / sqrt(2.0)))


def days_held(world: World) -> float:
    """Days of records held on one user today, all kinds of data together."""
    row = world.setting[0]
    scale, floor = float(row["retention_scale"]), float(row["retention_floor_days"])
    sigma = float(row["retention_sigma"])
    return sum(mean_retention_days(float(row[kind]), sigma, scale, floor) for kind in KINDS)


def settle_data_held(world: World, day: float) -> None:
    """Adds up what has been held until a day, from the policy's start, and sets what is held from then on."""
    state, start = world.state, float(world.setting[0]["policy_start"])
    days: npt.NDArray[np.float64] = np.maximum(day - np.maximum(state.data_held_since, start), 0.0)
    state.data_held_sum += state.data_held * days
    state.data_held_since = day
    state.data_held = state.users * days_held(world)
