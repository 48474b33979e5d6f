"""Forest plot: paired differences of the main outcomes, relative to the baseline, with a zero line."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.measures.outcomes import outcome
from sim.report.sentences import moved, strongest
from sim.report.story import Story
from sim.report.style import (
    Key,
    draw_interval,
    frame,
    look,
    name_marks,
    name_rows,
    new_figure,
    offsets,
    small_print,
    without_outliers,
)
from sim.report.ticks import signed_per_cent
from sim.results.effects import PairedEffect, is_clear, is_defined, is_same
from sim.results.labels import BETTER
from sim.results.words import plain_cell

#: What is drawn, grouped by the question it answers.
SHOWN = (
    "executed_within_12_months",
    "mla_executed_within_12_months",
    "turnaround_median",
    "turnaround_p90",
    "refused_dual_criminality_share",
    "silence_share",
    "withdrawn_share",
    "authority_backlog",
    "court_backlog",
    "evidence_lost_share",
    "admissible_per_year",
    "takedown_rate",
    "takedown_five_year",
    "harm",
    "without_criminality_per_year",
)
#: What is drawn when there are too many policies to show all outcomes.
_FEW = ("executed_within_12_months", "turnaround_median", "takedown_rate", "harm", "without_criminality_per_year")
_MANY_POLICIES = 8
_WIDEST = 1.5
#: Length of the axis beyond the last interval, so that an arrowhead there does not touch the numbers.
_MARGIN = 1.06


def forest(story: Story) -> Figure | None:
    """Relative differences with intervals; None when there is no policy to compare."""
    if not story.policies:
        return None
    shown = SHOWN if len(story.policies) <= _MANY_POLICIES else _FEW
    figure = new_figure(9.6, 2.0 + len(shown) * (0.14 + 0.19 * len(story.policies)))
    axes = figure.subplots()
    reach = _reach(story, shown)
    heights = offsets(len(story.policies))
    for row, key in enumerate(shown):
        for offset, scenario in zip(heights, story.policies, strict=True):
            entry = story.difference(scenario, key)
            if entry is not None:
                _draw(axes, story, entry, row + offset, reach)
    _finish(axes, story, shown, reach)
    few = (
        ""
        if shown is SHOWN
        else " With this many policies, only a few outcomes are drawn; differences.csv has all of them."
    )
    frame(
        figure,
        f"What each policy changes, against “{story.drawn[story.baseline]}”",
        "Ratio of means over paired replicates with its 95 % interval, less one. Filled marks: the difference is "
        "distinguishable from noise; hollow ones: it is not. An arrowhead: the interval extends beyond the "
        "axis, perhaps with its mark, or passes −100 % of an outcome that cannot be negative. The right column gives "
        "the difference in the outcome's own unit. Shares refer to requests sent: a policy that changes what is "
        "requested changes them "
        f"too.{few}",
        small_print(story.command, "Paired Student t, delta method. The bounds are in the ladder figure."),
        Key.of(axes, 3),
    )
    return figure


def describe_forest(story: Story) -> str:
    """How many outcomes each policy moves, and which one moves the headline most."""
    return f"{moved(story, SHOWN)} {strongest(story, 'takedown_rate')} {strongest(story, 'turnaround_median')}"


def _draw(axes: Axes, story: Story, entry: PairedEffect, height: float, reach: float) -> None:
    """One effect: marker, interval, and the number at the right."""
    colour = look(entry.scenario, story.scenarios)[0]
    words = plain_cell(entry)
    axes.text(1.015, height, words, transform=axes.get_yaxis_transform(), fontsize=7, va="center", color=colour)
    values = (entry.relative, entry.relative_low, entry.relative_high)
    if np.isnan(values[1]):
        if not is_same(entry):
            why = "no interval from one pair" if entry.baseline_mean else "no per cent: the baseline is zero"
            axes.text(
                0, height, f" {why if is_defined(entry) else 'not defined'}", fontsize=6.5, va="center", color=colour
            )
        return
    span = (max(-reach, _floor(entry)), reach)
    draw_interval(axes, height, values, span, look(entry.scenario, story.scenarios), hollow=not is_clear(entry))


def _floor(entry: PairedEffect) -> float:
    """The largest possible fall: to the least value of the outcome; a t interval of a rare event can pass it."""
    return (outcome(entry.outcome).least - entry.baseline_mean) / abs(entry.baseline_mean)


def _reach(story: Story, shown: Sequence[str]) -> float:
    """Half width of the axis: all intervals but outliers, up to a limit."""
    entries = [story.difference(scenario, key) for scenario in story.policies for key in shown]
    found = [entry for entry in entries if entry and not np.isnan(entry.relative_low)]
    ends = [abs(end) for entry in found for end in np.maximum((entry.relative_low, entry.relative_high), _floor(entry))]
    return min(_WIDEST, 1.08 * without_outliers(ends))


def _finish(axes: Axes, story: Story, shown: Sequence[str], reach: float) -> None:
    """Axis, zero line, names and key."""
    axes.axvline(0, color="black", linewidth=1.1)
    units = ["" if outcome(key).unit == "share" else f"{outcome(key).unit}; " for key in shown]
    labels = [
        f"{outcome(key).title}\n({unit}{BETTER[outcome(key).better]})" for key, unit in zip(shown, units, strict=True)
    ]
    name_rows(axes, labels, striped=True, fontsize=8)
    axes.set_xlim(-_MARGIN * reach, _MARGIN * reach)
    axes.set_xlabel("difference, per cent of the baseline")
    axes.xaxis.set_major_formatter(signed_per_cent)
    axes.tick_params(axis="y", length=0)
    name_marks(axes, story.policies, story.scenarios, story.drawn)
