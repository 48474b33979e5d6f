"""The page that sets two commits side by side, in words and tables."""

from __future__ import annotations

from collections.abc import Sequence
from math import isnan
from string import Template
from typing import NamedTuple

import numpy as np

from sim.experiments import statistics
from sim.measures.outcomes import HEADLINES, outcome
from sim.policy.well_known import BASELINE
from sim.report.marking import code, markdown_table, marked
from sim.report.words import counted, in_unit, interval, level, span
from tests.old_and_new.compared import CHANGE, LEVEL, Compared, Entry

#: Subjects of commits that a page names.
_MOST_SUBJECTS = 30
_TINY = " The world is tiny: whether numbers differ says something, the numbers themselves mean nothing."
_SAME = "the same in every world"
_PAGE = Template("""\
# Results of $old and $new

The same scenarios under the same seeds by two versions of the code. The older is $old_commit, the newer $new_commit.
Every parameter is at its default; intervals are 95 % and hold chance alone, over $seeds.$world

## In short

$short

## What the newer code has beyond the older

$subjects

## Levels

Each outcome under each scenario, and the newer minus the older in the same seeds. **Bold**: beyond chance even when
all $looked_at differences of this page are looked at together; of single intervals, one in twenty misses zero by
chance alone.

$levels

## Changes from today's law

What each scenario changes in the same seeds, by both versions, and the newer change minus the older.

$changes

## What pairing is worth here

Two versions of the code share the numbers that their worlds are drawn from. They do not share the worlds: one decision
that differs moves all that follows. The correlation over seeds says how far worlds still resemble each other. The last
columns say how many times as many seeds would give equal intervals if each version had seeds of its own; 1 means that
pairing gains nothing.

$pairing

## Where each number comes from

Made by $command

[$table]($table) holds every outcome that both versions have, in full.$apart
""")


class Commit(NamedTuple):
    """A commit.

    Attributes:
        full: its hash.
        day: on which it was made, in ISO form.
        subject: first line of its message.
    """

    full: str
    day: str
    subject: str

    @property
    def short(self) -> str:
        """The first letters of its hash."""
        return self.full[:10]


def page(
    found: Compared, old: Commit, new: Commit, subjects: Sequence[str], apart: Sequence[str], name: str, command: str
) -> str:
    """The page as Markdown.

    Args:
        found: what both commits gave.
        old: the older commit.
        new: the newer one.
        subjects: of the commits between them.
        apart: scenarios that only one has, in words.
        name: of the page and of its table.
        command: that made it.
    """
    differing = {id(entry) for entry in found.differing}
    return _PAGE.substitute(
        old=old.short,
        new=new.short,
        old_commit=_commit(old),
        new_commit=_commit(new),
        seeds=counted(len(found.seeds), "seed"),
        world=_TINY if "world=tiny" in command.split() else "",
        short="\n".join(f"- {line}" for line in _short(found)),
        subjects=_subjects(subjects),
        looked_at=len(found.headlines),
        levels="\n\n".join(_table(found.of(LEVEL, key), differing) for key in HEADLINES if found.of(LEVEL, key)),
        changes="\n\n".join(_table(found.of(CHANGE, key), differing) for key in HEADLINES if found.of(CHANGE, key)),
        pairing=_pairing(found),
        command=code(command),
        table=f"{name}.csv",
        apart=f" Scenarios that were left out: {', '.join(apart)}." if apart else "",
    )


def _commit(commit: Commit) -> str:
    """A commit in words."""
    return f"{code(commit.short)} of {commit.day} (“{marked(commit.subject)}”)"


def _short(found: Compared) -> list[str]:
    """The answer in sentences: today's law first, then how many differences there are."""
    if all(entry.is_same for entry in found.entries):
        return [f"**Nothing changed**: {len(found.entries)} levels and changes are {_SAME}."]
    lines = []
    for entry in (entry for entry in found.headlines if entry.kind == LEVEL and entry.scenario == BASELINE):
        shown = outcome(entry.outcome)
        before, after = (level(statistics.mean(values), shown) for values in (entry.before, entry.after))
        unit = in_unit(shown.unit)
        lines.append(f"{shown.title} under today's law: {before} before, {after} after{unit}; {_difference(entry)}.")
    same = sum(entry.is_same for entry in found.headlines)
    lines.append(
        f"Of {len(found.headlines)} levels and changes of headline outcomes, {len(found.differing)} differ beyond "
        f"chance, all looked at together; {same} are {_SAME}."
    )
    changed = [entry for entry in found.differing if entry.kind == CHANGE]
    if changed:
        named = ", ".join(f"{outcome(entry.outcome).title} under {code(entry.scenario)}" for entry in changed)
        lines.append(f"What a policy changes differs beyond chance in {len(changed)}: {named}.")
    else:
        lines.append("No difference in what a policy changes is beyond chance.")
    return lines


def _difference(entry: Entry) -> str:
    """The newer minus the older in words."""
    return _SAME if entry.is_same else span(*entry.difference[:3], outcome(entry.outcome).unit)


def _subjects(subjects: Sequence[str]) -> str:
    """Subjects of commits as a list, which is cut where it is long."""
    shown = [f"- {marked(subject)}" for subject in subjects[:_MOST_SUBJECTS]]
    more = len(subjects) - len(shown)
    return "\n".join([*shown, *([f"- and {more} more"] if more > 0 else [])]) or "Nothing that touches the model."


def _table(entries: Sequence[Entry], differing: set[int]) -> str:
    """One outcome under every scenario."""
    shown = outcome(entries[0].outcome)
    rows = []
    for entry in entries:
        sides = [_side(entry, statistics.mean(values)) for values in (entry.before, entry.after)]
        words = _difference(entry)
        rows.append([code(entry.scenario), *sides, f"**{words}**" if id(entry) in differing else words])
    return f"### {shown.heading}\n\n" + markdown_table(["scenario", "older", "newer", "newer − older"], rows)


def _side(entry: Entry, estimate: statistics.Estimate) -> str:
    """A level or a change by one commit."""
    shown = outcome(entry.outcome)
    return level(estimate, shown) if entry.kind == LEVEL else span(*estimate[:3], shown.unit)


def _pairing(found: Compared) -> str:
    """What pairing the two commits gains, by outcome."""
    if all(entry.is_same for entry in found.entries):
        return "All worlds are the same, to the last digit."
    rows = []
    for key in HEADLINES:
        levels, changes = found.of(LEVEL, key), found.of(CHANGE, key)
        if levels:
            today = next(entry for entry in levels if entry.scenario == BASELINE).correlation
            cells = [_median([entry.correlation.value for entry in changes])]
            cells += [_median([entry.worth for entry in entries]) for entries in (levels, changes)]
            rows.append([outcome(key).title, interval(today), *cells])
    head = ["", "correlation of levels, today's law", "of changes (median over scenarios)"]
    return markdown_table([*head, "seeds, levels (median)", "seeds, changes (median)"], rows)


def _median(values: Sequence[float]) -> str:
    """The median of what is known, with the range from the lowest to the highest."""
    known = [value for value in values if not isnan(value)]
    if not known:
        return "–"
    return f"{np.median(known):.2g} ({min(known):.2g} to {max(known):.2g})".replace("-", "−")
