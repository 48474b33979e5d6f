"""A map over two axes: the mean of an outcome in every cell, one panel per scenario."""

from __future__ import annotations

from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import Normalize, TwoSlopeNorm
from matplotlib.figure import Figure

from sim.experiments.analyse.cases import axis_label
from sim.experiments.axis import Axis
from sim.experiments.grammar import SCENARIO
from sim.measures.outcome import Outcome
from sim.report.style import frame, new_figure, small_print
from sim.report.sweep.shown import Shown, levelled, named, panels, summary, title_of
from sim.results.words import number

#: Parts of an interval, and the most cells across that still leave room for a number in each.
_PARTS, _NUMBERED = 6, 9


def heat_data(shown: Shown, across: Axis, up: Axis, outcome: Outcome, by: Axis | None) -> pd.DataFrame:
    """What is drawn: panel, scenario, x and y (levels in words), x_place, y_place, value, low, high, points, seeds."""
    named = SCENARIO not in (across.key, up.key)
    keys = ([SCENARIO] if named else []) + ["x_place", "x", "y_place", "y"]
    found = []
    for title, rows in panels(shown, by):
        cells = levelled(rows, across, _PARTS).rename(columns={"place": "x_place", "level": "x"}).drop(columns="at")
        cells = levelled(cells, up, _PARTS).rename(columns={"place": "y_place", "level": "y"})
        found.append(summary(cells, outcome.key, keys, own_seeds=shown.cases.own_seeds).assign(panel=title))
    table = pd.concat(found, ignore_index=True)
    return table if named else table.assign(**{SCENARIO: ""})


def heat_figure(shown: Shown, across: Axis, up: Axis, outcome: Outcome, data: pd.DataFrame) -> Figure:
    """Draws `data`, as `heat_data` gives it."""
    order = [key for key in (*shown.scenarios, "") if (data[SCENARIO] == key).any()]
    places = [(key, title) for key in order for title in dict.fromkeys(data["panel"])]
    columns = min(3, len(places))
    rows = -(-len(places) // columns)
    figure = new_figure(max(7.4, 1.2 + 4.0 * columns), 2.0 + 3.3 * rows)
    grid = figure.subplots(rows, columns, squeeze=False)
    factor = 100.0 if outcome.unit == "share" else 1.0
    norm, palette = _colours(factor * data["value"], bool(shown.against))
    drawn = list(grid.flat)[: len(places)]
    for panel, (key, title) in zip(drawn, places, strict=True):
        part = data[(data[SCENARIO] == key) & (data["panel"] == title)]
        mesh = _map(panel, part, factor, norm, palette)
        panel.set_title(fill(", ".join(word for word in (key and title_of(key), title) if word), 44), fontsize=9)
        panel.set_xlabel(fill(axis_label(across), 44), fontsize=8.5)
    for row in grid:
        row[0].set_ylabel(fill(axis_label(up), 34), fontsize=8.5)
    for empty in list(grid.flat)[len(places) :]:
        empty.set_axis_off()
    bar = figure.colorbar(mesh, ax=drawn, shrink=0.85, pad=0.02)
    bar.set_label(fill(f"{outcome.title.lower()}, {shown.unit(outcome)}", 40), fontsize=8.5)
    rest = ", and over everything else that varies" if data["points"].max() > 1 else ""
    against = f", against “{title_of(shown.against)}”" if shown.against else ""
    frame(
        figure,
        f"{outcome.title}{against}",
        f"Mean over {'points' if shown.cases.own_seeds else 'seeds'} in every cell of “{named(across.key)}” (across) "
        f"and “{named(up.key)}” (up){rest}. "
        "Empty cells have no run.",
        small_print(shown.command, shown.basis),
    )
    return figure


def _colours(values: pd.Series, centred: bool) -> tuple[Normalize, str]:
    """Colours that the colour-blind can distinguish: around zero for differences, else from least to most."""
    least, most = float(values.min()), float(values.max())
    if centred:
        reach = max(abs(least), abs(most), 1e-12)
        return TwoSlopeNorm(0.0, -reach, reach), "PuOr"
    return Normalize(least, most if most > least else least + 1.0), "cividis"


def _map(axes: Axes, data: pd.DataFrame, factor: float, norm: Normalize, palette: str):  # type: ignore[no-untyped-def]
    """One panel."""
    xs, ys = (
        data.drop_duplicates(f"{name}_place").sort_values(f"{name}_place")[[f"{name}_place", name]] for name in "xy"
    )
    table = data.pivot(index="y_place", columns="x_place", values="value").to_numpy(np.float64) * factor
    mesh = axes.pcolormesh(table, norm=norm, cmap=palette, edgecolors="white", linewidth=0.8)
    axes.set_xticks(np.arange(len(xs)) + 0.5, [fill(str(word), 12) for word in xs["x"]], fontsize=7.5)
    axes.set_yticks(np.arange(len(ys)) + 0.5, [fill(str(word), 16) for word in ys["y"]], fontsize=7.5)
    axes.grid(visible=False)
    if len(xs) <= _NUMBERED and len(ys) <= _NUMBERED:
        for (row, column), value in np.ndenumerate(table):
            if np.isfinite(value):
                red, green, blue, _ = mesh.to_rgba(np.array(value))
                ink = "white" if 0.299 * red + 0.587 * green + 0.114 * blue < 0.55 else "black"
                axes.text(column + 0.5, row + 0.5, number(value), ha="center", va="center", fontsize=7.5, color=ink)
    return mesh
