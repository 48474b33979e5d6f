"""Copies fields of a table's records into separate arrays.

Records are long: a processor that read them again for each field would wait for memory most of the time. Each record is
therefore read once, by a loop that is written and compiled for the fields that are wanted.
"""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Any, cast

import numba
import numpy as np
import numpy.typing as npt

from sim.engine.compiling import PLAIN, kernel
from sim.engine.tables import as_table

Arrays = dict[str, npt.NDArray[Any]]


def gather(table: npt.NDArray[np.void], fields: Mapping[str, Any]) -> Arrays:
    """Copies the given fields of all records to separate arrays, each with a given dtype."""
    for name, wanted in fields.items():
        kind = table.dtype[name].base
        if kind != wanted and (kind.kind == "f" or np.dtype(wanted).kind == "f"):
            raise TypeError(f"{name} cannot be copied as {wanted}")
    columns: Arrays = {
        name: np.empty((len(table), *table.dtype[name].shape), wanted) for name, wanted in fields.items()
    }
    if numba.config.DISABLE_JIT or PLAIN:  # Numba itself keeps no code that is written here
        for name, column in columns.items():
            column[:] = table[name]
    else:
        _copying(tuple((name, column.shape[1:]) for name, column in columns.items()))(table, *columns.values())
    return columns


@cache
def _copying(fields: tuple[tuple[str, tuple[int, ...]], ...]) -> Callable[..., None]:
    """Makes the compiled function that copies some fields of a table to arrays."""
    columns = [f"column_{place}" for place in range(len(fields))]
    lines = [f"def copy(table, {', '.join(columns)}):", "    table = as_table(table)"]
    lines += [f"    {column} = as_table({column})" for column in columns]
    lines += ["    for row in range(len(table)):", "        record = table[row]"]
    for column, (name, shape) in zip(columns, fields, strict=True):
        if shape:
            lines.append(f"        for place in range({shape[0]}):")
            lines.append(f"            {column}[row, place] = record.{name}[place]")
        else:
            lines.append(f"        {column}[row] = record.{name}")
    names: dict[str, Any] = {"as_table": as_table, "__name__": __name__}
    exec("\n".join(lines), names)  # noqa: S102 - names of fields are ours, and each is an identifier
    return cast(Callable[..., None], kernel(names["copy"]))
