"""Weighted displacement quotients of a policy (Bowers and Johnson 2003), from paired arms (M18).

The classical quotient is Δ(buffer ÷ control) ÷ Δ(target ÷ control): what the places around a target gained over what
the target lost, each against an area that shows what would have happened anyway. Here that is known exactly: the
control is the same world, seed by seed, under the baseline. −1 says that all that left the targets turned up in the
buffer, 0 that nothing did, a positive number that the buffer gained with the targets.

Targets are where a policy brings more action, and are chosen on one half of the seeds and measured on the other, since
places with more crime by chance would also see more action by chance.
"""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from sim.experiments import statistics
from sim.experiments.sets import ParameterSets
from sim.experiments.statistics import Estimate
from sim.measures.arrays import Floats, Mask
from sim.measures.displacement import Dimension
from sim.results.ladder import quotient

#: Targets hold this share of all additional action.
TARGET_SHARE = 0.5


@dataclass(frozen=True)
class Displacement:
    """What a policy displaces in one dimension.

    Attributes:
        scenario: key of the policy.
        dimension: in what.
        quotient: weighted displacement quotient with its interval; NaN when withheld.
        target, buffer: mean change of activity in the targets and in the buffer, in the unit of the dimension.
        withheld: why no quotient is given, empty when one is.
    """

    scenario: str
    dimension: Dimension
    quotient: Estimate
    target: Estimate
    buffer: Estimate
    withheld: str


def displacements(
    activity: pd.DataFrame, baseline: str, scenarios: Sequence[str], sets: ParameterSets | None = None
) -> list[Displacement]:
    """Every dimension of every scenario against the baseline.

    Args:
        activity: breakdown `activity` of one block: scenario, seed, dimension, place, activity, enforcement.
        baseline: scenario that shows what would have happened.
        scenarios: which are shown, in this order.
        sets: what seeds take in turn, if anything.
    """
    found = []
    for scenario in scenarios:
        for dimension in Dimension:
            rows = activity[activity["dimension"] == dimension.value]
            policy, base = (rows[rows["scenario"] == key] for key in (scenario, baseline))
            found.append(_displacement(scenario, dimension, policy, base, sets))
    return found


def _displacement(
    scenario: str, dimension: Dimension, policy: pd.DataFrame, base: pd.DataFrame, sets: ParameterSets | None
) -> Displacement:
    """One quotient, below zero when crime has moved there."""
    if dimension is Dimension.GROUP:
        target, buffer = _group_changes(policy, base)
    else:
        target, buffer = _place_changes(dimension, policy, base)
    seeds = np.intersect1d(policy["seed"].unique(), base["seed"].unique())
    clusters = None if sets is None else sets.numbers(seeds)
    zero = "what left the targets cannot be distinguished from noise"
    found, withheld = quotient(-buffer, -target, zero, "activity in the targets did not fall", clusters)
    if not np.any(target):
        withheld = "the policy brings no more action anywhere"
    left, came = (statistics.mean(part, clusters) for part in (target, buffer))
    return Displacement(scenario, dimension, found, left, came, withheld)


def _place_changes(dimension: Dimension, policy: pd.DataFrame, base: pd.DataFrame) -> tuple[Floats, Floats]:
    """Change of activity in targets and buffer by seed; each half of the seeds is measured on targets of the other."""
    change, rise = (_paired(policy, base, column) for column in ("activity", "enforcement"))
    target, buffer = np.zeros(len(change)), np.zeros(len(change))
    for half in (0, 1):
        mine = np.arange(len(change)) % 2 == half
        chosen = targets(rise[~mine].sum(axis=0))
        near = following(chosen) if dimension is Dimension.TIME else ~chosen
        target[mine] = change[mine][:, chosen].sum(axis=1)
        buffer[mine] = change[mine][:, near].sum(axis=1)
    return target, buffer


def _paired(policy: pd.DataFrame, base: pd.DataFrame, column: str) -> Floats:
    """Policy less baseline, [seed, place], over the seeds that both have."""
    tables = [rows.pivot_table(index="seed", columns="place", values=column, fill_value=0.0) for rows in (policy, base)]
    seeds = tables[0].index.intersection(tables[1].index)
    places = tables[0].columns.union(tables[1].columns)
    with_all = [table.reindex(index=seeds, columns=places, fill_value=0.0).to_numpy(np.float64) for table in tables]
    return np.asarray(with_all[0] - with_all[1])


def targets(rise: Floats) -> Mask:
    """Places that together see half of all additional action, the most first."""
    chosen = np.zeros(rise.size, dtype=np.bool_)
    positive = np.maximum(rise, 0.0)
    order = np.argsort(-positive, kind="stable")
    before = np.cumsum(positive[order]) - positive[order]
    chosen[order[(before < TARGET_SHARE * positive.sum()) & (positive[order] > 0.0)]] = True
    return chosen


def following(chosen: Mask) -> Mask:
    """Periods after a target that are not targets themselves: where deferred crime would turn up."""
    after = np.logical_or.accumulate(chosen)
    return np.asarray(after & ~chosen)


def _group_changes(policy: pd.DataFrame, base: pd.DataFrame) -> tuple[Floats, Floats]:
    """Change of activity by seed, of groups taken down in one arm only, and of all others.

    Groups that chance spares under the policy count as well as those that it adds, or the choice would be biased.
    """
    joined = policy.merge(base, on=["seed", "place"], how="outer", suffixes=("", "_base")).fillna(
        dict.fromkeys(("activity", "activity_base", "enforcement", "enforcement_base"), 0.0)
    )
    discordant = (joined["enforcement"] > 0.0) != (joined["enforcement_base"] > 0.0)
    change = joined["activity"] - joined["activity_base"]
    seeds = np.intersect1d(policy["seed"].unique(), base["seed"].unique())
    sums = [change[part].groupby(joined.loc[part, "seed"]).sum() for part in (discordant, ~discordant)]
    target, buffer = (part.reindex(seeds, fill_value=0.0).to_numpy(np.float64) for part in sums)
    return target, buffer
