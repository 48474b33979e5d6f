"""Reads data files; error messages name file, key and value."""

import csv
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import cache
from importlib import resources
from types import MappingProxyType
from typing import Any, TypeVar

from ruamel.yaml import YAML
from ruamel.yaml.error import YAMLError

from sim.data import own

#: A row of a data file: column to text, exactly as written.
Row = Mapping[str, str]

#: Numbers measured in the default world.
DERIVED = "derived.csv"
#: Stands for "before anything the model simulates" where a source gives no date.
UNDATED = date(2000, 1, 1)


class DataError(ValueError):
    """Error for an unusable data file; the message names file, key and value."""


@dataclass(frozen=True)
class Table:
    """Content of a data file: name, columns and rows, with methods to read cells."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def number(self, row: Row, column: str, missing: float | None = None) -> float:
        """Number in a cell."""
        text = row[column]
        if text == "" and missing is not None:
            return missing
        try:
            return float(text)
        except ValueError:
            problem = f"{column} = {text!r} is not a number; write it in digits"
            raise DataError(f"{file_of(self, row)}: {key_of(row)}: {problem}") from None

    def day(self, row: Row, column: str, missing: date | None = None) -> date | None:
        """Date in a cell; a year or month alone means the first day."""
        text = row[column]
        try:
            return missing if text == "" else parse_date(text, "", "")
        except DataError:
            problem = f"{column} = {text!r} is not a date; write one as YYYY-MM-DD"
            raise DataError(f"{file_of(self, row)}: {key_of(row)}: {problem}") from None


def key_of(row: Row) -> str:
    """Text that identifies a row in messages, made of the row's first three values."""
    return ", ".join(value for value in list(row.values())[:3] if value)


def parse_date(text: str, file: str, key: str) -> date:
    """Parses an ISO date; `2026` and `2026-02` mean the first day of the year or month."""
    try:
        return date.fromisoformat(text + "-01" * (2 - text.count("-")))
    except ValueError:
        raise DataError(f"{file}: {key} = {text!r} is not a date (YYYY-MM-DD)") from None


def read_text(name: str, package: str = "sim.data") -> str:
    """Reads the text of a data file in a package."""
    place = f"{package.replace('.', '/')}/{name}"
    try:
        text = resources.files(package).joinpath(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{place}: cannot be read ({error})") from None
    if text and not text.endswith("\n"):  # every file that is shipped ends with its last line
        raise DataError(f"{place}: its last line has no end: {text[-60:].splitlines()[-1]!r}; is the file truncated?")
    return text


def parse_table(name: str, text: str) -> Table:
    """Parses the text of a CSV file with a header line."""
    reader = csv.reader(text.splitlines())
    header = next(reader, None)
    if not header:
        raise DataError(f"{name}: is empty; a header line was expected")
    parsed: list[Row] = []
    for values in reader:
        if len(values) != len(header):
            raise DataError(
                f"{name}: line {reader.line_num}: {len(values)} values for {len(header)} columns: "
                f"{','.join(values)[:60]!r}; is the file truncated?"
            )
        parsed.append(dict(zip(header, values, strict=True)))
    return Table(name, tuple(header), tuple(parsed))


@cache
def catalogue() -> Mapping[str, Row]:
    """Rows of files.csv, which describe the licence and content of each data file."""
    table = parse_table("files.csv", read_text("files.csv"))
    return MappingProxyType({row["file"]: row for row in table.rows})


@cache
def read_table(name: str) -> Table:
    """Reads a CSV data file and lays the user's rows over it: they are added, or replace rows of their key."""
    if name not in catalogue():
        raise DataError(f"{name}: not listed in files.csv")
    table = parse_table(name, read_text(name))
    for more in own_tables(name, table.columns):
        table = Table(name, table.columns, tuple(_laid_over(table.rows, more.rows, table.columns[0])))
    return table


def own_tables(name: str, columns: tuple[str, ...]) -> list[Table]:
    """Reads the tables with a given file name from the user's parts."""
    found = [parse_table(*file) for file in own.data(name)]
    for table in found:
        if table.columns != columns:
            wrong = [f"{one!r} is no column of it" for one in table.columns if one not in columns]
            wrong += [f"column {one!r} is missing" for one in columns if one not in table.columns]
            fix = f"write the heading {','.join(columns)}"
            raise DataError(f"{table.name}: {', '.join(wrong) or 'columns stand in another order'}; {fix}")
    return found


def file_of(table: Table, row: Row) -> str:
    """Name of the file from which a row comes, for messages."""
    mine = (more.name for more in own_tables(table.name, table.columns) if row in more.rows)
    return next(mine, table.name)


EntryT = TypeVar("EntryT", bound=Mapping[str, Any])


def _laid_over(shipped: Sequence[EntryT], more: Iterable[EntryT], key: str) -> list[EntryT]:
    """Adds a user's rows to the package's; where the package's keys are unique, one replaces the row of its key."""
    if len({row.get(key) for row in shipped}) < len(shipped):
        return [*shipped, *more]
    return list({row.get(key): row for row in (*shipped, *more)}.values())


def read_entries(name: str) -> list[dict[str, object]]:
    """Reads a YAML data file that is a list of mappings."""
    entries = _listed(name, read_text(name))
    for file in own.data(name):
        entries = _laid_over(entries, _listed(*file), "id" if "id" in entries[0] else "key")
    return entries


@cache
def _listed(name: str, text: str) -> list[dict[str, object]]:
    """Parses a YAML text that is a list of mappings; the result is cached and read-only."""
    try:
        entries = YAML(typ="safe").load(text)
    except YAMLError as error:
        raise DataError(f"{name}: {str(error).splitlines()[0]}") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise DataError(f"{name}: a list of entries was expected")
    return entries


def states() -> tuple[str, ...]:
    """ISO codes of the 196 states; a state's position is its index everywhere in the model."""
    return tuple(sorted(row["iso3"] for row in read_table("countries.csv").rows))


def by_state(rows: Iterable[Row]) -> dict[str, Row]:
    """Dictionary of rows by state, from the codes in the column `iso3`."""
    return {row["iso3"]: row for row in rows}


def members(body: str, *kinds: str) -> frozenset[str]:
    """Codes of the states in memberships.csv that belong to a body, with given kinds of membership or any."""
    rows = read_table("memberships.csv").rows
    return frozenset(row["iso3"] for row in rows if row["body"] == body and (row["kind"] in kinds or not kinds))


def derived(name: str, column: str = "value") -> float:
    """Value in derived.csv, such as a parameter's default that was measured in the default world.

    A world that begins with beliefs, trust and loads far from what it then gives would drift for years. They are
    therefore measured in it, by `python -m docs.programs.derived`.
    """
    table = read_table(DERIVED)
    for row in table.rows:
        if row["name"] == name:
            return table.number(row, column)
    raise DataError(f"{DERIVED}: no row is called {name!r}")


@cache
def check_files() -> None:
    """Reads all data files once, so that a damaged file is found before any work starts."""
    for name in own.texts():
        _, kind, file = name.split("/", 2) if name.count("/") > 1 else ("", "", "")
        if kind == own.DATA and file not in (*catalogue(), *own.ALONE):
            known = f"those of sim/data are in files.csv, besides {' and '.join(own.ALONE)}"
            raise DataError(f"{own.where(name)}: no data file has this name; {known}")
    for name in catalogue():
        _ = read_table(name) if name.endswith(".csv") else read_entries(name)
