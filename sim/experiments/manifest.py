"""Provenance of numbers: hashes of configuration, inputs and code, seeds, and the manifest of a report."""

from __future__ import annotations

import hashlib
import importlib.metadata
import json
import os
import platform
from collections.abc import Iterable, Mapping
from dataclasses import asdict
from functools import cache, lru_cache
from math import isfinite
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, model_validator

from sim.data import own as own_parts
from sim.experiments import seal
from sim.experiments.parts import BREAKDOWN_TABLES, EVENT_TABLES, EXPERIMENTS, OUTCOME_TABLE
from sim.experiments.plan import Plan
from sim.experiments.run import Failure, FailureStage
from sim.experiments.sets import OwnError, ParameterSets
from sim.experiments.store import Command, check_content, read_json
from sim.policy.own_rules import REPLACED
from sim.policy.version import PACKAGE, commit, is_changed, release, source_hash
from sim.policy.well_known import resource_folder
from sim.world.own_events import FILE_OF
from sim.world.parameters import OWN

if TYPE_CHECKING:
    from sim.experiments.config import Experiment
    from sim.experiments.design import Design


_PACKAGES = ("numpy", "numba", "scipy", "pandas", "pyarrow", "mesa", "hydra-core", "loky", "matplotlib")


class _Failure(BaseModel):
    """Entry of a failed run in manifest.json."""

    model_config = ConfigDict(strict=True, extra="forbid")

    block: str
    seed: int
    scenario: str
    stage: Annotated[FailureStage, Field(strict=False)]
    message: str
    details: str


class _WeighedBy(BaseModel):
    """Entry of a user's figures in manifest.json."""

    model_config = ConfigDict(strict=True, extra="forbid")

    whose: str = Field(max_length=300)
    figures: list[str]
    values: list[str]
    effective: float = Field(ge=1.0)
    of: int = Field(ge=1)


class Manifest(BaseModel):
    """Schema of manifest.json; entries with a default may be missing in older versions."""

    model_config = ConfigDict(strict=True)

    command: Command
    overrides: list[str]
    code: dict[str, str | bool | None]
    packages: dict[str, str] = Field(default_factory=dict)
    scenarios: list[str] = Field(min_length=1)
    titles: dict[str, str] = Field(default_factory=dict)
    baseline: str
    by_change: bool = False
    places: list[Annotated[tuple[str, list[int]], Field(strict=False)]] = Field(default_factory=list)
    parameter_sets: int | None = Field(None, ge=0, le=10**6)
    order_of_sets: list[int] = Field(default_factory=list, max_length=10**6)
    weighed_by: _WeighedBy | None = None
    own_error: float | None = Field(None, ge=0.0, le=10.0)
    own_error_of_shares: float | None = Field(None, ge=0.0, le=10.0)
    spread_of_counts: float | None = Field(None, ge=0.0, le=10.0)  # of earlier versions, which widened by it
    seeds: dict[str, list[int]] = Field(default_factory=dict)
    rules: dict[str, Any] | None = None
    parts: dict[str, Any] | None = None
    inputs: dict[str, str]
    arms: int = Field(ge=1)
    worlds: int = Field(default=100_000, ge=1)  # as many as were asked for
    planned: int = 0
    worlds_of: dict[str, int] = Field(default_factory=dict)
    until: str = ""
    digest: str = Field("", pattern=r"^([0-9a-f]{64})?$")
    failures: list[_Failure]

    @model_validator(mode="after")
    def _has_sets_of_order(self) -> Self:
        """Raises an error if the order names a set that is not there."""
        if self.order_of_sets and not 0 <= min(self.order_of_sets) <= max(self.order_of_sets) < (
            self.parameter_sets or 0
        ):
            raise ValueError("order_of_sets names a parameter set that is not there")
        return self


def read_manifest(path: Path) -> dict[str, Any]:
    """Reads the manifest of a report."""
    seal.check(path)
    made: dict[str, Any] = read_json(path)
    check_content(Manifest, made, path)
    return made


def manifest(
    experiment: Experiment, design: Design, failures: Iterable[Failure], seconds: float, peak_memory: int
) -> dict[str, Any]:
    """Makes the manifest of a report as plain values."""
    own, rules = experiment.sets.own_error if experiment.sets else OwnError(), experiment.rules
    return {
        "command": experiment.command,
        "overrides": list(experiment.overrides),
        "code": code_version(),
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        "packages": {name: importlib.metadata.version(name) for name in _PACKAGES},
        "scenarios": [scenario.key for scenario in design.scenarios],
        "titles": {scenario.key: scenario.title for scenario in (*design.scenarios, *design.rungs)},
        "baseline": design.baseline,
        "rungs": [scenario.key for scenario in design.rungs],
        "by_change": experiment.by_change,
        "worlds": design.plan.replicates,
        "planned": design.planned,
        "worlds_of": dict(design.worlds_of),
        "until": str(experiment.until or ""),
        "places": [[place.title, list(place.rows)] for place in experiment.places],
        "parameter_sets": len(experiment.sets.values) if experiment.sets else 0,
        "parameter_sets_are": experiment.sets.standing.value if experiment.sets else "",
        "first_set_has_seed": experiment.sets.begins if experiment.sets else None,
        **_order(experiment.sets),
        "own_error": own.levels if isfinite(own.levels) else None,
        "own_error_of_shares": own.shares if isfinite(own.shares) else None,
        "left_out_in_turn": [mechanism.key for mechanism in design.mechanisms],
        "seeds": {block: design.seeds(block) for block in design.blocks},
        "rules": {"file": rules.file, "sha256": rules.sha256, "replaces": list(rules.replaced)} if rules else None,
        "parts": _parts(),
        "workers": experiment.workers,
        "inputs": input_hashes(experiment),
        "arms": len(design.plan),
        "failures": [failure.plain() for failure in failures],
        "wall_seconds": round(seconds, 2),
        "peak_memory_megabytes": round(peak_memory / 2**20, 1),
    }


def _order(sets: ParameterSets | None) -> dict[str, Any]:
    """Entries on sets that a user's figures weighed; none where each set comes once."""
    if sets is None or not sets.order:
        return {}
    return {"order_of_sets": list(sets.order), "weighed_by": asdict(sets.weighed) if sets.weighed else None}


@cache
def code_version() -> dict[str, str | bool | None]:
    """Version, source hash, git commit and dirty flag of the code; the last two are None without git."""
    return {
        "version": release(),
        "sources": source_hash(),
        "commit": commit(),
        "dirty": is_changed(),
    }


def code_in_words(made: Mapping[str, Any] | None = None) -> dict[str, str]:
    """Texts on version, commit and hash of the code, by name; from a manifest or else from the running code."""
    code = made["code"] if made else code_version()
    commit = f", commit {code['commit']}" if code["commit"] else ""
    changes = ", with changes" if code["dirty"] else ""
    return {"code": f"version {code['version']}{commit}{changes}", "sources": f"SHA-256 {code['sources']}"}


def input_hashes(experiment: Experiment) -> dict[str, str]:
    """SHA-256 by file name: of data, of all scenario files, and of the user's parts and rules."""
    folders = {"sim/data": PACKAGE / "data", "scenarios": resource_folder("scenarios")}
    hashes = {
        f"{name}/{path.relative_to(folder).as_posix()}": file_hash(path)
        for name, folder in folders.items()
        for path in sorted(folder.rglob("*"))
        if path.suffix in (".csv", ".yaml", ".yml")
    }
    own = (Path(scenario.file) for scenario in experiment.scenarios)
    hashes |= {path.as_posix(): file_hash(path) for path in own if path.is_file() and path.as_posix() not in hashes}
    hashes |= {f"parts/{name}": hashlib.sha256(text.encode()).hexdigest() for name, text in own_parts.texts().items()}
    return hashes | ({experiment.rules.file: experiment.rules.sha256} if experiment.rules else {})


def _parts() -> dict[str, Any] | None:
    """Description of what the user has added to the model, such as outcomes and levers; None if nothing."""
    texts, made = own_parts.texts(), own_parts.MADE
    if not texts:
        return None
    outcomes = [entry.key for name, _ in own_parts.files(own_parts.OUTCOMES) for entry in made.get(name, ())]
    levers = [lever.name for name, _ in own_parts.files(own_parts.LEVERS) for lever in made.get(name, ())]
    found = {"outcomes": outcomes, "levers": levers, "parameters": list(OWN), "events": list(FILE_OF)}
    where = [str(place) for place in own_parts.places()]
    about = {"folder": os.pathsep.join(where), "folders": where, "sha256": own_parts.hashed(texts)}
    return {**about, "files": list(texts), **found, "replaces": list(REPLACED)}


def file_hash(path: Path) -> str:
    """SHA-256 of a file."""
    about = path.stat()
    return _hash(path, about.st_mtime_ns, about.st_size)


@lru_cache(2_000)
def _hash(path: Path, _changed: int, _size: int) -> str:
    """Hash of a file, computed only once as long as the file is unchanged."""
    return hashlib.sha256(path.read_bytes()).hexdigest()


#: Folder of the store where a report is next to it; the tables of a sweep lie in its own folder.
RUNS = "runs"


def study_hash(experiment: Experiment, plan: Plan) -> str:
    """Hash of a study's design, configuration and inputs, the same for any number of seeds."""
    base = plan.base
    content = {
        "design": [plan.kind, plan.digest(), plan.own_seeds and plan.replicates, *(["paired"] if base.paired else ())],
        "axes": [axis.plain() for axis in base.axes],
        "scenarios": [scenario.key for scenario in base.scenarios],
        "first_seed": plan.first_seed,
        "tables": [*base.breakdowns, base.events],
        "configuration": _configuration(experiment, plan),
    }
    return _hash_of(content)


def identities(experiment: Experiment, plan: Plan) -> str:
    """Hash of configuration, inputs and code, from which the identity of each run is made."""
    return _hash_of(_configuration(experiment, plan) | {"code": code_version()["sources"]})


def describe(experiment: Experiment, plan: Plan, design: Mapping[str, Any]) -> dict[str, Any]:
    """Content of study.yaml as plain values."""
    base = plan.base
    seeds = "paired" if base.paired else "own" if plan.own_seeds else "common"
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
        "parameter_sets_are": str(base.sets.standing) if base.sets else "",
        "runs": len(plan),
        "blocks": list(base.blocks),
        "store": store,
        "tables": [EXPERIMENTS, OUTCOME_TABLE, *(f"{BREAKDOWN_TABLES}/{name}" for name in base.breakdowns)]
        + ([EVENT_TABLES] if base.events else []),
        "read": {"pandas": f"pandas.read_parquet('{outcomes}')", "duckdb": f"FROM '{outcomes}/*.parquet'"},
        "code": code_version(),
        "configuration": experiment.resolved,
        "inputs": input_hashes(experiment),
    }


def unfinished_folder(experiment: Experiment, plan: Plan) -> Path:
    """Folder of an unfinished study, named by its kind and a hash of design, configuration and code."""
    words = study_hash(experiment, plan) + str(code_version()["sources"])
    return experiment.results / f".unfinished-{plan.kind}-{hashlib.sha256(words.encode()).hexdigest()[:10]}"


def _configuration(experiment: Experiment, plan: Plan) -> dict[str, Any]:
    """Values that all runs of a study depend on, besides point, scenario and seed."""
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
        **({"rules": experiment.rules.sha256} if experiment.rules else {}),
        "sets": [sorted(values.items()) for values in plan.base.sets.values] if plan.base.sets else [],
        **({"order": plan.base.sets.order} if plan.base.sets and plan.base.sets.order else {}),
    }


def _hash_of(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
