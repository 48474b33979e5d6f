"""Writes type stubs of the world's tables for editors and mypy, from fields.csv: `make types`.

NumPy knows fields of a record by its dtype, type checkers do not: a misspelt field would be found where a rule is
compiled. The stub has a class for each table and one for its rows. Nothing imports it when Comity runs.
"""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from docs.programs import ROOT
from sim.engine.clock import DUE, EVENT
from sim.world.records import ENTITIES
from sim.world.records.field import Field

FILE = ROOT / "sim" / "world" / "records" / "typed.pyi"
_HEAD = '''"""Rows of the world's tables, as fields.csv declares them: `make types` writes this file."""

from typing import Any, Generic, TypeVar, overload

import numpy as np
import numpy.typing as npt

RowT = TypeVar("RowT")

class Rows(np.ndarray[Any, np.dtype[np.void]], Generic[RowT]):
    """A table. Rows are known by their fields; columns and parts of a table are arrays."""

    @overload  # type: ignore[override]
    def __getitem__(self, row: int | np.integer[Any], /) -> RowT: ...
    @overload
    def __getitem__(self, part: Any, /) -> Any: ...
'''


def stub() -> str:
    """Text of the stub file."""
    made = [_HEAD]
    for name, kind, meaning in (
        ("event", EVENT, "An event of the queue (engine/clock.py)."),
        ("due", DUE, "An event of the present page (engine/clock.py)."),
    ):
        fields = [Field(field, kind[field].str[1:], "", "") for field in kind.names or ()]
        made.append(_classes(name, meaning, fields))
    made += [_classes(entity.name, entity.meaning, entity.fields) for entity in ENTITIES]
    return "\n".join(made)


def _classes(table: str, meaning: str, fields: Sequence[Field]) -> str:
    """Text of the classes for a table and its rows."""
    name = table.title().replace("_", "")
    lines = [f"class {name}Row:", f'    """{meaning}"""', ""]
    for field in fields:
        unit = field.unit if isinstance(field.unit, str) else f"code {field.unit.__name__}"
        lines.append(f"    {field.name}: {_type(field)}")
        if field.meaning:
            lines.append(f'    """{unit}: {field.meaning}"""')
    lines += ["", f"class {name}Table(Rows[{name}Row]):"]  # an array's own attribute comes before a column
    lines += [f"    {field.name}: npt.NDArray[Any]" for field in fields if not hasattr(np.ndarray, field.name)]
    return "\n".join(lines) + "\n"


def _type(field: Field) -> str:
    """Text of the Python type of a field."""
    if field.shape:
        return "npt.NDArray[Any]"
    return {"i": "int", "f": "float", "u": "Any"}[field.dtype[0]]


def write(path: Path = FILE) -> None:
    """Writes the stub file."""
    path.write_text(stub(), encoding="utf-8")


if __name__ == "__main__":
    write()
