"""A report from a page that was written in Markdown: analyses, ablations, validations, cases."""

import re
from collections.abc import Callable, Mapping
from html import unescape
from pathlib import Path

from sim.experiments.foreign import read_text
from sim.experiments.manifest import code_in_words
from sim.experiments.store import REPORT
from sim.report.page.html import inline_text, rendered
from sim.report.page.parts import Chapter, Exhibit, Page

_TITLE = re.compile(r"\A\s*# (.+)$", re.MULTILINE)
_HEADING = re.compile(r"^## (.+)$", re.MULTILINE)
_PICTURE = re.compile(r"^!\[([^\]]*)\]\(([^)\s]+)\)\s*$", re.MULTILINE)


def page_of(text: str, drawing: Callable[[str], str | None], manifest: Mapping[str, str]) -> Page:
    """The report that shows a Markdown page.

    Args:
        text: the page: a title, the sentences of the answer, and all else under headings of the second level.
        drawing: text of the SVG of a picture by its address in the page; None where there is none.
        manifest: where the numbers come from, by name.
    """
    found = _TITLE.search(text)
    parts = _HEADING.split(text)[1:]
    sections = tuple(_section(name, part, drawing) for name, part in zip(parts[::2], parts[1::2], strict=True))
    return Page(_plain(found[1]) if found else "Report", answer_of(text), sections=sections, manifest=manifest)


def answer_of(text: str) -> tuple[str, ...]:
    """The sentences that stand between the title of a Markdown page and its first heading, as plain text."""
    lead = _HEADING.split(_TITLE.sub("", text))[0]
    return tuple(_plain(part) for part in re.split(r"\n\s*\n", lead.strip()) if part)


def beside(folder: Path) -> Callable[[str], str | None]:
    """Finds drawings as files beside a page: the SVG of the same name, below its folder alone."""

    def drawing(address: str) -> str | None:
        """The SVG beside a picture of the page; None where it is missing or lies elsewhere."""
        place = (folder / address).with_suffix(".svg").resolve()
        inside = place.is_relative_to(folder.resolve())
        return read_text(place) if inside and place.is_file() else None

    return drawing


def _section(name: str, text: str, drawing: Callable[[str], str | None]) -> Chapter:
    """A section with its pictures below its text."""
    figures = []
    for caption, address in _PICTURE.findall(text):
        svg = drawing(address)
        if svg is not None:
            figures.append(Exhibit(_plain(caption), svg))
    return Chapter(_plain(name), _PICTURE.sub("", text).strip(), tuple(figures))


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
