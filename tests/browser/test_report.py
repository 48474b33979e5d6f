"""Tests of report.html in a real browser: screen, phone, print, dark mode and keyboard."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page

from sim.experiments.design import comparison
from sim.policy.places import places_named
from sim.report import studies
from sim.report.headline import sentences
from sim.report.publish import html_of
from sim.report.view import View
from sim.results.words import unbroken
from tests.browser.conftest import Watched
from tests.experiments.fakes import experiment, view_of

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def view(tmp_path_factory: pytest.TempPathFactory) -> View:
    """Fixture: view of a comparison for Brazil, with made-up runs."""
    asked = experiment(tmp_path_factory.mktemp("view"), ("status_quo", "faster_mlat", "second_protocol"), replicates=4)
    return view_of(replace(asked, places=places_named("BRA", "--for")), comparison(asked, studies.rungs()))


@pytest.fixture(scope="module")
def report(view: View, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """Fixture: address of a report with all figures."""
    place = tmp_path_factory.mktemp("report") / "report.html"
    place.write_text(html_of(view), encoding="utf-8")
    assert place.stat().st_size < 3_000_000
    yield place.as_uri()


def test_the_first_screen_holds_the_answer(page: Page, report: str, view: View) -> None:
    page.goto(report)
    for sentence in filter(None, sentences(view)):
        box = page.get_by_text(unbroken(sentence), exact=True).bounding_box()
        assert box is not None and box["y"] + box["height"] < 900, "without scrolling"
    assert page.locator("figure svg").count() > 8
    assert page.locator("h1").count() == 1


def test_cards_stand_in_even_rows_of_equal_cards_before_the_first_900_pixels_end(watched: Watched, report: str) -> None:
    """Cards start within the first 900 pixels, in rows of nearly equal length, on screen and in print."""
    page = watched.open(viewport={"width": 1440, "height": 900})
    page.goto(report)
    assert _boxes(page, ".cards")[0][1] < 900, "cards of what was asked about"
    assert _boxes(page, ".sure")[0][1] < 900, "how sure it is"
    rights = page.locator(".cards").count() - 1  # each side, and abuse where it is moved
    for media in ("screen", "print"):
        page.emulate_media(media=media)
        for row in range(rights + 1):
            found = page.locator(".cards").nth(row).locator(".card").evaluate_all(_PLACES)
            tops = Counter(round(top) for top, _ in found)
            assert max(tops.values()) - min(tops.values()) <= 1 and len(found) >= (2 if row == rights else 4)
            assert max(wide for _, wide in found) - min(wide for _, wide in found) < 1.0, media


def test_nothing_of_a_phone_is_small_or_asks_for_scrolling_aside(watched: Watched, report: str) -> None:
    page = watched.open(viewport={"width": 390, "height": 844})
    page.goto(report)
    assert min(page.locator("header :is(p, h1, td, th, li, summary, span)").evaluate_all(_LETTERS)) >= 11.0
    assert page.evaluate("document.documentElement.scrollWidth") <= 390
    assert _boxes(page, ".card")[0][1] < 844, "the first number without scrolling"


def _boxes(page: Page, selector: str) -> list[tuple[float, float]]:
    """Upper and lower edges of page elements, in pixels."""
    found = page.locator(selector).evaluate_all(
        "all => all.map(one => { const box = one.getBoundingClientRect(); return [box.top, box.bottom] })"
    )
    return [(top, bottom) for top, bottom in found]


#: Upper edge and width of each element.
_PLACES = "all => all.map(one => { const box = one.getBoundingClientRect(); return [box.top, box.width] })"
#: Height of the letters of each element that is shown, in pixels.
_LETTERS = """all => all.filter(one => one.getClientRects().length && one.textContent.trim())
  .map(one => parseFloat(getComputedStyle(one).fontSize))"""


def test_folds_open_by_keyboard_and_files_can_be_saved(page: Page, report: str) -> None:
    page.goto(report)
    fold = page.locator("figure details").first
    fold.locator("summary").focus()
    page.keyboard.press("Enter")
    assert fold.get_attribute("open") is not None
    with page.expect_download() as waiting:
        fold.locator("a.file").click()
    text = Path(waiting.value.path()).read_text("utf-8")
    assert text.splitlines()[0].startswith("scenario,")


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 360)])
def test_no_serious_violation_of_accessibility_and_tables_scroll_but_not_the_page(
    watched: Watched, report: str, accessible: Callable[[Page], None], scheme: str, width: int
) -> None:
    page = watched.open(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page.goto(report)
    accessible(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_regions_have_names_of_their_own(watched: Watched, report: str) -> None:
    """Landmark regions have distinct names, also with all collapsible sections open."""
    page = watched.open(viewport={"width": 1280, "height": 900})
    page.goto(report)
    page.evaluate("document.querySelectorAll('details').forEach(fold => { fold.open = true })")
    assert Axe().run(page).response["violations"] == []


def test_figures_of_a_phone_can_be_read_on_it(watched: Watched, report: str) -> None:
    """Text in figures on a phone is at least 11 pixels high and needs no sideways scrolling."""
    page = watched.open(viewport={"width": 390, "height": 844})
    page.goto(report)
    sizes = page.evaluate(_SIZES)
    assert len(sizes) > 100 and min(sizes) >= 11.0
    wide = "[...document.querySelectorAll('.drawing')].filter(one => one.scrollWidth > one.clientWidth + 1).length"
    assert page.evaluate(wide) == 0


#: Heights of letters of every text of a drawing that is shown, in pixels of the screen.
_SIZES = """() => [...document.querySelectorAll('svg text')].filter(text => text.getClientRects().length).map(text => {
  const seen = text.getScreenCTM();
  return parseFloat(getComputedStyle(text).fontSize) * Math.sqrt(Math.abs(seen.a * seen.d - seen.b * seen.c));
})"""


def test_it_prints(page: Page, report: str, tmp_path: Path) -> None:
    page.goto(report)
    page.emulate_media(media="print")
    assert not page.locator("nav").first.is_visible()
    page.pdf(path=tmp_path / "report.pdf", format="A4")
    assert (tmp_path / "report.pdf").stat().st_size > 50_000
    assert page.get_by_role("heading", name="Annex", exact=True).count() == 1
    page.evaluate("document.querySelectorAll('.annex, .annex ~ *, footer').forEach(part => part.remove())")
    sizes = re.findall(rb"/Count (\d+)", page.pdf(prefer_css_page_size=True))
    assert 2 <= max(map(int, sizes)) <= 6, "pages before the annex"
