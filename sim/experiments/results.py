"""What a study found, as reports read it: the tables of all runs of its plan, with the name of their point."""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pandas as pd
import pyarrow as pa

from sim.experiments.failures import Failure, FailureStage
from sim.experiments.parts import BREAKDOWN_TABLES, EXPERIMENTS, FAILED, KEYS, OUTCOME_TABLE, STUDY_MARK, write
from sim.experiments.plan import Plan
from sim.experiments.study import LOG, RUNS, Study, write_study
from sim.measures.outcomes import OUTCOMES

#: Breakdowns that stay in the store of a finished study, since `comity plot` draws them.
ARCHIVED = ("turnaround_curve", "takedown_curve")

Codes = npt.NDArray[np.integer[Any]]
_KEYS = ["point", "scenario", "seed"]


@dataclass(frozen=True)
class Results:
    """All runs of a plan that succeeded, and what went wrong with the others.

    Attributes:
        outcomes: one row per block × scenario × seed; the block is the name of the point.
        breakdowns: tidy tables by name, with columns block, scenario and seed in front.
        failures: what went wrong.
    """

    outcomes: pd.DataFrame
    breakdowns: Mapping[str, pd.DataFrame]
    failures: tuple[Failure, ...]


def read_results(study: Study, plan: Plan) -> Results:
    """Reads the runs of a plan with named points, in the order of points, seeds and scenarios.

    Raises:
        InputError: If part of the study cannot be read.
    """
    order = _Order(plan)
    outcomes = _table(study, OUTCOME_TABLE, order)[["block", "scenario", "seed", *(o.key for o in OUTCOMES)]]
    breakdowns = {name: _table(study, f"{BREAKDOWN_TABLES}/{name}", order) for name in plan.base.breakdowns}
    return Results(outcomes.astype({"block": "str", "scenario": "str"}), breakdowns, _failures(study, plan))


class _Order:
    """The place of each run of a plan among its rows, and the words of its keys."""

    def __init__(self, plan: Plan) -> None:
        runs, self.plan = plan.runs, plan
        self.keys = [scenario.key for scenario in plan.base.scenarios]
        shape = (len(plan.points), len(self.keys), plan.replicates)
        rank = np.lexsort((runs["scenario"], runs["seed"], runs["point"]))
        kind = np.min_scalar_type(len(runs))  # the fewer bytes, the sooner rows are sorted
        self._places = np.full(shape, len(runs), kind)
        here = runs[rank]
        self._places[here["point"], here["scenario"], here["seed"] - plan.first_seed] = np.arange(len(runs))

    def sort(self, tables: Sequence[pa.Table]) -> tuple[pa.Table, Codes, Codes]:
        """Tables of parts as one, with the place of each row's scenario, and the rows of the plan in its order."""
        table = pa.concat_tables(tables)
        words = table["scenario"]
        words = (
            words.combine_chunks() if pa.types.is_dictionary(words.type) else words.dictionary_encode().combine_chunks()
        )
        codes = np.array([self.keys.index(w) if w in self.keys else -1 for w in words.dictionary.to_pylist()], np.int16)
        scenario = codes[words.indices.to_numpy()]
        number = table["seed"].to_numpy() - self.plan.first_seed
        there = (number >= 0) & (number < self.plan.replicates) & (scenario >= 0)
        places = self._places[table["point"].to_numpy(), scenario, np.where(there, number, 0)]
        places[~there] = len(self.plan)
        rows = np.argsort(places, kind="stable")[: int((places < len(self.plan)).sum())]
        return table, scenario, rows


def _table(study: Study, name: str, order: _Order) -> pd.DataFrame:
    """A table of a study, its columns put together one by one: millions of rows are slow to find room for."""
    found = study.read(name, words=("run", "scenario"))
    if not found:
        return pd.DataFrame(columns=["block", "scenario", "seed", *(outcome.key for outcome in OUTCOMES)])
    table, scenario, rows = order.sort(found)
    keys = {
        "block": pd.Categorical.from_codes(table["point"].to_numpy()[rows], pd.Index(order.plan.base.blocks)),
        "scenario": pd.Categorical.from_codes(scenario[rows], pd.Index(order.keys)),
        "seed": table["seed"].to_numpy()[rows],
    }
    columns = {name: table[name].to_numpy()[rows] for name in table.column_names if name not in KEYS}
    return pd.DataFrame(keys | columns, copy=False)


def archive(study: Study, plan: Plan, folder: Path) -> None:
    """Writes what remains of a finished study beside its report: ledger, outcomes and curves, in one part each.

    The other breakdowns are in the report, and pairs of states would fill the folder.

    Args:
        study: the finished study.
        plan: its runs; others, of an interrupted command with more seeds, are dropped.
        folder: of the report.
    """
    order = _Order(plan)
    curves = [name for name in ARCHIVED if name in plan.base.breakdowns]
    names = (EXPERIMENTS, OUTCOME_TABLE, *(f"{BREAKDOWN_TABLES}/{name}" for name in curves))
    for name in names:
        found = study.read(name)
        if found:
            table, _, rows = order.sort(found)
            place = folder / RUNS / name / "p-000001.parquet"
            place.parent.mkdir(parents=True)
            write(table.take(rows).replace_schema_metadata({STUDY_MARK: str(study.about["study"])}), place)
    write_study(folder, {**study.about, "tables": list(names)})
    if (study.folder / LOG).exists():
        shutil.copy(study.folder / LOG, folder / LOG)


def _failures(study: Study, plan: Plan) -> tuple[Failure, ...]:
    """What went wrong with runs of the plan; a past that could not be simulated once for all of its runs."""
    rows = study.experiments()
    failed = rows[rows["status"] == FAILED].merge(plan.frame()[_KEYS], on=_KEYS)
    failures = [
        Failure(
            plan.base.block(row["point"]),
            row["seed"],
            "" if row["stage"] == FailureStage.BURN_IN else row["scenario"],
            FailureStage(row["stage"]),
            row["message"],
            row["traceback"],
        )
        for row in failed.to_dict("records")
    ]
    return tuple(dict.fromkeys(failures))
