"""Tests that a light study's pooled tables contain the columns that readers need, or name missing ones."""

import json
from pathlib import Path

import pytest

from sim.experiments.light import POOLED, pooled
from sim.policy.problem import InputError
from tests.test_architecture import ROOT

STORED = json.loads((ROOT / "results" / "reference" / POOLED).read_text("utf-8"))
#: A table of each kind, with the columns that pages and figures do without.
SPARE = {
    "ages": (),
    "asked": (),
    "cases": ("reached", "cases"),  # older studies have none
    "curve": ("pairs",),
    "fates": (),
    "groups": ("unit",),
    "payers": (),
    "price": ("pairs",),
    "stages": (),
    "states": ("unit",),
}


def test_each_kind_of_table_is_known() -> None:
    assert {name.split()[0] for name in STORED} == {*SPARE}


@pytest.mark.parametrize("kind", SPARE)
def test_a_table_without_a_column_is_one_message(tmp_path: Path, kind: str) -> None:
    name = next(name for name in STORED if name.split()[0] == kind)
    for column in STORED[name]:
        rest = {other: values for other, values in STORED[name].items() if other != column}
        (tmp_path / POOLED).write_text(json.dumps({name: rest}), encoding="utf-8")
        if column in SPARE[kind]:
            assert [*pooled(tmp_path)[name]] == [*rest]
        else:
            with pytest.raises(InputError, match=f"{POOLED}: damaged .*{name}.* has no column {column}"):
                pooled(tmp_path)
