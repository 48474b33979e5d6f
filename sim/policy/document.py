"""Reads a file of pure data as YAML 1.2 and remembers the line of every entry.

A file from a stranger cannot run anything, read anything, or grow: no tags, no references between entries, no
`${…}`, no `_target_`, one document, limits on size, depth and number of entries. Every scalar stays the text
that stands in the file; the reader of the entry gives it its meaning.
"""

import re
from dataclasses import dataclass, field
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, DocumentStartEvent, NodeEvent
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from sim.policy.problem import Findings, InputError, is_control

MOST_BYTES = 200_000
MOST_ENTRIES = 20_000
MOST_DEPTH = 12

#: Place of an entry: keys and positions from the top.
Place = tuple[str | int, ...]
Data = str | None | list["Data"] | dict[str, "Data"]

_PURE_DATA = "A scenario file is pure data: write the value itself."
_PLAIN_TEXT = "Remove it: texts of a scenario are plain text, shown as they are written."


@dataclass(frozen=True)
class Document:
    """The content of a file.

    Attributes:
        name: the file as messages name it.
        content: lists, mappings and texts; None for an entry without a value.
        lines: line number of every entry, from 1.
        found: mistakes found in it so far; readers of its entries add to them, so that all are reported at once.
    """

    name: str
    content: Data
    lines: dict[Place, int]
    found: Findings = field(default_factory=Findings, compare=False)

    def where(self, place: Place) -> str:
        """File and line of an entry, or of the nearest one around it."""
        for length in range(len(place), -1, -1):
            line = self.lines.get(place[:length])
            if line is not None:
                return f"{self.name}:{line}"
        return self.name


def read_document(path: Path, name: str) -> Document:
    """Reads a file.

    Args:
        path: the file.
        name: the file as messages shall name it.

    Raises:
        InputError: the file cannot be read, is too large, is no YAML, or holds more than pure data. Mistakes in
            single entries are noted in the document's `found`.
    """
    text = _read_text(path, name)
    _refuse_raw_controls(text, name)
    try:
        _refuse_more_than_data(text, name)
        root = YAML(typ="safe", pure=True).compose(text)
    except MarkedYAMLError as error:
        mark = error.problem_mark or error.context_mark
        where = f"{name}:{mark.line + 1}" if mark else name
        raise InputError(
            f"not readable as YAML ({error.problem or error.context})",
            where=where,
            fix="Check indentation, colons and quotes on this line and the one before.",
        ) from None
    except (YAMLError, ValueError, RecursionError) as error:
        if isinstance(error, InputError):
            raise
        problem = str(error).splitlines()[0] if str(error) else "malformed"
        raise InputError(
            f"not readable as YAML ({problem})", where=name, fix="Write plain text with keys and values."
        ) from None
    lines: dict[Place, int] = {}
    found = Findings()
    return Document(name, _Converter(name, lines, found).convert(root, ()), lines, found)


def _read_text(path: Path, name: str) -> str:
    """The text of a file within the size limit; a pipe or a device, which might never end, is not opened."""
    try:
        if path.exists() and not path.is_file():
            raise InputError(
                "cannot be read (it is a folder, a pipe or a device)", where=name, fix="Name a file of text."
            )
        with path.open("rb") as file:
            raw = file.read(MOST_BYTES + 1)
        if len(raw) > MOST_BYTES:
            raise InputError(f"larger than {MOST_BYTES:,} bytes", where=name, fix="A scenario is a page of text.")
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = raw[: error.start].count(b"\n") + 1
        raise InputError("not UTF-8 text", where=f"{name}:{line}", fix="Save the file as UTF-8.") from None
    except OSError as error:
        raise InputError(
            f"cannot be read ({error.strerror})",
            where=name,
            fix="Check that it is a file and its permissions.",
        ) from None


def _refuse_more_than_data(text: str, name: str) -> None:
    """Refuses a file with anything but pure data; scans it once, without building anything."""
    depth = entries = documents = 0
    for event in YAML(typ="safe", pure=True).parse(text):
        where = f"{name}:{event.start_mark.line + 1}"
        documents += isinstance(event, DocumentStartEvent)
        entries += isinstance(event, NodeEvent)
        kind = type(event).__name__
        depth += kind.endswith(("MappingStartEvent", "SequenceStartEvent"))
        depth -= kind.endswith(("MappingEndEvent", "SequenceEndEvent"))
        if depth > MOST_DEPTH or entries > MOST_ENTRIES or documents > 1:
            problem = f"more than {MOST_DEPTH} levels, {MOST_ENTRIES:,} entries or one document"
            raise InputError(problem, where=where, fix="A scenario is a page of text.")
        anchor = getattr(event, "anchor", None)
        if isinstance(event, AliasEvent) or anchor:
            raise InputError(
                "references between entries (& and *) are not allowed",
                where=where,
                value=anchor,
                fix="Repeat the value, or quote it if it begins with & or *.",
            )
        if getattr(event, "tag", None):
            raise InputError("tags (!) are not allowed", where=where, value=str(event.tag), fix=_PURE_DATA)


def _refuse_raw_controls(text: str, name: str) -> None:
    """Refuses unescaped control characters: YAML allows few of them, and its message does not say where they are."""
    for number, line in enumerate(re.split(r"\r\n|\n|\r", text), start=1):
        if any(map(is_control, line)):
            key = re.match(r"[\s-]*(\w[\w.]*)\s*:", line)
            value = line[key.end() :].strip(" ") if key else line
            raise _control(name, number, key[1] if key else "", value)


def _control(name: str, line: int, key: str, value: str) -> InputError:
    """The error for a control character; the value is shown escaped."""
    return InputError("holds a control character", where=f"{name}:{line}", key=key, value=value, fix=_PLAIN_TEXT)


def describe(place: Place) -> str:
    """The place of an entry in words: `change 2, value`."""
    words: list[str] = []
    for part in place:
        if part == "changes":
            continue
        number = part + 1 if isinstance(part, int) else part
        words.append(f"change {number}" if isinstance(part, int) and not words else str(number))
    return ", ".join(words) if words else "changes"


@dataclass(frozen=True)
class _Converter:
    """Nodes to lists, mappings and texts, with the line of each.

    Attributes:
        name: the file as messages name it.
        lines: filled with the line of every entry.
        found: filled with mistakes.
    """

    name: str
    lines: dict[Place, int]
    found: Findings

    def convert(self, node: Node | None, place: Place) -> Data:
        """One node with all below it."""
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
            self.found.add(_control(self.name, line, describe(place) if place else "", text))
        if "${" in text:
            problem = "values that are looked up elsewhere (${…}) are not allowed"
            key = describe(place) if place else ""
            self.found.add(InputError(problem, where=f"{self.name}:{line}", key=key, value=text, fix=_PURE_DATA))
        return None if node.tag == "tag:yaml.org,2002:null" else text

    def _mapping(self, node: MappingNode, place: Place) -> dict[str, Data]:
        """A mapping whose keys are texts, each once; other entries are noted and left out."""
        content: dict[str, Data] = {}
        for key_node, value_node in node.value:
            with self.found.gather():
                key = self._key(key_node, value_node, content)
                self.lines[*place, key] = key_node.start_mark.line + 1
                content[key] = self.convert(value_node, (*place, key))
        return content

    def _key(self, node: Node, value_node: Node, others: dict[str, Data]) -> str:
        """The key of an entry."""
        line = node.start_mark.line + 1
        where, key = f"{self.name}:{line}", node.value
        if not isinstance(key, str):
            raise InputError("a key must be a word", where=where, fix="Write `key: value`.")
        if any(map(is_control, key)):
            raise _control(self.name, line, "", key)
        if key.startswith("_") or "${" in key:
            value = value_node.value if isinstance(value_node.value, str) else None
            problem = "keys that create or look up things are not allowed"
            fix = "A scenario file is pure data: remove this key."
            raise InputError(problem, where=where, key=key, value=value, fix=fix)
        if key in others:
            raise InputError("this key stands twice", where=where, key=key, fix="Keep one of the two.")
        return key
