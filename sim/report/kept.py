"""Reads the folder of a finished report back into what it was made from."""

from __future__ import annotations

import csv
import os
from collections.abc import Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from io import StringIO
from pathlib import Path
from typing import Any, get_type_hints

import numpy as np
import pandas as pd

from sim.experiments import store
from sim.experiments.config import Experiment, experiment_of, settings_of
from sim.experiments.design import Design
from sim.experiments.foreign import check_plain, damaged, read_text
from sim.experiments.manifest import file_hash, read_manifest
from sim.experiments.parts import EXPERIMENTS, UNREADABLE
from sim.experiments.plan import Kind, table_of_runs
from sim.experiments.results import Results
from sim.experiments.run import Failure, FailureStage
from sim.experiments.sets import ChosenBy, ParameterSets
from sim.experiments.settings import Settings
from sim.experiments.study import STUDY, Study
from sim.experiments.until import Until
from sim.law.order import legal_order
from sim.measures.outcomes import OUTCOMES
from sim.policy.alternatives import alternatives
from sim.policy.document import MOST_BYTES
from sim.policy.places import Place
from sim.policy.problem import InputError, mistake
from sim.policy.scenario import Scenario, catalogue, load
from sim.policy.scenario_timeline import policy_days
from sim.report.coding import coded
from sim.report.story import Story
from sim.report.studies import design_of
from sim.results.effects import PairedEffect
from sim.world.parameters import WorldSpec

_AGAIN = "This report cannot be repaired, but its command makes a new one"
#: Kinds of study whose report can be read back.
KINDS = (Kind.RUN, Kind.COMPARE, Kind.ABLATE, Kind.REGRET)


@dataclass(frozen=True)
class KeptStory(Story):
    """The results of a command as its folder holds them; what was pooled before it was written is read, not made.

    Attributes:
        folder: of the report.
        known_busiest: ISO codes of the states with most requests; none in a report of an older version.
    """

    folder: Path
    known_busiest: tuple[str, ...] = ()

    @cached_property
    def differences(self) -> dict[str, list[PairedEffect]]:
        """Paired differences of the scenarios by block, as they were written."""
        found: dict[str, list[PairedEffect]] = {block: [] for block in self.design.blocks}
        if self.compared:
            for entry in _read(self.folder, f"{store.DIFFERENCES}.csv", _written_differences):
                found[entry.block].append(entry)
        return found

    @cached_property
    def pair_medians(self) -> pd.DataFrame:
        """Median turnaround between the busiest states, pooled over replicates."""
        return self._pooled("pair_medians")

    @cached_property
    def busiest(self) -> list[int]:
        """Row numbers of the states with most requests, under the baseline."""
        if self.known_busiest:
            return [self.states.index(state) for state in self.known_busiest]
        rows = self.pair_medians[self.pair_medians["scenario"] == self.baseline]
        ends = [rows.groupby(end)["requests"].sum() for end in ("requesting", "requested")]
        total = ends[0].add(ends[1], fill_value=0.0)
        return [int(str(state)) for state in total.sort_values(ascending=False, kind="stable").index]

    @cached_property
    def trust(self) -> pd.DataFrame:
        """Trust of each state in each by scenario, pooled over replicates."""
        return self._pooled("trust_by_pair")

    @cached_property
    def in_force(self) -> pd.DataFrame:
        """States that have joined what a scenario makes them join."""
        name = "instruments_in_force"
        there = os.path.lexists(self.folder / store.BREAKDOWNS / f"{name}.parquet")
        return self._pooled(name) if there else pd.DataFrame()

    def _pooled(self, name: str) -> pd.DataFrame:
        """A pooled table, with codes."""
        return _table(self.folder, name, self.states)


class _Breakdowns(Mapping[str, pd.DataFrame]):
    """Tables of a folder, each read when it is asked for."""

    def __init__(self, folder: Path, states: tuple[str, ...]) -> None:
        self._folder, self._states = folder, states
        self._known: dict[str, pd.DataFrame] = {}

    def __getitem__(self, name: str) -> pd.DataFrame:
        if name not in self._known:
            self._known[name] = _table(self._folder, name, self._states)
        return self._known[name]

    def __contains__(self, name: object) -> bool:
        return name in list(self)

    def __iter__(self) -> Any:
        return iter(sorted(path.stem for path in (self._folder / store.BREAKDOWNS).glob("*.parquet")))

    def __len__(self) -> int:
        return len(list(iter(self)))


def read_report(folder: Path) -> KeptStory:
    """The results of a run, a comparison, an ablation or a comparison of ways to decide from its folder.

    Scenarios whose file has changed since, or is gone, are known by their titles alone.

    Raises:
        InputError: no finished report of these kinds, or one that is damaged or of another version of the design.
    """
    study = Study.open(folder, "FOLDER")
    kind = Kind(study.about["design"]["design"])
    if kind not in KINDS:
        fix = f"Read its outcomes: pandas.read_parquet('{study.store / store.OUTCOMES}')."
        raise InputError(f"a study of kind {kind}, which has no such report", where=str(folder), fix=fix)
    if not study.is_report:
        fix = f"Give its command again, which resumes it: {study.about['command']}"
        raise InputError(f"not finished, as it has no {store.MANIFEST}", where=str(folder), fix=fix)
    made = _read(folder, store.MANIFEST, read_manifest)
    resolved = study.about["configuration"]
    settings = _read(folder, STUDY, lambda _: settings_of(str(kind), resolved))
    experiment = _read(folder, store.MANIFEST, lambda _: _experiment(kind, settings, resolved, made))
    design = design_of(experiment, kind)
    design = design.first(made.get("worlds", design.plan.replicates), made.get("planned", 0))
    if len(design.plan) != made["arms"]:
        design = _as_run(design, study)
    if len(design.plan) != made["arms"]:
        problem = f"made by another version, whose design has {made['arms']} runs instead of {len(design.plan)}"
        fix = f"Read its tables with pandas, or run it again: {made['command']}"
        raise InputError(problem, where=str(folder), fix=fix)
    outcomes = _read(folder, f"{store.OUTCOMES}.parquet", _outcomes)
    failures = tuple(Failure(**{**entry, "stage": FailureStage(entry["stage"])}) for entry in made["failures"])
    tables = _Breakdowns(folder, legal_order().states)
    results = Results(outcomes, tables, failures)
    return KeptStory(experiment, design, results, folder, tuple(made.get("busiest_states", ())))


def _as_run(design: Design, study: Study) -> Design:
    """The design with the runs of the study: another version may have given bounds and rungs other numbers of seeds.

    It stays as it is where the study has scenarios or points that the design does not know.
    """
    plan, ran = design.plan, study.columns(EXPERIMENTS, ids=False)
    places = {scenario.key: place for place, scenario in enumerate(plan.base.scenarios)}
    scenarios = [places.get(str(key), -1) for key in ran["scenario"]]
    points = np.arange(len(plan.points))
    if min(scenarios) < 0 or not np.isin(ran["point"], points).all():
        return design
    runs = table_of_runs(ran["point"], np.array(scenarios), ran["seed"], points)
    return replace(design, plan=replace(plan, runs=runs, replicates=np.unique(runs["seed"]).size))


def _outcomes(path: Path) -> pd.DataFrame:
    """One row per run, with every outcome that this version knows."""
    frame = pd.read_parquet(path)
    keys = [outcome.key for outcome in OUTCOMES]
    kinds = {"block": "str", "scenario": "str", "seed": "int64", **{key: "float64" for key in keys if key in frame}}
    return frame.astype(kinds).reindex(columns=["block", "scenario", "seed", *keys])


def _experiment(kind: Kind, settings: Settings, resolved: dict[str, Any], made: Mapping[str, Any]) -> Experiment:
    """What was asked for."""
    scenarios = tuple(_scenario(key, made) for key in made["scenarios"])
    if kind is Kind.REGRET:
        scenarios = _ways_to_decide(scenarios, settings.world)
    experiment = experiment_of(settings, resolved, scenarios, made["overrides"], made["command"])
    number = made.get("parameter_sets")
    if number is None:
        number = int(kind is Kind.COMPARE and "--point" not in made["command"].split())
    standing = ChosenBy(made.get("parameter_sets_are") or ChosenBy.CALIBRATED)
    values: list[dict[str, float]] = [{}] * number  # what they hold is not asked again
    sets = ParameterSets(values, experiment.first_seed, standing) if number else None
    return replace(
        experiment,
        baseline=made["baseline"] if kind is Kind.COMPARE else "",
        sets=sets,
        by_change=made.get("by_change", False),
        until=Until.read(made["until"]) if made.get("until") else None,
        places=tuple(Place(title, tuple(rows)) for title, rows in made.get("places", ())),
    )


def _ways_to_decide(scenarios: tuple[Scenario, ...], world: WorldSpec) -> tuple[Scenario, ...]:
    """The arms of a comparison of ways to decide: they are no files, but follow from the scenario that is judged.

    Raises:
        InputError: that scenario has changed since, or what its measures cost.
    """
    baseline, judged, *_ = scenarios
    arms: tuple[Scenario, ...] = ()
    if judged.monitor is not None:
        arms = alternatives(judged, legal_order(), *policy_days(world), world.states)
    if [(arm.key, arm.title) for arm in (baseline, *arms)] != [(arm.key, arm.title) for arm in scenarios]:
        fix = f"Read its tables with pandas, such as {store.REGRET}.csv. {_AGAIN}."
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


def _written_differences(path: Path) -> list[PairedEffect]:
    """Effects with every digit: what reads a CSV file as a table may lose the last one."""
    kinds = get_type_hints(PairedEffect)
    rows = csv.DictReader(StringIO(read_text(path), newline=""))
    return [
        PairedEffect(**{name: kind(row[name] or "nan") for name, kind in kinds.items() if name in row}) for row in rows
    ]


def _table(folder: Path, name: str, states: tuple[str, ...]) -> pd.DataFrame:
    """One of the breakdowns, with codes."""
    frame: pd.DataFrame = _read(
        folder, f"{store.BREAKDOWNS}/{name}.parquet", lambda path: coded(pd.read_parquet(path), states)
    )
    return frame


def _read(folder: Path, name: str, reader: Any) -> Any:
    """What a reader makes of a file of the folder.

    Raises:
        InputError: it is missing or damaged.
    """
    try:
        check_plain(folder / name, f"{_AGAIN}.")
        return reader(folder / name)
    except InputError:
        raise
    except FileNotFoundError:
        problem = "missing from this report, or not kept by the version that made it"
        raise InputError(problem, where=str(folder / name), fix=f"{_AGAIN}.") from None
    except (*UNREADABLE, csv.Error) as error:
        raise damaged(folder / name, error, f"{_AGAIN}.") from None
