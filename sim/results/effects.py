"""Paired effects of scenarios with intervals and verdicts, which all reports and pages use.

A comparison, a policy that is taken apart, an ablation and the page's pairs so far are lists of contrasts.

All outcomes have intervals by one rule, that of the parameter sets (`sim.experiments.statistics.interval`). A verdict
says whether an effect is more than chance, and whether it is more than next to nothing. It allows for the number of
effects that are judged together, by Benjamini and Hochberg: of all that is called a change, one in twenty is
expected to be chance. Those judged together are all outcomes of one policy, of the world or of all states, so that
the verdict on a policy does not depend on which others are in the study. Holm's rule, by which no verdict at all may be
chance, would hide most of what moves among a hundred outcomes.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum
from functools import reduce
from types import SimpleNamespace
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

from sim.experiments import statistics
from sim.experiments.design import Apart
from sim.experiments.plan import MAIN
from sim.experiments.sets import ParameterSets
from sim.experiments.statistics import HARDLY, Estimate, beyond_chance, chance_of, interval
from sim.measures.arrays import Floats, Integers, Mask
from sim.measures.outcome import Outcome
from sim.measures.outcomes import OUTCOMES

#: Values that differ by less than this share of themselves differ by the order in which they were summed.
ROUNDING = 1e-12
#: Fewer sets that two seeds have in common say nothing about chance.
FEWEST_SHARED = 5
#: Fewest pairs of which a change for a state, or a group of states, is distinguished from chance.
FEWEST_WORLDS = 20
#: A block and a scenario.
Arm = tuple[str, str]


class Verdict(StrEnum):
    """Verdicts on a difference, such as clear, negligible or too few events."""

    DISTINGUISHABLE = "distinguishable from noise"
    HARDLY = "distinguishable from noise, but hardly any change"
    NOT_DISTINGUISHABLE = "not distinguishable from noise"
    IDENTICAL = "identical in every replicate"
    TOO_FEW = "too few to say anything"
    FEW_WORLDS = "too few worlds to say anything"
    UNDEFINED = "not defined in one of the two"


class ChangeRole(StrEnum):
    """Parts of a split policy to compare: one change alone, one added last, all together, and their interaction."""

    ALONE = "alone"
    ADDED = "added to the others"
    TOGETHER = "all together"
    LEFT_OVER = "left over"


class Comparison(NamedTuple):
    """Two scenario runs to compare; for a policy taken apart into its changes, also which change and which effect."""

    # arm, against: block and scenario of each
    arm: Arm
    against: Arm
    taken_off: tuple[tuple[Arm, Arm], ...] = ()  # pairs of arms whose differences are taken off: the remainder
    scenario: str = ""  # under which policy it is listed; that of the arm by default
    # part, label, role: of a policy that is taken apart: number of the change, its words, and what the effect is of
    part: int = 0
    label: str = ""
    role: str = ""


@dataclass(frozen=True)
class PairedEffect:
    """Effect of a scenario on one outcome: mean paired difference with its 95 % interval, and verdict."""

    block: str  # parameter set
    # scenario, baseline: what is compared
    scenario: str
    baseline: str
    outcome: str  # key of the outcome
    # title, unit: what it is
    title: str
    unit: str
    pairs: int  # seeds in which it is defined in all arms
    # baseline_mean, scenario_mean: means over those seeds
    baseline_mean: float
    scenario_mean: float
    # difference, low, high: mean paired difference with its interval, in the unit
    difference: float
    low: float
    high: float
    # relative, relative_low, relative_high: ratio of the means less one, by Fieller's theorem: zero is in both or none
    relative: float
    relative_low: float
    relative_high: float
    verdict: Verdict  # what can be said of the difference
    # share of the variance that two seeds with the same parameter set have, too; NaN where it is not known
    chance: float = float("nan")
    # holds, holds_low, holds_high: share of plausible worlds in which the effect has the sign of its mean, taken as
    # normal, and its range; NaN likewise, and where chance explains the spread and the mean may be zero
    holds: float = float("nan")
    holds_low: float = float("nan")
    holds_high: float = float("nan")
    # part, label, role: see `Comparison`
    part: int = 0
    label: str = ""
    role: str = ""


def is_clear(row: Any) -> Any:
    """True if an effect is beyond chance and not negligible; takes one effect, or a table of them."""
    return row.verdict == Verdict.DISTINGUISHABLE


def is_hardly(row: Any) -> Any:
    """True if an effect is beyond chance but negligible; takes one effect, or a table of them."""
    return row.verdict == Verdict.HARDLY


def is_beyond_chance(row: Any) -> Any:
    """True if an effect is beyond chance, negligible or not; takes one effect, or a table of them."""
    return is_clear(row) | is_hardly(row)


def is_same(row: Any) -> Any:
    """True if both scenarios have equal values in every pair of runs."""
    return row.verdict == Verdict.IDENTICAL


def is_defined(row: Any) -> Any:
    """True if both scenarios have values to compare."""
    return row.verdict != Verdict.UNDEFINED


def is_few(row: Any) -> Any:
    """True if an effect rests on too few events for a verdict."""
    return row.verdict == Verdict.TOO_FEW


def is_of_few_worlds(row: Any) -> Any:
    """True if an effect rests on too few worlds for a verdict."""
    return row.verdict == Verdict.FEW_WORLDS


def sign(effect: PairedEffect) -> int:
    """+1 or −1 for an effect beyond chance, 0 for others."""
    return 0 if not is_beyond_chance(effect) else 1 if effect.difference > 0 else -1


class PairedArms:
    """Outcomes of all runs by scenario and seed, arranged for paired comparisons."""

    def __init__(self, outcomes: pd.DataFrame, sets: ParameterSets | None = None) -> None:
        groups = outcomes.groupby(["block", "scenario"], sort=False, observed=True)
        self._rows = {(str(block), str(key)): rows.set_index("seed").sort_index() for (block, key), rows in groups}
        self._nothing, self._sets = outcomes.set_index("seed").iloc[:0], sets

    def scenarios(self, block: str = MAIN) -> list[str]:
        """Keys of the scenarios in a block (`main` or a mechanism left out), in order of their first row."""
        return [scenario for inside, scenario in self._rows if inside == block]

    def seeds(self, *arms: Arm) -> Integers:
        """Sorted seeds that all the given scenarios have."""
        found = (self._rows.get(arm, self._nothing).index.to_numpy(dtype=np.int64) for arm in arms)
        return reduce(np.intersect1d, found)

    def values(self, keys: str | Sequence[str], *arms: Arm) -> list[Floats]:
        """Outcomes of each given scenario over shared seeds: f8[seeds], or f8[seeds, outcomes]."""
        seeds = self.seeds(*arms)
        wanted = keys if isinstance(keys, str) else list(keys)
        rows = (self._rows.get(arm, self._nothing)[wanted] for arm in arms)
        return [part.loc[seeds].to_numpy(dtype=np.float64) for part in rows]

    def level(self, key: str, arm: Arm) -> Estimate:
        """Mean of an outcome over the seeds of a scenario, with its interval."""
        return statistics.mean(self.values(key, arm)[0], self.clusters(arm))

    def clusters(self, *arms: Arm) -> Integers | None:
        """Parameter set number of each seed, for intervals; None if all seeds share their parameters."""
        return None if self._sets is None else self._sets.numbers(self.seeds(*arms))


def effects(
    arms: PairedArms, contrasts: Iterable[Comparison], outcomes: Sequence[Outcome] = OUTCOMES
) -> list[PairedEffect]:
    """Effects on every outcome in every comparison; each comparison has one joint test for all its outcomes."""
    return [effect for contrast in contrasts for effect in _effects(arms, contrast, outcomes)]


def _effects(arms: PairedArms, contrast: Comparison, outcomes: Sequence[Outcome]) -> Iterator[PairedEffect]:
    """Yields the effect on each outcome in one comparison of two scenarios."""
    involved = (contrast.arm, contrast.against, *(arm for pair in contrast.taken_off for arm in pair))
    values, base, *others = arms.values([about.key for about in outcomes], *involved)
    expected = base + sum((one - other for one, other in zip(others[::2], others[1::2], strict=True)), 0.0 * base)
    yield from _of_columns(values, base, expected, arms.clusters(*involved), contrast, outcomes)


def by_part(
    arms: PairedArms, contrast: Comparison, outcome: Outcome, parts: Integers, number: int
) -> Sequence[PairedEffect]:
    """Effects on one outcome in each of several parts of the worlds, which share a test.

    Args:
        arms: outcomes of the study.
        contrast: two scenario runs to compare; no others are taken off.
        outcome: what the effects are on.
        parts: i8[pairs], the part of each seed that both runs have, from 0; others are left out.
        number: number of parts.
    """
    inside = parts[:, None] == np.arange(number)
    columns = (
        np.where(inside, part[:, None], np.nan) for part in arms.values(outcome.key, contrast.arm, contrast.against)
    )
    values, base = columns
    clusters = arms.clusters(contrast.arm, contrast.against)
    return [*_of_columns(values, base, base, clusters, contrast, [outcome] * number)]


def _of_columns(
    values: Floats,
    base: Floats,
    expected: Floats,
    clusters: Integers | None,
    contrast: Comparison,
    outcomes: Sequence[Outcome],
) -> Iterator[PairedEffect]:
    """Yields the effect of each column, which is of one outcome; arrays are f8[pairs, columns]."""
    known = ~np.isnan(values - expected)
    values, base, expected = (np.where(known, part, np.nan) for part in (values, base, expected))
    pairs = known.sum(axis=0)
    table = {"baseline_mean": _mean(base, pairs), "scenario_mean": _mean(values, pairs)}
    table |= against(values, expected, clusters)
    same = (np.isclose(values, expected, rtol=ROUNDING, atol=0.0) | ~known).all(axis=0)
    no = np.zeros(same.shape, np.bool_)
    verdicts = verdicts_of(pairs < 2, no, same, no, chance_of(values - expected, clusters), table["relative"])
    table |= {} if clusters is None else components(values - expected, clusters)
    (block, scenario), baseline = contrast.arm, contrast.against[1]
    for place, about in enumerate(outcomes):
        numbers: dict[str, Any] = {name: float(column[place]) for name, column in table.items()}
        numbers |= {"verdict": verdicts[place], "part": contrast.part, "label": contrast.label, "role": contrast.role}
        what = about.key, about.title, about.unit, int(pairs[place])
        yield PairedEffect(block, contrast.scenario or scenario, baseline, *what, **numbers)


def _mean(values: Floats, pairs: Integers) -> Floats:
    """Mean over the first axis of an array, without NaN; NaN if no value is known."""
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.where(np.isnan(values), 0.0, values).sum(axis=0) / pairs)


def against(values: Floats, base: Floats, clusters: Integers | None) -> dict[str, Floats]:
    """Differences and ratios of two paired samples, with intervals, by name.

    Values and base are f8[pairs, columns]; NaN where both are not known.
    """
    known = (~np.isnan(values)).sum(axis=0)
    level, base_level, (low, high) = _mean(values, known), _mean(base, known), interval(values - base, clusters)
    ends = interval(values, clusters, over=base)
    with np.errstate(invalid="ignore", divide="ignore"):
        ratio = np.where((base_level != 0.0) & ~np.isnan(low), level / base_level, np.nan)
    table = {"difference": level - base_level, "low": low, "high": high, "relative": ratio - 1.0}
    return table | {name: end - 1.0 for name, end in zip(("relative_low", "relative_high"), ends, strict=True)}


def effects_of(values: Floats, base: Floats, clusters: Integers | None, fewest: int = FEWEST_WORLDS) -> list[Any]:
    """Effects on columns that are not outcomes, with verdicts from one joint test."""
    found, known = against(values, base, clusters), np.full(values.shape[1], len(values))
    same, no = np.isclose(values, base, rtol=ROUNDING, atol=0.0).all(axis=0), np.zeros(values.shape[1], np.bool_)
    chances = chance_of(values - base, clusters)
    verdicts = verdicts_of(known < 2, no, same, known < fewest, chances, found["relative"])
    columns = {name: column.tolist() for name, column in found.items()}
    numbers = (dict(zip(columns, row, strict=True)) for row in zip(*columns.values(), strict=True))
    return [SimpleNamespace(**row, verdict=word, unit="") for row, word in zip(numbers, verdicts, strict=True)]


_ORDER = (
    Verdict.UNDEFINED,
    Verdict.TOO_FEW,
    Verdict.IDENTICAL,
    Verdict.FEW_WORLDS,
    Verdict.HARDLY,
    Verdict.DISTINGUISHABLE,
    Verdict.NOT_DISTINGUISHABLE,
)


def verdicts_of(
    undefined: Mask, few: Mask, same: Mask, few_worlds: Mask, chances: Floats, relative: Floats
) -> list[Verdict]:
    """Verdict on each of several effects: the first verdict that applies, in a fixed order.

    Chances are those of `chance_of`; relative is the change over the baseline's level, NaN where that is zero.
    """
    sure = beyond_chance(np.where(undefined | few | same, np.nan, chances))
    with np.errstate(invalid="ignore"):
        hardly = sure & (np.abs(relative) < HARDLY)
    found = np.select([undefined, few, same, few_worlds, hardly, sure], range(6), 6)
    return [_ORDER[place] for place in found]


def components(differences: Floats, clusters: Integers) -> dict[str, Floats]:
    """Variances of an effect from chance and from parameters, and share of worlds with the effect's sign.

    The range of that part takes the variance of chance and the mean to be known to within 97.5 % each, so that both
    hold together with 95 % or more (Bonferroni). Differences are f8[pairs, columns].
    """
    from scipy.special import chdtri, ndtr  # a third of a second and 30 MB that no worker needs

    members, known = (np.unique(clusters)[:, None] == clusters).astype(np.float64), ~np.isnan(differences)
    values, pairs = np.where(known, differences, 0.0), known.sum(axis=0)
    with np.errstate(invalid="ignore", divide="ignore"):
        centre, sizes = np.abs(values.sum(axis=0) / pairs), members @ known
        total = np.where(known, (differences - values.sum(axis=0) / pairs) ** 2, 0.0).sum(axis=0) / (pairs - 1)
        means = members @ values / np.maximum(sizes, 1.0)
        apart = np.where(known, (differences - members.T @ means) ** 2, 0.0).sum(axis=0)
        repeated = pairs - (sizes > 0).sum(axis=0)
        within = np.minimum(apart / repeated, total)
        ends = (np.minimum(apart / chdtri(repeated, part), total) for part in (0.0125, 0.9875))
        spread, widest, least = (np.sqrt(total - part) for part in (within, *ends))
        low, high = interval(differences, clusters, confidence=0.975)
        reach = (high - low) / 2.0
        not_zero = (spread > 0.0) | (centre > 2.0 * np.sqrt(total / pairs))
        holds = np.where(not_zero, ndtr(centre / spread), np.nan)
        low = ndtr((centre - reach) / np.where(centre > reach, widest, least))
        high = ndtr((centre + reach) / least)
        chance = within / total
    enough = ((sizes > 1).sum(axis=0) >= FEWEST_SHARED) & (total > 0.0)
    found = {"chance": chance, "holds": holds, "holds_low": low, "holds_high": high}
    return {name: np.where(enough, column, np.nan) for name, column in found.items()}


def against_baseline(arms: PairedArms, baseline: str, block: str = MAIN) -> list[Comparison]:
    """Makes comparisons of every scenario with the baseline, in one block."""
    return [Comparison((block, key), (block, baseline)) for key in arms.scenarios(block) if key != baseline]


def taken_apart(policy: Apart, baseline: str) -> Iterator[Comparison]:
    """Yields comparisons within a split policy: each change alone and last, all together, and their interaction."""
    key, whole, base = policy.scenario, (MAIN, policy.scenario), (MAIN, baseline)
    for part, (label, alone, without) in enumerate(zip(policy.labels, policy.alone, policy.without, strict=True), 1):
        yield Comparison((MAIN, alone), base, (), key, part, label, ChangeRole.ALONE)
        yield Comparison(whole, (MAIN, without), (), key, part, label, ChangeRole.ADDED)
    yield Comparison(whole, base, (), key, 0, "all changes together", ChangeRole.TOGETHER)
    off = tuple(((MAIN, alone), base) for alone in policy.alone)
    yield Comparison(whole, base, off, key, 0, "left over: the whole less each alone", ChangeRole.LEFT_OVER)


#: Columns that only the table of policies that are taken apart has, and all of its columns.
OWN = ("part", "label", "role")
_APART = ("scenario", *OWN, "outcome", "title", "unit", "pairs", "difference", "low", "high", "verdict")


def as_table(found: Iterable[PairedEffect]) -> pd.DataFrame:
    """Table of effects, one row each."""
    rows = [vars(row) for row in found]
    table = pd.DataFrame(rows).astype({"verdict": str}) if rows else pd.DataFrame()
    if rows and rows[0]["role"]:
        return table[list(_APART)]
    return table.drop(columns=list(OWN)) if rows else table
