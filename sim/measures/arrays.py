"""Types of the arrays that measuring reads, and the few numbers that all measures share."""

from collections.abc import Callable, Iterator, Sequence
from typing import Any

import numpy as np
import numpy.typing as npt

#: Structured array, one record an entity (sim/world/records.py).
Table = npt.NDArray[np.void]
Floats = npt.NDArray[np.float64]
Integers = npt.NDArray[np.integer[Any]]
Mask = npt.NDArray[np.bool_]
#: A tidy table of one arm: equally long arrays by column name.
Columns = dict[str, npt.NDArray[Any]]

YEAR = 365.25
MONTH = YEAR / 12
#: Records that fit into a processor's cache together.
_BLOCK = 2048


def share(part: Mask, whole: Mask) -> float:
    """Share of `whole` that is also `part`; NaN when there is no whole."""
    return ratio(float(np.count_nonzero(part & whole)), float(np.count_nonzero(whole)))


def ratio(part: float, whole: float) -> float:
    """Quotient; NaN for a whole of nought."""
    return float(part / whole) if whole else float("nan")


def among(codes: Integers, wanted: Sequence[int]) -> Mask:
    """Whether each code, from 0 to 63, is one of those wanted; faster than numpy.isin for so few."""
    table = np.zeros(64, dtype=np.bool_)
    table[list(wanted)] = True
    return table[codes]


def gather(table: Table, fields: Sequence[str], wanted: Callable[[Table], Mask]) -> Columns:
    """Some fields of the records that are wanted, each as an array of its own.

    Records are wide and tables are long, so they are read a block at a time: each record comes from memory once for
    all of its fields.

    Args:
        table: where from.
        fields: which fields.
        wanted: tells of the records of a block which are wanted.
    """
    columns: Columns = {field: np.empty_like(table[field], order="C") for field in fields}
    found = 0
    for first in range(0, table.size, _BLOCK):
        block = table[first : first + _BLOCK]
        block = block.take(np.flatnonzero(wanted(block)))
        for field, column in columns.items():
            column[found : found + block.size] = block[field]
        found += block.size
    return {field: column[:found] for field, column in columns.items()}


def split(codes: Integers) -> Iterator[tuple[int, Integers]]:
    """Each code that occurs, with the places at which it stands, in order."""
    order = np.argsort(codes.astype(np.int16), kind="stable")
    found, start = np.unique(codes[order], return_index=True)
    yield from zip(found.tolist(), np.split(order, start[1:]), strict=False)


def tally(codes: dict[str, Integers]) -> tuple[Columns, Integers]:
    """Each combination of codes that occurs, by column, and how often it occurs.

    Args:
        codes: equally long columns of codes from 0 to 99.
    """
    packed = np.zeros(next(iter(codes.values())).size, dtype=np.int64)
    for column in codes.values():
        packed = packed * 100 + column
    kinds, number = np.unique(packed, return_counts=True)
    columns: Columns = {}
    for name in reversed(codes):
        kinds, code = np.divmod(kinds, 100)
        columns[name] = code.astype(np.int32)
    return {name: columns[name] for name in codes}, number
