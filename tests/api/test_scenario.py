"""Tests that scenarios made in Python equal those read from files."""

from datetime import date
from pathlib import Path

import pytest

import sim
from sim.policy.scenario import load

ABOUT = {"title": "More staff: half as many again", "question": "What do people change?", "author": "Ministry"}
CHANGE = {"lever": "central_authority.staff", "value": "+50 %", "date": date(2027, 1, 1), "states": ["DEU", "FRA"]}


def about(made: sim.Scenario) -> tuple[str, str, str]:
    """Key, title and text of a scenario, for comparison."""
    return made.key, made.title, made.text


def test_a_scenario_is_saved_as_a_file_that_reads_the_same(tmp_path: Path) -> None:
    made = sim.Scenario.from_changes("more_staff", [CHANGE, {**CHANGE, "lever": "court.staff"}], **ABOUT)
    path = made.save(tmp_path / "more_staff.yaml")
    read = load(str(path))
    assert (read.title, read.question, read.author) == tuple(ABOUT.values())
    assert [change.lever.name for change in read.changes] == ["central_authority.staff", "court.staff"]
    assert read.changes[0].start == date(2027, 1, 1) and read.changes[0].value == 1.5
    assert path.read_text("utf-8") == made.text and made.is_saved and made.file == path
    again = sim.Scenario.from_file(path)
    assert (again.key, again.title, again.text, again.file, again.is_saved) == (*about(made), path, True)
    with pytest.raises(sim.InputError, match=r"nothing\.yaml"):
        sim.Scenario.from_file(tmp_path / "nothing.yaml")


def test_it_rests_on_others() -> None:
    made = sim.Scenario.from_changes("both", [CHANGE], based_on=["faster_mlat"], sources=["a report"], **ABOUT)
    assert len(load(str(made.file)).changes) == len(load("faster_mlat").changes) + 1


def test_all_mistakes_are_reported_with_their_places() -> None:
    wrong = {**CHANGE, "lever": "central_authority.stafff", "dat": "2027-13-01"}
    with pytest.raises(sim.InputError) as raised:
        sim.Scenario.from_changes("wrong", [CHANGE, wrong], **ABOUT)
    assert str(raised.value).startswith("wrong.yaml: 2 mistakes\n  wrong.yaml:")
    assert "Did you mean central_authority.staff?" in str(raised.value)
    assert "/" not in str(raised.value), "the temporary folder is not the user's"


def test_text_runs_nothing() -> None:
    with pytest.raises(sim.InputError, match="looked up elsewhere"):
        sim.Scenario.from_changes("env", [CHANGE], **{**ABOUT, "title": "${oc.env:HOME}"})


def test_a_name_stands_for_a_new_file(tmp_path: Path) -> None:
    for key in ("", "../up", ".hidden", "faster_mlat"):
        with pytest.raises(sim.InputError):
            sim.Scenario.from_changes(key, [CHANGE], **ABOUT)
    with pytest.raises(sim.InputError, match=r"ends in \.yaml"):
        sim.Scenario.from_changes("mine", [CHANGE], **ABOUT).save(tmp_path / "mine.py")
