"""What one more takedown, and a dollar of harm averted, costs: paired ratios, withheld where they mean nothing."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.data.costs import USD_PER_EURO
from sim.experiments import statistics
from sim.experiments.design import MAIN
from sim.experiments.statistics import Estimate, Paired
from sim.measures.arrays import Floats

_MILLION, _BILLION = 1e6, 1e9


@dataclass(frozen=True)
class Efficiency:
    """Cost of a scenario against the baseline, and per unit of what it achieves.

    Attributes:
        scenario: key.
        policy: what the policy commits, million euros; mean with its interval.
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


def efficiencies(outcomes: pd.DataFrame, scenarios: Sequence[str], baseline: str) -> list[Efficiency]:
    """Costs of every scenario but the baseline, paired by seed.

    Args:
        outcomes: one row per block × scenario × seed.
        scenarios: which are shown, in this order.
        baseline: what it is compared with.
    """
    inside = Paired(outcomes, MAIN)
    return [_efficiency(inside, key, baseline) for key in scenarios if key != baseline and key in inside.scenarios]


def _efficiency(inside: Paired, scenario: str, baseline: str) -> Efficiency:
    """One scenario."""
    outcomes = ("policy_cost", "handling_cost", "takedowns", "harm")
    pairs = (inside.values(outcome, scenario, baseline) for outcome in outcomes)
    policy, handling, takedowns, harm = (values - base for values, base in pairs)
    total, averted = policy + handling, -harm
    # Both in euros: millions spent, and billions of dollars averted.
    euros_averted = averted * _BILLION / USD_PER_EURO
    per_takedown, no_takedown = _ratio(total, takedowns, policy, "takedowns")
    per_euro, no_harm = _ratio(total * _MILLION, euros_averted, policy, "harm")
    return Efficiency(
        scenario,
        statistics.mean(policy),
        statistics.mean(handling),
        statistics.mean(takedowns),
        statistics.mean(averted),
        per_takedown,
        per_euro,
        no_takedown,
        no_harm,
    )


def _ratio(total: Floats, gained: Floats, policy: Floats, what: str) -> tuple[Estimate, str]:
    """Cost for one unit gained; withheld where nothing is priced, or where nothing may be gained."""
    nothing = Estimate(float("nan"), float("nan"), float("nan"), total.size)
    if not np.any(policy != 0.0):
        return nothing, "the policy has no price"
    change = statistics.mean(gained)
    if change.includes_zero:
        return nothing, f"the change in {what} is not distinguishable from zero"
    if change.value < 0:
        return nothing, f"{what} become worse"
    return statistics.ratio(total, gained), ""
