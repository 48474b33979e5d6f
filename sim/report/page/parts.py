"""What a report consists of: an answer, sections of Markdown and figures, folds, and where its numbers come from."""

from collections.abc import Mapping
from dataclasses import dataclass, field


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
        svg: the drawing.
        caption: what to see, from the numbers.
        fold: its table; None if there is none.
    """

    title: str
    svg: str
    caption: str = ""
    fold: Fold | None = None


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
