"""Tables that grow, so that no row is lost; the first row starts at the edge of a cache line."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

_CACHE_LINE = 64  # bytes
GROWTH = 4  # times the length of a table that was too short


def empty(rows: int, kind: npt.DTypeLike) -> Any:
    """A recarray of zeros, aligned so that each row occupies as few cache lines as possible.

    NumPy starts large arrays a quarter of a line late, so that a row of one line would always touch two.
    """
    dtype = np.dtype(kind)
    memory = np.zeros(rows * dtype.itemsize + _CACHE_LINE, np.uint8)
    start = -memory.ctypes.data % _CACHE_LINE
    return memory[start : start + rows * dtype.itemsize].view(dtype).view(np.recarray)


def lengthened(table: npt.NDArray[Any]) -> Any:
    """A table that is GROWTH times as long, with the same rows first and zeros after them.

    Zeros that nobody has written take no memory. While rows are copied, both tables do: the fewer copies, the better.
    """
    larger = empty(GROWTH * len(table), table.dtype)
    fill(larger, table)
    return larger


def copied(table: npt.NDArray[Any]) -> Any:
    """A copy of a table with the same alignment, or a copy of a plain array."""
    if not isinstance(table, np.recarray):
        return table.copy()
    same = empty(len(table), table.dtype)
    fill(same, table)
    return same


def fill(table: npt.NDArray[Any], rows: npt.NDArray[Any]) -> None:
    """Copies rows to the front of a table as bytes, which is faster than NumPy's copy of single records."""
    table[: len(rows)].view(np.uint8)[:] = rows.view(np.uint8)


def row_templates(rows: Sequence[np.void]) -> Any:
    """Templates for new rows of all growing tables, as bytes in one read-only table."""
    longest = max(row.dtype.itemsize for row in rows)
    templates = np.zeros(len(rows), [("content", "u1", (longest,))])
    for template, row in zip(templates, rows, strict=True):
        template["content"][: row.dtype.itemsize] = np.frombuffer(row.tobytes(), np.uint8)
    templates.flags.writeable = False
    return templates.view(np.recarray)
