"""A report from a page that was written in Markdown: analyses, ablations, validations, cases."""

import re
from collections.abc import Callable, Mapping
from html import unescape
from pathlib import Path

from sim.experiments.manifest import code_in_words
from sim.experiments.store import REPORT
from sim.report.page.html import inline_text, rendered
from sim.report.page.parts import Chapter, Exhibit, Page

_TITLE = re.compile(r"\A\s*# (.+)$", re.MULTILINE)
_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_PICTURE = re.compile(r"^!\[([^\]]*)\]\(([^)\s]+)\)\s*$", re.MULTILINE)
_POINT = re.compile(r"^[-*] (.+(?:\n  .+)*)$", re.MULTILINE)
_SHORT = "In short"
_SENTENCES = 3


def page_of(text: str, drawing: Callable[[str], str | None], manifest: Mapping[str, str]) -> Page:
    """The report that shows a Markdown page.

    Args:
        text: the page: a title, perhaps a section “In short”, and others under headings of the second level.
        drawing: text of the SVG of a picture by its address in the page; None where there is none.
        manifest: where the numbers come from, by name.

    Returns:
        The page; its answer is what stands first, up to three sentences or points.
    """
    found = _TITLE.search(text)
    title, body = (found[1], text[found.end() :]) if found else ("Report", text)
    lead, *parts = _HEADING.split(body)
    pairs = list(zip(parts[::2], parts[1::2], strict=True))
    short = next((section for name, section in pairs if name.strip() == _SHORT), lead)
    sections = [_section("About this page", lead, drawing)] if lead.strip() else []
    sections += [_section(name, section, drawing) for name, section in pairs]
    return Page(_plain(title), _answer(short), sections=tuple(sections), manifest=manifest)


def beside(folder: Path) -> Callable[[str], str | None]:
    """Finds drawings as files beside a page: the SVG of the same name, below its folder alone."""

    def drawing(address: str) -> str | None:
        place = (folder / address).with_suffix(".svg").resolve()
        inside = place.is_relative_to(folder.resolve())
        return place.read_text(encoding="utf-8") if inside and place.is_file() else None

    return drawing


def _section(name: str, text: str, drawing: Callable[[str], str | None]) -> Chapter:
    """A section with its pictures below its text."""
    figures = []
    for caption, address in _PICTURE.findall(text):
        svg = drawing(address)
        if svg is not None:
            figures.append(Exhibit(_plain(caption), svg))
    return Chapter(_plain(name), _PICTURE.sub("", text).strip(), tuple(figures))


def _answer(text: str) -> tuple[str, ...]:
    """The first points of a section, or else its paragraphs that begin in bold, or else its first ones."""
    points = _POINT.findall(text)
    if points:
        return tuple(_plain(point) for point in points[:_SENTENCES])
    paragraphs = [part for part in re.split(r"\n\s*\n", text.strip()) if part and part[0] not in "|!#<"]
    bold = [part for part in paragraphs if part.startswith("**")]
    return tuple(_plain(part) for part in (bold or paragraphs)[:_SENTENCES])


def _plain(text: str) -> str:
    """Markdown of a line as plain text."""
    return unescape(re.sub(r"<[^>]*>", "", inline_text(" ".join(text.split()))))


def write_report(text: str, folder: Path, command: str, beside_of: Path | None = None, name: str = REPORT) -> Path:
    """Writes a Markdown page as one HTML file.

    Args:
        text: the page.
        folder: where it is written.
        command: what made it.
        beside_of: folder in which the page's pictures are found; that of the report by default.
        name: of the file; another than report.html where that of a comparison stands already.

    Returns:
        The file.
    """
    made = {"command": command, **code_in_words()}
    place = folder / name
    place.write_text(rendered(page_of(text, beside(beside_of or folder), made)), encoding="utf-8")
    return place
