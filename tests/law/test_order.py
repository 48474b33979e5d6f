"""Tests of the law as arrays, against a plain reading of treaties for each pair of states."""

import pickle
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.data.bodies import liaison_row
from sim.law.amendments import (
    AdoptOffences,
    Amendment,
    BringIntoForce,
    CloseChannels,
    GrantPowers,
    Join,
    RemoveDataConflict,
    SetImplementation,
    ShiftAffinity,
)
from sim.law.channels import Question
from sim.law.days import to_day
from sim.law.instruments import Terms
from sim.law.order import Cache, Last, LawSoFar, LegalOrder, legal_order
from sim.law.treaties import Membership, Treaty
from sim.law.vocabulary import CORE_OFFENCES, Channel, DataKind, Offence

ORDER = legal_order()
BASE = date(2026, 9, 1)
state = st.sampled_from(ORDER.states)
day = st.dates(date(2016, 1, 1), date(2036, 12, 31))
PROTOCOL = (
    Join(("DEU", "FRA", "USA", "BRA", "NGA"), "second_protocol", date(2028, 1, 1)),
    BringIntoForce("un_convention", date(2029, 1, 1)),
    Join(("VNM", "IND", "RUS"), "un_convention", date(2030, 1, 1)),
    CloseChannels((Channel.POLICE,), date(2031, 1, 1), requesting=("USA",)),
)


def start_of(terms: Terms, treaty: Treaty, asking: str, asked: str, on: date) -> date | None:
    """First day on which an instrument is open, from the memberships; None if it is closed on the day."""
    entry = treaty.entry()
    if entry is None or entry > on or (treaty.ended is not None and on >= treaty.ended):
        return None
    if {asking, asked} & set(terms.reserved_by) or asking not in (terms.only_requesting or ORDER.states):
        return None
    memberships = ties(treaty, asking, asked)
    if any(b is None or b.since > on or (b.until is not None and b.until <= on) for b in memberships):
        return None
    return max([entry, *(tie.since for tie in memberships if tie is not None)])


def ties(treaty: Treaty, asking: str, asked: str) -> list[Membership | None]:
    """Memberships that must all be in force; None stands for a missing one."""
    one, other = treaty.memberships.get(asking), treaty.memberships.get(asked)
    if treaty.form == "any":
        return []
    if treaty.form == "pairs":
        return [treaty.pairs.get((min(asking, asked), max(asking, asked)))]
    if treaty.form == "requested":
        if other is None or other.role != "requested":
            return [None]
        if one is None or one.role != "excluded":
            return [other]
        # An exclusion that has ended leaves a tie that begins there.
        return [None] if one.until is None else [other, replace(one, since=one.until, until=None)]
    both_associated = one is not None and other is not None and {one.role, other.role} == {"associate"}
    return [None] if both_associated else [one, other]


def expected(order: LegalOrder, asking: str, asked: str, on: date) -> dict[Channel, tuple[str, float]]:
    """Expected instrument and first day of each open channel between two states."""
    amendments = tuple(a for a in PROTOCOL if a.on <= on)
    best: dict[Channel, Terms] = {}
    since: dict[Channel, date] = {}
    for terms in order.terms:
        if any(
            isinstance(a, CloseChannels) and terms.channel in a.channels and asking in (a.requesting or ())
            for a in amendments
        ):
            continue
        treaty = order.treaties[terms.treaty].amended(amendments)
        start = start_of(terms, treaty, asking, asked, on)
        if start is None:
            continue
        since[terms.channel] = min(start, since.get(terms.channel, start))
        if terms.channel not in best or terms.rank > best[terms.channel].rank:
            best[terms.channel] = terms
    return {channel: (terms.id, to_day(since[channel])) for channel, terms in best.items()}


@settings(derandomize=True, max_examples=400, deadline=None)
@given(state, state, day)
def test_arrays_equal_a_reading_pair_by_pair(asking: str, asked: str, on: date) -> None:
    law = ORDER.arrays(on, PROTOCOL)
    i, j = ORDER.index(asking), ORDER.index(asked)
    rows = {channel: int(law.instrument[i, j, channel]) for channel in Channel}
    found = {
        channel: (ORDER.terms[row].id, float(law.opened[i, j, channel])) for channel, row in rows.items() if row >= 0
    }
    assert found == ({} if asking == asked else expected(ORDER, asking, asked, on))
    assert all(np.isnan(law.opened[i, j, channel]) == (row < 0) for channel, row in rows.items())


@settings(derandomize=True, max_examples=300, deadline=None)
@given(state, state, day, st.sampled_from(DataKind), st.sampled_from(Offence))
def test_channels_equal_arrays(asking: str, asked: str, on: date, kind: DataKind, offence: Offence) -> None:
    if asking == asked:
        return
    law = ORDER.arrays(on, PROTOCOL)
    i, j = ORDER.index(asking), ORDER.index(asked)
    from_arrays = {}
    for channel in Channel:
        row = int(law.instrument[i, j, channel])
        if row < 0:
            continue
        terms = law.terms[row]
        bound = terms.penalty_kinds >> kind & 1 and not terms.exempt_offences >> offence & 1
        penalty = law.penalty_years[i, offence] if law.offence[i, offence] else 0.0
        if terms.carries >> kind & 1 and not (bound and penalty < terms.penalty_years):
            lesser = penalty < terms.listed_penalty_years
            tested = terms.dual_criminality == 1 or (terms.dual_criminality == 2 and lesser)
            days = None if np.isnan(terms.deadline_days[kind]) else float(terms.deadline_days[kind])
            from_arrays[channel] = ORDER.terms[row].id, bool(tested and terms.dual_criminality_kinds >> kind & 1), days
    found = ORDER.channels(Question(asking, asked, kind, offence, on), PROTOCOL)
    said = {one.channel: (one.terms.id, one.dual_criminality_tested, one.deadline_days) for one in found}
    assert said == from_arrays


def test_every_question_is_open_or_has_its_reason_on_either_side_of_a_day() -> None:
    question = Question("DEU", "CHL", DataKind.CONTENT, Offence.COMPUTER_FRAUD, BASE)
    governing = {channel.terms.id for channel in ORDER.channels(question)}
    explained = {entry.terms.id for entry in ORDER.closed(question)}
    assert not governing & explained
    silent = {terms.id for terms in ORDER.terms} - governing - explained
    assert silent == {"untoc_art18", "cloud_uk_order"}  # open but outranked; for another requesting state

    # British warrants ended with the year 2020; the youngest Party is one from its day on.
    def is_closed(asked: str, kind: DataKind, on: date, instrument: str) -> bool:
        closed = ORDER.closed(Question("DEU", asked, kind, Offence.COMPUTER_FRAUD, on))
        return instrument in {entry.terms.id for entry in closed}

    last, day = date(2020, 12, 31), timedelta(days=1)
    (warrant,) = (terms.id for terms in ORDER.terms if terms.treaty == "eaw")
    assert [is_closed("GBR", DataKind.ARREST_EXTRADITION, on, warrant) for on in (last, last + day)] == [False, True]
    state, tie = max(ORDER.treaties["budapest"].memberships.items(), key=lambda item: item[1].since)
    days = tie.since - day, tie.since
    assert [is_closed(state, DataKind.CONTENT, on, "budapest_ch3") for on in days] == [True, False]
    assert [state in ORDER.parties("budapest", on) for on in days] == [False, True]


def test_arrays_are_those_of_all_states_of_which_none_asks_itself_and_nobody_changes_them() -> None:
    law = ORDER.arrays(BASE)
    count = len(ORDER.states)
    assert count == 196 and list(ORDER.states) == sorted(ORDER.states)
    for array in law:
        assert array.flags.c_contiguous and not array.flags.writeable
        assert set(array.shape) <= {count, len(Channel), len(Offence), len(DataKind), len(ORDER.terms)}
    assert isinstance(law.terms, np.recarray) and len(law.terms) == len(ORDER.terms)
    for name in ("implementation", "affinity"):
        assert ((getattr(law, name) >= 0) & (getattr(law, name) <= 1)).all()
    assert (law.instrument[np.arange(count), np.arange(count)] == -1).all()
    assert (law.instrument[..., Channel.DOMESTIC] == -1).all()
    with pytest.raises(ValueError, match="itself"):
        ORDER.channels(Question("DEU", "DEU", DataKind.CONTENT, Offence.ILLEGAL_ACCESS, BASE))
    copy = pickle.loads(pickle.dumps(ORDER))  # noqa: S301
    assert np.array_equal(copy.arrays(BASE).instrument, ORDER.arrays(BASE).instrument)


def test_what_was_found_last_is_given_again_for_its_own_day_amendments_and_draw_alone() -> None:
    early, late = date(2027, 3, 1), date(2031, 3, 1)
    grant = GrantPowers(("IND",), (DataKind.CONTENT,), date(2027, 2, 1))
    for draw, on, amendments in (
        (1, early, ()),
        (1, late, ()),
        (1, late, (grant,)),
        (2, late, (grant,)),
        (1, early, ()),
    ):
        order = ORDER.drawn(draw)
        fresh = replace(order, _kept=LawSoFar(), _national=Cache(1), _last=Last())
        for found, expected in zip(order.arrays(on, amendments)[1:], fresh.arrays(on, amendments)[1:], strict=True):
            np.testing.assert_array_equal(found, expected)


def test_change_dates_are_all_the_days_on_which_arrays_change_the_last_of_a_span_too() -> None:
    start, end = date(2024, 1, 1), date(2024, 12, 31)
    announced = ORDER.change_dates(start, end)
    for on in (start + timedelta(days=number) for number in range(1, 366)):
        fields = zip(ORDER.arrays(on - timedelta(days=1))[1:], ORDER.arrays(on)[1:], strict=True)
        same = all(np.array_equal(one, other, equal_nan=one.dtype.kind == "f") for one, other in fields)
        assert same or on in announced, on
    assert date(2024, 1, 31) in announced and date(2024, 4, 1) in announced
    # So that spans that follow one another announce each change once; the law of the first day is known already.
    amended, new_year = date(2028, 5, 5), date(2029, 1, 1)
    grant = GrantPowers(("IND",), (DataKind.CONTENT,), amended)
    assert amended in ORDER.change_dates(date(2028, 1, 1), date(2028, 12, 31), (grant,))
    assert new_year in ORDER.change_dates(date(2028, 12, 31), new_year)
    assert new_year not in ORDER.change_dates(new_year, date(2029, 12, 31))
    assert ORDER.change_dates(new_year, new_year) == ()


def test_offences_powers_and_relations_are_amended_and_channels_closed() -> None:
    on = date(2029, 1, 1)
    law = ORDER.arrays(on, (AdoptOffences(ORDER.states, CORE_OFFENCES, 4.0, on),))
    assert law.offence[:, CORE_OFFENCES].all() and not law.elements[:, CORE_OFFENCES].any()
    assert (law.penalty_years[:, CORE_OFFENCES] >= 4).all()
    assert np.array_equal(law.power, ORDER.arrays(on).power)
    untouched = Offence.MONEY_LAUNDERING
    assert np.array_equal(law.offence[:, untouched], ORDER.arrays(on).offence[:, untouched])
    china, germany, haiti = (ORDER.index(state) for state in ("CHN", "DEU", "HTI"))
    powers, practice = GrantPowers(("HTI",), tuple(DataKind), on), SetImplementation(("HTI",), 0.9, on)
    peace, closer = RemoveDataConflict(("DEU",), ("CHN",), on), ShiftAffinity(("DEU",), ("CHN",), 0.3, on)
    before, law = ORDER.arrays(on), ORDER.arrays(on, (powers, practice, peace, closer))
    assert law.power[haiti].all() and not before.power[haiti].all()
    assert law.implementation[haiti] == np.float32(0.9)
    best = int(before.implementation.argmax())
    floor = SetImplementation(("HTI", ORDER.states[best]), 0.5, on, at_least=True)
    law = ORDER.arrays(on, (floor,))
    assert before.implementation[haiti] < law.implementation[haiti] == np.float32(0.5)
    assert law.implementation[best] == before.implementation[best] > 0.5
    law = ORDER.arrays(on, (powers, practice, peace, closer))
    assert (before.conflict[germany, china], law.conflict[germany, china]) == (1, 0)
    assert law.affinity[germany, china] == pytest.approx(before.affinity[germany, china] + 0.3)
    assert law.affinity[china, germany] == before.affinity[china, germany]
    law = ORDER.arrays(BASE, (CloseChannels(tuple(Channel), BASE),))
    assert (law.instrument == -1).all() and (law.police_body == -1).all() and not law.bodies.any()
    later = (CloseChannels(tuple(Channel), date(2027, 1, 1)),)
    assert np.array_equal(ORDER.arrays(BASE).instrument, ORDER.arrays(BASE, later).instrument)


def test_a_wrong_name_is_an_error_and_one_that_is_near_is_named() -> None:
    """A wrong name is an error, with a suggestion if a similar name exists."""
    for written, said in {"GER": r"mean DEU \(Germany\)\?", "Turkey": "mean TUR", "England": "state 'England'"}.items():
        with pytest.raises(ValueError, match=said) as error:
            ORDER.index(written)
        assert ("Did you mean" in str(error.value)) == ("mean" in said)
    wrong: tuple[Amendment, ...] = (
        *(Join(("DEU",), "budapst", BASE), Join(("GER",), "budapest", BASE), Join(("DEU",), "cloud", BASE)),
        *(BringIntoForce("second_protokol", BASE), ShiftAffinity(("XXQ",), ("DEU",), 0.1, BASE)),
    )
    ORDER.arrays(BASE, right := (Join(("FRA",), "budapest", BASE),))
    for amendment in wrong:
        for before in ((), right):  # names that were looked at are not looked at again
            with pytest.raises(ValueError):
                ORDER.arrays(BASE, (*before, amendment))


def test_parties_and_days_of_a_treaty_and_of_its_channel() -> None:
    assert len(ORDER.signatories("second_protocol")) == 52 and len(ORDER.signatories("un_convention")) == 73
    assert ORDER.parties("second_protocol", BASE) == ("HUN", "JPN", "SRB")
    assert "GBR" in ORDER.parties("eaw", date(2020, 12, 31))
    assert "GBR" not in ORDER.parties("eaw", date(2021, 1, 1))
    with pytest.raises(ValueError, match="no dates of signature"):
        ORDER.signatories("eaw")
    # The channel since both are Parties to UNTOC, the treaty since its own day.
    found = ORDER.channels(Question("DEU", "USA", DataKind.CONTENT, Offence.COMPUTER_FRAUD, BASE))
    treaty = next(channel for channel in found if channel.channel is Channel.MLAT)
    memberships = ORDER.treaties["untoc"].memberships
    assert treaty.opened == max(memberships["DEU"].since, memberships["USA"].since)
    assert treaty.since == ORDER.treaties["mlat_us"].pairs["DEU", "USA"].since > treaty.opened
    (treaty,) = (terms.treaty for terms in ORDER.terms if terms.id == "jit_agreement")
    day, pair = date(2029, 5, 5), (ORDER.index("BRA"), ORDER.index("FRA"))
    joined = (Join(("BRA",), treaty, day),)
    bit = liaison_row("EUROJUST").code
    found = [int(ORDER.arrays(on, joined).bodies[pair]) >> bit & 1 for on in (day - timedelta(days=1), day)]
    assert found == [0, 1]


def test_a_cache_keeps_the_results_used_last_and_makes_no_kept_one_again() -> None:
    made: list[str] = []
    cache: Cache[str] = Cache(2)
    for key in "abacab":
        cache.get(key, lambda key=key: made.append(key) or key)  # type: ignore[misc, func-returns-value]
    assert made == ["a", "b", "c", "b"]  # the third pushes b out, as a was used after it
