"""Outcomes of two commits set side by side seed by seed, and the page of what they differ in."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from string import Template
from typing import NamedTuple

import numpy as np
import pandas as pd
from scipy.special import stdtrit as student_quantile

from sim.experiments import statistics
from sim.experiments.statistics import CONFIDENCE, Estimate
from sim.measures.arrays import Floats
from sim.measures.outcomes import HEADLINES, OUTCOMES, outcome
from sim.policy.well_known import BASELINE
from sim.report.marking import code, markdown_table, marked
from sim.results.words import counted, in_unit, level, span

LEVEL, CHANGE = "level", "change"
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

## Where each number comes from

Made by $command

[$table]($table) holds every outcome that both versions have, in full, with the correlation of the two versions over
seeds: they share the numbers that their worlds are drawn from, and one decision that differs moves all that
follows.$apart
""")


class Commit(NamedTuple):
    """A commit: its hash, its day in ISO form, and the first line of its message."""

    full: str
    day: str
    subject: str

    @property
    def short(self) -> str:
        """The first letters of its hash."""
        return self.full[:10]

    @property
    def words(self) -> str:
        """The commit in words."""
        return f"{code(self.short)} of {self.day} (“{marked(self.subject)}”)"


@dataclass(frozen=True)
class Entry:
    """One outcome under one scenario: its level or its change from today's law, seed by seed by both commits."""

    kind: str
    scenario: str
    outcome: str
    before: Floats
    after: Floats

    @cached_property
    def difference(self) -> Estimate:
        """The newer minus the older, seed by seed."""
        return statistics.difference(self.after, self.before)

    @property
    def is_same(self) -> bool:
        """Whether both commits give the same number in every world."""
        return bool(np.array_equal(self.before, self.after, equal_nan=True))

    @property
    def correlation(self) -> float:
        """Of the two commits over seeds; NaN where either does not vary."""
        known = ~(np.isnan(self.before) | np.isnan(self.after))
        before, after = self.before[known], self.after[known]
        if known.sum() < 4 or np.ptp(before) == 0.0 or np.ptp(after) == 0.0:
            return float("nan")
        return float(np.corrcoef(before, after)[0, 1])

    def beyond_chance(self, looked_at: int) -> bool:
        """Whether the difference excludes zero although that many differences are looked at (Bonferroni)."""
        value, low, high, pairs = self.difference
        if np.isnan(low) or self.is_same:
            return False
        usual, strict = (student_quantile(pairs - 1, 1 - (1 - CONFIDENCE) / 2 / many) for many in (1, looked_at))
        return bool(abs(value) > (high - low) / 2 * strict / usual)

    @property
    def words(self) -> str:
        """The newer minus the older in words."""
        return _SAME if self.is_same else span(*self.difference[:3], outcome(self.outcome).unit)

    @property
    def sides(self) -> list[str]:
        """The level or the change by either commit."""
        shown, means = outcome(self.outcome), (statistics.mean(values) for values in (self.before, self.after))
        return [level(one, shown) if self.kind == LEVEL else span(*one[:3], shown.unit) for one in means]


@dataclass(frozen=True)
class Compared:
    """Levels and changes of every outcome that both commits have, and the seeds that both have."""

    entries: tuple[Entry, ...]
    seeds: tuple[int, ...]

    @property
    def headlines(self) -> list[Entry]:
        """Entries of the headline outcomes."""
        return [entry for entry in self.entries if entry.outcome in HEADLINES]

    @cached_property
    def differing(self) -> list[Entry]:
        """Headline entries whose difference is beyond chance, all of them looked at together."""
        return [entry for entry in self.headlines if entry.beyond_chance(len(self.headlines))]

    def of(self, kind: str, key: str) -> list[Entry]:
        """Entries of one outcome, by scenario."""
        return [entry for entry in self.entries if (entry.kind, entry.outcome) == (kind, key)]

    @property
    def frame(self) -> pd.DataFrame:
        """One row per entry: what it is, means by both commits, and the difference with its interval."""
        columns = ("kind", "scenario", "outcome", "pairs", "before", "after", "difference", "low", "high")
        rows = []
        for entry in self.entries:
            means = (statistics.mean(values).value for values in (entry.before, entry.after))
            value, low, high, pairs = entry.difference
            given = (entry.kind, entry.scenario, entry.outcome, pairs, *means, value, low, high, entry.correlation)
            rows.append(given)
        return pd.DataFrame(rows, columns=[*columns, "correlation"])


def compare(before: pd.DataFrame, after: pd.DataFrame) -> Compared:
    """Sets the runs of an older and a newer commit side by side: a row per scenario and seed, a column per outcome."""
    sides = [frame.set_index(["scenario", "seed"]).sort_index() for frame in (before, after)]
    keys = [entry.key for entry in OUTCOMES if all(entry.key in side.columns for side in sides)]
    scenarios = [BASELINE, *(key for key in dict.fromkeys(before["scenario"]) if key != BASELINE)]
    seeds = sorted(set(before["seed"]) & set(after["seed"]))
    found = []
    for kind in (LEVEL, CHANGE):
        for scenario in scenarios[kind == CHANGE :]:
            tables = [side.loc[scenario].reindex(seeds)[keys].astype("float64") for side in sides]
            if kind == CHANGE:
                today = [side.loc[BASELINE].reindex(seeds)[keys].astype("float64") for side in sides]
                tables = [table - base for table, base in zip(tables, today, strict=True)]
            found += [Entry(kind, scenario, key, *(table[key].to_numpy() for table in tables)) for key in keys]
    return Compared(tuple(found), tuple(seeds))


def page(
    found: Compared, old: Commit, new: Commit, subjects: Sequence[str], apart: Sequence[str], name: str, command: str
) -> str:
    """The page as Markdown: what both commits gave, subjects of the commits between them, scenarios of one alone."""
    listed = [f"- {marked(subject)}" for subject in subjects[:_MOST_SUBJECTS]]
    listed += [f"- and {len(subjects) - _MOST_SUBJECTS} more"] * (len(subjects) > _MOST_SUBJECTS)
    levels, changes = (
        "\n\n".join(_table(found.of(kind, key), found) for key in HEADLINES if found.of(kind, key))
        for kind in (LEVEL, CHANGE)
    )
    return _PAGE.substitute(
        **{"old": old.short, "new": new.short, "old_commit": old.words, "new_commit": new.words},
        seeds=counted(len(found.seeds), "seed"),
        world=_TINY if "world=tiny" in command.split() else "",
        short="\n".join(f"- {line}" for line in _short(found)),
        subjects="\n".join(listed) or "Nothing that touches the model.",
        looked_at=len(found.headlines),
        levels=levels,
        changes=changes,
        command=code(command),
        table=f"{name}.csv",
        apart=f" Scenarios that were left out: {', '.join(apart)}." if apart else "",
    )


def _short(found: Compared) -> list[str]:
    """The answer in sentences: today's law first, then how many differences there are."""
    if all(entry.is_same for entry in found.entries):
        return [f"**Nothing changed**: {len(found.entries)} levels and changes are {_SAME}."]
    lines = []
    for entry in (entry for entry in found.headlines if entry.kind == LEVEL and entry.scenario == BASELINE):
        shown, (before, after) = outcome(entry.outcome), entry.sides
        unit = in_unit(shown.unit)
        lines.append(f"{shown.title} under today's law: {before} before, {after} after{unit}; {entry.words}.")
    same = sum(entry.is_same for entry in found.headlines)
    lines.append(
        f"Of {len(found.headlines)} levels and changes of headline outcomes, {len(found.differing)} differ beyond "
        f"chance, all looked at together; {same} are {_SAME}."
    )
    changed = [entry for entry in found.differing if entry.kind == CHANGE]
    named = ", ".join(f"{outcome(entry.outcome).title} under {code(entry.scenario)}" for entry in changed)
    some = f"What a policy changes differs beyond chance in {len(changed)}: {named}."
    return [*lines, some if changed else "No difference in what a policy changes is beyond chance."]


def _table(entries: Sequence[Entry], found: Compared) -> str:
    """One outcome under every scenario."""
    rows = []
    for entry in entries:
        bold = "**" * any(entry is other for other in found.differing)
        rows.append([code(entry.scenario), *entry.sides, f"{bold}{entry.words}{bold}"])
    heading = f"### {outcome(entries[0].outcome).heading}\n\n"
    return heading + markdown_table(["scenario", "older", "newer", "newer − older"], rows)
