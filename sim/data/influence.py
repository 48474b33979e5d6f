"""Reads and writes influence.csv, which lists the parameters with the greatest effect on main outcomes.

It is found over the first wave of a calibration (sim/calibration/calibrate.py): all parameters at once over their
plausible ranges, and a world of its own for each set.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass, fields
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from sim.data.spreadsheet import write_rows

if TYPE_CHECKING:
    from _typeshed import DataclassInstance

FILE = "influence.csv"
LEVELS, POLICY_EFFECT = "levels", "policy effect"


@dataclass(frozen=True)
class PlausibleInfluence:
    """A row of influence.csv: the effect of a parameter, within its plausible range, on an outcome."""

    about: str  # whether on the level of an outcome or on what a policy changes in it
    rank: int  # 1 for the most
    parameter: str  # dotted name
    outcome: str  # the headline outcome that it moves most
    share: float  # of the variation of that outcome that goes with it, 0–1
    correlation: float  # rank correlation
    correlation_low: float  # its 95 % interval
    correlation_high: float  # likewise
    low: float  # plausible range of the parameter, in its unit
    high: float  # likewise
    runs: int  # parameter sets, each in a world of its own
    scenario: str  # under which the outcome was taken, or the two whose difference was
    code: str  # version of the code
    made: date  # day
    axes: str  # fingerprint of all parameters and their ranges
    source: str  # as in every data file
    status: str  # likewise


def write_influence(rows: Sequence[DataclassInstance], kind: type[DataclassInstance], path: Path) -> None:
    """Writes records to a CSV file in the format of influence.csv.

    Entries, perhaps none, are of one kind, whose fields are the columns.
    """
    lines = ([f"{cell:.4g}" if isinstance(cell, float) else cell for cell in asdict(row).values()] for row in rows)
    write_rows([[entry.name for entry in fields(kind)], *lines], path)
