"""Tests of `comity sweep` as a process: error messages, interrupts, and kills."""

import os
import random
import shlex
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from sim import cli, hydra
from sim.experiments import conduct
from sim.experiments import sweep as sweeping
from sim.experiments.study import LOG, Study
from tests.experiments.sweep.kills import ROOT, gone, parent_killed, same, there, workers_killed, workers_of
from tests.experiments.sweep.models import quick
from tests.experiments.sweep.studies import ISHIGAMI, assert_same, carried_out, ready

DESIGN = ("court.staff=1,1.25,1.5,1.75,2", "uncertainty.desk.rebound=0,0.25,0.5", "sweep.breakdowns=[]")
SEEDS = "execution.replicates=8"
RUNS = 5 * 3 * 8


def words(study: Path, *options: str, seeds: str = SEEDS) -> list[str]:
    """Command line of a study of short runs in two processes."""
    program = [sys.executable, "-m", "tests.experiments.sweep.standin"]
    return [*program, "sweep", *DESIGN, seeds, "world=tiny", "--study", str(study), "--workers", "2", *options]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same study in this process, without interruption."""
    made, finished = carried_out(ready(tmp_path_factory.mktemp("whole"), *DESIGN, SEEDS), quick)
    assert finished.done == RUNS
    return made.folder


@pytest.mark.slow
def test_kills_of_the_parent_and_of_workers_change_nothing(whole: Path, tmp_path: Path) -> None:
    moments = random.Random(3)  # noqa: S311 - when to kill
    study = tmp_path / "parent"
    kept = parent_killed(words(study, "--quiet"), study, 2, 5.0, moments)
    assert there(study) == RUNS >= kept[-1]
    same(whole, study, ("experiments", "outcomes"))
    study = tmp_path / "workers"
    assert workers_killed(words(study, "--quiet"), 2, 1.5, moments)
    same(whole, study, ("experiments", "outcomes"))


@pytest.mark.slow
def test_an_interrupt_finishes_what_is_running_and_says_how_to_resume(tmp_path: Path) -> None:
    study = tmp_path / "a study with spaces"
    typed = words(study, seeds="execution.replicates=100")
    process = subprocess.Popen(typed, cwd=ROOT, stderr=subprocess.PIPE, text=True, start_new_session=True)
    while not there(study) and process.poll() is None:
        time.sleep(0.05)
    workers = workers_of(process.pid)
    os.killpg(process.pid, signal.SIGINT)  # as a terminal does: workers hear it too
    _, said = process.communicate(timeout=600)
    assert process.returncode == 130 and "Traceback" not in said
    assert "Finishing the runs that are under way" in said
    assert f"Resume with: {shlex.join(['comity', *typed[3:]])}" in said
    assert 0 < there(study) < 15 * 100
    assert "stopped" in (study / LOG).read_text("utf-8").splitlines()[-1]
    gone(workers)


TINY = ("world=tiny", "execution.replicates=1")


def test_a_mistake_is_one_message(tmp_path, monkeypatch, capsys):
    (tmp_path / "taken").mkdir()
    (tmp_path / "taken" / "thesis.txt").touch()
    monkeypatch.setattr(conduct, "compile_rules", lambda *_: None)  # nothing is run
    made, two, real = [], "court.staff=1,2", sweeping.make_points
    monkeypatch.setattr(sweeping, "make_points", lambda *given: made.append(given) or real(*given))
    many = " ".join(f"{key}=range(0,0.9,0.0009)" for key in ISHIGAMI)
    for typed, said in (
        *(("", "nothing varies"), ("court.staff=range(2,1)", "a range without any value")),
        *(("court.staf=1,2", "unknown key"), (f"{two} --study taken", "the folder holds something else")),
        (many, "1,000,000,000 points × 1 scenarios × 1 seeds = 1,000,000,000 runs"),
        (f"{two} execution.slurm.queue=compute", "Start workers with sbatch"),
        (f"{two} --executor dsk", "Did you mean dask?"),
    ):
        made.clear()
        assert cli.main(["sweep", *typed.split(), *TINY, "-o", str(tmp_path), "--quiet"]) == 2
        assert not (made and typed is many), "a study that nobody can have meant is refused before it is made"
        error = capsys.readouterr().err
        assert error.startswith("comity: error: ") and error.count("\n") == 1 and said in error


def test_a_dry_run_says_how_many_runs_there_would_be_and_makes_nothing(tmp_path, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "160")
    typed = ["--design", "morris", "--samples", "4", "world=tiny", "--dry-run", "-o", str(tmp_path / "none")]
    assert cli.main(["sweep", "status_quo", "faster_mlat", "--vary", "judgement", *typed]) == 0
    said = capsys.readouterr().err
    assert "points (morris) × 2 scenarios (status_quo, faster_mlat) × 10 seeds =" in said
    assert "Nothing was run" in said and not (tmp_path / "none").exists()
    (head,) = [line for line in said.splitlines() if "point 0" in line]
    assert "point 2" in head and "point 3" not in head, "axes are listed down"
    (deficiency,) = [line for line in said.splitlines() if "│ request.deficiency " in line]
    assert "0.3 to 0.6 (logit scale) share" in deficiency
    assert all(f"│ {name} " in said for name in ("desk.rebound", "trust.phone", "case.chains"))


def test_hydras_jobs_make_the_study_of_the_sweep(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Hydra jobs that run one point each together produce the same study as one sweep."""
    axes = ("scenario=status_quo,faster_mlat", "court.staff=range(1,2,0.5)")
    swept, _ = carried_out(ready(tmp_path, *axes, "execution.replicates=2"), quick, study="swept")
    typed = ["scenario=status_quo,faster_mlat", "levers.court.staff=range(1,2,0.5)", "world=tiny"]
    typed += ["execution.replicates=2", "execution.executor=serial", "sweep.breakdowns=[takedown_curve]"]
    typed += [f"execution.results={tmp_path}", f"study={tmp_path / 'hydra'}"]
    real = hydra.sweep
    monkeypatch.setattr(hydra, "sweep", lambda *given: real(*given, evaluate=quick))
    monkeypatch.setattr(sys, "argv", ["sim.hydra", "--multirun", *typed])
    assert hydra.main() == 0
    assert_same(swept, type(swept).open(tmp_path / "hydra"))


@pytest.mark.slow  # two processes of Hydra's
def test_hydras_launchers_run_jobs_side_by_side(tmp_path: Path) -> None:
    typed = ["scenario=status_quo", "levers.court.staff=1,2,3", *TINY, f"study={tmp_path / 'side'}"]
    typed += ["execution.executor=serial", "hydra/launcher=joblib", "hydra.launcher.n_jobs=2"]
    words = [sys.executable, "-m", "sim.hydra", "--multirun", *typed]
    done = subprocess.run(words, cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    assert len(Study.open(tmp_path / "side").outcomes()) == 3


def test_a_mistake_in_the_hydra_program_is_one_message(tmp_path, monkeypatch, capsys):
    def message(*typed: str) -> list[str]:
        monkeypatch.setattr(sys, "argv", ["sim.hydra", "--multirun", *typed])
        assert hydra.main() == 2
        return capsys.readouterr().err.splitlines()

    (said,) = message("levers.court.staf=1,2")
    assert said.startswith("sim.hydra: error: command line: levers.court.staf = '1,2': ")
    assert said.endswith("Did you mean levers.court.staff?")
    heading, *lines = message("levers.court.staf=1,2", "levers.court.staff=1,99")
    assert heading == "sim.hydra: error: command line: 2 mistakes"
    assert [line.split()[2] for line in lines] == ["levers.court.staf", "levers.court.staff"]
    for typed, key in (
        ("uncertainty.desk.rebond=0,1", "uncertainty.desk.rebond"),
        ("uncertainty.desk.rebound=0,9", "uncertainty.desk.rebound"),
        ("desk.rebound=0,1", "desk.rebound=0,1"),
        ("court.staff=1,2", "court.staff=1,2"),
    ):
        (said,) = message(typed, "world=tiny")
        key_in_full = "levers.court.staff" if key.startswith("court") else "uncertainty.desk.rebound"
        assert key in said and key_in_full in said, "as it must be written for Hydra"
    study = tmp_path / "study"
    carried_out(ready(tmp_path, "court.staff=1,2"), quick, study=str(study))
    typed = ["levers.court.staff=1,3", "world=tiny", "execution.workers=1", f"study={study}"]
    *_, said = message(*typed, f"execution.results={tmp_path}")  # which a job finds
    assert said.startswith(f"sim.hydra: error: command line: study = '{study}'"[:70])
    assert "another study is in this folder: it differs in " in said
