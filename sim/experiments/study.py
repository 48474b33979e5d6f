"""A study: a folder with study.yaml, a ledger and tables, which belongs to one design, configuration and code."""

from __future__ import annotations

import hashlib
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Self

import pyarrow as pa
from pydantic import BaseModel, ValidationError, model_validator

from sim.experiments.axis import AxisKind
from sim.experiments.failures import DISK_FULL
from sim.experiments.manifest import code_version, file_hash, input_hashes
from sim.experiments.overrides import COMMAND_LINE
from sim.experiments.parts import (
    BREAKDOWN_TABLES,
    EVENT_TABLES,
    EXPERIMENTS,
    KEYS,
    OUTCOME_TABLE,
    DamagedError,
    Part,
    inspected,
    read,
    stem,
)
from sim.experiments.plan import Kind, Plan
from sim.experiments.worker import Identities
from sim.policy.problem import InputError

if TYPE_CHECKING:
    import pandas as pd

    from sim.experiments.config import Experiment

STUDY, LOG = "study.yaml", "log.txt"
#: Folder of the store where a report stands beside it; the tables of a sweep lie in its own folder.
RUNS = "runs"


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
    blocks: list[str]
    store: str
    tables: list[str]
    code: _Code
    configuration: dict[str, Any]
    inputs: dict[str, str]


@dataclass(frozen=True)
class Study:
    """A study on disk, as its study.yaml describes it.

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
            fix = "Name a folder of results that holds study.yaml."
            raise InputError(problem, where="command line", key="STUDY", value=folder, fix=fix) from None
        try:
            _About.model_validate(about)
        except ValidationError as error:
            found = error.errors()[0]
            raise InputError(
                found["msg"][:1].lower() + found["msg"][1:],
                where=str(folder / STUDY),
                key=".".join(str(place) for place in found["loc"]),
                fix="Restore the file as Comity wrote it, or begin the study in a new folder.",
            ) from None
        return cls(folder, about)

    @property
    def store(self) -> Path:
        """Folder of its tables."""
        return self.folder / str(self.about["store"])

    @cached_property
    def parts(self) -> list[Part]:
        """Its parts, once it is known that all of them can be read and belong to it.

        Raises:
            InputError: If one does not.
        """
        found = []
        for part, rows in inspected(self.store, self.about):
            if isinstance(rows, DamagedError):
                raise self.damaged(rows)
            found.append(part)
        return found

    def files(self, name: str) -> list[Path]:
        """Files of a table, part by part.

        Args:
            name: folder of the table, such as `breakdowns/takedown_curve`.
        """
        if name == EXPERIMENTS:
            return [part.ledger for part in self.parts]
        return [file for part in self.parts for file in part.files.get(name, ())]

    def read(self, name: str, words: Sequence[str] = ()) -> list[pa.Table]:
        """Every file of a table.

        Args:
            name: folder of the table.
            words: columns of few words, read as dictionaries.

        Raises:
            InputError: If part of the study cannot be read or does not belong to it.
        """
        found = []
        for file in self.files(name):
            try:
                found.append(read(file, needed=KEYS, words=words))
            except DamagedError as error:
                ledger = self.store / EXPERIMENTS / f"{stem(file)}.parquet"
                raise self.damaged(error, f"Delete {ledger} and give its command again") from None
        return found

    def damaged(
        self, found: DamagedError, fix: str = "Give its command again, which makes the part's runs again"
    ) -> InputError:
        """The message about a file that cannot be used."""
        return InputError(found.problem, where=str(found.file), fix=f"{fix}: {self.about['command']}")

    def experiments(self) -> pd.DataFrame:
        """One row per run, failures included, by point, scenario and seed."""
        return self.table(EXPERIMENTS)

    def outcomes(self) -> pd.DataFrame:
        """One row per run that succeeded, with the axes and every outcome, by point, scenario and seed."""
        return self.table("outcomes")

    def table(self, name: str) -> pd.DataFrame:
        """Any table of the study in an order that does not depend on how it was carried out.

        Args:
            name: a folder of the study, such as `breakdowns/takedown_curve`.

        Raises:
            InputError: If part of the study cannot be read or does not belong to it.
        """
        import pandas as pd

        found = self.read(name)
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


def unfinished_folder(experiment: Experiment, plan: Plan) -> Path:
    """Folder of a study that ends in a report, until it does: the same for the same command, code and configuration."""
    words = study_hash(experiment, plan) + str(code_version()["sources"])
    return experiment.results / f".unfinished-{plan.kind}-{hashlib.sha256(words.encode()).hexdigest()[:10]}"


def study_hash(experiment: Experiment, plan: Plan) -> str:
    """Hash of all that makes one study another: design, configuration and inputs, not the number of seeds."""
    base = plan.base
    content = {
        "design": [plan.kind, plan.digest(), plan.paired and plan.replicates],
        "axes": [axis.plain() for axis in base.axes],
        "scenarios": [scenario.key for scenario in base.scenarios],
        "first_seed": plan.first_seed,
        "tables": [*base.breakdowns, base.events],
        "configuration": _configuration(experiment, plan),
    }
    return _hash(content)


def identities(experiment: Experiment, plan: Plan) -> Identities:
    """Ids of runs: over configuration, inputs and code, whatever the design."""
    return Identities(_hash(_configuration(experiment, plan) | {"code": code_version()["sources"]}))


def describe(experiment: Experiment, plan: Plan, design: Mapping[str, Any]) -> dict[str, Any]:
    """The content of study.yaml."""
    base = plan.base
    seeds = "paired" if plan.paired else "crossed"
    store = RUNS if base.blocks else "."
    outcomes = (Path(store) / OUTCOME_TABLE).as_posix()
    return {
        "study": study_hash(experiment, plan),
        "command": experiment.command,
        "design": {**design, "design": str(plan.kind), "points": len(plan.points), "seeds": seeds},
        "axes": [axis.plain() for axis in base.axes],
        "scenarios": [scenario.key for scenario in base.scenarios],
        "replicates": plan.replicates,
        "first_seed": plan.first_seed,
        "runs": len(plan),
        "blocks": list(base.blocks),
        "store": store,
        "tables": [EXPERIMENTS, OUTCOME_TABLE, *(f"{BREAKDOWN_TABLES}/{name}" for name in base.breakdowns)]
        + ([EVENT_TABLES] if base.events else []),
        "read": {
            "pandas": f"pandas.read_parquet('{outcomes}')",
            "duckdb": f"FROM '{outcomes}/*.parquet'",
        },
        "code": code_version(),
        "configuration": experiment.resolved,
        "inputs": input_hashes(experiment),
    }


def settle(folder: Path, about: Mapping[str, Any], allow_other_code: bool) -> Study:
    """Makes the folder of a study, or opens the study that is there.

    Raises:
        InputError: another study stands there, the study was made by another version of the code, or the folder cannot
            be written.
    """
    if not (folder / STUDY).exists() and _is_free(folder):
        return write_study(folder, about)
    there = Study.open(folder)
    if there.about["study"] != about["study"]:
        raise InputError(
            f"another study stands there ({_difference(there.about, about)})",
            where=COMMAND_LINE,
            key="--study",
            value=folder,
            fix="Name another folder, or give the command in its study.yaml to resume that one.",
        )
    if there.about["code"]["sources"] != about["code"]["sources"] and not allow_other_code:
        raise InputError(
            "made by another version of the code, whose results may differ",
            where=COMMAND_LINE,
            key="--study",
            value=folder,
            fix="Name another folder for a new study, or write --allow-other-code to mix both "
            "(the column `code` shows which run is whose).",
        )
    if about["replicates"] > there.about["replicates"] or (about["blocks"] and there.about != about):
        return write_study(folder, {**about, "code": there.about["code"]})
    return there


def write_study(folder: Path, about: Mapping[str, Any]) -> Study:
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
        if error.errno in DISK_FULL:
            raise
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
        scenario.key: file_hash(Path(scenario.file))
        for scenario in plan.base.scenarios
        if Path(scenario.file).is_file()
    }
    return {
        "settings": [
            ["/".join(choice), asdict(world), asdict(parameters)]
            for choice, (world, parameters) in plan.base.settings.items()
        ],
        "inputs": {key: value for key, value in input_hashes(experiment).items() if not Path(key).is_absolute()},
        "own": own,
        "against": experiment.baseline,
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
