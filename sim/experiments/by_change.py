"""What each change of a policy does: alone, added to the others, and what is left over.

What a change does alone and what it adds to all others differ where changes help or hinder each other. What is left
over when effects of single changes are added up is their interaction.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np
import pandas as pd

from sim.experiments import statistics
from sim.experiments.apart import Apart
from sim.experiments.compare import Difference, Verdict, difference_between, verdict_of
from sim.experiments.plan import MAIN
from sim.experiments.statistics import Paired
from sim.measures.outcome import Outcome
from sim.measures.outcomes import HEADLINES, outcome


class ChangeRole(StrEnum):
    """What an effect is the effect of."""

    ALONE = "alone"
    ADDED = "added to the others"
    TOGETHER = "all together"
    LEFT_OVER = "left over"


@dataclass(frozen=True)
class Contribution:
    """What one part of a policy does to one outcome: a paired difference with its 95 % interval, in the unit.

    Attributes:
        scenario: key of the policy.
        part: number of the change in its file, from 1; 0 for the whole and for what is left over.
        label: the part in words.
        role: alone: against the baseline. Added to the others: the policy, against all its other parts. All together:
            the policy, against the baseline. Left over: that, less the effects of all parts alone.
        outcome: key of the outcome.
        title: what it is.
        unit: of the difference.
        pairs: seeds in which it is defined in all arms that are compared.
        difference: mean over them.
        low: end of the interval.
        high: end of the interval.
        verdict: whether it can be distinguished from noise.
    """

    scenario: str
    part: int
    label: str
    role: ChangeRole
    outcome: str
    title: str
    unit: str
    pairs: int
    difference: float
    low: float
    high: float
    verdict: Verdict


def contributions(outcomes: pd.DataFrame, apart: Sequence[Apart], baseline: str) -> list[Contribution]:
    """What every part of every policy does to the headline outcomes.

    Args:
        outcomes: one row per block × arm × seed.
        apart: policies with their arms.
        baseline: key of the scenario to compare with.
    """
    inside = Paired(outcomes, MAIN)
    return [entry for policy in apart for key in HEADLINES for entry in _of(inside, policy, baseline, outcome(key))]


def _of(inside: Paired, policy: Apart, baseline: str, about: Outcome) -> Iterator[Contribution]:
    """One policy and one outcome: every part, the whole, and what is left over."""
    whole, parts = policy.scenario, list(zip(policy.labels, policy.alone, policy.without, strict=True))
    for number, (words, alone, without) in enumerate(parts, 1):
        yield _entry(policy, number, words, ChangeRole.ALONE, difference_between(inside, alone, baseline, about, MAIN))
        yield _entry(policy, number, words, ChangeRole.ADDED, difference_between(inside, whole, without, about, MAIN))
    together = difference_between(inside, whole, baseline, about, MAIN)
    yield _entry(policy, 0, "all changes together", ChangeRole.TOGETHER, together)
    values, base, *single = inside.values(about.key, whole, baseline, *policy.alone)
    expected = base + sum(values - base for values in single)
    known = ~np.isnan(values - expected)
    values, expected = values[known], expected[known]
    left = statistics.difference(values, expected)
    yield Contribution(
        policy.scenario,
        0,
        "left over: the whole less each alone",
        ChangeRole.LEFT_OVER,
        about.key,
        about.title,
        about.unit,
        left.pairs,
        left.value,
        left.low,
        left.high,
        verdict_of(values, expected, left),
    )


def _entry(policy: Apart, part: int, words: str, role: ChangeRole, entry: Difference) -> Contribution:
    return Contribution(
        policy.scenario,
        part,
        words,
        role,
        entry.outcome,
        entry.title,
        entry.unit,
        entry.pairs,
        entry.difference,
        entry.low,
        entry.high,
        entry.verdict,
    )
