"""Facts that were added after sets had been chosen, measured by the same sets: `python -m sim.calibration.measure`.

First runs of the prior and the sets' own fresh runs are made again, by their seeds and by today's model; all facts are
read in them, and the model's own error is found again. The sets stay: the page says how many still meet their facts.
"""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from math import isfinite
from pathlib import Path

import numpy as np
import pandas as pd
from rich.console import Console

import sim.data
from sim.calibration import ensemble, prior, runs
from sim.calibration.calibrate import means
from sim.calibration.drawing import uniform
from sim.calibration.ensemble import DISTANCE, OWN_ERRORS, RUN, VALUE, Ensemble
from sim.calibration.results import with_outcome
from sim.calibration.targets import CalibrationTarget, Role, fingerprint
from sim.calibration.validate import judged, own_error
from sim.calibration.waves import SEEDS_OF_WAVE, Evaluate
from sim.experiments.executors import conduct_jobs
from sim.experiments.manifest import code_version
from sim.measures.arrays import Floats
from sim.policy.problem import InputError
from sim.world.parameters import Parameters, WorldSpec, with_values

COMMAND = "python -m sim.calibration.measure"
KEPT = Path("results") / "measure"


@dataclass(frozen=True)
class Job:
    """A set, and the seeds of its runs."""

    evaluate: Evaluate
    world: WorldSpec
    values: Mapping[str, float | int]
    seeds: tuple[int, ...]


def run_job(job: Job) -> list[dict[str, float]]:
    """The runs of one set in one process, which sets its world up once."""
    parameters = with_values(Parameters(), dict(job.values))
    return [job.evaluate(job.world, parameters, seed) for seed in job.seeds]


def jobs_of(made: Ensemble, evaluate: Evaluate) -> dict[str, Job]:
    """First runs of the sets of the prior, and the fresh runs of those that were kept, by the seeds that they had."""
    about, size = made.manifest, made.manifest["sizes"]
    world = WorldSpec(**about["world"])
    cube = uniform(size["prior"], len(prior.axes()), about["seed"])
    first, jobs = about["seed"] + SEEDS_OF_WAVE, {}
    for place, shares in enumerate(cube.tolist()):  # of the first sets each has two runs
        drawn = zip(prior.names(), prior.axes(), shares, strict=True)
        values = {name: axis.at(share).value for name, axis, share in drawn}
        jobs[f"prior {place}"] = Job(evaluate, world, values, (first + place + min(place, size["repeats"]),))
    each, first = about["runs_of_each_set"], about["seed"] + SEEDS_OF_WAVE * (len(size["waves"]) + 3)
    for place, values in enumerate(made.values):
        seeds = tuple(range(first + each * place, first + each * (place + 1)))
        jobs[f"set {place}"] = Job(evaluate, world, values, seeds)
    return jobs


def measured(made: Ensemble, folder: Path, evaluate: Evaluate = runs.run, workers: int = 1) -> Ensemble:
    """The ensemble with all facts that runs can be compared with.

    Args:
        made: the ensemble.
        folder: where runs are kept: the same code takes them up again.
        evaluate: one run.
        workers: processes.

    Raises:
        InputError: the facts that choose sets have changed since.
    """
    if made.manifest.get("targets") != fingerprint():
        raise InputError("the facts that choose sets have changed since", where=ensemble.FILE, fix=ensemble.COMMAND)
    found = conduct_jobs(run_job, jobs_of(made, evaluate), folder, workers, Console(stderr=True))
    of_prior, of_sets = ([rows for name, rows in found.items() if name.startswith(kind)] for kind in ("prior", "set"))
    ends, columns = dict(made.manifest["prior"]), dict[str, Floats]()
    for target in with_outcome():
        columns |= _columns(target, np.array([[row[target.outcome] for row in rows] for rows in of_sets], np.float64))
        ends[target.key] = _ends(target, np.array([rows[0][target.outcome] for rows in of_prior], np.float64))
    others = made.frame.drop(columns=[name for name in made.frame.columns if name in columns])
    frame = pd.concat([others, pd.DataFrame(columns, index=others.index)], axis=1)
    about = {**made.manifest, "prior": ends, "measured_since": {"made": _today(), "code": code_version()}}
    known = own_error(judged(Ensemble(frame, about), Role.VALIDATION))._replace(counts=made.own_error.counts)
    about |= {name: round(one, 3) for name, one in zip(OWN_ERRORS, known, strict=True) if isfinite(one)}
    return Ensemble(frame, about)


def _today() -> str:
    """The day, as manifests write it."""
    return datetime.now(UTC).date().isoformat()


def _columns(target: CalibrationTarget, values: Floats) -> dict[str, Floats]:
    """What the ensemble has of a fact, from f8[sets, runs of each]."""
    mean = means(values)
    each = {f"{RUN.format(number)}{target.key}": run for number, run in enumerate(values.T, 1)}
    return {f"{DISTANCE}{target.key}": target.distance(mean), f"{VALUE}{target.key}": mean, **each}


def _ends(target: CalibrationTarget, first: Floats) -> list[float]:
    """What the manifest has of a fact from first runs of the prior: ends and median, and the share that meets it."""
    if np.isnan(first).all():
        return []
    low, middle, high = np.nanquantile(first, (0.05, 0.5, 0.95)).tolist()
    return [low, low, middle, high, high, float(target.inside(first).mean())]


def main(folder: Path = KEPT) -> None:
    """Measures what the shipped ensemble lacks, and writes it with a version of its own."""
    made = ensemble.load()
    now = measured(made, folder, workers=os.cpu_count() or 1)
    path = Path(sim.data.__file__).parent / ensemble.FILE
    about = {name: value for name, value in now.manifest.items() if name not in ("version", "versions")}
    summary = f"{_today()}, the same {now.size} sets, measured again by {len(with_outcome())} facts"
    about = ensemble.versioned(about, summary, path.with_suffix(".yaml"))
    ensemble.write(now.frame, about, path, f"{ensemble.COMMAND}` and `{COMMAND}")
    print(f"Written: {path.name} and {path.stem}.yaml. Then: comity validate")


if __name__ == "__main__":
    from sim.calibration.measure import main as begin  # processes that work for it do not know what __main__ is

    begin()
