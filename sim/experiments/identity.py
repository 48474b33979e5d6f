"""What identifies a study and its runs, and what study.yaml says of it."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from sim.experiments.manifest import code_version, file_hash, input_hashes
from sim.experiments.parts import BREAKDOWN_TABLES, EVENT_TABLES, EXPERIMENTS, OUTCOME_TABLE
from sim.experiments.plan import Identities, Plan

if TYPE_CHECKING:
    from sim.experiments.config import Experiment

#: Folder of the store where a report stands beside it; the tables of a sweep lie in its own folder.
RUNS = "runs"


def study_hash(experiment: Experiment, plan: Plan) -> str:
    """Hash of all that makes one study another: design, configuration and inputs, not the number of seeds."""
    base = plan.base
    content = {
        "design": [plan.kind, plan.digest(), plan.own_seeds and plan.replicates],
        "axes": [axis.plain() for axis in base.axes],
        "scenarios": [scenario.key for scenario in base.scenarios],
        "first_seed": plan.first_seed,
        "tables": [*base.breakdowns, base.events],
        "configuration": _configuration(experiment, plan),
    }
    return _hash(content)


def identities(experiment: Experiment, plan: Plan) -> Identities:
    """Ids of runs: over configuration, inputs and code, for every design."""
    return Identities(_hash(_configuration(experiment, plan) | {"code": code_version()["sources"]}))


def describe(experiment: Experiment, plan: Plan, design: Mapping[str, Any]) -> dict[str, Any]:
    """The content of study.yaml."""
    base = plan.base
    seeds = "own" if plan.own_seeds else "common"
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
        "read": {
            "pandas": f"pandas.read_parquet('{outcomes}')",
            "duckdb": f"FROM '{outcomes}/*.parquet'",
        },
        "code": code_version(),
        "configuration": experiment.resolved,
        "inputs": input_hashes(experiment),
    }


def unfinished_folder(experiment: Experiment, plan: Plan) -> Path:
    """Folder of a study that ends in a report, until it does: the same for the same command, code and configuration."""
    words = study_hash(experiment, plan) + str(code_version()["sources"])
    return experiment.results / f".unfinished-{plan.kind}-{hashlib.sha256(words.encode()).hexdigest()[:10]}"


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
        **({"rules": experiment.rules.sha256} if experiment.rules else {}),
        "sets": [sorted(values.items()) for values in plan.base.sets.values] if plan.base.sets else [],
    }


def _hash(content: Mapping[str, Any]) -> str:
    return hashlib.sha256(json.dumps(content, sort_keys=True, default=str).encode()).hexdigest()
