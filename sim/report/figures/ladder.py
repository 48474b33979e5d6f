"""The ladder: how far each policy gets from no cooperation to frictionless cooperation, and the rungs between."""

import numpy as np
import pandas as pd

from sim.experiments.design import MAIN
from sim.measures.outcomes import outcome
from sim.policy.well_known import LOWER_BOUND, UPPER_BOUND
from sim.report.figures.rows import PLAIN, ZERO, Panel, Rows
from sim.report.sentences import quoted
from sim.report.story import Story
from sim.report.style import Caption, look, small_print
from sim.report.ticks import per_cent
from sim.results.ladder import LADDER_OUTCOMES
from sim.results.words import counted, interval, number

#: Shares that the axis shows.
_SPAN = (-0.2, 1.45)
_RUNG = ("#8C8C8C", "-", "o")


def ladder_figure(story: Story) -> Rows | None:
    """One panel per outcome; None unless both bounds were run."""
    if not story.ladder:
        return None
    # From the top down by the share reached on requests executed, bounds at the ends.
    reached = {rung.scenario: rung.share for rung in story.ladder if rung.outcome == "executed_per_year"}
    inner = [key for key in story.climbers if key not in (LOWER_BOUND, UPPER_BOUND)]
    inner.sort(key=lambda key: -np.nan_to_num(reached[key].value))
    order = [UPPER_BOUND, *inner, LOWER_BOUND]
    looks = {key: look(key, story.scenarios) if key in story.scenarios else _RUNG for key in order}
    return Rows(
        Caption(
            "How close does each policy come to frictionless cooperation?",
            "0 % is no cooperation at all; 100 % is frictionless cooperation with the same investigators, criminals "
            "and retention. Numbers at the right are the outcome itself, in the worlds of the mark: those that have "
            "both ends, whose number stands behind each name. Grey: rungs that remove one friction altogether. "
            "Withheld: the gap between the two ends is not distinguishable from noise in these worlds.",
            small_print(story.command, "Ratio of paired differences, delta method, 95 % intervals."),
        ),
        [_panel(story, key, order) for key in LADDER_OUTCOMES],
        [f"{story.drawn[key]} ({counted(reached[key].pairs, 'world')})" for key in order],
        looks,
        {},
        (11.6, 2.5 + 0.34 * len(order)),
        places=dict.fromkeys(looks, 0.0),
        columns=PLAIN | {"row": "scenario", "value": "share", "worlds": "worlds", "level": "level"},
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
    """All scenarios on one outcome: the share of the way, and the outcome itself in the same worlds."""
    about, ends = outcome(key), ((MAIN, LOWER_BOUND), (MAIN, UPPER_BOUND))
    marks = []
    for rung in (rung for rung in story.ladder if rung.outcome == key):
        level = float(np.mean(story.arms.values(key, (MAIN, rung.scenario), *ends)[0]))
        mark = {"row": order.index(rung.scenario), "series": rung.scenario, "worlds": rung.share.pairs, "level": level}
        mark |= dict(zip(("value", "start", "end"), rung.share, strict=False))
        marks.append(mark | {"words": number(level, about.unit), "missing": "withheld" if rung.withheld else ""})
    lines = (ZERO, (1.0, "#999999", "-"))
    table = pd.DataFrame(marks)
    return Panel(about.heading, "share of the way", table, _SPAN, lines, ticks=per_cent, numbered=True)
