"""A kind of figure with intervals in rows: a panel per outcome, a row per thing compared, a marker per series."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from textwrap import fill, wrap
from typing import Any

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import LogLocator, MaxNLocator, NullFormatter

from sim.measures.outcome import Outcome
from sim.measures.outcomes import OUTCOMES
from sim.report import style
from sim.report.style import Caption, Key, frame, grid, look, signed, signed_per_cent
from sim.report.view import View
from sim.results.effects import is_clear, is_defined, is_same
from sim.results.labels import BETTER
from sim.results.words import plain_cell

Look = tuple[str, Any, str]  # colour, line and marker, as matplotlib takes them
Looks = Mapping[str, Look]  # of each series
Mark = tuple[int, str, Any]  # a mark: its row from the top, its series, and the effect; None where it was not run
ZERO = (0.0, "black", "-")  # the line of nothing
#: Columns of marks behind the fold of a figure, by the names they have there: of any figure, and of effects.
PLAIN = {"panel": "outcome", "row": "row", "series": "series", "value": "value", "start": "low", "end": "high"}
EFFECTS = {"series": "scenario", "title": "outcome"} | {
    name: name for name in ("unit", "baseline_mean", "scenario_mean", "difference", "low", "high", "verdict")
}
#: What outcomes cannot fall below; those of countries are all counts.
_LEAST = {about.key: about.least for about in OUTCOMES}
#: What a table of marks may leave out: see `Panel`.
_USUAL = {"least": -np.inf, "clear": True, "words": "", "missing": "", "shade": False, "inner_start": np.nan}
#: Of numbers beside marks, which must be read in grey print too.
_INK = "#222222"
_BEHIND = {"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 0.5}  # lines that cross them
_MARGIN = 0.03  # length of the axis beyond the last interval, so that an arrowhead there does not touch the numbers
_NAMES, _LETTERS = 2.8, 11  # inches that names of rows take, and letters of a title in an inch
_SHORT = 15  # letters in a line of a name at the left on a phone


@dataclass(frozen=True)
class Panel:
    """Description of one panel in a figure of rows: title, axis and markers.

    Marks have row (from the top), series, value, start and end of its interval; where it is wanted, the ends of a thick
    inner interval (inner_start, inner_end), what the value cannot fall below (least), whether it can be distinguished
    from noise (clear), what stands at the right (words) or instead of the mark (missing), and whether its place is
    shaded (shade).
    """

    title: str
    label: str  # of the axis
    marks: pd.DataFrame
    span: tuple[float, float]  # ends of the axis
    lines: Sequence[tuple[float, str, str]] = (ZERO,)  # upright: place, colour, line style
    band: tuple[float, float] | None = None  # ends of a grey band
    ticks: Any = signed  # what writes the numbers of the axis
    numbered: bool = False  # whether each mark has words at the right
    scale: str = "linear"  # or log, symlog
    rows: Sequence[str] = ()  # names of rows of its own


def captioned(view: View, name: str, **gaps: object) -> Caption:
    """Makes the caption of a figure from its texts, with common fields filled in."""
    usual = {"base": view.drawn[view.baseline], "basis": view.basis}
    return Caption.of("report", name, view.experiment.command, **usual | gaps)


def factor(unit: str) -> float:
    """Factor from a number to its position on an axis: 100 for shares, shown in per cent, and otherwise 1."""
    return 100.0 if unit == "share" else 1.0


def axis_label(about: Outcome) -> str:
    """Label for an axis that shows changes in an outcome."""
    unit, better = "percentage points" if about.unit == "share" else about.unit, BETTER[about.better]
    return f"change, {unit}" + (f"\n({better})" if better else "")


def marks_of(marks: Iterable[Mark], *, relative: bool = False) -> pd.DataFrame:
    """Converts effects to a table of markers, in relative terms if `relative` is true."""
    return pd.DataFrame([_mark(*mark, relative) for mark in marks if mark[2] is not None])


def _mark(row: int, series: str, entry: Any, relative: bool) -> dict[str, Any]:
    """Values of one marker, by column of the table of markers."""
    scale, ends, floor = factor(entry.unit), (entry.difference, entry.low, entry.high), -np.inf
    if relative:
        scale, ends = 1.0, (entry.relative, entry.relative_low, entry.relative_high)
        if entry.baseline_mean:
            floor = (_LEAST.get(entry.outcome, 0.0) - entry.baseline_mean) / abs(entry.baseline_mean)
    value, start, end = (scale * end for end in ends)
    why = "not defined" if not is_defined(entry) else "no interval" if entry.baseline_mean else "the baseline is zero"
    missing = "" if np.isfinite(start) or is_same(entry) else why
    known = entry._asdict() if hasattr(entry, "_asdict") else vars(entry)
    made = {"row": row, "series": series, "value": value, "start": start, "end": end, "least": floor}
    return {**known, **made, "clear": bool(is_clear(entry)), "words": plain_cell(entry), "missing": missing}


def around_zero(marks: pd.DataFrame, widest: float = np.inf) -> tuple[float, float]:
    """Ends of an axis centred on zero that shows all intervals except outliers, at most `widest` from zero."""
    least = marks[["least"]].to_numpy() if "least" in marks else -np.inf
    ends = np.abs(np.maximum(marks[["start", "end"]].to_numpy(np.float64), least)).ravel()
    reach = min(widest, 1.08 * style.without_outliers(ends[np.isfinite(ends)].tolist()))
    return -reach, reach


def with_zero(ends: object) -> tuple[float, float]:
    """Ends of an axis, with a margin, that contain zero and all known values."""
    known = np.append(np.asarray(ends, np.float64).ravel(), 0.0)
    low, high = np.nanmin(known), np.nanmax(known)
    margin = 0.08 * (high - low or 1.0)
    return float(low - margin), float(high + margin)


def unlined(looks: Looks) -> Looks:
    """Copies of curve styles without lines, so that only markers are drawn."""
    return {key: (colour, "none", mark) for key, (colour, _, mark) in looks.items()}


def key_of(looks: Looks, labels: Mapping[str, str], columns: int, further: Mapping[str, Any]) -> Key | None:
    """Legend of the labelled series and of extra handles; None if there is nothing to list."""
    named = [(labels[key], shown) for key, shown in looks.items() if labels.get(key)]
    handles = [Line2D([], [], color=colour, linestyle=line, marker=mark) for _, (colour, line, mark) in named]
    names = [*(name for name, _ in named), *further]
    return Key([*handles, *further.values()], names, columns) if names else None


@dataclass(frozen=True)
class Rows:
    """A figure with intervals in rows, and a panel per outcome."""

    caption: Caption
    panels: Sequence[Panel]  # side by side
    rows: Sequence[str]  # their names from the top
    looks: Looks
    labels: Mapping[str, str]  # of each series, for the key
    size: tuple[float, float]  # inches
    across: int = 0  # panels in a row; all by default
    places: Mapping[str, float] = field(default_factory=dict)  # height of each series in its row; apart by default
    bold: Sequence[int] = ()  # rows whose names are bold
    further: Mapping[str, Any] = field(default_factory=dict)  # handles of the key by their labels
    columns: Mapping[str, str] = field(default_factory=lambda: PLAIN)  # of the table, by their names there
    short: bool = False  # names of rows are so short that they are at the left on a phone, not above

    @property
    def table(self) -> pd.DataFrame:
        """Data of the figure, one row per marker."""
        names = [" ".join(name.split()) for name in self.rows]
        marks = pd.concat([panel.marks.assign(panel=panel.title) for panel in self.panels], ignore_index=True)
        series = [self.labels.get(key, key) for key in marks["series"]]
        marks = marks.assign(series=series, row=[names[row] for row in marks["row"]])
        said = {"panel": any(panel.title for panel in self.panels), "series": bool(self.labels)}
        kept = [name for name in self.columns if name in marks and said.get(name, True)]
        return marks[kept].rename(columns=self.columns)

    def draw(self) -> Figure:
        """Draws all panels of intervals and returns the figure."""
        if style.narrow():
            return self._draw_for_phone()
        across = self.across or len(self.panels)
        own = any(panel.rows for panel in self.panels)
        figure, every = grid(self.size, len(self.panels), across, sharey=not own)
        places = self.places or dict(zip(self.looks, style.offsets(len(self.looks)), strict=True))
        for number, (axes, panel) in enumerate(zip(every, self.panels, strict=True)):
            _draw(axes, panel, self.looks, places, int(_LETTERS * (self.size[0] - _NAMES) / across))
            style.name_rows(axes, panel.rows or self.rows, striped=True, fontsize=8)
            axes.tick_params(axis="y", length=0, labelleft=own or number % across == 0)
        for row in self.bold:
            every[0].get_yticklabels()[row].set_fontweight("bold")
        frame(figure, *self.caption, key_of(unlined(self.looks), self.labels, 3, self.further))
        return figure

    def _names_of(self, panel: Panel, *, numbered: bool) -> list[str]:
        """Names of a panel's rows, each with the number of its marker if the panel shows numbers."""
        names = list(panel.rows or self.rows)
        if numbered and panel.numbered:
            for mark in panel.marks.itertuples():
                words = str(mark.words).replace(" ", "\u00a0")  # a number stays on one line
                names[int(str(mark.row))] += f": {words}" if words else ""
        return names

    def _draw_for_phone(self) -> Figure:
        """Draws the panels below each other for a phone, with names above rows and numbers above markers."""
        if self.short:
            return self._draw_short_names()
        heights = self.places or dict(zip(self.looks, style.offsets(len(self.looks), 0.4), strict=True))
        slots = max(len({*heights.values()}), 1)
        lines = 2 if slots > 1 and any(panel.numbered for panel in self.panels) else 1
        shown = 0.08 + slots * lines * style.NARROW_LINE
        above = [style.NamesAbove.of(self._names_of(panel, numbered=slots == 1), shown) for panel in self.panels]
        inches = [0.8 + len(one.names) * one.height for one in above]
        figure, every = grid((style.NARROW_WIDTH, sum(inches)), len(above), height_ratios=inches)
        for axes, panel, one in zip(every, self.panels, above, strict=True):
            places = {key: one.at(place) for key, place in heights.items()}
            line = style.NARROW_LINE / one.height
            _draw(axes, replace(panel, numbered=lines > 1), self.looks, places, style.NARROW_LETTERS, line)
            one.draw(axes, self.bold)
            axes.tick_params(axis="y", length=0)
        frame(figure, *self.caption, key_of(unlined(self.looks), self.labels, 1, self.further))
        return figure

    def _draw_short_names(self) -> Figure:
        """Draws the panels below each other for a phone, with names at the left and numbers at the right."""
        places = self.places or dict(zip(self.looks, style.offsets(len(self.looks), 0.4), strict=True))
        names = [["\n".join(wrap(name, _SHORT)) for name in panel.rows or self.rows] for panel in self.panels]
        least = style.NARROW_LINE * max(len({*places.values()}), 1)
        heights = [max(least, *(style.NARROW_LINE * len(name.splitlines()) for name in those)) + 0.1 for those in names]
        inches = [0.75 + len(those) * height for those, height in zip(names, heights, strict=True)]
        figure, every = grid((style.NARROW_WIDTH, sum(inches)), len(names), height_ratios=inches)
        for axes, panel, those in zip(every, self.panels, names, strict=True):
            _draw(axes, panel, self.looks, places, style.NARROW_LETTERS - _SHORT)
            style.name_rows(axes, those, striped=True)
            axes.tick_params(axis="y", length=0)
        frame(figure, *self.caption, key_of(unlined(self.looks), self.labels, 1, self.further))
        return figure


def in_per_cent(
    view: View, caption: Caption, scenarios: Sequence[str], rows: Mapping[str, str], effect: Callable[[str, str], Any]
) -> Rows | None:
    """Figure of scenarios' relative effects in per cent, with absolute effects as text at the right.

    Rows are names by key of the outcome, from the top; None where there are no scenarios or no rows.
    """
    if not (scenarios and rows):
        return None
    names = list(rows.values())
    drawn = ((row, key, effect(key, what)) for row, what in enumerate(rows) for key in scenarios)
    marks = marks_of(drawn, relative=True)
    if "title" not in marks:
        marks["title"] = [names[row].partition("\n")[0] for row in marks["row"]]
    panel = Panel("", "difference, per cent", marks, around_zero(marks, 1.5), ticks=signed_per_cent, numbered=True)
    size, looks = len(rows) * (0.17 + 0.19 * len(scenarios)), {key: look(key, view.scenarios) for key in scenarios}
    return Rows(caption, [panel], names, looks, view.title, (9.6, 2.0 + size), columns=EFFECTS)


def _draw(
    axes: Axes, panel: Panel, looks: Looks, places: Mapping[str, float], letters: int, line_above: float = 0.0
) -> None:
    """Draws one panel of rows with intervals.

    Numbers stand at the right, or, where there is no room, in a line above their marks of a part of a row.
    """
    low, high = panel.span
    if panel.band:
        axes.axvspan(*panel.band, color="#DDDDDD", linewidth=0, zorder=0.5)
    for place, colour, line in panel.lines:
        axes.axvline(place, color=colour, linewidth=1.1 if colour == "black" else 0.9, linestyle=line, zorder=1)
    usual: dict[str, Any] = {name: value for name, value in _USUAL.items() if name not in panel.marks}
    marks: Iterable[Any] = panel.marks.assign(**usual).itertuples()
    for mark in marks:
        shown, height = looks[mark.series], mark.row + places[mark.series]
        if mark.shade:
            axes.axhspan(height - 0.13, height + 0.13, color="#F3D9C9", linewidth=0, zorder=0.5)
        if panel.numbered:
            look: dict[str, Any] = {"transform": axes.get_yaxis_transform(), "va": "center", "color": _INK}
            if line_above:
                height += line_above / 2
                axes.text(0.02, height - line_above, mark.words, fontsize=9, in_layout=False, bbox=_BEHIND, **look)
            else:
                axes.text(1.015, height, mark.words, fontsize=7.5, **look)
        if np.isfinite(mark.inner_start):
            axes.hlines(height, mark.inner_start, mark.inner_end, color=shown[0], linewidth=5, alpha=0.5)
        if mark.missing:
            axes.text(0, height, f" {mark.missing}", fontsize=6.5, va="center", color=shown[0])
        elif np.isfinite(mark.value):
            ends = (mark.value, *(mark.value if np.isnan(end) else end for end in (mark.start, mark.end)))
            style.draw_interval(axes, height, ends, (max(low, mark.least), high), shown, hollow=not mark.clear)
    axes.set_title(fill(panel.title, letters), fontsize=9)
    axes.set_xlabel(panel.label, fontsize=8.5)
    _axis(axes, panel, letters)


def _axis(axes: Axes, panel: Panel, letters: int) -> None:
    """Draws the horizontal axis of a panel of rows."""
    (low, high), margin = panel.span, 0.0
    if panel.scale == "linear":
        margin = _MARGIN * (high - low)
        axes.xaxis.set_major_locator(MaxNLocator(min(6, letters // 7)))
    else:
        axes.set_xscale(panel.scale)
        axes.xaxis.set_minor_formatter(NullFormatter())
    if panel.scale == "log":
        axes.xaxis.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0) if high < 1000 * low else (1.0,)))
    axes.set_xlim(low - margin, high + margin)
    axes.xaxis.set_major_formatter(panel.ticks)
