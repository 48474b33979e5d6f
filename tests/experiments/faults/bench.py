"""A study and a calibration on a failing disk, and the commands that work on them."""

from __future__ import annotations

import hashlib
import os
import shutil
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext, redirect_stderr
from dataclasses import dataclass, field, replace
from functools import cache, lru_cache
from io import StringIO
from pathlib import Path
from random import Random
from tempfile import mkdtemp
from typing import Any

import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from rich.console import Console

from sim import cli
from sim.calibration import ensemble, prior
from sim.calibration.waves import CalibrationSetting, Size, Wave, run_again, run_wave
from sim.experiments import conduct as conducting
from sim.experiments import control, ledger, seal, store
from sim.experiments.conduct import Options
from sim.experiments.control import status
from sim.experiments.parts import DONE, ledgers
from sim.experiments.run import Failure, FailureStage, Replicate, Task, run_replicate
from sim.experiments.study import LOG, Study
from sim.experiments.sweep import Prepared, sweep
from sim.world.parameters import Parameters, WorldSpec
from tests.experiments.faults.disk import Disk, Killed, Loss, attached
from tests.experiments.replicates import fake_replicate
from tests.experiments.sweep.models import quick
from tests.experiments.sweep.studies import ready

#: Worlds of a study when it is whole, and runs of which a part is made, so that small studies have several.
WORLDS, RUNS_OF_A_PART = 3, 3
SCENARIOS = "status_quo", "faster_mlat"
#: How commands end: well, with a message, stopped with a message.
WELL, SAID, STOPPED = 0, cli.INPUT_ERROR, cli.INTERRUPTED

Evaluate = Callable[[Task], Replicate]


@dataclass(frozen=True, eq=False)
class Made:
    """Ingredients of histories: a function that makes runs, and a study for each number of worlds."""

    evaluate: Evaluate
    studies: tuple[Prepared, ...]  # of 1, 2, … worlds


def made(evaluate: Evaluate = quick, *, events: bool = False) -> Made:
    """Studies of two points and two scenarios that have not been started."""
    words = "court.staff=1,1.5", f"execution.events={str(events).lower()}"
    asked = (f"execution.replicates={number}" for number in range(1, WORLDS + 1))
    return Made(evaluate, tuple(ready(Path("nowhere"), *words, one, names=SCENARIOS) for one in asked))


def kinds(*, model: bool = False) -> tuple[Made, ...]:
    """Kinds of study in histories, one in five with event tables."""
    return (made(run_replicate),) if model else (made(),) * 4 + (made(fake_replicate, events=True),)


@dataclass
class Bench:
    """A disk with a study and a calibration, and the actions of a history on them."""

    what: Made
    place: Path = field(default_factory=lambda: Path(mkdtemp(prefix="comity-faults-")))
    worlds: int = 1  # of the study, as many as the last command has asked for
    fresh: int = 0  # runs that were made
    asked: set[str] = field(default_factory=set)  # which of study and calibration have been begun
    said: str = ""  # what the last command said
    _pid: int = 1_000
    _meanwhile: list[Callable[[], Any]] = field(default_factory=list)
    _failing: bool = False
    _running: bool = False

    def __post_init__(self) -> None:
        (self.place / "disk").mkdir()
        self.disk = Disk(self.place / "disk")

    @property
    def study(self) -> Path:
        """Folder of the study."""
        return self.disk.root / "results" / "study"

    @property
    def calibration(self) -> Path:
        """Folder of the calibration."""
        return self.disk.root / "calibration"

    def close(self) -> None:
        """Deletes the disk's folder."""
        shutil.rmtree(self.place)

    def empty(self) -> None:
        """Deletes all files on the disk."""
        shutil.rmtree(self.disk.root)
        self.disk.root.mkdir()
        self.disk = Disk(self.disk.root)

    # Commands.

    def conducts(
        self, more: int, shard: tuple[int, int] = (0, 1), *, retry: bool = False, failing: bool = False
    ) -> int | None:
        """Starts, resumes or extends the study; returns the exit code, or None if the process was killed."""
        self.worlds = min(self.worlds + more, WORLDS)
        asked = self.what.studies[self.worlds - 1]
        self.asked.add("study")
        asked = replace(asked, experiment=replace(asked.experiment, results=self.study.parent))
        options = Options(shard, retry_failed=retry)
        before, self._failing, printed = self._failing, failing, StringIO()
        try:
            return self.ends(lambda: sweep(asked, "study", options, Console(file=printed), self._run))
        finally:
            self._failing = before
            # A kill or a power loss damages nothing; what an error keeps from being read is made again.
            assert self.disk.struck or "damaged" not in printed.getvalue(), printed.getvalue()

    def calibrates(self) -> int | None:
        """Starts or resumes the calibration by a command."""
        self.asked.add("calibration")
        return self.ends(lambda: _calibrated(self.calibration))

    def meanwhile(self, *others: Callable[[], Any]) -> None:
        """Sets functions to call during the next runs, one in each run."""
        self._meanwhile = list(others)

    def stops(self) -> None:
        """Interrupts the command."""
        signal.raise_signal(signal.SIGINT)

    def _run(self, task: Task) -> Replicate:
        """Makes a run, after calling the function set for it."""
        if self._meanwhile:
            self._meanwhile.pop(0)()
        self.fresh += len(task.scenarios)
        if self._failing and task.seed == 2:
            why = ValueError("no")
            stage = FailureStage.ARM
            return Replicate(tuple(Failure.of(why, task.block, 2, one.key, stage) for one in task.scenarios))
        return self.what.evaluate(task)

    def ends(self, work: Callable[[], object]) -> int | None:
        """Exit code of a command; a traceback fails the test."""
        self._pid += 1
        said = StringIO()
        disk = nullcontext() if self._running else attached(self.disk)
        self._running, before = True, self._running
        with pytest.MonkeyPatch.context() as patch, redirect_stderr(said), disk:
            patch.setattr(cli, "_run", lambda _: (work(), WELL)[1])
            patch.setattr(os, "getpid", lambda number=self._pid: number)
            try:
                code = cli.main([])
            except Killed:
                if before:
                    raise  # both processes are gone
                return None
            finally:
                self._running = before
        self.said = said.getvalue()
        assert code in (WELL, SAID, STOPPED), code
        assert self.said.count("comity: ") == (code != WELL), self.said
        return code

    # Afterwards.

    def loses_power(self, loss: Loss, seed: int) -> None:
        """Simulates a power loss and a restart."""
        self.disk.lose_power(loss, Random(seed))  # noqa: S311 - a drawn fate, no secret

    def looks(self) -> int | None:
        """Runs `comity status`, in any state of the study."""
        return self.ends(lambda: status(self.study)) if "study" in self.asked else WELL

    def done(self) -> int:
        """Number of finished runs in the study's ledger."""
        return sum(
            pq.read_table(path, columns=["status"])["status"].to_pylist().count(DONE) for path in ledgers(self.study)
        )

    def tables(self) -> dict[str, bytes]:
        """All tables of the study and of the calibration, in order and bit for bit."""
        found: dict[str, bytes] = {}
        if "study" in self.asked:
            study = Study.open(self.study)
            names = ("experiments", *study.about["tables"][1:])
            names = tuple(name for name in names if name != "events")
            events = (path.relative_to(study.store).as_posix() for path in sorted(study.store.glob("events/*")))
            found |= {name: _bytes(study.table(name)) for name in (*names, *events)}
        if "calibration" in self.asked:
            found |= _tables_of(_calibrated(self.calibration, finished=True))
            for name in ("ensemble.parquet", "ensemble.yaml"):
                found[name] = (self.calibration / name).read_bytes()
        return found

    def content(self) -> dict[str, bytes]:
        """All files on the disk except logs and locks."""
        files = (path for path in self.disk.root.rglob("[!.]*") if path.is_file() and path.name != LOG)
        return {path.relative_to(self.disk.root).as_posix(): path.read_bytes() for path in files}

    def unsummed(self) -> dict[str, str]:
        """Files that differ from the finished study's checksums."""
        return seal.differences(self.study) if "study" in self.asked else {}

    def unfinished(self) -> list[str]:
        """Temporary files that were left behind, except those of checksums."""
        return [str(path) for path in self.disk.root.rglob(".*.tmp") if seal.FILE not in path.name]


def _bytes(frame: pd.DataFrame) -> bytes:
    """A table as bytes: names, types and values of its columns."""
    digest = hashlib.sha256()
    for name, column in frame.items():
        values = column.to_numpy()
        content = "\n".join(map(repr, values)).encode() if values.dtype == object else values.tobytes()
        digest.update(f"{name} {values.dtype} {len(values)}".encode() + content)
    return digest.hexdigest().encode()


#: A calibration of least size: two waves, as many as show that the second waits for the first.
_SIZE = Size(prior=4, repeats=1, waves=(), candidates=2, tries=1, kept=2, confirm=1)


def _value(_world: WorldSpec, parameters: Parameters, seed: int) -> dict[str, float]:
    """One made-up run."""
    return {"value": float(np.random.default_rng([seed, len(repr(parameters))]).random())}


def _calibrated(folder: Path, *, finished: bool = False) -> tuple[Wave, Wave]:
    """A calibration of two waves, the second from the best sets of the first, and its ensemble."""
    setting = CalibrationSetting(folder, "comity calibrate", _SIZE, evaluate=_value, finished=finished)
    draws = np.random.default_rng(1)
    first = run_wave(
        setting, 0, "the prior", lambda: (draws.random((4, len(prior.axes()))), ()), np.array([0, 0, 1, 2, 3])
    )
    best = np.argsort(first.of_sets("value")[:, 0])[:2]
    second = run_again(setting, 1, "the best again", first.cube[best], 2)
    if not finished:
        ensemble.write(prior.frame_of(second.cube), {"made": "today"}, folder / "ensemble.parquet")
    return first, second


def _tables_of(waves: tuple[Wave, ...]) -> dict[str, bytes]:
    """Parameter sets and runs of all waves."""
    return {
        f"wave {number}": wave.cube.tobytes() + _bytes(wave.runs.drop(columns="code"))
        for number, wave in enumerate(waves)
    }


@contextmanager
def benches() -> Iterator[None]:
    """Context manager that makes studies write small files and caches what is the same in all of them."""
    pa.set_cpu_count(1)
    pa.set_io_thread_count(1)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(ledger, "FLUSH_RUNS", RUNS_OF_A_PART)
        patch.setattr(ledger, "FLUSH_BREAKDOWNS", RUNS_OF_A_PART)
        patch.setattr(control, "LOOK_SECONDS", 0.0)
        described, identified = conducting.describe, conducting.identities  # no folder of results is in them
        patch.setattr(conducting, "describe", _once(lambda asked, plan, about: described(asked, plan, about)))
        patch.setattr(conducting, "identities", _once(lambda asked, plan: identified(asked, plan)))
        plain = store.yaml_text
        kept = lru_cache(64)(lambda _, content, width: plain(content[0], width))
        patch.setattr(store, "yaml_text", lambda content, width=100: kept(repr(content), _Same([content]), width))
        yield


def _once(function: Callable[..., Any]) -> Callable[..., Any]:
    """Function that calls another one once for each plan and then returns the cached result."""
    kept: dict[int, tuple[object, Any]] = {}

    def asked(experiment: object, plan: object, *more: object) -> Any:
        if id(plan) not in kept:
            kept[id(plan)] = plan, function(experiment, plan, *more)
        return kept[id(plan)][1]

    return asked


class _Same(list[Any]):
    """Content that is left out of cache keys."""

    def __hash__(self) -> int:  # type: ignore[override]
        return 0

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Same)


@cache
def undisturbed(what: Made) -> dict[str, bytes]:
    """Tables of a study and a calibration without any fault."""
    bench = Bench(what)
    try:
        assert bench.conducts(WORLDS) == bench.calibrates() == WELL, bench.said
        return bench.tables()
    finally:
        bench.close()
