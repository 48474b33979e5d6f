"""Reads the parts that a user adds to the model: outcomes, levers, rules, and rows of data.

A model has the same parts from its first look at data or registries to its end: law, outcomes and levers are read once
and stand in many places. An environment variable names the folders, so that worker processes have them, too. Python
files of them are programs, unlike scenario files; neither a scenario file nor a folder of results can name them.
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
from collections.abc import Callable, Iterable, Mapping, Sequence
from functools import cache
from importlib.abc import ExecutionLoader
from pathlib import Path
from types import MappingProxyType, ModuleType
from typing import Any, TypeVar

T = TypeVar("T")

#: Variables that name the folders, as PATH does, and the hash of their content when it was first read.
PLACE, SEEN = "COMITY_PARTS", "COMITY_PARTS_SHA256"
OUTCOMES, LEVERS, RULES, DATA, SCENARIOS = "outcomes.py", "levers.py", "rules.py", "data", "scenarios"
PARAMETERS, FIELDS, EVENTS = "parameters.csv", "fields.csv", "events.csv"
#: Files of `DATA` that have no file of sim/data below them.
ALONE = (FIELDS, EVENTS)
#: What each Python file has made in this process, by the name that `texts` gives it.
MADE: dict[str, list[Any]] = {}
_NAME = re.compile(r"[a-z][a-z0-9_]*(\.[a-z][a-z0-9_]*)?")


class OwnPartError(ValueError):
    """Error for an unusable part of a user: problem, place, key and fix."""

    def __init__(self, problem: str, where: str, key: str = "", fix: str = "") -> None:
        self.words = {"problem": problem, "where": where, "key": key, "fix": fix}
        super().__init__(f"{where}: {f'{key}: ' if key else ''}{problem}. {fix}")


def places() -> tuple[Path, ...]:
    """Folders and rule files of the user's parts, in order; empty if the user has none."""
    return tuple(Path(place) for place in os.environ.get(PLACE, "").split(os.pathsep) if place)


def joined(parts: Iterable[str | os.PathLike[str]]) -> str:
    """Paths of parts as one text, as the environment variable has them."""
    return os.pathsep.join(os.path.realpath(place) for place in parts)


@cache
def texts() -> Mapping[str, str]:
    """Content of all files in the user's parts, by folder and name, such as `mine/data/treaties.csv`."""
    files_by_name = contents(places())
    if os.environ.get(SEEN, hashed(files_by_name)) != hashed(files_by_name):
        fix = "Give the command again."
        raise OwnPartError("has changed since this study began", ", ".join(map(str, places())), fix=fix)
    return MappingProxyType(files_by_name)


def contents(parts: Iterable[Path]) -> dict[str, str]:
    """Content of all files at some paths, under the same names as in `texts`."""
    files_by_name: dict[str, str] = {}
    for place in parts:
        if any(name.startswith(f"{place.name}/") for name in files_by_name):
            fix = "Parts are distinguished by the names of their folders: rename one."
            raise OwnPartError("a second part has this name", str(place), place.name, fix)
        files_by_name |= {f"{place.name}/{name}": text for name, text in read(place).items()}
    return files_by_name


def where(name: str) -> str:
    """Path of a file in `texts`, given its name."""
    part, _, file = name.partition("/")
    place = next((place for place in places() if place.name == part), Path(part))
    return str(place if place.suffix == ".py" and not place.is_dir() else place / file)


def files(name: str) -> list[tuple[str, str]]:
    """Name in `texts`, and content, of the user's files that are called `name`, such as `levers.py`."""
    return [(key, text) for key, text in texts().items() if key.partition("/")[2] == name]


def data(name: str) -> list[tuple[str, str]]:
    """Path and content of each data file in the user's parts with a given file name."""
    return [(where(key), text) for key, text in files(f"{DATA}/{name}")]


def layout() -> str:
    """Hash of the user's files that add parameters, or fields to tables; empty if there are none."""
    tables = [text for name in (PARAMETERS, FIELDS) for _, text in data(name)]
    return hashlib.sha256("\0".join(tables).encode()).hexdigest() if tables else ""


def read(place: Path) -> dict[str, str]:
    """Reads all files of a part, by name; a single file of rules also counts as a part."""
    fix = f"Put {OUTCOMES}, {LEVERS}, {RULES}, {SCENARIOS}/ or {DATA}/ there (docs/own_rules.md)."
    if place.suffix == ".py" and place.is_file():
        return {RULES: _content(place)}
    contents = {}
    inner = (*(place / DATA).glob("[!.]*"), *(place / SCENARIOS).glob("*.yaml"))
    for path in sorted((*place.glob("*.py"), *inner)):
        name = path.relative_to(place).as_posix()
        if path.parent == place and name not in (OUTCOMES, LEVERS, RULES):
            raise OwnPartError("not a part", str(path), fix=fix)
        contents[name] = _content(path)
    if not contents:
        raise OwnPartError("holds no part" if place.is_dir() else "no such folder", str(place), fix=fix)
    return contents


def _content(path: Path) -> str:
    try:
        return path.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise OwnPartError(f"cannot be read ({error})", str(path), fix="Write text in UTF-8.") from None


def adopt(files_by_name: Mapping[str, str]) -> None:
    """Uses parts that another machine sent; must be called before this process reads parts."""
    os.environ.pop(PLACE, None)
    os.environ.pop(SEEN, None)
    if not files_by_name:
        return
    place = Path(tempfile.mkdtemp(prefix="comity-"))
    atexit.register(shutil.rmtree, place, ignore_errors=True)
    for name, text in files_by_name.items():
        (place / name).parent.mkdir(exist_ok=True, parents=True)
        (place / name).write_text(text, encoding="utf-8")
    names = dict.fromkeys(name.partition("/")[0] for name in files_by_name)
    os.environ |= {PLACE: joined(place / name for name in names), SEEN: hashed(files_by_name)}


def hashed(files_by_name: Mapping[str, str]) -> str:
    """SHA-256 over names and contents of files, as text."""
    return hashlib.sha256(
        "\0".join(part for item in sorted(files_by_name.items()) for part in item).encode()
    ).hexdigest()


def made_by(
    file: str, kinds: type[T] | tuple[type[T], ...], name_of: Callable[[T], str], shipped: Iterable[T]
) -> list[T]:
    """Outcomes or levers that the user's files called `file` make, in order.

    Global names and lists of each are looked through for some kinds of object; names of shipped ones are taken.
    """
    objects: list[T] = []
    known = list(shipped)
    for name, text in files(file):
        MADE[name] = _made_by_one(name, text, kinds, name_of, [*known, *objects])
        objects += MADE[name]
    return objects


def _made_by_one(
    file: str, text: str, kinds: type[T] | tuple[type[T], ...], name_of: Callable[[T], str], known: Sequence[T]
) -> list[T]:
    """Outcomes or levers that one of the user's files makes; OwnPartError if none, or if a name is taken."""
    module, parts = program(file, text), list[T]()
    for value in vars(module).values():
        for item in value if isinstance(value, list | tuple) else (value,):
            if isinstance(item, kinds) and not any(item is one for one in (*known, *parts)):
                parts.append(item)
    taken = {name_of(item) for item in known}
    for item in parts:
        name = name_of(item)
        if name in taken or not _NAME.fullmatch(name):
            problem = "this name is taken" if name in taken else "not a name"
            raise OwnPartError(problem, where(file), name, "Choose another: small letters, digits and _.")
        taken.add(name)
    if not parts:
        problem = f"makes none of the {Path(file).stem}"
        raise OwnPartError(problem, where(file), fix="See docs/own_rules.md for an example.")
    return parts


def program(file: str, text: str) -> ModuleType:
    """Imports a part's Python file as a module with a unique name.

    Compiled rules are kept under the name of their module: that of a file of rules depends on rules and data alone, so
    that a change of outcomes, levers or scenarios compiles nothing.
    """
    words, files_by_name = re.sub(r"\W", "_", file.removesuffix(".py")), texts()
    if file.partition("/")[2] == RULES:
        inner = {name: name.partition("/")[2] for name in files_by_name}
        files_by_name = {
            name: files_by_name[name] for name in inner if inner[name] == RULES or inner[name].startswith(f"{DATA}/")
        }
    return module_of(f"comity_{words}_{hashed(files_by_name)[:16]}", where(file), text)


class _Text(ExecutionLoader):
    """Import loader for a module whose source is a text instead of a file on disk."""

    def __init__(self, file: str, text: str) -> None:
        self._file, self._text = file, text

    def get_filename(self, fullname: str) -> str:  # noqa: ARG002 - there is one module
        """File name of the module, for tracebacks."""
        return self._file

    def get_source(self, fullname: str) -> str:  # noqa: ARG002 - likewise
        """Source text of the module."""
        return self._text


def module_of(name: str, file: str, text: str) -> ModuleType:
    """Imports a module from source text; error messages name `file`."""
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
