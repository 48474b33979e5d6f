"""Tests of national law, and of estimates for states whose law was not read.

And how far law has come: as many states as were counted, what was read is, and nobody loses what it had.
"""

from dataclasses import replace
from datetime import date, timedelta
from math import exp, log

import numpy as np
import pytest

from sim.data.geography import governance_score
from sim.data.load import by_state, members, parse_table, read_table
from sim.law import extent, statutes
from sim.law.amendments import AdoptOffences, Implement
from sim.law.days import NEVER, to_day
from sim.law.extent import (
    BY_ACCESSION,
    BY_ROW,
    BY_STATUTE,
    NUMBERS,
    PARTY_POWERS,
    ROWS,
    UNREAD,
    Extent,
    Reach,
    Read,
    _shifts,
)
from sim.law.national import NationalLaw, NationalProfiles, _grown, stable_number
from sim.law.order import LegalOrder
from sim.law.statutes import Filled, _coverage, _element_shares, stable_numbers
from sim.law.vocabulary import DataKind, Offence

ON, JANUARY = date(2030, 6, 1), date(2030, 1, 1)
GOVERNANCE = np.array([0.4, 0.8])
NO_DAYS = np.full(2, np.inf, np.float32)


def profiles() -> NationalProfiles:
    """Two states that have no offence or power, but would have all as Parties."""
    offences, kinds = np.zeros((1, 2, 2, len(Offence))), np.zeros((1, 2, 2, len(DataKind)))
    offences[:, 1] = kinds[:, 1] = 1
    penalties, elements = np.full((2, len(Offence)), 3.0), np.zeros((2, len(Offence)), np.uint8)
    filled = Filled(offences > 0, penalties, elements, kinds > 0)
    return NationalProfiles({"AUT": 0, "BEL": 1}, np.array([-np.inf]), filled, (offences, kinds), GOVERNANCE)


def law(years: float, *amendments: Implement | AdoptOffences) -> NationalLaw:
    """National law of 2030, in which the first state has been a Party for some years."""
    since = np.array([to_day(JANUARY) - 365.25 * years, np.inf], np.float32)
    return profiles().on(ON, since, NO_DAYS, amendments)


def bounds(governance: float) -> tuple[float, float]:
    """Implementation of law in a state outside the treaty, and long-run implementation by a Party."""
    most = 0.45 + 0.55 * governance**0.7
    return most * (0.3 + 0.6 * governance), most


def test_laws_that_never_change_of_themselves_have_no_day_of_change() -> None:
    """The last change of law is the latest day of change that is not after the given day."""
    assert profiles().last_change(ON) == date.min and [*profiles().changes()] == []
    days = np.array([-np.inf, to_day(JANUARY), to_day(ON)])
    later = replace(profiles(), days=days)
    found = [later.last_change(day) for day in (JANUARY - timedelta(1), JANUARY, ON - timedelta(1), ON)]
    assert found == [date.min, JANUARY, JANUARY, ON] and [*later.changes()] == [JANUARY, ON]


def test_law_in_action_grows_after_a_lag_or_from_the_day_of_an_implementing_law() -> None:
    """Implementation of law grows after a lag, or from the day of an implementing law.

    At governance 0.4 the lag is 1 + 3 · 0.6 years, and τ 1 + 2 · 0.6.
    """
    least, most = bounds(0.4)
    outside = bounds(0.8)[0]
    for years, grown in ((1.0, 0.0), (5.0, 1.0 - exp(-(5.0 - 2.8) / 2.2)), (40.0, 1.0)):
        found = law(years).implementation
        assert found == pytest.approx([least + (most - least) * grown, outside], rel=1e-5)
    # Three years on, τ lies at the share of weakness between that of the best and of the worst governed.
    on = JANUARY - timedelta(days=1096)
    years = 1096 / 365.25
    quick = Implement(("AUT", "BEL"), on, (0.5, 4.5))
    grown = [1.0 - exp(-years / (0.5 + 4.0 * weakness)) for weakness in (0.6, 0.2)]
    expected = [bounds(g)[0] + (bounds(g)[1] - bounds(g)[0]) * part for g, part in zip((0.4, 0.8), grown, strict=True)]
    assert law(0.0, quick).implementation == pytest.approx(expected, rel=1e-5)
    assert law(30.0, quick).implementation[0] == law(30.0).implementation[0]  # its own growth is further


def test_a_states_law_is_a_partys_between_its_days_and_adopted_offences_have_their_penalty() -> None:
    day = to_day(ON)
    spans = {(day, day + 1): 1, (day + 1, np.inf): 0, (day - 9, day): 0, (day - 9, np.inf): 1}
    for (since, until), party in spans.items():
        first, last = (np.array([limit, np.inf], np.float32) for limit in (since, until))
        first[1] = np.inf
        found = profiles().on(ON, first, last, ())
        assert found.offence.tolist() == [[party] * len(Offence), [0] * len(Offence)]
        assert (found.power[0] == party).all()
    found = law(1.0, AdoptOffences(("AUT", "BEL"), (Offence.COMPUTER_FRAUD,), 3.5, ON))
    assert found.penalty_years[:, Offence.COMPUTER_FRAUD].tolist() == [3.5, 3.5]
    assert found.offence[1].sum() == found.offence_chance[1].sum() == 1
    assert _grown([-1.0, 0.0, 1e-9, 2.0], np.zeros(4)).tolist() == [0.0, 0.0, 1.0, 1.0]


STATES = ("AUT", "BEL", "CHE", "DNK", "EST")
LAWS = "iso3,law\nAUT,none\nBEL,legislation\nCHE,legislation\nDNK,draft"


def test_an_unread_offence_is_as_likely_as_among_the_laws_read_of_its_class(monkeypatch: pytest.MonkeyPatch) -> None:
    """An unread offence is as likely as in the laws that were read in states of the same class.

    Where there is no cybercrime law, or a draft, judgement takes its place. A statute that is recalled holds where its
    class is drawn, one that was seen always.
    """
    monkeypatch.setattr(statutes, "read_table", lambda name: parse_table(name, LAWS))
    access, fraud = Offence.ILLEGAL_ACCESS, Offence.COMPUTER_FRAUD
    known, seen = np.zeros((5, len(Offence)), np.bool_), np.zeros((5, len(Offence)), np.bool_)
    known[[1, 2, 4]] = True
    covered = np.zeros_like(known)
    covered[1, access] = covered[4, fraud] = seen[4, fraud] = True
    extent = np.array([UNREAD, Extent.FULL, Extent.FULL, UNREAD, Extent.PARTIAL])
    party = np.array([False, True, False, False, False])
    own, as_party = _coverage(STATES, known, covered, seen, extent, party)
    none, part, full = own[:, :, access]
    assert none == pytest.approx([0.2, 0.3, 0.3, 0.3, 0.3])
    assert part == pytest.approx([0.25, 0.25, 0.0, 0.25, 0.0])
    assert full == pytest.approx([0.5, 1.0, 0.0, 0.5, 0.5])
    assert as_party[:, access] == pytest.approx([0.75, 1.0, 0.75, 0.75, 0.75])
    assert own[:, 4, fraud].tolist() == [1.0, 1.0, 1.0] and as_party[4, fraud] == 1.0


def test_what_an_overview_says_of_offences_shifts_them_up_only_where_it_is_sure() -> None:
    """An overview of a state's law raises the probability of offences only if its confidence is sufficient."""
    rows = by_state(read_table(ROWS).rows)
    codes = ("AFG", "BDI", *(code for code, row in rows.items() if row["confidence"] != "low"))
    shifts, _ = _shifts(codes, np.full(len(codes), UNREAD), np.full(len(codes), np.nan))
    up = [rows[code]["offences"] == "yes" for code in codes[2:]]
    assert (rows["AFG"]["offences"], rows["BDI"]["offences"]) == ("partial", "yes") and any(up) and not all(up)
    assert (shifts[0] > 0).tolist() == [False, False, *up]
    assert np.abs(shifts[0]).tolist() == [BY_ROW[rows[code]["confidence"]] for code in codes]


def test_what_speaks_for_law_of_a_state_adds_up_in_odds(order: LegalOrder) -> None:
    """Evidence for a state's law (statute, accession, other states' powers) adds up in log-odds."""
    rows, commonwealth = by_state(read_table(ROWS).rows), members("Commonwealth")
    codes = order.states
    extents, days = (UNREAD, Extent.FULL, Extent.PARTIAL), (np.inf, 3.0)
    statute, entry = (np.resize(kinds, len(codes)) for kinds in (np.array(extents), np.array(days)))
    shifts, partial = _shifts(codes, statute, entry)

    def odds(powers: list[str], counted: str) -> float:
        yes = powers.count(counted) + 0.5
        return log(yes / (len(powers) + 1.0 - yes))

    lacking = odds([row["powers"] for row in rows.values() if row["powers"] != "yes"], "partial")
    for place, code in enumerate(codes):
        by_statute = {UNREAD: 0.0, Extent.FULL: BY_STATUTE, Extent.PARTIAL: -BY_STATUTE}[statute[place]]
        like = [row["powers"] for other, row in rows.items() if (other in commonwealth) == (code in commonwealth)]
        expected = np.array([by_statute, by_statute, odds(like, "yes")]) + BY_ACCESSION * (entry[place] == 3.0)
        row = rows.get(code, {"confidence": "", "offences": "", "powers": ""})
        sure, part = BY_ROW.get(row["confidence"], 0.0), lacking
        for kinds, word in ((slice(2), row["offences"]), (2, row["powers"])):
            expected[kinds] += sure if word == "yes" and row["confidence"] != "low" else -sure
        part += -sure if row["powers"] == "no" else sure
        assert (shifts[:, place] == pytest.approx(expected)) and partial[place] == pytest.approx(1 / (1 + exp(-part)))
    least, most = PARTY_POWERS
    assert order.reading.reach.party_powers == pytest.approx(np.interp(governance_score(), [0, 1], [least, most]))


def test_an_element_is_as_likely_as_among_the_laws_read_with_their_figures() -> None:
    """An unread element is as likely as in the laws that were read."""
    demanded = np.zeros((4, len(Offence)), np.uint8)
    demanded[:, 0] = [0b101, 0b001, 0b000, 0b111]
    years = np.full((4, len(Offence)), np.nan)
    years[:3, 0] = 2.0
    share = _element_shares(demanded, years)
    assert share[3, 0] == pytest.approx([2 / 3, 0, 1 / 3, 0, 0])
    assert not share[:3].any() and not share[:, 1:].any()


def test_numbers_of_many_hashes_are_even_and_the_first_do_not_depend_on_how_many() -> None:
    many = stable_numbers(800, "1", "AUT", "power")
    assert many.size == np.unique(many).size == 800
    assert stable_numbers(17, "1", "AUT", "power").tolist() == many[:17].tolist()
    assert 0.0 <= many.min() < 0.02 and 0.98 < many.max() < 1.0
    assert abs(many.mean() - 0.5) < 3.3 / np.sqrt(12 * 800)
    assert stable_number("TCD", "ILLEGAL_ACCESS", "offence") == pytest.approx(0.14138360733199945, abs=1e-12)


def test_what_is_unread_is_the_middle_or_likeliest_of_the_laws_read_unless_it_is_drawn(order: LegalOrder) -> None:
    """An unread value is the median of the values read, unless a value is drawn at random."""
    reading, o = order.reading, Offence.ILLEGAL_ACCESS
    usual = np.array([1.0, 2.0, 5.0, 8.0, 9.0])
    few = replace(reading, usual_years=(usual,) * len(Offence))
    unread = np.isnan(reading.years[:, o])
    free = unread & (reading.least_years[:, o] == 0)
    middle, drawn = few.filled(None).penalty_years[:, o], few.filled(1).penalty_years[:, o]
    assert (middle[unread] == 5.0).all() and (middle[~unread] == reading.years[~unread, o]).all()
    assert set(drawn[free].tolist()) == set(usual.tolist())
    assert (drawn[unread] >= reading.least_years[unread, o]).all()
    # Fraud is covered by general law in one of two states without a law on cybercrime, and drawn it may be.
    even = order.reading.chances[0][-1, 0, :, Offence.COMPUTER_FRAUD] == 0.5
    assert even.sum() > 5
    assert not order.reading.filled(None).offence[-1, 0, even, Offence.COMPUTER_FRAUD].any()
    drawn = np.array([order.reading.filled(n).offence[-1, 0, even, Offence.COMPUTER_FRAUD] for n in range(4)])
    assert drawn.any() and not drawn.all()


ALL = np.ones(6, np.bool_)
KOREA = date(2025, 12, 12)


def reach(**changes: object) -> Reach:
    """Makes six states with two counts of laws, on days 0 and 10.

    The first is a Party from day 5 and has all; the second was read to have all from day 7, the third nothing; of the
    others the later ones come first.
    """
    read = Read(np.array([UNREAD, 2, 0, UNREAD, UNREAD, UNREAD]), np.array([NEVER, 7.0, NEVER, NEVER, NEVER, NEVER]))
    usual = Reach(
        steps=np.array([0.0, 10.0]),
        days=np.array([-np.inf, 5.0, 7.0, 10.0]),
        entry=np.array([5.0, *(NEVER,) * 5]),
        offences=read,
        powers=read,
        odds=np.tile(np.array([-9.0, 0, 0, 0, 9, 18]), (3, 1)),
        targets=tuple((((ALL, float(few)),), ((ALL, float(many)),)) for few, many in ((1, 4), (2, 5), (0, 3))),  # type: ignore[arg-type]
        party_offences=ALL,
        party_powers=np.ones(6),
        partial=np.ones(6),
    )
    return replace(usual, **changes)  # type: ignore[arg-type]


def test_each_step_has_its_number_and_powers_in_full_bring_offences_in_full() -> None:
    """The drawn law meets each count on its day, and states with all powers have all offences.

    Offences in full 1 and 4, some 2 and 5, powers in full 0 and 3, with the Party and what was read.
    """
    offences, powers, as_party = reach().drawn(np.full((6, NUMBERS), 0.5))
    assert offences.tolist() == [[0, 1, 0, 0, 0, 2], [0, 1, 0, 0, 0, 2], [0, 2, 0, 0, 0, 2], [0, 2, 0, 1, 2, 2]]
    assert powers.tolist() == [[0, 1, 0, 0, 0, 1], [0, 1, 0, 0, 0, 1], [0, 2, 0, 0, 0, 1], [0, 2, 0, 1, 1, 2]]
    assert (as_party == Extent.FULL).all()
    # Four powers on day 10: the last two states; without a Party in full a third one, but never the third.
    lacking = reach(party_powers=np.zeros(6))
    targets = (*lacking.targets[:2], (((ALL, 0.0),), ((ALL, 4.0),)))
    offences, powers, as_party = replace(lacking, targets=targets).drawn(np.full((6, NUMBERS), 0.5))
    assert (as_party == Extent.PARTIAL).all() and powers[-1].tolist() == [0, 2, 0, 2, 2, 2]
    assert (offences[powers == Extent.FULL] == Extent.FULL).all()


def test_counts_are_of_offences_in_full_of_some_and_of_powers() -> None:
    """Counts distinguish states with all offences, with some offences, and with all powers."""
    text = "date,region,measure,states\n2024-01-01,World,offences,70\n2024-01-01,World,partial,20\n"
    text += "2024-01-01,World,powers,50\n2026-01-01,World,offences,80\n2026-01-01,World,legislation,99\n"
    text += "2026-01-01,World,powers,60\n2024-01-01,Asia,offences,9\n2024-01-01,Asia,partial,5\n"
    steps = np.array([float(to_day(date(year, 1, 1))) for year in (2024, 2026)])
    found = extent._targets(parse_table("x.csv", text), ("DEU", "IND"), steps)
    assert [[number for _, number in step] for step in (*found[0], *found[1], *found[2])] == [
        *([9.0, 61.0], [80.0], [90.0], [99.0], [50.0], [60.0])
    ]
    assert [group.tolist() for group, _ in found[0][0]] == [[False, True], [True, False]]


def test_numbers_go_evenly_from_count_to_count_and_regions_are_those_of_the_first() -> None:
    counted = {("2024-01-01", "World"): 90.0, ("2026-01-01", "World"): 102.0}
    counted |= {("2024-01-01", "Asia"): 20.0, ("2026-01-01", "Asia"): 7.0, ("2024-01-01", "Oceania"): 5.0}
    region = np.array(["Asia", "Africa", "Oceania", "Asia", "Europe"])
    steps = np.array([float(to_day(date(year, 1, 1))) for year in (2024, 2025, 2026)])
    first, *later = extent._grown(counted, "2024-01-01", region, steps)
    assert [(group.tolist(), number) for group, number in first] == [
        *(([1, 0, 0, 1, 0], 20.0), ([0, 0, 1, 0, 0], 5.0), ([0, 1, 0, 0, 1], 65.0))
    ]
    assert [(group.all(), number) for ((group, number),) in later] == [(True, 96.0), (True, 102.0)]


@pytest.mark.parametrize("draw", range(4))
def test_a_drawn_world_has_as_many_states_as_were_counted(order: LegalOrder, draw: int) -> None:
    """A drawn world has the counted number of states, within five (within ten for 2018)."""
    drawn = order.drawn(draw)
    for row in read_table("law_counts.csv").rows:
        if row["region"] == "World" and row["measure"] == "powers":
            found = drawn.national(date.fromisoformat(row["date"])).power[:, DataKind.PRESERVATION].sum()
            assert abs(int(found) - int(row["states"])) <= 5, row["date"]
    reach, number = order.reading.reach, np.random.default_rng(draw).uniform(size=(len(order.states), NUMBERS))
    offences, powers, _ = reach.drawn(number)
    assert (offences[powers == Extent.FULL] == Extent.FULL).all()
    assert (np.diff(offences, axis=0) >= 0).all() and (np.diff(powers, axis=0) >= 0).all()
    for row in read_table("law_counts.csv").rows:
        if row["region"] == "World" and row["measure"] == "offences":
            day = to_day(date.fromisoformat(row["date"]))
            own = offences[np.searchsorted(reach.days, day, side="right") - 1] == Extent.FULL
            found = (own | ((reach.entry <= day) & reach.party_offences)).sum()
            assert abs(int(found) - int(row["states"])) <= (10 if day < to_day(date(2019, 1, 1)) else 5), row["date"]


def test_what_was_read_stands_from_its_day(order: LegalOrder) -> None:
    """A law that was read applies from its first day, as for Korea and Tanzania."""
    korea, tanzania = order.index("KOR"), order.index("TZA")
    for draw in (None, 1, 2):
        law = order if draw is None else order.drawn(draw)
        before, after = (
            law.national(day).power[:, DataKind.PRESERVATION] for day in (KOREA - timedelta(days=1), KOREA)
        )
        assert (before[korea], after[korea], after[tanzania]) == (0, 1, 1)
        assert KOREA in law.change_dates(date(2025, 12, 1), date(2026, 1, 1))


def test_a_statute_stands_where_five_of_its_seven_core_offences_were_seen(order: LegalOrder) -> None:
    """A statute counts as complete if five of its seven core offences were seen."""
    seen = {
        (row["iso3"], row["offence"]) for row in read_table("offence_detail.csv").rows if row["status"] == "verified"
    }
    core = {Offence(offence).name.lower() for offence in statutes.CORE_OFFENCES}
    counts = {state: sum((state, offence) in seen for offence in core) for state in ("POL", "ISL", "SVK")}
    assert counts == {"POL": 5, "ISL": 3, "SVK": 4}
    read = statutes.load_reading(order.states).reach.offences.extent
    stands = {state: bool(read[order.index(state)] != UNREAD) for state in counts}
    assert stands == {"POL": True, "ISL": False, "SVK": False}
