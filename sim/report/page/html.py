"""A report as HTML: Jinja escapes all text, Markdown is rendered without raw HTML, drawings stand inside the page."""

import re
from base64 import b64encode
from functools import cache
from importlib.resources import files
from typing import Any

from jinja2 import Environment, StrictUndefined
from markdown_it import MarkdownIt
from markdown_it.token import Token
from markupsafe import Markup

from sim.report.page.parts import Page, Sheet
from sim.results.words import unbroken

_PROLOGUE = re.compile(r"^.*?(?=<svg\b)", re.DOTALL)
_METADATA = re.compile(r"<metadata>.*?</metadata>", re.DOTALL)
_IDS = re.compile(r'(\bid="|url\(#|href="#|aria-labelledby="|aria-describedby=")([^")]+)')
_SIZE = re.compile(r'(<svg\b[^>]*?)\swidth="[^"]*"|(<svg\b[^>]*?)\sheight="[^"]*"')


def rendered(page: Page) -> str:
    """The whole page."""
    return _environment().from_string(_template("report.html.j2")).render(page=page, style=_template("report.css"))


def markdown(text: str, title: str = "") -> Markup:
    """Markdown as HTML: tables scroll on narrow screens and have headers with a scope; raw HTML is shown as text.

    Args:
        text: Markdown.
        title: what its tables show, for readers who do not see them.
    """
    html = _markdown().render(text, {"title": title})
    return Markup(unbroken(html))  # noqa: S704 (rendered with raw HTML off)


def inline_text(text: str) -> str:
    """A line of Markdown as HTML, without a paragraph around it."""
    return str(_markdown().renderInline(text))


def inline(svg: str, name: str) -> Markup:
    """A drawing of ours for inside the page: without prologue, as wide as its column, with ids of its own.

    Args:
        svg: text of the file that matplotlib wrote.
        name: what makes ids unique on the page.
    """
    text = _METADATA.sub("", _PROLOGUE.sub("", svg, count=1))
    text = _IDS.sub(lambda found: found[1] + " ".join(f"{name}-{one}" for one in found[2].split()), text)
    for _ in range(2):
        text = _SIZE.sub(lambda found: found[1] or found[2], text, count=1)
    return Markup(text)  # noqa: S704 (matplotlib escapes the texts that it writes)


def data_link(sheet: Sheet) -> str:
    """A CSV as an address that holds it."""
    return f"data:text/csv;charset=utf-8;base64,{b64encode(sheet.csv.encode()).decode()}"


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
    return parser


def _table_open(*arguments: Any) -> str:
    """A table that scrolls by itself and can be reached by keyboard."""
    title = str(Markup.escape(arguments[-1].get("title", "")))
    return f'<div class="scroll" tabindex="0" role="region" aria-label="{title}"><table><caption>{title}</caption>\n'


def _th_open(_: object, tokens: list[Token], place: int, *__: object) -> str:
    """A header of a column."""
    style = tokens[place].attrGet("style")
    return f'<th scope="col" style="{style}">' if style else '<th scope="col">'
