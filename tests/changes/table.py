"""Table of files and lines that each change touches, at first and now, with reasons for increases."""

import csv
import re
from pathlib import Path

from tests.changes.changes import CHANGES
from tests.changes.examples import PAGE
from tests.changes.tree import Touched, Tree

TABLE = Path(__file__).with_name("table.csv")
_NOW = Touched._fields
_BEFORE = tuple(f"{name}_before" for name in _NOW)
_SHOWN = re.compile(r"(?<=<!-- changes -->\n).*?(?=<!-- end -->)", re.DOTALL)


def measured(name: str) -> Touched:
    """Numbers of files and lines that a change touches now.

    Raises:
        StaleError: A place that it names is gone.
    """
    tree = Tree()
    CHANGES[name].make(tree)
    return tree.touched()


def rows() -> dict[str, dict[str, str]]:
    """Stored rows of the table, by change."""
    with TABLE.open(encoding="utf-8", newline="") as file:
        return {row["change"]: row for row in csv.DictReader(file)}


def now(row: dict[str, str]) -> Touched:
    """Present counts of a row, as stored in the table."""
    return Touched(*(int(row[name]) for name in _NOW))


def before(row: dict[str, str]) -> Touched:
    """Original counts of a row, as stored in the table."""
    return Touched(*(int(row[name]) for name in _BEFORE))


def more(one: Touched, other: Touched) -> str:
    """Text on counts that are higher in one set than in another; empty if there are none."""
    return ", ".join(f"{name} {b} → {a}" for name, a, b in zip(_NOW, one, other, strict=True) if a > b)


def as_markdown(table: dict[str, dict[str, str]]) -> str:
    """Markdown text of the table for CONTRIBUTING.md."""
    lines = ["| change | files | lines | files at first | lines at first |", "|---|--:|--:|--:|--:|"]
    for name, row in table.items():
        one, first = now(row), before(row)
        spans = (f"{files + tests} | +{added} −{removed}" for files, added, removed, tests in (one, first))
        lines.append(f"| {name} | {' | '.join(spans)} |")
    return "\n".join(lines) + "\n"


def shown() -> str:
    """Text of the table that CONTRIBUTING.md shows now."""
    found = _SHOWN.search(PAGE.read_text(encoding="utf-8"))
    assert found, "CONTRIBUTING.md has no place for the table of changes"
    return found[0]


def write() -> list[str]:
    """Counts all changes and writes the table; returns a line for each number that has risen."""
    known = rows() if TABLE.exists() else {}
    table, rising = {}, []
    for name in CHANGES:
        touched = measured(name)
        row = known.get(name, {"change": name, **dict(zip(_BEFORE, map(str, touched), strict=True)), "reason": ""})
        table[name] = row | dict(zip(_NOW, map(str, touched), strict=True))
        rise = more(touched, before(row))
        if rise and not row["reason"]:
            rising.append(f"{name}: {rise}; say why in the column reason of {TABLE.name}")
    with TABLE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, ("change", *_BEFORE, *_NOW, "reason"), lineterminator="\n")
        writer.writeheader()
        writer.writerows(table.values())
    PAGE.write_text(_SHOWN.sub(lambda _: as_markdown(table), PAGE.read_text(encoding="utf-8")), encoding="utf-8")
    return rising
