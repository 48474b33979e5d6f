"""Tests that executors of concurrent.futures give the usual tables, and the usual message if a worker is lost."""

import os
import pickle
import signal
import subprocess
import sys
import time
from concurrent.futures import CancelledError, Executor, Future, ProcessPoolExecutor, ThreadPoolExecutor
from dataclasses import replace
from io import StringIO
from pathlib import Path
from threading import Lock

import loky
import pandas as pd
import pytest
from rich.console import Console

import sim
from sim.experiments import engines, on_dask
from sim.experiments.conduct import Options, conduct
from sim.experiments.design import plain
from sim.experiments.executors import Executor as Comity
from sim.experiments.executors import WorkerDeath, conduct_jobs
from sim.experiments.manifest import unfinished_folder
from sim.experiments.parts import GROWING
from sim.experiments.results import read_results
from sim.experiments.settings import GROUP, Execution, check_executor
from sim.policy.problem import InputError
from tests.experiments import chores
from tests.experiments.fakes import experiment
from tests.experiments.replicates import fake_replicate

TWO = ("status_quo", "faster_mlat")
needs_kill = pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="needs a signal that cannot be caught")
#: Dask, where it closes, leaves sockets to the collector.
of_dask = pytest.mark.filterwarnings("ignore::ResourceWarning", "ignore::pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(autouse=True)
def no_processes_remain():
    """Fixture: ends processes that worker threads keep for later studies."""
    yield
    while engines._CREWS:
        engines._CREWS.popitem()[1].close()


def on(executor: Executor, tasks: int = 2, **more: object) -> Comity:
    return Comity(engine=engines.Engine(Execution(workers=tasks), executor), **more)


class Recorded(ThreadPoolExecutor):
    """Thread pool that records the arguments of calls and the maximum number of open ones."""

    def __init__(self, workers: int) -> None:
        super().__init__(workers)
        self.calls, self.open, self.most, self._guard = [], 0, 0, Lock()

    def submit(self, function, /, *given):
        """Records a call and submits it."""
        self.calls.append(given)
        with self._guard:
            self.open += 1
            self.most = max(self.most, self.open)
        future = super().submit(function, *given)
        future.add_done_callback(self._ended)
        return future

    def _ended(self, _: Future) -> None:
        with self._guard:
            self.open -= 1


class Failing(ThreadPoolExecutor):
    """Thread pool with one thread, in which some calls fail with an executor error."""

    def __init__(self, errors) -> None:
        super().__init__(1)
        self.errors = iter(errors)

    def submit(self, function, /, *given):
        """Submits the call, or raises the next error."""
        if (error := next(self.errors, None)) is None:
            return super().submit(function, *given)
        future: Future = Future()
        future.set_exception(error)
        return future


class KilledWorkerError(Exception):
    """Exception with a name by which executors report a lost worker."""


@pytest.mark.parametrize("kind", [ThreadPoolExecutor, ProcessPoolExecutor, loky.ProcessPoolExecutor])
def test_an_executor_carries_out_every_task(kind):
    with kind(2) as executor:
        assert dict(on(executor).run(chores.square, range(7))) == {number: number**2 for number in range(7)}
        assert list(on(executor).run(chores.square, [])) == []


def test_what_tasks_share_travels_once_and_no_more_than_so_many_are_open():
    shared = Comity.run.__doc__.encode() * 1_000
    with Recorded(4) as executor:
        run = on(executor, 3).run(Shared(shared), range(30))
        assert sorted(run) == [(number, (number, len(shared))) for number in range(30)]
    assert executor.most == 3
    sizes = [len(pickle.dumps(given)) for given in executor.calls]
    assert sum(content is not None for _, _, content, _ in executor.calls) <= 4  # the first, and those open meanwhile
    assert sorted(sizes)[-5] < 300, "a task alone"


class Shared:
    """Function object that contains much data."""

    def __init__(self, content: bytes) -> None:
        self.content = content

    def __call__(self, number: int) -> tuple[int, int]:
        """Returns the task's number and the size of the data."""
        return number, len(self.content)


def test_a_worker_that_comes_later_asks_for_what_tasks_share():
    with ThreadPoolExecutor(1) as executor:
        found = []
        for task, made in on(executor, 1).run(chores.square, range(6)):
            found.append((task, made))
            if task == 2:
                executor.submit(engines._CREWS.clear).result()  # as in another process
        assert sorted(found) == [(number, number**2) for number in range(6)]


@needs_kill
def test_a_task_that_kills_its_process_is_blamed_for_certain():
    tasks, causes = [(1, 2), (4, 5, 6), (7,)], []
    with ThreadPoolExecutor(2) as executor:
        run = on(executor, 4, tries=2).run(
            chores.sum_or_die,
            tasks,
            parts=lambda task: [(number,) for number in task],
            died=lambda task, cause: causes.append((task, cause)),
        )
        assert dict(run) == {(1, 2): 3, (4,): 4, (5,): WorkerDeath(2), (6,): 6, (7,): 7}
    assert [task for task, _ in causes] == [(4, 5, 6), (5,), (5,)] and "SIGKILL" in causes[0][1]


def test_a_task_that_is_lost_with_a_worker_is_done_again_and_given_up_when_no_worker_survives():
    lost = KilledWorkerError("gone")
    with Failing([None, lost, lost, lost, None]) as executor:
        assert dict(on(executor, 1).run(chores.square, range(3))) == {0: 0, 1: 1, 2: 4}
    with Failing([None, *[lost] * 5]) as executor:
        made = dict(on(executor, 1).run(chores.square, range(3)))
    assert made == {0: 0, 1: WorkerDeath(0), 2: 4} and "KilledWorkerError" in made[1].cause
    with Failing([lost] * 100) as executor, pytest.raises(InputError, match="lost before they begin with any task"):
        list(on(executor, 1).run(chores.square, range(3)))


def test_an_error_of_a_task_is_raised_here():
    with ThreadPoolExecutor(2) as executor, pytest.raises(OSError, match="no space"):
        list(on(executor).run(chores.raises, range(5)))


def test_another_version_on_a_worker_is_refused(monkeypatch):
    with ThreadPoolExecutor(1) as executor:
        monkeypatch.setattr(engines, "source_hash", lambda: "another")
        with pytest.raises(InputError, match=r"another version of Comity, .* the study has another"):
            list(on(executor).run(chores.square, range(3)))
    absent = ModuleNotFoundError("No module named 'sim'")
    with Failing([absent]) as executor, pytest.raises(InputError, match=r"another version of Comity.*No module named"):
        list(on(executor).run(chores.square, range(3)))


def _study(folder: Path, executor: Executor | None, events: bool = False, seeds: int = 3, tasks: int = 2):
    asked = experiment(folder, TWO, replicates=seeds, events=events)
    if executor is not None:
        asked = replace(asked, engine=engines.Engine(Execution(workers=tasks), executor))
    design, console = plain(asked), Console(file=StringIO())
    place = unfinished_folder(asked, design.plan)
    study, finished = conduct(asked, design.plan, place, Options(), console, about={}, evaluate=fake_replicate)
    found = read_results(study, design.plan)
    return study, finished, {"outcomes": found.outcomes, **found.breakdowns}


def _same(ours: dict[str, pd.DataFrame], theirs: dict[str, pd.DataFrame]) -> None:
    assert ours.keys() == theirs.keys()
    for name, table in theirs.items():
        pd.testing.assert_frame_equal(ours[name], table, check_exact=True)


def test_a_study_whose_engine_goes_is_resumed_on_another(tmp_path):
    with Failing([None, None, CancelledError()]) as executor, pytest.raises(InputError, match="engine is gone") as said:
        _study(tmp_path / "one", executor, seeds=6, tasks=1)
    assert "\n" not in str(said.value) and "same call resumes it" in str(said.value)
    with ThreadPoolExecutor(2) as executor:
        _, finished, tables = _study(tmp_path / "one", executor, seeds=6)
    assert (finished.fresh, finished.done) == (8, 12), "four runs were there"
    _same(tables, _study(tmp_path / "serial", None, seeds=6)[2])
    with ThreadPoolExecutor(1) as executor:
        executor.shutdown()
        with pytest.raises(InputError, match="engine is gone"):
            list(on(executor).run(chores.square, range(3)))


def test_event_tables_travel_back_where_no_folder_is_shared(tmp_path):
    with Recorded(2) as executor:
        study, _, tables = _study(tmp_path / "there", executor, events=True)
    assert str(tmp_path).encode() not in b"".join(content or b"" for _, _, content, _ in executor.calls)
    here, _, same = _study(tmp_path / "here", None, events=True)
    _same(tables, same)
    for name in GROWING:
        ours, theirs = (one.table(f"events/{name}").drop(columns="run") for one in (study, here))
        keys = ["seed", "scenario"]
        pd.testing.assert_frame_equal(
            *(one.sort_values(keys, kind="stable", ignore_index=True) for one in (ours, theirs))
        )
    assert not list(tmp_path.rglob("*.tmp"))


def test_jobs_are_done_on_an_engine(tmp_path):
    jobs = {str(number): number for number in range(5)}
    with Recorded(2) as executor:
        engine = engines.Engine(Execution(workers=2), executor)
        quiet = Console(quiet=True)
        assert conduct_jobs(chores.square, jobs, tmp_path, 1, quiet, engine=engine) == {str(n): n * n for n in range(5)}
        done = len(executor.calls)
        assert conduct_jobs(chores.square, jobs, tmp_path, 1, quiet, engine=engine)["4"] == 16
    assert done >= 5 and len(executor.calls) == done, "what is done is not done again"


SOURCE = """
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

@contextmanager
def opens(execution):
    with ThreadPoolExecutor(execution.workers) as executor:
        OPENED.append((execution.scheduler, executor))
        yield executor, 2
OPENED = []
"""


def test_an_executor_of_another_package_is_named_by_its_entry_point(tmp_path, monkeypatch):
    about = tmp_path / "elsewhere-1.0.dist-info"
    about.mkdir()
    (about / "METADATA").write_text("Metadata-Version: 2.1\nName: elsewhere\nVersion: 1.0\n")
    (about / "entry_points.txt").write_text(
        f"[{GROUP}]\nelsewhere = comity_elsewhere:opens\nbroken = comity_nowhere:opens\n"
    )
    (tmp_path / "comity_elsewhere.py").write_text(SOURCE)
    monkeypatch.syspath_prepend(tmp_path)
    asked = Execution(executor="elsewhere", workers=2, scheduler="its own words")
    check_executor(asked)
    assert dict(Comity(engine=engines.Engine(asked)).run(chores.square, range(4))) == {0: 0, 1: 1, 2: 4, 3: 9}
    ((words, executor),) = sys.modules["comity_elsewhere"].OPENED
    assert words == "its own words" and executor._shutdown
    with pytest.raises(InputError, match=r"cannot be loaded.*comity_nowhere"):
        list(Comity(engine=engines.Engine(Execution(executor="broken"))).run(chores.square, range(4)))
    with pytest.raises(InputError, match="Did you mean elsewhere"):
        check_executor(Execution(executor="elswhere"))


class Silent(Executor):
    """Executor that reports nothing about itself."""


def test_an_executor_must_be_one_and_say_how_many_tasks_it_takes():
    small = {"world": "tiny"}
    with pytest.raises(sim.InputError, match=r"executor of concurrent.futures"):
        sim.compare("faster_mlat", executor=3)
    with pytest.raises(sim.InputError, match=r"workers.*how many tasks"):
        sim.run(replicates=1, set=small, executor=Silent(), progress=None, scenario="status_quo")
    with pytest.raises(sim.InputError, match="no such choice"):
        sim.case("avalanche", replicates=1, executor="nowhere")


def test_processes_of_a_worker_end_when_they_have_nothing_to_do(monkeypatch):
    monkeypatch.setattr(engines, "IDLE_SECONDS", 0.5)
    with ThreadPoolExecutor(1) as executor:
        assert dict(on(executor).run(chores.square, range(2))) == {0: 0, 1: 1}
        (crew,) = engines._CREWS.values()
        (process,) = crew._free
        deadline = time.monotonic() + 20
        while process.alive:
            assert time.monotonic() < deadline
            time.sleep(0.1)
        assert dict(on(executor).run(chores.square, range(4))) == {0: 0, 1: 1, 2: 4, 3: 9}, "others begin"


def test_own_parts_travel_to_a_worker_that_has_none(tmp_path, monkeypatch):
    from sim.data import own
    from sim.data.load import read_text

    (tmp_path / "data").mkdir()
    head = read_text("treaties.csv").splitlines()[0]
    (tmp_path / "data" / "treaties.csv").write_text(f"{head}\n")
    texts = own.contents([tmp_path])
    monkeypatch.setattr(own, "texts", lambda: texts)
    with ThreadPoolExecutor(1) as executor:
        monkeypatch.setattr(engines, "source_hash", lambda: hash_with(texts))
        assert dict(on(executor).run(chores.square, range(2))) == {0: 0, 1: 1}


def hash_with(texts) -> str:
    """Expected hash of the sources, for a process with the given user files."""
    from hashlib import sha256

    from sim.data import own
    from sim.policy.version import PACKAGE, sources

    digest = sha256(own.hashed(texts).encode())
    for path in sources(PACKAGE):
        digest.update(path.relative_to(PACKAGE).as_posix().encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


@pytest.mark.parametrize(
    ("scheduler", "said"),
    [
        ("tcp://10.1.2.3:8786", "not encrypted: who reaches this scheduler can have your account run any code"),
        ("ws://scheduler:80", "not encrypted"),
        ("tcp://localhost.example.org:8786", "not encrypted"),
        ("nowhere.json", "no scheduler file"),
        ("open.json", "not encrypted"),
        ("tls://127.0.0.1:9", "needs keys"),
    ],
)
def test_a_scheduler_that_others_reach_must_be_encrypted(tmp_path, monkeypatch, scheduler, said):
    (tmp_path / "open.json").write_text('{"address": "tcp://10.0.0.1:8786"}')
    monkeypatch.chdir(tmp_path)
    with pytest.raises(InputError, match=said), on_dask.dask(Execution(executor="dask", scheduler=scheduler)):
        pass


def test_keys_are_for_their_owner_alone(tmp_path):
    commands = on_dask.make_keys(tmp_path / "keys")
    assert all(str(tmp_path / "keys") in line for line in commands)
    modes = {path.name: path.stat().st_mode & 0o777 for path in (tmp_path / "keys").iterdir()}
    assert modes == dict.fromkeys((on_dask.CA, on_dask.CERT, on_dask.KEY, on_dask.SETTINGS), 0o600)
    assert (tmp_path / "keys").stat().st_mode & 0o777 == 0o700
    made = on_dask._keys_in(tmp_path / "keys")
    assert made.require_encryption and made.tls_client_key == str(tmp_path / "keys" / on_dask.KEY)
    with pytest.raises(InputError, match="cannot be made"):
        on_dask.make_keys(tmp_path / "keys")
    (tmp_path / "keys" / on_dask.KEY).chmod(0o644)
    with pytest.raises(InputError, match="others may read the key"):
        on_dask._keys_in(tmp_path / "keys")
    (tmp_path / "keys" / on_dask.CA).unlink()
    with pytest.raises(InputError, match=r"is missing.*python -m sim.experiments.on_dask"):
        on_dask._keys_in(tmp_path / "keys")


@pytest.mark.slow
@of_dask
@needs_kill
def test_dask_gives_the_same_also_when_a_worker_is_killed(tmp_path):
    from tests.experiments.clusters import dask_on

    (_, _, serial) = _study(tmp_path / "serial", None, seeds=8)
    on_dask.make_keys(keys := tmp_path / "keys")
    with dask_on(keys, workers=2) as ((_, victim, _), file):
        there = Execution(executor="dask", scheduler=str(file), keys=str(keys))
        with on_dask.dask(there) as (executor, room):
            _same(_study(tmp_path / "dask", executor, seeds=8)[2], serial)
            while room() < 4:
                time.sleep(0.1)
            marker = str(tmp_path / "killed")
            run = on(executor, 4).run(Kills(victim.pid, marker), range(20))
            assert dict(run) == {number: number for number in range(20)} and Path(marker).exists()
            assert victim.wait() == -signal.SIGKILL


#: What a user may write in a script, without a guard of its main part.
SCRIPT = """
import sim
found = sim.run("status_quo", replicates=2, set={"world": "tiny"}, executor="dask", workers=2, progress=None)
print("RAN", len(found.outcomes))
"""


@pytest.mark.slow
def test_workers_of_dask_on_this_machine_do_not_run_the_script_again(tmp_path):
    (tmp_path / "script.py").write_text(SCRIPT)
    environment = {**os.environ, "PYTHONPATH": str(Path(sim.__file__).parents[1])}
    words = [sys.executable, "-W", "error::UserWarning", "script.py"]
    done = subprocess.run(words, cwd=tmp_path, env=environment, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout, done.stderr) == (0, "RAN 2\n", "")


class Kills:
    """Function that takes a while and kills a given process once, at task 5."""

    def __init__(self, victim: int, marker: str) -> None:
        self.victim, self.marker = victim, marker

    def __call__(self, number: int) -> int:
        """Runs a task."""
        if number == 5 and not Path(self.marker).exists():
            Path(self.marker).touch()
            os.kill(self.victim, signal.SIGKILL)
        time.sleep(0.05)
        return number


@pytest.mark.slow
@of_dask
@needs_kill
def test_a_scheduler_that_is_killed_ends_the_study_with_one_message_and_another_resumes_it(tmp_path, capfd):
    from tests.experiments.clusters import dask_on

    keys = tmp_path / "keys"
    on_dask.make_keys(keys)
    asked = experiment(tmp_path / "study", TWO, replicates=12)
    design = plain(asked)
    place = unfinished_folder(asked, design.plan)
    for turn in range(2):
        with dask_on(keys) as ((scheduler, _), file):
            there = Execution(executor="dask", scheduler=str(file), keys=str(keys))
            watched = replace(asked, engine=engines.Engine(there), progress=Stops(scheduler, 6 if turn == 0 else 99))
            conducting = (watched, design.plan, place, Options(), Console(file=StringIO()))
            if turn == 0:
                with pytest.raises(InputError, match=r"is gone.*resumes it"):
                    conduct(*conducting, about={}, evaluate=fake_replicate)
            else:
                study, finished = conduct(*conducting, about={}, evaluate=fake_replicate)
    assert finished.done == 24 and 0 < finished.fresh < 24
    _same(_tables(study, design.plan), _study(tmp_path / "serial", None, seeds=12)[2])
    assert "Traceback" not in capfd.readouterr().err


class Stops:
    """Progress function that kills a process once a number of runs is reached."""

    def __init__(self, process, runs: int) -> None:
        self.process, self.runs = process, runs

    def __call__(self, done: int, _all: int) -> None:
        """Kills the process once the given number of runs is done."""
        if done >= self.runs:
            self.process.kill()


def _tables(study, plan) -> dict[str, pd.DataFrame]:
    found = read_results(study, plan)
    return {"outcomes": found.outcomes, **found.breakdowns}


@pytest.mark.slow
@of_dask
def test_nobody_without_its_keys_reaches_a_cluster(tmp_path):
    from tests.experiments.clusters import dask_on

    for name in ("keys", "others"):
        on_dask.make_keys(tmp_path / name)
    with dask_on(tmp_path / "keys") as (_, file):
        for keys, said in (("others", "no scheduler answers"), ("", "needs keys")):
            there = Execution(executor="dask", scheduler=str(file), keys=str(tmp_path / keys) if keys else "")
            with pytest.raises(InputError, match=said), on_dask.dask(there):
                pass
