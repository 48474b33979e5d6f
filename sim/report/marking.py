"""Reads long texts of pages and figures, and escapes texts from elsewhere for safe display."""

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from importlib.resources import files
from textwrap import wrap
from typing import Any

from sim.law.suggest import unknown_name
from sim.policy.problem import printable

#: What Markdown, its tables, its formulas and the pages that show it would take for marks.
_MARKS = re.compile(
    r"""
    [\\`*\[\]#|~$@]             # emphasis, code, links, headings, cells, struck text, formulas, names of people
    | (?<![^\W_]) _ | _ (?![^\W_])  # emphasis; inside a word it is none
    | & (?=\#?\w+;)             # entities
    | : (?=//|[\w+-]+:)         # addresses, names of pictures
    | (?<=\bwww) \.             # addresses without a scheme
    """,
    re.VERBOSE | re.IGNORECASE,
)
_NO_WIDTH = "\u200b"
_LONG = 60  # letters on a line of a name
_LEADING = re.compile(r"^(\d*)([-+>]|(?<=\d)[.)])(?=\s|$)")  # what turns a line into a list or a quotation


class Texts(dict[str, Any]):
    """Long texts of a package by name; one that is missing is an error with the place of the code that asks for it."""

    def __init__(self, found: Mapping[str, Any], file: str) -> None:
        super().__init__(found)
        self.file = file

    def __missing__(self, name: str) -> Any:
        """Raises an error that suggests the nearest name."""
        raise unknown_name("text", name, f"is not in {self.file}: write it there, or correct the name", self, __file__)


@cache
def texts(room: str) -> Texts:
    """Reads the long texts of the package `room` from its file, by name; fields to fill in are in braces."""
    from ruamel.yaml import YAML

    content = (files(f"sim.{room}") / "texts.yaml").read_text(encoding="utf-8")
    return Texts(YAML(typ="safe", pure=True).load(content), f"sim/{room}/texts.yaml")


def worded(name: str, /, **gaps: object) -> str:
    """Text from the package's file of long texts, with its fields filled in."""
    text = texts("report")
    try:
        return str(text[name]).format(**gaps)
    except KeyError as error:
        problem = f"of the text {name} in {text.file} has no value: give it, or take it out of the text"
        raise unknown_name("field", error.args[0], problem, gaps, __file__) from None


def marked(text: str) -> str:
    """Escapes a text so that Markdown shows it literally on one line, without markup, links or HTML."""
    line = _MARKS.sub(r"\\\g<0>", printable(" ".join(text.split())))
    return _LEADING.sub(r"\1\\\2", line).replace("<", "&lt;")


def code(text: str) -> str:
    """Markdown code span for a text, safe even if the text contains backquotes."""
    line = printable(" ".join(text.split()))
    fence = "`" * (max(map(len, re.findall("`+", line)), default=0) + 1)
    pad = " " if line.startswith("`") or line.endswith("`") else ""
    return f"{fence}{pad}{line}{pad}{fence}"


def markdown_table(head: Sequence[str], rows: Iterable[Sequence[str]], right: Collection[int] | None = None) -> str:
    """Markdown table of cells that are escaped already; columns of numbers, by default all but the first, are right."""
    right = range(1, len(head)) if right is None else right
    rule = ["---:" if place in right else "---" for place in range(len(head))]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in (head, rule, *rows))


def drawn(text: str) -> str:
    """Wraps a long name for display in a figure.

    Matplotlib leaves out of its keys what begins with an underscore.
    """
    return "\n".join(wrap(f"{_NO_WIDTH}{text}" if text.startswith("_") else text, _LONG))
