"""Texts that people read in a file: docstrings, comments, messages, names, documents."""

import ast
import csv
import io
import re
from collections.abc import Iterator
from enum import StrEnum
from typing import NamedTuple

#: Pages that programs write: their texts are read where they are written.
WRITTEN = re.compile(
    r"docs/(?:odd|ablation|benchmarks|calibration|cases|evidence_table|ladders|law|natural_experiment|pairing"
    r"|statements|strongest|validation|forecasts)\.md|docs/odd/.*|docs/(?:ladders|coverage|law_by_state)\.csv"
)
#: Columns of tables that quote others, or that programs read.
_QUOTES = {"source", "sources", "quote", "url", "article", "evidence", "note", "name", "short", "licence"}
_CODE = re.compile(r"`[^`]*`|\]\([^)]*\)|https?://\S+|<[^>\n]*>|\{[{%].*?[}%]\}|\{[^{}\s]*\}", re.DOTALL)
_FENCE = re.compile(r"^(```|~~~).*?^\1", re.DOTALL | re.MULTILINE)
_COMMENT = re.compile(r"(?:^|\s{2})#:? (.*)$")
#: At least two words: what is shorter is a key, not a text.
_TEXT = re.compile(r"[A-Za-zäöüé]{2,}[,.:;]? +[\w“‘(]|^ \w")


class Kind(StrEnum):
    """Kinds of text, by where people read it."""

    FIRST_LINE = "first line"  # of a docstring
    DOCSTRING = "docstring"  # the rest of one
    COMMENT = "comment"
    MESSAGE = "message"  # a text in the code, or a cell of a table
    NAME = "name"  # declared in the code; its underscores are spaces
    DOCUMENT = "document"  # prose of a page, a template or a file of texts


class Passage(NamedTuple):
    """A text that people read, and its first line number."""

    kind: Kind
    line: int
    text: str


def passages(name: str, content: str) -> list[Passage]:
    """All texts of a file, by its path in the repository; none for files without readable text."""
    suffix = name.rpartition(".")[2]
    if WRITTEN.fullmatch(name):
        return []
    if suffix == "py":
        return [*_code(ast.parse(content)), *_comments(content)]
    if suffix == "csv":
        return list(_cells(content))
    if suffix in {"md", "rst", "html", "j2", "yaml", "toml"}:
        blank = _FENCE.sub(_as_lines, content) if suffix in {"md", "rst"} else content
        return list(_paragraphs(_CODE.sub(_as_lines, blank)))
    return []


def _as_lines(match: re.Match[str]) -> str:
    """Placeholder with as many line breaks as the text that it replaces, which keeps line numbers."""
    return ("]" if match[0][0] == "]" else "_") + "\n" * match[0].count("\n")


def _code(module: ast.Module) -> Iterator[Passage]:
    """Docstrings, strings and declared names of a module."""
    docstrings: set[int] = set()
    for node in ast.walk(module):
        if isinstance(node, ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            yield from _declared(node)
            if node.body and isinstance(node.body[0], ast.Expr) and isinstance(node.body[0].value, ast.Constant):
                yield from _docstring(node.body[0].value)
                docstrings.add(id(node.body[0].value))
        elif isinstance(node, ast.JoinedStr):
            docstrings |= {id(part) for part in node.values}
            yield from _message(node, "".join(_part(part) for part in node.values))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in docstrings:
            yield from _message(node, node.value)
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield Passage(Kind.NAME, node.lineno, node.id.replace("_", " ").strip())


def _declared(node: ast.Module | ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef) -> Iterator[Passage]:
    """Names of a function or class and of its arguments."""
    if isinstance(node, ast.Module):
        return
    words = re.sub(r"(?<=[a-z])(?=[A-Z])", "_", node.name).replace("_", " ").strip()
    yield Passage(Kind.NAME, node.lineno, words)
    if not isinstance(node, ast.ClassDef):
        every = (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        yield from (Passage(Kind.NAME, each.lineno, each.arg.replace("_", " ").strip()) for each in every)


def _docstring(node: ast.Constant) -> Iterator[Passage]:
    if not isinstance(node.value, str):
        return
    first, _, rest = node.value.strip().partition("\n")
    yield Passage(Kind.FIRST_LINE, node.lineno, _plain(first))
    yield Passage(Kind.DOCSTRING, node.lineno, "\n" + _plain(rest))


def _message(node: ast.expr, text: str) -> Iterator[Passage]:
    if _TEXT.search(text) and not text.lstrip().startswith(("<", "{", "@media", "SELECT")):
        yield Passage(Kind.MESSAGE, node.lineno, _plain(text))


def _part(node: ast.expr) -> str:
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else "_"


def _comments(content: str) -> Iterator[Passage]:
    for number, line in enumerate(content.splitlines(), 1):
        if match := _COMMENT.search(line):
            yield Passage(Kind.COMMENT, number, _plain(match[1]))


def _cells(content: str) -> Iterator[Passage]:
    """Column titles and text cells of a table, except columns of quotations."""
    rows = csv.reader(io.StringIO(content))
    titles = next(rows, [])
    for row in rows:
        for title, cell in zip(titles, row, strict=False):
            if title not in _QUOTES and _TEXT.search(cell):
                yield Passage(Kind.MESSAGE, rows.line_num, _plain(cell))


def _paragraphs(content: str) -> Iterator[Passage]:
    line = 1
    for block in re.split(r"(\n\s*\n|\n(?=\s*(?:[-*|#]|\d+\.) ?))", content):
        if block.strip():
            yield Passage(Kind.DOCUMENT, line, block)
        line += block.count("\n")


def _plain(text: str) -> str:
    """Text without the code in it."""
    return _CODE.sub(_as_lines, text)
