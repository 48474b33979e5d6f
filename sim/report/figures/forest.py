"""Forest plot: paired differences of the main outcomes, relative to the baseline, with a zero line."""

from collections.abc import Sequence

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.experiments.compare import Difference, Verdict
from sim.measures.outcome import Better
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
from sim.report.words import change

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
_ARROW = {Better.MORE: "more is better", Better.LESS: "less is better", Better.NEITHER: ""}


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
        "Mean difference with its 95 % interval over paired replicates, in per cent of the baseline's mean. Filled "
        "marks are distinguishable from noise, hollow ones are not. An arrowhead: the interval extends beyond the "
        "axis, perhaps with its mark, or passes −100 % of an outcome that cannot be negative. The right column gives "
        "the difference in the outcome's own unit. Shares refer to requests sent: a policy that changes what is "
        "requested changes them "
        f"too.{few}",
        small_print(story.command, "Paired Student t. The bounds are in the ladder figure."),
        Key.of(axes, 3),
    )
    return figure


def describe_forest(story: Story) -> str:
    """How many outcomes each policy moves, and which one moves the headline most."""
    return f"{moved(story, SHOWN)} {strongest(story, 'takedown_rate')} {strongest(story, 'turnaround_median')}"


def _draw(axes: Axes, story: Story, entry: Difference, height: float, reach: float) -> None:
    """One difference: marker, interval, and the number at the right."""
    colour = look(entry.scenario, story.scenarios)[0]
    text = "identical" if entry.verdict is Verdict.IDENTICAL else change(entry)
    axes.text(1.015, height, text, transform=axes.get_yaxis_transform(), fontsize=7, va="center", color=colour)
    values = _of_baseline(entry)
    if np.isnan(values[1]):
        if entry.verdict is not Verdict.IDENTICAL:
            why = "no interval from one pair" if entry.baseline_mean else "no per cent: the baseline is zero"
            why = "not defined" if entry.verdict is Verdict.UNDEFINED else why
            axes.text(0, height, f" {why}", fontsize=6.5, va="center", color=colour)
        return
    span, hollow = (max(-reach, _floor(entry)), reach), entry.verdict is not Verdict.DISTINGUISHABLE
    draw_interval(axes, height, values, span, look(entry.scenario, story.scenarios), hollow=hollow)


def _of_baseline(entry: Difference) -> tuple[float, float, float]:
    """The difference and its interval over the baseline's mean, so that mark and verdict rest on one interval."""
    if not entry.baseline_mean or np.isnan(entry.low):
        return (float("nan"),) * 3
    middle, low, high = (end / abs(entry.baseline_mean) for end in (entry.difference, entry.low, entry.high))
    return middle, low, high


def _floor(entry: Difference) -> float:
    """The largest possible fall: to the least value of the outcome; a t interval of a rare event can pass it."""
    return (outcome(entry.outcome).least - entry.baseline_mean) / abs(entry.baseline_mean)


def _reach(story: Story, shown: Sequence[str]) -> float:
    """Half width of the axis: all intervals but outliers, up to a limit."""
    entries = [story.difference(scenario, key) for scenario in story.policies for key in shown]
    found = [entry for entry in entries if entry and not np.isnan(_of_baseline(entry)[1])]
    ends = [abs(end) for entry in found for end in np.maximum(_of_baseline(entry)[1:], _floor(entry))]
    return min(_WIDEST, 1.08 * without_outliers(ends))


def _finish(axes: Axes, story: Story, shown: Sequence[str], reach: float) -> None:
    """Axis, zero line, names and key."""
    axes.axvline(0, color="black", linewidth=1.1)
    units = ["" if outcome(key).unit == "share" else f"{outcome(key).unit}; " for key in shown]
    labels = [
        f"{outcome(key).title}\n({unit}{_ARROW[outcome(key).better]})" for key, unit in zip(shown, units, strict=True)
    ]
    name_rows(axes, labels, striped=True, fontsize=8)
    axes.set_xlim(-_MARGIN * reach, _MARGIN * reach)
    axes.set_xlabel("difference, per cent of the baseline")
    axes.xaxis.set_major_formatter(signed_per_cent)
    axes.tick_params(axis="y", length=0)
    name_marks(axes, story.policies, story.scenarios, story.drawn)
