"""The ladder: how far each policy gets from no cooperation to frictionless cooperation, beside the rungs between."""

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure

from sim.experiments.compare import LADDER_OUTCOMES, Rung
from sim.experiments.design import LOWER_BOUND, UPPER_BOUND
from sim.measures.outcomes import outcome
from sim.report.story import Story
from sim.report.style import BLACK, heading, look, new_figure, sign
from sim.report.words import number


def ladder_figure(story: Story) -> Figure | None:
    """One panel an outcome; None unless both bounds were run."""
    if not story.ladder:
        return None
    figure = new_figure(10.2, 2.3 + 0.34 * len(story.climbers))
    heading(
        figure,
        "How much of what cooperation could do does each policy reach?",
        "0 % is no cooperation at all, 100 % is frictionless cooperation with the same investigators, "
        "criminals and retention. Grey: rungs that remove one friction altogether, run on fewer "
        "replicates. No share is told where the gap between the two ends cannot be told from noise.",
    )
    order = _order(story)
    panels = figure.subplots(1, len(LADDER_OUTCOMES), sharey=True)
    for axes, key in zip(panels, LADDER_OUTCOMES, strict=True):
        _panel(axes, story, key, order)
    panels[0].set_yticks(range(len(order)), [story.title[scenario] for scenario in order], fontsize=8.5)
    panels[0].set_ylim(-0.6, len(order) - 0.4)
    sign(
        figure,
        story.command,
        "Ratio of paired differences, delta method, 95 % intervals; means beside the marks.",
    )
    return figure


def _order(story: Story) -> list[str]:
    """From the bottom up: by the share reached on requests executed, bounds at the ends."""
    reached = {
        rung.scenario: rung.share.value for rung in story.ladder if rung.outcome == "executed_per_year"
    }
    inner = [key for key in story.climbers if key not in (LOWER_BOUND, UPPER_BOUND)]
    inner.sort(key=lambda key: np.nan_to_num(reached.get(key, 0.0)))
    return [LOWER_BOUND, *inner, UPPER_BOUND]


def _panel(axes: Axes, story: Story, key: str, order: list[str]) -> None:
    """All scenarios on one outcome."""
    rungs = {rung.scenario: rung for rung in story.ladder if rung.outcome == key}
    axes.set_title(f"{outcome(key).title}\n({outcome(key).unit})", fontsize=8, fontweight="bold")
    axes.axvline(0, color="#999999", linewidth=0.8)
    axes.axvline(1, color="#999999", linewidth=0.8)
    for height, scenario in enumerate(order):
        if scenario in rungs:
            _mark(axes, story, rungs[scenario], height)
    low, high = axes.get_xlim()
    axes.set_xlim(min(low, -0.15), max(high, 1.35))
    axes.xaxis.set_major_formatter(lambda value, _: f"{100 * value:.0f} %".replace("-", "−"))
    axes.set_xlabel("share of the way", fontsize=8.5)
    axes.tick_params(axis="y", length=0)
    withheld = {rung.withheld for rung in rungs.values() if rung.withheld}
    if withheld:
        axes.text(
            0.5, 0.5, "no share told:\ngap within noise", transform=axes.transAxes, ha="center", fontsize=8
        )


def _mark(axes: Axes, story: Story, rung: Rung, height: int) -> None:
    """Marker, interval and the mean itself."""
    if rung.withheld:
        return
    main = rung.scenario in story.scenarios
    colour, _, marker = look(rung.scenario, story.scenarios) if main else ("#8C8C8C", "-", "o")
    axes.plot([rung.share.low, rung.share.high], [height, height], color=colour, linewidth=1.6)
    axes.plot(rung.share.value, height, marker, color=colour, markersize=6)
    edge = rung.share.high if np.isfinite(rung.share.high) else rung.share.value
    text = number(rung.level.value, outcome(rung.outcome).unit)
    axes.annotate(
        text, (edge, height), (6, 0), textcoords="offset points", va="center", fontsize=7.5, color=BLACK
    )
