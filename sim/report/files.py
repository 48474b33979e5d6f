"""The files of a finished run, written from a story."""

import json
from enum import IntEnum
from io import StringIO
from pathlib import Path
from typing import Any

import pandas as pd
from ruamel.yaml import YAML

from sim.data.costs import Payer
from sim.experiments import ablate, regret, store
from sim.experiments.statistics import as_frame
from sim.law.vocabulary import Channel, DataKind, Ground
from sim.measures.fate import Fate
from sim.measures.income import Income
from sim.policy.alternatives import is_fixed
from sim.report.regret import judged
from sim.report.story import Story
from sim.world.records import ActionType, Body, DeskKind, EvidenceStatus, ReferralTask, RequestStatus, Stage, UnitKind

_CODES: dict[str, type[IntEnum]] = {
    "channel": Channel,
    "data_kind": DataKind,
    "stage": Stage,
    "status": RequestStatus,
    "ground": Ground,
    "desk": DeskKind,
    "evidence_status": EvidenceStatus,
    "action_type": ActionType,
    "fate": Fate,
    "income": Income,
    "payer": Payer,
    "unit": UnitKind,
    "body": Body,
    "task": ReferralTask,
}
_STATES = ("residence", "requesting", "requested", "trusting", "trusted", "state", "sending", "host")
_ALL = {-1: "all"}
_NO_STATE = {-1: "no state"}
#: Breakdowns with one row per pair of states and replicate: they would fill the folder.
_ONLY_POOLED = ("pairs", "trust_by_pair")


def write_tables(folder: Path, story: Story) -> None:
    """Outcomes, differences and breakdowns."""
    outcomes = story.results.outcomes
    store.write_table(outcomes, folder / f"{store.OUTCOMES}.parquet")
    store.write_csv(outcomes, folder / f"{store.OUTCOMES}.csv")
    entries = [entry for block in story.differences.values() for entry in block]
    if entries:
        store.write_csv(as_frame(entries), folder / f"{store.DIFFERENCES}.csv")
        store.write_csv(as_frame(story.efficiencies), folder / f"{store.COSTS}.csv")
        codes = dict(enumerate(story.states)) | _NO_STATE
        by_country = story.countries.assign(state=story.countries["state"].map(codes))
        store.write_csv(by_country, folder / f"{store.COUNTRIES}.csv")
    if story.policies:
        store.write_csv(as_frame(story.displacements), folder / f"{store.DISPLACEMENT}.csv")
    if story.design.mechanisms:
        store.write_csv(ablate.as_frame([*story.effects, *story.rankings]), folder / f"{store.CONCLUSIONS}.csv")
    if any(is_fixed(scenario) for scenario in story.design.scenarios):
        store.write_csv(regret.as_frame(judged(story)), folder / f"{store.REGRET}.csv")
    breakdowns = folder / store.BREAKDOWNS
    breakdowns.mkdir()
    for name, frame in story.results.breakdowns.items():
        if name not in _ONLY_POOLED:
            store.write_table(decoded(frame, story.states), breakdowns / f"{name}.parquet")
    pooled = {
        "pair_medians": story.pair_medians,
        "trust_by_pair": story.trust,
        "impunity_by_residence": story.impunity,
        "exchange_by_state": story.exchange,
        "exchange_by_income": story.by_income,
    }
    if not story.in_force.empty:
        store.write_table(story.in_force, breakdowns / "instruments_in_force.parquet")
    for name, frame in pooled.items():
        store.write_table(decoded(frame, story.states), breakdowns / f"{name}.parquet")


def write_texts(folder: Path, story: Story, summary: str, manifest: dict[str, Any]) -> None:
    """Summary, configuration and manifest."""
    (folder / store.SUMMARY).write_text(summary, encoding="utf-8")
    text = StringIO()
    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.dump(story.experiment.resolved, text)
    (folder / store.CONFIG).write_text(text.getvalue(), encoding="utf-8")
    (folder / store.MANIFEST).write_text(json.dumps(manifest, indent=2, ensure_ascii=False), encoding="utf-8")


def decoded(frame: pd.DataFrame, states: tuple[str, ...]) -> pd.DataFrame:
    """The same table with codes as words and states as ISO codes."""
    codes = {column: {code.value: code.name.lower() for code in kind} | _ALL for column, kind in _CODES.items()}
    codes |= {column: dict(enumerate(states)) | _NO_STATE for column in _STATES}
    return frame.assign(**{column: frame[column].map(codes[column]) for column in frame if column in codes})
