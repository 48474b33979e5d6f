"""Tests of lists of scenarios and levers, of sentences on changes, and of place names."""

import re
from dataclasses import replace
from datetime import date
from hashlib import sha256
from pathlib import Path

import pytest

from sim.data.costs import Payer
from sim.policy.lever import Course
from sim.policy.levers import LEVERS
from sim.policy.listing import _figure, dose_in_all, doses, price_of, print_levers, print_scenarios, said, understood
from sim.policy.places import load_atlas, places_named
from sim.policy.problem import InputError
from sim.policy.process import Process
from sim.policy.scenario import catalogue, load
from sim.policy.schema import FIRST_DAY, LAST_DAY
from sim.policy.version import source_hash
from tests.policy.conftest import Write, changes
from tests.tables import rows

FILES = Path(__file__).parent / "files"


def test_places_by_code_name_and_group() -> None:
    found = places_named("deu,Brazil,Europe", "--for")
    states = load_atlas().states
    assert [place.title for place in found[:2]] == ["Germany (DEU)", "Brazil (BRA)"]
    assert found[0].rows == (states.index("DEU"),) and set(found[0].rows) < set(found[2].rows)
    for words, within, problem in (
        *(("BRX", (), "unknown state or group"), (",", (), "no state is named")),
        ("BRA", ("DEU", "FRA"), "not a state of this world"),
    ):
        with pytest.raises(InputError, match=problem):
            places_named(words, "--for", within)


def test_a_list_has_all_or_those_with_a_word_and_a_name_has_all_about_one(capsys: pytest.CaptureFixture[str]) -> None:
    def shown(kind: str, word: str) -> str:
        {"scenarios": print_scenarios, "levers": print_levers}[kind](word)
        return capsys.readouterr().out

    for kind, known, word in (("scenarios", set(catalogue()), "LIAISON"), ("levers", set(LEVERS), "COURT")):
        every, some = shown(kind, ""), shown(kind, word)
        listed = [[line.split()[0] for line in text.splitlines() if line.startswith("  ")] for text in (every, some)]
        assert sorted(listed[0]) == sorted(known) and 1 < len(listed[1]) < len(known) / 2
        assert f"`comity {kind} " in every and "`comity" not in some
        assert "" not in every.splitlines(), "a list without a heading has none"
        with pytest.raises(InputError, match="has this word"):
            shown(kind, "xyzzy")
    assert shown("scenarios", "preserve").startswith("Evidence: ")
    assert "What it changes:\n- " in shown("scenarios", "faster_mlat")
    assert "It changes nothing." in shown("scenarios", "status_quo")
    assert shown("levers", "court.staff").startswith("court.staff\n")


def test_a_file_gets_titles_whole(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("COLUMNS", "60")
    for printed, titles in ((print_levers, [lever.title for lever in LEVERS.values()]), (print_scenarios, [])):
        printed()
        lines, known = capsys.readouterr().out.splitlines(), titles or [load(key).title for key in catalogue()]
        assert all(any(line.endswith(f"  {title}") for line in lines) for title in known)


def test_a_multiple_is_said_in_people_as_desks_round_them(write: Write) -> None:
    """A multiple of staff is stated in persons, as each desk rounds them.

    Two desks of one person each, and one of 13: half as many again are 2, 2 and 20, nine more and not seven.
    """
    entry = "lever: court.staff, value: +50 %, states: [LAO, BRN, DEU], date: 2027-03-01"
    (found,) = doses(write(changes(entry, entry)))
    assert found.startswith("Dose: court.staff, 1.5 times today’s for LAO, BRN, DEU: ")
    numbers = [int(word) for word in re.findall(r"\b\d+\b(?= persons more| today| then)", found)]
    assert numbers[0] == numbers[2] - numbers[1] and numbers[1] == 15
    assert doses(write(changes("lever: court.staff, value: 1 times, date: 2027-03-01"))) == []


def test_a_policy_says_its_dose_in_persons_posts_states_and_euros(write: Write) -> None:
    """A policy states its dose in persons, posts, states and euros."""
    entries = [
        "lever: court.staff, value: +2 people each, states: [LAO, BRN], date: 2027-03-01",
        "lever: liaison.posts, value: +1 officers each, states: [VNM], date: 2027-03-01",
        "lever: court.staff, value: 1 times, states: [BRN], date: 2029-03-01",
    ]
    said_of = dose_in_all(write(changes(*entries[:2])))
    assert said_of.startswith("In all: +4 persons, +1 posts abroad, 3 states. About ")
    assert dose_in_all(write(changes(*entries))).startswith("In all: +2 persons, +1 posts abroad, 3 states. About ")
    assert dose_in_all(load("longer_retention")).startswith("In all: 196 states. About ")
    assert dose_in_all(load("status_quo")) == ""


def test_what_was_understood_of_a_change_is_one_sentence(write: Write) -> None:
    usual = replace(load("faster_mlat").changes[0], start=date(2027, 1, 1))
    for fields, day in (
        ({}, "from 2027-01-01."),
        ({"until": date(2029, 1, 1)}, "from 2027-01-01 to 2029-01-01, state after state."),
        ({"ramp_months": 24, "worlds": 0.25}, "from 2027-01-01, over 24 months, in 25 % of worlds."),
        ({"lag_months": 3}, "from 2027-01-01, 3 months after the decision."),
        ({"process": Process(Course.LEGISLATION)}, "from 2027-01-01, as its course of law allows."),
    ):
        text = said(replace(usual, **({"ramp_months": 0, "lag_months": 0, "process": None, "worlds": 1.0} | fields)))
        assert text.startswith(f"{usual.lever.name}: {usual.lever.title}: ") and text.endswith(f"; {day}")
    for entry, whom in rows(FILES / "whom.txt"):
        (change,) = write(changes(f"lever: {entry}, date: 2027-01-01")).changes
        assert f" {whom}; from 2027-01-01." in said(change), said(change)
    shown = [_figure(millions) for millions in (0.0, 0.94, 1.0, 12.6, 99.6, 1234.0)]
    assert shown == ["0.0", "0.9", "1", "13", "100", "1 200"]


def test_a_level_and_an_addition_are_said_back_apart(write: Write) -> None:
    """The confirmation of a new total of posts differs from that of additional posts."""
    for value, states, words in rows(FILES / "each.txt"):
        scenario = write(changes(f"lever: liaison.posts, value: {value}, states: {states}, date: 2027-03-01"))
        assert understood([scenario, scenario]) == [f"Understood: {words}."]
    doubled = write(changes("lever: liaison.posts, value: 2 x, date: 2027-03-01"))
    assert understood([load("faster_mlat"), doubled]) == []


def test_a_price_is_in_millions_over_the_policy_years_and_days_may_lie_beyond_them(write: Write) -> None:
    costs = "costs: [{what: A, once: 12 M€, from: 2028-01-01}, {what: B, yearly: 2 M€ a year, from: 2031-01-01}]\n"
    assert price_of(write(costs)) == "About 24 million euros (24 to 24)." and price_of(write("")) == ""
    for day in (FIRST_DAY, LAST_DAY):
        assert write(changes(f"lever: court.staff, value: 2 x, date: {day}")).changes[0].start == day
    (one,) = write(costs.replace("}, {what: B", ", payer: liaison}]\n#")).costs
    assert one.payer is Payer.LIAISON


def test_the_hash_of_sources_is_that_of_their_names_and_contents(tmp_path: Path) -> None:
    for name, text in (("b.py", "2"), ("a/c.csv", "1"), (".hidden.py", "3"), ("notes.txt", "4"), ("conf/x.yaml", "5")):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (tmp_path / name).write_text(text)
    assert source_hash.__wrapped__(tmp_path) == sha256(b"a/c.csv\x001b.py\x002").hexdigest()
