"""Kaplan–Meier against scipy and statsmodels, Aalen–Johansen and late entry against hand-computed cases."""

import numpy as np
import pytest
from scipy.stats import CensoredData, ecdf
from statsmodels.duration.survfunc import CumIncidenceRight, SurvfuncRight

from sim.measures.survival import at, incidence, quantile, risk_table, survival, watched


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
    """Four subjects: cause 1 at 1, cause 2 at 2, censored at 3, cause 1 at 4."""
    table = risk_table(np.array([1.0, 2.0, 3.0, 4.0]), np.array([1, 2, 0, 1]), causes=2)
    first, second = incidence(table)
    assert first == pytest.approx([0.25, 0.25, 0.75])
    assert second == pytest.approx([0.0, 0.25, 0.25])
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
        assert table.time == pytest.approx([2.0, 4.0])
        assert table.at_risk == pytest.approx([6, 1])
        assert table.events == pytest.approx(np.array([[2, 1]]))
    assert risk_table(left, np.zeros(6, int)).time.size == 0
    table = risk_table(np.full(3, 7.0), np.array([1, 0, 1]))  # at one time, one row
    assert (table.time.tolist(), table.at_risk.tolist(), table.events.tolist()) == ([7.0], [3], [[2]])
    table = risk_table(np.array([1.0, 2.0, 3.0]), np.array([1, 0, 0]))
    assert quantile(table, 1 / 3) == 1.0
    assert np.isnan(quantile(table, 0.5))
    table = risk_table(np.array([]), np.array([], dtype=int), causes=2)
    assert np.isnan(quantile(table, 0.5))
    assert incidence(table).shape == (2, 0)
    assert at(np.array([1.0]), table.time, survival(table), 1.0) == pytest.approx([1.0])
    with pytest.raises(ValueError, match="censor"):
        risk_table(np.array([1.0, np.nan]), np.array([1, 0]))
