"""Curves over time: groups taken down by age, and requests answered by month, each with its 95 % band."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.measures import takedown, turnaround
from sim.report.story import Story, values_at
from sim.report.style import heading, look, new_figure, per_cent_axis, sign

_RISK_MONTHS = (0.0, 12.0, 24.0, 36.0, 48.0, 60.0, 72.0, 84.0, 96.0)
_LAST_TURNAROUND_MONTH = 36.0


def takedown_curves(story: Story) -> Figure:
    """Time to takedown: incidence by age of the group, self-exit competing, numbers at risk below."""
    rows = len(story.scenarios)
    figure = new_figure(8.6, 5.2 + 0.2 * rows)
    heading(
        figure,
        "How soon are criminal groups taken down?",
        "Share of groups whose first lasting takedown (180 days at a tenth of capability or less) has "
        "happened by a given age. Groups that leave by themselves count as never taken down. Bands: 95 % "
        "interval of the mean over replicates.",
    )
    axes, table = figure.subplots(2, 1, sharex=True, height_ratios=[3.6, 0.28 * rows + 0.3])
    for scenario in story.scenarios:
        _curve(axes, story, scenario, "takedown_curve", "taken_down")
    axes.set(ylabel="groups taken down", xlim=(0, takedown.CURVE_MONTHS[-1]))
    axes.set_ylim(bottom=0, top=None if _top(axes) > 0 else 0.01)
    per_cent_axis(axes)
    axes.legend(loc="upper left", fontsize=8.5)
    _numbers_at_risk(table, story)
    sign(figure, story.command, f"Aalen–Johansen, late entry at the policy's start. {_basis(story)}")
    return figure


def turnaround_curves(story: Story) -> Figure:
    """Distribution of turnaround: share of requests answered by month."""
    figure = new_figure(8.6, 5.4)
    heading(
        figure,
        "How long does mutual legal assistance take?",
        "Share of requests through central authorities that are answered by a given month after sending "
        "(executed, refused, or no data left). Requests met with silence are left out, withdrawn ones are "
        "censored: the key gives the share of all requests never answered.",
    )
    axes = figure.subplots()
    for scenario in story.scenarios:
        silence = story.level(scenario, "silence_share").value
        told = "" if np.isnan(silence) else f"  (never answered: {100 * silence:.0f} %)"
        _curve(axes, story, scenario, "turnaround_curve", "answered", told)
    for share, name in ((0.1, "fast tenth"), (0.5, "median"), (0.9, "slow tenth")):
        axes.axhline(share, color="#999999", linewidth=0.8, linestyle=":")
        axes.annotate(
            name, (_LAST_TURNAROUND_MONTH, share), (-2, 2), textcoords="offset points", ha="right", fontsize=8
        )
    axes.set(xlabel="months since the request was sent", ylabel="answered")
    axes.set(
        xlim=(0, _LAST_TURNAROUND_MONTH), ylim=(0, 1), xticks=np.arange(0, _LAST_TURNAROUND_MONTH + 1, 6)
    )
    per_cent_axis(axes)
    axes.legend(loc="lower right", fontsize=8.5, framealpha=0.9, frameon=True, edgecolor="none")
    sign(figure, story.command, f"Kaplan–Meier. {_basis(story)}")
    return figure


def _curve(axes: Axes, story: Story, scenario: str, table: str, column: str, told: str = "") -> None:
    """One scenario's mean curve and band."""
    colour, line, _ = look(scenario, story.scenarios)
    curve = story.curve(table, scenario, column)
    axes.step(
        curve["month"],
        curve["value"],
        where="post",
        color=colour,
        linestyle=line,
        label=story.title[scenario] + told,
    )
    low, high = curve["low"].clip(lower=0.0), curve["high"].clip(upper=1.0)
    axes.fill_between(curve["month"], low, high, step="post", color=colour, alpha=0.16, linewidth=0)


def _top(axes: Axes) -> float:
    """Largest value drawn."""
    return max((float(np.nanmax(line.get_ydata())) for line in axes.get_lines()), default=0.0)


def _numbers_at_risk(axes: Axes, story: Story) -> None:
    """Mean number of groups under observation at some ages, one row a scenario."""
    axes.set(
        ylim=(len(story.scenarios) - 0.4, -0.6),
        yticks=[],
        xlabel="months since the group's first day",
        xticks=_RISK_MONTHS,
    )
    axes.grid(visible=False)
    axes.spines["left"].set_visible(False)
    axes.set_title("groups at risk, mean of a replicate", fontsize=8.5, fontweight="normal")
    for row, scenario in enumerate(story.scenarios):
        curve = story.curve("takedown_curve", scenario, "at_risk")
        colour = look(scenario, story.scenarios)[0]
        for month, number in zip(_RISK_MONTHS, values_at(curve, _RISK_MONTHS, "value"), strict=True):
            side = "left" if month == 0 else "right" if month == _RISK_MONTHS[-1] else "center"
            axes.text(month, row, f"{number:.0f}", color=colour, fontsize=8, ha=side, va="center")


def _basis(story: Story) -> str:
    """What the figure rests on."""
    return f"{story.replicates(story.design.baseline)} replicates of the policy decade."


#: Last month of the turnaround curve that is stored; more than is drawn.
STORED_MONTHS = turnaround.CURVE_MONTHS[-1]
