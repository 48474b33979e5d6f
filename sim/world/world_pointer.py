"""Pointer type by which compiled rules pass a world as one argument.

Handing a tuple of fifty arrays from rule to rule costs more than the rules do (measured: ten times slower to run,
several times slower to compile). An entry point therefore attaches a world once: `attach` puts its arrays into the
entry's own stack frame and gives rules a pointer to them. An attribute of an attached world is the array, borrowed
without counting references; the caller keeps the world alive, and its arrays where they are, during the call. With
compilation switched off, `attach` gives back a tuple of the same arrays under the same names.
"""

from collections.abc import Callable
from hashlib import sha256
from typing import Any

import numba
from llvmlite import ir
from numba import types
from numba.core import cgutils
from numba.core.typing.templates import AttributeTemplate
from numba.extending import infer_getattr, intrinsic, lower_getattr_generic, models, register_model

from sim.engine.tables import checked, table_type
from sim.world.world import World


class WorldPointerType(types.Type):
    """Numba type of the pointer to a world."""

    def __init__(self, world: types.BaseNamedTuple) -> None:
        self.world = world
        self.types: tuple[Any, ...] = tuple(table_type(array) for array in world)
        self.place = {name: i for i, name in enumerate(world.fields)}
        # The name is part of that of every rule that takes a world, and would list every field of every table.
        super().__init__(name=f"Attached({sha256(world.name.encode()).hexdigest()[:16]})")


@register_model(WorldPointerType)
class _WorldPointerModel(models.OpaqueModel):
    """Machine representation of the type: a plain pointer."""


@infer_getattr
class _WorldPointerAttributes(AttributeTemplate):
    key = WorldPointerType

    def generic_resolve(self, attached: WorldPointerType, name: str) -> Any:
        """Numba type of one of the world's arrays."""
        return attached.types[attached.place[name]] if name in attached.place else None


def _unchanging(builder: Any, place: Any) -> Any:
    """Generates code that loads a value once, because it stays constant during a call."""
    value = builder.load(place)
    value.set_metadata("invariant.load", builder.module.add_metadata([]))
    return value


@lower_getattr_generic(WorldPointerType)  # type: ignore[untyped-decorator]
def _field(context: Any, builder: Any, attached: WorldPointerType, pointer: Any, name: str) -> Any:
    """Generates code that loads one of the world's arrays without reference counting."""
    i = attached.place[name]
    tuple_pointer = builder.bitcast(pointer, context.get_value_type(attached.world).as_pointer())
    place = cgutils.gep_inbounds(builder, tuple_pointer, 0, i)
    array = context.make_array(attached.types[i])(context, builder)
    for number, member in enumerate(array._datamodel._fields):
        kind = getattr(array, member).type
        if member in {"meminfo", "parent"}:
            value = cgutils.get_null_value(kind)
        elif isinstance(kind, ir.ArrayType):
            edges = [cgutils.gep_inbounds(builder, place, 0, number, edge) for edge in range(kind.count)]
            value = cgutils.pack_array(builder, [_unchanging(builder, edge) for edge in edges])
        else:
            value = _unchanging(builder, cgutils.gep_inbounds(builder, place, 0, number))
        setattr(array, member, value)
    return array._getvalue()


def _attach_in_python(world: World) -> World:
    return World(*map(checked, world))


def _attach_compiled(_context: Any, world: Any) -> tuple[Any, Callable[..., Any]]:
    attached = WorldPointerType(world)

    def build(_: Any, builder: Any, __: Any, arguments: Any) -> Any:
        """Generates code that stores a world on the stack and returns a pointer to it.

        It passes through an empty line of assembly, behind which LLVM does not look: nothing is loaded by it before
        all has been stored.
        """
        pointer = builder.bitcast(cgutils.alloca_once_value(builder, arguments[0]), cgutils.voidptr_t)
        behind = ir.FunctionType(pointer.type, [pointer.type])
        return builder.call(ir.InlineAsm(behind, "", "=r,0,~{memory}", side_effect=True), [pointer])

    return attached(world), build


COMPILED = not numba.config.DISABLE_JIT
#: Call it in the entry point itself: the pointer lives as long as that call.
attach: Callable[[World], World] = intrinsic(_attach_compiled) if COMPILED else _attach_in_python
