"""Replicates as they finish, kept on disk until the experiment is whole, so an interrupted one can go on.

Each replicate is a folder written under a dot-name and then renamed: a folder that can be seen is whole. The
folder that holds them bears a hash of all that they depend on, so another configuration never finds it.
"""

import json
import os
import shutil
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from sim.experiments.design import Task
from sim.experiments.failures import DISK_FULL, Failure, FailureStage
from sim.experiments.runner import Arm, Replicate, run_replicate
from sim.measures.arrays import Columns, Table
from sim.measures.outcomes import BREAKDOWNS, OUTCOMES
from sim.world.records import GROWING

_KEYS = (("block", pa.string()), ("scenario", pa.string()), ("seed", pa.int64()))
_OUTCOMES = pa.schema([*_KEYS, *((outcome.key, pa.float64()) for outcome in OUTCOMES)])
_FAILED = ".failed"
_FAILURES, _OUTCOME_FILE, _EVENTS = "failures.json", "outcomes.parquet", "events"


@dataclass(frozen=True)
class Receipt:
    """What a worker reports of a replicate that it has kept.

    Attributes:
        failures: what went wrong.
        peak_memory: largest resident memory of the worker so far, bytes.
    """

    failures: tuple[Failure, ...]
    peak_memory: int


@dataclass(frozen=True)
class Results:
    """All finished replicates.

    Attributes:
        outcomes: one row a block × scenario × seed.
        breakdowns: tidy tables by name, with columns block, scenario and seed in front.
        failures: what went wrong.
    """

    outcomes: pd.DataFrame
    breakdowns: dict[str, pd.DataFrame]
    failures: tuple[Failure, ...]


@dataclass(frozen=True)
class Keeper:
    """Runs a task and keeps its result in `folder`; the function that an executor carries out."""

    folder: Path

    def __call__(self, task: Task) -> Receipt:
        """Runs one task; a failure to keep it is a failure like any other."""
        replicate = run_replicate(task)
        failures = replicate.failures
        try:
            self.keep(task, replicate)
        except Exception as error:
            if isinstance(error, OSError) and error.errno in DISK_FULL:
                raise
            failures = (*failures, Failure.of(error, task.block, task.seed, "", FailureStage.KEEP))
        return Receipt(failures, peak_memory())

    def has(self, task: Task) -> bool:
        """Whether the task has been run and kept, without any failure."""
        return (self.folder / task.key).is_dir()

    def keep(self, task: Task, replicate: Replicate) -> None:
        """Writes a replicate beside its place and renames it."""
        writing = self.folder / f".{task.key}-{os.getpid()}"
        shutil.rmtree(writing, ignore_errors=True)
        writing.mkdir(parents=True)
        _write(writing, replicate)
        for name in (task.key, task.key + _FAILED):
            shutil.rmtree(self.folder / name, ignore_errors=True)
        writing.replace(self.folder / (task.key + (_FAILED if replicate.failures else "")))

    def load(self, tasks: Sequence[Task]) -> Results:
        """The kept replicates of the given tasks, in their order."""
        places = (self.folder / (task.key + end) for task in tasks for end in ("", _FAILED))
        folders = [place for place in places if place.is_dir()]
        frames = {name: _read(folders, f"{name}.parquet") for name in BREAKDOWNS}
        failures = [entry for folder in folders for entry in json.loads((folder / _FAILURES).read_text("utf-8"))]
        return Results(_read(folders, _OUTCOME_FILE), frames, tuple(_failure(entry) for entry in failures))

    def move_events(self, target: Path) -> None:
        """Moves kept event tables to `target`/<table>/<block>-<seed>.parquet."""
        for part in sorted(self.folder.glob(f"[!.]*/{_EVENTS}/*.parquet")):
            place = target / part.stem / f"{part.parent.parent.name.removesuffix(_FAILED)}.parquet"
            place.parent.mkdir(parents=True, exist_ok=True)
            part.replace(place)

    def remove(self) -> None:
        """Forgets all that is kept."""
        shutil.rmtree(self.folder, ignore_errors=True)


def peak_memory() -> int:
    """Largest resident memory of this process so far in bytes, 0 where the system does not tell."""
    try:
        import resource
    except ImportError:
        return 0
    import sys

    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return used if sys.platform == "darwin" else used * 1024


def event_schema(name: str) -> pa.Schema:
    """The schema of an event table: the record's fields, arrays spread over numbered columns."""
    fields: list[tuple[str, pa.DataType]] = list(_KEYS)
    record = np.dtype(GROWING[name])
    for field, (kind, *_) in (record.fields or {}).items():
        columns = [field] if kind.shape == () else [_numbered(field, place) for place in range(kind.shape[0])]
        fields += [(column, pa.from_numpy_dtype(kind.base)) for column in columns]
    return pa.schema(fields)


def _numbered(field: str, place: int) -> str:
    """Column of one element of an array field: stage_days becomes stage_1 and so on."""
    return f"{field.removesuffix('_days')}_{place + 1}"


def _write(folder: Path, replicate: Replicate) -> None:
    """All files of a replicate."""
    rows = [arm.measured.outcomes | _key(replicate, arm) for arm in replicate.arms]
    pq.write_table(pa.Table.from_pylist(rows, schema=_OUTCOMES), folder / _OUTCOME_FILE)
    for name in BREAKDOWNS:
        parts = [_tagged(arm.measured.breakdowns[name], replicate, arm) for arm in replicate.arms]
        if parts:
            pq.write_table(pa.concat_tables(parts), folder / f"{name}.parquet", compression="zstd")
    _write_events(folder / _EVENTS, replicate)
    (folder / _FAILURES).write_text(json.dumps([entry.plain() for entry in replicate.failures]), "utf-8")


def _write_events(folder: Path, replicate: Replicate) -> None:
    """Event tables of all arms, one file a table."""
    for name in replicate.arms[0].events if replicate.arms else ():
        folder.mkdir(exist_ok=True)
        schema = event_schema(name)
        with pq.ParquetWriter(folder / f"{name}.parquet", schema, compression="zstd") as writer:
            for arm in replicate.arms:
                writer.write_table(_tagged(_spread(arm.events[name]), replicate, arm).cast(schema))


def _spread(table: Table) -> Columns:
    """Fields of a structured array as columns."""
    columns: Columns = {}
    for field in table.dtype.names or ():
        values = table[field]
        if values.ndim == 1:
            columns[field] = np.ascontiguousarray(values)
        else:
            columns |= {_numbered(field, place): values[:, place].copy() for place in range(values.shape[1])}
    return columns


def _tagged(columns: Columns, replicate: Replicate, arm: Arm) -> pa.Table:
    """Columns of one arm, with block, scenario and seed in front."""
    size = next(iter(columns.values())).size
    keys = _key(replicate, arm)
    front = {name: _repeated(keys[name], kind, size) for name, kind in _KEYS}
    return pa.table(front | {name: pa.array(values) for name, values in columns.items()})


def _repeated(value: str | int, kind: pa.DataType, size: int) -> pa.Array:
    """One value `size` times; words as a dictionary, since there are few and many rows of each."""
    if kind == pa.string():
        return pa.DictionaryArray.from_arrays(pa.repeat(pa.scalar(0, pa.int32()), size), pa.array([value]))
    return pa.repeat(pa.scalar(value, kind), size)


def _key(replicate: Replicate, arm: Arm) -> dict[str, str | int]:
    return {"block": replicate.block, "scenario": arm.scenario, "seed": replicate.seed}


def _read(folders: list[Path], name: str) -> pd.DataFrame:
    """One table of all replicates."""
    parts = [pq.read_table(folder / name) for folder in folders if (folder / name).exists()]
    if not parts:
        return pd.DataFrame(columns=[key for key, _ in _KEYS])
    frame: pd.DataFrame = pa.concat_tables(parts).unify_dictionaries().to_pandas()
    return frame


def _failure(entry: Mapping[str, Any]) -> Failure:
    return Failure(**{**entry, "stage": FailureStage(entry["stage"])})
