"""Designs: which combinations of values a sweep runs. A point gives every axis one value.

A factorial design is never written out: point i is told by its number, so a large one costs no memory.
"""

from __future__ import annotations

import csv
import hashlib
import math
import warnings
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from sim.experiments.axis import Axis, Level
from sim.experiments.overrides import COMMAND_LINE, nearest_key
from sim.policy.problem import InputError, found_at

if TYPE_CHECKING:
    from collections.abc import Callable

#: Levels of each axis in a Morris design, and of each trajectory's grid.
MORRIS_LEVELS = 4
#: A file of points has no longer line than this, and is no larger, bytes.
MOST_IN_LINE, MOST_IN_FILE = 2**20, 2**28


class Kind(StrEnum):
    """How points are chosen."""

    FACTORIAL = "factorial"
    PAIRED = "paired"
    LATIN = "lhs"
    SOBOL = "sobol"
    MORRIS = "morris"
    LISTED = "csv"


class Points(Protocol):
    """All points of a design, by number from 0."""

    def __len__(self) -> int:
        """How many there are."""

    def at(self, number: int) -> tuple[Level, ...]:
        """The value of every axis at a point."""

    def digest(self) -> str:
        """Hash that tells one set of points from another."""


@dataclass(frozen=True)
class Factorial:
    """Every value of each axis with every value of the others; the last axis moves fastest."""

    axes: tuple[Axis, ...]

    def __len__(self) -> int:
        return math.prod(len(axis.levels) for axis in self.axes)

    def at(self, number: int) -> tuple[Level, ...]:
        """Mixed radix: the number tells a level of each axis."""
        levels = []
        for axis in reversed(self.axes):
            number, place = divmod(number, len(axis.levels))
            levels.append(axis.levels[place])
        return tuple(reversed(levels))

    def digest(self) -> str:
        """The axes tell it all."""
        return "every combination"


@dataclass(frozen=True)
class Listed:
    """Points given one by one: the n-th values of all axes, or rows of a table.

    Attributes:
        rows: the value of every axis at each point.
        places: file and line of each row of a table, for messages; none for values that were typed.
    """

    rows: tuple[tuple[Level, ...], ...]
    places: tuple[str, ...] = ()

    def __len__(self) -> int:
        return len(self.rows)

    def at(self, number: int) -> tuple[Level, ...]:
        """The row of that number."""
        return self.rows[number]

    def digest(self) -> str:
        """Over all labels."""
        return hashlib.sha256(repr([[level.label for level in row] for row in self.rows]).encode()).hexdigest()

    def place_of(self, axis: int, level: Level) -> str:
        """File and line of the first point with that value of an axis; empty where it was typed."""
        pairs = zip(self.rows, self.places, strict=False)
        return next((place for row, place in pairs if row[axis].label == level.label), "")

    def told_at(self, number: int) -> str:
        """File and line of a point; empty where it was typed."""
        return self.places[number] if self.places else ""


@dataclass(frozen=True, eq=False)
class Sampled:
    """Points drawn from the unit cube, one column an axis."""

    axes: tuple[Axis, ...]
    cube: npt.NDArray[np.float64]

    def __len__(self) -> int:
        return len(self.cube)

    def at(self, number: int) -> tuple[Level, ...]:
        """Shares of the way turned into values."""
        return tuple(axis.at(float(share)) for axis, share in zip(self.axes, self.cube[number], strict=True))

    def digest(self) -> str:
        """Over the drawn numbers."""
        return hashlib.sha256(np.ascontiguousarray(self.cube).tobytes()).hexdigest()


def make_points(kind: Kind, axes: tuple[Axis, ...], samples: int, seed: int) -> Points:
    """The points of a design.

    Args:
        kind: how they are chosen.
        axes: what varies; at least one.
        samples: points of a Latin hypercube, trajectories of Morris, or base samples of Sobol, which takes
            samples × (axes + 2) points.
        seed: of the draws.

    Raises:
        InputError: a design that cannot be made of these axes or this number of samples.
    """
    if kind in (Kind.FACTORIAL, Kind.PAIRED):
        for axis in axes:
            if not axis.listed:
                fix = "Write values (a,b,c or range(…)), or choose --design lhs, sobol or morris with --samples."
                raise InputError(
                    f"an interval has no values for a {kind} design", where=COMMAND_LINE, key=axis.key, fix=fix
                )
        return Factorial(axes) if kind is Kind.FACTORIAL else _paired(axes)
    check_samples(kind, axes, samples)
    return Sampled(axes, _SAMPLERS[kind](len(axes), samples, seed))


def size_of(kind: Kind, axes: Sequence[Axis], samples: int) -> int:
    """How many points a design has, known before any is made."""
    match kind:
        case Kind.FACTORIAL:
            return math.prod(len(axis.levels) or 1 for axis in axes)
        case Kind.SOBOL:
            return samples * (len(axes) + 2)
        case Kind.MORRIS:
            return samples * (len(axes) + 1)
        case Kind.LATIN:
            return samples
        case _:
            return max((len(axis.levels) for axis in axes), default=0)


def check_samples(kind: Kind, axes: Sequence[Axis], samples: int) -> None:
    """A number of samples that the design can be made of."""
    key, where = "--samples", COMMAND_LINE
    if samples < 1:
        raise InputError(f"a {kind} design needs a number of samples", where=where, key=key, fix="Write --samples 64.")
    if kind is Kind.SOBOL and samples & (samples - 1):
        lower = 2 ** int(math.log2(samples))
        fix = f"Write {lower} or {2 * lower}: only then are the points evenly spread."
        raise InputError("not a power of two", where=where, key=key, value=samples, fix=fix)
    if kind is Kind.MORRIS and len(axes) < 2:
        raise InputError("a Morris design needs two axes or more", where=where, fix="Write another axis.")


def read_table(path: Path, most: int) -> tuple[tuple[Axis, ...], Listed]:
    """Points from a CSV file: one column per axis with its key as the heading, one row per point.

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
    from sim.experiments.grammar import sweepable  # with Hydra, which workers can do without

    known = sweepable()
    for place, key in enumerate(heading):
        problem = fix = ""
        if key not in known.keys and key not in known.groups:
            problem, fix = "unknown key", nearest_key(key, known)
        elif key.partition(".")[0] in ("execution", "sweep"):
            problem, fix = "says how a study is carried out and cannot vary in it", f"Write {key}=VALUE as a word."
        elif key in heading[:place]:
            problem, fix = "this key stands twice", "Keep one of its columns."
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


def listed(rows: Sequence[dict[str, Any]], places: tuple[str, ...]) -> tuple[tuple[Axis, ...], Listed]:
    """Axes and points from rows that all have the same keys.

    Args:
        rows: value by key.
        places: file and line of each row.

    Raises:
        InputError: a value that its key cannot have; with its line.
    """
    axes, columns = [], []
    for key in rows[0]:
        written = [_hashable(_number_or_word(row[key])) for row in rows]
        first = {value: place for place, value in enumerate(dict.fromkeys(written))}
        axis = _axis(key, written, places)
        axes.append(axis)
        columns.append([axis.levels[first[value]] for value in written])
    return tuple(axes), Listed(tuple(zip(*columns, strict=True)), places)


def _axis(key: str, written: Sequence[Any], places: Sequence[str]) -> Axis:
    """The axis over a column of a table, each value once; a value that cannot be is told with its line."""
    from sim.experiments.grammar import axis_of

    values = [list(value) if isinstance(value, tuple) else value for value in written]
    try:
        return axis_of(key, [list(value) if isinstance(value, tuple) else value for value in dict.fromkeys(written)])
    except InputError:
        for value, place in zip(values, places, strict=True):
            with found_at(place):
                axis_of(key, [value])  # one of them raises the same again
        raise


def _paired(axes: tuple[Axis, ...]) -> Listed:
    """The n-th value of each axis together."""
    sizes = {axis.key: len(axis.levels) for axis in axes}
    if len(set(sizes.values())) > 1:
        told = ", ".join(f"{key} has {size}" for key, size in sizes.items())
        raise InputError(
            f"a paired design takes as many values on each axis: {told}",
            where=COMMAND_LINE,
            fix="Write lists of the same length, or choose --design factorial.",
        )
    return Listed(tuple(zip(*(axis.levels for axis in axes), strict=True)))


def _latin(axes: int, samples: int, seed: int) -> npt.NDArray[np.float64]:
    from scipy.stats.qmc import LatinHypercube

    return np.asarray(LatinHypercube(axes, rng=seed).random(samples))


def _sobol(axes: int, samples: int, seed: int) -> npt.NDArray[np.float64]:
    from SALib.sample import sobol

    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # about samples that are no power of two, which are refused before
        return np.asarray(sobol.sample(unit_problem(axes), samples, calc_second_order=False, seed=seed))


def _morris(axes: int, samples: int, seed: int) -> npt.NDArray[np.float64]:
    from SALib.sample import morris

    return np.asarray(morris.sample(unit_problem(axes), samples, num_levels=MORRIS_LEVELS, seed=seed))


def unit_problem(axes: int) -> dict[str, Any]:
    """SALib's description of a unit cube."""
    return {"num_vars": axes, "names": [f"x{number}" for number in range(axes)], "bounds": [[0.0, 1.0]] * axes}


_SAMPLERS: dict[Kind, Callable[[int, int, int], npt.NDArray[np.float64]]] = {
    Kind.LATIN: _latin,
    Kind.SOBOL: _sobol,
    Kind.MORRIS: _morris,
}


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


def _hashable(value: Any) -> Any:
    return tuple(value) if isinstance(value, list) else value
