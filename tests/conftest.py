"""Fixtures and pytest hooks that all tests share."""

import fcntl
import gc
import os

# Tests run in two processes, and so do runs: threads of linear algebra would only wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is imported

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings

from sim.law.order import LegalOrder, legal_order

# How long an example takes depends on what else the machine does, and on what was compiled before.
# The gate draws the same examples each time: what it refuses, a change has broken.
settings.register_profile("untimed", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("untimed")


# Looking for garbage took a quarter of the time: it is looked for less often, and not among what was imported.
gc.set_threshold(50_000, 20, 50)


def pytest_collection_finish() -> None:
    """Excludes modules and tests from later garbage collection."""
    gc.collect()
    gc.freeze()


#: What takes long, the longest first: a process that got one of them last would work on alone.
LONG = ("tests/scenarios/", "tests/report/", "tests/docs/", "tests/browser/", "tests/world/", "tests/test_")
#: Packages whose files share worlds and studies, which two processes would both make.
TOGETHER = ("tests/scenarios/", "tests/report/", "tests/world/")


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Moves slow tests to the front if several processes run tests."""
    if hasattr(config, "workerinput"):
        items.sort(key=lambda item: [not item.nodeid.startswith(room) for room in LONG])


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> Any:
    """Makes the scheduler that gives each test process whole files or packages."""
    if config.getoption("dist") != "loadfile":
        return None
    from xdist.scheduler import LoadFileScheduling

    class ByRoom(LoadFileScheduling):
        """Scheduler that gives whole packages or files to each test process."""

        def _split_scope(self, nodeid: str) -> str:
            rooms = (room for room in TOGETHER if nodeid.startswith(room))
            return next(rooms, super()._split_scope(nodeid))

    return ByRoom(config, log)


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], object]], Path]:
    """Fixture: makes a folder only once for all test processes."""
    place = tmp_path_factory.getbasetemp()
    shared = place.parent if "PYTEST_XDIST_WORKER" in os.environ else place

    def folder(name: str, fill: Callable[[Path], object]) -> Path:
        made, ready = shared / name, shared / f"{name}.ready"
        with (shared / f"{name}.lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            if not ready.exists():
                made.mkdir(exist_ok=True)
                fill(made)
                ready.touch()
        return made

    return folder


@pytest.fixture(scope="session")
def law() -> LegalOrder:
    return legal_order()


@pytest.fixture
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Fixture: stand-ins for the model's runs, and only one figure."""
    from sim.report.draw import FIGURES
    from tests.experiments.replicates import fake_replicate

    monkeypatch.setattr("sim.experiments.conduct.run_replicate", fake_replicate)
    monkeypatch.setattr("sim.experiments.conduct.compile_rules", lambda *_: None)
    monkeypatch.setattr("sim.report.pages.FIGURES", {"forest": FIGURES["forest"]})


@pytest.fixture(scope="module", autouse=True)
def forgotten(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fixture: releases worlds that a test module keeps in memory."""
    yield
    for kept in vars(request.module).values():
        if hasattr(kept, "cache_clear") and kept.__module__ == request.module.__name__:
            kept.cache_clear()
