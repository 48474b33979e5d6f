"""What a policy changes for each state: paired differences of the breakdown `country`.

Many states have few requests, and hardly any takedowns, in one run. What rests on fewer than FEWEST events in all
pairs together is marked as too few to say anything, and no difference is given; nor is one where the two scenarios
differ in some, but fewer than FEWEST_DIFFERENT, of many pairs: Student's t would find effects in four pairs of a
hundred that all differ by one. Shares are of pooled counts: the mean of quotients of small counts would be biased.
"""

from collections.abc import Mapping, Sequence
from functools import reduce
from operator import or_
from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.experiments.sets import ParameterSets
from sim.measures.arrays import Floats, Integers, Mask
from sim.measures.outcome import ShownIn
from sim.results.effects import ROUNDING, against, verdicts_of
from sim.results.labels import packaged_rows
from sim.world.records import NONE

#: Fewest events, in all pairs and both scenarios together, on which a difference is reported.
FEWEST = 10
#: Fewest pairs that differ, if there are as many: with five of one sign, a sign test would still call it chance.
FEWEST_DIFFERENT = 6


class CountryOutcome(NamedTuple):
    """Something that a country wants to know of a policy."""

    key: str  # its name in countries.csv
    title: str  # plain words
    unit: str  # of the value; counts and amounts are per run, over the policy years
    parts: tuple[str, ...]  # columns of the breakdown that are added
    over: tuple[str, ...]  # columns whose sum it is a share of; none for counts and amounts
    events: tuple[str, ...]  # columns that count the events on which it rests; none for what is committed, not counted
    shows: ShownIn  # where it is shown
    means: str  # what more of it means for the state, where it is drawn


def _outcome(row: Mapping[str, str]) -> CountryOutcome:
    """A row of the file; lists are words apart."""
    parts, over, events = (tuple(row[name].split()) for name in ("parts", "over", "events"))
    shows = reduce(or_, (ShownIn[place.upper()] for place in row["shows"].split()), ShownIn.NOWHERE)
    return CountryOutcome(row["key"], row["title"], row["unit"], parts, over, events, shows, row["means"])


#: The outcomes of countries.csv, in its order.
COUNTRY_OUTCOMES = tuple(map(_outcome, packaged_rows("country_outcomes.csv")))

#: Columns of the breakdown that they count.
_COLUMNS = {name for outcome in COUNTRY_OUTCOMES for name in (*outcome.parts, *outcome.over, *outcome.events)}


def added(table: pd.DataFrame, groups: Sequence[Sequence[int]]) -> pd.DataFrame:
    """The breakdown `country` of one block by number of a group of states instead of by state, by scenario and seed.

    Every column is a sum, so that states can be added; what members of a group ask of each other counts as well.
    """
    keys, frames = ["scenario", "seed"], []
    for number, states in enumerate(groups):
        members = table[table["state"].isin(list(states)).to_numpy()]
        sums = members.drop(columns=["block", "state"]).groupby(keys, sort=False, observed=True).sum()
        frames.append(sums.reset_index().assign(state=number))
    return pd.concat(frames, ignore_index=True) if frames else table.iloc[:0].drop(columns="block")


class _Cube:
    """The breakdown of one scenario by seed and state, in order; state −1 for what no state has of its own."""

    def __init__(self, rows: pd.DataFrame) -> None:
        """From one row per seed and state, the same states in every seed."""
        rows = rows.sort_values(["seed", "state"], kind="stable")
        self.seeds = rows["seed"].unique()
        self.states = rows["state"].to_numpy()[: len(rows) // max(self.seeds.size, 1)]
        shape = self.seeds.size, self.states.size
        self._columns = {name: rows[name].to_numpy(dtype=np.float64).reshape(shape) for name in _COLUMNS}

    def sum(self, columns: Sequence[str], paired: Mask) -> Floats:
        """f8[pairs, states] sum of some columns, in some of the seeds."""
        nothing = np.zeros((self.seeds.size, self.states.size))
        return np.asarray(sum((self._columns[name] for name in columns), nothing)[paired])


def country_differences(
    table: pd.DataFrame, baseline: str, scenarios: Sequence[str], sets: ParameterSets | None = None
) -> pd.DataFrame:
    """Paired differences of every state, outcome and scenario, from the breakdown `country` of one block.

    Columns: scenario, state (row number, −1: costs of no single state), outcome, unit, pairs (seeds that both scenarios
    have), baseline_mean, scenario_mean, difference with low and high (95 % interval; NaN where not known or too few),
    relative (ratio of the means less one) with its ends, verdict. States in which nothing happens are left out.
    """
    cubes = {key: _Cube(table[(table["scenario"] == key).to_numpy()]) for key in (baseline, *scenarios)}
    frames = [
        _compared(cubes[key], cubes[baseline], sets).assign(scenario=key)
        for key in scenarios
        if cubes[key].seeds.size * cubes[baseline].seeds.size
    ]
    columns = ["scenario", "state", "outcome", "unit", "pairs", "baseline_mean", "scenario_mean"]
    columns += [*_SHOWN, "verdict"]
    found = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)
    return found[columns]


_SHOWN = ("difference", "low", "high", "relative", "relative_low", "relative_high")


def _compared(scenario: _Cube, base: _Cube, sets: ParameterSets | None) -> pd.DataFrame:
    """Every outcome of one scenario against the baseline, by state."""
    sides = [(scenario, np.isin(scenario.seeds, base.seeds)), (base, np.isin(base.seeds, scenario.seeds))]
    clusters = None if sets is None else sets.numbers(base.seeds[sides[1][1]])
    frames = [_difference(outcome, sides, clusters).assign(state=base.states) for outcome in COUNTRY_OUTCOMES]
    found = pd.concat(frames, ignore_index=True)
    empty = (found["baseline_mean"].fillna(0.0) == 0.0) & (found["scenario_mean"].fillna(0.0) == 0.0)
    idle = empty.groupby(found["state"]).transform("all") | (empty & (found["state"] == NONE))
    return found[~idle].sort_values("state", kind="stable")


def _difference(
    outcome: CountryOutcome, sides: Sequence[tuple[_Cube, Mask]], clusters: Integers | None
) -> pd.DataFrame:
    """One outcome, by state."""
    values, base = (cube.sum(outcome.parts, paired) for cube, paired in sides)
    pairs, counted = len(values), sum(cube.sum(outcome.events, paired).sum(axis=0) for cube, paired in sides)
    few = np.asarray(counted < FEWEST) if outcome.events else np.zeros(base.shape[1], dtype=np.bool_)
    differs = ~np.isclose(values, base, rtol=ROUNDING, atol=0.0)
    level, base_level = _mean(values), _mean(base)
    if outcome.over:
        wholes = [cube.sum(outcome.over, paired) for cube, paired in sides]
        few = np.minimum(*(whole.sum(axis=0) for whole in wholes)) < FEWEST
        differs |= wholes[0] != wholes[1]
        with np.errstate(invalid="ignore", divide="ignore"):
            level, values = _pooled(values, wholes[0])
            base_level, base = _pooled(base, wholes[1])
    # The influence of the pairs on a share has the mean zero: its spread is the noise around the difference.
    found = against(values, base, level, base_level, clusters)
    different = np.count_nonzero(differs, axis=0)
    same = different == 0
    if outcome.events:
        few |= ~same & (different < min(FEWEST_DIFFERENT, pairs))
    verdicts = verdicts_of(np.full(few.shape, pairs < 2), few, same, found["low"], found["high"])
    return pd.DataFrame(
        {"outcome": outcome.key, "unit": outcome.unit, "pairs": pairs, "baseline_mean": base_level}
        | {"scenario_mean": level}
        | {name: np.where(few, np.nan, found[name]) for name in _SHOWN}
        | {"verdict": np.array(verdicts, dtype=str)}
    )


def _mean(values: Floats) -> Floats:
    """f8[states] mean over pairs; NaN where there are none."""
    return np.asarray(values.mean(axis=0)) if len(values) else np.full(values.shape[1], np.nan)


def _pooled(parts: Floats, wholes: Floats) -> tuple[Floats, Floats]:
    """A share of pooled counts by state, and f8[pairs, states] influence of each pair on it (delta method)."""
    share = parts.sum(axis=0) / wholes.sum(axis=0)
    return share, (parts - share * wholes) / _mean(wholes)
