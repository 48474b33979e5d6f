"""Replicates as they finish, kept on disk until the experiment is whole, so an interrupted one can go on.

Each replicate is a folder written under a dot-name and then renamed: a folder that can be seen is whole. The
folder that holds them bears a hash of all that they depend on, so another configuration never finds it.
"""

import json
import os
import shutil
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any
from zipfile import BadZipFile

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from sim.experiments.design import Task
from sim.experiments.failures import DISK_FULL, Failure, FailureStage
from sim.experiments.runner import Arm, Replicate, run_replicate
from sim.measures.arrays import Columns, Integers, Table
from sim.measures.outcomes import BREAKDOWNS, OUTCOMES
from sim.world.records import GROWING

if TYPE_CHECKING:
    import pandas as pd  # a second that a worker, which only writes, can do without

_KEYS = (("block", pa.string()), ("scenario", pa.string()), ("seed", pa.int64()))
_FAILED = ".failed"
_ABOUT, _MEASURED, _EVENTS = "about.json", "measured.npz", "events"
_ARM, _OUTCOMES = "arm", "outcomes"


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

    outcomes: "pd.DataFrame"
    breakdowns: "dict[str, pd.DataFrame]"
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
        """Whether the task has been run and kept, without any failure, and can be read."""
        try:
            return (self.folder / task.key).is_dir() and bool(_Part.read(self.folder / task.key))
        except (OSError, ValueError, LookupError, TypeError, BadZipFile):
            return False  # it is run again

    def keep(self, task: Task, replicate: Replicate) -> None:
        """Writes a replicate beside its place and renames it."""
        writing = self.folder / f".{task.key}-{os.getpid()}"
        shutil.rmtree(writing, ignore_errors=True)
        writing.mkdir(parents=True)
        _write(writing, replicate)
        for key in (task.key, *(part.key for part in task.apart())):
            for end in ("", _FAILED):
                shutil.rmtree(self.folder / (key + end), ignore_errors=True)
        writing.replace(self.folder / (task.key + (_FAILED if replicate.failures else "")))

    def load(self, tasks: Sequence[Task]) -> Results:
        """The kept replicates of the given tasks, in their order."""
        parts = [_Part.read(place) for place in self._places(tasks)]
        frames = {name: _joined(parts, name) for name in (_OUTCOMES, *BREAKDOWNS)}
        outcomes = frames.pop(_OUTCOMES).astype({"block": "str", "scenario": "str"})
        failures = tuple(_failure(entry) for part in parts for entry in part.about["failures"])
        return Results(outcomes, frames, failures)

    def is_empty(self, tasks: Sequence[Task]) -> bool:
        """Whether no arm of any of the tasks is kept."""
        return not any(_about(place)["scenarios"] for place in self._places(tasks))

    def _places(self, tasks: Sequence[Task]) -> Iterator[Path]:
        """Where replicates of the tasks are kept, in their order; scenario by scenario those that were taken apart."""
        for task in tasks:
            whole = [self.folder / (task.key + end) for end in ("", _FAILED)]
            parts = [self.folder / (part.key + end) for part in task.apart() for end in ("", _FAILED)]
            yield from [place for place in whole if place.is_dir()] or [place for place in parts if place.is_dir()]

    def move_events(self, tasks: Sequence[Task], target: Path) -> None:
        """Moves kept event tables of the tasks to `target`/<table>/<task>.parquet."""
        for kept in self._places(tasks):
            for part in sorted(kept.glob(f"{_EVENTS}/*.parquet")):
                place = target / part.stem / f"{kept.name.removesuffix(_FAILED)}.parquet"
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
    about = {
        "block": replicate.block,
        "seed": replicate.seed,
        "scenarios": [arm.scenario for arm in replicate.arms],
        "failures": [entry.plain() for entry in replicate.failures],
    }
    (folder / _ABOUT).write_text(json.dumps(about), "utf-8")
    if replicate.arms:
        breakdowns = {name: _packed([arm.measured.breakdowns[name] for arm in replicate.arms]) for name in BREAKDOWNS}
        outcomes = _packed([_one_row(arm.measured.outcomes) for arm in replicate.arms])
        np.savez(folder / _MEASURED, allow_pickle=False, **{_OUTCOMES: outcomes, **breakdowns})
    _write_events(folder / _EVENTS, replicate)


def _one_row(outcomes: Mapping[str, float]) -> Columns:
    return {outcome.key: np.array([outcomes[outcome.key]], dtype=np.float64) for outcome in OUTCOMES}


def _packed(arms: Sequence[Columns]) -> Table:
    """Columns of all arms as records, each with the number of its arm in front."""
    sizes = [next(iter(columns.values())).size for columns in arms]
    records = np.empty(sum(sizes), [(_ARM, np.int16), *((name, column.dtype) for name, column in arms[0].items())])
    records[_ARM] = np.repeat(np.arange(len(arms)), sizes)
    for name in arms[0]:
        records[name] = np.concatenate([columns[name] for columns in arms])
    return records


def _write_events(folder: Path, replicate: Replicate) -> None:
    """Event tables of all arms, one file a table."""
    for name in replicate.arms[0].events if replicate.arms else ():
        folder.mkdir(exist_ok=True)
        schema = event_schema(name)
        with pq.ParquetWriter(folder / f"{name}.parquet", schema, compression="zstd") as writer:
            for arm in replicate.arms:
                writer.write_table(_tagged(spread(arm.events[name]), replicate, arm).cast(schema))


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


def _about(folder: Path) -> dict[str, Any]:
    """What a kept replicate is, without its tables."""
    about: dict[str, Any] = json.loads((folder / _ABOUT).read_text("utf-8"))
    return about


@dataclass(frozen=True)
class _Part:
    """What is kept of one replicate."""

    about: Mapping[str, Any]
    tables: Mapping[str, Table]

    @classmethod
    def read(cls, folder: Path) -> "_Part":
        """Loads a folder that `_write` has written."""
        about = _about(folder)
        if not about["scenarios"]:
            return cls(about, {})
        with (folder / _MEASURED).open("rb") as file, np.load(file, allow_pickle=False) as kept:
            return cls(about, dict(kept))


def _joined(parts: Sequence[_Part], name: str) -> "pd.DataFrame":
    """One table of all replicates, with columns block, scenario and seed in front; few words as categories.

    Columns are put together one by one and never copied: millions of rows are slow to find room for.
    """
    import pandas as pd

    parts = [part for part in parts if part.tables]
    if not parts:
        return pd.DataFrame(columns=[key for key, _ in _KEYS])
    tables = [part.tables[name] for part in parts]
    sizes = [table.size for table in tables]
    blocks = _words([[part.about["block"]] for part in parts], [np.zeros(size, dtype=np.int8) for size in sizes])
    scenarios = _words([part.about["scenarios"] for part in parts], [table[_ARM] for table in tables])
    keys = {"block": blocks, "scenario": scenarios, "seed": np.repeat([part.about["seed"] for part in parts], sizes)}
    fields = [field for field in tables[0].dtype.names or () if field != _ARM]
    columns = {field: np.concatenate([table[field] for table in tables]) for field in fields}
    return pd.DataFrame(keys | columns, copy=False)


def _words(told: Sequence[Sequence[str]], places: Sequence[Integers]) -> "pd.Categorical[str]":
    """A column of words.

    Args:
        told: the words of each replicate.
        places: of each replicate's rows, the place of their word among its words.
    """
    import pandas as pd

    known = list(dict.fromkeys(word for words in told for word in words))
    codes = [np.array([known.index(word) for word in words], dtype=np.int16) for words in told]
    rows = np.concatenate([code[place] for code, place in zip(codes, places, strict=True)])
    column: pd.Categorical[str] = pd.Categorical.from_codes(rows, pd.Index(known))
    return column


def _failure(entry: Mapping[str, Any]) -> Failure:
    return Failure(**{**entry, "stage": FailureStage(entry["stage"])})
