"""Growing tables: creation and enlargement, with rows aligned to cache lines of memory."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

_CACHE_LINE = 64  # bytes
GROWTH = 4  # times the length of a table that was too short


def empty(rows: int, kind: npt.DTypeLike) -> Any:
    """Table of zeros with `rows` rows, aligned so that each row touches few cache lines.

    NumPy starts large arrays a quarter of a line late, so that a row of one line would always touch two.
    """
    dtype = np.dtype(kind)
    memory = np.zeros(rows * dtype.itemsize + _CACHE_LINE, np.uint8)
    start = -memory.ctypes.data % _CACHE_LINE
    return memory[start : start + rows * dtype.itemsize].view(dtype).view(np.recarray)


def lengthened(table: npt.NDArray[Any]) -> Any:
    """Copy of a table with GROWTH times as many rows; added rows are zero.

    Zeros that nobody has written take no memory. While rows are copied, both tables do: the fewer copies, the better.
    """
    larger = empty(GROWTH * len(table), table.dtype)
    fill(larger, table)
    return larger


def copied(table: npt.NDArray[Any]) -> Any:
    """Copy of a table or array with the same alignment in memory."""
    if not isinstance(table, np.recarray):
        return table.copy()
    same = empty(len(table), table.dtype)
    fill(same, table)
    return same


def fill(table: npt.NDArray[Any], rows: npt.NDArray[Any]) -> None:
    """Copies rows to the beginning of a table, as bytes because that is faster."""
    table[: len(rows)].view(np.uint8)[:] = rows.view(np.uint8)


def row_templates(rows: Sequence[np.void]) -> Any:
    """Initial values of new rows of all growing tables, as bytes in one read-only table."""
    longest = max(row.dtype.itemsize for row in rows)
    templates = np.zeros(len(rows), [("content", "u1", (longest,))])
    for template, row in zip(templates, rows, strict=True):
        template["content"][: row.dtype.itemsize] = np.frombuffer(row.tobytes(), np.uint8)
    templates.flags.writeable = False
    return templates.view(np.recarray)
