"""What a policy changes: paired differences, how far they can be distinguished from noise, and the ladder."""

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from sim.experiments import statistics
from sim.experiments.design import MAIN
from sim.experiments.sets import Components, ParameterSets, components
from sim.experiments.statistics import Estimate, Paired
from sim.measures.arrays import Floats
from sim.measures.outcome import Outcome
from sim.measures.outcomes import OUTCOMES
from sim.policy.well_known import LOWER_BOUND, UPPER_BOUND

#: Outcomes of the ladder: they are defined even where no request is ever sent.
LADDER_OUTCOMES = ("takedown_rate", "takedown_five_year", "executed_per_year", "harm")

#: Values that differ by less than this share of themselves differ by the order in which they were summed.
ROUNDING = 1e-12


class Verdict(StrEnum):
    """Whether a difference can be distinguished from noise."""

    DISTINGUISHABLE = "distinguishable from noise"
    NOT_DISTINGUISHABLE = "not distinguishable from noise"
    IDENTICAL = "identical in every replicate"
    UNDEFINED = "not defined in one of the two"


@dataclass(frozen=True)
class Difference:
    """How one outcome differs between a scenario and the baseline.

    Attributes:
        block: parameter set.
        scenario, baseline: what is compared.
        outcome: key of the outcome.
        title, unit: what it is.
        pairs: seeds in which it is defined in both.
        baseline_mean, scenario_mean: means over those seeds.
        difference, low, high: mean paired difference with its 95 % interval, in the unit.
        relative, relative_low, relative_high: the same as a share of the baseline's mean.
        verdict: whether it can be distinguished from noise.
        chance, holds: see `sets.Components`; NaN where every seed has the same parameters.
    """

    block: str
    scenario: str
    baseline: str
    outcome: str
    title: str
    unit: str
    pairs: int
    baseline_mean: float
    scenario_mean: float
    difference: float
    low: float
    high: float
    relative: float
    relative_low: float
    relative_high: float
    verdict: Verdict
    chance: float = float("nan")
    holds: float = float("nan")


@dataclass(frozen=True)
class Rung:
    """Where a scenario stands between no cooperation (0) and frictionless cooperation (1), on one outcome.

    Attributes:
        scenario: key.
        outcome: key of the outcome.
        share: share of the way with its interval; NaN when withheld.
        level: mean of the outcome; for a scenario run on some of the seeds only, as all would give it (`as_all`),
            so that levels can be set side by side.
        withheld: why no share is given, empty when one is.
    """

    scenario: str
    outcome: str
    share: Estimate
    level: float
    withheld: str


def differences(
    outcomes: pd.DataFrame, baseline: str, block: str = MAIN, sets: ParameterSets | None = None
) -> list[Difference]:
    """Every outcome of every scenario but the baseline, paired by seed.

    Args:
        outcomes: one row per block × scenario × seed.
        baseline: key of the scenario to compare with.
        block: parameter set.
        sets: what seeds take in turn, if anything.
    """
    inside = Paired(outcomes, block)
    scenarios = [key for key in inside.scenarios if key != baseline]
    return [
        difference_between(inside, scenario, baseline, outcome, block, sets)
        for scenario in scenarios
        for outcome in OUTCOMES
    ]


def difference_between(
    inside: Paired, scenario: str, baseline: str, outcome: Outcome, block: str, sets: ParameterSets | None = None
) -> Difference:
    """One outcome of one scenario against another, over the seeds of a block."""
    values, base = inside.values(outcome.key, scenario, baseline)
    known = ~(np.isnan(values) | np.isnan(base))
    values, base = values[known], base[known]
    change, relative = statistics.difference(values, base), statistics.ratio(values, base)
    parts = Components(float("nan"), float("nan"))
    if sets is not None:
        numbers = np.array([sets.number(seed) for seed in inside.seeds(scenario, baseline)[known].tolist()])
        parts = components(values - base, numbers)
    return Difference(
        block=block,
        scenario=scenario,
        baseline=baseline,
        outcome=outcome.key,
        title=outcome.title,
        unit=outcome.unit,
        pairs=int(known.sum()),
        baseline_mean=float(base.mean()) if base.size else float("nan"),
        scenario_mean=float(values.mean()) if values.size else float("nan"),
        difference=change.value,
        low=change.low,
        high=change.high,
        relative=relative.value - 1.0,
        relative_low=relative.low - 1.0,
        relative_high=relative.high - 1.0,
        verdict=verdict_of(values, base, change),
        chance=parts.chance,
        holds=parts.holds,
    )


def verdict_of(values: Floats, base: Floats, change: Estimate) -> Verdict:
    """Whether the difference of two paired samples can be distinguished from noise."""
    if change.pairs < 2:
        return Verdict.UNDEFINED
    if (np.abs(values - base) <= ROUNDING * np.abs(base)).all():
        return Verdict.IDENTICAL  # a sum over rows in another order is no effect, however little it varies
    return Verdict.NOT_DISTINGUISHABLE if change.includes_zero else Verdict.DISTINGUISHABLE


def ladder(outcomes: pd.DataFrame, scenarios: Sequence[str], baseline: str) -> list[Rung]:
    """Share of the way from no cooperation to frictionless, for every scenario and ladder outcome.

    Empty unless both bounds were run.
    """
    inside = Paired(outcomes, MAIN)
    if not {LOWER_BOUND, UPPER_BOUND} <= set(inside.scenarios):
        return []
    return [_rung(inside, scenario, outcome, baseline) for outcome in LADDER_OUTCOMES for scenario in scenarios]


def as_all(everywhere: float, base: float, own: float) -> float:
    """Level that all seeds would give a scenario which was run on some of them, whose baseline differs by chance.

    A rise is added to the baseline of all. A fall is taken in proportion, so that no count falls below zero.

    Args:
        everywhere: mean of the baseline over all seeds.
        base: mean of the baseline over the seeds of the scenario.
        own: mean of the scenario.
    """
    if 0.0 <= own < base:
        return everywhere * own / base
    return everywhere + own - base


def _rung(inside: Paired, scenario: str, outcome: str, baseline: str) -> Rung:
    """One scenario on one outcome; the share is withheld when the gap between the bounds may be zero."""
    nothing = Estimate(float("nan"), float("nan"), float("nan"), 0)
    values, lower, upper = inside.values(outcome, scenario, LOWER_BOUND, UPPER_BOUND)
    (everywhere,), (own, base) = inside.values(outcome, baseline), inside.values(outcome, scenario, baseline)
    level = as_all(*(statistics.mean(part).value for part in (everywhere, base, own)))
    if scenario in (LOWER_BOUND, UPPER_BOUND):
        end = float(scenario == UPPER_BOUND)
        return Rung(scenario, outcome, Estimate(end, end, end, values.size), level, "")
    if statistics.difference(upper, lower).includes_zero:
        reason = "the gap between no cooperation and frictionless is not distinguishable from noise"
        return Rung(scenario, outcome, nothing, level, reason)
    return Rung(scenario, outcome, statistics.ratio(values - lower, upper - lower), level, "")
