"""The priority queue of files, and tables that grow."""

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from sim.engine.room import doubled
from sim.world.records import JOB
from tests.engine.kernels import keep_queue

FILES = st.lists(
    st.tuples(st.sampled_from([-1e5, 0.0, 0.25, 3.0]), st.integers(0, 2**64 - 1)),
    min_size=1,
    max_size=120,
    unique_by=lambda file: file[1],
)


@given(FILES, st.randoms(use_true_random=False))
def test_the_first_file_is_served_at_any_moment(files: list[tuple[float, int]], random: object) -> None:
    job = np.zeros(len(files), JOB).view(np.recarray)
    job["priority"] = [priority for priority, _ in files]
    job["key"] = np.array([key for _, key in files], np.uint64)
    entering = [True] * len(files) + [False] * len(files)
    random.shuffle(entering)  # type: ignore[attr-defined]
    entering += [False] * len(files)
    served = np.zeros(len(entering), np.int64)
    count, root = keep_queue(job, np.array(entering), served)

    waiting: list[tuple[float, int]] = []
    expected, coming = [], iter(files)
    for enters in entering:
        if enters:
            waiting.append(next(coming))
        elif waiting:
            expected.append(min(waiting))
            waiting.remove(min(waiting))
    assert root == -1
    assert [files[row] for row in served[:count]] == expected
    assert sorted(served[:count]) == list(range(len(files)))


def test_a_table_of_twice_the_length_keeps_its_rows() -> None:
    table = np.zeros(3, JOB).view(np.recarray)
    table["priority"] = [1.0, 2.0, 3.0]
    larger = doubled(table)
    assert isinstance(larger, np.recarray)
    assert larger["priority"].tolist() == [1.0, 2.0, 3.0, 0.0, 0.0, 0.0]
    assert not np.shares_memory(table, larger)
