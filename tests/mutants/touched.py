"""A plugin of pytest that notes which functions of sim/ each test calls, and how long it takes.

`TOUCHED=FOLDER pytest -p tests.mutants.touched` appends one JSON line per test to a file of each process in the folder.
What a fixture called while it was made counts for every test that uses it. What is compiled, and what runs in other
processes, is not seen. With `LIMIT=SECONDS`, a test that takes longer is stopped. Only tests that pass are noted.
"""

# Why no library: coverage.py distinguishes tests only with its slow tracer, and pytest-testmon chooses by changes that
# are kept in a repository; the monitoring of Python 3.12 costs next to nothing when each function reports once.

import json
import os
import signal
import sys
from collections import defaultdict
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType
from typing import Any, NamedTuple

import pytest

ROOT = Path(__file__).parents[2]
_SOURCES = f"{ROOT / 'sim'}{os.sep}"
_TOOL = 4  # a number that no debugger, profiler or measurement of coverage uses


class Touched(NamedTuple):
    """A test as `FILE::FUNCTION`, the seconds that it takes, and functions that it calls, as `FILE:NAME`."""

    test: str
    seconds: float
    functions: frozenset[str]


class TooLong(BaseException):
    """A test takes longer than the limit; no test takes it for an error that it expects."""


def _stop(*_: object) -> None:
    raise TooLong


class Notes:
    """Notes of one process."""

    def __init__(self, folder: Path) -> None:
        self._file = (folder / f"{os.getpid()}.jsonl").open("a", encoding="utf-8")
        self._limit, self._failed = float(os.environ.get("LIMIT", "0")), False
        signal.signal(signal.SIGALRM, _stop)
        self._now: set[str] = set()
        self._by_fixture: dict[str, set[str]] = defaultdict(set)
        watch = sys.monitoring
        self._restart, self._once = watch.restart_events, watch.DISABLE
        watch.use_tool_id(_TOOL, "touched")
        watch.register_callback(_TOOL, watch.events.PY_START, self._started)
        watch.set_events(_TOOL, watch.events.PY_START)

    def _started(self, code: CodeType, _: int) -> Any:
        if code.co_filename.startswith(_SOURCES):
            self._now.add(f"sim/{code.co_filename[len(_SOURCES) :]}:{code.co_name}")
        return self._once  # until the next restart

    @contextmanager
    def _apart(self) -> Iterator[set[str]]:
        """What is called inside, in a set of its own."""
        before, self._now = self._now, set()
        self._restart()
        try:
            yield self._now
        finally:
            self._now = before
            self._restart()

    @pytest.hookimpl(wrapper=True)
    def pytest_fixture_setup(self, fixturedef: pytest.FixtureDef[Any]) -> Iterator[None]:
        """Keeps what a fixture calls while it is made."""
        with self._apart() as called:
            result = yield
        self._by_fixture[fixturedef.argname] |= called
        self._now |= called
        return result

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_protocol(self, item: pytest.Item) -> Iterator[None]:
        """Writes the row of a test."""
        seconds = 0.0

        def add(report: pytest.TestReport) -> None:
            nonlocal seconds
            seconds += report.duration

        self._add = add
        signal.setitimer(signal.ITIMER_REAL, self._limit)  # 0: never
        with self._apart() as called:
            result = yield
        signal.setitimer(signal.ITIMER_REAL, 0)
        if self._failed:
            self._failed = False
            return result
        for name in getattr(item, "fixturenames", ()):
            called |= self._by_fixture.get(name, set())
        row = {"test": item.nodeid.split("[")[0], "seconds": round(seconds, 3), "functions": sorted(called)}
        self._file.write(json.dumps(row) + "\n")
        self._file.flush()
        return result

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Adds what setting up, running and tearing down took; notices what failed or was stopped."""
        self._add(report)
        self._failed = self._failed or report.failed

    def pytest_unconfigure(self) -> None:
        """Ends the notes."""
        sys.monitoring.set_events(_TOOL, 0)
        sys.monitoring.free_tool_id(_TOOL)
        self._file.close()


def pytest_configure(config: pytest.Config) -> None:
    """Begins to take notes in each process that runs tests."""
    runs_tests = hasattr(config, "workerinput") or not getattr(config.option, "numprocesses", None)
    if "TOUCHED" in os.environ and runs_tests:
        config.pluginmanager.register(Notes(Path(os.environ["TOUCHED"])))


def read(folder: Path) -> list[Touched]:
    """All tests of which notes were taken, the quickest first; parameters of one test are taken together."""
    seconds: dict[str, float] = defaultdict(float)
    functions: dict[str, set[str]] = defaultdict(set)
    for file in sorted(folder.glob("*.jsonl")):
        for line in file.read_text("utf-8").splitlines():
            row = json.loads(line)
            seconds[row["test"]] += row["seconds"]
            functions[row["test"]] |= set(row["functions"])
    found = [Touched(test, seconds[test], frozenset(functions[test])) for test in seconds]
    return sorted(found, key=lambda touched: (touched.seconds, touched.test))


def touching(path: str, function: str, known: Iterable[Touched]) -> list[str]:
    """Tests that call a function, or a lambda if it has no name, the quickest first."""
    asked = f"{path}:{function or '<lambda>'}"
    return [touched.test for touched in known if asked in touched.functions]
