"""What each change of a policy does: alone, added to the others, and what is left over, for two headline outcomes."""

from textwrap import fill

import numpy as np

from sim.measures.outcome import ShownIn
from sim.measures.outcomes import outcome, shown_in
from sim.report.figures.rows import EFFECTS, Panel, Rows, around_zero, axis_label, marks_of
from sim.report.sentences import quoted
from sim.report.story import Story
from sim.report.style import BLACK, BLUE, GREY, ORANGE, Caption, small_print
from sim.results.effects import ChangeRole, PairedEffect, is_clear
from sim.results.words import change, in_unit, listing

SHOWN = shown_in(ShownIn.FIRST)
#: Colour, line and mark of each role, and its place within a row.
_LOOKS = {
    ChangeRole.ALONE: ((BLUE, "-", "o"), -0.19),
    ChangeRole.ADDED: ((ORANGE, "-", "D"), 0.19),
    ChangeRole.TOGETHER: ((BLACK, "-", "s"), 0.0),
    ChangeRole.LEFT_OVER: ((GREY, "-", "^"), 0.0),
}
_NAMED = 3


def by_change(story: Story) -> Rows | None:
    """One row per change, the whole and what is left over, policy by policy; None where none is taken apart."""
    if not story.contributions:
        return None
    rows = _rows(story)
    return Rows(
        Caption(
            "Which change does the work?",
            f"Paired differences from “{story.drawn[story.baseline]}” in the same random worlds, with 95 % intervals. "
            "Alone: only this change is made. Added to the others: what the policy would lose without it. Where "
            "changes help or hinder each other, the two differ, and something is left over when effects alone are "
            "added up. Hollow marks are not distinguishable from noise. An arrowhead: the interval extends beyond the "
            "axis; its numbers stand at the right.",
            small_print(story.command, f"{story.basis} of every arm. Paired Student t."),
        ),
        [_panel(rows, [entry for entry in story.contributions if entry.outcome == key], key) for key in SHOWN],
        [fill(f"{number}. {words}" if number else words, 52) for _, number, words in rows],
        {role: shown for role, (shown, _) in _LOOKS.items()},
        {role: str(role) for role in _LOOKS},
        (11.6, 2.9 + 0.46 * len(rows)),
        places={role: place for role, (_, place) in _LOOKS.items()},
        bold=[row for row, (_, number, _) in enumerate(rows) if number is None],
        columns={"scenario": "scenario", "label": "change"} | EFFECTS | {"series": "role"},
    )


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


def _panel(rows: list[tuple[str, int | None, str]], entries: list[PairedEffect], key: str) -> Panel:
    """One outcome."""
    about, places = outcome(key), {(policy, number): row for row, (policy, number, _) in enumerate(rows)}
    # The row of what is left over stands below that of the whole, which has the same number.
    at = [places[entry.scenario, entry.part] - (entry.role == ChangeRole.TOGETHER) for entry in entries]
    marks = marks_of([(row, entry.role, entry) for row, entry in zip(at, entries, strict=True)])
    whole = marks.loc[marks["series"] == ChangeRole.TOGETHER, ["start", "end"]].abs().max().max()
    reach = float(np.fmax(whole, around_zero(marks)[1]))
    return Panel(about.title, axis_label(about), marks, (-reach, reach), numbered=True)
