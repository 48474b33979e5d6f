"""Writes the folder of a report: its name, tables, events and manifest."""

import os
import re
import shutil
from collections.abc import Callable, Mapping
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd

from sim.experiments import store
from sim.experiments.config import Experiment
from sim.experiments.design import Design
from sim.experiments.manifest import read_manifest
from sim.experiments.parts import EVENT_TABLES
from sim.experiments.plan import Kind
from sim.experiments.results import archive
from sim.experiments.seal import digest, summed
from sim.experiments.study import Study
from sim.policy.well_known import LOWER_BOUND, UPPER_BOUND
from sim.report.view import View
from sim.results.codebook import write_csv
from sim.results.stored import decoded, read_stored

#: Breakdowns with one row per pair of states and replicate: they would fill the folder. Pairs of chosen places stay.
_ONLY_POOLED = ("pairs", "trust_by_pair")
_LONGEST = 48  # letters of the question in the name of a folder


def question(experiment: Experiment, design: Design) -> str:
    """First part of a report folder's name, from the user's question: compare-faster_mlat_and_2_more-for_Brazil."""
    kind, keys = design.plan.kind, [scenario.key for scenario in design.scenarios]
    if kind is not Kind.RUN:
        keys = [key for key in keys if key not in (design.baseline, LOWER_BOUND, UPPER_BOUND)] or keys
    more = f"_and_{len(keys) - 1}_more" if len(keys) > 1 else ""
    about = "" if kind is Kind.LEAGUE else f"-{keys[0][:_LONGEST]}{more}"
    places = "_".join(re.sub(r"\W+", "_", place.title.partition(" (")[0]) for place in experiment.places)
    return f"{kind}{about}{f'-for_{places[:_LONGEST]}' if places else ''}"


def made_of(view: View) -> dict[str, Any] | None:
    """Reads the manifest in the folder of a view's study; None if the study has no folder."""
    return None if view.folder is None else read_stored(view.folder / store.MANIFEST, read_manifest)


def write_tables(folder: Path, view: View, study: Study, tables: Mapping[str, Callable[[View], pd.DataFrame]]) -> None:
    """Writes the outcomes, breakdowns, derived tables and events of a study into its report's folder."""
    outcomes = view.results.outcomes
    store.write_table(outcomes, folder / f"{store.OUTCOMES}.parquet")
    write_csv(outcomes, folder / f"{store.OUTCOMES}.csv")
    chosen = [row for place in view.experiment.places for row in place.rows]
    for name, frame in view.results.breakdowns.items():
        kept = frame[frame["requesting"].isin(chosen)] if name == "pairs" and chosen else frame
        if name not in _ONLY_POOLED or kept is not frame:
            store.write_table(decoded(kept), _beside(folder / store.BREAKDOWNS / f"{name}.parquet"))
    for name, find in tables.items():
        table = find(view)
        if len(table.columns):
            (write_csv if name.endswith(".csv") else store.write_table)(table, _beside(folder / name))
    _link_events(study, folder / store.EVENTS)


def _link_events(study: Study, target: Path) -> None:
    """Links the event tables into the report's folder, or copies them if the file system allows no links."""
    for part in study.parts:
        for table, files in part.files.items():
            if table.startswith(EVENT_TABLES):
                place = target / Path(table).name
                place.mkdir(parents=True, exist_ok=True)
                for file in files:
                    try:
                        os.link(file, place / file.name)
                    except OSError:
                        shutil.copy(file, place / file.name)


def _beside(path: Path) -> Path:
    """Creates the folder for a file that is about to be written, and returns the file's path."""
    path.parent.mkdir(exist_ok=True)
    return path


def seal_tables(folder: Path, view: View, study: Study, made: Mapping[str, Any]) -> dict[str, Any]:
    """Archives the study in the report's folder; returns the manifest with its date and the digest of all tables."""
    archive(study, view.design.plan, folder)
    (folder / store.CONFIG).write_text(store.yaml_text(view.experiment.resolved), encoding="utf-8")
    return {**made, "made": date.today().isoformat(), "digest": digest(summed(folder))}  # all tables are there
