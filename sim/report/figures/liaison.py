"""Liaison bodies: how often each was asked, how often that helped, and how soon its answers came."""

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import LogLocator, NullFormatter

from sim.law.days import YEAR
from sim.measures.arrays import Floats
from sim.report.sentences import quoted
from sim.report.story import Story
from sim.report.style import Key, frame, look, name_rows, new_figure, offsets, small_print
from sim.report.ticks import plain
from sim.results.labels import BODIES, TASKS
from sim.results.words import number
from sim.world.records import Body, ReferralTask

#: Multiples of powers of ten with a number at the axis.
_TICKS = (1.0, 2.0, 5.0)
_WIDE = 1000.0  # ratio of the ends of an axis from which so many ticks would overlap


def liaison_bodies(story: Story) -> Figure | None:
    """Files per year, and days to the answer, one row per body and task; None where nothing was asked."""
    shown = [story.baseline, *story.policies]
    tables = {scenario: _pooled(story, scenario) for scenario in shown}
    rows = [
        (body, task)
        for body in BODIES
        for task in TASKS
        if any((body, task) in table.index for table in tables.values())
    ]
    if not rows:
        return None
    figure = new_figure(9.6, 2.7 + (0.3 + 0.07 * len(shown)) * len(rows))
    numbers, days = figure.subplots(1, 2, sharey=True)
    heights = offsets(len(shown))
    for offset, scenario in zip(heights, shown, strict=True):
        table, height = tables[scenario].reindex(rows), np.arange(len(rows)) + offset
        colour, _, marker = look(scenario, story.scenarios)
        _spans(numbers, height, table["asked"], table["helped"], colour, marker, story.drawn[scenario])
        _spans(days, height, table["median_days"], table["p80_days"], colour, marker, story.drawn[scenario])
    for axes in (numbers, days):
        name_rows(axes, [f"{BODIES[body]}: {TASKS[task]}" for body, task in rows], striped=True)
        _use_log_scale(axes)
    numbers.set_xlabel("files per year (symbol: asked; bar: helped)")
    days.set_xlabel("days to the answer (symbol: median; bar: 80 %)")
    frame(
        figure,
        "What do liaison bodies do, and how soon?",
        "Left: how often each body is asked per year, and how often that helps: two units find each other, a trail "
        "continues sooner, a notice is published, a request is followed up, data are preserved. Right: days from "
        "request to answer, including the wait at the body’s desk. A body that is asked for more than its staff can "
        "handle becomes slow.",
        small_print(story.command, f"Means over {story.basis}, days weighted by answers; log scales."),
        Key.of(numbers, 3),
    )
    return figure


def describe_liaison(story: Story) -> str:
    """The body and task that are asked for most under the baseline."""
    table = _pooled(story, story.baseline)
    if table.empty:
        return f"Under {quoted(story, story.baseline)}, no liaison body is asked for anything."
    place = int(table["asked"].to_numpy().argmax())
    row, (body, task) = table.iloc[place], table.index.to_list()[place]
    return (
        f"Under {quoted(story, story.baseline)}, the busiest service is {BODIES[body]} ({TASKS[task]}): asked "
        f"{number(row['asked'])} times per year, of which {number(row['helped'])} helped. The median answer takes "
        f"{number(row['median_days'])} days. Means over {story.basis}."
    )


def _pooled(story: Story, scenario: str) -> pd.DataFrame:
    """Files per year, and days, by body and task: numbers are means over replicates, days weighted by answers."""
    table = story.breakdown("referrals_by_body", scenario)
    world = story.experiment.world
    length = (pd.Timestamp(world.end) - pd.Timestamp(world.policy_start)).days / YEAR
    years = story.replicates(scenario) * length
    keys = [table["body"], table["task"]]
    result = table[["asked", "helped"]].groupby(keys).sum() / max(years, 1e-9)
    weight = table["answered"].groupby(keys).sum().clip(lower=1.0)
    for column in ("median_days", "p80_days"):
        result[column] = (table[column].fillna(0.0) * table["answered"]).groupby(keys).sum() / weight
    result.index = pd.Index([(Body(body), ReferralTask(task)) for body, task in result.index], tupleize_cols=False)
    return result


def _spans(
    axes: Axes,
    height: Floats,
    symbol: "pd.Series[float]",
    bar: "pd.Series[float]",
    colour: str,
    marker: str,
    label: str,
) -> None:
    """Lines from a symbol to a bar, one per row."""
    axes.hlines(height, bar, symbol, color=colour, linewidth=1.1)
    axes.plot(symbol, height, marker, color=colour, markersize=5, label=label)
    axes.plot(bar, height, "|", color=colour, markersize=8, markeredgewidth=1.8)


def _use_log_scale(axes: Axes) -> None:
    if not np.isfinite(axes.dataLim.minposx):
        axes.set_xlim(1.0, 10.0)  # without an answer there is nothing to span the axis
    axes.set_xscale("log")
    low, high = axes.get_xlim()
    axes.xaxis.set_major_locator(LogLocator(subs=_TICKS if high < _WIDE * low else (1.0,)))
    axes.xaxis.set_major_formatter(plain)
    axes.xaxis.set_minor_formatter(NullFormatter())
