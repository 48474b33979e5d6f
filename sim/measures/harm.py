"""Measures of harm: victims' losses from groups' activity, and losses that actions avert."""

import numpy as np

from sim.data.costs import USD_PER_EURO
from sim.law.days import YEAR
from sim.measures.arrays import Floats
from sim.measures.observation import Observation
from sim.measures.outcome import Measures
from sim.world.parameters import GROUP_KIND_TABLE

#: Rate at which later harm counts less, per year.
DISCOUNT = 0.03


def harm_rates() -> Floats:
    """Loss per day in USD of 2024 from an average group of each kind (judgement), f8[kinds]."""
    return np.array([kind.harm_usd_per_day for kind in GROUP_KIND_TABLE])


def by_group(observation: Observation, discount: float) -> Floats:
    """Victims' losses from each group in USD, f8[groups]: rate × size × capability × discounted days."""
    group, from_day, until, capability, scale = observation.stretches
    kinds, window = observation.tables["group"]["kind"], observation.window
    if window.part_of:  # what is later counts less from the policy's start on
        from_day, until = (day + (window.start - window.whole.start) for day in (from_day, until))
    losses = observation.harm_rates[kinds[group]] * scale * capability * _days(from_day, until, discount)
    return np.bincount(group, losses, len(kinds)).astype(np.float64)


def loss(observation: Observation, discount: float) -> float:
    """Victims' losses in all states, in billion USD."""
    return float(by_group(observation, discount).sum() / 1e9)


def by_victims(observation: Observation, of_groups: Floats) -> Floats:
    """Distributes amounts by group over the states of the groups' victims, f8[states]."""
    group = observation.tables["group"]
    domestic = group["domestic"] == 1
    at_home = np.bincount(group["home"][domestic], of_groups[domestic], observation.states)
    return np.asarray(at_home + of_groups[~domestic].sum() * observation.tables["state"]["victims"])


def _days(from_day: Floats, until: Floats, discount: float) -> Floats:
    """Discounted number of days from one day to another."""
    if discount == 0.0:
        return until - from_day
    rate = np.log1p(discount) / YEAR
    return np.asarray((np.exp(-rate * from_day) - np.exp(-rate * until)) / rate)


def _losses_averted(observation: Observation) -> float:
    """Losses that groups would have caused while they were down, in millions of euros."""
    histories, window, group = observation.histories, observation.window.whole, observation.tables["group"]
    before = observation.periods[histories.brought_down - 1]
    hit = group[before["group"]]
    # A group is down until it is back, or until the day on which it would have left by itself. Losses of the world
    # differ between two scenarios by far more than this, as other groups come and go.
    last = np.where(hit["lineage_until"] > histories.brought_down_day, hit["lineage_until"], np.inf)
    until = np.minimum(np.minimum(histories.brought_down_day + histories.down_days, last), window.end) - window.start
    taken = observation.harm_rates[hit["kind"]] * before["scale"] * before["capability"]
    return float((taken * _days(histories.brought_down_day - window.start, until, DISCOUNT)).sum() / USD_PER_EURO / 1e6)


MEASURES: Measures = {
    "losses_averted": _losses_averted,
    "harm": lambda seen: loss(seen, DISCOUNT),
}
