"""Reads the worked examples of CONTRIBUTING.md, which name a file and a place in it."""

import ast
import re
from pathlib import Path
from typing import NamedTuple

PAGE = Path(__file__).parents[2] / "CONTRIBUTING.md"
_BLOCK = re.compile(r"```(?:python|csv|yaml)\n# (\S+\.(?:py|csv|yaml))(?:, ([^\n]+))?\n(.*?)```", re.DOTALL)
_SECTION = re.compile(r"^## An? ", re.MULTILINE)


class Example(NamedTuple):
    """A code block of CONTRIBUTING.md: file, place in it, and text to add."""

    file: str
    place: str
    code: str


def examples() -> dict[str, list[Example]]:
    """Code blocks of each example section, by kind of addition, such as `lever`."""
    sections = _SECTION.split(PAGE.read_text(encoding="utf-8"))[1:]
    return {one.partition("\n")[0]: [Example(*found) for found in _BLOCK.findall(one)] for one in sections}


def added(text: str, example: Example) -> str:
    """Text of a module with an example inserted at its place."""
    lines = text.splitlines(keepends=True)
    first, last = _span(example, lines)
    return "".join([*lines[:first], example.code, *lines[last:]])


def _span(example: Example, lines: list[str]) -> tuple[int, int]:
    """First and last line that an example replaces; none if it only adds lines.

    Raises:
        LookupError, StopIteration, ValueError: There is no such place.
    """
    tree = ast.parse("".join(lines))
    if example.place == "among the imports":
        module = example.code.split()[1]
        imports = [node for node in tree.body if isinstance(node, ast.ImportFrom) and str(node.module) > module]
        return (imports[0].lineno - 1,) * 2
    place, _, name = example.place.rpartition(" of ")
    node = next(node for node in tree.body if name in _names_of(node))
    end = node.end_lineno or 0
    match place, node:
        case "in place", ast.FunctionDef():
            return node.decorator_list[0].lineno - 1 if node.decorator_list else node.lineno - 1, end
        case "in place", _:
            return node.lineno - 1, end
        case "before the last else", _:
            at = max(number for number in range(node.lineno, end) if lines[number] == "    else:\n")
            return at, at
        case _, ast.ClassDef() if place.startswith("before "):
            at = next(member.lineno for member in node.body if place.removeprefix("before ") in _names_of(member)) - 1
            return at, at
        case "at the end", ast.ClassDef() | ast.FunctionDef():
            return end, end
        case "at the end", ast.Assign() | ast.AnnAssign() if node.value is not None:
            entries = next(inner for inner in ast.walk(node.value) if isinstance(inner, ast.Tuple | ast.Dict))
            return ((entries.end_lineno or 0) - 1,) * 2
    raise LookupError(example.place)


def _names_of(node: ast.stmt) -> set[str]:
    """Names that a statement at the top of a module defines."""
    if isinstance(node, ast.ClassDef | ast.FunctionDef):
        return {node.name}
    targets = [node.target] if isinstance(node, ast.AnnAssign) else getattr(node, "targets", [])
    return {target.id for target in targets if isinstance(target, ast.Name)}
