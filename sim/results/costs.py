"""What one more takedown, and a dollar of harm averted, costs: paired ratios, withheld where they mean nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.data.costs import USD_PER_EURO
from sim.experiments import statistics
from sim.experiments.plan import MAIN
from sim.experiments.statistics import Estimate
from sim.results.effects import PairedArms
from sim.results.ladder import quotient

_MILLION, _BILLION = 1e6, 1e9
#: Nine in ten worlds have a price between these.
PRICE_RANGE = 0.05, 0.95


@dataclass(frozen=True)
class Efficiency:
    """Cost of a scenario against the baseline, and per unit of what it achieves.

    Attributes:
        scenario: key.
        policy: what the policy commits, million euros: the median world with the range of nine in ten worlds.
        handling: change of the cost of work on requests and cases, million euros.
        takedowns: more takedowns over the policy years.
        harm_averted: harm averted, billion USD of 2024.
        per_takedown: million euros in all for one more takedown.
        per_euro_averted: euros in all for a euro of harm averted.
        withheld_takedown, withheld_harm: why the ratio is not given, empty where it is.
    """

    scenario: str
    policy: Estimate
    handling: Estimate
    takedowns: Estimate
    harm_averted: Estimate
    per_takedown: Estimate
    per_euro_averted: Estimate
    withheld_takedown: str
    withheld_harm: str


def costs(arms: PairedArms, scenarios: Sequence[str], baseline: str) -> list[Efficiency]:
    """Costs of every scenario but the baseline, paired by seed.

    Args:
        arms: outcomes.
        scenarios: which are shown, in this order.
        baseline: what it is compared with.
    """
    return [_cost(arms, key, baseline) for key in scenarios if key != baseline and key in arms.scenarios()]


def _cost(arms: PairedArms, scenario: str, baseline: str) -> Efficiency:
    """One scenario."""
    ends = (MAIN, scenario), (MAIN, baseline)
    values, base = arms.values(("policy_cost", "handling_cost", "takedowns", "harm"), *ends)
    policy, handling, takedowns, harm = (values - base).T
    clusters = arms.clusters(*ends)
    spent, averted = policy + handling, -harm
    # Both in euros: millions spent, and billions of dollars averted.
    each = (spent, takedowns, "takedowns"), (spent * _MILLION, averted * _BILLION / USD_PER_EURO, "harm")
    ratios = []
    for cost, gained, what in each:
        zero, worse = f"the change in {what} is not distinguishable from zero", f"{what} become worse"
        if not np.any(policy != 0.0):
            gained, zero = np.zeros_like(gained), "the policy has no price"
        ratios.append(quotient(cost, gained, zero, worse, clusters))
    (per_takedown, no_takedown), (per_euro, no_harm) = ratios
    spends = statistics.middle(policy, PRICE_RANGE)
    works, takes, averts = (statistics.mean(part, clusters) for part in (handling, takedowns, averted))
    return Efficiency(scenario, spends, works, takes, averts, per_takedown, per_euro, no_takedown, no_harm)
