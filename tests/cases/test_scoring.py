"""Tests of percentiles, intervals and histograms of recorded cases, computed by hand."""

from dataclasses import replace
from datetime import date

import numpy as np
import pandas as pd
import pytest

from docs.programs.cases import all_page, holds, pit_histogram
from sim.cases import command
from sim.cases.command import Expectation, acted_share, by_seed, central, expectation, share_interval
from sim.cases.run import Law
from sim.report.page.parts import markdown_of
from tests.cases.test_reading import CASE
from tests.report.reading import check_first_screen

DRAWS = np.array([1.0, 2.0, 2.0, 3.0, 10.0])


def among(draws: np.ndarray, recorded: float) -> Expectation:
    """Makes a comparison of a recorded value with simulated values."""
    return Expectation(draws, recorded)


def test_percentiles_and_intervals_by_hand() -> None:
    assert among(DRAWS, 2.0).step == (0.2, 0.6) and among(DRAWS, 2.0).percentile == pytest.approx(40.0)
    assert among(DRAWS, 5.0).percentile == pytest.approx(80.0) and among(DRAWS, 0.0).percentile == 0.0
    draws = np.arange(1.0, 101.0)
    assert central(draws, 0.8) == (10.0, 90.0) and holds(among(draws, 10.0), 0.8)
    assert not holds(among(draws, 9.0), 0.8) and holds(among(draws, 9.0), 0.95)
    assert holds(among(draws, 9.0), 0.8, own=2.0), "the model's own error makes an interval wider"
    assert share_interval(0, 10) == (0.0, pytest.approx(0.3085, abs=1e-4))
    assert share_interval(10, 10) == (pytest.approx(0.6915, abs=1e-4), 1.0)
    low, high = share_interval(8, 10)
    assert (low, high) == (pytest.approx(0.4439, abs=1e-4), pytest.approx(0.9748, abs=1e-4))


def test_the_histogram_spreads_a_count_over_its_step_and_is_flat_where_the_model_is_right() -> None:
    assert pit_histogram([(0.2, 0.6)], 5).tolist() == pytest.approx([0.0, 0.5, 0.5, 0.0, 0.0])
    assert pit_histogram([(0.0, 0.0)], 5).tolist() == [1.0, 0.0, 0.0, 0.0, 0.0]
    assert pit_histogram([(1.0, 1.0)], 5).tolist() == [0.0, 0.0, 0.0, 0.0, 1.0]
    both = pit_histogram([(0.0, 0.2), (0.5, 1.0)], 2)
    assert both.tolist() == pytest.approx([0.5, 0.5])
    # Every value of a count once for each of its draws: exact, no error rate.
    counts = np.repeat([0.0, 1.0, 2.0, 7.0], [4, 3, 2, 1])
    shares = pit_histogram([among(counts, value).step for value in counts], 5)
    assert shares.tolist() == pytest.approx([0.2] * 5)


def frame(number: int = 50) -> pd.DataFrame:
    """Table of made-up results of a case under every kind of law."""
    names, results = ("months", "states", "arrests", "client_arrests", "returned"), []
    for law in Law:
        for seed in range(1, number + 1):
            acted = seed % 2 == 0 or law is Law.TODAY
            values = (float(seed), 2.0, 1.0, 3.0, 0.0) if acted else (np.nan,) * 5
            about = {"case": CASE.key, "seed": seed, "law": str(law), "applies": True, "acted": acted}
            results.append(about | dict(zip(names, values, strict=True)))
    return command.frame_of(results)


def test_expectations_hold_what_was_taken_down() -> None:
    found = frame()
    entry = expectation(found, CASE, "months")
    assert entry.draws.tolist() == list(range(2, 51, 2)) and entry.recorded == pytest.approx(12.0, abs=0.01)
    assert expectation(found, CASE, "all_arrests").draws.tolist() == [4.0] * 25
    assert acted_share(found, CASE) == 0.5 and acted_share(found, CASE, Law.TODAY) == 1.0
    assert by_seed(found, CASE, Law.AS_IT_WAS)[:4].tolist() == [0.0, 1.0, 0.0, 1.0] and entry.has()
    assert not entry.has(0.95)  # 25 draws are too few
    assert not expectation(found[found["seed"] < 38], CASE, "months").has()


def test_what_is_known_and_held_at_the_limits() -> None:
    for size, eighty, most in ((19, False, False), (20, True, False), (39, True, False), (40, True, True)):
        entry = among(np.arange(float(size)), 5.0)
        assert (entry.has(), entry.has(0.95)) == (eighty, most)
        silent = entry._replace(recorded=np.nan)
        assert not (silent.has() or holds(silent, 0.80))
    draws = np.arange(1.0, 101.0)
    assert [holds(among(draws, value), 0.8) for value in (9.9, 10.0, 90.0, 90.1)] == [False, True, True, False]
    wide = [holds(among(np.full(40, 8.0), 8.0 * np.exp(z)), 0.8, own=1.0) for z in (-1.42, -1.15, 1.15, 1.42)]
    assert wide == [False, True, True, False], "1.28 standard deviations, in 25 steps that stand for the error"
    assert (share_interval(0, 0), share_interval(3, 3, 0.5)[1]) == ((0.0, 1.0), 1.0)
    assert share_interval(1, 2, 0.5) == pytest.approx((1 - 0.75**0.5, 0.75**0.5))
    assert not pit_histogram([], 4).any() and pit_histogram([(0.49, 0.49)], 4).tolist() == [0, 1, 0, 0]


def test_results_without_an_opening_or_where_the_condition_was_not_met_are_left_out() -> None:
    found, unopened = frame(), replace(CASE, opened=None, arrests=None)
    assert (
        not expectation(found, unopened, "months").draws.size
        and expectation(found, unopened, "states").draws.size == 25
    )
    assert (
        np.isnan(expectation(found, unopened, "all_arrests").recorded)
        and expectation(found, CASE, "states").recorded == 3.0
    )
    few = found.assign(applies=found["seed"] % 4 == 0)
    assert by_seed(few, CASE, Law.AS_IT_WAS)[2:8].tolist() == pytest.approx(
        [np.nan, 1, np.nan, np.nan, np.nan, 1], nan_ok=True
    )
    assert acted_share(few, CASE) == 1.0 and np.isnan(acted_share(found.assign(applies=False), CASE))
    assert np.isnan(acted_share(found, replace(CASE, key="x")))
    back = [
        (kind, months, replace(CASE, resurgence=kind, return_months=months).returned)
        for kind, months in (("unknown", 3.0), ("none", 3.0), ("full", None), ("full", 24.0), ("partial", 24.1))
    ]
    assert [said for *_, said in back] == [None, False, None, True, False]
    days = {"active_since": date(2021, 5, 5), "opened": date(2022, 1, 1)}
    assert (
        replace(CASE, **days).planted == date(2021, 5, 5)
        and replace(CASE, active_since=None, opened=None).planted is None
    )


def test_pages_say_what_was_found_and_what_chance_hides() -> None:
    page = command.case_page(frame(), CASE, "comity case c")
    text, answer = markdown_of(page), page.answer
    assert "25 were taken down within five years of the recorded action (50 %)" in text
    check_first_screen(answer)
    assert "takes 50 % (36 to 64 %) of such groups" in answer[1], "with its interval over worlds"
    assert "12 on record, 26 in the model" in answer[1]
    assert "today's law changes that share most: +50.0 points" in answer[2]
    assert "| today's law | 100 % | +50 (" in text
    for worlds, few in ((40, False), (39, True), (38, True)):  # every other one is taken down
        said = command.case_page(frame(worlds), CASE, "").answer[1]
        assert (f", from only {worlds // 2} groups" in said) == few, said
    assert "percentile 20" not in text.split("## What happened")[1].splitlines()[0]
    fewer = frame().assign(applies=lambda rows: rows["seed"] > 10)
    assert "In 50 worlds, 40 groups were there when the case opened; " in markdown_of(
        command.case_page(fewer, CASE, "")
    )
    none = markdown_of(command.case_page(frame(20).assign(acted=False, returned=np.nan), CASE, ""))
    assert "in the model none was taken down early enough to be seen again." in none and "nan" not in none
    ends = [
        line.split(" | ")[3:5]
        for line in markdown_of(command.case_page(frame(40), CASE, "")).splitlines()
        if "persons arrested |" in line
    ]
    assert ends == [["4–4", "–"]], "twenty draws are enough for one interval"
    every = all_page(frame(100), [CASE], 0.0, ())
    whole = markdown_of(every)
    check_first_screen(every.answer)
    assert "1 of 1 for months from opening to action (3 to 100 %)" in every.answer[1]
    assert "| months from opening to action | 1 | 1 of 1: 100 % (3–100 %) | 1 of 1: 100 %" in whole
    found = frame(8)
    other = (found["law"] == str(Law.TODAY)) & (found["seed"] > 1)
    found.loc[other, "acted"] = found.loc[other, "seed"] % 2 == 0
    answer = command.case_sentences(found, CASE)
    check_first_screen(answer)
    assert "No other law changes that share by more than chance (largest: today's law, +12.5 points (" in answer[2]
    assert "A single world says nothing about chance" in command.case_sentences(found[found["seed"] == 2], CASE)[2]
    nobody = command.case_sentences(found[found["seed"] == 3].assign(acted=False), CASE)
    check_first_screen(nobody)
    assert "on record" not in nobody[1], "nothing to compare with"
