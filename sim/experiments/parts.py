"""The parts of a study on disk, and what is wrong with one: the same for all who go on with it, report it or draw it.

A part is a file of the ledger, `experiments/STEM.parquet`, and files of other tables with the same stem.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from sim.experiments.axis import AxisKind
from sim.experiments.manifest import source_hash
from sim.experiments.tables import DONE, EXPERIMENTS, KEYS, OUTCOME_TABLE, STUDY_MARK
from sim.measures.outcomes import OUTCOMES

_STANDING = (*KEYS, "status", "message")


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


def tables(folder: Path) -> dict[str, Path]:
    """Folders of tables that are there, by name."""
    inner = [place for name in ("breakdowns", "events") for place in sorted((folder / name).glob("*"))]
    found = {place.relative_to(folder).as_posix(): place for place in (folder / OUTCOME_TABLE, *inner)}
    return {name: place for name, place in found.items() if place.is_dir()}


def stem(path: Path) -> str:
    """Name of the part that a file belongs to: `p-000003` for `p-000003.0001.parquet`."""
    return path.name.lstrip(".").partition(".")[0]


def parts(folder: Path) -> list[Part]:
    """All parts, by name; files whose part is not in the ledger yet, or no longer, belong to none."""
    ledgers = sorted((folder / EXPERIMENTS).glob("[!.]*.parquet"))  # first: its companions are there already
    found: dict[str, dict[str, list[Path]]] = {path.stem: {} for path in ledgers}
    for name, place in tables(folder).items():
        for path in sorted(place.glob("[!.]*.parquet")):
            if stem(path) in found:
                found[stem(path)].setdefault(name, []).append(path)
    return [Part(path, found[path.stem]) for path in ledgers]


def inspected(folder: Path, about: Mapping[str, Any]) -> Iterator[tuple[Part, pa.Table | DamagedError]]:
    """Every part with its rows in the ledger, or with what is wrong with it.

    Args:
        folder: of the study.
        about: the content of its study.yaml.
    """
    for part in parts(folder):
        try:
            yield part, _rows(part, about)
        except DamagedError as found:
            yield part, found


def read(file: Path, columns: Sequence[str] | None = None, needed: Sequence[str] = ()) -> pa.Table:
    """A file of a study, its checksums verified.

    Args:
        file: the file.
        columns: what is read; all by default.
        needed: columns that must be there.

    Raises:
        DamagedError: If it cannot be read, or has other columns.
    """
    try:
        with pq.ParquetFile(file, page_checksum_verification=True) as opened:
            there = opened.schema_arrow.names
            for name in (*(columns or ()), *needed):
                if name not in there:
                    raise DamagedError(file, f"it has other columns: {name} is missing")
            return opened.read(columns)
    except (OSError, pa.ArrowException) as error:
        raise DamagedError(file, f"it cannot be read ({str(error).splitlines()[0].rstrip('.')})") from None


def _rows(part: Part, about: Mapping[str, Any]) -> pa.Table:
    """Rows of the ledger, once it is known that all files of the part can be read and belong to one another.

    Of breakdowns and events, which are large, only the ends of each group of rows are looked at.
    """
    axes = [axis["key"] for axis in about["axes"] if axis["kind"] != AxisKind.SCENARIO]
    rows = read(part.ledger, _STANDING, axes)
    if (rows.schema.metadata or {}).get(STUDY_MARK, about["study"].encode()) != about["study"].encode():
        raise DamagedError(part.ledger, "it belongs to another study")
    runs = set(rows.filter(pc.equal(rows["status"], DONE))["run"].to_pylist())
    told = set()
    for file in part.files.get(OUTCOME_TABLE, ()):
        same_code = about["code"]["sources"] == source_hash()
        outcomes = read(file, needed=(*KEYS, *axes, *(outcome.key for outcome in OUTCOMES if same_code)))
        told |= set(outcomes["run"].to_pylist())
    if told != runs:
        problem = f"{len(runs)} runs in the ledger, {len(told)} in the outcomes, {len(told & runs)} of them the same"
        raise DamagedError(part.ledger, problem)
    for name in about["tables"] if runs else ():
        if name not in (EXPERIMENTS, OUTCOME_TABLE) and not any(there.startswith(name) for there in part.files):
            raise DamagedError(part.ledger, f"its file in {name} is missing")
    for name, files in part.files.items():
        for file in files if name != OUTCOME_TABLE else ():
            _check_ends(file, runs)
    return rows


def _check_ends(file: Path, runs: set[str]) -> None:
    """The first and the last run of every group of rows are runs of the part."""
    try:
        told = pq.read_metadata(file)
    except (OSError, pa.ArrowException) as error:
        raise DamagedError(file, f"it cannot be read ({str(error).splitlines()[0].rstrip('.')})") from None
    if "run" not in told.schema.names:
        raise DamagedError(file, "it has other columns: run is missing")
    column = told.schema.names.index("run")
    for number in range(told.num_row_groups):
        ends = told.row_group(number).column(column).statistics
        if ends is not None and ends.has_min_max and not {ends.min, ends.max} <= runs:
            raise DamagedError(file, "it holds runs that are not in the ledger: another study's, perhaps")
