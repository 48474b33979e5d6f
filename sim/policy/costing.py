"""Adds up what a policy costs (M24).

Staff cost what they earn while they are there; systems, training, templates and laws cost once, and systems, training
and duties something every year. Prices are in sim/data/unit_costs.csv; each lever says in sim/policy/levers/ what it
costs. What is not for sale (politics, bounds of the model) is named, not priced.
"""

from collections.abc import Sequence

import numpy as np

from sim.data.costs import LEDGER, Prices, central_prices
from sim.law.days import to_day
from sim.policy.levers import LEVERS
from sim.policy.levers.shared import free
from sim.policy.spending import Cost, Spending, SpendingLedger
from sim.policy.timeline import Step
from sim.world.baseline import Baseline


def spend(
    steps: Sequence[Step], baseline: Baseline, end: float, prices: Prices | None = None, costs: Sequence[Cost] = ()
) -> Spending:
    """What dated steps cost.

    Args:
        steps: of a timeline, sorted by day.
        baseline: desks and channels before the policy.
        end: day on which nobody pays any more.
        prices: unit costs by their names; the central ones where None.
        costs: amounts beyond those of the levers.
    """
    ledger = SpendingLedger(baseline, prices or central_prices(), end)
    unpriced: dict[str, None] = {}
    for step in steps:
        day = to_day(step.on)
        moved = [*((entry.lever, entry) for entry in step.assignments), *((step.lever, one) for one in step.amendments)]
        for name, entry in moved:
            charges = LEVERS[name].charges if name else free
            if charges is None:
                unpriced[name] = None
            else:
                charges(ledger, day, entry)
    for cost in costs:
        # An amount that the scenario names itself belongs to no state.
        until = end if cost.until is None else min(to_day(cost.until), end)
        ledger.rows.append(np.array([(cost.payer, -1, to_day(cost.start), until, cost.once, cost.a_year)], LEDGER))
    return Spending(np.concatenate([*ledger.rows, np.zeros(0, LEDGER)]), tuple(unpriced))
