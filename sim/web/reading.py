"""What the page says of the pairs so far, or of a stored study: four cards, and the rows of its tables.

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
from sim.experiments.statistics import Estimate, difference, mean, middle
from sim.measures.arrays import Floats
from sim.measures.outcome import Better, ShownIn
from sim.measures.outcomes import OUTCOMES, outcome, shown_in
from sim.measures.turnaround import CURVE_MONTHS
from sim.report.headline import BROUGHT_DOWN, TURNAROUND, felt, moved, unfelt
from sim.report.page.parts import Card
from sim.report.sentences import THAT_MOVE, moved_nothing
from sim.report.tables import price
from sim.results.countries import added, country_differences
from sim.results.effects import ROUNDING, Comparison, PairedArms, PairedEffect, effects, is_clear, is_defined, is_same
from sim.results.labels import BEFORE_SENDING, BETTER, STAGES
from sim.results.words import change, counted, number, plain_cell, relative, rough, rough_ends, span
from sim.web.worker import ArmNumbers
from sim.world.records import Stage

#: Fewest pairs of which an interval is shown.
FEWEST_PAIRS = 5
#: The baseline, the policy that moves, and the one that was kept, among the scenarios of a frame.
TODAY, MOVED, KEPT = "status_quo", "policy", "kept"
TITLE_OF_TODAY = "Today's law"
#: What a policy changes, and what it costs: rights and money.
SHOWN, COSTS = shown_in(ShownIn.PAGE), shown_in(ShownIn.COST)
POLICY_COST, _ABUSED = "policy_cost", "abusive_executed_per_year"
_NO_SHARE = Estimate(nan, nan, nan, 0)


class PageChange(NamedTuple):
    """What a policy changes, in words and as a share of today's level, NaN where there is none.

    It is `clear` where it can be distinguished from chance, which is not said before the end.
    """

    words: str
    clear: bool = False
    share: Estimate = _NO_SHARE


class PageRow(NamedTuple):
    """A row of a table: its title with a note, levels under today's law and each policy, and changes by policy.

    `days` are the levels as numbers, where they are drawn as bars; NaN where no request was answered.
    """

    title: str
    note: str
    levels: tuple[str, ...]
    changes: tuple[PageChange, ...]
    days: tuple[float, ...] = ()


@dataclass(frozen=True)
class PairsSoFar:
    """The pairs so far."""

    found: Mapping[int, tuple[ArmNumbers | Failure, ...]]  # by seed: today's law, the policy that moves, the kept one
    wanted: int
    sets: ParameterSets | None  # that seeds take in turn; None where all seeds have the same

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

    @cached_property
    def _effects(self) -> dict[tuple[str, str, str], PairedEffect]:
        """Every outcome that is shown, of each policy against today's law, and against the one that was kept."""
        contrasts = [(policy, TODAY) for policy in self.policies] + [(MOVED, KEPT)] * (KEPT in self.policies)
        shown = [outcome(key) for key in dict.fromkeys((*SHOWN, *COSTS))]
        found = effects(self.arms, [Comparison((MAIN, one), (MAIN, other)) for one, other in contrasts], shown)
        return {(entry.scenario, entry.baseline, entry.outcome): entry for entry in found}

    def difference(self, key: str, policy: str = MOVED, baseline: str = TODAY) -> PairedEffect:
        """What a policy changes in an outcome that is shown, as `comity compare` finds it."""
        return self._effects[policy, baseline, key]

    def price(self, policy: str = MOVED, baseline: str = TODAY) -> Estimate:
        """Million euros over the policy years in the median world, and in 95 % of worlds."""
        one, other = self.arms.values(POLICY_COST, (MAIN, policy), (MAIN, baseline))
        return middle(one - other)

    def all_differences(self) -> list[PairedEffect]:
        """Every outcome of every policy."""
        return effects(self.arms, [Comparison((MAIN, MOVED), (MAIN, TODAY))], OUTCOMES) if self.pairs else []

    def of_groups(self, groups: Sequence[Sequence[int]]) -> pd.DataFrame:
        """What each policy changes for groups of states, which stand in the column `state` by their number."""
        table = pd.concat(
            pd.DataFrame(arm.country).assign(block=MAIN, scenario=policy, seed=seed)
            for policy in (TODAY, *self.policies)
            for seed, arm in zip(self.seeds, self.numbers(policy), strict=True)
        )
        return country_differences(added(table, groups), TODAY, self.policies, self.sets)

    def paid(self, rows: Sequence[int], policy: str) -> Floats:
        """Million euros that states pay under a policy, less what they pay today, f8[pairs]."""

        def of(key: str) -> Floats:
            """What they pay under one policy."""
            countries = (arm.country for arm in self.numbers(key))
            return np.array([float(one["committed"][np.isin(one["state"], rows)].sum()) for one in countries])

        return of(policy) - of(TODAY)


@dataclass(frozen=True)
class StoredAnswer:
    """What a stored study says of one policy."""

    title: str
    effects: Mapping[str, PairedEffect]
    cost: Estimate
    pairs: int
    sets: str
    finished: bool = True
    policies: tuple[str, ...] = (MOVED,)

    def difference(self, key: str, policy: str = MOVED, baseline: str = TODAY) -> PairedEffect:  # noqa: ARG002
        """What the policy changes in an outcome."""
        return self.effects[key]

    def price(self, policy: str = MOVED, baseline: str = TODAY) -> Estimate:  # noqa: ARG002
        """Million euros over the policy years in the median world, and in 95 % of worlds."""
        return self.cost

    def basis(self, standing: str) -> str:
        """On what it rests, beside a page whose parameter sets were chosen as `standing` says."""
        others = f" They had other parameter sets than this page: {self.sets}." if self.sets != standing else ""
        return f"Stored answer: {self.pairs} simulated worlds, which come with Comity.{others}"


def shows_intervals(reading: PairsSoFar | StoredAnswer) -> bool:
    """Whether there are enough pairs for an interval."""
    return reading.pairs >= FEWEST_PAIRS


def status(reading: PairsSoFar) -> str:
    """How far the comparison is."""
    failed = len({failure.seed for failure in reading.failures})
    lost = f" {counted(failed, 'pair')} could not be simulated." if failed else ""
    if not reading.finished:
        few = "" if shows_intervals(reading) else f" Intervals come with {FEWEST_PAIRS} pairs."
        return f"{reading.pairs} of {counted(reading.wanted, 'pair')}, still running.{few}{lost}"
    return f"{counted(reading.pairs, 'pair')} of the same simulated worlds, finished.{lost}"


def headline(reading: PairsSoFar) -> str:
    """What stands above the cards where they do not say all; often nothing."""
    if not reading.pairs:
        return "No pair could be simulated." if reading.finished else "The first pair is being simulated."
    one, other = reading.arms.values(THAT_MOVE, (MAIN, MOVED), (MAIN, TODAY))
    unmoved = one.size and np.allclose(one, other, rtol=ROUNDING, atol=0.0, equal_nan=True)
    return f"This policy {moved_nothing(reading.pairs, TITLE_OF_TODAY)}." if unmoved else ""


def cards(reading: PairsSoFar | StoredAnswer, years: int, baseline: str = TODAY) -> tuple[Card, ...]:
    """Four numbers of the policy that moves: the wait, groups brought down, the price over the years, and a right."""
    wanted = (
        (TURNAROUND, "Median wait for legal assistance", " months"),
        (BROUGHT_DOWN, f"Groups brought down, world, {counted(years, 'year')}", ""),
        (_ABUSED, "Rights: abusive requests executed", " a year"),
    )
    wait, groups, abused = (_card(reading, reading.difference(key, MOVED, baseline), *words) for key, *words in wanted)
    value, ends = price(paid := reading.price(MOVED, baseline))
    detail = ends or "nothing that is counted"
    spent = Card(f"Price over {counted(years, 'year')}", value, detail, not ends, paid.value > 0.0)
    return wait, groups, spent, abused


def _card(reading: PairsSoFar | StoredAnswer, found: PairedEffect, title: str, unit: str) -> Card:
    if not is_defined(found) and shows_intervals(reading):
        return Card(title, "–", "not defined here", True)
    if is_same(found):
        return Card(title, f"{rough(found.baseline_mean)}{unit}", "as today", True)
    ends = " → ".join(dict.fromkeys(rough_ends(found)))
    if not shows_intervals(reading):
        return Card(title, f"{ends}{unit}", "so far, too few pairs for an interval")
    if clear(reading, found) and felt(found):
        worse = (found.difference > 0) == (outcome(found.outcome).better is Better.LESS)
        return Card(title, f"{ends}{unit}", moved(found), burden=worse)
    if reading.finished:
        return Card(title, f"{rough(found.baseline_mean)}{unit}", unfelt(found), True)
    return Card(title, f"{ends}{unit}", f"so far; {span(found.difference, found.low, found.high, found.unit)}")


def in_words(shown: Sequence[Card]) -> str:
    """Cards as sentences, for those who hear the page."""
    return " ".join(f"{card.title}: {card.value}{f' ({card.detail})' if card.detail else ''}." for card in shown)


def clear(reading: PairsSoFar | StoredAnswer, found: PairedEffect) -> bool:
    """Whether a difference can be distinguished from chance, which is not said before the end."""
    return bool(reading.finished and shows_intervals(reading) and is_clear(found))


def rows(reading: PairsSoFar | StoredAnswer, keys: Sequence[str]) -> list[PageRow]:
    """Rows of a table of outcomes, under today's law and each policy."""
    rows_ = []
    for entry in map(outcome, keys if reading.pairs else ()):
        notes = ("" if entry.unit == "share" else entry.unit, BETTER[entry.better])
        found = [reading.difference(entry.key, policy) for policy in reading.policies]
        levels = (found[0].baseline_mean, *(each.scenario_mean for each in found))
        shown = tuple(number(level, entry.unit) for level in levels)
        changes = tuple(_change(reading, each) for each in found)
        rows_.append(PageRow(entry.title, ", ".join(filter(None, notes)), shown, changes))
    return rows_


def _change(reading: PairsSoFar | StoredAnswer, found: PairedEffect) -> PageChange:
    part = "" if relative(found) == "–" else f", {relative(found)}"
    words = plain_cell(found, lambda entry: f"{change(entry)}{part}")
    share = Estimate(found.relative, found.relative_low, found.relative_high, found.pairs)
    if not shows_intervals(reading):
        words, base = _point(found.difference, found.unit), found.baseline_mean
        share = _NO_SHARE._replace(value=found.difference / base if base and not isnan(base) else nan)
    if is_same(found):
        words = words if shows_intervals(reading) else "the same"
        share = Estimate(0.0, 0.0, 0.0, found.pairs)
    return PageChange(words, clear(reading, found), share)


def _point(value: float, unit: str) -> str:
    """A change without an interval."""
    return "not defined" if isnan(value) else span(value, 0.0, 0.0, unit).partition(" (")[0]


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
            title = f"{STAGES[stage].capitalize()}{' (before sending)' if stage in BEFORE_SENDING else ''}"
            found.append(PageRow(title, "", levels, changes, days))
    return found


def _days(reading: PairsSoFar, found: Estimate) -> str:
    if found.low == found.high == 0.0:
        return "the same"
    if isnan(found.value):
        return "not defined"
    shown = shows_intervals(reading)
    return f"{span(*found[:3], 'days') if shown else _point(found.value, 'days')} days"


class AnswerCurve(NamedTuple):
    """Share of requests answered by month under a policy, f8[months]; its ends are NaN where pairs are too few."""

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
        if not shows_intervals(reading):
            points[:, 1:] = np.nan
        found.append(AnswerCurve(policy, np.array(CURVE_MONTHS), *points.T))
    return found
