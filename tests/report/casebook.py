"""Writes results folders of hand-written event tables: rows by name of field, days as ISO dates."""

import re
from collections.abc import Mapping, Sequence
from datetime import date
from enum import EnumType
from pathlib import Path
from typing import Any

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.experiments import store
from sim.experiments.parts import event_schema
from sim.experiments.study import write_study
from sim.law.order import legal_order
from sim.world.parameters import WorldSpec
from sim.world.records import ENTITIES, GROWING
from sim.world.world import World
from tests.tiny import to_frame

Row = Mapping[str, Any]
Rows = Sequence[Row]

_WORLD = {"end": "2036-12-31", "follow_up_days": 180, "states": []}


def filed(name: str) -> str:
    """Text of a table, or of expected accounts, from a file in the folder `accounts`."""
    return (Path(__file__).parent / "accounts" / f"{name}.txt").read_text("utf-8")


def day(written: str) -> float:
    """Days from 2022-01-01 to noon of an ISO date."""
    return (date.fromisoformat(written) - date(2022, 1, 1)).days + 0.5


def number(written: str) -> float:
    """A number, or the day number of an ISO date."""
    return day(written) if written.count("-") == 2 else float(written)


def state(code: str) -> int:
    """Index of a state."""
    return legal_order().index(code)


def instrument(identity: str) -> int:
    """Row of an instrument."""
    return next(row for row, terms in enumerate(legal_order().terms) if terms.id == identity)


def row(*parts: Row, **fields: Any) -> Row:
    """A row made of shared fields and its own."""
    return {name: value for part in (*parts, fields) for name, value in part.items()}


def read_rows(text: str) -> dict[str, list[Row]]:
    """Reads tables from text with one row per line or semicolon, or indented continuation lines.

    The table is first, then fields; codes, states and instruments by name, days as ISO dates or numbers.
    """
    tables: dict[str, list[Row]] = {}
    parts = re.sub(r"\n  (?! )", " ", text).replace("\n", ";").split(";")
    for name, _, fields in (part.strip().partition(" ") for part in parts if part.strip()):
        tables.setdefault(name, []).append(read_fields(name, fields))
    return tables


def read_fields(name: str, text: str) -> Row:
    """Fields of a row of a table."""
    units = next({field.name: field.unit for field in entity.fields} for entity in ENTITIES if entity.name == name)
    ways = {"row of state": state, "row of terms.yaml": instrument}
    found = {}
    for field, _, value in (pair.partition("=") for pair in text.split()):
        unit = units.get(field)
        found[field] = unit[value] if isinstance(unit, EnumType) else ways.get(str(unit), number)(value)
    return found


def write_folder(
    folder: Path, worlds: Mapping[tuple[str, int], Mapping[str, Rows]], world: Mapping[str, Any] | None = None
) -> Path:
    """Writes the folder of a finished run from rows by scenario and seed."""
    scenarios = list(dict.fromkeys(scenario for scenario, _ in worlds)) or ["status_quo"]
    about = {"study": "0" * 64, "command": "comity run status_quo", "axes": [], "scenarios": scenarios}
    about |= {"design": {"design": "run", "points": 1, "seeds": "common"}, "replicates": 1, "first_seed": 1}
    about |= {"runs": len(worlds), "blocks": ["main"], "store": "runs", "tables": [], "inputs": {}}
    about |= {"code": {"sources": "0" * 64}}
    about["configuration"] = {"world": {**_WORLD, **(world or {})}}
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
    """Writes one event table of one seed."""
    place = folder / store.EVENTS / name / f"main-{seed}.parquet"
    place.parent.mkdir(parents=True, exist_ok=True)
    pq.write_table(pa.Table.from_pandas(rows, schema=event_schema(name), preserve_index=False), place)


def frame(name: str, rows: Rows, scenario: str, seed: int) -> pd.DataFrame:
    """Rows of a table; missing fields have a new row's values."""
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


def write_world(folder: Path, spec: WorldSpec, world: World) -> Path:
    """Writes the folder of a simulated run with seed 1."""
    place = write_folder(folder, {("status_quo", 1): {}}, {"end": spec.end, "states": list(spec.states)})
    for name in GROWING:
        write_events(place, name, 1, to_frame(world, name).assign(block="main", scenario="status_quo", seed=1))
    return place
