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

_CACHE_LINE = 64  # bytes


def _fetch_in_python(table: Any, row: int) -> None:
    """Without compilation there is nothing to be gained."""


def _fetch_compiled(_context: Any, table: Any, _row: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        """LLVM's hint to read a line into all caches, for each line of the row."""
        array, size = context.make_array(signature.args[0])(context, builder, arguments[0]), signature.args[0].dtype.size
        word = ir.IntType(64)
        row = builder.add(builder.ptrtoint(array.data, word), builder.mul(arguments[1], ir.Constant(word, size)))
        for byte in range(0, size, _CACHE_LINE):
            _hint(builder, builder.add(row, ir.Constant(word, byte)))
        return context.get_dummy_value()

    return types.void(table, types.int64), build


def _hint(builder: Any, address: Any) -> None:
    """Asks for the line at an address."""
    pointer, word = builder.inttoptr(address, ir.IntType(8).as_pointer()), ir.IntType(32)
    kind = ir.FunctionType(ir.VoidType(), [pointer.type, word, word, word])
    hint = builder.module.declare_intrinsic("llvm.prefetch", (pointer.type,), kind)
    builder.call(hint, [pointer, ir.Constant(word, 0), ir.Constant(word, 3), ir.Constant(word, 1)])


#: Asks for a row of a table; one that does not exist does no harm.
fetch: Any = _fetch_in_python if numba.config.DISABLE_JIT else intrinsic(_fetch_compiled)
