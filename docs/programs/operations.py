"""Takedowns of the default world beside those on the public record: `python -m docs.programs.operations`.

Writes docs/operations.md. Nothing is fitted to the record. It holds famous operations, most of them successful, so that
it says how large operations that are published are, not how many fail.
"""

import os
from typing import Any

import numpy as np
import pandas as pd

from docs.programs import ran, renew
from sim.cases.real_case import operations
from sim.experiments.run import Task, run_replicate
from sim.law.days import MONTH, to_day
from sim.policy.scenario import load
from sim.policy.well_known import BASELINE
from sim.report.marking import markdown_table
from sim.world.parameters import GROUP_KINDS, Parameters, WorldSpec

SEEDS = 16
COMMAND = "python -m docs.programs.operations"


def record() -> pd.DataFrame:
    """Operations on the public record: kind, states, arrests, months from opening to action (NaN: not published)."""
    rows = [(case.kind, case.states, case.arrests, case.months) for case in operations()]
    return pd.DataFrame(rows, columns=["kind", "states", "arrests", "months"]).astype(
        {"arrests": float, "months": float}
    )


def simulated(seeds: int, workers: int) -> pd.DataFrame:
    """Operations of several states that took a group down in default worlds, with the same columns and `seed`.

    An operation on several groups counts once, with the kind of the first, the most states, and the arrests of all.

    Raises:
        RuntimeError: a run failed.
    """
    worlds = {f"seed {seed}": seed for seed in range(1, seeds + 1)}
    found = ran(COMMAND, lived, worlds, workers)
    return pd.concat([pd.DataFrame(found[name]).assign(seed=seed) for name, seed in worlds.items()], ignore_index=True)


def lived(seed: int) -> dict[Any, Any]:
    """Columns of the operations of one default world."""
    world = WorldSpec()
    made = run_replicate(Task("", seed, (load(BASELINE),), world, Parameters(), events=True))
    events = made.arms[0].events
    action = events["action"][events["action"]["down"] == 1]
    table = pd.DataFrame(
        {
            "operation": action["operation"],
            "kind": np.array(GROUP_KINDS)[events["group"]["kind"][action["group"]]],
            "states": action["states"],
            "arrests": action["arrests"] + action["client_arrests"],
            "months": (action["day"] - events["case"]["opened"][action["case"]]) / MONTH,
            "day": action["day"],
        }
    )
    columns = {"kind": "first", "states": "max", "arrests": "sum", "months": "max", "day": "first"}
    found = table.groupby("operation").agg(columns)
    kept = (found["day"] >= to_day(pd.Timestamp(world.policy_start).date())) & (found["states"] > 1)
    return found[kept].drop(columns="day").to_dict("list")


def _quartiles(values: pd.Series) -> str:
    """Median and quartiles, with the number of values behind them."""
    values = values.dropna()
    if values.empty:
        return "–"
    low, middle, high = values.quantile([0.25, 0.5, 0.75])
    return f"{middle:.0f} ({low:.0f}–{high:.0f}; n = {len(values)})"


def parts(real: pd.DataFrame, model: pd.DataFrame, seeds: int) -> dict[str, str]:
    """The comparison as parts of the page."""
    rows = []
    for kind in (*GROUP_KINDS, "all"):
        for source, table in (("record", real), ("model", model)):
            part = table if kind == "all" else table[table["kind"] == kind]
            none = f"{100 * (part['arrests'] == 0).mean():.0f} %" if len(part) else "–"
            figures = [_quartiles(part[name]) for name in ("states", "arrests", "months")]
            rows.append([kind.replace("_", " "), source, *figures, none])
    first, last = int(WorldSpec().policy_start[:4]), int(WorldSpec().end[:4])
    head = ["kind", "source", "states", "arrests", "months from opening to action", "nobody arrested"]
    made = (
        f"Record: {len(real)} operations in sim/data/operations.csv. Model: {seeds} default worlds, "
        f"{first} to {last},\n{len(model) / seeds / (last - first + 1):.1f} operations a year."
    )
    return {"operations": f"{made}\n\n{markdown_table(head, rows, right={2, 3, 4, 5})}"}


if __name__ == "__main__":
    renew("operations", parts(record(), simulated(SEEDS, os.cpu_count() or 1), SEEDS), COMMAND)
