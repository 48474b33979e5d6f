"""Compilation of rules, and the cache of compiled code.

Numba's cache notices a change in the file of a function but not in the modules it calls. The cache folder
therefore bears a hash of all sources that rules depend on: any change compiles them again. Inside the folder, code is
keyed by the rules that it was made from (see `bound`), so that a rule that replaces one of these is compiled, and no
other process takes the result for its own.

`linking` compiles about four times faster than Numba itself, but builds on private classes of Numba, which may change
with any release. With COMITY_PLAIN_NUMBA=1 in the environment, rules are compiled by `numba.njit` as it is: slower to
compile and to run, with the same tables.
"""

import hashlib
import os
from collections.abc import Callable
from functools import cache
from importlib.metadata import version
from pathlib import Path
from types import FunctionType
from typing import Any, TypeVar, cast

from sim.engine.bound import OPTIONS
from sim.engine.caching import RULES, folder, prune, touch

Rule = TypeVar("Rule", bound=Callable[..., Any])
Record = Any  # a row of a structured array, or a whole one: its fields are known to Numba, not to a type checker
Key = Any  # a 64-bit word: lineage key, seed, hash

#: Whether rules are compiled by `numba.njit` as it is, without the private classes of `linking`.
PLAIN = os.environ.get("COMITY_PLAIN_NUMBA", "0") not in ("", "0")

_PACKAGE = Path(__file__).resolve().parent.parent
#: Attribute of the Python function of a rule or an entry point that says which of the two it is.
_MARK = "compiled_by"
_COMPILED_ROOMS = ("engine", "agents", "world", "law/days.py", "law/vocabulary.py", "simulate.py")


@cache
def versions() -> str:
    """Versions of what compiles rules, and of what they run on; nothing is imported for it."""
    return " ".join(version(name) for name in ("numba", "llvmlite", "numpy"))


def rules_hash() -> str:
    """Hash of every source that compiled rules can depend on, and of what compiles them, checks of bounds included."""
    checks = os.environ.get("NUMBA_BOUNDSCHECK", "")
    digest = hashlib.sha256(f"{versions()} {checks}".encode())
    for room in _COMPILED_ROOMS:
        path = _PACKAGE / room
        for source in sorted(path.rglob("*.py")) if path.is_dir() else [path]:
            digest.update(source.relative_to(_PACKAGE).as_posix().encode())
            digest.update(source.read_bytes())
    return digest.hexdigest()[:16]


def cache_folder() -> Path:
    """Folder of compiled rules for these sources."""
    place = folder(RULES) / rules_hash()
    if not place.exists():
        prune(RULES)
        place.mkdir(mode=0o700, exist_ok=True)
    touch(place)
    return place


def is_compiled(entry: Callable[..., Any]) -> bool:
    """Whether the code of an entry point for these sources stands in the cache, or nothing is compiled at all."""
    statistics = getattr(entry, "stats", None)
    if statistics is None:
        return True
    name = f"{entry.__module__.rpartition('.')[2]}.{entry.__qualname__}"
    return any(Path(statistics.cache_path).glob(f"{name}-*.nbi"))


def rule(function: Rule) -> Rule:
    """Compiles a small rule; it becomes part of the kernel that calls it."""
    import numba

    vars(function)[_MARK] = rule
    if numba.config.DISABLE_JIT:
        return function
    if PLAIN:
        return cast(Rule, numba.njit(**OPTIONS)(function))
    from sim.engine.linking import RuleDispatcher

    return cast(Rule, RuleDispatcher(function))


def kernel(function: Rule) -> Rule:
    """Compiles an entry point and keeps the result on disk."""
    import numba

    vars(function)[_MARK] = kernel
    if numba.config.DISABLE_JIT:
        return function
    numba.config.CACHE_DIR = str(cache_folder())
    if PLAIN:
        return cast(Rule, numba.njit(cache=True, **OPTIONS)(function))
    from sim.engine.linking import BoundCache, KernelCompiler

    compiled = numba.njit(cache=True, pipeline_class=KernelCompiler, **OPTIONS)(function)
    compiled._cache = BoundCache(function)
    return cast(Rule, compiled)


def in_python(function: Rule) -> Rule:
    """The Python function behind a rule, to be called outside of compiled code: nothing is compiled."""
    return cast(Rule, getattr(function, "py_func", function))


def is_rule(value: Any) -> bool:
    """Whether something is a rule, compiled or not."""
    return _mark(value) is rule


def is_kernel(value: Any) -> bool:
    """Whether something is an entry point, compiled or not."""
    return _mark(value) is kernel


def _mark(value: Any) -> Any:
    """What a function was marked with, if it is one and was."""
    function = in_python(value)
    return vars(function).get(_MARK) if isinstance(function, FunctionType) else None
