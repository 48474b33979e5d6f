"""The ledger of a study: which runs are done, in parts that are whole or not there.

A part is written under a dot-name and renamed. Of one part, events and breakdowns are moved to their place first, then
the outcomes, then the rows in `experiments/`: a run counts only when all of it is there.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim.experiments.axis import AxisKind
from sim.experiments.parts import (
    ARM,
    DONE,
    EVENT_TABLES,
    EXPERIMENTS,
    FAILED,
    KEY_KINDS,
    KEYS,
    OUTCOME_TABLE,
    PENDING,
    DamagedError,
    experiment_schema,
    inspected,
    ledgers,
    outcome_schema,
    read,
    set_aside,
    stem,
    tables,
    unfinished,
    write,
)
from sim.experiments.plan import Mask, Plan, Run
from sim.experiments.store import beside, check_folders
from sim.experiments.worker import BatchResult
from sim.measures.outcomes import OUTCOMES

#: Results are written after this many seconds, or this share of the time so far, or this many runs. A kill costs no
#: more than that, and a study of days has hundreds of parts, not tens of thousands.
FLUSH_SECONDS, FLUSH_SHARE, FLUSH_RUNS = 2.0, 0.01, 2_000
#: Writing takes at most this share of the time.
WRITING_SHARE = 0.02
#: Folders in which workers leave tables, and the names of these: table, process, run.
_TAG, _OF_WORKERS = re.compile(r"p|s\d+of\d+"), re.compile(r"\w+-\d+-\d+\.(npy|parquet)")


@dataclass(frozen=True)
class Ledger:
    """Reads and writes the parts of a study.

    Attributes:
        folder: of the store.
        identities: hash of all that runs depend on but for their point, scenario and seed.
        code: hash of the code that runs are made with.
        tag: of this process's parts: one shard never touches what another is writing.
    """

    folder: Path
    plan: Plan
    identities: str
    about: Mapping[str, Any]
    code: str
    tag: str = "p"

    @property
    def pending(self) -> Path:
        """Where workers leave tables until they are taken over."""
        return self.folder / PENDING / self.tag

    def clean(self) -> None:
        """Removes what a killed process of the same tag left unfinished; all of it where there are no shards."""
        self._forget_pending()
        known = {path.stem for path in ledgers(self.folder)}
        for folder in (self.folder / EXPERIMENTS, *tables(self.folder).values()):
            for path in folder.iterdir() if folder.is_dir() else ():
                name = unfinished(path) or stem(path)
                if not name or not self._is_mine(name.rpartition("-")[0]) or (name in known and not unfinished(path)):
                    continue
                if path.is_symlink() or path.is_file():
                    path.unlink(missing_ok=True)
                else:
                    set_aside(path)

    def _is_mine(self, tag: str) -> bool:
        """Whether parts of a tag are this process's to look after."""
        return self.tag in ("p", tag)

    def _forget_pending(self) -> None:
        """Removes what workers of the same tag left; other files stay."""
        above = self.folder / PENDING
        check_folders(above)
        for folder in above.iterdir() if above.is_dir() else ():
            if not (_TAG.fullmatch(folder.name) and self._is_mine(folder.name)):
                continue
            check_folders(folder)
            for path in folder.iterdir():
                if _OF_WORKERS.fullmatch(path.name) and (path.is_symlink() or not path.is_dir()):
                    path.unlink(missing_ok=True)
            with suppress(OSError):  # somebody else's file lies there
                folder.rmdir()

    def tidy(self) -> None:
        """Removes the folder of pending files once nobody writes there."""
        self._forget_pending()
        with suppress(OSError):  # another shard is running
            self.pending.parent.rmdir()

    def read(self) -> tuple[Mask, Mask, list[str]]:
        """For each run whether it is done, and whether it has failed; and what is wrong with each damaged part.

        Damaged parts are set aside, so that their runs are missing again.
        """
        done, failed = np.zeros((2, len(self.plan)), bool)
        rows, damaged = [], []
        for part, found in inspected(self.folder, self.about):
            if isinstance(found, DamagedError):
                for path in (part.ledger, *(path for files in part.files.values() for path in files)):
                    set_aside(path)
                damaged.append(str(found))
            else:
                rows.append(found)
        if rows:
            there = pa.concat_tables(rows).join(self._runs(), ["point", "scenario", "seed"], join_type="inner")
            status = there["status"].to_numpy()
            numbers = there["number"].to_numpy()
            done[numbers[status == DONE]] = True
            failed[numbers[status == FAILED]] = True
            failed &= ~done
        return done, failed, damaged

    def _runs(self) -> pa.Table:
        """The table of runs with the columns by which the ledger identifies them, and the number of each run."""
        runs, keys = self.plan.runs, [scenario.key for scenario in self.plan.base.scenarios]
        scenario = pa.DictionaryArray.from_arrays(pa.array(runs["scenario"].astype(np.int32)), pa.array(keys))
        return pa.table(
            {
                "point": runs["point"].astype(np.int64),
                "scenario": scenario.cast(pa.string()),
                "seed": np.ascontiguousarray(runs["seed"]),
                "number": np.arange(len(runs)),
            }
        )

    def forget_failures(self) -> int:
        """Takes failed runs out of the ledger, so that they are missing; returns how many.

        A shard takes out those of its own parts: no two processes write the same file.
        """
        forgotten = 0
        for part in ledgers(self.folder):
            if not self._is_mine(part.stem.rpartition("-")[0]):
                continue
            try:
                table = read(part, needed=("status",))
            except DamagedError:
                continue  # it will be set aside when the ledger is read
            kept = table.filter(pc.equal(table["status"], DONE))
            if kept.num_rows < table.num_rows:
                forgotten += table.num_rows - kept.num_rows
                write_part(kept.to_pydict(), table.schema, part)
        return forgotten

    def writer(self) -> Writer:
        """What this process adds to the ledger."""
        stems = [path.stem for path in (self.folder / EXPERIMENTS).glob(f"*{self.tag}-*")]
        numbers = [int(number) for stem in stems if (number := stem.rpartition("-")[2]).isdigit()]
        return Writer(self, 1 + max(numbers, default=0))


@dataclass
class Writer:
    """Collects results and writes them as parts, so often that a kill costs little, and so rarely that it is quick."""

    ledger: Ledger
    number: int
    begun: float = field(default_factory=monotonic)
    written: float = field(default_factory=monotonic)
    lasted: float = 0.0
    _results: list[BatchResult] = field(default_factory=list)
    _broken: bool = False

    def __enter__(self) -> Writer:
        return self

    def __exit__(self, *_error: object) -> None:
        self.flush()

    def add(self, result: BatchResult) -> None:
        """Collects what came of a batch, and writes all that waits when it is time."""
        self._results.append(result)
        now, waiting = monotonic(), sum(map(len, self._results))
        longest = max(FLUSH_SECONDS, FLUSH_SHARE * (self.written - self.begun), self.lasted / WRITING_SHARE)
        if now - self.written > longest or waiting >= FLUSH_RUNS:
            self.flush()

    def flush(self) -> None:
        """Writes all that waits."""
        begun = monotonic()
        self._write()
        self.written = monotonic()
        self.lasted = self.written - begun

    def _write(self) -> None:
        """Writes a part: tables first, then outcomes, then the ledger's rows.

        A part that could not be finished is not written again: its files are removed when the study is resumed.
        """
        if not self._results or self._broken:
            return
        self._broken = True
        name = f"{self.ledger.tag}-{self.number:06d}"
        pending: dict[str, list[tuple[Path, Mapping[str, list[Any]]]]] = {}
        for result in self._results:
            keys = self._keys(result.done)
            for table, file in result.pending:
                pending.setdefault(table, []).append((file, keys))
        for table, files in pending.items():
            if table.startswith(EVENT_TABLES):
                place = self.ledger.folder / table
                place.mkdir(parents=True, exist_ok=True)
                for count, (file, _) in enumerate(files):
                    file.replace(place / f"{name}.{count:04d}.parquet")
            else:
                join_breakdowns(files, self.ledger.folder / table, name)
        axes = self.ledger.plan.base.axes
        done = [run for result in self._results for run in result.done]
        failed = [entry for result in self._results for entry in result.failed]
        if done:
            values = np.concatenate([result.outcomes for result in self._results])
            columns = {outcome.key: values[:, place] for place, outcome in enumerate(OUTCOMES)}
            place = self.ledger.folder / OUTCOME_TABLE / f"{name}.parquet"
            write_part(self._keys(done) | columns, outcome_schema(axes), place)
        failures = [*(None for _ in done), *(entry.failure for entry in failed)]
        rows = self._keys([*done, *(entry.run for entry in failed)]) | {
            "status": [FAILED if failure else DONE for failure in failures],
            "stage": [str(failure.stage) if failure else "" for failure in failures],
            "message": [failure.message if failure else "" for failure in failures],
            "traceback": [failure.details if failure else "" for failure in failures],
            "code": [self.ledger.code] * len(failures),
        }
        schema = experiment_schema(axes, self.ledger.about["study"])
        write_part(rows, schema, self.ledger.folder / EXPERIMENTS / f"{name}.parquet")
        self._results.clear()
        self.number += 1
        self._broken = False

    def _keys(self, runs: Sequence[Run]) -> dict[str, list[Any]]:
        """Key columns and axes of runs."""
        base = self.ledger.plan.base
        keys = [base.keys(run, self.ledger.identities) for run in runs]
        columns: dict[str, list[Any]] = {name: [entry[name] for entry in keys] for name in KEYS}
        for place, axis in enumerate(base.axes):
            if axis.kind is not AxisKind.SCENARIO:
                columns[axis.key] = [run.levels[place].label for run in runs]
        return columns


def write_part(columns: Mapping[str, Any], schema: pa.Schema, place: Path) -> None:
    """Writes a file beside its place, makes sure that it is on disk, and renames it."""
    arrays = [pa.array(columns[field.name], type=field.type) for field in schema]
    with beside(place) as writing:
        write(pa.Table.from_arrays(arrays, schema=schema), writing)


def join_breakdowns(files: Sequence[tuple[Path, Mapping[str, Sequence[Any]]]], folder: Path, stem: str) -> None:
    """Joins arrays of a breakdown that workers have written to a file of the store, with a row group for each.

    A long study thus has few files. Arrays are read and written one at a time.
    """
    with beside(folder / f"{stem}.parquet") as writing, writing.open("xb") as file:
        with ExitStack() as opened:
            writer = None
            for source, keys in files:
                rows = np.load(source, allow_pickle=False)
                front = {name: pa.array(keys[name], kind).take(pa.array(rows[ARM])) for name, kind in KEY_KINDS}
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
