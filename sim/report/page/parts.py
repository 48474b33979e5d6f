"""What a report consists of: an answer, sections of Markdown and figures, folds, and where its numbers come from.

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
from importlib.resources import files
from pathlib import Path
from typing import Any

from jinja2 import Environment, StrictUndefined
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from sim.experiments.manifest import code_in_words
from sim.experiments.store import FIGURES, MANIFEST, REPORT, SUMMARY, read_text
from sim.report.marking import code, markdown_table, marked
from sim.results.words import unbroken

_WHOLE = "The whole report, with definitions and every table: report.html."
_NO_HEAD = re.compile(r"<th [^>]*></th>")
_PROLOGUE = re.compile(r"^.*?(?=<svg\b)", re.DOTALL)
_METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
_IDS = re.compile(r'(\bid="|url\(#|href="#|aria-labelledby="|aria-describedby=")([^")]+)')
_SIZE = re.compile(r'(<svg\b[^>]*?)\swidth="[^"]*"|(<svg\b[^>]*?)\sheight="[^"]*"')


@dataclass(frozen=True)
class Fold:
    """What stands behind a line that opens."""

    title: str
    markdown: str  # text and tables
    file: str = ""  # name for the reader who keeps it as CSV, such as forest.csv, if that is offered
    csv: str = ""  # the same as CSV


@dataclass(frozen=True)
class Exhibit:
    """A figure of a report."""

    title: str  # plain title
    name: str  # of its files in the folder of figures
    caption: str = ""  # what to see, from the numbers
    fold: Fold | None = None  # its table; None if there is none


@dataclass(frozen=True)
class Chapter:
    """A part of a report under one heading."""

    title: str  # plain heading
    markdown: str = ""  # text and tables that stand open
    figures: tuple[Exhibit, ...] = ()  # figures, below the text
    folds: tuple[Fold, ...] = ()  # further tables, below the figures; in HTML alone
    answer: str = ""  # what it answers, as a clause of plain text; empty where the page has its answer from elsewhere
    annex: bool = False  # whether it belongs to the annex, which begins on a page of its own in print

    @property
    def holds(self) -> bool:
        """Whether there is anything below its heading."""
        return bool(self.markdown or self.figures or self.folds)


@dataclass(frozen=True)
class Card:
    """One number of the first screen."""

    title: str  # what it is
    value: str  # the number, or from which to which
    detail: str = ""  # its range, and what belongs to it
    quiet: bool = False  # whether nothing changes that can be distinguished from chance
    burden: bool = False  # whether it is a burden that grows, or a change for the worse
    plain: bool = False  # whether it says what is so, and not what changes


@dataclass(frozen=True)
class Bar:
    """A policy in the table of the first screen."""

    name: str  # of the policy
    words: str  # its number in words
    cells: tuple[str, ...] = ()  # further cells
    # today, after, low, high: the level today and under the policy with its interval, as parts of the widest bar; after
    # is today's where nothing changes that can be seen; None: no bar
    today: float | None = None
    after: float = 0.0
    low: float = 0.0
    high: float = 0.0
    lead: bool = False  # whether it is the policy of the sentences
    bound: bool = False  # whether it is no policy


@dataclass(frozen=True)
class First:
    """What the first screen shows below its sentences."""

    line: str = ""  # day, version, worlds
    # four numbers each of the place that was asked about and of the world, by the place and policy that they are of
    cards: Mapping[str, tuple[Card, ...]] = field(default_factory=dict)
    head: tuple[str, ...] = ()  # heads of the table of policies
    bars: tuple[Bar, ...] = ()  # its rows
    note: str = ""  # how to read it
    above: str = ""  # of what the table is, where that is not clear
    confidence: str = ""  # how sure, and why


@dataclass(frozen=True)
class Page:
    """A report."""

    title: str  # the finding, or the question
    answer: tuple[str, ...]  # up to three sentences of plain text
    notes: tuple[str, ...] = ()  # short plain facts that the answer rests on, such as the number of replicates
    sections: tuple[Chapter, ...] = ()  # the rest, in order; those that hold nothing are left out
    manifest: Mapping[str, str] = field(default_factory=dict)  # where the numbers come from, by name
    first: First = First()  # the rest of its first screen


def made_by(command: str) -> dict[str, str]:
    """Where the numbers of a page come from, by name."""
    return {"command": command, **code_in_words()}


def write_page(page: Page, folder: Path, summary: str = SUMMARY, report: str = REPORT) -> Path:
    """Writes a page as Markdown and as one HTML file, with the drawings in the folder's figures; returns the latter."""
    names = {figure.name for section in page.sections for figure in section.figures}
    places = {name: folder / FIGURES / f"{name}.svg" for name in names}
    drawings = {name: read_text(place) for name, place in places.items() if place.exists()}
    (folder / summary).write_text(markdown_of(page), encoding="utf-8")
    (folder / report).write_text(rendered(page, drawings), encoding="utf-8")
    return folder / report


def write_manifest(made: Mapping[str, Any], folder: Path) -> None:
    """Writes what made a report."""
    (folder / MANIFEST).write_text(json.dumps(made, indent=2, ensure_ascii=False), encoding="utf-8")


def markdown_of(page: Page) -> str:
    """A report as Markdown."""
    first = page.first
    parts = [f"# {marked(page.title)}", *map(marked, filter(None, (*page.answer, first.confidence)))]
    for about, row in first.cards.items():
        cards = (marked(f"{one.title}: {one.value}{f' ({one.detail})' if one.detail else ''}") for one in row)
        parts += [marked(about), "\n".join(f"- {card}" for card in cards)]
    if first.bars:
        rows = [[marked(text) for text in (bar.name, bar.words, *bar.cells)] for bar in first.bars]
        parts += [marked(first.above), markdown_table(first.head, rows, ()), marked(first.note)]
    notes = [*page.notes, *([_WHOLE] if any(section.folds for section in page.sections) else [])]
    parts.append("\n".join(f"- {marked(note)}" for note in notes))
    for section in page.sections:
        if section.markdown or section.figures:
            pictures = (f"![{marked(figure.title)}](figures/{figure.name}.png)" for figure in section.figures)
            parts += [f"## {marked(section.title)}", section.markdown, *pictures]
    made = [f"- {name}: {code(value) if name == 'command' else marked(value)}" for name, value in page.manifest.items()]
    parts += ["## Where each number comes from", "\n".join(made)]
    return "\n\n".join(part for part in parts if part) + "\n"


def rendered(page: Page, drawings: Mapping[str, str] | None = None) -> str:
    """A report as HTML, with the texts of the SVG of its figures by name; a figure without one is left out."""
    template = _environment().from_string(_template("report.html.j2"))
    return template.render(page=page, drawings=drawings or {}, style=_template("report.css"))


def markdown(text: str, title: str = "") -> Markup:
    """Markdown as HTML: tables scroll on narrow screens, with a title and scopes; raw HTML is shown as text."""
    html = _markdown().render(text, {"title": title})
    return Markup(unbroken(_NO_HEAD.sub("<td></td>", html)))  # noqa: S704 (rendered with raw HTML off)


def inline(svg: str, name: str) -> Markup:
    """A drawing of ours for inside the page: without prologue, as wide as its column, with ids of its own."""
    text = _METADATA.sub("", _PROLOGUE.sub("", svg, count=1))
    text = _IDS.sub(lambda found: found[1] + " ".join(f"{name}-{one}" for one in found[2].split()), text)
    for _ in range(2):
        text = _SIZE.sub(lambda found: found[1] or found[2], text, count=1)
    return Markup(text)  # noqa: S704 (matplotlib escapes the texts that it writes)


def data_link(csv: str) -> str:
    """A CSV as an address that holds it."""
    return f"data:text/csv;charset=utf-8;base64,{b64encode(csv.encode()).decode()}"


@cache
def _environment() -> Environment:
    """Templates: all text is escaped, and a name that is not given is an error."""
    environment = Environment(autoescape=True, undefined=StrictUndefined, trim_blocks=True, lstrip_blocks=True)
    environment.filters |= {"markdown": markdown, "data_link": data_link, "unbroken": unbroken}
    environment.globals["inline"] = inline
    return environment


@cache
def _template(name: str) -> str:
    return files("sim.report.page").joinpath("templates", name).read_text(encoding="utf-8")


@cache
def _markdown() -> MarkdownIt:
    """CommonMark with tables, without raw HTML."""
    parser = MarkdownIt("commonmark", {"html": False}).enable("table")
    parser.add_render_rule("table_open", _table_open)
    parser.add_render_rule("table_close", lambda *_: "</table></div>\n")
    parser.add_render_rule("th_open", _th_open)
    parser.add_render_rule("td_open", _td_open)
    return parser


def _table_open(*arguments: Any) -> str:
    """A table that scrolls by itself and can be reached by keyboard."""
    title = str(Markup.escape(arguments[-1].get("title", "")))
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{title}"><table><caption>{title}</caption>\n'


def _th_open(_: object, tokens: list[Token], place: int, *__: object) -> str:
    """A header of a column."""
    style = tokens[place].attrGet("style")
    return f'<th scope="col" style="{style}">' if style else '<th scope="col">'


def _td_open(_: object, tokens: list[Token], place: int, *__: object) -> str:
    """A cell that knows the head of its column, which stands before it on a phone."""
    row = max(at for at in range(place) if tokens[at].type == "tr_open")
    column = sum(token.type == "td_open" for token in tokens[row:place])
    head = max(at for at in range(place) if tokens[at].type == "thead_open")
    heads = [at for at in range(head, place) if tokens[at].type == "th_open"]
    title = str(Markup.escape(tokens[heads[column] + 1].content.replace("\\", "")))
    style = tokens[place].attrGet("style")
    return f'<td data-head="{title}"' + (f' style="{style}">' if style else ">")
