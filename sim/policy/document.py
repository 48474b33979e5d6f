"""Reads YAML 1.2 files that contain only data, with the line of each entry for messages.

A file from a stranger cannot run anything, read anything, or grow: no tags, no references between entries, no
`${…}`, no `_target_`, one document, limits on size, depth and number of entries. Every scalar stays the text
that is in the file; the reader of the entry gives it its meaning.
"""

import re
import warnings
from collections.abc import Callable
from copy import deepcopy
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import ParamSpec, TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, ReusedAnchorWarning, YAMLError
from ruamel.yaml.events import AliasEvent, DocumentStartEvent, NodeEvent
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from sim.policy.problem import Findings, InputError, is_control

MOST_BYTES = 200_000
MOST_ENTRIES = 20_000
MOST_DEPTH = 12

T = TypeVar("T")
P = ParamSpec("P")
#: Place of an entry: keys and positions from the top.
Place = tuple[str | int, ...]
Data = str | None | list["Data"] | dict[str, "Data"]

_PURE_DATA = "A scenario file is pure data: write the value itself."
_TOO_LARGE, _A_PAGE = f"larger than {MOST_BYTES:,} bytes", "A scenario is a page of text."
_PLAIN_TEXT = "Remove it: texts of a scenario are plain text, shown as they are written."


@dataclass(frozen=True)
class Document:
    """The content of a file, with the line of each entry and the mistakes found."""

    name: str  # the file as messages name it
    content: Data  # lists, mappings and texts; None for an entry without a value
    lines: dict[Place, int]  # line number of every entry, from 1
    # mistakes found in it so far; readers of its entries add to them, so that all are reported at once
    found: Findings = field(default_factory=Findings, compare=False)
    # places of entries that are missing or cannot be used; nothing that depends on them is checked
    wrong: set[Place] = field(default_factory=set, compare=False)

    def nearest(self, place: Place) -> Place:
        """Finds the entry at a place or, if there is none, the nearest entry around it."""
        while place and place not in self.lines:
            place = place[:-1]
        return place

    def where(self, place: Place) -> str:
        """Text of file and line of an entry, or of the nearest entry around it."""
        line = self.lines.get(self.nearest(place))
        return self.name if line is None else f"{self.name}:{line}"


@dataclass(frozen=True)
class FileEntry:
    """An entry of a file and everything below it, with methods that read values and note mistakes."""

    document: Document  # the file
    place: Place  # of the entry

    def below(self, *keys: str | int) -> "FileEntry":
        """Entry below this one, at a key of a mapping or a position in a list."""
        return FileEntry(self.document, (*self.place, *keys))

    def where(self, key: str = "") -> str:
        """Text of file and line of the entry, or of one of its keys."""
        return self.document.where((*self.place, key) if key else self.place)

    def words(self, key: str = "") -> str:
        """Text on the place of the entry or of a key: `change 2, value`."""
        return describe((*self.place, key) if key else self.place)

    def wrong(self, *keys: str) -> bool:
        """True if a mistake has been noted in the entry itself, or in one of the given keys."""
        places = [self.place, *((*self.place, key) for key in keys)]
        return not self.document.wrong.isdisjoint(places)

    @property
    def sound(self) -> bool:
        """True if no mistake has been noted in the entry or in anything below it."""
        size = len(self.place)
        return not any(place[:size] == self.place for place in self.document.wrong)

    def note(self, problem: InputError, key: str = "") -> None:
        """Notes a mistake in the entry, or in a key below it."""
        for single in problem.problems:
            place = (*self.place, *(name for name in (key, single.key) if name))
            self.document.found.add(single.at(self.document.where(place), describe(place)))
            self.document.wrong.add(place)

    def read(self, key: str, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Applies a function that reads a value at a key; None for a mistake, which is noted once."""
        if self.wrong(key):
            return None
        try:
            return function(*args, **kwargs)
        except InputError as problem:
            self.note(problem, key)
            return None


def read_document(path: Path, name: str) -> Document:
    """Reads and parses a file of data; the result has mistakes in entries, and an unreadable file is an error."""
    return parse_document(_read_text(path, name), name)


def parse_document(text: str, name: str) -> Document:
    """Parses the text of a file of data; the result has mistakes in entries, and an unreadable text is an error."""
    content, lines, problems = _parsed(text, name)
    return Document(name, deepcopy(content), lines, Findings(problems))


@lru_cache(maxsize=64)
def _parsed(text: str, name: str) -> tuple[Data, dict[Place, int], tuple[InputError, ...]]:
    """Parses a text; returns content, lines and mistakes, cached because parsing takes 0.01 s per file."""
    if len(text.encode(errors="replace")) > MOST_BYTES:
        raise InputError(_TOO_LARGE, where=name, fix=_A_PAGE)
    mistakes = Findings()
    _refuse_raw_controls(text, name)
    try:
        _refuse_more_than_data(text, name, mistakes)
        with warnings.catch_warnings():
            warnings.simplefilter("ignore", ReusedAnchorWarning)  # an anchor is a mistake that is noted already
            root = YAML(typ="safe", pure=True).compose(text)
    except InputError:
        raise
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}" if mark else name
        fix = "Check indentation, colons and quotes on this line and the one before."
        raise InputError(f"not readable as YAML ({error.problem or error.context})", where=where, fix=fix) from None
    except (YAMLError, ValueError, RecursionError) as error:
        problem = f"not readable as YAML ({str(error).partition(chr(10))[0] or 'malformed'})"
        raise InputError(problem, where=name, fix="Write plain text with keys and values.") from None
    lines: dict[Place, int] = {}
    return _Converter(name, lines, mistakes).convert(root, ()), lines, mistakes.problems


def _read_text(path: Path, name: str) -> str:
    """Reads the text of a regular file of limited size."""
    try:
        if path.exists() and not path.is_file():
            problem = "cannot be read (it is a folder, a pipe or a device)"
            raise InputError(problem, where=name, fix="Name a file of text.")
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise InputError(_TOO_LARGE, where=name, fix=_A_PAGE)
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InputError("not UTF-8 text", where=f"{name}:{line}", fix="Save the file as UTF-8.") from None
    except OSError as error:
        fix = "Check that it is a file and its permissions."
        raise InputError(f"cannot be read ({error.strerror})", where=name, fix=fix) from None


def _refuse_more_than_data(text: str, name: str, found: Findings) -> None:
    """Notes a mistake for everything in a text that is not pure data, such as YAML tags."""
    depth = entries = documents = 0
    references = False
    for event in YAML(typ="safe", pure=True).parse(text):
        where = f"{name}:{event.start_mark.line + 1}"
        documents += isinstance(event, DocumentStartEvent)
        entries += isinstance(event, NodeEvent)
        kind = type(event).__name__
        depth += kind.endswith(("MappingStartEvent", "SequenceStartEvent"))
        depth -= kind.endswith(("MappingEndEvent", "SequenceEndEvent"))
        if depth > MOST_DEPTH or entries > MOST_ENTRIES or documents > 1:
            problem = f"more than {MOST_DEPTH} levels, {MOST_ENTRIES:,} entries or one document"
            raise InputError(problem, where=where, fix=_A_PAGE)
        anchor = getattr(event, "anchor", None)
        if isinstance(event, AliasEvent) or anchor:
            references |= isinstance(event, AliasEvent)
            problem = "references between entries (& and *) are not allowed"
            fix = "Repeat the value, or quote it if it begins with & or *."
            found.add(InputError(problem, where=where, value=anchor, fix=fix))
        if getattr(event, "tag", None):
            found.add(InputError("tags (!) are not allowed", where=where, value=str(event.tag), fix=_PURE_DATA))
    if references:  # of which even a small file can build an endless one
        found.raise_all()


def _refuse_raw_controls(text: str, name: str) -> None:
    """Raises an error with the place of an unescaped control character in a file."""
    mistakes = Findings()
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        if any(map(is_control, line)):
            key = re.match(r"[\s-]*(\w[\w.]*)\s*:", line)
            value = line[key.end() :].strip(" ") if key else line
            mistakes.add(_control(name, number, key[1] if key else "", value))
    mistakes.raise_all()


def _control(name: str, line: int, key: str, value: str) -> InputError:
    """Makes the error for a control character in a file, shown in escaped form."""
    return InputError("holds a control character", where=f"{name}:{line}", key=key, value=value, fix=_PLAIN_TEXT)


def describe(place: Place) -> str:
    """Text on a place in a file: `change 2, value`; empty for the whole file."""
    words = [str(part + 1) if isinstance(part, int) else part for part in place]
    if len(words) > 1 and words[0] == "changes":
        words[:2] = [f"change {words[1]}"]
    return ", ".join(words)


@dataclass(frozen=True)
class _Converter:
    """Converts YAML nodes to lists, mappings and texts, and remembers the line of each."""

    name: str  # the file as messages name it
    lines: dict[Place, int]  # filled with the line of every entry
    found: Findings  # filled with mistakes

    def convert(self, node: Node | None, place: Place) -> Data:
        """Converts a YAML node, with everything below it, to plain data."""
        if node is None:
            raise InputError("the file is empty", where=self.name, fix="Write at least title, question and author.")
        line = node.start_mark.line + 1
        self.lines.setdefault(place, line)
        if isinstance(node, SequenceNode):
            return [self.convert(child, (*place, i)) for i, child in enumerate(node.value)]
        if isinstance(node, MappingNode):
            return self._mapping(node, place)
        text = str(node.value)
        if any(map(is_control, text)):
            self.found.add(_control(self.name, line, describe(place), text))
        if "${" in text:
            problem = "values that are looked up elsewhere (${…}) are not allowed"
            self.found.add(self._wrong(problem, line, _PURE_DATA, place, text))
        return None if node.tag == "tag:yaml.org,2002:null" else text

    def _mapping(self, node: MappingNode, place: Place) -> dict[str, Data]:
        """Converts a mapping; wrong keys are noted as mistakes and left out."""
        content: dict[str, Data] = {}
        for key_node, value_node in node.value:
            with self.found.gather():
                key = self._key(key_node, value_node, place, content)
                self.lines[*place, key] = key_node.start_mark.line + 1
                content[key] = self.convert(value_node, (*place, key))
        return content

    def _key(self, node: Node, value_node: Node, place: Place, others: dict[str, Data]) -> str:
        """Reads the key of an entry in a mapping; raises an error if it is repeated, forbidden or no text."""
        line, key = node.start_mark.line + 1, node.value
        if not isinstance(key, str):
            raise self._wrong("a key must be a word", line, "Write `key: value`.")
        if any(map(is_control, key)):
            raise _control(self.name, line, "", key)
        if key.startswith("_") or "${" in key:
            value = value_node.value if isinstance(value_node.value, str) else None
            problem = "keys that create or look up things are not allowed"
            raise self._wrong(problem, line, "A scenario file is pure data: remove this key.", (*place, key), value)
        if key in others:
            raise self._wrong("this key is there twice", line, "Keep one of the two.", (*place, key))
        return key

    def _wrong(self, problem: str, line: int, fix: str, place: Place = (), value: str | None = None) -> InputError:
        """Makes the error for a wrong entry, with its line."""
        return InputError(problem, where=f"{self.name}:{line}", key=describe(place), value=value, fix=fix)
