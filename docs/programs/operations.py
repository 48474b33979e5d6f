"""Takedowns of the default world beside those on the public record: `python -m docs.programs.operations`.

Writes docs/operations.md. Nothing is fitted to the record. It holds famous operations, most of them successful, so that
it says how large operations that are published are, not how many fail.
"""

import os
import sys
from collections.abc import Sequence

import numpy as np
import pandas as pd

from docs.programs import DOCS
from sim.cases.real_case import KIND_OF_TARGET
from sim.data.load import parse_date, read_table
from sim.experiments.execution import WorkerDeath
from sim.experiments.executors import executor
from sim.experiments.run import Task, run_replicate
from sim.law.days import MONTH, to_day
from sim.policy.scenario import load
from sim.policy.well_known import BASELINE
from sim.report.marking import markdown_table
from sim.world.parameters import GROUP_KINDS, Parameters, WorldSpec

SEEDS = 16
COMMAND = "python -m docs.programs.operations"
PAGE = DOCS / "operations.md"


def record() -> pd.DataFrame:
    """Operations on the public record: kind, states, arrests, months from opening to action (NaN: not published)."""
    table, rows = read_table("operations.csv"), []
    for row in table.rows:
        began = parse_date(row["investigation_start"], table.name, row["id"]) if row["investigation_start"] else None
        acted = parse_date(row["action_date"], table.name, row["id"])
        months = (to_day(acted) - to_day(began)) / MONTH if began else np.nan
        kind = KIND_OF_TARGET[row["target_type"]]
        rows.append((kind, table.number(row, "n_countries"), table.number(row, "arrests", np.nan), months))
    return pd.DataFrame(rows, columns=["kind", "states", "arrests", "months"])


def simulated(seeds: int, workers: int) -> pd.DataFrame:
    """Operations of several states that took a group down in default worlds, with the same columns and `seed`.

    An operation on several groups counts once, with the kind of the first, the most states, and the arrests of all.

    Raises:
        RuntimeError: a run failed.
    """
    world, scenario, parts = WorldSpec(), load(BASELINE), []
    tasks = [Task("", seed, (scenario,), world, Parameters(), events=True) for seed in range(1, seeds + 1)]
    for task, replicate in executor(workers).run(run_replicate, tasks):
        if isinstance(replicate, WorkerDeath) or not replicate.arms:
            raise RuntimeError(f"seed {task.seed}: {replicate}")
        events = replicate.arms[0].events
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
        operations: pd.DataFrame = table.groupby("operation").agg(
            kind=("kind", "first"),
            states=("states", "max"),
            arrests=("arrests", "sum"),
            months=("months", "max"),
            day=("day", "first"),
        )
        since = to_day(pd.Timestamp(world.policy_start).date())
        kept = (operations["day"] >= since) & (operations["states"] > 1)
        parts.append(operations[kept].drop(columns="day").assign(seed=task.seed))
    return pd.concat(parts, ignore_index=True)


def _quartiles(values: pd.Series) -> str:
    """Median and quartiles, with the number of values behind them."""
    values = values.dropna()
    if values.empty:
        return "–"
    low, middle, high = values.quantile([0.25, 0.5, 0.75])
    return f"{middle:.0f} ({low:.0f}–{high:.0f}; n = {len(values)})"


def page(real: pd.DataFrame, model: pd.DataFrame, seeds: int) -> str:
    """The comparison as a page of docs/."""
    rows = []
    for kind in (*GROUP_KINDS, "all"):
        for source, table in (("record", real), ("model", model)):
            part = table if kind == "all" else table[table["kind"] == kind]
            none = f"{100 * (part['arrests'] == 0).mean():.0f} %" if len(part) else "–"
            figures = [_quartiles(part[name]) for name in ("states", "arrests", "months")]
            rows.append([kind.replace("_", " "), source, *figures, none])
    first, last = WorldSpec().policy_start[:4], WorldSpec().end[:4]
    years = int(last) - int(first) + 1
    head = ["kind", "source", "states", "arrests", "months from opening to action", "nobody arrested"]
    return "\n".join(
        [
            "# Takedowns beside the public record",
            "",
            f"Made by `{COMMAND}`. Record: {len(real)} operations of 2014 to 2025 in sim/data/operations.csv, whose",
            "column `recalled_fields` says what is recalled; the rest is verified. Model: operations of",
            f"several states that took a group down, {first} to {last}, {seeds} default worlds,",
            f"{len(model) / seeds / years:.1f} a year. Cells give median, quartiles, and the number of operations.",
            "Nothing is fitted to the record, which holds famous and mostly successful operations.",
            "",
            markdown_table(head, rows, right={2, 3, 4, 5}),
            "",
            "Arrests are of core members on the day, and of affiliates and customers whom seized servers named.",
            "States on the record are all that helped; in the model those that acted on the day.",
            "",
        ]
    )


def main(words: Sequence[str]) -> None:
    """Writes the page; with a number of seeds it only prints."""
    seeds = int(words[0]) if words else SEEDS
    text = page(record(), simulated(seeds, os.cpu_count() or 1), seeds)
    if not words:
        PAGE.write_text(text, encoding="utf-8")
    print(text)


if __name__ == "__main__":
    main(sys.argv[1:])
