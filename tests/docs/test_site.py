"""The site: it builds without a warning, its links lead somewhere, and nothing in it asks another machine."""

import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from functools import partial
from html.parser import HTMLParser
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from threading import Thread
from typing import Literal, NamedTuple
from urllib.parse import unquote, urlsplit

import pytest

from tests.docs.blocks import ROOT

CHROMIUM = Path("/usr/bin/chromium")
#: Pages that a browser opens: each has something that could ask another machine.
OPENED = (
    "index.html",
    "tutorials/researcher.html",
    "generated/gallery/index.html",
    "reference/python.html",
    "odd.html",
    "search.html?q=takedown",
)


#: Of them, those that are checked for people who see or move otherwise: one of each kind, none of the very long ones.
READ = ("index.html", "tutorials/researcher.html", "generated/gallery/index.html")
#: Colours that the pages have, by what a person's system asks for.
SCHEMES: tuple[Literal["light", "dark"], ...] = ("light", "dark")


class Read(NamedTuple):
    """What a page holds.

    Attributes:
        names: places that a link can lead to.
        links: addresses of its links.
        fetched: addresses of what a browser fetches to show it.
    """

    names: set[str]
    links: list[str]
    fetched: list[str]


class _Reader(HTMLParser):
    """Collects names and addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.read = Read(set(), [], [])

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Takes what a tag names or asks for."""
        given = {name: value or "" for name, value in attrs}
        self.read.names.update(given[name] for name in ("id", "name") if given.get(name))
        if tag == "a" and "href" in given:
            self.read.links.append(given["href"])
        elif tag == "link" and given.get("rel") in ("stylesheet", "icon", "preload", "preconnect"):
            self.read.fetched.append(given["href"])
        if "src" in given:
            self.read.fetched.append(given["src"])


def read_page(path: Path) -> Read:
    """What a page holds."""
    reader = _Reader()
    reader.feed(path.read_text(encoding="utf-8"))
    return reader.read


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site, built from nothing as `make site` does, but for cells of code, which test_blocks.py runs."""
    folder = tmp_path_factory.mktemp("site")
    unrun = ["-D", "nb_execution_mode=off", "-D", "suppress_warnings=config.cache,myst-nb.lexer"]  # no run, no colours
    words = [*unrun, "-W", "--keep-going", "-q", "-b", "html", "-d", str(folder / "doctrees")]
    built = subprocess.run(
        [sys.executable, "-m", "sphinx", *words, "docs", str(folder / "html")],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert built.returncode == 0, built.stderr
    return folder / "html"


@pytest.fixture(scope="module")
def found(site: Path) -> dict[Path, Read]:
    """Every page of the site."""
    return {path: read_page(path) for path in site.rglob("*.html") if "_static" not in path.parts}


def is_outside(address: str) -> bool:
    """Whether an address leads to another machine."""
    return bool(urlsplit(address).netloc)


def broken(page: Path, address: str, pages: dict[Path, Read]) -> bool:
    """Whether a link inside the site leads nowhere."""
    parts = urlsplit(address)
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if target not in pages:
        return not target.is_file()
    return bool(parts.fragment) and unquote(parts.fragment) not in pages[target].names


@pytest.mark.slow
def test_links_inside_the_site_lead_somewhere(found: dict[Path, Read], site: Path) -> None:
    pages = {path.resolve(): read for path, read in found.items()}
    wrong = [
        f"{page.relative_to(site.resolve())}: {address}"
        for page, read in pages.items()
        for address in read.links
        if not is_outside(address) and not address.startswith("mailto:") and broken(page, address, pages)
    ]
    assert not wrong, "\n".join(wrong)
    outside = {address for read in found.values() for address in read.links if is_outside(address)}
    print("Links to elsewhere:", *sorted(outside), sep="\n")  # only listed: shown by pytest -rP


def test_a_broken_link_is_noticed(tmp_path: Path) -> None:
    page, other = tmp_path / "a.html", tmp_path / "b.html"
    page.write_text('<p id="here"><a href="b.html#there">b</a>', encoding="utf-8")
    other.write_text('<p id="elsewhere">', encoding="utf-8")
    pages = {path: read_page(path) for path in (page, other)}
    assert broken(page, "b.html#there", pages) and broken(page, "c.html", pages) and broken(page, "#there", pages)
    assert not broken(page, "b.html#elsewhere", pages) and not broken(page, "#here", pages)


@pytest.mark.slow
def test_pages_fetch_nothing_from_elsewhere(found: dict[Path, Read]) -> None:
    assert {address for read in found.values() for address in read.fetched if is_outside(address)} == set()


@pytest.mark.slow
def test_every_page_has_a_name_and_every_picture_words(site: Path, found: dict[Path, Read]) -> None:
    assert len(found) > 50
    for path in (site / "generated" / "gallery").glob("plot_*.html"):
        text = path.read_text(encoding="utf-8")
        assert "<h1>" in text and "<img" in text and 'alt="plot' not in text, path


@pytest.fixture(scope="module")
def address(site: Path) -> Iterator[str]:
    """The site, served to this machine alone."""

    class _Quiet(SimpleHTTPRequestHandler):
        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Quiet, directory=str(site)))
    Thread(target=server.serve_forever, daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@pytest.mark.slow
@pytest.mark.skipif(not CHROMIUM.exists(), reason="no Chromium on this machine")
def test_a_browser_asks_no_other_machine_and_everybody_can_read_the_pages(address: str) -> None:
    asked: list[str] = []
    with ThreadPoolExecutor(1) as apart:  # another browser may be open in the thread of the tests
        faults = apart.submit(_open_pages, address, asked).result()
    assert len(asked) > len(OPENED)
    assert [url for url in asked if not url.startswith((address, "data:"))] == []
    assert not faults, "\n".join(faults)


def _open_pages(address: str, asked: list[str]) -> list[str]:
    """Opens pages on a phone, light and dark, and notes what they ask for; returns what keeps people from reading."""
    from axe_playwright_python.sync_playwright import Axe
    from playwright.sync_api import sync_playwright

    with sync_playwright() as play:
        browser = play.chromium.launch(
            executable_path=str(CHROMIUM), args=["--no-sandbox", "--disable-gpu", "--disable-background-networking"]
        )
        page, faults = browser.new_page(viewport={"width": 390, "height": 844}), []
        page.on("request", lambda request: asked.append(request.url))
        page.route("**/*", lambda route: route.continue_() if route.request.url.startswith(address) else route.abort())
        for name in OPENED:
            page.goto(f"{address}/{name}", wait_until="load")
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= 390, f"{name} is {wide} pixels wide on a phone"
            for scheme in SCHEMES if name in READ else ():
                page.emulate_media(color_scheme=scheme)
                for found in Axe().run(page).response["violations"]:
                    if found["impact"] in ("serious", "critical"):
                        where = [node["html"][:160] for node in found["nodes"][:3]]
                        faults.append(f"{name}, {scheme}: {found['id']}: {found['help']}: {where}")
        browser.close()
    return faults
