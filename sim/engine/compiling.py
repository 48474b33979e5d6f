"""Compiles rules with Numba, and caches the compiled code on disk.

Compiled code is kept by its content: by all that an entry point is bound to (see `bound`), by what compiles it, and by
the processor that it is for. Another checkout or environment of the same content finds it, a rule that replaces one of
these is compiled, and a change of a rule compiles the entry points that reach it.

`linking` compiles some four times faster than Numba itself, but builds on private classes of Numba, which may change
with any release. Under a release of Numba that is not known, and with COMITY_PLAIN_NUMBA=1 in the environment, rules
are compiled by `numba.njit` as it is: slower to compile and to run, with the same tables. Numba's own cache notices a
change in the file of a function but not in the modules it calls: its folder bears a hash of all sources that rules
depend on. Nor does it notice damage: the names and hashes of its files are kept next to them, and other files are not
read.
"""

import hashlib
import os
import re
import sys
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import cache, partial
from importlib.metadata import version
from logging import getLogger
from pathlib import Path
from types import FunctionType
from typing import Any, TypeVar, cast

from sim.engine.bound import OPTIONS, digest
from sim.engine.caching import RULES, folder, holds, read, touch, write

Rule = TypeVar("Rule", bound=Callable[..., Any])
Record = Any  # a row of a structured array, or a whole one, that a rule is given: Numba knows which, no type checker
Key = Any  # a 64-bit word: lineage key, seed, hash

_LOGGER = getLogger(__name__)
#: Releases of Numba whose private classes `linking` fits: from the first on, and before the second.
_KNOWN = (0, 62), (0, 69)
_SWITCH = "COMITY_PLAIN_NUMBA"


def _is_plain() -> bool:
    """True if Numba compiles rules in its standard way, without the faster module `linking`.

    That is said once: the variable is set for processes that this one starts.
    """
    if asked := os.environ.get(_SWITCH):
        return asked != "0"
    number = version("numba")
    first, behind = _KNOWN
    if first <= tuple(map(int, re.findall(r"\d+", number)[:2])) < behind:
        return False
    os.environ[_SWITCH] = "1"
    if os.environ.get("NUMBA_DISABLE_JIT", "0") in ("", "0"):
        _LOGGER.warning(
            "comity: Numba %s is not known to this version: rules are compiled in Numba's plain way, which takes "
            "minutes, once, and run slower; results are the same. Install numba<%d.%d, or set %s=1 to hide this line.",
            *(number, *behind, _SWITCH),
        )
    return True


#: Whether rules are compiled by `numba.njit` as it is, without the private classes of `linking`.
PLAIN = _is_plain()
_PACKAGE = Path(__file__).resolve().parent.parent
#: Attribute of the Python function of a rule or an entry point that says which of the two it is.
_MARK = "compiled_by"
_COMPILER = ("engine", "world/world_pointer.py")
_COMPILED_ROOMS = (
    "engine",
    "agents",
    "world",
    "law/days.py",
    "law/vocabulary.py",
    "data/bodies.csv",
    "data/members.py",
    "simulate.py",
)


@cache
def versions() -> str:
    """Text with the versions of Numba and its dependencies, determined without importing them."""
    return " ".join(version(name) for name in ("numba", "llvmlite", "numpy"))


def rules_hash() -> str:
    """Hash of the compiler and of all source files on which compiled rules can depend."""
    return _hash(_COMPILED_ROOMS)


@cache
def compiler_hash() -> str:
    """Hash of the modules that compile rules, and of the versions of Numba and its dependencies."""
    return _hash(_COMPILER)


def _hash(rooms: Sequence[str]) -> str:
    """Hash of source files, their CSV tables, library versions, and the setting for bounds checks."""
    checks = os.environ.get("NUMBA_BOUNDSCHECK", "")
    made = hashlib.sha256(f"{sys.version_info[:2]} {versions()} {checks}".encode())
    for room in rooms:
        path = _PACKAGE / room
        for source in sorted((*path.rglob("*.py"), *path.rglob("*.csv"))) if path.is_dir() else [path]:
            made.update(source.relative_to(_PACKAGE).as_posix().encode())
            made.update(source.read_bytes())
    return made.hexdigest()[:16]


def _plain_folder() -> Path | None:
    """Folder where Numba caches rules compiled in its standard way; None if the folder cannot be made."""
    place = folder(RULES) / f"plain-{rules_hash()}"
    try:
        place.mkdir(exist_ok=True)
        place.chmod(0o700)
    except OSError:
        return None
    touch(place)
    return place


class PlainCache:
    """Numba's own cache of one entry point, with a check that its files are unchanged.

    It wraps the object through which a dispatcher of Numba reads and writes.
    """

    def __init__(self, numbas: Any, entry: Callable[..., Any]) -> None:
        self._numbas, self._front = numbas, f"*{entry.__qualname__}-*.nb"
        named = hashlib.sha256(f"{numbas.cache_path} {entry.__module__}.{entry.__qualname__}".encode())
        self._note = f"plain-files-{named.hexdigest()[:24]}"

    def __getattr__(self, name: str) -> Any:
        return getattr(self._numbas, name)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Loads compiled code from the cache; None if the code is missing or damaged."""

        def loaded(files: memoryview) -> tuple[Any]:
            """Loads compiled code with Numba's own cache, after a check of the files."""
            if bytes(files) != self._files():
                raise ValueError("damaged")
            return (self._numbas.load_overload(sig, target_context),)

        found = read(RULES, self._note, loaded)
        if found is None:  # Numba would read its index again before it writes
            for path in self._paths():
                with suppress(OSError):
                    path.unlink()
        return found and found[0]

    def save_overload(self, sig: Any, data: Any) -> None:
        """Stores compiled code in the cache if possible."""
        try:
            self._numbas.save_overload(sig, data)
            write(RULES, self._note, self._files())
        except Exception as error:  # compiled code is there, kept or not
            _LOGGER.info("not kept in the cache: %r", error)

    def is_whole(self) -> bool:
        """True if the cache files are unchanged since Numba wrote them."""
        return bool(read(RULES, self._note, lambda files: bytes(files) == self._files() != b""))

    def _paths(self) -> list[Path]:
        """Paths of the entry point's cache files."""
        return sorted(path for end in "ic" for path in Path(self._numbas.cache_path).glob(self._front + end))

    def _files(self) -> bytes:
        """Names and content hashes of the entry point's cache files, as one bytes object."""
        made = (f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n" for path in self._paths())
        return "".join(made).encode()


def is_compiled(entry: Callable[..., Any]) -> bool:
    """True if an entry point needs no compilation, as it is cached or compilation is off."""
    statistics = getattr(entry, "stats", None)
    if statistics is None:
        return True
    if PLAIN:
        kept = vars(entry).get("_cache")
        return isinstance(kept, PlainCache) and kept.is_whole()
    return holds(RULES, f"{kernel_name(entry)}-")


def kernel_name(entry: Callable[..., Any]) -> str:
    """Beginning of the name of an entry point's code in the cache: its name, and a hash of all but argument types."""
    made = hashlib.sha256(f"{compiler_hash()} {digest(entry)}".encode())
    return f"{entry.__module__}.{entry.__qualname__}-{made.hexdigest()[:24]}"


def rule(function: Rule) -> Rule:
    """Decorator for a rule: a small function, compiled as part of each entry point that calls it."""
    import numba

    vars(function)[_MARK] = rule
    if numba.config.DISABLE_JIT:
        return function
    if PLAIN:
        return cast(Rule, numba.njit(**OPTIONS)(function))
    from sim.engine.linking import RuleDispatcher

    return cast(Rule, RuleDispatcher(function))


def kernel(function: Rule) -> Rule:
    """Decorator for an entry point: a function that is compiled with all its rules and cached on disk."""
    import numba

    vars(function)[_MARK] = kernel
    if numba.config.DISABLE_JIT:
        return function
    if PLAIN:
        place = _plain_folder()
        if place is None:
            return cast(Rule, numba.njit(**OPTIONS)(function))
        numba.config.CACHE_DIR = str(place)
        plain = numba.njit(cache=True, **OPTIONS)(function)
        plain._cache = PlainCache(plain._cache, function)
        return cast(Rule, plain)
    from sim.engine.linking import KernelCache, KernelCompiler

    compiled = numba.njit(pipeline_class=KernelCompiler, **OPTIONS)(function)
    compiled._cache = KernelCache(partial(kernel_name, function))
    return cast(Rule, compiled)


def in_python(function: Rule) -> Rule:
    """Python function from which a rule was made, for calls without compilation."""
    return cast(Rule, getattr(function, "py_func", function))


def is_rule(value: Any) -> bool:
    """True if an object was made by the decorator `rule`, compiled or not."""
    return _mark(value) is rule


def is_kernel(value: Any) -> bool:
    """True if an object was made by the decorator `kernel`, compiled or not."""
    return _mark(value) is kernel


def _mark(value: Any) -> Any:
    """Mark that `rule` or `kernel` has set on a function; None without a mark."""
    function = in_python(value)
    return vars(function).get(_MARK) if isinstance(function, FunctionType) else None
