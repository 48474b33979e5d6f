"""Tests of the page's workers: one worker per seed, streams in turn, and isolated crashes."""

import os
import signal
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass
from multiprocessing import active_children
from pathlib import Path
from time import monotonic, sleep
from types import SimpleNamespace

import pytest

from sim.experiments.run import Failure, ScenarioRun
from sim.policy.problem import InputError
from sim.web.pool import Stream, WorkerPool
from sim.web.state import Draft
from tests.experiments.chores import Unreadable
from tests.experiments.sweep.kills import gone
from tests.web.fakes import PATIENCE, stand_in, stream
from tests.web.standin import StandIn

FAST, LAW = Draft("faster_mlat"), Draft("harmonised_law")


def until(happened: Callable[[], object]) -> None:
    """Waits until a condition is true."""
    begun = monotonic()
    while not happened():
        assert monotonic() - begun < PATIENCE
        sleep(0.005)


def pids() -> list[int]:
    """Process ids of this process's workers."""
    return [child.pid for child in active_children() if child.pid]


@dataclass(frozen=True)
class Scene:
    """A pool and a world for one test, without any results."""

    pool: WorkerPool
    worker: StandIn
    world: str

    def stream(self, *drafts: Draft, seeds: int = 8) -> Stream:
        """Opens a stream in this world."""
        return stream(self.world, *drafts, seeds=seeds)

    def done(self) -> list[tuple[int, int, str]]:
        """Process, seed and title of each finished task in this world."""
        return self.worker.done(self.world)

    def all_found(self, asked: Stream) -> bool:
        """True if a stream has all its results."""
        return len(self.pool.found(asked)) == len(asked.seeds)

    @contextmanager
    def held(self) -> Iterator[Callable[[], None]]:
        """Context manager: blocks tasks until its end, or until the yielded function is called."""
        hold = self.worker.folder / "hold"
        hold.touch()
        try:
            yield hold.unlink
        finally:
            hold.unlink(missing_ok=True)


@pytest.fixture(scope="module")
def shared(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[WorkerPool, StandIn]]:
    worker = stand_in(tmp_path_factory.mktemp("orders"))
    pool = WorkerPool(2, worker)
    yield pool, worker
    pool.close()


@pytest.fixture
def scene(shared: tuple[WorkerPool, StandIn], request: pytest.FixtureRequest) -> Scene:
    return Scene(*shared, request.node.name)


def test_no_arm_is_run_twice_and_of_a_seed_one_at_a_time(scene: Scene) -> None:
    one, other = scene.stream(FAST, seeds=1), scene.stream(FAST, LAW)
    with scene.held() as let_go, scene.pool.open(one):
        until(scene.done)
        sleep(0.2)  # the other worker has nothing to do
        assert len(scene.done()) == 1
        with scene.pool.open(other):
            let_go()
            until(lambda: scene.all_found(one) and scene.all_found(other))
    done = scene.done()
    assert len(done) == len({(seed, title) for _, seed, title in done}) == 8 * 3


def test_seeds_that_have_begun_come_before_new_ones(tmp_path: Path) -> None:
    worker = stand_in(tmp_path)
    pool, asked = WorkerPool(1, worker), stream("world", FAST, LAW, seeds=3)
    with pool.open(asked):
        until(lambda: len(pool.found(asked)) == 3)
    pool.close()
    first = [seed for _, seed, _ in worker.done("world")][:6]  # a worker has one task, and the next at hand
    assert sorted(first) == [1, 1, 1, 2, 2, 2]


def test_leaving_cancels_what_has_not_begun(scene: Scene) -> None:
    stays = scene.stream(LAW, seeds=2)
    with scene.held() as let_go:
        with scene.pool.open(scene.stream(FAST, seeds=20)):
            until(lambda: len(scene.done()) == 2)  # each worker holds one scenario run
        with scene.pool.open(stays):
            let_go()
            until(lambda: scene.all_found(stays))
    titles = [title for _, _, title in scene.done()]
    assert len(titles) <= 2 + 4, titles
    assert not [title for title in titles if title.startswith("Faster")]


def test_what_was_being_run_for_somebody_who_left_is_kept(scene: Scene) -> None:
    with scene.held(), scene.pool.open(scene.stream(FAST, seeds=2)):
        until(lambda: len(scene.done()) == 2)
    alone = scene.stream(seeds=2)
    until(lambda: scene.all_found(alone))
    assert len(scene.done()) == 2


def test_streams_take_turns(scene: Scene) -> None:
    """A later stream does not wait for all scenario runs of an earlier one."""
    greedy, modest = scene.stream(FAST, seeds=60), scene.stream(LAW, seeds=2)
    with scene.held() as let_go, scene.pool.open(greedy):
        until(lambda: len(scene.done()) == 2)
        with scene.pool.open(modest):
            let_go()
            until(lambda: scene.all_found(modest))
            assert len(scene.pool.found(greedy)) < 30


def test_a_killed_worker_is_replaced_and_its_seed_given_back(scene: Scene) -> None:
    before = set(pids())
    (scene.worker.folder / "die-3").write_text("1")
    asked = scene.stream(FAST)
    with scene.pool.open(asked):
        until(lambda: scene.all_found(asked))
    assert all(isinstance(arm, ScenarioRun) for found in scene.pool.found(asked).values() for arm in found)
    assert len(before - set(pids())) == 1


def test_a_seed_that_fails_or_kills_twice_is_given_up_and_the_others_arrive(scene: Scene) -> None:
    (scene.worker.folder / "die-3").write_text("2")
    (scene.worker.folder / "fail-2").touch()
    asked = scene.stream(FAST)
    with scene.pool.open(asked):
        until(lambda: scene.all_found(asked))
    (scene.worker.folder / "fail-2").unlink()
    known = sorted(scene.pool.found(asked).items())
    failures = [arm for _, found in known for arm in found if isinstance(arm, Failure)]
    assert [failure.seed for failure in failures] == [2, 2, 3] and "SIGKILL" in failures[-1].message
    assert [failure.message for failure in failures[:2]] == ["RuntimeError: seed 2"] * 2


def test_a_worker_that_somebody_kills_while_it_is_idle_is_replaced(scene: Scene) -> None:
    first, second = scene.stream(FAST), scene.stream(LAW)
    with scene.pool.open(first):
        until(lambda: scene.all_found(first))
    for process in pids():
        os.kill(process, signal.SIGKILL)
    with scene.pool.open(second):
        until(lambda: scene.all_found(second))


def test_idle_workers_prepare_pasts_once_and_then_rest(scene: Scene) -> None:
    prepared = scene.stream(seeds=6)
    with scene.held():
        scene.pool.prepare(prepared)
        assert scene.pool.prepared == (0, 6)
    until(lambda: scene.pool.prepared == (6, 6))
    assert len(scene.pool.found(prepared)) == 6
    scene.pool.prepare(scene.stream(seeds=6))
    assert scene.pool.prepared == (6, 6)
    sleep(0.1)
    before, done = processor_time(pids()), len(scene.done())
    sleep(0.5)
    assert len(scene.done()) == done == 6 and processor_time(pids()) - before <= 0.05


def processor_time(processes: list[int]) -> float:
    """Processor time of some processes in seconds, as far as the system reports it."""
    files = [Path(f"/proc/{pid}/stat") for pid in processes if Path("/proc").exists()]
    stats = [file.read_text().rpartition(")")[2].split() for file in files]
    return sum(int(stat[11]) + int(stat[12]) for stat in stats) / os.sysconf("SC_CLK_TCK")


def test_who_asks_when_no_worker_can_work_is_warned() -> None:
    """A stream warns its reader if no worker can work, at its start or later."""
    pool, asked = WorkerPool(1, Unreadable()), stream("world", FAST)
    with pool.open(asked), pytest.raises(InputError, match="end before they begin"):
        until(pool.check)
    with pytest.raises(InputError, match="end before they begin"), pool.open(asked):
        pass
    pool.close()


def test_an_error_that_nobody_foresaw_is_reported_too(monkeypatch: pytest.MonkeyPatch) -> None:
    seen: list[object] = []
    monkeypatch.setattr("threading.excepthook", lambda raised: seen.append(raised.exc_value))
    monkeypatch.setattr("sim.web.pool.Executor.run", lambda *_, **__: iter([][0]))
    pool = WorkerPool(1, Unreadable())
    with pytest.raises(InputError, match=r"workers of the page have ended \(list index"):
        until(pool.check)
    pool.close()
    assert [type(one) for one in seen] == [IndexError], "the terminal shows where it was"


def test_closing_ends_processes_in_the_middle_of_their_work(tmp_path: Path) -> None:
    worker = stand_in(tmp_path)
    (tmp_path / "hold").touch()
    pool = WorkerPool(1, worker)
    with pool.open(stream("world", FAST)):
        until(lambda: worker.done("world"))
        pool.close()
    gone([process for process, _, _ in worker.done("world")])


def test_a_seed_is_prepared_once_its_arms_are_known_and_its_past_is_kept() -> None:
    idle = SimpleNamespace(wanted=[SimpleNamespace(world="w")], seeds=(1, 2, 3, 4))
    held = {"_lock": nullcontext(), "_of": lambda _: {1, 2}, "_begun": {("w", 1), ("w", 3), ("other", 2)}}
    assert WorkerPool.prepared.fget(SimpleNamespace(_idle=idle, **held)) == (1, 4)
    assert WorkerPool.prepared.fget(SimpleNamespace(_idle=None, **held)) == (0, 0)
