"""Tests of the page's state: an address describes exactly the changes that the page knows."""

import base64
import re
import zlib
from datetime import date
from functools import partial
from pathlib import Path
from urllib.parse import parse_qsl, urlencode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sim.law.order import legal_order
from sim.policy.document import MOST_BYTES
from sim.policy.lever import Lever, Quantity
from sim.policy.levers import LEVERS
from sim.policy.problem import InputError
from sim.policy.scenario import catalogue, load
from sim.policy.scenario_timeline import timeline_of
from sim.policy.units import read_value
from sim.web import form
from sim.web import state as state_of
from sim.web.form import FIRST, LeverField, count, fields_of, heading, offered, pack, scenario_of, unpack
from sim.web.state import Draft, LeverMove, PageState, about, address, clean, words_of
from tests.tables import rows

DAYS = date(2027, 1, 1), date(2036, 12, 31)
PLACES = ("EU", "BRA", "Germany", "tier 4", "parties of Budapest", "African Union", "non_parties of Budapest")


def said(query: str) -> PageState:
    """The state that an address describes."""
    return clean(parse_qsl(query, keep_blank_values=True), *DAYS)


@st.composite
def values(draw: st.DrawFn, lever: Lever) -> str:
    """Value of a lever as an address may contain it."""
    if lever.quantity is Quantity.CHOICES:
        return ",".join(draw(st.lists(st.sampled_from(lever.choices), min_size=1, unique=True)))
    if words_of(lever):
        return draw(st.sampled_from(words_of(lever)))
    return str(draw(st.floats(lever.low, lever.high)))


@st.composite
def queries(draw: st.DrawFn) -> list[tuple[str, str]]:
    """Addresses that a person could make, as a search strategy."""
    names = draw(st.lists(st.sampled_from(sorted(LEVERS)), max_size=4, unique=True))
    query = [("scenario", draw(st.sampled_from(sorted(catalogue()))))]
    for name in names:
        lever = LEVERS[name]
        day = draw(st.dates(*DAYS)).isoformat()
        ramp = draw(st.sampled_from(("", "0", "6", "24")))
        states = "|".join(draw(st.lists(st.sampled_from(PLACES), max_size=3, unique=True)))
        instrument = draw(st.sampled_from(about(lever) or ("",)))
        query.append((name, f"{draw(values(lever))}~{day}~{ramp}~{states}~{instrument}"))
    for key, word in (("courts", "overloaded"), ("worlds", "one"), ("pairs", "60"), ("country", "DEU|USA")):
        query += [(key, word)] if draw(st.booleans()) else []
    return query


@given(queries())
@settings(max_examples=150)
def test_an_address_of_the_page_is_read_as_it_was_written(query: list[tuple[str, str]]) -> None:
    state = clean(query, *DAYS)
    assert not state.notes
    assert {name for name, _ in state.draft.moves} == {key for key, _ in query if key in LEVERS}
    again = clean(parse_qsl(address(state)), *DAYS)
    assert again == state and address(again) == address(state)


def test_an_instrument_that_the_page_offers_makes_a_file_without_a_mistake() -> None:
    for instrument in about(LEVERS["instrument.penalty_threshold"]):
        query = [("instrument.penalty_threshold", f"1~2027-01-01~~~{instrument}")]
        assert not scenario_of(clean(query, *DAYS).draft).mistakes


@given(queries())
@settings(max_examples=30)
def test_the_scenario_file_of_an_address_is_read_without_a_mistake(query: list[tuple[str, str]]) -> None:
    draft = clean(query, *DAYS).draft
    scenario = scenario_of(draft)
    levers = {change.lever.name for change in scenario.changes}
    assert not scenario.mistakes
    for name, move in draft.moves:
        (change,) = [change for change in scenario.changes if change.lever.name == name]
        assert str(change.start) == move.on and str(change.ramp_months or "") == move.ramp
        assert state_of.on_page(change.lever, change.value) == move.value
    assert levers >= {name for name, _ in draft.moves}
    timeline_of(scenario, legal_order(), *DAYS)


@given(st.lists(st.tuples(st.one_of(st.sampled_from(sorted(LEVERS)), st.text(max_size=20)), st.text(max_size=60))))
@settings(max_examples=300)
def test_anything_at_all_is_read_and_what_comes_of_it_stands(query: list[tuple[str, str]]) -> None:
    state = clean(query, *DAYS)
    assert clean(parse_qsl(address(state)), *DAYS) == state
    assert not scenario_of(state.draft).mistakes


@given(st.floats(allow_nan=True, allow_infinity=True))
def test_numbers_are_clamped_and_rounded(number: float) -> None:
    for name in ("central_authority.staff", "transmission.electronic_share", "politics.affinity_shift"):
        moves = dict(clean([(name, str(number))], *DAYS).draft.moves)
        if name in moves:
            found, lever = float(moves[name].value), LEVERS[name]
            assert lever.low <= found <= lever.high
            assert abs(found - min(max(number, lever.low), lever.high)) <= 0.005 + 1e-12
        else:
            assert not abs(number) < float("inf")


def test_no_number_is_written_as_minus_nothing() -> None:
    for written, value in (("-0.001", "0"), ("-0.0", "0"), ("-0.01", "-0.01")):
        (move,) = clean([("politics.affinity_shift", written)], *DAYS).draft.moves
        assert move[1].value == value


def test_what_is_offered_can_stand_in_a_list_and_is_known() -> None:
    assert {"EU", "ASEAN", "Africa", "BRA", "Brazil"} <= {*offered()}
    assert "," not in "".join(offered())
    for word in offered()[::25]:
        assert said(f"country={word}").places and not said(f"court.staff=2~~~{word}").notes, word


def test_what_is_dropped_is_said() -> None:
    kept = f"court.staff=2&kept=scenario%3Dfaster_mlat%26x%3D{'a' * state_of.MOST_KEPT}"
    long = "The policy that was kept as A is too long for an address and was left out."
    for query, note in (*rows(Path(__file__).with_name("dropped.txt")), (kept, long)):
        (found,) = said(query).notes
        assert found.startswith(note)
    assert (said(kept).kept, len(said(kept).draft.moves)) == (None, 1)


def test_days_ramps_and_counts_are_brought_into_range() -> None:
    state = said("court.staff=2~1999-01-01~100000&pairs=1000000")
    assert state.draft.moves == (("court.staff", LeverMove("2", str(DAYS[0]), "240")),)
    assert state.pairs == state_of.MOST_PAIRS
    assert [said(f"pairs={number}").pairs for number in (35, 47)] == [40, 40]
    assert said("court.staff=2~2099-01-01").draft.moves[0][1].on == str(DAYS[1])


def test_a_kept_policy_travels_inside_and_goes_no_deeper() -> None:
    inside = urlencode([("scenario", "faster_mlat"), ("court.staff", "2"), ("kept", "scenario=training")])
    state = said(urlencode([("kept", inside)]))
    assert state.kept == Draft("faster_mlat", moves=(("court.staff", LeverMove("2", str(DAYS[0]))),))
    assert said(address(state)) == state


def test_every_lever_is_on_the_page_once() -> None:
    names = [field.lever.name for field in fields_of(Draft(), DAYS[0])]
    assert sorted(names) == sorted(LEVERS) and names[: len(FIRST)] == [*FIRST]


def test_levels_of_a_slider_are_values_of_its_lever() -> None:
    for name, slider in FIRST.items():
        lever, values = LEVERS[name], [*slider.notches]
        assert values == sorted(values, reverse=not slider.step)
        assert [at for at, words in slider.notches.items() if words.startswith("as today")] == [lever.neutral][
            : len(values)
        ]
        for value in values:
            steps = (value - values[0]) / (slider.step or 1.0)
            assert steps == pytest.approx(round(steps)), slider
            if value != lever.neutral:
                assert read_value(lever, state_of.in_file(lever, f"{value:g}")) == pytest.approx(value)


def test_each_place_of_a_slider_has_its_words() -> None:
    every, germany = (form.slider_words("court.staff", states, (), DAYS[0]) for states in ("", "DEU"))
    courts = [count("court.staff", words, (), DAYS[0]) for words in ((), ("DEU",))]
    assert len(every) == 26 and every[5] == f"{courts[0]:.0f} persons: as today"
    assert germany[15] == f"{2 * courts[1]:.0f} persons instead of {courts[1]:.0f}: twice as many"
    assert every[6].endswith(f" instead of {courts[0]:.0f}: 1.1 × today's")
    words = form.slider_words("law.core_offences", "", (), DAYS[0])
    assert (words[0], words[1], words[2]) == ("as today", "1 years: treaty minimum", "2 years")


def test_a_scenario_of_the_catalogue_is_the_same_policy_on_the_page() -> None:
    """A shipped scenario is the same policy on the page, with its base scenarios written out."""

    def plain(scenario):
        return [{**vars(change), "where": "", "key": "", "value_where": ""} for change in scenario.changes]

    for key in catalogue():
        fresh, loaded = scenario_of(Draft(key)), load(key)
        assert plain(fresh) == plain(loaded), key
        assert (fresh.costs, fresh.title, not fresh.mistakes) == (loaded.costs, loaded.title, True)
        assert (fresh.monitor is None) == (loaded.monitor is None)
        packed = Draft(file=pack(form.scenario_text(Draft(key))))
        assert plain(scenario_of(packed)) == plain(loaded), key


def test_a_moved_lever_replaces_what_the_policy_did_with_it() -> None:
    draft = said("scenario=faster_mlat&central_authority.staff=2~2028-01-01~~EU&request.template=today").draft
    changes = {change.lever.name: change for change in scenario_of(draft).changes}
    assert changes["central_authority.staff"].value == 2.0
    assert changes["central_authority.staff"].states.words == ("EU",)
    assert "request.template" not in changes and "transmission.electronic_share" in changes
    shown = {field.lever.name: field for field in fields_of(draft, DAYS[0])}["request.template"]
    assert shown.begins.value and not shown.stands.value, "the form still shows where it began"
    twice = fields("scenario=training")["agency.training"]
    assert (twice.begins.value, twice.set_here) == ("", True) and "not shown here" in twice.note


def fields(query: str) -> dict[str, LeverField]:
    """Form fields of an address, by lever."""
    return {field.lever.name: field for field in fields_of(said(query).draft, DAYS[0])}


def test_the_form_shows_where_levers_stand() -> None:
    shown = fields("scenario=faster_mlat&court.staff=2~2028-01-01~12~EU|BRA")
    for name in FIRST:
        lever = LEVERS[name]
        assert shown[name].neutral == ("" if words_of(lever) else f"{lever.neutral:g}")
    assert shown["central_authority.staff"].stands.value == "1.5"
    assert shown["central_authority.staff"].stands.ramp == "24"
    assert shown["court.staff"].stands == ("2", "2028-01-01", "12", "EU|BRA", "")
    assert shown["court.staff"].today.endswith(" persons") and shown["request.template"].set_here
    gradual = [
        name for name in ("court.staff", "instrument.deadline", "law.in_force") if state_of.takes_ramp(LEVERS[name])
    ]
    assert gradual == ["court.staff"], "a term or a switch has no ramp"
    assert "central_authority.deadline " in shown["central_authority.deadline_enforceable"].note
    assert "no states can be named" in shown["evidence.retention_floor"].note
    assert fields("scenario=faster_mlat&central_authority.staff=today")["central_authority.staff"].stands.value == "1"
    law = fields("scenario=harmonised_law")["law.core_offences"]
    assert law.stands.value == "5" and "not shown here" in law.note
    officers = f"+{2 * (count('liaison.posts', (), (), DAYS[0]) or 0):.0f} posts together"
    for lever, written, value in (("liaison.posts", officers, "3"), ("court.staff", "0.12 times", "0.5")):
        change = f"- lever: {lever}\n  value: {written}\n  date: 2028-01-01\n  states: [all]\n"
        file = pack(f"title: A\nquestion: B?\nauthor: C\nchanges:\n{change}")
        moved = fields(f"file={file}")[lever]
        assert (moved.stands.value, moved.begins.value) == (value, value), "as it can"
        assert moved.said.startswith(f"{written} (today ")


def test_a_lever_that_grows_begins_where_it_moves_nothing() -> None:
    """The slider of a growth lever starts at the value without effect."""
    change = "- lever: court.staff\n  growth: 3 % a year\n  date: 2028-01-01\n  states: [all]\n"
    file = pack(f"title: A\nquestion: B?\nauthor: C\nchanges:\n{change}")
    assert (
        fields(f"file={file}")["court.staff"].begins.value == fields("scenario=status_quo")["court.staff"].begins.value
    )


def test_what_a_file_is_based_on_is_a_list_of_names_or_a_message() -> None:
    for based in ("5", "{faster_mlat: 1}", "[5]", "[no_such]"):
        draft = Draft(file=pack(f"title: A policy\nbased_on: {based}\n"))
        assert any("based_on" in str(mistake) for mistake in scenario_of(draft).mistakes), based


def test_files_too_long_or_growing_without_end_are_refused() -> None:
    bomb = base64.urlsafe_b64encode(zlib.compress(b"a" * 5_000_000)).decode().rstrip("=")
    assert len(bomb) < state_of.MOST_FILE
    with pytest.raises(InputError, match="damaged"):
        unpack(bomb)
    longest = "a" * MOST_BYTES
    assert unpack(pack(longest)) == longest
    with pytest.raises(InputError, match="damaged"):
        unpack(pack(f"{longest}a"))
    noise = "".join(f"{hash((1, number)):x}" for number in range(8000))
    assert unpack(pack(noise[: len(noise) // 2])) == noise[: len(noise) // 2]
    with pytest.raises(InputError, match="too long for an address, which has room for 60,000 letters"):
        pack(noise)


def moves(query: str, world: tuple[str, ...] = ()) -> list[str]:
    """Moves that an address describes, as text."""
    return list(form.moves_said(said(query).draft, world, DAYS[0]))


def test_what_is_moved_is_said_in_persons_and_posts() -> None:
    (all_,), (of_two,) = moves("court.staff=2"), moves("court.staff=2~2028-01-01~12~DEU|BRA")
    for words, there in (
        (all_, count("court.staff", (), (), DAYS[0])),
        (of_two, count("court.staff", ("DEU", "BRA"), (), DAYS[0])),
    ):
        numbers = [
            float(part.replace(" ", "")) for part in re.findall(r"\d[\d ]*(?= persons)|(?<=instead of )\d[\d ]*", words)
        ]
        assert numbers == [2 * there, there]
    assert "(from 2028-01-01, over 12 months, DEU and BRA)" in of_two
    assert count("court.staff", (), ("DEU",), DAYS[0]) == count("court.staff", ("DEU",), (), DAYS[0])
    assert count("court.training", (), (), DAYS[0]) is None
    assert moves("law.join=budapest~~~BRA")[0].endswith("Budapest Convention on Cybercrime (BRA)")
    assert moves("central_authority.deadline=30")[0].endswith(": 30 days")
    assert moves("scenario=faster_mlat&court.staff=today")[0].endswith(": as today")


def test_who_is_counted_is_named_in_a_file_and_stands_in_the_world() -> None:
    day, courts = date(2027, 1, 1), partial(count, "court.staff")
    germany, france, every = (courts(words, (), day) for words in (["DEU"], ["FRA"], []))
    assert germany and france and every and germany + france < every == courts(["all"], (), day)
    assert courts(["DEU", "FRA"], (), day) == courts([], ("DEU", "FRA"), day) == germany + france
    assert courts(["DEU", "FRA"], ("FRA", "USA"), day) == france and courts(["DEU"], ("FRA",), day) == 0.0
    for lever in ("central_authority", "forensic", "provider", "europol"):
        assert (count(f"{lever}.staff", (), (), day) or 0.0) > 0.0, lever
    assert courts(["nowhere"], (), day) is None and count("request.template", (), (), day) is None


def test_a_heading_says_what_was_moved() -> None:
    assert heading("Today", ["A: 2", "B: 3", "C: 4"], plain=True) == "A: 2; B: 3; 1 more"
    assert heading("Faster", ["A: 2"], plain=False) == "Faster, with A: 2"
    assert heading("Faster", [], plain=False) == "Faster" and heading("Today", [], plain=True) == "Today"


def test_names_are_short_and_hold_no_controls() -> None:
    state = said(urlencode({"name": "a\u202eb\n c" + "x" * 99, "kept": "court.staff=2", "kept_name": " d "}))
    assert state.name == ("ab c" + "x" * 99)[:40] and state.kept_name == "d"
    assert said(address(state)) == state and said("kept_name=d").kept_name == ""


def test_limits_are_kept_to_the_letter() -> None:
    fields = "&".join(["court.staff=2", *(f"x{number}=1" for number in range(199))])
    for kept, there in ((fields, True), (f"{fields}&y=1", False)):
        state = said(urlencode({"kept": kept}))
        assert (state.kept is not None) == there == (not any("too long" in note for note in state.notes))
    for letters, there in ((state_of.MOST_KEPT - 20, True), (state_of.MOST_KEPT - 19, False)):
        assert (said(urlencode({"kept": f"scenario=training&x={'a' * letters}"})).kept is not None) == there
    for letters, there in ((state_of.MOST_FILE, True), (state_of.MOST_FILE + 1, False)):
        assert bool(said(f"file={'a' * letters}").draft.file) == there
    for many, noted in ((6, False), (7, True)):
        state = said(f"country={'|'.join(['DEU', 'FRA', 'USA', 'NLD', 'RUS', 'BRA', 'CHN'][:many])}")
        assert (len(state.places), bool(state.notes)) == (6, noted)
    low, high = (f"court.staff={end:g}" for end in (LEVERS["court.staff"].low, LEVERS["court.staff"].high))
    first, last = (f"court.staff=2~{day}~240" for day in DAYS)
    assert not any(said(query).notes for query in (low, high, first, last, "pairs=100"))
    assert all(said(query).notes for query in (f"{high}1", "court.staff=2~2026-12-31", "court.staff=2~2037-01-01"))
    assert address(PageState()) == "" and address(PageState(pairs=40)) == "pairs=40"
    assert said("country=deu").places == ("DEU",) and said("country=EU").places == said("country=eu").places != ("DEU",)
