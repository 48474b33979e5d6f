"""Reads the data files; a missing, truncated or malformed one is an error that names file, key and value."""

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
    """A data file cannot be used; the message names the file, the key and the value."""


@dataclass(frozen=True)
class Table:
    """A data file as read: its name, its columns, its rows."""

    name: str
    columns: tuple[str, ...]
    rows: tuple[Row, ...]

    def number(self, row: Row, column: str, missing: float | None = None) -> float:
        """The value of a column as a number."""
        text = row[column]
        if text == "" and missing is not None:
            return missing
        try:
            return float(text)
        except ValueError:
            raise DataError(f"{self.name}: {key_of(row)}: {column} = {text!r} is not a number") from None

    def day(self, row: Row, column: str, missing: date | None = None) -> date | None:
        """The value of a column as a date; a year or a month stands for its first day."""
        text = row[column]
        return missing if text == "" else parse_date(text, self.name, f"{key_of(row)}: {column}")


def key_of(row: Row) -> str:
    """The first three values of a row: enough to find it in its file."""
    return ", ".join(value for value in list(row.values())[:3] if value)


def parse_date(text: str, file: str, key: str) -> date:
    """An ISO date; `2026` and `2026-02` stand for their first day."""
    try:
        return date.fromisoformat(text + "-01" * (2 - text.count("-")))
    except ValueError:
        raise DataError(f"{file}: {key} = {text!r} is not a date (YYYY-MM-DD)") from None


def read_text(name: str, package: str = "sim.data") -> str:
    """The text of a data file, or of a table next to the code of another package."""
    place = f"{package.replace('.', '/')}/{name}"
    try:
        text = resources.files(package).joinpath(name).read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise DataError(f"{place}: cannot be read ({error})") from None
    if text and not text.endswith("\n"):  # every file that is shipped ends with its last line
        raise DataError(f"{place}: its last line has no end: {text[-60:].splitlines()[-1]!r}; is the file truncated?")
    return text


def parse_table(name: str, text: str) -> Table:
    """A CSV text with a header line as a table, of this file name for messages."""
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
    """The entry of each data file in files.csv: licence and content."""
    table = parse_table("files.csv", read_text("files.csv"))
    return MappingProxyType({row["file"]: row for row in table.rows})


@cache
def read_table(name: str) -> Table:
    """A CSV data file that files.csv lists, with a user's own rows."""
    if name not in catalogue():
        raise DataError(f"{name}: not listed in files.csv")
    table = parse_table(name, read_text(name))
    text = own.texts().get(f"{own.DATA}/{name}")
    if text is None:
        return table
    more = parse_table(f"{own.folder()}/{own.DATA}/{name}", text)
    if more.columns != table.columns:
        raise DataError(f"{more.name}: its columns are {','.join(more.columns)}, not {','.join(table.columns)}")
    return Table(name, table.columns, tuple(_laid_over(table.rows, more.rows, table.columns[0])))


EntryT = TypeVar("EntryT", bound=Mapping[str, Any])


def _laid_over(shipped: Sequence[EntryT], more: Iterable[EntryT], key: str) -> list[EntryT]:
    """Rows with others after them, which replace those with the same key, where each row has its own."""
    if len({row.get(key) for row in shipped}) < len(shipped):
        return [*shipped, *more]
    return list({row.get(key): row for row in (*shipped, *more)}.values())


def read_entries(name: str) -> list[dict[str, object]]:
    """A YAML data file that is a list of mappings."""
    entries = _listed(name, read_text(name))
    if (text := own.texts().get(f"{own.DATA}/{name}")) is None:
        return entries
    more = _listed(f"{own.folder()}/{own.DATA}/{name}", text)
    return _laid_over(entries, more, "id" if "id" in entries[0] else "key")


@cache
def _listed(name: str, text: str) -> list[dict[str, object]]:
    """The list of mappings that a YAML text is, read once in a process; nobody may change it."""
    try:
        entries = YAML(typ="safe").load(text)
    except YAMLError as error:
        raise DataError(f"{name}: {str(error).splitlines()[0]}") from None
    if not isinstance(entries, list) or not all(isinstance(entry, dict) for entry in entries):
        raise DataError(f"{name}: a list of entries was expected")
    return entries


def states() -> tuple[str, ...]:
    """ISO 3166-1 alpha-3 codes of the 196 states, sorted; a state's index is its position."""
    return tuple(sorted(row["iso3"] for row in read_table("countries.csv").rows))


def by_state(rows: Iterable[Row]) -> dict[str, Row]:
    """Rows keyed by their `iso3`."""
    return {row["iso3"]: row for row in rows}


def members(body: str, *kinds: str) -> frozenset[str]:
    """States that belong to a body, in one of these ways, or in any where none is named (memberships.csv)."""
    rows = read_table("memberships.csv").rows
    return frozenset(row["iso3"] for row in rows if row["body"] == body and (row["kind"] in kinds or not kinds))


def derived(name: str, column: str = "value") -> float:
    """A number that results from the default world and is a parameter's default; or its standard error, `error`.

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
    """Reads every data file, so that a damaged one is found before any work starts; once in a process."""
    for name in own.texts():
        if name.startswith(f"{own.DATA}/") and name.removeprefix(f"{own.DATA}/") not in catalogue():
            raise DataError(f"{own.folder()}/{name}: no data file has this name; those of sim/data are in files.csv")
    for name in catalogue():
        _ = read_table(name) if name.endswith(".csv") else read_entries(name)
