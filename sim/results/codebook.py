"""Writes CSV files with a codebook of their columns: meaning, unit, and notation of missing values."""

from __future__ import annotations

import csv
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from sim.data.spreadsheet import as_csv, write_rows
from sim.measures.outcomes import OUTCOMES
from sim.policy.levers import LEVERS
from sim.results.countries import COUNTRY_OUTCOMES
from sim.results.labels import packaged_rows
from sim.world.parameters import declarations

if TYPE_CHECKING:
    import pandas as pd

#: Name of the codebook of a folder.
FILE = "codebook.csv"
_HEAD = ("file", "column", "unit", "meaning", "missing")
#: Unit and meaning of columns that several tables have, by name, or by file and name.
_COMMON = "columns.csv"
#: What the beginning or the end of a name says of the column that the rest names.
_ENDS: Mapping[str, str] = {
    "regret_": "most that it falls short of the best affordable one",
    "_low": "lower end of the 95 % interval, of a price over worlds",
    "_high": "upper end of the 95 % interval, of a price over worlds",
    "_low_50": "lower end of the 50 % interval",
    "_high_50": "upper end of the 50 % interval",
    "_baseline": "mean under the baseline",
    "_difference": "mean paired difference from the baseline",
    "_mean": "mean over worlds",
}


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """Writes a table as CSV with exact numbers, and describes its columns in a codebook."""
    path.write_text(as_csv(frame), encoding="utf-8", newline="")
    book = path.with_name(FILE)
    rows: list[list[str]] = []
    if book.is_file():
        with book.open(encoding="utf-8", newline="") as lines:
            rows = [row for row in csv.reader(lines) if row and row[0] not in (path.name, _HEAD[0])]
    known = _known()
    for column in map(str, frame):
        about = _about(f"{path.name}: {column}", known) or _about(column, known) or ("", "see the page beside")
        empty = int(frame[column].isna().sum())
        missing = f"empty: not defined or not known, in {empty} rows" if empty else "never"
        rows.append([path.name, column, *about, missing])
    write_rows([_HEAD, *rows], book)


def _about(column: str, known: Mapping[str, tuple[str, str]]) -> tuple[str, str] | None:
    """Returns unit and meaning of a column; None if unknown."""
    if column in known:
        return known[column]
    for end, words in _ENDS.items():
        rest = column.removeprefix(end).removesuffix(end)
        if rest != column and (of := _about(rest, known)):
            return of[0], f"{of[1]}: {words}"
    return None


@cache
def _known() -> Mapping[str, tuple[str, str]]:
    """Unit and meaning of all known columns, by name."""
    found = {entry.key: (entry.unit, entry.title) for entry in COUNTRY_OUTCOMES}
    found |= {entry.key: (entry.unit, f"{entry.title}: {entry.definition}") for entry in OUTCOMES}
    found |= {name: (lever.unit, lever.title) for name, lever in LEVERS.items()}
    for name, _, declared in declarations():
        found |= dict.fromkeys((name, f"uncertainty.{name}"), (declared.unit, declared.meaning))
    return found | {row["column"]: (row["unit"], row["meaning"]) for row in packaged_rows(_COMMON)}
