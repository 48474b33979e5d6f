"""Reads the declarations of the world's tables from entities.csv and fields.csv.

The description of the model (docs/odd.md) shows the same rows. They are part of the code, unlike files of sim/data. A
user's own part adds fields to tables, by a file `data/fields.csv` of the same columns.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum

import numpy as np

from sim.data.load import DataError, Row, own_tables, parse_table, read_text
from sim.data.own import FIELDS
from sim.law import vocabulary
from sim.world.records import codes

_PLACE = "sim/world/records"
_FILE = "file"  # key under which a row of a user's own names its file
_COLUMNS = {
    "entities.csv": ("entity", "meaning"),
    FIELDS: ("entity", "field", "dtype", "unit", "shape", "initial", "meaning"),
}
_DTYPES = ("i2", "i4", "f4", "f8", "u8")
#: Enumerations that a unit or a shape may name.
_CODES = {
    name: kind
    for module in (codes, vocabulary)
    for name, kind in vars(module).items()
    if isinstance(kind, type) and issubclass(kind, Enum) and len(kind)
}


@dataclass(frozen=True)
class Field:
    """Declaration of one column of a table: type, unit, meaning and initial value."""

    name: str  # as compiled rules address it
    # NumPy type: whole numbers "i4", or "i2" in long tables whose rows would else take more cache lines; all others
    # "f8", or "f4" where nothing is worked out from them; keys and hashes "u8"
    dtype: str
    # unit, or the enumeration of its codes. A "day" is a place on the clock, "days" are a length of time
    unit: str | type[Enum]
    meaning: str  # what it says, in a few words
    # of an array in every row, such as a mask with a bit for each state; empty for a single number
    shape: tuple[int, ...] = ()
    initial: float | None = None  # value in a new row, where it does not follow from the unit

    @property
    def neutral(self) -> float:
        """Initial value of the field in a new row, such as −1 for "no row" or NaN for "no day"."""
        if self.initial is not None:
            return self.initial
        if isinstance(self.unit, str) and self.unit.split()[0] == "row":
            return -1
        return math.nan if self.unit == "day" else 0


@dataclass(frozen=True)
class Entity:
    """Declaration of one table and its columns; NumPy accepts it as a dtype."""

    name: str  # of the table
    meaning: str  # what a row is
    fields: tuple[Field, ...]  # in the order in which they lie in memory

    @property
    def dtype(self) -> np.dtype[np.void]:
        """NumPy dtype of the table's rows."""
        return np.dtype([(item.name, item.dtype, item.shape) for item in self.fields])

    @property
    def neutral(self) -> np.void:
        """New row with the initial value in each field."""
        rows = np.zeros(1, self.dtype)
        for item in self.fields:
            rows[item.name] = item.neutral
        row: np.void = rows[0]
        return row


def read_entities() -> dict[str, Entity]:
    """Reads the declarations of all tables from entities.csv and fields.csv, by table name."""
    entities, rows = (_rows(name, read_text(name, "sim.world.records")) for name in _COLUMNS)
    more = [{**row, _FILE: table.name} for table in own_tables(FIELDS, _COLUMNS[FIELDS]) for row in table.rows]
    return declared(entities, [*rows, *more])


def declared(entities: Sequence[Row], rows: Sequence[Row]) -> dict[str, Entity]:
    """Declarations of tables, made from rows of entities.csv and fields.csv."""
    meanings = {row["entity"]: row["meaning"] for row in entities}
    fields: dict[str, dict[str, Field]] = {name: {} for name in meanings}
    for row in rows:
        if row["entity"] not in fields:
            raise _wrong(row, "entity", "write a table of entities.csv, or add it there")
        own = fields[row["entity"]]
        if row["field"] in own or not row["field"].isidentifier():
            raise _wrong(row, "field", "write a name in small letters that no other field of the table has")
        own[row["field"]] = _field(row)
    for name, own in fields.items():
        if not own:
            raise DataError(
                f"{_PLACE}/fields.csv: {name} of entities.csv has no field; write one, or take it out there"
            )
        if not meanings[name].strip():
            raise DataError(f"{_PLACE}/entities.csv: {name}: meaning = '' cannot be used; write what a row is")
    return {name: Entity(name, meaning, tuple(fields[name].values())) for name, meaning in meanings.items()}


def _rows(name: str, text: str) -> tuple[Row, ...]:
    """Rows of entities.csv or fields.csv; an error if the columns are wrong."""
    table = parse_table(f"{_PLACE}/{name}", text)
    if table.columns != _COLUMNS[name]:
        raise DataError(f"{table.name}: its columns are {','.join(table.columns)}; write {','.join(_COLUMNS[name])}")
    return table.rows


def _field(row: Row) -> Field:
    """Makes the declaration of a column from its row of fields.csv."""
    if row["dtype"] not in _DTYPES:
        raise _wrong(row, "dtype", f"write one of {', '.join(_DTYPES)}")
    for column in ("unit", "meaning"):
        if not row[column].strip():
            raise _wrong(row, column, "write it in a few words")
    found = Field(row["field"], row["dtype"], _unit(row), row["meaning"], _shape(row), _initial(row))
    if row["dtype"][0] != "f" and not math.isfinite(found.neutral):
        raise _wrong(row, "dtype", f"write f8, since a new row begins with {found.neutral}")
    return found


def _unit(row: Row) -> str | type[Enum]:
    """Unit of a column as text; for the unit `code X`, the enumeration X itself."""
    name = row["unit"].removeprefix("code ")
    if name == row["unit"]:
        return name
    if name not in _CODES:
        raise _wrong(row, "unit", "name an enumeration of sim/world/records/codes.py or sim/law/vocabulary.py")
    return _CODES[name]


def _shape(row: Row) -> tuple[int, ...]:
    """Shape of each cell in an array column: the size of an enumeration, or a number."""
    text = row["shape"]
    if text in _CODES:
        return (len(_CODES[text]),)
    if text and not (text.isdecimal() and int(text)):
        raise _wrong(row, "shape", "write how many places it has, or the enumeration of its places; blank: one number")
    return (int(text),) if text else ()


def _initial(row: Row) -> float | None:
    """Initial value given in a row of fields.csv; None if the row gives none."""
    try:
        return float(row["initial"]) if row["initial"] else None
    except ValueError:
        raise _wrong(row, "initial", "write a number, nan, inf or -inf; blank where it follows from the unit") from None


def _wrong(row: Row, column: str, fix: str) -> DataError:
    """Makes the error for a wrong cell of fields.csv."""
    place = f"{row.get(_FILE, f'{_PLACE}/{FIELDS}')}: {row['entity']}.{row['field']}"
    return DataError(f"{place}: {column} = {row[column]!r} cannot be used; {fix}")
