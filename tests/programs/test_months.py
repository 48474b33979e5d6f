"""Tests of faster assistance's effect by share of months: shares, correlations, and sentences."""

import numpy as np
import pandas as pd
import pytest

from docs.programs import months
from docs.programs.months import EFFECT, PLACES, SAVED, SETS, correlation, correlations, row_of, sentence


def made_up(courts: np.ndarray, effect: np.ndarray) -> pd.DataFrame:
    """Parameter sets with given shares of months at courts and given effects."""
    others = dict.fromkeys(
        (place for place in PLACES if place != "courts"), np.abs(np.linspace(-0.2, 0.2, len(courts)))
    )
    return pd.DataFrame({"kind": SETS, "courts": courts, **others, EFFECT: effect, SAVED: effect})


def test_shares_are_of_all_months_and_the_effect_is_relative() -> None:
    days = {f"days, {stage}": 10.0 for stages in PLACES.values() for stage in stages} | {"days, drafting": 50.0}
    was, came = {months.LASTING: 50.0, months.WAIT: 9.0}, {months.LASTING: 75.0, months.WAIT: 4.0}
    row = row_of(SETS, 1, days, came, was)
    assert row["courts"] == pytest.approx(0.1) and row["central authorities"] == pytest.approx(0.2)
    assert row[EFFECT] == pytest.approx(50.0) and row[SAVED] == pytest.approx(5.0)


def test_a_rank_correlation_has_an_interval_that_narrows_with_their_number() -> None:
    noise, reach = np.random.default_rng(2), {}
    for number in (20, 200):
        share = np.linspace(0.1, 0.5, number)
        found, low, high = correlation(share, share + 0.1 * noise.normal(size=number))
        assert low < found < high
        reach[number] = high - low
    assert reach[200] < 0.6 * reach[20]


@pytest.mark.parametrize(("sign", "word"), [(1.0, "more"), (-1.0, "less")])
def test_the_sentence_says_where_it_brings_more_or_less_and_what_is_unclear(sign: float, word: str) -> None:
    courts = np.linspace(0.1, 0.5, 60)
    effect = sign * 100.0 * courts + np.tile([-3.0, 3.0], 30)
    words = sentence(correlations(made_up(courts, effect)))
    assert f"in 60 calibrated sets: it brings {word} where more of the months lie at courts" in words
    assert "No relation is clear for months at central authorities" in words


def test_the_page_has_the_rows_of_its_table() -> None:
    rows = pd.read_csv(months.STORED)
    assert (rows["kind"] == SETS).sum() > 50
    page = (months.DOCS / "elasticity.md").read_text("utf-8")
    assert sentence(correlations(rows)) in page and months.shown(correlations(rows)) in page
