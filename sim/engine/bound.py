"""Hash of a compiled function that covers all rules and constants that it uses.

Numba keys the machine code of an entry point by its own bytecode and the types of its arguments. A user's rule that
replaces one of ours would be ignored where ours had been compiled, and would remain for all later runs where it had
not. Compiled code is therefore keyed by a digest of all that it was made from.
"""

import hashlib
from collections.abc import Callable, Iterator
from enum import EnumMeta
from types import CodeType, FunctionType
from typing import Any

import numpy as np

#: Options of everything that is compiled.
OPTIONS = {"error_model": "numpy"}


def digest(function: Callable[..., Any]) -> str:
    """Hash of a function with all rules and constants that it uses, as they are defined now."""
    made = hashlib.sha256()
    for rule in dict.fromkeys([_python(function), *reached(function)]):
        made.update(repr((list(_words(rule.__code__, rule.__doc__)), rule.__defaults__)).encode())
        for name, value in _bound(rule):
            called = _python(value)
            constant = (called.__module__, called.__qualname__) if isinstance(called, FunctionType) else value
            made.update(f"{name} {_constant(constant)}\n".encode())
    return made.hexdigest()


def reached(function: Callable[..., Any]) -> list[FunctionType]:
    """All functions that a function calls, directly or indirectly."""
    waiting, met = [_python(function)], dict[FunctionType, None]()
    while waiting:
        for _, value in _bound(waiting.pop()):
            called = _python(value)
            if isinstance(called, FunctionType) and called not in met:
                met[called] = None
                waiting.append(called)
    return list(met)


def _python(value: Any) -> Any:
    """Python function behind a compiled rule; returns any other object unchanged."""
    return getattr(value, "py_func", None) or getattr(value, "__wrapped__", value)


def _words(code: CodeType, documentation: str | None = None) -> Iterator[Any]:
    """Yields instructions, names and constants of a function's code, without line numbers."""
    yield code.co_code
    yield code.co_names
    yield code.co_varnames[: code.co_argcount]
    for constant in code.co_consts[documentation is not None and code.co_consts[:1] == (documentation,) :]:
        yield from _words(constant) if isinstance(constant, CodeType) else (constant,)


def _names(code: CodeType) -> Iterator[str]:
    """Yields the names that a function's code, including inner functions, looks up."""
    yield from code.co_names
    for constant in code.co_consts:
        if isinstance(constant, CodeType):
            yield from _names(constant)


def _bound(function: FunctionType) -> Iterator[tuple[str, Any]]:
    """Yields name and value of each global and closure variable that a function uses."""
    for name in dict.fromkeys(_names(function.__code__)):
        if name in function.__globals__:
            yield name, function.__globals__[name]
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        yield name, cell.cell_contents


def _constant(value: Any) -> str:
    """Text that represents a constant in the same way in every process."""
    if isinstance(value, EnumMeta):
        members: dict[str, Any] = dict(value.__members__)
        return repr([(name, member.value) for name, member in members.items()])
    if isinstance(value, np.ndarray):
        return f"{value.dtype} {value.shape} {hashlib.sha256(value.tobytes()).hexdigest()}"
    if isinstance(value, np.dtype):
        return str(np.dtype(value).descr)
    if isinstance(value, bool | int | float | complex | str | bytes | tuple | np.generic | None):
        return repr(value)
    return f"{type(value).__name__} {getattr(value, '__module__', '')} {getattr(value, '__name__', '')}"
