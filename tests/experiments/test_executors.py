"""Tests that all executors give the same tables, and that a worker's death costs only its own task."""

import os
import signal
import subprocess
import sys
import threading
import time
from dataclasses import replace
from itertools import product
from multiprocessing import Pipe
from pathlib import Path
from types import SimpleNamespace

import pandas as pd
import pytest

from sim.experiments.design import plain
from sim.experiments.executors import Executor, WorkerDeath
from sim.experiments.processes import UNKNOWN_CAUSE, DeathError, TaskProcess
from sim.experiments.results import read_results
from sim.experiments.settings import KINDS
from sim.policy.problem import InputError
from tests.experiments import chores
from tests.experiments.fakes import conducted, experiment
from tests.experiments.sweep.kills import gone

needs_kill = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs a signal that cannot be caught")


@pytest.mark.parametrize("kind", KINDS)
def test_every_task_is_carried_out_once_all_is_prepared(kind):
    happened, executor = [], Executor(2, kind)

    def tasks():
        for number in range(7):
            happened.append(number)
            yield number

    found = executor.run(chores.square, tasks(), beforehand=lambda: happened.append("beforehand"))
    assert sorted(found) == [(number, number**2) for number in range(7)]
    assert happened == ["beforehand", *range(7)] and list(executor.run(chores.square, [])) == []


def _tables(kind: str, folder: Path) -> dict[str, pd.DataFrame]:
    asked = experiment(folder, ("status_quo", "faster_mlat"), replicates=3, workers=2)
    asked = replace(asked, executor=kind)
    design = plain(asked)
    study, _ = conducted(asked, design)
    results = read_results(study, design.plan)
    assert len(results.outcomes) == 6
    return {"outcomes": results.outcomes, **results.breakdowns}


def test_tables_do_not_depend_on_the_executor(tmp_path):
    here, there = (_tables(kind, tmp_path / kind) for kind in KINDS)
    assert here.keys() == there.keys()
    for name, table in there.items():
        pd.testing.assert_frame_equal(table, here[name])


@pytest.mark.slow
@needs_kill
def test_a_killed_worker_costs_only_its_task(tmp_path):
    for workers, marker in product((1, 2), ("", "died")):  # without a marker it is killed at every try
        place = str(tmp_path / f"{marker} {workers}") if marker else ""
        run = Executor(workers).run(chores.deadly, [(number, place) for number in range(8)])
        made = {number: result for (number, _), result in run}
        assert made.pop(3) == (3 if marker else WorkerDeath(3))
        assert made == {number: number for number in range(8) if number != 3}


@pytest.mark.skipif(not hasattr(os, "fork"), reason="needs a child that holds the pipe")
def test_a_worker_that_dies_is_missed_although_its_pipe_is_held_open(tmp_path):
    child = tmp_path / "child"
    causes = []
    run = Executor(2, tries=1).run(
        chores.faults,
        [(number, str(child)) for number in range(5)],
        died=lambda task, cause: causes.append((task[0], cause)),
    )
    made = {number: result for (number, _), result in run}
    os.kill(int(child.read_text()), signal.SIGKILL)  # it is there, so nobody waited for it
    assert made == {number: WorkerDeath(1) if number == 3 else number for number in range(5)}
    assert causes == [(3, "by SIGSEGV, a fault in compiled code")]


def test_a_worker_that_dies_writes_no_core():
    resource = pytest.importorskip("resource")
    before = resource.getrlimit(resource.RLIMIT_CORE)
    if before[1] in (0, 1):
        pytest.skip("this system allows no cores anyway")
    resource.setrlimit(resource.RLIMIT_CORE, (before[1], before[1]))
    try:
        assert dict(Executor(1).run(chores.limit_of_core, range(1))) == {0: 1}
    finally:
        resource.setrlimit(resource.RLIMIT_CORE, before)


@needs_kill
def test_a_task_that_kills_is_taken_apart_to_find_the_part_that_does():
    tasks = [(1, 2), (4, 5, 6), (7,)]
    run = Executor(2, tries=2).run(chores.sum_or_die, tasks, parts=lambda task: [(number,) for number in task])
    assert dict(run) == {(1, 2): 3, (4,): 4, (5,): WorkerDeath(2), (6,): 6, (7,): 7}


def test_workers_that_end_on_their_own_or_cannot_begin_make_nobody_wait():
    made = dict(Executor(2).run(chores.leaves, range(7)))
    assert made == {number: WorkerDeath(3) if number % 3 == 1 else number for number in range(7)}
    deaths = []
    with pytest.raises(InputError, match=r"end before they begin with any task .*execution.executor=serial"):
        list(Executor(2).run(chores.Unreadable(), range(100), died=lambda task, _: deaths.append(task)))
    assert len(deaths) < 100


def test_errors_are_raised_here_and_are_no_deaths():
    with pytest.raises(OSError, match="no space"):
        list(Executor(2).run(chores.raises, range(5)))
    with pytest.raises(Exception, match=r"(?i)pickle"):
        list(Executor(2).run(chores.made_of_a_lock, range(2)))


def test_a_worker_can_be_ended_while_it_starts():
    """A pool may close while a thread of its own starts a process: the process ends all the same."""
    worker, ended = TaskProcess(chores.leaves), []

    def called() -> None:
        with pytest.raises(DeathError):
            worker.call(0)
        ended.append(True)

    started = worker.start

    def slowly() -> None:
        stopper = threading.Thread(target=worker.terminate)
        stopper.start()
        stopper.join()
        started()

    worker.start = slowly
    caller = threading.Thread(target=called)
    caller.start()
    caller.join(60.0)
    assert ended and not worker.alive


def test_an_end_that_somebody_else_has_heard_of_is_no_error():
    """Ending a process that another thread has already waited for is no error, and its cause is unknown."""
    gone_by_then = SimpleNamespace(pid=2**22 + 1, exitcode=None, join=lambda _patience: None)
    worker = TaskProcess(chores.leaves)
    worker._pipe, other = Pipe()
    worker.process = gone_by_then
    assert worker.end() == UNKNOWN_CAUSE
    other.close()


LIMITS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


@pytest.fixture
def unlimited(monkeypatch):
    """An environment without limits on threads."""
    for name in LIMITS:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.usefixtures("unlimited")
def test_linear_algebra_in_a_worker_has_one_thread():
    ((_, seen),) = Executor(2).run(chores.environment, range(1))
    assert {name: seen.get(name) for name in LIMITS} == dict.fromkeys(LIMITS, "1")
    assert not any(name in os.environ for name in LIMITS), "this process keeps its threads"


def test_a_limit_of_threads_that_the_user_has_set_stays(unlimited):
    """A user's own limit on threads is kept, and a limit for OpenMP applies to other libraries too."""
    for name, limit, expected in (("MKL", "3", ["1", "1", "3"]), ("OMP", "2", [None, "2", "3"])):
        unlimited.setenv(f"{name}_NUM_THREADS", limit)
        ((_, seen),) = Executor(1).run(chores.environment, range(1))
        assert [seen.get(one) for one in LIMITS] == expected


@pytest.mark.slow
@needs_kill
def test_a_worker_in_the_middle_of_a_task_does_not_outlive_a_parent_that_is_killed(tmp_path):
    program = (
        "from sim.experiments.executors import Executor; from tests.experiments.chores import naps; "
        f"list(Executor(1).run(naps, [{str(tmp_path / 'worker')!r}]))"
    )
    parent = subprocess.Popen([sys.executable, "-c", program])
    while not (tmp_path / "worker").exists():
        assert parent.poll() is None
        time.sleep(0.05)
    parent.kill()
    parent.wait()
    gone([int((tmp_path / "worker").read_text())], chores.NAP / 2)
