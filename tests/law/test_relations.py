"""Tests of relations by hand: affinity, drift, conflicts, bars on nationals, and names of states."""

from collections.abc import Mapping
from datetime import date
from hashlib import shake_256
from math import exp
from pathlib import Path
from statistics import NormalDist

import numpy as np
import pytest

from sim.data import load
from sim.data.load import parse_table
from sim.law import relations
from sim.law.amendments import DriftAffinity, RemoveDataConflict, ShiftAffinity
from sim.law.days import to_day
from sim.law.relations import Relations, drifted, load_relations
from sim.law.suggest import closest, nearest

STATES = ("AUT", "BEL", "CHE", "USA")
AUT, BEL, CHE, USA = range(4)
GOVERNANCE = (0.9, 0.6, 0.3, 0.7)
TABLES = {path.name: path.read_text("utf-8") for path in (Path(__file__).parent / "tables/relations").iterdir()}


@pytest.fixture
def few(monkeypatch: pytest.MonkeyPatch) -> Relations:
    """Relations of four states, read from the tables above."""
    found: Mapping[str, str] = TABLES
    for module in (relations, load):
        monkeypatch.setattr(module, "read_table", lambda name: parse_table(name, found[name]))
    monkeypatch.setattr(relations, "governance_score", lambda: np.array(GOVERNANCE))
    return load_relations(STATES)


def likely(weight: float, requesting: int, requested: int, more: float = 0.0) -> float:
    """Expected affinity by the written rule: shared bodies, governance, and other terms."""
    odds = -2.0 + 2.4 * (1.0 - exp(-weight / 4.0)) + 1.6 * GOVERNANCE[requested] + 0.8 * GOVERNANCE[requesting] + more
    return 1.0 / (1.0 + exp(-odds))


def test_affinity_follows_from_the_data_and_is_shifted_one_way_within_bounds(few: Relations) -> None:
    for one, other, weight, more in (
        (AUT, BEL, 8.0, 0.4),  # two bodies and a region
        (AUT, USA, 3.0, 1.2 + 0.5),  # a body, blocs that are close, and a treaty on assistance
        (BEL, CHE, 0.0, -0.75),  # an observer shares no body; the treaty is not in force
        (BEL, USA, 3.0, 0.0),  # extradition is no assistance
        *((AUT, CHE, 0.0, 0.5), (CHE, USA, 0.0, 0.0)),
    ):
        for pair in ((one, other), (other, one)):
            assert few.affinity[pair] == pytest.approx(likely(weight, *pair, more), rel=1e-5), pair
    shifts = (ShiftAffinity(("AUT",), ("BEL", "CHE"), -0.3, date(2027, 1, 1)),)
    after, change = few.amended_affinity(shifts), np.zeros((4, 4))
    change[AUT, [BEL, CHE]] = -0.3
    assert after == pytest.approx(np.clip(few.affinity + change, 0, 1))
    assert few.amended_affinity((ShiftAffinity(("AUT",), ("BEL",), 5.0, date(2027, 1, 1)),))[AUT, BEL] == 1.0
    drift = DriftAffinity(3, 0.05, 0.9, date(2027, 1, 1))
    expected = np.clip(few.affinity + drifted(4, [drift]), 0, 1)
    assert few.amended_affinity((drift,)) == pytest.approx(expected)
    assert not np.allclose(expected, few.affinity)


def test_languages_task_forces_and_bars_of_nationals_are_those_of_the_data(few: Relations) -> None:
    assert np.argwhere(few.shared_language).tolist() == [[AUT, CHE], [BEL, CHE], [CHE, AUT], [CHE, BEL]]
    assert np.argwhere(few.joined["JCAT"]).tolist() == [[AUT, AUT], [AUT, USA], [USA, AUT], [USA, USA]]
    assert few.nationals_bar.tolist() == [1, 1, 0, 0]


def test_conflicts_hold_from_their_first_day_to_their_last_but_not_under_a_regime(few: Relations) -> None:
    """Conflicts of law apply from their first day to their last, except under an adequacy regime.

    The Union's regime is of 2018, Switzerland's of 2020; a blocking statute is against everybody.
    """
    union, blocking, never = to_day(date(2018, 5, 25)), to_day(date(2024, 3, 1)), np.inf
    since = [
        *([never, union, to_day(date(2020, 1, 1)), blocking], [union, never, to_day(date(2020, 1, 1)), blocking]),
        *([union, union, never, blocking], [union, union, to_day(date(2020, 1, 1)), never]),
    ]
    assert few.conflict_since.tolist() == since
    until = [union, to_day(date(2017, 1, 1)), to_day(date(2020, 1, 1)), to_day(date(2023, 7, 1))]
    assert few.conflict_until[:, :USA].tolist() == [[day] * USA for day in until]
    assert np.isinf(few.conflict_until[:, USA]).all()
    assert {day.year for day in few.dates()} == {2017, 2018, 2020, 2023, 2024}
    # The USA ask Austria: in the way from 25 May 2018 until they are adequate.
    none = np.zeros((4, 4), np.bool_)
    days = {date(2018, 5, 24): 0, date(2018, 5, 25): 1, date(2023, 6, 30): 1, date(2023, 7, 1): 0}
    assert {day: int(few.conflict(day, none, ())[USA, AUT]) for day in days} == days
    when, safe = date(2019, 1, 1), none.copy()
    safe[USA, AUT] = True
    assert few.conflict(when, safe, ())[USA].tolist() == [0, 1, 0, 0]
    removed = RemoveDataConflict(("USA",), ("BEL", "CHE"), when)
    assert few.conflict(when, none, (removed,))[USA].tolist() == [1, 0, 0, 0]


def test_politics_is_one_normal_number_a_year_and_pair_of_which_a_share_stays() -> None:
    """Political drift of a pair of states is one normal number per year, part of which persists."""
    shocks = drifted(150, [DriftAffinity(7, 1.0, 0.0, date(2027, 1, 1))])
    assert (shocks == shocks.T).all() and not np.diagonal(shocks).any()
    drawn = shocks[np.tril_indices(150, -1)]
    assert np.unique(drawn).size == drawn.size
    assert abs(drawn.mean()) < 3.3 / np.sqrt(drawn.size) and drawn.std() == pytest.approx(1.0, abs=0.03)
    fewer = drifted(9, [DriftAffinity(7, 1.0, 0.0, date(2027, 1, 1))])
    assert (shocks[:9, :9] == fewer).all()
    # Half of the first year's fifth of a deviation is left in the second, and three tenths of its own come to it.
    first, second = date(2027, 1, 1), date(2028, 1, 1)
    one, two = (drifted(5, [DriftAffinity(7, 1.0, 0.0, day)]) for day in (first, second))
    years = [DriftAffinity(7, 0.3, 0.5, second), DriftAffinity(7, 0.9, 0.9, first), DriftAffinity(7, 0.2, 0.8, first)]
    assert drifted(5, years) == pytest.approx(0.5 * 0.2 * one + 0.3 * two)


def test_a_years_politics_is_the_number_that_seed_year_and_pair_give() -> None:
    """A year's drift is a function of seed, year and pair, as recomputed by hand."""
    drawn = shake_256(b"politics/7/2027").digest(3 * 8)
    shares = [((int.from_bytes(drawn[first : first + 8], "big") >> 11) + 0.5) / 2**53 for first in (0, 8, 16)]
    by_hand = [NormalDist(0.0, 0.3).inv_cdf(share) for share in shares]
    found = drifted(3, [DriftAffinity(7, 0.3, 0.5, date(2027, 1, 1))])
    assert found[[1, 2, 2], [0, 0, 1]] == pytest.approx(by_hand, rel=1e-9)


CODES = {
    **{"AUT": "Austria", "AUS": "Australia", "DEU": "Germany", "GBR": "United Kingdom", "IRL": "Ireland"},
    **{"TUR": "Türkiye", "USA": "United States"},
}


def test_a_fix_names_the_nearest_or_lists_a_dozen() -> None:
    assert nearest("GBX", CODES, labels=CODES) == "Did you mean GBR (United Kingdom)?"
    assert nearest("budapst", ("budapest", "mlat")) == "Did you mean budapest?"
    expected = "Use one of the channels: budapest, mlat."
    assert nearest("pigeon", ("mlat", "budapest"), what="one of the channels") == expected
    assert nearest("pigeon", ("mlat",), what="") == ""
    dozen = [f"n{number:02}" for number in range(12)]
    assert nearest("pigeon", dozen) == f"Use one of: {', '.join(dozen)}."
    assert nearest("pigeon", [*dozen, "n12"]) == f"Use one of: {', '.join(dozen)}, …."


def test_words_that_are_spelt_alike_are_near_short_ones_with_less_and_long_beginnings_first() -> None:
    meant = {"budapst": "budapest", "Budapest ": "budapest", "secnd_protocol": "second_protocol", "mla": "mlat"}
    for written, word in (meant | {"mlta": "mlat", "warsaw": "", "  ": "", "xyz": ""}).items():
        assert closest(written, ("budapest", "second_protocol", "mlat")) == word, written
    assert closest("court.staf", ("court.stuff", "court.staff", "sport.staff")) == "court.staff"
    assert closest("abcd", ("xbcd", "abcx")) == "abcx"
    # Two letters of three are enough of a short word (ratio 0.67), and not of a longer one (0.67 as well).
    assert closest("abc", ("abd",)) == "abd" and closest("abcdef", ("abcdxy",)) == ""


def test_a_state_is_meant_by_its_code_its_name_or_its_initials() -> None:
    meant = {
        **{"aus": "AUS", "DE": "DEU", "AU": "AUT"},  # two codes begin with AU, and the countries' names
        **{"UK": "GBR", "US": "USA"},  # initials, which go before the beginning of a code
        **{"united": "GBR", "Austr": "AUT", "Turkiye": "TUR", "Irelnd": "IRL", "Untied Kingdm": "GBR"},
        **{"DUE": "DEU", "DXU": "DEU", "DEUU": "DEU", "GR": "GBR"},  # letters swapped, wrong, too many, missing
        **{"GRE": "", "Mordor": ""},
    }
    assert {written: closest(written, CODES, CODES) for written in meant} == meant


def test_initials_come_before_a_code_and_the_start_of_a_name_before_several_codes() -> None:
    """Initials of a name come first, then the start of a unique code, then the start of a name."""
    labels = {"UKR": "Ukraine", "GBR": "United Kingdom", "DEU": "Germany", "DEN": "Denmark", "FRA": "Republic"}
    assert [closest(word, labels, labels) for word in ("UK", "DE", "FR", "")] == ["GBR", "DEN", "FRA", ""]
