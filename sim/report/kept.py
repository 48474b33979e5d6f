"""Reads the folder of a finished report back into what it was made from."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import replace
from math import nan
from pathlib import Path
from typing import Any

from sim.experiments import store
from sim.experiments.config import Experiment, experiment_of, settings_of
from sim.experiments.manifest import file_hash, read_manifest
from sim.experiments.plan import Kind
from sim.experiments.results import Results
from sim.experiments.run import Failure, FailureStage
from sim.experiments.sets import ChosenBy, OwnError, ParameterSets
from sim.experiments.settings import Settings
from sim.experiments.statistics import Until
from sim.experiments.study import STUDY, Study
from sim.law.order import legal_order
from sim.policy.document import MOST_BYTES
from sim.policy.places import Place
from sim.policy.problem import InputError, mistake
from sim.policy.scenario import Scenario, catalogue, load
from sim.policy.scenario_timeline import alternatives, policy_days
from sim.report.story import Story
from sim.report.studies import design_of
from sim.results.stored import AGAIN, StoredBreakdowns, check_report, outcomes_of, read_stored
from sim.world.parameters import WorldSpec

KINDS = (Kind.RUN, Kind.COMPARE, Kind.ABLATE, Kind.REGRET, Kind.LEAGUE)  # kinds of study whose report can be read back


def read_report(folder: Path) -> Story:
    """The results of a run, a comparison, a league, an ablation or a comparison of ways to decide from its folder.

    Scenarios whose file has changed since, or is gone, are known by their titles alone.
    """
    study = Study.open(folder, "FOLDER")
    kind = Kind(study.about["design"]["design"])
    if not study.is_report:
        fix = f"Give its command again, which resumes it: {study.about['command']}"
        raise InputError(f"not finished, as it has no {store.MANIFEST}", where=str(folder), fix=fix)
    made = read_stored(folder / store.MANIFEST, read_manifest)
    resolved = study.about["configuration"]
    settings = read_stored(folder / STUDY, lambda _: settings_of(str(kind), resolved))
    experiment = read_stored(folder / store.MANIFEST, lambda _: _experiment(kind, settings, resolved, made))
    design = design_of(experiment, kind)
    design = design.first(made.get("worlds", design.plan.replicates), made.get("planned", 0))
    if len(design.plan) != made["arms"]:
        problem = f"made by another version, whose design has {made['arms']} runs instead of {len(design.plan)}"
        fix = f"Read its tables with pandas, or run it again: `{made['command']}`"
        raise InputError(problem, where=str(folder), fix=fix)
    check_report(folder)
    outcomes = read_stored(folder / f"{store.OUTCOMES}.parquet", outcomes_of)
    failures = tuple(Failure(**{**entry, "stage": FailureStage(entry["stage"])}) for entry in made["failures"])
    results = Results(outcomes, StoredBreakdowns(folder, legal_order().states), failures)
    return Story(experiment, design, results, folder)


def _experiment(kind: Kind, settings: Settings, resolved: dict[str, Any], made: Mapping[str, Any]) -> Experiment:
    """What was asked for."""
    scenarios = tuple(_scenario(key, made) for key in made["scenarios"])
    if kind is Kind.REGRET:
        scenarios = _ways_to_decide(scenarios, settings.world)
    experiment = experiment_of(settings, resolved, scenarios, made["overrides"], made["command"])
    number, standing = made["parameter_sets"], made.get("parameter_sets_are") or ChosenBy.CALIBRATED
    errors = (made.get(key) for key in ("own_error", "own_error_of_shares", "spread_of_counts"))
    own = OwnError(*(nan if error is None else error for error in errors))
    values: list[dict[str, float]] = [{}] * number  # what they hold is not asked again
    sets = ParameterSets(values, experiment.first_seed, ChosenBy(standing), own) if number else None
    return replace(
        experiment,
        baseline=made["baseline"] if kind in (Kind.COMPARE, Kind.LEAGUE) else "",
        sets=sets,
        by_change=made.get("by_change", False),
        until=Until.read(made["until"]) if made.get("until") else None,
        places=tuple(Place(title, tuple(rows)) for title, rows in made.get("places", ())),
    )


def _ways_to_decide(scenarios: tuple[Scenario, ...], world: WorldSpec) -> tuple[Scenario, ...]:
    """The arms of a comparison of ways to decide: they are no files, but follow from the scenario that is judged."""
    baseline, judged, *_ = scenarios
    arms: tuple[Scenario, ...] = ()
    if judged.monitor is not None:
        arms = alternatives(judged, legal_order(), *policy_days(world), world.states)
    if [(arm.key, arm.title) for arm in (baseline, *arms)] != [(arm.key, arm.title) for arm in scenarios]:
        fix = f"Read its tables with pandas, such as {store.REGRET}.csv. {AGAIN}."
        raise mistake("the scenario that was judged is not what it was", "scenario", judged.key, fix)
    return (baseline, *arms)


def _scenario(key: str, made: Mapping[str, Any]) -> Scenario:
    """A scenario of the report: from its file where that is as it was, else no more than its name and title."""
    hashes: Mapping[str, str] = made["inputs"]
    shipped = catalogue().get(key)
    own = [Path(name) for name in hashes if Path(name).stem == key and not name.startswith(("sim/", "scenarios/"))]
    for path in (*own, *([shipped] if shipped else [])):
        if _may_be_scenario(path) and file_hash(path) in hashes.values():
            return load(key if path == shipped else str(path))
    title = made.get("titles", {}).get(key) or (load(key).title if shipped else key)
    return Scenario(key, title, "", "", (), (), (), "")


def _may_be_scenario(path: Path) -> bool:
    """Whether a file that a manifest names can be looked at: it may name any file of the machine."""
    plain = path.suffix in (".yaml", ".yml") and path.is_file() and os.access(path, os.R_OK)
    return plain and path.stat().st_size <= MOST_BYTES
