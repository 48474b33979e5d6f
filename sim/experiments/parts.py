"""Parts of a study on disk: their files, content, reading and checks.

A part is a file of the ledger, `experiments/STEM.parquet`, and files of other tables with the same stem. Every table
has one explicit schema, so that all parts of a table fit together.
"""

from __future__ import annotations

import os
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim.experiments import seal
from sim.experiments.axis import Axis, AxisKind
from sim.experiments.durable import flush
from sim.experiments.sets import SET_COLUMN
from sim.experiments.store import check_plain
from sim.measures.arrays import Columns, Integers, Table
from sim.measures.outcomes import OUTCOMES
from sim.policy.problem import InputError
from sim.policy.version import source_hash
from sim.world.records import GROWING

if TYPE_CHECKING:
    import pandas as pd  # a second that workers can do without

#: Folders of the store of a study.
EXPERIMENTS, OUTCOME_TABLE, BREAKDOWN_TABLES, EVENT_TABLES = "experiments", "outcomes", "breakdowns", "events"
DONE, FAILED = "done", "failed"
#: Names of Comity's own files, and while they are written. All others in the folders of a study are somebody else's:
#: neither read nor removed.
_STEM = r"(?:p|s\d+of\d+)-\d{6,}"
_PART = re.compile(rf"({_STEM})(?:\.\d{{4,}})?\.parquet")
UNFINISHED = re.compile(rf"\.({_STEM})(?:\.\d{{4,}})?\.parquet\.tmp")
_ASIDE = re.compile(rf"\.{_STEM}(?:\.\d{{4,}})?\.parquet(?:\.\d+)?\.damaged")
#: Key of the metadata in which a file of the ledger names its study.
STUDY_MARK = b"study"

KEY_KINDS = (("run", pa.string()), ("point", pa.int64()), ("scenario", pa.string()), ("seed", pa.int64()))
KEYS = tuple(name for name, _ in KEY_KINDS)
_STATUS = (("status", pa.string()), ("stage", pa.string()), ("message", pa.string()), ("traceback", pa.string()))
#: Columns that identify a row of an event table.
_EVENT_KEYS = (("block", pa.string()), ("scenario", pa.string()), ("seed", pa.int64()))


#: What Arrow raises at files of damaged content.
UNREADABLE = (OSError, pa.ArrowException, ValueError, TypeError, LookupError, ArithmeticError, MemoryError)


class DamagedError(Exception):
    """Error for a file of a study that cannot be used."""

    def __init__(self, file: Path, problem: str) -> None:
        self.file, self.problem = file, problem
        super().__init__(f"{file.parent.name}/{file.name}: {problem}")


@dataclass(frozen=True)
class Part:
    """A group of files of a study, written together: a ledger file and its tables."""

    ledger: Path  # its file in `experiments/`
    # its files of every other table, by the table's folder, such as `breakdowns/takedown_curve`
    files: Mapping[str, Sequence[Path]]


def experiment_schema(axes: Sequence[Axis], study: str) -> pa.Schema:
    """Schema of the ledger, one row per run: id, place in the design, axes, and status."""
    return pa.schema([*KEY_KINDS, *_axis_fields(axes), *_STATUS, ("code", pa.string())], {STUDY_MARK: study.encode()})


def outcome_schema(axes: Sequence[Axis]) -> pa.Schema:
    """Schema of the table of outcomes, one row per successful run."""
    outcomes = ((outcome.key, pa.float64()) for outcome in OUTCOMES)
    return pa.schema([*KEY_KINDS, (SET_COLUMN, pa.int64()), *_axis_fields(axes), *outcomes])


def event_schema(name: str) -> pa.Schema:
    """Schema of an event table: the fields of its records, with an array split into numbered columns."""
    columns = spread(np.empty(0, GROWING[name]))
    kinds = ((column, pa.from_numpy_dtype(values.dtype)) for column, values in columns.items())
    return pa.schema([*_EVENT_KEYS, *kinds])


def _axis_fields(axes: Sequence[Axis]) -> list[tuple[str, pa.DataType]]:
    """Schema columns for axes, each with name and type; the scenario is a key column and left out."""
    own = [axis for axis in axes if axis.kind is not AxisKind.SCENARIO]
    kinds = [pa.int64() if axis.integral else pa.float64() if axis.numeric else pa.string() for axis in own]
    return [(axis.key, kind) for axis, kind in zip(own, kinds, strict=True)]


def spread(table: Table) -> Columns:
    """Splits a structured array into columns; an array field `stage_days` becomes `stage_1`, `stage_2`."""
    columns: Columns = {}
    for field in table.dtype.names or ():
        values = table[field]
        if values.ndim == 1:
            columns[field] = np.ascontiguousarray(values)
        else:
            name = field.removesuffix("_days")
            columns |= {f"{name}_{place + 1}": values[:, place].copy() for place in range(values.shape[1])}
    return columns


def write(table: pa.Table, path: Path) -> None:
    """Writes a Parquet file with checksums of its pages."""
    path.unlink(missing_ok=True)  # never written through a link
    with path.open("xb") as file:
        write_to(table, file)


def write_to(table: pa.Table, sink: Any) -> None:
    """Writes a Parquet file to any target that Arrow accepts, with checksums of its pages."""
    pq.write_table(table, sink, compression="zstd", write_page_checksum=True)


def tables(folder: Path) -> dict[str, Path]:
    """Folders with a study's tables, by table name."""
    inner = [place for name in (BREAKDOWN_TABLES, EVENT_TABLES) for place in sorted((folder / name).glob("*"))]
    found = {place.relative_to(folder).as_posix(): place for place in (folder / OUTCOME_TABLE, *inner)}
    return {name: place for name, place in found.items() if place.is_dir()}


def stem(path: Path, pattern: re.Pattern[str] = _PART) -> str:
    """Name of the part that a file belongs to, such as `p-000003`; empty if it belongs to none."""
    found = pattern.fullmatch(path.name)
    return found[1] if found else ""


def unfinished_name(tag: str, run: int) -> str:
    """Name for a temporary file of a worker, used by no other process."""
    return f".{tag}-{os.getpid()}{run:08d}.parquet.tmp"


def is_own(path: Path) -> bool:
    """True for a file that Comity wrote: a study's file, an unfinished file, or a damaged file set aside."""
    return any(pattern.fullmatch(path.name) for pattern in (_PART, UNFINISHED, _ASIDE))


def ledgers(folder: Path) -> list[Path]:
    """Files of a study's ledger, sorted by name."""
    return sorted(path for path in (folder / EXPERIMENTS).glob("*.parquet") if stem(path) == path.stem)


def parts(folder: Path) -> list[Part]:
    """Parts of a study on disk, by name."""
    there = ledgers(folder)  # first: its companions are there already
    found: dict[str, dict[str, list[Path]]] = {path.stem: {} for path in there}
    for name, place in tables(folder).items():
        for path in sorted(place.glob("*.parquet")):
            if stem(path) in found:
                found[stem(path)].setdefault(name, []).append(path)
    return [Part(path, found[path.stem]) for path in there]


def set_aside(path: Path) -> None:
    """Renames an unusable file to a hidden name in the same folder."""
    number, aside = 1, path.with_name(f".{path.name}.damaged")
    while os.path.lexists(aside):
        number += 1
        aside = path.with_name(f".{path.name}.{number}.damaged")
    path.rename(aside)
    flush(path.parent)


def inspected(
    folder: Path, about: Mapping[str, Any], changed: Collection[Path] = ()
) -> Iterator[tuple[Part, pa.Table | DamagedError]]:
    """Yields every part with its ledger rows, or with the error that makes the part unusable."""
    for part in parts(folder):
        try:
            for file in (part.ledger, *(file for files in part.files.values() for file in files)):
                if file in changed:
                    raise DamagedError(file, seal.CHANGED)
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
    """Reads columns of a study's file after a check of its checksum; columns in `words` become categories."""
    check(file)
    _check_sum(file)
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
    """Raises an error unless a path is a regular file."""
    try:
        check_plain(file)
    except FileNotFoundError:
        raise DamagedError(file, "it is missing") from None
    except InputError as error:
        raise DamagedError(file, error.problem) from None


def _check_sum(file: Path) -> None:
    """Raises an error if a file differs from its checksum in a finished study."""
    try:
        seal.check(file)
    except InputError as error:
        raise DamagedError(Path(error.where), error.problem) from None


def unreadable(file: Path, error: Exception) -> DamagedError:
    """Makes the error for a file that cannot be read."""
    words = str(error).strip().splitlines() or [type(error).__name__]
    return DamagedError(file, f"it cannot be read ({words[0].rstrip('.')})")


def _rows(part: Part, about: Mapping[str, Any]) -> pa.Table:
    """Ledger rows of a part, after a check that its files are readable and belong together.

    Breakdowns and events are large: only the ends of each group of rows are read.
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
    """Raises an error if the first or last run of a file's row group does not belong to the part."""
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


#: Columns of few words, which are read as codes.
_OF_WORDS = ("run", "scenario")


def columns_in_order(
    files: Sequence[Path], scenarios: Sequence[str], runs: Table | None, *, ids: bool
) -> dict[str, Any]:
    """Reads a table's columns, only of `runs` if given, sorted by point, seed and scenario; words become categories.

    They are put in order one by one, since millions of rows take much memory. A column that some files do not have, as
    another version wrote them, has NaN there.
    """
    if not files:
        return {}
    parts = [read(file, needed=KEYS, words=_OF_WORDS) for file in files]
    try:
        table = pa.concat_tables(parts, promote_options="permissive")
    except UNREADABLE as error:
        raise unreadable(files[0], error) from None
    del parts
    scenario = _words(table["scenario"], scenarios)
    rows = _rows_in_order(table["point"].to_numpy(), table["seed"].to_numpy(), scenario.codes, runs)
    found: dict[str, Any] = {}
    for name in [name for name in table.column_names if ids or name != "run"]:
        words = scenario if name == "scenario" else _words(table[name]) if name == "run" else None
        found[name] = (table[name].to_numpy() if words is None else words)[rows]
        table = table.drop_columns([name])  # its memory is free for the next
    return found


def _words(column: pa.ChunkedArray, known: Sequence[str] = ()) -> pd.Categorical[str]:
    """Converts a column of words to categories, known words first."""
    import pandas as pd

    places = {word: place for place, word in enumerate(known)}
    codes = [np.empty(0, np.int32)]
    for chunk in column.chunks:
        own = [places.setdefault(word, len(places)) for word in chunk.dictionary.to_pylist()]
        codes.append(np.array(own, np.int32)[chunk.indices.to_numpy()])
    return pd.Categorical.from_codes(np.concatenate(codes), pd.Index(list(places)))


def _rows_in_order(point: Integers, seed: Integers, scenario: Integers, runs: Table | None) -> Integers:
    """Indices that sort rows by point, seed and scenario, other runs left out; a run's rows must be adjacent."""
    if not len(point):
        return np.empty(0, np.int64)
    changes = (np.diff(point) != 0) | (np.diff(seed) != 0) | (np.diff(scenario) != 0)
    starts = np.concatenate([[0], np.flatnonzero(changes) + 1])
    lengths = np.diff(starts, append=len(point))
    point, seed, scenario = point[starts], seed[starts], scenario[starts]
    order = np.lexsort((scenario, seed, point))
    if runs is not None:
        known = set(zip(*(runs[name].tolist() for name in ("point", "seed", "scenario")), strict=True))
        keys = zip(point[order].tolist(), seed[order].tolist(), scenario[order].tolist(), strict=True)
        order = order[[key in known for key in keys]]
    starts, lengths = starts[order], lengths[order]
    before = np.cumsum(lengths) - lengths
    return np.repeat(starts - before, lengths) + np.arange(lengths.sum())
