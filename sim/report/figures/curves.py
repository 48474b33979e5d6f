"""Curves over time: groups taken down by age, and requests answered by month, each with its 95 % band."""

from collections.abc import Sequence

import numpy as np
from matplotlib.artist import Artist
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.measures import takedown
from sim.measures.outcomes import outcome
from sim.policy.well_known import LOWER_BOUND, UPPER_BOUND
from sim.report.sentences import at, few_sent, quoted, strongest
from sim.report.story import Story, values_at, watched
from sim.report.style import Key, frame, look, new_figure, per_cent_axis, small_print
from sim.results.words import level, listing

_RISK_MONTHS = (0.0, 24.0, 48.0, 72.0, 96.0)
_LAST_MONTH = 36.0


def takedown_curves(story: Story) -> Figure:
    """Time to takedown: incidence by age of the group, self-exit competing, numbers at risk below."""
    panels = _panels(story)
    rows = max(len(scenarios) for _, scenarios in panels)
    figure = new_figure(4.9 * len(panels) if len(panels) > 1 else 7.5, 5.1 + 0.2 * rows)
    grid = figure.subplots(2, len(panels), sharex=True, squeeze=False, height_ratios=[3.4, 0.24 * rows + 0.3])
    for column, (title, scenarios) in enumerate(panels):
        axes = grid[0][column]
        for scenario in scenarios:
            _curve(axes, story, scenario, "takedown_curve", "taken_down")
        axes.set_title(title)
        axes.set(ylabel="groups taken down" if column == 0 else None, xlim=(0, takedown.CURVE_MONTHS[-1]))
        axes.set_ylim(bottom=0, top=None if _top(axes) > 0 else 0.01)
        per_cent_axis(axes)
        _numbers_at_risk(grid[1][column], story, scenarios)
    keys: dict[str, Artist] = {}  # each scenario once
    for axes in grid[0]:
        keys |= dict(zip(*axes.get_legend_handles_labels()[::-1], strict=True))
    frame(
        figure,
        "How soon are criminal groups taken down?",
        "Share of groups that have had their first lasting takedown by a given age (lasting: 180 days at a tenth of "
        "capability or less). A curve ends where no group is at risk any more. Groups that leave by themselves count "
        "as never taken down. Bands: 95 % interval of the mean over replicates."
        f"{' The two panels have different scales.' if len(panels) > 1 else ''}",
        small_print(
            story.command, f"Aalen–Johansen, late entry at the policy's start. {story.basis} of the policy years."
        ),
        Key(list(keys.values()), list(keys), 2),
    )
    return figure


def turnaround_curves(story: Story) -> Figure:
    """Distribution of turnaround: share of requests answered by month."""
    figure = new_figure(8.6, 5.6)
    axes = figure.subplots()
    for scenario in story.asking:
        silence = story.level(scenario, "silence_share").value
        note = "" if np.isnan(silence) else f" (never\u00a0answered:\u00a0{100 * silence:.0f}\u00a0%)"
        _curve(axes, story, scenario, "turnaround_curve", "answered", note)
    for share, name in ((0.1, "fast tenth"), (0.5, "median"), (0.9, "slow tenth")):
        axes.axhline(share, color="#888888", linewidth=0.9, linestyle=":")
        axes.annotate(
            name, (_LAST_MONTH, share), (-2, -3), textcoords="offset points", ha="right", va="top", fontsize=8
        )
    axes.set(xlabel="months since the request was sent", ylabel="requests answered")
    axes.set(xlim=(0, _LAST_MONTH), ylim=(0, 1.01), xticks=np.arange(0, _LAST_MONTH + 1, 6))
    per_cent_axis(axes)
    frame(
        figure,
        "How long does mutual legal assistance take?",
        "Share of requests through central authorities that have been answered by a given month after sending "
        "(executed, refused, or no data left). Requests met with silence are left out; withdrawn ones are "
        "censored. The key gives the share of all formal requests that are never answered.",
        small_print(story.command, f"Kaplan–Meier. {story.basis} of the policy years. {story.left_out}"),
        Key.of(axes, 1),
    )
    return figure


def describe_takedown_curves(story: Story) -> str:
    """Shares taken down within five years: the baseline, the bounds, and the policy that moves them most."""
    key = "takedown_five_year"
    bounds = [scenario for scenario in story.scenarios if scenario in (LOWER_BOUND, UPPER_BOUND)]
    ends = listing([f"{at(story, scenario, key)} under {quoted(story, scenario)}" for scenario in bounds])
    first = f"Within five years, {at(story, story.baseline, key)} of groups are taken down under "
    first += f"{quoted(story, story.baseline)}{f', {ends}' if ends else ''}."
    return f"{first} {strongest(story, key)}" if story.policies else first


def describe_turnaround_curves(story: Story) -> str:
    """Medians, and why scenarios with hardly any requests are left out."""
    key = "turnaround_median"
    half = at(story, story.baseline, key)
    silence = level(story.level(story.baseline, "silence_share"), outcome("silence_share"))
    first = (
        f"Under {quoted(story, story.baseline)}, half of the requests are answered within {half}; those that are never "
        f"answered, {silence}, are left out."
    )
    policies = f" {strongest(story, key)}" if story.policies else ""
    others = [few_sent(story, scenario) for scenario in story.scenarios if scenario not in story.asking]
    return " ".join([f"{first}{policies}", *others])


def _panels(story: Story) -> list[tuple[str, list[str]]]:
    """Separate panels for bounds and policies: on the scale of the bounds, policies would look alike."""
    bounds = [key for key in story.scenarios if key in (LOWER_BOUND, UPPER_BOUND)]
    others = [key for key in story.scenarios if key not in bounds]
    if not bounds or len(others) < 2:
        return [("", story.scenarios)]
    wide = [story.baseline, *bounds]
    return [("What cooperation can do at all", wide), ("What the policies change (enlarged)", others)]


def _curve(axes: Axes, story: Story, scenario: str, table: str, column: str, note: str = "") -> None:
    """One scenario's mean curve and band, up to the last month in which a group is at risk."""
    colour, line, _ = look(scenario, story.scenarios)
    curve = story.curve(table, scenario, column)
    if table == "takedown_curve":
        curve = watched(curve, story.curve(table, scenario, "at_risk")["value"])
    label = story.drawn[scenario] + note
    # Later lines are thinner, so that one which they cover still shows as a rim.
    width = 3.4 - 1.8 * story.scenarios.index(scenario) / len(story.scenarios)
    axes.plot(curve["month"], curve["value"], color=colour, linestyle=line, linewidth=width, label=label)
    low, high = curve["low"].clip(lower=0.0), curve["high"].clip(upper=1.0)
    axes.fill_between(curve["month"], low, high, color=colour, alpha=0.15, linewidth=0)


def _top(axes: Axes) -> float:
    """Largest value drawn."""
    drawn = [np.asarray(line.get_ydata(), dtype=np.float64) for line in axes.get_lines()]
    return max((float(np.nanmax(values, initial=0.0)) for values in drawn), default=0.0)


def _numbers_at_risk(axes: Axes, story: Story, scenarios: Sequence[str]) -> None:
    """Mean number of groups under observation at some ages, one row per scenario."""
    axes.set(ylim=(len(scenarios) - 0.4, -0.6), yticks=[], xticks=_RISK_MONTHS)
    axes.set_xlabel("months since the group's first day")
    axes.grid(visible=False)
    axes.spines["left"].set_visible(False)
    axes.set_title("groups at risk, mean of a replicate", fontsize=8.5, fontweight="normal")
    for row, scenario in enumerate(scenarios):
        curve = story.curve("takedown_curve", scenario, "at_risk")
        colour = look(scenario, story.scenarios)[0]
        for month, number in zip(_RISK_MONTHS, values_at(curve, _RISK_MONTHS), strict=True):
            side = "left" if month == 0 else "right" if month == _RISK_MONTHS[-1] else "center"
            some = "<1" if 0 < number < 0.5 else f"{number:.0f}"  # the curve continues while any group is at risk
            axes.text(month, row, some, color=colour, fontsize=8, ha=side, va="center")
