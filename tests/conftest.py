"""What tests of several rooms share."""

import os
from collections.abc import Iterator

import pytest
from hypothesis import settings

from sim.law.order import LegalOrder
from tests.tiny import legal_order

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
def law() -> LegalOrder:
    return legal_order()


@pytest.fixture(scope="module", autouse=True)
def forgotten(request: pytest.FixtureRequest) -> Iterator[None]:
    """Worlds that a module has kept for its tests are let go with it, or they would fill the memory."""
    yield
    for kept in vars(request.module).values():
        if hasattr(kept, "cache_clear") and kept.__module__ == request.module.__name__:
            kept.cache_clear()
