"""Tests of numbers and verdicts as text."""

from pathlib import Path

import pandas as pd

from sim.experiments.statistics import Estimate
from sim.measures.outcomes import OUTCOMES, outcome
from sim.report.draw import _as_markdown
from sim.report.explain.sentences import days, tally
from sim.results import words
from sim.results.effects import PairedEffect, Verdict
from sim.results.words import change, counted, interval, level, listing, number, relative, signed, verdict
from tests.tables import rows


def test_numbers_as_people_read_them() -> None:
    for asked, text in rows(Path(__file__).parent / "accounts/numbers.txt"):
        write, value, *unit = asked.split(maxsplit=2)
        assert {"number": number, "signed": signed}[write](float(value), *unit) == text, asked
    assert [counted(count, "replicate") for count in (1, 2, 1200)] == [
        "1 replicate",
        "2 replicates",
        "1 200 replicates",
    ]
    assert counted(2, "trajectory", "trajectories") == "2 trajectories"
    for parts, text in (([], ""), (["one"], "one"), (["one", "two"], "one and two")):
        assert listing(parts) == text and listing(["one", *parts, "last"], "or").endswith(" or last")


def entry(**values):
    """A clear positive difference of a share."""
    names = {"block": "main", "scenario": "policy", "baseline": "status_quo"}
    names |= {"outcome": "", "title": "", "unit": "share"}
    levels = {"pairs": 9, "baseline_mean": 0.3, "scenario_mean": 0.35, "difference": 0.05, "low": 0.04, "high": 0.06}
    relative = {"relative": 1 / 6, "relative_low": 0.1, "relative_high": 0.2, "verdict": Verdict.DISTINGUISHABLE}
    return PairedEffect(**names | levels | relative | values)


def test_differences_in_words():
    assert change(entry()) == "+5.00 points (+4.00 to +6.00)"
    assert change(entry(unit="months", difference=-1.0, low=-2.0, high=0.1)) == "−1.00 (−2.00 to +0.10)"
    assert relative(entry()) == "+16.7 %"
    assert change(entry(low=float("nan"))) == relative(entry(relative=float("nan"))) == "–"
    changes = ({}, {"difference": -0.05}, {"verdict": Verdict.NOT_DISTINGUISHABLE})
    assert [verdict(entry(**one)) for one in changes] == ["rises", "falls", "not distinguishable"]
    assert interval(Estimate(0.3, 0.2, 0.4, 9), "share") == "30.0 % (20.0 % to 40.0 %)"
    assert interval(Estimate(3, float("nan"), float("nan"), 1)) == "3.00"


def test_how_often_an_effect_has_its_sign_is_said_where_that_is_apart_from_chance():
    nan, apart = float("nan"), "not apart from chance"
    cases = ((nan, 0.9, 0.8, "–"), (0.1, nan, 0.8, apart), (0.1, 0.9, 0.4, apart), (0.1, 0.9, 0.8, "90"))
    for chance, holds, low, said in cases:
        shown = words.plausible_worlds(entry(chance=chance, holds=holds, holds_low=low, holds_high=0.95))
        assert shown.startswith(said), shown


def test_levels_have_no_impossible_intervals():
    for key, low, high, text in (
        ("executed_within_12_months", -0.522, 1.428, "45.3 % (0.0 % to 100.0 %)"),
        ("takedown_rate", -1.19, 6.48, "0.45 (0.00 to 6.48)"),
        ("trust_mean", -0.1, 1.2, "0.45 (0.00 to 1.00)"),
        ("ordinary_direct_per_assisted", 0.2, 1.3, "0.45 (0.20 to 1.30)"),
        ("trust_reciprocity", -0.2, 1.1, "0.45 (−0.20 to 1.00)"),
        ("takedown_rate", float("nan"), float("nan"), "0.45"),
    ):
        assert level(Estimate(0.453, low, high, 3), outcome(key)) == text


def test_no_outcome_was_ever_below_what_it_is_said_to_be_at_least():
    """No stored outcome is below the minimum that its definition declares."""
    found = pd.read_csv(Path(__file__).parents[2] / "results/reference/outcomes.csv")
    known = [entry for entry in OUTCOMES if entry.key in found]
    assert len(known) > 90 and [entry.key for entry in known if (found[entry.key] < entry.least).any()] == []


def test_lengths_and_tallies_in_words():
    lengths = {0.4: "less than a day", 0.6: "1 day", 1.6: "2 days", 730.0: "730 days", 731.0: "731 days (2.0 years)"}
    lengths[1100.0] = "1100 days (3.0 years)"
    assert {length: days(length) for length in lengths} == lengths
    assert tally(["a", "b", "b"]) == "b (2 times); a" and tally("abba", 1) == "a (2 times)"


def test_the_table_of_a_figure_is_written_in_words_with_numbers_at_the_right():
    table = pd.DataFrame({"a_b": ["x*", *["y"] * 560], "n": range(561), "v": [0.5] * 561})
    head, rule, first, *rest = _as_markdown(table).splitlines()
    assert [cell.strip() for cell in head.split("|")[1:-1]] == ["a b", "n", "v"]
    assert [cell.strip().endswith(":") for cell in rule.split("|")[1:-1]] == [False, True, True]
    assert first == r"| x\* | 0 | 0.50 |"
    more = 561 - (len(rest) - 1)
    assert rest[-1] == f"{more} further rows are in the CSV." and len(_as_markdown(table.head(3)).splitlines()) == 5
