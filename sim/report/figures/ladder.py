"""The ladder: how far each policy gets from no cooperation to frictionless cooperation, and the rungs between."""

import numpy as np
import pandas as pd
from matplotlib.figure import Figure

from sim.measures.outcomes import outcome
from sim.policy.well_known import LOWER_BOUND, UPPER_BOUND
from sim.report.figures.rows import Caption, Panel, rows_figure
from sim.report.sentences import quoted
from sim.report.story import Story
from sim.report.style import look, small_print
from sim.report.ticks import per_cent
from sim.results.ladder import LADDER_OUTCOMES
from sim.results.words import counted, interval, number

#: Shares that the axis shows.
_SPAN = (-0.2, 1.45)
_RUNG = ("#8C8C8C", "-", "o")


def ladder_figure(story: Story) -> Figure | None:
    """One panel per outcome; None unless both bounds were run."""
    if not story.ladder:
        return None
    # From the top down by the share reached on requests executed, bounds at the ends.
    reached = {rung.scenario: rung.share.value for rung in story.ladder if rung.outcome == "executed_per_year"}
    inner = [key for key in story.climbers if key not in (LOWER_BOUND, UPPER_BOUND)]
    inner.sort(key=lambda key: -np.nan_to_num(reached.get(key, 0.0)))
    order = [UPPER_BOUND, *inner, LOWER_BOUND]
    rungs = story.design.rungs
    few = f" Bounds: {counted(story.replicates(LOWER_BOUND), 'replicate')}"
    few += f"; rungs: {counted(story.replicates(rungs[0].key), 'replicate')}." if rungs else "."
    looks = {key: look(key, story.scenarios) if key in story.scenarios else _RUNG for key in order}
    return rows_figure(
        [_panel(story, key, order) for key in LADDER_OUTCOMES],
        [story.drawn[scenario] for scenario in order],
        looks,
        {},
        Caption(
            "How close does each policy come to frictionless cooperation?",
            "0 % is no cooperation at all; 100 % is frictionless cooperation with the same investigators, criminals "
            "and retention. Numbers at the right are the outcome itself. Grey: rungs that remove one friction "
            "altogether. Withheld: the gap between the two ends is not distinguishable from noise in the replicates "
            "of that row.",
            small_print(story.command, f"Ratio of paired differences, delta method, 95 % intervals.{few}"),
        ),
        size=(11.6, 2.5 + 0.34 * len(order)),
        places=dict.fromkeys(looks, 0.0),
    )


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


def _panel(story: Story, key: str, order: list[str]) -> Panel:
    """All scenarios on one outcome."""
    about = outcome(key)
    marks = [
        {"row": order.index(rung.scenario), "series": rung.scenario}
        | dict(zip(("value", "low", "high"), rung.share, strict=False))
        | {"words": number(rung.level, about.unit), "missing": "withheld" if rung.withheld else ""}
        for rung in story.ladder
        if rung.outcome == key
    ]
    table = pd.DataFrame(marks).assign(least=-np.inf, clear=True, shade=False)
    return Panel(about.heading, "share of the way", table, _SPAN, [(1.0, "#999999", "-")], per_cent, numbered=True)
