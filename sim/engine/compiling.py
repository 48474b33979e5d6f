"""Compilation of rules, and the cache of compiled code.

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
    """Rules are compiled without `linking`: as the environment says, else under a release of Numba that is not known.

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
_COMPILED_ROOMS = ("engine", "agents", "world", "law/days.py", "law/vocabulary.py", "data/bodies.csv", "simulate.py")


@cache
def versions() -> str:
    """Versions of what compiles rules, and of what they run on; nothing is imported for it."""
    return " ".join(version(name) for name in ("numba", "llvmlite", "numpy"))


def rules_hash() -> str:
    """Hash of every source that compiled rules can depend on, and of what compiles them."""
    return _hash(_COMPILED_ROOMS)


@cache
def compiler_hash() -> str:
    """Hash of what compiles rules: its sources, and all that they stand on."""
    return _hash(_COMPILER)


def _hash(rooms: Sequence[str]) -> str:
    """Hash of sources, of tables declared as CSV next to them, of versions, and of whether bounds are checked."""
    checks = os.environ.get("NUMBA_BOUNDSCHECK", "")
    made = hashlib.sha256(f"{sys.version_info[:2]} {versions()} {checks}".encode())
    for room in rooms:
        path = _PACKAGE / room
        for source in sorted((*path.rglob("*.py"), *path.rglob("*.csv"))) if path.is_dir() else [path]:
            made.update(source.relative_to(_PACKAGE).as_posix().encode())
            made.update(source.read_bytes())
    return made.hexdigest()[:16]


def _plain_folder() -> Path | None:
    """Folder of rules that Numba itself has compiled; None where there can be none."""
    place = folder(RULES) / f"plain-{rules_hash()}"
    try:
        place.mkdir(exist_ok=True)
        place.chmod(0o700)
    except OSError:
        return None
    touch(place)
    return place


class PlainCache:
    """Numba's own cache of an entry point, as long as its files are what Numba has written.

    It wraps the object through which a dispatcher of Numba reads and writes.
    """

    def __init__(self, numbas: Any, entry: Callable[..., Any]) -> None:
        self._numbas, self._front = numbas, f"*{entry.__qualname__}-*.nb"
        named = hashlib.sha256(f"{numbas.cache_path} {entry.__module__}.{entry.__qualname__}".encode())
        self._note = f"plain-files-{named.hexdigest()[:24]}"

    def __getattr__(self, name: str) -> Any:
        return getattr(self._numbas, name)

    def load_overload(self, sig: Any, target_context: Any) -> Any:
        """Code that was compiled before; None where there is none, or it is damaged."""

        def loaded(files: memoryview) -> tuple[Any]:
            """The code that Numba finds."""
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
        """Keeps code, where it can be kept."""
        try:
            self._numbas.save_overload(sig, data)
            write(RULES, self._note, self._files())
        except Exception as error:  # compiled code is there, kept or not
            _LOGGER.info("not kept in the cache: %r", error)

    def is_whole(self) -> bool:
        """True if there is code, as Numba has written it."""
        return bool(read(RULES, self._note, lambda files: bytes(files) == self._files() != b""))

    def _paths(self) -> list[Path]:
        """Files of the entry point."""
        return sorted(path for end in "ic" for path in Path(self._numbas.cache_path).glob(self._front + end))

    def _files(self) -> bytes:
        """Their names, and hashes of what is in them."""
        made = (f"{path.name} {hashlib.sha256(path.read_bytes()).hexdigest()}\n" for path in self._paths())
        return "".join(made).encode()


def is_compiled(entry: Callable[..., Any]) -> bool:
    """True if the code of an entry point, as it is bound now, is in the cache, or nothing is compiled at all."""
    statistics = getattr(entry, "stats", None)
    if statistics is None:
        return True
    if PLAIN:
        kept = vars(entry).get("_cache")
        return isinstance(kept, PlainCache) and kept.is_whole()
    return holds(RULES, f"{kernel_name(entry)}-")


def kernel_name(entry: Callable[..., Any]) -> str:
    """Name of the code of an entry point as it is bound now, by all that it is made from but its arguments."""
    made = hashlib.sha256(f"{compiler_hash()} {digest(entry)}".encode())
    return f"{entry.__module__}.{entry.__qualname__}-{made.hexdigest()[:24]}"


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
    """The Python function behind a rule, to be called outside of compiled code: nothing is compiled."""
    return cast(Rule, getattr(function, "py_func", function))


def is_rule(value: Any) -> bool:
    """True if something is a rule, compiled or not."""
    return _mark(value) is rule


def is_kernel(value: Any) -> bool:
    """True if something is an entry point, compiled or not."""
    return _mark(value) is kernel


def _mark(value: Any) -> Any:
    """The mark of a function, if it has one."""
    function = in_python(value)
    return vars(function).get(_MARK) if isinstance(function, FunctionType) else None
