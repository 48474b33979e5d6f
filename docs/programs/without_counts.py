"""Writes effects under parameter sets fitted without counts, for reports: `python -m docs.programs.without_counts`.

An installed package has no `results/`: `sim/results/without_counts.csv` holds of each scenario what first screen and
tables show, in four figures, from the differences in `results/without_counts`.
"""

import sys

import pandas as pd

from docs.programs import ROOT
from sim.experiments.design import MAIN

SOURCE = ROOT / "results" / "without_counts" / "differences.csv"
TARGET = ROOT / "sim" / "results" / "without_counts.csv"
#: Outcomes that are shown side by side, in their order.
SHOWN = (
    "groups_brought_down",
    "takedowns_expected",
    "takedown_rate",
    "turnaround_median",
    "usable_within_12_months",
    "losses_averted",
    "harm",
)
_NUMBERS = ["baseline_mean", "difference", "low", "high", "relative", "relative_low", "relative_high"]


def made() -> str:
    """Text of the CSV file, with a row for each scenario and outcome."""
    found = pd.read_csv(SOURCE)
    found = found[found["block"] == MAIN]
    scenarios = found["scenario"].unique()
    rows = found.set_index(["scenario", "outcome"]).loc[[(one, key) for one in scenarios for key in SHOWN]]
    return str(rows[["pairs", *_NUMBERS]].to_csv(float_format="%.4g", lineterminator="\n"))


if __name__ == "__main__":
    TARGET.write_text(made(), encoding="utf-8")
    sys.stdout.write(f"{TARGET.relative_to(ROOT)} is written\n")
