"""Harm: victims' losses, from the capability of every group on every day of the window."""

import numpy as np

from sim.law.days import YEAR
from sim.measures.arrays import Floats
from sim.measures.observation import Observation
from sim.measures.outcome import Better, Outcome, ShownIn
from sim.world.parameters import GROUP_KIND_TABLE

#: Rate at which later harm counts less, per year.
DISCOUNT = 0.03


def harm_rates() -> Floats:
    """USD of 2024 lost a day to a mean group, by kind (judgement, parameters.GROUP_KIND_TABLE)."""
    return np.array([kind.harm_usd_per_day for kind in GROUP_KIND_TABLE])


def by_group(observation: Observation, discount: float) -> Floats:
    """Victims' losses: sum over spells of rate × scale × capability × discounted days, USD, f8[groups]."""
    group, from_day, until, capability, scale = observation.stretches
    kinds = observation.tables["group"]["kind"]
    losses = observation.harm_rates[kinds[group]] * scale * capability * _days(from_day, until, discount)
    return np.bincount(group, losses, len(kinds)).astype(np.float64)


def loss(observation: Observation, discount: float) -> float:
    """Victims' losses in all states, billions of USD."""
    return float(by_group(observation, discount).sum() / 1e9)


def by_victims(observation: Observation, of_groups: Floats) -> Floats:
    """What belongs to groups, by the states in which their victims live.

    Args:
        observation: of one arm.
        of_groups: f8[groups] any amount.

    Returns:
        f8[states] sums; the sum over states is the sum over groups.
    """
    group = observation.tables["group"]
    domestic = group["domestic"] == 1
    at_home = np.bincount(group["home"][domestic], of_groups[domestic], observation.states)
    return np.asarray(at_home + of_groups[~domestic].sum() * observation.tables["state"]["victims"])


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
        shows=ShownIn.MAIN | ShownIn.LADDER | ShownIn.REGRET,
    ),
)
