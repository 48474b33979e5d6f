"""Tests that each worked example of CONTRIBUTING.md belongs to a tested change."""

from tests.changes.changes import CHANGES
from tests.changes.examples import examples


def test_each_kind_of_addition_has_its_example_which_is_used() -> None:
    assert all(examples().values()), "a section without a block"
    assert set(examples()) <= set(CHANGES)
    assert all(CHANGES[kind].use.strip() for kind in examples())
