"""Figures of reports: a registry of all figures, with the description, the numbers and the drawing of each."""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import pandas as pd
from matplotlib.figure import Figure

from sim.data.spreadsheet import as_csv
from sim.policy.places import Place
from sim.report.figures import curves, effects
from sim.report.figures.kinds import Bars, Curves, Tiles
from sim.report.figures.rows import Rows
from sim.report.marking import markdown_table, marked, texts
from sim.report.page.parts import Exhibit, Fold, for_phone
from sim.report.phrases import strongest
from sim.report.section import STUDIES, PageKind, Section, register
from sim.report.style import save, styled
from sim.report.view import View
from sim.results.words import counted, number

_FIRST = ("takedowns_expected", "turnaround_median")
_MOST_ROWS = 60  # rows of a table in a collapsible section; its CSV has all


#: What a figure shows: a frame and a few words, which its kind draws; `table` has the numbers as a reader takes them.
Specification = Bars | Curves | Rows | Tiles


@dataclass(frozen=True)
class Picture:
    """A figure that reports may show: functions for its data and texts."""

    title: str  # the caption in a report, plain text
    specify: Callable[[View], Specification | None]  # what it shows; None without data
    # one or two sentences, made from the numbers, that say what to see: the caption's text and the description for
    # those who cannot see the figure. Plain text, asked for only where there is a figure.
    describe: Callable[[View], str]

    def of(self, view: View) -> Specification | None:
        """Data from which the figure is drawn for a view, computed once; None if the view lacks such data."""
        shown: Specification | None = view.once(self, lambda: self.specify(view))
        return shown

    def draw(self, view: View) -> Figure | None:
        """Draws the figure for a view; None if the view has no data for it."""
        shown = self.of(view)
        return None if shown is None else shown.draw()

    def reads(self, view: View) -> str:
        """Text below the figure: reading guide, data and method; a phone shows it outside the figure."""
        shown = self.of(view)
        return "" if shown is None else f"{shown.caption.explanation} {shown.caption.small_print}"

    def fold(self, view: View, name: str) -> Fold | None:
        """Collapsible section with the figure's numbers, also as a CSV file; None if the view has no data for it."""
        shown = self.of(view)
        if shown is None:
            return None
        table = shown.table
        if "scenario" in table:
            table = table.assign(scenario=[view.title.get(str(key), str(key)) for key in table["scenario"]])
        return Fold("The numbers of this figure", _as_markdown(table), f"{name}.csv", as_csv(table))


def _as_markdown(table: pd.DataFrame) -> str:
    """Converts a table to Markdown; keeps only the first rows of a long table."""
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


def _pictures(**figures: tuple[Callable[[View], Specification | None], Callable[[View], str]]) -> dict[str, Picture]:
    """Makes the registry of figures by file name, each from its data function and its text function."""
    return {name: Picture(texts("report")["pictures"][name], *both) for name, both in figures.items()}


#: In the order in which reports show them.
FIGURES = _pictures(
    forest=(effects.forest, lambda view: " ".join(strongest(view, key) for key in _FIRST)),
    by_change=(effects.by_change, effects.describe_by_change),
    depends_on=(effects.depends_on, effects.describe_depends_on),
    gain_against_rights=(effects.gain_against_rights, effects.describe_rights),
    takedown_curves=(curves.takedown_curves, curves.describe_takedown_curves),
    turnaround_distribution=(curves.turnaround_curves, curves.describe_turnaround_curves),
    turnaround_by_stage=(curves.stage_bars, curves.describe_stages),
    open_by_age=(curves.open_by_age, curves.describe_ages),
    ladder=(effects.ladder_figure, effects.describe_ladder),
    state_map=(effects.state_map, effects.describe_state_map),
    members_by_fate=(curves.fate_bars, curves.describe_fates),
)
#: Sections of figures alone.
register(
    Section("How far requests come", 30, figures=("turnaround_by_stage",), pages=(PageKind.RUN,)),
    Section(
        "How long answers take",
        71,
        figures=("turnaround_distribution", "open_by_age"),
        pages=STUDIES,
        annex=True,
    ),
    Section(
        "What becomes of groups and people",
        72,
        figures=("takedown_curves", "members_by_fate"),
        pages=STUDIES,
        annex=True,
    ),
    Section("Between states", 73, figures=("state_map",), pages=STUDIES, annex=True),
    Section("What each gain costs in rights", 74, figures=("gain_against_rights",), pages=STUDIES, annex=True),
)
ABLATION_FIGURES = _pictures(effects_by_mechanism=(effects.ablation_effects, effects.describe_ablation))
#: Of a comparison of ways to decide.
REGRET_FIGURES = _pictures(decisions_compared=(effects.decisions_compared, effects.describe_decisions))


def side_pictures(places: Sequence[Place]) -> dict[str, Picture]:
    """Makes a figure for each place in the user's question, by file name."""
    found = {}
    for row, place in enumerate(places, 1):
        shown, said = partial(effects.side_figure, place=place), partial(effects.describe_side, place=place)
        found[f"side_{row}"] = Picture(f"{place.title}: what each policy changes", shown, said)
    return found


def draw_all(
    view: View,
    folder: Path,
    advance: Callable[[int], None],
    figures: Mapping[str, Picture] = FIGURES,
    *,
    png: bool = True,
) -> list[str]:
    """Draws each figure with data as SVG and, if `png`, as PNG, and for phones as SVG; returns the names."""
    drawn = []
    for name, picture in figures.items():
        with styled():
            figure = picture.draw(view)
            if figure is not None:
                save(figure, folder, name, picture.title, picture.describe(view), png=png)
                drawn.append(name)
        with styled(for_phone=True):
            figure = picture.draw(view)
            if figure is not None:
                save(figure, folder, for_phone(name), picture.title, picture.describe(view), png=False)
        advance(1)
    return drawn


def exhibits(view: View, drawn: Collection[str], known: Mapping[str, Picture]) -> tuple[Exhibit, ...]:
    """Drawn figures with descriptions and tables of their numbers, for a page; figures not drawn are left out."""
    return tuple(
        Exhibit(picture.title, name, picture.describe(view), picture.fold(view, name), picture.reads(view))
        for name, picture in known.items()
        if name in drawn
    )
