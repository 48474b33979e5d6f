"""Turnaround between pairs of states, pooled over replicates: one replicate has too few requests a pair."""

import numpy as np
import pandas as pd

from sim.measures.arrays import MONTH
from sim.measures.survival import quantile, risk_table

BUSIEST = 20
#: Fewer requests than this give no median.
FEWEST_REQUESTS = 10


def busiest_states(pairs: pd.DataFrame, count: int = BUSIEST) -> list[int]:
    """Row numbers of the states that send and receive most requests, busiest first."""
    ends = np.concatenate([pairs["requesting"].to_numpy(), pairs["requested"].to_numpy()])
    states, requests = np.unique(ends, return_counts=True)
    return [int(state) for state in states[np.lexsort((states, -requests))][:count]]


def pair_medians(pairs: pd.DataFrame, states: list[int]) -> pd.DataFrame:
    """Kaplan–Meier median of turnaround between the given states, by scenario.

    Args:
        pairs: one row a request: scenario, requesting, requested, days, answered.
        states: row numbers of the states.

    Returns:
        scenario, requesting, requested (row numbers), requests, median_months (NaN: too few or not reached).
    """
    inside = pairs[pairs["requesting"].isin(states) & pairs["requested"].isin(states)]
    rows = [
        (*key, len(group), _median(group["days"].to_numpy(), group["answered"].to_numpy()))
        for key, group in inside.groupby(["scenario", "requesting", "requested"], sort=True)
    ]
    return pd.DataFrame(rows, columns=["scenario", "requesting", "requested", "requests", "median_months"])


def _median(days: np.ndarray, answered: np.ndarray) -> float:
    if days.size < FEWEST_REQUESTS:
        return float("nan")
    return quantile(risk_table(days, answered), 0.5) / MONTH
