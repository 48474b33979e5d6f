"""Tests of tables (no negative indices) and of the event queue (order by time)."""

import heapq
import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any, NamedTuple

import numba
import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given
from hypothesis import strategies as st

from sim.engine.clock import Count, drop_first, empty_clock, first_event, post
from sim.engine.compiling import Record, kernel, rule
from sim.engine.tables import as_table, checked
from sim.world.world_pointer import attach

ROW = np.dtype([("key", "u8"), ("state", "i4")])


class Small(NamedTuple):
    """World of three small tables."""

    row: npt.NDArray[Any]
    grid: npt.NDArray[Any]
    line: npt.NDArray[Any]


def small() -> Small:
    """Makes a world of three filled tables."""
    row = np.zeros(4, ROW).view(np.recarray)
    row.key, row.state = np.arange(4), [3, 1, 0, 2]
    return Small(row, np.arange(12.0).reshape(3, 4), np.arange(5, dtype=np.int32))


@rule
def _walk(world: Record, place: int) -> float:
    """Reads and writes tables of one and two dimensions with indices of several types."""
    state = world.row[place].state
    world.line[state] += 10
    world.grid[state - 1, place] = 100.0
    world.row[state].key = np.uint64(7)
    return float(world.grid[place, state] + world.grid[place][state] + world.line[place])


@kernel
def walk(world: Small, place: int) -> float:
    """Calls `_walk` in compiled code."""
    return _walk(attach(world), place)  # type: ignore[arg-type, type-var, unused-ignore]


def test_rules_read_and_write_rows_by_number_also_of_an_array_of_its_own() -> None:
    """Compiled rules read and write rows by number, in a world's tables and in separate arrays.

    Row 1 says state 1: cell (1, 1) is 5, line 1 was raised from 1 to 11; cell (0, 1) and row 1 are written.
    """
    world = small()
    assert walk(world, 1) == 5.0 + 5.0 + 11.0 and world.line.tolist() == [0, 11, 2, 3, 4]
    assert world.grid[0].tolist() == [0.0, 100.0, 2.0, 3.0] and world.row.key.tolist() == [0, 7, 2, 3]
    assert [found(small().row, place) for place in range(4)] == [3, 1, 0, 2]


@kernel
def found(row: npt.NDArray[Any], place: int) -> int:
    """Reads a row of an array that is not a table of a world."""
    return int(as_table(row)[place].state)


@pytest.mark.parametrize("place", [-1, np.int32(-2)])
def test_without_compilation_there_is_no_row_from_the_end(place: Any) -> None:
    table, grid = checked(small().row), checked(small().grid)
    for wrong in (lambda: table[place], lambda: grid[0, place], lambda: grid[place]):
        with pytest.raises(IndexError, match=f"no row {place}"):
            wrong()
    with pytest.raises(IndexError, match=f"no row {place}"):
        grid[place, 0] = 1.0
    assert table[0].state == 3 and grid[2, 3] == 11.0


CHECKED_RUN = """
from tests.engine.test_tables import small, walk
found = []
for place in (2, -1, 4):  # row 2 says state 0, whose row in the grid would be -1
    try:
        walk(small(), place)
        found.append("no error")
    except IndexError:
        found.append("IndexError")
from datetime import date
from sim.law.order import legal_order
from sim.policy.timeline import Timeline
from sim.simulate import start
from sim.world.parameters import Parameters, WorldSpec
from tests.tiny import POLICY
for spec, policy in ((WorldSpec(), Timeline()), (WorldSpec(groups=60, end="2030-12-31"), POLICY)):
    run = start(spec, Parameters(), legal_order(), policy, 5)
    run.advance(run.end)
    found.append(run.day == run.end)
print(found)
"""


@pytest.mark.compilation
def test_no_rule_looks_at_a_row_that_does_not_exist(tmp_path: Path) -> None:
    """No rule uses an index out of bounds, as a run with Numba's bounds checks shows."""
    if numba.config.DISABLE_JIT:
        pytest.skip("nothing is compiled")
    found = subprocess.run(
        [sys.executable, "-c", CHECKED_RUN],
        capture_output=True,
        text=True,
        cwd=Path(__file__).parents[2],
        env=os.environ | {"NUMBA_BOUNDSCHECK": "1", "XDG_CACHE_HOME": str(tmp_path)},
        check=False,
    )
    assert found.stdout.strip() == "['IndexError', 'IndexError', 'IndexError', True, True]", found.stderr


class Clock(NamedTuple):
    """The arrays of a world that the event queue needs."""

    event: np.ndarray
    agenda: np.ndarray
    due: np.ndarray
    counters: np.ndarray
    now: np.ndarray


@kernel
def keep_time(clock, times, ties, posting, taken):
    """Adds or removes events as `posting` says; returns the number removed."""
    put, count = 0, 0
    for posts in posting:
        if posts:
            post(clock, times[put], ties[put], 0, put, 0)
            put += 1
        else:
            first = first_event(clock, math.inf)
            if first >= 0:
                taken[count] = clock.event[first].entity
                drop_first(clock)
                count += 1
    return count


#: Few distinct times and ties, so that many events are simultaneous.
EVENTS = st.lists(
    st.tuples(st.sampled_from([0.0, 0.5, 0.5000000001, 7.0, 1e6]), st.sampled_from([0, 1, 2**63, 2**64 - 1])),
    min_size=1,
    max_size=120,
)


def taken_out(events: list[tuple[float, int]], posting: list[bool], **room: int) -> tuple[list[int], Clock]:
    clock = Clock(**empty_clock(len(events), **{"days": 9, "kinds": 1} | room))
    taken = np.zeros(len(posting), np.int64)
    times = np.array([time for time, _ in events])
    ties = np.array([tie for _, tie in events], np.uint64)
    count = keep_time(clock, times, ties, np.array(posting), taken)
    return taken[:count].tolist(), clock


@given(EVENTS, st.randoms(use_true_random=False))
def test_the_earliest_comes_out_at_any_moment(events: list[tuple[float, int]], random: object) -> None:
    posting = [True] * len(events) + [False] * len(events)
    random.shuffle(posting)  # type: ignore[attr-defined]
    taken, clock = taken_out(events, posting)
    waiting: list[tuple[float, int]] = []
    expected, coming = [], iter(events)
    for posts in posting:
        if posts:
            heapq.heappush(waiting, next(coming))
        elif waiting:
            expected.append(heapq.heappop(waiting))
    assert [events[i] for i in taken] == expected and clock.counters[Count.WAITING] == len(waiting)
    assert clock.counters[Count.USED] <= len(events)


@given(EVENTS)
def test_an_agenda_may_begin_before_the_epoch(events: list[tuple[float, int]]) -> None:
    events = [(time - 20.5, tie) for time, tie in events]
    taken, clock = taken_out(events, [True] * len(events) + [False] * len(events), days=30, first=-21)
    assert [events[i] for i in taken] == sorted(events) and sorted(taken) == list(range(len(events)))
    assert clock.counters[Count.WAITING] == 0
    assert clock.counters[Count.PAGE] > 0  # pages were turned: nothing was put among the events of the first
