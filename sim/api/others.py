"""Folders of results that are no studies, and how each of them is read."""

from __future__ import annotations

from pathlib import Path

from sim.policy.problem import InputError

#: A file that only such a folder holds, what the folder is, and how it is read.
_OTHERS = (
    ("cases.csv", "results of an operation on record", "Read its table: pandas.read_csv('{folder}/cases.csv')."),
    ("ensemble.parquet", "a calibration", "Read its sets: pandas.read_parquet('{folder}/ensemble.parquet')."),
    ("sensitivity.csv", "tables of an analysis", "Open the study above it: sim.open('{folder.parent}').analysis."),
    ("boxes.csv", "tables of an analysis", "Open the study above it: sim.open('{folder.parent}').analysis."),
    ("portfolios.csv", "tables of an analysis", "Open the study above it: sim.open('{folder.parent}').analysis."),
    ("checked.csv", "a portfolio", "Read its page: {folder}/report.html, and the tables beside it."),
    ("report.html", "a report without tables", "Read it: {folder}/report.html."),
)


def check_other(folder: Path) -> None:
    """Says what a folder of results is that cannot be opened as a study.

    Raises:
        InputError: it is one of these.
    """
    for name, what, fix in _OTHERS:
        if (folder / name).is_file():
            raise InputError(f"{what}, not a study", where=str(folder), fix=fix.format(folder=folder))
