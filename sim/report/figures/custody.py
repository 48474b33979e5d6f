"""Members identified by name: their status after five years, and where those live who get away."""

import numpy as np
from matplotlib.figure import Figure

from sim.experiments.statistics import Estimate
from sim.measures.fate import Fate
from sim.report.figures.rows import Caption, Panel, rows_figure
from sim.report.sentences import at, clear, quoted, state_name, strongest
from sim.report.story import Story
from sim.report.style import (
    BLUE,
    GREEN,
    ORANGE,
    SKY,
    VERMILLION,
    Key,
    frame,
    look,
    new_figure,
    per_cent_axis,
    small_print,
)
from sim.report.ticks import per_cent
from sim.results.labels import FATES
from sim.results.words import change, interval

#: Colour of the bar and of its number.
_LOOKS = {
    Fate.CONVICTED: (GREEN, "white"),
    Fate.ACQUITTED: ("#F0E442", "black"),
    Fate.SURRENDERED: (BLUE, "white"),
    Fate.HELD: (SKY, "black"),
    Fate.RELEASED: (VERMILLION, "white"),
    Fate.INDICTED: (ORANGE, "black"),
    Fate.WANTED: ("#C9C9C9", "black"),
    Fate.GIVEN_UP: ("#7A7A7A", "white"),
}
_LABELLED_SHARE = 0.025
_INTERVALS = (
    "Pooled over replicates. 95 % intervals of the ratio over replicates, delta method; no interval where every "
    "replicate has the same share."
)


def fate_bars(story: Story) -> Figure | None:
    """One stacked bar per scenario; None where no member was identified early enough."""
    counts = story.fate_counts
    counts = counts[counts.sum(axis=1) > 0]
    if counts.empty:
        return None
    figure = new_figure(9.6, 2.9 + 0.5 * len(counts))
    axes = figure.subplots()
    total = counts.sum(axis=1).to_numpy(dtype=np.float64)
    edge = np.zeros(len(counts))
    for fate, (colour, ink) in _LOOKS.items():
        share = counts[fate.value].to_numpy(dtype=np.float64) / total
        axes.barh(range(len(counts)), share, left=edge, height=0.66, label=FATES[fate], color=colour, edgecolor="white")
        for row, value in enumerate(share):
            if value >= _LABELLED_SHARE:  # wide enough for its per cents
                middle = edge[row] + value / 2
                axes.text(middle, row, f"{100 * value:.0f}", ha="center", va="center", fontsize=8, color=ink)
        edge += share
    per_year = total / [story.replicates(scenario) for scenario in counts.index]
    names = [f"{story.drawn[key]}\n{n:.0f} members per run" for key, n in zip(counts.index, per_year, strict=True)]
    axes.set_yticks(range(len(counts)), names)
    axes.set(xlim=(0, 1), xlabel="share of identified members")
    axes.invert_yaxis()
    axes.grid(visible=False, axis="y")
    per_cent_axis(axes, "x")
    frame(
        figure,
        "Named, but caught? Where identified members stand five years later",
        "Core members of groups that a case identified by name in the first half of the policy years, five years "
        "after that day. From left to right: judged, in custody, free. An indictment is not a conviction. "
        "Policies differ in how many members they identify: see the number under each name.",
        small_print(
            story.command, f"Pooled over {story.basis}; intervals of the share that is free are in the summary."
        ),
        Key.of(axes, 3),
    )
    return figure


def describe_fates(story: Story) -> str:
    """How many members are free after five years under the baseline, and which policy changes that most."""
    key = "impunity_share"
    text = (
        f"Under {quoted(story, story.baseline)}, {at(story, story.baseline, key)} of identified members are neither "
        "judged nor in custody after five years."
    )
    if not story.policies:
        return text
    return f"{text} {strongest(story, key)}{_why_more_are_free(story, key)}"


def _why_more_are_free(story: Story, key: str) -> str:
    """Why a policy that has more members arrested can still raise the share that is free."""
    free, arrested = clear(story, key), clear(story, "arrests_per_year")
    more = next((entry for entry in arrested if free and entry.scenario == free[0].scenario), None)
    if not more or more.difference < 0 or free[0].difference < 0:
        return ""
    return (
        f" More are arrested there as well ({change(more)} per year): more are identified, many of them out of reach."
    )


def describe_impunity(story: Story) -> str:
    """The states of residence with the largest and the smallest share."""
    rows = story.impunity[story.impunity["scenario"] == story.baseline]
    rows = rows.sort_values("share", ascending=False, kind="stable").iloc[[0, -1]]
    columns = (rows[column] for column in ("residence", "share", "low", "high"))
    ends = [
        f"{state_name(state)} ({interval(Estimate(share, max(low, 0.0), min(high, 1.0), 0), 'share')})"
        for state, share, low, high in zip(*columns, strict=True)
    ]
    return (
        f"Under {quoted(story, story.baseline)}, identified members get away most often in {ends[0]} and least often "
        f"in {ends[1]}, of the states where most of them live."
    )


def impunity_by_residence(story: Story) -> Figure | None:
    """Dots by state of residence, one per scenario; None where no member was identified early enough."""
    table, shown = story.impunity, [story.baseline, *story.policies]
    members = table[table["scenario"] == story.baseline].set_index("residence")["members"]
    if members.empty:
        return None
    row = {state: place for place, state in enumerate(members.index)}
    marks = table[table["scenario"].isin(shown) & table["residence"].isin(row)].rename(
        columns={"share": "value", "scenario": "series"}
    )
    marks = marks.assign(row=marks["residence"].map(row), least=0.0, clear=True, words="", missing="", shade=False)
    label = "share neither judged nor in custody"
    return rows_figure(
        [Panel("", label, marks.assign(high=marks["high"].clip(upper=1.0)), (0.0, 1.0), ticks=per_cent)],
        [f"{story.states[state]}  ({members[state]:.0f})" for state in members.index],
        {key: look(key, story.scenarios) for key in shown},
        story.drawn,
        Caption(
            "Where do identified members get away?",
            "Share of identified members who after five years are at large, released without trial or no longer "
            "sought, by state of residence, in the states where most of them live. In brackets: how many were "
            f"identified under “{story.drawn[story.baseline]}” in all replicates together; few members give wide "
            "intervals.",
            small_print(story.command, _INTERVALS),
        ),
        size=(9.6, 2.3 + 0.5 * len(members)),
    )
