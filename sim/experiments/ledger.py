"""The ledger of a study: records finished runs in parts, each either complete or absent.

A part is written under a dot-name and renamed. Events and breakdowns of a part are moved to their place first, then
the outcomes, then the rows in `experiments/`: a run counts only when all of it is there. Each is on the disk before the
next, so that this holds after a power loss as well.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from time import monotonic
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim.experiments import parts
from sim.experiments.axis import AxisKind
from sim.experiments.durable import durable_replace, flush, lasting_folder
from sim.experiments.parts import BREAKDOWN_TABLES, DONE, EVENT_TABLES, EXPERIMENTS, FAILED, DamagedError
from sim.experiments.plan import Mask, Plan, Run
from sim.experiments.sets import SET_COLUMN
from sim.experiments.store import beside
from sim.experiments.worker import BatchResult
from sim.measures.arrays import Columns
from sim.measures.outcomes import OUTCOMES

#: Results are written after this many seconds, or this share of the time so far, or this many runs, with breakdowns
#: fewer. A kill costs no more than that, and a study of days has hundreds of parts, not tens of thousands.
FLUSH_SECONDS, FLUSH_SHARE, FLUSH_RUNS, FLUSH_BREAKDOWNS = 2.0, 0.01, 2_000, 400
#: Writing takes at most this share of the time.
WRITING_SHARE = 0.02


@dataclass
class Ledger:
    """Reads finished runs from the part files of a study, and writes new results as parts.

    It writes often enough that a kill costs little, and rarely enough to be quick.
    """

    folder: Path  # of the store
    plan: Plan
    identities: str  # hash of all that runs depend on but for their point, scenario and seed
    about: Mapping[str, Any]
    code: str  # hash of the code that runs are made with
    tag: str = "p"  # of this process's parts: one shard never touches what another is writing
    _results: list[BatchResult] = field(default_factory=list)
    _number: int = 1
    _begun: float = 0.0
    _written: float = 0.0
    _lasted: float = 0.0
    _broken: bool = False

    def clean(self) -> None:
        """Removes unfinished files that a killed process with the same tag left behind."""
        known = {path.stem for path in parts.ledgers(self.folder)}
        for folder in (self.folder / EXPERIMENTS, *parts.tables(self.folder).values()):
            gone = False
            for path in folder.iterdir() if folder.is_dir() else ():
                whole = parts.stem(path)
                name = parts.stem(path, parts.UNFINISHED) or whole
                if not name or not self._is_mine(name.rpartition("-")[0]) or (whole and whole in known):
                    continue
                if path.is_symlink() or path.is_file():
                    path.unlink(missing_ok=True)
                    gone = True
                else:
                    parts.set_aside(path)
            if gone:
                flush(folder)  # what came back after a power loss would pass for a file of a later part of that name

    def _is_mine(self, tag: str) -> bool:
        """True if a part with this tag belongs to this process."""
        return self.tag in ("p", tag)

    def read(self, changed: Collection[Path] = ()) -> tuple[Mask, Mask, list[str]]:
        """Returns two masks over runs (finished, failed), and a text on each damaged part.

        Damaged parts, and those of changed files, are set aside, so that their runs are missing again.
        """
        done, failed = np.zeros((2, len(self.plan)), bool)
        rows, damaged = [], []
        for part, found in parts.inspected(self.folder, self.about, changed):
            if isinstance(found, DamagedError):
                for path in (part.ledger, *(path for files in part.files.values() for path in files)):
                    parts.set_aside(path)
                damaged.append(str(found))
            else:
                rows.append(found)
        if rows:
            runs, keys = self.plan.runs, np.array([scenario.key for scenario in self.plan.base.scenarios])
            known = {"point": runs["point"].astype(np.int64), "scenario": keys[runs["scenario"]]}
            known |= {"seed": np.ascontiguousarray(runs["seed"]), "number": np.arange(len(runs))}
            there = pa.concat_tables(rows).join(pa.table(known), ["point", "scenario", "seed"], join_type="inner")
            status = there["status"].to_numpy()
            numbers = there["number"].to_numpy()
            done[numbers[status == DONE]] = True
            failed[numbers[status == FAILED]] = True
            failed &= ~done
        return done, failed, damaged

    def is_whole(self) -> bool:
        """True if the study's ledger files contain every run of the plan."""
        rows: int = sum(pq.read_metadata(path).num_rows for path in parts.ledgers(self.folder))
        return rows >= len(self.plan)

    def forget_failures(self) -> int:
        """Removes failed runs from the ledger, so that they run again; returns the number of removed runs.

        A shard takes out those of its own parts: no two processes write the same file.
        """
        forgotten = 0
        for part in parts.ledgers(self.folder):
            if not self._is_mine(part.stem.rpartition("-")[0]):
                continue
            try:
                table = parts.read(part, needed=("status",))
            except DamagedError:
                continue  # it will be set aside when the ledger is read
            kept = table.filter(pc.equal(table["status"], DONE))
            if kept.num_rows < table.num_rows:
                forgotten += table.num_rows - kept.num_rows
                with beside(part) as writing:
                    parts.write(kept, writing)
        return forgotten

    def __enter__(self) -> Ledger:
        """Begins a block in which results are collected, to be written in parts."""
        above = (self.folder / name for name in (".", EXPERIMENTS, BREAKDOWN_TABLES, EVENT_TABLES))
        for folder in (*above, *parts.tables(self.folder).values()):
            if folder.is_dir():
                flush(folder)  # who renamed the last files there may have been killed before their names lasted
        stems = [path.stem for path in (self.folder / EXPERIMENTS).glob(f"*{self.tag}-*")]
        numbers = [int(number) for stem in stems if (number := stem.rpartition("-")[2]).isdigit()]
        self._number, self._begun = 1 + max(numbers, default=0), monotonic()
        self._written = self._begun
        return self

    def __exit__(self, *_error: object) -> None:
        self.flush()

    def add(self, result: BatchResult) -> None:
        """Collects results of some runs, and from time to time writes all collected results."""
        self._results.append(result)
        now, waiting = monotonic(), sum(map(len, self._results))
        longest = max(FLUSH_SECONDS, FLUSH_SHARE * (self._written - self._begun), self._lasted / WRITING_SHARE)
        most = FLUSH_BREAKDOWNS if self.plan.base.breakdowns else FLUSH_RUNS
        if now - self._written > longest or waiting >= most:
            self.flush()

    def flush(self) -> None:
        """Writes all collected results to disk."""
        begun = monotonic()
        self._write()
        self._written = monotonic()
        self._lasted = self._written - begun

    def _write(self) -> None:
        """Writes a part: tables first, then outcomes, then the ledger's rows.

        A part that could not be finished is not written again: its files are removed when the study is resumed.
        """
        if not self._results or self._broken:
            return
        self._broken = True
        base, name = self.plan.base, f"{self.tag}-{self._number:06d}"
        for number, result in enumerate(self._results):
            for file in result.events:
                for folder in (file.parent.parent, file.parent):
                    lasting_folder(folder)
                durable_replace(file, file.with_name(f"{name}.{number:04d}.parquet"))
        done = [one for result in self._results for one in result.done]
        failed = [one for result in self._results for one in result.failed]
        if done:
            keys, measured = self._keys([run for run, _ in done]), [found for _, found in done]
            for table in base.breakdowns:
                rows = _joined(keys, [one.breakdowns[table] for one in measured])
                self._place(rows, f"{BREAKDOWN_TABLES}/{table}", name)
            keys[SET_COLUMN] = [base.sets and base.sets.number(run.seed) for run, _ in done]
            keys |= {outcome.key: [one.outcomes[outcome.key] for one in measured] for outcome in OUTCOMES}
            self._place(pa.table(keys, parts.outcome_schema(base.axes)), parts.OUTCOME_TABLE, name)
        failures = [*(None for _ in done), *(failure for _, failure in failed)]
        columns = self._keys([run for run, _ in (*done, *failed)]) | {
            "status": [FAILED if failure else DONE for failure in failures],
            "stage": [str(failure.stage) if failure else "" for failure in failures],
            "message": [failure.message if failure else "" for failure in failures],
            "traceback": [failure.details if failure else "" for failure in failures],
            "code": [self.code] * len(failures),
        }
        self._place(pa.table(columns, parts.experiment_schema(base.axes, self.about["study"])), EXPERIMENTS, name)
        self._results.clear()
        self._number, self._broken = self._number + 1, False

    def _keys(self, runs: Sequence[Run]) -> dict[str, Any]:
        """Columns that identify the rows of some runs: key columns and axes."""
        base = self.plan.base
        keys = [base.keys(run, self.identities) for run in runs]
        columns: dict[str, Any] = {name: [entry[name] for entry in keys] for name in parts.KEYS}
        for place, axis in enumerate(base.axes):
            if axis.kind is not AxisKind.SCENARIO:
                columns[axis.key] = [run.levels[place].label for run in runs]
        return columns

    def _place(self, table: pa.Table, folder: str, name: str) -> None:
        """Writes a table to a Parquet file durably: under a temporary name first, then renamed."""
        with beside(self.folder / folder / f"{name}.parquet") as writing:
            parts.write(table, writing)


def _joined(keys: Mapping[str, Any], columns: Sequence[Columns]) -> pa.Table:
    """Joins one breakdown of several runs to a table; each row begins with the keys of its run."""
    rows = pa.array(np.repeat(np.arange(len(columns)), [len(next(iter(one.values()))) for one in columns]))
    front = {name: pa.array(keys[name], kind).take(rows) for name, kind in parts.KEY_KINDS}
    return pa.table(front | {name: pa.array(np.concatenate([one[name] for one in columns])) for name in columns[0]})
