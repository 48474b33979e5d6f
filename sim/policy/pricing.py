"""The price of a scenario in words, before anything is simulated."""

from datetime import date
from functools import cache

import numpy as np

from sim.data.geography import CrimeGeography
from sim.law.days import to_day
from sim.law.order import LegalOrder
from sim.policy.costing import Price, spend
from sim.policy.scenario import Scenario
from sim.world.footing import Footing, footing
from sim.world.parameters import WorldSpec

_MILLION = 1e6


def price_of(scenario: Scenario) -> str:
    """Euros over the policy years of the default world, with the range that unit costs leave; empty for nothing.

    Where a process finds the days, they are those of one run out of many.
    """
    spec = WorldSpec()
    start, end = date.fromisoformat(spec.policy_start), date.fromisoformat(spec.end)
    law, before = _before(spec.start)
    steps = scenario.timeline(law, start, end).steps
    found = {price: spend(steps, before, to_day(end), price, scenario.costs) for price in Price}
    low, central, high = (
        found[price].total(to_day(start), to_day(end)) / _MILLION for price in (Price.LOW, Price.CENTRAL, Price.HIGH)
    )
    parts = [f"About {_figure(central)} million euros ({_figure(low)} to {_figure(high)})."] if central else []
    if found[Price.CENTRAL].unpriced:
        parts.append(f"Without a price: {', '.join(found[Price.CENTRAL].unpriced)}.")
    return " ".join(parts)


@cache
def _before(first_day: str) -> tuple[LegalOrder, Footing]:
    """The law, and desks and channels on a world's first day."""
    law = LegalOrder.load()
    return law, footing(CrimeGeography.load(), law.arrays(date.fromisoformat(first_day)).police_body)


def _figure(millions: float) -> str:
    """Two figures: nobody knows more."""
    size = 10 ** max(int(np.floor(np.log10(millions))) - 1, -1) if millions > 0 else 1
    return f"{round(millions / size) * size:,.0f}".replace(",", " ") if millions >= 1 else f"{millions:.1f}"
