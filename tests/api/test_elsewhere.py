"""Tests that every kind of study gives the same tables on any executor."""

import inspect
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, ProcessPoolExecutor, ThreadPoolExecutor
from contextlib import contextmanager
from dataclasses import replace
from functools import partial
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest

import sim
from sim.api import calibrations
from sim.calibration.prior import axes
from sim.calibration.waves import CalibrationSetting, run_wave
from sim.experiments import engines
from tests.calibration import made_up

Study = Callable[..., dict[str, pd.DataFrame]]
FACTS = pd.DataFrame({"outcome": ["harm"], "value": [0.0], "error": [1e9]})


def by_run(rows: pd.DataFrame) -> pd.DataFrame:
    """Rows of a table, sorted by run."""
    return rows.sort_values("run", kind="stable", ignore_index=True) if "run" in rows else rows


def of_report(study: Callable[..., Any], *given: str, **asked: Any) -> Study:
    """Makes a function that runs a study and returns all tables of its report, in memory, by name."""

    def conducted(_: Path, **how: Any) -> dict[str, pd.DataFrame]:
        found = study(*given, **asked, **how)
        return {"outcomes": found.all_outcomes, **{name: found.breakdown(name) for name in found.breakdowns}}

    return conducted


def sweep(_: Path, **how: Any) -> dict[str, pd.DataFrame]:
    """Tables of a small sweep, by name."""
    return {"outcomes": sim.sweep(values={"court.staff": [1, 2]}, replicates=2, **how).outcomes}


def portfolio(place: Path, **how: Any) -> dict[str, pd.DataFrame]:
    """Tables of a small portfolio report, by name."""
    folder = sim.portfolio(budget="20 M€", replicates=4, results=place, **how)
    tables = {file.stem: pd.read_csv(file) for file in folder.glob("*.csv")}
    return {"outcomes": pd.read_parquet(folder / "design.parquet"), **tables}


def to_own_facts(place: Path, **how: Any) -> dict[str, pd.DataFrame]:
    """Tables of a small calibration to facts of a user's own, by name."""
    found = sim.calibrate(targets=FACTS, parameters="uncertainty.desk", size="small", results=place, **how)
    return {"sets": found.ensemble, "outcomes": sim.open(found.folder).outcomes}


def to_published_facts(place: Path, **how: Any) -> dict[str, pd.DataFrame]:
    """Tables of the first runs of a calibration, keyed by table name."""
    return {"outcomes": pd.read_csv(sim.calibrate(study=place / "study", **how).files[0])}


def first_runs(setting: CalibrationSetting, *_: object, **__: object) -> list[Path]:
    """Runs the first step of a calibration with a made-up simulator; returns the files that it wrote."""
    unreal, cube = replace(setting, evaluate=made_up.simulate), np.array([[0.25], [0.75]]).repeat(len(axes()), axis=1)
    runs = run_wave(unreal, 0, "", lambda: (cube, ()), np.array([0, 0, 1, 1])).runs
    runs.to_csv(setting.folder / "runs.csv", index=False)
    return [setting.folder / "runs.csv"]


def case(_: Path, **how: Any) -> dict[str, pd.DataFrame]:
    """Tables of one recorded operation simulated in one world, keyed by table name."""
    world = how.pop("set")["world"]
    found = sim.case("avalanche", replicates=1, world=world, **{"workers": 1} | how)
    return {"outcomes": found.outcomes}


STUDIES: dict[str, tuple[Study, ...]] = {
    "run": (of_report(sim.run, "status_quo", replicates=2),),
    "compare": (of_report(sim.compare, "faster_mlat", replicates=2),),
    "league": (of_report(sim.league, replicates=1),),
    "portfolio": (portfolio,),
    "ablate": (of_report(sim.ablate, "faster_mlat", mechanisms=["queues"], replicates=2),),
    "regret": (of_report(sim.regret, replicates=4),),
    "sweep": (sweep,),
    "calibrate": (to_own_facts, to_published_facts),
    "case": (case,),
}


def takes_executor(name: str) -> bool:
    """True if a public function has the keyword `executor`."""
    made = getattr(sim, name)
    return not isinstance(made, type) and callable(made) and "executor" in inspect.signature(made).parameters


def test_every_study_is_among_those_that_are_tried() -> None:
    assert {name for name in sim.__all__ if takes_executor(name)} == set(STUDIES)


@contextmanager
def dask() -> Iterator[Executor]:
    """Context manager: executor of a Dask cluster, opened with Dask's own functions."""
    from distributed import Client, LocalCluster

    how: dict[str, Any] = {"n_workers": 1, "threads_per_worker": 2, "processes": False, "dashboard_address": None}
    with LocalCluster(**how) as cluster, Client(cluster) as client:
        yield client.get_executor()


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[None]:
    """Fixture: calibrations of the smallest possible size."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(calibrations, "SETS", {"small": 3})
    monkeypatch.setattr("sim.calibration.command.carry_out", first_runs)
    yield
    while engines._CREWS:
        engines._CREWS.popitem()[1].close()


#: What carries a study out, two tasks at a time.
EXECUTORS = {"threads": partial(ThreadPoolExecutor, 2), "processes": partial(ProcessPoolExecutor, 2), "dask": dask}
#: Every study on one executor, and one study on each of the others.
TRIED = [(study, "threads") for several in STUDIES.values() for study in several]
TRIED += [(sweep, kind) for kind in EXECUTORS if kind != "threads"]


@pytest.mark.slow
@pytest.mark.usefixtures("small")
@pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")
@pytest.mark.parametrize(("study", "kind"), TRIED)
def test_a_study_on_any_executor_gives_the_tables_of_this_process(
    study: Study, kind: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    handed: list[object] = []
    submit = engines.FuturesPool.submit
    monkeypatch.setattr(engines.FuturesPool, "submit", lambda pool, task: (handed.append(task), submit(pool, task))[1])
    for place in ("here", "there"):
        (tmp_path / place).mkdir()
    here = study(tmp_path / "here", progress=None, set={"world": "tiny", "execution.executor": "serial"})
    assert not handed
    with EXECUTORS[kind]() as executor:
        there = study(tmp_path / "there", progress=None, set={"world": "tiny"}, executor=executor, workers=2)
    assert handed and len(here["outcomes"]) and there.keys() == here.keys()
    for name, rows in here.items():
        pd.testing.assert_frame_equal(by_run(there[name]), by_run(rows), check_exact=True, obj=name)
    assert {path.name for path in tmp_path.iterdir()} == {"here", "there"}, "nothing is left where it was called"
