"""Parts of a report: answer, sections of Markdown and figures, collapsible sections, and provenance.

One source for both forms: `markdown_of` writes it as Markdown, without its folds and with pictures beside it, and
`rendered` as one HTML file that opens without a network: Jinja escapes all text, Markdown is rendered without raw HTML,
and drawings stand inside the page.
"""

import json
import re
from base64 import b64encode
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from html import unescape
from itertools import cycle
from pathlib import Path
from typing import Any

from jinja2 import Environment, PackageLoader, StrictUndefined
from markdown_it import MarkdownIt
from markupsafe import Markup

from sim.experiments.manifest import code_in_words
from sim.experiments.store import FIGURES, MANIFEST, REPORT, SUMMARY, read_text
from sim.report.marking import code, markdown_table, marked
from sim.results.words import unbroken

RIGHTS = "Rights, one by one; nobody has added them up:"
_WHOLE = "The whole report, with definitions and every table: report.html."
_METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
_IDS = re.compile(r'(\bid="|url\(#|href="#|aria-labelledby="|aria-describedby=")([^")]+)')
_SIZE = re.compile(r' (?:width|height)="[^"]*"')
_BOX = re.compile(r'viewBox="[\d.-]+ [\d.-]+ ([\d.]+) ([\d.]+)"')
_TALL = 0.8  # height of a drawing, as a part of its width, from which paper gives it more room
_TABLE = re.compile(r"<table>(\s*<thead>.*?</thead>)(.*?)</table>", re.DOTALL)
_HEAD, _TAG = re.compile(r"<th\b([^>]*)>(.*?)</th>"), re.compile(r"<[^>]*>")
_MARKDOWN = MarkdownIt("commonmark", {"html": False}).enable("table")


@dataclass(frozen=True)
class Fold:
    """A collapsible section of a page: title, content, and file."""

    title: str
    markdown: str  # text and tables
    file: str = ""  # name for the reader who keeps it as CSV, such as forest.csv, if that is offered
    csv: str = ""  # the same as CSV


@dataclass(frozen=True)
class Exhibit:
    """A figure with the texts, table and file names that a report shows with it."""

    title: str  # plain title
    name: str  # of its files in the folder of figures
    caption: str = ""  # what to see, from the numbers
    fold: Fold | None = None  # its table; None if there is none
    reads: str = ""  # how to read it, and data and method: beside the drawing for a phone, which has no room for them


def for_phone(name: str) -> str:
    """Name of the file with a figure's version for phones."""
    return f"{name}_phone"


@dataclass(frozen=True)
class Chapter:
    """A section of a report under one heading: text, figures and collapsible sections."""

    title: str  # plain heading
    markdown: str = ""  # text and tables that stand open
    figures: tuple[Exhibit, ...] = ()  # figures, below the text
    folds: tuple[Fold, ...] = ()  # further tables, below the figures; in HTML alone
    answer: str = ""  # what it answers, as a clause of plain text; empty where the page has its answer from elsewhere
    annex: bool = False  # whether it belongs to the annex, which begins on a page of its own in print

    @property
    def holds(self) -> bool:
        """True if the section has content."""
        return bool(self.markdown or self.figures or self.folds)


@dataclass(frozen=True)
class Card:
    """A card on the first screen, which shows one number with its title and explanation."""

    title: str  # what it is
    value: str  # the number, or from which to which
    detail: str = ""  # its range, and what belongs to it
    quiet: bool = False  # whether nothing changes that can be distinguished from chance
    burden: bool = False  # whether it is a burden that grows, or a change for the worse
    plain: bool = False  # whether it says what is so, and not what changes
    sure: str = ""  # how sure it is, in a few words
    today: str = ""  # today's level, with its range
    then: str = ""  # of a share, its levels today and then


@dataclass(frozen=True)
class Bar:
    """A policy's row in the table on the first screen: its bar and texts."""

    name: str  # of the policy
    words: str  # its number in words
    cells: tuple[str, ...] = ()  # further cells
    # today, after, low, high: the level today and under the policy with its interval; after is today's where nothing
    # changes that can be seen
    today: float = 0.0
    after: float = 0.0
    low: float = 0.0
    high: float = 0.0
    kind: str = ""  # lead: the policy of the sentences; bound: no policy


@dataclass(frozen=True)
class Page:
    """Content of a report page: the answer, its cards and bars, sections, and provenance."""

    title: str  # the finding, or the question
    answer: tuple[str, ...]  # up to three sentences of plain text
    notes: tuple[str, ...] = ()  # short plain facts that the answer rests on, such as the number of replicates
    sections: tuple[Chapter, ...] = ()  # the rest, in order; those that hold nothing are left out
    manifest: Mapping[str, str] = field(default_factory=dict)  # where the numbers come from, by name
    line: str = ""  # day, version, worlds
    # four numbers each of the place that was asked about and of the world, by the place and policy that they are of
    cards: Mapping[str, tuple[Card, ...]] = field(default_factory=dict)
    rights: tuple[Card, ...] = ()  # of the world, behind its other numbers
    head: tuple[str, ...] = ()  # heads of the table of policies
    bars: tuple[Bar, ...] = ()  # its rows
    note: str = ""  # how to read it
    above: str = ""  # of what the table is, where that is not clear
    confidence: str = ""  # how sure all of it is: which facts the model meets
    grounds: Fold | None = None  # how sure each number is, and why
    assumes: str = ""  # what the size leaves out
    doubts: str = ""  # what ranges, levels and words of confidence are

    @property
    def widest(self) -> float:
        """Length of the longest bar on the first screen, to which all bars are scaled."""
        return max((max(bar.today, bar.after, bar.high) for bar in self.bars), default=0.0) or 1.0


def made_by(command: str) -> dict[str, str]:
    """Provenance of a page's numbers, as texts by name: the command, and the version of the code."""
    return {"command": command, **code_in_words()}


def write_page(page: Page, folder: Path, summary: str = SUMMARY, report: str = REPORT, kind: str = "png") -> Path:
    """Writes a page as Markdown and as one HTML file, with drawings from the folder; returns the HTML file's path.

    Markdown shows pictures of a kind, `png` or `svg`.
    """
    names = {figure.name for section in page.sections for figure in section.figures}
    names |= set(map(for_phone, names))
    places = {name: folder / FIGURES / f"{name}.svg" for name in names}
    drawings = {name: read_text(place) for name, place in places.items() if place.exists()}
    (folder / summary).write_text(markdown_of(page, kind), encoding="utf-8")
    (folder / report).write_text(rendered(page, drawings), encoding="utf-8")
    return folder / report


def write_manifest(made: Mapping[str, Any], folder: Path) -> None:
    """Writes the manifest of a report."""
    (folder / MANIFEST).write_text(json.dumps(made, indent=2, ensure_ascii=False), encoding="utf-8")


def markdown_of(page: Page, kind: str = "png") -> str:
    """Converts a report page to Markdown."""
    parts = [
        f"# {marked(page.title)}",
        *map(marked, filter(None, (*page.answer, page.assumes, page.doubts, page.confidence))),
    ]
    for about, row in (*page.cards.items(), *[(RIGHTS, page.rights)] * bool(page.rights)):
        cards = (marked(_in_line(one)) for one in row)
        parts += [marked(about), "\n".join(f"- {card}" for card in cards)]
    if page.bars:
        rows = [[marked(text) for text in (bar.name, bar.words, *bar.cells)] for bar in page.bars]
        parts += [marked(page.above), markdown_table(page.head, rows, ()), marked(page.note)]
    notes = [*page.notes, *([_WHOLE] if any(section.folds for section in page.sections) else [])]
    parts.append("\n".join(f"- {marked(note)}" for note in notes))
    for section in page.sections:
        if section.markdown or section.figures:
            pictures = (f"![{marked(figure.title)}](figures/{figure.name}.{kind})" for figure in section.figures)
            parts += [f"## {marked(section.title)}", section.markdown, *pictures]
    made = [f"- {name}: {code(value) if name == 'command' else marked(value)}" for name, value in page.manifest.items()]
    parts += ["## Where each number comes from", "\n".join(made)]
    return "\n\n".join(part for part in parts if part) + "\n"


def _in_line(card: Card) -> str:
    """Text of a card on one line."""
    behind = f", {card.then}" if card.then else ""
    behind += f" ({card.detail})" if card.detail else ""
    behind += f". {card.today}" if card.today else ""
    return f"{card.title}: {card.value}{behind}{f'. {card.sure}' if card.sure else ''}"


def rendered(page: Page, drawings: Mapping[str, str] | None = None) -> str:
    """Converts a report page to HTML; figures without SVG text in `drawings` are left out."""
    return _templates().get_template("report.html.j2").render(page=page, drawings=drawings or {}, rights_title=RIGHTS)


def markdown(text: str, title: str = "") -> Markup:
    """Converts Markdown to HTML: tables are accessible and scroll on narrow screens; raw HTML is shown as text."""
    named = str(Markup.escape(title))

    def opened(found: re.Match[str]) -> str:
        """HTML of a table that can be reached by keyboard, and whose cells name their columns."""
        heads = cycle(Markup.escape(unescape(_TAG.sub("", head))) for _, head in _HEAD.findall(found[1]))
        head = _HEAD.sub(lambda th: f'<th scope="col"{th[1]}>{th[2]}</th>' if th[2] else "<td></td>", found[1])
        body = re.sub(r"<td\b", lambda _: f'<td data-head="{next(heads)}"', found[2])
        region = f'<div class="scroll" tabindex="0" role="region" aria-label="{named}">'
        return f"{region}<table><caption>{named}</caption>{head}{body}</table></div>"

    # a class for numbers: the style that Markdown gives to each cell is a twentieth of a page
    text = _MARKDOWN.render(text).replace(' style="text-align:right"', ' class="n"')
    return Markup(unbroken(_TABLE.sub(opened, text)))  # noqa: S704 (rendered with raw HTML off)


def inline(svg: str, name: str) -> Markup:
    """Prepares an SVG for embedding in a page: without prologue, as wide as its column, ids made unique."""
    opening, rest = _METADATA.sub("", svg[svg.index("<svg") :]).split(">", 1)
    width, height = (float(edge) for edge in _BOX.findall(opening)[0])
    tall = ' class="tall"' if height > _TALL * width else ""
    text = f"{_SIZE.sub('', opening)}{tall}>{rest}"
    text = _IDS.sub(lambda found: found[1] + " ".join(f"{name}-{one}" for one in found[2].split()), text)
    return Markup(text)  # noqa: S704 (matplotlib escapes the texts that it writes)


@cache
def _templates() -> Environment:
    """Environment of the HTML templates, which escape all text."""
    options: dict[str, Any] = dict.fromkeys(("trim_blocks", "lstrip_blocks", "keep_trailing_newline"), True)
    found = Environment(undefined=StrictUndefined, autoescape=True, loader=PackageLoader("sim.report.page"), **options)
    found.filters |= {"markdown": markdown, "unbroken": unbroken, "inline": inline, "for_phone": for_phone}
    found.filters["base64"] = lambda text: b64encode(text.encode()).decode()
    return found
