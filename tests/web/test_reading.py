"""What the page says of few pairs, of all pairs, and of pairs in which nothing moves."""

import numpy as np
import pytest

from sim.measures.outcomes import outcome
from sim.policy.scenario import load
from sim.web import picture
from sim.web.places_view import PlaceView, gain_rows, place_views, places_in_view
from sim.web.reading import COSTS, SHOWN, PairsSoFar, curves, headline, rows, stage_rows, status
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
    assert "too few pairs for an interval" in headline(few)
    assert "Intervals come with 5 pairs" in status(few)
    for row in (*rows(few, SHOWN), *rows(few, COSTS)):
        (change,) = row.changes
        assert " to " not in change.words, row
        assert np.isnan(change.share.low) or change.words == "the same"
    assert all(" to " not in row.changes[0].words for row in stage_rows(few))
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
    assert "turnaround" in headline(early) and "so far" in headline(early)
    assert "still running" in status(early) and not any(row.changes[0].clear for row in rows(early, SHOWN))
    assert "falls from" in headline(whole)
    clear = {row.title for row in rows(whole, SHOWN) if row.changes[0].clear}
    assert outcome("turnaround_median").title in clear
    chance = "no change that can be distinguished from chance" in headline(whole)
    assert chance == (outcome("groups_brought_down").title not in clear)
    assert any("within chance" not in row.changes[0].words for row in rows(whole, SHOWN))


def test_an_interval_beyond_the_axis_ends_in_an_arrow() -> None:
    row = rows(pairs(20), ("turnaround_median",))[0]
    assert abs(row.changes[0].share.value) == pytest.approx(0.5, abs=0.01)
    for widest in (0.02, 0.5):
        assert ("arrow" in picture.interval(row, ("policy",), widest)) == (widest < 0.5)


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
