"""Progress of scenarios from no to full cooperation, and costs per takedown; meaningless ratios are NaN."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from sim.data.costs import USD_PER_EURO
from sim.experiments import statistics
from sim.experiments.plan import MAIN
from sim.experiments.statistics import Estimate
from sim.measures.arrays import Floats, Integers
from sim.measures.outcome import ShownIn
from sim.measures.outcomes import shown_in
from sim.policy.well_known import LOWER_BOUND, UPPER_BOUND
from sim.results.effects import PairedArms

#: Outcomes of the ladder: they are defined even where no request is ever sent.
LADDER_OUTCOMES = shown_in(ShownIn.LADDER)


@dataclass(frozen=True)
class Rung:
    """Position of a scenario between no cooperation (0) and full cooperation (1), on one outcome."""

    scenario: str  # key
    outcome: str  # key of the outcome
    share: Estimate  # share of the way with its interval; NaN when withheld
    # mean of the outcome; for a scenario run on some of the seeds only, as all would give it (`as_all`), so that levels
    # can be set side by side
    level: float
    withheld: str  # why no share is given, empty when one is


def ladder(arms: PairedArms, scenarios: Sequence[str], baseline: str) -> list[Rung]:
    """Positions of all scenarios between no and full cooperation, for each outcome of the ladder.

    Empty unless both bounds were run.
    """
    if not {LOWER_BOUND, UPPER_BOUND} <= set(arms.scenarios()):
        return []
    return [_rung(arms, scenario, outcome, baseline) for outcome in LADDER_OUTCOMES for scenario in scenarios]


def as_all(everywhere: float, base: float, own: float) -> float:
    """Estimates a scenario's mean over all seeds from its effect in some of the seeds.

    Given are means of the baseline everywhere and over its seeds, and its own. A rise is added to the baseline of all.
    A fall is taken in proportion, so that no count falls below zero.
    """
    if 0.0 <= own < base:
        return everywhere * own / base
    return everywhere + own - base


def _rung(arms: PairedArms, scenario: str, outcome: str, baseline: str) -> Rung:
    """Progress of one scenario between the bounds on one outcome; no share if the bounds may be equal."""
    mine, base, ends = (MAIN, scenario), (MAIN, baseline), ((MAIN, LOWER_BOUND), (MAIN, UPPER_BOUND))
    values, lower, upper = arms.values(outcome, mine, *ends)
    (everywhere,), (own, other) = arms.values(outcome, base), arms.values(outcome, mine, base)
    level = as_all(*(statistics.mean(part).value for part in (everywhere, other, own)))
    if scenario in (LOWER_BOUND, UPPER_BOUND):
        end = float(scenario == UPPER_BOUND)
        return Rung(scenario, outcome, Estimate(end, end, end, values.size), level, "")
    why = "the gap between no cooperation and full cooperation is not distinguishable from noise"
    share, withheld = quotient(values - lower, upper - lower, why, clusters=arms.clusters(mine, *ends))
    return Rung(scenario, outcome, share, level, withheld)


def quotient(
    above: Floats, below: Floats, zero: str, wrong: str = "", clusters: Integers | None = None
) -> tuple[Estimate, str]:
    """Returns the ratio of two paired differences, or NaN with the reason why the ratio has no meaning."""
    change = statistics.mean(below, clusters)
    withheld = zero if change.includes_zero else wrong if change.value < 0.0 else ""
    nothing = Estimate(float("nan"), float("nan"), float("nan"), above.size)
    return (nothing, withheld) if withheld else (statistics.ratio(above, below, clusters), "")


_MILLION, _BILLION = 1e6, 1e9


@dataclass(frozen=True)
class Efficiency:
    """Cost of a scenario beyond the baseline's, in total and per unit of effect."""

    scenario: str  # key
    policy: Estimate  # what the policy commits, million euros: the median world, and 95 % of worlds
    handling: Estimate  # change of the cost of work on requests and cases, million euros
    takedowns: Estimate  # more takedowns over the policy years
    harm_averted: Estimate  # harm averted, billion USD of 2024
    per_takedown: Estimate  # million euros in all for one more takedown
    per_euro_averted: Estimate  # euros in all for a euro of harm averted
    # withheld_takedown, withheld_harm: why the ratio is not given, empty where it is
    withheld_takedown: str
    withheld_harm: str


def costs(arms: PairedArms, scenarios: Sequence[str], baseline: str) -> list[Efficiency]:
    """Cost of each scenario beyond the baseline's, in total and per unit of effect."""
    return [_cost(arms, key, baseline) for key in scenarios if key != baseline and key in arms.scenarios()]


def _cost(arms: PairedArms, scenario: str, baseline: str) -> Efficiency:
    """Cost of one scenario beyond the baseline's, in total and per unit of effect."""
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
    spends = statistics.middle(policy)
    works, takes, averts = (statistics.mean(part, clusters) for part in (handling, takedowns, averted))
    return Efficiency(scenario, spends, works, takes, averts, per_takedown, per_euro, no_takedown, no_harm)
