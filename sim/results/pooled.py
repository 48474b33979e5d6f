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
from sim.measures.arrays import Floats, Integers, Mask
from sim.measures.fate import Fate
from sim.measures.survival import quantile, risk_table
from sim.policy.in_force import joined_by_year, joins
from sim.policy.scenario_timeline import policy_days, timeline_of

BUSIEST = 20
#: Fewer requests than this give no median.
FEWEST_REQUESTS = 10


def busiest_states(pairs: pd.DataFrame) -> list[int]:
    """Row numbers of the states that send and receive most requests, busiest first."""
    traffic = np.bincount(pairs["requesting"].to_numpy(dtype=np.int64))
    answered = np.bincount(pairs["requested"].to_numpy(dtype=np.int64), minlength=traffic.size)
    total = answered.astype(np.int64)
    total[: traffic.size] += traffic
    order = np.lexsort((np.arange(total.size), -total))[:BUSIEST]
    return [int(state) for state in order if total[state] > 0]


def pair_medians(pairs: pd.DataFrame, within: Mask, states: list[int]) -> pd.DataFrame:
    """Kaplan–Meier median of turnaround between the given states, by scenario.

    Args:
        pairs: one row per request: scenario, requesting, requested, days, answered.
        within: rows that count; to copy the others away first would take longer than all that is done with them.
        states: row numbers of the states.

    Returns:
        scenario, requesting, requested (row numbers), requests, median_months (NaN: too few or not reached).
    """
    names = pairs["scenario"].astype("category").cat
    asking, answering = (_places(pairs[end], states) for end in ("requesting", "requested"))
    inside = np.flatnonzero((asking >= 0) & (answering >= 0) & within)
    size = max(len(states), 1)
    kind = np.min_scalar_type(names.categories.size * size * size)  # the fewer bytes, the sooner it is sorted
    code = names.codes.to_numpy()[inside].astype(kind)
    for place in (asking, answering):
        code = code * kind.type(size) + place[inside].astype(kind)
    order = np.argsort(code, kind="stable")
    found, start = np.unique(code[order], return_index=True)
    days, answered = (pairs[column].to_numpy()[inside][order] for column in ("days", "answered"))
    groups = zip(np.split(days, start[1:]), np.split(answered, start[1:]), strict=True)
    scenario, pair = np.divmod(found.astype(np.int64), size * size)
    table = {
        "scenario": np.asarray(names.categories)[scenario],
        "requesting": np.asarray(states, dtype=np.int64)[pair // size],
        "requested": np.asarray(states, dtype=np.int64)[pair % size],
        "requests": np.diff(np.append(start, code.size)),
        "median_months": np.array([_median(*group) for group in groups][: found.size], dtype=np.float64),
    }
    return pd.DataFrame(table)


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


def _places(ends: "pd.Series[int]", states: list[int]) -> Integers:
    """Place of each state in the list, -1 for others."""
    rows = ends.to_numpy()
    table = np.full(max([int(rows.max(initial=0)), *states]) + 1, -1, dtype=np.int16)
    table[states] = np.arange(len(states))
    return table[rows]


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


def steps(fates: pd.DataFrame, scenarios: Sequence[str]) -> pd.DataFrame:
    """Members identified, and those of them indicted, arrested, surrendered and convicted within five years."""
    known = fates.assign(convicted=np.where(fates["fate"] == Fate.CONVICTED, fates["members"], 0.0))
    columns = ["members", "indicted", "arrested", "surrendered", "convicted"]
    return known.groupby("scenario", observed=True)[columns].sum().reindex(list(scenarios)).fillna(0.0)


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
