"""What a report consists of: an answer, sections of Markdown and figures, folds, and where its numbers come from.

One source for both forms: `markdown_of` writes it as Markdown, sim.report.page.html as HTML.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field

from sim.report.marking import code, marked


@dataclass(frozen=True)
class Sheet:
    """A table as a file inside the page.

    Attributes:
        name: file name for the reader who keeps it, such as forest.csv.
        csv: its text.
    """

    name: str
    csv: str


@dataclass(frozen=True)
class Fold:
    """What stands behind a line that opens.

    Attributes:
        title: that line.
        markdown: text and tables.
        sheet: the same as CSV, if it is offered.
    """

    title: str
    markdown: str
    sheet: Sheet | None = None


@dataclass(frozen=True)
class Exhibit:
    """A figure of a report.

    Attributes:
        title: plain title.
        svg: the drawing; none in Markdown.
        address: of the picture, in Markdown; a figure without one is left out there.
        caption: what to see, from the numbers.
        fold: its table; None if there is none.
    """

    title: str
    svg: str
    caption: str = ""
    fold: Fold | None = None
    address: str = ""


@dataclass(frozen=True)
class Chapter:
    """A part of a report under one heading.

    Attributes:
        title: plain heading.
        markdown: text and tables that stand open.
        figures: figures, below the text.
        folds: further tables, below the figures.
    """

    title: str
    markdown: str = ""
    figures: tuple[Exhibit, ...] = ()
    folds: tuple[Fold, ...] = ()


@dataclass(frozen=True)
class Page:
    """A report.

    Attributes:
        title: the question.
        answer: up to three sentences of plain text.
        notes: short plain facts that the answer rests on, such as the number of replicates.
        sections: the rest, in order.
        manifest: where the numbers come from, by name.
    """

    title: str
    answer: tuple[str, ...]
    notes: tuple[str, ...] = ()
    sections: tuple[Chapter, ...] = ()
    manifest: Mapping[str, str] = field(default_factory=dict)


def markdown_of(page: Page) -> str:
    """A report as Markdown: without its folds, and with pictures beside it."""
    parts = [f"# {marked(page.title)}", *map(marked, page.answer)]
    parts.append("\n".join(f"- {marked(note)}" for note in page.notes))
    for section in page.sections:
        pictures = (f"![{marked(figure.title)}]({figure.address})" for figure in section.figures if figure.address)
        parts += [f"## {marked(section.title)}", section.markdown, *pictures]
    made = [f"- {name}: {code(value) if name == 'command' else marked(value)}" for name, value in page.manifest.items()]
    parts += ["## Where each number comes from", "\n".join(made)]
    return "\n\n".join(part for part in parts if part) + "\n"
