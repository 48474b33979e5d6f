"""Tests that generated pages are complete and agree with today's code and data."""

import csv
import re
from datetime import date, timedelta
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from docs.programs import DOCS, law, rendered, standing
from docs.programs import odd as page
from sim.agents.events import kinds
from sim.data.load import catalogue, read_table
from sim.data.spreadsheet import as_csv
from sim.law.order import legal_order
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
    places = {entity.name for entity in ENTITIES} | {"terms.yaml"}
    for item in (item for entity in ENTITIES for item in entity.fields):
        row, _, place = str(item.unit).partition("row of ")
        assert row or place in places, item.name


def test_every_entry_is_there(pages: dict[Path, str]) -> None:
    folder = page.FOLDER
    for place, names in {
        folder / "levers.csv": set(LEVERS),
        folder / "outcomes.csv": {outcome.key for outcome in OUTCOMES},
        folder / "../../sim/data/files.csv": set(catalogue()),
        folder / "parameters.csv": {name for name, _, _ in declarations()},
    }.items():
        with place.open(encoding="utf-8") as stream:
            assert {row[0] for row in list(csv.reader(stream))[1:]} == names
    assert f"[All {len(catalogue())} files of data as CSV](../../sim/data/files.csv)" in pages[folder / "inputs.md"]
    shown = re.findall(r"^\| `([^`]+)` \|", pages[page.FOLDER / "process.md"], re.MULTILINE)
    assert set(shown) == {kind.name for kind in kinds().values()}


def test_links_and_headings_fit_the_folder() -> None:
    text = "## 2. A\n\n### B\n\n[g](glossary.md#a) [p](odd/parameters.md) [w](https://a.b/c) [h](#here)"
    links = "[g](../glossary.md#a) [p](parameters.md) [w](https://a.b/c) [h](#here)"
    assert page._below(text).splitlines() == ["# 2. A", "", "## B", "", links]


def test_who_answers_is_read_off_the_dispatch_and_something_undescribed_is_an_error() -> None:
    answers = {kind.name: place for kind, place in page.answers().items()}
    assert answers["JOB_SERVED"].endswith(".job_served")
    assert answers["NODE_MOVE"].endswith(".node_stay_ends")
    assert all(page.described()[1][place] for place in answers.values())
    with pytest.raises(ValueError, match="M99"):
        page.in_code(99)


def test_a_marker_left_out_is_an_error(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    text = page.TEMPLATE.read_text("utf-8").replace("<!-- file: levers -->", "")
    (tmp_path / "odd.template.md").write_text(text, "utf-8")
    monkeypatch.setattr(page, "TEMPLATE", tmp_path / "odd.template.md")
    with pytest.raises(ValueError, match="levers"):
        page.render()


def test_each_page_is_current_has_all_its_parts_and_a_part_that_nobody_makes_is_an_error() -> None:
    """Each page is current and has all its parts (`make docs` renews it), and an unknown part is an error."""
    for program, pages in ((law, ["law"]), (standing, standing.PAGES)):
        made, named = program.parts(), set()
        for name in pages:
            text = (DOCS / f"{name}.md").read_text("utf-8")
            assert rendered(text, made, program.COMMAND) == text, name
            named |= {part for part in made if f"<!-- {part}: `{program.COMMAND}`" in text}
        assert named == set(made)
    text = "<!-- one: `a` -->\nold\n<!-- end -->\n<!-- one: `b` -->\nold\n<!-- end -->"
    with pytest.raises(KeyError, match="one"):
        rendered(text, {"evidence": "new"}, "a")
    assert rendered(text, {"one": "new"}, "a") == text.replace("old\n", "\nnew\n\n", 1)  # that of others stays


def test_the_table_of_states_is_current_and_the_page_says_why_an_instrument_opens_no_channel() -> None:
    order, renamed = legal_order(), {"ets_030": "coe_1959"}
    assert law.STATES.read_text("utf-8") == as_csv(law.national(order))
    for row in read_table("regional_instruments.csv").rows:
        used = renamed.get(row["id"], row["id"]) in {terms.treaty for terms in order.terms}
        assert used != (row["id"] in law.WHY_NOT), row["id"]


def test_the_page_counts_what_binds_from_the_first_day_to_the_last(monkeypatch: pytest.MonkeyPatch) -> None:
    """The page counts a membership from its first day to its last."""
    order = legal_order()
    state, membership = max(order.treaties["budapest"].memberships.items(), key=lambda item: item[1].since)
    last, day = date(2020, 12, 31), timedelta(days=1)
    for treaty, party, on, binds in (
        *(("eio", "GBR", last, True), ("eio", "GBR", last + day, False), ("budapest", state, membership.since, True)),
        ("budapest", state, membership.since - day, False),
    ):
        monkeypatch.setattr(law, "ON", on)
        pairs = law._open_pairs(order)[treaty]
        assert bool(pairs[tuple(sorted(map(order.index, ("DEU", party))))]) == binds
        (line,) = (row for row in law._instruments(order).splitlines() if f"| {order.treaties[treaty].name} |" in row)
        assert sum(int(cell) for cell in line.split("|")[4:7]) == len(order.parties(treaty, on))


def test_a_sign_is_firm_only_where_plausible_worlds_agree() -> None:
    row = {"block": "main", "scenario": "faster_mlat", "outcome": "groups_brought_down", "title": "Groups brought down"}
    row |= {"unit": "groups", "difference": 0.05, "low": 0.03, "high": 0.07}
    clear, no_spread = "distinguishable from noise", "firm: no spread between plausible worlds beyond chance was found"
    for verdict, chance, holds, words in (
        *((clear, 0.3, 0.97, "firm: the same in 97 %"), (clear, 0.3, 0.7, "fragile: the same in 70 %")),
        *((clear, 1.0, np.nan, no_spread), (f"not {clear}", 1.0, np.nan, "chance alone is seen")),
        ("identical in every replicate", np.nan, np.nan, "no change"),
    ):
        one = row | {"chance": chance, "holds": holds, "verdict": verdict}
        text = standing.flips(pd.DataFrame([one, one | {"block": "without queues"}]))
        assert text.count(words) == 1 and "+0.050 (+0.030 to +0.070)" in text
