"""New rows of tables that grow.

A row is cleared when it is taken, not before: memory that an earlier run has left need not be written over as a whole,
and what is cleared here is near the processor when its fields are set.
"""

from typing import Any

import numba
import numpy as np
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.extending import intrinsic

from sim.engine.clock import Count
from sim.engine.compiling import Record, rule
from sim.engine.fetching import fetch
from sim.engine.tables import bytes_of_row

_ROWS_AHEAD = 8  # a row is asked for when the eighth before it is taken


def _clear_in_python(table: Any, row: int) -> None:
    table[row] = np.zeros((), table.dtype)


def _clear_compiled(_context: Any, table: Any, _row: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        """Writes noughts over the bytes of a row."""
        row, size = bytes_of_row(context, builder, signature.args[0], *arguments)
        cgutils.memset(builder, row, ir.Constant(ir.IntType(64), size), 0)
        return context.get_dummy_value()

    return types.void(table, types.int64), build


_clear: Any = _clear_in_python if numba.config.DISABLE_JIT else intrinsic(_clear_compiled)


@rule
def new_row(world: Record, table: Record, number: int) -> int:
    """Row of a new entity, all its fields zero.

    The caller has made sure that there is room; else the last row is lost, and that is kept in mind.

    Args:
        world: with the rows in use of every table that grows.
        table: the one that gets a row.
        number: its place among them, as `world.records.Growing` has it.
    """
    row = world.used[number]
    if row >= len(table):
        world.counters[Count.LOST] = number + 1
        row = len(table) - 1
    world.used[number] = row + 1
    fetch(table, row + _ROWS_AHEAD)
    _clear(table, row)
    return int(row)
