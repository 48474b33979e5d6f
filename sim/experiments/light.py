"""Light studies: finished reports without the large tables, small enough for a repository.

`left_out.csv` names each file of the whole study that the light one lacks, with its size and SHA-256. What pages and
figures take from these files is in `pooled.json`: small tables, mostly means over seeds. A light study is made of a
whole one by `python -m docs.programs.light`.
"""

from __future__ import annotations

import csv
import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.experiments import seal
from sim.experiments.seal import Sum
from sim.experiments.sets import SET_COLUMN
from sim.experiments.store import read_csv, read_json, read_text, understood
from sim.policy.problem import InputError

if TYPE_CHECKING:
    import pandas as pd

LEFT_OUT, POOLED = "left_out.csv", "pooled.json"
#: Columns of outcomes that hold words, and that hold whole numbers.
_WORDS, _WHOLE = ("block", "scenario"), ("seed", SET_COLUMN)
HEAD = ("file", "bytes", "sha256")
_EFFECT = (
    "scenario state outcome pairs baseline_mean scenario_mean difference low high relative relative_low relative_high"
)
#: Columns that readers need of each pooled table, by the first word of its name.
_NEEDED = {
    "ages": "seed",
    "asked": "scenario sent needed needed_asked needed_in_time answers_got in_time_got",
    "cases": "scenario",
    "curve": "month value low high",
    "fates": "scenario 0 1 2 3 4 5 6 7",
    "groups": f"{_EFFECT} verdict",
    "payers": "paid",
    "price": "value low high",
    "stages": "part days",
    "states": f"{_EFFECT} verdict",
}
WHOLE = (
    "`make reference` makes the whole study in results/whole; the release has it as comity-reference-VERSION.zip: "
    "unzip it, and name its folder."
)


def left_out(folder: Path) -> Mapping[str, Sum]:
    """Checksums of the files that a light study leaves out, by name; empty if the folder is no light study."""
    path = folder / LEFT_OUT
    if not os.path.lexists(path):
        return {}
    seal.check(path)
    with understood(path):
        rows = csv.DictReader(read_text(path).splitlines())
        return {row["file"]: Sum(int(row["bytes"]), row["sha256"]) for row in rows}


def lacks(folder: Path, name: str) -> bool:
    """True if a light study lacks a file; a `name` that ends with a slash means a folder."""
    known = left_out(folder)
    return any(one.startswith(name) for one in known) if name.endswith("/") else name in known


class LeftOutError(InputError):
    """Error for a file that a light study does not contain."""


def lacking(path: Path) -> LeftOutError:
    """Makes the error for a file that a light study does not contain."""
    return LeftOutError("left out of this study, to keep the repository small", where=str(path), fix=WHOLE)


def read_outcomes(path: Path) -> pd.DataFrame:
    """Reads a report's outcomes from its CSV file, with exactly the values of the report's Parquet file."""
    frame = read_csv(path, dtype="str")  # numbers are read by Python: not every pandas reads all digits
    with understood(path):
        frame = frame.astype({name: "float64" for name in frame if name not in _WORDS})
        whole = [name for name in _WHOLE if name in frame and frame[name].notna().all()]
        return frame.astype(dict.fromkeys(whole, "int64")).copy()  # a copy is one block, to which columns are added


def pooled(folder: Path) -> Mapping[str, pd.DataFrame]:
    """Reads the small tables that replace breakdowns in a light study, by name; empty for a whole study."""
    import pandas as pd

    path = folder / POOLED
    if not os.path.lexists(path):
        return {}
    seal.check(path)
    tables = read_json(path)
    with understood(path):
        read = {name: pd.DataFrame(columns) for name, columns in tables.items()}
        for name, table in read.items():
            kind, *rest = name.split() or [""]
            needed = [*_NEEDED.get(kind, "").split(), *(rest[1:2] if kind == "ages" else ())]
            if missing := [column for column in needed if column not in table]:
                raise ValueError(f"the table “{name}” has no column {missing[0]}")
        return read


def pooled_text(tables: Mapping[str, pd.DataFrame]) -> str:
    """Pooled tables as text, with enough digits to restore every number exactly."""
    plain: dict[str, Any] = {name: table.to_dict("list") for name, table in sorted(tables.items())}
    lines = (f"{json.dumps(name)}: {json.dumps(columns, separators=(',', ':'))}" for name, columns in plain.items())
    return "{\n" + ",\n".join(lines) + "\n}\n"
