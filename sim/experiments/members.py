"""What becomes of identified members, pooled over replicates: one replicate has few members a state."""

from collections.abc import Sequence

import numpy as np
import pandas as pd

from sim.experiments import statistics
from sim.measures.fate import FREE, Fate

MOST_MEMBERS = 12


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


def impunity(fates: pd.DataFrame, baseline: str, count: int = MOST_MEMBERS) -> pd.DataFrame:
    """Share of identified members neither judged nor in custody after five years, by scenario and residence.

    Args:
        fates: breakdown members_by_fate of one block.
        baseline: scenario under which states are chosen: those with most identified members.
        count: number of states.

    Returns:
        scenario, residence (row number), members and free (sums over replicates), share, low, high; the interval
        takes replicates as independent, not members.
    """
    under = fates[fates["scenario"] == baseline].groupby("residence")["members"].sum()
    states = list(under.sort_values(ascending=False, kind="stable").index[:count])
    kept = fates[fates["residence"].isin(states)]
    kept = kept.assign(free=np.where(kept["fate"].isin(FREE), kept["members"], 0.0))
    by_seed = kept.groupby(["scenario", "residence", "seed"], observed=True)[["members", "free"]].sum()
    rows = []
    for (scenario, residence), part in by_seed.groupby(level=["scenario", "residence"], observed=True):
        free, members = (part[name].to_numpy(dtype=np.float64) for name in ("free", "members"))
        share = statistics.ratio(free, members)
        rows.append((scenario, residence, members.sum(), free.sum(), free.sum() / members.sum(), share.low, share.high))
    table = pd.DataFrame(rows, columns=["scenario", "residence", "members", "free", "share", "low", "high"])
    rank = {state: place for place, state in enumerate(states)}
    order = np.lexsort((table["residence"].map(rank), table["scenario"].astype(str)))
    return table.iloc[order].reset_index(drop=True)
