"""Reading tables: a block at a time as all at once, groups as numpy finds them, and what is shared found once."""

import numpy as np
import pytest

from sim.measures import arrays
from sim.measures.arrays import CODE, among, gather, select, split
from sim.measures.observation import once
from tests.measures.worlds import random_arm


@pytest.fixture
def table() -> np.ndarray:
    """A thousand records with numbers, codes and a field of several columns."""
    draw = np.random.default_rng(3)
    made = np.zeros(1_000, [("key", "i8"), ("day", "f8"), ("code", "i8"), ("stages", "f8", (3,))])
    made["key"], made["day"] = np.arange(1_000), draw.random(1_000)
    made["code"], made["stages"] = draw.integers(-1, 9, 1_000), draw.random((1_000, 3))
    return made


@pytest.mark.parametrize("least", [-1.0, 0.3, 2.0], ids=["all", "some", "none"])
def test_records_read_in_blocks_are_those_wanted_in_order(table, least, monkeypatch):
    monkeypatch.setattr(arrays, "_BLOCK", 7 * table.itemsize)
    kept = {"key": np.int32, "code": CODE, "stages": np.float64}
    found = gather(table, kept, lambda block: np.asarray(block["day"] > least))
    for field, of_type in kept.items():
        assert found[field].dtype == of_type
        assert np.array_equal(found[field], table[field][table["day"] > least])
        assert found[field].flags.c_contiguous


def test_groups_are_all_places_of_each_code_in_order(table):
    groups = dict(split(table["code"].astype(CODE)))
    assert list(groups) == np.unique(table["code"]).tolist()
    assert all(np.array_equal(place, np.flatnonzero(table["code"] == code)) for code, place in groups.items())
    assert not list(split(table["code"][:0]))


def test_rows_are_selected_by_mask_and_by_place(table):
    columns = {"key": table["key"], "stages": table["stages"]}
    wanted = among(table["code"], (2, 5))
    assert set(table["code"][wanted]) == {2, 5}
    assert np.count_nonzero(wanted) == np.isin(table["code"], (2, 5)).sum()
    backwards = select(columns, np.flatnonzero(wanted)[::-1])
    for name, column in select(columns, wanted).items():
        assert np.array_equal(column, columns[name][wanted])
        assert np.array_equal(column[::-1], backwards[name])


def test_what_outcomes_share_is_found_once_for_each_arm():
    asked = []

    @once
    def states(observation):
        asked.append(observation)
        return observation.states

    first, second = random_arm(seed=1), random_arm(seed=2)
    assert [states(first), states(first), states(second)] == [first.states, first.states, second.states]
    assert len(asked) == 2 and asked[0] is first and asked[1] is second
