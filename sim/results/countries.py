"""Effects of policies on each state, as paired differences.

Many states have few requests, and hardly any takedowns, in one run. What rests on fewer than FEWEST events in all
pairs together is marked as too few to say anything, and no difference is given; nor is one where the two scenarios
differ in some, but fewer than FEWEST_DIFFERENT, of many pairs: Student's t would find effects in four pairs of a
hundred that all differ by one. Nothing is said to change on fewer than FEWEST_WORLDS pairs. All states and outcomes of
a policy are judged together (`sim.results.effects`). Shares are of pooled counts: the mean of quotients of small
counts would be biased.
"""

from collections.abc import Mapping, Sequence
from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.experiments.sets import ParameterSets
from sim.experiments.statistics import chance_of
from sim.measures.arrays import Floats, Integers
from sim.measures.outcome import ShownIn, places_of
from sim.results.effects import FEWEST_WORLDS, ROUNDING, against, verdicts_of
from sim.results.labels import packaged_rows
from sim.world.records import NONE

#: Fewest events, in all pairs and both scenarios together, on which a difference is reported.
FEWEST = 10
#: Fewest pairs that differ, if there are as many: with five of one sign, a sign test would still call it chance.
FEWEST_DIFFERENT = 6


class CountryOutcome(NamedTuple):
    """An outcome that can be computed for each state."""

    key: str  # its name in countries.csv
    title: str  # plain words
    unit: str  # of the value; counts and amounts are per run, over the policy years
    parts: tuple[str, ...]  # columns of the breakdown that are added
    over: tuple[str, ...]  # columns whose sum it is a share of; none for counts and amounts
    events: tuple[str, ...]  # columns that count the events on which it rests; none for what is committed, not counted
    shows: ShownIn  # where it is shown
    means: str  # what more of it means for the state, where it is drawn


def _outcome(row: Mapping[str, str]) -> CountryOutcome:
    """Makes an outcome by state from a row of the data file."""
    parts, over, events = (tuple(row[name].split()) for name in ("parts", "over", "events"))
    shown = places_of(row["shows"])
    return CountryOutcome(row["key"], row["title"], row["unit"], parts, over, events, shown, row["means"])


#: The outcomes of countries.csv, in its order.
COUNTRY_OUTCOMES = tuple(map(_outcome, packaged_rows("country_outcomes.csv")))

#: Columns of the breakdown that they count.
_COLUMNS = sorted({name for one in COUNTRY_OUTCOMES for name in (*one.parts, *one.over, *one.events)})


def added(table: pd.DataFrame, groups: Sequence[Sequence[int]]) -> pd.DataFrame:
    """Sums rows of states over groups of states, by group number, scenario and seed.

    Every column is a sum, so that states can be added; what members of a group ask of each other counts as well.
    """
    keys, frames = ["scenario", "seed"], []
    for number, states in enumerate(groups):
        members = table[table["state"].isin(list(states)).to_numpy()]
        sums = members.drop(columns=["block", "state"]).groupby(keys, sort=False, observed=True).sum()
        frames.append(sums.reset_index().assign(state=number))
    return pd.concat(frames, ignore_index=True) if frames else table.iloc[:0].drop(columns="block")


def country_differences(
    table: pd.DataFrame, baseline: str, scenarios: Sequence[str], sets: ParameterSets | None = None
) -> pd.DataFrame:
    """Table of paired differences by state, outcome and scenario.

    Columns: scenario, state (row number, −1: costs of no single state), outcome, unit, pairs (seeds that both scenarios
    have), baseline_mean, scenario_mean, difference with low and high (95 % interval; NaN where not known or too few),
    relative (ratio of the means less one) with its ends, verdict. States in which nothing happens are left out.
    """
    rows = {key: table[(table["scenario"] == key).to_numpy()] for key in (baseline, *scenarios)}
    wide = {key: part.pivot(index="seed", columns="state", values=_COLUMNS) for key, part in rows.items() if len(part)}
    there = [key for key in scenarios if key in wide and baseline in wide]
    frames = [_compared(wide[key], wide[baseline], sets).assign(scenario=key) for key in there]
    columns = ["scenario", "state", "outcome", "unit", "pairs", "baseline_mean", "scenario_mean"]
    columns += [*_SHOWN, "verdict"]
    found = pd.concat(frames, ignore_index=True) if frames else pd.DataFrame(columns=columns)
    return found[columns]


_SHOWN = ("difference", "low", "high", "relative", "relative_low", "relative_high")


def _compared(scenario: pd.DataFrame, base: pd.DataFrame, sets: ParameterSets | None) -> pd.DataFrame:
    """Table of a scenario's paired differences from the baseline in every outcome, by state."""
    seeds = base.index.intersection(scenario.index)
    sides, states = (scenario.loc[seeds], base.loc[seeds]), base[_COLUMNS[0]].columns.to_numpy()
    clusters = None if sets is None else sets.numbers(seeds.to_numpy())
    frames = [_difference(outcome, sides, clusters).assign(state=states) for outcome in COUNTRY_OUTCOMES]
    found = pd.concat(frames, ignore_index=True)
    empty = (found["baseline_mean"].fillna(0.0) == 0.0) & (found["scenario_mean"].fillna(0.0) == 0.0)
    idle = empty.groupby(found["state"]).transform("all") | (empty & (found["state"] == NONE))
    found = found[~idle].sort_values("state", kind="stable")
    few, same, few_worlds = (found.pop(name).to_numpy(np.bool_) for name in ("few", "same", "few_worlds"))
    pairs, chances = found["pairs"].to_numpy(), found.pop("chance").to_numpy(np.float64)
    relative = found["relative"].to_numpy(np.float64)
    verdicts = verdicts_of(pairs < 2, few, same, few_worlds, chances, relative)
    return found.assign(verdict=np.array(verdicts, dtype=str))


def _difference(outcome: CountryOutcome, sides: Sequence[pd.DataFrame], clusters: Integers | None) -> pd.DataFrame:
    """Paired difference in one outcome, with its interval, by state."""
    values, base = (_sum(side, outcome.parts) for side in sides)
    pairs, few = len(values), np.zeros(base.shape[1], dtype=np.bool_)
    if outcome.events:
        few = np.asarray(sum(_sum(side, outcome.events).sum(axis=0) for side in sides) < FEWEST)
    differs = ~np.isclose(values, base, rtol=ROUNDING, atol=0.0)
    level, base_level = _mean(values), _mean(base)
    if outcome.over:
        wholes = [_sum(side, outcome.over) for side in sides]
        few = np.minimum(*(whole.sum(axis=0) for whole in wholes)) < FEWEST
        differs |= wholes[0] != wholes[1]
        with np.errstate(invalid="ignore", divide="ignore"):
            level, values = _pooled(values, wholes[0])
            base_level, base = _pooled(base, wholes[1])
    found = against(values, base, clusters)
    different = np.count_nonzero(differs, axis=0)
    same = different == 0
    if outcome.events:
        few |= ~same & (different < min(FEWEST_DIFFERENT, pairs))
    return pd.DataFrame(
        {"outcome": outcome.key, "unit": outcome.unit, "pairs": pairs, "baseline_mean": base_level}
        | {"scenario_mean": level}
        | {name: np.where(few, np.nan, found[name]) for name in _SHOWN}
        | {"few": few, "same": same, "few_worlds": bool(outcome.events or outcome.over) and pairs < FEWEST_WORLDS}
        | {"chance": chance_of(values - base, clusters)}
    )


def _sum(side: pd.DataFrame, columns: Sequence[str]) -> Floats:
    """f8[pairs, states]: sum of some columns, in a fixed order so that rounding is always the same."""
    return np.ascontiguousarray(sum(side[name].to_numpy(np.float64) for name in columns))


def _mean(values: Floats) -> Floats:
    """f8[states]: mean over pairs of runs; NaN for a state without any."""
    return np.asarray(values.mean(axis=0)) if len(values) else np.full(values.shape[1], np.nan)


def _pooled(parts: Floats, wholes: Floats) -> tuple[Floats, Floats]:
    """Returns ratios of summed counts by state, and linearised values by pair for their errors (delta method)."""
    share = parts.sum(axis=0) / wholes.sum(axis=0)
    return share, share + (parts - share * wholes) / _mean(wholes)
