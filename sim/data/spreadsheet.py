"""Writes CSV files; text that a spreadsheet would run as a formula is made harmless.

Titles, names of files and notes come from strangers, and tables are opened with a spreadsheet, which takes a cell that
begins with = + - @ or a tab for a formula, also after a character at which it splits lines. Such text gets an
apostrophe before it; numbers stay as they are.
"""

from __future__ import annotations

import csv
import re
from collections.abc import Iterable
from io import StringIO
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

_NUMBER = r"[-+]?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][-+]?\d+)?"
_RUN = re.compile(rf"(^(?=[\t\r])|(?:^|[;\t])(?!\s*{_NUMBER}\s*(?:[;\t]|$))(?=\s*[=+\-@＝＋－＠]))")


def harmless(cell: object) -> object:
    """Makes a cell of a CSV file harmless: an apostrophe goes before a formula."""
    return _RUN.sub(r"\1'", cell) if isinstance(cell, str) and _RUN.search(cell) else cell


def as_csv(table: pd.DataFrame, digits: str | None = None) -> str:
    """Text of a table as CSV, without the index."""
    from pandas.api.types import is_numeric_dtype

    safe = table.set_axis([harmless(name) for name in table.columns], axis=1)
    for place, kind in enumerate(table.dtypes):
        if not is_numeric_dtype(kind):
            safe.isetitem(place, table.iloc[:, place].map(harmless).array)
    return safe.to_csv(index=False, lineterminator="\n", float_format=digits)


def write_rows(rows: Iterable[Iterable[object]], path: Path) -> None:
    """Writes rows to a CSV file, the first one as heading."""
    written = StringIO()
    csv.writer(written, lineterminator="\n").writerows([harmless(cell) for cell in row] for row in rows)
    path.write_text(written.getvalue(), encoding="utf-8", newline="")
