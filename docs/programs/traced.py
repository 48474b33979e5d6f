"""Traces effects that moved to the rule that moved them, in calibrated sets: `python -m docs.programs.traced`.

Writes a part of docs/before_after.md and docs/traced.csv. Each set is simulated with the rules as they are, and with
one of them switched off at a time. The effect of a rule is the paired difference: the same seeds with and without it.
"""

import argparse
from collections.abc import Iterator, Mapping, Sequence

import numpy as np
import pandas as pd

from docs.programs import DOCS, ROOT, interval, ran, renew, table_of
from docs.programs.before_after import SHOWN, Compared, Place, compared, of_stored, stored
from docs.programs.draws import ALL, MOVED, NEWER, NOW, NUMBER, OFF, PERSONS, WORLDS, jobs_in_sets, lived_world
from sim.calibration.ensemble import sets_of_today
from sim.experiments.run import Task
from sim.experiments.statistics import Estimate, mean
from sim.measures.arrays import Floats
from sim.policy.well_known import BASELINE

COMMAND, NAME = "python -m docs.programs.traced", "before_after"
STORED = DOCS / "traced.csv"
_PLACE = ("rules", "seed", "scenario")
_FEWEST = 3  # sets of which an interval is worth writing


def simulated(sets: int, workers: int) -> pd.DataFrame:
    """Table of outcomes by variant of the rules, seed and scenario; simulates the missing worlds."""
    rows = []
    tasks = {f"{variant}, set of seed {seed}": task for (variant, seed), task in in_order(sets).items()}
    for name, scenarios in ran(COMMAND, lived_world, tasks, workers).items():
        variant, _, seed = name.partition(", set of seed ")
        for scenario, values in scenarios.items():
            place = dict(zip(_PLACE, (variant, int(seed), scenario), strict=True))
            rows.append(place | {key: values[key] for key in SHOWN})
    return pd.DataFrame(rows)


def in_order(sets: int) -> Mapping[tuple[str, int], Task]:
    """Tasks in the order of their use: first the rules as they are, without desks' answers, and without all."""
    tasks, first = jobs_in_sets(sets), (NOW, next(iter(OFF)), ALL)
    places = sorted(tasks, key=lambda at: (at[0] not in first, at[1], WORLDS.index(at[0])))
    return {place: tasks[place] for place in places}


def models(policy: str) -> Iterator[tuple[str, str, str]]:
    """Yields variants of the rules for a policy: name in the table, worlds, and scenario run in these."""
    yield NOW, NOW, policy
    for name in (*OFF, *NEWER):
        if name not in (PERSONS, *NEWER):
            yield f"without {name}", name, policy
        else:
            yield f"without {name}", NOW, f"{policy}, {name}"
    for name in WORLDS:
        if name not in (NOW, *OFF, ALL):
            yield f"without {name}", name, policy
    yield "without all of these", ALL, policy


def effects(table: pd.DataFrame, worlds: str, scenario: str, key: str) -> "pd.Series[float]":
    """Effect of a scenario on an outcome in each world, in the unit of the page's tables, by seed.

    Relative effects are relative to the mean of all worlds.
    """
    runs = table[table["rules"] == worlds].set_index(["scenario", "seed"])[key]
    if scenario not in runs.index.get_level_values(0):
        return pd.Series(dtype=np.float64)
    change, base = runs[scenario] - runs[BASELINE], runs[BASELINE]
    shown = SHOWN[key]
    values: pd.Series[float] = shown.unit * (change / base.mean() if shown.relative else change)
    return values


def estimate(values: "pd.Series[float]", seeds: Sequence[int]) -> Estimate:
    """Mean over worlds with its interval; worlds that share a set count as one."""
    of_worlds: Floats = np.asarray(values.loc[list(seeds)], np.float64)
    return mean(of_worlds, sets_of_today().numbers(np.array(seeds)))


def traced(table: pd.DataFrame, moved: Mapping[Place, Compared]) -> str:
    """Markdown table of the effects that moved, with one rule switched off at a time."""
    rows = []
    for (_, policy, _, key), one in moved.items():
        if policy not in MOVED or one.verdict != "moved":
            continue
        digits, now = SHOWN[key].digits, effects(table, NOW, policy, key)
        for name, worlds, scenario in models(policy):
            values = effects(table, worlds, scenario, key)
            seeds = values.index.intersection(now.index).tolist()
            if len(seeds) < _FEWEST:
                continue
            shift = estimate(values - now, seeds)
            rows.append(
                {
                    "policy": f"`{policy}`",
                    "outcome": SHOWN[key].title,
                    "the model": name,
                    "sets": len(seeds),
                    "effect": interval(estimate(values, seeds)[:3], digits),
                    "more than as it is": "" if name == NOW else interval(shift[:3], digits),
                    "clear": "" if name == NOW or shift.low * shift.high <= 0.0 else "yes",
                }
            )
    return table_of(rows, (3, 4, 5))


def main() -> None:
    """Simulates missing worlds and updates the page; without sets, only the page, from the stored table."""
    parser = argparse.ArgumentParser(prog=COMMAND)
    parser.add_argument("--sets", type=int, default=NUMBER, help="sets of seeds, from 1 on; 0: page alone")
    parser.add_argument("--workers", type=int, default=1)
    wanted = parser.parse_args()
    if wanted.sets:
        simulated(wanted.sets, wanted.workers).to_csv(STORED, index=False, float_format="%.6g")
    table = pd.read_csv(STORED)
    now = of_stored(lambda path: (ROOT / path).read_text("utf-8"))
    renew(NAME, {"traced_sets": traced(table, compared("sets", stored(), now))}, COMMAND)


if __name__ == "__main__":
    main()
