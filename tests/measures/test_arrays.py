"""Reading tables: fields as they are, groups as numpy finds them, and what is shared found once."""

import numpy as np
import pytest

from sim.measures.arrays import CODE, Kinds, among, as_columns, correlation, select
from sim.measures.observation import gather, once
from tests.measures.worlds import random_arm


@pytest.fixture
def table() -> np.ndarray:
    """A thousand records with numbers, codes and a field of several columns."""
    draw = np.random.default_rng(3)
    made = np.zeros(1_000, [("key", "i8"), ("day", "f8"), ("code", "i8"), ("stages", "f8", (3,))])
    made["key"], made["day"] = np.arange(1_000), draw.random(1_000)
    made["code"], made["stages"] = draw.integers(-1, 9, 1_000), draw.random((1_000, 3))
    return made


def test_kinds_are_those_that_numpy_finds(table):
    codes = {"one": table["key"] % 3, "other": (table["code"] + 1).astype(CODE), "third": table["day"] > 0.5}
    kinds = Kinds.of(codes)
    rows = np.stack([codes[name].astype(np.int64) for name in codes], axis=1)
    found, place, number = np.unique(rows, axis=0, return_inverse=True, return_counts=True)
    assert np.array_equal(np.stack(list(kinds.codes.values()), axis=1), found)
    assert list(kinds.codes) == list(codes) and {column.dtype for column in kinds.codes.values()} == {np.dtype("i4")}
    assert np.array_equal(kinds.number, number)
    assert np.array_equal(kinds.sum(table["day"]), np.bincount(place.ravel(), table["day"]))
    nothing = Kinds.of({name: column[:0] for name, column in codes.items()})
    assert nothing.number.size == nothing.sum(table["day"][:0]).size == nothing.codes["one"].size == 0


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


def test_columns_have_the_type_of_their_kind_with_and_without_rows(table) -> None:
    """Tables of different runs are joined: a column must have the same type in all."""
    for rows in (np.array([], np.int32), np.array([3, 4], np.int32)):
        assert Kinds.of({"code": rows}).sum(rows).dtype == np.float64
    made = as_columns([(1, 2, 0.5), (3, 4, 2.5)], ("one", "other", "amount"), codes=2)
    assert [column.dtype for column in made.values()] == [np.int32, np.int32, np.float64]
    assert made["amount"].tolist() == [0.5, 2.5]
    kept = {"key": np.int32, "code": CODE, "stages": np.float64}
    found = gather(table, kept)
    for field, of_type in kept.items():
        assert found[field].dtype == np.dtype(of_type).base and found[field].flags.c_contiguous
        assert np.array_equal(found[field], table[field])


def test_correlation_is_that_of_numpy():
    draw = np.random.default_rng(7)
    for share in (-1.0, -0.4, 0.0, 0.9):
        one = draw.normal(3.0, 2.0, 500)
        other = share * one + (1.0 - abs(share)) * draw.normal(0.0, 5.0, 500)
        assert correlation(one, other) == pytest.approx(np.corrcoef(one, other)[0, 1], abs=1e-12)
