"""Outcomes of two commits, set side by side seed by seed."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd
from scipy.special import ndtri as normal_quantile
from scipy.special import stdtrit as student_quantile

from sim.experiments import statistics
from sim.experiments.statistics import CONFIDENCE, Estimate
from sim.measures.arrays import Floats
from sim.measures.outcomes import HEADLINES, OUTCOMES
from sim.policy.well_known import BASELINE

LEVEL, CHANGE = "level", "change"


@dataclass(frozen=True)
class Entry:
    """One outcome under one scenario: its level, or its change from today's law, by both commits.

    Attributes:
        kind: `level` or `change`.
        scenario: key.
        outcome: key.
        before: f8[seeds] by the older commit.
        after: f8[seeds] by the newer one, in the same order of seeds.
    """

    kind: str
    scenario: str
    outcome: str
    before: Floats
    after: Floats

    @cached_property
    def difference(self) -> Estimate:
        """The newer minus the older, seed by seed."""
        return statistics.difference(self.after, self.before)

    @property
    def is_same(self) -> bool:
        """Whether both commits give the same number in every world."""
        return bool(np.array_equal(self.before, self.after, equal_nan=True))

    @cached_property
    def correlation(self) -> Estimate:
        """Of the two commits over seeds, with Fisher's interval; NaN where either does not vary."""
        known = ~(np.isnan(self.before) | np.isnan(self.after))
        before, after = self.before[known], self.after[known]
        if known.sum() < 4 or np.ptp(before) == 0.0 or np.ptp(after) == 0.0:
            return Estimate(np.nan, np.nan, np.nan, int(known.sum()))
        value = float(np.corrcoef(before, after)[0, 1])
        middle = np.arctanh(np.clip(value, -0.999999, 0.999999))
        reach = float(normal_quantile(0.5 + CONFIDENCE / 2)) / np.sqrt(len(before) - 3)
        return Estimate(value, float(np.tanh(middle - reach)), float(np.tanh(middle + reach)), len(before))

    @property
    def worth(self) -> float:
        """How many times as many seeds would be needed if the two commits had seeds of their own; NaN if unknown."""
        apart = np.nanvar(self.before, ddof=1) + np.nanvar(self.after, ddof=1)
        paired = np.nanvar(self.after - self.before, ddof=1)
        return float(apart / paired) if paired > 0.0 else float("nan")

    def beyond_chance(self, looked_at: int) -> bool:
        """Whether the difference excludes zero although that many differences are looked at (Bonferroni).

        Args:
            looked_at: number of differences.
        """
        value, low, high, pairs = self.difference
        if np.isnan(low) or self.is_same:
            return False
        usual, strict = (student_quantile(pairs - 1, 1 - (1 - CONFIDENCE) / 2 / many) for many in (1, looked_at))
        return bool(abs(value) > (high - low) / 2 * strict / usual)


@dataclass(frozen=True)
class Compared:
    """All outcomes of two commits.

    Attributes:
        entries: levels and changes of every outcome that both have.
        seeds: that both have.
    """

    entries: tuple[Entry, ...]
    seeds: tuple[int, ...]

    @property
    def scenarios(self) -> list[str]:
        """Keys of the scenarios, today's law first."""
        return list(dict.fromkeys(entry.scenario for entry in self.entries))

    @property
    def headlines(self) -> list[Entry]:
        """Entries of the headline outcomes."""
        return [entry for entry in self.entries if entry.outcome in HEADLINES]

    @property
    def differing(self) -> list[Entry]:
        """Headline entries whose difference is beyond chance, all of them looked at together."""
        return [entry for entry in self.headlines if entry.beyond_chance(len(self.headlines))]

    def of(self, kind: str, outcome: str) -> list[Entry]:
        """Entries of one outcome, by scenario."""
        return [entry for entry in self.entries if (entry.kind, entry.outcome) == (kind, outcome)]

    @property
    def frame(self) -> pd.DataFrame:
        """One row per entry: what it is, means by both commits, and the difference with its interval."""
        return pd.DataFrame(
            {
                "kind": entry.kind,
                "scenario": entry.scenario,
                "outcome": entry.outcome,
                "pairs": entry.difference.pairs,
                "before": statistics.mean(entry.before).value,
                "after": statistics.mean(entry.after).value,
                "difference": entry.difference.value,
                "low": entry.difference.low,
                "high": entry.difference.high,
                "correlation": entry.correlation.value,
            }
            for entry in self.entries
        )


def compare(before: pd.DataFrame, after: pd.DataFrame) -> Compared:
    """Sets the runs of two commits side by side.

    Args:
        before: by the older commit: one row per scenario and seed, one column per outcome.
        after: likewise by the newer one.
    """
    sides = [frame.set_index(["scenario", "seed"]).sort_index() for frame in (before, after)]
    keys = [outcome.key for outcome in OUTCOMES if all(outcome.key in side.columns for side in sides)]
    scenarios = [BASELINE, *(key for key in dict.fromkeys(before["scenario"]) if key != BASELINE)]
    seeds = sorted(set(before["seed"]) & set(after["seed"]))
    tables = [
        {scenario: side.loc[scenario].reindex(seeds)[keys].astype("float64") for scenario in scenarios}
        for side in sides
    ]
    levels = [
        Entry(LEVEL, scenario, key, *(table[scenario][key].to_numpy() for table in tables))
        for scenario in scenarios
        for key in keys
    ]
    changes = [
        Entry(CHANGE, scenario, key, *((table[scenario] - table[BASELINE])[key].to_numpy() for table in tables))
        for scenario in scenarios[1:]
        for key in keys
    ]
    return Compared((*levels, *changes), tuple(seeds))
