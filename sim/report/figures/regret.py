"""Gain and regret of each way to decide under one budget: one row per arm, one panel per outcome."""

from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D

from sim.measures.outcome import Better
from sim.measures.outcomes import outcome
from sim.report.figures.rows import PLAIN, ZERO, Panel, Rows, factor
from sim.report.sentences import quoted
from sim.report.story import Story
from sim.report.style import BLUE, GREY, VERMILLION, Caption, small_print
from sim.results.regret import JUDGED, Regret
from sim.results.words import span

#: Kinds of ways to decide: their look, and what the key calls them.
_LOOKS = {"own": (BLUE, "-", "o"), "once": (GREY, "-", "s"), "fixed": (VERMILLION, "-", "D")}
_LABELS = {"own": "reviews, and decides by figures", "once": "decides once, or at random", "fixed": "fixed plan"}


def decisions_compared(story: Story) -> Rows | None:
    """Gains over the baseline with intervals; None without a fixed plan to compare with."""
    if not story.plans:
        return None
    return Rows(
        Caption(
            "Does it pay to review and adapt?",
            f"Gain over “{story.drawn[story.baseline]}” of several ways to spend the same budget; further right is "
            "better. Bars are 95 % intervals of paired differences. Dotted: the fixed plan that was best in hindsight, "
            "chosen on half of the seeds and measured on the other half. The distance of an arm to it is its regret.",
            small_print(story.command, f"{story.basis}. Paired t."),
        ),
        [_panel(story, [entry for entry in story.regrets if entry.outcome == key]) for key in JUDGED],
        [fill(story.drawn[arm], 40) for arm in story.compared],
        _LOOKS,
        _LABELS,
        (11.0, 2.7 + 0.48 * len(story.compared)),
        places=dict.fromkeys(_LOOKS, 0.0),
        further={"best plan in hindsight": Line2D([], [], color=VERMILLION, linestyle=":")},
        columns=PLAIN | {"row": "scenario"},
    )


def describe_decisions(story: Story) -> str:
    """What reviewing gains, and what it regrets, on each judged outcome."""
    own = story.compared[0]
    parts = [
        f"{outcome(entry.outcome).title}: gain {span(*entry.gain[:3], outcome(entry.outcome).unit)}, regret "
        f"{span(*entry.regret[:3], outcome(entry.outcome).unit)}"
        for entry in story.regrets
        if entry.scenario == own
    ]
    return f"{quoted(story, own)}, against the best fixed plan in hindsight. {'; '.join(parts)}."


def _panel(story: Story, entries: list[Regret]) -> Panel:
    """One outcome."""
    shown, fixed, own = outcome(entries[0].outcome), story.plans, story.compared[0]
    scale = factor(shown.unit)
    kinds = ["fixed" if one.scenario in fixed else "own" if one.scenario == own else "once" for one in entries]
    ends = scale * np.array([one.gain[:3] for one in entries])
    best = scale * (entries[0].gain.value + entries[0].regret.value)
    marks = pd.DataFrame(ends, columns=["value", "start", "end"]).assign(row=range(len(entries)), series=kinds)
    unit, sign = "points" if shown.unit == "share" else shown.unit, "less" if shown.better is Better.LESS else "more"
    reached = [0.0, *ends[np.isfinite(ends)], *([best] if np.isfinite(best) else [])]
    margin = 0.08 * (max(reached) - min(reached) or 1.0)
    span = min(reached) - margin, max(reached) + margin
    return Panel(shown.title, fill(f"{unit}, {sign}", 34), marks, span, [ZERO, (best, VERMILLION, ":")])
