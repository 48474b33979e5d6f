"""Makes a light study, without large tables, from a complete one: `make light`.

`python -m docs.programs.light WHOLE LIGHT` makes any other. A light study has what README, page, documentation and
tests read (`sim.experiments.light`). Nothing is simulated. Its page says, letter by letter, what that of the whole
study says.
"""

import csv
import lzma
import shutil
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from docs.programs.stored_reports import REFERENCE, WHOLE, rendered
from sim.data.spreadsheet import as_csv, write_rows
from sim.experiments import seal, store
from sim.experiments.light import HEAD, LEFT_OUT, POOLED, pooled_text
from sim.experiments.manifest import read_manifest
from sim.report.page.parts import rendered as as_html
from sim.report.pages import page_of, publication
from sim.report.studies import read_report
from sim.report.tables import cards
from sim.report.view import TABLES, View
from sim.results.codebook import FILE as CODEBOOK
from sim.results.stored import PARAMETER_SETS

#: Files that a light study has no use for: those with such an ending, and those in such a folder.
_ENDINGS, _FOLDERS = (
    (".parquet", ".png", "_phone.svg", "log.txt", store.LEVELS, f"{store.COUNTRIES}.csv", PARAMETER_SETS),
    ("breakdowns", "runs"),
)
_DIGITS = "%.6g"  # of the table of states


def is_left_out(name: str) -> bool:
    """True if a light study omits this file of a complete study."""
    return name.endswith(_ENDINGS) or name.partition("/")[0] in _FOLDERS


def lightened(whole: Path, folder: Path) -> None:
    """Writes a light copy of a study, replacing a folder."""
    sums, view, making = seal.summed(whole), read_report(whole), folder.with_name(f".{folder.name}-light")
    shutil.rmtree(making, ignore_errors=True)
    for name in (name for name in sums if not is_left_out(name)):
        (making / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(whole / name, making / name)
    lacking = [(name, *one) for name, one in sums.items() if is_left_out(name)]
    write_rows([HEAD, *sorted(lacking)], making / LEFT_OUT)
    made = read_manifest(whole / store.MANIFEST)
    page = _page(view, made)  # asks for what is pooled
    for policy in view.reported:
        cards(view, policy)  # also of policies that the page does not put first
    pool = {name: _of_policies(table, view) for name, table in view.pool.items()}
    (making / POOLED).write_text(pooled_text(pool), encoding="utf-8")
    states = TABLES[f"{store.COUNTRIES}.csv"](view)
    text = as_csv(_of_policies(states, view), _DIGITS)
    (making / f"{store.COUNTRIES}.csv.xz").write_bytes(lzma.compress(text.encode(), preset=9))
    if _page(read_report(making), made) != page:
        raise ValueError(f"the page of {making} is not that of {whole}")
    rendered(making)
    _without_parameters(making)
    shutil.rmtree(folder, ignore_errors=True)
    making.replace(folder)


def _without_parameters(folder: Path) -> None:
    """Removes the columns of the table of parameter sets, which a light study lacks, from its codebook."""
    path = folder / CODEBOOK
    with path.open(encoding="utf-8", newline="") as stream:
        rows = [row for row in csv.reader(stream) if row[0] != PARAMETER_SETS]
    write_rows(rows, path)
    seal.renew(path)


def _page(view: View, made: Mapping[str, Any]) -> str:
    """HTML of the report with tables in place of drawings."""
    pictures = publication(view).pictures(view)
    drawn = [name for name, picture in pictures.items() if picture.of(view) is not None]
    return as_html(page_of(view, drawn, made))


def _of_policies(table: pd.DataFrame, view: View) -> pd.DataFrame:
    """Table of differences without the bounds; other tables unchanged."""
    return table[table["scenario"].isin(view.reported)] if {"scenario", "difference"} <= {*table} else table


if __name__ == "__main__":
    wanted = [Path(name) for name in sys.argv[1:]] or [WHOLE, REFERENCE]
    lightened(*wanted)
    sys.stdout.write(f"{wanted[-1]} is written\n")
