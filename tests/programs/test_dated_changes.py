"""Tests of dated changes before today: records from counts, worlds without a change, and verdicts."""

import numpy as np
import pandas as pd
import pytest

from docs.programs import dated_changes
from docs.programs.dated_changes import Record, begun, changes, growth_over_others, record_of, requests, shut, verdict
from sim.data.load import states
from sim.law.order import legal_order


def test_growth_is_that_over_others_and_its_range_that_of_one_state() -> None:
    drawn = np.random.default_rng(1)
    names = [f"S{n}" for n in range(60)]
    first = pd.Series(200.0, index=["A", *names])
    last = pd.Series([800.0, *(200.0 * 2.0 * np.exp(0.4 * drawn.normal(size=60)))], index=["A", *names])
    value, low, high = growth_over_others(first, last, ["A"], set(names))
    assert value == pytest.approx(2.0, rel=0.15)
    assert np.log(high / low) / (2.0 * 1.645) == pytest.approx(0.42, rel=0.2)
    first["B"] = last["B"] = 800.0
    both = growth_over_others(first, last, ["A", "B"], set(names))
    assert both[2] / both[1] < high / low  # two states share what is a state's own


def test_records_are_those_of_the_provider_and_of_the_file() -> None:
    records = {one.change: record_of(one) for one in changes()}
    assert len(records) >= 3
    assert records["uk_usa"].value == 20_142.0
    for one in records.values():
        assert 0.0 < one.low < one.value < one.high


def test_a_world_without_the_change_lacks_it_alone() -> None:
    named = {one.change: one for one in changes()}
    four = legal_order().without("budapest", named["budapest_four"].states)
    day = pd.Timestamp("2021-01-01").date()
    whole, bare = ({*law.parties("budapest", day)} for law in (legal_order(), four))
    assert whole - bare == set(named["budapest_four"].states) and not bare - whole
    assert not legal_order().without("budapest").parties("budapest", day)
    hungary = named["google_hungary"]
    run = begun(hungary, 1, True)
    before = run.world.door_since.copy()
    shut(run, hungary.states)
    moved = np.argwhere((run.world.door_since != before) & ~np.isnan(before))
    assert len(moved) == 1 and states()[int(moved[0, 1])] == "HUN"
    assert requests(run, hungary, (2021,)) == 0.0


@pytest.mark.parametrize(
    ("value", "low", "high", "word"),
    [(1.0, 0.9, 1.1, "inside"), (2.5, 1.5, 4.0, "outside, ranges overlap"), (9.0, 8.0, 10.0, "missed")],
)
def test_a_verdict_says_if_the_record_is_in_the_interval_of_the_worlds(
    value: float, low: float, high: float, word: str
) -> None:
    assert verdict(Record(value, low, high, ""), np.linspace(0.5, 2.0, 100)) == word


def test_kinds_of_change_are_those_of_the_list() -> None:
    assert {one.kind for one in changes()} == set(dated_changes.COUNTED)
