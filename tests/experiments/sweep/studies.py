"""Sweeps of tiny worlds with instant stand-ins for the model, one with a known answer."""

import math
from dataclasses import replace
from functools import partial
from io import StringIO
from pathlib import Path

import pandas as pd
from rich.console import Console

from sim.experiments.conduct import Finished, Options
from sim.experiments.grammar import ALLOWED, parameters
from sim.experiments.run import Replicate, ScenarioRun, Task
from sim.experiments.study import Study
from sim.experiments.sweep import Prepared, prepare, sweep
from sim.measures.outcomes import OUTCOMES, Measured
from tests.experiments.sweep.models import quick

#: Uncertainties on whose allowed ranges the arguments of Ishigami's function are laid, and how --vary names them.
ISHIGAMI = ("uncertainty.request.deficiency", "uncertainty.desk.rebound", "uncertainty.custody.arrest")
OVER_ISHIGAMI = tuple(f"{ALLOWED}{key}" for key in ISHIGAMI)


def ishigami(task: Task) -> Replicate:
    """Ishigami's function (a = 7, b = 0.1) of three uncertain parameters, as the outcome `harm`."""
    x = []
    for key in ISHIGAMI:
        _, theme, name = key.split(".")
        about, _ = parameters()[key]
        share = (getattr(getattr(task.parameters, theme), name) - about.low) / (about.high - about.low)
        x.append(math.pi * (2 * share - 1))
    found = math.sin(x[0]) + 7 * math.sin(x[1]) ** 2 + 0.1 * x[2] ** 4 * math.sin(x[0])
    outcomes = {outcome.key: found for outcome in OUTCOMES}
    arms = tuple(ScenarioRun(scenario.key, Measured(outcomes, {}), {}) for scenario in task.scenarios)
    return Replicate(arms)


def ready(folder: Path, *words: str, names: tuple[str, ...] = (), vary: tuple[str, ...] = ()) -> Prepared:
    """A sweep of a tiny world, ready to run in one process."""
    fixed = ["world=tiny", f"execution.results='{folder}'", "sweep.breakdowns=[takedown_curve]"]
    typed = {word.partition("=")[0] for word in words}
    if not typed & {"execution.workers", "execution.executor"}:
        fixed.append("execution.executor=serial")
    kept = [word for word in fixed if word.partition("=")[0] not in typed]
    return prepare(names, [*kept, *words], vary, "comity sweep …", partial(replace, quiet=True))


def carried_out(prepared: Prepared, evaluate=quick, **options) -> tuple[Study, Finished]:
    """A sweep that was run with a stand-in for the model."""
    name = options.pop("study", "study")
    return sweep(prepared, name, Options(**options), Console(file=StringIO()), evaluate)


def tables(study: Study) -> dict[str, pd.DataFrame]:
    """Every table of a study."""
    return {name: study.table(name) for name in ("experiments", "outcomes", "breakdowns/takedown_curve")}


def assert_same(left: Study, right: Study) -> None:
    """Asserts that all tables of two studies are the same, bit for bit."""
    for (name, ours), theirs in zip(tables(left).items(), tables(right).values(), strict=True):
        pd.testing.assert_frame_equal(ours, theirs, check_exact=True, obj=name)
