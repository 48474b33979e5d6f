"""Outcomes set side by side: the same seeds under several scenarios."""

from functools import reduce

import numpy as np
import pandas as pd

from sim.measures.arrays import Floats


class Paired:
    """Outcomes of one block by scenario and seed, to be set side by side.

    Args:
        outcomes: one row per block × scenario × seed.
        block: parameter set.
    """

    def __init__(self, outcomes: pd.DataFrame, block: str) -> None:
        inside = outcomes[outcomes["block"] == block]
        self._by_scenario = {str(key): rows.sort_values("seed") for key, rows in inside.groupby("scenario", sort=False)}
        self._shared: dict[tuple[str, ...], list[pd.DataFrame]] = {}

    @property
    def scenarios(self) -> list[str]:
        """Scenarios that were run, in the order of their first row."""
        return list(self._by_scenario)

    def values(self, outcome: str, *scenarios: str) -> list[Floats]:
        """An outcome under several scenarios, over the seeds that all of them have, in order of seed."""
        if not self._by_scenario.keys() >= set(scenarios):
            return [np.empty(0) for _ in scenarios]
        if scenarios not in self._shared:
            self._shared[scenarios] = self._over_shared_seeds(scenarios)
        return [frame[outcome].to_numpy(dtype=np.float64) for frame in self._shared[scenarios]]

    def _over_shared_seeds(self, scenarios: tuple[str, ...]) -> list[pd.DataFrame]:
        """Rows of several scenarios in order of seed, without seeds that one of them lacks."""
        frames = [self._by_scenario[scenario] for scenario in scenarios]
        seeds = reduce(np.intersect1d, (frame["seed"].to_numpy() for frame in frames))
        return [frame[np.isin(frame["seed"].to_numpy(), seeds)] for frame in frames]
