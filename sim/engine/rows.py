"""Adds rows to growing tables.

A row is written as a whole when it is taken, not before: memory that an earlier run has left need not be cleared
beforehand, and what is written here is near the processor when fields are set.
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
from sim.engine.tables import bytes_of_row, prefetch

_ROWS_AHEAD = 8  # a row is asked for when the eighth before it is taken


def _copy_in_python(table: Any, row: int, templates: Any, number: int) -> None:
    table[row] = np.frombuffer(templates[number]["content"].tobytes(), table.dtype, 1)[0]


def _copy_compiled(_context: Any, table: Any, _row: Any, templates: Any, _number: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        """Generates LLVM code that copies a row's bytes."""
        target, size = bytes_of_row(context, builder, signature.args[0], *arguments[:2])
        source, _ = bytes_of_row(context, builder, signature.args[2], *arguments[2:])
        cgutils.raw_memcpy(builder, target, source, ir.Constant(ir.IntType(64), size), 1)
        return context.get_dummy_value()

    return types.void(table, types.int64, templates, types.int64), build


_copy_template: Any = _copy_in_python if numba.config.DISABLE_JIT else intrinsic(_copy_compiled)


@rule
def new_row(world: Record, table: Record, number: int) -> int:
    """Adds a row with initial values to a growing table (see `Growing`); returns the row's index.

    The caller has made sure that there is room; otherwise the last row is lost and `Count.LOST` is set.
    """
    row = world.used[number]
    if row >= len(table):
        world.counters[Count.LOST] = number + 1
        row = len(table) - 1
    world.used[number] = row + 1
    prefetch(table, row + _ROWS_AHEAD)
    _copy_template(table, row, world.neutral, number)
    return int(row)
