"""Turnaround between pairs of states, pooled over replicates: one replicate has too few requests a pair."""

import numpy as np
import pandas as pd

from sim.law.days import MONTH
from sim.measures.arrays import Floats, Integers, Mask
from sim.measures.survival import quantile, risk_table

BUSIEST = 20
#: Fewer requests than this give no median.
FEWEST_REQUESTS = 10


def busiest_states(pairs: pd.DataFrame, count: int = BUSIEST) -> list[int]:
    """Row numbers of the states that send and receive most requests, busiest first."""
    traffic = np.bincount(pairs["requesting"].to_numpy(dtype=np.int64))
    answered = np.bincount(pairs["requested"].to_numpy(dtype=np.int64), minlength=traffic.size)
    total = answered.astype(np.int64)
    total[: traffic.size] += traffic
    order = np.lexsort((np.arange(total.size), -total))[:count]
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


def pair_trust(accounts: pd.DataFrame) -> pd.DataFrame:
    """Trust of each state in each by scenario, pooled over replicates and weighted by dealings.

    Args:
        accounts: one row per replicate and ordered pair: scenario, trusting, trusted, trust, dealings.

    Returns:
        scenario, trusting, trusted (row numbers), trust, dealings (of all replicates).
    """
    weighted = accounts.assign(trust=accounts["trust"] * accounts["dealings"])
    keys = ["scenario", "trusting", "trusted"]
    pooled = weighted.groupby(keys, observed=True, as_index=False)[["trust", "dealings"]].sum()
    return pooled.assign(trust=pooled["trust"] / pooled["dealings"])


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
