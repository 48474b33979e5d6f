"""Reads a file of pure data as YAML 1.2 and remembers the line of each entry.

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
        """The place itself if it has an entry, else that of the nearest enclosing entry."""
        while place and place not in self.lines:
            place = place[:-1]
        return place

    def where(self, place: Place) -> str:
        """File and line of an entry, or of the nearest enclosing one."""
        line = self.lines.get(self.nearest(place))
        return self.name if line is None else f"{self.name}:{line}"


@dataclass(frozen=True)
class FileEntry:
    """An entry of a file with everything below it; reads values and notes mistakes with their place."""

    document: Document  # the file
    place: Place  # of the entry

    def below(self, *keys: str | int) -> "FileEntry":
        """The entry at a key, or at a position in a list, below this entry."""
        return FileEntry(self.document, (*self.place, *keys))

    def where(self, key: str = "") -> str:
        """File and line of the entry, or of one of its keys."""
        return self.document.where((*self.place, key) if key else self.place)

    def words(self, key: str = "") -> str:
        """Place as text: `change 2, value`."""
        return describe((*self.place, key) if key else self.place)

    def wrong(self, *keys: str) -> bool:
        """True if the entry itself, or one of some keys, has a known mistake."""
        places = [self.place, *((*self.place, key) for key in keys)]
        return not self.document.wrong.isdisjoint(places)

    @property
    def sound(self) -> bool:
        """True if neither the entry nor anything below it has a known mistake."""
        size = len(self.place)
        return not any(place[:size] == self.place for place in self.document.wrong)

    def note(self, problem: InputError, key: str = "") -> None:
        """Notes a problem with the entry or with a key below it, which the argument or the problem itself names."""
        for single in problem.problems:
            place = (*self.place, *(name for name in (key, single.key) if name))
            self.document.found.add(single.at(self.document.where(place), describe(place)))
            self.document.wrong.add(place)

    def read(self, key: str, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T | None:
        """Reads the value at a key with a function; None if there is a mistake, which is noted once."""
        if self.wrong(key):
            return None
        try:
            return function(*args, **kwargs)
        except InputError as problem:
            self.note(problem, key)
            return None


def read_document(path: Path, name: str) -> Document:
    """Reads a file, which messages call by `name`; mistakes are collected in the document's `found`."""
    return parse_document(_read_text(path, name), name)


def parse_document(text: str, name: str) -> Document:
    """Parses the text of a file sent by a user; see `read_document`."""
    content, lines, problems = _parsed(text, name)
    return Document(name, deepcopy(content), lines, Findings(problems))


@lru_cache(maxsize=64)
def _parsed(text: str, name: str) -> tuple[Data, dict[Place, int], tuple[InputError, ...]]:
    """Content, lines and mistakes of a text; the result is cached because parsing takes 0.01 s per file."""
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
    """Text of a regular file within the size limit; pipes and devices, which might never end, are not opened."""
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
    """Notes everything in a text that is not pure data, in one pass and without building objects."""
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
    """Raises an error with the place of an unescaped control character, because YAML's own error has no place."""
    mistakes = Findings()
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        if any(map(is_control, line)):
            key = re.match(r"[\s-]*(\w[\w.]*)\s*:", line)
            value = line[key.end() :].strip(" ") if key else line
            mistakes.add(_control(name, number, key[1] if key else "", value))
    mistakes.raise_all()


def _control(name: str, line: int, key: str, value: str) -> InputError:
    """Error for a control character, which the message shows escaped."""
    return InputError("holds a control character", where=f"{name}:{line}", key=key, value=value, fix=_PLAIN_TEXT)


def describe(place: Place) -> str:
    """Place of an entry as text: `change 2, value`; empty for the whole file."""
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
        """Converts a node and everything below it."""
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
        """Converts a mapping; keys must be texts without repeats, and other entries are noted and left out."""
        content: dict[str, Data] = {}
        for key_node, value_node in node.value:
            with self.found.gather():
                key = self._key(key_node, value_node, place, content)
                self.lines[*place, key] = key_node.start_mark.line + 1
                content[key] = self.convert(value_node, (*place, key))
        return content

    def _key(self, node: Node, value_node: Node, place: Place, others: dict[str, Data]) -> str:
        """Key of an entry in a mapping."""
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
        """Notes a mistake on a line."""
        return InputError(problem, where=f"{self.name}:{line}", key=describe(place), value=value, fix=fix)
