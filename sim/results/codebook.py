"""CSV files, and a codebook beside them: what each column is, in which unit, and how a missing value looks."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sim.data.spreadsheet import as_csv, write_rows
from sim.measures.outcomes import OUTCOMES
from sim.policy.levers import LEVERS
from sim.results.countries import COUNTRY_OUTCOMES
from sim.world.parameters import declarations

if TYPE_CHECKING:
    import pandas as pd

#: Name of the codebook of a folder.
FILE = "codebook.csv"
_HEAD = ("file", "column", "unit", "meaning", "missing")
_ROW = "that of the row"
#: Unit and meaning of columns that several tables have.
_COMMON: Mapping[str, tuple[str, str]] = {
    "run": ("", "id of the run: a hash of all that it follows from"),
    "point": ("number", "place of the point in the design, from 0"),
    "block": ("", "main, or the parameters or mechanism that are otherwise"),
    "scenario": ("", "key of the scenario"),
    "baseline": ("", "key of the scenario that it is compared with"),
    "seed": ("number", "of the world: equal seeds are the same world"),
    "outcome": ("", "key of the outcome"),
    "title": ("", "what it is, in plain words"),
    "unit": ("", "of the numbers of the row"),
    "state": ("", "ISO 3166-1 alpha-3 code"),
    "pairs": ("number", "worlds in which the outcome is defined in both arms"),
    "replicates": ("number", "worlds in which it is defined"),
    "mean": (_ROW, "mean over worlds"),
    "baseline_mean": (_ROW, "mean under the baseline over these worlds"),
    "scenario_mean": (_ROW, "mean under the scenario over these worlds"),
    "difference": (_ROW, "mean paired difference, scenario less baseline"),
    "low": (_ROW, "lower end of the 95 % interval"),
    "high": (_ROW, "upper end of the 95 % interval"),
    "relative": ("share", "ratio of the means less one"),
    "verdict": ("", "whether the difference can be distinguished from noise"),
    "chance": ("share", "part of the variance that chance alone makes"),
    "holds": ("share", "plausible worlds in which the effect has the sign of its mean"),
    "policy": ("million euros of 2024", "what the policy commits, in the median world"),
    "price": ("million euros of 2024", "what the policy commits, in the median world"),
    "usual_price": ("million euros of 2024", "the same, with the range of every other world"),
    "handling": ("million euros of 2024", "change of the cost of work on requests and cases"),
    "costs.csv: takedowns": ("takedowns", "more takedowns over the policy years"),
    "harm_averted": ("billion USD of 2024", "harm averted"),
    "per_takedown": ("million euros of 2024", "in all for one more takedown"),
    "per_euro_averted": ("euros", "in all for a euro of harm averted"),
    "withheld_takedown": ("", "why per_takedown is not given"),
    "withheld_harm": ("", "why per_euro_averted is not given"),
    "to_first": ("", "paired difference of what is ranked to the policy that opens the group"),
    "place": ("number", "rank in the league"),
    "group": ("number", "policies of one group cannot be distinguished"),
    "axis": ("", "key of what varies"),
    "value": (_ROW, "the index or mean that the table is of"),
    "share": ("share", "of the largest of the outcome"),
}
#: What the end of a name says of the column before it.
_ENDS: Mapping[str, str] = {
    "_low": "lower end of the interval: 95 %, of money nine in ten worlds",
    "_high": "upper end of the interval: 95 %, of money nine in ten worlds",
    "_half": "half of the interval's width",
    "_baseline": "mean under the baseline",
    "_difference": "mean paired difference from the baseline",
    "_mean": "mean over worlds",
}


def write_csv(frame: pd.DataFrame, path: Path) -> None:
    """One CSV file, with enough digits to read the same numbers back, and its columns in the folder's codebook."""
    path.write_text(as_csv(frame), encoding="utf-8", newline="")
    book = path.with_name(FILE)
    rows: list[list[str]] = []
    if book.is_file():
        with book.open(encoding="utf-8", newline="") as lines:
            rows = [row for row in csv.reader(lines) if row and row[0] not in (path.name, _HEAD[0])]
    write_rows([_HEAD, *rows, *_rows(frame, path.name)], book)


def _rows(frame: pd.DataFrame, file: str) -> Iterator[tuple[str, str, str, str, str]]:
    """A row for each column of a table."""
    known = _known()
    for column in map(str, frame):
        unit, meaning = _about(f"{file}: {column}", known) or _about(column, known) or ("", "see the page beside")
        empty = int(frame[column].isna().sum())
        yield file, column, unit, meaning, f"empty: not defined or not known, in {empty} rows" if empty else "never"


def _about(column: str, known: Mapping[str, tuple[str, str]]) -> tuple[str, str] | None:
    """Unit and meaning of a column by its name, or by that of another and its end; None where neither is known."""
    if column in known:
        return known[column]
    for end, words in _ENDS.items():
        if column.endswith(end) and (of := _about(column.removesuffix(end), known)):
            return of[0], f"{of[1]}: {words}"
    return None


def _known() -> dict[str, tuple[str, str]]:
    """Unit and meaning of columns that are outcomes, levers, parameters, or common to tables."""
    found = {entry.key: (entry.unit, entry.title) for entry in COUNTRY_OUTCOMES}
    found |= {entry.key: (entry.unit, f"{entry.title}: {entry.definition}") for entry in OUTCOMES}
    found |= {name: (lever.unit, lever.title) for name, lever in LEVERS.items()}
    for name, _, declared in declarations():
        found |= dict.fromkeys((name, f"uncertainty.{name}"), (declared.unit, declared.meaning))
    return found | dict(_COMMON)
