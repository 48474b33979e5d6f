"""Renews sim/data/grounds.csv: facts kept apart from docs/validation.md, ablations from the folder of one.

`python -m docs.programs.grounds` renews facts alone, `python -m docs.programs.grounds results/ablate-…` ablations, too.
"""

import csv
import sys
from pathlib import Path

from sim.calibration.targets import Flag, targets
from sim.data.load import read_table
from sim.data.spreadsheet import write_rows
from sim.policy.well_known import BASELINE

ROOT = Path(__file__).parents[2]
FILE = ROOT / "sim" / "data" / "grounds.csv"
_WAITS = ("times", "answers", "volumes")


def facts() -> list[list[str]]:
    """A row for each fact of the page's first table: what it is about, its title, whether the interval holds it."""
    text = (ROOT / "docs" / "validation.md").read_text(encoding="utf-8")
    part = text.split("## Held out")[1].split("\n## ")[0]
    known, found = {target.title: target for target in targets()}, []
    for line in part.splitlines():
        cells = [cell.strip() for cell in line.strip("|").split("|")]
        if len(cells) > 6 and (target := known.get(cells[0])) is not None:
            about = "waits" if target.kind in _WAITS else "operations"
            status = "verified" if target.flag is Flag.READ else "recalled"
            found.append(["fact", "", "", about, cells[0], cells[6], "docs/validation.md", status])
    return found


def ablations(folder: Path) -> list[list[str]]:
    """A row for each effect on today's law without a mechanism: whether its sign is as it is with all of them."""
    with (folder / "conclusions.csv").open(encoding="utf-8", newline="") as written:
        rows = [row for row in csv.DictReader(written) if row["compared_with"] == BASELINE]
    return [
        ["ablation", row["scenario"], row["outcome"], "", row["left_out"], holds, "docs/ablation.md", "verified"]
        for row in rows
        for holds in ["yes" if float(row["whole"]) * float(row["without"]) > 0.0 else "no"]
    ]


if __name__ == "__main__":
    table = read_table(FILE.name)
    named = [Path(word) for word in sys.argv[1:]]
    kept = [list(row.values()) for row in table.rows if row["ground"] == "ablation" and not named]
    write_rows([list(table.columns), *facts(), *kept, *[row for folder in named for row in ablations(folder)]], FILE)
