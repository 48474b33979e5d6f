"""The description of the model is complete, and is what the code says today."""

import re

import numpy as np
import pytest

from sim.agents.events import Event
from sim.data.load import catalogue
from sim.measures.outcomes import OUTCOMES
from sim.policy.levers import LEVERS
from sim.report.odd import page, source, tables
from sim.report.odd.glossary import ENTITIES, MEANINGS, UNITS
from sim.world.parameters import declarations


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
    for name, kind in tables.record_types().items():
        assert cells(section(f"`{name}`")) == set(np.dtype(kind).names or ())
        assert ENTITIES[name]


def test_every_parameter_is_there() -> None:
    themes = {name.partition(".")[0] for name, _, _ in declarations()}
    shown = {f"{theme}.{name}" for theme in themes for name in cells(section(f"`uncertainty.{theme}`"))}
    assert shown == {name for name, _, _ in declarations()}


@pytest.mark.parametrize(
    ("what", "names"),
    [
        ("levers", set(LEVERS)),
        ("outcomes", {outcome.key for outcome in OUTCOMES}),
        ("events", {event.name for event in Event}),
        ("data_files", set(catalogue())),
    ],
)
def test_every_entry_is_there(what: str, names: set[str]) -> None:
    text = page.PAGE.read_text(encoding="utf-8")
    made = page.TABLES[what]()
    assert cells(made) == names
    assert made in text


def test_who_answers_is_read_off_the_dispatch() -> None:
    answers = source.answers()
    assert answers["JOB_SERVED"].name == "job_served"
    assert answers["NODE_MOVE"].name == "node_stay_ends"  # the last branch, which names no event
    assert all(rule.says for rule in answers.values())


def test_every_entry_of_the_glossary_is_used() -> None:
    """A comment behind the field goes first, so an entry beside it would say the same in two places."""
    fields = {f"{name}.{field}" for name, kind in tables.record_types().items() for field in np.dtype(kind).names or ()}
    silent = {name for name in fields if not tables.comment(name)}
    for glossary, names in ((UNITS, fields), (MEANINGS, silent)):
        used = {name if name in glossary else name.partition(".")[2] for name in names}
        assert not set(glossary) - used


def test_something_undescribed_is_an_error() -> None:
    with pytest.raises(tables.UndescribedError, match="no_table"):
        tables.unit("no_table.no_field")
    with pytest.raises(tables.UndescribedError, match="no_table"):
        tables.meaning("no_table.no_field")
    with pytest.raises(tables.UndescribedError, match="M99"):
        tables.in_code(99)


def test_a_marker_left_out_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    class Cut:
        name = "odd.template.md"

        def read_text(self, encoding: str) -> str:
            return page.DOCS.joinpath(self.name).read_text(encoding).replace("<!-- table: levers -->", "")

    monkeypatch.setattr(page, "TEMPLATE", Cut())
    with pytest.raises(ValueError, match="levers"):
        page.render()
