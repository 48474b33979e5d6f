"""The description of the model is complete, and is what the code says today."""

import re
from pathlib import Path

import pytest

from docs.programs import odd as page
from docs.programs import odd_source as source
from sim.agents.events import Event
from sim.data.load import catalogue
from sim.measures.outcomes import OUTCOMES
from sim.policy.levers import LEVERS
from sim.world.parameters import declarations
from sim.world.records import ENTITIES


def test_the_page_is_not_stale() -> None:
    assert page.PAGE.read_text(encoding="utf-8") == page.render(), "run `make docs`"


def cells(text: str) -> set[str]:
    """First cells of the rows of all tables, as code."""
    return set(re.findall(r"^\| `([^`]+)` \|", text, re.MULTILINE))


def section(title: str) -> str:
    """The part of the page under a heading of level four."""
    text = page.PAGE.read_text(encoding="utf-8")
    return text.partition(f"\n#### {title}\n")[2].partition("\n#")[0]


def test_every_state_variable_has_unit_and_meaning() -> None:
    for entity in ENTITIES:
        part = section(f"`{entity.name}`")
        assert cells(part) == {item.name for item in entity.fields} and entity.meaning in part
        assert all(item.unit and item.meaning for item in entity.fields)


def test_row_numbers_name_a_table() -> None:
    places = {entity.name for entity in ENTITIES} | {"terms.yaml"}
    for item in (item for entity in ENTITIES for item in entity.fields):
        row, _, place = str(item.unit).partition("row of ")
        assert row or place in places, item.name


def test_every_parameter_is_there() -> None:
    themes = {name.partition(".")[0] for name, _, _ in declarations()}
    shown = {f"{theme}.{name}" for theme in themes for name in cells(section(f"`uncertainty.{theme}`"))}
    assert shown == {name for name, _, _ in declarations()}


def test_every_entry_is_there() -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    for what, names in {
        "levers": set(LEVERS),
        "outcomes": {outcome.key for outcome in OUTCOMES},
        "events": {event.name for event in Event},
        "data_files": set(catalogue()),
    }.items():
        made = getattr(page, what)()
        assert cells(made) == names and made in text


def test_who_answers_is_read_off_the_dispatch() -> None:
    answers = source.answers()
    assert answers["JOB_SERVED"].name == "job_served"
    assert answers["NODE_MOVE"].name == "node_stay_ends"  # the last branch, which names no event
    assert all(rule.says for rule in answers.values())


def test_something_undescribed_is_an_error() -> None:
    with pytest.raises(page.UndescribedError, match="M99"):
        page.in_code(99)


def test_a_marker_left_out_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = page.TEMPLATE.read_text("utf-8").replace("<!-- table: levers -->", "")
    (tmp_path / "odd.template.md").write_text(text, "utf-8")
    monkeypatch.setattr(page, "TEMPLATE", tmp_path / "odd.template.md")
    with pytest.raises(ValueError, match="levers"):
        page.render()
