"""Reads a table of a study from all of its parts, column by column."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, NamedTuple

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from sim.experiments.parts import KEYS, UNREADABLE, read, unreadable

#: Columns of few words, which are read as codes.
_OF_WORDS = ("run", "scenario")


class Words(NamedTuple):
    """A column of few words.

    Attributes:
        codes: place of the word of each row.
        words: the words.
    """

    codes: npt.NDArray[np.integer[Any]]
    words: list[str]


def columns_in_order(
    files: Sequence[Path], scenarios: Sequence[str], runs: npt.NDArray[np.void] | None = None, *, ids: bool = True
) -> dict[str, npt.NDArray[Any] | Words]:
    """Columns of a table by point, seed and scenario, in any order of its parts.

    They are put in order one by one, since millions of rows take much memory. A column that some files do not have, as
    another version wrote them, has NaN there.

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
    parts = [read(file, needed=KEYS, words=_OF_WORDS) for file in files]
    try:
        table = pa.concat_tables(parts, promote_options="permissive")
    except UNREADABLE as error:
        raise unreadable(files[0], error) from None
    del parts
    scenario = _words(table["scenario"], scenarios)
    rows = _rows_in_order(table["point"].to_numpy(), table["seed"].to_numpy(), scenario.codes, runs)
    found: dict[str, npt.NDArray[Any] | Words] = {}
    for name in [name for name in table.column_names if ids or name != "run"]:
        if name in _OF_WORDS:
            words = scenario if name == "scenario" else _words(table[name])
            found[name] = Words(words.codes[rows], words.words)
        else:
            found[name] = table[name].to_numpy()[rows]
        table = table.drop_columns([name])  # its memory is free for the next
    return found


def _words(column: pa.ChunkedArray, known: Sequence[str] = ()) -> Words:
    """A column of words, the known ones first."""
    places = {word: place for place, word in enumerate(known)}
    codes = [np.empty(0, np.int32)]
    for chunk in column.chunks:
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
