"""Indices of sensitivity: one panel per outcome, the parameters of most influence with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.experiments.analyse.cases import Cases, Contrast
from sim.experiments.analyse.sensitivity import HIDES, Method, Sensitivity
from sim.measures.outcome import Outcome
from sim.report.style import BLUE, ORANGE, Key, frame, new_figure, small_print
from sim.report.sweep.shown import apart, named, titled
from sim.results.words import counted

#: Parameters that a panel shows.
MOST = 10
_WORDS = {
    Method.MORRIS: "Mean size of what moving a parameter over its interval does (mu*), over trajectories. The tick is "
    "what chance alone would show: a bar that reaches it cannot be distinguished from replicate noise.",
    Method.SOBOL: "Share of the variance that a parameter makes: alone (first), and with all in which it takes part "
    "(total). Shares of total can add up to more than 100 %.",
    Method.RANKS: "Standardised coefficient of a regression on ranks: how far the outcome's rank moves with the "
    "parameter's. To the right: more of it, more of the outcome.",
}

#: What the bars of each method are.
_NAMES = {Method.MORRIS: "mu*", Method.SOBOL: "total: with others", Method.RANKS: "coefficient"}
#: What each method's size counts, in the singular, and in the plural where that is not an s more.
_SIZES = {Method.MORRIS: ("trajectory", "trajectories"), Method.SOBOL: ("base sample",), Method.RANKS: ("point",)}


def index_figure(
    cases: Cases, found: Sensitivity, outcomes: Sequence[Outcome], contrast: Contrast, command: str
) -> Figure:
    """Draws the indices of one contrast."""
    shown = [outcome for outcome in outcomes if len(found.of(outcome.key, contrast.label))]
    columns = min(2, len(shown))
    rows = -(-len(shown) // columns)
    bars = min(MOST, len(cases.axes))
    figure = new_figure(10.0 if columns == 2 else 7.6, 2.1 + rows * (1.1 + 0.24 * bars))
    grid = figure.subplots(rows, columns, squeeze=False)
    for axes, outcome in zip(grid.flat, shown, strict=False):
        _panel(axes, found, outcome, found.of(outcome.key, contrast.label).head(MOST))
    for empty in list(grid.flat)[len(shown) :]:
        empty.set_axis_off()
    apart(figure)
    handles, labels = max((axes.get_legend_handles_labels() for axes in grid.flat), key=lambda entry: len(entry[1]))
    size = found.table.loc[found.table["contrast"] == contrast.label, ["size", "seeds"]].max()
    points = counted(int(size["size"]), *_SIZES[found.method])
    frame(
        figure,
        f"What moves the outcomes? {titled(contrast)}",
        f"{_WORDS[found.method]} Lines: 95 % intervals.",
        small_print(
            command,
            f"{found.method}: up to {points}, {counted(int(size['seeds']), 'seed')} per point.",
        ),
        Key(handles, labels, len(labels)) if len(labels) > 1 else None,
    )
    return figure


def _panel(axes: Axes, found: Sensitivity, outcome: Outcome, rows: pd.DataFrame) -> None:
    """One outcome."""
    axes.set_title(fill(outcome.title, 46), fontsize=9)
    if found.hidden(outcome.key, str(rows.iloc[0]["contrast"])):
        words = fill(f"More than {100 * HIDES:.0f} % is replicate noise, which hides what any parameter does.", 34)
        axes.text(0.5, 0.5, words, transform=axes.transAxes, ha="center", va="center", fontsize=9)
        axes.set(xticks=[], yticks=[])
        return
    places = np.arange(len(rows))[::-1].astype(np.float64)
    factor = 100.0 if found.method is Method.SOBOL or _share(found, outcome) else 1.0
    _bars(axes, places, factor * rows[["value", "low", "high"]].to_numpy(np.float64), BLUE, _NAMES[found.method])
    if found.method is Method.SOBOL:
        first = factor * rows[["first", "first_low", "first_high"]].to_numpy(np.float64)
        _bars(axes, places - 0.3, first, ORANGE, "first: alone")
    if found.method is Method.MORRIS:
        floor = factor * rows["noise_floor"].to_numpy(np.float64)
        axes.plot(floor, places, "|", color="black", markersize=11, markeredgewidth=1.6, label="replicate noise alone")
    axes.set_yticks(places, [fill(named(key, 66), 34) for key in rows["parameter"]], fontsize=7.5)
    axes.axvline(0, color="black", linewidth=0.8)
    units = {Method.SOBOL: "% of the variance between points", Method.RANKS: "standardised coefficient"}
    own = "percentage points" if _share(found, outcome) else outcome.unit
    axes.set_xlabel(f"{units.get(found.method, own)}{_rests_on(found, rows)}", fontsize=7.5)


def _bars(
    axes: Axes, places: np.typing.NDArray[np.float64], values: np.typing.NDArray[np.float64], colour: str, name: str
) -> None:
    """Bars with intervals."""
    axes.barh(places, values[:, 0], height=0.28 if name else 0.5, color=colour, alpha=0.75, label=name)
    axes.hlines(places, values[:, 1], values[:, 2], color="#333333", linewidth=1.3)


def _rests_on(found: Sensitivity, rows: pd.DataFrame) -> str:
    """How much of it is noise, or on how many trajectories it rests: those in which the outcome is defined."""
    row = rows.iloc[0]
    if found.method is Method.MORRIS:
        return f" ({row['size']:.0f} trajector{'y, no interval' if row['size'] == 1 else 'ies'})"
    return f"\n(replicate noise: {100 * row['noise_share']:.0f} % of it)" if np.isfinite(row["noise_share"]) else ""


def _share(found: Sensitivity, outcome: Outcome) -> bool:
    return found.method is Method.MORRIS and outcome.unit == "share"
