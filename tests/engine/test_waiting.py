"""The priority queue of files, and tables that grow."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.engine.room import copied, doubled, empty
from sim.engine.waiting import NOBODY, empty_waiting, places_used
from sim.world.records import JOB
from tests.engine.kernels import keep_queue

QUEUE = np.dtype([("queue_first", "i4"), ("queue_last", "i4"), ("queue_root", "i4")])
FILES = st.lists(
    st.tuples(st.sampled_from([-1e5, 0.0, 0.25, 3.0]), st.integers(0, 2**64 - 1)),
    min_size=1,
    max_size=120,
    unique_by=lambda file: file[1],
)


@given(FILES, st.randoms(use_true_random=False))
def test_the_first_file_is_served_at_any_moment(files: list[tuple[float, int]], random: object) -> None:
    places = empty_waiting(len(files))["waiting"]
    priorities, keys = np.array([file[0] for file in files]), np.array([file[1] for file in files], np.uint64)
    entering = [True] * len(files) + [False] * len(files)
    random.shuffle(entering)  # type: ignore[attr-defined]
    entering += [False] * len(files)
    served = np.zeros(len(entering), np.int64)
    queue = np.zeros(1, QUEUE).view(np.recarray)
    count = keep_queue(places, queue, priorities, keys, np.array(entering), served)

    waiting: list[tuple[float, int]] = []
    expected, most, coming = [], 0, iter(files)
    for enters in entering:
        if enters:
            waiting.append(next(coming))
            most = max(most, len(waiting))
        elif waiting:
            expected.append(min(waiting))
            waiting.remove(min(waiting))
    assert all(queue[0][end] == NOBODY for end in QUEUE.names)
    assert places_used(places) == most
    assert [files[row] for row in served[:count]] == expected
    assert sorted(served[:count]) == list(range(len(files)))


def test_a_table_of_twice_the_length_keeps_its_rows() -> None:
    table = empty(3, JOB)
    table["arrived"] = [1.0, 2.0, 3.0]
    larger = doubled(table)
    assert isinstance(larger, np.recarray)
    assert larger["arrived"].tolist() == [1.0, 2.0, 3.0, 0.0, 0.0, 0.0]
    assert not np.shares_memory(table, larger)


def test_rows_of_a_line_lie_in_one() -> None:
    table = empty(300, JOB)
    table["arrived"] = 5.0
    for other in (table, doubled(table), copied(table)):
        assert other.itemsize == 64
        assert other.ctypes.data % 64 == 0
        assert (other["arrived"][:300] == 5.0).all()
