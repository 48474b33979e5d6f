"""Effects of each policy with every mechanism and without each: one row per mechanism, one panel per outcome."""

from collections import Counter
from textwrap import fill
from typing import NamedTuple

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.patches import Patch
from matplotlib.ticker import MaxNLocator

from sim.measures.outcomes import outcome
from sim.report.story import Story
from sim.report.style import Key, draw_interval, frame, look, new_figure, offsets, small_print
from sim.report.ticks import signed
from sim.results.effects import PairedEffect, is_clear
from sim.results.labels import BETTER
from sim.results.words import counted

SHOWN = ("executed_within_12_months", "turnaround_median", "takedown_rate", "harm")
#: Axes end at this many times the largest effect with every mechanism; larger effects end in an arrowhead.
_WIDEST = 3.0
_FLIPPED = "#F3D9C9"


def ablation_effects(story: Story) -> Figure | None:
    """One row per mechanism that is left out; None when nothing was left out."""
    if not story.design.mechanisms:
        return None
    policies = story.compared
    rows = len(story.design.mechanisms) + 1
    figure = new_figure(11.0, 2.6 + rows * (0.16 + 0.14 * len(policies)))
    panels = figure.subplots(1, len(SHOWN), sharey=True)
    for axes, key in zip(panels, SHOWN, strict=True):
        _panel(axes, story, policies, key)
    names = ["every mechanism", *(mechanism.block for mechanism in story.design.mechanisms)]
    panels[0].set_yticks(range(rows), names, fontsize=9)
    panels[0].get_yticklabels()[0].set_fontweight("bold")
    panels[0].set_ylim(rows - 0.5, -0.5)
    frame(
        figure,
        "Do the findings depend on one mechanism of the model?",
        f"What each policy changes against “{story.drawn[story.baseline]}”: with every mechanism in the first "
        "row, with one left out in each row below, in the same random worlds. Bars are 95 % intervals of paired "
        "differences. Filled marks are distinguishable from noise, hollow ones are not. Dotted lines repeat the "
        "effects of the whole model. Shaded: without this mechanism the conclusion is different.",
        small_print(story.command, f"{story.basis} in every world. Paired t."),
        _key(story, policies),
    )
    return figure


def describe_ablation(story: Story) -> str:
    """How many effects another world would not give, and what they rest on."""
    shown = [entry for entry in story.effects if entry.whole.outcome in SHOWN]
    flipped = [entry for entry in shown if entry.flips]
    text = (
        f"{len(flipped)} of {counted(len(shown), 'conclusion')} shown {'is' if len(flipped) == 1 else 'are'} different"
    )
    text += " when one mechanism is left out"
    if not flipped:
        return f"{text}."
    by_mechanism = Counter(entry.mechanism.block for entry in flipped)
    block, number = by_mechanism.most_common(1)[0]
    return f"{text}; most of them, {number}, without this one: {block}."


def _panel(axes: Axes, story: Story, policies: list[str], key: str) -> None:
    """One outcome."""
    scale = _scale(story, key)
    heights = offsets(len(policies), 0.27)
    effects = {(entry.mechanism, entry.whole.scenario): entry for entry in story.effects if entry.whole.outcome == key}
    axes.axhspan(-0.5, 0.5, color="#EFEFEF", zorder=0)
    axes.axvline(0, color="black", linewidth=1.0)
    for offset, policy in zip(heights, policies, strict=True):
        whole = effects[story.design.mechanisms[0], policy].whole
        if np.isfinite(whole.difference):
            colour = look(policy, story.scenarios)[0]
            axes.axvline(scale.factor * whole.difference, color=colour, linewidth=0.9, linestyle=":", zorder=1)
        _dot(axes, story, whole, offset, scale)
        for row, mechanism in enumerate(story.design.mechanisms, 1):
            entry = effects[mechanism, policy]
            if entry.flips:
                axes.axhspan(row + offset - 0.13, row + offset + 0.13, color=_FLIPPED, linewidth=0, zorder=0.5)
            _dot(axes, story, entry.without, row + offset, scale)
    _finish(axes, key, scale)


class _Scale(NamedTuple):
    """The axis of an outcome.

    Attributes:
        low, high: ends of the axis, in the outcome's unit.
        factor: of what is written on the axis; 100 for shares, which are given in points.
    """

    low: float
    high: float
    factor: float


def _scale(story: Story, key: str) -> _Scale:
    """An axis with zero and all intervals, up to a multiple of what the whole model gives."""
    entries = [entry for entry in story.effects if entry.whole.outcome == key]
    sides = [entry.whole for entry in entries], [entry.without for entry in entries]
    whole, rest = ([end for one in side for end in (one.low, one.high) if np.isfinite(end)] for side in sides)
    limit = _WIDEST * max((abs(end) for end in whole), default=0.0) or np.inf
    ends = np.clip([0.0, *whole, *rest], -limit, limit)
    margin = 0.08 * (float(np.ptp(ends)) or 1.0)
    factor = 100.0 if outcome(key).unit == "share" else 1.0
    return _Scale(float(ends.min()) - margin, float(ends.max()) + margin, factor)


def _dot(axes: Axes, story: Story, entry: PairedEffect, height: float, scale: _Scale) -> None:
    """Marker and interval; an arrowhead where the interval extends beyond the axis."""
    appearance = look(entry.scenario, story.scenarios)
    if not np.isfinite(entry.difference):
        axes.text(0, height, " not defined", fontsize=6.5, va="center", color=appearance[0])
        return
    factor, hollow = scale.factor, not is_clear(entry)
    values, span = (factor * entry.difference, factor * entry.low, factor * entry.high), (scale.low, scale.high)
    draw_interval(axes, height, values, (factor * span[0], factor * span[1]), appearance, hollow=hollow, size=5)


def _finish(axes: Axes, key: str, scale: _Scale) -> None:
    """Axis and title of a panel."""
    unit = "percentage points" if scale.factor > 1 else outcome(key).unit
    axes.set_xlim(scale.factor * scale.low, scale.factor * scale.high)
    axes.set_xlabel(f"change, {unit}\n({BETTER[outcome(key).better]})".removesuffix("\n()"), fontsize=8.5)
    axes.set_title(fill(outcome(key).title, 26), fontsize=9)
    axes.tick_params(axis="x", labelsize=8)
    axes.tick_params(axis="y", length=0)
    axes.grid(visible=False, axis="y")
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(signed)


def _key(story: Story, policies: list[str]) -> Key:
    """The key to colours, marks and shading."""
    handles: list[Line2D | Patch] = []
    for policy in policies:
        colour, _, marker = look(policy, story.scenarios)
        handles.append(Line2D([], [], color=colour, marker=marker, linestyle="-", linewidth=1.4))
    handles.append(Patch(color=_FLIPPED))
    labels = [*(story.drawn[policy] for policy in policies), "conclusion differs from that with every mechanism"]
    return Key(handles, labels, 2)
