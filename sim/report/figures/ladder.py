"""The ladder: how far each policy gets from no cooperation to frictionless cooperation, and the rungs between."""

from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.measures.outcomes import outcome
from sim.policy.well_known import LOWER_BOUND, UPPER_BOUND
from sim.report.sentences import quoted
from sim.report.story import Story
from sim.report.style import BLACK, frame, look, new_figure, small_print
from sim.report.ticks import per_cent
from sim.results.ladder import LADDER_OUTCOMES, Rung
from sim.results.words import counted, interval, number

#: Shares that the axis shows.
_SPAN = (-0.2, 1.45)


def ladder_figure(story: Story) -> Figure | None:
    """One panel per outcome; None unless both bounds were run."""
    if not story.ladder:
        return None
    figure = new_figure(10.4, 2.5 + 0.34 * len(story.climbers))
    # From the bottom up by the share reached on requests executed, bounds at the ends.
    reached = {rung.scenario: rung.share.value for rung in story.ladder if rung.outcome == "executed_per_year"}
    inner = [key for key in story.climbers if key not in (LOWER_BOUND, UPPER_BOUND)]
    inner.sort(key=lambda key: np.nan_to_num(reached.get(key, 0.0)))
    order = [LOWER_BOUND, *inner, UPPER_BOUND]
    panels = figure.subplots(1, len(LADDER_OUTCOMES), sharey=True)
    for axes, key in zip(panels, LADDER_OUTCOMES, strict=True):
        _panel(axes, story, key, order)
    panels[0].set_yticks(range(len(order)), [story.drawn[scenario] for scenario in order], fontsize=8.5)
    panels[0].set_ylim(-0.6, len(order) - 0.4)
    rungs = story.design.rungs
    few = f" Bounds: {counted(story.replicates(LOWER_BOUND), 'replicate')}"
    few += f"; rungs: {counted(story.replicates(rungs[0].key), 'replicate')}." if rungs else "."
    frame(
        figure,
        "How close does each policy come to frictionless cooperation?",
        "0 % is no cooperation at all; 100 % is frictionless cooperation with the same investigators, "
        "criminals and retention. Numbers next to the marks are the outcome itself. Grey: rungs that remove "
        "one friction altogether. Withheld: the gap between the two ends is not distinguishable from noise in the "
        "replicates of that row.",
        small_print(story.command, f"Ratio of paired differences, delta method, 95 % intervals.{few}"),
    )
    return figure


def describe_ladder(story: Story) -> str:
    """How far the baseline and the best policy get, measured by takedowns."""
    key = "takedown_rate"
    rungs = {rung.scenario: rung for rung in story.ladder if rung.outcome == key}
    if rungs[story.baseline].withheld:
        return (
            "Measured by takedowns, the gap between no cooperation and frictionless cooperation is within noise, so "
            "no share of the way is given."
        )
    text = (
        f"Measured by the takedown rate, {quoted(story, story.baseline)} reaches "
        f"{interval(rungs[story.baseline].share, 'share')} of the way from no cooperation to frictionless cooperation."
    )
    reached = [rungs[scenario] for scenario in story.policies if not rungs[scenario].withheld]
    if not reached:
        return text
    best = max(reached, key=lambda rung: rung.share.value)
    return f"{text} Of the policies, {quoted(story, best.scenario)} gets furthest: {interval(best.share, 'share')}."


def _panel(axes: Axes, story: Story, key: str, order: list[str]) -> None:
    """All scenarios on one outcome."""
    rungs = {rung.scenario: rung for rung in story.ladder if rung.outcome == key}
    axes.set_title(fill(f"{outcome(key).title}, {outcome(key).unit}", 24), fontsize=8.5)
    axes.axvline(0, color="#999999", linewidth=0.8)
    axes.axvline(1, color="#999999", linewidth=0.8)
    axes.set_xlim(*_SPAN)
    for height, scenario in enumerate(order):
        if scenario in rungs:
            _mark(axes, story, rungs[scenario], height)
    axes.xaxis.set_major_formatter(per_cent)
    axes.set_xticks([0, 0.5, 1])
    axes.set_xlabel("share of the way", fontsize=8.5)
    axes.tick_params(axis="y", length=0)


def _mark(axes: Axes, story: Story, rung: Rung, height: int) -> None:
    """Marker, interval and the mean itself."""
    text = number(rung.level, outcome(rung.outcome).unit)
    if rung.withheld:
        axes.text(0.03, height, f"withheld  ({text})", va="center", fontsize=7.5, color="#777777")
        return
    main = rung.scenario in story.scenarios
    colour, _, marker = look(rung.scenario, story.scenarios) if main else ("#8C8C8C", "-", "o")
    low, high = np.clip([rung.share.low, rung.share.high], *_SPAN)
    axes.plot([low, high], [height, height], color=colour, linewidth=1.6)
    axes.plot(rung.share.value, height, marker, color=colour, markersize=6)
    edge = min(high if np.isfinite(high) else rung.share.value, _SPAN[1] - 0.35)
    behind = {"facecolor": "white", "edgecolor": "none", "alpha": 0.85, "pad": 0.8}  # an interval may run through it
    axes.annotate(
        text, (edge, height), (6, 0), textcoords="offset points", va="center", fontsize=7.5, color=BLACK, bbox=behind
    )
