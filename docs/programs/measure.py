"""Measures newly added facts under the existing parameter sets: `python -m docs.programs.measure`.

First runs of the prior and the sets' own fresh runs are made again, by their seeds and by today's model; all facts are
read in them, and the model's own error is found again. The sets stay: docs/calibration.md says how many still meet
their facts.
"""

import os
import sys
from datetime import UTC, datetime
from math import isfinite

import numpy as np
import pandas as pd

from docs.programs import DATA, ran
from sim.calibration import ensemble, prior
from sim.calibration.ensemble import OWN_ERRORS, Ensemble
from sim.calibration.targets import Role, fingerprint
from sim.calibration.validate import columns_of, ends_of, judged, own_error, with_outcome
from sim.calibration.waves import SEEDS_OF_WAVE, Evaluate, run
from sim.experiments.manifest import code_version
from sim.measures.arrays import Floats
from sim.policy.problem import InputError
from sim.world.parameters import Parameters, WorldSpec, with_values

COMMAND = "python -m docs.programs.measure"
#: A set, how it is run in which world, and the seeds of its runs.
Job = tuple[Parameters, Evaluate, WorldSpec, tuple[int, ...]]


def run_job(job: Job) -> list[dict[str, float]]:
    """Runs one parameter set as often as its job asks, in one process."""
    parameters, evaluate, world, seeds = job
    return [evaluate(world, parameters, seed) for seed in seeds]


def jobs_of(made: Ensemble, evaluate: Evaluate) -> dict[str, Job]:
    """Makes jobs that repeat the runs of the ensemble and the first runs of the prior, with the same seeds."""
    about, size, each = made.manifest, made.manifest["sizes"], made.manifest["runs_of_each_set"]
    cube, how = prior.uniform(size["prior"], len(prior.axes()), about["seed"]), (evaluate, WorldSpec(**about["world"]))
    first, usual, jobs = about["seed"] + SEEDS_OF_WAVE, Parameters(), dict[str, Job]()
    for place, shares in enumerate(cube.tolist()):  # of the first sets each has two runs
        seed = first + place + min(place, size["repeats"])
        jobs[f"prior {place}"] = with_values(usual, prior.values_at(shares)), *how, (seed,)
    first += SEEDS_OF_WAVE * (len(size["waves"]) + 2)
    for place, values in enumerate(made.values):
        seeds = tuple(range(first + each * place, first + each * (place + 1)))
        jobs[f"set {place}"] = with_values(usual, values), *how, seeds
    return jobs


def measured(made: Ensemble, evaluate: Evaluate = run, workers: int = 1) -> Ensemble:
    """Copy of the ensemble with simulated values of all comparable facts."""
    if made.manifest.get("targets") != fingerprint():
        raise InputError("the facts that choose sets have changed since", where=ensemble.FILE, fix=ensemble.COMMAND)
    found = ran(COMMAND, run_job, jobs_of(made, evaluate), workers)
    of_prior, of_sets = ([rows for name, rows in found.items() if name.startswith(kind)] for kind in ("prior", "set"))
    ends, columns = dict(made.manifest["prior"]), dict[str, Floats]()
    for target in with_outcome():
        columns |= columns_of(target, np.array([[row[target.outcome] for row in rows] for rows in of_sets], np.float64))
        ends[target.key] = ends_of(target, np.array([rows[0][target.outcome] for rows in of_prior], np.float64))
    others = made.frame.drop(columns=[name for name in made.frame.columns if name in columns])
    frame = pd.concat([others, pd.DataFrame(columns, index=others.index)], axis=1)
    since = {"made": datetime.now(UTC).date().isoformat(), "code": code_version()}
    about = {**made.manifest, "prior": ends, "measured_since": since}
    known = own_error(judged(Ensemble(frame, about), Role.VALIDATION))
    errors = {name: round(one, 3) for name, one in zip(OWN_ERRORS, known, strict=True) if isfinite(one)}
    return Ensemble(frame, about | errors)


if __name__ == "__main__":
    now, path = measured(ensemble.load(), workers=os.cpu_count() or 1), DATA / ensemble.FILE
    about = {name: value for name, value in now.manifest.items() if name not in ("version", "versions")}
    when, facts = about["measured_since"]["made"], len(with_outcome())
    summary = f"{when}, the same {now.size} sets, measured again by {facts} facts"
    about = ensemble.versioned(about, summary, path.with_suffix(".yaml"))
    ensemble.write(now.frame, about, path, f"{ensemble.COMMAND}` and `{COMMAND}")
    sys.stdout.write(f"Written: {path.name} and {path.stem}.yaml. Then: comity validate, and docs/calibration.md\n")
