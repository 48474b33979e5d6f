"""Tests of table columns as arrays, and of survival curves against scipy, statsmodels and hand counts."""

import numpy as np
import pytest
from scipy.stats import CensoredData, ecdf
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

from sim.measures.arrays import CODE, Kinds, among, correlation, select
from sim.measures.observation import once
from sim.measures.survival import at, incidence, quantile, risk_table, survival, watched
from sim.measures.turnaround import by_channel
from tests.measures.worlds import observation, random_arm


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
        assert np.array_equal(column, columns[name][wanted]) and np.array_equal(column[::-1], backwards[name])


def test_what_outcomes_share_is_found_once_for_each_arm():
    asked = []

    @once
    def states(observation):
        asked.append(observation)
        return observation.states

    first, second = random_arm(seed=1), random_arm(seed=2)
    assert [states(first), states(first), states(second)] == [first.states, first.states, second.states]
    assert len(asked) == 2 and asked[0] is first and asked[1] is second


def test_columns_have_the_type_of_their_kind_with_and_without_rows() -> None:
    """A column has the same type with and without rows, so that tables of runs can be joined."""
    for rows in (np.array([], np.int32), np.array([3, 4], np.int32)):
        assert Kinds.of({"code": rows}).sum(rows).dtype == np.float64
    for seen in (observation(), random_arm(seed=1)):
        assert [column.dtype for column in by_channel(seen).values()] == [np.int32] * 2 + [np.float64] * 6


def test_correlation_is_that_of_numpy():
    draw = np.random.default_rng(7)
    for share in (-1.0, -0.4, 0.0, 0.9):
        one = draw.normal(3.0, 2.0, 500)
        other = share * one + (1.0 - abs(share)) * draw.normal(0.0, 5.0, 500)
        assert correlation(one, other) == pytest.approx(np.corrcoef(one, other)[0, 1], abs=1e-12)


@pytest.fixture
def sample():
    draw = np.random.default_rng(5)
    event, censored = draw.exponential(10, 400).round(1) + 0.1, draw.exponential(15, 400).round(1) + 0.1
    return np.minimum(event, censored), (event <= censored).astype(int)


def test_agrees_with_statsmodels_and_scipy_also_when_entry_is_late(sample):
    time, seen = sample
    table, theirs = risk_table(time, seen), SurvfuncRight(time, seen)
    assert table.time == pytest.approx(theirs.surv_times)
    assert survival(table) == pytest.approx(theirs.surv_prob)
    assert table.at_risk == pytest.approx(theirs.n_risk)
    for share in (0.1, 0.5, 0.9):
        assert quantile(table, share) == pytest.approx(theirs.quantile(share))
    curve = ecdf(CensoredData(uncensored=time[seen == 1], right=time[seen == 0])).sf
    assert at(curve.quantiles, table.time, survival(table), 1.0) == pytest.approx(curve.probabilities)
    entry = np.random.default_rng(6).uniform(0, 0.9, time.size) * time
    late, theirs = risk_table(time, seen, entry), SurvfuncRight(time, seen, entry=entry)
    assert survival(late) == pytest.approx(np.asarray(theirs.surv_prob)[np.isin(theirs.surv_times, late.time)])


def test_competing_causes_by_hand_and_as_statsmodels_has_them(sample):
    """Cumulative incidence of competing causes equals hand counts and statsmodels.

    Four subjects: cause 1 at 1, cause 2 at 2, censored at 3, cause 1 at 4.
    """
    table = risk_table(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1, 2, 0, 1]), causes=2)
    first, second = incidence(table)
    assert first == pytest.approx([0.25, 0.25, 0.75]) and second == pytest.approx([0.0, 0.25, 0.25])
    assert survival(table) + first + second == pytest.approx(1.0)
    time, seen = sample
    cause = seen * (1 + np.arange(time.size) % 3 // 2)
    table, theirs = risk_table(time, cause, causes=2), CumIncidenceRight(time, cause)
    for mine, other in zip(incidence(table), theirs.cinc, strict=True):
        assert at(theirs.times, table.time, mine, 0.0) == pytest.approx(other)


def test_who_is_at_risk_on_a_day_and_what_is_undefined_or_refused():
    table = risk_table(np.array([1.0, 2.0, 5.0]), np.array([1, 1, 1]), np.array([0.0, 0.0, 1.5]))
    assert table.at_risk == pytest.approx([2, 2, 1])
    seen = watched(np.array([0.5, 1.7, 3.0]), np.array([1.0, 2.0, 5.0]), np.array([0.0, 0.0, 1.5]))
    assert seen == pytest.approx([2, 2, 1])
    # Of six, in any order: lost at 2, two events at 2, lost at 3 twice, an event at 4.
    left, cause = np.array([2.0, 2.0, 2.0, 3.0, 3.0, 4.0]), np.array([0, 1, 1, 0, 0, 1])
    for places in (np.arange(6), np.array([5, 3, 1, 0, 4, 2])):
        table = risk_table(left[places], cause[places])
        assert table.time == pytest.approx([2.0, 4.0]) and table.at_risk == pytest.approx([6, 1])
        assert table.events == pytest.approx(np.array([[2, 1]]))
    assert risk_table(left, np.zeros(6, int)).time.size == 0
    table = risk_table(np.full(3, 7.0), np.array([1, 0, 1]))  # at one time, one row
    assert (table.time.tolist(), table.at_risk.tolist(), table.events.tolist()) == ([7.0], [3], [[2]])
    table = risk_table(np.array([1.0, 2.0, 3.0]), np.array([1, 0, 0]))
    assert quantile(table, 1 / 3) == 1.0 and np.isnan(quantile(table, 0.5))
    table = risk_table(np.array([]), np.array([], dtype=int), causes=2)
    assert np.isnan(quantile(table, 0.5)) and incidence(table).shape == (2, 0)
    assert at(np.array([1.0]), table.time, survival(table), 1.0) == pytest.approx([1.0])
    with pytest.raises(ValueError, match="censor"):
        risk_table(np.array([1.0, np.nan]), np.array([1, 0]))
