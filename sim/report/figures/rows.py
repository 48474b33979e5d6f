"""Intervals in rows: a panel for each outcome, a row for each thing that is compared, a mark for each series."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from textwrap import fill
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from sim.measures.outcome import Outcome
from sim.report.style import Key, draw_interval, frame, name_rows, new_figure, offsets, without_outliers
from sim.report.ticks import signed
from sim.results.effects import is_clear, is_defined, is_same
from sim.results.labels import BETTER
from sim.results.words import plain_cell

#: Colour, line and marker.
Look = tuple[str, str, str]
#: A mark: its row from the top, its series, and the effect; None where it was not run.
Mark = tuple[int, str, Any]
#: Length of the axis beyond the last interval, so that an arrowhead there does not touch the numbers.
_MARGIN = 1.06
#: Inches that names of rows take, and letters of a title in an inch.
_NAMES, _LETTERS = 2.8, 11


class Caption(NamedTuple):
    """What stands around a figure: a title in plain words, how to read it, and data, method and command."""

    title: str
    explanation: str
    small_print: str


@dataclass(frozen=True)
class Panel:
    """One pair of axes.

    Attributes:
        title: above it.
        label: of its axis.
        marks: table that `marks_of` makes.
        span: ends of the axis.
        lines: further upright lines: place, colour, line style.
        ticks: writes the numbers of the axis.
        numbered: whether each effect stands in numbers at the right.
    """

    title: str
    label: str
    marks: pd.DataFrame
    span: tuple[float, float]
    lines: Sequence[tuple[float, str, str]] = ()
    ticks: Any = signed
    numbered: bool = False


def factor(unit: str) -> float:
    """What a number is multiplied by on an axis: shares are in per cent or percentage points."""
    return 100.0 if unit == "share" else 1.0


def axis_label(about: Outcome) -> str:
    """The axis of a change in an outcome."""
    unit, better = "percentage points" if about.unit == "share" else about.unit, BETTER[about.better]
    return f"change, {unit}" + (f"\n({better})" if better else "")


def marks_of(
    marks: Iterable[Mark], *, relative: bool = False, least: Mapping[str, float] | None = None
) -> pd.DataFrame:
    """Effects as a table of marks: row, series, value, low, high, least, clear, words, missing, shade.

    Args:
        marks: rows, series and effects.
        relative: ratios to the baseline less one instead of differences.
        least: what an outcome cannot fall below, by its key; no limit by default.
    """
    return pd.DataFrame([_mark(*mark, relative, least or {}) for mark in marks if mark[2] is not None])


def _mark(row: int, series: str, entry: Any, relative: bool, least: Mapping[str, float]) -> dict[str, Any]:
    """One mark."""
    scale = 1.0 if relative else factor(entry.unit)
    ends = (entry.difference, entry.low, entry.high)
    if relative:
        ends = (entry.relative, entry.relative_low, entry.relative_high)
    floor = -np.inf
    if relative and entry.outcome in least and entry.baseline_mean:
        floor = (least[entry.outcome] - entry.baseline_mean) / abs(entry.baseline_mean)
    value, low, high = (scale * end for end in ends)
    why = "not defined" if not is_defined(entry) else "no interval" if entry.baseline_mean else "the baseline is zero"
    missing = "" if np.isfinite(low) or is_same(entry) else why
    made = {"row": row, "series": series, "value": value, "low": low, "high": high, "least": floor}
    return made | {"clear": bool(is_clear(entry)), "words": plain_cell(entry), "missing": missing, "shade": False}


def around_zero(marks: pd.DataFrame, widest: float = np.inf) -> tuple[float, float]:
    """An axis with zero in the middle that holds all intervals but outliers, up to a limit."""
    ends = np.maximum(marks[["low", "high"]], marks[["least"]].to_numpy()).abs().to_numpy().ravel()
    reach = min(widest, 1.08 * without_outliers(ends[np.isfinite(ends)].tolist()))
    return -reach, reach


def rows_figure(
    panels: Sequence[Panel],
    rows: Sequence[str],
    looks: Mapping[str, Look],
    labels: Mapping[str, str],
    words: Caption,
    *,
    size: tuple[float, float],
    places: Mapping[str, float] | None = None,
    bold: Sequence[int] = (),
    further: Mapping[str, Any] | None = None,
) -> Figure:
    """Draws the panels side by side.

    Args:
        panels: what is shown.
        rows: their names from the top.
        looks: of each series.
        labels: of each series, for the key.
        words: around the figure.
        size: width and height in inches.
        places: height of each series around the middle of its row; apart from each other by default.
        bold: rows whose names are bold.
        further: handles of the key by their labels.
    """
    figure = new_figure(*size)
    places = places or dict(zip(looks, offsets(len(looks)), strict=True))
    every = figure.subplots(1, len(panels), sharey=True, squeeze=False)[0]
    for axes, panel in zip(every, panels, strict=True):
        _draw(axes, panel, looks, places, int(_LETTERS * (size[0] - _NAMES) / len(panels)))
        name_rows(axes, rows, striped=True, fontsize=8)
        axes.tick_params(axis="y", length=0, labelleft=axes is every[0])
    for row in bold:
        every[0].get_yticklabels()[row].set_fontweight("bold")
    named = {labels[key]: shown for key, shown in looks.items() if key in labels}
    handles = {name: Line2D([], [], color=c, marker=m, linestyle="none") for name, (c, _, m) in named.items()}
    handles |= further or {}
    frame(figure, *words, Key(list(handles.values()), list(handles), 3) if handles else None)
    return figure


def _draw(axes: Axes, panel: Panel, looks: Mapping[str, Look], places: Mapping[str, float], letters: int) -> None:
    """One panel, with a title in lines of so many letters."""
    low, high = panel.span
    axes.axvline(0, color="black", linewidth=1.1)
    for place, colour, line in panel.lines:
        axes.axvline(place, color=colour, linewidth=0.9, linestyle=line, zorder=1)
    marks: Iterable[Any] = panel.marks.itertuples()
    for mark in marks:
        look, height = looks[mark.series], mark.row + places[mark.series]
        if mark.shade:
            axes.axhspan(height - 0.13, height + 0.13, color="#F3D9C9", linewidth=0, zorder=0.5)
        if panel.numbered:
            at = axes.get_yaxis_transform()
            axes.text(1.015, height, mark.words, transform=at, fontsize=7, va="center", color=look[0])
        if mark.missing:
            axes.text(0, height, f" {mark.missing}", fontsize=6.5, va="center", color=look[0])
        elif np.isfinite(mark.value):
            ends = (mark.value, *(mark.value if np.isnan(end) else end for end in (mark.low, mark.high)))
            draw_interval(axes, height, ends, (max(low, mark.least), high), look, hollow=not mark.clear)
    axes.set_xlim(_MARGIN * low, _MARGIN * high)
    axes.set_title(fill(panel.title, letters), fontsize=9)
    axes.set_xlabel(panel.label, fontsize=8.5)
    axes.xaxis.set_major_locator(MaxNLocator(min(6, letters // 7)))
    axes.xaxis.set_major_formatter(panel.ticks)
