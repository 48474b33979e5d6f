"""Harm: victims' losses, from the capability of every group on every day of the window."""

import numpy as np

from sim.law.days import YEAR
from sim.measures.arrays import Floats
from sim.measures.observation import Observation
from sim.measures.outcome import Better, Outcome
from sim.world.parameters import GROUP_KIND_TABLE

#: Rate at which later harm counts less, per year.
DISCOUNT = 0.03


def harm_rates() -> Floats:
    """USD of 2024 lost a day to a mean group, by kind (judgement, parameters.GROUP_KIND_TABLE)."""
    return np.array([kind.harm_usd_per_day for kind in GROUP_KIND_TABLE])


def loss(observation: Observation, discount: float) -> float:
    """Victims' losses: sum over spells of rate × scale × capability × discounted days, in billions of USD."""
    group, from_day, until, capability, scale = observation.stretches
    rate = observation.harm_rates[observation.tables["group"]["kind"][group]]
    weight = rate * scale * capability
    return float((weight * _days(from_day, until, discount)).sum() / 1e9)


def _days(from_day: Floats, until: Floats, discount: float) -> Floats:
    """Integral of the discount factor between two days."""
    if discount == 0.0:
        return until - from_day
    rate = np.log1p(discount) / YEAR
    return np.asarray((np.exp(-rate * from_day) - np.exp(-rate * until)) / rate)


OUTCOMES = (
    Outcome(
        "harm",
        "Victims' losses over the policy years",
        "billion USD of 2024",
        Better.LESS,
        "Loss rate of the type × size × capability, summed over all groups and days of the policy years, "
        "discounted at 3 % a year to the policy's start. The rates are judgement: read per cents.",
        lambda observation: loss(observation, DISCOUNT),
    ),
    Outcome(
        "harm_per_year",
        "Victims' losses a year",
        "billion USD of 2024 a year",
        Better.LESS,
        "The same without discounting, per year.",
        lambda observation: loss(observation, 0.0) / observation.window.years,
    ),
)
