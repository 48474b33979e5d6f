"""A figure as an object: its title, what it shows, and what it says in words."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

import pandas as pd
from matplotlib.figure import Figure

from sim.data.spreadsheet import as_csv
from sim.report.marking import markdown_table, marked
from sim.report.page.parts import Fold
from sim.report.story import Story
from sim.results.words import counted, number

_MOST_ROWS = 60  # rows of a table behind a fold; its CSV has all


class Specification(Protocol):
    """What a figure shows: the kinds of figure are in sim/report/figures/rows.py and kinds.py."""

    @property
    def table(self) -> pd.DataFrame:
        """The numbers that are drawn, as a reader takes them."""

    def draw(self) -> Figure:
        """Draws them."""


@dataclass(frozen=True)
class Picture:
    """A figure that a story may have data for."""

    title: str  # the caption in a report, plain text
    specify: Callable[[Story], Specification | None]  # what it shows; None without data
    # one or two sentences, made from the numbers, that say what to see: the caption's text and the description for
    # those who cannot see the figure. Plain text, asked for only where there is a figure.
    describe: Callable[[Story], str]

    def of(self, story: Story) -> Specification | None:
        """What it shows of a story, found once; None without data."""
        if self not in story.figures:
            story.figures[self] = self.specify(story)
        shown: Specification | None = story.figures[self]
        return shown

    def draw(self, story: Story) -> Figure | None:
        """The figure; None without data."""
        shown = self.of(story)
        return None if shown is None else shown.draw()

    def fold(self, story: Story, name: str) -> Fold | None:
        """The numbers of the figure behind a fold, with a CSV of its name; None without data."""
        shown = self.of(story)
        if shown is None:
            return None
        table = shown.table
        if "scenario" in table:
            table = table.assign(scenario=[story.title.get(str(key), str(key)) for key in table["scenario"]])
        return Fold("The numbers of this figure", _as_markdown(table), f"{name}.csv", as_csv(table))


def _as_markdown(table: pd.DataFrame) -> str:
    """A table in Markdown, its first rows where it is long."""
    head = table.head(_MOST_ROWS)
    right = [place for place, kind in enumerate(head.dtypes) if pd.api.types.is_numeric_dtype(kind)]
    rows = [[_cell(value) for value in row] for row in head.itertuples(index=False)]
    names = [str(name).replace("_", " ") for name in head.columns]
    more = len(table) - len(head)
    note = f"\n\n{counted(more, 'further row')} {'is' if more == 1 else 'are'} in the CSV." if more > 0 else ""
    return f"{markdown_table(names, rows, right)}{note}"


def _cell(value: object) -> str:
    if isinstance(value, float):
        return number(value)
    return str(value) if isinstance(value, int) else marked(str(value))
