"""Intervals in rows of other questions: the ladder, mechanisms left out, and ways to decide."""

from collections import Counter
from textwrap import fill

import numpy as np
import pandas as pd
from matplotlib.lines import Line2D
from matplotlib.patches import Patch

from sim.experiments.design import MAIN
from sim.measures.outcome import Better, ShownIn
from sim.measures.outcomes import outcome, shown_in
from sim.policy.well_known import LOWER_BOUND, UPPER_BOUND
from sim.report.figures.rows import EFFECTS, PLAIN, ZERO, Panel, Rows, axis_label, captioned, factor, marks_of
from sim.report.marking import worded
from sim.report.sentences import quoted
from sim.report.story import Story
from sim.report.style import BLUE, GREY, VERMILLION, look, per_cent
from sim.results.costs import LADDER_OUTCOMES
from sim.results.league import JUDGED, Regret
from sim.results.words import counted, interval, number, span

_SPAN = (-0.2, 1.45)  # shares that the axis shows
_RUNG = ("#8C8C8C", "-", "o")


def ladder_figure(story: Story) -> Rows | None:
    """One panel per outcome; None unless both bounds were run."""
    if not story.ladder:
        return None
    # From the top down by the share reached on requests executed, bounds at the ends.
    reached = {rung.scenario: rung.share for rung in story.ladder if rung.outcome == "executed_per_year"}
    inner = [key for key in reached if key not in (LOWER_BOUND, UPPER_BOUND)]
    inner.sort(key=lambda key: -np.nan_to_num(reached[key].value))
    order = [UPPER_BOUND, *inner, LOWER_BOUND]
    looks = {key: look(key, story.scenarios) if key in story.scenarios else _RUNG for key in order}
    panels = [_of_ladder(story, key, order) for key in LADDER_OUTCOMES]
    names = [f"{story.drawn[key]} ({counted(reached[key].pairs, 'world')})" for key in order]
    columns = PLAIN | {"row": "scenario", "value": "share", "worlds": "worlds", "level": "level"}
    places, size = dict.fromkeys(looks, 0.0), (11.6, 2.5 + 0.34 * len(order))
    return Rows(captioned(story, "ladder"), panels, names, looks, {}, size, places=places, columns=columns)


def describe_ladder(story: Story) -> str:
    """How far the baseline and the best policy get, measured by groups brought down."""
    key = LADDER_OUTCOMES[0]
    rungs = {rung.scenario: rung for rung in story.ladder if rung.outcome == key}
    if rungs[story.baseline].withheld:
        return "Of groups brought down, the gap between the two ends is within noise: no share of the way is given."
    share = interval(rungs[story.baseline].share, "share")
    text = worded("say_ladder", base=quoted(story, story.baseline), share=share)
    reached = (rungs[key] for key in story.policies if not rungs[key].withheld)
    best = max(reached, key=lambda rung: rung.share.value, default=None)
    if best is None:
        return text
    return f"{text} Of the policies, {quoted(story, best.scenario)} gets furthest: {interval(best.share, 'share')}."


def _of_ladder(story: Story, key: str, order: list[str]) -> Panel:
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


OF_MECHANISMS = shown_in(ShownIn.BRIEF)
_WIDEST = 3.0  # axes end at this many times the largest effect with every mechanism; larger effects end in an arrowhead


def ablation_effects(story: Story) -> Rows | None:
    """One row per mechanism that is left out; None when nothing was left out."""
    if not story.design.mechanisms:
        return None
    policies, rows = story.compared, ["every mechanism", *(one.block for one in story.design.mechanisms)]
    panels = [_without(story, key) for key in OF_MECHANISMS]
    looks = {policy: look(policy, story.scenarios) for policy in policies}
    size, columns = (11.0, 2.6 + len(rows) * (0.16 + 0.14 * len(policies))), {"row": "without"} | EFFECTS
    further = {"conclusion differs from that with every mechanism": Patch(color="#F3D9C9")}
    made = captioned(story, "ablation"), panels, rows, looks, story.title, size
    return Rows(*made, bold=[0], further=further, columns=columns)


def describe_ablation(story: Story) -> str:
    """How many effects another world would not give, and what they rest on."""
    shown = [entry for entry in story.effects if entry.whole.outcome in OF_MECHANISMS]
    flipped = Counter(entry.mechanism.block for entry in shown if entry.flips)
    text = f"{flipped.total()} of {counted(len(shown), 'conclusion')} shown change when one mechanism is left out"
    most = "".join(f"; most of them, {count}, without this one: {block}" for block, count in flipped.most_common(1))
    return f"{text}{most}."


def _without(story: Story, key: str) -> Panel:
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


#: Kinds of ways to decide: their look, and what the key calls them.
_WAYS = {"own": (BLUE, "-", "o"), "once": (GREY, "-", "s"), "fixed": (VERMILLION, "-", "D")}
_LABELS = {"own": "reviews, and decides by figures", "once": "decides once, or at random", "fixed": "fixed plan"}


def decisions_compared(story: Story) -> Rows | None:
    """Gains over the baseline with intervals; None without a fixed plan to compare with."""
    if not story.plans:
        return None
    panels = [_gains(story, [entry for entry in story.regrets if entry.outcome == key]) for key in JUDGED]
    names, size = [fill(story.drawn[arm], 40) for arm in story.compared], (11.0, 2.7 + 0.48 * len(story.compared))
    further = {"best plan in hindsight": Line2D([], [], color=VERMILLION, linestyle=":")}
    places, columns = dict.fromkeys(_WAYS, 0.0), PLAIN | {"row": "scenario"}
    made = captioned(story, "decisions"), panels, names, _WAYS, _LABELS, size
    return Rows(*made, places=places, further=further, columns=columns)


def describe_decisions(story: Story) -> str:
    """What reviewing gains, and what it regrets, on each judged outcome."""
    own = story.compared[0]
    mine = [(outcome(entry.outcome), entry) for entry in story.regrets if entry.scenario == own]
    parts = [
        f"{about.title}: gain {span(*entry.gain[:3], about.unit)}, regret {span(*entry.regret[:3], about.unit)}"
        for about, entry in mine
    ]
    return f"{quoted(story, own)}, against the best fixed plan in hindsight. {'; '.join(parts)}."


def _gains(story: Story, entries: list[Regret]) -> Panel:
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
