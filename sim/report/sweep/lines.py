"""Lines with bands along one axis: one panel per outcome, or per outcome and level of another axis."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogFormatter

from sim.experiments.analyse.cases import axis_label
from sim.experiments.axis import Axis
from sim.experiments.grammar import SCENARIO
from sim.experiments.statistics import Estimate
from sim.measures.outcome import Outcome
from sim.report.style import Key, frame, look, new_figure, small_print
from sim.report.sweep.change import from_first_level
from sim.report.sweep.shown import PARTS, Shown, levelled, named, panels, summary, title_of
from sim.report.ticks import plain
from sim.results.words import interval, span
from sim.world.parameters import Scale

_COLUMNS = 3
#: With fewer seeds than this each is shown: an interval of their mean is then about as wide as their scatter, or wider.
FEW_SEEDS = 8


def line_data(shown: Shown, axis: Axis, outcomes: Sequence[Outcome], by: Axis | None) -> pd.DataFrame:
    """What is drawn: outcome, panel, scenario, at, level, value, low, high, spread_low, spread_high, points, seeds."""
    own_seeds = shown.cases.own_seeds
    wanted = [outcome.key for outcome in outcomes]
    keys = ["place", "at", "level"] if axis.key == SCENARIO else [SCENARIO, "place", "at", "level"]
    found = [
        summary(rows, outcome.key, keys, own_seeds=own_seeds).assign(outcome=outcome.key, panel=title)
        for title, rows in _levels(shown, axis, wanted, by)
        for outcome in outcomes
    ]
    return pd.concat(found, ignore_index=True)


def seed_data(shown: Shown, axis: Axis, outcomes: Sequence[Outcome], by: Axis | None) -> pd.DataFrame:
    """Single seeds, each the mean of its points, where there are few: outcome, panel, scenario, at, seed, value."""
    columns = ["outcome", "panel", SCENARIO, "at", "seed", "value"]
    if shown.cases.own_seeds or shown.rows["seed"].nunique() >= FEW_SEEDS:
        return pd.DataFrame(columns=columns)
    found: list[pd.DataFrame] = []
    for title, rows in _levels(shown, axis, [outcome.key for outcome in outcomes], by):
        for outcome in outcomes:
            groups = rows.assign(value=rows[outcome.key])
            means = groups.groupby([SCENARIO, "at", "seed"], as_index=False)["value"].mean()
            found.append(means.assign(outcome=outcome.key, panel=title))
    return pd.concat(found, ignore_index=True)


def describe_lines(shown: Shown, axis: Axis, outcomes: Sequence[Outcome], data: pd.DataFrame) -> str:
    """What the last level shows of each outcome, with its interval, for those who cannot see the figure."""
    parts, last = [], data[data["place"] == data["place"].max()]
    changes = bool(shown.against) or shown.from_first
    for outcome in outcomes:
        unit = "" if outcome.unit == "share" else f" {outcome.unit}"
        for row in last[last["outcome"] == outcome.key].to_dict("records"):
            estimate = Estimate(row["value"], row["low"], row["high"], 0)
            words = span(*estimate[:3], outcome.unit) if changes else interval(estimate, outcome.unit)
            under = title_of(str(row.get(SCENARIO) or row["level"]))
            panel = f", {row['panel']}" if row["panel"] else ""
            parts.append(f"{outcome.title} under “{under}”{panel}: {words}{unit}.")
    where = "" if axis.key == SCENARIO else f"“{named(axis.key)}” at {last['level'].iloc[0]} {axis.unit}. "
    compared = "Changes from the first level in the same worlds. " if shown.from_first else ""
    return f"{where}{compared}{' '.join(parts)}"


def _levels(shown: Shown, axis: Axis, outcomes: Sequence[str], by: Axis | None) -> Iterator[tuple[str, pd.DataFrame]]:
    """Rows of each panel with their levels; as changes from the first one where that is shown."""
    for title, rows in panels(shown, by):
        at_levels = levelled(rows, axis, PARTS)
        if shown.from_first:
            at_levels = from_first_level(at_levels, axis, shown.cases.axes, outcomes)
        yield title, at_levels


def line_figure(
    shown: Shown, axis: Axis, outcomes: Sequence[Outcome], by: Axis | None, data: pd.DataFrame, single: pd.DataFrame
) -> Figure:
    """Draws `data`, as `line_data` gives it, and single seeds, as `seed_data` does."""
    titles = list(dict.fromkeys(data["panel"]))
    columns = len(titles) if by else min(len(outcomes), _COLUMNS)
    rows = len(outcomes) if by else -(-len(outcomes) // columns)
    figure = new_figure(max(7.0, 3.3 * columns), 2.1 + 2.65 * rows)
    grid = figure.subplots(rows, columns, squeeze=False, sharex=by is not None, sharey="row" if by else False)
    places = [(outcome, title) for outcome in outcomes for title in titles]
    for panel, (outcome, title) in zip(grid.flat, places, strict=False):
        part = data[(data["outcome"] == outcome.key) & (data["panel"] == title)]
        seeds = single[(single["outcome"] == outcome.key) & (single["panel"] == title)]
        _panel(panel, shown, axis, outcome, part, seeds)
        panel.set_title(fill(title or outcome.title, 34), fontsize=9)
        panel.set_ylabel(fill(f"{outcome.title.lower()}, {shown.unit(outcome)}" if by else shown.unit(outcome), 34))
    for empty in list(grid.flat)[len(places) :]:
        empty.set_axis_off()
    for panel in grid[-1] if by else list(grid.flat)[: len(places)][-columns:]:
        panel.set_xlabel(fill(axis_label(axis), 38), fontsize=8.5)
    handles, labels = _key(shown, axis, grid[0][0])
    frame(
        figure,
        f"{named(axis.key, 160)}: what does it change?" if axis.key != SCENARIO else "What do the scenarios change?",
        _explanation(shown, axis, data, not single.empty),
        small_print(shown.command, f"{shown.basis} {_interval(shown, data)}".strip()),
        Key(handles, labels, min(len(labels), 3)) if labels else None,
    )
    return figure


def _panel(axes: Axes, shown: Shown, axis: Axis, outcome: Outcome, data: pd.DataFrame, single: pd.DataFrame) -> None:
    """Lines and bands of one panel."""
    factor = 100.0 if outcome.unit == "share" else 1.0
    names = [SCENARIO] if axis.key == SCENARIO else [key for key in shown.scenarios if (data[SCENARIO] == key).any()]
    for number, scenario in enumerate(names):
        rows = data if axis.key == SCENARIO else data[data[SCENARIO] == scenario]
        colour, line, marker = look(scenario, shown.scenarios) if scenario != SCENARIO else ("#000000", "-", "o")
        at = rows["at"].to_numpy(np.float64)
        shift = 0.0 if axis.numeric else 0.08 * (number - (len(names) - 1) / 2)
        value, low, high, least, most = (
            factor * rows[name].to_numpy(np.float64) for name in ("value", "low", "high", "spread_low", "spread_high")
        )
        seeds = single if axis.key == SCENARIO else single[single[SCENARIO] == scenario]
        places = seeds["at"].to_numpy(np.float64) + shift + (0.0 if axis.numeric else 0.04)
        axes.plot(places, factor * seeds["value"].to_numpy(np.float64), ".", color=colour, alpha=0.45, markersize=5)
        if axis.numeric:
            for edge in (least, most):
                axes.plot(at, edge, color=colour, linestyle=":", linewidth=1.0)
            axes.fill_between(at, low, high, color=colour, alpha=0.2, linewidth=0)
            axes.plot(at, value, color=colour, linestyle=line, marker=marker, markersize=4, linewidth=1.5)
        else:
            axes.vlines(at + shift, least, most, color=colour, alpha=0.25, linewidth=5)
            axes.vlines(at + shift, low, high, color=colour, linewidth=1.6)
            axes.plot(at + shift, value, marker, color=colour, markersize=5)
    if shown.against or shown.from_first:
        axes.axhline(0, color="black", linewidth=0.9)
    if not axis.numeric:
        levels = data.drop_duplicates("place").sort_values("place")
        words = [fill(title_of(word) if axis.key == SCENARIO else word, 16) for word in levels["level"].astype(str)]
        axes.set_xticks(levels["place"].to_numpy(np.float64), words, fontsize=7.5)
        axes.set_xlim(-0.5, len(words) - 0.5)
    if axis.scale is Scale.LOG:
        axes.set_xscale("log")
        axes.xaxis.set_major_formatter(plain)
        axes.xaxis.set_minor_formatter(LogFormatter())


def _key(shown: Shown, axis: Axis, axes: Axes) -> tuple[list[Artist], list[str]]:
    """A key of scenarios, where there are several or differences."""
    if axis.key == SCENARIO or (len(shown.scenarios) < 2 and not shown.against):
        return [], []
    handles: list[Artist] = []
    for scenario in shown.scenarios:
        colour, line, marker = look(scenario, shown.scenarios)
        handles += axes.plot([], [], color=colour, linestyle=line, marker=marker, markersize=4)
    return handles, [title_of(scenario) for scenario in shown.scenarios]


def _interval(shown: Shown, data: pd.DataFrame) -> str:
    """What the interval is."""
    if shown.cases.own_seeds or not data["low"].notna().any():
        return ""
    seeds = int(data["seeds"].max())
    wide = ", wider than their scatter, since so few say little of their mean" if seeds < FEW_SEEDS else ""
    return f"Interval of the mean: Student's t over {seeds} seeds, each the mean of its points{wide}."


def _explanation(shown: Shown, axis: Axis, data: pd.DataFrame, single: bool) -> str:
    """How to read the bands that are there."""
    parts = []
    if shown.against:
        parts.append(f"Differences from “{title_of(shown.against)}” in the same simulated worlds.")
    elif len(shown.scenarios) == 1 and axis.key != SCENARIO:
        parts.append(f"Under “{title_of(shown.scenarios[0])}”.")
    if shown.from_first:
        word = str(data.sort_values("place", kind="stable")["level"].iloc[0])
        first = f"“{title_of(word)}”" if axis.key == SCENARIO else f"{word} {axis.unit}".strip()
        parts.append(
            f"Change from the first level, {first}, in the same random worlds: what differs between worlds cancels. "
            "Levels themselves: --levels."
        )
    name = "Band" if axis.numeric else "Thin line"
    if data["low"].notna().any():
        parts.append(
            f"{name}: 95\N{NO-BREAK SPACE}% interval of the mean over {'points' if shown.cases.own_seeds else 'seeds'}."
        )
    else:
        parts.append("One seed: no interval of the mean can be given.")
    if single:
        parts.append("Faint dots: single seeds.")
    if data["spread_low"].notna().any():
        wide = "Between dotted lines" if axis.numeric else "Wide line"
        parts.append(
            f"{wide}: middle 80\N{NO-BREAK SPACE}% of the points, which differ in everything else that varies."
        )
    if not axis.listed:
        parts.append("Each marker is a part of the axis with equally many points.")
    return " ".join(parts)
