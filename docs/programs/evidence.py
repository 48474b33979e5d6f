"""Updates sim/data/evidence.csv: facts held out from fitting, and ablations from a study's folder.

The model's own error by class of outcome, which rests on the same facts, goes to sim/results/own_error.csv.

`python -m docs.programs.evidence` renews facts alone, `python -m docs.programs.evidence results/ablate-…` ablations,
too.
"""

import sys
from pathlib import Path

import pandas as pd

from docs.programs import DATA
from sim.calibration.ensemble import load
from sim.calibration.targets import Bound, CalibrationTarget, Flag, Role
from sim.calibration.validate import before, errors_of, judged
from sim.data.load import read_table
from sim.data.spreadsheet import write_rows
from sim.policy.well_known import BASELINE
from sim.results import own_error

FILE, OWN_ERROR = DATA / "evidence.csv", DATA.parent / "results" / own_error.FILE
HEAD = ["ground", "scenario", "outcome", "about", "name", "holds", "sides", "prior", "source", "status"]
_COUNTS = ("per year", "number a year")
_ABOUT = {"times": "waits", "answers": "channels", "volumes": "channels"}


def facts() -> list[list[str]]:
    """Rows of held-out facts, and then rows of facts that led to changes of the model.

    Each says what it is about, its title, whether the median meets it, on how many sides it bounds, and whether the
    median of draws that no fact chose meets it.
    """
    rows, made = [], load()
    for ground, role in (("fact", Role.VALIDATION), ("revised", Role.REVISED)):
        found = judged(made, role)
        prior = {one.target.key: _said(one.agrees) for one in before(made, found)}
        for finding in found:
            fact = finding.target
            status = "verified" if fact.flag is Flag.READ else "recalled"
            sides, drawn = "two" if fact.bound is Bound.NONE else "one", prior.get(fact.key, "")
            holds = _said(finding.agrees)
            rows.append([ground, "", "", _about(fact), fact.title, holds, sides, drawn, "docs/validation.md", status])
    return rows


def _about(fact: CalibrationTarget) -> str:
    """Subject of a fact: counts per year, waits, results of requests, or operations."""
    return "counts" if fact.unit in _COUNTS else _ABOUT.get(fact.kind, "operations")


def _said(yes: bool) -> str:
    return "yes" if yes else "no"


def ablations(folder: Path) -> list[list[str]]:
    """Table rows that compare the sign of an effect with and without each mechanism."""
    rows = pd.read_csv(folder / "conclusions.csv").query(f"compared_with == '{BASELINE}'")
    holds = (rows["whole"] * rows["without"] > 0.0).map({True: "yes", False: "no"})
    effects = zip(rows["scenario"], rows["outcome"], rows["left_out"], holds, strict=True)
    return [["ablation", *one, "", left, same, "", "", "docs/ablation.md", "verified"] for *one, left, same in effects]


if __name__ == "__main__":
    table, new = read_table(FILE.name), [row for word in sys.argv[1:] for row in ablations(Path(word))]
    kept = [[row.get(name, "") for name in HEAD] for row in table.rows if row["ground"] == "ablation" and not new]
    write_rows([HEAD, *facts(), *kept, *new], FILE)
    write_rows(own_error.table(errors_of(judged(load(), Role.VALIDATION))), OWN_ERROR)
