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

_CACHE_LINE = 64  # bytes


def _fetch_in_python(table: Any, row: int, lines: int = 1) -> None:
    """Without compilation there is nothing to be gained."""


def _hint(builder: Any, place: Any) -> None:
    """LLVM's hint to read the line at an address into all caches."""
    pointer, word = builder.inttoptr(place, ir.IntType(8).as_pointer()), ir.IntType(32)
    kind = ir.FunctionType(ir.VoidType(), [pointer.type, word, word, word])
    hint = builder.module.declare_intrinsic("llvm.prefetch", (pointer.type,), kind)
    builder.call(hint, [pointer, ir.Constant(word, 0), ir.Constant(word, 3), ir.Constant(word, 1)])


def _address(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
    """Where a row of a table lies."""
    array = context.make_array(signature.args[0])(context, builder, arguments[0])
    start = builder.ptrtoint(array.data, ir.IntType(64))
    return builder.add(start, builder.mul(arguments[1], ir.Constant(ir.IntType(64), signature.args[0].dtype.size)))


def _fetch_line_compiled(_context: Any, table: Any, _row: Any, _line: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        """Asks for one line of a row."""
        line = builder.mul(arguments[2], ir.Constant(ir.IntType(64), _CACHE_LINE))
        _hint(builder, builder.add(_address(context, builder, signature, arguments), line))
        return context.get_dummy_value()

    return types.void(table, types.int64, types.int64), build


def _fetch_whole_compiled(_context: Any, table: Any, _row: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        """Asks for as many lines as a row has."""
        row = _address(context, builder, signature, arguments)
        for byte in range(0, signature.args[0].dtype.size, _CACHE_LINE):
            _hint(builder, builder.add(row, ir.Constant(ir.IntType(64), byte)))
        return context.get_dummy_value()

    return types.void(table, types.int64), build


_fetch_line: Any = _fetch_in_python if numba.config.DISABLE_JIT else intrinsic(_fetch_line_compiled)
#: Asks for all of a row.
fetch_whole: Any = _fetch_in_python if numba.config.DISABLE_JIT else intrinsic(_fetch_whole_compiled)


@rule
def fetch(table: Record, row: int, lines: int) -> None:
    """Asks for the first so many cache lines of a row; one that does not exist does no harm."""
    for line in range(lines):
        _fetch_line(table, row, line)
