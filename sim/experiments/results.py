"""Reads results of studies with named points for reports, and writes the archive kept with a report."""

from __future__ import annotations

import shutil
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import pandas as pd
import pyarrow as pa

from sim.experiments.manifest import RUNS
from sim.experiments.parts import BREAKDOWN_TABLES, EXPERIMENTS, FAILED, KEYS, OUTCOME_TABLE, STUDY_MARK, write
from sim.experiments.plan import Plan, Table
from sim.experiments.run import Failure, FailureStage
from sim.experiments.sets import SET_COLUMN
from sim.experiments.study import LOG, Study, write_study
from sim.measures.outcomes import OUTCOMES

#: Columns in front of the outcomes of a report.
OUTCOME_KEYS = ("block", "scenario", "seed", SET_COLUMN)
#: Breakdowns that stay in the store of a finished study, since `comity plot` draws them.
ARCHIVED = ("turnaround_curve", "takedown_curve")


@dataclass(frozen=True)
class Results:
    """Results of a plan: tables of successful runs, and records of failed runs."""

    outcomes: pd.DataFrame  # one row per block × scenario × seed; the block is the name of the point
    breakdowns: Mapping[str, pd.DataFrame]  # tidy tables by name, with columns block, scenario and seed in front
    failures: tuple[Failure, ...]


def read_results(study: Study, plan: Plan, shown: Table | None = None) -> Results:
    """Reads outcomes, breakdowns and failures of a study with named points."""
    outcomes = _table(study, OUTCOME_TABLE, plan, plan.runs)
    outcomes = outcomes[[*OUTCOME_KEYS, *(outcome.key for outcome in OUTCOMES)]]
    runs = plan.runs if shown is None else shown
    breakdowns = {name: _table(study, f"{BREAKDOWN_TABLES}/{name}", plan, runs) for name in plan.base.breakdowns}
    return Results(outcomes.astype({"block": "str", "scenario": "str"}), breakdowns, _failures(study, plan))


def _table(study: Study, name: str, plan: Plan, runs: Table) -> pd.DataFrame:
    """Reads a table of a study and adds the names of points; columns with few different words become categories."""
    columns = study.columns(name, runs, ids=False)
    if not columns:
        return pd.DataFrame(columns=[*OUTCOME_KEYS, *(outcome.key for outcome in OUTCOMES)])
    block = pd.Categorical.from_codes(columns["point"], pd.Index(plan.base.blocks))
    keys = {"block": block, "scenario": columns["scenario"], "seed": columns["seed"]}
    return pd.DataFrame(keys | {key: values for key, values in columns.items() if key not in KEYS}, copy=False)


def _failures(study: Study, plan: Plan) -> tuple[Failure, ...]:
    """Records of the failed runs of a plan; a failed warm-up counts once."""
    rows = pd.DataFrame(study.columns(EXPERIMENTS, plan.runs))
    failures: dict[Failure, None] = {}
    for row in rows[rows["status"] == FAILED].to_dict("records"):
        stage, block = FailureStage(row["stage"]), plan.base.block(row["point"])
        scenario = "" if stage is FailureStage.BURN_IN else row["scenario"]
        failures[Failure(block, row["seed"], scenario, stage, row["message"], row["traceback"])] = None
    return tuple(failures)


def archive(study: Study, plan: Plan, folder: Path) -> None:
    """Copies ledger, outcomes and curves of a finished study into its report's folder, as one part.

    The other breakdowns are in the report, and pairs of states would fill the folder.
    """
    curves = [f"{BREAKDOWN_TABLES}/{name}" for name in ARCHIVED if name in plan.base.breakdowns]
    names = [EXPERIMENTS, OUTCOME_TABLE, *curves]
    for name in names:
        table = pa.Table.from_pandas(study.table(name, plan.runs), preserve_index=False)
        place = folder / RUNS / name / "p-000001.parquet"
        place.parent.mkdir(parents=True)
        kinds = [pa.string() if pa.types.is_large_string(field.type) else field.type for field in table.schema]
        schema = pa.schema(list(zip(table.column_names, kinds, strict=True)))
        write(table.cast(schema.with_metadata({STUDY_MARK: str(study.about["study"])})), place)
    size = {"replicates": plan.replicates, "runs": len(plan)}
    write_study(folder, {**study.about, **size, "tables": names})
    shutil.copy(study.folder / LOG, folder / LOG)
