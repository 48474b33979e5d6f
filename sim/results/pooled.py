"""What reports show pooled over replicates, since one replicate has few of it.

Turnaround between pairs of states, the fate of identified members, and instruments in force.
"""

from collections.abc import Sequence
from dataclasses import asdict

import numpy as np
import pandas as pd

from sim.experiments.config import Experiment
from sim.experiments.design import Design
from sim.law.days import MONTH
from sim.law.order import legal_order
from sim.measures.arrays import Floats, Integers
from sim.measures.custody import Fate
from sim.measures.survival import quantile, risk_table
from sim.policy.in_force import joined_by_year, joins
from sim.policy.scenario_timeline import policy_days, timeline_of

#: Fewer requests than this give no median.
FEWEST_REQUESTS = 10


def partners(requests: pd.DataFrame) -> pd.DataFrame:
    """Where the requests of some states wait: one row per state that is asked, most waiting first.

    Args:
        requests: one row per request of one scenario: requested, days, answered.

    Returns:
        Index: row number of the state. requests, share_of_waiting (of the days of all within a year of sending),
        median_months (Kaplan–Meier; NaN: too few or not reached).
    """
    waiting = np.minimum(requests["days"].to_numpy(np.float64), 12 * MONTH)
    groups = requests.assign(waiting=waiting).groupby("requested")
    table = pd.DataFrame({"requests": groups.size(), "waiting": groups["waiting"].sum()})
    table["share_of_waiting"] = table["waiting"] / max(float(waiting.sum()), 1e-9)
    table["median_months"] = [_median(rows["days"].to_numpy(), rows["answered"].to_numpy()) for _, rows in groups]
    return table.drop(columns="waiting").sort_values("share_of_waiting", ascending=False, kind="stable")


def _median(days: Floats, answered: Integers) -> float:
    if days.size < FEWEST_REQUESTS:
        return float("nan")
    return quantile(risk_table(days, answered), 0.5) / MONTH


def fate_counts(fates: pd.DataFrame, scenarios: Sequence[str]) -> pd.DataFrame:
    """Members by scenario (rows, in the given order) and fate (columns, all of them), summed over replicates.

    Args:
        fates: breakdown members_by_fate of one block.
        scenarios: what is shown.
    """
    table = fates.pivot_table(index="scenario", columns="fate", values="members", aggfunc="sum", observed=True)
    return table.reindex(index=list(scenarios), columns=[fate.value for fate in Fate]).fillna(0.0)


def in_force(experiment: Experiment, design: Design) -> pd.DataFrame:
    """States that have joined what a scenario makes them join, by scenario, seed, instrument, group and year."""
    world, law, base = experiment.world, legal_order(), design.plan.base
    days, rows = policy_days(world), []
    for seed in design.seeds():
        reform = base.of_seed(experiment.parameters, seed).reform
        for scenario in filter(joins, design.scenarios):
            timeline = timeline_of(scenario, law, *days, seed, reform, world.states)
            found = joined_by_year(scenario, timeline, law, *days)
            rows += [{"scenario": scenario.key, "seed": seed, **asdict(entry)} for entry in found]
    return pd.DataFrame(rows)
