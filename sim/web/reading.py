"""What the page says of the pairs so far: one sentence, and the rows of its tables.

The differences are those of `comity compare`, from the same functions. Below FEWEST pairs there is no interval, and
until all pairs are there nothing is said to be distinguishable from chance: somebody who watches an interval and stops
when it leaves zero out would be wrong more often than one time in twenty.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from math import isnan, nan
from typing import NamedTuple

import numpy as np
import pandas as pd

from sim.experiments.plan import MAIN
from sim.experiments.run import Failure
from sim.experiments.sets import ParameterSets
from sim.experiments.statistics import Estimate, difference, mean
from sim.measures.arrays import Floats
from sim.measures.outcome import Outcome, ShownIn
from sim.measures.outcomes import OUTCOMES, outcome, shown_in
from sim.measures.turnaround import CURVE_MONTHS
from sim.report.unmoved import THAT_MOVE, moved_nothing
from sim.results.countries import added, country_differences
from sim.results.effects import ROUNDING, Comparison, PairedArms, PairedEffect, effects, is_clear, is_defined, is_same
from sim.results.labels import BEFORE_SENDING, BETTER, STAGES
from sim.results.words import change, counted, from_to, in_unit, number, plain_cell, relative, span
from sim.web.worker import ArmNumbers
from sim.world.records import Stage

#: Fewest pairs of which an interval is shown.
FEWEST_PAIRS = 5
#: The baseline, the policy that moves, and the one that was kept, among the scenarios of a frame.
TODAY, MOVED, KEPT = "status_quo", "policy", "kept"
TITLE_OF_TODAY = "Today's law"
HEADLINE, SHOWN = shown_in(ShownIn.FIRST), shown_in(ShownIn.PAGE)
#: What a policy costs: rights and money.
COSTS = shown_in(ShownIn.COST)
_POLICY_COST = "policy_cost"
_NO_SHARE = Estimate(nan, nan, nan, 0)


class PageChange(NamedTuple):
    """What a policy changes.

    Attributes:
        words: the difference with its interval.
        clear: whether it can be distinguished from chance, which is not said before the end.
        share: the same as a share of today's level, NaN where there is none.
    """

    words: str
    clear: bool = False
    share: Estimate = _NO_SHARE


class PageRow(NamedTuple):
    """A row of a table.

    Attributes:
        title: what it is.
        note: unit, and whether more is better.
        levels: under today's law and each policy.
        changes: by policy.
        days: the levels as numbers, where they are drawn as bars; NaN where no request was answered.
    """

    title: str
    note: str
    levels: tuple[str, ...]
    changes: tuple[PageChange, ...]
    days: tuple[float, ...] = ()


@dataclass(frozen=True)
class PairsSoFar:
    """The pairs so far.

    Attributes:
        found: by seed, what each policy came to: today's law, the policy that moves, and the one that was kept.
        wanted: number of pairs that the comparison is to have.
        sets: parameter sets that seeds take in turn; None where all seeds have the same.
    """

    found: Mapping[int, tuple[ArmNumbers | Failure, ...]]
    wanted: int
    sets: ParameterSets | None

    @cached_property
    def seeds(self) -> tuple[int, ...]:
        """Seeds without a failure, in order."""
        whole = (seed for seed, arms in self.found.items() if all(isinstance(arm, ArmNumbers) for arm in arms))
        return tuple(sorted(whole))

    @property
    def pairs(self) -> int:
        """Number of pairs."""
        return len(self.seeds)

    @property
    def finished(self) -> bool:
        """Whether nothing more will come."""
        return len(self.found) >= self.wanted

    @property
    def failures(self) -> tuple[Failure, ...]:
        """What went wrong."""
        return tuple(arm for arms in self.found.values() for arm in arms if isinstance(arm, Failure))

    @cached_property
    def policies(self) -> tuple[str, ...]:
        """The policies that are compared with today's law."""
        arms = len(next(iter(self.found.values()), ()))
        return (MOVED, KEPT)[: max(arms - 1, 1)]

    def numbers(self, policy: str) -> list[ArmNumbers]:
        """PairedArms of a policy by seed."""
        place = (TODAY, *self.policies).index(policy)
        arms = (self.found[seed][place] for seed in self.seeds)
        return [arm for arm in arms if isinstance(arm, ArmNumbers)]

    @cached_property
    def arms(self) -> PairedArms:
        """Outcomes as a study has them."""
        rows = [
            {"block": MAIN, "scenario": policy, "seed": seed, **arm.outcomes}
            for policy in (TODAY, *self.policies)
            for seed, arm in zip(self.seeds, self.numbers(policy), strict=True)
        ]
        columns = ["block", "scenario", "seed", *(entry.key for entry in OUTCOMES)]
        return PairedArms(pd.DataFrame(rows, columns=columns), self.sets)

    def difference(self, entry: Outcome, policy: str = MOVED, baseline: str = TODAY) -> PairedEffect:
        """What a policy changes in an outcome, as `comity compare` finds it."""
        return self.differences([entry], policy, baseline)[0]

    def differences(
        self, outcomes: Sequence[Outcome], policy: str = MOVED, baseline: str = TODAY
    ) -> list[PairedEffect]:
        """The same of several outcomes."""
        return effects(self.arms, [Comparison((MAIN, policy), (MAIN, baseline))], outcomes)

    def level(self, policy: str, key: str) -> Estimate:
        """Mean of an outcome over the pairs."""
        return self.arms.level(key, (MAIN, policy))

    def of_groups(self, groups: Sequence[Sequence[int]]) -> pd.DataFrame:
        """What each policy changes for groups of states, which stand in the column `state` by their number."""
        parts = [
            arm.country | {"scenario": [policy] * len(arm.country["state"]), "seed": [seed] * len(arm.country["state"])}
            for policy in (TODAY, *self.policies)
            for seed, arm in zip(self.seeds, self.numbers(policy), strict=True)
        ]
        table = pd.DataFrame({name: np.concatenate([part[name] for part in parts]) for name in parts[0]})
        return country_differences(added(table.assign(block=MAIN), groups), TODAY, self.policies, self.sets)

    @property
    def shows_intervals(self) -> bool:
        """Whether there are enough pairs for an interval."""
        return self.pairs >= FEWEST_PAIRS

    def clear(self, found: PairedEffect) -> bool:
        """Whether a difference can be distinguished from chance, which is not said before the end."""
        return bool(self.finished and self.shows_intervals and is_clear(found))

    @cached_property
    def is_unmoved(self) -> bool:
        """Whether the policy moved nothing in any pair."""
        one, other = self.arms.values(THAT_MOVE, (MAIN, MOVED), (MAIN, TODAY))
        return bool(one.size and np.allclose(one, other, rtol=ROUNDING, atol=0.0, equal_nan=True))


def status(reading: PairsSoFar) -> str:
    """How far the comparison is."""
    failed = len({failure.seed for failure in reading.failures})
    lost = f" {counted(failed, 'pair')} could not be simulated." if failed else ""
    if not reading.finished:
        few = "" if reading.shows_intervals else f" Intervals come with {FEWEST_PAIRS} pairs."
        return f"{reading.pairs} of {counted(reading.wanted, 'pair')}, still running.{few}{lost}"
    return f"{counted(reading.pairs, 'pair')} of the same simulated worlds, finished.{lost}"


def headline(reading: PairsSoFar) -> str:
    """What the policy does to takedowns and to turnaround, in a sentence or two."""
    if not reading.pairs:
        return "No pair could be simulated." if reading.finished else "The first pair is being simulated."
    if reading.is_unmoved:
        return f"This policy {moved_nothing(reading.pairs, TITLE_OF_TODAY)}."
    return " ".join(_sentence(reading, reading.difference(outcome(key))) for key in HEADLINE)


def _sentence(reading: PairsSoFar, found: PairedEffect) -> str:
    """One outcome of the headline."""
    name = found.title
    if not is_defined(found) and reading.shows_intervals:
        return f"{name}: not defined here."
    if is_same(found):
        return f"{name}: the same in every pair."
    levels = from_to(found)
    if not reading.shows_intervals:
        return f"{name}: {levels} so far, too few pairs for an interval."
    if not reading.finished:
        return f"{name}: {levels} so far, {change(found)}."
    if not reading.clear(found):
        return f"{name}: no change that can be distinguished from chance, {change(found)}{in_unit(found.unit)}."
    verb = "rises" if found.difference > 0 else "falls"
    return f"{name} {verb} {levels}, {change(found)}."


def against_kept(reading: PairsSoFar) -> str:
    """What the policy that moves changes against the one that was kept; empty where none was."""
    if KEPT not in reading.policies or not reading.pairs:
        return ""
    return " ".join(
        ["Against A:", *(_sentence(reading, reading.difference(outcome(key), MOVED, KEPT)) for key in HEADLINE)]
    )


def rows(reading: PairsSoFar, keys: Sequence[str]) -> list[PageRow]:
    """Rows of a table of outcomes, under today's law and each policy."""
    found = []
    for entry in map(outcome, keys if reading.pairs else ()):
        notes = ("" if entry.unit == "share" else entry.unit, BETTER[entry.better])
        levels = (number(reading.level(policy, entry.key).value, entry.unit) for policy in (TODAY, *reading.policies))
        changes = (_change(reading, reading.difference(entry, policy)) for policy in reading.policies)
        found.append(PageRow(entry.title, ", ".join(filter(None, notes)), tuple(levels), tuple(changes)))
    return found


def _change(reading: PairsSoFar, found: PairedEffect) -> PageChange:
    """A difference; of few pairs without its interval."""
    part = "" if relative(found) == "–" else f", {relative(found)}"
    words = plain_cell(found, lambda entry: f"{change(entry)}{part}")
    share = Estimate(found.relative, found.relative_low, found.relative_high, found.pairs)
    if not reading.shows_intervals:
        words = "the same" if is_same(found) else _point(found)
        base = found.baseline_mean
        share = _NO_SHARE._replace(value=found.difference / base if base and not isnan(base) else nan)
    return PageChange(words, reading.clear(found), Estimate(0.0, 0.0, 0.0, found.pairs) if is_same(found) else share)


def _point(found: PairedEffect) -> str:
    """A difference without its interval."""
    if isnan(found.difference):
        return "not defined"
    return span(found.difference, 0.0, 0.0, found.unit).partition(" (")[0]


def stage_rows(reading: PairsSoFar) -> list[PageRow]:
    """Mean days that an answered request spends in each stage, by stage."""
    if not reading.pairs:
        return []
    tables = [np.array([arm.stages for arm in reading.numbers(policy)]) for policy in (TODAY, *reading.policies)]
    found = []
    for stage in STAGES:
        if stage is not Stage.FORENSICS:
            today, *others = (table[:, stage - 1] for table in tables)
            days = tuple(mean(column).value for column in (today, *others))
            levels = tuple("–" if isnan(one) else f"{one:.0f}" for one in days)
            changes = tuple(PageChange(_days(reading, difference(column, today))) for column in others)
            found.append(PageRow(_title(stage), "", levels, changes, days))
    return found


def _title(stage: Stage) -> str:
    """A stage as the name of a row."""
    return f"{STAGES[stage].capitalize()}{' (before sending)' if stage in BEFORE_SENDING else ''}"


def _days(reading: PairsSoFar, found: Estimate) -> str:
    """A change in days."""
    if isnan(found.value):
        return "not defined"
    if found.low == found.high == 0.0:
        return "the same"
    words = span(found.value, found.low if reading.shows_intervals else 0.0, found.high, "days")
    return f"{words} days" if reading.shows_intervals else f"{words.partition(' (')[0]} days"


@dataclass(frozen=True)
class AnswerCurve:
    """Share of requests answered by month.

    Attributes:
        policy: whose.
        months, value, low, high: f8[months]; ends are NaN where there are too few pairs.
    """

    policy: str
    months: Floats
    value: Floats
    low: Floats
    high: Floats


def curves(reading: PairsSoFar) -> list[AnswerCurve]:
    """Mean curve of each policy over the pairs, with its band."""
    if not reading.pairs:
        return []
    found = []
    for policy in (TODAY, *reading.policies):
        table = np.array([arm.curve for arm in reading.numbers(policy)])
        points = np.array([mean(column)[:3] for column in table.T])
        if not reading.shows_intervals:
            points[:, 1:] = np.nan
        found.append(AnswerCurve(policy, np.array(CURVE_MONTHS), *points.T))
    return found
