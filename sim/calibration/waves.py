"""Waves of calibration: batches of parameter sets that run under today's law, stored run by run.

A run gives all that sets are judged by: outcomes, measures of facts, and waits at desks. Desks should take as long as
they are meant to in the policy decade: the mean wait at each kind of desk, weighted by the files that are followed, is
0.8 to 1.25 times its target. Every run has a seed of its own, so that the seed does not pass for an effect of
parameters. The sets of a wave and their seeds are kept next to its jobs (wave-0/sets.npz): a resumed calibration takes
up the same ones. Sets are kept by the names of their parameters, so that one that has gone since is passed over.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from rich.console import Console

from sim.calibration import prior
from sim.calibration.judgement import Judgement
from sim.calibration.targets import CalibrationTarget
from sim.data.costs import central_prices
from sim.experiments.control import OnProgress
from sim.experiments.durable import lasting_folder
from sim.experiments.engines import Engine
from sim.experiments.executors import conduct_jobs, kept_jobs
from sim.experiments.run import measured_of
from sim.experiments.store import beside, understood
from sim.law.days import YEAR
from sim.law.order import legal_order
from sim.measures.arrays import Floats, Integers
from sim.measures.facts import FactKey
from sim.policy.problem import mistake
from sim.policy.timeline import Timeline
from sim.policy.version import source_hash
from sim.simulate import Simulation, desks_lived, start
from sim.world.growth import with_room
from sim.world.parameters import Parameters, WorldSpec, with_values
from sim.world.records import DeskKind
from sim.world.world import records

LOW, HIGH = 0.8, 1.25  # realised ÷ target
#: Kinds of desk with a line.
KINDS = tuple(kind for kind in DeskKind if kind.row.queue)


def desk_key(kind: DeskKind) -> str:
    """Key under which a run's results give the relative wait (wait ÷ target wait) at a kind of desk."""
    return f"desk.{kind.name.lower()}"


def run(world: WorldSpec, parameters: Parameters, seed: int) -> dict[str, float]:
    """Simulates one world under today's law; returns outcomes, facts and relative waits at desks, by key."""
    simulation = start(world, parameters, legal_order(), Timeline(), seed)
    desks = realised(simulation)
    measured = measured_of(simulation, world, central_prices())
    facts = measured.breakdowns["facts"]
    named = dict(zip((fact.name.lower() for fact in FactKey), facts["value"].tolist(), strict=True))
    return measured.outcomes | named | {desk_key(kind): ratio for kind, ratio in desks.items()}


def realised(simulation: Simulation, yearly: list[Floats] | None = None) -> dict[DeskKind, float]:
    """Mean relative wait (simulated wait divided by target wait) of each kind of desk.

    `yearly` takes the mean wait at each desk in each whole year of policy, float64 [desk].
    """

    def until(day: float) -> Floats:
        """Sum of monthly mean waits at each desk up to a day, and number of months, f8[2, desk]."""
        simulation.advance(day)
        simulation.world = with_room(simulation.world, desks_lived)
        return np.array([simulation.world.desk["wait_sum"], simulation.world.desk["month"]], np.float64)

    policy_start = float(simulation.world.setting["policy_start"][0])
    first = before = until(policy_start)
    if yearly is not None:
        for year in range(int((simulation.end - policy_start) / YEAR)):
            now = until(policy_start + (year + 1) * YEAR)
            (total, months), before = now - before, now
            yearly.append(total / np.maximum(months, 1.0))
    total, months = until(simulation.end) - first
    desk, job = simulation.world.desk, records(simulation.world, "job")
    ratio = total / np.maximum(months, 1.0) / np.maximum(desk["target_wait"], 1e-9)
    files = np.bincount(job["desk"][job["arrived"] >= policy_start], minlength=len(desk)).astype(np.float64)
    of_kind = ((kind, desk["kind"] == kind) for kind in KINDS)
    return {
        kind: float(np.average(ratio[at], weights=files[at])) if files[at].any() else np.nan for kind, at in of_kind
    }


#: Seeds of wave k begin at k times this.
SEEDS_OF_WAVE = 1_000_000
Evaluate = Callable[[WorldSpec, Parameters, int], dict[str, float]]
#: A set, and the seeds of its runs by their places.
_Job = tuple[Parameters, dict[int, int]]


@dataclass(frozen=True)
class Size:
    """Numbers of runs in the steps of a calibration, chosen with `--size`."""

    prior: int  # sets from the prior
    repeats: int  # of them, sets that are run twice
    waves: tuple[int, ...]  # sets of each wave of history matching
    candidates: int  # sets of them all that are run again
    tries: int  # further runs of each of them
    kept: int  # sets that are kept at most
    confirm: int  # fresh runs of each of them

    @property
    def steps(self) -> tuple[int, ...]:
        """Number of runs in each step, in order."""
        chosen = self.candidates * self.tries, self.kept * self.confirm
        return self.prior + self.repeats, *self.waves, *chosen


_WAVES = (120, 120, 160, 160, 160, 200, 200, 160)
#: The sizes that can be asked for; small shows that everything works, and its ensemble is worth nothing.
SIZES = {
    "full": Size(prior=300, repeats=100, waves=_WAVES, candidates=220, tries=2, kept=100, confirm=4),
    "small": Size(prior=48, repeats=12, waves=(24,), candidates=30, tries=2, kept=12, confirm=2),
}


@dataclass(frozen=True)
class CalibrationSetting:
    """Settings shared by all waves of a calibration."""

    folder: Path  # of the calibration
    command: str  # the command line, for messages
    size: Size  # how many runs
    world: WorldSpec = field(default_factory=WorldSpec)  # which world
    parameters: Parameters = field(default_factory=Parameters)  # those that do not vary
    workers: int = 1  # processes
    seed: int = 1  # of the draws and of the runs
    evaluate: Evaluate = run  # one run
    finished: bool = False  # whether all runs are there, made by this code or another, and are only read
    progress: OnProgress | None = None  # called with the number of runs that are done and of all runs; None for nobody
    console: Console = field(default_factory=lambda: Console(quiet=True))  # where progress is printed
    judgement: Judgement | None = None  # pooled forms of experts, by which parameters are drawn; None for their prior
    facts: tuple[CalibrationTarget, ...] = ()  # that choose sets; empty for the published ones
    engine: Engine | None = None  # what carries runs out elsewhere than in processes of this machine

    def placed(self, cube: Floats) -> Floats:
        """Turns even draws of the prior, f8[sets, parameters], into draws by the experts' judgement, if any."""
        return self.judgement.placed(cube) if self.judgement else cube


#: Sets of a wave, f8[sets, parameters], and what emulators that drew them leave of the prior: the share that is not
#: ruled out (no fact is more than CUT standard deviations away), and the share that should meet all facts and promises.
Drawn = tuple[Floats, tuple[float, ...]]


@dataclass(frozen=True)
class Wave:
    """A batch of parameter sets with the results of their runs."""

    cube: Floats  # f8[sets, parameters] shares
    # one row per run: `set`, its place in the cube; `seed`; `code`, the hash of the sources that made it; `failed`, and
    # why; and all that it gives, NaN where it failed or has none
    runs: pd.DataFrame
    left: tuple[float, ...] = ()  # what was left of the prior before it; empty where emulators had no part in it

    def of_sets(self, key: str) -> Floats:
        """Values of an outcome by parameter set and run, f8[sets, runs per set]; NaN for missing runs."""
        turn = self.runs.groupby("set").cumcount().to_numpy()
        found = np.full((len(self.cube), int(turn.max()) + 1), np.nan)
        found[self.runs["set"], turn] = self.runs[key]
        return found

    @property
    def number(self) -> Integers:
        """Number of runs of each parameter set, i8[sets]."""
        return np.bincount(self.runs["set"], minlength=len(self.cube))

    @property
    def code(self) -> tuple[str, ...]:
        """Hashes of the code versions that made the runs."""
        return tuple(sorted(set(self.runs["code"])))

    def chosen(self, places: Integers) -> Wave:
        """Part of the wave that contains the parameter sets at the given indices."""
        new = pd.Series(np.arange(len(places)), index=places)
        kept = self.runs[self.runs["set"].isin(new.index)]
        return Wave(self.cube[places], kept.assign(set=new[kept["set"]].to_numpy()))


def joined(waves: Sequence[Wave]) -> Wave:
    """Joins several waves into one."""
    first = np.cumsum([0, *(len(wave.cube) for wave in waves)]).tolist()
    tables = [wave.runs.assign(set=wave.runs["set"] + start) for wave, start in zip(waves, first, strict=False)]
    return Wave(np.concatenate([wave.cube for wave in waves]), pd.concat(tables, ignore_index=True))


def run_wave(
    setting: CalibrationSetting, number: int, title: str, draw: Callable[[], Drawn], set_of_run: Integers
) -> Wave:
    """Runs a wave, or the part of it that is still missing.

    The prior is wave 0; `set_of_run` is the place of the set of each run.
    """
    steps, folder = setting.size.steps, setting.folder / f"wave-{number}"
    setting.console.print(f"Calibration, step {number + 1} of {len(steps)}: {title}")
    seeds = setting.seed + SEEDS_OF_WAVE * (number + 1) + np.arange(len(set_of_run))
    if not setting.finished:
        lasting_folder(setting.folder)
    cube, left = _kept(folder / "sets.npz", draw, set_of_run, seeds)
    jobs: dict[str, _Job] = {}  # the runs of each set, whose world a process sets up once
    for row, shares in enumerate(cube.tolist()):
        parameters, places = with_values(setting.parameters, prior.values_at(shares)), np.flatnonzero(set_of_run == row)
        jobs[str(row)] = parameters, dict(zip(places.tolist(), seeds[places].tolist(), strict=True))
    if setting.finished and (missing := sum(len(jobs[name][1]) for name in jobs.keys() - kept_jobs(folder).keys())):
        fix = "Give the command without --finished: it does what is missing."
        raise mistake(f"{missing} runs are missing", "--study", setting.folder, fix)
    progress, before, every = setting.progress, sum(steps[:number]), sum(steps)
    found = conduct_jobs(
        partial(_of_set, setting.evaluate, setting.world),
        jobs,
        folder,
        setting.workers,
        setting.console,
        progress=progress and (lambda done, _: progress(before + done, every)),
        runs=lambda job: len(job[1]),
        any_code=True,
        engine=setting.engine,
        of_death=lambda job, cause: [
            {"run": run, "seed": seed, "code": source_hash(), "failed": cause} for run, seed in job[1].items()
        ],
    )
    rows = sorted((row for of_set in found.values() for row in of_set), key=lambda row: row["run"])
    made = [{name: row.get(name) for name in ("seed", "code", "failed")} | row.get("values", {}) for row in rows]
    return Wave(cube, pd.DataFrame(made).assign(set=set_of_run), left)


def run_again(setting: CalibrationSetting, number: int, title: str, cube: Floats, runs: int) -> Wave:
    """Runs each parameter set several more times, as a wave of its own."""
    return run_wave(setting, number, title, lambda: (cube, ()), np.repeat(np.arange(len(cube)), runs))


def _of_set(evaluate: Evaluate, world: WorldSpec, job: _Job) -> list[dict[str, Any]]:
    """Runs one parameter set as often as required; returns one result per run."""
    (parameters, seed_of), found = job, []
    for place, seed in seed_of.items():
        try:
            more: dict[str, Any] = {"values": evaluate(world, parameters, seed)}
        except Exception as error:  # a run that fails is a result of its set, and the others go on
            more = {"failed": f"{type(error).__name__}: {error}"}
        found.append({"run": place, "seed": seed, "code": source_hash(), **more})
    return found


def _kept(path: Path, draw: Callable[[], Drawn], set_of_run: Integers, seeds: Integers) -> Drawn:
    """Reads a wave's parameter sets from its file, or draws and stores them."""
    if not path.exists():
        cube, left = draw()
        names = np.array(prior.names())
        with beside(path) as writing, writing.open("wb") as file:
            np.savez_compressed(file, names=names, cube=cube, set_of_run=set_of_run, seeds=seeds, left=left)
        return cube, left
    with understood(path), path.open("rb") as content, np.load(content, allow_pickle=False) as kept:
        sets, left = pd.DataFrame(kept["cube"], columns=kept["names"]), tuple(kept["left"].tolist())
        is_same = np.array_equal(kept["set_of_run"], set_of_run) and np.array_equal(kept["seeds"], seeds)
    if not is_same or set(prior.names()) - set(sets):
        fix = "Name another folder, or give the same --seed and --size as before."
        raise mistake("this folder holds a calibration of another seed, size or model", "--study", path.parent, fix)
    return sets[prior.names()].to_numpy(np.float64), left
