"""Effects of each policy with every mechanism and without each: one row per mechanism, one panel per outcome."""

from collections import Counter

import numpy as np
import pandas as pd
from matplotlib.patches import Patch

from sim.measures.outcome import ShownIn
from sim.measures.outcomes import outcome, shown_in
from sim.report.figures.rows import EFFECTS, ZERO, Panel, Rows, axis_label, factor, marks_of
from sim.report.story import Story
from sim.report.style import Caption, look, small_print
from sim.results.words import counted

SHOWN = shown_in(ShownIn.BRIEF)
#: Axes end at this many times the largest effect with every mechanism; larger effects end in an arrowhead.
_WIDEST = 3.0


def ablation_effects(story: Story) -> Rows | None:
    """One row per mechanism that is left out; None when nothing was left out."""
    if not story.design.mechanisms:
        return None
    policies, rows = story.compared, ["every mechanism", *(one.block for one in story.design.mechanisms)]
    return Rows(
        Caption(
            "Do the findings depend on one mechanism of the model?",
            f"What each policy changes against “{story.drawn[story.baseline]}”: with every mechanism in the first row, "
            "with one left out in each row below, in the same random worlds. Bars are 95 % intervals of paired "
            "differences. Filled marks are distinguishable from noise, hollow ones are not. Dotted lines repeat the "
            "effects of the whole model. Shaded: without this mechanism the conclusion is different.",
            small_print(story.command, f"{story.basis} in every world. Paired t."),
        ),
        [_panel(story, key) for key in SHOWN],
        rows,
        {policy: look(policy, story.scenarios) for policy in policies},
        story.title,
        (11.0, 2.6 + len(rows) * (0.16 + 0.14 * len(policies))),
        bold=[0],
        further={"conclusion differs from that with every mechanism": Patch(color="#F3D9C9")},
        columns={"row": "without"} | EFFECTS,
    )


def describe_ablation(story: Story) -> str:
    """How many effects another world would not give, and what they rest on."""
    shown = [entry for entry in story.effects if entry.whole.outcome in SHOWN]
    flipped = [entry for entry in shown if entry.flips]
    text = (
        f"{len(flipped)} of {counted(len(shown), 'conclusion')} shown {'is' if len(flipped) == 1 else 'are'} different"
    )
    text += " when one mechanism is left out"
    if not flipped:
        return f"{text}."
    by_mechanism = Counter(entry.mechanism.block for entry in flipped)
    block, number = by_mechanism.most_common(1)[0]
    return f"{text}; most of them, {number}, without this one: {block}."


def _panel(story: Story, key: str) -> Panel:
    """One outcome: an axis with zero and all intervals, up to a multiple of what the whole model gives."""
    about, mine = outcome(key), [entry for entry in story.effects if entry.whole.outcome == key]
    places = {mechanism: row for row, mechanism in enumerate(story.design.mechanisms, 1)}
    whole = {entry.whole.scenario: entry.whole for entry in mine}
    marks = marks_of((0, policy, entry) for policy, entry in whole.items())
    rest = marks_of((places[entry.mechanism], entry.whole.scenario, entry.without) for entry in mine)
    limit = _WIDEST * float(marks[["start", "end"]].abs().max().max())
    shade = [*(False for _ in marks.index), *(entry.flips for entry in mine)]
    marks = pd.concat([marks, rest], ignore_index=True).assign(shade=shade)
    ends = np.clip(np.nan_to_num(marks[["start", "end"]].to_numpy()), *((-limit, limit) if limit > 0 else (None, None)))
    margin = 0.08 * (float(np.ptp(ends)) or 1.0)
    span = (min(0.0, float(ends.min())) - margin, max(0.0, float(ends.max())) + margin)
    scale = factor(about.unit)
    lines = [(scale * one.difference, look(key, story.scenarios)[0], ":") for key, one in whole.items()]
    return Panel(about.title, axis_label(about), marks, span, [ZERO, *(one for one in lines if np.isfinite(one[0]))])
