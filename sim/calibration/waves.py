"""Waves: sets of parameters that are really run, with a ledger of their runs under one folder.

Every run has a seed of its own, so that the seed does not pass for an effect of parameters. The sets of a wave and
their seeds are kept beside its ledger (wave-0.npz, wave-0.jsonl): a resumed calibration takes up the same ones. Sets
are kept by the names of their parameters, so that one that has gone since is passed over.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
from rich.console import Console

from sim.calibration import prior, runs
from sim.experiments.control import OnProgress
from sim.experiments.execution import WorkerDeath
from sim.experiments.executors import executor
from sim.measures.arrays import Floats, Integers
from sim.policy.problem import mistake
from sim.policy.version import source_hash
from sim.world.parameters import Parameters, WorldSpec, with_values

if TYPE_CHECKING:
    import pandas as pd

#: Seeds of wave k begin at k times this.
SEEDS_OF_WAVE = 1_000_000
#: Sets between two lines of progress.
_ANNOUNCED = 50
Evaluate = Callable[[WorldSpec, Parameters, int], dict[str, float]]
#: A set, and the seeds of its runs by their places.
_Job = tuple[Parameters, dict[int, int]]


@dataclass(frozen=True)
class CalibrationSetting:
    """How all waves of a calibration are run.

    Attributes:
        folder: of the calibration.
        command: the command line, for messages.
        world: which world.
        parameters: those that do not vary.
        workers: processes.
        seed: of the draws and of the runs.
        evaluate: one run.
        effect: the same seed with and without a policy.
        finished: whether all runs are there, made by this code or another, and are only read.
        progress: called with the number of runs that are done and of all runs; None for nobody.
    """

    folder: Path
    command: str
    world: WorldSpec = field(default_factory=WorldSpec)
    parameters: Parameters = field(default_factory=Parameters)
    workers: int = 1
    seed: int = 1
    evaluate: Evaluate = runs.run
    effect: Evaluate = runs.effect
    finished: bool = False
    progress: OnProgress | None = None


@dataclass(frozen=True)
class Wave:
    """Parameter sets that were run.

    Attributes:
        cube: f8[sets, parameters] shares.
        set_of_run: i8[runs] place of the set of each run.
        outcomes: all that a run gives, by run, in the same order; NaN where the run failed or has none.
        failed: number of runs that failed.
        code: hashes of the sources that made them.
    """

    cube: Floats
    set_of_run: Integers
    outcomes: pd.DataFrame
    failed: int
    code: tuple[str, ...]

    def of_sets(self, key: str) -> Floats:
        """f8[sets, runs of each] one outcome; NaN behind the last run of sets with fewer."""
        most = int(self.runs.max())
        found = np.full((len(self.cube), most), np.nan)
        number = np.zeros(len(self.cube), np.int64)
        for place, value in zip(self.set_of_run, self.outcomes[key].to_numpy(np.float64), strict=True):
            found[place, number[place]] = value
            number[place] += 1
        return found

    @property
    def runs(self) -> Integers:
        """i8[sets] number of runs."""
        return np.bincount(self.set_of_run, minlength=len(self.cube))

    def chosen(self, places: Integers) -> Wave:
        """Some of its sets, with their runs."""
        new = np.full(len(self.cube), -1)
        new[places] = np.arange(len(places))
        of = new[self.set_of_run]
        return Wave(self.cube[places], of[of >= 0], self.outcomes[of >= 0], self.failed, self.code)

    def and_again(self, other: Wave) -> Wave:
        """The same sets with further runs."""
        import pandas as pd

        outcomes = pd.concat([self.outcomes, other.outcomes], ignore_index=True)
        return Wave(self.cube, np.concatenate([self.set_of_run, other.set_of_run]), outcomes, self.failed, self.code)


def joined(waves: Sequence[Wave]) -> Wave:
    """All sets of some waves as one."""
    import pandas as pd

    first = np.cumsum([0, *(len(wave.cube) for wave in waves[:-1])])
    return Wave(
        np.concatenate([wave.cube for wave in waves]),
        np.concatenate([wave.set_of_run + start for wave, start in zip(waves, first, strict=True)]),
        pd.concat([wave.outcomes for wave in waves], ignore_index=True),
        sum(wave.failed for wave in waves),
        tuple(sorted({code for wave in waves for code in wave.code})),
    )


def wave_file(setting: CalibrationSetting, number: int) -> Path:
    """Where the sets of a wave are kept."""
    return setting.folder / f"wave-{number}.npz"


def run_wave(setting: CalibrationSetting, number: int, cube: Floats, set_of_run: Integers, console: Console) -> Wave:
    """Runs a wave, or what is missing of it.

    Args:
        setting: how.
        number: of the wave: 0 for the prior.
        cube: f8[sets, parameters]; a wave that was begun before keeps its own.
        set_of_run: i8[runs] place of the set of each run.
        console: where progress is reported.

    Raises:
        InputError: a folder that holds something else, or runs are missing that should be there.
        KeyboardInterrupt: somebody asked to stop.
    """
    path = wave_file(setting, number)
    first = setting.seed + SEEDS_OF_WAVE * (number + 1)
    cube, seeds = _kept(path, cube, set_of_run, first + np.arange(len(set_of_run)))
    ledger = path.with_suffix(".jsonl")
    rows = _read(ledger)
    todo: dict[int, list[int]] = {}
    for place, of in enumerate(set_of_run.tolist()):
        if place not in rows:
            todo.setdefault(of, []).append(place)
    missing = len(set_of_run) - len(rows)
    if setting.finished and missing:
        fix = "Give the command without --finished: it does what is missing."
        raise mistake(f"{missing} runs are missing", "--study", setting.folder, fix)
    _report(setting, len(rows), len(set_of_run))
    with ledger.open("a", encoding="utf-8") as file:
        for done, found in enumerate(_results(setting, cube, seeds, todo), 1):
            for row in found:
                rows[row["run"]] = row
                file.write(json.dumps(row) + "\n")
            file.flush()
            _report(setting, len(rows), len(set_of_run))
            if done % _ANNOUNCED == 0:
                console.print(f"  {len(rows)} of {len(set_of_run)} runs")
    return _wave(cube, set_of_run, [rows[place] for place in range(len(set_of_run))])


def _report(setting: CalibrationSetting, done: int, total: int) -> None:
    """Keeps somebody informed."""
    if setting.progress is not None:
        setting.progress(done, total)


def _results(
    setting: CalibrationSetting, cube: Floats, seeds: Integers, todo: dict[int, list[int]]
) -> Iterator[list[dict[str, Any]]]:
    """Rows of the runs of one set after another, as they become known."""
    axes, names, code = prior.axes(), prior.names(), source_hash()
    jobs: list[_Job] = []
    for of, places in todo.items():
        drawn = {name: axis.at(share).value for name, axis, share in zip(names, axes, cube[of].tolist(), strict=True)}
        jobs.append((with_values(setting.parameters, drawn), {place: int(seeds[place]) for place in places}))
    kind = "serial" if setting.workers == 1 or len(jobs) < 2 else "processes"
    work = partial(_of_set, setting.evaluate, setting.world, code)
    for (_, seed_of), found in executor(setting.workers, kind).run(work, jobs):
        if isinstance(found, WorkerDeath):
            found = [{"run": run, "seed": seed, "code": code, "failed": found.cause} for run, seed in seed_of.items()]
        yield found


def _of_set(evaluate: Evaluate, world: WorldSpec, code: str, job: _Job) -> list[dict[str, Any]]:
    """The runs of one set in one process, which sets its world up once."""
    (parameters, seed_of), found = job, []
    for place, seed in seed_of.items():
        row: dict[str, Any] = {"run": place, "seed": seed, "code": code}
        try:
            row["values"] = evaluate(world, parameters, seed)
        except Exception as error:  # a run that fails is a result of its set, and the others go on
            row["failed"] = f"{type(error).__name__}: {error}"
        found.append(row)
    return found


def _read(ledger: Path) -> dict[int, dict[str, Any]]:
    """Rows of a ledger by run; the last line may be half-written."""
    rows = {}
    for line in ledger.read_text("utf-8").splitlines() if ledger.is_file() else ():
        try:
            row = json.loads(line)
        except ValueError:
            continue
        rows[row["run"]] = row
    if ledger.is_file() and not ledger.read_bytes().endswith(b"\n"):
        ledger.write_text("".join(json.dumps(row) + "\n" for row in rows.values()), encoding="utf-8")
    return rows


def _wave(cube: Floats, set_of_run: Integers, rows: list[dict[str, Any]]) -> Wave:
    """What the rows of all runs say."""
    import pandas as pd

    outcomes = pd.DataFrame([{"seed": row["seed"], **row.get("values", {})} for row in rows])
    failed = sum("failed" in row for row in rows)
    return Wave(cube, set_of_run, outcomes, failed, tuple(sorted({row["code"] for row in rows})))


def _kept(path: Path, cube: Floats, set_of_run: Integers, seeds: Integers) -> tuple[Floats, Integers]:
    """The sets of a wave as they were first drawn, and the seeds of its runs."""
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        writing = path.with_name(f".{path.name}")
        with writing.open("wb") as file:
            np.savez_compressed(file, names=np.array(prior.names()), cube=cube, set_of_run=set_of_run, seeds=seeds)
        writing.replace(path)
        return cube, seeds
    try:
        with np.load(path, allow_pickle=False) as kept:
            place = {name: number for number, name in enumerate(kept["names"].tolist())}
            there = np.asarray(kept["cube"][:, [place[name] for name in prior.names()]], np.float64)
            same = np.array_equal(kept["set_of_run"], set_of_run) and len(there) == len(cube)
            seeds = kept["seeds"]
    except (OSError, ValueError, KeyError) as error:
        fix = f"Delete the folder {path.parent} and give the command again."
        raise mistake(f"the sets of a wave cannot be read ({error})", "--study", path, fix) from None
    if not same:
        fix = "Name another folder, or give the same --size as before."
        raise mistake("this folder holds a calibration of another size", "--study", path.parent, fix)
    return there, seeds
