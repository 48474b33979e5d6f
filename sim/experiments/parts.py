"""The parts of a study on disk: how they are written, read and checked.

A part is a file of the ledger, `experiments/STEM.parquet`, and files of other tables with the same stem. Every table
has one explicit schema, so that all parts of a table fit together.
"""

from __future__ import annotations

import os
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim.experiments.axis import Axis, AxisKind
from sim.experiments.foreign import check_plain
from sim.experiments.run import Arm
from sim.measures.arrays import Columns, Table
from sim.measures.outcomes import OUTCOMES
from sim.policy.problem import InputError, mistake
from sim.policy.version import source_hash
from sim.world.records import GROWING

#: Folders of the store of a study.
EXPERIMENTS, OUTCOME_TABLE, BREAKDOWN_TABLES, EVENT_TABLES = "experiments", "outcomes", "breakdowns", "events"
#: Where workers leave tables until they are taken over.
PENDING = ".pending"
DONE, FAILED = "done", "failed"
#: Names of Comity's own files, and while they are written. All others in the folders of a study are somebody else's:
#: neither read nor removed.
_STEM = r"(?:p|s\d+of\d+)-\d{6,}"
_PART = re.compile(rf"({_STEM})(?:\.\d{{4,}})?\.parquet")
_WRITING = re.compile(rf"\.({_STEM})(?:\.\d{{4,}})?\.parquet\.tmp")
_ASIDE = re.compile(rf"\.{_STEM}(?:\.\d{{4,}})?\.parquet(?:\.\d+)?\.damaged")
#: Key of the metadata in which a file of the ledger names its study.
STUDY_MARK = b"study"

_KEYS = (("run", pa.string()), ("point", pa.int64()), ("scenario", pa.string()), ("seed", pa.int64()))
KEYS = tuple(name for name, _ in _KEYS)
_STATUS = (("status", pa.string()), ("stage", pa.string()), ("message", pa.string()), ("traceback", pa.string()))
#: Column of arrays from workers: the place of a row's run in its batch.
ARM = "arm"
#: Columns that identify a row of an event table.
_EVENT_KEYS = (("block", pa.string()), ("scenario", pa.string()), ("seed", pa.int64()))


#: What Arrow raises at files of damaged content.
UNREADABLE = (OSError, pa.ArrowException, ValueError, TypeError, LookupError, ArithmeticError, MemoryError)


class DamagedError(Exception):
    """A file of a study cannot be used."""

    def __init__(self, file: Path, problem: str) -> None:
        self.file, self.problem = file, problem
        super().__init__(f"{file.parent.name}/{file.name}: {problem}")


@dataclass(frozen=True)
class Part:
    """A part of a study.

    Attributes:
        ledger: its file in `experiments/`.
        files: its files of every other table, by the table's folder, such as `breakdowns/takedown_curve`.
    """

    ledger: Path
    files: Mapping[str, Sequence[Path]]


def experiment_schema(axes: Sequence[Axis], study: str) -> pa.Schema:
    """One row per run: its id, where it stands in the design, every axis, and what became of it."""
    return pa.schema([*_KEYS, *_axis_fields(axes), *_STATUS, ("code", pa.string())], {STUDY_MARK: study.encode()})


def outcome_schema(axes: Sequence[Axis]) -> pa.Schema:
    """One row per run that succeeded: its id, every axis, every outcome."""
    return pa.schema([*_KEYS, *_axis_fields(axes), *((outcome.key, pa.float64()) for outcome in OUTCOMES)])


def event_schema(name: str) -> pa.Schema:
    """The schema of an event table: the record's fields, arrays spread over numbered columns."""
    fields: list[tuple[str, pa.DataType]] = list(_EVENT_KEYS)
    record = np.dtype(GROWING[name])
    for field, (kind, *_) in (record.fields or {}).items():
        columns = [field] if kind.shape == () else [_numbered(field, place) for place in range(kind.shape[0])]
        fields += [(column, pa.from_numpy_dtype(kind.base)) for column in columns]
    return pa.schema(fields)


def _axis_fields(axes: Sequence[Axis]) -> list[tuple[str, pa.DataType]]:
    """A column per axis under its own key; the scenario stands among the keys already."""
    own = [axis for axis in axes if axis.kind is not AxisKind.SCENARIO]
    kinds = [pa.int64() if axis.integral else pa.float64() if axis.numeric else pa.string() for axis in own]
    return [(axis.key, kind) for axis, kind in zip(own, kinds, strict=True)]


def _numbered(field: str, place: int) -> str:
    """Column of one element of an array field: stage_days becomes stage_1 and so on."""
    return f"{field.removesuffix('_days')}_{place + 1}"


def write_part(columns: Mapping[str, Any], schema: pa.Schema, place: Path) -> None:
    """Writes a file beside its place, makes sure that it is on disk, and renames it."""
    arrays = [pa.array(columns[field.name], type=field.type) for field in schema]
    with _beside(place) as writing:
        write(pa.Table.from_arrays(arrays, schema=schema), writing)


@contextmanager
def _beside(place: Path) -> Iterator[Path]:
    """Where a file is written that lands at its place when the block ends without an error."""
    writing = place.with_name(f".{place.name}.tmp")
    place.parent.mkdir(parents=True, exist_ok=True)
    writing.unlink(missing_ok=True)  # never written through a link
    try:
        yield writing
        writing.replace(place)
    finally:
        writing.unlink(missing_ok=True)


def write(table: pa.Table, path: Path) -> None:
    """One Parquet file with checksums of its pages, forced to the disk."""
    path.unlink(missing_ok=True)  # never written through a link
    with path.open("xb") as file:
        pq.write_table(table, file, compression="zstd", write_page_checksum=True)
        file.flush()
        os.fsync(file.fileno())


def write_events(
    arms: Sequence[tuple[Mapping[str, str | int], Arm]], block: str, folder: Path, stem: str
) -> Iterator[tuple[str, Path]]:
    """Writes the event tables of runs that share their past, one file per table.

    Args:
        arms: runs with the keys that their rows bear.
        block: name of their point.
        folder: where files are written.
        stem: their name.

    Yields:
        Name of the table, and its file.
    """
    folder.mkdir(parents=True, exist_ok=True)
    for name in arms[0][1].events:
        schema = event_schema(name)
        schema = schema.insert(0, pa.field("point", pa.int64())).insert(0, pa.field("run", pa.string()))
        rows = []
        for keys, arm in arms:
            columns = spread(arm.events[name])
            size = next(iter(columns.values())).size
            front = {name: pa.repeat(pa.scalar(keys[name], kind), size) for name, kind in _KEYS}
            front["block"] = pa.repeat(block, size)
            rows.append(pa.table(front | columns).select(schema.names).cast(schema))
        path = folder / f"{name}-{stem}.parquet"
        write(pa.concat_tables(rows), path)
        yield f"{EVENT_TABLES}/{name}", path


def spread(table: Table) -> Columns:
    """Fields of a structured array as columns."""
    columns: Columns = {}
    for field in table.dtype.names or ():
        values = table[field]
        if values.ndim == 1:
            columns[field] = np.ascontiguousarray(values)
        else:
            columns |= {_numbered(field, place): values[:, place].copy() for place in range(values.shape[1])}
    return columns


def move_events(files: Sequence[Path], folder: Path, stem: str) -> None:
    """Moves an event table that workers have written to its place in the store.

    Args:
        files: of the table.
        folder: of that table in the store.
        stem: name of the part.

    Raises:
        InputError: If a file is not seen from here.
    """
    folder.mkdir(parents=True, exist_ok=True)
    with _shared_folder():
        for count, file in enumerate(files):
            file.replace(folder / f"{stem}.{count:04d}.parquet")


def join_breakdowns(files: Sequence[tuple[Path, Mapping[str, Sequence[Any]]]], folder: Path, stem: str) -> None:
    """Joins arrays of a breakdown that workers have written to a file of the store, with a row group for each.

    A long study thus has few files. Arrays are read and written one at a time.

    Args:
        files: each with the key columns of the runs of its batch.
        folder: of that table in the store.
        stem: name of the part.

    Raises:
        InputError: If a file is not seen from here.
    """
    with _beside(folder / f"{stem}.parquet") as writing, writing.open("xb") as file:
        with ExitStack() as opened, _shared_folder():
            writer = None
            for source, keys in files:
                rows = np.load(source, allow_pickle=False)
                front = {name: pa.array(keys[name], kind).take(pa.array(rows[ARM])) for name, kind in _KEYS}
                columns = {name: pa.array(rows[name].copy()) for name in rows.dtype.names if name != ARM}
                table = pa.table(front | columns)
                writer = writer or opened.enter_context(
                    pq.ParquetWriter(file, table.schema, compression="zstd", write_page_checksum=True)
                )
                writer.write_table(table)
        file.flush()
        os.fsync(file.fileno())
    for source, _ in files:
        source.unlink(missing_ok=True)


@contextmanager
def _shared_folder() -> Iterator[None]:
    """Explains a missing file: workers on other machines need the same folder."""
    try:
        yield
    except FileNotFoundError as error:
        fix = "Name a folder that all machines share, or keep no tables but outcomes: sweep.breakdowns=[]."
        raise mistake("a table that a worker has written is not seen here", "--study", error.filename, fix) from None


def tables(folder: Path) -> dict[str, Path]:
    """Folders of tables that are there, by name."""
    inner = [place for name in (BREAKDOWN_TABLES, EVENT_TABLES) for place in sorted((folder / name).glob("*"))]
    found = {place.relative_to(folder).as_posix(): place for place in (folder / OUTCOME_TABLE, *inner)}
    return {name: place for name, place in found.items() if place.is_dir()}


def stem(path: Path) -> str:
    """Name of the part that a file belongs to: `p-000003` for `p-000003.0001.parquet`; empty where it is none's."""
    found = _PART.fullmatch(path.name)
    return found[1] if found else ""


def unfinished(path: Path) -> str:
    """Name of the part whose file this was to become when its process was killed; empty where it is no such file."""
    found = _WRITING.fullmatch(path.name)
    return found[1] if found else ""


def is_own(path: Path) -> bool:
    """Whether a file is one of Comity's: of a part, unfinished, or set aside."""
    return any(pattern.fullmatch(path.name) for pattern in (_PART, _WRITING, _ASIDE))


def ledgers(folder: Path) -> list[Path]:
    """Files of the ledger, by name."""
    return sorted(path for path in (folder / EXPERIMENTS).glob("*.parquet") if stem(path) == path.stem)


def parts(folder: Path) -> list[Part]:
    """All parts, by name; files whose part is not in the ledger yet, or no longer, belong to none."""
    there = ledgers(folder)  # first: its companions are there already
    found: dict[str, dict[str, list[Path]]] = {path.stem: {} for path in there}
    for name, place in tables(folder).items():
        for path in sorted(place.glob("*.parquet")):
            if stem(path) in found:
                found[stem(path)].setdefault(name, []).append(path)
    return [Part(path, found[path.stem]) for path in there]


def set_aside(path: Path) -> None:
    """Gives something that cannot be used a hidden name beside its place."""
    number, aside = 1, path.with_name(f".{path.name}.damaged")
    while os.path.lexists(aside):
        number += 1
        aside = path.with_name(f".{path.name}.{number}.damaged")
    path.rename(aside)


def inspected(folder: Path, about: Mapping[str, Any]) -> Iterator[tuple[Part, pa.Table | DamagedError]]:
    """Every part with its rows in the ledger, or with what is wrong with it.

    Args:
        folder: of the store.
        about: the content of study.yaml.
    """
    for part in parts(folder):
        try:
            rows: pa.Table | DamagedError = _rows(part, about)
        except DamagedError as found:
            rows = found
        except UNREADABLE as error:  # columns of other types
            rows = unreadable(part.ledger, error)
        yield part, rows


def read(
    file: Path,
    columns: Sequence[str] | None = None,
    needed: Sequence[str] = (),
    schema: pa.Schema | None = None,
    words: Sequence[str] = (),
) -> pa.Table:
    """A file of a study, its checksums verified.

    Args:
        file: the file.
        columns: what is read; all by default.
        needed: columns that must be there.
        schema: types of the columns that are read; as they are by default.
        words: columns of few words, which are read as codes.

    Raises:
        DamagedError: If it cannot be read, or has other columns.
    """
    check(file)
    try:
        with pq.ParquetFile(file, read_dictionary=list(words), page_checksum_verification=True) as opened:
            there = opened.schema_arrow.names
            for name in (*(columns or ()), *needed):
                if name not in there:
                    raise DamagedError(file, f"it has other columns: {name} is missing")
            table = opened.read(columns)
            return table if schema is None else table.cast(schema)
    except UNREADABLE as error:
        raise unreadable(file, error) from None


def check(file: Path) -> None:
    """Refuses what is no plain file.

    Raises:
        DamagedError: If it is none, or missing.
    """
    try:
        check_plain(file)
    except FileNotFoundError:
        raise DamagedError(file, "it is missing") from None
    except InputError as error:
        raise DamagedError(file, error.problem) from None


def unreadable(file: Path, error: Exception) -> DamagedError:
    """The error of a file that cannot be read."""
    words = str(error).strip().splitlines() or [type(error).__name__]
    return DamagedError(file, f"it cannot be read ({words[0].rstrip('.')})")


def _rows(part: Part, about: Mapping[str, Any]) -> pa.Table:
    """Rows of the ledger, once it is known that all files of the part can be read and belong to one another.

    Of breakdowns and events, which are large, only the ends of each group of rows are looked at.
    """
    axes = [axis["key"] for axis in about["axes"] if axis["kind"] != AxisKind.SCENARIO]
    rows = read(part.ledger, (*KEYS, "status", "message"), axes)
    if (rows.schema.metadata or {}).get(STUDY_MARK, about["study"].encode()) != about["study"].encode():
        raise DamagedError(part.ledger, "it belongs to another study")
    done = rows.filter(pc.equal(rows["status"], DONE))
    runs, with_outcomes = set(done["run"].to_pylist()), set()
    for file in part.files.get(OUTCOME_TABLE, ()):
        same_code = about["code"]["sources"] == source_hash()
        outcomes = read(file, needed=(*KEYS, *axes, *(outcome.key for outcome in OUTCOMES if same_code)))
        with_outcomes |= set(outcomes["run"].to_pylist())
    if with_outcomes != runs:
        both = len(with_outcomes & runs)
        problem = f"{len(runs)} runs in the ledger, {len(with_outcomes)} in the outcomes, {both} of them the same"
        raise DamagedError(part.ledger, problem)
    for name in about["tables"] if runs else ():
        if name == EVENT_TABLES and about["blocks"] and 0 not in done["point"].to_pylist():
            continue  # of named points, only the main one has events
        if name not in (EXPERIMENTS, OUTCOME_TABLE) and not any(there.startswith(name) for there in part.files):
            raise DamagedError(part.ledger, f"its file in {name} is missing")
    for name, files in part.files.items():
        for file in files if name != OUTCOME_TABLE else ():
            _check_ends(file, runs)
    return rows


def _check_ends(file: Path, runs: set[str]) -> None:
    """The first and the last run of every group of rows are runs of the part."""
    check(file)
    try:
        metadata = pq.read_metadata(file)
    except UNREADABLE as error:
        raise unreadable(file, error) from None
    if "run" not in metadata.schema.names:
        raise DamagedError(file, "it has other columns: run is missing")
    column = metadata.schema.names.index("run")
    for number in range(metadata.num_row_groups):
        ends = metadata.row_group(number).column(column).statistics
        if ends is not None and ends.has_min_max and not {ends.min, ends.max} <= runs:
            raise DamagedError(file, "it holds runs that are not in the ledger: another study's, perhaps")
