"""Tests of the what-if page in a real browser, with real tiny worlds."""

import re
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from time import monotonic, sleep

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
    """Finds an unused port."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])


@contextmanager
def served(port: int, *words: str, log: Path) -> Iterator[str]:
    """Context manager: runs `comity dashboard` in a process; yields the address that it prints."""
    command = ["dashboard", *WORLD, "--port", str(port), "--no-open", "--workers", "1", *words]
    with log.open("wb") as file:
        process = subprocess.Popen([sys.executable, "-m", "sim", *command], cwd=ROOT, stderr=file)
    begun = monotonic()
    try:
        while not (found := re.search(rf"http://127\.0\.0\.1:{port}/\S*", log.read_text())):
            assert process.poll() is None, "the command has ended"
            assert monotonic() - begun < 300, "the page has not come"
            sleep(0.1)
        yield found[0]
    finally:
        process.terminate()
        process.wait(60)


@pytest.fixture(scope="module")
def address(browser: object, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:  # noqa: ARG001 - or nothing is started
    with served(free_port(), log=tmp_path_factory.mktemp("server") / "log") as place:
        yield place


@pytest.fixture
def server(address: str, watched: Watched) -> str:
    """Fixture: address of the page without its key, which the browser has as a cookie."""
    place, _, token = address.partition("?token=")
    watched.remember({"name": f"comity-{place.split(':')[2][:-1]}", "value": token, "url": place})
    return place


def finished(page: Page) -> None:
    """Waits until the page shows all pairs of worlds for its form."""
    page.locator("body:not(.stale)[data-finished='true']").wait_for()


def show(page: Page, place: str) -> None:
    """Opens an address and waits until all pairs of worlds are complete."""
    page.goto(place)
    finished(page)


def move(page: Page, value: float, control: str = STAFF) -> None:
    """Moves a slider of the page, with the events that a user's movement causes."""
    page.locator(control).evaluate(
        """(slider, value) => { slider.value = value;
            for (const name of ["input", "change"]) slider.dispatchEvent(new Event(name, {bubbles: true})); }""",
        value,
    )


def effects(page: Page) -> str:
    """Text of the page's table of effects."""
    return page.locator("#effects").inner_text()


def test_the_printed_address_opens_the_page_and_what_is_shared_holds_no_key(
    page: Page, watched: Watched, address: str, tmp_path: Path
) -> None:
    watched.expected += ["status of 403"]
    place = address.partition("?")[0]
    page.goto(place)
    expect(page.locator("body")).to_contain_text("?token=")
    show(page, address)
    assert page.url == place
    move(page, 2)
    finished(page)
    link, token = page.url, address.partition("=")[2]
    assert "central_authority.staff=2" in link and token not in page.content() + link
    assert page.evaluate("[document.cookie, localStorage.length, sessionStorage.length]") == ["", 0, 0]
    page.reload()
    finished(page)
    with page.expect_download() as saved:
        page.click("#download")
    saved.value.save_as(tmp_path / "policy.yaml")
    assert "central_authority.staff" in (tmp_path / "policy.yaml").read_text()
    beside = page.context.new_page()
    show(beside, link)
    other = watched.open()
    assert other.goto(link).status == 403, "nobody else has the key"


def test_a_foreign_page_gets_nothing_and_its_link_opens_the_page(page: Page, watched: Watched, server: str) -> None:
    """Other sites cannot read the page, even with the reader's cookie, but can link to it."""
    watched.expected += ["status of 403", "Failed to load resource", "CORS policy", "net::ERR_", "Refused to frame"]
    show(page, server)
    refused: list[tuple[str, str, int]] = []
    foreign = page.context.new_page()
    foreign.on("response", lambda answer: refused.append((answer.request.method, answer.url, answer.status)))
    with foreign_site() as other:
        for name in ("127.0.0.1", "localhost"):
            refused.clear()
            foreign.goto(f"http://{name}:{other}/")
            seen = foreign.evaluate(ATTACK, [server, PATHS])
            assert seen == dict.fromkeys((*PATHS, "file", "frame", "form"), "nothing"), name
            mine = {one for one in refused if one[1].startswith(server)}  # the browser shows no others to anybody
            assert mine >= {("GET", server, 403), ("POST", f"{server}file", 403)}
            assert {status for *_, status in mine} == {403}, mine
            foreign.goto(f"http://{name}:{other}/")
            foreign.evaluate("(place) => { location.href = place + '?scenario=faster_mlat'; }", server)
            finished(foreign)
            assert foreign.url == f"{server}?scenario=faster_mlat"


PATHS = ("", "stream", "policy.yaml", "differences.csv", "static/page.js", "static/page.css")
#: What a page of another site tries; each part ends in "nothing" or in what it got.
ATTACK = """async ([place, paths]) => {
    const seen = {}, nothing = () => "nothing";
    const attempt = async (name, load) => { seen[name] = await load().catch(nothing); };
    for (const path of paths) await attempt(path, async () => {
        await fetch(place + path, { mode: "no-cors", credentials: "include" });
        return (await fetch(place + path, { credentials: "include" })).text();
    });
    await attempt("file", async () => {
        await fetch(place + "file", { method: "POST", mode: "no-cors", credentials: "include", body: "title: x" });
        return (await fetch(place + "file", { method: "POST", credentials: "include", body: "title: x" })).text();
    });
    const frame = document.createElement("iframe");
    frame.name = "inside";
    document.body.append(frame);
    const loaded = () => new Promise((done) => { frame.onload = done; setTimeout(done, 3000); });
    await attempt("frame", async () => {
        frame.src = place;
        await loaded();
        return frame.contentDocument.body.innerText || "nothing";
    });
    await attempt("form", async () => {
        const form = document.createElement("form");
        Object.assign(form, { method: "post", action: place + "file", target: "inside", enctype: "text/plain" });
        document.body.append(form);
        form.submit();
        await loaded();
        return frame.contentDocument.body.innerText || "nothing";
    });
    return seen;
}"""


@contextmanager
def foreign_site() -> Iterator[int]:
    """Context manager: port of another website on this machine."""

    class Empty(BaseHTTPRequestHandler):
        """Web server that answers everything with an empty page."""

        def do_GET(self) -> None:
            """Sends an empty page."""
            self.send_response(200)
            self.send_header("Content-Type", "text/html")
            self.end_headers()
            self.wfile.write(b"<!doctype html><title>other</title><link rel=icon href=data:,><body>")

        def log_message(self, *_: object) -> None:
            """Logs nothing."""

    with ThreadingHTTPServer(("127.0.0.1", 0), Empty) as site:
        thread = Thread(target=site.serve_forever)
        thread.start()
        yield int(site.server_address[1])
        site.shutdown()
        thread.join()


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
    """Only the last of ten quick moves of a slider is simulated to its end."""
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
    """A downloaded scenario file gives the page's numbers on the command line, to the last digit."""
    show(page, f"{server}?scenario=faster_mlat&court.staff=2~2028-01-01~6~EU{'&worlds=one' if words else ''}")
    for link, name in (("#download", "policy.yaml"), ("#table", "page.csv")):
        with page.expect_download() as saved:
            page.click(link)
        saved.value.save_as(tmp_path / name)
    file = str(tmp_path / "policy.yaml")
    monkeypatch.setattr("sim.report.pages.FIGURES", NO_FIGURES)
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


def test_a_page_that_lost_its_command_resumes_when_it_is_started_again(
    page: Page, watched: Watched, tmp_path: Path
) -> None:
    """A page whose server was restarted continues once the reader opens the new address."""
    watched.expected += ["net::ERR_", "status of 403"]
    page.set_default_timeout(300_000)  # its worlds are lived again
    port, log = free_port(), tmp_path / "log"
    with served(port, log=log) as first:
        page.goto(f"{first}&court.staff=2&pairs=40")
        page.locator("body:not(.stale)[data-pairs]").wait_for()
    page.locator("#v-3").press("ArrowRight")  # a page that has all its pairs asks for nothing until then
    expect(page.get_by_role("alert").filter(has_text="start `comity dashboard` again")).to_be_visible()
    with served(port, log=log) as second:
        expect(page.get_by_role("alert").filter(has_text="another key")).to_be_visible()
        page.context.new_page().goto(second)
        finished(page)
        expect(page.locator("#status")).to_contain_text("40 pairs")
        expect(page.locator("#gone")).to_be_hidden()


@pytest.mark.parametrize(("scheme", "width"), [("light", 1280), ("dark", 1280), ("light", 360)])
def test_nothing_serious_stands_in_anybodys_way(
    watched: Watched, server: str, accessible: Callable[[Page], None], scheme: str, width: int
) -> None:
    """The page has no serious accessibility violation and fits a narrow phone."""
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
    """The view of a group of states has the cells of the command line's report."""
    show(page, f"{server}?scenario=faster_mlat&country=Americas")
    expect(page.locator("#worlds")).to_have_text("All 20 worlds are ready.")
    monkeypatch.setattr("sim.report.pages.FIGURES", NO_FIGURES)
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
    """Texts of the cells in a table row."""
    return tuple(cell.strip() for cell in row.split("\t"))
