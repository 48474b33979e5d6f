"""Stand-ins for experiments, designs and reports."""

from dataclasses import asdict
from io import StringIO
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from rich.console import Console

from sim.cli import main
from sim.experiments import conduct as conducting
from sim.experiments.conduct import Evaluate, Finished, Options, conduct
from sim.experiments.config import Experiment
from sim.experiments.design import Design
from sim.experiments.manifest import unfinished_folder
from sim.experiments.plan import Plan
from sim.experiments.results import read_results
from sim.experiments.study import Study
from sim.policy.scenario import load
from sim.report.draw import Picture
from sim.report.view import View
from sim.world.parameters import Parameters, WorldSpec
from tests.experiments.replicates import fake_replicate

SIX = ("status_quo", "harmonised_law", "faster_mlat", "harmonised_and_faster", "no_cooperation", "full_cooperation")
#: Figures take longer than all else.
NO_FIGURES = {"none": Picture("none", lambda _: None, str)}


def experiment(
    results: Path, scenarios: tuple[str, ...] = SIX, replicates: int = 3, workers: int = 1, events: bool = False
) -> Experiment:
    """An experiment as the command line would make it."""
    return Experiment(
        command=f"comity compare {' '.join(scenarios)}",
        scenarios=tuple(load(key) for key in scenarios),
        world=WorldSpec(),
        parameters=Parameters(),
        replicates=replicates,
        first_seed=1,
        workers=workers,
        results=results,
        events=events,
        resolved={"world": asdict(WorldSpec()), "execution": {"replicates": replicates}},
        overrides=(),
        quiet=True,
        executor="serial",
    )


def conducted(asked: Experiment, design: Design, evaluate: Evaluate = fake_replicate) -> tuple[Study, Finished]:
    """A design that was run quietly with a stand-in for the model."""
    folder, console = unfinished_folder(asked, design.plan), Console(file=StringIO())
    return conduct(asked, design.plan, folder, Options(retry_failed=True), console, about={}, evaluate=evaluate)


def view_of(asked: Experiment, design: Design, evaluate: Evaluate = fake_replicate) -> View:
    """Conducts the study of a design with stand-in runs, and returns the view of its report."""
    study, _ = conducted(asked, design, evaluate)
    return View(asked, design, read_results(study, design.plan))


def decided(results: Path) -> None:
    """Writes the results folder of `comity regret` for the default policymaker, with made-up runs."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(conducting, "run_replicate", fake_replicate)
        patch.setattr(conducting, "compile_rules", lambda *_: None)
        assert main(["regret", "--replicates", "4", "execution.executor=serial", "-q", "-o", str(results)]) == 0


def frame_of(plan: Plan) -> pd.DataFrame:
    """A plan as a table with one row per run: point, scenario key, seed and every axis."""
    keys = np.array([scenario.key for scenario in plan.base.scenarios], dtype=object)
    runs = {"point": plan.runs["point"], "scenario": keys[plan.runs["scenario"]], "seed": plan.runs["seed"]}
    return pd.DataFrame(runs | {key: plan.points[key][plan.runs["point"]] for key in plan.points.dtype.names})
