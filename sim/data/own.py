"""The user's own parts: outcomes, levers and data rows from a folder, added to the package's.

A process has the same parts from its first look at data or registries to its end: law, outcomes and levers are read
once and stand in many places. An environment variable names the folder, so that worker processes have it, too. Python
files of it are programs, unlike scenario files; neither a scenario file nor a folder of results can name them.
"""

from __future__ import annotations

import atexit
import hashlib
import os
import re
import shutil
import sys
import tempfile
import traceback
from collections.abc import Callable, Iterable, Mapping
from functools import cache
from importlib.abc import ExecutionLoader
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any, TypeVar

T = TypeVar("T")

#: Variables that name the folder, and the hash of its content when it was first read.
PLACE, SEEN = "COMITY_PARTS", "COMITY_PARTS_SHA256"
OUTCOMES, LEVERS, DATA = "outcomes.py", "levers.py", "data"
PARAMETERS = f"{DATA}/parameters.csv"  # takes no rows: rules are compiled for its record, and sets lie in its ranges
#: What each Python file has made in this process.
MADE: dict[str, list[Any]] = {}
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?")


class OwnPartError(ValueError):
    """A part is unusable; `words` are problem, place, key and fix, as `InputError` takes them."""

    def __init__(self, problem: str, where: str, key: str = "", fix: str = "") -> None:
        self.words = {"problem": problem, "where": where, "key": key, "fix": fix}
        super().__init__(f"{where}: {f'{key}: ' if key else ''}{problem}. {fix}")


def folder() -> Path | None:
    """Folder of the user's parts; None if there are none."""
    return Path(os.environ[PLACE]) if os.environ.get(PLACE) else None


@cache
def texts() -> Mapping[str, str]:
    """Content of each file by name, such as `data/treaties.csv`; read once per process."""
    place = folder()
    contents = read(place) if place else {}
    if os.environ.get(SEEN, hashed(contents)) != hashed(contents):
        raise OwnPartError("has changed since this study began", str(place), fix="Give the command again.")
    return MappingProxyType(contents)


def read(place: Path) -> dict[str, str]:
    """Content of each file in a folder, by name."""
    fix = f"Put {OUTCOMES}, {LEVERS} or {DATA}/ with files named as in sim/data there (docs/own_rules.md)."
    contents = {}
    for path in sorted((*place.glob("*.py"), *(place / DATA).glob("[!.]*"))):
        name = path.relative_to(place).as_posix()
        if name == PARAMETERS:
            raise OwnPartError("not a part", str(path), fix="Set the values of parameters as uncertainty.NAME=VALUE.")
        if path.parent == place and name not in (OUTCOMES, LEVERS):
            raise OwnPartError("not a part", str(path), fix=fix)
        try:
            contents[name] = path.read_text(encoding="utf-8")
        except (OSError, UnicodeDecodeError) as error:
            raise OwnPartError(f"cannot be read ({error})", str(path), fix="Write text in UTF-8.") from None
    if not contents:
        raise OwnPartError("holds no part" if place.is_dir() else "no such folder", str(place), fix=fix)
    return contents


def adopt(found: Mapping[str, str]) -> None:
    """Adopts parts from another machine, before this process has read any."""
    os.environ.pop(PLACE, None)
    os.environ.pop(SEEN, None)
    if not found:
        return
    place = Path(tempfile.mkdtemp(prefix="comity-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    for name, text in found.items():
        (place / name).parent.mkdir(exist_ok=True)
        (place / name).write_text(text, encoding="utf-8")
    os.environ |= {PLACE: str(place), SEEN: hashed(found)}


def hashed(found: Mapping[str, str]) -> str:
    """SHA-256 over names and content of files."""
    return hashlib.sha256("\0".join(part for item in sorted(found.items()) for part in item).encode()).hexdigest()


def made_by(
    file: str, kinds: type[T] | tuple[type[T], ...], name_of: Callable[[T], str], shipped: Iterable[T]
) -> list[T]:
    """Objects in `OUTCOMES` or `LEVERS` of the folder, in order; empty without such a file.

    Its names and lists are looked through for some kinds of object; the names of those that are shipped are taken.
    """
    if file not in texts():
        return []
    where, known = str(Path(os.environ[PLACE]) / file), list(shipped)
    module = module_of(f"comity_{Path(file).stem}_{hashed(texts())[:16]}", where, texts()[file])
    parts: list[T] = []
    for value in vars(module).values():
        for item in value if isinstance(value, list | tuple) else (value,):
            if isinstance(item, kinds) and not any(item is one for one in (*known, *parts)):
                parts.append(item)
    taken = {name_of(item) for item in known}
    for item in parts:
        name = name_of(item)
        if name in taken or not _NAME.fullmatch(name):
            problem = "this name is taken" if name in taken else "not a name"
            raise OwnPartError(problem, where, name, "Choose another: small letters, digits and _.")
        taken.add(name)
    if not parts:
        raise OwnPartError(f"makes none of the {Path(file).stem}", where, fix="See docs/own_rules.md for an example.")
    MADE[file] = parts
    return parts


class _Text(ExecutionLoader):
    """Import loader for a module from a text; writes nothing to disk."""

    def __init__(self, file: str, text: str) -> None:
        self._file, self._text = file, text

    def get_filename(self, fullname: str) -> str:  # noqa: ARG002 - there is one module
        """Name of the file, for tracebacks."""
        return self._file

    def get_source(self, fullname: str) -> str:  # noqa: ARG002 - likewise
        """The text."""
        return self._text


def module_of(name: str, file: str, text: str) -> ModuleType:
    """A module of this name from Python source; errors name the source's file."""
    module = ModuleType(name)
    module.__file__ = file
    sys.modules[name] = module  # where pickle, and code that a cache holds, find its globals
    try:
        _Text(file, text).exec_module(module)
    except Exception as error:
        lines = [frame.lineno for frame in traceback.extract_tb(error.__traceback__) if frame.filename == file]
        line = error.lineno if isinstance(error, SyntaxError) else lines[-1] if lines else None
        words = f"{type(error).__name__}: {getattr(error, 'msg', None) or error}"
        where = file if line is None else f"{file}:{line}"
        raise OwnPartError(f"cannot be imported ({words})", where, fix="Correct this line.") from None
    return module
