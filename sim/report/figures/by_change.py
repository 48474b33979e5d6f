"""What each change of a policy does: alone, added to the others, and what is left over, for two headline outcomes."""

from textwrap import fill

import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.ticker import MaxNLocator

from sim.measures.outcomes import outcome
from sim.report.sentences import quoted
from sim.report.story import Story
from sim.report.style import (
    BLACK,
    BLUE,
    GREY,
    ORANGE,
    Key,
    draw_interval,
    frame,
    name_rows,
    new_figure,
    small_print,
    without_outliers,
)
from sim.report.ticks import signed
from sim.results.effects import ChangeRole, PairedEffect, is_clear, is_defined
from sim.results.labels import BETTER
from sim.results.words import change, in_unit, listing, plain_cell

SHOWN = ("takedown_rate", "turnaround_median")
#: Colour, line and mark of each role, and its place within a row.
_LOOKS = {
    ChangeRole.ALONE: ((BLUE, "-", "o"), -0.19),
    ChangeRole.ADDED: ((ORANGE, "-", "D"), 0.19),
    ChangeRole.TOGETHER: ((BLACK, "-", "s"), 0.0),
    ChangeRole.LEFT_OVER: ((GREY, "-", "^"), 0.0),
}
_NAMED = 3


def by_change(story: Story) -> Figure | None:
    """One row per change, the whole and what is left over, policy by policy; None where none is taken apart."""
    if not story.contributions:
        return None
    rows = _rows(story)
    figure = new_figure(11.6, 2.9 + 0.46 * len(rows))
    panels = figure.subplots(1, len(SHOWN), sharey=True)
    for axes, key in zip(panels, SHOWN, strict=True):
        _panel(axes, rows, [entry for entry in story.contributions if entry.outcome == key], key)
    names = [fill(f"{number}. {words}" if number else words, 52) for _, number, words in rows]
    for axes in panels:
        name_rows(axes, names, fontsize=8, striped=True)
        axes.tick_params(axis="y", length=0, labelleft=axes is panels[0])
    for row, label in enumerate(panels[0].get_yticklabels()):
        label.set_fontweight("bold" if rows[row][1] is None else "normal")
    handles = [Line2D([], [], color=colour, marker=mark) for (colour, _, mark), _ in _LOOKS.values()]
    frame(
        figure,
        "Which change does the work?",
        f"Paired differences from “{story.drawn[story.baseline]}” in the same random worlds, with 95 % intervals. "
        "Alone: only this change is made. Added to the others: what the policy would lose without it. Where changes "
        "help or hinder each other, the two differ, and something is left over when effects alone are added up. "
        "Hollow marks are not distinguishable from noise. An arrowhead: the interval extends beyond the axis; its "
        "numbers stand at the right.",
        small_print(story.command, f"{story.basis} of every arm. Paired Student t."),
        Key(handles, [str(role) for role in _LOOKS], len(_LOOKS)),
    )
    return figure


def describe_by_change(story: Story) -> str:
    """Which changes do the work in each policy, by median turnaround, and how many do nothing that can be seen."""
    parts = []
    for policy in story.design.apart[:_NAMED]:
        found = [entry for entry in story.contributions if entry.scenario == policy.scenario]
        sentences = [_of_outcome([entry for entry in found if entry.outcome == key]) for key in SHOWN]
        parts.append(f"{quoted(story, policy.scenario)}, {len(policy.labels)} changes: {' '.join(sentences)}")
    return " ".join(parts)


def _of_outcome(found: list[PairedEffect]) -> str:
    """One outcome of one policy: the whole, and the changes that move it alone."""
    whole = next(entry for entry in found if entry.role == ChangeRole.TOGETHER)
    alone = [entry for entry in found if entry.role == ChangeRole.ALONE and is_clear(entry)]
    alone.sort(key=lambda entry: -abs(entry.difference))
    words = listing([f"“{entry.label}” {change(entry)}" for entry in alone[:_NAMED]])
    what = f"{whole.title} {change(whole)}{in_unit(whole.unit)} all together"
    return f"{what}; alone, {words}." if alone else f"{what}; no change alone moves it by more than noise."


def _rows(story: Story) -> list[tuple[str, int | None, str]]:
    """Policy, number of the change and name of every row; a row with the policy's title above its changes."""
    rows: list[tuple[str, int | None, str]] = []
    for policy in story.design.apart:
        rows.append((policy.scenario, None, story.title[policy.scenario]))
        rows += [(policy.scenario, number, words) for number, words in enumerate(policy.labels, 1)]
        rows += [(policy.scenario, 0, "all changes together"), (policy.scenario, 0, "left over")]
    return rows


def _panel(axes: Axes, rows: list[tuple[str, int | None, str]], entries: list[PairedEffect], key: str) -> None:
    """One outcome."""
    about = outcome(key)
    factor = 100.0 if about.unit == "share" else 1.0
    reach = _reach(entries)
    places = {(policy, number): row for row, (policy, number, _) in enumerate(rows)}
    for entry in entries:
        look, offset = _LOOKS[ChangeRole(entry.role)]
        # The row of what is left over stands below that of the whole, which has the same number.
        row = places[entry.scenario, entry.part] - (entry.role == ChangeRole.TOGETHER)
        _draw(axes, entry, row + offset, factor * reach, factor, look)
    axes.axvline(0, color="black", linewidth=1.0)
    axes.set_xlim(-1.04 * factor * reach, 1.04 * factor * reach)
    axes.set_title(about.title, fontsize=9.5)
    better = BETTER[about.better]
    axes.set_xlabel(f"change, {'percentage points' if factor > 1 else about.unit}{f' ({better})' if better else ''}")
    axes.xaxis.set_major_locator(MaxNLocator(5))
    axes.xaxis.set_major_formatter(signed)


def _draw(
    axes: Axes, entry: PairedEffect, height: float, reach: float, factor: float, look: tuple[str, str, str]
) -> None:
    """One effect with its interval, and its number at the right."""
    axes.text(
        1.01, height, plain_cell(entry), transform=axes.get_yaxis_transform(), fontsize=6.5, va="center", color=look[0]
    )
    if not is_defined(entry):
        return
    values = (factor * entry.difference, factor * entry.low, factor * entry.high)
    draw_interval(axes, height, values, (-reach, reach), look, hollow=not is_clear(entry), size=5)


def _reach(entries: list[PairedEffect]) -> float:
    """Half width of the axis: all of the whole policies, and of single changes all but outliers."""
    ends = [(max(abs(entry.low), abs(entry.high)), entry.role == ChangeRole.TOGETHER) for entry in entries]
    known = [(end, whole) for end, whole in ends if np.isfinite(end)]
    return max([end for end, whole in known if whole] + [without_outliers([end for end, _ in known])])
