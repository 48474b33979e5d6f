"""Tests of the documentation site: no warnings, broken links, or requests to other machines."""

from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

import pytest

from tests.interpreted import python
from tests.report.reading import Elements

#: What a link of a head leads to that is fetched when the page is shown.
SHOWN = ("stylesheet", "icon", "preload", "preconnect")
#: Pages that are checked for people who see or move otherwise: one of each kind, none of the very long ones.
READ = ("index.html", "tutorials/researcher.html", "generated/gallery/index.html")
#: Pages that a browser opens: each has something that could ask another machine.
OPENED = (*READ, "reference/python.html", "odd/parameters.html", "search.html?q=takedown")


class Read(NamedTuple):
    """Links, anchors and texts of a page of the site."""

    names: set[str]  # places that a link can lead to
    links: list[str]  # addresses of its links
    fetched: list[str]  # addresses of what a browser fetches to show it


class _Tags(Elements):
    """HTML parser that collects the elements to test."""

    def handle_endtag(self, tag: str) -> None:
        """Ignores end tags."""


def read_page(path: Path) -> Read:
    """Reads and parses a page of the site."""
    found = [
        (tag, {name: value for name, value in pairs.items() if value})
        for tag, pairs in _Tags(path.read_text(encoding="utf-8")).found
    ]
    shown = [pairs["href"] for tag, pairs in found if tag == "link" and pairs.get("rel") in SHOWN and "href" in pairs]
    return Read(
        names={pairs[key] for _, pairs in found for key in ("id", "name") if key in pairs},
        links=[pairs["href"] for tag, pairs in found if tag == "a" and "href" in pairs],
        fetched=shown + [pairs["src"] for _, pairs in found if "src" in pairs],
    )


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Fixture: folder of the site, built by `make site` without running code cells."""
    folder = tmp_path_factory.mktemp("site")
    unrun = ["-D", "nb_execution_mode=off", "-D", "suppress_warnings=config.cache,myst-nb.lexer"]  # no run, no colours
    words = [*unrun, "-W", "--keep-going", "-q", "-b", "html", "-d", str(folder / "doctrees")]
    built = python("-m", "sphinx", *words, "docs", str(folder / "html"))
    assert built.returncode == 0, built.stderr
    return folder / "html"


@pytest.fixture(scope="module")
def found(site: Path) -> dict[Path, Read]:
    """Fixture: content of every page of the site, by path."""
    return {path: read_page(path) for path in site.rglob("*.html") if "_static" not in path.parts}


def is_outside(address: str) -> bool:
    """True if an address leads to another machine."""
    return bool(urlsplit(address).netloc)


def broken(page: Path, address: str, pages: dict[Path, Read]) -> bool:
    """True if a link within the site has no target."""
    parts = urlsplit(address)
    target = (page.parent / unquote(parts.path)).resolve() if parts.path else page
    if target not in pages:
        return not target.is_file()
    return bool(parts.fragment) and unquote(parts.fragment) not in pages[target].names


@pytest.mark.slow
def test_links_lead_somewhere_and_nothing_is_fetched_from_elsewhere(found: dict[Path, Read], site: Path) -> None:
    pages = {path.resolve(): read for path, read in found.items()}
    wrong = [
        f"{page.relative_to(site.resolve())}: {address}"
        for page, read in pages.items()
        for address in read.links
        if not is_outside(address) and not address.startswith("mailto:") and broken(page, address, pages)
    ]
    assert not wrong, "\n".join(wrong)
    fetched = {address for read in found.values() for address in read.fetched if is_outside(address)}
    assert not fetched, "pages fetch nothing from elsewhere"


def test_a_broken_link_is_noticed(tmp_path: Path) -> None:
    page, other = tmp_path / "a.html", tmp_path / "b.html"
    page.write_text('<p id="here"><a href="b.html#there">b</a>', encoding="utf-8")
    other.write_text('<p id="elsewhere">', encoding="utf-8")
    pages = {path: read_page(path) for path in (page, other)}
    assert broken(page, "b.html#there", pages) and broken(page, "c.html", pages) and broken(page, "#there", pages)
    assert not broken(page, "b.html#elsewhere", pages) and not broken(page, "#here", pages)


@pytest.mark.slow
def test_every_page_has_a_name_and_every_picture_words(site: Path, found: dict[Path, Read]) -> None:
    assert len(found) > 50
    for path in (site / "generated" / "gallery").glob("plot_*.html"):
        text = path.read_text(encoding="utf-8")
        assert "<h1>" in text and "<img" in text and 'alt="plot' not in text, path


@pytest.mark.slow
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_everybody_can_read_the_pages_on_a_phone(watched, site, accessible, scheme):
    """All pages are readable on a phone and make no request to another machine."""
    page = watched.open(viewport={"width": 390, "height": 844}, color_scheme=scheme)
    for name in OPENED:
        page.goto(f"{site.as_uri()}/{name}", wait_until="load")
        wide = page.evaluate("document.documentElement.scrollWidth")
        assert wide <= 390, f"{name} is {wide} pixels wide"
        if name in READ:
            accessible(page)
