"""Stores benchmarks in docs/benchmarks.csv, relative to a fixed loop, and compares new results with them."""

import csv
import json
import os
import subprocess
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).parents[2]
FILE = ROOT / "docs" / "benchmarks.csv"
#: The note at the top of a page whose figures are of another model than the stored rows.
EARLIER = "These figures are of an earlier model"
#: A ratio that is by this factor above the stored one is worse.
WORSE = 1.25
#: Units of what is divided by the time of the loop.
TIMES = ("s", "wall s")


class Kept(NamedTuple):
    """A stored benchmark: name, value, value relative to the fixed loop, and unit."""

    name: str  # what is measured
    value: float  # as it is: seconds, MB, or events
    ratio: float  # what is compared between machines: a time over that of the loop, any other value as it is
    unit: str  # of the value

    def worse_than(self, stored: "Kept") -> bool:
        """True if the relative value (`ratio`) is above the stored one by more than a quarter."""
        return self.ratio > WORSE * stored.ratio


class Wanted(NamedTuple):
    """A row of docs/benchmarks.csv: a function of `measures.py`, and the figure to store."""

    measure: str
    value: str
    unit: str
    words: str


#: Rows by name, in the order of the page. Those of one measurement stand together: it is made once.
WANTED: Mapping[str, Wanted] = {
    "arm": Wanted("arms", "cpu", "s", "an arm, mean of three calibrated sets"),
    "events": Wanted("arms", "events", "events", "events of such an arm"),
    "first_past": Wanted("first_past", "cpu", "s", "the first past of a new parameter set"),
    "worker_memory": Wanted("worker", "mb", "MB", "memory of a process that simulates two arms"),
    "comparison": Wanted("comparison", "cpu", "s", "the default comparison, two processes, without its report"),
    "page_first": Wanted("page", "first_cpu", "s", "20 pairs of the first policy on the what-if page"),
    "page_second": Wanted("page", "second_cpu", "s", "20 pairs of the second policy"),
    "page_estimate": Wanted("page", "second_estimate", "wall s", "first estimate of the second policy"),
    "page_memory": Wanted("page", "mb", "MB", "memory of all processes of the page"),
    "compiling": Wanted("compiling", "cpu", "s", "compiling the rules from nothing"),
}


def measurement(name: str, *options: str) -> dict[str, float]:
    """Runs a function of `measures.py` in a new process; returns its figures by name."""
    command = [sys.executable, "-P", str(Path(__file__).with_name("measures.py")), name, *options]
    environment = dict(os.environ) | {"PYTHONPATH": str(ROOT)}
    done = subprocess.run(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, text=True, check=True)
    return dict(json.loads(done.stdout.splitlines()[-1]))


def measured(names: Iterable[str]) -> Iterator[Kept]:
    """Yields the results of some benchmarks, each run in a new process."""
    found: dict[str, dict[str, float]] = {}
    for name in names:
        wanted = WANTED[name]
        if wanted.measure not in found:
            found[wanted.measure] = measurement(wanted.measure)
        one = found[wanted.measure]
        value = float(one[wanted.value])
        yield Kept(name, value, value / one["loop"] if wanted.unit in TIMES else value, wanted.unit)


def stored() -> dict[str, Kept]:
    """Reads docs/benchmarks.csv; empty if it does not exist."""
    if not FILE.exists():
        return {}
    with FILE.open(encoding="utf-8", newline="") as rows:
        return {
            row["name"]: Kept(row["name"], float(row["value"]), float(row["ratio"]), row["unit"])
            for row in csv.DictReader(rows)
        }


def store(rows: Iterable[Kept]) -> None:
    """Writes some rows of docs/benchmarks.csv and keeps the others."""
    known = stored() | {row.name: row for row in rows}
    with FILE.open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(Kept._fields)
        for name in WANTED:
            if name in known:
                row = known[name]
                writer.writerow((name, f"{row.value:.4g}", f"{row.ratio:.4g}", row.unit))


_TABLE = """
## What users run

Each is measured in a process of its own, beside a fixed loop in the same process: the interpreter counts and NumPy
sorts. The last column is the time over that of the loop, which hardly depends on the machine. Times are of the
processor, all processes together, but for those marked wall; of the default comparison, a fifth of its pasts was run.
`make benchmarks-check` measures again and fails where one is a quarter worse; it compares with
[benchmarks.csv](benchmarks.csv).

| what | measured | times the loop |
| --- | ---: | ---: |
{rows}
"""


def table() -> str:
    """Markdown table of the stored benchmarks."""
    rows = []
    for row in stored().values():
        ratio = f"{row.ratio:,.3g}" if row.unit in TIMES else "–"
        rows.append(f"| {WANTED[row.name].words} | {row.value:,.4g} {row.unit} | {ratio} |")
    return _TABLE.format(rows="\n".join(rows))


def check(names: Iterable[str]) -> int:
    """Runs benchmarks again and prints them next to stored values; returns 1 if one is worse by a quarter."""
    known, worse = stored(), 0
    if not known:
        print("Nothing is stored to compare with: `make benchmarks` writes docs/benchmarks.csv.")
        return 1
    for row in measured([name for name in names if name in known]):
        is_worse = row.worse_than(known[row.name])
        if is_worse:  # once more: a busy moment is no change
            row = min(row, *measured([row.name]), key=lambda one: one.ratio)
            is_worse = row.worse_than(known[row.name])
        worse += is_worse
        print(
            f"{'WORSE' if is_worse else 'ok':5} {row.name:14} {row.ratio:10.3g}, stored {known[row.name].ratio:.3g}",
            flush=True,
        )
    return int(worse > 0)
