"""A results folder with event tables written by hand: rows by name of field, days as ISO dates."""

from collections.abc import Mapping, Sequence
from datetime import date
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.experiments import store
from sim.experiments.parts import event_schema
from sim.experiments.study import write_study
from sim.law.order import legal_order
from sim.world.records import ENTITIES, GROWING

Row = Mapping[str, Any]
Rows = Sequence[Row]

CONFIG: Mapping[str, Any] = {
    "world": {"end": "2036-12-31", "follow_up_days": 180, "states": []},
    "uncertainty": {
        "case": {"impatience_days": 180.0, "review_interval_days": 30.0},
        "criminal": {"alert_days": 60.0},
    },
}


def day(written: str) -> float:
    """Days since 2022-01-01 at noon of an ISO date, so that rounding cannot move it."""
    return (date.fromisoformat(written) - date(2022, 1, 1)).days + 0.5


def state(code: str) -> int:
    """Index of a state."""
    return legal_order().index(code)


def instrument(identity: str) -> int:
    """Row of an instrument."""
    return next(row for row, terms in enumerate(legal_order().terms) if terms.id == identity)


def write_folder(
    folder: Path, worlds: Mapping[tuple[str, int], Mapping[str, Rows]], world: Mapping[str, Any] | None = None
) -> Path:
    """Writes the folder of a finished run.

    Args:
        folder: where.
        worlds: rows of each table for each scenario and seed; tables that are left out are empty.
        world: settings of the world that are not as in CONFIG.
    """
    about = {
        "study": "0" * 64,
        "command": "comity run status_quo",
        "design": {"design": "run", "points": 1, "seeds": "common"},
        "axes": [],
        "scenarios": list(dict.fromkeys(scenario for scenario, _ in worlds)) or ["status_quo"],
        "replicates": 1,
        "first_seed": 1,
        "runs": len(worlds),
        "blocks": ["main"],
        "store": "runs",
        "tables": [],
        "code": {"sources": "0" * 64},
        "configuration": {**CONFIG, "world": {**CONFIG["world"], **(world or {})}},
        "inputs": {},
    }
    write_study(folder, about)
    (folder / store.MANIFEST).touch()
    for seed in dict.fromkeys(seed for _, seed in worlds):
        for name in GROWING:
            frames = [
                frame(name, tables.get(name, ()), scenario, seed)
                for (scenario, number), tables in worlds.items()
                if number == seed
            ]
            write_events(folder, name, seed, pd.concat(frames, ignore_index=True))
    return folder


def write_events(folder: Path, name: str, seed: int, rows: pd.DataFrame) -> None:
    """One event table of one seed."""
    place = folder / store.EVENTS / name / f"main-{seed}.parquet"
    place.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pandas(rows, schema=event_schema(name), preserve_index=False), place)


def frame(name: str, rows: Rows, scenario: str, seed: int) -> pd.DataFrame:
    """Rows of a table; fields that are not named have the values of a new row."""
    columns: dict[str, list[Any]] = {field.name: [] for field in event_schema(name)}
    for row in rows:
        unknown = set(row) - set(columns)
        assert not unknown, f"{name}: {unknown}"
        for field in columns:
            columns[field].append(row.get(field, _default(name, field, scenario, seed)))
    return pd.DataFrame(columns)


def _default(name: str, field: str, scenario: str, seed: int) -> object:
    fixed = {"block": "main", "scenario": scenario, "seed": seed}
    if field in fixed:
        return fixed[field]
    neutral = next(entity for entity in ENTITIES if entity.name == name).neutral
    return neutral[field].item() if field in (neutral.dtype.names or ()) else 0.0  # days of single stages
