"""Waves: sets of parameters that are really run, each wave a study of its own under one folder.

Every set has seeds of its own, so that the seed of a run does not pass for an effect of its parameters. The sets of a
wave are kept beside its study: a resumed calibration takes up the same ones.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console

from sim.calibration import prior
from sim.experiments.conduct import Evaluate, Options
from sim.experiments.config import compose, experiment_of
from sim.experiments.control import OnProgress
from sim.experiments.design import crossed
from sim.experiments.parts import BREAKDOWN_TABLES
from sim.experiments.plan import Base, Kind
from sim.experiments.prepare import Prepared
from sim.experiments.settings import SweepSettings
from sim.experiments.study import Study
from sim.experiments.sweep import sweep
from sim.measures.arrays import Floats, Integers
from sim.measures.facts import FactKey
from sim.measures.outcomes import Measured
from sim.policy.problem import mistake
from sim.policy.scenario import load
from sim.policy.well_known import BASELINE

if TYPE_CHECKING:
    import pandas as pd

#: The table of a run that holds the measures of facts.
FACTS = "facts"
#: Seeds of wave k begin at k times this.
SEEDS_OF_WAVE = 1_000_000


@dataclass(frozen=True)
class CalibrationSetting:
    """How all waves of a calibration are run.

    Attributes:
        folder: of the calibration.
        overrides: key=value as typed: the world, workers.
        command: the command line, for messages.
        quiet: no progress.
        seed: of the draws and of the runs.
        evaluate: what stands in for the model; None for the model.
        finished: whether all runs are there, made by this code or another, and are only read.
        progress: called with the number of runs that are done and of all runs; None for nobody.
    """

    folder: Path
    overrides: tuple[str, ...]
    command: str
    quiet: bool = False
    seed: int = 1
    evaluate: Evaluate | None = None
    finished: bool = False
    progress: OnProgress | None = None


@dataclass(frozen=True)
class Wave:
    """Parameter sets that were run.

    Attributes:
        cube: f8[sets, parameters] shares.
        set_of_run: i8[runs] place of the set of each run.
        outcomes: every outcome and measure of a fact by run, in the same order; NaN where the run failed or has none.
        failed: number of runs that failed.
        code: version of the code that made them.
        policy: outcomes of the same sets and seeds under a policy, where one was asked for.
    """

    cube: Floats
    set_of_run: Integers
    outcomes: pd.DataFrame
    failed: int
    code: Mapping[str, Any]
    policy: pd.DataFrame | None = None

    def of_sets(self, key: str) -> Floats:
        """f8[sets, runs of each] one outcome; NaN behind the last run of sets with fewer."""
        most = int(np.bincount(self.set_of_run).max())
        found = np.full((len(self.cube), most), np.nan)
        number = np.zeros(len(self.cube), np.int64)
        for place, value in zip(self.set_of_run, self.outcomes[key].to_numpy(np.float64), strict=True):
            found[place, number[place]] = value
            number[place] += 1
        return found


def run_wave(
    setting: CalibrationSetting, number: int, cube: Floats, set_of_run: Integers, console: Console, policy: str = ""
) -> Wave:
    """Runs a wave, or what is missing of it.

    Args:
        setting: how.
        number: of the wave: 0 for the prior.
        cube: f8[sets, parameters]; a wave that was begun before keeps its own.
        set_of_run: i8[runs] place of the set of each run.
        console: where progress is reported.
        policy: scenario under which the same sets are run, too; none by default.

    Raises:
        InputError: a folder that holds something else.
        KeyboardInterrupt: somebody asked to stop.
    """
    folder = setting.folder / f"wave-{number}"
    cube = _kept(folder.with_suffix(".npz"), cube, set_of_run)
    table = prior.points(cube)[set_of_run]
    scenarios = (BASELINE, policy) if policy else (BASELINE,)
    if setting.finished:
        study = Study.open(folder, "--study")
    else:
        prepared = _prepared(setting, table, setting.seed + SEEDS_OF_WAVE * (number + 1), scenarios)
        study, _ = sweep(prepared, str(folder.absolute()), Options(), console, setting.evaluate)
    outcomes, asked = outcomes_of(study), len(table) * len(scenarios)
    failed = len(study.experiments()) - len(outcomes)
    if setting.finished and (missing := asked - len(outcomes) - failed) > 0:
        fix = "Give the command without --finished: it does what is missing."
        raise mistake(f"{missing} runs are missing", "--study", folder, fix)
    by_scenario = [
        outcomes[outcomes["scenario"] == key].set_index("point").reindex(np.arange(len(table))).reset_index(drop=True)
        for key in scenarios
    ]
    code = study.about["code"]
    return Wave(cube, set_of_run, by_scenario[0], failed, code, by_scenario[1] if policy else None)


def outcomes_of(study: Study) -> pd.DataFrame:
    """One row per run that succeeded: outcomes, and every measure of a fact; NaN in a study that kept no facts."""
    outcomes, keys = study.outcomes(), [fact.name.lower() for fact in FactKey]
    table = f"{BREAKDOWN_TABLES}/{FACTS}"
    if outcomes.empty or table not in study.about["tables"]:
        return outcomes.assign(**dict.fromkeys(keys, np.nan))
    wide = study.table(table).pivot(index="run", columns="fact", values="value")[list(FactKey)]
    return outcomes.join(wide.set_axis(keys, axis=1), on="run")


def measures_of(measured: Measured) -> dict[str, float]:
    """All that facts are compared with in one arm: outcomes, and the rows of its table of facts."""
    table = measured.breakdowns[FACTS]
    rows = zip(table["fact"], table["value"], strict=True)
    return measured.outcomes | {FactKey(fact).name.lower(): float(value) for fact, value in rows}


def _kept(path: Path, cube: Floats, set_of_run: Integers) -> Floats:
    """The sets of a wave as they were first drawn."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        writing = path.with_name(f".{path.name}")
        with writing.open("wb") as file:
            np.savez_compressed(file, cube=cube, set_of_run=set_of_run)
        writing.replace(path)
        return cube
    try:
        with np.load(path, allow_pickle=False) as kept:
            there = np.asarray(kept["cube"], np.float64)
            same = np.array_equal(kept["set_of_run"], set_of_run) and there.shape == cube.shape
    except (OSError, ValueError, KeyError) as error:
        fix = f"Delete the folder {path.parent} and give the command again."
        raise mistake(f"the sets of a wave cannot be read ({error})", "--study", path, fix) from None
    if not same:
        fix = "Name another folder, or give the same --size as before."
        raise mistake("this folder holds a calibration of another size", "--study", path.parent, fix)
    return there


def _prepared(setting: CalibrationSetting, table: Any, first_seed: int, keys: Sequence[str]) -> Prepared:
    """The study of a wave: listed points under some scenarios, own seeds."""
    settings, resolved = compose("sweep", [*setting.overrides, "sweep.seeds=own", f"sweep.breakdowns=[{FACTS}]"])
    if not isinstance(settings, SweepSettings):
        raise TypeError(type(settings))
    scenarios = tuple(load(key) for key in keys)
    experiment = experiment_of(settings, resolved, scenarios, setting.overrides, setting.command, quiet=setting.quiet)
    experiment = replace(experiment, progress=setting.progress)
    base = Base(prior.axes(), scenarios, {(): (settings.world, settings.uncertainty)}, (FACTS,))
    plan = crossed(Kind.LISTED, base, table, first_seed, len(table), own_seeds=True, by_point=False)
    return Prepared(experiment, settings.sweep, plan)
