"""Adds new parameters to the shipped parameter sets: `python -m docs.programs.added_parameters`.

A parameter that is declared after a calibration was not chosen by facts. Until the next one each set gets a value from
its plausible range, evenly spread over the sets and independent of all others; a parameter's draws follow from its name
alone. The version log of sim/data/ensemble.yaml says so, and sim/data/influence.csv, whose ranking does not know it.
"""

import csv
import hashlib
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import pandas as pd

from sim.calibration import ensemble, prior
from sim.calibration.targets import fingerprint
from sim.data.influence import FILE
from sim.data.spreadsheet import write_rows
from sim.policy.problem import mistake
from sim.results.words import counted

COMMAND = "python -m docs.programs.added_parameters"


@dataclass(frozen=True)
class Added:
    """Parameter sets extended by new parameters, and the names of those parameters."""

    frame: pd.DataFrame  # one row per set
    names: tuple[str, ...]  # parameters that were drawn


def added_to(frame: pd.DataFrame) -> Added:
    """Draws new parameters for parameter sets; raises InputError if an existing value is no longer plausible."""
    axes = dict(zip(prior.names(), prior.axes(), strict=True))
    missing = tuple(name for name in axes if name not in frame)
    for name, axis in axes.items():
        if name in frame and not frame[name].between(axis.low, axis.high).all():
            fix = f"Its range has changed since: {ensemble.COMMAND}"
            raise mistake("sets have a value outside its plausible range", "parameter", name, fix)
    drawn = {name: drawn_for(name, len(frame)) for name in missing}
    rest = [name for name in frame if name not in axes]
    return Added(pd.concat([frame, pd.DataFrame(drawn)], axis=1)[[*axes, *rest]], missing)


def drawn_for(name: str, sets: int) -> Sequence[float | int]:
    """Draws values of one parameter for some sets, one from each equal part of its plausible range."""
    seed = int.from_bytes(hashlib.sha256(name.encode()).digest()[:4], "big")
    axis = prior.axes()[prior.names().index(name)]
    return [axis.at(float(share)).value for share in prior.uniform(sets, 1, seed)[:, 0]]


def extend(path: Path) -> tuple[str, ...]:
    """Adds new parameters to a stored ensemble and its manifest; returns their names."""
    shipped = ensemble.read(path)
    if shipped.manifest["declarations"] == prior.fingerprint():
        return ()
    if shipped.manifest["targets"] != fingerprint():
        raise mistake("sets were compared with other facts", "file", path.name, ensemble.COMMAND)
    added = added_to(shipped.frame)
    day = datetime.now(UTC).date().isoformat()
    number = counted(len(added.names), "new parameter")
    summary = f"{day}, the same {shipped.size} sets, with {number} drawn from their ranges"
    manifest = ensemble.versioned(
        {name: value for name, value in shipped.manifest.items() if name not in ("version", "versions")},
        summary,
        path.with_suffix(".yaml"),
    )
    manifest["drawn_since"] = [*shipped.manifest.get("drawn_since", []), *added.names]
    ensemble.write(added.frame, manifest, path, COMMAND)
    return added.names


def note(path: Path, drawn: int) -> None:
    """Adds a note to the stored ranking of parameters: it does not contain the new ones."""
    with path.open(encoding="utf-8", newline="") as file:
        first, *rows = csv.reader(file)
    axes, source = first.index("axes"), first.index("source")
    for row in rows:
        row[axes], row[source] = prior.fingerprint(), f"{row[source]}; {drawn} parameters were added later"
    write_rows([first, *rows], path)


def main() -> None:
    """Adds new parameters to the package's ensemble, and prints their names."""
    drawn = extend(ensemble.DATA / ensemble.FILE)
    if drawn:
        note(ensemble.DATA / FILE, len(drawn))
    sys.stdout.write(f"drawn from their ranges: {', '.join(drawn) or 'none; the sets have all parameters of today'}\n")


if __name__ == "__main__":
    main()
