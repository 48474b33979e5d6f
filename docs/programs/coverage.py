"""Tests how often 95 % intervals contain the mean of many worlds: `python -m docs.programs.coverage --workers 2`.

Renews docs/coverage.md and writes docs/coverage.csv. The list of outcomes and policies, docs/programs/coverage.csv, was
on file before a world was simulated. Every set of the package has two worlds; their mean stands for the truth.

Sub-samples are what a study of so many worlds has: whole rounds of five seeds, four sets and the first of them again.
They are drawn without replacement from the worlds whose mean they are held against, so that they lie nearer to it than
to the truth: their distance is divided by how much nearer, by variances between and within sets of each outcome.
"""

from collections.abc import Iterator, Mapping
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from docs.programs import DOCS, asked, ran, renew, table_of
from sim.calibration.ensemble import sets_of_today
from sim.experiments.run import Task, measured_of, timeline_for, warm_up_of, window
from sim.experiments.statistics import interval
from sim.measures.arrays import Floats, Integers
from sim.measures.outcomes import OUTCOMES, outcome
from sim.policy.scenario import load
from sim.policy.well_known import BASELINE
from sim.world.parameters import Parameters, WorldSpec

COMMAND = "python -m docs.programs.coverage"
LIST = DOCS / "programs" / "coverage.csv"
#: Pairs of worlds of each set, and the first seed: no other study of this folder has these seeds.
EACH, FIRST = 2, 100_001
#: Worlds of a sub-sample, whole rounds; how many sub-samples are drawn.
SIZES, DRAWN = (20, 50), 4000
#: Sets of a round, of which the first has a second world.
ROUND = 4


class Wanted(NamedTuple):
    """Outcomes and policies whose intervals are tested."""

    outcomes: tuple[str, ...]
    policies: tuple[str, ...]


def wanted() -> Wanted:
    """Reads the list of outcomes and policies whose intervals are tested."""
    rows = pd.read_csv(LIST)
    return Wanted(*(tuple(rows.query(f"of == '{kind}'")["key"]) for kind in ("outcome", "policy")))


def jobs() -> dict[str, Task]:
    """Makes one task per world, by name, so that every parameter set is used equally often."""
    sets, usual, spec = sets_of_today(), Parameters(), WorldSpec()
    policies, made = tuple(load(key) for key in (BASELINE, *wanted().policies)), {}
    for turn in range(EACH):
        for number, values in enumerate(sets.values):
            seed, one = FIRST + turn * len(sets.values) + number, replace(sets, values=[values])
            task = Task("", seed, policies, spec, one.parameters(usual, 1), prices=one.prices(1), tables=())
            made[f"seed {seed}, set {number}"] = task
    return made


def lived_world(task: Task) -> Mapping[str, Mapping[str, float]]:
    """Simulates a world; returns each outcome under each policy."""
    past, found, over = warm_up_of(task), {}, None
    for policy in task.scenarios:
        arm = past.fork(timeline_for(task, policy), over)
        arm.advance(window(task.world).observed_until)
        outcomes = measured_of(arm, task.world, task.prices, policy, tables=task.tables).outcomes
        found[policy.key] = {about.key: outcomes[about.key] for about in OUTCOMES}
        over = arm
    return found


def places(sets: int, worlds: int, drawn: int = DRAWN) -> tuple[Integers, Integers]:
    """Draws sub-samples of worlds: world indices, i8[sub-sample, world], and the parameter set of each.

    World w of set s has the place w × sets + s.
    """
    draw, rounds = np.random.default_rng(1), worlds // (ROUND + 1)
    orders = draw.permuted(np.tile(np.arange(sets), (drawn, 1)), axis=1)[:, : rounds * ROUND].T
    turns = draw.integers(0, EACH, orders.shape)
    twice = np.arange(0, rounds * ROUND, ROUND)
    chosen = np.concatenate([orders + sets * turns, orders[twice] + sets * (1 - turns[twice])])
    return chosen, np.concatenate([np.arange(rounds * ROUND), twice])


def covered(values: Floats, worlds: int) -> float:
    """Share of sub-samples whose interval contains the mean of all values; NaN if all values are equal."""
    known = values[~np.isnan(values)]
    if np.ptp(known) == 0.0:
        return float("nan")
    sets = len(values) // EACH
    chosen, clusters = places(sets, worlds)
    some = values[chosen]
    low, high = interval(some, clusters)
    centre = np.nanmean(some, axis=0)
    far = np.abs(centre - known.mean()) * _nearer(values, clusters)
    return float(np.mean(far <= (high - low) / 2.0))


def _nearer(values: Floats, clusters: Integers) -> float:
    """Ratio of two errors of a sub-sample's mean: from the true mean, and from the mean of all values."""
    by_set = values.reshape(EACH, -1)
    within = float(np.nanmean(np.nanvar(by_set, axis=0, ddof=1)))
    between = max(float(np.nanvar(np.nanmean(by_set, axis=0), ddof=1)) - within / EACH, 0.0)
    weights = np.bincount(clusters) / len(clusters)
    of_sets, of_worlds = float((weights**2).sum()), 1.0 / len(clusters)
    whole = between * of_sets + within * of_worlds
    part = between * (of_sets - 1.0 / by_set.shape[1]) + within * (of_worlds - 1.0 / values.size)
    return float(np.sqrt(whole / part))


def table(found: Mapping[str, Mapping[str, Mapping[str, float]]]) -> pd.DataFrame:
    """Table of how often intervals contain the mean, by outcome, policy and number of worlds."""
    rows = []
    for policy in wanted().policies:
        for key in wanted().outcomes:
            pairs = ([world[arm][key] for world in found.values()] for arm in (policy, BASELINE))
            one, other = (np.array(part, np.float64) for part in pairs)
            row: dict[str, object] = {"policy": policy, "outcome": key}
            rows.append(row | {f"of {size} worlds": covered(one - other, size) for size in SIZES})
    return pd.DataFrame(rows)


def parts(made: pd.DataFrame) -> dict[str, str]:
    """Generated parts of the page: overall coverage, and coverage of each outcome."""
    columns = [f"of {size} worlds" for size in SIZES]
    pooled = " and ".join(f"{made[name].mean():.3f} in studies {name}" for name in columns)
    ends = made[columns].min().min(), made[columns].max().max()
    known = int(made[columns[0]].notna().sum())
    said = f"Pooled over {known} effects: {pooled}; single effects {ends[0]:.2f} to {ends[1]:.2f}."
    return {"pooled": said, "coverage": table_of([*_rows(made, columns)], right=range(1, 1 + len(wanted().policies)))}


def _rows(made: pd.DataFrame, columns: list[str]) -> Iterator[dict[str, str]]:
    """Yields a row of coverage for each outcome, with a column for each policy."""
    for key, rows in made.groupby("outcome", sort=False):
        cells = {f"`{row['policy']}`": " / ".join(f"{row[n]:.2f}" for n in columns) for row in rows.to_dict("records")}
        same = {name: "the same" if "nan" in cell else cell for name, cell in cells.items()}
        yield {"outcome": outcome(str(key)).heading, **same}


if __name__ == "__main__":
    made = table(ran(COMMAND, lived_world, jobs(), asked(COMMAND).workers))
    made.round(4).to_csv(DOCS / "coverage.csv", index=False)
    renew("coverage", parts(made), COMMAND)
