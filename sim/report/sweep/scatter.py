"""One outcome over another: a mark for every point of the design, a colour a scenario."""

from __future__ import annotations

from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sim.experiments.axis import Axis
from sim.experiments.grammar import SCENARIO
from sim.measures.outcome import Outcome
from sim.report.style import Key, frame, look, new_figure, small_print
from sim.report.sweep.shown import Shown, panels, title_of

_MANY = 200


def scatter_data(shown: Shown, across: Outcome, up: Outcome, by: Axis | None) -> pd.DataFrame:
    """What is drawn: panel, scenario, point, and both outcomes as means over seeds."""
    found = []
    for title, rows in panels(shown, by):
        means = rows.groupby([SCENARIO, "point"], sort=True)[list(dict.fromkeys((across.key, up.key)))].mean()
        found.append(means.dropna().reset_index().assign(panel=title))
    return pd.concat(found, ignore_index=True)


def scatter_figure(shown: Shown, across: Outcome, up: Outcome, data: pd.DataFrame) -> Figure:
    """Draws `data`, as `scatter_data` gives it."""
    titles = list(dict.fromkeys(data["panel"]))
    columns = min(3, len(titles))
    rows = -(-len(titles) // columns)
    figure = new_figure(max(7.2, 3.4 * columns), 2.3 + (4.0 if columns == 1 else 2.9) * rows)
    grid = figure.subplots(rows, columns, squeeze=False, sharex=True, sharey=True)
    factors = [100.0 if outcome.unit == "share" else 1.0 for outcome in (across, up)]
    few = len(data) <= _MANY
    for panel, title in zip(grid.flat, titles, strict=False):
        part = data[data["panel"] == title]
        for scenario in shown.scenarios:
            colour, _, marker = look(scenario, shown.scenarios)
            chosen = part[part[SCENARIO] == scenario]
            x, y = (f * chosen[o.key].to_numpy(np.float64) for f, o in zip(factors, (across, up), strict=True))
            size, alpha = (6, 0.8) if few else (3, 0.4)
            panel.plot(x, y, marker, color=colour, markersize=size, alpha=alpha, markeredgewidth=0)
        panel.set_title(fill(title, 40), fontsize=9)
        if shown.against:
            panel.axhline(0, color="black", linewidth=0.8)
            panel.axvline(0, color="black", linewidth=0.8)
    for empty in list(grid.flat)[len(titles) :]:
        empty.set_axis_off()
    for panel in grid[-1]:
        panel.set_xlabel(fill(f"{across.title.lower()}, {shown.unit(across)}", 48), fontsize=8.5)
    for row in grid:
        row[0].set_ylabel(fill(f"{up.title.lower()}, {shown.unit(up)}", 40), fontsize=8.5)
    looks = [look(scenario, shown.scenarios) for scenario in shown.scenarios]
    handles = [grid[0][0].plot([], [], marker, color=colour, markersize=6)[0] for colour, _, marker in looks]
    frame(
        figure,
        f"{up.title} and {across.title[:1].lower()}{across.title[1:]}",
        f"A mark is a point of the design, mean over its seeds. {_correlation(data, across, up)}",
        small_print(shown.command, shown.basis),
        Key(handles, [title_of(key) for key in shown.scenarios], min(3, len(handles))),
    )
    return figure


def _correlation(data: pd.DataFrame, across: Outcome, up: Outcome) -> str:
    """How the two go together over the points."""
    if len(data) < 3 or data[across.key].nunique() < 2 or data[up.key].nunique() < 2:
        return ""
    ranks = data[[across.key, up.key]].rank().to_numpy(np.float64)
    rho = float(np.corrcoef(ranks.T)[0, 1])
    return f"Rank correlation over all {len(data):,} marks: {rho:+.2f}.".replace("-", "−")
