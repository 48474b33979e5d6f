"""All executors give the same tables; a worker's death costs its own task only."""

import os
import re
import signal
import subprocess
import sys
import time
from concurrent.futures import CancelledError, Future
from dataclasses import replace
from itertools import product
from pathlib import Path
from queue import SimpleQueue
from types import SimpleNamespace
from unittest.mock import Mock

import pandas as pd
import pytest

from sim.experiments import on_dask
from sim.experiments.design import plain
from sim.experiments.executors import Executor, WorkerDeath, _Round
from sim.experiments.results import read_results
from sim.experiments.settings import Execution
from sim.policy.problem import InputError
from tests.experiments import chores
from tests.experiments.fakes import conducted, experiment
from tests.experiments.sweep.kills import gone

needs_kill = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs a signal that cannot be caught")
PARALLEL = ["processes", pytest.param("dask", marks=pytest.mark.filterwarnings("ignore::ResourceWarning"))]


@pytest.fixture(scope="module")
def cluster():
    """A worker of Dask for all tests that it does not die in: to start it takes seconds."""
    dask = pytest.importorskip("dask")
    with on_dask._quiet(), on_dask._local(1) as started:
        keys = started.security.get_tls_config_for_role("client")
        named = {"ca-file": keys["ca_file"], "client.key": keys["key"], "client.cert": keys["cert"]}
        with dask.config.set({f"distributed.comm.tls.{key}": value for key, value in named.items()}):
            yield Execution(scheduler=started.scheduler_address)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_nobody_without_its_keys_reaches_a_cluster(cluster):
    from distributed import Client
    from distributed.security import Security

    encrypted, plain = cluster.scheduler, cluster.scheduler.replace("tls:", "tcp:")
    for address, keys in ((encrypted, Security.temporary()), (plain, Security(require_encryption=False))):
        with on_dask._quiet(), pytest.raises(OSError, match=r"."):
            Client(address, timeout=3, security=keys, set_as_default=False)
    import dask

    with (
        dask.config.set({"distributed.comm.tls.ca-file": None}),
        pytest.raises(InputError, match=r"distributed\.comm\.tls"),
    ):
        on_dask._existing(encrypted)


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_jobs_of_slurm_have_keys_that_nobody_else_can_read(tmp_path, monkeypatch):
    pytest.importorskip("dask_jobqueue")
    for name in ("sbatch", "scancel"):
        (tmp_path / name).write_text("#!/bin/sh\necho Submitted batch job 1\n")
        (tmp_path / name).chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path), prepend=os.pathsep)
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path))
    with on_dask._quiet(), on_dask._slurm(1, Execution(scheduler="slurm")) as started:
        assert started.scheduler_address.startswith("tls://")
        (key,) = re.findall(r"--tls-key (\S+)", started.job_script())
        assert Path(key).is_relative_to(tmp_path) and Path(key).stat().st_mode & 0o077 == 0


def _executor(request):
    return Executor(2, request.param, request.getfixturevalue("cluster") if request.param == "dask" else Execution())


either = pytest.fixture(_executor, params=["serial", *PARALLEL])
parallel = pytest.fixture(_executor, params=PARALLEL)


@pytest.fixture(params=[PARALLEL[0], pytest.param("dask", marks=[*PARALLEL[1].marks, pytest.mark.slow])])
def mortal(request):
    """Every way that has workers, with workers of its own and two tries."""
    if request.param == "dask":
        pytest.importorskip("distributed")
    return Executor(2, request.param, tries=2)


def test_every_task_is_carried_out_once_all_is_prepared(either):
    happened = []

    def tasks():
        for number in range(7):
            happened.append(number)
            yield number

    found = either.run(chores.square, tasks(), beforehand=lambda: happened.append("beforehand"))
    assert sorted(found) == [(number, number**2) for number in range(7)]
    assert happened == ["beforehand", *range(7)] and list(either.run(chores.square, [])) == []


@pytest.fixture(scope="module")
def serial_tables(tmp_path_factory):
    return _tables(Executor(kind="serial"), tmp_path_factory.mktemp("serial"))


def _tables(chosen, folder: Path) -> dict[str, pd.DataFrame]:
    asked = experiment(folder, ("status_quo", "faster_mlat"), replicates=3, workers=chosen.workers)
    asked = replace(asked, executor=chosen.kind, cluster=chosen.cluster)
    design = plain(asked)
    study, _ = conducted(asked, design)
    results = read_results(study, design.plan)
    assert len(results.outcomes) == 6
    return {"outcomes": results.outcomes, **results.breakdowns}


def test_tables_do_not_depend_on_the_executor(either, serial_tables, tmp_path):
    tables = _tables(either, tmp_path)
    assert tables.keys() == serial_tables.keys()
    for name, table in tables.items():
        pd.testing.assert_frame_equal(table, serial_tables[name])


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
def test_a_task_that_kills_is_taken_apart_to_find_the_part_that_does(mortal):
    run = mortal.run(chores.sum_or_die, [(1, 2), (4, 5, 6), (7,)], parts=lambda task: [(number,) for number in task])
    assert dict(run) == {(1, 2): 3, (4,): 4, (5,): WorkerDeath(2), (6,): 6, (7,): 7}


def test_workers_that_end_on_their_own_or_cannot_begin_make_nobody_wait():
    made = dict(Executor(2).run(chores.leaves, range(7)))
    assert made == {number: WorkerDeath(3) if number % 3 == 1 else number for number in range(7)}
    deaths = []
    with pytest.raises(InputError, match=r"end before they begin with any task .*execution.executor=serial"):
        list(Executor(2).run(chores.Unreadable(), range(100), died=lambda task, _: deaths.append(task)))
    assert len(deaths) < 100


def test_errors_are_raised_here_and_are_no_deaths(parallel):
    with pytest.raises(OSError, match="no space"):
        list(parallel.run(chores.raises, range(5)))
    with pytest.raises(Exception, match=r"(?i)pickle"):
        list(parallel.run(chores.made_of_a_lock, range(2)))


LIMITS = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


@pytest.fixture
def unlimited(monkeypatch):
    """An environment in which nobody has limited threads."""
    for name in LIMITS:
        monkeypatch.delenv(name, raising=False)
    return monkeypatch


@pytest.mark.usefixtures("unlimited")
def test_linear_algebra_in_a_worker_has_one_thread(parallel):
    ((_, seen),) = parallel.run(chores.environment, range(1))
    assert {name: seen.get(name) for name in LIMITS} == dict.fromkeys(LIMITS, "1")
    assert not any(name in os.environ for name in LIMITS), "this process keeps its threads"


def test_a_limit_of_threads_that_the_user_has_set_stays(unlimited):
    """That of OMP the other libraries follow where they have no word of their own."""
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


def test_dask_is_there_where_it_is_asked_for(monkeypatch):
    monkeypatch.setitem(sys.modules, "distributed", None)
    with pytest.raises(InputError, match=r"not installed.*pip install \"\.\[cluster\]\""):
        list(Executor(1, "dask").run(chores.square, [1]))


class Unsure:
    """Workers of a cluster that answer at once: a task is lost once; one that kills takes another with it."""

    sure, room, handed = False, 2, []

    def submit(self, task):
        """What became of it."""
        self.handed.append(task)
        future, killed = Future(), pytest.importorskip("distributed.scheduler").KilledWorker("task", None, 1)
        if len(self.handed) == 1 or 5 in task or (task == (4,) and self.handed.count(task) == 1):
            future.set_exception(CancelledError() if len(self.handed) == 1 else killed)
        else:
            future.set_result(sum(task))
        return future

    def result(self, future):
        """As a cluster reads it."""
        return on_dask.DaskPool.result(Mock(_client=Mock(status="running")), future)


def test_what_becomes_of_a_task_that_a_cluster_could_not_do():
    """A lost one is done again; one that kills is taken apart, suspected, and tried alone."""
    pool, deaths, tasks = Unsure(), [], iter([(1, 2), (5, 4), (7,)])
    one = _Round(pool, tasks, lambda t: [(part,) for part in t], lambda t, _: deaths.append(t), 2, SimpleQueue())
    assert dict(one.results(lambda: None)) == {(1, 2): 3, (4,): 4, (5,): WorkerDeath(2), (7,): 7}
    assert deaths == [(1, 2), (5, 4), (5,), (4,), (5,), (5,)] and pool.handed[-3:] == [(5,), (4,), (5,)]


def test_a_cluster_that_has_gone_is_said(monkeypatch):
    pool, lost = on_dask.DaskPool(Mock(status="closed", cluster=None), 1, sum), Mock()
    lost.result.side_effect = TimeoutError
    monkeypatch.setattr(on_dask, "SILENCE", -1.0)
    for call in (lambda: pool.result(lost), pool.check):
        with pytest.raises(InputError, match="scheduler has gone"):
            call()


@pytest.mark.filterwarnings("ignore::ResourceWarning")
def test_workers_of_another_version_are_refused(cluster, monkeypatch):
    monkeypatch.setattr(on_dask, "source_hash", lambda: "another")
    with pytest.raises(InputError, match="another version of Comity"):
        list(Executor(1, "dask", cluster).run(chores.square, [1]))


def test_a_scheduler_that_is_silent_for_long_is_gone_and_workers_that_are_lost_are_asked_for_again() -> None:
    pytest.importorskip("distributed")
    asked: list[int] = []
    for status, silent, workers in (("running", 1e6, 3), ("closed", 0.0, 3), ("running", 0.0, 2)):
        client = SimpleNamespace(status=status, cluster=SimpleNamespace(scale=asked.append))
        held = SimpleNamespace(_client=client, _heard=time.monotonic() - silent, _workers=lambda n=workers: n)
        held._wanted = 3
        on_dask.DaskPool.check(held)
        client.cluster = None
        on_dask.DaskPool.check(held)
        assert asked == [3] * (workers == 2) and time.monotonic() - held._heard < 60.0
    client.status, held._heard = "closed", time.monotonic() - on_dask.SILENCE - 1.0
    with pytest.raises(InputError):
        on_dask.DaskPool.check(held)
