"""Reads a file of pure data as YAML 1.2 and remembers the line of every entry.

A file from a stranger cannot run anything, read anything, or grow: no tags, no references between entries, no
`${…}`, no `_target_`, one document, limits on size, depth and number of entries. Every scalar stays the text
that stands in the file; the reader of the entry gives it its meaning.
"""

from dataclasses import dataclass
from pathlib import Path

from ruamel.yaml import YAML
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, DocumentStartEvent, NodeEvent
from ruamel.yaml.nodes import MappingNode, Node, SequenceNode

from sim.policy.problem import InputError

MOST_BYTES = 1_000_000
MOST_ENTRIES = 20_000
MOST_DEPTH = 12

#: Place of an entry: keys and positions from the top.
Place = tuple[str | int, ...]
Data = str | None | list["Data"] | dict[str, "Data"]

_PURE_DATA = "A scenario file is pure data: write the value itself."


@dataclass(frozen=True)
class Document:
    """The content of a file.

    Attributes:
        name: the file as messages name it.
        content: lists, mappings and texts; None for an entry without a value.
        lines: line number of every entry, from 1.
    """

    name: str
    content: Data
    lines: dict[Place, int]

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
        InputError: the file cannot be read, is too large, is no YAML, or holds more than pure data.
    """
    text = _read_text(path, name)
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
    return Document(name, _convert(root, (), lines, name), lines)


def _read_text(path: Path, name: str) -> str:
    """The text of a file within the size limit."""
    try:
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
    """Scans the file once, without building anything, for what pure data does not hold."""
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


def _convert(node: Node | None, place: Place, lines: dict[Place, int], name: str) -> Data:
    """Nodes to lists, mappings and texts, with the line of each."""
    if node is None:
        raise InputError("the file is empty", where=name, fix="Write at least title, question and author.")
    line = node.start_mark.line + 1
    lines.setdefault(place, line)
    if isinstance(node, SequenceNode):
        return [_convert(child, (*place, i), lines, name) for i, child in enumerate(node.value)]
    if isinstance(node, MappingNode):
        return _convert_mapping(node, place, lines, name)
    text = str(node.value)
    if "${" in text:
        raise InputError(
            "values that are looked up elsewhere (${…}) are not allowed",
            where=f"{name}:{line}",
            key=str(place[-1]) if place else "",
            value=text,
            fix=_PURE_DATA,
        )
    return None if node.tag == "tag:yaml.org,2002:null" else text


def _convert_mapping(node: MappingNode, place: Place, lines: dict[Place, int], name: str) -> dict[str, Data]:
    """A mapping whose keys are texts, each once."""
    content: dict[str, Data] = {}
    for key_node, value_node in node.value:
        where = f"{name}:{key_node.start_mark.line + 1}"
        key = key_node.value
        if not isinstance(key, str):
            raise InputError("a key must be a word", where=where, fix="Write `key: value`.")
        if key.startswith("_") or "${" in key:
            value = value_node.value if isinstance(value_node.value, str) else None
            raise InputError(
                "keys that create or look up things are not allowed",
                where=where,
                key=key,
                value=value,
                fix="A scenario file is pure data: remove this key.",
            )
        if key in content:
            raise InputError("this key stands twice", where=where, key=key, fix="Keep one of the two.")
        lines[*place, key] = key_node.start_mark.line + 1
        content[key] = _convert(value_node, (*place, key), lines, name)
    return content
