"""The description of the model is complete, and is what the code says today."""

import csv
import re
from pathlib import Path

import pytest

from docs.programs import odd as page
from sim.agents.events import Event
from sim.data.load import catalogue
from sim.measures.outcomes import OUTCOMES
from sim.policy.levers import LEVERS
from sim.world.parameters import declarations
from sim.world.records import ENTITIES


@pytest.fixture(scope="module")
def pages() -> dict[Path, str]:
    return page.render()


def test_no_page_and_no_table_is_stale(pages: dict[Path, str]) -> None:
    assert {place for place, text in pages.items() if place.read_text("utf-8") != text} == set(), "run `make docs`"
    assert set(page.FOLDER.iterdir()) | {page.PAGE} == set(pages)
    assert not [place for place, text in pages.items() if place.suffix == ".md" and len(text.split()) > 2_500]


def test_every_state_variable_has_unit_and_meaning_and_row_numbers_name_a_table() -> None:
    assert all(item.unit and item.meaning for entity in ENTITIES for item in entity.fields)
    shown = page.state_variables().groupby("table")["variable"].agg(list).to_dict()
    assert shown == {entity.name: [item.name for item in entity.fields] for entity in ENTITIES}
    places = {entity.name for entity in ENTITIES} | {"terms.yaml"}
    for item in (item for entity in ENTITIES for item in entity.fields):
        row, _, place = str(item.unit).partition("row of ")
        assert row or place in places, item.name


def test_every_entry_is_there(pages: dict[Path, str]) -> None:
    for what, names in {
        "levers": set(LEVERS),
        "outcomes": {outcome.key for outcome in OUTCOMES},
        "data_files": set(catalogue()),
        "parameters": {name for name, _, _ in declarations()},
    }.items():
        with (page.FOLDER / f"{what}.csv").open(encoding="utf-8") as stream:
            assert {row[0] for row in list(csv.reader(stream))[1:]} == names
    shown = re.findall(r"^\| `([^`]+)` \|", pages[page.FOLDER / "process.md"], re.MULTILINE)
    assert set(shown) == {event.name for event in Event}


def test_links_and_headings_fit_the_folder() -> None:
    text = "## 2. A\n\n### B\n\n[g](glossary.md#a) [p](odd/parameters.md) [w](https://a.b/c) [h](#here)"
    assert page._below(text).splitlines() == [
        "# 2. A",
        "",
        "## B",
        "",
        "[g](../glossary.md#a) [p](parameters.md) [w](https://a.b/c) [h](#here)",
    ]


def test_who_answers_is_read_off_the_dispatch_and_something_undescribed_is_an_error() -> None:
    answers = page.answers()
    assert answers["JOB_SERVED"].name == "job_served"
    assert answers["NODE_MOVE"].name == "node_stay_ends"  # the last branch, which names no event
    assert all(rule.says for rule in answers.values())
    with pytest.raises(page.UndescribedError, match="M99"):
        page.in_code(99)


def test_a_marker_left_out_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = page.TEMPLATE.read_text("utf-8").replace("<!-- file: levers -->", "")
    (tmp_path / "odd.template.md").write_text(text, "utf-8")
    monkeypatch.setattr(page, "TEMPLATE", tmp_path / "odd.template.md")
    with pytest.raises(ValueError, match="levers"):
        page.render()
