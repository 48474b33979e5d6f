"""Tests of fields of records as separate arrays."""

from typing import Any

import numpy as np
import pytest

from sim.measures.columns import gather

KINDS = [("small", "i2"), ("whole", "i4"), ("day", "f8"), ("odd", "i2"), ("days", "f4", (12,)), ("shares", "f8", (3,))]


def records(rows: int) -> Any:
    """Records of random numbers, with missing days and integers of each width."""
    draw, made = np.random.default_rng(rows), np.zeros(rows, [*KINDS, ("few", "f4", (3,)), ("key", "u8")])
    for name in ("small", "whole", "odd"):
        made[name] = draw.integers(-128, 128, rows)
    for name in ("day", "days", "shares", "few"):
        made[name] = np.where(draw.random(made[name].shape) < 0.1, np.nan, draw.normal(size=made[name].shape))
    made["key"] = draw.integers(0, 2**64, rows, np.uint64)
    return made


@pytest.mark.parametrize("rows", [0, 1, 64, 1_000])
@pytest.mark.parametrize("whole", ["i1", "i2", "i4", "i8"])
def test_each_number_is_that_of_its_record(rows: int, whole: str) -> None:
    table = records(rows)
    wanted = {"whole": whole, "odd": whole} | dict.fromkeys(("shares", "day", "key"), "f8")
    wanted |= {"key": "u8", "days": "f4", "few": "f4", "small": "i1"}
    found = gather(table, wanted)
    assert list(found) == list(wanted)
    for name, kind in wanted.items():
        assert found[name].dtype == np.dtype(kind)
        assert found[name].flags.c_contiguous and found[name].ctypes.data % 4 == 0
        np.testing.assert_array_equal(found[name], table[name])


@pytest.mark.parametrize(("name", "kind"), [("day", "f4"), ("day", "i4"), ("few", "f8"), ("odd", "f8")])
def test_what_no_record_needs_is_refused(name: str, kind: str) -> None:
    with pytest.raises(TypeError, match=f"{name} cannot be copied as"):
        gather(records(3), {name: kind})
