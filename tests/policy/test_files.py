"""Tests of files on the table: their record, their options, and that doses that their texts state reach the world."""

import csv
from datetime import date
from functools import cache
from pathlib import Path

import numpy as np
import pytest

from sim.data.load import DataError, read_table
from sim.law.candidates import candidates
from sim.law.days import to_day
from sim.law.order import LegalOrder, legal_order
from sim.law.vocabulary import Channel
from sim.policy.check import check
from sim.policy.document import parse_document
from sim.policy.files import EVERYWHERE, TABLE, Passing, notes, option_in, options, record_of, records
from sim.policy.listing import print_files, print_scenarios
from sim.policy.places import places_named
from sim.policy.problem import InputError
from sim.policy.scenario import FILES, catalogue, load, of_files
from sim.policy.scenario_timeline import policy_days, timeline_of
from sim.world.parameters import WorldSpec
from sim.world.records import Body
from sim.world.world import World
from tests.policy.conftest import Expand
from tests.tiny import begun

ROWS = list(csv.DictReader((Path(__file__).parent / "files" / "doses.csv").read_text("utf-8").splitlines()))
STATES = ["BRA", "CAN", "DEU", "GBR", "HUN", "JPN", "KEN", "QAT", "SRB", "USA"]
#: A small world that lives as long as the default one, so that every dose is in it.
SPEC = WorldSpec(groups=4, start="2026-06-01", states=STATES)
#: Options under which today's law goes on.
AS_TODAY = {"uk_us_renewed"}


def test_files_are_no_part_of_the_catalogue(order: LegalOrder, timeline: Expand) -> None:
    assert not set(of_files()) & set(catalogue())
    assert not {load(key).group for key in catalogue()} & {FILES} and {load(key).group for key in of_files()} == {FILES}
    for key in of_files():
        scenario = load(key)
        assert scenario.question.endswith(("?", ".")) and scenario.recommendation and scenario.lags and scenario.cost, (
            key
        )
        assert check(scenario, order, WorldSpec()) == (), key
        assert bool(timeline(scenario).steps) == (key not in AS_TODAY), key


def test_every_dose_and_price_has_a_reference_and_flags_and_every_option_says_what_is_open() -> None:
    for key, one in options().items():
        assert one.left_open and 0.0 < one.passing.least < one.passing.most < 1.0, key
        assert all(change.reference and change.flag and change.date_flag for change in one.changes), key
        assert all(cost.reference and cost.flag for cost in one.costs), key
        assert one.changes or one.based_on or key in AS_TODAY, key


def test_every_file_has_an_option_a_price_and_places_to_look_first() -> None:
    assert len(records()) >= 10
    assert {one.record.file for one in options().values()} == set(records())
    for record in records().values():
        texts = (
            record.title,
            record.reference,
            record.stage,
            record.stage_on,
            record.next,
            record.price,
            record.source,
        )
        assert all((*texts, record.touches, record.changed)), record.file
        assert record.checked.isoformat() >= record.stage_on, record.file
        assert record.places == EVERYWHERE or places_named(record.places, "--for"), record.file


def test_a_candidate_has_the_share_of_worlds_that_its_row_has() -> None:
    (lapse,) = (one for one in candidates() if one.id == "uk_us_ends")
    assert options()["uk_us_lapses"].passing == Passing(lapse.least, lapse.most)


@cache
def world_of(option: str, day: str) -> World:
    """A small world under an option, on a day."""
    steps = timeline_of(load(option), legal_order(), *policy_days(SPEC), seed=1, states=SPEC.states)
    run = begun(1, SPEC, {"mechanism.with_turnover": 0.0}, steps)
    run.advance(to_day(date.fromisoformat(day)))
    return run.world


def found(world: World, what: str) -> float | str:
    """Value of what a row of doses.csv names, in a world."""
    order, (kind, *words) = legal_order(), what.split()
    ids = np.array([*(terms.id for terms in order.terms), "closed"])
    match kind:
        case "setting":
            return float(np.float32(world.setting[0][words[0]]))
        case "staff":
            return float(world.desk["servers"][world.liaison_body["desk"][Body[words[0]]]])
        case "pairs":
            return float((ids[world.instrument] == words[0]).any(axis=2).sum())
        case "body":
            bits = int(world.bodies[order.index(words[0]), order.index(words[1])])
            return float(bits >> Body[words[2]] & 1)
        case "law":
            return str(ids[world.instrument[order.index(words[0]), order.index(words[1]), Channel[words[2]]]])
    raise AssertionError(what)


def test_every_option_that_changes_something_has_a_dose_that_is_looked_for() -> None:
    assert {row["option"] for row in ROWS} == set(of_files()) - AS_TODAY


@pytest.mark.parametrize("row", ROWS, ids=[f"{row['option']} {row['what']}" for row in ROWS])
def test_doses_are_in_the_world_on_their_day_and_not_before(row: dict[str, str]) -> None:
    before, after = (found(world_of(row["option"], row[day]), row["what"]) for day in ("before", "after"))
    if row["value"] == "more":
        assert after > before  # type: ignore[operator]
    else:
        expected = row["value"] if isinstance(after, str) else pytest.approx(float(row["value"]))
        assert after == expected and before != expected


def test_the_list_has_each_file_with_stage_next_day_check_and_flag(capsys: pytest.CaptureFixture[str]) -> None:
    print_files()
    shown = capsys.readouterr().out
    for record in records().values():
        for text in (record.title, record.stage, record.next_on, f"Checked on {record.checked}", record.tag.value):
            assert text in shown, (record.file, text)
    assert all(f"  {key} " in shown for key in options())
    print_files("canada")
    assert "uk_us" not in capsys.readouterr().out
    with pytest.raises(InputError, match="has this word"):
        print_files("xyzzy")


def test_one_is_shown_with_what_its_text_says_and_leaves_open(capsys: pytest.CaptureFixture[str]) -> None:
    print_scenarios("uk_us_lapses")
    shown, option = " ".join(capsys.readouterr().out.split()), options()["uk_us_lapses"]
    assert str(option.passing) in shown and "--for 'GBR,USA'" in shown
    assert all(text in shown for text in option.left_open)
    assert option.changes[0].reference in shown  # type: ignore[operator]
    print_scenarios("faster_mlat")
    assert "File: " not in capsys.readouterr().out


def test_a_study_says_the_stage_of_a_file_once() -> None:
    (line,) = notes(map(load, ("uk_us_lapses", "uk_us_renewed", "faster_mlat")))
    assert records()["uk_us"].checked.isoformat() in line


@pytest.mark.parametrize(
    ("line", "value", "problem"),
    [
        ("file", "uk_uss", "no file on the table"),
        ("candidate", "uk_us_end", "not a candidate"),
        ("passes", "40 %", "not two shares"),
        ("passes", "80 % to 40 %", "not two shares"),
        ("passes", "most", "not a number"),
    ],
)
def test_a_wrong_entry_is_named_with_its_file_and_line(line: str, value: str, problem: str) -> None:
    of_share = ("passes", "candidate") if line == "candidate" else (line,)
    lines = of_files()["uk_us_renewed"].read_text("utf-8").splitlines()
    kept = [one for one in lines if not one.startswith(of_share)]
    text = "\n".join([*kept, f"{line}: {value}"]) + "\n"
    with pytest.raises(InputError) as caught:
        option_in(parse_document(text, "wrong.yaml"), "wrong")
    assert f"wrong.yaml:{len(kept) + 1}: {line}" in str(caught.value) and problem in str(caught.value)


def test_a_row_with_a_wrong_day_is_an_error() -> None:
    for column in ("stage_on", "next_on", "checked"):
        with pytest.raises(DataError, match=f"{column} = 'soon'"):
            record_of({**read_table(TABLE).rows[0], column: "soon"})
