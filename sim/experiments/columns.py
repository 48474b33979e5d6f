"""Reads a table of a study from all of its parts, column by column."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa
import pyarrow.parquet as pq

from sim.experiments.parts import KEYS, UNREADABLE, DamagedError, check, unreadable

#: Bytes of a file up to which it is read at once: column by column, a table of 150 columns takes ten times as long.
SMALL = 2**24


def columns_in_order(
    files: Sequence[Path], scenarios: Sequence[str], runs: npt.NDArray[np.void] | None = None, *, ids: bool = True
) -> dict[str, npt.NDArray[Any] | Words]:
    """Columns of a table by point, seed and scenario, in any order of its parts.

    They are read and put in order one by one, since millions of rows take much memory.

    Args:
        files: of the table.
        scenarios: scenarios of the study in order.
        runs: the runs of a plan; rows of others are dropped.
        ids: whether the ids of runs are read, too.

    Raises:
        DamagedError: If a file cannot be read, or has other columns.
    """
    if not files:
        return {}
    with ExitStack() as opened:
        sources = [_Source(file, opened) for file in files]
        scenario = _words(sources, "scenario", scenarios)
        point, seed = _numbers(sources, "point"), _numbers(sources, "seed")
        rows = _rows_in_order(point, seed, scenario.codes, runs)
        found: dict[str, npt.NDArray[Any] | Words] = {}
        for name in dict.fromkeys(name for source in sources for name in source.names if ids or name != "run"):
            if name in ("run", "scenario"):
                words = scenario if name == "scenario" else _words(sources, name)
                found[name] = Words(words.codes[rows], words.words)
            else:
                found[name] = (point if name == "point" else seed if name == "seed" else _numbers(sources, name))[rows]
            pa.default_memory_pool().release_unused()
        return found


class Words(NamedTuple):
    """A column of few words.

    Attributes:
        codes: place of the word of each row.
        words: the words.
    """

    codes: npt.NDArray[np.integer[Any]]
    words: list[str]


class _Source:
    """A file of a table, opened to be read column by column."""

    def __init__(self, file: Path, opened: ExitStack) -> None:
        self.file = file
        check(file)
        try:
            source = pq.ParquetFile(file, read_dictionary=["run", "scenario"], page_checksum_verification=True)
        except UNREADABLE as error:
            raise unreadable(file, error) from None
        self._source = opened.enter_context(source)
        self._whole: pa.Table | None = None
        self.names: list[str] = self._source.schema_arrow.names
        for name in KEYS:
            if name not in self.names:
                raise DamagedError(file, f"it has other columns: {name} is missing")

    def column(self, name: str) -> pa.ChunkedArray | None:
        """A column, None where the version that wrote the file did not have it."""
        if name not in self.names:
            return None
        try:
            if self._whole is None and self._bytes() < SMALL:
                self._whole = self._source.read()
            return (self._source.read([name]) if self._whole is None else self._whole)[name]
        except UNREADABLE as error:
            raise unreadable(self.file, error) from None

    def _bytes(self) -> int:
        """Size of all columns in memory."""
        groups = self._source.metadata.num_row_groups
        return sum(self._source.metadata.row_group(group).total_byte_size for group in range(groups))

    @property
    def size(self) -> int:
        """Number of rows."""
        return int(self._source.metadata.num_rows)


def _numbers(sources: Sequence[_Source], name: str) -> npt.NDArray[Any]:
    """A column of all files; NaN where a file does not have it."""
    columns = ((source, source.column(name)) for source in sources)
    return np.concatenate(
        [np.full(source.size, np.nan) if column is None else column.to_numpy() for source, column in columns]
    )


def _words(sources: Sequence[_Source], name: str, known: Sequence[str] = ()) -> Words:
    """A column of words of all files, the known ones first."""
    places = {word: place for place, word in enumerate(known)}
    codes = [np.empty(0, np.int32)]
    for source in sources:
        for chunk in (source.column(name) or pa.chunked_array([], pa.string())).chunks:
            own = [places.setdefault(word, len(places)) for word in chunk.dictionary.to_pylist()]
            codes.append(np.array(own, np.int32)[chunk.indices.to_numpy()])
    return Words(np.concatenate(codes), list(places))


def _rows_in_order(
    point: npt.NDArray[np.integer[Any]],
    seed: npt.NDArray[np.integer[Any]],
    scenario: npt.NDArray[np.integer[Any]],
    runs: npt.NDArray[np.void] | None,
) -> npt.NDArray[np.int64]:
    """Rows by point, seed and scenario; rows of one run follow one another already."""
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
    rows: npt.NDArray[np.int64] = np.repeat(starts - before, lengths)
    rows += np.arange(len(rows))
    return rows
