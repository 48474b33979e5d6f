"""Tables of a study: one explicit schema each, so that all parts of a table fit together."""

from __future__ import annotations

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.experiments.axis import Axis, AxisKind
from sim.experiments.kept import event_schema, spread
from sim.experiments.overrides import COMMAND_LINE
from sim.experiments.runner import Arm
from sim.measures.outcomes import OUTCOMES
from sim.policy.problem import InputError

#: Folders of a study.
EXPERIMENTS, OUTCOME_TABLE = "experiments", "outcomes"
DONE, FAILED = "done", "failed"
#: Under this word a file of the ledger names its study.
STUDY_MARK = b"study"

_KEYS = (("run", pa.string()), ("point", pa.int64()), ("scenario", pa.string()), ("seed", pa.int64()))
KEYS = tuple(name for name, _ in _KEYS)
_STATUS = (("status", pa.string()), ("stage", pa.string()), ("message", pa.string()), ("traceback", pa.string()))


def experiment_schema(axes: Sequence[Axis], study: str) -> pa.Schema:
    """One row a run: its id, where it stands in the design, every axis, and what became of it."""
    return pa.schema([*_KEYS, *_axis_fields(axes), *_STATUS, ("code", pa.string())], {STUDY_MARK: study.encode()})


def outcome_schema(axes: Sequence[Axis]) -> pa.Schema:
    """One row a run that succeeded: its id, every axis, every outcome."""
    return pa.schema([*_KEYS, *_axis_fields(axes), *((outcome.key, pa.float64()) for outcome in OUTCOMES)])


def _axis_fields(axes: Sequence[Axis]) -> list[tuple[str, pa.DataType]]:
    """A column an axis under its own key; the scenario stands among the keys already."""
    return [(axis.key, _axis_type(axis)) for axis in axes if axis.kind is not AxisKind.SCENARIO]


def _axis_type(axis: Axis) -> pa.DataType:
    if not axis.numeric:
        return pa.string()
    return pa.int64() if axis.integral else pa.float64()


def write_part(columns: Mapping[str, Any], schema: pa.Schema, place: Path) -> None:
    """Writes a part beside its place, makes sure that it is on disk, and renames it."""
    writing = place.parent / f".{place.name}.tmp"
    place.parent.mkdir(parents=True, exist_ok=True)
    try:
        arrays = [pa.array(columns[field.name], type=field.type) for field in schema]
        write(pa.Table.from_arrays(arrays, schema=schema), writing)
        writing.replace(place)
    finally:
        writing.unlink(missing_ok=True)


def write(table: pa.Table, path: Path) -> None:
    """One Parquet file with checksums of its pages, forced to the disk."""
    with path.open("wb") as file:
        pq.write_table(table, file, compression="zstd", write_page_checksum=True)
        file.flush()
        os.fsync(file.fileno())


def take_over(files: Sequence[Path], folder: Path, stem: str, *, together: bool) -> None:
    """Gives tables that workers have written their place.

    Args:
        files: of one table.
        folder: of that table in the study.
        stem: name of the part.
        together: as one file, a row group for each, so that a long study has few files; else as they are.

    Raises:
        InputError: If a file is not seen from here.
    """
    folder.mkdir(parents=True, exist_ok=True)
    try:
        if together and len(files) > 1:
            _join(files, folder / f"{stem}.parquet")
        else:
            for count, file in enumerate(files):
                file.replace(folder / f"{stem}.{count:04d}.parquet")
    except FileNotFoundError as error:
        raise InputError(
            "a table that a worker has written is not seen here",
            where=COMMAND_LINE,
            key="--study",
            value=error.filename,
            fix="Name a folder that all machines share, or keep no tables but outcomes: sweep.breakdowns=[].",
        ) from None


def _join(files: Sequence[Path], place: Path) -> None:
    """Files of one table as one, read and written one at a time."""
    writing = place.parent / f".{place.name}.tmp"
    try:
        with writing.open("wb") as file:
            schema = pq.read_schema(files[0])
            with pq.ParquetWriter(file, schema, compression="zstd", write_page_checksum=True) as writer:
                for source in files:
                    writer.write_table(pq.read_table(source, schema=schema))
            file.flush()
            os.fsync(file.fileno())
        writing.replace(place)
    finally:
        writing.unlink(missing_ok=True)
    for source in files:
        source.unlink(missing_ok=True)


def written_tables(
    arms: Sequence[tuple[dict[str, str | int], Arm]], breakdowns: Sequence[str], folder: Path, stem: str
) -> Iterator[tuple[str, Path]]:
    """Writes breakdowns and event tables of a batch.

    Args:
        arms: runs with the keys that their rows bear.
        breakdowns: names of the breakdowns.
        folder: where files are written.
        stem: their name.

    Yields:
        Name of the table, and its file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in breakdowns:
        tables = [(keys, arm.measured.breakdowns[name]) for keys, arm in arms]
        columns = [_with_keys(keys, dict(table)) for keys, table in tables]
        path = folder / f"{name}-{stem}.parquet"
        write(pa.concat_tables(columns), path)
        yield f"breakdowns/{name}", path
    for name in arms[0][1].events:
        schema = event_schema(name)
        fields = [field for field in schema if field.name not in ("block", "scenario", "seed")]
        schema = pa.schema([*_KEYS, *((field.name, field.type) for field in fields)])
        rows = [_with_keys(keys, spread(arm.events[name])).cast(schema) for keys, arm in arms]
        path = folder / f"{name}-{stem}.parquet"
        write(pa.concat_tables(rows), path)
        yield f"events/{name}", path


def _with_keys(keys: Mapping[str, str | int], columns: Mapping[str, Any]) -> pa.Table:
    """Columns of one run with its keys in front."""
    size = len(next(iter(columns.values())))
    front = {name: pa.repeat(pa.scalar(keys[name], kind), size) for name, kind in _KEYS}
    return pa.table(front | {name: pa.array(np.asarray(values)) for name, values in columns.items()})
