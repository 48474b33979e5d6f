"""Tests of the what-if page's immediate reactions in a real browser, with stand-ins for workers."""

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from sim.web.app import page_app
from sim.web.pool import WorkerPool, worlds_of
from sim.web.site import Site
from tests.browser.conftest import Watched
from tests.browser.test_dashboard import STAFF, effects, finished, move, show
from tests.web.fakes import stand_in
from tests.web.test_command import serving

pytestmark = pytest.mark.slow


@dataclass(frozen=True)
class Quick:
    """A what-if page whose workers answer at once, or wait while a file `hold` exists."""

    place: str
    hold: Path


@pytest.fixture(scope="module")
def quick(browser: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Quick]:  # noqa: ARG001
    folder = tmp_path_factory.mktemp("orders")
    pool = WorkerPool(1, stand_in(folder))
    with serving(page_app(Site(worlds_of([]), pool), None)) as (host, port):
        yield Quick(f"http://{host}:{port}/", folder / "hold")
    pool.close()


@pytest.fixture
def held(quick: Quick) -> Iterator[Quick]:
    """Fixture: the page while no worker answers."""
    quick.hold.touch()
    yield quick
    quick.hold.unlink()


def test_changes_are_undone_and_done_again_and_all_of_them_are_reset(page: Page, quick: Quick) -> None:
    """Changes can be undone, redone and reset, also by the browser's buttons."""
    show(page, f"{quick.place}?scenario=faster_mlat")
    first = effects(page)
    expect(page.locator("#back")).to_be_disabled()
    for value in (2, 3):
        move(page, value)
        finished(page)
    last = effects(page)
    for _ in range(2):
        page.click("#back")
    expect(page.locator(STAFF)).to_have_value("1.5")
    expect(page.locator("#back")).to_be_disabled()
    finished(page)
    assert effects(page) == first
    page.go_forward()
    expect(page.locator(STAFF)).to_have_value("2")
    page.click("#forward")
    expect(page.locator(STAFF)).to_have_value("3")
    expect(page.locator("#forward")).to_be_disabled()
    finished(page)
    assert effects(page) == last
    page.click("#reset")
    expect(page.locator(STAFF)).to_have_value("1")
    expect(page.locator("#title")).to_have_text("Law and practice as they are")
    page.click("#back")
    expect(page.locator(STAFF)).to_have_value("3")


def test_a_state_is_picked_on_the_map(page: Page, quick: Quick) -> None:
    show(page, f"{quick.place}?scenario=faster_mlat")
    germany = page.locator('.tile[data-code="DEU"]')
    germany.click()
    expect(germany).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#places h3")).to_have_text("Germany (DEU)")
    assert "country=DEU" in page.url
    page.fill("#country", "DEU, Brazil")
    page.keyboard.press("Tab")
    expect(page.locator("#places h3")).to_have_count(2)
    germany.click()
    expect(page.locator("#places h3")).to_have_count(1)
    assert "DEU" not in page.url


def test_states_are_picked_on_the_map_by_the_keyboard(page: Page, quick: Quick) -> None:
    """States can be picked on the map with Tab, arrow keys and Enter."""
    show(page, f"{quick.place}?scenario=faster_mlat")
    tiles = page.locator(".tile")
    assert tiles.count() > 150
    assert tiles.evaluate_all("all => all.filter((tile) => tile.tabIndex === 0).length") == 1
    page.focus("#country")
    page.keyboard.press("Tab")
    focused = page.locator(".tile:focus")
    expect(focused).to_have_count(1)
    begun = place(page)
    for key, moves in (("ArrowRight", (1, 0)), ("ArrowDown", (0, 1)), ("ArrowLeft", (-1, 0)), ("ArrowUp", (0, -1))):
        page.keyboard.press(key)
        ended = place(page)
        right, down = ended[0] - begun[0], ended[1] - begun[1]
        ahead, aside = right * moves[0] + down * moves[1], abs(right * moves[1]) + abs(down * moves[0])
        assert ahead > 0 and aside <= ahead, f"{key} goes from {begun} to {ended}"
        begun = ended
        assert tiles.evaluate_all("all => all.filter((tile) => tile.tabIndex === 0).length") == 1
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none"
    for _ in range(60):
        page.keyboard.press("ArrowLeft")
    expect(focused).to_have_count(1)
    name, code = focused.get_attribute("aria-label"), focused.get_attribute("data-code")
    assert name and code
    page.keyboard.press("Enter")
    expect(focused).to_have_attribute("aria-pressed", "true")
    expect(page.locator("#places h3")).to_contain_text(f"({code})")
    assert f"country={code}" in page.url
    page.keyboard.press("Space")
    expect(page.locator(f'.tile[data-code="{code}"]')).to_have_attribute("aria-pressed", "false")
    page.keyboard.press("Tab")
    expect(focused).to_have_count(0)
    page.keyboard.press("Shift+Tab")
    expect(focused).to_have_attribute("data-code", code)


def place(page: Page) -> tuple[int, int]:
    """Map column (from the west) and row (from the north) of the tile with keyboard focus."""
    x, y = page.evaluate("[document.activeElement.dataset.x, document.activeElement.dataset.y]")
    return int(x), int(y)


def test_a_policy_is_kept_beside_what_moves_under_a_name_that_travels_with_the_link(page: Page, quick: Quick) -> None:
    show(page, f"{quick.place}?scenario=faster_mlat")
    page.fill("#name", "Plan <b>1</b>")
    page.locator("#name").blur()
    expect(page.locator("#title")).to_have_text("Plan <b>1</b>: Faster mutual legal assistance")
    page.click("#keep")
    expect(page.locator("#slot")).to_contain_text("Faster mutual legal assistance")
    move(page, 3)
    finished(page)
    expect(page.locator("#effects thead")).to_contain_text("Plan <b>1</b>")
    expect(page.locator("#against")).to_contain_text("Against Plan <b>1</b>.")
    page.reload()
    expect(page.locator("#kept_name")).to_have_value("Plan <b>1</b>")
    page.click("#drop")
    expect(page.locator("#slot")).to_be_hidden()
    finished(page)
    expect(page.locator("#against")).to_be_empty()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_nothing_serious_stands_in_the_way_while_one_waits(
    watched: Watched, held: Quick, accessible: Callable[[Page], None], scheme: str
) -> None:
    """The waiting page shows the earlier numbers as such and has no serious accessibility violation."""
    for width in (1440, 390):
        page = watched.open(viewport={"width": width, "height": 844}, color_scheme=scheme)
        page.goto(f"{held.place}?scenario=dedicated_units&country=DEU")  # of which no other test has pairs
        expect(page.locator(".card .value")).to_have_count(4)
        expect(page.locator("#basis")).to_contain_text("Stored answer")
        accessible(page)
        move(page, 3)
        expect(page.locator("#older")).to_be_visible()
        expect(page.locator("#basis")).to_be_hidden()
        expect(page.locator("#map")).to_be_visible()
        expect(page.locator("#title")).to_contain_text(re.compile("People in central authorities: .* instead of"))
        accessible(page)
        assert page.evaluate("document.documentElement.scrollWidth") <= width


def test_a_policy_of_the_list_is_one_click_away(page: Page, held: Quick) -> None:
    page.goto(held.place)
    page.locator("#league a").first.click()
    expect(page.locator("#league")).to_be_hidden()
    expect(page.locator(".card .value").first).to_contain_text(re.compile(r"[+−][\d.]+\s%"))
    page.click("#reset")
    expect(page.locator("#league")).to_be_visible()
    expect(page.locator("#headline")).to_contain_text("This is today.")
