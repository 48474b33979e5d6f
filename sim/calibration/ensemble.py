"""The ensemble of parameter sets that agree with published facts; stored in sim/data/ensemble.parquet.

Each row is a set: one column per parameter by its dotted name, `distance.KEY` for how far it is from meeting a fact, in
two errors of measurement (0: it meets it), `value.KEY` for the mean outcome of its own runs, and `run_1.KEY`, … for
each of them. ensemble.yaml next to it says what made it.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from io import BytesIO
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.calibration import prior
from sim.calibration.targets import fingerprint as targets_fingerprint
from sim.experiments.sets import ChosenBy, OwnError, ParameterSets
from sim.policy.problem import InputError, mistake
from sim.world.parameters import OWN

if TYPE_CHECKING:
    import pandas as pd

#: Where the package has its own.
DATA = Path(str(resources.files("sim.data")))
FILE, MANIFEST = "ensemble.parquet", "ensemble.yaml"
DISTANCE, VALUE, RUN = "distance.", "value.", "run_{}."
COMMAND = "comity calibrate"
#: Where the manifest has the model's own error in levels and in shares.
OWN_ERRORS = "own_error", "own_error_of_shares"
_REBUILD = f"Build it again, which takes some 40 minutes on two cores: {COMMAND}"


@dataclass(frozen=True)
class Ensemble:
    """Parameter sets that agree with published facts, with their outcomes and distances from facts."""

    frame: pd.DataFrame  # one row per set
    manifest: Mapping[str, Any] = field(default_factory=dict)  # what made it

    @property
    def size(self) -> int:
        """Number of parameter sets in the ensemble."""
        return len(self.frame)

    @property
    def own_error(self) -> OwnError:
        """The model's own error on levels and on shares; NaN if not estimated."""
        return OwnError(*(float(self.manifest.get(name, "nan")) for name in OWN_ERRORS))

    @cached_property
    def values(self) -> list[Any]:
        """Values of the varied parameters by dotted name, one dictionary per set."""
        named = [name for name in prior.names() if name not in OWN or name in self.frame]
        return self.frame[named].to_dict("records")

    def sets(self) -> ParameterSets:
        """Parameter sets of the ensemble in the form that a study uses."""
        return ParameterSets(self.values, ChosenBy.CALIBRATED, self.own_error)


def load(path: Path | None = None) -> Ensemble:
    """Reads an ensemble (default: the package's); an error if its parameters differ from today's."""
    path = path or DATA / FILE
    ensemble = read(path)
    if ensemble.manifest.get("declarations") != prior.fingerprint(map(str, ensemble.frame)):
        raise _unusable("is of other parameters: their defaults or ranges have changed since", path)
    return ensemble


def read(path: Path) -> Ensemble:
    """Reads an ensemble, which may have outdated parameters; InputError for a damaged file."""
    import pandas as pd
    from ruamel.yaml.error import YAMLError

    about = path.with_suffix(".yaml")
    try:
        manifest, content = _manifest(about), path.read_bytes()
    except FileNotFoundError as error:
        name = Path(str(error.filename)).name
        raise mistake("there is no calibrated ensemble", "file", name, _REBUILD) from None
    except (OSError, UnicodeDecodeError, YAMLError):
        manifest, content = None, b""
    if not isinstance(manifest, dict) or manifest.get("sha256") != hashlib.sha256(content).hexdigest():
        raise _unusable(f"is damaged, or {about.name} is of another", path)
    return Ensemble(pd.read_parquet(BytesIO(content)), manifest)


def _unusable(problem: str, path: Path) -> InputError:
    """Makes the error for an unusable ensemble."""
    return InputError(f"the calibrated ensemble {problem}", where=str(path), fix=_REBUILD)


def sets_of_today() -> ParameterSets:
    """Parameter sets that have all of today's parameters: the package's own or, if outdated, draws from the prior."""
    try:
        return load().sets()
    except InputError:  # parameters have changed since, which reports say
        return ParameterSets(prior.unselected(), ChosenBy.PRIOR)


def _manifest(path: Path) -> Any:
    """Reads the manifest of an ensemble as plain values."""
    from ruamel.yaml import YAML

    return YAML(typ="safe", pure=True).load(path.read_text("utf-8"))


def versioned(about: Mapping[str, Any], summary: str, place: Path) -> dict[str, Any]:
    """Adds to a manifest a version number and the log of earlier versions."""
    log = _manifest(place)["versions"] if place.is_file() else []
    return {"version": len(log) + 1, "versions": [*log, f"{len(log) + 1}: {summary}"], **about}


def write(frame: pd.DataFrame, about: Mapping[str, Any], path: Path, command: str = COMMAND) -> None:
    """Writes an ensemble and its manifest, which contains the ensemble's hash."""
    from sim.experiments.store import beside, write_table, yaml_text

    with beside(path.with_suffix(".yaml")) as text, beside(path) as table:
        write_table(frame, table)
        hashes = {"declarations": prior.fingerprint(map(str, frame)), "targets": targets_fingerprint()}
        about = {**about, "sha256": hashlib.sha256(table.read_bytes()).hexdigest(), **hashes}
        text.write_text(f"# What made {path.name}; written by `{command}`.\n{yaml_text(about)}", encoding="utf-8")
