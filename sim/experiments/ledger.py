"""The ledger of a study: what has been run, in parts that are whole or not there.

A part is written under a dot-name and renamed. Of one batch, events and breakdowns get their place first, then the
outcomes, then the row in `experiments/`: a run counts only when all of it is there.
"""

from __future__ import annotations

import shutil
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim.experiments.axis import AxisKind
from sim.experiments.parts import DamagedError, inspected, stem, tables
from sim.experiments.plan import Arm, Plan
from sim.experiments.tables import (
    DONE,
    EXPERIMENTS,
    FAILED,
    OUTCOME_TABLE,
    experiment_schema,
    outcome_schema,
    take_over,
    write_part,
)
from sim.experiments.worker import Identities, Lost, Made
from sim.measures.outcomes import OUTCOMES

PENDING = ".pending"


@dataclass
class Standing:
    """What has become of every run of a plan.

    Attributes:
        done: by number of the run.
        failed: likewise.
        damaged: parts that could not be read and were set aside.
    """

    done: npt.NDArray[np.bool_]
    failed: npt.NDArray[np.bool_]
    damaged: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Ledger:
    """Reads and writes the parts of a study.

    Attributes:
        folder: of the study.
        plan: what it runs.
        identities: tells the id of a run.
        about: the content of study.yaml.
        code: hash of the code that runs are made with.
        tag: of this process's parts: one shard never touches what another is writing.
    """

    folder: Path
    plan: Plan
    identities: Identities
    about: Mapping[str, Any]
    code: str
    tag: str = "p"

    @property
    def pending(self) -> Path:
        """Where workers leave tables until they are taken over."""
        return self.folder / PENDING / self.tag

    def clean(self) -> None:
        """Removes what a killed process of the same tag left unfinished; all of it where there are no shards."""
        shutil.rmtree(self.folder / PENDING if self.tag == "p" else self.pending, ignore_errors=True)
        known = {path.name for path in (self.folder / EXPERIMENTS).glob("[!.]*.parquet")}
        for path in (path for table in self._tables() for path in table.iterdir() if path.is_file()):
            mine = self.tag == "p" or path.name.lstrip(".").startswith(f"{self.tag}-")
            unfinished = path.name.startswith(".") or f"{stem(path)}.parquet" not in known
            if mine and unfinished and not path.name.endswith(".damaged"):
                path.unlink(missing_ok=True)

    def tidy(self) -> None:
        """Removes the folder of pending files once nobody writes there."""
        shutil.rmtree(self.pending, ignore_errors=True)
        with suppress(OSError):  # another shard is at work
            self.pending.parent.rmdir()

    def read(self) -> Standing:
        """What has been run; parts that are damaged are set aside, so that their runs are missing again."""
        standing = Standing(np.zeros(len(self.plan), bool), np.zeros(len(self.plan), bool))
        for part, found in inspected(self.folder, self.about):
            if isinstance(found, DamagedError):
                for path in (part.ledger, *(path for files in part.files.values() for path in files)):
                    path.replace(path.with_name(f".{path.name}.damaged"))
                standing.damaged.append(str(found))
            else:
                self._enter(found, standing)
        return standing

    def forget_failures(self) -> int:
        """Takes failed runs out of the ledger, so that they are missing; returns how many.

        A shard takes out those of its own parts: no two processes write the same file.
        """
        forgotten = 0
        pattern = "[!.]*.parquet" if self.tag == "p" else f"{self.tag}-*.parquet"
        for part in sorted((self.folder / EXPERIMENTS).glob(pattern)):
            try:
                table = pq.read_table(part)
            except (OSError, pa.ArrowException):
                continue  # it will be set aside when the ledger is read
            kept = table.filter(pc.equal(table["status"], DONE))
            if kept.num_rows < table.num_rows:
                forgotten += table.num_rows - kept.num_rows
                write_part(kept.to_pydict(), table.schema, part)
        return forgotten

    def writer(self) -> Writer:
        """What this process adds to the ledger."""
        return Writer(self, _next_number(self.folder, self.tag))

    def _enter(self, rows: pa.Table, standing: Standing) -> None:
        """Marks the runs of one part."""
        for scenario in rows["scenario"].unique().to_pylist():
            place = self._place(scenario)
            chosen = rows.filter(pc.equal(rows["scenario"], scenario))
            columns = zip(*(chosen[name].to_pylist() for name in ("point", "seed", "status")), strict=True)
            for point, seed, status in columns:
                number = self.plan.number(point, place, seed)
                if number >= 0:
                    (standing.done if status == DONE else standing.failed)[number] = True

    def _place(self, scenario: str) -> int:
        """Place of a scenario among the crossed ones; 0 where an axis names scenarios."""
        crossed = self.plan.ground.crossed
        if crossed == ("",):
            return 0
        return crossed.index(scenario) if scenario in crossed else -1

    def _tables(self) -> list[Path]:
        """Folders of every table that is there."""
        ledger = self.folder / EXPERIMENTS
        return [*([ledger] if ledger.is_dir() else []), *tables(self.folder).values()]


@dataclass
class Writer:
    """Collects results and writes them as parts.

    Attributes:
        ledger: where they go.
        number: of the next part.
    """

    ledger: Ledger
    number: int
    _made: list[tuple[dict[int, tuple[int, Arm]], Made]] = field(default_factory=list)
    _broken: bool = False

    def add(self, arms: dict[int, tuple[int, Arm]], made: Made) -> None:
        """Takes over what came of a batch.

        Args:
            arms: seed and arm of each of its runs, by number.
            made: what came of them.
        """
        self._made.append((arms, made))

    @property
    def waiting(self) -> int:
        """Runs that are not written yet."""
        return sum(len(arms) for arms, _ in self._made)

    def flush(self) -> None:
        """Writes all that waits: tables first, then outcomes, then the ledger's rows.

        A part that could not be finished is not taken up again: its files are removed when the study is gone on with.
        """
        if not self._made or self._broken:
            return
        self._broken = True
        name = f"{self.ledger.tag}-{self.number:06d}"
        for table, files in self._pending().items():
            take_over(files, self.ledger.folder / table, name, together=not table.startswith("events/"))
        axes = self.ledger.plan.ground.axes
        columns = self._outcomes()
        if columns["run"]:
            write_part(columns, outcome_schema(axes), self.ledger.folder / OUTCOME_TABLE / f"{name}.parquet")
        rows = self._experiments()
        schema = experiment_schema(axes, self.ledger.about["study"])
        write_part(rows, schema, self.ledger.folder / EXPERIMENTS / f"{name}.parquet")
        self._made.clear()
        self.number += 1
        self._broken = False

    def _pending(self) -> dict[str, list[Path]]:
        """Files that workers have written, by the name of their table."""
        found: dict[str, list[Path]] = {}
        for _, made in self._made:
            for table, file in made.pending:
                found.setdefault(table, []).append(file)
        return found

    def _outcomes(self) -> dict[str, Any]:
        """Rows of runs that succeeded."""
        found = [arms[int(number)] for arms, made in self._made for number in made.numbers]
        values = np.concatenate([made.outcomes for _, made in self._made])
        return self._keys(found) | {outcome.key: values[:, place] for place, outcome in enumerate(OUTCOMES)}

    def _experiments(self) -> dict[str, Any]:
        """One row a run."""
        done = [(arms[int(number)], None) for arms, made in self._made for number in made.numbers]
        lost = [(arms[entry.number], entry) for arms, made in self._made for entry in made.lost]
        entries: Sequence[tuple[tuple[int, Arm], Lost | None]] = [*done, *lost]
        failures = [entry.failure if entry else None for _, entry in entries]
        return self._keys([arm for arm, _ in entries]) | {
            "status": [FAILED if failure else DONE for failure in failures],
            "stage": [str(failure.stage) if failure else "" for failure in failures],
            "message": [failure.message if failure else "" for failure in failures],
            "traceback": [failure.details if failure else "" for failure in failures],
            "code": [self.ledger.code] * len(entries),
        }

    def _keys(self, arms: Sequence[tuple[int, Arm]]) -> dict[str, list[Any]]:
        """Key columns and axes of runs."""
        ground = self.ledger.plan.ground
        keys = [self.ledger.identities.keys(ground, seed, arm) for seed, arm in arms]
        columns: dict[str, list[Any]] = {
            name: [entry[name] for entry in keys] for name in ("run", "point", "scenario", "seed")
        }
        for place, axis in enumerate(ground.axes):
            if axis.kind is not AxisKind.SCENARIO:
                columns[axis.key] = [arm.levels[place].label for _, arm in arms]
        return columns


def _next_number(folder: Path, tag: str) -> int:
    """Number of the first part that is not there yet."""
    names = [path.stem for path in (folder / EXPERIMENTS).glob(f"*{tag}-*") if path.stem.rpartition("-")[2].isdigit()]
    return 1 + max((int(name.rpartition("-")[2]) for name in names), default=0)
