"""A study: a folder with study.yaml, a ledger and tables, which belongs to one design, configuration and code."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import pyarrow as pa
from pydantic import BaseModel, ValidationError, model_validator

from sim.experiments.axis import AxisKind
from sim.experiments.manifest import code_version, file_hash, input_hashes
from sim.experiments.overrides import COMMAND_LINE
from sim.experiments.parts import DamagedError, Part, inspected, read
from sim.experiments.plan import Plan
from sim.experiments.points import Kind
from sim.experiments.tables import EXPERIMENTS, KEYS
from sim.experiments.worker import Identities
from sim.policy.problem import InputError

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiments.config import Experiment

STUDY, LOG = "study.yaml", "log.txt"


class _Axis(BaseModel):
    """An axis in study.yaml."""

    key: str
    kind: AxisKind
    unit: str
    values: list[float | int | str] | None = None
    low: float | None = None
    high: float | None = None
    logarithmic: bool | None = None

    @model_validator(mode="after")
    def _spans(self) -> Self:
        if self.values is None and None in (self.low, self.high, self.logarithmic):
            raise ValueError("neither values nor low, high and logarithmic")
        return self


class _Design(BaseModel):
    """The design in study.yaml."""

    design: Kind
    points: int
    seeds: Literal["paired", "crossed"]


class _Code(BaseModel):
    """The code in study.yaml."""

    sources: str


class _About(BaseModel):
    """What is read of study.yaml; it may hold more."""

    study: str
    command: str
    design: _Design
    axes: list[_Axis]
    scenarios: list[str]
    replicates: int
    first_seed: int
    runs: int
    tables: list[str]
    code: _Code
    configuration: dict[str, Any]
    inputs: dict[str, str]


@dataclass(frozen=True)
class Study:
    """A study on disk, as its study.yaml tells of it.

    Attributes:
        folder: where it is.
        about: the content of study.yaml.
    """

    folder: Path
    about: Mapping[str, Any]

    @classmethod
    def open(cls, folder: Path) -> Study:
        """An existing study.

        Raises:
            InputError: If the folder holds none, or its study.yaml is not as it was written.
        """
        from ruamel.yaml import YAML
        from ruamel.yaml.error import YAMLError

        try:
            about = YAML(typ="safe", pure=True).load((folder / STUDY).read_text("utf-8"))
        except (OSError, YAMLError) as error:
            problem = "no study" if isinstance(error, OSError) else "study.yaml cannot be read"
            fix = "Name the folder that `comity sweep` has told, which holds study.yaml."
            raise InputError(problem, where="command line", key="STUDY", value=folder, fix=fix) from None
        try:
            _About.model_validate(about)
        except ValidationError as error:
            found = error.errors()[0]
            raise InputError(
                found["msg"][:1].lower() + found["msg"][1:],
                where=str(folder / STUDY),
                key=".".join(str(place) for place in found["loc"]),
                fix="Write the file as `comity sweep` wrote it, or sweep into a new folder.",
            ) from None
        return cls(folder, about)

    @cached_property
    def parts(self) -> list[Part]:
        """Its parts, once it is known that all of them can be read and belong to it.

        Raises:
            InputError: If one does not.
        """
        found = []
        for part, rows in inspected(self.folder, self.about):
            if isinstance(rows, DamagedError):
                raise self.damaged(rows)
            found.append(part)
        return found

    def damaged(
        self, found: DamagedError, fix: str = "Give its command again, which makes the part's runs again"
    ) -> InputError:
        """What is said of a file that cannot be used."""
        return InputError(found.problem, where=str(found.file), fix=f"{fix}: {self.about['command']}")

    def experiments(self) -> pd.DataFrame:
        """One row a run, failures included, by point, scenario and seed."""
        return self.table("experiments")

    def outcomes(self) -> pd.DataFrame:
        """One row a run that succeeded, with the axes and every outcome, by point, scenario and seed."""
        return self.table("outcomes")

    def table(self, name: str) -> pd.DataFrame:
        """Any table of the study in an order that does not depend on how it was carried out.

        Args:
            name: a folder of the study, such as `breakdowns/takedown_curve`.

        Raises:
            InputError: If part of the study cannot be read or does not belong to it.
        """
        import pandas as pd

        found = []
        for part in self.parts:
            for file in [part.ledger] if name == EXPERIMENTS else part.files.get(name, ()):
                try:
                    found.append(read(file, needed=KEYS))
                except DamagedError as error:
                    raise self.damaged(error, f"Delete {part.ledger} and give its command again") from None
        if not found:
            return pd.DataFrame()
        rows: pd.DataFrame = pa.concat_tables(found, promote_options="default").to_pandas()
        order = {key: place for place, key in enumerate(self.about["scenarios"])}
        rank = rows["scenario"].map(order).fillna(len(order))
        return (
            rows.assign(_rank=rank)
            .sort_values(["point", "_rank", "scenario", "seed"], kind="stable")
            .drop(columns="_rank")
            .reset_index(drop=True)
        )

    def axes(self) -> list[str]:
        """Keys of what varies."""
        return [str(axis["key"]) for axis in self.about["axes"]]


def study_hash(experiment: Experiment, plan: Plan, breakdowns: tuple[str, ...]) -> str:
    """Hash of all that makes one study another: design, configuration and inputs, not the number of seeds."""
    content = {
        "design": [plan.kind, plan.points.digest(), len(plan.points), plan.paired and plan.replicates],
        "axes": [axis.plain() for axis in plan.ground.axes],
        "scenarios": list(plan.ground.crossed),
        "first_seed": plan.first_seed,
        "tables": [*breakdowns, experiment.events],
        "configuration": _configuration(experiment, plan),
    }
    return _hash(content)


def identities(experiment: Experiment, plan: Plan) -> Identities:
    """Ids of runs: over configuration, inputs and code, whatever the design."""
    return Identities(_hash(_configuration(experiment, plan) | {"code": code_version()["sources"]}))


def describe(
    experiment: Experiment, plan: Plan, breakdowns: tuple[str, ...], design: Mapping[str, Any]
) -> dict[str, Any]:
    """The content of study.yaml."""
    return {
        "study": study_hash(experiment, plan, breakdowns),
        "command": experiment.command,
        "design": {**design, "points": len(plan.points), "seeds": "paired" if plan.paired else "crossed"},
        "axes": [axis.plain() for axis in plan.ground.axes],
        "scenarios": [key for key in plan.ground.crossed if key] or list(plan.ground.scenarios),
        "replicates": plan.replicates,
        "first_seed": plan.first_seed,
        "runs": len(plan),
        "tables": ["experiments", "outcomes", *(f"breakdowns/{name}" for name in breakdowns)]
        + (["events"] if experiment.events else []),
        "read": {
            "pandas": "pandas.read_parquet('outcomes')",
            "duckdb": "SELECT * FROM 'outcomes/*.parquet'",
        },
        "code": code_version(),
        "configuration": experiment.resolved,
        "inputs": input_hashes(experiment),
    }


def settle(folder: Path, about: Mapping[str, Any], allow_other_code: bool) -> Study:
    """Makes the folder of a study, or goes on with the study that is there.

    Raises:
        InputError: another study stands there, the study was made by another version of the code, or the folder cannot
            be written.
    """
    if not (folder / STUDY).exists() and _is_free(folder):
        return _written(folder, about)
    there = Study.open(folder)
    if there.about["study"] != about["study"]:
        raise InputError(
            f"another study stands there ({_difference(there.about, about)})",
            where=COMMAND_LINE,
            key="--study",
            value=folder,
            fix="Name another folder, or give the command in its study.yaml to go on with that one.",
        )
    if there.about["code"]["sources"] != about["code"]["sources"] and not allow_other_code:
        raise InputError(
            "made by another version of the code, whose results may differ",
            where=COMMAND_LINE,
            key="--study",
            value=folder,
            fix="Name another folder to start anew, or write --allow-other-code to mix both "
            "(the column `code` tells which run is whose).",
        )
    if about["replicates"] > there.about["replicates"]:
        return _written(folder, {**about, "code": there.about["code"]})
    return there


def _written(folder: Path, about: Mapping[str, Any]) -> Study:
    """Writes study.yaml beside its place and renames it."""
    from ruamel.yaml import YAML

    yaml = YAML(typ="safe", pure=True)
    yaml.default_flow_style = False
    yaml.width = 2**31  # a name of a file with spaces, broken over lines as a key, could not be read again
    yaml.sort_base_mapping_type_on_output = False  # type: ignore[assignment]  # the design first, configuration last
    plain = json.loads(json.dumps(about))
    try:
        folder.mkdir(parents=True, exist_ok=True)
        writing = folder / f".{STUDY}-{os.getpid()}"
        with writing.open("w", encoding="utf-8") as file:
            yaml.dump(plain, file)
        writing.replace(folder / STUDY)
    except OSError as error:
        raise InputError(
            f"the study's folder cannot be written ({error.strerror or error})",
            where=COMMAND_LINE,
            key="--study",
            value=folder,
            fix="Name another folder, or change its permissions.",
        ) from error
    return Study(folder, plain)


def _is_free(folder: Path) -> bool:
    """Whether nothing stands there; a study that another process has just begun is no mistake.

    Raises:
        InputError: If something that is no study stands there.
    """
    if not folder.exists():
        return True
    if folder.is_dir() and all(path.name.startswith(".") for path in folder.iterdir()):
        return True
    if (folder / STUDY).exists():
        return False
    fix = "Name a new folder for the study."
    raise InputError("something else stands there", where=COMMAND_LINE, key="--study", value=folder, fix=fix)


def _configuration(experiment: Experiment, plan: Plan) -> dict[str, Any]:
    """What a run depends on besides its point, scenario and seed."""
    own = {
        key: file_hash(Path(scenario.file))
        for key, scenario in plan.ground.scenarios.items()
        if Path(scenario.file).is_file()
    }
    return {
        "settings": [
            ["/".join(choice), asdict(world), asdict(parameters)]
            for choice, (world, parameters) in plan.ground.settings.items()
        ],
        "inputs": {key: value for key, value in input_hashes(experiment).items() if not Path(key).is_absolute()},
        "own": own,
    }


def _hash(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()


def _difference(there: Mapping[str, Any], here: Mapping[str, Any]) -> str:
    """The first thing in which two studies differ, in words."""
    for key, words in (("axes", "other axes"), ("scenarios", "other scenarios"), ("design", "another design")):
        if there[key] != here[key]:
            return words
    if there["inputs"] != here["inputs"]:
        return "other data or scenario files"
    return "another configuration"
