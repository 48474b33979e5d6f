"""Staff of desks, inverted from target waits, since no central authority publishes its headcount (judgement).

Withdrawal at rate δ makes an overloaded queue settle where load · exp(−δ·W) = capacity, and a queue with slack waits
about s·ρ/(1−ρ) for s the time between services. One rule covers both: ρ = W ÷ (W + s) + exp(δ·W) − 1. A desk has at
least one person; what its own files do not fill, other crime does, so scarcity is carried by that background and
never by a person working slower than a person.

`sim/data/desk_load.csv` holds the load of modelled files, measured in a trial of the default world
(`python -m sim.experiments.desk_load` renews it).
"""

from statistics import NormalDist
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

from sim.data.geography import CrimeGeography
from sim.data.load import read_table
from sim.data.load import states as all_states
from sim.world.parameters import DeskParameters
from sim.world.records import DeskKind

Float = npt.NDArray[np.float64]
SKILL_BY_TIER = np.array([0.75, 0.6, 0.45, 0.3])  # judgement, M21
COURT_WAIT_BY_TIER = np.array([1.0, 1.2, 1.6, 2.0])  # judgement: courts of poorer states are slower
_STAFF_PER_ROOT_GDP = {  # persons per square root of a billion USD, judgement
    DeskKind.OUTGOING: 0.18,
    DeskKind.INCOMING: 0.35,
    DeskKind.COURT: 0.20,
    DeskKind.FORENSIC: 0.30,
    DeskKind.PROVIDER: 0.15,
}
_LEAST_BUNDLES = 6.0  # a year, so that a small desk's load does not come in one lump


class Background(NamedTuple):
    """Other work of desks of one kind.

    Attributes:
        rate: bundles a day, float64 [state].
        hours: mean touch-hours of a bundle, float64 [state].
        backlog: bundles waiting on the first day, float64 [state].
    """

    rate: Float
    hours: Float
    backlog: Float


def staff(kind: DeskKind, gdp_usd: Float) -> Float:
    """Persons at a desk of each state before rounding: a square-root rule in GDP, at least one."""
    result: Float = np.maximum(_STAFF_PER_ROOT_GDP[kind] * np.sqrt(np.maximum(gdp_usd, 0.0) / 1e9), 1.0)
    return result


def own_hours(kind: DeskKind) -> Float:
    """Touch-hours a day of modelled files at the desks of a kind, float64 [state], from desk_load.csv."""
    table = read_table("desk_load.csv")
    return np.array([table.number(row, f"{kind.name.lower()}_hours_per_day") for row in table.rows])


def answers_read() -> Float:
    """Answers that investigators of each state read a day, float64 [state], from desk_load.csv."""
    table = read_table("desk_load.csv")
    return np.array([table.number(row, "answers_read_per_day") for row in table.rows])


def incoming_targets(desk: DeskParameters, geography: CrimeGeography) -> Float:
    """Target wait at incoming desks by tier, days, with a fixed spread between desks of a tier, float64 [state]."""
    by_tier = np.array(
        [
            desk.incoming_wait_tier_1,
            desk.incoming_wait_tier_2,
            desk.incoming_wait_tier_3,
            desk.incoming_wait_tier_4,
        ]
    )
    # Even quantiles of a normal in an order fixed by the golden ratio: a spread without a draw.
    states = np.arange(len(geography.governance_tier))
    shares = (states * 0.6180339887498949 + 0.5) % 1.0 * 0.98 + 0.01
    quantiles = np.array([NormalDist().inv_cdf(float(share)) for share in shares])
    targets: Float = by_tier[geography.governance_tier] * np.exp(desk.incoming_wait_spread * quantiles)
    position = {state: index for index, state in enumerate(all_states())}
    table = read_table("desk_targets.csv")
    for row in table.rows:
        targets[position[row["iso3"]]] = table.number(row, "incoming_wait_days")
    return targets


def background(
    target_days: Float,
    capacity_hours: Float,
    own_hours: Float,
    bundles_a_year: float,
    withdrawal_per_month: float,
) -> Background:
    """Other work that makes each desk of a kind wait about its target.

    Args:
        target_days: target wait, float64 [state].
        capacity_hours: touch-hours that the desk does a day, float64 [state].
        own_hours: touch-hours a day of modelled files, float64 [state].
        bundles_a_year: bundles of all desks of the kind together.
        withdrawal_per_month: δ.
    """
    withdrawal = withdrawal_per_month / 30.4375
    weight = np.sqrt(capacity_hours)
    rate = np.maximum(bundles_a_year * weight / weight.sum(), _LEAST_BUNDLES) / 365.25
    hours = 0.8 * capacity_hours / rate
    for _ in range(20):  # the bundle's size and the load that follows from it agree after a few passes
        between_services = hours / capacity_hours
        occupancy = target_days / (target_days + between_services) + np.exp(withdrawal * target_days) - 1.0
        hours = np.maximum(occupancy * capacity_hours - own_hours, 0.0) / rate
    # What neither is worked on nor given up waits: overload = withdrawal · work waiting. Where nobody gives up, the
    # target is met without overload, and what is left of one is rounding.
    overload = np.maximum(hours * rate + own_hours - capacity_hours, 0.0)
    waiting = overload / withdrawal if withdrawal > 0 else np.zeros_like(overload)
    backlog = np.where(hours > 0, waiting / np.maximum(hours, 1e-9), 0.0)
    return Background(np.where(hours > 0, rate, 0.0), np.maximum(hours, 1e-9), backlog)
