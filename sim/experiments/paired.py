"""Outcomes set side by side: the same seeds under several scenarios."""

from functools import reduce

import numpy as np
import pandas as pd

from sim.measures.arrays import Floats


class Paired:
    """Outcomes of one block by scenario and seed, to be set side by side.

    Args:
        outcomes: one row a block × scenario × seed.
        block: parameter set.
    """

    def __init__(self, outcomes: pd.DataFrame, block: str) -> None:
        inside = outcomes[outcomes["block"] == block]
        self._by_scenario = {str(key): rows.sort_values("seed") for key, rows in inside.groupby("scenario", sort=False)}

    @property
    def scenarios(self) -> list[str]:
        """Scenarios that were run, in the order of their first row."""
        return list(self._by_scenario)

    def values(self, outcome: str, *scenarios: str) -> list[Floats]:
        """An outcome under several scenarios, over the seeds that all of them have, in order of seed."""
        frames = [self._by_scenario.get(scenario) for scenario in scenarios]
        known = [frame for frame in frames if frame is not None]
        if len(known) < len(scenarios):
            return [np.empty(0) for _ in scenarios]
        seeds = [frame["seed"].to_numpy() for frame in known]
        shared = reduce(np.intersect1d, seeds)
        columns = (frame[outcome].to_numpy(dtype=np.float64) for frame in known)
        return [column[np.isin(own, shared)] for column, own in zip(columns, seeds, strict=True)]
