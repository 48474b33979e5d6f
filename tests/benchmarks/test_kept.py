"""A benchmark that is a quarter worse than stored is noticed, and one that is not passes."""

import pytest

from tests.benchmarks import kept
from tests.benchmarks.kept import Kept
from tests.benchmarks.measures import MEASURES


@pytest.mark.parametrize(
    ("ratio", "stored", "more", "worse"),
    [(1.2, 1.0, False, False), (1.3, 1.0, False, True), (85, 100, True, False), (75, 100, True, True)],
)
def test_a_quarter_is_the_limit(ratio, stored, more, worse):
    assert Kept("x", 9.0, ratio, "s", more).worse_than(Kept("x", 9.0, stored, "s", more)) == worse


def test_what_is_stored_comes_back_and_rows_that_were_not_measured_stay(tmp_path, monkeypatch):
    monkeypatch.setattr(kept, "FILE", tmp_path / "benchmarks.csv")
    rows = [Kept("arm", 0.5, 2.0, "s"), Kept("mesa", 70.0, 70.0, "times", True)]
    kept.store(rows)
    kept.store([rows[0]._replace(ratio=3.0)])
    assert list(kept.stored().values()) == [rows[0]._replace(ratio=3.0), rows[1]]


def test_every_row_has_a_measurement():
    assert {wanted.measure for wanted in kept.WANTED.values()} <= set(MEASURES)
