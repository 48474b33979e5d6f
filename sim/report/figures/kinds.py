"""Kinds of figure drawn from tables: stacked bars, tiles, curves with a band, and points.

A figure is a specification: a frame and a few words. The kind draws it, and the frame is the table behind its fold.
"""

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from textwrap import fill
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.cm import ScalarMappable
from matplotlib.colors import Normalize, to_rgb
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import LogFormatter

from sim.report.figures.rows import Looks, key_of, unlined
from sim.report.marking import drawn
from sim.report.style import (
    NARROW_LETTERS,
    NARROW_WIDTH,
    Caption,
    Key,
    NamesAbove,
    frame,
    grid,
    name_rows,
    narrow,
    plain,
)
from sim.results.words import number

#: Edge of a tile, and how its words stand.
_EDGE: dict[str, Any] = {"edgecolor": "#BBBBBB", "linewidth": 0.3}
_IN_ORDER = "The key has the parts from left to right, column by column."
_CENTRED: dict[str, Any] = {"ha": "center", "va": "center", "linespacing": 1.1, "in_layout": False}


#: How many times as wide a part of a bar must be on a phone for its number.
_WIDER = 3.5
_UPRIGHT = 0.75  # height of a panel on a phone, as a part of its width, where it would be lower


def _fitting(size: tuple[float, float], across: int, panels: int) -> tuple[float, float]:
    """Size of a figure in inches; for a phone, panels are stacked and flat ones made taller."""
    if not narrow():
        return size
    width, height = size[0] / across, size[1] / -(-panels // across)
    return NARROW_WIDTH, panels * NARROW_WIDTH * max(height / width, _UPRIGHT)


class Segment(NamedTuple):
    """Description of a segment in stacked bars: its name, its colour, the colour of its number, and its hatch."""

    name: str
    colour: str
    ink: str = "black"
    hatch: str = ""


@dataclass(frozen=True)
class Bars:
    """A figure of stacked bars, one per row; `sizes` has a column for each segment."""

    caption: Caption
    sizes: pd.DataFrame  # columns are names of parts
    parts: Sequence[Segment]  # from left to right, as the key has them: grey print needs it
    rows: Sequence[str]  # names from the top
    label: str  # of the axis
    ticks: Any  # what writes its numbers
    right: float  # its end
    numbered: float  # size from which a part has its number
    write: Callable[[float], str] = number  # that number
    ends: Sequence[str] = ()  # what stands right of each bar
    left: Collection[str] = ()  # parts on the left of zero
    across: int = 4  # columns of the key

    @property
    def table(self) -> pd.DataFrame:
        """Data of the figure as a table: the size of each segment, one row per bar."""
        return self.sizes[[part.name for part in self.parts]].rename_axis("scenario").reset_index()

    def draw(self) -> Figure:
        """Draws the stacked bars and returns the figure."""
        phone, rows, numbered = narrow(), np.arange(float(len(self.sizes))), self.numbered
        said = [f"{name}: {end}" for name, end in zip(self.rows, self.ends, strict=True)] if self.ends else self.rows
        above = NamesAbove.of(said, 0.32) if phone else None
        size = (9.6, 2.9 + 0.5 * len(self.sizes))
        if above:
            size = NARROW_WIDTH, 0.5 + above.height * len(self.sizes)
            rows, numbered = rows + above.at(0.0), numbered * _WIDER
        figure, (axes,) = grid(size)
        edge = -self.sizes[list(self.left)].to_numpy(np.float64).sum(axis=1)
        for name, colour, ink, hatch in self.parts:
            sizes = self.sizes[name].to_numpy(np.float64)
            look: dict[str, Any] = {"facecolor": colour, "hatch": hatch, "edgecolor": "white", "linewidth": 0.5}
            axes.barh(rows, sizes, left=edge, height=0.8 * (1.0 - above.top) if above else 0.66, label=name, **look)
            for row in np.flatnonzero(sizes >= numbered).tolist():
                words, middle = self.write(sizes[row]), edge[row] + sizes[row] / 2
                axes.text(middle, rows[row], words, ha="center", va="center", fontsize=7.5, color=ink)
            edge = edge + sizes
        for row, words in enumerate(() if above else self.ends):
            at = (float(edge[row]), float(rows[row]))
            axes.annotate(words, at, (5, 0), textcoords="offset points", va="center", fontsize=7.5)
        if self.left:
            axes.axvline(0, color="black", linewidth=1.2)
        if above:
            above.draw(axes)
        else:
            name_rows(axes, self.rows)
        axes.set_xlim(None if self.left else 0.0, self.right)
        axes.set_xlabel(self.label)
        axes.xaxis.set_major_formatter(self.ticks)
        title, explanation, small = self.caption
        frame(figure, title, f"{explanation} {_IN_ORDER}", small, Key(*axes.get_legend_handles_labels(), self.across))
        return figure


@dataclass(frozen=True)
class Tiles:
    """A figure of tiles in a matrix or a map, each with a colour and a text.

    Cells have panel, x, y (from 0), value, words, and what the table shows; with `face` and `ink`, colours that a cell
    has instead of that of its value, empty where it has none.
    """

    caption: Caption
    cells: pd.DataFrame
    panels: Sequence[str]  # their titles
    names: tuple[Sequence[str], Sequence[str]]  # of columns and of rows; none for a map
    labels: tuple[str, str]  # of the two axes
    shades: Normalize  # what gives a value its colour
    palette: str
    bar: str  # label of the bar of colours
    size: tuple[float, float]  # inches
    across: int  # panels in a row
    columns: Sequence[str] = ()  # of the table
    up: bool = False  # whether rows run upwards
    square: bool = True  # whether cells are
    fontsize: float = 6.5  # of words
    ticks: Mapping[str, Any] = field(default_factory=dict)  # options of the bar of colours

    @property
    def table(self) -> pd.DataFrame:
        """Data of the figure as a table, one row per tile."""
        return self.cells[list(self.columns)]

    def draw(self) -> Figure:
        """Draws all panels of tiles and the colour bar; returns the figure."""
        figure, every = grid(_fitting(self.size, self.across, len(self.panels)), len(self.panels), self.across)
        colours = ScalarMappable(self.shades, self.palette)
        for number_, (axes, title) in enumerate(zip(every, self.panels, strict=True)):
            self._cells(axes, self.cells[self.cells["panel"] == title], colours)
            axes.set_title(title, fontsize=9.5)
            axes.set_xlabel(self.labels[0], fontsize=8.5)
            axes.set_ylabel(self.labels[1] if number_ % self.across == 0 else "", fontsize=8.5)
        bar = figure.colorbar(colours, ax=every, **{"shrink": 0.8, "pad": 0.01, **self.ticks})
        bar.set_label(fill(self.bar, NARROW_LETTERS) if narrow() else self.bar, fontsize=8.5)
        frame(figure, *self.caption)
        return figure

    def _cells(self, axes: Axes, cells: pd.DataFrame, colours: ScalarMappable) -> None:
        """Draws the tiles of one panel."""
        usual = {name: "" for name in ("face", "ink") if name not in cells}
        known: Any = cells.assign(**usual).itertuples()
        for cell in known:
            if cell.face or np.isfinite(cell.value):
                face = to_rgb(cell.face or tuple(np.asarray(colours.to_rgba(cell.value)).tolist()))
                ink = cell.ink or ("white" if np.dot(face, (0.299, 0.587, 0.114)) < 0.5 else "black")
                corner, look = (cell.x - 0.48, cell.y - 0.48), _EDGE | {"facecolor": face}
                axes.add_patch(Rectangle(corner, 0.96, 0.96, **look))
                if not narrow():  # there is no room that could be read; the table has them
                    axes.text(cell.x, cell.y, cell.words, color=ink, fontsize=self.fontsize, **_CENTRED)
        ends = [self.cells[end].max() + 0.55 for end in "xy"]
        axes.set(xlim=(-0.55, ends[0]), ylim=(-0.55, ends[1]) if self.up else (ends[1], -0.55))
        axes.set_xticks(range(len(self.names[0])), self.names[0], fontsize=7.5)
        axes.set_yticks(range(len(self.names[1])), self.names[1], fontsize=7.5)
        axes.set_aspect("equal" if self.square else "auto")
        axes.tick_params(length=0)
        axes.grid(visible=False)
        axes.spines[:].set_visible(False)


class Pane(NamedTuple):
    """Texts of one panel: its title and the labels of both axes."""

    title: str
    across: str
    up: str


_LINE = 0.05  # part of the upright axis that a line of a name takes


@dataclass(frozen=True)
class Curves:
    """A figure of curves with a band, or of markers with an interval for each category.

    Points have panel (from 0), series, at, value, low, high; with `spread_low` and `spread_high`, a wider band; with
    `at_risk`, a number for the table. Dots have panel, series, at, value.
    """

    caption: Caption
    points: pd.DataFrame
    panes: Sequence[Pane]
    looks: Looks
    labels: Mapping[str, str]  # of each series, for the key
    size: tuple[float, float]  # inches
    across: int  # panels in a row
    shared: Mapping[str, Any] = field(default_factory=dict)  # axes that panels share
    ticks: Any = None  # what writes the numbers of the upright axis, if that is not matplotlib
    spans: Mapping[str, Any] = field(default_factory=dict)  # ends of the axes, as matplotlib takes them
    levels: Sequence[tuple[float, str]] = ()  # lines across: height and name
    steps: Sequence[str] = ()  # words of the axis, by place
    dots: pd.DataFrame | None = None
    log: bool = False  # whether the axis across is logarithmic
    named: bool = False  # whether curves have their names at the right, and no key

    @property
    def table(self) -> pd.DataFrame:
        """Data of the figure as a table, one row per point of a curve."""
        shown = ["series", "at", "value", "low", "high", *(name for name in ("at_risk",) if name in self.points)]
        return self.points[shown].drop_duplicates().rename(columns={"series": "scenario", "at": "month"})

    def draw(self) -> Figure:
        """Draws all panels of curves and returns the figure."""
        figure, every = grid(
            _fitting(self.size, self.across, len(self.panes)), len(self.panes), self.across, **self.shared
        )
        beside = self.named and not narrow()
        for panel, (axes, pane) in enumerate(zip(every, self.panes, strict=True)):
            for place, key in enumerate(self.looks):
                parts = (table for table in (self.points, self.dots) if table is not None)
                own = [part[(part["panel"] == panel) & (part["series"] == key)] for part in parts]
                if len(own[0]):
                    self._curve(axes, place, *own)
            for height, name in self.levels:
                colour, line = ("#888888", ":") if name else ("black", "-")
                axes.axhline(height, color=colour, linewidth=0.9, linestyle=line)
                axes.text(0.995, height, name, transform=axes.get_yaxis_transform(), ha="right", va="top", fontsize=8)
            axes.set_title(pane.title, fontsize=9.5)
            axes.set(**self.spans)
            if beside:
                self._names(axes, self.points[self.points["panel"] == panel])
            axes.set_xlabel(pane.across, fontsize=8.5)
            axes.set_ylabel(pane.up)
            if self.ticks:
                axes.yaxis.set_major_formatter(self.ticks)
            if self.shared:
                axes.label_outer()
            if self.steps:
                axes.set_xticks(range(len(self.steps)), self.steps, fontsize=7.5)
                axes.set_xlim(-0.5, len(self.steps) - 0.5)
            if self.log:
                axes.set_xscale("log")
                axes.xaxis.set_major_formatter(plain)
                axes.xaxis.set_minor_formatter(LogFormatter())
        frame(figure, *self.caption, key_of(self.looks, {} if beside else self.labels, 2, {}))
        return figure

    def _curve(self, axes: Axes, place: int, curve: pd.DataFrame, dots: pd.DataFrame | None = None) -> None:
        """Draws one curve with its band; later curves are thinner, so that none hides another."""
        (colour, line, marker), count = list(self.looks.values())[place], len(self.looks)
        shift = 0.08 * (place - (count - 1) / 2) if self.steps else 0.0
        at, value, low, high = (curve[name].to_numpy(np.float64) for name in ("at", "value", "low", "high"))
        wide = [curve[name].to_numpy(np.float64) for name in ("spread_low", "spread_high") if name in curve]
        if dots is not None and len(dots):
            aside = shift + (0.04 if self.steps else 0.0)
            axes.plot(dots["at"] + aside, dots["value"], ".", color=colour, alpha=0.45, markersize=5)
        if self.steps:
            if wide:
                axes.vlines(at + shift, wide[0], wide[1], color=colour, alpha=0.25, linewidth=5)
            axes.vlines(at + shift, low, high, color=colour, linewidth=1.6)
            axes.plot(at + shift, value, marker, color=colour, markersize=5)
            return
        for edge in wide:
            axes.plot(at, edge, color=colour, linestyle=":", linewidth=1.0)
        axes.fill_between(at, low, high, color=colour, alpha=0.15, linewidth=0)
        width = 3.4 - 1.8 * place / count
        axes.plot(at, value, color=colour, linestyle=line, marker=marker, markersize=4, linewidth=width)

    def _names(self, axes: Axes, points: pd.DataFrame) -> None:
        """Writes the names of curves at the right, each at its curve's end or below the name before it."""
        ends, top = points.sort_values("at").groupby("series")["value"].last(), np.inf
        for key, end in ends.sort_values(ascending=False).items():
            words = drawn(self.labels[str(key)])
            size = _LINE * float(np.ptp(axes.get_ylim())) * (words.count("\n") + 1)
            height = min(float(end), top - size / 2)
            top = height - size / 2
            words = f" {words}".replace("\n", "\n ")
            axes.text(axes.get_xlim()[1], height, words, va="center", fontsize=7.5, linespacing=1.1)


@dataclass(frozen=True)
class Points:
    """A figure of markers in panels with two numeric axes.

    Points have panel (from 0), series, x, y; where they are wanted, low and high (ends of y), shade, words and edge.
    """

    caption: Caption
    points: pd.DataFrame
    panes: Sequence[Pane]
    looks: Looks
    labels: Mapping[str, str]  # of each series, for the key
    size: tuple[float, float]  # inches
    across: int = 1  # panels in a row
    shades: Normalize | None = None  # what gives `shade` its colour
    bar: str = ""  # label of the bar of colours
    lines: Sequence[tuple[str, float, str]] = ()  # across (h) and upright (v): place, line style
    box: tuple[tuple[float, float], float, float] | None = None  # corner, width and height of a frame

    def draw(self) -> Figure:
        """Draws all panels of markers and returns the figure."""
        figure, every = grid(self.size, len(self.panes), self.across, sharex=True, sharey=True)
        colours = ScalarMappable(self.shades, "PuOr_r") if self.shades else None
        for panel, (axes, pane) in enumerate(zip(every, self.panes, strict=True)):
            self._marks(axes, self.points[self.points["panel"] == panel], colours)
            for axis, place, style in self.lines:
                draw = axes.axhline if axis == "h" else axes.axvline
                draw(place, color="black", linewidth=0.8, linestyle=style)
            if self.box:
                axes.add_patch(Rectangle(*self.box, fill=False, color="black", linewidth=2.0))
            axes.set_title(pane.title, fontsize=9)
            axes.set_xlabel(pane.across, fontsize=8.5)
            axes.set_ylabel(pane.up, fontsize=8.5)
            axes.label_outer()
        if colours:
            bar = figure.colorbar(colours, ax=every, shrink=0.8, pad=0.02)
            bar.set_label(self.bar, fontsize=8.5)
        frame(figure, *self.caption, key_of(unlined(self.looks), self.labels, 3, {}))
        return figure

    def _marks(self, axes: Axes, part: pd.DataFrame, colours: ScalarMappable | None) -> None:
        """Draws the markers of one panel of a scatter figure."""
        if "low" in part:
            axes.vlines(part["x"], part["low"], part["high"], color="#999999", linewidth=0.9, zorder=1)
        for key, (colour, _, marker) in self.looks.items():
            own = part[part["series"] == key]
            if colours is None:
                axes.plot(own["x"], own["y"], marker, color=colour, markersize=5, alpha=0.6, markeredgewidth=0)
            else:
                faces = colours.to_rgba(own["shade"].to_numpy(np.float64))
                marks: dict[str, Any] = {"marker": marker, "edgecolors": list(own["edge"])}
                axes.scatter(own["x"], own["y"], 60, faces, zorder=2, **marks)
        named: Iterable[Any] = part[part["words"] != ""].itertuples() if "words" in part else ()
        for row in named:
            axes.annotate(row.words, (row.x, row.y), (5, 4), textcoords="offset points", fontsize=8, weight="bold")
