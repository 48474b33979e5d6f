"""Rows asked for before they are needed.

Most rows of a world lie far from the processor when their event comes: they were last touched months ago. Whoever
knows some events ahead which row will be needed asks for it here, and the processor brings it near while it does
other things. Nothing that is computed depends on it.
"""

from typing import Any

import numba
from llvmlite import ir
from numba import types
from numba.extending import intrinsic

from sim.engine.compiling import Record, rule

ROWS_AHEAD = 8  # a new row of a table that grows is asked for when the eighth before it is filled
_CACHE_LINE = 64  # bytes


def _fetch_in_python(table: Any, row: int, line: int) -> None:
    """Without compilation there is nothing to be gained."""


def _fetch_compiled(_context: Any, table: Any, _row: Any, _line: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        """LLVM's hint to read a line into all caches."""
        array = context.make_array(signature.args[0])(context, builder, arguments[0])
        start = builder.ptrtoint(array.data, ir.IntType(64))
        place = builder.mul(arguments[1], ir.Constant(ir.IntType(64), signature.args[0].dtype.size))
        place = builder.add(place, builder.mul(arguments[2], ir.Constant(ir.IntType(64), _CACHE_LINE)))
        pointer = builder.inttoptr(builder.add(start, place), ir.IntType(8).as_pointer())
        word = ir.IntType(32)
        hint = builder.module.declare_intrinsic(
            "llvm.prefetch", (pointer.type,), ir.FunctionType(ir.VoidType(), [pointer.type, word, word, word])
        )
        builder.call(hint, [pointer, ir.Constant(word, 0), ir.Constant(word, 3), ir.Constant(word, 1)])
        return context.get_dummy_value()

    return types.void(table, types.int64, types.int64), build


_fetch_line: Any = _fetch_in_python if numba.config.DISABLE_JIT else intrinsic(_fetch_compiled)


@rule
def fetch(table: Record, row: int, lines: int) -> None:
    """Asks for the first so many cache lines of a row; one that does not exist does no harm."""
    for line in range(lines):
        _fetch_line(table, row, line)
