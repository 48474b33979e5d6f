"""Tests of the page's statements about few pairs of worlds, all pairs, and pairs without change."""

import re
from dataclasses import replace
from functools import cache
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from sim.experiments.config import Experiment
from sim.experiments.run import Failure, FailureStage
from sim.experiments.statistics import Estimate
from sim.policy.places import places_named
from sim.policy.scenario import load
from sim.report.view import View
from sim.results.effects import PairedEffect, Verdict, is_clear
from sim.web import reading
from sim.web.pool import worlds_of
from sim.web.reading import COSTS, MOVED, SHOWN, STAGE_DAYS, PolicyAnswer, cards, said, status
from sim.web.sections import GAINS
from sim.web.site import _parts, templates
from sim.web.state import PageState
from tests.web.fakes import COLUMNS
from tests.web.standin import numbers

BASE, FAST = load("status_quo"), load("faster_mlat")


@cache
def experiment() -> Experiment:
    """An experiment on the default world, with one parameter set."""
    return worlds_of([])[False, True].experiment


def pairs(number: int, policies=(FAST,)) -> reading.Pairs:
    """Pairs of made-up worlds under today's law and some policies."""
    seeds = range(1, number + 1)
    return {seed: tuple(numbers(seed, scenario, COLUMNS) for scenario in (BASE, *policies)) for seed in seeds}


def view(number: int, policy=FAST, wanted: int = 20) -> View:
    """A report's view of the same pairs."""
    named = replace(BASE, title="Today's law"), replace(policy, key=MOVED, title="Policy")
    found = reading.view_of(experiment(), named, pairs(number, (policy,)), number >= wanted)
    assert found is not None
    return found


def answer(number: int, policy=FAST, wanted: int = 20) -> PolicyAnswer:
    """The page's present answer on a policy."""
    return reading.answers(view(number, policy, wanted), number >= wanted)[MOVED]


def drawn(macro: str, *arguments: Any) -> str:
    """Rendered part of the page."""
    piece: Any = templates().get_template("parts.html").module
    return str(getattr(piece, macro)(*arguments))


def attributes(drawing: str, element: str, names: str) -> list[tuple[str, ...]]:
    """Attributes of all elements with a name, in drawing order."""
    found = re.findall(rf"<{element} [^>]*>", drawing)
    return [tuple(re.search(rf' {name}="([^"]*)"', one)[1] for name in names.split()) for one in found]


def test_below_five_pairs_there_are_points_and_no_interval() -> None:
    for number in (1, 4):
        few = answer(number)
        assert all(card.detail.startswith("so far, too few pairs for an interval;") for card in cards(few, 10)[:2])
        for key in (*SHOWN, *COSTS, *(about.key for about in STAGE_DAYS.values())):
            found = few.effects[key]
            assert " to " not in said(found) and not is_clear(found), key
            assert found.low == found.high == found.difference and found.relative_low == found.relative_high
            assert found.relative * found.baseline_mean == pytest.approx(found.difference)
    assert "Intervals come with 5 pairs" in status(pairs(4), 20)
    assert "band" not in drawn("answered", reading.curves(view(4)), True, "")


def test_before_the_end_nothing_can_be_distinguished_from_chance() -> None:
    early, whole = answer(12), answer(20)
    assert all("so far; " in card.detail for card in cards(early, 10)[:2]), "rights are the same in every pair"
    assert "still running" in status(pairs(12), 20) and not any(map(is_clear, early.effects.values()))
    assert early.effects["turnaround_median"].low < early.effects["turnaround_median"].high < 0
    moved = {key for key, found in whole.effects.items() if is_clear(found)}
    groups, wait, price, _ = cards(whole, 10)
    assert not wait.burden and price.burden != price.quiet, "a shorter wait is no burden, a price is one"
    assert (
        {"turnaround_median", "REVIEW"} <= moved and re.search("shorter, by .*; today", wait.detail) and not wait.quiet
    )
    assert groups.quiet == ("takedowns_expected" not in moved)
    bold = [
        drawn("outcomes", [[one.effects["turnaround_median"]]], ["P"]).count("change clear") for one in (early, whole)
    ]
    assert bold == [0, 1]


def test_a_policy_that_moves_nothing_says_so_and_has_no_price() -> None:
    nothing = view(20, BASE)
    assert reading.headline(nothing, True).startswith("This policy moved no outcome in any of 20 replicates")
    shown = cards(answer(20, BASE), 10)
    assert {card.value for card in shown} == {"as today", "no price"} and all(card.quiet for card in shown)
    assert shown[2].value == "no price" and reading.headline(view(20), True) == ""


def test_days_are_those_of_an_answered_request_in_each_stage() -> None:
    found, seeds = answer(20).effects, range(1, 21)
    for stage, about in STAGE_DAYS.items():
        means = []
        for scenario in (BASE, FAST):
            arms = (numbers(seed, scenario, COLUMNS).measured.breakdowns["turnaround_by_stage"] for seed in seeds)
            means.append(np.mean([arm["days"][arm["stage"] == stage][0] for arm in arms]))
        assert (found[about.key].baseline_mean, found[about.key].scenario_mean) == pytest.approx(means)


def effect(value: float, low: float, high: float, today: float = 100.0) -> PairedEffect:
    """A change relative to today's level."""
    found, verdict = answer(20).effects["turnaround_median"], Verdict.DISTINGUISHABLE if low > 0 else Verdict.UNDEFINED
    means = {"baseline_mean": today, "scenario_mean": today / 2, "difference": value}
    return replace(found, relative=value, relative_low=low, relative_high=high, verdict=verdict, **means)


def test_intervals_and_bars_stand_where_their_numbers_are() -> None:
    none = effect(np.nan, np.nan, np.nan, np.nan)
    ends = {0.0: 0.02, 0.02: 0.02, 0.03: 0.05, 0.06: 0.1, -0.3: 0.5, 1.0: 1.0, 1.2: 1.2, 9.0: 9.0}
    assert {end: reading.widest([effect(0.0, end, 0.0), none]) for end in ends} == ends
    assert reading.widest([none]) == 0.02
    table = drawn("outcomes", [[effect(0.25, 0.1, 0.5), effect(-0.5, -0.5, 0.0)]], ["<P>", "A"])
    lines = [("50%", "50%", "0", "34"), ("59.2%", "96.0%", "11", "11"), ("4.0%", "50.0%", "23", "23")]
    assert attributes(table, "line", "x1 x2 y1 y2") == lines
    assert attributes(table, "circle", "class cx cy") == [("moved full", "73.0%", "11"), ("kept hollow", "4.0%", "23")]
    assert "&lt;P&gt;: " in table and "−50 %</text>" in table and "<circle" not in drawn("outcomes", [[none]], ["P"])
    bars = attributes(drawn("stages", [[effect(1.0, 1.0, 1.0)], [none]], ["P"], 200.0), "rect", "y width")
    assert bars == [("2", "50.0%"), ("11", "25.0%")], "nothing is drawn where no request was answered"


def test_each_policy_has_a_line_of_requests_answered_and_a_band() -> None:
    found = reading.curves(view(20))
    curve = drawn("answered", found, False, "Half <b>")
    assert curve.count("<polyline") == curve.count("<polygon") == 2 and "Half &lt;b&gt;" in curve
    points = [tuple(map(float, point.split(","))) for point in attributes(curve, "polyline", "points")[1][0].split()]
    assert points == [pytest.approx((one["month"], one["value"]), abs=1e-4) for one in found["Policy"]]
    assert points[-1][0] == 36.0 and 0.5 < points[-1][1] <= 1.0
    never = [dict.fromkeys(("value", "low", "high"), np.nan) | {"month": 1.0}]
    assert "nan" not in drawn("answered", {"Policy": never}, False, "")
    assert {("38", "214"), ("38", "14"), ("44.0", "226"), ("468.0", "226")} < set(attributes(curve, "text", "x y"))


def sides(found: View, *words: str, ends: bool = True) -> dict[str, str]:
    """Views of some states and groups of states, by title."""
    return dict(reading.sides(found, [place for word in words for place in places_named(word, "country")], ends))


def test_a_state_sees_its_own_side() -> None:
    shown = sides(view(20), "DEU")
    assert [*shown] == ["Germany (DEU)", "Where its own requests wait"]
    germany, waits = shown.values()
    assert (
        "- Under “Policy”, Germany (DEU) would pay " in germany
        and "| Own requests sent, all channels (requests) |" in germany
    )
    assert {line.split(" | ")[0] for line in waits.splitlines()[4:]} == {
        "| Afghanistan",
        "| Angola",
        "| Albania",
        "| Andorra",
    }
    for line in waits.splitlines()[4:]:
        before, after = map(float, line.strip(" |").split(" | ")[3:])
        assert after == pytest.approx(before / 2, rel=0.05), "the stand-in policy halves all waits"


def test_before_the_end_a_state_sees_changes_alone_and_none_in_bold() -> None:
    ((title, early),) = sides(view(12), "ASEAN", ends=False).items()
    assert title == "ASEAN (11 states)" and " to " in early and "**" not in early and "Under" not in early
    assert "**" in sides(view(20), "ASEAN")[title]


def test_who_gains_and_who_pays_stands_by_income_and_region() -> None:
    ((title, table),) = reading.gains(view(20))
    assert title == "What “Policy” changes"
    assert [line.split(" | ")[0] for line in table.splitlines()[2:4]] == ["| low income", "| lower middle income"]
    assert drawn("texts", [(title, table)], GAINS).count("<strong>") > 3
    assert "once all pairs are there" in drawn("texts", (), GAINS)


def test_who_gains_is_shown_at_the_end_and_from_five_pairs_on() -> None:
    site: Any = SimpleNamespace(world=experiment().world, years=10)
    for number, wanted, is_shown in ((12, 20, False), (4, 4, False), (6, 6, True)):
        parts = _parts(site, PageState(), [answer(number, wanted=wanted)], view(number, wanted=wanted))
        assert ("high income" in parts["gains"]) == is_shown, (number, wanted)


def test_a_price_is_written_with_its_range_and_is_a_burden_where_it_is_paid() -> None:
    known = answer(20).effects
    for (value, low, high), shown, detail, burden in (
        ((np.nan, 1.0, 2.0), "no price", "nothing that is counted", False),
        ((0.0, 0.0, 0.0), "no price", "nothing that is counted", False),
        ((5.0, 4.0, 6.0), "€5.0 million", "4.0 to 6.0", True),
        ((990.0, 990.0, 990.0), "€990 million", "in all worlds", True),
        ((1000.0, 900.0, 2000.0), "€1.0 billion", "0.9 to 2.0", True),
        ((-2000.0, -3000.0, -1000.0), "€−2.0 billion", "−3.0 to −1.0", False),
    ):
        card = cards(PolicyAnswer(known, Estimate(value, low, high, 9), 20), 1)[2]
        assert (card.value, card.detail, card.burden, card.title) == (shown, detail, burden, "Price over 1 year")


def test_the_state_of_a_study_counts_its_pairs_and_those_that_failed() -> None:
    failed = Failure.of(ValueError("x"), "page", 3, "", FailureStage.ARM)
    few, done, many = "3 of 20 pairs, still running. Intervals", "3 pairs of", "5 of 20"
    for number, wanted, there, absent in ((4, 20, few, "finished"), (4, 4, done, "still"), (6, 20, many, "Intervals")):
        found = pairs(number) | {3: (failed, failed)}
        assert there in status(found, wanted) and absent not in status(found, wanted)
        assert "1 pair could not be simulated." in status(found, wanted) and 3 not in reading.whole(found)
        assert "could not" not in status(pairs(number), wanted)
    assert reading.view_of(experiment(), (BASE, FAST), {3: (failed, failed)}, True) is None
    assert reading.headline(None, True).startswith("No pair could")
    assert reading.headline(None, False).startswith("The first pair is")


def test_five_pairs_are_enough_for_an_interval() -> None:
    price = Estimate(1.0, 0.5, 2.0, 9)
    assert [PolicyAnswer({}, price, pairs).few for pairs in (reading.FEWEST_PAIRS - 1, reading.FEWEST_PAIRS)] == [
        True,
        False,
    ]
