"""What the page says of few pairs, of all pairs, and of pairs in which nothing moves."""

import re

import numpy as np
import pytest

from sim.experiments.run import Failure, FailureStage
from sim.experiments.statistics import Estimate
from sim.measures.outcomes import outcome
from sim.policy.scenario import load
from sim.web import picture, reading
from sim.web.places_view import PlaceView, gain_rows, place_views, places_in_view
from sim.web.reading import SHOWN, PageChange, PageRow, PairsSoFar, StoredAnswer, cards, curves, rows, status
from sim.world.parameters import WorldSpec
from tests.web.fakes import COLUMNS
from tests.web.standin import numbers

BASE, FAST = load("status_quo"), load("faster_mlat")


def pairs(number: int, wanted: int = 20, policies=(FAST,)) -> PairsSoFar:
    """Pairs of today's law and some policies."""
    found = {
        seed: tuple(numbers(seed, scenario, COLUMNS) for scenario in (BASE, *policies)) for seed in range(1, number + 1)
    }
    return PairsSoFar(found, wanted, None)


def test_below_five_pairs_there_are_points_and_no_interval() -> None:
    few = pairs(4)
    assert {card.detail for card in cards(few, 10)[:2]} == {"so far, too few pairs for an interval"}
    assert "Intervals come with 5 pairs" in status(few)
    for row in (*rows(few, SHOWN), *rows(few, reading.COSTS)):
        (change,) = row.changes
        assert " to " not in change.words, row
        assert np.isnan(change.share.low) or change.words == "the same"
        assert np.isfinite(change.share.value) or change.words == "the same", row
    assert all(" to " not in row.changes[0].words for row in reading.stage_rows(few))
    assert all(np.isnan(curve.low).all() for curve in curves(few))
    assert "band" not in picture.answers(curves(few), {"status_quo": "a", "policy": "b"})
    (state,) = views(few, "DEU")
    assert {change.words for row in state.rows for change in row.changes} == {"no interval yet"}
    assert gain_rows(few, WorldSpec()) == {}


def test_each_policy_has_a_line_of_requests_answered_and_a_band() -> None:
    drawn = picture.answers(curves(pairs(20)), {"status_quo": "a", "policy": "b"})
    assert drawn.count("<polyline") == drawn.count("<polygon") == 2
    assert picture.answers([], {}) == ""


def test_before_the_end_nothing_can_be_distinguished_from_chance() -> None:
    early, whole = pairs(12), pairs(20)
    assert all("so far; " in card.detail for card in cards(early, 10)[:2]), "rights are the same in every pair"
    assert "still running" in status(early) and not any(row.changes[0].clear for row in rows(early, SHOWN))
    moved = {row.title for row in rows(whole, SHOWN) if row.changes[0].clear}
    wait, groups, price, _ = cards(whole, 10)
    assert not wait.burden and price.burden != price.quiet, "a shorter wait is no burden, a price is one"
    assert outcome("turnaround_median").title in moved and wait.detail.endswith("shorter") and not wait.quiet
    assert groups.quiet == (outcome("groups_brought_down").title not in moved)
    assert any("within chance" not in row.changes[0].words for row in rows(whole, SHOWN))


def test_a_policy_that_moves_nothing_says_so_and_has_no_price() -> None:
    nothing = pairs(20, policies=(BASE,))
    assert reading.headline(nothing).startswith("This policy moved no outcome in any of 20 replicates")
    assert {card.detail for card in cards(nothing, 10)} == {"as today", "nothing that is counted"}
    assert cards(nothing, 10)[2].value == "no price" and reading.headline(pairs(20)) == ""


def test_an_interval_beyond_the_axis_ends_in_an_arrow() -> None:
    row = rows(pairs(20), ("turnaround_median",))[0]
    assert abs(row.changes[0].share.value) == pytest.approx(0.5, abs=0.01)
    for widest in (0.02, 0.5):
        assert ("arrow" in picture.interval(row, ("policy",), widest)) == (widest < 0.5)


def attributes(drawing: str, element: str, names: str) -> list[tuple[str, ...]]:
    """Attributes of each element of a name, in the order of the drawing."""
    found = re.findall(rf"<{element} [^>]*>", drawing)
    return [tuple(re.search(rf' {name}="([^"]*)"', one)[1] for name in names.split()) for one in found]


def test_drawings_stand_where_their_numbers_are() -> None:
    def row(*shares: tuple[float, float, float]) -> PageRow:
        changes = tuple(PageChange("a < b", low > 0, Estimate(value, low, high, 9)) for value, low, high in shares)
        return PageRow("", "", (), changes, (100.0, 50.0, np.nan))

    none = (np.nan, np.nan, np.nan)
    ends = {0.0: 0.02, 0.02: 0.02, -0.3: 0.5, 1.0: 1.0, 1.2: 1.5, 9.0: 1.5}
    assert {end: picture.reach(row((0.0, end, 0.0), none)) for end in ends} == ends
    assert picture.reach(row(none)) == 0.02 == picture.reach(row())
    drawn = picture.interval(row((0.25, 0.1, 0.6), (-0.5, np.nan, np.nan)), ("policy", "kept"), 0.5)
    lines = [("50%", "50%", "0", "34"), ("59.2%", "96.0%", "11", "11"), ("4.0%", "4.0%", "23", "23")]
    assert attributes(drawn, "line", "x1 x2 y1 y2") == lines
    assert attributes(drawn, "circle", "class cx cy") == [("moved full", "73.0%", "11"), ("kept hollow", "4.0%", "23")]
    assert re.findall(r'<svg x="([^"]+)" y="(\d+)".*?d="M0 -4L(-?6) ', drawn) == [("96.0%", "11", "6")]
    assert 'aria-label="a &lt; b; a &lt; b"' in drawn
    assert "<circle" not in picture.interval(row(none), ("policy",), 0.5)
    bars = attributes(picture.bars(row(), ("policy", "kept"), 200.0), "rect", "y width")
    assert bars == [("2", "50.0%"), ("11", "25.0%")], "nothing is drawn where no request was answered"
    assert attributes(picture.bars(row(), ("policy", "kept"), 200.0), "svg", "height") == [("31",)]
    months, value = np.array([0.0, 18.0, 36.0, 40.0]), np.array([0.0, 0.5, 1.0, 1.0])
    curve = picture.answers([reading.AnswerCurve("policy", months, value, value - 0.25, value + 0.25)], {"policy": "P"})
    assert attributes(curve, "polyline", "points") == [("44.0,210.0 256.0,110.0 468.0,10.0",)]
    (band,) = attributes(curve, "polygon", "points")
    assert band == ("44.0,160.0 256.0,60.0 468.0,10.0 468.0,60.0 256.0,160.0 44.0,210.0",)
    assert "P: half within 18 months" in curve
    texts = re.findall(r'<text x="([^"]+)" y="([^"]+)"[^>]*>([^<]+)</text>', curve)
    assert {("38", "214.0", "0 %"), ("38", "14.0", "100 %"), ("44.0", "226", "0"), ("468.0", "226", "36")} < set(texts)
    assert attributes(curve, "line", "x1 x2 y1 y2")[1] == ("44", "468", "160.0", "160.0")
    assert texts[-1][:2] == ("256.0", "244")
    never = picture.answers([reading.AnswerCurve("policy", months, value / 9, value * np.nan, value)], {"policy": "P"})
    assert "less than half are ever answered" in never and "polygon" not in never


def views(found: PairsSoFar, *words: str) -> list[PlaceView]:
    """Views of some states and groups."""
    return place_views(found, places_in_view(words, WorldSpec()), {"policy": "the policy", "kept": "A"})


def test_a_state_sees_its_own_side() -> None:
    germany, nowhere = views(pairs(20), "DEU", "TUV")
    assert (germany.title, nowhere.title) == ("Germany (DEU)", "Tuvalu (TUV)")
    assert [row.title.partition(" (")[0] for row in germany.rows][:2] == [
        "Own requests sent",
        "Own requests executed within 12 months",
    ]
    assert any(" to " in change.words for row in germany.rows for change in row.changes)
    (short,) = germany.short
    assert short.startswith("Under the policy, Germany (DEU) pays ") and "*" not in short


def test_a_group_is_the_sum_of_its_states() -> None:
    both, one, other = views(pairs(20), "ASEAN", "IDN", "MYS")
    assert both.title == "ASEAN (11 states)"
    sent = [float(view.rows[0].levels[0].replace(" ", "")) for view in (both, one, other)]
    assert sent[0] > sent[1] + sent[2]


def test_partners_and_clear_marks_stand_only_at_the_end() -> None:
    (early,), (whole,) = views(pairs(12), "ASEAN"), views(pairs(20), "ASEAN")
    assert (early.short, early.partners) == ((), ())
    assert not any(change.clear for row in early.rows for change in row.changes)
    assert any(change.clear for row in whole.rows for change in row.changes)
    assert {row.title for row in whole.partners} == {"Afghanistan", "Angola", "Albania", "Andorra"}
    for row in whole.partners:
        before, after = map(float, row.levels[2:])
        assert after == pytest.approx(before / 2, rel=0.02), "the stand-in policy halves all waits"
    assert gain_rows(pairs(12), WorldSpec()) == {}
    gains = gain_rows(pairs(20), WorldSpec())
    assert [row.title for row in gains["policy"]][:2] == ["low income", "lower middle income"]
    assert any(change.clear for row in gains["policy"] for change in row.changes)


def test_a_price_is_written_with_its_range_and_is_a_burden_where_it_is_paid() -> None:
    known = {key: pairs(20).difference(key) for key in (*SHOWN, *reading.COSTS)}
    for (value, low, high), shown, detail, burden in (
        ((np.nan, 1.0, 2.0), "no price", "nothing that is counted", False),
        ((0.0, 0.0, 0.0), "no price", "nothing that is counted", False),
        ((5.0, 4.0, 6.0), "€5.0 million", "4.0 to 6.0", True),
        ((990.0, 990.0, 990.0), "€990 million", "in all worlds", True),
        ((1000.0, 900.0, 2000.0), "€1.0 billion", "0.9 to 2.0", True),
        ((-2000.0, -3000.0, -1000.0), "€−2.0 billion", "−3.0 to −1.0", False),
    ):
        card = cards(StoredAnswer("", known, Estimate(value, low, high, 9), 20, ""), 1)[2]
        assert (card.value, card.detail, card.burden, card.title) == (shown, detail, burden, "Price over 1 year")


def test_the_state_of_a_study_counts_its_pairs_and_those_that_failed() -> None:
    failed = Failure.of(ValueError("x"), "page", 3, "", FailureStage.ARM)
    few, done, many = "3 of 20 pairs, still running. Intervals", "3 pairs of", "5 of 20"
    for number, wanted, there, absent in ((4, 20, few, "finished"), (4, 4, done, "still"), (6, 20, many, "Intervals")):
        arms = pairs(number).found | {3: (failed, failed)}
        found = PairsSoFar(arms, wanted, None)
        assert there in status(found) and absent not in status(found) and rows(found, SHOWN)
        assert "1 pair could not be simulated." in status(found) and reading.headline(found) == ""
        assert "could not" not in status(pairs(number))
    for wanted, said in ((0, "No pair could"), (1, "The first pair is")):
        none = PairsSoFar({}, wanted, None)
        assert reading.headline(none).startswith(said) and not rows(none, SHOWN)
