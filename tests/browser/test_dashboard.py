"""The what-if page in a real browser, over real tiny worlds."""

import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from time import monotonic, sleep
from urllib.request import urlopen

import pandas as pd
import pytest
from playwright.sync_api import Page, expect

from sim.cli import main
from tests.browser.conftest import Watched
from tests.experiments.fakes import NO_FIGURES

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[2]
STAFF = "#v-3"
WORLD = ("world=tiny", "world.groups=8", "world.end=2028-06-30")


def free_port() -> int:
    """A port that nobody uses at the moment."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def served(port: int) -> Iterator[str]:
    """The address of `comity dashboard` in a process of its own, which is ended at last as Ctrl-C does."""
    words = ["dashboard", *WORLD, "--port", str(port), "--no-open", "--workers", "1"]
    process = subprocess.Popen([sys.executable, "-m", "sim", *words], cwd=ROOT, stderr=subprocess.DEVNULL)
    begun, place = monotonic(), f"http://127.0.0.1:{port}/"
    try:
        while True:
            assert process.poll() is None, "the command has ended"
            assert monotonic() - begun < 300, "the page has not come"
            try:
                with urlopen(place, timeout=60):
                    break
            except OSError:
                sleep(0.1)
        yield place
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture(scope="module")
def server(browser: object) -> Iterator[str]:  # noqa: ARG001 - without a browser nothing is started
    with served(free_port()) as place:
        yield place


def finished(page: Page) -> None:
    """Waits for all pairs of what the form shows now."""
    page.locator("body:not(.stale)[data-finished='true']").wait_for()


def show(page: Page, place: str) -> None:
    """Opens an address and waits for all its pairs."""
    page.goto(place)
    finished(page)


def move(page: Page, value: float, control: str = STAFF) -> None:
    """Moves a slider as a hand does: while it moves, and when it is let go."""
    page.locator(control).evaluate(
        """(slider, value) => { slider.value = value;
            for (const name of ["input", "change"]) slider.dispatchEvent(new Event(name, {bubbles: true})); }""",
        value,
    )


def effects(page: Page) -> str:
    """The table of effects."""
    return page.locator("#effects").inner_text()


def test_moving_a_lever_changes_the_numbers_and_a_reload_gives_the_same(page: Page, server: str) -> None:
    show(page, server)
    expect(page.locator("#headline")).to_contain_text("This is today.")
    before = effects(page)
    move(page, 2)
    expect(page.locator("#o-3")).to_have_text(re.compile(r"\d+ persons instead of \d+: twice as many"))
    expect(page.locator("#title")).to_have_text(
        re.compile(r"People in central authorities: \d+ persons instead of \d+")
    )
    assert page.url == f"{server}?central_authority.staff=2%7E2027-01-01"
    finished(page)
    after = effects(page)
    assert after != before
    expect(page.locator(".card .value")).to_have_count(4)
    expect(page.locator("#said")).to_contain_text(page.locator(".card .value").first.inner_text())
    page.reload()
    finished(page)
    assert effects(page) == after
    assert page.locator(STAFF).input_value() == "2"


def test_ten_quick_moves_leave_no_queue(page: Page, server: str) -> None:
    """Only the last one is run to its end; the address and the answer are those of the last."""
    show(page, f"{server}?court.staff=2")
    page.locator(STAFF).evaluate(
        """(slider) => { for (let step = 1; step <= 10; step++) {
            slider.value = 1 + step / 10; slider.dispatchEvent(new Event("input", {bubbles: true})); } }"""
    )
    page.locator("body[data-streams='3']:not(.stale)").wait_for()  # the first page, the first move, and the last one
    finished(page)
    assert "central_authority.staff=2%7E" in page.url
    assert page.locator("body").get_attribute("data-streams") == "3"
    alone = page.context.new_page()
    alone.goto(page.url)
    finished(alone)
    assert effects(alone) == effects(page)


def test_assumptions_move_both_sides(page: Page, server: str) -> None:
    show(page, f"{server}?scenario=faster_mlat")
    today = page.locator("#effects tbody tr:nth-child(4) td").first.inner_text()
    page.check("#courts")
    finished(page)
    assert page.locator("#effects tbody tr:nth-child(4) td").first.inner_text() != today
    assert "uncertainty=overloaded_courts" in page.locator("#command").inner_text()
    page.uncheck("#ensemble")
    expect(page.locator("#command")).to_contain_text("--point")


@pytest.mark.parametrize("words", [[], ["--point"]], ids=["ensemble", "one world"])
def test_the_file_gives_the_same_numbers_on_the_command_line(
    page: Page, server: str, tmp_path: Path, words: list[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the last digit: the page and the command run the same seeds, sets and code."""
    show(page, f"{server}?scenario=faster_mlat&court.staff=2~2028-01-01~6~EU{'&worlds=one' if words else ''}")
    for link, name in (("#download", "policy.yaml"), ("#table", "page.csv")):
        with page.expect_download() as saved:
            page.click(link)
        saved.value.save_as(tmp_path / name)
    file = str(tmp_path / "policy.yaml")
    monkeypatch.setattr("sim.report.publish.FIGURES", NO_FIGURES)
    options = ["--replicates", "20", "--workers", "1", *words, "-o", str(tmp_path), "--quiet"]
    assert main(["compare", file, *options, *WORLD]) == 0
    (written,) = tmp_path.glob("compare-*/differences.csv")
    theirs = pd.read_csv(written)
    theirs = theirs[(theirs["block"] == "main") & (theirs["scenario"] == "policy")].reset_index(drop=True)
    pd.testing.assert_frame_equal(pd.read_csv(tmp_path / "page.csv"), theirs, check_exact=True)


def test_a_file_is_opened_and_a_bad_one_is_one_message(page: Page, server: str, tmp_path: Path) -> None:
    show(page, server)
    bad = tmp_path / "bad.yaml"
    bad.write_text("title: <b>a</b>\nquestion: b\nauthor: c\nchanges:\n  - lever: court.staf\n    date: 2027-01-01\n")
    page.set_input_files("#open", bad)
    expect(page.locator("#problem")).to_contain_text("bad.yaml:5: change 1, lever")
    expect(page.locator("#problem")).to_contain_text("court.staff")
    good = tmp_path / "good.yaml"
    good.write_text(bad.read_text().replace("court.staf\n", "court.staff\n    value: 3 times\n"))
    page.set_input_files("#open", good)
    expect(page.locator("#problem")).to_be_hidden()
    expect(page.locator("#title")).to_have_text("<b>a</b>")
    expect(page.locator("#v-4")).to_have_value("3")
    assert "file=" in page.url
    finished(page)


def test_a_page_that_lost_its_command_resumes_when_it_is_started_again(page: Page, watched: Watched) -> None:
    watched.expected += ["net::ERR_"]
    page.set_default_timeout(300_000)  # its worlds are lived again
    port = free_port()
    with served(port) as first:
        page.goto(f"{first}?court.staff=2&pairs=40")
        page.locator("body:not(.stale)[data-pairs]").wait_for()
    expect(page.get_by_role("alert").filter(has_text="start `comity dashboard` again")).to_be_visible()
    with served(port):
        finished(page)
        expect(page.locator("#status")).to_contain_text("40 pairs")
        expect(page.locator("#gone")).to_be_hidden()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 360)])
def test_nothing_serious_stands_in_anybodys_way(
    watched: Watched, server: str, accessible: Callable[[Page], None], scheme: str, width: int
) -> None:
    """A narrow telephone shows all of it, too."""
    page = watched.open(viewport={"width": width, "height": 900}, color_scheme=scheme)
    kept = "?scenario=faster_mlat&country=DEU|Americas&kept=scenario%3Dharmonised_law"
    page.goto(server + kept)
    finished(page)
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    page.locator("#all > summary").click()
    assert page.evaluate("document.documentElement.scrollWidth") <= width
    accessible(page)


def test_all_is_done_from_the_keyboard(page: Page, server: str) -> None:
    show(page, server)
    page.keyboard.press("Tab")
    expect(page.locator(":focus")).to_have_text("Skip to the answer")
    reached: list[str] = []
    for _ in range(20):
        page.keyboard.press("Tab")
        reached.append(page.evaluate("document.activeElement.id"))
        assert page.evaluate("getComputedStyle(document.activeElement).outlineStyle") != "none", reached
        if reached[-1] == "v-3":
            break
    page.keyboard.press("ArrowRight")
    expect(page.locator("#o-3")).to_contain_text("1.1 × today's")
    assert "central_authority.staff=1.1" in page.url
    finished(page)


def test_the_view_of_a_group_has_the_numbers_of_the_command_line(
    page: Page, server: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its cells are those of the report, letter by letter."""
    show(page, f"{server}?scenario=faster_mlat&country=Americas")
    expect(page.locator("#worlds")).to_have_text("All 20 worlds are ready.")
    monkeypatch.setattr("sim.report.publish.FIGURES", NO_FIGURES)
    options = ["--replicates", "20", "--workers", "1", "--for", "Americas", "-o", str(tmp_path), "--quiet"]
    assert main(["compare", "faster_mlat", *options, *WORLD]) == 0
    (written,) = tmp_path.glob("compare-*/report.html")
    report = page.context.new_page()
    report.goto(written.as_uri())
    report.evaluate("document.querySelectorAll('details').forEach((fold) => { fold.open = true; })")
    theirs = {_cells(row) for row in report.locator("tr").all_inner_texts()}
    for part in ("#gains tbody", "#places table:has(caption) tbody"):
        mine = [_cells(row) for row in page.locator(f"{part} tr").all_inner_texts()]
        assert len(mine) > 2
        assert set(mine) <= theirs


def _cells(row: str) -> tuple[str, ...]:
    """The texts of a row's cells."""
    return tuple(cell.strip() for cell in row.split("\t"))
