"""Events come out in the order of their time, simultaneous ones in that of their tie-breaker."""

import heapq

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.engine.clock import Count, empty_clock
from tests.engine.kernels import Clock, keep_time

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
    assert [events[i] for i in taken] == expected
    assert clock.counters[Count.WAITING] == len(waiting)
    assert clock.counters[Count.USED] <= len(events)


@given(EVENTS)
def test_an_agenda_may_begin_before_the_epoch(events: list[tuple[float, int]]) -> None:
    events = [(time - 20.5, tie) for time, tie in events]
    taken, clock = taken_out(events, [True] * len(events) + [False] * len(events), days=30, first=-21)
    assert [events[i] for i in taken] == sorted(events)
    assert sorted(taken) == list(range(len(events)))
    assert clock.counters[Count.WAITING] == 0
    assert clock.counters[Count.PAGE] > 0  # pages were turned: nothing was put among the events of the first
