"""Which parameter sets the worlds of a study take: those of the package, of a calibration, of a file, or none."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING

from sim.policy.problem import InputError, mistake

if TYPE_CHECKING:
    from sim.experiments.sets import ParameterSets

#: What `--ensemble` takes beside a file or folder.
PACKAGE, NONE = "package", "none"
_FIX = "Write package, none, or a CSV file with a column for each parameter, or the folder of a calibration."
#: Bounds of a file of sets.
_MOST_BYTES = 2**28


def sets_named(named: str, first_seed: int) -> ParameterSets | None:
    """The parameter sets that somebody names; None for every parameter at its default.

    Args:
        named: `package`, `none`, a CSV file with one row per set and one column per parameter by its dotted name, a
            Parquet file that `comity calibrate` wrote, or the folder that holds it.
        first_seed: the seed that has the first set.

    Raises:
        InputError: there is nothing of that name, or a set that the model cannot be run with.
    """
    from sim.calibration.ensemble import sets_of_today

    if named == NONE:
        return None
    if named == PACKAGE:
        return sets_of_today(first_seed)
    path = Path(named)
    if (listed := path / "ensemble.csv").is_file():  # of a calibration to facts of one's own
        path = listed
    if path.suffix.lower() == ".csv":
        return _given(_listed(path), first_seed)
    return _calibrated(path, first_seed)


def _calibrated(path: Path, first_seed: int) -> ParameterSets:
    """Sets that a calibration wrote."""
    from sim.calibration.ensemble import FILE, load

    file = path / FILE if path.is_dir() else path
    if not file.is_file():
        raise mistake("no parameter sets of that name", "--ensemble", path, _FIX)
    return load(file).sets(first_seed)


def _listed(path: Path) -> list[dict[str, str]]:
    """Rows of a CSV file, as texts."""
    import csv

    try:
        if path.stat().st_size > _MOST_BYTES:
            raise InputError(f"more than {_MOST_BYTES:,} bytes", where=str(path), fix="Give fewer sets.")
        with path.open(encoding="utf-8-sig", newline="") as file:
            rows = list(csv.DictReader(file))
    except (OSError, UnicodeDecodeError, csv.Error) as error:
        raise InputError("cannot be read", where=str(path), fix=_FIX) from error
    if not rows:
        raise InputError("no parameter set", where=str(path), fix="Write a heading with names, then one row per set.")
    return rows


def _given(rows: list[dict[str, str]], first_seed: int) -> ParameterSets:
    """Sets with a value for each named parameter, all within their allowed ranges."""
    from sim.experiments.grammar import axis_of, parameters
    from sim.experiments.sets import ChosenBy, ParameterSets
    from sim.law.suggest import nearest

    keys = {name: f"uncertainty.{name.removeprefix('uncertainty.')}" for name in rows[0]}
    for name, key in keys.items():
        if key not in parameters():
            known = [known.removeprefix("uncertainty.") for known in parameters()]
            raise mistake("no parameter of that name", "--ensemble", name, nearest(str(name), known))
    columns = {key: axis_of(key, [row[name] or "" for row in rows]) for name, key in keys.items()}
    values: list[Mapping[str, float]] = [
        {key.removeprefix("uncertainty."): axis.levels[number].value for key, axis in columns.items()}
        for number in range(len(rows))
    ]
    return ParameterSets(values, first_seed, ChosenBy.GIVEN)
