"""Array types for rules, in which no index counts from the end of a table.

Python counts negative indices from the end. Compiled code that allows for that compares every index with zero and reads
the table's length each time that a rule reads a row, which took a tenth of the kernel's time. The arrays of a world
are therefore tables. A negative index is an error without compilation, and with Numba's own check of bounds.
"""

import operator
from collections.abc import Callable
from typing import Any

import numba
import numpy as np
import numpy.typing as npt
from llvmlite import ir
from numba import types
from numba.core.imputils import impl_ret_borrowed
from numba.core.typing import signature
from numba.extending import intrinsic, lower_builtin, models, register_model
from numba.np import arrayobj

from sim.engine.compiling import PLAIN, Record

_CACHE_LINE = 64  # bytes


class TableType(types.Array):  # type: ignore[misc, unused-ignore]
    """Numba type of an array whose indices count as unsigned: a negative one is a mistake that nothing checks."""

    def __init__(self, array: types.Array) -> None:
        shape = array.dtype, array.ndim, array.layout
        super().__init__(*shape, readonly=not array.mutable, name=f"table of {array.name}", aligned=array.aligned)


register_model(TableType)(models.ArrayModel)


def table_type(array: types.Array) -> types.Array:
    """Numba type of an array in rules; with `linking` on, indices count as unsigned and are not checked."""
    return array if PLAIN else TableType(array)


def _as_places(context: Any, builder: Any, kind: types.Type, value: Any) -> tuple[types.Type, Any]:
    """Generates code that makes integer indices unsigned, so that Numba adds no checks.

    So no place may be counted from the end: a test checks all rules.
    """
    if isinstance(kind, types.Integer):
        return types.uintp, context.cast(builder, value, kind, types.intp)
    if isinstance(kind, types.BaseTuple) and all(isinstance(part, types.Integer) for part in kind):
        wide = types.UniTuple(types.intp, len(kind))
        return types.UniTuple(types.uintp, len(kind)), context.cast(builder, value, kind, wide)
    return kind, value


@lower_builtin(operator.getitem, TableType, types.Integer)  # type: ignore[untyped-decorator]
@lower_builtin(operator.getitem, TableType, types.BaseTuple)  # type: ignore[untyped-decorator]
def _read(context: Any, builder: Any, call: Any, arguments: Any) -> Any:
    table, index = call.args
    places, value = _as_places(context, builder, index, arguments[1])
    read = arrayobj.getitem_array_tuple if isinstance(places, types.BaseTuple) else arrayobj.getitem_arraynd_intp
    return read(context, builder, signature(call.return_type, table, places), (arguments[0], value))


@lower_builtin(operator.setitem, TableType, types.Any, types.Any)  # type: ignore[untyped-decorator]
def _write(context: Any, builder: Any, call: Any, arguments: Any) -> Any:
    table, index, written = call.args
    places, value = _as_places(context, builder, index, arguments[1])
    return arrayobj.setitem_array(
        context, builder, signature(call.return_type, table, places, written), (arguments[0], value, arguments[2])
    )


def bytes_of_row(context: Any, builder: Any, kind: types.Array, table: Any, row: Any) -> tuple[Any, int]:
    """Generates code for a pointer to a row's first byte; also returns the row's size in bytes."""
    size: int = kind.dtype.size
    first = builder.bitcast(context.make_array(kind)(context, builder, table).data, ir.IntType(8).as_pointer())
    return builder.gep(first, [builder.mul(row, ir.Constant(ir.IntType(64), size))]), size


class _Row(np.record):  # type: ignore[misc, unused-ignore]
    """Row of a table as a record for uncompiled rules, twice as fast to read as NumPy's own record."""

    def __getattribute__(self, name: str) -> Any:
        try:
            return np.void.__getitem__(self, name)
        except ValueError:  # no field
            return super().__getattribute__(name)

    def __setattr__(self, name: str, value: Any) -> None:
        np.void.__setitem__(self, name, value)


class _CheckedRows(np.recarray[Any, Any]):
    """Array of records for uncompiled rules; a negative index is an error."""

    def __array_finalize__(self, _: Any) -> None:
        """Does nothing, so that a new view keeps its type of rows, which a `recarray` would replace."""

    def __getitem__(self, index: Any) -> Any:
        return super().__getitem__(_not_negative(index))

    def __setitem__(self, index: Any, value: Any) -> None:
        super().__setitem__(_not_negative(index), value)


class _CheckedGrid(np.ndarray[Any, Any]):
    """Array of numbers for uncompiled rules; a negative index is an error."""

    def __getitem__(self, index: Any) -> Any:
        return super().__getitem__(_not_negative(index))

    def __setitem__(self, index: Any, value: Any) -> None:
        super().__setitem__(_not_negative(index), value)


_WHOLE = (int, np.integer)  # a union of types would be made for each index


def _not_negative(index: Any) -> Any:
    """Returns an index unchanged; raises an error if the index or a part of it is negative."""
    for number in index if isinstance(index, tuple) else (index,):
        if isinstance(number, _WHOLE) and number < 0:
            raise IndexError(f"a table has no row {number}")
    return index


def checked(array: npt.NDArray[Any]) -> Record:
    """View of an array for uncompiled rules, in which a negative index is an error."""
    if array.dtype.names is None:
        return array.view(_CheckedGrid)
    return array.view(np.dtype((_Row, array.dtype)), _CheckedRows)


def _as_table_compiled(_context: Any, array: Any) -> Any:
    def build(context: Any, builder: Any, call: Any, arguments: Any) -> Any:
        """Generates code that passes an array on with another Numba type."""
        return impl_ret_borrowed(context, builder, call.return_type, arguments[0])

    return table_type(array)(array), build


#: An array that an entry point is given, as a table for rules; the arrays of an attached world are tables already.
as_table: Callable[[npt.NDArray[Any]], Record] = checked if numba.config.DISABLE_JIT else intrinsic(_as_table_compiled)


def _prefetch_in_python(table: Any, row: int) -> None:
    """Does nothing, as Python has no prefetch hint."""


def _prefetch_compiled(_context: Any, table: Any, _row: Any) -> Any:
    def build(context: Any, builder: Any, signature: Any, arguments: Any) -> Any:
        """Generates LLVM's hint to load the cache lines of a row in advance."""
        row, size = bytes_of_row(context, builder, signature.args[0], *arguments)
        word = ir.IntType(32)
        kind = ir.FunctionType(ir.VoidType(), [row.type, word, word, word])
        hint = builder.module.declare_intrinsic("llvm.prefetch", (row.type,), kind)
        for byte in range(0, size, _CACHE_LINE):
            line = builder.gep(row, [ir.Constant(ir.IntType(64), byte)])
            builder.call(hint, [line, ir.Constant(word, 0), ir.Constant(word, 3), ir.Constant(word, 1)])
        return context.get_dummy_value()

    return types.void(table, types.int64), build


#: Asks the processor for a row that a rule will need some events later; one that does not exist does no harm. Most rows
#: lie far away when their event comes: they were last used months ago. No result depends on it. Runs are 12 % faster
#: (best of seven, default world).
prefetch: Any = _prefetch_in_python if numba.config.DISABLE_JIT else intrinsic(_prefetch_compiled)
