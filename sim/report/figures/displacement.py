"""Weighted displacement quotients of each policy, by place, victim, method, group and time."""

import numpy as np
from matplotlib.figure import Figure

from sim.measures.displacement import Dimension
from sim.report.sentences import quoted
from sim.report.story import Story
from sim.report.style import Key, draw_interval, frame, look, name_marks, name_rows, new_figure, offsets, small_print
from sim.results.words import counted, signed

NAMES = {
    Dimension.SERVERS: "place: servers in other states",
    Dimension.VICTIMS: "victims: reports in other states",
    Dimension.METHOD: "method: other kinds of group",
    Dimension.GROUP: "group: all that were not hit",
    Dimension.TIME: "time: half-years after the targets",
}
_REACH = 2.5


def displacement_quotients(story: Story) -> Figure | None:
    """Dots with intervals, one row per dimension; None when there is no policy to compare, or no quotient."""
    if not tellable(story):
        return None
    figure = new_figure(9.6, 2.4 + len(Dimension) * (0.25 + 0.2 * len(story.policies)))
    axes = figure.subplots()
    heights = offsets(len(story.policies))
    for entry in story.displacements:
        height = float(entry.dimension.value + heights[story.policies.index(entry.scenario)])
        shown = look(entry.scenario, story.scenarios)
        if entry.withheld:
            axes.text(0.02, height, f"  {entry.withheld}", fontsize=6.5, va="center", color=shown[0])
        else:
            value, low, high, _ = entry.quotient
            draw_interval(axes, height, (float(np.clip(value, -_REACH, _REACH)), low, high), (-_REACH, _REACH), shown)
    axes.axvline(0, color="black", linewidth=1.1)
    axes.axvline(-1, color="black", linewidth=0.8, linestyle=":")
    name_rows(axes, [NAMES[dimension] for dimension in Dimension])
    axes.set_xlim(-_REACH, _REACH)
    axes.set_xlabel("change elsewhere ÷ loss in the targets  (−1: all of it moved, 0: none)")
    axes.tick_params(axis="y", length=0)
    name_marks(axes, story.policies, story.scenarios, story.drawn)
    frame(
        figure,
        "Does crime end, or does it move?",
        "Weighted displacement quotient with 95 % interval. At −1, all crime that left the targets of a policy "
        "appeared elsewhere; at 0, none did; above 0, other places improved together with the targets. Targets are "
        "where the policy brings most additional action. Where the loss in the targets is not distinguishable from "
        "noise, there is no quotient. An arrowhead marks an interval that extends beyond the axis.",
        small_print(story.command, "Paired replicates; targets chosen on one half of them, measured on the other."),
        Key.of(axes, 3),
    )
    return figure


def describe_displacement(story: Story) -> str:
    """The quotient that is known best, in words."""
    known = [entry for entry in story.displacements if not entry.withheld]
    if not known:
        return f"None of {counted(len(story.displacements), 'quotient')} can be given: losses in the targets are small."
    first = min(known, key=lambda entry: entry.quotient.high - entry.quotient.low)
    value, low, high, _ = first.quotient
    share = f"{abs(value):.0%}".replace("%", " %")
    words = (
        f"about {share} of what left the targets appeared elsewhere"
        if value < 0
        else f"other places improved by about {share} of what left the targets"
    )
    noise = ", which may be zero" if low < 0 < high else ""
    return (
        f"{len(known)} of {len(story.displacements)} quotients can be given. The most certain one is that of "
        f"{quoted(story, first.scenario)} by {NAMES[first.dimension]}: {signed(value)} ({signed(low)} to "
        f"{signed(high)}){noise}; {words}."
    )


def tellable(story: Story) -> bool:
    """Whether there is any quotient to show."""
    return any(not entry.withheld for entry in story.displacements)
