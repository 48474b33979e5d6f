"""What tests of several rooms share."""

import fcntl
import os

# Tests run in two processes, and so do runs: threads of linear algebra would only wait for each other.
os.environ.setdefault("OPENBLAS_NUM_THREADS", "1")  # before NumPy is imported

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from hypothesis import settings

from sim.law.order import LegalOrder, legal_order

# How long an example takes depends on what else the machine does, and on what was compiled before.
# The gate draws the same examples each time: what it refuses, a change has broken.
settings.register_profile("untimed", deadline=None, derandomize="CI" in os.environ)
settings.load_profile("untimed")


#: Rooms whose files take long. They begin first: a process that got one of them last would work on alone.
LONG = ("tests/scenarios/", "tests/docs/", "tests/browser/", "tests/world/", "tests/report/", "tests/test_")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Puts files that take long first, which `--no-loadscope-reorder` then leaves there."""
    items.sort(key=lambda item: not item.nodeid.startswith(LONG))


@pytest.fixture(scope="session")
def once(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, Callable[[Path], object]], Path]:
    """Makes a folder one time for all processes of the tests: the first that asks fills it, others wait and read."""
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


@pytest.fixture(scope="module", autouse=True)
def forgotten(request: pytest.FixtureRequest) -> Iterator[None]:
    """Worlds that a module has kept for its tests are let go with it, or they would fill the memory."""
    yield
    for kept in vars(request.module).values():
        if hasattr(kept, "cache_clear") and kept.__module__ == request.module.__name__:
            kept.cache_clear()
