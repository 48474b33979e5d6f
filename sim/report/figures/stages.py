"""Mean days by stage of requests through central authorities, stacked per scenario."""

from collections.abc import Iterable, Mapping

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.law.vocabulary import CENTRAL_AUTHORITY_CHANNELS
from sim.measures.arrays import Floats
from sim.report.sentences import quoted
from sim.report.story import Story
from sim.report.style import BLUE, GREEN, ORANGE, PURPLE, SKY, VERMILLION, Key, frame, new_figure, small_print
from sim.report.ticks import either_way
from sim.results.labels import STAGES
from sim.world.records import STAGES as STAGE_COUNT
from sim.world.records import Stage

#: Colour and hatch of each stage: before sending, drawn to the left of the line, and after, as a request passes them.
_Parts = Mapping[tuple[Stage, ...], tuple[str, str]]
_BEFORE: _Parts = {
    (Stage.OUTGOING_CHECK,): ("#6E6E6E", ""),
    (Stage.TRANSLATION,): ("#A0A0A0", ""),
    (Stage.DRAFTING,): ("#D0D0D0", ""),
}
_AFTER: _Parts = {
    (Stage.TRANSMISSION,): (SKY, ""),
    (Stage.INCOMING_TRIAGE,): (BLUE, ""),
    (Stage.DEFICIENCY_RETURN,): (VERMILLION, ""),
    (Stage.REVIEW,): (PURPLE, ""),
    (Stage.COURT_ORDER,): (ORANGE, ""),
    (Stage.PRODUCTION,): (GREEN, ""),
    (Stage.APPEAL, Stage.RETURN): ("#F5D0A9", "//"),
}
_LABELLED_DAYS = 9.0


def stage_bars(story: Story) -> Figure:
    """Stacked bars: days before sending to the left, after sending to the right."""
    figure = new_figure(9.6, 3.0 + 0.5 * len(story.asking))
    axes = figure.subplots()
    days = np.stack([_mean_days(story, scenario) for scenario in story.asking])
    _stack(axes, days, _BEFORE, -1.0)
    total = _stack(axes, days, _AFTER, 1.0)
    for row, value in enumerate(total):
        axes.annotate(f"{value:.0f} days", (value, row), (4, 0), textcoords="offset points", va="center", weight="bold")
    axes.axvline(0, color="black", linewidth=1.2)
    axes.set_yticks(range(len(story.asking)), [story.drawn[key] for key in story.asking])
    axes.set_xlim(right=1.12 * float(total.max(initial=1.0)))
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    axes.set_xlabel("days before sending  |  days after sending")
    axes.xaxis.set_major_formatter(either_way)
    note = "Laboratory work comes after the answer and is not part of it."
    frame(
        figure,
        "Where does the time go?",
        "Mean days that answered requests through central authorities spend in each stage. Left of the line: before "
        "the request is sent. Right of it: what turnaround measures. Only answered requests can be broken down "
        "by stage, so these means are not the turnaround of all requests.",
        small_print(story.command, f"{note} {story.left_out}"),
        Key.of(axes, 4),
    )
    return figure


def describe_stages(story: Story) -> str:
    """The longest stage after sending under the baseline, and where a policy changes it most."""
    days = {scenario: _mean_days(story, scenario) for scenario in story.asking}
    usual = days[story.baseline]

    def spent(stages: tuple[Stage, ...], scenario: str) -> float:
        """Days in some stages."""
        return float(sum(days[scenario][stage - 1] for stage in stages))

    total = sum(spent(stages, story.baseline) for stages in _AFTER)
    longest = max(_AFTER, key=lambda stages: spent(stages, story.baseline))
    if not usual.any():
        return "No request through a central authority was answered."
    text = (
        f"Under {quoted(story, story.baseline)}, {spent(longest, story.baseline):.0f} of {total:.0f} days after "
        f"sending go to one stage: {_name(longest)}."
    )
    policies = [scenario for scenario in story.policies if scenario in days]
    if not policies:
        return text
    other = max(policies, key=lambda scenario: abs(spent(longest, scenario) - spent(longest, story.baseline)))
    return (
        f"{text} It takes {spent(longest, other):.0f} days under {quoted(story, other)}. These are means of answered "
        "requests; intervals of turnaround itself are in the tables."
    )


def _name(stages: Iterable[Stage]) -> str:
    """What is drawn as one."""
    return ", ".join(STAGES[stage] for stage in stages)


def _mean_days(story: Story, scenario: str) -> Floats:
    """Mean days by stage over answered requests of all replicates; zero where there are none."""
    rows = story.breakdown("turnaround_by_stage", scenario)
    rows = rows[rows["channel"].isin(CENTRAL_AUTHORITY_CHANNELS)]
    total = (rows["days"] * rows["answers"]).groupby(rows["stage"]).sum()
    count = rows["answers"].groupby(rows["stage"]).sum()
    return (total / count).reindex(range(1, STAGE_COUNT + 1)).fillna(0.0).to_numpy(dtype=np.float64)


def _stack(axes: Axes, days: Floats, parts: _Parts, direction: float) -> Floats:
    """Bars one after the other, away from the line, with their days where they are long; returns where they end."""
    edge = np.zeros(len(days))
    for stages, (colour, hatch) in parts.items():
        length = days[:, [stage - 1 for stage in stages]].sum(axis=1)
        bars = axes.barh(range(len(days)), direction * length, left=direction * edge, height=0.66, label=_name(stages))
        for bar in bars:
            bar.set(facecolor=colour, hatch=hatch, edgecolor="white", linewidth=0.5)
        ink = "white" if colour in (BLUE, VERMILLION, GREEN, "#6E6E6E") else "black"
        for row, (middle, value) in enumerate(zip(direction * (edge + length / 2), length, strict=True)):
            if value >= _LABELLED_DAYS:
                axes.text(middle, row, f"{value:.0f}", ha="center", va="center", fontsize=7.5, color=ink)
        edge += length
    return edge
