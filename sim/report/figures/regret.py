"""Gain and regret of each way to decide under one budget: one row per arm, one panel per outcome."""

from textwrap import fill

from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from sim.measures.outcome import Better
from sim.measures.outcomes import outcome
from sim.report.regret import in_words, judged, plans
from sim.report.sentences import quoted
from sim.report.story import Story
from sim.report.style import BLUE, GREY, VERMILLION, Key, frame, new_figure, small_print
from sim.results.regret import JUDGED, Regret
from sim.results.words import span


def decisions_compared(story: Story) -> Figure | None:
    """Gains over the baseline with intervals; None without a fixed plan to compare with."""
    if not plans(story):
        return None
    rows = story.compared
    figure = new_figure(11.0, 2.7 + 0.48 * len(rows))
    panels = figure.subplots(1, len(JUDGED), sharey=True)
    found = judged(story)
    for axes, key in zip(panels, JUDGED, strict=True):
        _panel(axes, story, [entry for entry in found if entry.outcome == key])
    panels[0].set_yticks(range(len(rows)), [fill(story.drawn[arm], 40) for arm in rows], fontsize=8)
    panels[0].set_ylim(len(rows) - 0.5, -0.5)
    handles = [
        Line2D([], [], color=BLUE, marker="o", label="reviews, and decides by figures"),
        Line2D([], [], color=GREY, marker="s", label="decides once, or at random"),
        Line2D([], [], color=VERMILLION, marker="D", label="fixed plan"),
        Line2D([], [], color=VERMILLION, linestyle=":", label="best plan in hindsight"),
    ]
    frame(
        figure,
        "Does it pay to review and adapt?",
        f"Gain over “{story.drawn[story.baseline]}” of several ways to spend the same budget; further right is "
        "better. Bars are 95 % intervals of paired differences. Dotted: the fixed plan that was best in hindsight, "
        "chosen on half of the seeds and measured on the other half. The distance of an arm to it is its regret.",
        small_print(story.command, f"{story.basis}. Paired t."),
        Key(handles, [str(handle.get_label()) for handle in handles], 4),
    )
    return figure


def describe_decisions(story: Story) -> str:
    """What reviewing gains, and what it regrets, on each judged outcome."""
    own = story.compared[0]
    parts = [
        f"{outcome(entry.outcome).title}: gain {span(*entry.gain[:3], outcome(entry.outcome).unit)}, regret "
        f"{in_words(entry)}"
        for entry in judged(story)
        if entry.scenario == own
    ]
    return f"{quoted(story, own)}, against the best fixed plan in hindsight. {'; '.join(parts)}."


def _panel(axes: Axes, story: Story, entries: list[Regret]) -> None:
    """One outcome."""
    shown = outcome(entries[0].outcome)
    factor = 100.0 if shown.unit == "share" else 1.0
    fixed, own = plans(story), story.compared[0]
    for height, entry in enumerate(entries):
        if entry.scenario in fixed:
            colour, marker = VERMILLION, "D"
        else:
            colour, marker = (BLUE, "o") if entry.scenario == own else (GREY, "s")
        axes.hlines(height, factor * entry.gain.low, factor * entry.gain.high, color=colour, linewidth=1.6)
        axes.plot(factor * entry.gain.value, height, marker, color=colour, markersize=6)
    axes.axvline(0, color="black", linewidth=1.0)
    axes.axvline(factor * (entries[0].gain.value + entries[0].regret.value), color=VERMILLION, linestyle=":")
    axes.set_title(fill(shown.title, 30), fontsize=9)
    unit, sign = "points" if shown.unit == "share" else shown.unit, "less" if shown.better is Better.LESS else "more"
    axes.set_xlabel(fill(f"{unit}, {sign}", 34), fontsize=8.5)
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.tick_params(axis="y", length=0)
