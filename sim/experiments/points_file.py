"""Points from a CSV file: one column per axis with its key as the heading, one row per point."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from io import StringIO
from pathlib import Path
from typing import Any

from sim.experiments.axis import Axis, Level
from sim.experiments.grammar import axis_of, sweepable
from sim.experiments.overrides import nearest_key
from sim.experiments.plan import Table, table_of_points
from sim.policy.problem import InputError, found_at

#: Maximum length of a line, and maximum size of a file of points, bytes.
MOST_IN_LINE, MOST_IN_FILE = 2**20, 2**28


@dataclass(frozen=True, eq=False)
class Listed:
    """Points that a file lists.

    Attributes:
        axes: what varies.
        points: the points.
        places: file and line of each point, for messages.
    """

    axes: tuple[Axis, ...]
    points: Table
    places: tuple[str, ...]

    def place_of(self, axis: Axis, level: Level) -> str:
        """File and line of the first point with a value of an axis."""
        labels: list[float | int | str] = self.points[axis.key].tolist()
        return self.places[labels.index(level.label if axis.numeric else str(level.label))]


def read_points(path: Path, most: int) -> Listed:
    """Reads a file of points.

    Args:
        path: the file.
        most: lines that it may have.

    Raises:
        InputError: no such file, one that nobody can have meant, an unknown key, or a cell without a value; with its
            line.
    """
    try:
        text = _bounded(path, most).decode("utf-8-sig")
        rows = list(_numbered(csv.reader(StringIO(text, newline=""))))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError(
            "cannot be read", where=str(path), fix="Name a CSV file: a heading with keys, then one row per point."
        ) from error
    if len(rows) < 2:
        raise InputError("no points", where=str(path), fix="Write a heading with keys, then one row per point.")
    (line, heading), *body = rows
    _check_heading(heading, f"{path}:{line}")
    for line, row in body:
        if len(row) != len(heading) or not all(row):
            fix = f"Write {len(heading)} values, as in the heading."
            raise InputError("a cell is missing", where=f"{path}:{line}", value=",".join(row), fix=fix)
    places = tuple(f"{path}:{line}" for line, _ in body)
    return listed([dict(zip(heading, row, strict=True)) for _, row in body], places)


def _bounded(path: Path, most: int) -> bytes:
    """The content of a file of points; of one that is too large no more is read than shows it.

    Raises:
        InputError: no plain file, too many lines, a line that is too long, or too many bytes.
    """
    if path.exists() and not path.is_file():
        raise InputError(
            "not a plain file", where=str(path), fix="Name a CSV file; write what a pipe gives to one first."
        )
    content, lines, begun = bytearray(), 0, 0
    with path.open("rb") as file:
        while chunk := file.read(MOST_IN_LINE):
            lines += max(chunk.count(b"\n"), chunk.count(b"\r"))
            end = max(chunk.rfind(b"\n"), chunk.rfind(b"\r"))
            begun = len(content) + end + 1 if end >= 0 else begun
            content += chunk
            problem = ""
            if lines > most:
                problem = f"more than {most:,} lines"
            elif len(content) - begun > MOST_IN_LINE:
                problem = f"line {lines + 1} has more than {MOST_IN_LINE:,} bytes"
            elif len(content) > MOST_IN_FILE:
                problem = f"more than {MOST_IN_FILE:,} bytes"
            if problem:
                fix = "Write a heading with keys, then one row per point; sweep.most_runs bounds how many."
                raise InputError(problem, where=str(path), fix=fix)
    return bytes(content)


def _check_heading(heading: Sequence[str], where: str) -> None:
    """A table's columns: each a key that can vary, once."""
    known = sweepable()
    for place, key in enumerate(heading):
        problem = fix = ""
        if key not in known.keys and key not in known.groups:
            problem, fix = "unknown key", nearest_key(key, known)
        elif key.partition(".")[0] in ("execution", "sweep"):
            problem, fix = "says how a study is carried out and cannot vary in it", f"Write {key}=VALUE as a word."
        elif key in heading[:place]:
            problem, fix = "this key is given twice", "Keep one of its columns."
        if problem:
            raise InputError(problem, where=where, key=f"heading of column {place + 1}", value=key, fix=fix)


def _numbered(reader: Any) -> Iterator[tuple[int, list[str]]]:
    """Rows of a CSV file that are not blank, with the line on which each begins: a quoted cell may span several."""
    line = 1
    for row in reader:
        cells = [cell.strip() for cell in row]
        if any(cells):
            yield line, cells
        line = reader.line_num + 1


def listed(rows: Sequence[dict[str, Any]], places: tuple[str, ...]) -> Listed:
    """Axes and points from rows that all have the same keys.

    Args:
        rows: value by key.
        places: file and line of each row.

    Raises:
        InputError: a value that its key cannot have; with its line.
    """
    axes, columns = [], []
    for key in rows[0]:
        cells = [_number_or_word(row[key]) for row in rows]
        written = [tuple(cell) if isinstance(cell, list) else cell for cell in cells]
        first = {value: place for place, value in enumerate(dict.fromkeys(written))}
        axis = _axis(key, written, places)
        axes.append(axis)
        columns.append(axis.column([axis.levels[first[value]].label for value in written]))
    return Listed(tuple(axes), table_of_points(axes, columns, len(rows)), places)


def _axis(key: str, written: Sequence[Any], places: Sequence[str]) -> Axis:
    """The axis over a column of a table, each value once; a wrong value is reported with its line."""

    def axis(values: Iterable[Any]) -> Axis:
        """The axis over some of the values, lists again."""
        return axis_of(key, [list(value) if isinstance(value, tuple) else value for value in values])

    try:
        return axis(dict.fromkeys(written))
    except InputError:
        for value, place in zip(written, places, strict=True):
            with found_at(place):
                axis([value])  # one of them raises the same again
        raise


def _number_or_word(cell: Any) -> Any:
    """A cell as a number where it is one; `[A,B]` as a list."""
    if not isinstance(cell, str):
        return cell
    if cell.startswith("[") and cell.endswith("]"):
        return [part.strip() for part in cell[1:-1].split(",") if part.strip()]
    for kind in (int, float):
        try:
            return kind(cell)
        except ValueError:
            continue
    return cell
