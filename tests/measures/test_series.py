"""Tests of outcomes by year and month, which add up to the outcomes of the whole period."""

from datetime import date

import numpy as np
import pytest

from sim.law.days import to_day
from sim.measures.history import Window
from sim.measures.outcomes import outcome
from sim.measures.series import SERIES, Whole, series
from sim.world.records import SpellCause
from tests.measures.worlds import observation, spell

START, END = to_day(date(2027, 3, 15)), to_day(date(2030, 12, 31))
WINDOW = Window(START, END, END + 200.0)


def of(found, key: str) -> dict[str, tuple[float, bool]]:
    """Value of an outcome by period, with True if the period is complete."""
    rows = found["outcome"] == key
    times = (str(time)[:7] for time in found["time"][rows])
    return dict(zip(times, zip(found["value"][rows], found["complete"][rows], strict=True), strict=True))


def hits(*days: float):
    """A world in which one group is brought down on the given days, for a hundred days each."""
    from tests.measures.worlds import START as FIRST  # from which activity periods count their days

    periods = [spell(START - 50 - FIRST, 1.0, SpellCause.ENTRY)]
    for day in days:
        periods += [spell(day - FIRST, 0.0, SpellCause.TAKEDOWN), spell(day + 100 - FIRST, 1.0, SpellCause.RETURN)]
    group = {"entered": START - 50, "scale": 1.0, "kind": 1, "lineage_until": END + 900}
    return observation(WINDOW, spell=periods, group=[group])


def test_an_action_on_the_first_day_of_a_year_counts_once_and_in_that_year() -> None:
    days = [to_day(date(*day)) for day in ((2027, 12, 31), (2028, 6, 1), (2029, 1, 1), (2030, 12, 31))]
    seen = hits(*days)
    found = of(series(seen, "year"), "groups_brought_down")
    assert {year[:4]: value for year, (value, _) in found.items()} == {"2027": 1, "2028": 1, "2029": 1, "2030": 1}
    months = of(series(seen, "month"), "groups_brought_down")
    assert [month for month, (value, _) in months.items() if value] == ["2027-12", "2028-06", "2029-01", "2030-12"]


@pytest.mark.parametrize("by", ["year", "month"])
def test_sums_over_periods_are_the_outcome_also_where_losses_are_discounted(by: str) -> None:
    seen = hits(START + 20.5, START + 300, START + 660, END - 40)
    found = series(seen, by)
    for key, how in SERIES.items():
        if how.whole is Whole.SUM:
            value = sum(value for value, _ in of(found, key).values())
            assert value == pytest.approx(outcome(key).measure(seen), rel=1e-9), key
            assert value > 0 or key == "takedowns_expected", key


def test_a_period_that_is_not_whole_or_ends_too_early_says_so() -> None:
    found = series(hits(), "year")
    assert [complete for _, complete in of(found, "harm").values()] == [False, True, True, True]
    assert [complete for _, complete in of(found, "takedowns_expected").values()] == [False, True, True, True]
    assert [complete for _, complete in of(found, "mla_executed_within_12_months").values()] == [
        False,
        True,
        True,
        False,
    ]
    early = Window(START, END, END + 100.0)
    late = series(observation(early), "year")
    assert [complete for _, complete in of(late, "groups_brought_down").values()] == [False, True, True, False]
    assert of(series(hits(), "month"), "harm")["2027-03"][1] is np.False_
