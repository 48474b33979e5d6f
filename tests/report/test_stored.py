"""Tests that the stored reference is what the code writes from its stored outcomes.

Where they differ, a report says something else of the same outcomes. Was that meant? Then `make reference`.
"""

import re
import shutil
from dataclasses import replace
from io import StringIO
from pathlib import Path

import pandas as pd
import pytest

from sim.experiments import store
from sim.experiments.light import left_out
from sim.experiments.manifest import read_manifest
from sim.policy.problem import InputError
from sim.report.draw import FIGURES, draw_all
from sim.report.page.parts import for_phone, write_page
from sim.report.pages import page_of
from sim.report.publish import html_of
from sim.report.section import Section
from sim.report.studies import read_report
from sim.report.view import TABLES, View
from sim.results.stored import PARAMETER_SETS, read_stored

FOLDER = Path(__file__).parents[2] / "results/reference"


@pytest.fixture(scope="module")
def view() -> View:
    return read_report(FOLDER)


@pytest.fixture(scope="module")
def drawn(view: View, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with every figure as drawn by today's code."""
    folder = tmp_path_factory.mktemp("drawn")
    draw_all(view, folder, lambda _: None, png=False)
    return folder


@pytest.fixture(scope="module")
def written(view: View, drawn: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Folder with pages for the stored figures, and with figures for phones as drawn today."""
    folder = tmp_path_factory.mktemp("written")
    shutil.copytree(drawn, folder / store.FIGURES)
    shutil.copytree(FOLDER / store.FIGURES, folder / store.FIGURES, dirs_exist_ok=True)
    made = read_stored(FOLDER / store.MANIFEST, read_manifest)
    names = [name for name in FIGURES if (FOLDER / store.FIGURES / f"{name}.svg").exists()]
    write_page(page_of(view, names, made), folder, kind="svg")
    return folder


def test_the_page_of_a_stored_study_names_what_made_it(view: View, monkeypatch: pytest.MonkeyPatch) -> None:
    """The page of a stored study names the packages that made it, if its folder is known."""
    monkeypatch.setattr("sim.report.publish.draw_all", lambda *_, **__: [])  # figures take long
    made = read_manifest(FOLDER / store.MANIFEST)
    bare = replace(view, folder=None)
    for page, known in ((html_of(view), True), (html_of(bare), False)):
        assert (f"numpy {made['packages']['numpy']}" in page) == known
        assert page.startswith("<!DOCTYPE html>")


_FOR_PHONE = re.compile(r'<svg[^>]*aria-labelledby="\w+_phone-.*?</svg>', re.DOTALL)


def findings(page: Path) -> list[str]:
    """Findings line by line, without those that depend on today's data and calibration."""
    found, _ = re.split("(?:## |<h2>)What it rests on", _FOR_PHONE.sub("", page.read_text("utf-8")))
    return [line for line in found.splitlines() if "onfidence" not in line and "independent facts" not in line]


@pytest.mark.parametrize("name", [store.SUMMARY, store.REPORT])
def test_pages_say_of_the_stored_outcomes_what_they_said(name: str, written: Path) -> None:
    said, stored = findings(written / name), findings(FOLDER / name)
    for line, before in zip(said, stored, strict=True):
        assert line == before, name


@pytest.mark.parametrize("name", TABLES)
def test_tables_hold_of_the_stored_outcomes_what_they_held(name: str, view: View) -> None:
    if name == f"{store.COUNTRIES}.csv":
        with pytest.raises(InputError, match="make reference"):
            TABLES[name](view)
        return
    if name == PARAMETER_SETS:  # of the package, which has the same sets
        assert len(TABLES[name](view)) == len({*view.outcomes["parameter_set"]}) + 20  # sets that no seed uses
        return
    found = TABLES[name](view)
    if (FOLDER / name).exists() and name.endswith(".csv"):
        found, stored = (pd.read_csv(file) for file in (StringIO(found.to_csv(index=False)), FOLDER / name))
        pd.testing.assert_frame_equal(found, stored, rtol=1e-9)
    else:
        assert found.empty != (name in left_out(FOLDER))


def test_figures_show_of_the_stored_outcomes_what_they_showed(drawn: Path) -> None:
    """Figures of the stored outcomes are unchanged, up to 0.01 in each number."""
    number, key = re.compile(r"-?\d+\.\d+(?:e-\d+)?"), re.compile(r"\b[a-z][0-9a-f]{10}\b")
    names = sorted(path.stem for path in drawn.glob("*.svg") if not path.stem.endswith(for_phone("")))
    assert names == sorted(path.stem for path in (FOLDER / store.FIGURES).iterdir())
    for name in names:
        made, stored = (key.sub("", (at / f"{name}.svg").read_text("utf-8")) for at in (drawn, FOLDER / store.FIGURES))
        assert number.sub("#", made) == number.sub("#", stored), name
        places = [[float(place) for place in number.findall(text)] for text in (made, stored)]
        assert places[0] == pytest.approx(places[1], abs=0.01), name


def test_a_section_whose_table_a_light_study_lacks_says_where_the_table_is() -> None:
    ends = Section("How requests end", 35, lambda view: str(view.main("requests_by_end")))
    chapter = ends.chapter(read_report(FOLDER), lambda _: ())
    assert "requests_by_end" not in chapter.markdown and "make reference" in chapter.markdown and not chapter.folds
