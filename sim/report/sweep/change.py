"""Paired change from the first level of an axis: seeds are the same at all levels, so worlds cancel."""

from __future__ import annotations

from collections.abc import Sequence

import pandas as pd

from sim.experiments.axis import Axis
from sim.experiments.grammar import SCENARIO


def from_first_level(rows: pd.DataFrame, axis: Axis, axes: Sequence[Axis], outcomes: Sequence[str]) -> pd.DataFrame:
    """Rows with outcomes as changes from the first level of an axis, in the same world.

    A run is compared with that of the same seed, scenario and values of all other axes; in a sampled design, where
    there is none, with the mean of the first level under the same seed and scenario. Runs that have nothing to be
    compared with are left out.

    Args:
        rows: runs with `place`, the number of their level.
        axis: whose first level is compared with.
        axes: all axes of the study.
        outcomes: keys of what is compared.
    """
    same = ["seed", *([] if axis.key == SCENARIO else [SCENARIO])]
    others = [entry.key for entry in axes if entry.key not in (axis.key, SCENARIO)]
    first = rows[rows["place"] == rows["place"].min()]
    exact = _less(rows, first, [*same, *others], outcomes)
    return exact if len(exact) == len(rows) or not others else _less(rows, first, same, outcomes)


def _less(rows: pd.DataFrame, first: pd.DataFrame, same: list[str], outcomes: Sequence[str]) -> pd.DataFrame:
    """Rows less the mean of those of the first level that agree with them in some columns."""
    columns = list(outcomes)
    base = first.groupby(same, observed=True)[columns].mean()
    found = pd.MultiIndex.from_frame(rows[same]) if len(same) > 1 else pd.Index(rows[same[0]])
    known = found.isin(base.index)
    kept = rows[known]
    changed = kept[columns].to_numpy(float) - base.reindex(found[known]).to_numpy(float)
    return kept.assign(**{key: changed[:, place] for place, key in enumerate(columns)})
