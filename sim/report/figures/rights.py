"""Gain against rights: what a policy brings to investigations, and what it costs in rights."""

from math import isfinite

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.ticker import MaxNLocator

from sim.measures.outcome import ShownIn
from sim.measures.outcomes import outcome, shown_in
from sim.report.sentences import clear, quoted
from sim.report.story import Story
from sim.report.style import GREEN, VERMILLION, Key, frame, look, name_marks, new_figure, small_print
from sim.report.ticks import precise_per_cent
from sim.results.effects import PairedEffect, is_clear, is_same
from sim.results.words import change, counted, in_unit, listing

#: What a policy brings, on the horizontal axis of every panel.
GAIN = "executed_per_year"
#: What it costs, one panel each; less is better.
COSTS = shown_in(ShownIn.RIGHTS)
_COLUMNS = 3
_LEAST_REACH, _WIDEST = 0.05, 1.5


def gain_against_rights(story: Story) -> Figure | None:
    """One panel per measure of rights, one point per policy; None when there is no policy to compare."""
    if not story.policies:
        return None
    rows = -(-len(COSTS) // _COLUMNS)
    figure = new_figure(9.6, 1.7 + 2.5 * rows)
    panels = figure.subplots(rows, _COLUMNS, sharex=True, squeeze=False)
    reach = _reach(story, (GAIN,))
    for axes, key in zip(panels.flat, COSTS, strict=True):
        _panel(axes, story, key, reach)
    for axes in panels[-1]:
        axes.set_xlabel(f"{outcome(GAIN).title.lower()},\ndifference in per cent", fontsize=8)
    name_marks(panels.flat[0], story.policies, story.scenarios, story.drawn)
    handles, labels = panels.flat[0].get_legend_handles_labels()
    frame(
        figure,
        "What does each gain cost in rights?",
        "Further right: more requests executed. Further up: more of what the panel's title names, against "
        f"“{story.drawn[story.baseline]}”. A policy in the reddish corner pays for its gain with rights; one in "
        "the greenish corner gains and protects rights. Lines are 95 % intervals over paired replicates. Hollow points "
        "are not distinguishable from the baseline in the panel's measure. An arrowhead marks an end beyond the panel, "
        "with its number.",
        small_print(story.command, "Paired Student t; delta method for ratios. The bounds are in the ladder figure."),
        Key(handles, labels, min(len(labels), 4 if len(labels) <= 8 else 3)),
    )
    return figure


def describe_rights(story: Story) -> str:
    """What the policy with the largest gain changes in rights."""
    gains = clear(story, GAIN)
    if not gains or gains[0].difference < 0:
        policies = counted(len(story.policies), "policy", "policies")
        return f"None of {policies} has more requests executed by more than noise: no gain stands against a cost."
    first = gains[0]
    ways = {True: "More", False: "Less"}
    costs = [entry for key in COSTS for entry in clear(story, key) if entry.scenario == first.scenario]
    parts = [
        f"{ways[more]} of {listing([f'“{entry.title}” ({change(entry)}{in_unit(entry.unit)})' for entry in found])}."
        for more in (True, False)
        if (found := [entry for entry in costs if (entry.difference > 0) == more])
    ]
    return (
        f"The largest gain is that of {quoted(story, first.scenario)}: {change(first)} requests executed per year. "
        f"{' '.join(parts) or 'None of these measures of rights changes there by more than noise.'}"
    )


def _panel(axes: Axes, story: Story, key: str, reach: float) -> None:
    """One rights measure over the gain."""
    height = _reach(story, (key,))
    axes.set(xlim=(-reach, reach), ylim=(-height, height))
    axes.fill_between([0, reach], 0, height, color=VERMILLION, alpha=0.08, linewidth=0)
    axes.fill_between([0, reach], -height, 0, color=GREEN, alpha=0.08, linewidth=0)
    axes.axhline(0, color="black", linewidth=0.8)
    axes.axvline(0, color="black", linewidth=0.8)
    for scenario in story.policies:
        gain, cost = story.difference(scenario, GAIN), story.difference(scenario, key)
        if gain is not None and cost is not None:
            _point(axes, story, gain, cost, (reach, height))
    words, level = outcome(key).title.removesuffix(" (rights)"), story.level(story.baseline, key).value
    shown = f"{level:,.0f}".replace(",", " ") if level >= 10 else f"{level:.1f}"
    axes.set_title(f"{words}\n({shown} {outcome(key).unit} today)", fontsize=8.5, loc="left")
    for axis, ticks in ((axes.xaxis, 5), (axes.yaxis, 8)):
        axis.set_major_locator(MaxNLocator(ticks, symmetric=True, steps=(1, 2, 4, 5, 10)))
        axis.set_major_formatter(precise_per_cent)
    axes.tick_params(labelsize=7.5)


def _point(axes: Axes, story: Story, gain: PairedEffect, cost: PairedEffect, limits: tuple[float, float]) -> None:
    """One policy; left out where the baseline is zero, so that there is no relative difference."""
    colour, _, marker = look(cost.scenario, story.scenarios)
    place = (_or_zero(gain, gain.relative), _or_zero(cost, cost.relative))
    if not all(isfinite(value) for value in place):
        return
    shown = [float(np.clip(value, -limit, limit)) for value, limit in zip(place, limits, strict=True)]
    for entry, axis in ((gain, 0), (cost, 1)):
        for end in (entry.relative_low, entry.relative_high):
            if isfinite(end):
                _arm(axes, shown, axis, end, limits[axis], colour)
    filled = colour if is_clear(cost) else "white"
    axes.plot(*shown, marker, color=colour, markerfacecolor=filled, markersize=6, clip_on=False)


def _arm(axes: Axes, place: list[float], axis: int, end: float, limit: float, colour: str) -> None:
    """The interval from a point to one of its ends; beyond the panel an arrowhead with the number of the end."""
    tip = place.copy()
    tip[axis] = float(np.clip(end, -limit, limit))
    axes.plot(*zip(place, tip, strict=True), color=colour, linewidth=1.3)
    if tip[axis] != end:
        mark = "<>v^"[2 * axis + (end > 0)]
        axes.plot(*tip, mark, color=colour, markersize=5, clip_on=False)
        words, shift = precise_per_cent(end, None), (4, -4 if end > 0 else 4)
        axes.annotate(words, (tip[0], tip[1]), shift, textcoords="offset points", fontsize=6, va="center")


def _or_zero(entry: PairedEffect, value: float) -> float:
    """A relative difference; zero where every replicate is the same."""
    return 0.0 if is_same(entry) else value


def _reach(story: Story, keys: tuple[str, ...]) -> float:
    """Half width of an axis: all differences with their intervals, within limits."""
    entries = [story.difference(scenario, key) for scenario in story.policies for key in keys]
    ends = [abs(end) for entry in entries if entry for end in (entry.relative_low, entry.relative_high)]
    known = [end for end in ends if np.isfinite(end)]
    return float(np.clip(1.12 * max(known, default=0.0), _LEAST_REACH, _WIDEST))
