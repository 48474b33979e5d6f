"""Renews sim/data/grounds.csv: facts kept apart from the shipped sets, ablations from the folder of one.

`python -m docs.programs.grounds` renews facts alone, `python -m docs.programs.grounds results/ablate-…` ablations, too.
"""

import re
import sys
from pathlib import Path

import pandas as pd

from docs.programs import DATA
from sim.calibration.ensemble import load
from sim.calibration.targets import Flag, Role
from sim.calibration.validate import judged
from sim.data.load import read_table
from sim.data.spreadsheet import write_rows
from sim.policy.well_known import BASELINE

FILE, CATALOGUE = DATA / "grounds.csv", DATA / "files.csv"
_WAITS = ("times", "answers", "volumes")


def facts() -> list[list[str]]:
    """A row for each fact kept apart: what it is about, its title, whether the model's interval holds it."""
    rows = []
    for finding in judged(load(), Role.VALIDATION):
        fact, holds = finding.target, "yes" if finding.holds() else "no"
        about = "waits" if fact.kind in _WAITS else "operations"
        status = "verified" if fact.flag is Flag.READ else "recalled"
        rows.append(["fact", "", "", about, fact.title, holds, "docs/validation.md", status])
    return rows


def ablations(folder: Path) -> list[list[str]]:
    """A row for each effect on today's law without a mechanism: whether its sign is as it is with all of them."""
    rows = pd.read_csv(folder / "conclusions.csv").query(f"compared_with == '{BASELINE}'")
    holds = (rows["whole"] * rows["without"] > 0.0).map({True: "yes", False: "no"})
    effects = zip(rows["scenario"], rows["outcome"], rows["left_out"], holds, strict=True)
    return [["ablation", *one, "", left, same, "docs/ablation.md", "verified"] for *one, left, same in effects]


if __name__ == "__main__":
    table, new = read_table(FILE.name), [row for word in sys.argv[1:] for row in ablations(Path(word))]
    kept = [list(row.values()) for row in table.rows if row["ground"] == "ablation" and not new]
    write_rows([list(table.columns), *(rows := [*facts(), *kept, *new])], FILE)
    announced = re.sub(rf"(?m)^{FILE.name},\d+", f"{FILE.name},{len(rows)}", CATALOGUE.read_text("utf-8"))
    CATALOGUE.write_text(announced, "utf-8")
